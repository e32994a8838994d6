"""Prime implicants: from things that are true of a case, to those of them from which a goal follows and none of
which can be left out.

What is let go first depends on the order given, and on nothing else: the solver only says whether the rest is
enough. Where a case with one other value shows that it is not, the solver is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..dsl.model import REGION, Case, Value
from .conditions import Literal, Subject
from .prover import ReplayFailed, View
from .smt import Status
from .terms import Term

#: A literal and what it speaks of.
Pair = tuple[Subject, Literal]


class Implicants:
    def __init__(self, view: View, goal: Term) -> None:
        self.view = view
        self.denial = view.bank.not_(goal)

    def implies(self, terms: Sequence[Term]) -> bool:
        """Whether the goal follows."""
        return not self.view.possible([*terms, self.denial])

    def needed(self, literals: Sequence[Pair], fixed: Sequence[Term], case: Case) -> list[Pair]:
        """What is left when, in order, each literal is let go that the others make unnecessary.

        The literals of one subject are tried together first: if all of them can go, so can each.
        """
        kept = list(literals)
        cases: list[Case] = [case]  # to find others from, in which what is to go makes the difference
        enough = self._core([literal.term for _, literal in kept], fixed, cases)
        if enough is None:
            raise ReplayFailed("a case does not satisfy what it was found for")
        groups: dict[tuple[str, bool], list[Literal]] = {}
        for subject, literal in literals:
            groups.setdefault((subject.name, literal.exact), []).append(literal)
        for group in groups.values():
            for batch in [group, *([literal] for literal in group)] if len(group) > 1 else [group]:
                gone = set(batch)
                if not any(literal in gone for _, literal in kept):
                    continue
                rest = [pair for pair in kept if pair[1] not in gone]
                terms = [literal.term for _, literal in rest]
                if not enough <= set(terms):
                    if self._spoilt(kept, gone, [*terms, *fixed], cases):
                        continue
                    core = self._core(terms, fixed, cases)
                    if core is None:
                        continue
                    enough = core
                kept = rest
        return kept

    def _spoilt(
        self,
        kept: Iterable[Pair],
        gone: set[Literal],
        rest: Sequence[Term],
        cases: Sequence[Case],
    ) -> bool:
        """Whether one of a few cases, but for the value of one fact, shows that what is to go is needed; asks
        no solver."""
        return any(
            self.view.confirms_each(moved, (self.denial, *rest))
            for subject, literal in kept
            if literal in gone
            for value in subject.spoilers(literal, cases[0])
            for case in cases
            for moved in self._moved(case, subject.name, value)
        )

    def _moved(self, case: Case, fact: str, value: Value) -> Iterator[Case]:
        """A case with another value of a fact; and, where that is a region, of all facts of the same region."""
        yield {**case, fact: value}
        old, facts = case[fact], self.view.policy_set.facts
        if facts[fact].type == REGION:
            open_ = facts.keys() - self.view.space.known.keys()
            yield {name: value if other == old and name in open_ else other for name, other in case.items()}

    def _core(
        self, terms: Sequence[Term], fixed: Sequence[Term], cases: list[Case]
    ) -> frozenset[Term] | None:
        """Some of the terms from which, with those fixed, the goal follows. If it does not, `None`; and a case
        that shows it is added to the few that are kept."""
        answer = self.view.ask([*fixed, *terms, self.denial])
        if answer.status is not Status.UNSATISFIABLE:
            cases[1:] = [self.view.space.case(answer.model), *cases[1:3]]
            return None
        return frozenset(answer.core).intersection(terms)
