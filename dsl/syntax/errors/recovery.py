"""Parses a broken text piece by piece, so that every mistake is reported and the rest is kept.

In: normalised text that did not parse. Out: the nodes of the pieces that do; blocks are rebuilt from their headers and
items. Each broken piece has one message, from `mistakes.py`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from lark import Lark, UnexpectedInput
from lark.utils import TextSlice

from ...diagnostics.diagnostic import Label, text
from ...diagnostics.source import SourceFile, Span
from ..build import BLOCKS, Builder, Columns
from ..scan import scan
from ..tree import Statement
from .mistake import Mistake
from .mistakes import explain, misplaced
from .outline import ITEMS, Outline, Piece

#: How many statements are parsed at once: most are valid, and parsing each alone is slow.
_AT_ONCE = 50


class Recovery:
    """Reads the pieces of one outline; adds mistakes to the builder's diagnostics."""

    def __init__(self, file: SourceFile, normalised: str, grammar: Lark, builder: Builder) -> None:
        self.file = file
        self.text = normalised
        self.grammar = grammar
        self.builder = builder

    def read(self, outline: Outline) -> list[Statement]:
        """The statements of the file that can be read."""
        for offset in outline.strays:
            self.builder.report(Span(self.file, offset, offset + 1), text("PC001.stray_brace"))
        return self._items(outline.root, "file")

    def _items(self, block: Piece, rule: str) -> list[Any]:
        nodes: list[Any] = []
        for is_block, run in groupby(block.items, _is_block):
            pieces = list(run)
            if is_block:
                read = [self._block(piece) for piece in pieces if not self._misplaced(piece, block)]
                nodes += [node for node in read if node is not None]
            else:
                for start in range(0, len(pieces), _AT_ONCE):
                    nodes += self._statements(pieces[start : start + _AT_ONCE], rule)
        return nodes

    def _misplaced(self, piece: Piece, block: Piece) -> bool:
        """Whether a block stands where its kind may not. Reports it once, and no mistakes inside it, since it cannot
        stay there."""
        if piece.kind in ITEMS[block.kind]:
            return False
        word = self._first(piece.start)
        self.builder.diagnostics.append(misplaced(word, word.text, piece.kind))
        return True

    def _statements(self, pieces: list[Piece], rule: str) -> list[Any]:
        """Consecutive statements: parsed at once if possible, else one by one."""
        try:
            tree = self.grammar.parse(TextSlice(self.text, pieces[0].start, pieces[-1].end), start=rule)
        except UnexpectedInput:
            return [node for piece in pieces for node in self._parse(piece.start, piece.end, rule) or ()]
        nodes: list[Any] = self.builder.build(tree)
        return nodes

    def _parse(self, start: int, end: int, rule: str) -> Any:
        """The node of a slice parsed by a rule; `None`, with a message, if it does not parse."""
        try:
            tree = self.grammar.parse(TextSlice(self.text, start, end), start=rule)
        except UnexpectedInput as error:
            mistake = Mistake.of(error, self.grammar, rule, self.file, self.text, start, end)
            self.builder.diagnostics.append(explain(mistake))
            return None
        return self.builder.build(tree)

    def _block(self, piece: Piece) -> Any:
        """A block of the header and the items that can be read; `None` if the header cannot."""
        found = len(self.builder.diagnostics)
        end = piece.items[0].start if piece.opened is None else piece.opened
        header = self._parse(piece.start, end, f"{piece.kind}_header")
        if piece.opened is None and header is not None:
            brace = self._last(piece.start, end)
            self.builder.report(brace, text("PC001.no_opening_brace"), help=text("PC001.no_opening_brace_help"))
        if piece.noticed is not None:
            self._report_unclosed(piece)
        span = Span(self.file, piece.start, self._last(piece.start, piece.end).end)
        if piece.kind == "table":
            return self._table(piece, span, header)
        items = self._items(piece, f"{piece.kind}_body")
        if header is None:
            return None
        if piece.kind == "test":
            return self.builder.test(span, header, items, len(self.builder.diagnostics) == found)
        return replace(header, span=span, **{BLOCKS[piece.kind]: tuple(items)})

    def _table(self, piece: Piece, span: Span, header: Any) -> Any:
        if not piece.items:
            return self._parse(piece.start, piece.end, "policy_body")
        first, *rest = piece.items
        columns = self._parse(first.start, first.end, "columns")
        rows = [self._parse(row.start, row.end, "row") for row in rest]
        if header is None or not isinstance(columns, Columns):
            return None
        return self.builder.table(span, header, columns, [row for row in rows if row is not None])

    def _report_unclosed(self, piece: Piece) -> None:
        """Reported where the next statement begins, or where the text ends."""
        noticed = piece.noticed or 0
        at_end = noticed == len(self.text)
        place = self._last(piece.start, noticed) if at_end else self._first(noticed)
        opening = piece.start if piece.opened is None else piece.opened
        label = Label(Span(self.file, opening, opening + 1), text("PC001.opened_here"))
        word = self._first(piece.start).text
        key = "PC001.unclosed_at_end" if at_end else "PC001.unclosed"
        self.builder.report(place, text(key, word=word), secondary=(label,))

    def _first(self, start: int) -> Span:
        lexeme = next(scan(self.text[start : self._line_end(start)]))
        return Span(self.file, start + lexeme.start, start + lexeme.end)

    def _last(self, start: int, end: int) -> Span:
        """The last lexeme of a slice, comments aside."""
        last = Span(self.file, start, min(start + 1, end))
        for lexeme in scan(self.text[start:end]):
            if lexeme.kind != "comment":
                last = Span(self.file, start + lexeme.start, start + lexeme.end)
        return last

    def _line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end


def _is_block(piece: Piece) -> bool:
    """Whether a piece must be rebuilt from its parts: it has items, or lacks its end."""
    return bool(piece.items) or (piece.opened is not None and piece.closed is None)
