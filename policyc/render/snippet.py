"""Draws lines of source with marks under them.

In: marks, all in one file, with their words. Out: lines of text. A mark within one line has a row of carets (if
primary) or hyphens below that line; a mark over several lines has a bracket on the left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set as AbstractSet
from dataclasses import dataclass, field

from policyc.dsl.diagnostics.characters import LINE_END
from policyc.dsl.diagnostics.source import SourceFile, Span

from .terminal import CUT, Line, Palette, Window, lay_out, visible

#: A mark over more lines shows only its first and last line.
MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class Mark:
    span: Span
    label: str
    primary: bool
    #: The role in the palette.
    role: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """The part of a mark on one line: characters `first` up to `last`.

    `opens` and `closes` are the two ends of a mark over several lines; `bracket` is its column on the left.
    """

    mark: Mark
    first: int
    last: int
    bracket: int = -1
    opens: bool = False
    closes: bool = False

    @property
    def sign(self) -> str:
        return "^" if self.mark.primary else "-"

    @property
    def label(self) -> str:
        """The words after the mark, at its second end if it has two."""
        return f" {visible(self.mark.label)}" if self.mark.label and not self.opens else ""


@dataclass(slots=True)
class _Page:
    """Everything to draw of one file."""

    file: SourceFile
    pieces: dict[int, list[_Piece]] = field(default_factory=dict)
    #: The marks over several lines; each has a column on the left.
    brackets: list[Mark] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)

    def add(self, mark: Mark) -> None:
        first_line, first_column = self.file.position(mark.span.start)
        end = max(mark.span.start, mark.span.end)
        if end > mark.span.start and LINE_END.fullmatch(self.file.text, end - 1, end):
            end -= 1
        last_line, last_column = self.file.position(end)
        first, last = first_column - 1, last_column - 1
        if first_line == last_line:
            self._place(first_line, _Piece(mark, first, max(last, first + 1)))
            return
        bracket = len(self.brackets)
        self.brackets.append(mark)
        self._place(first_line, _Piece(mark, first, first + 1, bracket, opens=True))
        self._place(last_line, _Piece(mark, max(last - 1, 0), max(last, 1), bracket, closes=True))
        if last_line - first_line < MOST_LINES:
            self.lines |= set(range(first_line, last_line))

    def _place(self, number: int, piece: _Piece) -> None:
        self.pieces.setdefault(number, []).append(piece)
        self.lines.add(number)


def last_line(marks: Sequence[Mark]) -> int:
    """The largest line number that a snippet with these marks shows."""
    return max((mark.span.file.position(max(mark.span.start, mark.span.end))[0] for mark in marks), default=1)


def draw(marks: Sequence[Mark], gutter: int, most: int, palette: Palette) -> Iterator[str]:
    """The rows of a snippet. `gutter` is the width of line numbers, `most` that of source, in cells."""
    page = _Page(marks[0].span.file)
    for mark in sorted(marks, key=lambda m: (m.span.start, m.span.end)):
        page.add(mark)
    yield from _Drawing(page, gutter, most, palette).rows()


@dataclass(slots=True)
class _Drawing:
    page: _Page
    gutter: int
    most: int
    palette: Palette
    #: The columns of brackets that cross the row being drawn.
    open: set[int] = field(default_factory=set)

    def rows(self) -> Iterator[str]:
        yield self._row("")
        previous = 0
        for number in sorted(self.page.lines):
            if previous and number == previous + 2:
                yield from self._line(previous + 1)
            elif previous and number > previous + 1:
                gap = f"{CUT:<{self.gutter + 3}}" + self._margin() if self.open else CUT
                yield self.palette.paint(CUT, "frame") + gap[len(CUT) :].rstrip()
            yield from self._line(number)
            previous = number

    def _line(self, number: int) -> Iterator[str]:
        """One line of source and the rows of marks below it; a line too long for all its marks is repeated."""
        pieces = sorted(self.page.pieces.get(number, []), key=lambda piece: (piece.first, piece.last))
        # A line may have millions of characters, so only about as many as can be shown are measured: a power of two, so
        # that many findings in one line share the measurement.
        needed = 1 << (max((piece.last for piece in pieces), default=0) + 2 * self.most).bit_length()
        line = lay_out(self.page.file.line(number)[:needed])
        for group in _groups(line, pieces, self.most) or [[]]:
            first = min((piece.first for piece in group), default=0)
            last = max((piece.last for piece in group), default=0)
            window = line.window(min(first, len(line.shown)), min(last, len(line.shown)), self.most)
            flush = {p.bracket for p in group if p.opens and _blank_before(line, p.first)}
            yield self._row(self._margin(flush) + window.text, str(number))
            self.open |= flush
            for piece in group:
                if piece.bracket < 0:
                    yield self._row(self._underline(piece, window))
                elif piece.closes or piece.bracket not in flush:
                    yield self._row(self._connector(piece, window))

    def _row(self, content: str, number: str = "") -> str:
        frame = self.palette.paint(f"{number:>{self.gutter}} |", "frame")
        return f"{frame} {content}" if content.strip() else frame

    def _margin(self, flush: AbstractSet[int] = frozenset(), columns: int | None = None) -> str:
        """The brackets on the left; those of `flush` begin on this line."""
        margin = ""
        for column, mark in enumerate(self.page.brackets[:columns]):
            sign = "/" if column in flush else "|" if column in self.open else " "
            margin += (self.palette.paint(sign, mark.role) if sign != " " else sign) + " "
        return margin

    def _underline(self, piece: _Piece, window: Window) -> str:
        """The row that shows a mark within one line."""
        start = window.cell(piece.first)
        signs = piece.sign * max(window.cell(piece.last) - start, 1)
        return self._margin() + " " * start + self.palette.paint(signs + piece.label, piece.mark.role)

    def _connector(self, piece: _Piece, window: Window) -> str:
        """The row from the bracket on the left to the first or last character of a mark."""
        columns = 2 * (len(self.page.brackets) - piece.bracket) - 1
        corner = "|" if piece.closes else " "
        line = corner + "_" * (columns + window.cell(piece.first)) + piece.sign
        row = self._margin(columns=piece.bracket) + self.palette.paint(line + piece.label, piece.mark.role)
        self.open ^= {piece.bracket}
        return row


def _blank_before(line: Line, first: int) -> bool:
    return not "".join(line.shown[:first]).strip()


def _groups(line: Line, pieces: Sequence[_Piece], most: int) -> list[list[_Piece]]:
    """The pieces of a line, grouped by what fits into one window."""
    groups: list[list[_Piece]] = []
    room = most - 2 * len(CUT)
    for piece in pieces:
        if groups:
            first = min(p.first for p in groups[-1])
            last = min(max(piece.last, *(p.last for p in groups[-1])), len(line.shown))
            if line.cells <= most or line.starts[last] - line.starts[min(first, last)] <= room:
                groups[-1].append(piece)
                continue
        groups.append([piece])
    return groups
