"""Cases that one side permits and of which another says nothing (PC403)."""

from __future__ import annotations

from functools import partial
from itertools import permutations

from ..dsl.diagnostic import Diagnostic, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import Case, Decision, Effect, Norm, Side, SideVerdict, Verdict
from .answers import Proof
from .findings import Question, Reporter
from .parameters import Around
from .prover import View
from .search import Analysis, Conclusion, Hits, Hunt, Key, Report
from .story import bilingual
from .terms import Term


def silent_cases(reporter: Reporter, decision: Decision) -> Analysis:
    """PC403 for one decision: one finding for each permit, with the first side that leaves it without answer."""
    kind, background = f"PC403 {decision.name}", reporter.prover.background
    permits = {
        side.name: Around(
            [
                norm
                for norm in background.decision_rules[decision.name, side.name].rules
                if isinstance(norm, Norm) and norm.effect is Effect.PERMIT
            ],
            reporter.policy_set.regions,
        )
        for side in decision.sides
    }

    def describe(side: Side, silent: Side, view: View) -> dict[Key, Term]:
        return {
            (kind, permit.name, silent.name): view.terms.effective(decision.name, side, permit)
            for permit in view.near(side.fact, permits[side.name])
        }

    def conclude(hits: Hits) -> Conclusion:
        found: list[Report] = []
        for permit in (norm for near in permits.values() for norm in near.rules):
            silent = next((s.name for s in decision.sides if (kind, permit.name, s.name) in hits), None)
            if silent is not None:
                found.append(partial(_finding, reporter, decision, permit, silent))
        questions = hits.proved(kind)
        return found, [
            Proof("no-silent-case", decision.name, None, questions)
        ] if questions and not found else []

    hunts = [
        Hunt(side.fact, partial(describe, side, silent), given=partial(_left_open, decision, side, silent))
        for side, silent in permutations(decision.sides, 2)
    ]
    what = text("PC901.answered", decision=decision.name)
    return Analysis(("PC403",), what, decision.span, kind, hunts, conclude)


def unanswered(view: View, decision: Decision, permit: Norm, silent: Side) -> Term:
    """A side permits by a permit that has effect, another is silent, and no third one settles it."""
    side = view.policy_set.side(decision.name, permit.side)
    effective = view.terms.effective(decision.name, side, permit)
    return view.bank.and_((effective, _left_open(decision, side, silent, view)))


def _left_open(decision: Decision, side: Side, silent: Side, view: View) -> Term:
    """One side permits, another is silent, and the decision is undetermined."""
    terms = view.terms
    return view.bank.and_(
        (
            terms.side(decision.name, side)[SideVerdict.PERMITS],
            terms.side(decision.name, silent)[SideVerdict.SILENT],
            terms.decision(decision.name)[Verdict.UNDETERMINED],
        )
    )


def _finding(reporter: Reporter, decision: Decision, permit: Norm, silent_name: str) -> Diagnostic | None:
    policy_set = reporter.policy_set
    side = policy_set.side(decision.name, permit.side)
    silent = policy_set.side(decision.name, silent_name)

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
        text(
            "PC403.headline",
            permit=permit.name,
            yes=bilingual(side.name, side.title),
            silent=bilingual(silent.name, silent.title),
        ),
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
        help_=text("PC403.help", silent=bilingual(silent.name, silent.title), decision=decision.name),
    )


def _root(view: View, term: Term, silent: Side) -> str:
    """The root of the region tree below which the silent side can lie; the first, if there are several."""
    *others, last = view.policy_set.regions.roots
    place = view.space.region(silent.fact)
    return next((root for root in others if view.possible([term, view.space.within(place, root)])), last)
