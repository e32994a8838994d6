"""Proposes single edits that could end a contradiction of two rules.

In: a checked set and a finding. Out: edits in a fixed order, each with its text and the edited set. An edit only has to
make sense here; `repairs.py` finds out whether it ends the contradiction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

from policyc.dsl import model
from policyc.dsl.binding.wording.respell import respelled
from policyc.dsl.diagnostics.diagnostic import Finding
from policyc.dsl.model.traversal import subexpressions
from policyc.dsl.syntax.excerpt import Statements, on_one_line
from policyc.dsl.syntax.keywords import Language, spelling
from policyc.dsl.syntax.scan import normalise, scan
from policyc.dsl.syntax.tree import NormStatement

from .cells import narrowed_cells, without_row

R = TypeVar("R", bound=model.Rule)


class EditKind(StrEnum):
    """What an edit does to a rule, in the order of the offers."""

    EXCEPTION = "exception-to"
    CELL = "cell"
    NARROW = "narrow"
    UNTIL = "until"
    FROM = "from"
    DEFAULT = "default"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one rule."""

    kind: EditKind
    rule: model.Rule
    #: The new modifier, or the new cell; for `drop`, the statement to remove.
    text: str
    #: The edited rule; `None` if it is removed.
    edited: model.Rule | None
    policy_set: model.PolicySet
    #: The table of an edited row after the edit, and the column of an edited cell.
    table: model.Table | None = None
    column: str | None = None


#: A condition as text and as an expression.
_Condition = tuple[str, model.Expr]


