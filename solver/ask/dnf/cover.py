"""Covers a term by alternatives: exact, short, over the relevant facts.

In: a scope and a term (such as "permitted"). Out: alternatives, each a conjunction of conditions; a valid case of the
scope satisfies the term if and only if it satisfies one of them. Each alternative is a prime implicant: everything
true of the plainest case not yet covered, without what is not needed. The solver proves both directions, and each
alternative is replayed on its case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.model import Case, Expr, PolicySet
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.system.limits import Undecided

from ...engine.context import CaseScope, ReplayFailed
from ...engine.minimize import minimal_subset, shrink
from ...engine.witness import ordinary
from ...formula.terms import Term
from ...report.answers import Alternatives, Condition
from .implicants import Implicants, Pair
from .predicates import Literal, Members, Relation, Said, Subject, Truths
from .vocabulary import Vocabulary

#: The most alternatives that anyone would read.
MOST_ALTERNATIVES = 16


def alternatives(scope: CaseScope, subject: str | Expr, term: Term, first: Case) -> Alternatives:
    """The alternatives for a term, the most ordinary first. `subject` is the subject of the question, `first` a case in
    which the term holds."""
    cover = _Cover(scope, term, Vocabulary(scope, subject, term))
    complete = cover.run(first)
    return Alternatives(tuple(alternative.conditions for alternative in cover.found), complete)


# --- The cover ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Alternative:
    said: tuple[Said, ...]
    #: A case that satisfies it.
    case: Case

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(said.condition for said in self.said)


class _Cover:
    def __init__(self, scope: CaseScope, term: Term, vocabulary: Vocabulary) -> None:
        self.scope = scope
        self.factory = scope.factory
        self.term = term
        self.implicants = Implicants(scope, term)
        self.vocabulary = vocabulary
        self.found: list[_Alternative] = []
        self._replay = Replay(scope.policy_set, scope.context.evaluator)

    def run(self, first: Case) -> bool:
        """Finds alternatives until they are complete or too many; whether they are complete."""
        case: Case | None = first
        try:
            while case is not None:
                if len(self.found) == MOST_ALTERNATIVES:
                    return False
                self.found.append(self._prime(case))
                self._merge()
                case = ordinary(self.scope, [self.term, *self._uncovered(self.found)])
            self._drop_covered()
            self._shorten()
        except Undecided:
            return False
        return True

    def _meaning(self, alternative: _Alternative) -> Term:
        return self.factory.and_(said.term for said in alternative.said)

    def _uncovered(self, found: Iterable[_Alternative]) -> list[Term]:
        return [self.factory.not_(self._meaning(alternative)) for alternative in found]

    # --- One alternative ---

    def _prime(self, case: Case) -> _Alternative:
        """A minimal alternative that covers a case."""
        literals = [(subject, literal) for subject in self.vocabulary.subjects for literal in subject.literals(case)]
        literals.sort(key=_reluctance)
        kept = self.implicants.needed(literals, [], case)
        said: list[Said] = []
        order = {fact: place for place, fact in enumerate(self.scope.policy_set.facts)}
        for subject in sorted(self.vocabulary.subjects, key=lambda one: order.get(one.name, len(order))):
            own = [literal for other, literal in kept if other is subject]
            if own:
                said += subject.said(self._weakened(subject, own, kept, case), case)
        alternative = _Alternative(tuple(said), case)
        self._confirm(alternative)
        return alternative

    def _weakened(self, subject: Subject, own: Sequence[Literal], kept: list[Pair], case: Case) -> Sequence[Literal]:
        """The literals of a subject, with an exact one replaced by the weakest that suffices."""
        exact = next((literal for literal in own if literal.exact), None)
        if exact is None or isinstance(subject, Truths):
            return own
        others = [literal.term for _, literal in kept if literal is not exact]
        found = subject.widened(exact, case, lambda term: self.implicants.implies([*others, term]))
        place = next(index for index, (_, literal) in enumerate(kept) if literal is exact)
        kept[place : place + 1] = [(subject, literal) for literal in found]
        return [literal for other, literal in kept if other is subject]

    def _confirm(self, alternative: _Alternative) -> None:
        for condition in alternative.conditions:
            if not self._replay.holds(condition, alternative.case):
                raise ReplayFailed(f"`{written(condition)}` is not true of the case it was found for")

    # --- Merging and shortening ---

    def _merge(self) -> None:
        """Rewrites the last alternative with a definition, if it then covers others too."""
        last = self.found[-1]
        for definition in self.vocabulary.definitions:
            about = self.vocabulary.facts(definition.true, definition.false)
            outside = [said for said in last.said if not self.vocabulary.facts(said.term) & about]
            terms = {said.term for said in outside}
            if len(outside) == len(last.said) or not any(
                terms <= {said.term for said in other.said} for other in self.found[:-1]
            ):
                continue  # it could not cover any other
            for literal in definition.literals(last.case):
                merged = self._by_definition(last, outside, definition, literal)
                covered = [other for other in self.found if merged and self._covers(merged, other)]
                if merged is not None and len(covered) > 1:
                    place = self.found.index(covered[0])
                    rest = [other for other in self.found[place:] if other not in covered]
                    self.found[place:] = [merged, *rest]
                    return

    def _by_definition(
        self, alternative: _Alternative, outside: Sequence[Said], definition: Relation, literal: Literal
    ) -> _Alternative | None:
        """The alternative with a definition instead of conditions on the definition's facts."""
        inside = [said for said in alternative.said if said not in outside]
        pairs: list[Pair] = [(definition, Literal(said.term, key=said)) for said in inside]
        kept = self.implicants.needed(pairs, [literal.term, *(said.term for said in outside)], alternative.case)
        if len(kept) == len(inside):
            return None
        needed = {pair.key for _, pair in kept}
        said = [one for one in alternative.said if one in outside or one in needed]
        found = _Alternative((*said, *definition.said([literal], alternative.case)), alternative.case)
        self._confirm(found)
        return found

    def _covers(self, one: _Alternative, other: _Alternative) -> bool:
        return not self.scope.possible([self._meaning(other), self.factory.not_(self._meaning(one))])

    def _drop_covered(self) -> None:
        """Drops alternatives that the others cover, the last found first."""

        def covering(rest: Sequence[_Alternative]) -> Sequence[_Alternative] | None:
            gone = self.factory.or_(self._meaning(one) for one in self.found if one not in rest)
            return None if self.scope.possible([gone, *self._uncovered(rest)]) else rest

        shrink(self.found, covering, [[one] for one in reversed(self.found)])

    def _shorten(self) -> None:
        """Drops enum members that other alternatives cover, if that makes a condition shorter."""
        for subject in self.vocabulary.subjects:
            for alternative in self.found if isinstance(subject, Members) else ():
                own = next((said for said in alternative.said if said.condition.subject == subject.name), None)
                if own is not None and isinstance(subject, Members):
                    self._shorten_members(alternative, subject, own)

    def _shorten_members(self, alternative: _Alternative, subject: Members, own: Said) -> None:
        others = [self._meaning(other) for other in self.found if other is not alternative]
        rest = [said.term for said in alternative.said if said is not own]
        uncovered = [self.factory.not_(term) for term in others]

        def is_covered(member: str) -> bool:
            case = {**alternative.case, subject.name: member}
            if self.scope.confirms(case, (own.term, *uncovered)):
                return False
            return not self.scope.possible([self.scope.equals(subject.fact, member), *rest, *uncovered])

        allowed = [m for m in subject.members if self.scope.holds(own.term, {**alternative.case, subject.name: m})]
        left = [m for m in allowed if m == alternative.case[subject.name] or not is_covered(m)]
        if subject.length(left) < subject.length(allowed):
            place = self.found.index(alternative)
            (shorter,) = subject.among(left)
            said = minimal_subset(  # some conditions were only needed for the dropped members
                [shorter if one is own else one for one in alternative.said],
                lambda rest: self.implicants.implies([one.term for one in rest]),
                [one for one in alternative.said if one is not own],
            )
            self.found[place] = _Alternative(tuple(said), alternative.case)


def _reluctance(pair: Pair) -> int:
    """A sort key for dropping literals: first fixed values and negated definitions."""
    subject, literal = pair
    if literal.exact and not isinstance(subject, Truths):
        return 0
    return 1 if isinstance(subject, Relation) and not literal.key else 2


# --- Replay ------------------------------------------------------------------------------------------------


class Replay:
    """Evaluates conditions, as written, with the reference evaluator."""

    def __init__(self, policy_set: PolicySet, evaluator: Evaluator) -> None:
        self._reader = QuestionReader(policy_set)
        self._evaluator = evaluator
        self._read: dict[str, Expr] = {}

    def holds(self, condition: Condition, case: Case) -> bool:
        return self._evaluator.value(self._expression(written(condition)), case) is True

    def _expression(self, text: str) -> Expr:
        if text not in self._read:
            asked = self._reader.question(text)
            assert asked is not None and not isinstance(asked.subject, str), text
            self._read[text] = asked.subject
        return self._read[text]


def written(condition: Condition) -> str:
    """A condition as an expression of the language."""
    return f"{condition.subject_text} {condition.op} {condition.value_text}"
