"""Source text and places in it.

A place is a half-open range of characters. Lines and columns matter only for display, so they are computed on
demand and never stored.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from .characters import LINE_END


@dataclass(frozen=True)
class SourceFile:
    """One file as read: `path` as the user should see it, `text` without a byte-order mark."""

    path: str
    text: str = field(repr=False)
    #: Read only because another file uses it, so it may declare more than this run needs.
    used: bool = field(default=False, compare=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in LINE_END.finditer(self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both counted in characters from 1."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its end."""
        return self.line_span(number).text

    def line_span(self, number: int) -> Span:
        """The place of a line (from 1), without its end."""
        start = self._line_starts[number - 1]
        match = LINE_END.search(self.text, start)
        return Span(self, start, match.start() if match else len(self.text))

    @property
    def lines(self) -> int:
        """The number of lines; the text after the last line end counts as one, even if empty."""
        return len(self._line_starts)

    @property
    def whole(self) -> Span:
        return Span(self, 0, len(self.text))


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to but not including `end` of one file."""

    file: SourceFile
    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`, in one file."""
        return Span(self.file, self.start, other.end)

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    def sort_key(self) -> tuple[str, int, int]:
        return self.file.path, self.start, self.end
