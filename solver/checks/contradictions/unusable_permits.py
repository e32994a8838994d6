"""Permits that nobody can use (PC305): wherever one applies, some requirement fails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, quoted, text
from policyc.dsl.model import Case, Decision, Effect, Norm, Requirement, Side, SideVerdict
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...encoding.decisions import SideTerms
from ...engine.context import CaseScope
from ...engine.minimize import implicit_hitting_set
from ...engine.reachability import Described, Key, ReachabilityQuery, ReachabilityResults
from ...engine.rule_places import nearest_first, sides
from ...formula.terms import Term
from ..form import Analysis, Check, Conclusion
from ..reporter import Possibility, Reporter


class UnusablePermits:
    """The permits of one side that can apply, but never with all requirements met."""

    def __init__(self, reporter: Reporter, decision: Decision, side: Side) -> None:
        self.reporter = reporter
        self.decision = decision
        self.side = side
        self.kind = f"PC305 {decision.name} {side.name}"
        norms = reporter.context.rule_index.decision_rules[decision.name, side.name].rules
        permits = [norm for norm in norms if isinstance(norm, Norm) and norm.effect is Effect.PERMIT]
        self._permits = RegionIndex(permits, reporter.policy_set.regions)
        self.queries = (ReachabilityQuery(self.kind, side.fact, self._describe, once=True),)

    @property
    def analysis(self) -> Analysis:
        what = text("PC901.usable", decision=self.decision.name, side=self.side.name)
        return Analysis(Purpose(("PC305",), what, self.side.span), self.kind, self.queries, self._conclude)

    def names(self, results: ReachabilityResults) -> frozenset[str]:
        """The permits that were found to be unusable."""
        return frozenset(
            permit.name
            for permit in self._permits.rules
            if (self.kind, permit.name, "applies") in results and not results.may_be((self.kind, permit.name, "usable"))
        )

    def _describe(self, scope: CaseScope) -> dict[Key, Described]:
        found: dict[Key, Described] = {}
        for permit in scope.near(self.side.fact, self._permits):
            found[self.kind, permit.name, "applies"] = partial(usable, scope, permit, ())
            found[self.kind, permit.name, "usable"] = partial(usable, scope, permit)
        return found

    def _conclude(self, results: ReachabilityResults) -> Conclusion:
        names = self.names(results)
        permits = [permit for permit in self._permits.rules if permit.name in names]
        return Conclusion([partial(_unusable_permit, self.reporter, permit) for permit in permits])


def usable(scope: CaseScope, permit: Norm, counting: Collection[str] | None = None) -> Term:
    """A permit surely applies, and no requirement surely fails without being set aside; `counting` limits the
    requirements that count."""
    side = scope.policy_set.side(permit.decision, permit.side)
    return scope.decisions.anywhere(
        (guard, _usable_in(scope, branch, permit, counting))
        for guard, branch in scope.decisions.side_branches(permit.decision, side)
    )


def _usable_in(scope: CaseScope, branch: SideTerms, permit: Norm, counting: Collection[str] | None) -> Term:
    factory = scope.factory
    failing = [fails for name, fails in branch.failing.items() if counting is None or name in counting]
    return factory.and_((branch.applies.get(permit.name, factory.false), *map(factory.not_, failing)))


def _unusable_permit(reporter: Reporter, permit: Norm) -> Diagnostic | None:
    """Wherever a nullified permit applies, it is refused."""
    requirements = _together(reporter, permit)
    side = reporter.policy_set.side(permit.decision, permit.side)

    def refused(scope: CaseScope) -> Term:
        return usable(scope, permit, ())

    def denied(scope: CaseScope) -> Term:
        verdicts = scope.decisions.side(permit.decision, side)
        return scope.factory.and_((refused(scope), verdicts[SideVerdict.DENIES]))

    def claim(evaluator: Evaluator, case: Case) -> bool:
        verdict = evaluator.side(permit.decision, permit.side, case).verdict
        applies = evaluator.applying(permit, str(case[side.fact]), case)
        return applies and verdict in (SideVerdict.DENIES, SideVerdict.CONFLICT)

    # With a conflicting parameter, the side can be in conflict; a case that it plainly denies is preferred.
    shown = denied if reporter.scope.possible([denied(reporter.scope)]) else refused
    names = tuple(rule.name for rule in requirements)
    return reporter.report(
        "PC305",
        text("PC305.headline", permit=permit.name, requirement=names[0])
        if len(names) == 1
        else text("PC305.together", permit=permit.name, requirements=quoted(names)),
        (permit, *requirements),
        Possibility(shown, claim, permit.decision, side.fact, permit.region, permit.period),
        side=permit.side,
        labels=[text("finding.permits"), *(text("PC305.label") for _ in requirements)],
        help_=text("PC305.help", permit=permit.name),
    )


def _together(reporter: Reporter, permit: Norm) -> list[Requirement]:
    """A minimal set of requirements that together leave no case to the permit."""
    scope, requirements = reporter.scope, reporter.policy_set.requirements
    side = reporter.policy_set.side(permit.decision, permit.side)
    branches = scope.decisions.side_branches(permit.decision, side)

    def failing(chosen: Sequence[str]) -> frozenset[str] | None:
        """Requirements that fail in a case in which the permit applies and none of those chosen fails."""
        case = scope.case([usable(scope, permit, chosen)])
        if case is None:
            return None
        for guard, branch in branches:
            if scope.holds(scope.factory.and_((guard, _usable_in(scope, branch, permit, chosen))), case):
                return frozenset(name for name, fails in branch.failing.items() if scope.holds(fails, case))
        raise AssertionError("some branch of the case found has the permit usable")

    names = dict.fromkeys(name for _, branch in branches for name in branch.failing)
    order = [rule.name for rule in nearest_first(permit, [requirements[name] for name in names])]
    return [requirements[name] for name in implicit_hitting_set(order, failing)]


CHECK = Check(
    ("PC305",),
    60,
    lambda reporter: [UnusablePermits(reporter, *pair).analysis for pair in sides(reporter.policy_set)],
)
