"""How wide text is on a terminal, and how invisible characters are shown.

In: text from anywhere, policy files included. Out: text that is safe to print, and widths in display cells:
Han characters take two cells, characters of ambiguous width one. Colours are not known here.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from wcwidth import wcwidth

TAB_STOP = 4

#: Categories of characters that show nothing or move the cursor: controls, format characters, separators
#: of lines, lone surrogates, private use. U+FFFE, U+FFFF and their like on other planes are no characters at all.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co"})

CUT = "..."


def visible(text: str) -> str:
    """The text with every invisible character written out, `<U+200B>`."""
    return (
        "".join(_shown(character) for character in text)
        if not text.isascii() or _has_controls(text)
        else text
    )


def width(text: str) -> int:
    """Display cells of text that `visible` has been applied to."""
    return sum(max(wcwidth(character), 0) for character in text)


def _has_controls(text: str) -> bool:
    return not text.isprintable()


def _shown(character: str) -> str:
    unseen = unicodedata.category(character) in _UNSEEN or ord(character) & 0xFFFE == 0xFFFE
    return f"<U+{ord(character):04X}>" if unseen else character


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source as displayed.

    `shown[i]` is how character `i` is written; it occupies cells `starts[i]` to `starts[i + 1]`.
    """

    shown: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def cells(self) -> int:
        return self.starts[-1]

    def window(self, first: int, last: int, most: int) -> Window:
        """The part of at most `most` cells that shows characters `first` up to `last`, and what is around them.

        Of a range that is itself wider than that, the beginning is shown.
        """
        if self.cells <= most:
            return Window(self, 0, len(self.shown))
        room = most - 2 * len(CUT)
        low, high = first, first
        while high < last and self.starts[high + 1] - self.starts[low] <= room:
            high += 1
        while True:  # grow on both sides by turns, as far as there is room
            before = low > 0 and self.starts[high] - self.starts[low - 1] <= room
            low -= before
            after = high < len(self.shown) and self.starts[high + 1] - self.starts[low] <= room
            high += after
            if not before and not after:
                return Window(self, low, high)


@dataclass(frozen=True, slots=True)
class Window:
    """Characters `first` up to `last` of a line; what was cut off is marked by `...`."""

    line: Line
    first: int
    last: int

    @property
    def text(self) -> str:
        before = CUT if self.first > 0 else ""
        after = CUT if self.last < len(self.line.shown) else ""
        return before + "".join(self.line.shown[self.first : self.last]) + after

    def cell(self, character: int) -> int:
        """Where a character of the line begins, in cells from the start of `text`."""
        character = min(max(character, self.first), self.last)
        cut = len(CUT) if self.first > 0 else 0
        return cut + self.line.starts[character] - self.line.starts[self.first]


@lru_cache(maxsize=8)
def lay_out(text: str) -> Line:
    """A line of source, its tabs expanded; kept for a while, as thousands of findings may stand in one line."""
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
