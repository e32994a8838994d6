"""The answer over time: spans of days with one answer, and the rules that change it.

In: a question, the given facts except the date. Out: spans that together cover all days of the vocabulary, each with
its possible answers, and those possible if the facts not given are usual. Days are cut where any comparison of the
question can change, so that the days of a span are equivalent. Undoing what begins or ends on a day shows which rules
change the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policyc.dsl.model import DATE, DAY, REGION, Case, Period, PolicySet, Rule
from policyc.dsl.semantics.evaluate import Evaluator

from ..engine.cases import on_day
from ..engine.context import CaseScope, SolverContext
from ..engine.date_cuts import date_cuts
from ..engine.minimize import minimal_subset
from ..engine.witness import plainest, usual_part
from ..formula.terms import Term, number
from ..report.answers import Reason, ReasonState, TimelineSpan
from ..report.describe import date_span
from .reasons import reason_of
from .relevance import Answers

_BEGINS, _ENDS = ReasonState.BEGINS, ReasonState.ENDS

#: The evaluator's result for a case.
Outcome = Callable[[Evaluator, Case], object]


def timeline(context: SolverContext, given: Case, answers: Answers, outcome: Outcome) -> tuple[TimelineSpan, ...]:
    """The answer of a decision or a condition over time."""
    fact = context.policy_set.facts[DATE]
    return tuple(
        TimelineSpan(
            date_span(fact, stretch.first, stretch.last),
            stretch.possible[0] if len(stretch.possible) == 1 else "depends",
            stretch.possible,
            stretch.usual[0] if len(stretch.usual) == 1 else "depends",
            stretch.turned_by,
        )
        for stretch in _Timeline(context, given, answers, outcome).stretches()
    )


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days `first` to `last`, inclusive, with the same possible answers."""

    first: int
    last: int
    possible: tuple[str, ...]
    #: The possible answers if the facts not given have their usual values.
    usual: tuple[str, ...]
    #: What changed the usual answer on the first day or, failing that, the possible answers.
    turned_by: tuple[Reason, ...] = ()


@dataclass(slots=True)
class _Lens:
    """A set of cases in which the day is open: all of them, or those with usual values."""

    scope: CaseScope
    terms: Mapping[str, Term]
    #: Terms for the facts that move with the day, on a day.
    on: Callable[[int], list[Term]]

    def possible(self, day: int) -> tuple[str, ...]:
        fixed = self.on(day)
        return tuple(name for name, term in self.terms.items() if self.scope.possible([*fixed, term]))

    def case(self, day: int, name: str) -> Case:
        found = plainest(self.scope, [*self.on(day), self.terms[name]])
        assert found is not None, "the answer is possible on this day"
        return found


