"""Encodes verdicts: the sides of decisions, and the role of each rule in them.

`SideTerms` is for one side and all cases at once what `Judgement.side` is for one case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policyc.dsl.model import Effect, Norm, Requirement, Side, SideVerdict, Verdict
from policyc.dsl.semantics.depth import Settled
from policyc.dsl.system.limits import TooMany

from ..formula.terms import Term
from .expressions import ExpressionEncoder
from .rule_index import RuleIndex
from .rules import Choices
from .symbolic_case import Path, SymbolicCase
from .values import Kleene


@dataclass(frozen=True, slots=True)
class SideTerms:
    """When a side gives each verdict, and when each of its rules takes part, under one choice of values."""

    verdicts: Mapping[SideVerdict, Term]
    #: A norm surely applies; it surely has effect.
    applies: Mapping[str, Term]
    effective: Mapping[str, Term]
    #: A requirement surely fails and no permit sets it aside.
    failing: Mapping[str, Term]
    #: No requirement fails or may fail, unless a permit sets it aside.
    open: Term
    #: A norm has effect, or a requirement fails, if every doubt is settled against permission.
    possible: Mapping[str, Term]


#: The rules of a side by name, in order of declaration: whether a norm applies or a requirement fails.
Work = Mapping[str, Kleene]

#: How many stack frames lie between a decision and the next one that it reads.
_FRAMES = 40


class DecisionEncoder:
    """Encodes decisions and their sides in one symbolic case, above its expressions and rules."""

    def __init__(
        self,
        symbolic: SymbolicCase,
        rule_index: RuleIndex,
        ground: DecisionEncoder | None = None,
        over_approximate: bool = False,
    ) -> None:
        """For `ground` and `over_approximate` see `ExpressionEncoder`."""
        larger = None if ground is None else ground.expressions
        self.expressions: ExpressionEncoder = ExpressionEncoder(
            symbolic, rule_index, self.verdict, larger, over_approximate
        )
        self.rules = self.expressions.rules
        self.algebra = self.expressions.algebra
        self.symbolic = symbolic
        self.factory = symbolic.factory
        self.policy_set = symbolic.policy_set
        self.rule_index = rule_index
        self.ground = ground
        self._decisions: Settled[str] = Settled(self._decision, lambda _: _FRAMES, rule_index.depth)
        self._work: dict[tuple[str, str], list[tuple[Term, Work]] | TooMany] = {}
        self._sides: dict[tuple[str, str], list[tuple[Term, SideTerms]]] = {}
        self._unbeaten_terms: dict[tuple[Term, ...], Term] = {}

    # --- Decisions ---

    def decision(self, name: str) -> Mapping[Verdict, Term]:
        """When a decision has each verdict; chains may be long (`dsl/semantics/depth.py`)."""
        found: Mapping[Verdict, Term] = self._decisions[name]
        return found

    def verdict(self, decision: str, verdict: Verdict) -> Term:
        return self.decision(decision)[verdict]

    def _decision(self, name: str) -> Mapping[Verdict, Term]:
        factory = self.factory
        sides = [self.side(name, side) for side in self.policy_set.decisions[name].sides]
        found: dict[Verdict, Term] = {}
        rest = factory.true
        for verdict, side_verdict in (
            (Verdict.DENIED, SideVerdict.DENIES),
            (Verdict.CONFLICTING, SideVerdict.CONFLICT),
            (Verdict.UNDETERMINED, SideVerdict.SILENT),
        ):
            some = factory.or_(side[side_verdict] for side in sides)
            found[verdict] = factory.and_((rest, some))
            rest = factory.and_((rest, factory.not_(some)))
        found[Verdict.PERMITTED] = rest
        return found

    # --- Sides ---

    def side(self, decision: str, side: Side) -> Mapping[SideVerdict, Term]:
        """When a side gives each verdict."""
        return self.agreed(self.side_branches(decision, side))

    def agreed(self, branches: Sequence[tuple[Term, SideTerms]]) -> Mapping[SideVerdict, Term]:
        """The verdict of all alternatives; if they differ, the side is in conflict."""
        factory = self.factory
        if len(branches) == 1:
            return branches[0][1].verdicts
        found: dict[SideVerdict, Term] = {}
        for verdict in (SideVerdict.PERMITS, SideVerdict.DENIES, SideVerdict.SILENT):
            found[verdict] = factory.and_(factory.implies(guard, terms.verdicts[verdict]) for guard, terms in branches)
        found[SideVerdict.CONFLICT] = factory.not_(factory.or_(found.values()))
        return found

    def side_branches(self, decision: str, side: Side) -> list[tuple[Term, SideTerms]]:
        """The side under each choice of values for conflicting parameters, with the guard of the choice."""
        memo = (decision, side.name)
        if self.ground is not None and self.expressions.shared(self.rule_index.dependencies.side(*memo)):
            return self.ground.side_branches(decision, side)
        if memo not in self._sides:
            work = self.rules_at_work(decision, side)
            self._sides[memo] = [(guard, self.settle(rules)) for guard, rules in work]
        return self._sides[memo]

    def anywhere(self, branches: Iterable[tuple[Term, Term]]) -> Term:
        """That some branch is possible and its term holds."""
        return self.factory.or_(self.factory.and_(pair) for pair in branches)

    def effective(self, decision: str, side: Side, norm: Norm) -> Term:
        """When a norm of a side surely has effect."""
        return self.anywhere(
            (guard, branch.effective.get(norm.name, self.factory.false))
            for guard, branch in self.side_branches(decision, side)
        )

    def place_of(self, side: Side) -> Path:
        return self.symbolic.region(side.fact)

    def rules_at_work(self, decision: str, side: Side) -> list[tuple[Term, Work]]:
        """The rules that may apply or fail under each choice of values, with the guard of the choice."""
        memo = (decision, side.name)
        if memo not in self._work:
            try:
                computed = self.rules.branches(lambda choices: self._rules_at_work(decision, side, choices))
                self._work[memo] = [(branch.guard, work) for branch, work in computed]
            except TooMany as given_up:  # kept, so that later calls fail at once
                self._work[memo] = given_up
        found = self._work[memo]
        if isinstance(found, TooMany):
            raise found
        return found

    def _rules_at_work(self, decision: str, side: Side, choices: Choices) -> Work:
        place, rules = self.place_of(side), self.rule_index.decision_rules[decision, side.name]
        found: dict[str, Kleene] = {}
        for rule in self.rules.speaking(rules, place):
            truth = self.rules.applies(rule, place, choices)
            if isinstance(rule, Requirement) and truth.surely_false is not self.factory.true:
                holds = self.expressions.truth(rule.condition, choices)
                truth = self.algebra.conjunction((truth, holds.negated))
            if truth.surely_false is not self.factory.true:
                found[rule.name] = truth
        return found

    def settle(self, work: Work) -> SideTerms:
        """The terms of a side, given its rules."""
        factory = self.factory
        norms = {name: self.policy_set.norms[name] for name in work if name in self.policy_set.norms}
        favoured = self._one_way(norms, work, favour=True)
        doubtful = any(truth.surely_false is not factory.not_(truth.surely_true) for truth in work.values())
        opposed = self._one_way(norms, work, favour=False) if doubtful else favoured
        agreed = {
            verdict: factory.and_((favoured.verdicts[verdict], opposed.verdicts[verdict]))
            for verdict in (SideVerdict.PERMITS, SideVerdict.DENIES, SideVerdict.CONFLICT)
        }
        agreed[SideVerdict.SILENT] = factory.not_(factory.or_(agreed.values()))
        sure = {  # a permit surely has effect if it does with doubt settled against it; a forbid vice versa
            name: (opposed if norm.effect is Effect.PERMIT else favoured).effective[name]
            for name, norm in norms.items()
        }
        return SideTerms(
            agreed,
            {name: work[name].surely_true for name in norms},
            sure,
            favoured.failing,
            factory.and_((favoured.open, opposed.open)),
            {**opposed.effective, **opposed.failing},
        )

    def _one_way(self, norms: Mapping[str, Norm], work: Work, *, favour: bool) -> _OneWay:
        """The side if every doubt is settled for permission (`favour`) or against it."""
        factory = self.factory
        applying = {
            name: factory.not_(work[name].surely_false)
            if (norm.effect is Effect.PERMIT) == favour
            else work[name].surely_true
            for name, norm in norms.items()
        }
        effective = {
            name: self._unbeaten(applying[name], [applying[winner] for winner in self.rule_index.winners(name, norms)])
            for name in norms
        }
        permits = [name for name, norm in norms.items() if norm.effect is Effect.PERMIT]
        failing = {}
        for name, truth in work.items():
            if name not in norms:
                set_aside = [effective[permit] for permit in permits if name in norms[permit].exceptions]
                fails = truth.surely_true if favour else factory.not_(truth.surely_false)
                failing[name] = factory.and_((fails, factory.not_(factory.or_(set_aside))))
        permit = factory.or_(effective[name] for name in permits)
        forbid = factory.or_(effective[name] for name in norms if name not in permits)
        fails = factory.or_(failing.values())
        open_ = factory.not_(fails)
        return _OneWay(
            {
                SideVerdict.DENIES: factory.or_((fails, factory.and_((forbid, factory.not_(permit))))),
                SideVerdict.CONFLICT: factory.and_((open_, permit, forbid)),
                SideVerdict.PERMITS: factory.and_((open_, permit, factory.not_(forbid))),
            },
            effective,
            failing,
            open_,
        )

    def _unbeaten(self, applies: Term, winners: Sequence[Term]) -> Term:
        """That a norm applies and none of its winners does. Kept, since a side is settled again and again with one rule
        more or less, which concerns few norms."""
        key = (applies, *winners)
        if key not in self._unbeaten_terms:
            self._unbeaten_terms[key] = self.factory.and_((applies, *map(self.factory.not_, winners)))
        return self._unbeaten_terms[key]


@dataclass(frozen=True, slots=True)
class _OneWay:
    verdicts: Mapping[SideVerdict, Term]
    effective: Mapping[str, Term]
    failing: Mapping[str, Term]
    open: Term
