"""Prime implicants: a minimal set of literals true of a case that implies a goal.

Only the given order decides which literals are dropped first: the solver only decides whether the rest suffices, and is
not asked if a case with one other value shows that it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.dsl.model import REGION, Case, Value

from ...backends.z3_backend import Status
from ...engine.context import CaseScope, ReplayFailed
from ...engine.minimize import shrink
from ...formula.terms import Term
from .predicates import Literal, Subject

#: A literal and its subject.
Pair = tuple[Subject, Literal]


class Implicants:
    def __init__(self, scope: CaseScope, goal: Term) -> None:
        self.scope = scope
        self.denial = scope.factory.not_(goal)

    def implies(self, terms: Sequence[Term]) -> bool:
        """Whether the terms imply the goal."""
        return not self.scope.possible([*terms, self.denial])

    def needed(self, literals: Sequence[Pair], fixed: Sequence[Term], case: Case) -> list[Pair]:
        """A minimal subset of the literals that implies the goal, dropping literals in order.

        All literals of one subject are tried together first.
        """
        cases: list[Case] = [case]  # starting points for cases in which a dropped literal makes the difference

        def core(rest: Sequence[Pair]) -> frozenset[Pair] | None:
            left = frozenset(rest)
            gone = [pair for pair in kept if pair not in left]
            return None if self._spoilt(gone, rest, fixed, cases) else self._core(rest, fixed, cases)

        kept = list(literals)
        enough = self._core(kept, fixed, cases)
        if enough is None:
            raise ReplayFailed("a case does not satisfy what it was found for")
        groups: dict[tuple[str, bool], list[Pair]] = {}
        for pair in literals:
            groups.setdefault((pair[0].name, pair[1].exact), []).append(pair)
        shrink(kept, core, groups.values(), enough)
        return kept

    def _spoilt(self, gone: Sequence[Pair], rest: Sequence[Pair], fixed: Sequence[Term], cases: Sequence[Case]) -> bool:
        """Whether one of a few cases, with another value of one fact, shows that a dropped literal is needed; asks no
        solver."""
        terms = (self.denial, *(literal.term for _, literal in rest), *fixed)
        return any(
            self.scope.confirms_each(moved, terms)
            for subject, literal in gone
            for value in subject.spoilers(literal, cases[0])
            for case in cases
            for moved in self._moved(case, subject.name, value)
        )

    def _moved(self, case: Case, fact: str, value: Value) -> Iterator[Case]:
        """A case with another value of a fact and, if it is a region, of all facts with the same region."""
        yield {**case, fact: value}
        old, facts = case[fact], self.scope.policy_set.facts
        if facts[fact].type == REGION:
            open_ = facts.keys() - self.scope.symbolic.known.keys()
            yield {name: value if other == old and name in open_ else other for name, other in case.items()}

    def _core(self, literals: Sequence[Pair], fixed: Sequence[Term], cases: list[Case]) -> frozenset[Pair] | None:
        """Literals that, with the fixed terms, imply the goal. `None` if they do not; then a case that shows this joins
        the few kept."""
        answer = self.scope.ask([*fixed, *(literal.term for _, literal in literals), self.denial])
        if answer.status is not Status.UNSATISFIABLE:
            cases[1:] = [self.scope.symbolic.case(answer.model), *cases[1:3]]
            return None
        needed = frozenset(answer.core)
        return frozenset(pair for pair in literals if pair[1].term in needed)
