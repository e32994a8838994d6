"""Expressions of the checked set as text of the language, in its English spelling.

In: a checked set and an expression of it. Out: text that means the same when asked of the same set; names in full,
regions by code. Definitions local to a policy have no name outside it and are written out; if that gets too long,
"…" replaces the rest, which the language cannot read.
"""

from __future__ import annotations

from . import (
    Ancestor,
    And,
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
    VerdictIs,
    Within,
)
from .values import format_value

#: How tightly each kind of expression binds.
_LOOSEST, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _TIGHTEST = range(8)


#: How many levels, and how many parts, are written out.
_DEEPEST, _MOST = 100, 1000


def expression_text(policy_set: PolicySet, expression: Expr) -> str:
    return _Writer(policy_set).text(expression)


class _Writer:
    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self._levels = 0
        self._parts = 0

    def text(self, expression: Expr, least: int = _LOOSEST) -> str:
        """The text, in parentheses if it binds less tightly than `least`."""
        written, tightness = self._bounded(expression)
        return written if tightness >= least else f"({written})"

    def _bounded(self, expression: Expr) -> tuple[str, int]:
        """The text, or "…" if it gets too long, and how tightly it binds."""
        self._parts += 1
        if self._levels > _DEEPEST or self._parts > _MOST:
            return "…", _TIGHTEST
        self._levels += 1
        try:
            return self._written(expression)
        finally:
            self._levels -= 1

    def _written(self, expression: Expr) -> tuple[str, int]:
        match expression:
            case Constant(value=value, type=type_):
                return format_value(value, type_), _TIGHTEST
            case FactValue(fact=fact):
                return fact, _TIGHTEST
            case DefineValue(define=define):
                known = self.policy_set.defines[define]
                return (define, _TIGHTEST) if known.policy is None else self._bounded(known.value)
            case (
                ParameterValue(parameter=attribute, region=region) | Ancestor(level=attribute, region=region)
            ):
                return f"{self.text(region, _TIGHTEST)}.{attribute}", _TIGHTEST
            case RegionCode(region=region):
                return f"{self.text(region, _TIGHTEST)}.code", _TIGHTEST
            case Not(operand=operand):
                return self._negation(operand)
            case And(operands=operands):
                return " and ".join(self.text(operand, _NOT) for operand in operands), _AND
            case Or(operands=operands):
                return " or ".join(self.text(operand, _AND) for operand in operands), _OR
            case IsUndetermined(operand=operand):
                return f"{self.text(operand, _SUM)} is undetermined", _COMPARISON
            case VerdictIs(decision=decision, verdict=verdict):
                return f"{decision} is {verdict}", _COMPARISON
            case Choice(condition=condition, then=then, otherwise=otherwise):
                chosen = f"{self.text(then)} else {self.text(otherwise)}"
                return f"if {self.text(condition)} then {chosen}", _LOOSEST
            case Extreme(greatest=greatest, operands=operands):
                listed = ", ".join(self.text(operand) for operand in operands)
                return f"{'max' if greatest else 'min'}({listed})", _TIGHTEST
            case Sum(operands=operands):
                return self._sum(operands), _SUM
            case Shifted(operand=operand, days=days):
                return f"{self.text(operand, _SUM)} {'-' if days < 0 else '+'} {abs(days)} days", _SUM
            case Product(factor=factor, operand=operand):
                return f"{self.text(operand, _PRODUCT)} * {self.text(factor, _TIGHTEST)}", _PRODUCT
            case _:
                return self._comparison(expression), _COMPARISON

    def _negation(self, operand: Expr) -> tuple[str, int]:
        """A negation, as the negative form of a comparison if there is one."""
        match operand:
            case Equal() | Within() | MemberOf():
                return self._comparison(operand, negated=True), _COMPARISON
            case _:
                return f"not {self.text(operand, _COMPARISON)}", _NOT

    def _comparison(self, expression: Expr, *, negated: bool = False) -> str:
        match expression:
            case Equal(left=left, right=right):
                word = "is not" if negated else "is"
            case Within(inner=left, outer=right) | MemberOf(element=left, collection=right):
                word = "not in" if negated else "in"
            case Less(left=left, right=right, strict=strict):
                word = "<" if strict else "<="
            case _:
                raise AssertionError(f"not a comparison: {expression!r}")
        return f"{self.text(left, _SUM)} {word} {self.text(right, _SUM)}"

    def _sum(self, operands: tuple[tuple[int, Expr], ...]) -> str:
        (_, first), *others = operands  # the first operand of a sum is positive
        rest = "".join(f" {'+' if sign > 0 else '-'} {self.text(other, _PRODUCT)}" for sign, other in others)
        return self.text(first, _SUM) + rest
