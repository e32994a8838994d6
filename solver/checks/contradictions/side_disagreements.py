"""Disagreements of the sides of a decision (PC304): one permits what another denies."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import permutations

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Case, Decision, Effect, Norm, PolicySet, Side, SideVerdict
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.reachability import possible_pairs
from ...formula.terms import Term
from ...report.describe import titled
from ..form import Asking, Check, Found
from ..reporter import Possibility, Reporter
from .disjoint import Bodies


def begin(reporter: Reporter) -> Iterator[Asking]:
    """One question for each direction."""
    for decision in reporter.policy_set.decisions.values():
        purpose = Purpose(("PC304",), text("PC901.sides-disagree"), decision.span)
        for yes, no in permutations(decision.sides, 2):
            yield Asking(purpose, partial(side_disagreements, reporter, decision, yes, no))


def side_disagreements(reporter: Reporter, decision: Decision, yes: Side, no: Side) -> Found:
    """PC304 in one direction: the region of one side permits, by a permit with conditions; that of another denies, by a
    forbid of its own."""
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


def disagreeing_norms(policy_set: PolicySet, decision: Decision, yes: Side, no: Side) -> tuple[list[Norm], list[Norm]]:
    """The permits of one side and the forbids of another that can disagree."""
    norms = [norm for norm in policy_set.norms.values() if norm.decision == decision.name]
    permits = [
        norm for norm in norms if norm.side == yes.name and norm.effect is Effect.PERMIT and (norm.when or norm.unless)
    ]
    forbids = [
        norm
        for norm in norms
        if norm.side == no.name and norm.effect is Effect.FORBID and not policy_set.regions.is_root(norm.region)
    ]
    return permits, forbids


def verdicts_disagree(scope: CaseScope, decision: Decision, yes: Side, no: Side) -> Term:
    """When one side permits and another denies."""
    permits = scope.decisions.side(decision.name, yes)[SideVerdict.PERMITS]
    return scope.factory.and_((permits, scope.decisions.side(decision.name, no)[SideVerdict.DENIES]))


def disagree(scope: CaseScope, decision: Decision, yes: Side, no: Side, permit: Norm, forbid: Norm) -> Term:
    """When sides disagree by a permit of the one and a forbid of the other."""
    return scope.factory.and_(
        (
            verdicts_disagree(scope, decision, yes, no),
            scope.decisions.effective(decision.name, yes, permit),
            foreign(scope, decision, yes, no, forbid),
        )
    )


def foreign(scope: CaseScope, decision: Decision, yes: Side, no: Side, forbid: Norm) -> Term:
    """That a forbid has effect whose policy does not cover the region of the permitting side."""
    speaks = scope.symbolic.within(scope.symbolic.region(yes.fact), forbid.region)
    return scope.factory.and_((scope.decisions.effective(decision.name, no, forbid), scope.factory.not_(speaks)))


def _disagreement(
    reporter: Reporter, decision: Decision, yes: Side, no: Side, permit: Norm, forbid: Norm
) -> Diagnostic | None:
    def claim(evaluator: Evaluator, case: Case) -> bool:
        sides_ = {trace.side: trace.verdict for trace in evaluator.decide(decision.name, case).sides}
        there, here = str(case[yes.fact]), str(case[no.fact])
        return (
            sides_[yes.name] is SideVerdict.PERMITS
            and sides_[no.name] is SideVerdict.DENIES
            and evaluator.effective((permit,), there, case)
            and evaluator.effective((forbid,), here, case)
            and not evaluator.policy_set.regions.within(there, forbid.region)
        )

    return reporter.report(
        "PC304",
        text(
            "PC304.headline",
            permit=permit.name,
            forbid=forbid.name,
            yes=titled(yes),
            no=titled(no),
        ),
        (forbid, permit),
        Possibility(
            lambda scope: disagree(scope, decision, yes, no, permit, forbid),
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


CHECK = Check(("PC304",), 90, begin, shown=("PC304",))
