"""The outline of a text that does not parse: where its statements and blocks begin and end.

In: normalised text. Out: a tree of pieces, each to be parsed by itself, so that one mistake causes one message and the
statements around it are still read. A statement begins where its keyword starts a line: at the top level outside
braces or in column 1, in a block anywhere the block may hold it. Used only after a failure: valid text never depends
on its layout. Reports nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from ...diagnostics.characters import plain
from ..habits import meant_by
from ..keywords import BY_TERMINAL, KEYWORDS, RESERVED, Kind
from ..scan import scan
from .likeness import nearest_han

_VOCABULARY = {"use", "enum", "record", "fact", "parameter", "decision", "define", "axiom"}
_ORDER_AND_PLACE = {"region", "regions", "ranks", "precedence"}
_CHECKS = {"assert", "test", "acknowledge"}
_NORMS = {"source", "define", "permit", "forbid", "require", "mandate", "default", "set", "table"}
#: What may begin an item of each kind of block: keyword ids, `side` for the name of a side, `|` for a row.
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
#: Reserved words that may end a statement.
_LAST_WORDS = {s for k in KEYWORDS if k.id in ("true", "false", "days", "usual", "arrangeable") for s in k.spellings}


@dataclass(slots=True)
class Piece:
    """A statement, from its keyword to the next statement; `kind` is `""` unless it is a block.

    `opened` and `closed` are the places of its braces. A block without `closed` should have been closed before the
    lexeme at `noticed`; one with items but without `opened` lacks that brace.
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
    #: Closing braces without an opening one.
    strays: list[int]


def outline(text: str) -> Outline:
    """The pieces of a normalised text."""
    return _Outliner(text).run()


@cache
def near_statement_word(word: str) -> str | None:
    """The id of the statement keyword probably meant: `permit` for `permt` or `Permit`."""
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    near = get_close_matches(word, _WORDS, 1, 0.8) if len(word) <= 20 else []
    return _WORDS[near[0]] if near else None


@cache
def guessed_statement_word(word: str) -> str | None:
    """The id of the statement keyword perhaps meant, by a word that may also be a name: `允午`, `allow`."""
    near = nearest_han(word, _WORDS)
    if near is not None:
        return _WORDS[near]
    meant = [BY_TERMINAL[terminal].id for terminal in meant_by(word) if terminal in BY_TERMINAL]
    return next((id_ for id_ in meant if id_ in STATEMENTS), None)


class _Mark(NamedTuple):
    """A lexeme with its place on its line; `word` is the id of its statement keyword."""

    kind: str
    start: int
    end: int
    starts_line: bool
    column: int
    word: str | None


def _marks(text: str) -> list[_Mark]:
    """The lexemes of a text, without comments."""
    marks: list[_Mark] = []
    line, end = 0, 0
    for lexeme in scan(text):
        newline = text.rfind("\n", end, lexeme.start)
        end = lexeme.end
        if newline >= 0:
            line = newline + 1
        if lexeme.kind != "comment":
            word = _WORDS.get(plain(text[lexeme.start : end])) if lexeme.kind == "word" else None
            first = not marks or marks[-1].start < line
            marks.append(_Mark(*lexeme, first, lexeme.start - line + 1, word))
    return marks


