"""Encoded values: the value of an expression in all cases, and operations on such values.

A truth value is a pair of terms (surely true, surely false), since it may be undetermined; a number, region or set has
the condition under which it is determined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from policyc.dsl.model import BOOLEAN, FIRST_DAY, LAST_DAY, REGION, EnumType, SetType, Type, Value

from ..formula.terms import Linear, Term, number
from .symbolic_case import Path, SymbolicCase


@dataclass(frozen=True, slots=True)
class Kleene:
    """A truth value: surely true, surely false, or neither."""

    surely_true: Term
    surely_false: Term

    @property
    def negated(self) -> Kleene:
        return Kleene(self.surely_false, self.surely_true)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, date or enum member (its position), if `defined`."""

    value: Linear
    defined: Term


@dataclass(frozen=True, slots=True)
class Place:
    """A region, if `defined`."""

    path: Path
    defined: Term


@dataclass(frozen=True, slots=True)
class Members:
    """A set: whether it contains each member of the enum, if `defined`."""

    contains: tuple[Term, ...]
    defined: Term


Encoded = Kleene | Number | Place | Members


class Algebra:
    """Operations on encoded values, independent of expressions, rules and decisions."""

    def __init__(self, symbolic: SymbolicCase) -> None:
        self.symbolic = symbolic
        self.factory = symbolic.factory
        self.policy_set = symbolic.policy_set
        self.true = Kleene(self.factory.true, self.factory.false)
        self.false = self.true.negated

    # --- Constants, facts, undetermined values ---

    def constant(self, value: Value, type_: Type) -> Encoded:
        factory = self.factory
        match value:
            case bool():
                return self.true if value else self.false
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

    def fact(self, name: str) -> Encoded:
        fact = self.policy_set.facts[name]
        if fact.type == BOOLEAN:
            return self.sure(self.symbolic.truth(name))
        if fact.type == REGION:
            return Place(self.symbolic.region(name), self.factory.true)
        return Number(self.symbolic.number(fact), self.factory.true)

    def nothing(self, type_: Type) -> Encoded:
        """A value that is undetermined in all cases."""
        false = self.factory.false
        if isinstance(type_, SetType):
            return Members((false,) * len(self.policy_set.enums[type_.enum].members), false)
        if type_ == REGION:
            return Place((number(0),) * self.symbolic.paths.depth, false)
        return Number(number(0), false)

    # --- Truth values ---

    def sure(self, term: Term) -> Kleene:
        return Kleene(term, self.factory.not_(term))

    def conjunction(self, truths: Sequence[Kleene]) -> Kleene:
        return Kleene(
            self.factory.and_(truth.surely_true for truth in truths),
            self.factory.or_(truth.surely_false for truth in truths),
        )

    def disjunction(self, truths: Sequence[Kleene]) -> Kleene:
        return Kleene(
            self.factory.or_(truth.surely_true for truth in truths),
            self.factory.and_(truth.surely_false for truth in truths),
        )

    def only_where(self, condition: Term, truth: Kleene) -> Kleene:
        """The same truth value if a condition holds, else surely false."""
        factory = self.factory
        return Kleene(
            factory.and_((condition, truth.surely_true)),
            factory.or_((factory.not_(condition), truth.surely_false)),
        )

    # --- Doubt ---

    def defined(self, encoded: Encoded) -> Term:
        if isinstance(encoded, Kleene):
            return self.factory.or_((encoded.surely_true, encoded.surely_false))
        return encoded.defined

    def strict(self, term: Term, *operands: Encoded) -> Kleene:
        """A truth value that is in doubt if any of its operands is."""
        defined = self.factory.and_(self.defined(operand) for operand in operands)
        return Kleene(self.factory.and_((defined, term)), self.factory.and_((defined, self.factory.not_(term))))

    # --- Comparison ---

    def equal(self, one: Encoded, other: Encoded) -> Term:
        """Whether two values are equal, assuming both are determined."""
        factory = self.factory
        match one, other:
            case Kleene(), Kleene():
                return factory.iff(one.surely_true, other.surely_true)
            case Number(), Number():
                return factory.equals(one.value, other.value)
            case Place(), Place():
                return self.symbolic.same(one.path, other.path)
            case Members(), Members():
                pairs = zip(one.contains, other.contains, strict=True)
                return factory.and_(factory.iff(a, b) for a, b in pairs)
            case _:
                raise AssertionError("values of different types")

    def equivalent(self, one: Encoded, other: Encoded) -> Term:
        """Whether two values are equal, or both undetermined."""
        factory = self.factory
        defined = self.defined(one), self.defined(other)
        return factory.or_(
            (
                factory.and_((*defined, self.equal(one, other))),
                factory.and_((factory.not_(defined[0]), factory.not_(defined[1]))),
            )
        )

    # --- Choice ---

    def choose(self, condition: Kleene, then: Encoded, otherwise: Encoded) -> Encoded:
        """`then` or `otherwise`; if the condition is in doubt, the value both share."""
        factory = self.factory
        yes, no = condition.surely_true, condition.surely_false
        doubt = factory.and_((factory.not_(yes), factory.not_(no)))

        def chosen(first: Term, second: Term, same: Callable[[], Term] = lambda: factory.true) -> Term:
            """A property of the chosen value, from that of both values and a term for their equality."""
            return factory.or_(
                (
                    factory.and_((yes, first)),
                    factory.and_((no, second)),
                    factory.and_((doubt, first, second, same())),
                )
            )

        if isinstance(then, Kleene) and isinstance(otherwise, Kleene):
            return Kleene(
                chosen(then.surely_true, otherwise.surely_true),
                chosen(then.surely_false, otherwise.surely_false),
            )
        defined = chosen(self.defined(then), self.defined(otherwise), lambda: self.equal(then, otherwise))
        if isinstance(then, Number) and isinstance(otherwise, Number):
            return Number(factory.choose(yes, then.value, otherwise.value), defined)
        if isinstance(then, Place) and isinstance(otherwise, Place):
            steps = zip(then.path, otherwise.path, strict=True)
            return Place(tuple(factory.choose(yes, a, b) for a, b in steps), defined)
        assert isinstance(then, Members) and isinstance(otherwise, Members)
        pairs = zip(then.contains, otherwise.contains, strict=True)
        return Members(tuple(factory.either(yes, a, b) for a, b in pairs), defined)

    def first(self, options: Sequence[tuple[Term, Encoded]]) -> Encoded:
        """The first value whose term holds, else the last."""
        *others, (_, result) = options
        for term, option in reversed(others):
            result = self.choose(self.sure(term), option, result)
        return result

    def by_value(self, values: Mapping[Value, Term], determined: Term, type_: Type) -> Encoded:
        """A value chosen by the conditions of several constants."""
        factory = self.factory
        if type_ == BOOLEAN:
            return Kleene(
                factory.and_((determined, values.get(True, factory.false))),
                factory.and_((determined, values.get(False, factory.false))),
            )
        options = [(term, self.constant(value, type_)) for value, term in values.items() if term is not factory.false]
        return restricted(self.first(options), determined) if options else self.nothing(type_)

    # --- Days, sets and regions ---

    def in_calendar(self, day: Number) -> Number:
        """A day, determined only inside the calendar."""
        first, last = number(FIRST_DAY), number(LAST_DAY)
        within = self.factory.at_most(first, day.value), self.factory.at_most(day.value, last)
        return Number(day.value, self.factory.and_((day.defined, *within)))

    def member_of(self, element: Number, collection: Encoded) -> Kleene:
        assert isinstance(collection, Members)
        options = [
            self.factory.and_((contained, self.factory.equals(element.value, number(place))))
            for place, contained in enumerate(collection.contains)
        ]
        return self.strict(self.factory.or_(options), element, collection)

    def within(self, inner: Encoded, outer: Encoded) -> Kleene:
        """Whether a region is another or lies below it."""
        factory = self.factory
        assert isinstance(inner, Place) and isinstance(outer, Place)
        # The outer path is a prefix of the inner one. A skipped level (of a district of a municipality) is 0 in both,
        # so a path ends where all further levels are 0.
        ended: list[Term] = []
        for level in range(len(outer.path)):
            ended.append(factory.and_(factory.equals(step, number(0)) for step in outer.path[level:]))
        steps = [
            factory.or_((ended[level], factory.equals(inner.path[level], outer.path[level])))
            for level in range(len(outer.path))
        ]
        return self.strict(factory.and_(steps), inner, outer)

    def ancestor(self, level: str, region: Encoded) -> Place:
        assert isinstance(region, Place)
        kept = 1 if level == "province" else 2
        ended = (number(0),) * (len(region.path) - kept)
        return Place((*region.path[:kept], *ended), region.defined)

    def code(self, region: Encoded) -> Number:
        """A region's code as a number: a choice among all regions."""
        assert isinstance(region, Place)
        value = number(0)  # a sum in which only the summand of the region itself is not 0
        for code in self.policy_set.regions.values():
            here = self.symbolic.same(region.path, self.symbolic.place(code))
            value = value + self.factory.choose(here, number(int(code)), number(0))
        return Number(value, region.defined)


def restricted(encoded: Encoded, defined: Term) -> Encoded:
    """The same value, determined under another condition."""
    match encoded:
        case Number(value=value):
            return Number(value, defined)
        case Place(path=path):
            return Place(path, defined)
        case Members(contains=contains):
            return Members(contains, defined)
        case Kleene():
            raise AssertionError("a truth value carries its own doubt")
