"""Colours of a terminal, or none.

In: text and what it stands for. Out: the text, with escape sequences where colours are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

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
