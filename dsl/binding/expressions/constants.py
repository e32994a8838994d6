"""Constants: what is known of the value of an expression in all cases."""

from __future__ import annotations

from collections.abc import Mapping

from ...model import (
    INT,
    Choice,
    Constant,
    Define,
    DefineValue,
    Expr,
    Extreme,
    ParameterValue,
    Product,
    Sum,
    Value,
)
from ..scope import PendingDefine

#: The definitions of a set, by name.
Defines = Mapping[str, PendingDefine | Define]


def known_value(bound: Expr, defines: Defines) -> Value | None:
    inner: Expr | None = bound
    while isinstance(inner, DefineValue):
        inner = defines[inner.define].value
    return inner.value if isinstance(inner, Constant) else None


def folded(factor: Expr, defines: Defines) -> Expr:
    """A factor such as `100% - 70%` or `2 * 3` as a literal; any other factor unchanged."""
    value: Value | None = None
    match factor:
        case Sum(operands=operands):
            signed = [(sign, known_value(folded(item, defines), defines)) for sign, item in operands]
            if all(isinstance(known, int) for _, known in signed):
                value = sum(sign * known for sign, known in signed if isinstance(known, int))
        case Product(factor=one, operand=other) if factor.type == INT:
            match [known_value(folded(item, defines), defines) for item in (one, other)]:
                case [int(first), int(second)]:
                    value = first * second
        case _:
            pass
    return factor if value is None else Constant(value, type=factor.type, span=factor.span)


def is_finite(bound: Expr, defines: Defines) -> bool:
    """Whether an expression takes finitely many values, known in advance."""
    waiting: list[Expr | None] = [bound]
    seen: set[str] = set()
    while waiting:
        match waiting.pop():
            case Constant() | ParameterValue():
                pass
            case Choice(then=then, otherwise=otherwise):
                waiting += (then, otherwise)
            case DefineValue(define=name):
                waiting += [defines[name].value] if name not in seen else []
                seen.add(name)
            case Extreme(operands=operands):
                waiting += operands
            case _:
                return False
    return True
