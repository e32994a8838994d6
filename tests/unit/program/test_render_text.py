"""Diagnostics as text: places, marks, display cells, clipping, colours, both languages."""

from __future__ import annotations

import re
import unicodedata

import pytest

from policyc.dsl.binding.wording.spoken import SpokenNames
from policyc.dsl.diagnostics.diagnostic import (
    CODES,
    DateSpan,
    Diagnostic,
    Finding,
    Label,
    Severity,
    Text,
    report,
    text,
)
from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.render.terminal import Palette, lay_out, visible, width
from policyc.render.text import MANY, Manner, grouped, render_check, render_diagnostics
from policyc.solver.report.reports import CheckReport, Proof, ProofKind


def say(words: str) -> Text:
    """Any words, through the catalogue."""
    return text("ask.value", value=words)


def span(file: SourceFile, words: str) -> Span:
    start = file.text.index(words)
    return Span(file, start, start + len(words))


def shown(diagnostic: Diagnostic, manner: Manner | None = None) -> list[str]:
    return render_diagnostics([diagnostic], manner or Manner()).splitlines()


def columns(row: str, sign: str) -> tuple[int, int]:
    """First cell of a run of signs and the cell after its last, counted by East Asian width."""
    first, last = row.index(sign), row.rindex(sign) + 1
    return wide(row[:first]), wide(row[:last])


def wide(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)


FILE = SourceFile("a.policy", 'permit pay 近亲属 "近亲属" when relation is parent\n\tforbid pay other\n')


def test_headline_place_source_mark_and_help() -> None:
    diagnostic = report("PC101", say("no fact"), span(FILE, "relation"), label=say("here"), help=say("mend it"))
    assert shown(diagnostic) == [
        "error[PC101] unknown-name: no fact",
        " --> a.policy:1:27",
        "  |",
        '1 | permit pay 近亲属 "近亲属" when relation is parent',
        "  |                                 ^^^^^^^^ here",
        "  |",
        "  = help: mend it",
    ]


def test_chinese_reads_naturally() -> None:
    rows = shown(
        report("PC101", say("没有事实"), span(FILE, "relation"), notes=(say("甲"),), help=say("乙")),
        Manner("zh"),
    )
    assert rows[0] == "错误[PC101]：没有事实"
    assert rows[-2:] == ["  = 说明：甲", "  = 建议：乙"]


@pytest.mark.parametrize("words", ["近亲属", '"近亲属"', "relation", "parent", "permit"])
def test_marks_stand_under_their_words(words: str) -> None:
    """The carets begin and end at the cells of the words above them, Han characters counting two."""
    rows = shown(report("PC101", say("x"), span(FILE, words)))
    start = rows[3].index(words)
    assert columns(rows[4], "^") == (wide(rows[3][:start]), wide(rows[3][: start + len(words)]))


def test_tabs_are_expanded() -> None:
    rows = shown(report("PC101", say("x"), span(FILE, "forbid")))
    assert rows[3:5] == ["2 |     forbid pay other", "  |     ^^^^^^"]
    assert lay_out("a\tb").starts == (0, 1, 4, 5)


def test_ambiguous_characters_take_one_cell() -> None:
    """Quotes, dashes and circled numbers, as terminals outside East Asia show them."""
    assert width("“”…①—") == 5
    assert width("甲，") == 4


def test_combining_marks_take_no_cell() -> None:
    assert width("e\u0301") == 1


def test_invisible_characters_are_written_out() -> None:
    file = SourceFile("a.policy", "fact a\u200bb : int\n")
    rows = shown(report("PC003", say("hidden"), Span(file, 6, 7)))
    assert rows[3:5] == ["1 | fact a<U+200B>b : int", "  |       ^^^^^^^^"]


def test_messages_cannot_move_the_cursor() -> None:
    """User text in a message is data, not terminal control."""
    rows = shown(report("PC101", say("a\x1b[2Jb\u202ec"), None))
    assert rows == ["error[PC101] unknown-name: a<U+001B>[2Jb<U+202E>c"]
    assert visible("甲\n乙") == "甲<U+000A>乙"


