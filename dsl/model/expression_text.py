"""Expressions of the checked set as text of the language, in its English spelling.

In: a checked set and an expression of it. Out: text that means the same when asked of the same set; names in full,
regions by code. Definitions local to a policy have no name outside it and are written out; if that gets too long,
"…" replaces the rest, which the language cannot read.
"""

from __future__ import annotations

from .. import model
from .values import format_value

#: How tightly each kind of expression binds.
_LOOSEST, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _TIGHTEST = range(8)


#: How many levels, and how many parts, are written out.
_DEEPEST, _MOST = 100, 1000


def expression_text(policy_set: model.PolicySet, expression: model.Expr) -> str:
    return _ExpressionWriter(policy_set).text(expression)


def spelled_out(policy_set: model.PolicySet, expression: model.Expr) -> model.Expr:
    """The expression that the text shows: a definition local to a policy is replaced by its value."""
    while isinstance(expression, model.DefineValue):
        define = policy_set.defines[expression.define]
        if define.policy is None:
            break
        expression = define.value
    return expression


class _ExpressionWriter:
    def __init__(self, policy_set: model.PolicySet) -> None:
        self.policy_set = policy_set
        self._levels = 0
        self._nodes = 0

    def text(self, expression: model.Expr, least: int = _LOOSEST) -> str:
        """The text, in parentheses if it binds less tightly than `least`."""
        written, tightness = self._bounded(expression)
        return written if tightness >= least else f"({written})"

    def _bounded(self, expression: model.Expr) -> tuple[str, int]:
        """The text, or "…" if it gets too long, and how tightly it binds."""
        self._nodes += 1
        if self._levels > _DEEPEST or self._nodes > _MOST:
            return "…", _TIGHTEST
        self._levels += 1
        try:
            return self._written(expression)
        finally:
            self._levels -= 1

    def _written(self, expression: model.Expr) -> tuple[str, int]:
        match expression:
            case model.Constant(value=value, type=type_):
                return format_value(value, type_), _TIGHTEST
            case model.FactValue(fact=fact):
                return fact, _TIGHTEST
            case model.DefineValue(define=define):
                known = self.policy_set.defines[define]
                return (define, _TIGHTEST) if known.policy is None else self._bounded(known.value)
            case (
                model.ParameterValue(parameter=attribute, region=region)
                | model.Ancestor(level=attribute, region=region)
            ):
                return f"{self.text(region, _TIGHTEST)}.{attribute}", _TIGHTEST
            case model.RegionCode(region=region):
                return f"{self.text(region, _TIGHTEST)}.code", _TIGHTEST
            case model.Not(operand=operand):
                return self._negation(operand)
            case model.And(operands=operands):
                return " and ".join(self.text(operand, _NOT) for operand in operands), _AND
            case model.Or(operands=operands):
                return " or ".join(self.text(operand, _AND) for operand in operands), _OR
            case model.IsUndetermined(operand=operand):
                return f"{self.text(operand, _SUM)} is undetermined", _COMPARISON
            case model.VerdictIs(decision=decision, verdict=verdict):
                return f"{decision} is {verdict}", _COMPARISON
            case model.Choice(condition=condition, then=then, otherwise=otherwise):
                chosen = f"{self.text(then)} else {self.text(otherwise)}"
                return f"if {self.text(condition)} then {chosen}", _LOOSEST
            case model.Extreme(greatest=greatest, operands=operands):
                listed = ", ".join(self.text(operand) for operand in operands)
                return f"{'max' if greatest else 'min'}({listed})", _TIGHTEST
            case model.Sum(operands=operands):
                return self._sum(operands), _SUM
            case model.Shifted(operand=operand, days=days):
                return f"{self.text(operand, _SUM)} {'-' if days < 0 else '+'} {abs(days)} days", _SUM
            case model.Product(factor=factor, operand=operand):
                return f"{self.text(operand, _PRODUCT)} * {self.text(factor, _TIGHTEST)}", _PRODUCT
            case _:
                return self._comparison(expression), _COMPARISON

    def _negation(self, operand: model.Expr) -> tuple[str, int]:
        """A negation, as the negative form of a comparison if there is one."""
        match operand:
            case model.Equal() | model.Within() | model.MemberOf():
                return self._comparison(operand, negated=True), _COMPARISON
            case _:
                return f"not {self.text(operand, _COMPARISON)}", _NOT

    def _comparison(self, expression: model.Expr, *, negated: bool = False) -> str:
        match expression:
            case model.Equal(left=left, right=right):
                word = "is not" if negated else "is"
            case model.Within(inner=left, outer=right) | model.MemberOf(element=left, collection=right):
                word = "not in" if negated else "in"
            case model.Less(left=left, right=right, strict=strict):
                word = "<" if strict else "<="
            case _:
                raise AssertionError(f"not a comparison: {expression!r}")
        return f"{self.text(left, _SUM)} {word} {self.text(right, _SUM)}"

    def _sum(self, operands: tuple[tuple[int, model.Expr], ...]) -> str:
        (_, first), *others = operands  # the first operand of a sum is positive
        rest = "".join(f" {'+' if sign > 0 else '-'} {self.text(other, _PRODUCT)}" for sign, other in others)
        return self.text(first, _SUM) + rest
