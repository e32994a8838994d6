"""Which facts an answer depends on.

A fact matters if two valid cases that differ in nothing else are answered differently. Where axioms tie
facts together, none of them can change alone; then as many more are named as it takes for the facts named to
settle the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from policyc.dsl.model import Case, Fact

from ..engine.context import View
from ..engine.minimize import minimal_subset
from ..engine.witness import other_values
from ..formula.terms import Term, variables

#: The terms of the possible answers in a view, by name.
Answers = Callable[[View], Mapping[str, Term]]
#: When two views, which have some variables in common, answer differently.
Differ = Callable[[View, View], Term]


def differing(answers: Answers) -> Differ:
    """Two views answer differently when an answer of the one is none of the other."""

    def differ(view: View, other: View) -> Term:
        bank, theirs = view.bank, answers(other)
        return bank.or_(bank.and_((term, bank.not_(theirs[name]))) for name, term in answers(view).items())

    return differ


def deciding_facts(view: View, answers: Answers, differ: Differ, examples: Sequence[Case]) -> list[str]:
    """The facts not known on which the answer depends, in order of declaration. `examples` are cases with
    different answers."""
    terms = answers(view)
    free = [fact for fact in view.policy_set.facts.values() if fact.name not in view.space.known]
    mentioned = {name.partition("/")[0] for name in variables(terms.values())}
    found = {
        fact.name
        for fact in free
        if fact.name in mentioned
        and (_turns(view, terms, fact, examples) or _can_turn(view, differ, {fact.name}))
    }
    if _can_turn(view, differ, {fact.name for fact in free} - found):
        found = _settling(view, differ, free, found, mentioned)
    return [fact.name for fact in free if fact.name in found]


def _settling(
    view: View, differ: Differ, free: Sequence[Fact], found: set[str], mentioned: set[str]
) -> set[str]:
    """The facts found and as few others as settle the answer; the last declared are let go first."""
    everything = {fact.name for fact in free}
    open_ = [fact.name for fact in free if fact.name in mentioned and fact.name not in found]
    return found.union(
        minimal_subset(open_, lambda rest: not _can_turn(view, differ, everything - found.union(rest)))
    )


def _turns(view: View, terms: Mapping[str, Term], fact: Fact, examples: Sequence[Case]) -> bool:
    """Whether some other value of one fact, in one of the examples, gives another answer."""
    for case in examples:
        holding = [term for term in terms.values() if view.holds(term, case)]
        for value in other_values(view, fact):
            changed = {**case, fact.name: value}
            if any(view.confirms_each(changed, (view.bank.not_(term),)) for term in holding):
                return True
    return False


def _can_turn(view: View, differ: Differ, changing: set[str]) -> bool:
    """Whether two valid cases that differ only in some facts can be answered differently."""
    other = view.prover.view(view.space.known, view.space.areas, frozenset(changing))
    return view.possible([differ(view, other), other.valid])
