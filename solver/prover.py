"""Questions about all cases of a policy set: possible or not, and if so, which case shows it.

A `Prover` holds what the questions of one run share. Every case it hands out is valid and has been replayed
through the reference evaluator; what Z3 cannot settle in time raises `Undecided`, which is neither a yes nor
a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from ..dsl.evaluate import Evaluator
from ..dsl.model import BOOLEAN, REGION, Case, Constant, Fact, FactValue, PolicySet, Value
from .parameters import Background
from .sides import Verdicts
from .smt import Answer, Session, Status, Translator
from .space import Area, RegionPaths, Space
from .terms import Bank, Linear, Term, Valuations


class Undecided(Exception):
    """A question that could not be answered in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReplayFailed(Exception):
    """The reference evaluator does not confirm what the solver claims: a defect of policyc."""


class Prover:
    def __init__(
        self, policy_set: PolicySet, timeout: float | None = None, known: Case | None = None
    ) -> None:
        """`timeout` is in seconds for each question to the solver; only cases with the `known` facts are
        looked at."""
        self.policy_set = policy_set
        self.timeout = timeout
        self.known = dict(known or {})
        self.bank = Bank()
        self.background = Background(policy_set)
        self.evaluator = Evaluator(policy_set)
        self.valuations = Valuations()
        self._paths = RegionPaths(policy_set.regions)
        self._within: dict[tuple[str, str], View] = {}
        self.questions = 0

    @cached_property
    def translator(self) -> Translator:
        """Z3 is loaded when the first question reaches it."""
        return Translator()

    @cached_property
    def whole(self) -> View:
        """All cases."""
        return self.view()

    def within(self, fact: str, region: str) -> View:
        """The cases in which a region fact lies in a region; everything else there is simpler."""
        if not fact or self.policy_set.regions.is_root(region):
            return self.whole
        key = (fact, region)
        if key not in self._within:
            self._within[key] = self.view(areas={fact: Area(region)})
        return self._within[key]

    @cached_property
    def sample_regions(self) -> list[Value]:
        """A few regions unlike each other: the first two provinces, and two below each of some others."""
        tree = self.policy_set.regions
        provinces = [code for code in tree.values() if tree.province(code) == code]
        inner = [code for province in provinces[2::6] for code in tree.children(province)[:2]]
        return [*provinces[:2], *inner, *provinces[-1:]]

    def view(
        self,
        known: Case | None = None,
        areas: Mapping[str, Area] | None = None,
        copied: frozenset[str] = frozenset(),
        *,
        opaque: bool = False,
    ) -> View:
        """The cases in which some facts are known, or some regions lie in given areas. `copied` facts are
        other variables than in other views; in an `opaque` view products and amounts that rules set can be
        anything within their bounds, so that what is impossible there is impossible, and no more is said."""
        known = {**self.known, **(known or {})}
        space = Space(self.policy_set, self.bank, known, areas, self._paths, copied)
        return View(self, space, opaque)