class Editor:
    """Proposes edits of the rules of one set."""

    def __init__(self, policy_set: model.PolicySet) -> None:
        self.policy_set = policy_set
        self._statements = Statements()

    def against(self, code: str, finding: Finding) -> Iterator[Edit]:
        """The edits that could end a finding of a code."""
        return self.against_mandate(finding) if code == "PC306" else self.between(finding)

    def between(self, finding: Finding) -> Iterator[Edit]:
        """Edits of either of the two rules of a finding, which contradict each other."""
        one, other = (self.policy_set.rules[name] for name in finding.rules)
        pairs = ((one, other), (other, one))
        proposals: Sequence[Callable[[model.Rule, model.Rule], Edit | None]] = (
            self._exception,
            self._narrowed,
            lambda rule, _: self._ended(rule, finding),
            lambda rule, _: self._begun(rule, finding),
            self._default,
            lambda rule, _: self._dropped(rule),
        )
        for rule, opposed in pairs:
            yield from self._cells(rule, opposed)
        for propose in proposals:
            yield from (edit for rule, opposed in pairs if (edit := propose(rule, opposed)) is not None)

    def against_mandate(self, finding: Finding) -> Iterator[Edit]:
        """Edits of the rules that prevent a mandate; the finding names the mandate first."""
        mandate, *blockers = (self.policy_set.rules[name] for name in finding.rules)
        for rule in blockers:
            proposals = (self._narrowed(rule, mandate), self._ended(rule, finding), self._dropped(rule))
            yield from (edit for edit in proposals if edit is not None)

    # --- The edits ---

    def _exception(self, rule: model.Rule, other: model.Rule) -> Edit | None:
        """The rule as an exception to the other one, in addition to those it names already."""
        if not isinstance(rule, model.Norm) or not isinstance(other, model.Norm):
            return None
        if (rule.decision, rule.side) != (other.decision, other.side) or other.name in rule.exceptions:
            return None
        statement = self._statements.at(rule.span)
        assert isinstance(statement, NormStatement)
        own = other.own_name if other.policy == rule.policy else other.name
        named = [*(on_one_line(path.span) for path in statement.modifiers.exceptions), own]
        edited = replace(rule, exceptions=rule.exceptions | {other.name})
        return self._edit(EditKind.EXCEPTION, rule, f"{self._word(rule, 'exception_to')} {', '.join(named)}", edited)

    def _cells(self, rule: model.Rule, other: model.Rule) -> Iterator[Edit]:
        """The row with one cell narrowed by what the other row takes."""
        for cell in narrowed_cells(self.policy_set, rule, other):
            changed = {setting.key: setting for setting in cell.settings}
            edited = replace(
                self.policy_set,
                settings={key: changed.get(key, setting) for key, setting in self.policy_set.settings.items()},
                tables={**self.policy_set.tables, cell.table.name: cell.table},
            )
            yield Edit(EditKind.CELL, rule, cell.text, changed[rule.key], edited, cell.table, cell.column)

    def _narrowed(self, rule: model.Rule, other: model.Rule) -> Edit | None:
        """The rule unless the other one applies."""
        if _in_table(rule):
            return None
        found = self._condition_of(other, rule)
        if found is None:
            return None
        written, unless = found
        if rule.unless is not None:
            old = on_one_line(rule.unless.span)
            written = f"{_bracketed(old, rule.unless)} {self._word(rule, 'or')} {written}"
            unless = model.Or((rule.unless, unless), type=model.BOOLEAN, span=rule.span)
        edited = replace(rule, unless=unless)
        return self._edit(EditKind.NARROW, rule, f"{self._word(rule, 'unless')} {written}", edited)

    def _ended(self, rule: model.Rule, finding: Finding) -> Edit | None:
        """The rule until the day before the contradiction first occurs."""
        first = finding.dates[0].first if finding.dates else None
        if first is None or _in_table(rule):
            return None
        last = date.fromisoformat(first) - timedelta(days=1)
        if rule.period.first is not None and last.toordinal() < rule.period.first:
            return None
        edited = replace(rule, period=replace(rule.period, last=last.toordinal()))
        return self._edit(EditKind.UNTIL, rule, f"{self._word(rule, 'until')} {last.isoformat()}", edited)

    def _begun(self, rule: model.Rule, finding: Finding) -> Edit | None:
        """The rule from the day after the contradiction last occurs."""
        last = finding.dates[-1].last if finding.dates else None
        if last is None or _in_table(rule):
            return None
        first = date.fromisoformat(last) + timedelta(days=1)
        if rule.period.last is not None and first.toordinal() > rule.period.last:
            return None
        edited = replace(rule, period=replace(rule.period, first=first.toordinal()))
        return self._edit(EditKind.FROM, rule, f"{self._word(rule, 'from')} {first.isoformat()}", edited)

    def _default(self, rule: model.Rule, other: model.Rule) -> Edit | None:
        """The rule of the larger region as a default, which yields to that of the smaller one."""
        if not isinstance(rule, model.Norm | model.Setting) or rule.default or _in_table(rule):
            return None
        if rule.region == other.region or not self.policy_set.regions.within(other.region, rule.region):
            return None
        return self._edit(EditKind.DEFAULT, rule, self._word(rule, "default"), replace(rule, default=True))

    def _dropped(self, rule: model.Rule) -> Edit | None:
        """The set without the rule, unless something else names it. Settings and rows are numbered, so if one is
        removed, a reference to another would mean a third."""
        named = {name for norm in self.policy_set.norms.values() for name in norm.exceptions}
        named |= {name for item in self.policy_set.acknowledgements for name in item.rules}
        known = self.policy_set.rules
        if rule.numbered_with in {known[name].numbered_with if name in known else name for name in named}:
            return None
        return self._edit(EditKind.DROP, rule, on_one_line(self._statements.at(rule.span).span), None)

    def _edit(self, kind: EditKind, rule: model.Rule, written: str, edited: model.Rule | None) -> Edit:
        table = without_row(self.policy_set, rule) if edited is None else None
        return Edit(kind, rule, written, edited, with_rule(self.policy_set, rule, edited), table)

    # --- Words ---

    def _word(self, rule: model.Rule, keyword: str) -> str:
        """A keyword in the language of the rule's text."""
        assert not _in_table(rule), "rows have no modifiers"
        return spelling(keyword, self._language(rule))

    def _language(self, rule: model.Rule) -> Language:
        return "en" if self._statements.at(rule.span).span.text[0].isascii() else "zh"

    def _quoted(self, condition: model.Expr, other: model.Rule, rule: model.Rule) -> str:
        """A condition of the other rule as it is written there, in the language of the rule's text."""
        written, language = on_one_line(condition.span), self._language(rule)
        return written if self._language(other) == language else respelled(written, language)

    def _condition_of(self, other: model.Rule, rule: model.Rule) -> _Condition | None:
        """When the other rule applies, as text for the policy of the rule: its region and days, unless the rule has
        these limits itself, and its conditions. `None` if the other always applies, or if its conditions cannot be
        expressed there."""
        place = self._place_of(other, rule)
        if place is None or not self._can_say(other, rule):
            return None
        parts = [*place, *self._days_of(other, rule)]
        if self._hidden(parts, rule):
            return None
        own = [] if other.when is None else [(self._quoted(other.when, other, rule), other.when)]
        if other.unless is not None:
            negated = f"{self._word(rule, 'not')} ({self._quoted(other.unless, other, rule)})"
            own.append((negated, model.Not(other.unless, type=model.BOOLEAN, span=rule.span)))
        if other.policy != rule.policy and self._hidden(own, rule):
            return None
        parts += own
        if len(parts) < 2:
            return parts[0] if parts else None
        written = [_bracketed(*part) for part in parts]
        conditions = tuple(condition for _, condition in parts)
        return f" {self._word(rule, 'and')} ".join(written), model.And(conditions, type=model.BOOLEAN, span=rule.span)

    def _place_of(self, other: model.Rule, rule: model.Rule) -> list[_Condition] | None:
        """That the case lies in the region of the other rule, unless the region of the rule implies it. `None` for
        settings, whose conditions cannot name the region they are read for."""
        tree = self.policy_set.regions
        if isinstance(rule, model.DecisionRule) and isinstance(other, model.DecisionRule):
            one_side = (rule.decision, rule.side) == (other.decision, other.side)
            if tree.is_root(other.region) or (one_side and tree.within(rule.region, other.region)):
                return []
            fact = self.policy_set.side(other.decision, other.side).fact
            inside = model.Within(
                model.FactValue(fact, type=model.REGION, span=rule.span),
                model.Constant(other.region, type=model.REGION, span=rule.span),
                type=model.BOOLEAN,
                span=rule.span,
            )
            return [(f"{fact} {self._word(rule, 'in')} {other.region}", inside)]
        return [] if tree.within(rule.region, other.region) else None

    def _days_of(self, other: model.Rule, rule: model.Rule) -> Iterator[_Condition]:
        """That the day lies in the period of the other rule, as far as the period of the rule does not imply it."""
        day = model.FactValue(model.DATE, type=model.DAY, span=rule.span)

        def compare(sign: str, low: model.Expr, high: model.Expr, limit: int) -> _Condition:
            written = f"{model.DATE} {sign} {date.fromordinal(limit).isoformat()}"
            return written, model.Less(low, high, strict=False, type=model.BOOLEAN, span=rule.span)

        first, last = other.period.first, other.period.last
        if first is not None and (rule.period.first is None or rule.period.first < first):
            yield compare(">=", model.Constant(first, type=model.DAY, span=rule.span), day, first)
        if last is not None and (rule.period.last is None or rule.period.last > last):
            yield compare("<=", day, model.Constant(last, type=model.DAY, span=rule.span), last)

    # --- Names ---

    def _can_say(self, other: model.Rule, rule: model.Rule) -> bool:
        """Whether the other rule's conditions are written out, not in cells, and use no name local to its policy."""
        conditions = [condition for condition in (other.when, other.unless) if condition is not None]
        if _in_table(other):
            return False
        return other.policy == rule.policy or not any(
            isinstance(inner, model.DefineValue) and self.policy_set.defines[inner.define].policy is not None
            for condition in conditions
            for inner in subexpressions(condition)
        )

    def _hidden(self, parts: Iterable[_Condition], rule: model.Rule) -> bool:
        """Whether a name in conditions from elsewhere is also a local name of the rule's policy."""
        own = [define for define in self.policy_set.defines.values() if define.policy == rule.policy]
        names = {name for define in own for name in _names(define)}
        return any(
            written[lexeme.start : lexeme.end] in names for written, _ in parts for lexeme in scan(normalise(written))
        )


