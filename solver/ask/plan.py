"""Plans for a yes: what to arrange, in order, and whether each step is itself permitted.

In: a decision and the facts given for a day. Out: steps, in order. A fact that a decision makes true (`arrangeable by
bind`) takes that decision as a step, preceded by the steps that this one needs; the last step is the decision asked
about, on the day on which everything holds. Facts not given are usual if possible; those that must differ are named.
The reference evaluator gives each verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policyc.dsl.model import BOOLEAN, DATE, DAY, Case, EnumType, Fact, PolicySet, Value, Verdict
from policyc.dsl.model.values import format_case, format_value
from policyc.dsl.semantics.walk import Walk, found as all_of

from ..engine.cases import on_day
from ..engine.context import CaseScope, SolverContext, replay
from ..engine.departures import Departures
from ..engine.witness import abductive_explanation, plainest, usual_part, usual_value
from ..formula.terms import Term
from ..report.answers import Reason, Step
from .counterfactuals import Claim, nearest_days
from .reasons import reasons_for


@dataclass(frozen=True, slots=True)
class Doing:
    """A step: something to arrange, or a decision to ask for; days are ordinals."""

    #: `None` if the fact is simply arranged.
    decision: str | None
    #: The fact that it makes true; `None` for the decision asked about.
    fact: str | None
    value: Value | None
    day: int
    verdict: Verdict | None = None
    #: The day from which the fact holds.
    effective: int | None = None
    #: Facts that must differ from their usual values.
    assuming: Mapping[str, Value] = field(default_factory=dict)
    because: tuple[Reason, ...] = ()


def steps(context: SolverContext, decision: str, given: Case) -> tuple[Step, ...]:
    """The steps, the decision itself last; none if nothing needs to be arranged, or nothing helps."""
    if DATE not in given:
        return ()
    return tuple(_reported(context.policy_set, doing, given) for doing in _Planner(context, given).run(decision))


def _reported(policy_set: PolicySet, doing: Doing, given: Case) -> Step:
    """A step in the text form of `--set`."""

    def shown(value: Value | None) -> str | None:
        if doing.fact is None or value is None:
            return None
        return format_value(value, policy_set.facts[doing.fact].type)

    return Step(
        doing.decision,
        doing.fact,
        shown(doing.value),
        None if doing.fact is None else shown(given.get(doing.fact)),
        format_value(doing.day, DAY),
        None if doing.verdict is None else doing.verdict.value,
        None if doing.effective is None else format_value(doing.effective, DAY),
        format_case(policy_set, doing.assuming),
        doing.because,
    )


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """A case in which a decision is permitted: what to arrange for it, and what else it depends on."""

    case: Case
    needed: tuple[str, ...]
    #: The other facts that are needed.
    matter: Mapping[str, Value]
    assuming: Mapping[str, Value]


class _Planner:
    def __init__(self, context: SolverContext, given: Case) -> None:
        self.context = context
        self.facts: Mapping[str, Fact] = context.policy_set.facts
        self.given = {name: value for name, value in given.items() if not self.facts[name].arrangeable}
        #: The given facts that can be arranged, whatever their values.
        self.current = {name: value for name, value in given.items() if self.facts[name].arrangeable}
        day = given[DATE]
        assert isinstance(day, int)
        self.day = day
        self._done: dict[str, int] = {}
        self._asked: list[str] = []

    def run(self, decision: str) -> Iterator[Doing]:
        found = self._arrangement(decision, self.given, self.current)
        if found is None or not found.needed:
            return
        for step in all_of(self._before(decision, found)):
            yield step
            if step.verdict not in (None, Verdict.PERMITTED) or not self._comes_to_hold(step):
                return
        day = max([self.day, *self._done.values()])
        case = on_day(self.context.policy_set, found.case, day)
        yield self._decided(decision, None, None, case, found.assuming)

    def _before(self, decision: str, found: _Arrangement) -> Walk:
        """The steps before a decision, those without a decision first."""
        self._asked.append(decision)
        needed = sorted(found.needed, key=lambda name: self.facts[name].arranged_by is not None)
        for name in needed:
            if name in self._done:
                continue
            by = self.facts[name].arranged_by
            if by is None or by in self._asked:
                self._done[name] = self.day
                yield Doing(None, name, found.case[name], self.day)
                continue
            yield self._by_decision(by, name, found)

    def _by_decision(self, decision: str, name: str, found: _Arrangement) -> Walk:
        """The steps up to the decision that makes a fact true."""
        before = self._value_before(name, found.case)
        fixed = {**self.given, **found.matter, **({} if before is None else {name: before})}
        current = {fact: value for fact, value in self.current.items() if fact != name}
        inner = self._arrangement(decision, fixed, current)
        value = found.case[name]
        if inner is None:
            case = {**found.case, **fixed}
            yield self._later(decision, name, value, case) or self._decided(decision, name, value, case, {})
            return
        yield self._before(decision, inner)
        step = self._decided(decision, name, value, inner.case, inner.assuming)
        self._done[name] = step.effective or self.day
        yield step

    def _later(self, decision: str, name: str, value: Value, case: Case) -> Doing | None:
        """The decision on the next day on which it is permitted, if any."""
        days = nearest_days(self.context, case, lambda scope: self._permitted(scope, decision), _permits(decision))
        if days is None or days[0] < self.day:
            return None
        step = self._decided(decision, name, value, on_day(self.context.policy_set, case, days[0]), {})
        self._done[name] = step.effective or days[0]
        return step

    def _decided(
        self, decision: str, name: str | None, value: Value | None, case: Case, assuming: Mapping[str, Value]
    ) -> Doing:
        """A decision in a case, according to the evaluator."""
        verdict = self.context.evaluator.verdict(decision, case)
        declared = self.context.policy_set.decisions[decision]
        because = tuple(reasons_for(self.context.scope(case), declared, verdict, case))
        day = case[DATE]
        assert isinstance(day, int)
        effective = self._effective(name, case, day) if name and verdict is Verdict.PERMITTED else None
        return Doing(decision, name, value, day, verdict, effective, assuming, because)

    def _effective(self, name: str, case: Case, day: int) -> int | None:
        """The day from which a fact made true in a case holds, never before that of the step. `None` if the rules give
        no such day."""
        expression = self.facts[name].arranged_from
        value = day if expression is None else self.context.evaluator.value(expression, case)
        return max(value, day) if isinstance(value, int) else None

    def _comes_to_hold(self, step: Doing) -> bool:
        """Whether the fact that a decision makes true holds on a day that a case can have."""
        if step.decision is None:
            return True
        last = self.facts[DATE].high
        return step.effective is not None and (last is None or step.effective <= last)

    def _value_before(self, name: str, case: Case) -> Value | None:
        """The value of a fact before the decision: the given one, or the first other possible one."""
        if name in self.current:
            return self.current[name]
        return another_value(self.context, self.facts[name], case)

    # --- Arrangements ---

    def _arrangement(self, decision: str, fixed: Case, current: Case) -> _Arrangement | None:
        """The plainest case in which a decision is permitted, with the fewest changes of current facts; facts that
        cannot be arranged are usual if possible."""
        usual = usual_part(self.context.scope(fixed)) or {}
        ordinary = {name: value for name, value in usual.items() if not self.facts[name].arrangeable}
        found = self._arranged(decision, {**ordinary, **fixed}, current, fixed)
        return found or self._arranged(decision, fixed, current, fixed)

    def _arranged(self, decision: str, fixed: Case, current: Case, known: Case) -> _Arrangement | None:
        scope = self.context.scope(fixed)
        changed = self._changed(scope, self._permitted(scope, decision), current)
        if changed is None:
            return None
        kept = {name: value for name, value in current.items() if name not in changed}
        scope = self.context.scope({**fixed, **kept})
        case = plainest(scope, [self._permitted(scope, decision)])
        assert case is not None, "it is permitted in some case"
        replay(self.context, case, _permits(decision))
        scope = self.context.scope({**known, **kept})
        part = abductive_explanation(scope, case, [self._permitted(scope, decision)])
        matter = {name: value for name, value in part.items() if not self.facts[name].arrangeable}
        needed = [name for name in part if self.facts[name].arrangeable and name not in scope.symbolic.known]
        assuming = {
            name: value
            for name, value in matter.items()
            if name not in scope.symbolic.known and usual_value(self.facts[name], case) != value
        }
        return _Arrangement(case, tuple(needed), matter, assuming)

    def _changed(self, scope: CaseScope, permitted: Term, current: Case) -> frozenset[str] | None:
        """The fewest current facts that must change."""
        terms = {name: scope.equals(self.facts[name], value) for name, value in current.items()}
        case = scope.case([permitted])
        if case is None:
            return None
        kept = Departures(scope, [permitted], case, terms, current, first_depart=True).fewest()
        return frozenset(terms.keys() - kept)

    @staticmethod
    def _permitted(scope: CaseScope, decision: str) -> Term:
        return scope.decisions.decision(decision)[Verdict.PERMITTED]


def _permits(decision: str) -> Claim:
    """The claim that a decision is permitted in a case."""
    return lambda evaluator, case: evaluator.verdict(decision, case) is Verdict.PERMITTED


def another_value(context: SolverContext, fact: Fact, case: Case) -> Value | None:
    """The first other value that a Boolean or enum fact can have in a case, all else being equal."""
    options: list[Value] = []
    if fact.type == BOOLEAN:
        options = [not case[fact.name]]
    elif isinstance(fact.type, EnumType):
        options = list(context.policy_set.enums[fact.type.name].members)
    for option in options:
        if option != case[fact.name] and not context.evaluator.violated({**case, fact.name: option}):
            return option
    return None
