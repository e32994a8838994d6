"""Why a decision is as it is in one case, in a line or two, for a test that expected something else.

In: a case. Out: notes on the rules that decide by the trace of the reference evaluator: a requirement that is not met, a
rule that has effect and those it beats, or that no rule is in force on that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import SideVerdict, Verdict
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.outcomes import RuleTrace, SideTrace, State

from ...engine.context import SolverContext

#: The sides that bring about a verdict of the decision.
_DECISIVE = {
    Verdict.DENIED: SideVerdict.DENIES,
    Verdict.CONFLICTING: SideVerdict.CONFLICT,
    Verdict.UNDETERMINED: SideVerdict.SILENT,
    Verdict.PERMITTED: SideVerdict.PERMITS,
}


def why(context: SolverContext, decision: str, case: model.Case) -> list[Text]:
    """The notes, without repetition."""
    trace = context.evaluator.decide(decision, case)
    decisive = [side for side in trace.sides if side.verdict is _DECISIVE[trace.verdict]]
    return list(dict.fromkeys(note for side in decisive for note in _of_side(context.policy_set, side, case)))


def _of_side(policy_set: model.PolicySet, side: SideTrace, case: model.Case) -> Iterator[Text]:
    failing = [rule.rule for rule in side.rules if rule.state is State.FAILS]
    if failing:
        yield from (text("PC502.not_met", rule=rule) for rule in failing)
        return
    acting = [rule.rule for rule in side.rules if rule.state is State.HAS_EFFECT]
    for rule in acting:
        permits = policy_set.norms[rule].effect is model.Effect.PERMIT
        yield text("PC502.permits" if permits else "PC502.forbids", rule=rule)
    for beaten in side.rules:
        if beaten.state is State.BEATEN:
            winners = [loss.winner for loss in beaten.beaten_by if loss.winner in acting]
            yield from (text("PC502.beaten", winner=winner, loser=beaten.rule) for winner in winners)
    if side.verdict is SideVerdict.SILENT:
        yield from _silent(policy_set, side, case)


def _silent(policy_set: model.PolicySet, side: SideTrace, case: model.Case) -> Iterator[Text]:
    doubtful = [rule.rule for rule in side.rules if rule.state is State.MAY_APPLY]
    if doubtful:
        yield from (text("PC502.in_doubt", rule=rule) for rule in doubtful)
        return
    norms = [rule for rule in side.rules if rule.rule in policy_set.norms]
    if norms and all(rule.state is State.NOT_IN_FORCE for rule in norms):
        yield _not_in_force(policy_set, norms, case)
    else:
        yield text("PC502.no_rule", side=side.side)


def _not_in_force(policy_set: model.PolicySet, norms: Sequence[RuleTrace], case: model.Case) -> Text:
    """That no rule is in force on the day, and which begins next or ended last."""
    day = case[model.DATE]
    assert isinstance(day, int), "only a day can keep a rule from being in force"
    periods = {norm.rule: policy_set.norms[norm.rule].period for norm in norms}
    shown = format_value(day, model.DAY)
    begins = {rule: period.first for rule, period in periods.items() if period.first is not None and period.first > day}
    if begins:
        first = min(begins, key=lambda rule: begins[rule])
        return text("PC502.begins", day=shown, rule=first, first=format_value(begins[first], model.DAY))
    ends = {rule: period.last for rule, period in periods.items() if period.last is not None}
    last = max(ends, key=lambda rule: ends[rule])
    return text("PC502.ended", day=shown, rule=last, last=format_value(ends[last], model.DAY))
