"""Snippets of any text with any marks: nothing breaks, nothing leaves the window, carets stand under their text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.render.snippet import Mark, draw, last_line
from policyc.render.terminal import Palette, lay_out, visible, width

TEXT = st.text(st.sampled_from("ab 甲，\t\n\r“\u200b\u0301\U0001f468" + "长" * 3), max_size=400)


@st.composite
def pages(draw_: st.DrawFn) -> tuple[SourceFile, list[Mark]]:
    file = SourceFile("a.policy", draw_(TEXT))
    offsets = st.integers(0, len(file.text))
    pairs = draw_(st.lists(st.tuples(offsets, offsets), min_size=1, max_size=5))
    spans = [Span(file, min(pair), max(pair)) for pair in pairs]
    return file, [Mark(span, "", index == 0, "error") for index, span in enumerate(spans)]


@settings(max_examples=300)
@given(pages(), st.integers(20, 80))
def test_any_snippet_can_be_drawn(page: tuple[SourceFile, list[Mark]], most: int) -> None:
    """Every row is printable and no wider than the window with its margin."""
    _, marks = page
    gutter = len(str(last_line(marks)))
    rows = list(draw(marks, gutter, most, Palette()))
    brackets = 2 * len(marks)
    for row in rows:
        assert row == visible(row)
        assert width(row) <= gutter + 3 + brackets + most + 1
    assert any("^" in row for row in rows)


@given(st.text(st.sampled_from("a甲\t“\u200b"), min_size=1, max_size=60), st.data())
def test_carets_are_as_wide_as_what_they_mark(line: str, data: st.DataObject) -> None:
    file = SourceFile("a.policy", line)
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    rows = list(draw([Mark(Span(file, start, end), "", True, "error")], 1, 1000, Palette()))
    laid = lay_out(line)
    caret_row = rows[2].removeprefix("  | ")
    assert len(caret_row) - len(caret_row.lstrip()) == laid.starts[start]
    assert caret_row.count("^") == laid.starts[end] - laid.starts[start]


@given(st.text(), st.data(), st.integers(10, 40))
@pytest.mark.slow
def test_a_window_is_within_its_limit(line: str, data: st.DataObject, most: int) -> None:
    laid = lay_out(line)
    first = data.draw(st.integers(0, len(line)))
    last = data.draw(st.integers(first, len(line)))
    window = laid.window(first, last, most)
    assert width(window.text) <= max(most, 10)
    assert window.first <= first <= window.last


def test_many_findings_in_one_line_do_not_have_it_measured_each() -> None:
    file = SourceFile("a.policy", "define x甲 = filed " * 2000)
    lay_out.cache_clear()
    for start in range(0, len(file.text), 40):
        rows = list(draw([Mark(Span(file, start, start + 6), "", True, "error")], 1, 80, Palette()))
        assert rows[2].count("^") >= 6
    assert lay_out.cache_info().misses < 20
