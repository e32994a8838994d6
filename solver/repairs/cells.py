"""Edits of tables: one cell of a row narrowed by what another row of the table takes, or a row removed.

In: a checked set and a row. Out: the table after an edit, the new cell as text and as a condition. Whether that ends
anything, and leaves no case open, is for `repairs.py` to find out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from policyc.dsl import model
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.values import format_value
from policyc.dsl.syntax.keywords import Language, spelling

from ..checks.gaps.table_columns import Classes, Column, Place, ValueRange, grid

#: The ends of a number that no declaration bounds; cells that reach them are written without that end.
_BEYOND = 10**15


@dataclass(frozen=True, slots=True)
class NarrowedCell:
    """A cell of a row after an edit."""

    #: The heading of its column.
    column: str
    text: str
    table: model.Table
    #: The settings of the row with the new condition.
    settings: tuple[model.Setting, ...]


def narrowed_cells(policy_set: model.PolicySet, rule: model.Rule, other: model.Rule) -> Iterator[NarrowedCell]:
    """The row of one setting with a cell that no longer meets that of another row, column by column, where something is
    left that one cell can say."""
    if not isinstance(rule, model.Setting) or not isinstance(other, model.Setting):
        return
    if rule.table is None or rule.table != other.table or rule.name == other.name:
        return
    table = policy_set.tables[rule.table]
    found = grid(policy_set, table, lambda column: _bounds(policy_set, column))
    places = {row.name: place for place, row in enumerate(table.rows)}
    row = table.rows[places[rule.name]]
    mine, theirs = (found.rows[places[name]] for name in (rule.name, other.name))
    for column, own, taken in zip(found.columns, mine, theirs, strict=True):
        left = own - taken
        written = None if column.is_cell or not left or left == own else _cell_text(policy_set, table, column, left)
        if written is None:
            continue
        about = [cell for cell in row.cells if _is_about(cell, column.expression)]
        if len(about) > 1:
            continue  # two columns of one heading
        cells = (*(cell for cell in row.cells if cell not in about), column.among(left))
        changed = replace(row, cells=cells)
        yield NarrowedCell(
            expression_text(policy_set, column.expression),
            written,
            replace(table, rows=tuple(changed if one is row else one for one in table.rows)),
            tuple(_with_cells(s, table, cells) for s in policy_set.settings.values() if s.name == rule.name),
        )


def without_row(policy_set: model.PolicySet, rule: model.Rule) -> model.Table | None:
    """The table of a row without it."""
    if not isinstance(rule, model.Setting) or rule.table is None:
        return None
    table = policy_set.tables[rule.table]
    return replace(table, rows=tuple(row for row in table.rows if row.name != rule.name))


def _with_cells(setting: model.Setting, table: model.Table, cells: tuple[model.Expr, ...]) -> model.Setting:
    conditions = cells if table.when is None else (table.when, *cells)
    return replace(setting, when=model.And(conditions, type=model.BOOLEAN, span=setting.span))


def _bounds(policy_set: model.PolicySet, column: model.Expr) -> tuple[int, int]:
    match column:
        case model.FactValue(fact=fact):
            thing: model.Fact | model.Parameter = policy_set.facts[fact]
        case model.ParameterValue(parameter=parameter):
            thing = policy_set.parameters[parameter]
        case _:
            return -_BEYOND, _BEYOND
    return -_BEYOND if thing.low is None else thing.low, _BEYOND if thing.high is None else thing.high


def _is_about(cell: model.Expr, column: model.Expr) -> bool:
    match cell:
        case model.And(operands=parts) | model.Or(operands=parts):
            return any(_is_about(part, column) for part in parts)
        case model.Less(left=left, right=right):
            return column in (left, right)
        case model.Equal(left=about) | model.MemberOf(element=about) | model.Within(inner=about):
            return about == column
        case _:
            return False


# --- The text of a cell ------------------------------------------------------------------------------------


def _cell_text(policy_set: model.PolicySet, table: model.Table, column: Column, left: Classes) -> str | None:
    """Some classes as one cell; `None` if no cell says so."""
    chosen = [column.classes[place] for place in sorted(left)]
    words: list[str] = []
    for one in chosen:
        match one:
            case ValueRange():
                return _range_text(column, left)
            case Place(code, without):
                if code is None or without:
                    return None
                words.append(code)
            case bool():
                words.append(spelling("true" if one else "false", _language(table)))
            case str():
                words.append(one)
    return ", ".join(words)


def _range_text(column: Column, left: Classes) -> str | None:
    spans = [span for place in sorted(left) if isinstance(span := column.classes[place], ValueRange)]
    ends = [span for span in column.classes if isinstance(span, ValueRange)]
    if any(one.last + 1 != after.first for one, after in pairwise(spans)):
        return None
    first, last, type_ = spans[0].first, spans[-1].last, column.expression.type
    if first == last:
        return format_value(first, type_)
    if ends[0].first < first and last < ends[-1].last:
        return f"{format_value(first, type_)}..{format_value(last, type_)}"
    if ends[0].first < first:
        return _shorter(f">= {format_value(first, type_)}", f"> {format_value(first - 1, type_)}")
    return _shorter(f"<= {format_value(last, type_)}", f"< {format_value(last + 1, type_)}")


def _shorter(closed: str, open_: str) -> str:
    """Of two ways to say one end, the one with the rounder number."""
    return open_ if len(open_.split()[1]) < len(closed.split()[1]) else closed


def _language(table: model.Table) -> Language:
    """The language of the keyword before the name of a table."""
    before = table.span.file.text[: table.span.start].rstrip()
    return "en" if before[-1:].isascii() else "zh"
