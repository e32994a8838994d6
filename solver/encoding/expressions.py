"""The meaning of the language as terms: what `dsl/semantics/evaluate.py` does for one case, said of all cases.

Built in parallel with the reference evaluator, name for name, so that the two can be read side by side:
expressions here, parameters in `parameters.py`, sides and decisions in `sides.py`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from policyc.dsl.model import (
    BOOLEAN,
    FIRST_DAY,
    LAST_DAY,
    MONEY,
    NUMBERS,
    PERCENT,
    REGION,
    WHOLE,
    Ancestor,
    And,
    Choice,
    Constant,
    DefineValue,
    EnumType,
    Equal,
    Expr,
    Extreme,
    FactValue,
    IsUndetermined,
    Less,
    MemberOf,
    Not,
    Or,
    ParameterValue,
    Product,
    RegionCode,
    SetType,
    Shifted,
    Sum,
    Type,
    Value,
    Verdict,
    VerdictIs,
    Within,
)
from policyc.dsl.model.traversal import bottom_up
from policyc.dsl.semantics.depth import Settled

from ..formula.terms import Term, number
from .rules import Choices, Frozen, Parameters, RuleIndex
from .symbolic_case import SymbolicCase
from .values import Encoded, Members, Number, Place, Truth

#: How many frames of the stack it takes from one definition to the next that it reads.
_FRAMES = 12


class Encoder(Parameters):
    """Encodes expressions in one space."""

    ground: Encoder | None

    def __init__(
        self, symbolic: SymbolicCase, rule_index: RuleIndex, ground: Encoder | None, over_approximate: bool
    ) -> None:
        """Where `opaque`, rounded products and parameters of several numbers are numbers of which only the
        bounds are known; `unknown_bounds` says them for the solver."""
        super().__init__(symbolic, rule_index, ground)
        self.over_approximate = over_approximate
        self.unknown_bounds: dict[str, Term] = {}
        self._unknowns: dict[tuple[int, Frozen], str] = {}
        self._memo: dict[tuple[int, Frozen], Encoded] = {}
        self._defines: Settled[tuple[str, Frozen]] = Settled(
            self._define, lambda _: _FRAMES, rule_index.depth
        )
        self._products: Settled[tuple[str, Number, bool, Frozen]] = Settled(
            self._defined_product, lambda _: 4 * _FRAMES, rule_index.depth
        )
        self._kept: list[Expr] = []

    @abstractmethod
    def verdict(self, decision: str, verdict: Verdict) -> Term:
        """When a decision has a verdict; said by `solver/encoding/decisions.py`, which builds on this class."""

    def truth(self, expression: Expr, choices: Choices) -> Truth:
        encoded = self.encode(expression, choices)
        assert isinstance(encoded, Truth)
        return encoded

    # --- Numbers ---

    def bounded(self, expression: Expr, choices: Choices, limit: int | None, at_least: bool) -> Term:
        """When a number is determined and, where a limit is given, at least (or at most) that."""
        value = self._number(expression, choices)
        if limit is None:
            return value.defined
        ends = (number(limit), value.value) if at_least else (value.value, number(limit))
        return self.factory.and_((value.defined, self.factory.at_most(*ends)))

    def number_range(self, expression: Expr) -> tuple[int, int]:
        """Bounds of a number that follow from those of the facts."""
        values = [
            self._number(expression, branch.choices).value
            for branch, _ in self.branches(lambda choices: self._number(expression, choices))
        ]
        return min(value.low for value in values), max(value.high for value in values)

    # --- Expressions ---

    def encode(self, expression: Expr, choices: Choices) -> Encoded:
        frozen = frozenset(choices.items())
        if (id(expression), frozen) not in self._memo:
            shared = self._larger(expression) is not None
            # Without recursion: what is encoded finds its parts encoded.
            for part in (expression,) if shared else bottom_up(expression):
                if (id(part), frozen) not in self._memo:
                    encoder = self._larger(part)
                    found = self._encode(part, choices) if encoder is None else encoder.encode(part, choices)
                    self._kept.append(part)  # so that its id stays its own
                    self._memo[id(part), frozen] = found
        return self._memo[id(expression), frozen]

    def _larger(self, expression: Expr) -> Encoder | None:
        """The encoder of a larger space where the expression is the same there."""
        if self.ground is None or not self.shared(self.rule_index.dependencies.expression(expression)):
            return None
        return self.ground

    def _define(self, memo: tuple[str, Frozen]) -> Encoded:
        """A definition; long chains of them are no matter (`dsl/semantics/depth.py`)."""
        name, choices = memo
        return self.encode(self.policy_set.defines[name].value, dict(choices))

    def _encode(self, expression: Expr, choices: Choices) -> Encoded:
        factory = self.factory
        match expression:
            case Constant(value=value, type=type_):
                return self._constant(value, type_)
            case FactValue(fact=fact):
                return self._fact(fact)
            case DefineValue(define=define):
                found: Encoded = self._defines[define, frozenset(choices.items())]
                return found
            case Not(operand=operand):
                truth = self.truth(operand, choices)
                return Truth(truth.false, truth.true)
            case And(operands=operands):
                truths = [self.truth(operand, choices) for operand in operands]
                return Truth(factory.and_(t.true for t in truths), factory.or_(t.false for t in truths))
            case Or(operands=operands):
                truths = [self.truth(operand, choices) for operand in operands]
                return Truth(factory.or_(t.true for t in truths), factory.and_(t.false for t in truths))
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return self._choose(
                    self.truth(condition, choices),
                    self.encode(then, choices),
                    self.encode(otherwise, choices),
                )
            case IsUndetermined(operand=operand):
                return self._sure(factory.not_(self.defined(self.encode(operand, choices))))
            case VerdictIs(decision=decision, verdict=verdict):
                return self._sure(self.verdict(decision, verdict))
            case ParameterValue(parameter=parameter, region=region):
                place = self.encode(region, choices)
                assert isinstance(place, Place)
                values, determined = self.parameter(parameter, place.path, choices)
                determined = factory.and_((determined, place.defined))
                if self.over_approximate and expression.type in NUMBERS and len(values) > 1:
                    numbers = [value for value in values if isinstance(value, int)]
                    return self._unknown(expression, min(numbers), max(numbers), determined, choices)
                return self._by_value(values, determined, expression.type)
            case _:
                return self._operator(expression, choices)

    def _constant(self, value: Value, type_: Type) -> Encoded:
        factory = self.factory
        match value:
            case bool():
                return Truth(factory.truth(value), factory.truth(not value))
            case int():
                return Number(number(value), factory.true)
            case frozenset():
                assert isinstance(type_, SetType)
                members = self.policy_set.enums[type_.enum].members
                return Members(tuple(factory.truth(member in value) for member in members), factory.true)
            case _:
                if isinstance(type_, EnumType):
                    return Number(number(self.symbolic.member(type_, value)), factory.true)
                return Place(self.symbolic.place(value), factory.true)

    def _fact(self, name: str) -> Encoded:
        fact = self.policy_set.facts[name]
        if fact.type == BOOLEAN:
            return self._sure(self.symbolic.truth(name))
        if fact.type == REGION:
            return Place(self.symbolic.region(name), self.factory.true)
        return Number(self.symbolic.number(fact), self.factory.true)

    def _sure(self, term: Term) -> Truth:
        return Truth(term, self.factory.not_(term))

    def defined(self, encoded: Encoded) -> Term:
        if isinstance(encoded, Truth):
            return self.factory.or_((encoded.true, encoded.false))
        return encoded.defined

    def _by_value(self, values: Mapping[Value, Term], determined: Term, type_: Type) -> Encoded:
        """What takes each of some values under a condition of its own."""
        factory = self.factory
        if type_ == BOOLEAN:
            return Truth(
                factory.and_((determined, values.get(True, factory.false))),
                factory.and_((determined, values.get(False, factory.false))),
            )
        encoded = [
            (term, self._constant(value, type_))
            for value, term in values.items()
            if term is not factory.false
        ]
        if not encoded:
            return self._nothing(type_)
        *others, (_, result) = encoded
        for term, option in reversed(others):
            result = self._choose(self._sure(term), option, result)
        return _restricted(result, determined)

    def _nothing(self, type_: Type) -> Encoded:
        """A value of a type that is determined nowhere."""
        false = self.factory.false
        if isinstance(type_, SetType):
            return Members((false,) * len(self.policy_set.enums[type_.enum].members), false)
        if type_ == REGION:
            return Place((number(0),) * self.symbolic.paths.depth, false)
        return Number(number(0), false)

    def _choose(self, condition: Truth, then: Encoded, otherwise: Encoded) -> Encoded:
        """`then` or `otherwise`; where the condition is in doubt, what both have in common."""
        factory = self.factory
        doubt = factory.and_((factory.not_(condition.true), factory.not_(condition.false)))
        if isinstance(then, Truth) and isinstance(otherwise, Truth):
            return Truth(
                factory.or_(
                    (
                        factory.and_((condition.true, then.true)),
                        factory.and_((condition.false, otherwise.true)),
                        factory.and_((doubt, then.true, otherwise.true)),
                    )
                ),
                factory.or_(
                    (
                        factory.and_((condition.true, then.false)),
                        factory.and_((condition.false, otherwise.false)),
                        factory.and_((doubt, then.false, otherwise.false)),
                    )
                ),
            )
        first, second = self.defined(then), self.defined(otherwise)
        defined = factory.or_(
            (
                factory.and_((condition.true, first)),
                factory.and_((condition.false, second)),
                factory.and_((doubt, first, second, self._equal(then, otherwise))),
            )
        )
        if isinstance(then, Number) and isinstance(otherwise, Number):
            return Number(factory.choose(condition.true, then.value, otherwise.value), defined)
        if isinstance(then, Place) and isinstance(otherwise, Place):
            steps = zip(then.path, otherwise.path, strict=True)
            return Place(tuple(factory.choose(condition.true, a, b) for a, b in steps), defined)
        assert isinstance(then, Members) and isinstance(otherwise, Members)
        pairs = zip(then.contains, otherwise.contains, strict=True)
        return Members(tuple(factory.either(condition.true, a, b) for a, b in pairs), defined)

    def _equal(self, one: Encoded, other: Encoded) -> Term:
        """Whether two values are the same where both are determined."""
        factory = self.factory
        match one, other:
            case Truth(), Truth():
                return factory.iff(one.true, other.true)
            case Number(), Number():
                return factory.equals(one.value, other.value)
            case Place(), Place():
                return self.symbolic.same(one.path, other.path)
            case Members(), Members():
                pairs = zip(one.contains, other.contains, strict=True)
                return factory.and_(factory.iff(a, b) for a, b in pairs)
            case _:
                raise AssertionError("values of different types")

    # --- Operators that need all their operands ---

    def _operator(self, expression: Expr, choices: Choices) -> Encoded:
        factory = self.factory

        def encode(inner: Expr) -> Encoded:
            return self.encode(inner, choices)

        match expression:
            case Equal(left=left, right=right):
                one, other = encode(left), encode(right)
                return self._strict(self._equal(one, other), one, other)
            case Less(left=left, right=right, strict=strict):
                low, high = self._number(left, choices), self._number(right, choices)
                above = low.value + number(1) if strict else low.value
                return self._strict(factory.at_most(above, high.value), low, high)
            case Within(inner=inner, outer=outer):
                return self._within(inner, outer, choices)
            case MemberOf(element=element, collection=collection):
                return self._member_of(self._number(element, choices), encode(collection))
            case Ancestor(level=level, region=region):
                return self._ancestor(level, encode(region))
            case RegionCode(region=region):
                return self._code(encode(region))
            case Shifted(operand=operand, days=days):
                day = self._number(operand, choices)
                return self._in_calendar(Number(day.value + number(days), day.defined))
            case Sum(operands=operands):
                summands = [(sign, self._number(operand, choices)) for sign, operand in operands]
                total = number(0)
                for sign, summand in summands:
                    total = total + summand.value.scaled(sign)
                return Number(total, factory.and_(summand.defined for _, summand in summands))
            case Extreme(greatest=greatest, operands=operands):
                numbers = [self._number(operand, choices) for operand in operands]
                value = factory.extreme((n.value for n in numbers), greatest=greatest)
                return Number(value, factory.and_(n.defined for n in numbers))
            case Product(factor=factor, operand=operand):
                rounded = PERCENT in (factor.type, operand.type)
                if rounded and self.over_approximate:
                    pair = self._number(factor, choices), self._number(operand, choices)
                    return self._opaque_product(expression, *pair, choices)
                return self._product(factor, self._number(operand, choices), rounded, choices)
            case _:
                raise AssertionError(f"not an operator: {expression!r}")

    def _in_calendar(self, day: Number) -> Number:
        """A day, determined only where the calendar has it."""
        first, last = number(FIRST_DAY), number(LAST_DAY)
        within = self.factory.at_most(first, day.value), self.factory.at_most(day.value, last)
        return Number(day.value, self.factory.and_((day.defined, *within)))

    def _number(self, expression: Expr, choices: Choices) -> Number:
        encoded = self.encode(expression, choices)
        assert isinstance(encoded, Number)
        return encoded

    def _strict(self, term: Term, *operands: Encoded) -> Truth:
        defined = self.factory.and_(self.defined(operand) for operand in operands)
        return Truth(
            self.factory.and_((defined, term)), self.factory.and_((defined, self.factory.not_(term)))
        )

    def _within(self, inner: Expr, outer: Expr, choices: Choices) -> Truth:
        factory = self.factory
        low = self.encode(inner, choices)
        if isinstance(outer, Constant):
            assert isinstance(low, Place)
            return self._strict(self.symbolic.within(low.path, str(outer.value)), low)
        high = self.encode(outer, choices)
        assert isinstance(low, Place) and isinstance(high, Place)
        # Below or equal: the outer path is a beginning of the inner one. A level passed over (a district of
        # a municipality) is 0 in both, so "0 from here on" is what ends a path.
        ended: list[Term] = []
        for level in range(len(high.path)):
            ended.append(factory.and_(factory.equals(step, number(0)) for step in high.path[level:]))
        steps = [
            factory.or_((ended[level], factory.equals(low.path[level], high.path[level])))
            for level in range(len(high.path))
        ]
        return self._strict(factory.and_(steps), low, high)

    def _member_of(self, element: Number, collection: Encoded) -> Truth:
        assert isinstance(collection, Members)
        options = [
            self.factory.and_((contained, self.factory.equals(element.value, number(place))))
            for place, contained in enumerate(collection.contains)
        ]
        return self._strict(self.factory.or_(options), element, collection)

    def _ancestor(self, level: str, region: Encoded) -> Place:
        assert isinstance(region, Place)
        kept = 1 if level == "province" else 2
        ended = (number(0),) * (len(region.path) - kept)
        return Place((*region.path[:kept], *ended), region.defined)

    def _code(self, region: Encoded) -> Number:
        """A region's code as a number: a choice among all regions."""
        assert isinstance(region, Place)
        value = number(0)  # a sum in which only the region's own summand is not 0
        for code in self.policy_set.regions.values():
            here = self.symbolic.same(region.path, self.symbolic.place(code))
            value = value + self.factory.choose(here, number(int(code)), number(0))
        return Number(value, region.defined)

    def _opaque_product(self, product: Expr, factor: Number, operand: Number, choices: Choices) -> Number:
        """Some number between the least and the greatest that the product can be."""
        ends = [
            (2 * one * other + WHOLE) // (2 * WHOLE)
            for one in (factor.value.low, factor.value.high)
            for other in (operand.value.low, operand.value.high)
        ]
        defined = self.factory.and_((factor.defined, operand.defined))
        return self._unknown(product, min(ends), max(ends), defined, choices)

    def _unknown(self, expression: Expr, low: int, high: int, defined: Term, choices: Choices) -> Number:
        """A number of which only the bounds are known; the same for the same expression and choices."""
        key = (id(expression), frozenset(choices.items()))
        if key not in self._unknowns:  # a name of its own, since the factory keeps the bounds of a name
            self._unknowns[key] = self.factory.fresh("unknown")
        name = self._unknowns[key]
        self.unknown_bounds[name] = self.factory.bounds(name, low, high)
        return Number(self.factory.integer(name, low, high), defined)

    def _product(self, factor: Expr, operand: Number, rounded: bool, choices: Choices) -> Number:
        """A product for each value of the factor, so that every one is linear."""
        factory = self.factory
        match factor:
            case Constant(value=int(value)):
                product = operand.value.scaled(value)
                if rounded:  # floor(x + 1/2), with x in millionths
                    product = factory.quotient(product.scaled(2) + number(WHOLE), 2 * WHOLE)
                return Number(product, operand.defined)
            case DefineValue(define=define):
                found: Number = self._products[define, operand, rounded, frozenset(choices.items())]
                return found
            case Choice(condition=condition, then=then, otherwise=otherwise):
                result = self._choose(
                    self.truth(condition, choices),
                    self._product(then, operand, rounded, choices),
                    self._product(otherwise, operand, rounded, choices),
                )
                # Two products can be equal, where one of them is 0 or rounded, and their factors not.
                defined = factory.and_((self._number(factor, choices).defined, operand.defined))
                result = _restricted(result, defined)
            case ParameterValue(parameter=parameter, region=region):
                place = self.encode(region, choices)
                assert isinstance(place, Place)
                values, determined = self.parameter(parameter, place.path, choices)
                defined = factory.and_((determined, place.defined, operand.defined))
                result = self._table(values, operand, rounded, choices, factor)
                result = _restricted(result, defined)
            case Extreme(greatest=greatest, operands=operands):
                result = self._extreme_product(greatest, operands, operand, rounded, choices)
            case _:
                raise AssertionError(f"not a factor of known values: {factor!r}")
        assert isinstance(result, Number)
        return result

    def _defined_product(self, memo: tuple[str, Number, bool, Frozen]) -> Number:
        """A product by a definition; long chains of them are no matter (`dsl/semantics/depth.py`)."""
        name, operand, rounded, choices = memo
        return self._product(self.policy_set.defines[name].value, operand, rounded, dict(choices))

    def _table(
        self, values: Mapping[Value, Term], operand: Number, rounded: bool, choices: Choices, factor: Expr
    ) -> Encoded:
        held = [(value, term) for value, term in values.items() if term is not self.factory.false]
        if not held:
            return self._nothing(MONEY)
        products = [
            (
                term,
                self._product(Constant(value, type=factor.type, span=factor.span), operand, rounded, choices),
            )
            for value, term in held
        ]
        *others, (_, result) = products
        chosen: Encoded = result
        for term, product in reversed(others):
            chosen = self._choose(self._sure(term), product, chosen)
        return chosen

    def _extreme_product(
        self, greatest: bool, factors: Sequence[Expr], operand: Number, rounded: bool, choices: Choices
    ) -> Number:
        """The product by the extreme factor: factor by factor, the better one kept."""
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


def _restricted(encoded: Encoded, defined: Term) -> Encoded:
    """The same value, determined only where said."""
    match encoded:
        case Number(value=value):
            return Number(value, defined)
        case Place(path=path):
            return Place(path, defined)
        case Members(contains=contains):
            return Members(contains, defined)
        case Truth():
            raise AssertionError("a truth value carries its own doubt")
