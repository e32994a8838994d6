"""Constants: what is known of the value of an expression in all cases."""

from __future__ import annotations

from collections.abc import Mapping

from ... import model
from ..scope import PendingDefine

#: The definitions of a set, by name.
Defines = Mapping[str, PendingDefine | model.Define]


def known_value(bound: model.Expr, defines: Defines) -> model.Value | None:
    inner: model.Expr | None = bound
    while isinstance(inner, model.DefineValue):
        inner = defines[inner.define].value
    return inner.value if isinstance(inner, model.Constant) else None


def folded(factor: model.Expr, defines: Defines) -> model.Expr:
    """A factor such as `100% - 70%` or `2 * 3` as a literal; any other factor unchanged."""
    value: model.Value | None = None
    match factor:
        case model.Sum(operands=operands):
            signed = [(sign, known_value(folded(item, defines), defines)) for sign, item in operands]
            if all(isinstance(known, int) for _, known in signed):
                value = sum(sign * known for sign, known in signed if isinstance(known, int))
        case model.Product(factor=one, operand=other) if factor.type == model.INT:
            match [known_value(folded(item, defines), defines) for item in (one, other)]:
                case [int(first), int(second)]:
                    value = first * second
        case _:
            pass
    return factor if value is None else model.Constant(value, type=factor.type, span=factor.span)


def is_finite(bound: model.Expr, defines: Defines) -> bool:
    """Whether an expression takes finitely many values, known in advance."""
    waiting: list[model.Expr | None] = [bound]
    seen: set[str] = set()
    while waiting:
        match waiting.pop():
            case model.Constant() | model.ParameterValue():
                pass
            case model.Choice(then=then, otherwise=otherwise):
                waiting += (then, otherwise)
            case model.DefineValue(define=name):
                waiting += [defines[name].value] if name not in seen else []
                seen.add(name)
            case model.Extreme(operands=operands):
                waiting += operands
            case _:
                return False
    return True