class _Outliner:
    """One pass over the lexemes with a stack of open blocks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = _marks(text)
        self._starts = [mark.start for mark in self.marks]
        self.stack = [Piece("file", 0, len(text))]
        #: The statement being read, and the brackets open inside it: sets and parentheses.
        self.piece: Piece | None = None
        self.brackets: list[str] = []
        #: Whether its first word is known; the index of the first lexeme of the line being read.
        self.known = False
        self.line = 0
        self.strays: list[int] = []

    def run(self) -> Outline:
        for index, mark in enumerate(self.marks):
            if mark.starts_line:
                self.line = index
            word = self._word(index) if self.piece is None or mark.starts_line else None
            if word is not None:
                self._begin(mark, word)
            elif self.piece is None and mark.kind != "}":
                self._add("", mark)
            match mark.kind:
                case "{":
                    self._open(index)
                case "}":
                    self._close(index)
                case "(":
                    self.brackets.append("(")
                case ")":
                    self._close_bracket("(")
        self._end_piece(len(self.text))
        self._leave(0, len(self.text))
        return Outline(self.stack[0], self.strays)

    def _next(self, index: int) -> _Mark | None:
        return self.marks[index + 1] if index + 1 < len(self.marks) else None

    # --- Where a statement begins ---

    def _word(self, index: int) -> str | None:
        """The id of the statement keyword that a lexeme is, or was probably meant to be."""
        mark, following = self.marks[index], self._next(index)
        if mark.kind == "|":
            return "|" if "table" in (self.stack[-1].kind, self.piece and self.piece.kind) else None
        if mark.kind != "word" or self._is_in_enum(mark):
            return None
        if mark.word in _SOFT:
            return mark.word if self._is_no_name(mark, following) else None
        if mark.word is not None:
            return mark.word
        if self._names_side(following):
            return "side"
        written = self.text[mark.start : mark.end]
        if written in RESERVED or not self._after_a_statement(index):
            return None
        near = near_statement_word(written) or (guessed_statement_word(written) if self._is_aligned(mark) else None)
        return near if any(near in ITEMS[block.kind] for block in self.stack) else None

    def _is_no_name(self, mark: _Mark, following: _Mark | None) -> bool:
        """Whether `region` or `ranks`, which may be names, begins a statement here: no value follows a name; and a
        source has a rank, but not in column 1."""
        if mark.word == "region":
            return following is not None and self.text[following.start].isdigit()
        if mark.column == 1:
            return True
        in_source = self.piece is not None and self.piece.kind == "source"
        return not in_source and following is not None and self._may_be_name(following)

    def _is_aligned(self, mark: _Mark) -> bool:
        """Whether a line begins where the statement before it begins, or no statement is being read."""
        return self.piece is None or (mark.starts_line and mark.column == self._column(self.piece.start))

    def _may_be_name(self, mark: _Mark) -> bool:
        return mark.kind == "word" and self.text[mark.start : mark.end] not in RESERVED

    def _is_in_enum(self, mark: _Mark) -> bool:
        """Whether the layout shows that a line is among the members of an enum, which is one statement: then the only
        message is about what does not fit there."""
        if self.piece is None or "{" not in self.brackets:
            return False
        first = self.marks[bisect_right(self._starts, self.piece.start) - 1]
        return first.word == "enum" and mark.starts_line and mark.column > first.column

    def _names_side(self, following: _Mark | None) -> bool:
        """Whether the name before this begins the block of a side, even if its brace is missing."""
        if following is None or self.stack[-1].kind not in ("policy", "side", "table"):
            return False
        return following.kind == "{" or (following.starts_line and following.word in _NORMS)

    def _after_a_statement(self, index: int) -> bool:
        """Whether a statement could end just before this."""
        if self.piece is None or index == 0:
            return True
        before = self.marks[index - 1]
        word = self.text[before.start : before.end]
        if before.kind == "word":
            return word not in RESERVED or word in _LAST_WORDS
        return before.kind in ("text", "}", ")", "%")

    # --- Pieces and blocks ---

    def _begin(self, mark: _Mark, word: str) -> None:
        if self._lacks_brace(mark, word):
            assert self.piece is not None
            self._enter(self.piece)
        else:
            self._end_piece(mark.start)
            level = self._level(mark, word)
            self._leave(level, mark.start)
            if word not in ITEMS[self.stack[-1].kind]:
                self._reopen(mark, word)
        self._add(word if word in ITEMS else "", mark)
        self.known = True

    def _lacks_brace(self, mark: _Mark, word: str) -> bool:
        """Whether the statement begins a block whose opening brace is missing."""
        if self.piece is None or self.piece.kind not in ITEMS or word not in ITEMS[self.piece.kind]:
            return False
        return mark.column > 1 or word not in ITEMS[self.stack[-1].kind]

    def _level(self, mark: _Mark, word: str) -> int:
        """The open block that a statement belongs to; the innermost if it belongs to none."""
        top = len(self.stack) - 1
        if word not in ITEMS[self.stack[top].kind] and self._is_among(mark, self.stack[top]):
            return top
        for level in range(top, 0, -1):
            block = self.stack[level]
            if word in ITEMS[block.kind] and not (mark.starts_line and self._is_outside(mark, block)):
                return level
        return 0 if mark.column == 1 and word in ITEMS["file"] else top

    def _is_outside(self, mark: _Mark, block: Piece) -> bool:
        """Whether the layout shows that a line is no longer in a block, because its items are indented."""
        if not block.items:
            return False
        return mark.column <= self._column(block.start) < self._column(block.items[0].start)

    def _is_among(self, mark: _Mark, block: Piece) -> bool:
        """Whether the layout shows that a line is an item of a block, because items are indented, or because rows of
        the table follow: then its statement is misplaced, and no brace is missing before it."""
        if not block.items or not mark.starts_line:
            return False
        if mark.column >= self._column(block.items[0].start) > self._column(block.start):
            return True
        return block.kind == "table" and self._row_follows(mark)

    def _row_follows(self, mark: _Mark) -> bool:
        """Whether the next line that could begin or end a statement is a row."""
        index = bisect_right(self._starts, mark.start)
        for following in self.marks[index:]:
            if following.starts_line and (following.kind in "|}" or following.word is not None):
                return following.kind == "|"
        return False

    def _reopen(self, mark: _Mark, word: str) -> None:
        """Reopens the previous block if the statement shows that a brace closed it too early."""
        before = [item for item in self.stack[-1].items[-2:] if item.kind in ITEMS and item.closed is not None]
        if not before or word not in ITEMS[before[-1].kind] or mark.column == 1:
            return
        block = before[-1]
        closed, block.closed = block.closed or 0, None
        last = block.items[-1] if block.items else block
        on_its_line = not self.text[self.text.rfind("\n", 0, closed) + 1 : closed].strip()
        if on_its_line or last.kind in ITEMS:
            self.strays.append(closed)
        else:
            last.end = closed + 1  # The statement with the brace does not parse, which is the only message.
        self.stack.append(block)

    def _add(self, kind: str, mark: _Mark) -> None:
        self.piece = Piece(kind, mark.start, mark.start)
        self.stack[-1].items.append(self.piece)
        self.brackets = []
        self.known = False

    def _end_piece(self, offset: int) -> None:
        if self.piece is not None:
            self.piece.end = offset
        self.piece = None

    def _enter(self, block: Piece) -> None:
        self.stack.append(block)
        self.piece = None

    def _leave(self, level: int, noticed: int) -> None:
        """Leaves the blocks above a level, which lack a closing brace."""
        while len(self.stack) - 1 > level:
            block = self.stack.pop()
            block.end = block.noticed = noticed

    def _column(self, offset: int) -> int:
        return offset - self.text.rfind("\n", 0, offset)

    # --- Braces ---

    def _open(self, index: int) -> None:
        following = self._next(index)
        kind = self._headless(following) if following and following.starts_line else None
        if kind is not None:
            self._begin_headless(kind)
        if self._opens_block(following):
            assert self.piece is not None
            self.piece.opened = self.marks[index].start
            self._enter(self.piece)
        elif self.piece is not None and self.piece.start < self.marks[index].start:
            self.brackets.append("{")  # A brace that begins a statement opens no block.

    def _headless(self, following: _Mark) -> str | None:
        """The kind of a block whose first word is missing or unknown, by the first word inside it."""
        if self.piece is None or self.piece.kind in ITEMS or self.brackets:
            return None
        if self.text[self.piece.start] == "{":
            return None
        if self.known and self.piece.start >= self.marks[self.line].start:
            return None
        inside = "|" if following.kind == "|" else following.word
        kinds = ["record", "source", "test", "policy"] if len(self.stack) == 1 else ["source", "table", "side"]
        return next((kind for kind in kinds if inside in ITEMS[kind]), None)

    def _begin_headless(self, kind: str) -> None:
        first = self.marks[self.line]
        if self.piece is not None and self.piece.start >= first.start:
            self.piece.kind = kind
        else:
            self._end_piece(first.start)
            self._add(kind, first)

    def _opens_block(self, following: _Mark | None) -> bool:
        if self.piece is None or self.piece.kind not in ITEMS:
            return False
        if self.piece.kind != "table":
            return not self.brackets
        # The condition of a table may contain a set, so the row or line after a brace shows whether it is the table's.
        row = following is None or following.kind in "|}"
        return row or (not self.brackets and following is not None and following.starts_line)

    def _close(self, index: int) -> None:
        mark, following = self.marks[index], self._next(index)
        if "{" in self.brackets and not self._ends_block(mark):
            self._close_bracket("{")
        elif not mark.starts_line and self.piece is not None and self._is_inside_statement(following):
            pass  # The statement does not parse, which is the only message.
        elif len(self.stack) > 1:
            self._end_piece(mark.start)
            self._leave(self._closed_level(mark), mark.start)
            block = self.stack.pop()
            block.closed, block.end = mark.start, mark.end
        else:
            self._end_piece(mark.start)
            self.strays.append(mark.start)

    def _ends_block(self, mark: _Mark) -> bool:
        """Whether the layout shows that a brace ends the block and not a set inside the statement."""
        return mark.starts_line and self.piece is not None and mark.column < self._column(self.piece.start)

    def _is_inside_statement(self, following: _Mark | None) -> bool:
        """Whether more of the statement follows a brace that closes nothing in it, or no block is open."""
        if len(self.stack) == 1:
            return True
        opened = self.stack[-1].opened or 0
        goes_on = following is not None and not following.starts_line and following.kind != "}"
        return goes_on and "\n" in self.text[opened : following.start if following else opened]

    def _closed_level(self, mark: _Mark) -> int:
        """The block that a brace closes: the innermost, unless it is aligned with the start of an outer one."""
        top = len(self.stack) - 1
        if mark.starts_line and self._column(self.stack[top].start) > mark.column:
            for level in range(top - 1, 0, -1):
                if self._column(self.stack[level].start) == mark.column:
                    return level
        return top

    def _close_bracket(self, opening: str) -> None:
        """Closes the innermost bracket of that kind and everything left open inside it."""
        if opening in self.brackets:
            while self.brackets.pop() != opening:
                pass
