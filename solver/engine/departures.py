"""Finds the fewest facts that must depart from their usual values; among equally few, the last declared.

In: a scope, what must hold, a case in which it holds, and the terms for the usual values. Out: which facts depart.
The answer is unique, so it does not depend on which cases the solver finds.

A few cores settle most questions: usual values that cannot hold together, so that one must go. If cores overlap, as
with points that many facts add up to, there are exponentially many. Then the departures are counted: they are a sum of
numbers that are 0 or 1, and bisection finds the least bound on it that allows a case. A solver of linear arithmetic
relates this sum directly to the sums that rules make of the same facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from policyc.dsl.model import Case, Value

from ..backends.z3_backend import Status
from ..formula.intervals import intervals
from ..formula.terms import IntTerm, Linear, Term, comparisons, fact_of, number
from .context import CaseScope
from .minimize import smallest_hitting_set

#: How many cores are found before departures are counted.
FEW_CORES = 4


class Departures:
    """INVARIANT: `case` is valid and satisfies everything in `fixed`."""

    def __init__(
        self,
        scope: CaseScope,
        fixed: Sequence[Term],
        case: dict[str, Value],
        usual: Mapping[str, Term],
        values: Case,
        *,
        first_depart: bool = False,
    ) -> None:
        """`values` are the constant usual values. Among equally few departures, the last declared facts depart, or the
        first."""
        self.first_depart = first_depart
        self.values = values
        self.scope = scope
        self.fixed = list(fixed)
        self.case = case
        self.usual = usual

    def fewest(self) -> set[str]:
        """The facts to keep usual; they are usual in `case` afterwards, and `fixed` requires it."""
        departing = self._by_cores()
        kept = [name for name in self.usual if name not in departing]
        self.fixed += [self.usual[name] for name in kept]
        return set(kept)

    # --- By cores ---

    def _by_cores(self) -> frozenset[str]:
        """By implicit hitting sets: the departures of any case hit every core, so the best set that hits the cores
        known so far either works, and then it is optimal, or yields a new core."""
        # A usual value that is fixed holds in every case, so it is left out of the cores.
        meaning = {term: name for name, term in self.usual.items() if term not in self.fixed}
        cores: list[frozenset[str]] = []
        while True:
            departing = smallest_hitting_set(list(self.usual), cores, with_first=self.first_depart)
            kept = [term for name, term in self.usual.items() if name not in departing]
            answer = self.scope.ask([*self.fixed, *kept])
            if answer.status is Status.SATISFIABLE:
                self.case = self.scope.symbolic.case(answer.model)
                return departing
            cores.append(frozenset(meaning[term] for term in answer.core if term in meaning))
            if len(cores) == FEW_CORES:
                return self._by_counting(len(departing))

    # --- By counting ---

    def _by_counting(self, least: int) -> frozenset[str]:
        """By bisection; `least` is a known lower bound on the number of departures."""
        steps = {name: self._departs(term) for name, term in self.usual.items()}
        total = _sum(steps.values())
        given = [*self.fixed, *self._cuts(steps)]
        self._lower(given, total, least)
        given.append(self.scope.factory.at_most(total, number(self._count())))
        return self._first_chosen(given)

    def _departs(self, usual: Term) -> Linear:
        """1 if a fact departs, else 0."""
        return self.scope.factory.choose(usual, number(0), number(1))

    def _count(self) -> int:
        return sum(not self.scope.holds(term, self.case) for term in self.usual.values())

    def _lower(self, given: Sequence[Term], total: Linear, least: int) -> None:
        """Moves to a case with the fewest departures."""
        while least < (most := self._count()):
            middle = (least + most) // 2
            if not self._move([*given, self.scope.factory.at_most(total, number(middle))]):
                least = middle + 1

    def _move(self, terms: Sequence[Term]) -> bool:
        found = self.scope.case(terms)
        if found is not None:
            self.case = found
        return found is not None

    def _first_chosen(self, given: list[Term]) -> frozenset[str]:
        """Among equally few departures, those that spare the first declared facts, or those that include them."""
        departing: set[str] = set()
        most, factory = self._count(), self.scope.factory
        for name, term in self.usual.items():
            if len(departing) == most:
                break  # no other fact departs
            wanted = factory.not_(term) if self.first_depart else term
            can_be = self.scope.holds(wanted, self.case) or self._move([*given, wanted])
            given.append(wanted if can_be else factory.not_(wanted))
            if can_be == self.first_depart:
                departing.add(name)
        return frozenset(departing)

    def _cuts(self, steps: Mapping[str, Linear]) -> list[Term]:
        """Redundant constraints that speed up the search: a number leaves the bounds that it has with usual values only
        if a fact that it depends on departs, so each departure can exceed them by a limited amount."""
        factory, found = self.scope.factory, list[Term]()
        assignment = self.scope.symbolic.assignment({**self.case, **self.values})
        usual = {name: value for name, value in assignment.items() if fact_of(name) in self.values}
        atoms = _summands(self.fixed)
        known = intervals(atoms, usual)
        for atom in atoms:
            low, high = known[atom]
            depends_on = factory.mentioned(factory.at_most(_one(atom), number(0)))
            departures = _sum(steps[name] for name in sorted(depends_on & self.values.keys()))
            above = _one(atom) - departures.scaled(atom.high - high)
            below = departures.scaled(low - atom.low) + _one(atom)
            found += [factory.at_most(above, number(high)), factory.at_most(number(low), below)]
        return [cut for cut in found if cut is not factory.true]


def _one(atom: IntTerm) -> Linear:
    return Linear(((1, atom),), 0)


def _sum(numbers: Iterable[Linear]) -> Linear:
    return sum(numbers, number(0))


def _summands(terms: Sequence[Term]) -> list[IntTerm]:
    """The choices in sums of several numbers."""
    sums = [term.linear for term in comparisons(terms) if term.linear is not None]
    found = dict.fromkeys(
        atom for linear in sums if len(linear.parts) > 1 for _, atom in linear.parts if atom.condition is not None
    )
    return list(found)
