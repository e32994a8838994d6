"""Minimises an input with a fault: removes halves, then ever smaller parts of its files and words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from policyc.dsl.syntax.scan import normalise, scan

from .inputs import Input


def minimised(one: Input, shows: Callable[[Input], bool], seconds: float) -> Input:
    """The smallest input found in the given seconds that still `shows` the fault."""
    until = time.monotonic() + seconds
    size = None
    while size != one.size and time.monotonic() < until:
        size = one.size
        for name in list(one.files):
            for cut in (_lines, _lexemes, list):
                one = _smaller(one, name, cut, shows, until)
        for index in range(len(one.words) - 1, -1, -1):
            for width in (2, 1):
                fewer = replace(one, words=one.words[:index] + one.words[index + width :])
                if time.monotonic() < until and fewer.words != one.words and shows(fewer):
                    one = fewer
                    break
    return one


def _smaller(
    one: Input, name: str, cut: Callable[[str], list[str]], shows: Callable[[Input], bool], until: float
) -> Input:
    parts = cut(one.files[name])
    if cut is list and len(parts) > 300:
        return one
    width = max(1, len(parts) // 2)
    while width and time.monotonic() < until:
        for start in _starts(parts, width):
            fewer = parts[:start] + parts[start + width :]
            tried = replace(one, files={**one.files, name: "".join(fewer)})
            if time.monotonic() > until:
                return one
            if shows(tried):
                one, parts = tried, fewer
        width //= 2
    return one


def _starts(parts: Sequence[str], width: int) -> Iterator[int]:
    return iter(range(max(0, len(parts) - width), -1, -width))


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _lexemes(text: str) -> list[str]:
    """Lexemes, each with the blank before it."""
    pieces, end = [], 0
    for lexeme in scan(normalise(text)):
        pieces.append(text[end : lexeme.end])
        end = lexeme.end
    return [*pieces, text[end:]]
