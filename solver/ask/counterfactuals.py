"""Counterfactuals: the smallest changes of given facts that turn a no into a yes, and the nearest day with a yes.

In: an answer that is no in every case with the given facts. Out: changes, arrangeable ones first; whether anything can
be arranged at all; the nearest days with a yes. The reference evaluator verifies every change and every day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice

from policyc.dsl.model import DATE, DAY, NUMBERS, Case, EnumType, Fact, Value
from policyc.dsl.model.values import format_case
from policyc.dsl.semantics.evaluate import Evaluator

from ..backends.z3_backend import Status
from ..engine.cases import on_day
from ..engine.context import CaseScope, SolverContext, replay
from ..engine.date_cuts import date_cuts
from ..engine.extent import split_days
from ..engine.minimize import minimal_hitting_sets
from ..engine.witness import abductive_explanation, plainest, usual_value
from ..formula.terms import Term, number
from ..report.answers import WaysToYes
from ..report.describe import date_span
from .dnf.predicates import between

#: The most facts changed at a time.
MOST_FACTS = 3
MOST_WAYS = 16

#: The term for a yes in a scope, and the same as a claim about a case.
Describe = Callable[[CaseScope], Term]
Claim = Callable[[Evaluator, Case], bool]


def ways_to_yes(context: SolverContext, given: Case, example: Case, describe: Describe, claim: Claim) -> WaysToYes:
    """`example` is the plainest case with the given facts; the answer is no."""
    search = _ChangeSearch(context, given, describe, claim)
    days = nearest_days(context, example, describe, claim) if DATE in given else None
    every = days is None or _every_case(context, given, days, describe)
    found = list(islice(search.changes(), MOST_WAYS + 1))
    ways = [format_case(context.policy_set, facts) for facts in found[:MOST_WAYS]]
    can_arrange = search.can_arrange()
    if days is None:
        return WaysToYes(tuple(ways), len(found) <= MOST_WAYS, can_arrange, None, every)
    day = _nearest(given, days)
    ways.append(format_case(context.policy_set, {DATE: day}))
    span = date_span(context.policy_set.facts[DATE], *days)
    return WaysToYes(tuple(ways), len(found) <= MOST_WAYS, can_arrange, span, every)


def _nearest(given: Case, days: tuple[int, int]) -> int:
    """The day nearest to the given one; the days are all later or all earlier."""
    today = given[DATE]
    assert isinstance(today, int)
    first, last = days
    return first if first > today else last


def _every_case(context: SolverContext, given: Case, days: tuple[int, int], describe: Describe) -> bool:
    """Whether every case with the given facts is a yes on the nearest of some days."""
    scope = context.scope(on_day(context.policy_set, given, _nearest(given, days)))
    return not scope.possible([scope.factory.not_(describe(scope))])


class _ChangeSearch:
    def __init__(self, context: SolverContext, given: Case, describe: Describe, claim: Claim) -> None:
        self.context = context
        self.facts: Mapping[str, Fact] = context.policy_set.facts
        self.describe = describe
        self.claim = claim
        self.known = dict(given)
        self.given = {name: value for name, value in given.items() if name != DATE}
        self.scope = context.scope({name: value for name, value in given.items() if name == DATE})
        self.yes = describe(self.scope)
        self._terms = {name: self.scope.equals(self.facts[name], value) for name, value in self.given.items()}

    def can_arrange(self) -> bool:
        fixed = [term for name, term in self._terms.items() if not self.facts[name].arrangeable]
        return self.scope.possible([self.yes, *fixed])

    def changes(self) -> Iterator[Mapping[str, Value]]:
        """Changes, by the facts changed: first as few arrangeable ones as possible, then as few as possible of all."""
        arrangeable = frozenset(name for name in self.given if self.facts[name].arrangeable)
        yield from self._ways(
            minimal_hitting_sets(list(self.given), partial(self._excluding_in, arrangeable), MOST_FACTS)
        )
        every = minimal_hitting_sets(list(self.given), self._excluding, MOST_FACTS)
        yield from self._ways(names for names in every if not names <= arrangeable)

    def _ways(self, sets: Iterator[frozenset[str]]) -> Iterator[Mapping[str, Value]]:
        """The changes of the smallest sets of facts."""
        fewest: int | None = None
        for names in sets:
            fewest = len(names) if fewest is None else fewest
            if len(names) > fewest:
                return
            yield from sorted(self._values(names), key=len)

    def _excluding_in(self, may_change: frozenset[str], changed: frozenset[str]) -> frozenset[str] | None:
        """`_excluding`, restricted to facts that may change."""
        found = self._excluding(changed)
        return None if found is None else found & may_change

    def _excluding(self, changed: frozenset[str]) -> frozenset[str] | None:
        """Given facts, all unchanged, that rule out a yes."""
        return ruling_out(self.scope, self.yes, self._terms, changed)

    # --- Values ---

    def _values(self, changed: frozenset[str]) -> Iterator[Mapping[str, Value]]:
        """New values for some facts: the usual ones if possible, else every possible member of each fact, all else
        being equal, and the nearest value of a number."""
        ordered = [fact for name, fact in self.facts.items() if name in changed]
        kept = {name: value for name, value in self.known.items() if name not in changed}
        scope = self.context.scope(kept)
        yes = [self.describe(scope)]
        case = plainest(scope, yes)
        assert case is not None, "these facts can be changed to a yes"
        for fact in ordered:
            if fact.type in NUMBERS:
                yes.append(self._nearest(scope, fact, yes))
                case = plainest(scope, yes)
                assert case is not None, "the nearest value is one"
        yield self._change(scope, yes, case, changed)
        for fact in ordered:
            if isinstance(fact.type, EnumType) and usual_value(fact, case) != case[fact.name]:
                fixed = scope.given(case, [other.name for other in ordered if other is not fact])
                for member in self.context.policy_set.enums[fact.type.name].members:
                    terms = [*yes, *fixed, scope.equals(fact, member)]
                    other = None if member == case[fact.name] else plainest(scope, terms)
                    if other is not None:
                        yield self._change(scope, terms, other, changed)

    def _change(
        self, scope: CaseScope, yes: Sequence[Term], case: Case, changed: frozenset[str]
    ) -> Mapping[str, Value]:
        """The new values, and those of other facts that must differ from their usual values."""
        replay(self.context, case, self.claim)
        unusual = {
            name
            for name, fact in self.facts.items()
            if name not in self.known and usual_value(fact, case) != case[name]
        }
        if unusual:
            unusual &= abductive_explanation(scope, case, yes[:1]).keys()
        return {name: case[name] for name in self.facts if name in changed or name in unusual}

    def _nearest(self, scope: CaseScope, fact: Fact, yes: Sequence[Term]) -> Term:
        """That a number has the value nearest to the given one for which the answer is yes."""
        old = self.given[fact.name]
        assert isinstance(old, int)
        value = scope.symbolic.number(fact)
        low, high = scope.symbolic.range(fact)

        def within(distance: int) -> Term:
            return between(scope, value, old - distance, old + distance)

        near, far = 0, max(old - low, high - old)
        while far - near > 1:
            middle = (near + far) // 2
            near, far = (near, middle) if scope.possible([*yes, within(middle)]) else (middle, far)
        lower = scope.factory.equals(value, number(old - far))
        return lower if scope.possible([*yes, lower]) else scope.factory.equals(value, number(old + far))


def ruling_out(
    scope: CaseScope, yes: Term, facts: Mapping[str, Term], changed: frozenset[str]
) -> frozenset[str] | None:
    """Facts, all unchanged, whose terms rule out a yes; `None` if a yes is possible."""
    answer = scope.ask([yes, *(term for name, term in facts.items() if name not in changed)])
    if answer.status is Status.SATISFIABLE:
        return None
    core = set(answer.core)
    return frozenset(name for name, term in facts.items() if term in core)


# --- Days --------------------------------------------------------------------------------------------------


def nearest_days(context: SolverContext, example: Case, describe: Describe, claim: Claim) -> tuple[int, int] | None:
    """The nearest days on which a case is a yes: the next ones or, failing that, the last."""
    today = example[DATE]
    assert isinstance(today, int)
    spans = yes_spans(context, example, describe, claim)
    later = [span for span in spans if span[0] > today]
    earlier = [span for span in spans if span[1] < today]
    return later[0] if later else earlier[-1] if earlier else None


def yes_spans(context: SolverContext, example: Case, describe: Describe, claim: Claim) -> list[tuple[int, int]]:
    """The spans of days on which a case is a yes. Facts with the day of the case move with it."""
    facts = context.policy_set.facts
    still = {
        name: value
        for name, value in example.items()
        if facts[name].type != DAY or (name != DATE and value != example[DATE])
    }
    scope = context.scope(still)
    cuts = date_cuts(scope, [scope.valid, describe(scope)])
    found: list[tuple[int, int]] = []
    for span in split_days(context.policy_set, cuts):
        first, last = span.first, span.last
        assert first is not None and last is not None
        case = on_day(context.policy_set, example, first)
        if context.evaluator.violated(case) or not claim(context.evaluator, case):
            continue
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found