def test_an_empty_place_still_has_a_mark() -> None:
    file = SourceFile("a.policy", "policy a")
    assert shown(report("PC001", say("x"), Span(file, 8, 8)))[1:] == [
        " --> a.policy:1:9",
        "  |",
        "1 | policy a",
        "  |         ^",
    ]


def test_windows_line_ends_are_not_shown() -> None:
    file = SourceFile("a.policy", "one\r\ntwo\r\n")
    assert shown(report("PC001", say("x"), Span(file, 0, 5)))[3:] == ["1 | one", "  | ^^^"]


def test_a_file_that_could_not_be_read_has_no_lines() -> None:
    file = SourceFile("a.policy", "")
    assert shown(report("PC002", say("x"), Span(file, 0, 0))) == [
        "error[PC002] unreadable-file: x",
        " --> a.policy",
    ]


# --- Several marks -----------------------------------------------------------------------------------------


def test_each_mark_of_a_line_has_its_row() -> None:
    file = SourceFile("a.policy", "permit pay a\n")
    diagnostic = report("PC102", say("x"), Span(file, 11, 12), secondary=(Label(span(file, "pay"), say("that")),))
    rows = shown(diagnostic)
    assert rows[3:] == ["1 | permit pay a", "  |        --- that", "  |            ^"]


def test_marks_in_other_files_follow() -> None:
    other = SourceFile("b.policy", "\n" * 11 + "forbid pay z\n")
    rows = shown(report("PC301", say("x"), span(FILE, "permit"), secondary=(Label(span(other, "z"), say("no")),)))
    assert rows[1] == "  --> a.policy:1:1"
    assert rows[3].startswith(" 1 | permit")
    assert rows[5:] == ["  ::: b.policy:12:12", "   |", "12 | forbid pay z", "   |            - no"]


def test_lines_between_are_left_out_but_for_a_single_one() -> None:
    file = SourceFile("a.policy", "".join(f"line{n}\n" for n in range(1, 10)))
    labels = tuple(Label(span(file, words)) for words in ("line3", "line8"))
    rows = shown(report("PC102", say("x"), span(file, "line1"), secondary=labels))
    assert rows[3:] == [
        "1 | line1",
        "  | ^^^^^",
        "2 | line2",
        "3 | line3",
        "  | -----",
        "...",
        "8 | line8",
        "  | -----",
    ]


def test_a_mark_over_lines_is_bracketed() -> None:
    file = SourceFile("a.policy", "  permit pay a\n    when x\n    cite y\n")
    rows = shown(report("PC401", say("x"), Span(file, 2, len(file.text)), label=say("never")))
    assert rows[3:] == [
        "1 | /   permit pay a",
        "2 | |     when x",
        "3 | |     cite y",
        "  | |__________^ never",
    ]


def test_a_mark_that_begins_within_a_line_is_led_to() -> None:
    file = SourceFile("a.policy", "define 甲 = a\n  or b\n")
    rows = shown(report("PC103", say("x"), span(file, "a\n  or b")))
    assert rows[3:] == ["1 |   define 甲 = a", "  |  _____________^", "2 | |   or b", "  | |______^"]


def test_a_long_mark_shows_its_ends() -> None:
    file = SourceFile("a.policy", "policy {\n" + "  x\n" * 50 + "}\n")
    rows = shown(report("PC401", say("x"), Span(file, 0, len(file.text) - 1)))
    assert rows[3:] == [" 1 | / policy {", "...  |", "52 | | }", "   | |_^"]


# --- Long lines --------------------------------------------------------------------------------------------


def test_a_long_line_is_clipped_around_its_mark() -> None:
    file = SourceFile("a.policy", "前" * 300 + "here" + "后" * 300 + "\n")
    rows = shown(report("PC001", say("x"), span(file, "here"), label=say("this")), Manner(width=60))
    assert wide(rows[3]) <= 60
    assert rows[3].startswith("1 | ...前") and rows[3].endswith("后...")
    start = rows[3].index("here")
    assert columns(rows[4], "^") == (wide(rows[3][:start]), wide(rows[3][:start]) + 4)


