"""Where and when something is possible: regions and spans of days, starting from one case that shows it.

The region tree is divided into areas within which no rule distinguishes regions, and time into spans within which no
rule begins or ends. In each, the known case is tried first, moved there; only if that fails the solver is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TypeVar

from policyc.dsl.diagnostics.diagnostic import DateSpan
from policyc.dsl.model import DATE, DAY, REGION, Case, Constant, Expr, Less, Period, PolicySet, Shifted
from policyc.dsl.model.traversal import subexpressions

from ..encoding.dependencies import expressions
from ..encoding.symbolic_case import Area
from ..formula.terms import Term, number, thresholds
from ..report.describe import date_span
from .cases import in_region, on_day
from .context import CaseScope

P = TypeVar("P", Area, Period)


def marked_regions(policy_set: PolicySet, conditions: Iterable[Expr] | None = None) -> list[str]:
    """The regions that a set distinguishes: those of policies, and those named in conditions (by default, all
    conditions of the set)."""
    marked = {policy.region for policy in policy_set.policies.values()}
    marked |= {
        str(inner.value)
        for expression in (expressions(policy_set) if conditions is None else conditions)
        for inner in subexpressions(expression)
        if isinstance(inner, Constant) and inner.type == REGION
    }
    return sorted(marked)


def areas(policy_set: PolicySet, marked: Iterable[str] | None = None) -> list[Area]:
    """The regions of a set, divided into areas whose regions no rule distinguishes; or divided only at `marked`
    regions."""
    tree = policy_set.regions
    marked = sorted({*tree.roots, *(marked_regions(policy_set) if marked is None else marked)})
    holes: dict[str, list[str]] = {code: [] for code in marked}
    for code in marked:
        outer = next((region for region in tree.chain(code)[1:] if region in holes), None)
        if outer is not None:
            holes[outer].append(code)
    every = [Area(top, frozenset(inner)) for top, inner in holes.items()]
    return [area for area in every if next(members(policy_set, area), None) is not None]


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
    """The fewest region codes that, with all regions below them, make up the areas found."""
    tree = policy_set.regions
    tops = {area.top for area in every}
    missing = tops - {area.top for area in found}

    def whole(code: str) -> bool:
        """Whether a region belongs to an area found, and no region below it to a missing one."""
        own = next((outer for outer in tree.chain(code) if outer in tops), None)
        return own not in missing and not any(tree.within(top, code) for top in missing)

    codes: dict[str, None] = {}
    for area in found:
        for code in (area.top,) if whole(area.top) else members(policy_set, area):
            if whole(code):
                codes[[outer for outer in tree.chain(code) if whole(outer)][-1]] = None
    return tuple(sorted(codes))


def cells(policy_set: PolicySet) -> list[Period]:
    """The days of the vocabulary, cut where a rule begins or ends or a condition names a date."""
    cuts: set[int] = set()
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
    return split_days(policy_set, cuts)


def split_days(policy_set: PolicySet, cuts: Iterable[int]) -> list[Period]:
    """The days of the vocabulary, cut before each of some days."""
    fact = policy_set.facts.get(DATE)
    if fact is None or fact.low is None or fact.high is None:
        return []
    ends = sorted({fact.low, fact.high + 1, *(cut for cut in cuts if fact.low <= cut <= fact.high)})
    return [Period(first, last - 1) for first, last in pairwise(ends)]


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
    """Finds where and when terms are possible. One per run, since the division of space and time is shared."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set

    @cached_property
    def areas(self) -> list[Area]:
        return areas(self.policy_set)

    @cached_property
    def cells(self) -> list[Period]:
        return cells(self.policy_set)

    def survey(
        self, terms: Sequence[tuple[CaseScope, Term]], case: Case, fact: str, within: str, period: Period
    ) -> Extent:
        """Where (by a region fact, inside `within` unless that is empty) and when (inside `period`) something is
        possible, given its term in each scope."""
        tree = self.policy_set.regions
        inside = [area for area in self.areas if fact and (not within or tree.within(area.top, within))]
        local = [_Local(scope, term, case) for scope, term in terms]
        found = _among(inside, [partial(item.at, fact) for item in local])
        cuts = sorted({cut for item in local for cut in item.cuts()})
        cells_ = [cell for cell in split_days(self.policy_set, cuts) if not cell.intersection(period).empty]
        days = _among(cells_, [item.on for item in local])
        return Extent(cover(self.policy_set, self.areas, found), self._spans(days))

    def area_terms(self, scope: CaseScope, fact: str) -> list[list[Term]]:
        """Terms for each area: a region fact lies in it."""
        return [_inside(scope, fact, area) for area in self.areas]

    def cell_terms(self, scope: CaseScope) -> list[list[Term]]:
        """Terms for each span of days: the case falls in it."""
        return [_during(scope, cell) for cell in self.cells]

    def _spans(self, days: list[Period]) -> tuple[DateSpan, ...]:
        """Adjacent spans joined; open if they reach the first or last day of the vocabulary."""
        joined: list[tuple[int, int]] = []
        for cell in days:
            assert cell.first is not None and cell.last is not None
            if joined and joined[-1][1] + 1 == cell.first:
                joined[-1] = (joined[-1][0], cell.last)
            else:
                joined.append((cell.first, cell.last))
        fact = self.policy_set.facts.get(DATE)
        return tuple(date_span(fact, first, last) for first, last in joined)


