"""Cases that one side permits and of which another says nothing (PC403)."""

from __future__ import annotations

from ..dsl.diagnostic import Diagnostic, Text, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import Case, Decision, Effect, Norm, Side, SideVerdict, Verdict
from .answers import Proof
from .conflicts import Found, exhaust, side_named
from .findings import Question, Reporter
from .prover import View
from .terms import Term


def silent_cases(reporter: Reporter, decision: Decision) -> Found:
    """PC403 for one decision: one finding for each permit, with the first side that leaves it without answer."""
    permits = [
        norm
        for norm in reporter.policy_set.norms.values()
        if norm.decision == decision.name and norm.effect is Effect.PERMIT
    ]
    pairs = {
        (permit.name, side.name): unanswered(reporter.view, decision, permit, side)
        for permit in permits
        for side in decision.sides
        if side.name != permit.side
    }
    seen, questions = exhaust(reporter, pairs)
    first: dict[str, str] = {}
    for name, side_name in seen:
        first.setdefault(name, side_name)
    found = [
        _finding(reporter, decision, reporter.policy_set.norms[name], side_name)
        for name, side_name in first.items()
    ]
    proofs = [Proof("no-silent-case", decision.name, None, questions)] if questions and not seen else []
    return [finding for finding in found if finding is not None], proofs


def unanswered(view: View, decision: Decision, permit: Norm, silent: Side) -> Term:
    """A side permits by a permit that has effect, another is silent, and no third one settles it."""
    terms, bank = view.terms, view.bank
    side = side_named(view.policy_set, decision.name, permit.side)
    effective = terms.anywhere(
        (guard, branch.effective.get(permit.name, bank.false))
        for guard, branch in terms.side_branches(decision.name, side)
    )
    return bank.and_(
        (
            effective,
            terms.side(decision.name, side)[SideVerdict.PERMITS],
            terms.side(decision.name, silent)[SideVerdict.SILENT],
            terms.decision(decision.name)[Verdict.UNDETERMINED],
        )
    )


def _finding(reporter: Reporter, decision: Decision, permit: Norm, silent_name: str) -> Diagnostic | None:
    policy_set = reporter.policy_set
    side = side_named(policy_set, decision.name, permit.side)
    silent = side_named(policy_set, decision.name, silent_name)

    def describe(view: View) -> Term:
        return unanswered(view, decision, permit, silent)

    def claim(evaluator: Evaluator, case: Case) -> bool:
        trace = evaluator.decide(decision.name, case)
        verdicts = {part.side: part.verdict for part in trace.sides}
        return (
            trace.verdict is Verdict.UNDETERMINED
            and verdicts[side.name] is SideVerdict.PERMITS
            and verdicts[silent.name] is SideVerdict.SILENT
            and evaluator.applying(permit, str(case[side.fact]), case)
        )

    return reporter.report(
        "PC403",
        text("PC403.headline", permit=permit.name, yes=_name(side), silent=_name(silent)),
        (permit,),
        Question(
            describe,
            claim,
            decision.name,
            silent.fact,
            _root(reporter.view, describe(reporter.view), silent),
            permit.period,
        ),
        side=silent.name,
        labels=[text("finding.permits")],
        help_=text("PC403.help", silent=_name(silent), decision=decision.name),
    )


def _root(view: View, term: Term, silent: Side) -> str:
    """The root of the region tree below which the silent side can lie; the first, if there are several."""
    *others, last = view.policy_set.regions.roots
    place = view.space.region(silent.fact)
    return next((root for root in others if view.possible([term, view.space.within(place, root)])), last)


def _name(side: Side) -> Text:
    return text("story.name", en=side.name, zh=side.title or side.name)
