"""What an author wrote, on one line: to be quoted in a message or pasted elsewhere.

In: a place in a text that is in the language. Out: its words as written, comments left out, any blanks between
them one space. No name is looked up and nothing is put into another form.
"""

from __future__ import annotations

from .scan import normalise, scan
from .source import Span


def on_one_line(span: Span) -> str:
    """The text of a place without line breaks and comments."""
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
