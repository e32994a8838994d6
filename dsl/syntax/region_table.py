"""Region tables: the rows of a CSV file with the columns `code`, `name` and `parent`.

In: the file as read. Out: its rows, and the mistakes in the others, each at its place. Whether the regions form a
tree is checked in `binding/regions.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ..diagnostics.characters import as_meant, is_seen
from ..diagnostics.diagnostic import Diagnostic, Text, report, text
from ..diagnostics.source import SourceFile, Span
from .confusables import of_region_name, unseen

_HEADER = ["code", "name", "parent"]

#: The most characters in a row: names of regions are short, and CSV readers limit the length of a field.
LONGEST_ROW = 10_000

#: How many mistakes are reported one by one; with more, the file is probably not a table of regions.
_MOST_REPORTED = 20


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region of a table or a `region` statement, and its place."""

    code: str
    name: str
    parent: str | None
    span: Span


def read_table(file: SourceFile) -> tuple[list[RegionRow], list[Diagnostic]]:
    """The rows of a table, and the mistakes in the others."""
    nul = file.text.find("\0")
    if nul >= 0:
        return [], [report("PC001", text("PC001.not_text"), Span(file, nul, nul + 1), help=text("PC001.not_text_help"))]
    rows: list[RegionRow] = []
    wrong: list[tuple[Span, str, Text]] = []
    for line, span in _lines(file):
        row = _row(line, span, first=not rows and not wrong)
        match row:
            case RegionRow():
                rows.append(row)  # even without a name: regions inside it, and rules for its code, are not wrong
                if not is_seen(row.name):
                    wrong.append((span, "PC105", text("PC105.region-name", code=row.code)))
            case (code, message):
                wrong.append((span, code, message))
            case None:
                pass
    diagnostics = [report(code, message, span) for span, code, message in islice(wrong, _MOST_REPORTED)]
    if len(wrong) > _MOST_REPORTED:
        left = text("PC001.region-rows", count=len(wrong) - _MOST_REPORTED)
        diagnostics.append(report("PC001", left, wrong[_MOST_REPORTED][0]))
    diagnostics += islice((looks for row in rows for looks in _look_alikes(row)), _MOST_REPORTED)
    return rows, [*diagnostics, *unseen(file)]


def _lines(file: SourceFile) -> Iterator[tuple[str, Span]]:
    """The lines of a file, each with its place."""
    for number in range(1, file.lines + 1):
        line = file.line_span(number)
        yield line.text, Span(file, line.start, min(line.end, line.start + LONGEST_ROW))


def _row(line: str, span: Span, *, first: bool) -> RegionRow | tuple[str, Text] | None:
    """A row; or the code and message of its mistake; or `None` for blank lines and the header."""
    if len(line) > LONGEST_ROW:
        return "PC001", text("PC001.region-row-long", found=len(line), most=LONGEST_ROW)
    try:
        fields = [item.strip() for item in next(csv.reader([line]), [])]
    except csv.Error:
        return "PC001", text("PC001.region-row")
    if not fields or (first and fields == _HEADER):
        return None
    if len(fields) != len(_HEADER):
        return "PC001", text("PC001.region-row")
    code, name, parent = fields
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return "PC105", text("PC105.region-code")
    return RegionRow(code, as_meant(name), as_meant(parent) or None, span)


def _look_alikes(row: RegionRow) -> Iterator[Diagnostic]:
    """Names with look-alike letters: they are read differently from what the row shows."""
    fields = [item.strip() for item in next(csv.reader([row.span.text]))]
    for name in fields[1:]:
        looks = of_region_name(name, row.span)
        if looks is not None:
            yield looks
