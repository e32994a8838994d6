"""Encodes expressions: for all cases what `dsl/semantics/expressions.py` does for one.

The encoders follow the reference evaluator name for name, so that the two can be read side by side: expressions here,
rules and parameters in `rules.py`, sides and decisions in `decisions.py`, operations on their values in `values.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from policyc.dsl import model
from policyc.dsl.model.traversal import bottom_up
from policyc.dsl.semantics.depth import Settled
from policyc.dsl.semantics.outcomes import Conflicting, Outcome, Undetermined

from ..formula.terms import Term, number
from .dependencies import Facts
from .rule_index import RuleIndex
from .rules import Branch, Choices, Frozen, RuleEncoder
from .symbolic_case import SymbolicCase
from .values import Algebra, Encoded, Kleene, Number, Place, restricted

#: The values of an expression under each choice of values for conflicting parameters.
Alternatives = Sequence[tuple[Branch, Encoded]]

#: How many stack frames lie between a definition and the next one that it reads.
_FRAMES = 12


class ExpressionEncoder:
    """Encodes expressions in one symbolic case."""

    def __init__(
        self,
        symbolic: SymbolicCase,
        rule_index: RuleIndex,
        verdict: Callable[[str, model.Verdict], Term],
        ground: ExpressionEncoder | None,
        over_approximate: bool,
    ) -> None:
        """`verdict` gives the term for a verdict of a decision. `ground` encodes a larger symbolic case with the same
        variables; whatever reads nothing that is known or limited here is taken from there. `over_approximate` replaces
        rounded products and parameters with several numbers by numbers of which only the bounds are known, which
        `unknown_bounds` has for the solver."""
        self.algebra = Algebra(symbolic)
        self.rules = RuleEncoder(self.algebra, rule_index, self.truth)
        self.symbolic = symbolic
        self.factory = symbolic.factory
        self.policy_set = symbolic.policy_set
        self.rule_index = rule_index
        self.ground = ground
        self._own = frozenset() if ground is None else symbolic.limited - ground.symbolic.limited
        self._verdict = verdict
        self.over_approximate = over_approximate
        self.unknown_bounds: dict[str, Term] = {}
        self._unknowns: dict[tuple[int, Frozen], str] = {}
        self._memo: dict[tuple[int, Frozen], Encoded] = {}
        self._defines: Settled[tuple[str, Frozen]] = Settled(self._define, lambda _: _FRAMES, rule_index.depth)
        self._products: Settled[tuple[str, Number, bool, Frozen]] = Settled(
            self._defined_product, lambda _: 4 * _FRAMES, rule_index.depth
        )
        self._kept: list[model.Expr] = []

    def shared(self, reads: Facts) -> bool:
        """Whether something that reads only these facts is the same here as in `ground`."""
        return self.ground is not None and self._own.isdisjoint(reads)

    def truth(self, expression: model.Expr, choices: Choices) -> Kleene:
        encoded = self.encode(expression, choices)
        assert isinstance(encoded, Kleene)
        return encoded

    # --- Numbers ---

    def bounded(self, expression: model.Expr, choices: Choices, limit: int | None, at_least: bool) -> Term:
        """When a number is determined and, if a limit is given, at least (or at most) that."""
        value = self._number(expression, choices)
        if limit is None:
            return value.defined
        ends = (number(limit), value.value) if at_least else (value.value, number(limit))
        return self.factory.and_((value.defined, self.factory.at_most(*ends)))

    def number_range(self, expression: model.Expr) -> tuple[int, int]:
        """The bounds of a number that follow from those of the facts."""
        values = [
            self._number(expression, branch.choices).value
            for branch, _ in self.rules.branches(lambda choices: self._number(expression, choices))
        ]
        return min(value.low for value in values), max(value.high for value in values)

    # --- Over all values of conflicting parameters ---

    def holds(self, expression: model.Expr) -> Term:
        """When a condition is true under every alternative."""
        return self.rules.every_branch(lambda choices: self.truth(expression, choices).surely_true)

    def fails(self, expression: model.Expr) -> Term:
        """When a condition is false under every alternative."""
        return self.rules.every_branch(lambda choices: self.truth(expression, choices).surely_false)

    def equal_to(self, expression: model.Expr, outcome: Outcome) -> Term:
        """When an expression has an outcome: a value, undetermined, or conflicting."""
        if isinstance(outcome, Conflicting):
            return self._conflicting(expression)
        return self.rules.every_branch(lambda choices: self._has(self.encode(expression, choices), expression, outcome))

    def _conflicting(self, expression: model.Expr) -> Term:
        """When two possible choices give an expression different values."""
        factory = self.factory
        branches = self.rules.branches(lambda choices: self.encode(expression, choices))
        return factory.or_(
            factory.and_((one.guard, other.guard, factory.not_(self.algebra.equivalent(first, second))))
            for (one, first), (other, second) in combinations(branches, 2)
        )

    def differs(self, other: ExpressionEncoder, expression: model.Expr) -> Term:
        """When an expression has different outcomes here and in another scope: an alternative of one has no equal in
        the other."""
        factory = self.factory
        mine = self.rules.branches(lambda choices: self.encode(expression, choices))
        theirs = other.rules.branches(lambda choices: other.encode(expression, choices))

        def unmatched(ones: Alternatives, others: Alternatives) -> Term:
            return factory.or_(
                factory.and_(
                    (
                        branch.guard,
                        *(factory.not_(factory.and_((b.guard, self.algebra.equivalent(value, v)))) for b, v in others),
                    )
                )
                for branch, value in ones
            )

        return factory.or_((unmatched(mine, theirs), unmatched(theirs, mine)))

    def _has(self, encoded: Encoded, expression: model.Expr, value: model.Value | Undetermined) -> Term:
        if isinstance(value, Undetermined):
            return self.factory.not_(self.algebra.defined(encoded))
        if isinstance(encoded, Kleene):
            return encoded.surely_true if value else encoded.surely_false
        same = self.algebra.equal(encoded, self.algebra.constant(value, expression.type))
        return self.factory.and_((self.algebra.defined(encoded), same))

    # --- Expressions ---

    def encode(self, expression: model.Expr, choices: Choices) -> Encoded:
        frozen = frozenset(choices.items())
        if (id(expression), frozen) not in self._memo:
            shared = self._larger(expression) is not None
            # No recursion: parts are encoded before the whole.
            for part in (expression,) if shared else bottom_up(expression):
                if (id(part), frozen) not in self._memo:
                    encoder = self._larger(part)
                    found = self._encode(part, choices) if encoder is None else encoder.encode(part, choices)
                    self._kept.append(part)  # so that its id is not reused
                    self._memo[id(part), frozen] = found
        return self._memo[id(expression), frozen]

    def _larger(self, expression: model.Expr) -> ExpressionEncoder | None:
        """The encoder of the larger symbolic case, if the expression is the same there."""
        if self.ground is None or not self.shared(self.rule_index.dependencies.expression(expression)):
            return None
        return self.ground

    def _define(self, memo: tuple[str, Frozen]) -> Encoded:
        """A definition; chains may be long (`dsl/semantics/depth.py`)."""
        name, choices = memo
        return self.encode(self.policy_set.defines[name].value, dict(choices))

    def _encode(self, expression: model.Expr, choices: Choices) -> Encoded:
        algebra, factory = self.algebra, self.factory
        match expression:
            case model.Constant(value=value, type=type_):
                return algebra.constant(value, type_)
            case model.FactValue(fact=fact):
                return algebra.fact(fact)
            case model.DefineValue(define=define):
                found: Encoded = self._defines[define, frozenset(choices.items())]
                return found
            case model.Not(operand=operand):
                return self.truth(operand, choices).negated
            case model.And(operands=operands):
                return algebra.conjunction([self.truth(operand, choices) for operand in operands])
            case model.Or(operands=operands):
                return algebra.disjunction([self.truth(operand, choices) for operand in operands])
            case model.Choice(condition=condition, then=then, otherwise=otherwise):
                return algebra.choose(
                    self.truth(condition, choices),
                    self.encode(then, choices),
                    self.encode(otherwise, choices),
                )
            case model.IsUndetermined(operand=operand):
                return algebra.sure(factory.not_(algebra.defined(self.encode(operand, choices))))
            case model.VerdictIs(decision=decision, verdict=verdict):
                return algebra.sure(self._verdict(decision, verdict))
            case model.ParameterValue(parameter=parameter, region=region):
                place = self.encode(region, choices)
                assert isinstance(place, Place)
                values, determined = self.rules.parameter(parameter, place.path, choices)
                determined = factory.and_((determined, place.defined))
                if self.over_approximate and expression.type in model.NUMBERS and len(values) > 1:
                    numbers = [value for value in values if isinstance(value, int)]
                    return self._unknown(expression, min(numbers), max(numbers), determined, choices)
                return algebra.by_value(values, determined, expression.type)
            case _:
                return self._operator(expression, choices)

    # --- Operators that need all their operands ---

    def _operator(self, expression: model.Expr, choices: Choices) -> Encoded:
        algebra, factory = self.algebra, self.factory

        def encode(inner: model.Expr) -> Encoded:
            return self.encode(inner, choices)

        match expression:
            case model.Equal(left=left, right=right):
                one, other = encode(left), encode(right)
                return algebra.strict(algebra.equal(one, other), one, other)
            case model.Less(left=left, right=right, strict=strict):
                low, high = self._number(left, choices), self._number(right, choices)
                above = low.value + number(1) if strict else low.value
                return algebra.strict(factory.at_most(above, high.value), low, high)
            case model.Within(inner=inner, outer=outer):
                return self._within(inner, outer, choices)
            case model.MemberOf(element=element, collection=collection):
                return algebra.member_of(self._number(element, choices), encode(collection))
            case model.Ancestor(level=level, region=region):
                return algebra.ancestor(level, encode(region))
            case model.RegionCode(region=region):
                return algebra.code(encode(region))
            case model.Shifted(operand=operand, days=days):
                day = self._number(operand, choices)
                return algebra.in_calendar(Number(day.value + number(days), day.defined))
            case model.Sum(operands=operands):
                summands = [(sign, self._number(operand, choices)) for sign, operand in operands]
                total = number(0)
                for sign, summand in summands:
                    total = total + summand.value.scaled(sign)
                return Number(total, factory.and_(summand.defined for _, summand in summands))
            case model.Extreme(greatest=greatest, operands=operands):
                numbers = [self._number(operand, choices) for operand in operands]
                value = factory.extreme((n.value for n in numbers), greatest=greatest)
                return Number(value, factory.and_(n.defined for n in numbers))
            case model.Product(factor=factor, operand=operand):
                rounded = model.PERCENT in (factor.type, operand.type)
                if rounded and self.over_approximate:
                    pair = self._number(factor, choices), self._number(operand, choices)
                    return self._unknown_product(expression, *pair, choices)
                return self._product(factor, self._number(operand, choices), rounded, choices)
            case _:
                raise AssertionError(f"not an operator: {expression!r}")

    def _number(self, expression: model.Expr, choices: Choices) -> Number:
        encoded = self.encode(expression, choices)
        assert isinstance(encoded, Number)
        return encoded

    def _within(self, inner: model.Expr, outer: model.Expr, choices: Choices) -> Kleene:
        low = self.encode(inner, choices)
        if isinstance(outer, model.Constant):
            assert isinstance(low, Place)
            return self.algebra.strict(self.symbolic.within(low.path, str(outer.value)), low)
        return self.algebra.within(low, self.encode(outer, choices))

    def _unknown_product(self, product: model.Expr, factor: Number, operand: Number, choices: Choices) -> Number:
        """An unknown number between the least and greatest possible product."""
        ends = [
            (2 * one * other + model.WHOLE) // (2 * model.WHOLE)
            for one in (factor.value.low, factor.value.high)
            for other in (operand.value.low, operand.value.high)
        ]
        defined = self.factory.and_((factor.defined, operand.defined))
        return self._unknown(product, min(ends), max(ends), defined, choices)

    def _unknown(self, expression: model.Expr, low: int, high: int, defined: Term, choices: Choices) -> Number:
        """A number with known bounds only, the same for the same expression and choices."""
        key = (id(expression), frozenset(choices.items()))
        if key not in self._unknowns:  # a new name, since the factory keeps the bounds of each name
            self._unknowns[key] = self.factory.fresh("unknown")
        name = self._unknowns[key]
        self.unknown_bounds[name] = self.factory.bounds(name, low, high)
        return Number(self.factory.integer(name, low, high), defined)

    def _product(self, factor: model.Expr, operand: Number, rounded: bool, choices: Choices) -> Number:
        """One product for each value of the factor, so that all are linear."""
        algebra, factory = self.algebra, self.factory
        match factor:
            case model.Constant(value=int(value)):
                product = operand.value.scaled(value)
                if rounded:  # floor(x + 1/2), with x in millionths
                    product = factory.quotient(product.scaled(2) + number(model.WHOLE), 2 * model.WHOLE)
                return Number(product, operand.defined)
            case model.DefineValue(define=define):
                found: Number = self._products[define, operand, rounded, frozenset(choices.items())]
                return found
            case model.Choice(condition=condition, then=then, otherwise=otherwise):
                result = algebra.choose(
                    self.truth(condition, choices),
                    self._product(then, operand, rounded, choices),
                    self._product(otherwise, operand, rounded, choices),
                )
                # Two products can be equal although their factors are not, if the operand is 0 or they are rounded.
                defined = factory.and_((self._number(factor, choices).defined, operand.defined))
                result = restricted(result, defined)
            case model.ParameterValue(parameter=parameter, region=region):
                place = self.encode(region, choices)
                assert isinstance(place, Place)
                values, determined = self.rules.parameter(parameter, place.path, choices)
                defined = factory.and_((determined, place.defined, operand.defined))
                result = self._table(values, operand, rounded, choices, factor)
                result = restricted(result, defined)
            case model.Extreme(greatest=greatest, operands=operands):
                result = self._extreme_product(greatest, operands, operand, rounded, choices)
            case _:
                raise AssertionError(f"not a factor of known values: {factor!r}")
        assert isinstance(result, Number)
        return result

    def _defined_product(self, memo: tuple[str, Number, bool, Frozen]) -> Number:
        """A product with a definition; chains may be long (`dsl/semantics/depth.py`)."""
        name, operand, rounded, choices = memo
        return self._product(self.policy_set.defines[name].value, operand, rounded, dict(choices))

    def _table(
        self, values: Mapping[model.Value, Term], operand: Number, rounded: bool, choices: Choices, factor: model.Expr
    ) -> Encoded:
        products = [
            (
                term,
                self._product(model.Constant(value, type=factor.type, span=factor.span), operand, rounded, choices),
            )
            for value, term in values.items()
            if term is not self.factory.false
        ]
        return self.algebra.first(products) if products else self.algebra.nothing(model.MONEY)

    def _extreme_product(
        self, greatest: bool, factors: Sequence[model.Expr], operand: Number, rounded: bool, choices: Choices
    ) -> Number:
        """The product with the extreme factor, keeping the better one factor by factor."""
        best = self._number(factors[0], choices)
        product = self._product(factors[0], operand, rounded, choices)
        for factor in factors[1:]:
            other = self._number(factor, choices)
            keep = (
                self.factory.at_most(other.value, best.value)
                if greatest
                else self.factory.at_most(best.value, other.value)
            )
            candidate = self._product(factor, operand, rounded, choices)
            defined = self.factory.and_((product.defined, candidate.defined))
            product = Number(self.factory.choose(keep, product.value, candidate.value), defined)
            best = Number(self.factory.choose(keep, best.value, other.value), defined)
        return product
