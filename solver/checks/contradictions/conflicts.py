"""Conflicts: of norms (PC301), of values (PC303), and of the sides of a decision (PC304).

Each is a pair of rules and a term for the cases that show it; `search.py` finds the pairs of which there are any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.model import (
    Case,
    Decision,
    Effect,
    Norm,
    Period,
    PolicySet,
    Rule,
    Setting,
    Side,
    SideVerdict,
    Verdict,
)
from policyc.dsl.model.precedence import Contest
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting

from ...encoding.dependencies import reading_facts
from ...engine.context import CaseScope
from ...engine.reachability import (
    Analysis,
    Conclusion,
    Described,
    Found,
    Key,
    Parts,
    ReachabilityQuery,
    ReachabilityResults,
    Report,
    possible_pairs,
)
from ...formula.terms import Term
from ...report.describe import bilingual
from ...report.reports import Proof, ProofKind
from ..reporter import Possibility, Reporter
from .disjoint import Bodies


def norm_conflicts(reporter: Reporter, decision: Decision, side: Side) -> Analysis:
    """PC301 for one side: cases in which effective norms of both effects leave it in conflict."""
    kind = f"PC301 {decision.name} {side.name}"
    contests = reporter.context.rule_index.contests
    ties = {key_: pair for contest in contests.rules for key_, pair in _tie(kind, contest, decision, side)}

    def both(scope: CaseScope, pair: tuple[Norm, Norm]) -> Term:
        return _both_effective(scope, side, *pair, given=_open(scope, decision, side))

    def describe(scope: CaseScope) -> dict[Key, Described]:
        return {
            key_: partial(both, scope, pair)
            for contest in scope.near(side.fact, contests)
            for key_, pair in _tie(kind, contest, decision, side)
        }

    def conclude(results: ReachabilityResults) -> Conclusion:
        found: list[Report] = [
            partial(_norm_conflict, reporter, decision, side, *pair, results.parts(key_))
            for key_, pair in ties.items()
            if key_ in results
        ]
        questions = results.proved(kind) + reporter.context.rule_index.met_never.get(kind, 0)
        proof = Proof(ProofKind.NO_CONFLICT, None, decision.name, side.name, questions)
        return found, [] if found else [proof]

    what = text("PC901.no-conflict", decision=decision.name, side=side.name)
    regions = frozenset(
        contest.region for contest in contests.rules if any(_tie(kind, contest, decision, side))
    )
    search_all = ReachabilityQuery(
        kind, side.fact, describe, given=lambda scope: _open(scope, decision, side), regions=regions
    )
    return Analysis(("PC301",), what, side.span, kind, [search_all], conclude)


def _open(scope: CaseScope, decision: Decision, side: Side) -> Term:
    """What every conflict of a side takes: that no requirement fails, whatever alternative is chosen."""
    (_, first), *others = scope.decisions.side_branches(decision.name, side)
    return scope.factory.true if others else first.open


def _tie(
    kind: str, contest: Contest, decision: Decision, side: Side
) -> Iterator[tuple[Key, tuple[Norm, Norm]]]:
    """A contest of two norms of one side that nothing settles, the permit first."""
    one, other = contest.one, contest.other
    if contest.winner is None and isinstance(one, Norm) and isinstance(other, Norm):
        permit, forbid = (one, other) if one.effect is Effect.PERMIT else (other, one)
        if (one.decision, one.side) == (decision.name, side.name):
            yield (kind, permit.name, forbid.name), (permit, forbid)


def sides(policy_set: PolicySet) -> Iterator[tuple[Decision, Side]]:
    for decision in policy_set.decisions.values():
        for side in decision.sides:
            yield decision, side


def _both_effective(scope: CaseScope, side: Side, one: Norm, other: Norm, given: Term | None = None) -> Term:
    """When two norms leave a side in conflict; `given` need not be said again."""
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
        return evaluator.side(decision.name, side.name, case).verdict is SideVerdict.CONFLICT

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
    # A case that the decision shows is preferred to one that another side denies anyway.
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
    """The rule of the smaller region first: its author is the one to act."""
    inside = one.region != other.region and policy_set.regions.within(other.region, one.region)
    return (other, one) if inside else (one, other)


def _effect_label(norm: Norm) -> Text:
    return text("finding.permits" if norm.effect is Effect.PERMIT else "finding.forbids")


def rules_scope(policy_set: PolicySet, one: Rule, other: Rule) -> tuple[str, Period]:
    """The region and the days in which both rules are in force."""
    inner = one.region if policy_set.regions.within(one.region, other.region) else other.region
    return inner, one.period.intersection(other.period)


def place_of(policy_set: PolicySet, rule: Norm | Setting, fact_of: Mapping[str, str]) -> str:
    """The region fact by which a rule's places are told."""
    if isinstance(rule, Setting):
        return fact_of[rule.parameter]
    return policy_set.side(rule.decision, rule.side).fact


