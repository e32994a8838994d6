"""All gaps of a table as boxes: for each column the values that belong to the gap.

In: a table, a scope, the term for its gaps and a case in one of them. Out: boxes in which no row takes a case; a valid
case that the table is for lies in one of them if and only if it is in a gap. That a box is a gap follows from the cells
alone; the solver finds the boxes that are possible, and proves that there are no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, Undetermined

from ...engine.context import CaseScope, replay
from ...engine.witness import ordinary
from ...formula.terms import Term
from ...report.describe import fact_name, member_name, titled
from ..reporter import Possibility, Reporter
from .table_columns import Class, Classes, Column, Grid, Place, ValueRange, grid

#: The most boxes that are looked for.
MOST_GAPS = 48

#: Of each column, in order, the classes that belong to the gap.
Box = tuple[Classes, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a table, and whether these are all of them."""

    grid: Grid
    boxes: tuple[Box, ...]
    complete: bool


def gaps_of(reporter: Reporter, table: model.Table, possibilities: Sequence[Possibility], first: model.Case) -> Gaps:
    """The gaps of a table at its places, each of them a possibility; `first` is a case in one."""
    search = _Search(reporter, table, possibilities)
    complete = search.run(first)
    if complete:
        search.drop_covered()
    boxes = sorted(search.found, key=lambda box: [sorted(own) for own in box])
    return Gaps(search.grid, tuple(boxes), complete)


class _Search:
    def __init__(self, reporter: Reporter, table: model.Table, possibilities: Sequence[Possibility]) -> None:
        self.context = reporter.context
        self.places = [(one.claim, at, one.describe(at)) for one in possibilities for at in reporter.scopes(one)]
        self.grid = grid(reporter.policy_set, table, self.context.whole.expressions.number_range)
        self.found: list[Box] = []
        self._terms: dict[tuple[CaseScope, Box], Term] = {}

    def run(self, first: model.Case) -> bool:
        """Finds boxes until there are no more, or too many; whether there are no more."""
        self._add(first)
        for claim, scope, untaken in self.places:
            while (case := ordinary(scope, [untaken, *self._outside(scope, self.found)])) is not None:
                if len(self.found) == MOST_GAPS:
                    return False
                replay(self.context, case, claim)
                self._add(case)
        return True

    def _add(self, case: model.Case) -> None:
        """The widest box around a case: columns are widened from the last, which are details, to the first."""
        box = [classes_of(self.context.evaluator, column, case) for column in self.grid.columns]
        for place in reversed(range(len(box))):
            self._widen(box, place, self.grid.columns[place].all)
        for place, column in enumerate(self.grid.columns):
            for direction in _outward(box[place], column):
                for near in direction:
                    if not self._widen(box, place, box[place] | {near}):
                        break
        assert tuple(box) not in self.found, "a case outside the boxes found"
        self.found.append(tuple(box))

    def _widen(self, box: list[Classes], place: int, wider: Classes) -> bool:
        if not self._is_gap([*box[:place], wider, *box[place + 1 :]]):
            return False
        box[place] = wider
        return True

    def _is_gap(self, box: Sequence[Classes]) -> bool:
        """Whether each row misses the box in some column."""
        return all(any(own.isdisjoint(taken) for own, taken in zip(box, row, strict=True)) for row in self.grid.rows)

    def _term(self, scope: CaseScope, box: Box) -> Term:
        """When a case surely lies in a box."""
        if (scope, box) not in self._terms:
            restricted = [(c, own) for c, own in zip(self.grid.columns, box, strict=True) if own != c.all]
            holds = [scope.expressions.holds(column.among(own)) for column, own in restricted]
            self._terms[scope, box] = scope.factory.and_(holds)
        return self._terms[scope, box]

    def _outside(self, scope: CaseScope, boxes: Sequence[Box]) -> list[Term]:
        return [scope.factory.not_(self._term(scope, box)) for box in boxes]

    def drop_covered(self) -> None:
        """Drops boxes whose cases lie in the others, the last found first."""
        for box in reversed(self.found):
            others = [other for other in self.found if other is not box]
            if others and not any(
                scope.possible([untaken, self._term(scope, box), *self._outside(scope, others)])
                for _, scope, untaken in self.places
            ):
                self.found = others


def classes_of(evaluator: Evaluator, column: Column, case: model.Case) -> Classes:
    """The classes of a column's values in a case; all of them where it has none."""
    outcome = evaluator.value(column.expression, case)
    values = outcome.values if isinstance(outcome, Conflicting) else (outcome,)
    if any(isinstance(value, Undetermined) for value in values):
        return column.all
    return Classes(column.of(value) for value in values if not isinstance(value, Undetermined))


