"""Expressions with every name bound and every type known."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..diagnostics.source import Span
from .types import Type, Value, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An expression with its type; `span` is where it was written."""

    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Constant(Core):
    value: Value


@dataclass(frozen=True, slots=True)
class FactValue(Core):
    fact: str


@dataclass(frozen=True, slots=True)
class ParameterValue(Core):
    """The value of a parameter in a region on the day of the case."""

    parameter: str
    region: Expr


@dataclass(frozen=True, slots=True)
class Ancestor(Core):
    """The province or prefecture of a region; `level` is `province` or `prefecture`."""

    level: str
    region: Expr


@dataclass(frozen=True, slots=True)
class RegionCode(Core):
    """The six digits of a region as an integer."""

    region: Expr


@dataclass(frozen=True, slots=True)
class DefineValue(Core):
    define: str


@dataclass(frozen=True, slots=True)
class Not(Core):
    operand: Expr


@dataclass(frozen=True, slots=True)
class And(Core):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Core):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Equal(Core):
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Less(Core):
    """`left < right`, or `left <= right` where not `strict`."""

    left: Expr
    right: Expr
    strict: bool


@dataclass(frozen=True, slots=True)
class Within(Core):
    """`inner` is `outer` or lies below it."""

    inner: Expr
    outer: Expr


@dataclass(frozen=True, slots=True)
class MemberOf(Core):
    element: Expr
    collection: Expr


@dataclass(frozen=True, slots=True)
class Sum(Core):
    """The sum of the operands, each times its sign, 1 or -1."""

    operands: tuple[tuple[int, Expr], ...]


@dataclass(frozen=True, slots=True)
class Product(Core):
    """A product whose `factor` takes finitely many values, known in advance; money times percent is rounded half-up."""

    factor: Expr
    operand: Expr


@dataclass(frozen=True, slots=True)
class Extreme(Core):
    """The least operand, or the greatest one."""

    greatest: bool
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Choice(Core):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Shifted(Core):
    operand: Expr
    days: int


@dataclass(frozen=True, slots=True)
class IsUndetermined(Core):
    operand: Expr


@dataclass(frozen=True, slots=True)
class VerdictIs(Core):
    decision: str
    verdict: Verdict


Expr = (
    Constant
    | FactValue
    | ParameterValue
    | Ancestor
    | RegionCode
    | DefineValue
    | Not
    | And
    | Or
    | Equal
    | Less
    | Within
    | MemberOf
    | Sum
    | Product
    | Extreme
    | Choice
    | Shifted
    | IsUndetermined
    | VerdictIs
)


def parts(expression: Expr) -> tuple[Expr, ...]:
    """The direct subexpressions, left to right."""
    match expression:
        case Constant() | FactValue() | DefineValue() | VerdictIs():
            return ()
        case ParameterValue(region=inner) | Ancestor(region=inner) | RegionCode(region=inner):
            return (inner,)
        case Not(operand=inner) | Shifted(operand=inner) | IsUndetermined(operand=inner):
            return (inner,)
        case And(operands=operands) | Or(operands=operands) | Extreme(operands=operands):
            return operands
        case Equal(left=left, right=right) | Less(left=left, right=right):
            return (left, right)
        case Within(inner=inner, outer=outer):
            return (inner, outer)
        case MemberOf(element=element, collection=collection):
            return (element, collection)
        case Sum(operands=signed):
            return tuple(operand for _, operand in signed)
        case Product(factor=factor, operand=operand):
            return (factor, operand)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
