"""The columns of a table as classes of values, each of which every cell takes wholly or not at all.

In: a checked table. Out: its columns, and which classes of each column every row takes. A cell that compares with what
is not constant is a column of its own, whose values are "yes" and "no". Nothing is proved here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from policyc.dsl import model
from policyc.dsl.model.regions import RegionTree
from policyc.dsl.model.traversal import subexpressions

#: Places of classes in a column.
Classes = frozenset[int]


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The numbers or days from `first` to `last`."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Place:
    """A region and those below it, but not the regions `without`; of no code, all regions but these."""

    code: str | None
    without: tuple[str, ...]


#: A class of values: a range, a member of an enum, a truth value, or regions.
Class = ValueRange | str | bool | Place


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column with its classes, in order."""

    expression: model.Expr
    classes: tuple[Class, ...]
    regions: RegionTree
    #: Whether it is a cell of another column.
    is_cell: bool = False

    @property
    def all(self) -> Classes:
        return frozenset(range(len(self.classes)))

    def of(self, value: model.Value) -> int:
        """The class of a value."""
        for place, one in enumerate(self.classes):
            match one:
                case ValueRange(first, last):
                    if isinstance(value, int) and first <= value <= last:
                        return place
                case Place(code, without):
                    inside = code is None or self.regions.within(str(value), code)
                    if inside and not any(self.regions.within(str(value), hole) for hole in without):
                        return place
                case _:
                    if value == one:
                        return place
        raise AssertionError(f"a value outside the column: {value!r}")

    def among(self, chosen: Classes) -> model.Expr:
        """That the value is of one of some classes."""
        return _any(tuple(self._is(self.classes[place]) for place in sorted(chosen)), self.expression)

    def _is(self, one: Class) -> model.Expr:
        expression, span = self.expression, self.expression.span
        constant = partial(model.Constant, type=expression.type, span=span)
        match one:
            case ValueRange(first, last):
                low = model.Less(constant(first), expression, strict=False, type=model.BOOLEAN, span=span)
                high = model.Less(expression, constant(last), strict=False, type=model.BOOLEAN, span=span)
                return model.And((low, high), type=model.BOOLEAN, span=span)
            case Place(code, without):

                def within(region: str) -> model.Expr:
                    return model.Within(expression, constant(region), type=model.BOOLEAN, span=span)

                parts = [] if code is None else [within(code)]
                parts += [model.Not(within(hole), type=model.BOOLEAN, span=span) for hole in without]
                return model.And(tuple(parts), type=model.BOOLEAN, span=span)
            case _:
                return model.Equal(expression, constant(one), type=model.BOOLEAN, span=span)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The columns of a table, and of each row the classes that it takes in each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Classes, ...], ...]


#: The least and the greatest value of a number.
Range = Callable[[model.Expr], tuple[int, int]]


def grid(policy_set: model.PolicySet, table: model.Table, range_of: Range) -> Grid:
    """The columns of a table in order, then those of cells that compare with what is not constant."""
    own = dict.fromkeys(table.columns)
    cells = [{column: cell for cell in row.cells if (column := _column_of(cell, own))} for row in table.rows]
    columns = [_column(policy_set, column, [row[column] for row in cells if column in row], range_of) for column in own]
    odd = dict.fromkeys(
        cell for row, known in zip(table.rows, cells, strict=True) for cell in row.cells if cell not in known.values()
    )
    columns += [Column(cell, (False, True), policy_set.regions, is_cell=True) for cell in odd]
    rows = []
    for row, known in zip(table.rows, cells, strict=True):
        taken = [
            (Classes((1,)) if column.expression in row.cells else column.all)
            if column.is_cell
            else _taken(column, known.get(column.expression))
            for column in columns
        ]
        rows.append(tuple(taken))
    return Grid(tuple(columns), tuple(rows))


