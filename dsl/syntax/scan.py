"""Prepares text for parsing: normalises its characters and splits it into lexemes.

`normalise` returns the text that is parsed: as long as the author's, character for character, but with full-width
marks and digits in ASCII, every blank as a space, every line end as a line feed, and look-alike letters replaced by
those they stand for. `scan` splits it into comments, quoted texts, words, brackets and other marks. It knows no
keywords and finds no mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..diagnostics.characters import INVISIBLE, LETTERS, MARKS, VARIATION

_HARMLESS = re.compile(
    rf"(?<!\w){INVISIBLE.pattern}|{INVISIBLE.pattern}(?!\w)|[{VARIATION}](?![\w{MARKS}])|(?<![\w{MARKS}])[{VARIATION}]"
)

_FULL_WIDTH = dict(zip("，、；：（）｛｝｜＝＞＜％＋－＊．。＠､｡", ",,;:(){}|=><%+-*..@,.", strict=True))
_BLANKS = dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
_LINE_ENDS = dict.fromkeys("\r\x0b\x0c\x85\u2028\u2029", "\n")
_READ = str.maketrans(LETTERS | _FULL_WIDTH | _BLANKS | _LINE_ENDS)


def normalise(text: str) -> str:
    """The text as the grammar reads it; offsets in it are offsets in the author's text.

    INVARIANT: the length never changes. Quoted texts and comments change too; take their words from the author's
    text. An invisible character becomes a space, except inside a word: no token begins with it, so the grammar stops
    there instead of reading one name as two. Marks that belong to the letter before them stay in the word;
    `characters.plain` removes them.
    """
    return _HARMLESS.sub(" ", text.replace("\r\n", " \n").translate(_READ))


class Lexeme(NamedTuple):
    #: comment, text, open_text (no closing quote on its line), word, or the mark itself.
    kind: str
    start: int
    end: int


_LEXEME = re.compile(
    rf"""(?P<comment>\#[^\n]*)
      | (?P<text>"[^"\n]*"|“[^”\n]*”)
      | (?P<open_text>["“][^\n]*)
      | (?P<word>\w[\w{MARKS}]*)
      | (?P<mark>\S)""",
    re.VERBOSE,
)


def scan(text: str) -> Iterator[Lexeme]:
    """The lexemes of a normalised text in order."""
    for match in _LEXEME.finditer(text):
        kind = match.lastgroup or ""
        yield Lexeme(match.group() if kind == "mark" else kind, match.start(), match.end())
