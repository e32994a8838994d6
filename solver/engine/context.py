"""Questions about all cases of a policy set: possible or not, and if so, which case shows it.

A `SolverContext` has everything that the questions of one run share. What Z3 cannot decide in time raises `Undecided`,
which is neither yes nor no. `replay` confirms a case through the reference evaluator before anyone sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from math import ceil
from time import perf_counter
from typing import Any, TypeVar

from policyc.dsl.model import BOOLEAN, REGION, Case, Constant, Fact, FactValue, PolicySet, Value
from policyc.dsl.model.regions import R, RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.system import limits
from policyc.dsl.system.digests import digest

from ..backends.answer_codec import ANSWER, decode, encode
from ..backends.second_opinion import Purpose
from ..backends.z3_backend import Answer, Session, Status, Translator
from ..encoding.decisions import DecisionEncoder
from ..encoding.rule_index import RuleIndex
from ..encoding.symbolic_case import Area, SymbolicCase
from ..formula.bitset import Simulation, Variant
from ..formula.evaluate import Valuations
from ..formula.factory import TermFactory
from ..formula.smtlib import SatQuery
from ..formula.terms import Linear, Term
from .minimize import minimal_subset
from .parallel import share
from .shared_context import SharedContext

T = TypeVar("T")


#: How many small questions, such as whether a rule can apply, have the time of one if they are answered together.
TOGETHER = 20

#: Z3's messages when it may not take more memory.
_MEMORY = re.compile("memory|memout")


class ReplayFailed(Exception):
    """The reference evaluator does not confirm the solver's claim: a defect of policyc."""


