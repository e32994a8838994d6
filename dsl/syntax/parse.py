"""Parses the text of a file into its source tree.

In: a file as read. Out: its statements, in order, with messages about what is not in the language. A mistake of the
author never raises; the tree has all statements that could be read. Resolves no names.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from lark import Lark, UnexpectedInput

from ..diagnostics.diagnostic import Diagnostic, Severity, report, text as words
from ..diagnostics.source import SourceFile, Span
from ..system.gc_pause import no_collection
from . import confusables
from .build import Builder
from .errors.mistake import Mistake
from .errors.mistakes import explain
from .errors.outline import outline
from .errors.recovery import Recovery
from .expressions import Expression
from .keywords import grammar_terminals
from .scan import Lexeme, normalise, scan
from .tree import Comment, SourceTree, Statement

#: No author writes a longer text, and parsing one would take too long.
LONGEST_FILE = 10_000_000
LONGEST_LINE = 200_000
#: The deepest nesting of brackets; checked before parsing.
DEEPEST_BRACKETS = 200

#: The rules that can be parsed alone: a whole file, and the pieces of a broken one.
STARTS = [
    "file",
    "policy_header",
    "policy_body",
    "side_header",
    "side_body",
    "record_header",
    "record_body",
    "source_header",
    "source_body",
    "test_header",
    "test_body",
    "table_header",
    "columns",
    "row",
    "expression",
]


def parse(file: SourceFile) -> tuple[SourceTree, list[Diagnostic]]:
    """The source tree of a file and the diagnostics about its text, in order of place."""
    with no_collection():
        return _parse(file)


def parse_expression(file: SourceFile) -> tuple[Expression | None, list[Diagnostic]]:
    """Parses a text that is one expression: a question, or the value of a fact."""
    refusal = _too_large(file)
    text = normalise(file.text)
    refusal = refusal or _too_deep(file, list(scan(text)))
    if refusal is not None:
        return None, [refusal]
    diagnostics: list[Diagnostic] = []
    try:
        tree = grammar().parse(text, start="expression")
    except UnexpectedInput as error:
        return None, [explain(Mistake.of(error, grammar(), "expression", file, text, 0, len(text)))]
    expression: Expression = Builder(file, diagnostics).build(tree)
    return expression, diagnostics


@cache
def grammar() -> Lark:
    """The parser, built once a process, on first use."""
    rules = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")
    with no_collection():
        return Lark(rules + grammar_terminals(), parser="lalr", start=STARTS, keep_all_tokens=True)


def _parse(file: SourceFile) -> tuple[SourceTree, list[Diagnostic]]:
    refusal = _too_large(file)
    if refusal is not None:
        return SourceTree(file, ()), [refusal]
    text = normalise(file.text)
    lexemes = list(scan(text))
    comments = tuple(_comment(file, lexeme) for lexeme in lexemes if lexeme.kind == "comment")
    refusal = _too_deep(file, lexemes)
    if refusal is not None:
        return SourceTree(file, (), comments), [refusal]
    statements, diagnostics = _statements(file, text)
    warnings = [*confusables.unseen(file), *confusables.look_alikes(file, lexemes)]
    if not statements and not diagnostics:
        warnings += confusables.only_comments(file, lexemes)
    return SourceTree(file, tuple(statements), comments), _merged(diagnostics, warnings)


def _statements(file: SourceFile, text: str) -> tuple[list[Statement], list[Diagnostic]]:
    diagnostics: list[Diagnostic] = []
    builder = Builder(file, diagnostics)
    try:
        tree = grammar().parse(text, start="file")
    except UnexpectedInput as error:
        statements = Recovery(file, text, grammar(), builder).read(outline(text))
        if not diagnostics:
            mistake = Mistake.of(error, grammar(), "file", file, text, 0, len(text))
            diagnostics.append(explain(mistake))
        return statements, diagnostics
    return builder.build(tree), diagnostics


def _comment(file: SourceFile, lexeme: Lexeme) -> Comment:
    written = file.text[lexeme.start : lexeme.end].rstrip()
    return Comment(written, span=Span(file, lexeme.start, lexeme.start + len(written)))


def _too_large(file: SourceFile) -> Diagnostic | None:
    """Why a file is not read at all."""
    length = len(file.text)
    if length > LONGEST_FILE:
        message = words("PC001.file_too_long", found=length, most=LONGEST_FILE)
        return report("PC001", message, Span(file, 0, 0), help=words("PC001.file_too_long_help"))
    nul = file.text.find("\0")
    if nul >= 0:
        return report("PC001", words("PC001.not_text"), Span(file, nul, nul + 1), help=words("PC001.not_text_help"))
    for line in map(file.line_span, range(1, file.lines + 1)):
        if line.end - line.start > LONGEST_LINE:
            message = words("PC001.line_too_long", found=line.end - line.start, most=LONGEST_LINE)
            place = Span(file, line.start, line.start)
            return report("PC001", message, place, help=words("PC001.line_too_long_help"))
    return None


def _too_deep(file: SourceFile, lexemes: list[Lexeme]) -> Diagnostic | None:
    depth = 0
    for lexeme in lexemes:
        if lexeme.kind in ("(", "{"):
            depth += 1
        elif lexeme.kind in (")", "}"):
            depth = max(0, depth - 1)
        if depth > DEEPEST_BRACKETS:
            message = words("PC001.brackets_too_deep", most=DEEPEST_BRACKETS)
            span = Span(file, lexeme.start, lexeme.end)
            return report("PC001", message, span, help=words("PC001.too_deep_help"))
    return None


def _merged(diagnostics: list[Diagnostic], warnings: list[Diagnostic]) -> list[Diagnostic]:
    """All messages by place; a warning about a character is dropped in favour of the error it caused."""
    errors = {_place(d) for d in diagnostics if d.code.id == "PC003" and d.level is Severity.ERROR}
    kept = [warning for warning in warnings if _place(warning) not in errors]
    return sorted(diagnostics + kept, key=_place)


def _place(diagnostic: Diagnostic) -> tuple[int, int]:
    span = diagnostic.primary.span if diagnostic.primary else None
    return (span.start, span.end) if span else (0, 0)
