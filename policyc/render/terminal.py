"""Text on a terminal: its width, visible forms of invisible characters, colours.

In: text from anywhere, including policy files. Out: text that is safe to print, and widths in display cells: Han
characters take two cells, characters of ambiguous width one.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from wcwidth import wcwidth

TAB_STOP = 4

#: Categories of characters that are invisible or move the cursor: controls, format characters, line separators, lone
#: surrogates, private use. U+FFFE, U+FFFF and their like on other planes are not characters.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co"})

CUT = "..."


def visible(text: str) -> str:
    """The text with every invisible character written out, `<U+200B>`."""
    return "".join(_shown(character) for character in text) if not text.isascii() or _has_controls(text) else text


def width(text: str) -> int:
    """Display cells of text returned by `visible`."""
    return sum(max(wcwidth(character), 0) for character in text)


def _has_controls(text: str) -> bool:
    return not text.isprintable()


def _shown(character: str) -> str:
    unseen = unicodedata.category(character) in _UNSEEN or ord(character) & 0xFFFE == 0xFFFE
    return f"<U+{ord(character):04X}>" if unseen else character


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source as displayed.

    `shown[i]` is the visible form of character `i`; it occupies cells `starts[i]` to `starts[i + 1]`.
    """

    shown: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def cells(self) -> int:
        return self.starts[-1]

    def window(self, first: int, last: int, most: int) -> Window:
        """The part of at most `most` cells around characters `first` up to `last`.

        A range that is itself wider shows its beginning.
        """
        if self.cells <= most:
            return Window(self, 0, len(self.shown))
        room = most - 2 * len(CUT)
        low, high = first, first
        while high < last and self.starts[high + 1] - self.starts[low] <= room:
            high += 1
        while True:  # grow on both sides in turn, while there is room
            before = low > 0 and self.starts[high] - self.starts[low - 1] <= room
            low -= before
            after = high < len(self.shown) and self.starts[high + 1] - self.starts[low] <= room
            high += after
            if not before and not after:
                return Window(self, low, high)


@dataclass(frozen=True, slots=True)
class Window:
    """Characters `first` up to `last` of a line; `...` marks what was cut off."""

    line: Line
    first: int
    last: int

    @property
    def text(self) -> str:
        before = CUT if self.first > 0 else ""
        after = CUT if self.last < len(self.line.shown) else ""
        return before + "".join(self.line.shown[self.first : self.last]) + after

    def cell(self, character: int) -> int:
        """The start of a character of the line, in cells from the start of `text`."""
        character = min(max(character, self.first), self.last)
        cut = len(CUT) if self.first > 0 else 0
        return cut + self.line.starts[character] - self.line.starts[self.first]


@lru_cache(maxsize=8)
def lay_out(text: str) -> Line:
    """A line of source with tabs expanded; cached, since one line may have thousands of findings."""
    shown: list[str] = []
    starts = [0]
    for character in text:
        if " " <= character <= "~":
            piece, cells = character, 1
        else:
            piece = " " * (TAB_STOP - starts[-1] % TAB_STOP) if character == "\t" else _shown(character)
            cells = width(piece)
        shown.append(piece)
        starts.append(starts[-1] + cells)
    return Line(tuple(shown), tuple(starts))


# --- Colours --------------------------------------------------------------------------------------------


_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "good": "1;32",
    "frame": "1;34",
    "strong": "1",
    "faint": "2",
}


@dataclass(frozen=True, slots=True)
class Palette:
    coloured: bool = False

    def paint(self, text: str, role: str) -> str:
        """`role` is `error`, `warning`, `note`, `good`, `frame`, `strong` or `faint`."""
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self.coloured and text else text
