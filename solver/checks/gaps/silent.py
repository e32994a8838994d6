"""Cases that one side permits and of which another says nothing (PC403)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import permutations

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Case, Decision, Effect, Norm, Side, SideVerdict, Verdict
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator

from ...engine.context import CaseScope
from ...engine.reachability import (
    Analysis,
    Conclusion,
    Described,
    Key,
    Parts,
    ReachabilityQuery,
    ReachabilityResults,
    Report,
)
from ...formula.terms import Term
from ...report.describe import bilingual
from ...report.reports import Proof, ProofKind
from ..reporter import Possibility, Reporter


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

        def silence(silent: Side, scope: CaseScope) -> Term:
            return scope.decisions.side(self.decision.name, silent)[SideVerdict.SILENT]

        def describe(silent: Side, scope: CaseScope) -> dict[Key, Described]:
            return {self._silence(silent): partial(silence, silent, scope)}

        several = len(self.decision.sides) > 1
        queries = [
            ReachabilityQuery(self._kind, side.fact, partial(describe, side))
            for side in self.decision.sides
            if several
        ]
        return self._analysis(queries, self._note_silences)

    def _note_silences(self, results: ReachabilityResults) -> Conclusion:
        for side in self.decision.sides:
            silence = self._silence(side)
            if silence in results:
                self._where[side.name] = results.parts(silence)
            elif results.may_be(silence):
                self._where[side.name] = (None,)
        self._never_silent = results.proved(self._kind)
        return [], []

    @property
    def permitted(self) -> Analysis:
        """The second step."""
        queries = [
            search_all
            for pair in permutations(self.decision.sides, 2)
            for search_all in self._permitted_in_silence(*pair)
        ]
        return self._analysis(queries, self._conclude)

    def _permitted_in_silence(self, side: Side, silent: Side) -> list[ReachabilityQuery]:
        """What one side permits where another can be silent; nothing if it never is."""
        decision, where = self.decision, self._where.get(silent.name, ())
        if not where:
            return []
        permits = RegionIndex(self._permits(side), self.reporter.policy_set.regions)

        def describe(scope: CaseScope) -> dict[Key, Described]:
            return {
                (self._kind, permit.name, silent.name): partial(
                    scope.decisions.effective, decision.name, side, permit
                )
                for permit in scope.near(side.fact, permits)
            }

        narrower = [{silent.fact: area} for area in where if area is not None]
        return [
            ReachabilityQuery(
                self._kind,
                side.fact,
                describe,
                once=True,
                given=partial(_left_open, decision, side, silent),
                narrower=narrower,
            )
        ]

    def _conclude(self, results: ReachabilityResults) -> Conclusion:
        found: list[Report] = []
        for permit in (permit for side in self.decision.sides for permit in self._permits(side)):
            silent = next(
                (s.name for s in self.decision.sides if (self._kind, permit.name, s.name) in results), None
            )
            if silent is not None:
                found.append(partial(_finding, self.reporter, self.decision, permit, silent))
        questions = self._never_silent + results.proved(self._kind)
        proof = Proof(ProofKind.NO_SILENT_CASE, None, self.decision.name, None, questions)
        return found, [proof] if questions and not found else []

    def _analysis(
        self, queries: list[ReachabilityQuery], conclude: Callable[[ReachabilityResults], Conclusion]
    ) -> Analysis:
        what = text("PC901.answered", decision=self.decision.name)
        return Analysis(("PC403",), what, self.decision.span, self._kind, queries, conclude)

    def _silence(self, side: Side) -> Key:
        return self._kind, "", side.name  # no permit is called so

    def _permits(self, side: Side) -> list[Norm]:
        rules = self.reporter.context.rule_index.decision_rules[self.decision.name, side.name].rules
        return [rule for rule in rules if isinstance(rule, Norm) and rule.effect is Effect.PERMIT]


def unanswered(scope: CaseScope, decision: Decision, permit: Norm, silent: Side) -> Term:
    """A side permits by a permit that has effect, another is silent, and no third one settles it."""
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


def _finding(reporter: Reporter, decision: Decision, permit: Norm, silent_name: str) -> Diagnostic | None:
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
        Possibility(
            describe,
            claim,
            decision.name,
            silent.fact,
            _root(reporter.scope, describe(reporter.scope), silent),
            permit.period,
        ),
        side=silent.name,
        labels=[text("finding.permits")],
        help_=text("PC403.help", silent=bilingual(silent.name, silent.title), decision=decision.name),
    )


def _root(scope: CaseScope, term: Term, silent: Side) -> str:
    """The root of the region tree below which the silent side can lie; the first, if there are several."""
    *others, last = scope.policy_set.regions.roots
    place = scope.symbolic.region(silent.fact)
    return next((root for root in others if scope.possible([term, scope.symbolic.within(place, root)])), last)
