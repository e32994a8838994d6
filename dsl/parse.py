"""Parsing: from the text of a file to its source tree."""

from __future__ import annotations

from functools import cache
from importlib import resources

from lark import Lark, UnexpectedInput

from .build import Builder
from .diagnostic import Diagnostic, report
from .diagnostic import text as words
from .keywords import grammar_terminals
from .scan import normalise, scan
from .source import SourceFile, Span
from .syntax import Comment, SourceTree

STARTS = (
    "file policy_header policy_body side_header side_body record_header record_body "
    "source_header source_body test_header test_body table_header columns row"
).split()


@cache
def grammar() -> Lark:
    text = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")
    return Lark(text + grammar_terminals(), parser="lalr", start=STARTS, propagate_positions=True)


def parse(file: SourceFile) -> tuple[SourceTree, list[Diagnostic]]:
    text = normalise(file.text)
    comments = tuple(
        Comment(file.text[x.start : x.end].rstrip("\r"), span=Span(file, x.start, x.end))
        for x in scan(text)
        if x.kind == "comment"
    )
    diagnostics: list[Diagnostic] = []
    try:
        tree = grammar().parse(text, start="file")
    except UnexpectedInput as error:
        place = min(max(error.pos_in_stream or 0, 0), len(text))
        found = text[place : place + 1]
        problem = report(
            "PC001", words("PC001.unexpected", found=found), Span(file, place, place + len(found))
        )
        return SourceTree(file, (), comments), [problem]
    statements = Builder(file, diagnostics).build(tree)
    return SourceTree(file, tuple(statements), comments), diagnostics
