"""Permits that nobody can use (PC305): wherever one applies, some requirement fails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Case, Decision, Effect, Norm, Requirement, Side, SideVerdict
from policyc.dsl.model.regions import Around
from policyc.dsl.semantics.evaluate import Evaluator

from ..encoding.decisions import SideTerms
from ..engine.context import View
from ..engine.minimize import implicit_hitting_set
from ..engine.reachability import Analysis, Conclusion, Described, Hits, Hunt, Key
from ..engine.rule_places import nearest_first
from ..formula.terms import Term
from .reporter import Question, Reporter


class NullifiedPermits:
    """The permits of one side that can apply, but not where all requirements are met."""

    def __init__(self, reporter: Reporter, decision: Decision, side: Side) -> None:
        self.reporter = reporter
        self.decision = decision
        self.side = side
        self.kind = f"PC305 {decision.name} {side.name}"
        norms = reporter.prover.background.decision_rules[decision.name, side.name].rules
        permits = [norm for norm in norms if isinstance(norm, Norm) and norm.effect is Effect.PERMIT]
        self._permits = Around(permits, reporter.policy_set.regions)
        self.hunts = (Hunt(self.kind, side.fact, self._describe, once=True),)

    @property
    def analysis(self) -> Analysis:
        what = text("PC901.usable", decision=self.decision.name, side=self.side.name)
        return Analysis(("PC305",), what, self.side.span, self.kind, self.hunts, self._conclude)

    def names(self, hits: Hits) -> frozenset[str]:
        """The permits that were found to be of no use to anybody."""
        return frozenset(
            permit.name
            for permit in self._permits.rules
            if (self.kind, permit.name, "applies") in hits
            and not hits.may_be((self.kind, permit.name, "usable"))
        )

    def _describe(self, view: View) -> dict[Key, Described]:
        found: dict[Key, Described] = {}
        for permit in view.near(self.side.fact, self._permits):
            found[self.kind, permit.name, "applies"] = partial(usable, view, permit, ())
            found[self.kind, permit.name, "usable"] = partial(usable, view, permit)
        return found

    def _conclude(self, hits: Hits) -> Conclusion:
        names = self.names(hits)
        permits = [permit for permit in self._permits.rules if permit.name in names]
        return [partial(_finding, self.reporter, permit) for permit in permits], []


def usable(view: View, permit: Norm, counting: Collection[str] | None = None) -> Term:
    """A permit surely applies, and no requirement surely fails that is not set aside; if so given, only some
    requirements count, or none."""
    side = view.policy_set.side(permit.decision, permit.side)
    return view.terms.anywhere(
        (guard, _usable_in(view, branch, permit, counting))
        for guard, branch in view.terms.side_branches(permit.decision, side)
    )


def _usable_in(view: View, branch: SideTerms, permit: Norm, counting: Collection[str] | None) -> Term:
    bank = view.bank
    failing = [fails for name, fails in branch.failing.items() if counting is None or name in counting]
    return bank.and_((branch.applies.get(permit.name, bank.false), *map(bank.not_, failing)))


def _finding(reporter: Reporter, permit: Norm) -> Diagnostic | None:
    """Wherever a nullified permit applies, it is refused."""
    requirements = _together(reporter, permit)
    side = reporter.policy_set.side(permit.decision, permit.side)

    def refused(view: View) -> Term:
        return usable(view, permit, ())

    def denied(view: View) -> Term:
        verdicts = view.terms.side(permit.decision, side)
        return view.bank.and_((refused(view), verdicts[SideVerdict.DENIES]))

    def claim(evaluator: Evaluator, case: Case) -> bool:
        verdict = evaluator.side(permit.decision, permit.side, case).verdict
        applies = evaluator.applying(permit, str(case[side.fact]), case)
        return applies and verdict in (SideVerdict.DENIES, SideVerdict.CONFLICT)

    # Where a parameter is conflicting, the side can be in conflict; a case that it plainly denies is preferred.
    shown = denied if reporter.view.possible([denied(reporter.view)]) else refused
    names = tuple(rule.name for rule in requirements)
    return reporter.report(
        "PC305",
        text("PC305.headline", permit=permit.name, requirement=names[0])
        if len(names) == 1
        else text("PC305.together", permit=permit.name, requirements=names),
        (permit, *requirements),
        Question(shown, claim, permit.decision, side.fact, permit.region, permit.period),
        side=permit.side,
        labels=[text("finding.permits"), *(text("PC305.label") for _ in requirements)],
        help_=text("PC305.help", permit=permit.name),
    )


def _together(reporter: Reporter, permit: Norm) -> list[Requirement]:
    """Requirements, none of them dispensable, that together leave no case to the permit."""
    view, requirements = reporter.view, reporter.policy_set.requirements
    side = reporter.policy_set.side(permit.decision, permit.side)
    branches = view.terms.side_branches(permit.decision, side)

    def failing(chosen: Sequence[str]) -> frozenset[str] | None:
        """Requirements that fail where the permit applies and none of those chosen does."""
        case = view.case([usable(view, permit, chosen)])
        if case is None:
            return None
        for guard, branch in branches:
            if view.holds(view.bank.and_((guard, _usable_in(view, branch, permit, chosen))), case):
                return frozenset(name for name, fails in branch.failing.items() if view.holds(fails, case))
        raise AssertionError("some branch of the case found has the permit usable")

    names = dict.fromkeys(name for _, branch in branches for name in branch.failing)
    order = [rule.name for rule in nearest_first(permit, [requirements[name] for name in names])]
    return [requirements[name] for name in implicit_hitting_set(order, failing)]
