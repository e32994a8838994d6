"""The meaning of the language as terms: what `dsl/evaluate.py` does for one case, said of all cases.

Built in parallel with the reference evaluator, name for name, so that the two can be read side by side:
`_values` and `_settle` there are `_values` and `_settle` here. An undetermined truth is a pair of terms
(surely true, surely false); an undetermined number or set carries the condition under which it is
determined. A conflicting parameter forks the computation, each branch under a guard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import TypeVar

from ..dsl.model import (
    BOOLEAN,
    DATE,
    MONEY,
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
    Period,
    PolicySet,
    Product,
    RegionCode,
    Rule,
    SetType,
    Setting,
    Shifted,
    Sum,
    Type,
    Value,
    VerdictIs,
    Within,
)
from ..dsl.precedence import Beaten, beaten_by, contending_groups, key, opposing_pairs
from .space import Path, Space
from .terms import Linear, Term, number

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth value: surely true, surely false, or neither."""

    true: Term
    false: Term


@dataclass(frozen=True, slots=True)
class Number:
    """A number, date or enum member (its position), where `defined`."""

    value: Linear
    defined: Term


@dataclass(frozen=True, slots=True)
class Place:
    """A region, where `defined`."""

    path: Path
    defined: Term


@dataclass(frozen=True, slots=True)
class Members:
    """A set: for each member of the enum, whether it is in, where `defined`."""

    contains: tuple[Term, ...]
    defined: Term


Encoded = Truth | Number | Place | Members

#: A parameter at a region given by its path.
Instance = tuple[str, Path]


class Single(Enum):
    """Chosen for a parameter that could conflict and does not: it has one value or none."""

    SINGLE = "single"


#: What is chosen for a parameter that could conflict: one of its values, or that it does not.
Choices = Mapping[Instance, Value | Single]


class _Fork(Exception):
    def __init__(self, instance: Instance) -> None:
        self.instance = instance


@dataclass(frozen=True, slots=True)
class Branch:
    """One way of choosing values for conflicting parameters, possible in the cases of `guard`."""

    guard: Term
    choices: Choices


