"""What an author wrote: the statement at a place, and its text on one line for quoting.

In: a place in a valid text. Out: its node of the source tree; or its words as written, without comments and with
single spaces. Resolves no names and changes no spelling.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics.source import SourceFile, Span
from . import tree
from .parse import parse
from .scan import normalise, scan

#: The statements that rules of the checked set come from.
Statement = tree.NormStatement | tree.RequireStatement | tree.MandateStatement | tree.SetStatement | tree.Row


class Statements:
    """The statements of rules, by the place of the rule. Each file is parsed once, on first use."""

    def __init__(self) -> None:
        self._by_place: dict[str, dict[tuple[int, int], Statement]] = {}

    def at(self, place: Span) -> Statement:
        """The statement of a rule, given by the rule's span."""
        if place.file.path not in self._by_place:
            self._by_place[place.file.path] = {
                (span.start, span.end): statement for span, statement in _statements(place.file)
            }
        return self._by_place[place.file.path][place.start, place.end]


def _statements(file: SourceFile) -> Iterator[tuple[Span, Statement]]:
    source_tree, _ = parse(file)
    for declaration in source_tree.statements:
        if not isinstance(declaration, tree.PolicyDeclaration):
            continue
        for item, _ in tree.items_with_sides(declaration.items):
            match item:
                case tree.NormStatement() | tree.RequireStatement() | tree.MandateStatement():
                    yield item.name.span, item
                case tree.SetStatement():
                    yield item.parameter.span, item
                case tree.TableStatement():
                    yield from ((row.span, row) for row in item.rows)
                case _:
                    pass


def on_one_line(span: Span) -> str:
    """The text of a place, without line breaks and comments."""
    written = span.text
    pieces: list[str] = []
    end = 0
    for lexeme in scan(normalise(written)):
        if lexeme.kind == "comment":
            continue
        if pieces and lexeme.start > end:
            pieces.append(" ")
        pieces.append(written[lexeme.start : lexeme.end])
        end = lexeme.end
    return "".join(pieces)
