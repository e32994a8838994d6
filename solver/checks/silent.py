"""Cases that one side permits and of which another says nothing (PC403)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Case, Decision, Effect, Norm, Side, SideVerdict, Verdict
from policyc.dsl.model.regions import Around
from policyc.dsl.semantics.evaluate import Evaluator

from ..engine.context import View
from ..engine.reachability import Analysis, Conclusion, Described, Hits, Hunt, Key, Parts, Report
from ..formula.terms import Term
from ..report.describe import bilingual
from ..report.reports import Proof
from .reporter import Question, Reporter


class SilentCases:
    """PC403 for one decision, in two steps: where a side can say nothing at all, and what another permits then.
    There is one finding for each permit, with the first side that leaves it without answer."""

    def __init__(self, reporter: Reporter, decision: Decision) -> None:
        self.reporter = reporter
        self.decision = decision
        self._kind = f"PC403 {decision.name}"
        #: By side, the parts of the country in which it can be silent; known when the first step is concluded.
        self._where: dict[str, Parts] = {}
        self._never_silent = 0

    @property
    def silences(self) -> Analysis:
        """The first step, with nothing to report."""

        def silence(silent: Side, view: View) -> Term:
            return view.terms.side(self.decision.name, silent)[SideVerdict.SILENT]

        def describe(silent: Side, view: View) -> dict[Key, Described]:
            return {self._silence(silent): partial(silence, silent, view)}

        several = len(self.decision.sides) > 1
        hunts = [
            Hunt(self._kind, side.fact, partial(describe, side)) for side in self.decision.sides if several
        ]
        return self._analysis(hunts, self._note_silences)

    def _note_silences(self, hits: Hits) -> Conclusion:
        for side in self.decision.sides:
            silence = self._silence(side)
            if silence in hits:
                self._where[side.name] = hits.parts(silence)
            elif hits.may_be(silence):
                self._where[side.name] = (None,)
        self._never_silent = hits.proved(self._kind)
        return [], []

    @property
    def permitted(self) -> Analysis:
        """The second step."""
        hunts = [
            hunt
            for pair in permutations(self.decision.sides, 2)
            for hunt in self._permitted_in_silence(*pair)
        ]
        return self._analysis(hunts, self._conclude)

    def _permitted_in_silence(self, side: Side, silent: Side) -> list[Hunt]:
        """What one side permits where another can be silent; nothing if it never is."""
        decision, where = self.decision, self._where.get(silent.name, ())
        if not where:
            return []
        permits = Around(self._permits(side), self.reporter.policy_set.regions)

        def describe(view: View) -> dict[Key, Described]:
            return {
                (self._kind, permit.name, silent.name): partial(
                    view.terms.effective, decision.name, side, permit
                )
                for permit in view.near(side.fact, permits)
            }

        narrower = [{silent.fact: area} for area in where if area is not None]
        return [
            Hunt(
                self._kind,
                side.fact,
                describe,
                once=True,
                given=partial(_left_open, decision, side, silent),
                narrower=narrower,
            )
        ]

    def _conclude(self, hits: Hits) -> Conclusion:
        found: list[Report] = []
        for permit in (permit for side in self.decision.sides for permit in self._permits(side)):
            silent = next(
                (s.name for s in self.decision.sides if (self._kind, permit.name, s.name) in hits), None
            )
            if silent is not None:
                found.append(partial(_finding, self.reporter, self.decision, permit, silent))
        questions = self._never_silent + hits.proved(self._kind)
        proof = Proof("no-silent-case", self.decision.name, None, questions)
        return found, [proof] if questions and not found else []

    def _analysis(self, hunts: list[Hunt], conclude: Callable[[Hits], Conclusion]) -> Analysis:
        what = text("PC901.answered", decision=self.decision.name)
        return Analysis(("PC403",), what, self.decision.span, self._kind, hunts, conclude)

    def _silence(self, side: Side) -> Key:
        return self._kind, "", side.name  # no permit is called so

    def _permits(self, side: Side) -> list[Norm]:
        rules = self.reporter.prover.background.decision_rules[self.decision.name, side.name].rules
        return [rule for rule in rules if isinstance(rule, Norm) and rule.effect is Effect.PERMIT]


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