class Background:
    """What encoders of one policy set share: which rules beat which, and what can conflict at all."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self.beaten: Mapping[str, tuple[Beaten, ...]] = beaten_by(policy_set)
        self.settings: dict[str, list[Setting]] = {name: [] for name in policy_set.parameters}
        for setting in policy_set.settings.values():
            self.settings[setting.parameter].append(setting)
        #: Parameters of which two settings of different value neither of which beats the other could meet.
        self.clashing: dict[str, list[tuple[Setting, Setting]]] = {}
        for group in contending_groups(policy_set):
            for one, other in opposing_pairs(group, policy_set.regions):
                if isinstance(one, Setting) and isinstance(other, Setting) and not self._settled(one, other):
                    self.clashing.setdefault(one.parameter, []).append((one, other))

    def _settled(self, one: Setting, other: Setting) -> bool:
        return any(loss.winner == key(other) for loss in self.beaten.get(key(one), ())) or any(
            loss.winner == key(one) for loss in self.beaten.get(key(other), ())
        )


class Encoder:
    """Encodes expressions in one space."""

    def __init__(self, space: Space, background: Background | None = None) -> None:
        self.space = space
        self.bank = space.bank
        self.policy_set = space.policy_set
        self.background = background or Background(space.policy_set)
        #: How `DECISION is VERDICT` is encoded; set by `solver/sides.py`, which builds on this class.
        self.verdict: Callable[[str, str], Term] | None = None
        self._memo: dict[tuple[int, frozenset[tuple[Instance, Value | Single]]], Encoded] = {}
        self._kept: list[Expr] = []
        self._settled: dict[tuple[Instance, frozenset[tuple[Instance, Value | Single]]], _Values] = {}

    # --- Conditions ---

    def applies(self, rule: Rule, place: Path, choices: Choices) -> Truth:
        """Whether a rule is in force at a place on the day of the case, its `when` holds and its `unless`
        does not."""
        bank = self.bank
        force = self.in_force(rule, place)
        if force is bank.false:
            return Truth(bank.false, bank.true)
        when = self.truth(rule.when, choices) if rule.when is not None else Truth(bank.true, bank.false)
        unless = self.truth(rule.unless, choices) if rule.unless is not None else Truth(bank.false, bank.true)
        return Truth(
            bank.and_((force, when.true, unless.false)),
            bank.or_((bank.not_(force), when.false, unless.true)),
        )

    def in_force(self, rule: Rule, place: Path) -> Term:
        return self.bank.and_((self.space.within(place, rule.region), self.during(rule.period)))

    def during(self, period: Period) -> Term:
        """Whether the day of the case lies in a period."""
        fact = self.policy_set.facts.get(DATE)
        if fact is None:
            return self.bank.true
        day = self.space.number(fact)
        conditions = []
        if period.first is not None:
            conditions.append(self.bank.at_most(number(period.first), day))
        if period.last is not None:
            conditions.append(self.bank.at_most(day, number(period.last)))
        return self.bank.and_(conditions)

    def truth(self, expression: Expr, choices: Choices) -> Truth:
        encoded = self.encode(expression, choices)
        assert isinstance(encoded, Truth)
        return encoded

    # --- Parameters ---

    def _values(self, instance: Instance, choices: Choices) -> _Values:
        """For each value a parameter can have, when it is possible and when necessary (see `evaluate.py`)."""
        memo = (instance, frozenset(choices.items()))
        if memo not in self._settled:
            self._settled[memo] = self._work_out(instance, choices)
        return self._settled[memo]

    def _work_out(self, instance: Instance, choices: Choices) -> _Values:
        bank = self.bank
        name, place = instance
        applies: dict[str, Truth] = {}
        settings: list[Setting] = []
        for setting in self.background.settings[name]:
            truth = self.applies(setting, place, choices)
            if truth.false is not bank.true:
                applies[setting.key] = truth
                settings.append(setting)
        possible: dict[Value, list[Term]] = {}
        necessary: dict[Value, list[Term]] = {}
        by_key = {setting.key: setting for setting in settings}
        for setting in settings:
            winners = [by_key[loss.winner] for loss in self.background.beaten.get(setting.key, ())
                       if loss.winner in by_key]
            truth = applies[setting.key]
            unbeaten = bank.and_(bank.not_(applies[winner.key].true) for winner in winners)
            secure = bank.and_(applies[winner.key].false for winner in winners)
            possible.setdefault(setting.value, []).append(bank.and_((bank.not_(truth.false), unbeaten)))
            necessary.setdefault(setting.value, []).append(bank.and_((truth.true, secure)))
        may = {value: bank.or_(terms) for value, terms in possible.items()}
        must = {value: bank.or_(terms) for value, terms in necessary.items()}
        settled = bank.and_(bank.implies(may[value], must[value]) for value in may)
        determined = bank.and_((settled, bank.or_(must.values())))
        terms = {value: bank.and_((settled, term)) for value, term in must.items()}
        clashing = {
            frozenset((one.value, other.value))
            for one, other in self.background.clashing.get(name, ())
            if one.key in by_key and other.key in by_key
        }
        pairs = [pair for pair in combinations(terms, 2) if frozenset(pair) in clashing]
        conflict = bank.or_(bank.and_((terms[one], terms[other])) for one, other in pairs)
        return _Values(terms, determined, conflict, tuple(dict.fromkeys(value for pair in pairs for value in pair)))

    def parameter(self, name: str, place: Path, choices: Choices) -> tuple[dict[Value, Term], Term]:
        """When a parameter has each of its values, and when it is determined; forks where it can conflict."""
        instance = (name, place)
        chosen = choices.get(instance)
        if chosen is not None and not isinstance(chosen, Single):
            return {chosen: self.bank.true}, self.bank.true
        values = self._values(instance, choices)
        if chosen is None and values.conflict is not self.bank.false:
            raise _Fork(instance)
        return values.terms, values.determined

    def conflict(self, name: str, place: Path) -> Term:
        """When a parameter has several unbeaten values."""
        return self.either_branch(lambda choices: self._values((name, place), choices).conflict)

    def unbeaten(self, setting: Setting, place: Path, choices: Choices) -> Term:
        """When a setting surely applies and nothing that beats it may apply."""
        winners = [
            other
            for loss in self.background.beaten.get(setting.key, ())
            for other in self.background.settings[setting.parameter]
            if other.key == loss.winner
        ]
        return self.bank.and_(
            (
                self.applies(setting, place, choices).true,
                *(self.applies(winner, place, choices).false for winner in winners),
            )
        )

    def undetermined(self, name: str, place: Path) -> Term:
        """When nothing is set for a parameter, or it is in doubt."""
        return self.either_branch(
            lambda choices: self.bank.not_(self._values((name, place), choices).determined)
        )

    # --- Numbers ---

    def bounded(self, expression: Expr, choices: Choices, limit: int | None, at_least: bool) -> Term:
        """When a number is determined and, where a limit is given, at least (or at most) that."""
        value = self._number(expression, choices)
        if limit is None:
            return value.defined
        ends = (number(limit), value.value) if at_least else (value.value, number(limit))
        return self.bank.and_((value.defined, self.bank.at_most(*ends)))

    def number_range(self, expression: Expr) -> tuple[int, int]:
        """Bounds of a number that follow from those of the facts."""
        values = [self._number(expression, branch.choices).value for branch, _ in self.branches(
            lambda choices: self._number(expression, choices)
        )]
        return min(value.low for value in values), max(value.high for value in values)

    # --- Branches ---

    def branches(self, compute: Callable[[Choices], T]) -> list[tuple[Branch, T]]:
        """A computation under every choice of values for the conflicting parameters it reads."""
        results: list[tuple[Branch, T]] = []
        waiting: list[Branch] = [Branch(self.bank.true, {})]
        while waiting:
            branch = waiting.pop()
            try:
                results.append((branch, compute(branch.choices)))
            except _Fork as fork:
                waiting.extend(reversed(self._split(branch, fork.instance)))
        return results

    def _split(self, branch: Branch, instance: Instance) -> list[Branch]:
        values = self._values(instance, branch.choices)
        options: list[tuple[Value | Single, Term]] = [(Single.SINGLE, self.bank.not_(values.conflict))]
        options += [
            (value, self.bank.and_((values.conflict, values.terms[value]))) for value in values.clashing
        ]
        agreeing = []
        for value, term in options:
            same = [
                self.bank.not_(self.space.same(place, instance[1]))
                for (name, place), chosen in branch.choices.items()
                if name == instance[0] and chosen != value
            ]  # one parameter at one region has one value, by whatever facts it is reached
            guard = self.bank.and_((branch.guard, term, *same))
            if guard is not self.bank.false:
                agreeing.append(Branch(guard, {**branch.choices, instance: value}))
        return agreeing

    def either_branch(self, compute: Callable[[Choices], Term]) -> Term:
        """Where the computation holds under some possible choice."""
        return self.bank.or_(self.bank.and_((branch.guard, term)) for branch, term in self.branches(compute))

    def every_branch(self, compute: Callable[[Choices], Term]) -> Term:
        """Where the computation holds under every possible choice."""
        return self.bank.and_(
            self.bank.implies(branch.guard, term) for branch, term in self.branches(compute)
        )

    # --- Expressions ---

    def encode(self, expression: Expr, choices: Choices) -> Encoded:
        memo = (id(expression), frozenset(choices.items()))
        if memo not in self._memo:
            self._memo[memo] = self._encode(expression, choices)
            self._kept.append(expression)  # so that its id stays its own
        return self._memo[memo]

    def _encode(self, expression: Expr, choices: Choices) -> Encoded:
        bank = self.bank
        match expression:
            case Constant(value=value, type=type_):
                return self._constant(value, type_)
            case FactValue(fact=fact):
                return self._fact(fact)
            case DefineValue(define=define):
                return self.encode(self.policy_set.defines[define].value, choices)
            case Not(operand=operand):
                truth = self.truth(operand, choices)
                return Truth(truth.false, truth.true)
            case And(operands=operands):
                truths = [self.truth(operand, choices) for operand in operands]
                return Truth(bank.and_(t.true for t in truths), bank.or_(t.false for t in truths))
            case Or(operands=operands):
                truths = [self.truth(operand, choices) for operand in operands]
                return Truth(bank.or_(t.true for t in truths), bank.and_(t.false for t in truths))
            case Choice(condition=condition, then=then, otherwise=otherwise):
                return self._choose(
                    self.truth(condition, choices), self.encode(then, choices), self.encode(otherwise, choices)
                )
            case IsUndetermined(operand=operand):
                return self._sure(bank.not_(self.defined(self.encode(operand, choices))))
            case VerdictIs(decision=decision, verdict=verdict):
                assert self.verdict is not None
                return self._sure(self.verdict(decision, verdict))
            case ParameterValue(parameter=parameter, region=region):
                place = self.encode(region, choices)
                assert isinstance(place, Place)
                values, determined = self.parameter(parameter, place.path, choices)
                determined = bank.and_((determined, place.defined))
                return self._by_value(values, determined, expression.type)
            case _:
                return self._operator(expression, choices)

    def _constant(self, value: Value, type_: Type) -> Encoded:
        bank = self.bank
        match value:
            case bool():
                return Truth(bank.truth(value), bank.truth(not value))
            case int():
                return Number(number(value), bank.true)
            case frozenset():
                assert isinstance(type_, SetType)
                members = self.policy_set.enums[type_.enum].members
                return Members(tuple(bank.truth(member in value) for member in members), bank.true)
            case _:
                if isinstance(type_, EnumType):
                    return Number(number(self.space.member(type_, value)), bank.true)
                return Place(self.space.place(value), bank.true)

    def _fact(self, name: str) -> Encoded:
        fact = self.policy_set.facts[name]
        if fact.type == BOOLEAN:
            return self._sure(self.space.truth(name))
        if fact.type == REGION:
            return Place(self.space.region(name), self.bank.true)
        return Number(self.space.number(fact), self.bank.true)

    def _sure(self, term: Term) -> Truth:
        return Truth(term, self.bank.not_(term))

    def defined(self, encoded: Encoded) -> Term:
        if isinstance(encoded, Truth):
            return self.bank.or_((encoded.true, encoded.false))
        return encoded.defined

    def _by_value(self, values: Mapping[Value, Term], determined: Term, type_: Type) -> Encoded:
        """What takes each of some values under a condition of its own."""
        bank = self.bank
        if type_ == BOOLEAN:
            return Truth(
                bank.and_((determined, values.get(True, bank.false))),
                bank.and_((determined, values.get(False, bank.false))),
            )
        encoded = [(term, self._constant(value, type_)) for value, term in values.items() if term is not bank.false]
        if not encoded:
            return self._nothing(type_)
        *others, (_, result) = encoded
        for term, option in reversed(others):
            result = self._choose(self._sure(term), option, result)
        return _restricted(result, determined)

    def _nothing(self, type_: Type) -> Encoded:
        """A value of a type that is determined nowhere."""
        false = self.bank.false
        if isinstance(type_, SetType):
            return Members((false,) * len(self.policy_set.enums[type_.enum].members), false)
        if type_ == REGION:
            return Place((number(0),) * self.space.paths.depth, false)
        return Number(number(0), false)

    def _choose(self, condition: Truth, then: Encoded, otherwise: Encoded) -> Encoded:
        """`then` or `otherwise`; where the condition is in doubt, what both have in common."""
        bank = self.bank
        doubt = bank.and_((bank.not_(condition.true), bank.not_(condition.false)))
        if isinstance(then, Truth) and isinstance(otherwise, Truth):
            return Truth(
                bank.or_(
                    (
                        bank.and_((condition.true, then.true)),
                        bank.and_((condition.false, otherwise.true)),
                        bank.and_((doubt, then.true, otherwise.true)),
                    )
                ),
                bank.or_(
                    (
                        bank.and_((condition.true, then.false)),
                        bank.and_((condition.false, otherwise.false)),
                        bank.and_((doubt, then.false, otherwise.false)),
                    )
                ),
            )
        first, second = self.defined(then), self.defined(otherwise)
        defined = bank.or_(
            (
                bank.and_((condition.true, first)),
                bank.and_((condition.false, second)),
                bank.and_((doubt, first, second, self._equal(then, otherwise))),
            )
        )
        if isinstance(then, Number) and isinstance(otherwise, Number):
            return Number(bank.choose(condition.true, then.value, otherwise.value), defined)
        if isinstance(then, Place) and isinstance(otherwise, Place):
            steps = zip(then.path, otherwise.path, strict=True)
            return Place(tuple(bank.choose(condition.true, a, b) for a, b in steps), defined)
        assert isinstance(then, Members) and isinstance(otherwise, Members)
        pairs = zip(then.contains, otherwise.contains, strict=True)
        return Members(tuple(bank.either(condition.true, a, b) for a, b in pairs), defined)

    def _equal(self, one: Encoded, other: Encoded) -> Term:
        """Whether two values are the same where both are determined."""
        bank = self.bank
        match one, other:
            case Truth(), Truth():
                return bank.iff(one.true, other.true)
            case Number(), Number():
                return bank.equals(one.value, other.value)
            case Place(), Place():
                return self.space.same(one.path, other.path)
            case Members(), Members():
                pairs = zip(one.contains, other.contains, strict=True)
                return bank.and_(bank.iff(a, b) for a, b in pairs)
            case _:
                raise AssertionError("values of different types")

    # --- Operators that need all their operands ---

    def _operator(self, expression: Expr, choices: Choices) -> Encoded:
        bank = self.bank

        def encode(inner: Expr) -> Encoded:
            return self.encode(inner, choices)

        match expression:
            case Equal(left=left, right=right):
                one, other = encode(left), encode(right)
                return self._strict(self._equal(one, other), one, other)
            case Less(left=left, right=right, strict=strict):
                low, high = self._number(left, choices), self._number(right, choices)
                above = low.value + number(1) if strict else low.value
                return self._strict(bank.at_most(above, high.value), low, high)
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
                return Number(day.value + number(days), day.defined)
            case Sum(operands=operands):
                summands = [(sign, self._number(operand, choices)) for sign, operand in operands]
                total = number(0)
                for sign, summand in summands:
                    total = total + summand.value.scaled(sign)
                return Number(total, bank.and_(summand.defined for _, summand in summands))
            case Extreme(greatest=greatest, operands=operands):
                numbers = [self._number(operand, choices) for operand in operands]
                value = bank.extreme((n.value for n in numbers), greatest=greatest)
                return Number(value, bank.and_(n.defined for n in numbers))
            case Product(factor=factor, operand=operand):
                rounded = PERCENT in (factor.type, operand.type)
                return self._product(factor, self._number(operand, choices), rounded, choices)
            case _:
                raise AssertionError(f"not an operator: {expression!r}")

    def _number(self, expression: Expr, choices: Choices) -> Number:
        encoded = self.encode(expression, choices)
        assert isinstance(encoded, Number)
        return encoded

    def _strict(self, term: Term, *operands: Encoded) -> Truth:
        defined = self.bank.and_(self.defined(operand) for operand in operands)
        return Truth(self.bank.and_((defined, term)), self.bank.and_((defined, self.bank.not_(term))))

    def _within(self, inner: Expr, outer: Expr, choices: Choices) -> Truth:
        bank = self.bank
        low = self.encode(inner, choices)
        if isinstance(outer, Constant):
            assert isinstance(low, Place)
            return self._strict(self.space.within(low.path, str(outer.value)), low)
        high = self.encode(outer, choices)
        assert isinstance(low, Place) and isinstance(high, Place)
        # Below or equal: the outer path is a beginning of the inner one. A level passed over (a district of
        # a municipality) is 0 in both, so "0 from here on" is what ends a path.
        ended: list[Term] = []
        for level in range(len(high.path)):
            ended.append(bank.and_(bank.equals(step, number(0)) for step in high.path[level:]))
        steps = [
            bank.or_((ended[level], bank.equals(low.path[level], high.path[level])))
            for level in range(len(high.path))
        ]
        return self._strict(bank.and_(steps), low, high)

    def _member_of(self, element: Number, collection: Encoded) -> Truth:
        assert isinstance(collection, Members)
        options = [
            self.bank.and_((contained, self.bank.equals(element.value, number(place))))
            for place, contained in enumerate(collection.contains)
        ]
        return self._strict(self.bank.or_(options), element, collection)

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
            here = self.space.same(region.path, self.space.place(code))
            value = value + self.bank.choose(here, number(int(code)), number(0))
        return Number(value, region.defined)

    def _product(self, factor: Expr, operand: Number, rounded: bool, choices: Choices) -> Number:
        """A product for each value of the factor, so that every one is linear."""
        bank = self.bank
        match factor:
            case Constant(value=int(value)):
                product = operand.value.scaled(value)
                if rounded:  # floor(x + 1/2), with x in millionths
                    product = bank.quotient(product.scaled(2) + number(WHOLE), 2 * WHOLE)
                return Number(product, operand.defined)
            case DefineValue(define=define):
                return self._product(self.policy_set.defines[define].value, operand, rounded, choices)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                result = self._choose(
                    self.truth(condition, choices),
                    self._product(then, operand, rounded, choices),
                    self._product(otherwise, operand, rounded, choices),
                )
            case ParameterValue(parameter=parameter, region=region):
                place = self.encode(region, choices)
                assert isinstance(place, Place)
                values, determined = self.parameter(parameter, place.path, choices)
                defined = bank.and_((determined, place.defined))
                result = self._table(values, operand, rounded, choices, factor)
                result = _restricted(result, defined)
            case Extreme(greatest=greatest, operands=operands):
                result = self._extreme_product(greatest, operands, operand, rounded, choices)
            case _:
                raise AssertionError(f"not a factor of known values: {factor!r}")
        assert isinstance(result, Number)
        return result

    def _table(
        self, values: Mapping[Value, Term], operand: Number, rounded: bool, choices: Choices, factor: Expr
    ) -> Encoded:
        held = [(value, term) for value, term in values.items() if term is not self.bank.false]
        if not held:
            return self._nothing(MONEY)
        products = [
            (term, self._product(Constant(value, type=factor.type, span=factor.span), operand, rounded, choices))
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
                self.bank.at_most(other.value, best.value)
                if greatest
                else self.bank.at_most(best.value, other.value)
            )
            candidate = self._product(factor, operand, rounded, choices)
            defined = self.bank.and_((product.defined, candidate.defined))
            product = Number(self.bank.choose(keep, product.value, candidate.value), defined)
            best = Number(self.bank.choose(keep, best.value, other.value), defined)
        return product


@dataclass(frozen=True, slots=True)
class _Values:
    """Of a parameter: when each value holds (settled and unbeaten), and when any does."""

    terms: Mapping[Value, Term]
    determined: Term
    #: When several of them hold, and which values these can be.
    conflict: Term
    clashing: tuple[Value, ...]


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
