"""A first look at the text, before the grammar sees it: one form of every mark, and where things stand.

`normalise` gives the text that is parsed: as long as the author's, character for character, but with
full-width marks and digits in their ASCII form and every kind of blank as a space. `scan` cuts it into
lexemes: comments, quoted texts, words, brackets, other marks. It knows no keywords and finds no mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: What is not seen: bidirectional controls, zero-width characters, control characters, line separators.
INVISIBLE = re.compile(
    "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_HARMLESS = re.compile(rf"(?<!\w){INVISIBLE.pattern}|{INVISIBLE.pattern}(?!\w)")

_FULL_WIDTH = dict(zip("，、；：（）｛｝｜＝＞＜％＋－＊．。＠", ",,;:(){}|=><%+-*..@", strict=True))
_DIGITS = {chr(0xFF10 + digit): str(digit) for digit in range(10)}
_BLANKS = dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
_MARKS = str.maketrans(_FULL_WIDTH | _DIGITS | _BLANKS)


def normalise(text: str) -> str:
    """The text as the grammar reads it; offsets in it are offsets in the author's text.

    INVARIANT: the length never changes. Quoted texts and comments are changed too, so whoever wants their
    words takes them from the author's text. What is not seen becomes a space too, except inside a word: no
    token begins with it, so the grammar stops there instead of reading one name as two.
    """
    return _HARMLESS.sub(" ", text.translate(_MARKS))


class Lexeme(NamedTuple):
    #: comment, text, open_text (no closing quote on its line), word, or the mark itself.
    kind: str
    start: int
    end: int


_LEXEME = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<text>"[^"\n]*"|“[^”\n]*”)
      | (?P<open_text>["“][^\n]*)
      | (?P<word>\w+)
      | (?P<mark>\S)""",
    re.VERBOSE,
)


def scan(text: str) -> Iterator[Lexeme]:
    """The lexemes of a normalised text in order."""
    for match in _LEXEME.finditer(text):
        kind = match.lastgroup or ""
        yield Lexeme(match.group() if kind == "mark" else kind, match.start(), match.end())