class SolverContext:
    def __init__(
        self,
        policy_set: PolicySet,
        timeout: float | None = None,
        known: Case | None = None,
        common: SharedContext | None = None,
    ) -> None:
        """`timeout` is in seconds for each question as a whole; only cases with the `known` facts count. `common` is
        shared with other contexts of the same set."""
        self.policy_set = policy_set
        self.timeout = limits.DEFAULT_SECONDS if timeout is None else timeout
        self.known = dict(known or {})
        self.factory = TermFactory()
        self.common = common or SharedContext(policy_set)
        self.rule_index = self.common.rule_index
        self.evaluator = self.common.evaluator
        self.valuations = Valuations()
        self._paths = self.common.paths
        self._areas: dict[tuple[str, Area], CaseScope] = {}
        self.questions = 0

    def rebuilt(self) -> Any:
        """Another process has terms and solvers of its own."""
        return SolverContext, (self.policy_set, self.timeout, self.known, self.common)

    @contextmanager
    def question(self, count: int = 1, purpose: Purpose | None = None) -> Iterator[None]:
        """A block with the time for one question; raises `Undecided` when it is over. `count` small questions that are
        answered together have the time of one per `TOGETHER`. The answer to the `purpose` rests on whatever is refuted in
        the block, in any context."""
        confirmation = self.common.confirmation
        before = 0 if confirmation is None else confirmation.questions
        try:
            with limits.limited(self.timeout * ceil(max(count, 1) / TOGETHER)):
                yield
        finally:
            if confirmation is not None and purpose is not None:
                confirmation.rests_on(purpose, range(before, confirmation.questions))

    def doubted(self, purpose: Purpose) -> Status | None:
        """The second solver's answer, if there is one and it did not confirm a refutation for this purpose."""
        confirmation = self.common.confirmation
        return None if confirmation is None else confirmation.doubted(purpose)

    @contextmanager
    def isolated(self, *, fresh: bool = True) -> Iterator[SolverContext]:
        """A block with a context whose terms and solvers are discarded afterwards; this one unless `fresh`."""
        if not fresh:
            yield self
            return
        with SolverContext(self.policy_set, self.timeout, self.known, self.common).disposable() as context:
            yield context

    @contextmanager
    def disposable(self) -> Iterator[SolverContext]:
        """A block after which the scopes are dropped, since they keep this context and much of Z3 alive."""
        try:
            yield self
        finally:
            self.__dict__.pop("whole", None)
            self._areas.clear()

    def share(self, tasks: Sequence[Callable[[], T]]) -> list[T]:
        """The results of tasks about the set, which several processes may share; what they learn is kept. A task that
        kills every process that tries it stays undecided."""
        common = self.common
        return share(tasks, common.jobs, self.policy_set.files, common.cache, last=limits.given_up, watch=common.watch)

    @cached_property
    def translator(self) -> Translator:
        """The translator; the first question that needs it loads Z3."""
        return Translator()

    @cached_property
    def whole(self) -> CaseScope:
        """All cases."""
        return self.scope()

    def within(self, fact: str, region: str) -> CaseScope:
        """The cases in which a region fact lies in a region, if one is named; their encoding is simpler."""
        if not fact or not region or self.policy_set.regions.is_root(region):
            return self.whole
        return self.area(fact, Area(region))

    def area(self, fact: str, area: Area) -> CaseScope:
        """The cases in which a region fact lies in an area."""
        key = (fact, area)
        if key not in self._areas:
            self._areas[key] = self.scope(areas={fact: area})
        return self._areas[key]

    def refined(self, rule_index: RuleIndex, *, same_solvers: bool = False) -> SolverContext:
        """The same with a better rule index: it shares terms, and has scopes of its own. Its whole scope can keep the
        solvers, as long as these were only asked about facts."""
        other = copy(self)
        other.common, other.rule_index = self.common.refined(rule_index), rule_index
        other._areas = {}
        whole = other.__dict__.pop("whole", None)
        if same_solvers and whole is not None:
            other.whole.sessions = whole.sessions
        return other

    def edited(self, policy_set: PolicySet, rule_index: RuleIndex) -> SolverContext:
        """The same for a set that differs in its rules only: it shares terms, so that the two can be compared in one
        case, and has scopes of its own."""
        other = copy(self)
        other.policy_set, other.rule_index = policy_set, rule_index
        other.common = SharedContext(policy_set, self.common.cache, rule_index, self.common.confirmation)
        other.evaluator = other.common.evaluator
        other.translator = self.translator
        other._areas = {}
        other.__dict__.pop("whole", None)
        return other

    def scope(
        self,
        known: Case | None = None,
        areas: Mapping[str, Area] | None = None,
        copied: frozenset[str] = frozenset(),
        *,
        over_approximate: bool = False,
        given: Mapping[str, Linear] | None = None,
    ) -> CaseScope:
        """The cases in which some facts are known, or some regions lie in given areas. `copied` facts have other
        variables than in other scopes; `given` numbers follow from other facts, so these cases are not for solving. `over_approximate` lets products and amounts that rules set be arbitrary within
        their bounds: what is impossible then is impossible, but not vice versa."""
        known = {**self.known, **(known or {})}
        restricted = bool(known.keys() - self.known.keys() or areas or copied or given)
        ground = self.whole.symbolic if restricted else None
        symbolic = SymbolicCase(self.policy_set, self.factory, known, areas, self._paths, copied, ground, given)
        return CaseScope(self, symbolic, over_approximate)