# --- PC303 -------------------------------------------------------------------------------------------------


def value_conflicts(reporter: Reporter) -> Analysis:
    """PC303: two unbeaten settings give a parameter different values."""
    rule_index = reporter.context.rule_index
    fact_of = reading_facts(reporter.policy_set)
    pairs = {
        ("PC303", one.key, other.key): (one, other)
        for clashes in rule_index.clashing.values()
        for one, other in clashes
    }

    def describe(fact: str, scope: CaseScope) -> dict[Key, Described]:
        return {
            key_: partial(both_unbeaten, scope, *pair, fact)
            for key_, pair in pairs.items()
            if fact_of[pair[0].parameter] == fact
            and scope.reaches(fact, rules_scope(scope.policy_set, *pair)[0])
        }

    def conclude(results: ReachabilityResults) -> Conclusion:
        # What was proved impossible need not be provided for again.
        rule_index.keep_clashes({key_[1:] for key_ in pairs if results.may_be(key_)})
        found: list[Report] = [
            partial(_value_conflict, reporter, *pair, fact_of[pair[0].parameter], results.parts(key_))
            for key_, pair in pairs.items()
            if key_ in results
        ]
        questions = results.proved("PC303") + rule_index.met_never.get("PC303", 0)
        proof = Proof(ProofKind.NO_CONFLICTING_VALUES, None, None, None, questions)
        return found, [] if found else [proof]

    facts = dict.fromkeys(fact_of[one.parameter] for one, _ in pairs.values())
    regions = frozenset(rules_scope(reporter.policy_set, *pair)[0] for pair in pairs.values())
    queries = [ReachabilityQuery("PC303", fact, partial(describe, fact), regions=regions) for fact in facts]
    return Analysis(("PC303",), text("PC901.conflicting-values"), None, "PC303", queries, conclude)


def both_unbeaten(scope: CaseScope, one: Setting, other: Setting, fact: str) -> Term:
    """When two settings, read by a region fact, give a parameter different values and nothing beats either."""
    place = scope.symbolic.region(fact)
    conflict = scope.rules.conflict(one.parameter, place)
    unbeaten = scope.rules.either_branch(
        lambda choices: scope.factory.and_(
            scope.rules.unbeaten(setting, place, choices) for setting in (one, other)
        )
    )
    return scope.factory.and_((conflict, unbeaten))


def _value_conflict(
    reporter: Reporter, one: Setting, other: Setting, fact: str, parts: Parts
) -> Diagnostic | None:
    parameter = reporter.policy_set.parameters[one.parameter]

    def claim(evaluator: Evaluator, case: Case) -> bool:
        outcome = evaluator.parameter(parameter.name, str(case[fact]), case).outcome
        return isinstance(outcome, Conflicting) and {one.value, other.value} <= set(outcome.values)

    values = [format_value(setting.value, parameter.type) for setting in (one, other)]
    return reporter.report(
        "PC303",
        text("PC303.headline", parameter=parameter.name, one=values[0], other=values[1]),
        (one, other),
        Possibility(
            lambda scope: both_unbeaten(scope, one, other, fact),
            claim,
            None,
            fact,
            *rules_scope(reporter.policy_set, one, other),
            parts=parts,
        ),
        labels=[text("PC303.label", value=value) for value in values],
        help_=text("PC303.help"),
    )


