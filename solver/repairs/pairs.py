"""Contradictions of two rules as terms: of any pair of a kind, or of each pair.

In: a scope. Out: terms. `checks/contradictions/` finds and reports the pairs of contradicting rules; here one term says
that some pair other than the known ones contradicts (so that one question shows whether an edit caused another), or
each pair has a term (so that other tools can ask about it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import permutations

from policyc.dsl.model import Decision, Effect, Norm, Setting, Side, SideVerdict
from policyc.dsl.model.precedence import contending_groups, opposing_pairs, settle

from ..checks.contradictions.side_disagreements import disagreeing_norms, foreign, verdicts_disagree
from ..checks.contradictions.value_conflicts import both_unbeaten
from ..encoding.dependencies import reading_facts
from ..engine.context import CaseScope
from ..formula.factory import TermFactory
from ..formula.terms import Term

#: Two rules by name.
Pair = frozenset[str]


# --- Any contradiction of a kind ---------------------------------------------------------------------------


def norm_clash(scope: CaseScope, decision: Decision, side: Side, known: Collection[Pair]) -> Term:
    """When norms of both effects leave a side in conflict (PC301), other than by known pairs."""
    factory, norms = scope.factory, scope.policy_set.norms
    found = []
    for guard, branch in scope.decisions.side_branches(decision.name, side):
        permits, forbids = (
            {name: term for name, term in branch.effective.items() if norms[name].effect is effect}
            for effect in (Effect.PERMIT, Effect.FORBID)
        )
        conflict = branch.verdicts[SideVerdict.CONFLICT]
        found.append(factory.and_((guard, conflict, _some_pair(factory, permits, forbids, known))))
    return factory.or_(found)


def value_clash(scope: CaseScope, known: Collection[Pair]) -> Term:
    """When settings give a parameter different values (PC303), other than by known pairs."""
    fact_of = reading_facts(scope.policy_set)
    return scope.factory.or_(
        both_unbeaten(scope, one, other, fact_of[one.parameter])
        for clashes in scope.context.rule_index.clashing.values()
        for one, other in clashes
        if Pair((one.name, other.name)) not in known
    )


def side_clash(scope: CaseScope, decision: Decision, known: Collection[Pair]) -> Term:
    """When the sides of a decision disagree (PC304), other than by known pairs."""
    found = []
    for yes, no in permutations(decision.sides, 2):
        permits, forbids = disagreeing_norms(scope.policy_set, decision, yes, no)
        ones = {permit.name: scope.decisions.effective(decision.name, yes, permit) for permit in permits}
        others = {forbid.name: foreign(scope, decision, yes, no, forbid) for forbid in forbids}
        disagree = verdicts_disagree(scope, decision, yes, no)
        found.append(scope.factory.and_((disagree, _some_pair(scope.factory, ones, others, known))))
    return scope.factory.or_(found)


def _some_pair(
    factory: TermFactory, ones: Mapping[str, Term], others: Mapping[str, Term], known: Collection[Pair]
) -> Term:
    """That some one and some other hold together, known pairs excepted. Those in no known pair, which are most, share
    one conjunction."""
    groups: dict[frozenset[str], list[Term]] = {}
    for name, term in ones.items():
        left_out = frozenset(other for pair in known if name in pair for other in pair - {name})
        groups.setdefault(left_out, []).append(term)
    return factory.or_(
        factory.and_((factory.or_(terms), factory.or_(t for name, t in others.items() if name not in left_out)))
        for left_out, terms in groups.items()
    )


# --- Every unsettled pair ----------------------------------------------------------------------------------


def ties(scope: CaseScope) -> Iterator[tuple[Norm | Setting, Norm | Setting, Term]]:
    """Pairs of norms of one side, or of settings, that could contradict each other, each with the term for when they
    do; pairs whose term is plainly false are left out."""
    policy_set, fact_of = scope.policy_set, reading_facts(scope.policy_set)
    for group in contending_groups(policy_set):
        for one, other in opposing_pairs(group, policy_set.regions):
            if settle(one, other, policy_set) is not None:
                continue
            if isinstance(one, Norm) and isinstance(other, Norm):
                term = _both_effective(scope, one, other)
            else:
                assert isinstance(one, Setting) and isinstance(other, Setting)
                term = both_unbeaten(scope, one, other, fact_of[one.parameter])
            if term is not scope.factory.false:
                yield one, other, term


def _both_effective(scope: CaseScope, one: Norm, other: Norm) -> Term:
    side = scope.policy_set.side(one.decision, one.side)
    return scope.decisions.anywhere(
        (
            guard,
            scope.factory.and_(
                (
                    branch.effective.get(one.name, scope.factory.false),
                    branch.effective.get(other.name, scope.factory.false),
                    branch.verdicts[SideVerdict.CONFLICT],
                )
            ),
        )
        for guard, branch in scope.decisions.side_branches(one.decision, side)
    )