def _column_of(cell: model.Expr, columns: Collection[model.Expr]) -> model.Expr | None:
    """The column that a cell compares with constants; `None` if it does anything else."""
    match cell:
        case model.Equal(left=column, right=model.Constant()) | model.Within(inner=column, outer=model.Constant()):
            found = column
        case model.MemberOf(element=column, collection=model.Constant()):
            found = column
        case model.Less(left=model.Constant(), right=column) | model.Less(left=column, right=model.Constant()):
            found = column
        case model.And(operands=parts) | model.Or(operands=parts):
            inner = {_column_of(part, columns) for part in parts}
            return inner.pop() if len(inner) == 1 else None
        case _:
            return None
    return found if found in columns else None


def _taken(column: Column, cell: model.Expr | None) -> Classes:
    if cell is None:
        return column.all
    return Classes(place for place, one in enumerate(column.classes) if _meets(column, cell, one))


def _meets(column: Column, cell: model.Expr, one: Class) -> bool:
    """Whether a class meets a cell."""
    match cell:
        case model.And(operands=parts):
            return all(_meets(column, part, one) for part in parts)
        case model.Or(operands=parts):
            return any(_meets(column, part, one) for part in parts)
        case model.Equal(right=model.Constant(value=value)):
            return one == (
                ValueRange(value, value) if isinstance(one, ValueRange) and isinstance(value, int) else value
            )
        case model.MemberOf(collection=model.Constant(value=frozenset() as members)):
            return one in members
        case model.Within(outer=model.Constant(value=code)):
            return isinstance(one, Place) and one.code is not None and column.regions.within(one.code, str(code))
        case model.Less(left=model.Constant(value=int() as low), strict=strict):
            return isinstance(one, ValueRange) and (low < one.first if strict else low <= one.first)
        case model.Less(right=model.Constant(value=int() as high), strict=strict):
            return isinstance(one, ValueRange) and (one.last < high if strict else one.last <= high)
        case _:
            raise AssertionError(f"not a cell of constants: {cell!r}")


def _column(
    policy_set: model.PolicySet, expression: model.Expr, cells: Sequence[model.Expr], range_of: Range
) -> Column:
    """A column with the classes that its cells distinguish."""
    regions, classes = policy_set.regions, tuple[Class, ...]()
    match expression.type:
        case model.EnumType(name=name):
            classes = tuple(policy_set.enums[name].members)
        case type_ if type_ == model.BOOLEAN:
            classes = (False, True)
        case type_ if type_ == model.REGION:
            codes = sorted({str(one.value) for one in _constants(cells) if one.type == model.REGION})
            classes = (
                *(Place(code, tuple(c for c in codes if c != code and regions.within(c, code))) for code in codes),
                Place(None, tuple(codes)),
            )
        case _:
            classes = tuple(_ranges(cells, *range_of(expression)))
    return Column(expression, classes, regions)


def _ranges(cells: Sequence[model.Expr], low: int, high: int) -> Iterator[ValueRange]:
    """The spans between the ends of cells."""
    starts = {low}
    for cell in cells:
        for inner in subexpressions(cell):
            match inner:
                case model.Equal(right=model.Constant(value=int() as value)):
                    starts |= {value, value + 1}
                case model.Less(left=model.Constant(value=int() as value), strict=strict):
                    starts.add(value + strict)
                case model.Less(right=model.Constant(value=int() as value), strict=strict):
                    starts.add(value if strict else value + 1)
    kept = sorted(start for start in starts if low <= start <= high)
    for first, after in pairwise([*kept, high + 1]):
        yield ValueRange(first, after - 1)


def _constants(cells: Sequence[model.Expr]) -> Iterator[model.Constant]:
    for cell in cells:
        yield from (inner for inner in subexpressions(cell) if isinstance(inner, model.Constant))


def _any(options: tuple[model.Expr, ...], of: model.Expr) -> model.Expr:
    return options[0] if len(options) == 1 else model.Or(options, type=model.BOOLEAN, span=of.span)
