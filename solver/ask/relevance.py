"""Relevance: which facts an answer depends on.

A fact is relevant if two valid cases that differ only in it have different answers. If axioms tie facts together, none
of them can change alone; then further facts are added until all of them together settle the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from policyc.dsl.model import Case, Fact

from ..engine.context import CaseScope
from ..engine.minimize import minimal_subset
from ..engine.witness import other_values
from ..formula.terms import Term

#: The terms of the possible answers in a scope, by name.
Answers = Callable[[CaseScope], Mapping[str, Term]]
#: When two scopes with some common variables have different answers.
Differ = Callable[[CaseScope, CaseScope], Term]


def differing(answers: Answers) -> Differ:
    """Two scopes have different answers if an answer of one is not an answer of the other."""

    def differ(scope: CaseScope, other: CaseScope) -> Term:
        factory, theirs = scope.factory, answers(other)
        return factory.or_(factory.and_((term, factory.not_(theirs[name]))) for name, term in answers(scope).items())

    return differ


def deciding_facts(scope: CaseScope, answers: Answers, differ: Differ, examples: Sequence[Case]) -> list[str]:
    """The unknown facts that the answer depends on, in order of declaration. `examples` are cases with different
    answers."""
    terms = answers(scope)
    free = [fact for fact in scope.policy_set.facts.values() if fact.name not in scope.symbolic.known]
    mentioned = set[str]().union(*map(scope.factory.mentioned, terms.values()))
    found = {
        fact.name
        for fact in free
        if fact.name in mentioned and (_turns(scope, terms, fact, examples) or _can_turn(scope, differ, {fact.name}))
    }
    if _can_turn(scope, differ, {fact.name for fact in free} - found):
        found = _settling(scope, differ, free, found, mentioned)
    return [fact.name for fact in free if fact.name in found]


def _settling(scope: CaseScope, differ: Differ, free: Sequence[Fact], found: set[str], mentioned: set[str]) -> set[str]:
    """The facts found, and a minimal set of others that settles the answer; the last declared are dropped first."""
    everything = {fact.name for fact in free}
    open_ = [fact.name for fact in free if fact.name in mentioned and fact.name not in found]
    return found.union(minimal_subset(open_, lambda rest: not _can_turn(scope, differ, everything - found.union(rest))))


def _turns(scope: CaseScope, terms: Mapping[str, Term], fact: Fact, examples: Sequence[Case]) -> bool:
    """Whether another value of a fact changes the answer of one of the examples."""
    for case in examples:
        holding = [term for term in terms.values() if scope.holds(term, case)]
        for value in other_values(scope, fact):
            changed = {**case, fact.name: value}
            if any(scope.confirms_each(changed, (scope.factory.not_(term),)) for term in holding):
                return True
    return False


def _can_turn(scope: CaseScope, differ: Differ, changing: set[str]) -> bool:
    """Whether two valid cases that differ only in some facts can have different answers."""
    other = scope.context.scope(scope.symbolic.known, scope.symbolic.areas, frozenset(changing))
    return scope.possible([differ(scope, other), other.valid])
