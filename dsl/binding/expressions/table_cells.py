"""Binds cells of tables: the condition of each on its column.

In: a cell of the source tree and the bound expression of its column. Out: a condition, `None` for `any`.
"""

from __future__ import annotations

from dataclasses import replace

from ... import model
from ...diagnostics.diagnostic import text
from ...diagnostics.source import Span
from ...syntax import tree
from ...syntax.errors.cells import cell_help
from ...syntax.expressions import Expression
from ..scope import Scope
from .bind import Binder


def cell_condition(binder: Binder, cell: tree.Cell, column: model.Expr) -> model.Expr | None:
    """The condition of a cell on its column; `None` for `any`."""
    span = cell.span
    match cell:
        case tree.AnyCell():
            return None
        case tree.OneOfCell(values=nodes):
            before = len(binder.scope.diagnostics)
            condition = _one_of(binder, nodes, column, span)
            _advise(binder.scope, before, span)
            return condition
        case tree.CompareCell(operator=operator, value=node):
            value = binder.expression(node, column.type)
            if value is None:
                return None
            left, right = (column, value) if operator[0] == "<" else (value, column)
            return model.Less(left, right, strict=len(operator) == 1, type=model.BOOLEAN, span=span)
        case tree.RangeCell(low=low_node, high=high_node):
            low = binder.expression(low_node, column.type)
            high = binder.expression(high_node, column.type)
            if low is None or high is None:
                return None
            return model.And(
                (
                    model.Less(low, column, strict=False, type=model.BOOLEAN, span=span),
                    model.Less(column, high, strict=False, type=model.BOOLEAN, span=span),
                ),
                type=model.BOOLEAN,
                span=span,
            )


def _advise(scope: Scope, first: int, span: Span) -> None:
    """Help for an unknown name that is a cell as other tools or documents write it: `otherwise`, `满12不满15`."""
    for place, found in enumerate(scope.diagnostics[first:], first):
        if (
            found.code.id == "PC101"
            and found.primary is not None
            and found.primary.span == span
            and (help_ := cell_help(span.text)) is not None
        ):
            scope.diagnostics[place] = replace(found, help=help_)


def _one_of(binder: Binder, nodes: tuple[Expression, ...], column: model.Expr, span: Span) -> model.Expr | None:
    """Any of the values; a region means itself and what lies below."""
    if isinstance(column.type, model.SetType):
        return binder.scope.reject("PC103", text("PC103.set-column"), column.span)
    values = [binder.expression(node, column.type) for node in nodes]
    if isinstance(column.type, model.EnumType) and all(isinstance(value, model.Constant) for value in values):
        members = frozenset(str(value.value) for value in values if isinstance(value, model.Constant))
        set_ = model.Constant(members, type=model.SetType(column.type.name), span=span)
        return model.MemberOf(column, set_, type=model.BOOLEAN, span=span)
    compare = model.Within if column.type == model.REGION else model.Equal
    options = [compare(column, value, type=model.BOOLEAN, span=span) for value in values if value is not None]
    return options[0] if len(options) == 1 else model.Or(tuple(options), type=model.BOOLEAN, span=span)
