"""Cells of tables that speak of values which their column never has (PC105, a warning).

In: a checked set. Out: findings. Such a cell is no contradiction, as a value out of bounds that is given would be: the
row takes fewer cases than it says, or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...diagnostics.diagnostic import Diagnostic, Finding, Severity, text
from ...model import Constant, Equal, Expr, Fact, FactValue, Less, Parameter, ParameterValue, PolicySet
from ...model.traversal import subexpressions
from ...model.values import bounds_problem


def cells_out_of_bounds(policy_set: PolicySet) -> list[Diagnostic]:
    found = []
    for table in policy_set.tables.values():
        for row in table.rows:
            for cell in row.cells:
                for thing, constant in _compared(policy_set, cell):
                    problem = bounds_problem(thing, constant.value, constant.span)
                    if problem is not None:
                        finding = Finding(rules=(row.name,))
                        help_ = text("PC105.cell-help")
                        found.append(replace(problem, severity=Severity.WARNING, help=help_, finding=finding))
    return found


def _compared(policy_set: PolicySet, cell: Expr) -> Iterator[tuple[Fact | Parameter, Constant]]:
    """The constants that a cell compares with a fact or a parameter. The number next to a bound may close a range:
    `< 18` of `0..17` says what `<= 17` says."""
    for inner in subexpressions(cell):
        match inner:
            case Less(left=Constant() as constant, right=column, strict=strict):
                thing, nearest = _thing(policy_set, column), -1
            case Less(left=column, right=Constant() as constant, strict=strict):
                thing, nearest = _thing(policy_set, column), 1
            case Equal(left=column, right=Constant() as constant):
                thing, nearest, strict = _thing(policy_set, column), 0, False
            case _:
                continue
        if thing is None or not isinstance(constant.value, int):
            continue
        ends = {-1: thing.low, 1: thing.high, 0: None}[nearest]
        if not (strict and ends is not None and constant.value == ends + nearest):
            yield thing, constant


def _thing(policy_set: PolicySet, column: Expr) -> Fact | Parameter | None:
    match column:
        case FactValue(fact=fact):
            return policy_set.facts[fact]
        case ParameterValue(parameter=parameter):
            return policy_set.parameters[parameter]
        case _:
            return None