class _Timeline:
    def __init__(self, context: SolverContext, given: Case, answers: Answers, outcome: Outcome) -> None:
        self.context = context
        self.policy_set: PolicySet = context.policy_set
        self.fact = context.policy_set.facts[DATE]
        self.given = {name: value for name, value in given.items() if name != DATE}
        self.answers = answers
        self.outcome = outcome
        scope = context.scope(self.given)
        self.all = _Lens(scope, answers(scope), lambda day: [self._equals(scope, DATE, day)])
        self.usual = self._usual_lens(scope)

    def _usual_lens(self, scope: CaseScope) -> _Lens:
        """The cases in which facts not given are usual; days among them move with the date."""
        case = plainest(scope, ())
        filled = usual_part(scope)
        assert case is not None and filled is not None, "the given facts are possible"
        facts = self.policy_set.facts
        still = {name: value for name, value in filled.items() if name in self.given or facts[name].type != DAY}
        days = {DATE: case[DATE], **{name: value for name, value in filled.items() if name not in still}}
        usual = self.context.scope(still)

        def on(day: int) -> list[Term]:
            moved = on_day(self.policy_set, days, day)
            return [self._equals(usual, name, value) for name, value in moved.items()]

        return _Lens(usual, self.answers(usual), on)

    def _equals(self, scope: CaseScope, name: str, value: object) -> Term:
        assert isinstance(value, int)
        return scope.factory.equals(scope.symbolic.number(self.policy_set.facts[name]), number(value))

    def stretches(self) -> list[_Stretch]:
        found: list[_Stretch] = []
        starts = self._starts()
        for first, following in zip(starts, [*starts[1:], self._high + 1], strict=True):
            possible, usual = self.all.possible(first), self.usual.possible(first)
            if found and (found[-1].possible, found[-1].usual) == (possible, usual):
                last = found.pop()
                found.append(_Stretch(last.first, following - 1, possible, usual, last.turned_by))
                continue
            turned: list[Reason] = []
            if found:
                turned = list(self._turning(self.usual, first, found[-1].usual, usual))
                turned = turned or list(self._turning(self.all, first, found[-1].possible, possible))
            found.append(_Stretch(first, following - 1, possible, usual, tuple(turned)))
        return found

    @property
    def _high(self) -> int:
        assert self.fact.high is not None
        return self.fact.high

    # --- Cuts ---

    def _starts(self) -> list[int]:
        """The first days of spans within which no comparison distinguishes two days."""
        assert self.fact.low is not None
        starts = {self.fact.low}
        for lens in (self.all, self.usual):
            starts |= date_cuts(lens.scope, [lens.scope.valid, *lens.terms.values()])
        return sorted(start for start in starts if self.fact.low <= start <= self._high)

    # --- Changes of the answer ---

    def _turning(self, lens: _Lens, day: int, before: Sequence[str], after: Sequence[str]) -> Iterator[Reason]:
        """The rules that make an answer possible on a day but not on the day before, or vice versa."""
        for name in lens.terms:
            if (name in before) == (name in after):
                continue
            own, other = (day, day - 1) if name in after else (day - 1, day)
            case = lens.case(own, name)
            moved = on_day(self.policy_set, case, other)
            if self.context.evaluator.violated(moved):
                continue
            old, new = (moved, case) if name in after else (case, moved)
            if self.outcome(self.context.evaluator, old) != self.outcome(self.context.evaluator, new):
                yield from self._undoing(day, old, new)
                return

    def _undoing(self, day: int, old: Case, new: Case) -> Iterator[Reason]:
        """The fewest rules without whose beginning or end on the day the answer would stay the same."""
        rules = [rule for rule in self._rules() if day == rule.period.first or rule.period.last == day - 1]
        wanted = self.outcome(self.context.evaluator, old)

        def stays(undone: Iterable[Rule]) -> bool:
            periods = {rule.key: _undone(rule.period, day) for rule in undone}
            return self.outcome(self.context.evaluator.during(periods), new) == wanted

        if not stays(rules):  # a condition contains the date, so rules start or cease to apply
            yield from self._applying(old, new)
            return
        for rule in minimal_subset(rules, stays, rules):
            yield reason_of(rule, _BEGINS if rule.period.first == day else _ENDS)

    def _rules(self) -> list[Rule]:
        settings = self.policy_set.settings.values()
        return [*self.policy_set.norms.values(), *self.policy_set.requirements.values(), *settings]

    def _applying(self, old: Case, new: Case) -> Iterator[Reason]:
        """The rules that apply in one of two cases but not in the other."""
        for rule in self._rules():
            place = self._place(rule, new)
            if place is None:
                continue
            was, is_ = (self.context.evaluator.applying(rule, place, case) for case in (old, new))
            if was is not is_:
                yield reason_of(rule, _BEGINS if is_ else _ENDS)

    def _place(self, rule: Rule, case: Case) -> str | None:
        """The region of the case at which to evaluate a rule: that of its side, or any within its region."""
        tree, facts = self.policy_set.regions, self.policy_set.facts.values()
        places = [str(case[fact.name]) for fact in facts if fact.type == REGION]
        return next((place for place in places if tree.within(place, rule.region)), None)


def _undone(period: Period, day: int) -> Period:
    """The period without a beginning on a day or an end on the day before."""
    return Period(day + 1, day) if period.first == day else Period(period.first, None)