def _outward(own: Classes, column: Column) -> Sequence[Sequence[int]]:
    """The other classes, in directions in which to go on as long as no row takes them: spans upwards and downwards,
    so that they stay ranges, and anything else one by one."""
    others = sorted(column.all - own)
    if isinstance(column.classes[0], ValueRange):
        return [place for place in others if place > max(own)], [place for place in others[::-1] if place < min(own)]
    return [[place] for place in others]


# --- Words -------------------------------------------------------------------------------------------------


def box_text(policy_set: model.PolicySet, columns: Sequence[Column], box: Box) -> Text:
    """A gap in words: `Age: 15..17, Kitten: Dog`."""
    parts = tuple(
        text("story.value", name=column_name(policy_set, column.expression), value=_values(policy_set, column, own))
        for column, own in zip(columns, box, strict=True)
        if own != column.all
    )
    return text("gap.box", parts=parts) if parts else text("story.any")


def column_name(policy_set: model.PolicySet, column: model.Expr) -> Text | str:
    match column:
        case model.FactValue(fact=fact):
            return fact_name(policy_set, policy_set.facts[fact])
        case model.DefineValue(define=name):
            return titled(policy_set.defines[name])
        case other:
            return expression_text(policy_set, other)


def _values(policy_set: model.PolicySet, column: Column, own: Classes) -> Text | str:
    """The values of some classes of a column: those left out, if they are fewer."""
    classes = [column.classes[place] for place in sorted(own)]
    if isinstance(classes[0], ValueRange):
        return _either([_range(column, span) for span in _joined(column, own)])
    out = [column.classes[place] for place in range(len(column.classes)) if place not in own]
    if isinstance(classes[0], Place) or len(out) < len(classes):
        gone = [one for one in out if not isinstance(one, Place) or one.code is not None]
        if any(isinstance(one, Place) and one.code is None for one in classes) or not isinstance(classes[0], Place):
            return text("gap.not", value=_either([_one(policy_set, column, one) for one in gone]))
    return _either([_one(policy_set, column, one) for one in classes])


def _one(policy_set: model.PolicySet, column: Column, one: Class) -> Text | str:
    match one, column.expression.type:
        case Place(code), _:
            assert code is not None
            return policy_set.regions[code].name
        case bool(), _:
            return text("story.yes" if one else "story.no")
        case str(), model.EnumType() as type_:
            return member_name(policy_set, type_, one)
        case _:
            raise AssertionError(f"no class of a column: {one!r}")


def _either(options: Sequence[Text | str]) -> Text | str:
    if len(options) == 1:
        return options[0]
    middle = (len(options) + 1) // 2
    return text("gap.or", first=_either(options[:middle]), last=_either(options[middle:]))


def _joined(column: Column, own: Classes) -> list[ValueRange]:
    """Adjacent spans as one."""
    found: list[ValueRange] = []
    for place in sorted(own):
        span = column.classes[place]
        assert isinstance(span, ValueRange)
        if found and found[-1].last + 1 == span.first:
            span = ValueRange(found.pop().first, span.last)
        found.append(span)
    return found


def _ends(column: Column) -> tuple[int, int]:
    first, last = column.classes[0], column.classes[-1]
    assert isinstance(first, ValueRange) and isinstance(last, ValueRange)
    return first.first, last.last


def _range(column: Column, values: ValueRange) -> Text | str:
    """A range, by its one end where the other is that of the column; of two adjacent values the rounder is named."""
    (low, high), type_ = _ends(column), column.expression.type
    first, last = format_value(values.first, type_), format_value(values.last, type_)
    if values.first == values.last:
        return first
    if low < values.first and values.last < high:
        return text("gap.span", first=first, last=last)
    if type_ == model.DAY:
        return text("gap.from", value=first) if low < values.first else text("gap.until", value=last)
    if low < values.first:
        beyond = format_value(values.first - 1, type_)
        return text("gap.above", value=beyond) if len(beyond) < len(first) else text("gap.at_least", value=first)
    beyond = format_value(values.last + 1, type_)
    return text("gap.at_most", value=last) if len(last) < len(beyond) else text("gap.below", value=beyond)


def box_data(
    policy_set: model.PolicySet, columns: Sequence[Column], box: Box
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A gap as data: columns, and their values as in cells."""
    return tuple(
        (expression_text(policy_set, column.expression), tuple(_plain(column, own)))
        for column, own in zip(columns, box, strict=True)
        if own != column.all
    )


def _plain(column: Column, own: Classes) -> Iterator[str]:
    if isinstance(column.classes[0], ValueRange):
        for span in _joined(column, own):
            first, last = (format_value(end, column.expression.type) for end in (span.first, span.last))
            yield first if first == last else f"{first}..{last}"
        return
    for place in sorted(own):
        match column.classes[place]:
            case Place(code, without):
                yield " ".join([code or "any", *(f"not {hole}" for hole in without)])
            case bool() as truth:
                yield "true" if truth else "false"
            case other:
                yield str(other)
