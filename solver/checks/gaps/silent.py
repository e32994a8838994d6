"""Cases that one side permits and on which another is silent (PC403)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import permutations

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Case, Decision, Effect, Norm, Side, SideVerdict, Verdict
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, ReachabilityQuery, ReachabilityResults
from ...formula.terms import Term
from ...report.describe import titled
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion, Report
from ..reporter import Possibility, Reporter


def begin(reporter: Reporter) -> Iterator[Analysis]:
    """Two searches: where a side can be silent at all, and what another permits then. Each permit has one finding, with
    the first side that is silent."""
    for decision in reporter.policy_set.decisions.values():
        several = decision.sides if len(decision.sides) > 1 else ()
        queries = [
            ReachabilityQuery(_kind(decision), side.fact, partial(_silences, decision, side)) for side in several
        ]
        yield Analysis(_purpose(decision), _kind(decision), queries, partial(_permitted, reporter, decision))


def _kind(decision: Decision) -> str:
    return f"PC403 {decision.name}"


def _purpose(decision: Decision) -> Purpose:
    return Purpose(("PC403",), text("PC901.answered", decision=decision.name), decision.span)


# --- Where a side is silent --------------------------------------------------------------------------------


def _silences(decision: Decision, side: Side, scope: CaseScope) -> dict[Key, Described]:
    return {_silence(decision, side): partial(_is_silent, decision, side, scope)}


def _silence(decision: Decision, side: Side) -> Key:
    return _kind(decision), "", side.name  # no permit has this name


def _is_silent(decision: Decision, side: Side, scope: CaseScope) -> Term:
    return scope.decisions.side(decision.name, side)[SideVerdict.SILENT]


# --- What another permits then -----------------------------------------------------------------------------


def _permitted(reporter: Reporter, decision: Decision, silences: ReachabilityResults) -> Conclusion:
    """The searches for permits where sides can be silent."""
    queries = [
        query
        for side, silent in permutations(decision.sides, 2)
        if (query := _permitted_in_silence(reporter, decision, side, silent, silences)) is not None
    ]
    conclude = partial(_conclude, reporter, decision, silences.proved(_kind(decision)))
    return Conclusion(following=[Analysis(_purpose(decision), _kind(decision), queries, conclude)])


def _permitted_in_silence(
    reporter: Reporter, decision: Decision, side: Side, silent: Side, silences: ReachabilityResults
) -> ReachabilityQuery | None:
    """The query for what one side permits where another can be silent; `None` if it never is."""
    silence = _silence(decision, silent)
    if not silences.may_be(silence):
        return None
    where = silences.parts(silence) if silence in silences else ()
    permits = RegionIndex(_permits(reporter, decision, side), reporter.policy_set.regions)
    return ReachabilityQuery(
        _kind(decision),
        side.fact,
        partial(_effective, decision, side, silent, permits),
        once=True,
        given=partial(_left_open, decision, side, silent),
        narrower=[{silent.fact: area} for area in where if area is not None],
    )


def _effective(
    decision: Decision, side: Side, silent: Side, permits: RegionIndex[Norm], scope: CaseScope
) -> dict[Key, Described]:
    return {
        (_kind(decision), permit.name, silent.name): partial(scope.decisions.effective, decision.name, side, permit)
        for permit in scope.near(side.fact, permits)
    }


def _permits(reporter: Reporter, decision: Decision, side: Side) -> list[Norm]:
    rules = reporter.context.rule_index.decision_rules[decision.name, side.name].rules
    return [rule for rule in rules if isinstance(rule, Norm) and rule.effect is Effect.PERMIT]


def _conclude(reporter: Reporter, decision: Decision, never_silent: int, results: ReachabilityResults) -> Conclusion:
    found: list[Report] = []
    for permit in (permit for side in decision.sides for permit in _permits(reporter, decision, side)):
        sides = (s.name for s in decision.sides if (_kind(decision), permit.name, s.name) in results)
        silent = next(sides, None)
        if silent is not None:
            found.append(partial(_unanswered_permit, reporter, decision, permit, silent))
    questions = never_silent + results.proved(_kind(decision))
    proof = Proof(ProofKind.NO_SILENT_CASE, None, decision.name, None, questions)
    return Conclusion(found, [proof] if questions and not found else [])


def unanswered(scope: CaseScope, decision: Decision, permit: Norm, silent: Side) -> Term:
    """One side permits, with this permit in effect, another is silent, and no third one settles it."""
    side = scope.policy_set.side(decision.name, permit.side)
    effective = scope.decisions.effective(decision.name, side, permit)
    return scope.factory.and_((effective, _left_open(decision, side, silent, scope)))


def _left_open(decision: Decision, side: Side, silent: Side, scope: CaseScope) -> Term:
    """One side permits, another is silent, and the decision is undetermined."""
    decisions = scope.decisions
    return scope.factory.and_(
        (
            decisions.side(decision.name, side)[SideVerdict.PERMITS],
            decisions.side(decision.name, silent)[SideVerdict.SILENT],
            decisions.decision(decision.name)[Verdict.UNDETERMINED],
        )
    )


def _unanswered_permit(reporter: Reporter, decision: Decision, permit: Norm, silent_name: str) -> Diagnostic | None:
    policy_set = reporter.policy_set
    side = policy_set.side(decision.name, permit.side)
    silent = policy_set.side(decision.name, silent_name)

    def describe(scope: CaseScope) -> Term:
        return unanswered(scope, decision, permit, silent)

    def claim(evaluator: Evaluator, case: Case) -> bool:
        trace = evaluator.decide(decision.name, case)
        verdicts = {part.side: part.verdict for part in trace.sides}
        return (
            trace.verdict is Verdict.UNDETERMINED
            and verdicts[side.name] is SideVerdict.PERMITS
            and verdicts[silent.name] is SideVerdict.SILENT
            and evaluator.effective((permit,), str(case[side.fact]), case)
        )

    return reporter.report(
        "PC403",
        text(
            "PC403.headline",
            permit=permit.name,
            yes=titled(side),
            silent=titled(silent),
        ),
        (permit,),
        Possibility(
            describe,
            claim,
            decision.name,
            silent.fact,
            "",
            permit.period,
        ),
        side=silent.name,
        labels=[text("finding.permits")],
        help_=text("PC403.help", silent=titled(silent), decision=decision.name),
    )


CHECK = Check(("PC403",), 50, begin, shown=("PC403",))
