"""Where parsing stopped: the token found, the tokens before it, and the terminals expected.

In: Lark's error for a slice that did not parse by a rule. Out: a `Mistake`, which `mistakes.py` explains.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lark import Lark, Token, UnexpectedInput, UnexpectedToken
from lark.utils import TextSlice

from ...diagnostics.source import SourceFile, Span
from ..keywords import BY_TERMINAL, Keyword
from .outline import STATEMENTS, near_statement_word

END = "$END"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where parsing stopped: the token found, the tokens before it, and the terminals expected."""

    file: SourceFile
    #: The normalised text, and the offset up to which it was read.
    text: str
    start: int
    #: The token's terminal; `$END` at the end of the piece, `""` for characters that begin no token.
    kind: str
    found: str
    before: tuple[Token, ...]
    expected: frozenset[str]
    #: The terminals that could have stood in place of the last token before it.
    expected_before: frozenset[str]

    @staticmethod
    def of(
        error: UnexpectedInput, grammar: Lark, rule: str, file: SourceFile, text: str, start: int, end: int
    ) -> Mistake:
        """The mistake of a slice that did not parse by a rule."""
        kind, found, place = "", text[error.pos_in_stream or 0 : (error.pos_in_stream or 0) + 1], end
        if isinstance(error, UnexpectedToken):
            kind, found = error.token.type, str(error.token)
        if kind != END:
            place = error.pos_in_stream or 0
        before, expected = _read(grammar, rule, text, start, place)
        if expected == {"LBRACE"} and before and _is_stray(before, kind):
            # Any name may begin the block of a side, so a stray name shows one token late.
            kind, found, place = before[-1].type, str(before[-1]), before[-1].start_pos or 0
            before, expected = _read(grammar, rule, text, start, place)
        earlier: frozenset[str] = frozenset()
        if before:
            _, earlier = _read(grammar, rule, text, start, before[-1].start_pos or 0)
        return Mistake(file, text, place, kind, found, before, expected, earlier)

    @property
    def span(self) -> Span:
        return self.place(self.start, self.start + len(self.found))

    @property
    def previous(self) -> str:
        return self.before[-1].type if self.before else ""

    @property
    def touches_previous(self) -> bool:
        return bool(self.before) and self.before[-1].end_pos == self.start

    @property
    def starts_line(self) -> bool:
        return not self.text[self.text.rfind("\n", 0, self.start) + 1 : self.start].strip()

    @property
    def shown(self) -> str:
        """What was found, as its author wrote it, in printable form."""
        written = self.span.text
        if len(written) == 1 and not written.isprintable():
            return f"U+{ord(written):04X}"
        return written if len(written) <= 24 else written[:20] + "…"

    def place(self, start: int, end: int) -> Span:
        return Span(self.file, start, end)

    def of_token(self, token: Token) -> Span:
        return self.place(token.start_pos or 0, token.end_pos or 0)

    def keywords(self) -> Iterable[Keyword]:
        """The keywords that could stand here; those of statements only at the start of a line."""
        for terminal in sorted(self.expected & BY_TERMINAL.keys()):
            keyword = BY_TERMINAL[terminal]
            if self.starts_line or not self.before or keyword.id not in STATEMENTS:
                yield keyword


def _is_stray(before: tuple[Token, ...], following: str) -> bool:
    """Whether a name before something that is no brace is not the side whose block it would begin."""
    if before[-1].type != "NAME":
        return False
    return len(before) > 1 or following == "NAME" or near_statement_word(before[0]) is not None


def _read(grammar: Lark, rule: str, text: str, start: int, end: int) -> tuple[tuple[Token, ...], frozenset[str]]:
    """The tokens of a slice that is the beginning of a rule, and the terminals that could follow it."""
    parser = grammar.parse_interactive(TextSlice(text, start, end), start=rule)
    try:
        tokens = tuple(parser.exhaust_lexer())
    except UnexpectedInput:
        return (), frozenset()
    accepted: set[str] = parser.accepts()  # type: ignore[no-untyped-call]  # Lark leaves it untyped
    return tokens, frozenset(accepted)
