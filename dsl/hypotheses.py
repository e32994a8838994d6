"""Policy sets under a supposition: a value set otherwise, a rule left out.

In: a checked set and suppositions as typed (`chongqing.link_cap = 12`, `national.linked`). Out: the set that they
make, and what was changed in it. Rules are named by their ids or titles; a table or a policy stands for all its
rules. Mistakes are added to the diagnostics of the reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from .diagnostic import report, text
from .model import PolicySet, Rule, Setting
from .names import did_you_mean
from .question import Reader
from .source import SourceFile, Span
from .values import format_value

R = TypeVar("R", bound=Rule)


@dataclass(frozen=True, slots=True)
class Assumed:
    """A setting by its id, the value supposed and the one it has; in text form."""

    rule: str
    value: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Hypothesis:
    assume: tuple[Assumed, ...] = ()
    #: What was left out, by id.
    without: tuple[str, ...] = ()


def suppose(
    policy_set: PolicySet, reader: Reader, assume: Sequence[str], without: Sequence[str]
) -> tuple[PolicySet, Hypothesis]:
    """The set with the values assumed and without some rules."""
    changer = _Changer(policy_set, reader)
    assumed = [one for written in assume if (one := changer.assume(written)) is not None]
    left_out = [name for written in without if (name := changer.leave_out(written)) is not None]
    return changer.policy_set, Hypothesis(tuple(assumed), tuple(left_out))


class _Changer:
    def __init__(self, policy_set: PolicySet, reader: Reader) -> None:
        self.policy_set = policy_set
        self.reader = reader

    # --- Values ---

    def assume(self, written: str) -> Assumed | None:
        """`ID = VALUE`."""
        file = SourceFile("--assume", written)
        name, sign, value = written.replace("＝", "=").partition("=")
        if not sign or not name.strip() or not value.strip():
            self._reject("PC001.assumption", file.whole)
            return None
        setting = self._setting(name.strip(), self._place(file, name))
        if setting is None:
            return None
        parameter = self.policy_set.parameters[setting.parameter]
        known = self.reader.value(parameter, value, f"--assume {setting.key}")
        if known is None:
            return None
        changed = {**self.policy_set.settings, setting.key: replace(setting, value=known)}
        self.policy_set = replace(self.policy_set, settings=changed)
        old, new = (format_value(one, parameter.type) for one in (setting.value, known))
        return Assumed(setting.key, new, old)

    def _setting(self, name: str, place: Span) -> Setting | None:
        settings = self.policy_set.settings
        found = [
            s
            for s in settings.values()
            if name in (s.key, s.name, f"{s.name}.{s.parameter}", *self._alias(s))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            keys = tuple(f"`{setting.key}`" for setting in found)
            self._reject("PC101.several-settings", place, name=name, keys=keys)
        else:
            self._unknown("setting", name, list(settings), place)
        return None

    def _alias(self, setting: Setting) -> list[str]:
        """`POLICY.PARAMETER` by titles, of a setting that is the first of its kind."""
        policy = self.policy_set.policies[setting.policy]
        parameter = self.policy_set.parameters[setting.parameter]
        if setting.name != f"{policy.name}.{parameter.name}":
            return []
        return [f"{p}.{q}" for p in (policy.name, policy.title) for q in (parameter.name, parameter.title)]

    # --- Rules ---

    def leave_out(self, written: str) -> str | None:
        """A rule, a table or a policy."""
        name = written.strip()
        rules = self._rules()
        gone = {key for key, rule in rules.items() if name in _names(key, rule)}
        titled = {key for key, rule in rules.items() if rule.title == name}
        if not gone and len(titled) == 1:
            gone = titled
        if not gone:
            known = dict.fromkeys(n for key, rule in rules.items() for n in _names(key, rule))
            self._unknown("rule", name, list(known), self._place(SourceFile("--without", written), written))
            return None
        self.policy_set = replace(
            self.policy_set,
            norms=_rest(self.policy_set.norms, gone),
            requirements=_rest(self.policy_set.requirements, gone),
            mandates=_rest(self.policy_set.mandates, gone),
            settings=_rest(self.policy_set.settings, gone),
        )
        return next(iter(gone)) if gone == titled else name

    def _rules(self) -> Mapping[str, Rule]:
        found: dict[str, Rule] = {**self.policy_set.norms, **self.policy_set.requirements}
        return {**found, **self.policy_set.mandates, **self.policy_set.settings}

    # --- Mistakes ---

    @staticmethod
    def _place(file: SourceFile, part: str) -> Span:
        """Where a part stands in what was typed, without the blanks around it."""
        start = file.text.index(part.strip())
        return Span(file, start, start + len(part.strip()))

    def _reject(self, key: str, place: Span, **args: str | tuple[str, ...]) -> None:
        self.reader.diagnostics.append(report(key.partition(".")[0], text(key, **args), place))

    def _unknown(self, what: str, name: str, known: Sequence[str], place: Span) -> None:
        message = text(f"PC101.{what}", name=name)
        self.reader.diagnostics.append(report("PC101", message, place, help=did_you_mean(name, known)))


def _names(key: str, rule: Rule) -> tuple[str, ...]:
    """What stands for a rule: its id, its table, its policy."""
    table = rule.table if isinstance(rule, Setting) else None
    return (key, rule.name, rule.policy, *([table] if table is not None else ()))


def _rest(rules: Mapping[str, R], gone: set[str]) -> Mapping[str, R]:
    return {key: rule for key, rule in rules.items() if key not in gone}
