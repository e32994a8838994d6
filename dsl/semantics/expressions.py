"""The value of an expression in one case: the part of the reference evaluator about expressions.

Definitions, verdicts and parameters come from `judgement.py`, as a `Reading`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .. import model
from .outcomes import UNDETERMINED, Known, Undetermined
from .possible import Fork, Forks, Possible, outcomes

#: A parameter in a region.
Instance = tuple[str, str]


class Reading(Protocol):
    """What an expression reads besides the facts."""

    def define(self, name: str) -> Possible[Known]:
        """The value of a definition."""

    def verdict(self, decision: str) -> model.Verdict:
        """The verdict of a decision."""

    def parameter(self, instance: Instance) -> Possible[Known]:
        """The value of a parameter in a region."""


class Expressions:
    """Evaluates expressions of one policy set in one case. A conflicting parameter has several `possible` values, and
    so may everything that reads it."""

    def __init__(self, policy_set: model.PolicySet, case: model.Case, forks: Forks, reading: Reading) -> None:
        self.policy_set = policy_set
        self.case = case
        self.forks = forks
        self.reading = reading

    def value(self, expression: model.Expr) -> Possible[Known]:
        """The value. An undetermined operand makes it undetermined, except in the connectives, which are Kleene's, and
        in a choice between equal values."""
        match expression:
            case model.Constant(value=constant):
                return constant
            case model.FactValue(fact=fact):
                return self.case[fact]
            case model.DefineValue(define=define):
                return self.reading.define(define)
            case model.VerdictIs(decision=decision, verdict=verdict):
                return self.reading.verdict(decision) is verdict
            case model.ParameterValue(parameter=parameter, region=region):
                return self._read(parameter, self.value(region))
            case model.Choice(condition=condition):
                return self._chosen(self.value(condition), expression)
            case _:
                return self._of(expression, [self.value(operand) for operand in model.parts(expression)])

    def _read(self, parameter: str, region: Possible[Known]) -> Possible[Known]:
        """A parameter in a region, which itself may depend on a conflicting parameter."""
        if not isinstance(region, Fork):
            return (
                UNDETERMINED if isinstance(region, Undetermined) else self.reading.parameter((parameter, str(region)))
            )
        found: Possible[Known] = UNDETERMINED
        for place in outcomes(region):
            value = self._read(parameter, place)
            found = self.forks.of(
                lambda here, there, other, place=place: there if here == place else other,
                region,
                value,
                found,
            )
        return found

    def _chosen(self, condition: Possible[Known], choice: model.Choice) -> Possible[Known]:
        """The branch chosen; if the condition is undetermined, the value both branches share."""
        if isinstance(condition, bool):
            return self.value(choice.then if condition else choice.otherwise)
        return self.forks.of(_either, condition, self.value(choice.then), self.value(choice.otherwise))

    def _of(self, expression: model.Expr, operands: Sequence[Possible[Known]]) -> Possible[Known]:
        """An operator applied to its operands."""
        tree, of = self.policy_set.regions, self.forks.of
        match expression:
            case model.Not():
                return of(_not, *operands)
            case model.And():
                return self.forks.fold(_and, True, operands)
            case model.Or():
                return self.forks.fold(_or, False, operands)
            case model.IsUndetermined():
                return of(lambda value: isinstance(value, Undetermined), *operands)
            case model.Equal():
                return of(_strict(lambda a, b: a == b), *operands)
            case model.Less(strict=strict):
                return of(_strict(lambda a, b: a < b if strict else a <= b), *operands)
            case model.Within():
                return of(_strict(tree.within), *operands)
            case model.MemberOf():
                return of(_strict(lambda member, members: member in members), *operands)
            case model.Ancestor(level=level):
                return of(_strict(tree.province if level == "province" else tree.prefecture), *operands)
            case model.RegionCode():
                return of(_strict(int), *operands)
            case model.Shifted(days=days):
                return of(lambda day: _in_calendar(day, days), *operands)
            case model.Sum(operands=signed):
                negated = _strict(lambda number: -number)
                signs = (sign for sign, _ in signed)
                summands = [one if sign > 0 else of(negated, one) for sign, one in zip(signs, operands, strict=True)]
                return self.forks.fold(_strict(lambda a, b: a + b), summands[0], summands[1:])
            case model.Extreme(greatest=greatest):
                return self.forks.fold(_strict(max if greatest else min), operands[0], operands[1:])
            case model.Product(factor=factor, operand=operand):
                rounded = model.PERCENT in (factor.type, operand.type)
                return of(_strict(_share if rounded else lambda a, b: a * b), *operands)
            case _:
                raise AssertionError(f"not an operator: {expression!r}")


def _not(truth: Known) -> Known:
    return UNDETERMINED if isinstance(truth, Undetermined) else not truth


def _and(one: Known, other: Known) -> Known:
    """False if either is false, whatever the other is."""
    if one is False or other is False:
        return False
    return UNDETERMINED if UNDETERMINED in (one, other) else True


def _or(one: Known, other: Known) -> Known:
    """True if either is true, whatever the other is."""
    if one is True or other is True:
        return True
    return UNDETERMINED if UNDETERMINED in (one, other) else False


def _either(condition: Known, then: Known, otherwise: Known) -> Known:
    if isinstance(condition, Undetermined):
        return then if then == otherwise else UNDETERMINED
    return then if condition else otherwise


def _strict(function: Callable[..., model.Value]) -> Callable[..., Known]:
    """The function, undetermined if any operand is."""

    def strict(*operands: Known) -> Known:
        return UNDETERMINED if UNDETERMINED in operands else function(*operands)

    return strict


def _in_calendar(day: Known, days: int) -> Known:
    """A day moved; undetermined beyond the calendar, since `9999-12-31` stands for "for ever"."""
    if isinstance(day, Undetermined):
        return UNDETERMINED
    assert isinstance(day, int)
    return day + days if model.FIRST_DAY <= day + days <= model.LAST_DAY else UNDETERMINED


def _share(one: int, other: int) -> int:
    """Money times millionths, rounded half-up to the fen: floor(x + 1/2)."""
    return (2 * one * other + model.WHOLE) // (2 * model.WHOLE)