class View:
    """Some of the cases, with terms for everything that can be said of them and a solver to ask."""

    def __init__(self, prover: Prover, space: Space, opaque: bool) -> None:
        self.prover = prover
        self.policy_set = prover.policy_set
        self.space = space
        self.bank = space.bank
        self.terms = Verdicts(space, prover.background, opaque)
        self._sessions: dict[frozenset[Term], Session] = {}

    @cached_property
    def axioms(self) -> Mapping[str, Term]:
        """What holds in every case that can exist, by name."""
        return {
            axiom.name: self.bank.not_(self.terms.fails(axiom.condition)) for axiom in self.policy_set.axioms
        }

    @cached_property
    def names(self) -> Mapping[Term, str]:
        """What the terms that limit the cases are called, for the solver's own books."""
        bounds = {term: f"bounds {fact}" for fact, term in self.space.validity().items()}
        return {**bounds, **{term: f"axiom {name}" for name, term in self.axioms.items()}}

    def session(self, *, with_axioms: bool = True) -> Session:
        """A fresh solver that knows which cases are valid."""
        session = Session(self.prover.translator, self.prover.timeout, self.names)
        for term in self.space.validity().values():
            session.require(term)
        if with_axioms:
            for term in self.axioms.values():
                session.require(term)
        return session

    def _session_for(self, terms: Sequence[Term]) -> Session:
        """The solver for single questions. What rests on exact arithmetic has a solver of its own, since a
        solver drags along everything that it was ever asked about."""
        heavy = frozenset(term for term in terms if self.bank.arithmetic(term))
        if heavy not in self._sessions:
            self._sessions[heavy] = self.session()
        return self._sessions[heavy]

    # --- Questions ---

    def ask(
        self,
        terms: Sequence[Term],
        session: Session | None = None,
        *,
        one_of: Sequence[Term] = (),
        with_model: bool = True,
    ) -> Answer:
        """Satisfiable with a model, or unsatisfiable; raises `Undecided` on anything else."""
        if self.bank.false in terms:
            return Answer(Status.UNSATISFIABLE, {}, (self.bank.false,))
        self.prover.questions += 1
        answer = (session or self._session_for(terms)).check(terms, one_of, with_model=with_model)
        if answer.status is Status.UNKNOWN:
            raise Undecided(answer.reason)
        return answer

    def case(self, terms: Sequence[Term], session: Session | None = None) -> dict[str, Value] | None:
        """A valid case in which all the terms hold, or `None` if there is none."""
        answer = self.ask(terms, session)
        return self.space.case(answer.model) if answer.status is Status.SATISFIABLE else None

    def possible(self, terms: Sequence[Term], session: Session | None = None) -> bool:
        return self.ask(terms, session, with_model=False).status is Status.SATISFIABLE

    # --- Single cases ---

    def holding(self, terms: Sequence[Term], case: Case) -> list[bool]:
        """Which of many terms are true of a case."""
        return self.prover.valuations.truths(tuple(terms), self.space.assignment(case))

    def holds(self, term: Term, case: Case) -> bool:
        """Whether a term is true of a case."""
        return self.prover.valuations.truth(term, self.space.assignment(case))

    def amount(self, number_: Linear, case: Case) -> int:
        return self.prover.valuations.number(number_, self.space.assignment(case))

    def confirms(self, case: Case, terms: Iterable[Term]) -> bool:
        """Whether a case belongs to this view, is valid, and satisfies some terms; asks no solver."""
        tree = self.policy_set.regions
        if any(case[fact] != value for fact, value in self.space.known.items()):
            return False
        for fact, area in self.space.areas.items():  # what all of an area share is no variable here
            if not tree.within(str(case[fact]), area.top):
                return False
        assignment, truth = self.space.assignment(case), self.prover.valuations.truth
        whole = self.prover.whole.valid  # compiled once for all views
        return all(truth(term, assignment) for term in terms) and truth(whole, assignment)

    @cached_property
    def valid(self) -> Term:
        """What makes an assignment a valid case of this view."""
        return self.bank.and_((*self.space.validity().values(), *self.axioms.values()))

    # --- Facts as terms ---

    def equals(self, fact: Fact, value: Value) -> Term:
        """That a fact has a value."""
        if fact.type == BOOLEAN:
            truth = self.space.truth(fact.name)
            return truth if value else self.bank.not_(truth)
        if fact.type == REGION:
            return self.space.same(self.space.region(fact.name), self.space.place(str(value)))
        return self.bank.equals(self.space.number(fact), self.space.constant(value, fact))

    def usual(self, fact: Fact) -> Term | None:
        """That a fact has its usual value, where it has one."""
        match fact.usual:
            case None:
                return None
            case Constant(value=value):
                return self.equals(fact, value)
            case FactValue(fact=other):
                return self._same(fact, self.policy_set.facts[other])

    def _same(self, one: Fact, other: Fact) -> Term:
        if one.type == BOOLEAN:
            return self.bank.iff(self.space.truth(one.name), self.space.truth(other.name))
        if one.type == REGION:
            return self.space.same(self.space.region(one.name), self.space.region(other.name))
        return self.bank.equals(self.space.number(one), self.space.number(other))

    def given(self, case: Case, facts: Iterable[str]) -> list[Term]:
        """That some facts have the values they have in a case."""
        return [self.equals(self.policy_set.facts[name], case[name]) for name in facts]


def replay(prover: Prover, case: Case, claim: Callable[[Evaluator, Case], bool]) -> None:
    """Holds a case against the reference evaluator: valid, and as claimed."""
    broken = prover.evaluator.violated(case)
    if broken:
        raise ReplayFailed(f"the case breaks {', '.join(broken)}: {dict(case)}")
    if not claim(prover.evaluator, case):
        raise ReplayFailed(f"the reference evaluator decides this case otherwise: {dict(case)}")