def test_of_a_mark_longer_than_the_window_the_beginning_is_shown() -> None:
    file = SourceFile("a.policy", "a" + "长" * 300 + "\n")
    rows = shown(report("PC001", say("x"), Span(file, 1, 301)), Manner(width=60))
    assert wide(rows[3]) <= 60 and wide(rows[4]) <= 60
    assert "^" * 20 in rows[4]


def test_marks_too_far_apart_repeat_their_line() -> None:
    file = SourceFile("a.policy", "one" + "." * 300 + "two\n")
    rows = shown(report("PC102", say("x"), span(file, "two"), secondary=(Label(span(file, "one")),)), Manner(width=60))
    assert [row[:4] for row in rows[3:]] == ["1 | ", "  | ", "1 | ", "  | "]
    assert rows[3].startswith("1 | one") and rows[5].endswith("two")


# --- Colours -----------------------------------------------------------------------------------------------


def test_colours_add_nothing_but_escapes() -> None:
    diagnostic = report("PC101", say("x"), span(FILE, "近亲属"), label=say("here"), help=say("y"))
    coloured = render_diagnostics([diagnostic], Manner(palette=Palette(True)))
    assert "\x1b[1;31merror[PC101]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_diagnostics([diagnostic], Manner())


# --- The whole report --------------------------------------------------------------------------------------


def checked(*findings: Diagnostic, proved: tuple[Proof, ...] = (), stopped: bool = False) -> CheckReport:
    return CheckReport(findings, proved, files=1, policies=2, rules=14, stopped=stopped)


def noted(**more: str) -> Diagnostic:
    return Diagnostic(CODES["PC302"], say("settled"), Label(span(FILE, "近亲属")), **more)


def test_a_clean_report_is_one_line() -> None:
    report_ = checked(
        proved=(
            Proof(ProofKind.NO_CONFLICT, None, "pay", "paying", 3),
            Proof(ProofKind.NO_CONFLICT, None, "pay", "receiving", 4),
        )
    )
    assert render_check(report_, Manner()) == (
        "checked 1 file, 2 policies, 14 rules: 0 errors, 0 warnings, 0 notes; "
        "proved: no conflicts (pay/paying, pay/receiving)\n"
    )


def test_notes_and_acknowledged_findings_are_counted() -> None:
    report_ = checked(noted(), noted(acknowledged="known"), noted(acknowledged="known"))
    assert render_check(report_, Manner()).splitlines() == [
        "1 note not shown; see it with -v",
        "2 acknowledged findings not shown; see them with -v",
        "checked 1 file, 2 policies, 14 rules: 0 errors, 0 warnings, 1 note, 2 acknowledged",
    ]


def test_verbose_shows_them() -> None:
    rendered = render_check(checked(noted(), noted(acknowledged="known")), Manner(verbose=True))
    assert rendered.count("note[PC302]") == 2
    assert "  = acknowledged: known" in rendered
    assert "not shown" not in rendered


def test_verbose_gives_the_facts_of_a_witness() -> None:
    finding = Finding(witness=(("payer.region", "500000"), ("relation", "parent")))
    diagnostic = Diagnostic(CODES["PC301"], say("x"), None, finding=finding)
    assert "facts: payer.region=500000 relation=parent" in render_check(checked(diagnostic), Manner(verbose=True))


def test_an_undecided_question_is_counted_apart() -> None:
    rendered = render_check(checked(report("PC901", say("x"), None)), Manner())
    assert rendered.endswith("0 errors, 0 warnings, 0 notes, 1 undecided\n")


def test_a_stopped_check_says_so() -> None:
    rendered = render_check(checked(report("PC001", say("x"), None), stopped=True), Manner("zh"))
    assert rendered.splitlines()[-2:] == [
        "尚未检查规则之间的关系：请先改正文字中的错误",
        "已检查 1 个文件、2 项政策、14 条规则：1 个错误、0 个警告、0 条提示",
    ]