class CaseScope:
    """Some of the cases, with encoders of expressions, rules and decisions, and a solver to ask."""

    def __init__(self, context: SolverContext, symbolic: SymbolicCase, over_approximate: bool) -> None:
        self.context = context
        self.policy_set = context.policy_set
        self.symbolic = symbolic
        self.factory = symbolic.factory
        larger = None if symbolic.ground is None or over_approximate else context.whole.decisions
        self.decisions: DecisionEncoder = DecisionEncoder(symbolic, context.rule_index, larger, over_approximate)
        self.expressions, self.rules = self.decisions.expressions, self.decisions.rules
        self.sessions: dict[frozenset[Term], Session] = {}

    @cached_property
    def axioms(self) -> Mapping[str, Term]:
        """The axioms as terms, by name."""
        return {
            axiom.name: self.factory.not_(self.expressions.fails(axiom.condition)) for axiom in self.policy_set.axioms
        }

    @cached_property
    def names(self) -> Mapping[Term, str]:
        """Names for the terms that limit the cases, for the solver."""
        bounds = {term: f"bounds {fact}" for fact, term in self.symbolic.validity.items()}
        return {**bounds, **{term: f"axiom {name}" for name, term in self.axioms.items()}}

    def session(self, *, with_axioms: bool = True) -> Session:
        """A new solver that knows which cases are valid."""
        context = self.context
        session = Session(lambda: context.translator, self.names)
        for term in self.symbolic.validity.values():
            session.require(term)
        if with_axioms:
            for term in self.axioms.values():
                session.require(term)
        return session

    def _session_for(self, terms: Sequence[Term]) -> Session:
        """The solver for single questions. Questions with exact arithmetic have solvers of their own, since a solver
        keeps everything that it was ever asked about."""
        heavy = frozenset(term for term in terms if self.factory.arithmetic(term))
        if heavy not in self.sessions:
            self.sessions[heavy] = self.session()
        return self.sessions[heavy]

    # --- Places ---

    def near(self, fact: str, rules: RegionIndex[R]) -> list[R]:
        """The rules that can apply here, by a region fact."""
        area = self.symbolic.areas.get(fact)
        return rules.near(None if area is None else area.top)

    def reaches(self, fact: str, region: str) -> bool:
        """Whether a region, or one below it, is possible here as the value of a region fact."""
        area = self.symbolic.areas.get(fact)
        return area is None or self.policy_set.regions.nested(region, area.top)

    # --- Questions ---

    def ask(
        self,
        terms: Sequence[Term],
        session: Session | None = None,
        *,
        one_of: Sequence[Term] = (),
        with_model: bool = True,
    ) -> Answer:
        """Satisfiable with a model, or unsatisfiable; raises `Undecided` otherwise."""
        if self.factory.false in terms:
            return Answer(Status.UNSATISFIABLE, {}, (self.factory.false,))
        limits.tick()
        if limits.remaining() is None:
            with self.context.question():
                return self.ask(terms, session, one_of=one_of, with_model=with_model)
        self.context.questions += 1
        session = session or self._session_for(terms)
        start = perf_counter()
        answer = self._answer(session, terms, one_of, with_model=with_model)
        if answer.status is Status.UNKNOWN:
            raise limits.OutOfMemory if _MEMORY.search(answer.reason) else limits.OutOfTime
        confirmation = self.context.common.confirmation
        if answer.status is Status.UNSATISFIABLE and confirmation is not None:
            required = {term: self.names.get(term, "") for term in session.required}
            confirmation.refuted(required, SatQuery(terms, one_of), perf_counter() - start)
        return answer

    def _answer(self, session: Session, terms: Sequence[Term], one_of: Sequence[Term], *, with_model: bool) -> Answer:
        """The solver's answer, or that of an earlier run."""
        cache = self.context.common.cache
        if cache is None:
            return session.check(terms, one_of, with_model=with_model)
        groups = [[self.factory.digest(term) for term in group] for group in (session.required, terms, one_of)]
        key = digest(ANSWER, bytes([with_model]), *(digest(*group) for group in groups))
        known = cache.recall(key)
        if known is not None and (answer := decode(known, terms)) is not None:
            return answer
        answer = session.check(terms, one_of, with_model=with_model)
        if answer.status is not Status.UNKNOWN:
            cache.keep(key, encode(answer, terms))
        return answer

    def case(self, terms: Sequence[Term], session: Session | None = None) -> dict[str, Value] | None:
        """A valid case in which all the terms hold, or `None` if there is none."""
        answer = self.ask(terms, session)
        return self.symbolic.case(answer.model) if answer.status is Status.SATISFIABLE else None

    def possible(self, terms: Sequence[Term], session: Session | None = None) -> bool:
        return self.ask(terms, session, with_model=False).status is Status.SATISFIABLE

    def minimal_core(self, given: Mapping[str, Term]) -> list[str] | None:
        """A minimal set of axioms and given facts, by name, that cannot hold together; `None` if all can. Tries to drop
        the axioms first, each kind in reverse order."""
        terms, session = {**self.axioms, **given}, self.session(with_axioms=False)

        def contradict(names: Iterable[str]) -> bool:
            answer = self.ask([terms[name] for name in names], session)
            return answer.status is Status.UNSATISFIABLE

        if not contradict(terms):
            return None
        return minimal_subset(list(terms), contradict, [*reversed([*self.axioms]), *reversed([*given])])

    # --- Single cases ---

    def simulate(self, cases: Sequence[Case], variants: Sequence[Variant] = ({},)) -> Simulation:
        """A simulation of terms of this scope in some cases, each in all variants."""
        return Simulation(self.symbolic.columns(cases) if cases else {}, len(cases), variants)

    def holding(self, terms: Sequence[Term], case: Case) -> list[bool]:
        """Which of many terms hold in a case; worthwhile if the same terms are asked about again."""
        return self.context.valuations.truths(tuple(terms), self.symbolic.assignment(case))

    def holds(self, term: Term, case: Case) -> bool:
        """Whether a term holds in a case."""
        return self.context.valuations.truth(term, self.symbolic.assignment(case))

    def amount(self, number_: Linear, case: Case) -> int:
        return self.context.valuations.number(number_, self.symbolic.assignment(case))

    def confirms(self, case: Case, terms: Sequence[Term]) -> bool:
        """Whether a case belongs to this scope, is valid, and satisfies some terms; asks no solver."""
        return self.confirmed([case], self.factory.and_(terms))[0]

    def confirms_each(self, case: Case, terms: Iterable[Term]) -> bool:
        """The same for terms that are asked about repeatedly: each is compiled once."""
        if not self.includes(case):
            return False
        truth, assignment = self.context.valuations.truth, self.symbolic.assignment(case)
        return all(truth(term, assignment) for term in terms) and truth(self.context.whole.lawful, assignment)

    def confirmed(self, cases: Sequence[Case], term: Term) -> list[bool]:
        """Which of some cases belong to this scope, are valid, and satisfy a term; asks no solver."""
        found = [self.includes(case) for case in cases]
        inside = [case for case, included in zip(cases, found, strict=True) if included]
        if not inside:
            return found
        simulation = self.simulate(inside)
        mask = simulation.mask(term)
        mask = mask & simulation.mask(self.context.whole.lawful) if mask else 0
        held = iter([bool(mask >> place & 1) for place in range(len(inside))])
        return [included and next(held) for included in found]

    def includes(self, case: Case) -> bool:
        """Whether a case has the known facts of this scope, and its regions lie in the areas."""
        if any(case[fact] != value for fact, value in self.symbolic.known.items()):
            return False
        tree = self.policy_set.regions
        return all(area.contains(tree, str(case[fact])) for fact, area in self.symbolic.areas.items())

    @cached_property
    def valid(self) -> Term:
        """That an assignment is a valid case of this scope."""
        return self.factory.and_((*self.symbolic.validity.values(), self.lawful))

    @cached_property
    def lawful(self) -> Term:
        """That a case of this scope, with values of its facts, is valid."""
        return self.factory.and_(self.axioms.values())

    # --- Facts as terms ---

    def equals(self, fact: Fact, value: Value) -> Term:
        """That a fact has a value."""
        if fact.type == BOOLEAN:
            truth = self.symbolic.truth(fact.name)
            return truth if value else self.factory.not_(truth)
        if fact.type == REGION:
            return self.symbolic.same(self.symbolic.region(fact.name), self.symbolic.place(str(value)))
        return self.factory.equals(self.symbolic.number(fact), self.symbolic.constant(value, fact))

    def usual(self, fact: Fact) -> Term | None:
        """That a fact has its usual value; `None` if it has none."""
        match fact.usual:
            case None:
                return None
            case Constant(value=value):
                return self.equals(fact, value)
            case FactValue(fact=other):
                return self._same(fact, self.policy_set.facts[other])

    def _same(self, one: Fact, other: Fact) -> Term:
        if one.type == BOOLEAN:
            return self.factory.iff(self.symbolic.truth(one.name), self.symbolic.truth(other.name))
        if one.type == REGION:
            return self.symbolic.same(self.symbolic.region(one.name), self.symbolic.region(other.name))
        return self.factory.equals(self.symbolic.number(one), self.symbolic.number(other))

    def given(self, case: Case, facts: Iterable[str]) -> list[Term]:
        """That some facts have the values they have in a case."""
        return [self.equals(self.policy_set.facts[name], case[name]) for name in facts]


def replay(context: SolverContext, case: Case, claim: Callable[[Evaluator, Case], bool]) -> None:
    """Replays a case through the reference evaluator: it must be valid, and as claimed."""
    broken = context.evaluator.violated(case)
    if broken:
        raise ReplayFailed(f"the case breaks {', '.join(broken)}: {dict(case)}")
    if not claim(context.evaluator, case):
        raise ReplayFailed(f"the reference evaluator decides this case otherwise: {dict(case)}")
