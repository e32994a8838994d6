"""The plainest case in which something holds, and the part of it that matters.

Plainest is: the fewest departures from usual values; among those, the least fact by fact in order of
declaration, a usual value before all others. The result depends on the question alone: every step is a
yes-or-no question, so no whim of the solver reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..dsl.model import BOOLEAN, REGION, Case, Fact, Value
from .prover import View
from .smt import Session, Status
from .terms import Linear, Term, number


def plainest(view: View, terms: Sequence[Term]) -> dict[str, Value] | None:
    """The plainest valid case in which all the terms hold, or `None` if there is none."""
    session = view.session()
    for term in terms:
        session.require(term)
    case = view.case((), session)
    if case is None:
        return None
    return _Search(view, session, case).run()


class _Search:
    """INVARIANT: `case` satisfies everything in `fixed`."""

    def __init__(self, view: View, session: Session, case: dict[str, Value]) -> None:
        self.view = view
        self.session = session
        self.case = case
        self.fixed: list[Term] = []
        self.usual = {fact.name: view.usual(fact) for fact in view.policy_set.facts.values()}

    def run(self) -> dict[str, Value]:
        self._fewest_departures()
        for fact in self.view.policy_set.facts.values():
            if fact.name not in self.view.space.known:
                self._least(fact)
        return self.case

    def _try(self, *terms: Term) -> bool:
        """Takes on further terms if some case allows it."""
        found = self.view.case([*self.fixed, *terms], self.session)
        if found is None:
            return False
        self.case = found
        self.fixed.extend(terms)
        return True

    def _holds(self, term: Term) -> bool:
        """Whether the case at hand happens to satisfy a term."""
        from .terms import Valuation

        return Valuation(self.view.space.assignment(self.case)).truth(term)

    def _fewest_departures(self) -> None:
        """Bounds the number of departures by the least possible: a good start first, then down."""
        kept = list(self.fixed)
        for usual in self.usual.values():
            if usual is None:
                continue
            if self._holds(usual):
                self.fixed.append(usual)
            else:
                self._try(usual)
        self.fixed = kept
        departures = self.view.departures()
        while True:
            fewer = self._departures() - 1
            if fewer < 0 or not self._try_once(self.view.bank.at_most(departures, number(fewer))):
                break
        self.fixed.append(self.view.bank.at_most(departures, number(self._departures())))

    def _try_once(self, term: Term) -> bool:
        """Moves to a case in which a term holds, without keeping the term."""
        found = self.view.case([*self.fixed, term], self.session)
        if found is not None:
            self.case = found
        return found is not None

    def _departures(self) -> int:
        return sum(not self._holds(usual) for usual in self.usual.values() if usual is not None)

    # --- The least value of one fact ---

    def _least(self, fact: Fact) -> None:
        usual = self.usual[fact.name]
        if usual is not None:
            if self._holds(usual):
                self.fixed.append(usual)
                return
            if self._try(usual):
                return
        if fact.type == BOOLEAN:
            self._least_truth(fact)
        elif fact.type == REGION:
            for step in self.view.space.region(fact.name):
                self._least_number(step)
        else:
            self._least_number(self.view.space.number(fact))

    def _least_truth(self, fact: Fact) -> None:
        false = self.view.equals(fact, False)
        if self._holds(false):
            self.fixed.append(false)
        elif not self._try(false):
            self.fixed.append(self.view.equals(fact, True))

    def _least_number(self, value: Linear) -> None:
        from .terms import Valuation

        bank = self.view.bank
        low = value.low
        while True:
            high = Valuation(self.view.space.assignment(self.case)).number(value)
            if low >= high:
                break
            middle = (low + high) // 2
            if not self._try_once(bank.at_most(value, number(middle))):
                low = middle + 1
        self.fixed.append(bank.equals(value, number(low)))


def essential(view: View, case: Case, verdicts: Mapping[str, Term]) -> dict[str, Value]:
    """An inclusion-minimal part of a case from which the verdicts follow, whatever the other facts are.

    Facts are let go one by one: those of usual value first, the last declared first. `verdicts` are the
    terms that the case is shown for.
    """
    session = view.session()
    session.require(view.bank.not_(view.bank.and_(verdicts.values())))
    facts = [fact for fact in view.policy_set.facts.values() if fact.name not in view.space.known]
    meaning = {fact.name: view.equals(fact, case[fact.name]) for fact in facts}
    order = sorted(
        reversed(facts), key=lambda fact: not _is_usual(fact, case)
    )
    kept = dict.fromkeys(fact.name for fact in facts)
    enough: list[frozenset[str]] = []
    for fact in order:
        rest = [name for name in kept if name != fact.name]
        if any(core <= set(rest) for core in enough):
            del kept[fact.name]
            continue
        answer = view.ask([meaning[name] for name in rest], session)
        if answer.status is Status.UNSATISFIABLE:
            del kept[fact.name]
            core = set(answer.core)
            enough.append(frozenset(name for name in rest if meaning[name] in core))
    return {fact.name: case[fact.name] for fact in view.policy_set.facts.values()
            if fact.name in kept or fact.name in view.space.known}


def _is_usual(fact: Fact, case: Case) -> bool:
    from ..dsl.model import Constant, FactValue

    match fact.usual:
        case Constant(value=value):
            return case[fact.name] == value
        case FactValue(fact=other):
            return case[fact.name] == case[other]
        case _:
            return False