def _names(define: model.Define) -> Iterator[str]:
    yield define.own_name
    if define.title is not None:
        yield define.title


def _in_table(rule: model.Rule) -> bool:
    """Whether a rule is a row of a table, which has no modifiers of its own."""
    return isinstance(rule, model.Setting) and rule.table is not None


def _bracketed(written: str, condition: model.Expr) -> str:
    """A condition as an operand of `and` or `or`."""
    return f"({written})" if isinstance(condition, model.Or | model.Choice) else written


def with_rule(policy_set: model.PolicySet, rule: model.Rule, edited: model.Rule | None) -> model.PolicySet:
    """The set with one rule changed or removed; a row of a table is removed with all its settings."""
    match rule:
        case model.Norm():
            return replace(policy_set, norms=_changed(policy_set.norms, rule, edited))
        case model.Requirement():
            return replace(policy_set, requirements=_changed(policy_set.requirements, rule, edited))
        case model.Setting():
            return replace(policy_set, settings=_changed(policy_set.settings, rule, edited))
        case _:
            raise AssertionError(f"no rule to edit: {rule!r}")


def _changed(rules: Mapping[str, R], rule: model.Rule, edited: model.Rule | None) -> dict[str, R]:
    changed: dict[str, R] = {}
    for key, other in rules.items():
        if other.name != rule.name:
            changed[key] = other
        elif edited is not None:
            assert isinstance(edited, type(other))
            changed[key] = edited
    return changed
