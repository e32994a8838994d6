"""Conflicts of norms (PC301): cases in which effective norms of both effects leave a side in conflict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.model import Case, Decision, Effect, Norm, PolicySet, Side, SideVerdict, Verdict
from policyc.dsl.model.precedence import Contest
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...engine.rule_places import rules_scope, sides
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion, Report
from ..reporter import Possibility, Reporter


def norm_conflicts(reporter: Reporter, decision: Decision, side: Side) -> Analysis:
    """PC301 for one side: cases in which effective norms of both effects leave it in conflict."""
    kind = f"PC301 {decision.name} {side.name}"
    contests = reporter.context.rule_index.contests
    ties = {key_: pair for contest in contests.rules for key_, pair in _tie(kind, contest, decision, side)}

    def conclude(results: ReachabilityResults) -> Conclusion:
        found: list[Report] = [
            partial(_norm_conflict, reporter, decision, side, *pair, results.parts(key_))
            for key_, pair in ties.items()
            if key_ in results
        ]
        questions = results.proved(kind) + reporter.context.rule_index.met_never.get(kind, 0)
        proof = Proof(ProofKind.NO_CONFLICT, None, decision.name, side.name, questions)
        return Conclusion(found, [] if found else [proof])

    what = text("PC901.no-conflict", decision=decision.name, side=side.name)
    regions = frozenset(contest.region for contest in contests.rules if any(_tie(kind, contest, decision, side)))
    describe = partial(_ties, kind, decision, side, contests)
    given = partial(_open, decision, side)
    query = ReachabilityQuery(kind, side.fact, describe, given=given, regions=regions)
    return Analysis(Purpose(("PC301",), what, side.span), kind, [query], conclude)


def _ties(
    kind: str, decision: Decision, side: Side, contests: RegionIndex[Contest], scope: CaseScope
) -> dict[Key, Described]:
    """Each contest of a scope that can leave the side in conflict, without the condition of `_open`."""
    return {
        key_: partial(_both_open, decision, side, *pair, scope)
        for contest in scope.near(side.fact, contests)
        for key_, pair in _tie(kind, contest, decision, side)
    }


def _both_open(decision: Decision, side: Side, one: Norm, other: Norm, scope: CaseScope) -> Term:
    return _both_effective(scope, side, one, other, given=_open(decision, side, scope))


def _open(decision: Decision, side: Side, scope: CaseScope) -> Term:
    """A condition of every conflict of a side: no requirement fails under any alternative."""
    (_, first), *others = scope.decisions.side_branches(decision.name, side)
    return scope.factory.true if others else first.open


def _tie(kind: str, contest: Contest, decision: Decision, side: Side) -> Iterator[tuple[Key, tuple[Norm, Norm]]]:
    """An unsettled contest of two norms of one side, the permit first."""
    one, other = contest.one, contest.other
    if contest.winner is None and isinstance(one, Norm) and isinstance(other, Norm):
        permit, forbid = (one, other) if one.effect is Effect.PERMIT else (other, one)
        if (one.decision, one.side) == (decision.name, side.name):
            yield (kind, permit.name, forbid.name), (permit, forbid)


def _both_effective(scope: CaseScope, side: Side, one: Norm, other: Norm, given: Term | None = None) -> Term:
    """When two norms leave a side in conflict, assuming `given`."""
    decisions, factory = scope.decisions, scope.factory
    return decisions.anywhere(
        (
            guard,
            factory.and_(
                (
                    branch.effective.get(one.name, factory.false),
                    branch.effective.get(other.name, factory.false),
                    factory.true if branch.open is given else branch.open,
                )
            ),
        )
        for guard, branch in decisions.side_branches(one.decision, side)
    )


def _norm_conflict(
    reporter: Reporter, decision: Decision, side: Side, one: Norm, other: Norm, parts: Parts
) -> Diagnostic | None:
    def claim(evaluator: Evaluator, case: Case) -> bool:
        verdict = evaluator.side(decision.name, side.name, case).verdict
        return verdict is SideVerdict.CONFLICT and evaluator.effective((one, other), str(case[side.fact]), case)

    def on_the_side(scope: CaseScope) -> Term:
        return _both_effective(scope, side, one, other)

    def in_the_decision(scope: CaseScope) -> Term:
        verdicts = scope.decisions.decision(decision.name)
        return scope.factory.and_((on_the_side(scope), verdicts[Verdict.CONFLICTING]))

    possibility = Possibility(
        in_the_decision,
        claim,
        decision.name,
        side.fact,
        *rules_scope(reporter.policy_set, one, other),
        parts=parts,
    )
    # A case with a conflicting decision is preferred to one that another side denies anyway.
    if not any(scope.possible([in_the_decision(scope)]) for scope in reporter.scopes(possibility)):
        possibility = replace(possibility, describe=on_the_side)
    first, second = _local_first(reporter.policy_set, one, other)
    return reporter.report(
        "PC301",
        text("PC301.headline", permit=one.name, forbid=other.name, decision=decision.name),
        (first, second),
        possibility,
        side=side.name,
        labels=[_effect_label(norm) for norm in (first, second)],
        help_=text("PC301.help", permit=one.name, forbid=other.name),
    )


def _local_first(policy_set: PolicySet, one: Norm, other: Norm) -> tuple[Norm, Norm]:
    """The rule of the smaller region first, since its author should act."""
    inside = one.region != other.region and policy_set.regions.within(other.region, one.region)
    return (other, one) if inside else (one, other)


def _effect_label(norm: Norm) -> Text:
    return text("finding.permits" if norm.effect is Effect.PERMIT else "finding.forbids")


CHECK = Check(
    ("PC301",),
    10,
    lambda reporter: [norm_conflicts(reporter, *pair) for pair in sides(reporter.policy_set)],
    shown=("PC301",),
)
