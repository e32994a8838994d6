"""The outline of a text that does not parse: where its statements and blocks begin and end.

In goes normalised text; out comes a tree of pieces, each to be parsed by itself, so that one mistake costs
one message and the statements around it are still read. A statement begins where its word starts a line: at
the top level outside braces or in column 1, in a block wherever the block may hold it. Used only after a
failure: text without mistakes never depends on its layout. Reports nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from .keywords import KEYWORDS, RESERVED, Kind
from .scan import Lexeme, scan

_VOCABULARY = {"use", "enum", "record", "fact", "parameter", "decision", "define", "axiom"}
_ORDER_AND_PLACE = {"region", "regions", "ranks", "precedence"}
_CHECKS = {"assert", "test", "acknowledge"}
_NORMS = {"source", "define", "permit", "forbid", "require", "mandate", "default", "set", "table"}
#: What may begin an item of each kind of block: ids of keywords, `side` for the name of one, `|` for a row.
ITEMS: dict[str, frozenset[str]] = {
    "file": frozenset(_VOCABULARY | _ORDER_AND_PLACE | _CHECKS | {"source", "policy"}),
    "policy": frozenset(_NORMS | {"side"}),
    "side": frozenset(_NORMS),
    "record": frozenset({"fact"}),
    "source": frozenset({"clause"}),
    "test": frozenset({"given", "expect"}),
    "table": frozenset({"|"}),
}
STATEMENTS: frozenset[str] = frozenset().union(*ITEMS.values())
_WORDS = {s: k.id for k in KEYWORDS if k.id in STATEMENTS and k.kind is not Kind.TYPE for s in k.spellings}
_SOFT = frozenset(k.id for k in KEYWORDS if k.kind is Kind.SOFT)
#: Reserved words that a statement may end with.
_LAST_WORDS = {
    s for k in KEYWORDS if k.id in ("true", "false", "days", "usual", "arrangeable") for s in k.spellings
}


@dataclass(slots=True)
class Piece:
    """A statement, from its word to the next one; `kind` is `""` unless it is a block.

    `opened` and `closed` are the places of its braces. A block without `closed` was not closed when the
    lexeme at `noticed` showed that it should have been; one with items and without `opened` lacks that brace.
    """

    kind: str
    start: int
    end: int
    items: list[Piece] = field(default_factory=list)
    opened: int | None = None
    closed: int | None = None
    noticed: int | None = None


@dataclass(slots=True)
class Outline:
    root: Piece
    #: Closing braces that close nothing.
    strays: list[int]


def outline(text: str) -> Outline:
    """The pieces of a normalised text."""
    return _Outliner(text).run()


@cache
def near_statement_word(word: str) -> str | None:
    """The id of the statement word that was probably meant, as `permit` by `permt` or `Permit`."""
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    near = get_close_matches(word, _WORDS, 1, 0.8) if len(word) <= 20 else []
    return _WORDS[near[0]] if near else None


class _Outliner:
    """One pass over the lexemes with a stack of the blocks that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lexemes = [lexeme for lexeme in scan(text) if lexeme.kind != "comment"]
        self.stack = [Piece("file", 0, len(text))]
        self.piece: Piece | None = None
        #: Brackets open inside the piece: sets and parentheses.
        self.brackets: list[str] = []
        self.strays: list[int] = []

    def run(self) -> Outline:
        for index, lexeme in enumerate(self.lexemes):
            word = self._word(index) if self._may_begin(index) else None
            if word is not None:
                self._begin(index, word)
            elif self.piece is None and lexeme.kind != "}":
                self._add("", lexeme.start)
            if lexeme.kind in "(){}":
                self._bracket(index)
        self._end_piece(len(self.text))
        self._close_down_to(0, len(self.text))
        return Outline(self.stack[0], self.strays)

    # --- Where a statement begins ---

    def _starts_line(self, index: int) -> bool:
        before = self.lexemes[index - 1].end if index else 0
        return index == 0 or "\n" in self.text[before : self.lexemes[index].start]

    def _column(self, offset: int) -> int:
        return offset - self.text.rfind("\n", 0, offset)

    def _may_begin(self, index: int) -> bool:
        return self.piece is None or self._starts_line(index)

    def _word(self, index: int) -> str | None:
        """The id of the statement word that a lexeme at the start of a line is, or seems meant to be."""
        lexeme = self.lexemes[index]
        if lexeme.kind == "|":
            return "|" if "table" in (self.stack[-1].kind, self.piece and self.piece.kind) else None
        if lexeme.kind != "word":
            return None
        word = self.text[lexeme.start : lexeme.end]
        following = self.lexemes[index + 1] if index + 1 < len(self.lexemes) else None
        known = _WORDS.get(word)
        if known in _SOFT:
            return known if self._is_soft_statement(known, lexeme, following) else None
        if known is not None:
            return known
        if following is not None and following.kind == "{" and self._inside("policy"):
            return "side"
        return near_statement_word(word) if self._after_a_statement(index) and word not in RESERVED else None

    def _is_soft_statement(self, word: str | None, lexeme: Lexeme, following: Lexeme | None) -> bool:
        """`region` and `ranks` may be names, so they count in column 1 only."""
        if self._column(lexeme.start) > 1 or following is None:
            return False
        return word != "region" or self.text[following.start].isdigit()

    def _after_a_statement(self, index: int) -> bool:
        """Whether what stands before could be the end of a statement."""
        if self.piece is None or index == 0:
            return True
        before = self.lexemes[index - 1]
        word = self.text[before.start : before.end]
        if before.kind == "word":
            return word not in RESERVED or word in _LAST_WORDS
        return before.kind in ("text", "}", ")", "%")

    def _inside(self, kind: str) -> bool:
        return self.stack[-1].kind in (kind, "side")

    # --- Pieces and blocks ---

    def _begin(self, index: int, word: str) -> None:
        lexeme = self.lexemes[index]
        first_column = self._starts_line(index) and self._column(lexeme.start) == 1
        if self._lacks_brace(word, first_column):
            assert self.piece is not None
            self.stack.append(self.piece)
            self.piece = None
        else:
            self._end_piece(lexeme.start)
            self._close_down_to(self._level(word, first_column), lexeme.start)
        self._add(word if word in ITEMS else "", lexeme.start)

    def _lacks_brace(self, word: str, first_column: bool) -> bool:
        """Whether the statement begins a block whose opening brace is missing."""
        if self.piece is None or self.piece.kind not in ITEMS or word not in ITEMS[self.piece.kind]:
            return False
        return not (first_column and word in ITEMS[self.stack[-1].kind])

    def _level(self, word: str, first_column: bool) -> int:
        """Which of the open blocks a statement belongs to; the innermost where it belongs to none."""
        top = len(self.stack) - 1
        if first_column and word in ITEMS["file"] and top > 0:
            # A policy written without indentation keeps its statements; else column 1 is the top level.
            first = self.stack[1].items[0].start if self.stack[1].items else None
            if word not in ITEMS[self.stack[1].kind] or first is None or self._column(first) > 1:
                return 0
        for level in range(top, 0, -1):
            if word in ITEMS[self.stack[level].kind]:
                return level
        return top

    def _add(self, kind: str, start: int) -> None:
        self.piece = Piece(kind, start, start)
        self.stack[-1].items.append(self.piece)
        self.brackets = []

    def _end_piece(self, offset: int) -> None:
        if self.piece is not None:
            self.piece.end = offset
        self.piece = None

    def _close_down_to(self, level: int, noticed: int) -> None:
        while len(self.stack) - 1 > level:
            block = self.stack.pop()
            block.end = block.noticed = noticed

    def _bracket(self, index: int) -> None:
        lexeme = self.lexemes[index]
        match lexeme.kind:
            case "{" if self._opens_block(index):
                assert self.piece is not None
                self.piece.opened = lexeme.start
                self.stack.append(self.piece)
                self.piece = None
            case "{" | "(":
                self.brackets.append(lexeme.kind)
            case ")":
                self._close_bracket("(")
            case _ if len(self.stack) > 1 and self._closes_block(index):
                self._end_piece(lexeme.start)
                block = self.stack.pop()
                block.closed, block.end = lexeme.start, lexeme.end
            case _ if "{" in self.brackets:
                self._close_bracket("{")
            case _:
                self._end_piece(lexeme.start)
                self.strays.append(lexeme.start)

    def _opens_block(self, index: int) -> bool:
        if self.piece is None or self.piece.kind not in ITEMS or self.brackets:
            return False
        if self.piece.kind != "table":
            return True
        # The condition of a table may hold a set, so a table's brace is known by the row after it.
        following = self.lexemes[index + 1 : index + 2]
        return not following or following[0].kind in "|}"

    def _closes_block(self, index: int) -> bool:
        if "{" not in self.brackets:
            return True
        start = self.lexemes[index].start
        assert self.piece is not None
        return self._starts_line(index) and self._column(start) < self._column(self.piece.start)

    def _close_bracket(self, opening: str) -> None:
        """Closes the innermost bracket of that kind and whatever was left open inside it."""
        if opening in self.brackets:
            while self.brackets.pop() != opening:
                pass