def _among(places: Sequence[P], possible: Sequence[Callable[[Sequence[P]], list[P]]]) -> list[P]:
    """The places at which something is possible in any of the scopes, in order."""
    found: list[P] = []
    for look in possible:
        found += look([place for place in places if place not in found])
    return [place for place in places if place in found]


class _Local:
    """A term in a scope, and a case in which it holds (perhaps in another scope)."""

    def __init__(self, scope: CaseScope, term: Term, case: Case) -> None:
        self.scope = scope
        self.term = term
        self.case = case
        self.policy_set = scope.policy_set

    def at(self, fact: str, areas_: Sequence[Area]) -> list[Area]:
        """The areas in which the term is possible, by a region fact. The known case is tried there first: moving all
        facts of the same region, and the fact alone."""
        if not areas_:
            return []
        old, moved = self.case[fact], list[Case]()
        for area in areas_:
            new = next(members(self.policy_set, area))
            moved.append(in_region(self.policy_set, self.case, old, new))
            moved.append({**self.case, fact: new})
        held = self.scope.confirmed(moved, self.term)
        return [
            area
            for place, area in enumerate(areas_)
            if held[2 * place]
            or held[2 * place + 1]
            or self.scope.possible([self.term, *_inside(self.scope, fact, area)])
        ]

    def on(self, cells_: Sequence[Period]) -> list[Period]:
        """The spans of days on which the term is possible; their ends are tried first."""
        ends = [day for cell in cells_ for day in (cell.first, cell.last) if day is not None]
        moved = [on_day(self.policy_set, self.case, day) for day in ends]
        held = self.scope.confirmed(moved, self.term)
        return [
            cell
            for place, cell in enumerate(cells_)
            if held[2 * place] or held[2 * place + 1] or self.scope.possible([self.term, *_during(self.scope, cell)])
        ]

    def cuts(self) -> list[int]:
        """The days on which the term may become or cease to be possible."""
        facts = self.policy_set.facts
        return [cut for name, cut in thresholds(self.term) if name in facts and facts[name].type == DAY]


def _inside(scope: CaseScope, fact: str, area: Area) -> list[Term]:
    path = scope.symbolic.region(fact)
    return [
        scope.symbolic.within(path, area.top),
        *(scope.factory.not_(scope.symbolic.within(path, hole)) for hole in sorted(area.holes)),
    ]


def _during(scope: CaseScope, cell: Period) -> list[Term]:
    assert cell.first is not None and cell.last is not None
    factory, day = scope.factory, scope.symbolic.number(scope.policy_set.facts[DATE])
    return [factory.at_most(number(cell.first), day), factory.at_most(day, number(cell.last))]
