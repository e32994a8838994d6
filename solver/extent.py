"""Where and when something is possible: regions and spans of days, from one case that shows it.

The region tree falls into areas within which no rule tells one region from another, and time into spans
within which no rule begins or ends. In each the case at hand is tried first, moved there; only where it does
not hold the solver is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ..dsl.diagnostic import DateSpan
from ..dsl.model import (
    DATE,
    DAY,
    REGION,
    Case,
    Constant,
    Expr,
    Less,
    Period,
    PolicySet,
    Shifted,
    Value,
    parts,
)
from .prover import View
from .space import Area
from .terms import Term, number


def marked_regions(policy_set: PolicySet) -> list[str]:
    """The regions that a set tells from others: those policies speak for, and those conditions name."""
    marked = {policy.region for policy in policy_set.policies.values()}
    marked |= {
        str(inner.value)
        for expression in expressions(policy_set)
        for inner in subexpressions(expression)
        if isinstance(inner, Constant) and inner.type == REGION
    }
    return sorted(marked)


def areas(policy_set: PolicySet, told_apart: Iterable[str] | None = None) -> list[Area]:
    """The regions of a set, divided so that those of one area are alike to every rule; or divided at some
    regions only."""
    tree = policy_set.regions
    marked = sorted({*tree.roots, *(marked_regions(policy_set) if told_apart is None else told_apart)})
    found = []
    for top in marked:
        inner = [code for code in marked if code != top and tree.within(code, top)]
        holes = frozenset(
            code for code in inner if not any(other != code and tree.within(code, other) for other in inner)
        )
        area = Area(top, holes)
        if next(members(policy_set, area), None) is not None:
            found.append(area)
    return found


def members(policy_set: PolicySet, area: Area) -> Iterator[str]:
    """The regions of an area that a fact can have, in order."""
    tree = policy_set.regions
    waiting = [area.top]
    while waiting:
        code = waiting.pop()
        if code in area.holes:
            continue
        if not tree.is_root(code):
            yield code
        waiting.extend(reversed(tree.children(code)))


def cover(policy_set: PolicySet, every: Sequence[Area], found: Sequence[Area]) -> tuple[str, ...]:
    """The fewest region codes that, with all below them, make up some of all areas."""
    tree = policy_set.regions
    tops = {area.top for area in every}
    missing = tops - {area.top for area in found}

    def whole(code: str) -> bool:
        """Whether a region belongs to an area found, and nothing below it to a missing one."""
        own = next((outer for outer in tree.chain(code) if outer in tops), None)
        return own not in missing and not any(tree.within(top, code) for top in missing)

    codes: dict[str, None] = {}
    for area in found:
        for code in (area.top,) if whole(area.top) else members(policy_set, area):
            if whole(code):
                codes[[outer for outer in tree.chain(code) if whole(outer)][-1]] = None
    return tuple(sorted(codes))


def expressions(policy_set: PolicySet) -> Iterator[Expr]:
    """Every condition and definition of a set."""
    for rule in [
        *policy_set.norms.values(),
        *policy_set.requirements.values(),
        *policy_set.mandates.values(),
        *policy_set.settings.values(),
    ]:
        yield from (condition for condition in (rule.when, rule.unless) if condition is not None)
    yield from (rule.condition for rule in policy_set.requirements.values())
    yield from (define.value for define in policy_set.defines.values())
    yield from (axiom.condition for axiom in policy_set.axioms)
    yield from (assertion.condition for assertion in policy_set.assertions)


def subexpressions(expression: Expr) -> Iterator[Expr]:
    waiting = [expression]
    while waiting:
        inner = waiting.pop()
        yield inner
        waiting.extend(parts(inner))


def cells(policy_set: PolicySet) -> list[Period]:
    """The days of the vocabulary, cut wherever a rule begins or ends or a condition names a date."""
    fact = policy_set.facts.get(DATE)
    if fact is None or fact.low is None or fact.high is None:
        return []
    cuts = {fact.low, fact.high + 1}
    for rule in [
        *policy_set.norms.values(),
        *policy_set.requirements.values(),
        *policy_set.mandates.values(),
        *policy_set.settings.values(),
    ]:
        cuts |= {day for day in (rule.period.first,) if day is not None}
        cuts |= {day + 1 for day in (rule.period.last,) if day is not None}
    for expression in expressions(policy_set):
        for inner in subexpressions(expression):
            if isinstance(inner, Less):
                cuts |= {day + step for day in _days(inner) for step in (0, 1)}
    inside = sorted(cut for cut in cuts if fact.low <= cut <= fact.high + 1)
    return [Period(first, last - 1) for first, last in pairwise(inside)]


def _days(comparison: Less) -> Iterator[int]:
    shift = sum(inner.days for inner in subexpressions(comparison) if isinstance(inner, Shifted))
    for inner in subexpressions(comparison):
        if isinstance(inner, Constant) and inner.type == DAY and isinstance(inner.value, int):
            yield inner.value
            if shift:
                yield inner.value - shift


@dataclass(frozen=True, slots=True)
class Extent:
    regions: tuple[str, ...]
    dates: tuple[DateSpan, ...]


class Surveyor:
    """Finds where and when terms are possible. One for a run: the division of space and time is shared."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.policy_set = view.policy_set
        self.areas = areas(view.policy_set)
        self.cells = cells(view.policy_set)

    def survey(self, term: Term, case: Case, fact: str, within: str, period: Period) -> Extent:
        """Where (by the region fact given, inside `within`) and when (inside `period`) a term is possible."""
        tree = self.policy_set.regions
        found = [
            area
            for area in (self.areas if fact else ())
            if tree.within(area.top, within) and self._in_area(term, case, fact, area)
        ]
        days = [cell for cell in self.cells if self._meets(cell, period) and self._on(term, case, cell)]
        return Extent(cover(self.policy_set, self.areas, found), self._spans(days))

    @staticmethod
    def _meets(cell: Period, period: Period) -> bool:
        return not cell.intersection(period).empty

    def _in_area(self, term: Term, case: Case, fact: str, area: Area) -> bool:
        old, new = case[fact], next(members(self.policy_set, area))
        moved: dict[str, Value] = {
            name: new if value == old and self.policy_set.facts[name].type == REGION else value
            for name, value in case.items()
        }
        if self.view.confirms(moved, (term,)) or self.view.confirms({**case, fact: new}, (term,)):
            return True
        return self.view.possible([term, *self._inside(fact, area)])

    def _inside(self, fact: str, area: Area) -> list[Term]:
        space, bank = self.view.space, self.view.bank
        path = space.region(fact)
        return [
            space.within(path, area.top),
            *(bank.not_(space.within(path, hole)) for hole in sorted(area.holes)),
        ]

    def area_terms(self, fact: str) -> list[list[Term]]:
        """For each area, that a region fact lies in it."""
        return [self._inside(fact, area) for area in self.areas]

    def cell_terms(self) -> list[list[Term]]:
        """For each span of days, that the case falls in it."""
        return [self._during(cell) for cell in self.cells]

    def _on(self, term: Term, case: Case, cell: Period) -> bool:
        assert cell.first is not None and cell.last is not None
        if any(self.view.confirms(self._moved(case, day), (term,)) for day in (cell.first, cell.last)):
            return True
        return self.view.possible([term, *self._during(cell)])

    def _during(self, cell: Period) -> list[Term]:
        assert cell.first is not None and cell.last is not None
        bank, day = self.view.bank, self.view.space.number(self.policy_set.facts[DATE])
        return [bank.at_most(number(cell.first), day), bank.at_most(day, number(cell.last))]

    def _moved(self, case: Case, day: int) -> dict[str, Value]:
        """The case on another day; what happened on the day of the case happens then."""
        facts = self.policy_set.facts
        return {
            name: day if facts[name].type == DAY and value == case[DATE] else value
            for name, value in case.items()
        }

    def _spans(self, days: list[Period]) -> tuple[DateSpan, ...]:
        """Neighbouring spans joined; open where they reach the first or last day of the vocabulary."""
        joined: list[tuple[int, int]] = []
        for cell in days:
            assert cell.first is not None and cell.last is not None
            if joined and joined[-1][1] + 1 == cell.first:
                joined[-1] = (joined[-1][0], cell.last)
            else:
                joined.append((cell.first, cell.last))
        fact = self.policy_set.facts.get(DATE)
        return tuple(
            DateSpan(
                None if fact is None or first == fact.low else date.fromordinal(first).isoformat(),
                None if fact is None or last == fact.high else date.fromordinal(last).isoformat(),
            )
            for first, last in joined
        )
