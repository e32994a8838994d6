"""Verdicts as terms: the sides of decisions, and the part each rule has in them.

`SideTerms` says of one side, for all cases of a space at once, what `Evaluator._settle` says of one case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..dsl.model import Decision, Effect, Expr, Norm, Requirement, Side, SideVerdict, Value, Verdict
from ..dsl.outcomes import Conflicting, Outcome, Undetermined
from .encode import Encoder
from .encoded import Encoded, Truth
from .parameters import Background, Branch, Choices
from .space import Path, Space
from .terms import Term


@dataclass(frozen=True, slots=True)
class SideTerms:
    """When a side gives each verdict, and when each of its rules takes part, under one choice of values."""

    verdicts: Mapping[SideVerdict, Term]
    #: A norm surely applies; it surely has effect.
    applies: Mapping[str, Term]
    effective: Mapping[str, Term]
    #: A requirement surely fails and no permit sets it aside.
    failing: Mapping[str, Term]
    #: A norm has effect, or a requirement fails, when every doubt goes against permission (or for it).
    possible: Mapping[str, Term]


#: The values of an expression under each choice of values for conflicting parameters.
Alternatives = Sequence[tuple[Branch, Encoded]]


class Verdicts(Encoder):
    """Encodes decisions besides expressions."""

    def __init__(self, space: Space, background: Background, opaque: bool = False) -> None:
        super().__init__(space, background, opaque)
        self.verdict = self._verdict_term
        self._decisions: dict[str, Mapping[Verdict, Term]] = {}
        self._sides: dict[tuple[str, str], list[tuple[Term, SideTerms]]] = {}

    # --- Decisions ---

    def decision(self, name: str) -> Mapping[Verdict, Term]:
        """When a decision has each verdict."""
        if name not in self._decisions:
            self._decisions[name] = self._decision(self.policy_set.decisions[name])
        return self._decisions[name]

    def _verdict_term(self, decision: str, verdict: str) -> Term:
        return self.decision(decision)[Verdict(verdict)]

    def _decision(self, decision: Decision) -> Mapping[Verdict, Term]:
        bank = self.bank
        sides = [self.side(decision.name, side) for side in decision.sides]
        found: dict[Verdict, Term] = {}
        rest = bank.true
        for verdict, side_verdict in (
            (Verdict.DENIED, SideVerdict.DENIES),
            (Verdict.CONFLICTING, SideVerdict.CONFLICT),
            (Verdict.UNDETERMINED, SideVerdict.SILENT),
        ):
            some = bank.or_(side[side_verdict] for side in sides)
            found[verdict] = bank.and_((rest, some))
            rest = bank.and_((rest, bank.not_(some)))
        found[Verdict.PERMITTED] = rest
        return found

    # --- Sides ---

    def side(self, decision: str, side: Side) -> Mapping[SideVerdict, Term]:
        """When a side gives each verdict; where alternatives of a parameter differ, it is in conflict."""
        bank = self.bank
        branches = self.side_branches(decision, side)
        if len(branches) == 1:
            return branches[0][1].verdicts
        found: dict[SideVerdict, Term] = {}
        for verdict in (SideVerdict.PERMITS, SideVerdict.DENIES, SideVerdict.SILENT):
            found[verdict] = bank.and_(
                bank.implies(guard, terms.verdicts[verdict]) for guard, terms in branches
            )
        found[SideVerdict.CONFLICT] = bank.not_(bank.or_(found.values()))
        return found

    def side_branches(self, decision: str, side: Side) -> list[tuple[Term, SideTerms]]:
        """The side under each choice of values for conflicting parameters, with the guard of the choice."""
        memo = (decision, side.name)
        if memo not in self._sides:
            computed = self.branches(lambda choices: self._settle(decision, side, choices))
            self._sides[memo] = [(branch.guard, terms) for branch, terms in computed]
        return self._sides[memo]

    def anywhere(self, branches: Iterable[tuple[Term, Term]]) -> Term:
        """Where some branch is possible and its term holds."""
        return self.bank.or_(self.bank.and_(pair) for pair in branches)

    def place_of(self, side: Side) -> Path:
        return self.space.region(side.fact)

    def _settle(self, decision: str, side: Side, choices: Choices) -> SideTerms:
        bank, place = self.bank, self.place_of(side)
        near = self.space.located(place)
        norms: dict[str, Norm] = {}
        applies: dict[str, Truth] = {}
        for norm in self.background.norms(decision, side.name, near):
            truth = self.applies(norm, place, choices)
            if truth.false is not bank.true:
                norms[norm.name], applies[norm.name] = norm, truth
        requirements = {
            rule.name: self._met(rule, place, choices)
            for rule in self.background.requirements(decision, side.name, near)
        }
        favoured = self._one_way(norms, applies, requirements, favour=True)
        opposed = self._one_way(norms, applies, requirements, favour=False)
        agreed = {
            verdict: bank.and_((favoured.verdicts[verdict], opposed.verdicts[verdict]))
            for verdict in (SideVerdict.PERMITS, SideVerdict.DENIES, SideVerdict.CONFLICT)
        }
        agreed[SideVerdict.SILENT] = bank.not_(bank.or_(agreed.values()))
        sure = {  # a permit surely has effect where doubt against it leaves it so; a forbid the other way
            name: (opposed if norm.effect is Effect.PERMIT else favoured).effective[name]
            for name, norm in norms.items()
        }
        return SideTerms(
            agreed,
            {name: truth.true for name, truth in applies.items()},
            sure,
            favoured.failing,
            {**opposed.effective, **opposed.failing},
        )

    def _met(self, rule: Requirement, place: Path, choices: Choices) -> Truth:
        """Whether a requirement does not apply or its condition holds."""
        bank = self.bank
        applies = self.applies(rule, place, choices)
        if applies.false is bank.true:
            return Truth(bank.true, bank.false)
        holds = self.truth(rule.condition, choices)
        return Truth(bank.or_((applies.false, holds.true)), bank.and_((applies.true, holds.false)))

    def _one_way(
        self,
        norms: Mapping[str, Norm],
        applies: Mapping[str, Truth],
        requirements: Mapping[str, Truth],
        *,
        favour: bool,
    ) -> _OneWay:
        """The side when every doubt is settled for permission (`favour`) or against it."""
        bank = self.bank
        applying = {
            name: bank.not_(applies[name].false)
            if (norm.effect is Effect.PERMIT) == favour
            else applies[name].true
            for name, norm in norms.items()
        }
        effective = {
            name: bank.and_(
                (
                    applying[name],
                    *(
                        bank.not_(applying[loss.winner])
                        for loss in self.background.beaten.get(name, ())
                        if loss.winner in applying
                    ),
                )
            )
            for name in norms
        }
        permits = [name for name, norm in norms.items() if norm.effect is Effect.PERMIT]
        failing = {}
        for name, met in requirements.items():
            set_aside = [effective[permit] for permit in permits if name in norms[permit].exceptions]
            fails = met.false if favour else bank.not_(met.true)
            failing[name] = bank.and_((fails, bank.not_(bank.or_(set_aside))))
        permit = bank.or_(effective[name] for name in permits)
        forbid = bank.or_(effective[name] for name in norms if name not in permits)
        fails = bank.or_(failing.values())
        open_ = bank.not_(fails)
        return _OneWay(
            {
                SideVerdict.DENIES: bank.or_((fails, bank.and_((forbid, bank.not_(permit))))),
                SideVerdict.CONFLICT: bank.and_((open_, permit, forbid)),
                SideVerdict.PERMITS: bank.and_((open_, permit, bank.not_(forbid))),
            },
            effective,
            failing,
        )

    # --- Expressions over all alternatives ---

    def holds(self, expression: Expr) -> Term:
        """When a condition is true whatever alternative is chosen."""
        return self.every_branch(lambda choices: self.truth(expression, choices).true)

    def fails(self, expression: Expr) -> Term:
        """When a condition is false whatever alternative is chosen."""
        return self.every_branch(lambda choices: self.truth(expression, choices).false)

    def equal_to(self, expression: Expr, outcome: Outcome) -> Term:
        """When an expression has an outcome: a value, undetermined, or conflicting."""
        if isinstance(outcome, Conflicting):
            return self._conflicting(expression)
        return self._always(expression, outcome)

    def _conflicting(self, expression: Expr) -> Term:
        """When two possible choices give an expression different values, whatever these are."""
        bank = self.bank
        branches = self.branches(lambda choices: self.encode(expression, choices))
        return bank.or_(
            bank.and_((one.guard, other.guard, bank.not_(self._alike(first, second))))
            for (one, first), (other, second) in combinations(branches, 2)
        )

    def differs(self, other: Verdicts, expression: Expr) -> Term:
        """When an expression comes to one outcome here and to another in another view: some alternative of
        the one is no alternative of the other."""
        bank = self.bank
        mine = self.branches(lambda choices: self.encode(expression, choices))
        theirs = other.branches(lambda choices: other.encode(expression, choices))

        def unmatched(ones: Alternatives, others: Alternatives) -> Term:
            return bank.or_(
                bank.and_(
                    (
                        branch.guard,
                        *(bank.not_(bank.and_((b.guard, self._alike(value, v)))) for b, v in others),
                    )
                )
                for branch, value in ones
            )

        return bank.or_((unmatched(mine, theirs), unmatched(theirs, mine)))

    def _alike(self, one: Encoded, other: Encoded) -> Term:
        """Whether two values are the same, or both undetermined."""
        bank = self.bank
        defined = self.defined(one), self.defined(other)
        return bank.or_(
            (
                bank.and_((*defined, self._equal(one, other))),
                bank.and_((bank.not_(defined[0]), bank.not_(defined[1]))),
            )
        )

    def _always(self, expression: Expr, value: Value | Undetermined) -> Term:
        """When an expression has one value whatever alternative is chosen."""
        return self.every_branch(
            lambda choices: self._has(self.encode(expression, choices), expression, value)
        )

    def _has(self, encoded: Encoded, expression: Expr, value: Value | Undetermined) -> Term:
        if isinstance(value, Undetermined):
            return self.bank.not_(self.defined(encoded))
        if isinstance(encoded, Truth):
            return encoded.true if value else encoded.false
        same = self._equal(encoded, self._constant(value, expression.type))
        return self.bank.and_((self.defined(encoded), same))


@dataclass(frozen=True, slots=True)
class _OneWay:
    verdicts: Mapping[SideVerdict, Term]
    effective: Mapping[str, Term]
    failing: Mapping[str, Term]
