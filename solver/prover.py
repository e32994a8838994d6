"""Questions about all cases of a policy set: possible or not, and if so, which case shows it.

A `Prover` holds what the questions of one run share. Every case it hands out is valid and has been replayed
through the reference evaluator; what Z3 cannot settle in time raises `Undecided`, which is neither a yes nor
a no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..dsl.evaluate import Evaluator
from ..dsl.model import BOOLEAN, REGION, Case, Constant, Fact, FactValue, PolicySet, Value
from .encode import Background
from .sides import Verdicts
from .smt import Answer, Session, Status, Translator
from .space import Area, RegionPaths, Space
from .terms import Bank, Linear, Term, number


class Undecided(Exception):
    """A question that could not be answered in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ReplayFailed(Exception):
    """The reference evaluator does not confirm what the solver claims: a defect of policyc."""


class Prover:
    def __init__(self, policy_set: PolicySet, timeout: float | None = None) -> None:
        """`timeout` is in seconds for each question to the solver."""
        self.policy_set = policy_set
        self.timeout = timeout
        self.bank = Bank()
        self.background = Background(policy_set)
        self.evaluator = Evaluator(policy_set)
        self._paths = RegionPaths(policy_set.regions)
        self._translator: Translator | None = None
        self._whole: View | None = None
        self.questions = 0

    @property
    def translator(self) -> Translator:
        """Z3 is loaded when the first question reaches it."""
        if self._translator is None:
            self._translator = Translator()
        return self._translator

    @property
    def whole(self) -> View:
        """All cases."""
        if self._whole is None:
            self._whole = self.view()
        return self._whole

    def view(self, known: Case | None = None, areas: Mapping[str, Area] | None = None) -> View:
        """The cases in which some facts are known, or some regions lie in given areas."""
        return View(self, Space(self.policy_set, self.bank, known, areas, self._paths))


class View:
    """Some of the cases, with terms for everything that can be said of them and a solver to ask."""

    def __init__(self, prover: Prover, space: Space) -> None:
        self.prover = prover
        self.policy_set = prover.policy_set
        self.space = space
        self.bank = space.bank
        self.terms = Verdicts(space, prover.background)
        self._session: Session | None = None
        self._axioms: dict[str, Term] | None = None

    @property
    def axioms(self) -> Mapping[str, Term]:
        """What holds in every case that can exist, by name."""
        if self._axioms is None:
            self._axioms = {
                axiom.name: self.bank.not_(self.terms.fails(axiom.condition)) for axiom in self.policy_set.axioms
            }
        return self._axioms

    def session(self, *, with_axioms: bool = True) -> Session:
        """A fresh solver that knows which cases are valid."""
        session = Session(self.prover.translator, self.prover.timeout)
        for term in self.space.validity().values():
            session.require(term)
        if with_axioms:
            for term in self.axioms.values():
                session.require(term)
        return session

    @property
    def shared(self) -> Session:
        if self._session is None:
            self._session = self.session()
        return self._session

    # --- Questions ---

    def ask(self, terms: Sequence[Term], session: Session | None = None) -> Answer:
        """Satisfiable with a model, or unsatisfiable; raises `Undecided` on anything else."""
        if self.bank.false in terms:
            return Answer(Status.UNSATISFIABLE, {}, (self.bank.false,))
        self.prover.questions += 1
        answer = (session or self.shared).check(terms)
        if answer.status is Status.UNKNOWN:
            raise Undecided(answer.reason)
        return answer

    def case(self, terms: Sequence[Term], session: Session | None = None) -> dict[str, Value] | None:
        """A valid case in which all the terms hold, or `None` if there is none."""
        answer = self.ask(terms, session)
        return self.space.case(answer.model) if answer.status is Status.SATISFIABLE else None

    def possible(self, terms: Sequence[Term], session: Session | None = None) -> bool:
        return self.ask(terms, session).status is Status.SATISFIABLE

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

    def departures(self) -> Linear:
        """How many facts depart from their usual values."""
        total = number(0)
        for fact in self.policy_set.facts.values():
            usual = self.usual(fact)
            if usual is not None:
                total = total + self.bank.choose(usual, number(0), number(1))
        return total

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
