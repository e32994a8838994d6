"""Hypothetical policy sets: with another value, or without a rule.

In: a checked set and hypotheses as typed (`chongqing.link_cap = 12`, `national.linked`). Out: the changed set, and its
changes. Rules are named by id or title; a table or a policy means all its rules. Mistakes are added to the diagnostics
of the reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..diagnostics.characters import as_meant
from ..diagnostics.diagnostic import Text, text
from ..diagnostics.source import SourceFile, Span
from ..model import PolicySet, Rule, Setting
from ..model.declarations import own_name
from ..model.values import format_value
from .names import did_you_mean
from .question import QuestionReader

R = TypeVar("R", bound=Rule)

#: The most ids that a message offers.
_MOST_OFFERED = 6


@dataclass(frozen=True, slots=True)
class Assumed:
    """The id of a setting, the assumed value and the value it has, as text."""

    rule: str
    value: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class Hypothesis:
    assume: tuple[Assumed, ...] = ()
    #: The ids of what was left out.
    without: tuple[str, ...] = ()


def suppose(
    policy_set: PolicySet, reader: QuestionReader, assume: Sequence[str], without: Sequence[str]
) -> tuple[PolicySet, Hypothesis]:
    """The set with the assumed values and without some rules."""
    changer = _Changer(policy_set, reader)
    for written in assume:
        changer.assume(written)
    left_out = [name for written in without if (name := changer.leave_out(written)) is not None]
    return changer.policy_set, Hypothesis(tuple(changer.assumed.values()), tuple(dict.fromkeys(left_out)))


class _Changer:
    def __init__(self, policy_set: PolicySet, reader: QuestionReader) -> None:
        self.original = policy_set
        self.policy_set = policy_set
        self.reader = reader
        #: By id of the setting.
        self.assumed: dict[str, Assumed] = {}

    # --- Values ---

    def assume(self, written: str) -> None:
        """`ID = VALUE`."""
        file = SourceFile("--assume", written)
        name, sign, value = written.replace("＝", "=").partition("=")
        if not sign or not name.strip() or not value.strip():
            self.reader.scope.reject("PC001", text("PC001.assumption"), file.whole)
            return
        place = self._place(file, name)
        setting = self._setting(as_meant(name.strip()), place)
        if setting is None:
            return
        parameter = self.policy_set.parameters[setting.parameter]
        known = self.reader.value(parameter, value, f"--assume {setting.key}")
        if known is None:
            return
        old, new = (format_value(one, parameter.type) for one in (setting.value, known))
        assumed = Assumed(setting.key, new, old)
        if self.assumed.setdefault(setting.key, assumed) != assumed:
            self.reader.scope.reject("PC102", text("PC102.given-twice", name=setting.key), place)
            return
        changed = {**self.policy_set.settings, setting.key: replace(setting, value=known)}
        self.policy_set = replace(self.policy_set, settings=changed)

    def _setting(self, name: str, place: Span) -> Setting | None:
        settings = self.original.settings
        found = [s for s in settings.values() if name in (s.key, s.name, f"{s.name}.{s.parameter}", *self._alias(s))]
        if len(found) == 1:
            return found[0]
        if found:
            keys = tuple(f"`{setting.key}`" for setting in found)
            self.reader.scope.reject("PC101", text("PC101.several-settings", name=name, keys=keys), place)
        else:
            self._unknown("setting", name, list(settings), place, self._setters(name))
        return None

    def _setters(self, name: str) -> Text | None:
        """Help for a bare parameter: the ids of its settings."""
        parameters = self.original.parameters.values()
        named = {parameter.name for parameter in parameters if name in (parameter.name, parameter.title)}
        keys = [s.key for s in self.original.settings.values() if s.parameter in named]
        if not keys:
            return None
        shown = tuple(f"`{key}`" for key in keys[:_MOST_OFFERED])
        return text("PC101.set-by", keys=shown if len(shown) == len(keys) else (*shown, "…"))

    def _alias(self, setting: Setting) -> list[str]:
        """`POLICY.PARAMETER` by titles, for the first setting of a parameter in its policy."""
        policy = self.policy_set.policies[setting.policy]
        parameter = self.policy_set.parameters[setting.parameter]
        if setting.name != f"{policy.name}.{parameter.name}":
            return []
        return [f"{p}.{q}" for p in (policy.name, policy.title) for q in (parameter.name, parameter.title)]

    # --- Rules ---

    def leave_out(self, written: str) -> str | None:
        """A rule, a table or a policy."""
        name = as_meant(written.strip())
        rules = self._rules()
        gone = {key for key, rule in rules.items() if name in self._names(key, rule)}
        titled = {key for key, rule in rules.items() if rule.title == name}
        if not gone and len(titled) == 1:
            gone = titled
        place = self._place(SourceFile("--without", written), written)
        if not gone:
            known = dict.fromkeys(n for key, rule in rules.items() for n in self._names(key, rule))
            self._unknown("rule", name, list(known), place)
            return None
        for key in self.assumed:
            if key in gone:
                self.reader.scope.reject("PC102", text("PC102.assumed-and-left-out", name=key), place)
        self.policy_set = replace(
            self.policy_set,
            norms=_rest(self.policy_set.norms, gone),
            requirements=_rest(self.policy_set.requirements, gone),
            mandates=_rest(self.policy_set.mandates, gone),
            settings=_rest(self.policy_set.settings, gone),
        )
        return next(iter(gone)) if gone == titled else name

    def _rules(self) -> Mapping[str, Rule]:
        found: dict[str, Rule] = {**self.original.norms, **self.original.requirements}
        return {**found, **self.original.mandates, **self.original.settings}

    def _names(self, key: str, rule: Rule) -> Sequence[str]:
        """The names that mean a rule: its id, its table, its policy; each by name or title."""
        policy = self.original.policies[rule.policy]
        own = rule.name.removeprefix(f"{policy.name}.")
        table = rule.table if isinstance(rule, Setting) else None
        parts = [own, rule.title, None if table is None else table.removeprefix(f"{policy.name}.")]
        policies = [name for name in (policy.name, policy.title) if name is not None]
        owned = [f"{name}.{part}" for name in policies for part in parts if part is not None]
        return [key, *owned, *policies]

    # --- Mistakes ---

    @staticmethod
    def _place(file: SourceFile, part: str) -> Span:
        """The place of a part in what was typed, without surrounding blanks."""
        start = file.text.index(part.strip())
        return Span(file, start, start + len(part.strip()))

    def _unknown(self, what: str, name: str, known: Sequence[str], place: Span, help_: Text | None = None) -> None:
        """Suggests, unless there is better help, the same name in another policy, or the nearest name."""
        message = text(f"PC101.{what}", name=name)
        ids = [one for one in known if one in self._rules()]
        same = [one for one in ids if own_name(one) == own_name(name)]
        help_ = help_ or did_you_mean(name, same if len(same) == 1 else known)
        self.reader.scope.reject("PC101", message, place, help_)


def _rest(rules: Mapping[str, R], gone: set[str]) -> Mapping[str, R]:
    return {key: rule for key, rule in rules.items() if key not in gone}