def test_a_lowered_severity_is_what_counts() -> None:
    diagnostic = Diagnostic(CODES["PC402"], say("x"), None, severity=Severity.NOTE)
    assert render_check(checked(diagnostic), Manner()).startswith("1 note not shown")


def test_where_and_when_a_finding_holds() -> None:
    """The text names regions and days; of many regions it names a few and counts the rest."""
    days = (DateSpan(None, "2024-12-08"), DateSpan("2025-01-01", "2025-06-30"), DateSpan("2026-01-01", None))
    finding = Finding(regions=("500000", "1", "2", "3", "4", "5"), dates=days)
    manner = Manner("zh", names=SpokenNames(regions={"500000": "重庆市"}))
    rows = shown(Diagnostic(CODES["PC301"], say("x"), None, finding=finding), manner)
    assert rows[1:] == [
        "  = 地区：重庆市、1、2、3，另有 2 项",
        "  = 日期：至 2024-12-08、2025-01-01 至 2025-06-30、2026-01-01 起",
    ]


def test_any_day_goes_without_saying() -> None:
    finding = Finding(dates=(DateSpan(None, None),))
    assert len(shown(Diagnostic(CODES["PC301"], say("x"), None, finding=finding))) == 1


# --- Many findings -----------------------------------------------------------------------------------------


def conflicts(*pairs: tuple[str, str]) -> list[Diagnostic]:
    """A finding for each two rules, each rule in a line of its own."""
    names = sorted({name for pair in pairs for name in pair})
    file = SourceFile("a.policy", "".join(f"{name}\n" for name in names))
    spans = {name: Span(file, 2 * place, 2 * place + 1) for place, name in enumerate(names)}
    note = text("finding.witness", story=text("ask.value", value="x"))
    return [
        Diagnostic(
            CODES["PC301"],
            text("ask.value", value=f"{one} against {other}"),
            Label(spans[one]),
            (Label(spans[other]),),
            (note,),
            finding=Finding(rules=(one, other)),
        )
        for one, other in pairs
    ]


def test_findings_that_share_a_rule_are_grouped_by_the_most_frequent_one() -> None:
    found = conflicts(("a", "b"), ("a", "c"), ("d", "c"), ("e", "c"), ("f", "g"))
    groups = [[finding.finding.rules for finding in group] for group in grouped(found)]
    assert groups == [[("a", "b")], [("a", "c"), ("d", "c"), ("e", "c")], [("f", "g")]]


def test_many_findings_are_shown_in_brief() -> None:
    names = "bcdefghijklmnopqrstuvwxyzABCDEFGHIJ"
    found = conflicts(*(("a", name) for name in names), ("y", "z"))
    assert len(found) > MANY
    rendered = render_check(checked(*found), Manner()).split("\n\n")
    assert rendered[0].splitlines() == [
        "error[PC301] conflicting-norms: `a` is in 35 such findings",
        "  --> a.policy:11:1",
        "   = with `b` a.policy:12:1",
        "   = with `c` a.policy:13:1",
        "   = with `d` a.policy:14:1",
        "   = and with 32 more",
        "   = for example: x",
    ]
    assert rendered[1].splitlines() == [
        "error[PC301] conflicting-norms: y against z",
        "  --> a.policy:35:1",
        "  --> a.policy:36:1",
        "   = for example: x",
    ]
    assert rendered[2].startswith("36 findings in 2 groups, in brief; see each in full with -v")
    in_full = render_check(checked(*found), Manner(verbose=True))
    assert in_full.count("error[PC301]") == 36
    assert "in brief" not in in_full
    assert render_check(checked(*found[:MANY]), Manner()).count("error[PC301]") == MANY


def test_mistakes_of_the_text_are_shown_in_full_however_many() -> None:
    mistakes = [report("PC001", say(str(number)), None) for number in range(MANY + 1)]
    assert "in brief" not in render_check(checked(*mistakes, stopped=True), Manner())
