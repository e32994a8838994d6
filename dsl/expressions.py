"""The value of an expression in one case, in its plainest form: the part of the reference evaluator that is
about expressions. Parameters and verdicts are worked out by `evaluate.py`, which builds on this.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeVar

from .model import (
    FIRST_DAY,
    LAST_DAY,
    PERCENT,
    WHOLE,
    Ancestor,
    And,
    Case,
    Choice,
    Constant,
    DefineValue,
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
    PolicySet,
    Product,
    RegionCode,
    Shifted,
    Sum,
    Value,
    Verdict,
    VerdictIs,
    Within,
)
from .outcomes import UNDETERMINED, Known, Undetermined

T = TypeVar("T")

#: A parameter in a region.
Instance = tuple[str, str]
#: The values chosen for conflicting parameters.
Choices = Mapping[Instance, Known]


class Fork(Exception):
    """Raised when a conflicting parameter is read for which no alternative has been chosen yet."""

    def __init__(self, instance: Instance, values: frozenset[Value]) -> None:
        self.instance = instance
        self.values = sorted(values, key=_order)


def _order(value: Value) -> tuple[str, str]:
    return type(value).__name__, str(sorted(value)) if isinstance(value, frozenset) else f"{value!s:>20}"


class Expressions(ABC):
    """Evaluates expressions of one policy set."""

    policy_set: PolicySet

    @abstractmethod
    def verdict(self, decision: str, case: Case) -> Verdict:
        """The verdict of a decision."""

    @abstractmethod
    def _parameter(self, instance: Instance, case: Case, choices: Choices) -> Known:
        """A parameter's value; raises `Fork` where it is conflicting and no alternative was chosen."""

    def _truth(self, expression: Expr, case: Case, choices: Choices) -> bool | Undetermined:
        value = self._value(expression, case, choices)
        assert isinstance(value, bool | Undetermined)
        return value

    def _value(self, expression: Expr, case: Case, choices: Choices) -> Known:
        """The value under chosen alternatives; what reads something undetermined is undetermined, but for
        the connectives, which are Kleene's, and a choice between equal values."""

        def value(inner: Expr) -> Known:
            return self._value(inner, case, choices)

        match expression:
            case Constant(value=constant):
                return constant
            case FactValue(fact=fact):
                return case[fact]
            case DefineValue(define=define):
                return value(self.policy_set.defines[define].value)
            case Not(operand=operand):
                truth = value(operand)
                return UNDETERMINED if isinstance(truth, Undetermined) else not truth
            case And(operands=operands):
                return _kleene([value(operand) for operand in operands], decisive=False)
            case Or(operands=operands):
                return _kleene([value(operand) for operand in operands], decisive=True)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                chosen = value(condition)
                if isinstance(chosen, Undetermined):
                    first, second = value(then), value(otherwise)
                    return first if first == second else UNDETERMINED
                return value(then) if chosen else value(otherwise)
            case IsUndetermined(operand=operand):
                return isinstance(value(operand), Undetermined)
            case VerdictIs(decision=decision, verdict=verdict):
                return self.verdict(decision, case) is verdict
            case ParameterValue(parameter=parameter, region=region):
                place = value(region)
                if isinstance(place, Undetermined):
                    return UNDETERMINED
                return self._parameter((parameter, str(place)), case, choices)
            case _:
                return self._strict(expression, value)

    def _strict(self, expression: Expr, value: Callable[[Expr], Known]) -> Known:
        """Operators that need all their operands."""
        tree = self.policy_set.regions
        match expression:
            case Equal(left=left, right=right):
                return _with(lambda a, b: a == b, value(left), value(right))
            case Less(left=left, right=right, strict=strict):
                return _with(lambda a, b: a < b if strict else a <= b, value(left), value(right))
            case Within(inner=inner, outer=outer):
                return _with(tree.within, value(inner), value(outer))
            case MemberOf(element=element, collection=collection):
                return _with(lambda member, members: member in members, value(element), value(collection))
            case Ancestor(level=level, region=region):
                return _with(tree.province if level == "province" else tree.prefecture, value(region))
            case RegionCode(region=region):
                return _with(int, value(region))
            case Shifted(operand=operand, days=days):
                return _in_calendar(_with(lambda day: day + days, value(operand)))
            case Sum(operands=operands):
                signs = [sign for sign, _ in operands]
                return _with(
                    lambda *numbers: sum(sign * number for sign, number in zip(signs, numbers, strict=True)),
                    *(value(operand) for _, operand in operands),
                )
            case Extreme(greatest=greatest, operands=operands):
                return _with(max if greatest else min, *map(value, operands))
            case Product(factor=factor, operand=operand):
                rounded = PERCENT in (factor.type, operand.type)
                return _with(_share if rounded else lambda a, b: a * b, value(factor), value(operand))
            case _:
                raise AssertionError(f"not an operator: {expression!r}")

    def _alternatives(self, compute: Callable[[Choices], T]) -> list[tuple[Choices, T]]:
        """A computation under every way of choosing one value for each conflicting parameter it reads."""
        results: list[tuple[Choices, T]] = []
        waiting: list[Choices] = [{}]
        while waiting:
            choices = waiting.pop()
            try:
                results.append((choices, compute(choices)))
            except Fork as fork:
                waiting.extend({**choices, fork.instance: value} for value in reversed(fork.values))
        return results


def _kleene(truths: list[Known], *, decisive: bool) -> bool | Undetermined:
    """`or` where `decisive` is true, `and` where it is false: one decisive operand settles it."""
    if decisive in truths:
        return decisive
    return UNDETERMINED if UNDETERMINED in truths else not decisive


def _with(function: Callable[..., Value], *operands: Known) -> Known:
    """The function of its operands, undetermined if one of them is."""
    if any(isinstance(operand, Undetermined) for operand in operands):
        return UNDETERMINED
    return function(*operands)


def _in_calendar(day: Known) -> Known:
    """A day, undetermined where the calendar has none: `9999-12-31`, which stands for "for ever", has no next."""
    if isinstance(day, Undetermined):
        return UNDETERMINED
    assert isinstance(day, int)
    return day if FIRST_DAY <= day <= LAST_DAY else UNDETERMINED


def _share(one: int, other: int) -> int:
    """Money by millionths, rounded half-up to the fen: floor(x + 1/2)."""
    return (2 * one * other + WHOLE) // (2 * WHOLE)