# --- PC304 -------------------------------------------------------------------------------------------------


def side_disagreements(reporter: Reporter, decision: Decision, yes: Side, no: Side) -> Found:
    """PC304 in one direction: the region of one side says yes by a permit with conditions, that of another
    says no by a forbid of its own."""
    permits, forbids = disagreeing_norms(reporter.policy_set, decision, yes, no)
    if not permits or not forbids or not Bodies(reporter.context).meet(permits, forbids):
        return [], []
    scope = reporter.scope
    seen = possible_pairs(
        scope,
        verdicts_disagree(scope, decision, yes, no),
        {permit.name: scope.decisions.effective(decision.name, yes, permit) for permit in permits},
        {forbid.name: foreign(scope, decision, yes, no, forbid) for forbid in forbids},
    )
    found = [
        _disagreement(reporter, decision, yes, no, permit, forbid)
        for permit in permits
        for forbid in forbids
        if (permit.name, forbid.name) in seen
    ]
    return [finding for finding in found if finding is not None], []


def disagreeing_norms(
    policy_set: PolicySet, decision: Decision, yes: Side, no: Side
) -> tuple[list[Norm], list[Norm]]:
    """The permits of one side and the forbids of another that a disagreement can rest on."""
    norms = [norm for norm in policy_set.norms.values() if norm.decision == decision.name]
    permits = [
        norm
        for norm in norms
        if norm.side == yes.name and norm.effect is Effect.PERMIT and (norm.when or norm.unless)
    ]
    forbids = [
        norm
        for norm in norms
        if norm.side == no.name
        and norm.effect is Effect.FORBID
        and not policy_set.regions.is_root(norm.region)
    ]
    return permits, forbids


def verdicts_disagree(scope: CaseScope, decision: Decision, yes: Side, no: Side) -> Term:
    """When one side says yes and another no."""
    permits = scope.decisions.side(decision.name, yes)[SideVerdict.PERMITS]
    return scope.factory.and_((permits, scope.decisions.side(decision.name, no)[SideVerdict.DENIES]))


def foreign(scope: CaseScope, decision: Decision, yes: Side, no: Side, forbid: Norm) -> Term:
    """That a forbid has effect, of a policy that does not speak for the region of the side that says yes."""
    speaks = scope.symbolic.within(scope.symbolic.region(yes.fact), forbid.region)
    return scope.factory.and_(
        (scope.decisions.effective(decision.name, no, forbid), scope.factory.not_(speaks))
    )


def _disagreement(
    reporter: Reporter, decision: Decision, yes: Side, no: Side, permit: Norm, forbid: Norm
) -> Diagnostic | None:
    def claim(evaluator: Evaluator, case: Case) -> bool:
        sides_ = {trace.side: trace.verdict for trace in evaluator.decide(decision.name, case).sides}
        return sides_[yes.name] is SideVerdict.PERMITS and sides_[no.name] is SideVerdict.DENIES

    def describe(scope: CaseScope) -> Term:
        return scope.factory.and_(
            (
                verdicts_disagree(scope, decision, yes, no),
                scope.decisions.effective(decision.name, yes, permit),
                foreign(scope, decision, yes, no, forbid),
            )
        )

    return reporter.report(
        "PC304",
        text(
            "PC304.headline",
            permit=permit.name,
            forbid=forbid.name,
            yes=bilingual(yes.name, yes.title),
            no=bilingual(no.name, no.title),
        ),
        (forbid, permit),
        Possibility(
            describe,
            claim,
            decision.name,
            no.fact,
            forbid.region,
            permit.period.intersection(forbid.period),
        ),
        side=no.name,
        labels=[text("finding.forbids"), text("finding.permits")],
        help_=text("PC304.help"),
    )
