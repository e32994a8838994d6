"""Mistakes known from bug reports of comparable tools: each message shows how to fix it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main
from policyc.dsl.syntax.literals import days_meant
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions

BASE = """\
region 100000 "中国"
region 110000 "北京市" in 100000
region 500000 "重庆市" in 100000
fact home : region usual 500000
fact other : region usual 110000
fact amount : money 0元..10000元 usual 100元
fact count : int 0..100 usual 1
fact date : date 2020-01-01..2030-12-31
decision pay governed by home as paying, other as receiving
policy nation for 100000 {
  source s { clause c "x" }
  permit pay a cite s.c
  receiving { permit pay b cite s.c }
}
"""


def run(folder: Path, text: str, *words: str, lang: str = "en") -> Result:
    (folder / "a.policy").write_text(text, "utf-8")
    path = str(folder / "a.policy")
    place = ["-p", path] if words[0] in ("ask", "matrix") else [path]
    return CliRunner().invoke(main, ["--lang", lang, *words, *place])


# --- Days --------------------------------------------------------------------------------------------------

DAYS = [
    ("2024-13-05", "write `2024-05-13`"),
    ("2024-31-12", "write `2024-12-31`"),
    ("2024年13月5日", "write `2024-05-13`"),
    ("31-12-2024", "write `2024-12-31`"),
    ("12-31-2024", "write `2024-12-31`"),
    ("05-11-2024", "write `2024-11-05` or `2024-05-11`, whichever"),
    ("12/31/2024", "write `2024-12-31`"),
    ("31.12.2024", "write `2024-12-31`"),
    ("5/5/2024", "write `2024-05-05`"),
    ("2024/13/01", "write `2024-01-13`"),
    ("20241231", "write `2024-12-31`"),
    ("20243112", "write `2024-12-31`"),
    ("2024-13-13", "a year has 12 months"),
    ("2024-00-10", "a year has 12 months"),
    ("2024-02-30", "month 2 of 2024 has 29 days"),
    ("13/13/2024", "a date is written like `2024-11-01`"),
]


@pytest.mark.parametrize(("written", "help_"), DAYS)
def test_a_day_in_another_order_or_form_is_told_how_to_write(written: str, help_: str, tmp_path: Path) -> None:
    for text in (f"define x = date >= {written}\n", f"define x = {written} < date\n"):
        shown = run(tmp_path, BASE + text, "check").output
        assert help_ in shown
        assert shown.count("error[") == 1
    done = run(tmp_path, BASE, "ask", "pay", "--set", f"date={written}")
    assert (done.exit_code, help_ in done.output) == (2, True)


@pytest.mark.parametrize(("written", "help_"), DAYS)
def test_a_day_where_only_a_day_may_stand_is_told_too(written: str, help_: str, tmp_path: Path) -> None:
    for place in ("from {}", "until {}"):
        text = BASE.replace("permit pay a", f"permit pay a {place.format(written)}")
        shown = run(tmp_path, text, "check").output
        assert help_ in shown
        assert shown.count("error[") == 1
    text = BASE.replace("source s", f"source s dated {written}")
    assert help_ in run(tmp_path, text, "check").output


@pytest.mark.parametrize(("written", "help_"), DAYS)
def test_the_day_of_an_option_is_told_how_to_write(written: str, help_: str, tmp_path: Path) -> None:
    done = run(tmp_path, BASE, "ask", "pay", "--on", written)
    assert done.exit_code == 2
    for day in days_meant(written):
        assert f"`{day}`" in done.output


def test_a_day_that_can_be_read_as_written_is_offered_in_no_other_order() -> None:
    assert days_meant("2024-05-06") == ("2024-05-06",)
    assert days_meant("2024/5/6") == ("2024-05-06",)
    assert days_meant("20240506") == ("2024-05-06",)
    assert days_meant("１２") == days_meant("") == days_meant("2024-1") == ()


def test_a_subtraction_of_whole_numbers_stays_one(tmp_path: Path) -> None:
    assert run(tmp_path, BASE + "define x = 31 - 12 - 2024 < count\n", "check").exit_code == 0
    assert run(tmp_path, BASE + "define x = 31-12 < count\n", "check").exit_code == 0


# --- Numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("fact t : int -40..50", "count from another zero"),
        ("fact t : money -5元..10元", "count from another zero"),
        ("fact t : int 0..9 usual -3", "count from another zero"),
        ("define x = count > -4", "subtract from nothing: `(0 - 4)`"),
        ("define x = amount > - 0.50元", "subtract from nothing: `(0元 - 0.50元)`"),
        ("define x = amount * -5%", "subtract from nothing: `(0% - 5%)`"),
    ],
)
def test_a_negative_number_is_told_as_such(text: str, help_: str, tmp_path: Path) -> None:
    done = run(tmp_path, BASE + text + "\n", "check")
    assert done.output.count("error[PC001]") == 1
    assert help_ in done.output
    assert "数字前不能带符号" in run(tmp_path, BASE + text + "\n", "check", lang="zh").output


PRODUCTS = """\
define self_paid = amount * (100% - 70%)
define raised = (70% + 55%) * amount
define less = amount * (30% - 70%)
define five = amount * (2 + 3) * (2 * 3)
assert a "甲": self_paid <= 3000元
assert b "乙": raised >= amount
assert c "丙": five is amount * 30
assert d "丁": less <= 0元
test "t" {
  given amount = 50.03元
  expect self_paid is 15.01元
  expect raised is 62.54元
  expect less is 0元 - 20.01元
}
"""


def test_a_sum_of_literals_is_a_literal_to_multiply_by(tmp_path: Path) -> None:
    done = run(tmp_path, BASE + PRODUCTS, "check")
    assert done.exit_code == 0
    assert "assertions hold (a, b, c, d)" in done.output
    assert run(tmp_path, BASE + PRODUCTS, "test").exit_code == 0


def test_a_sum_with_a_parameter_is_to_be_multiplied_part_by_part(tmp_path: Path) -> None:
    text = BASE + "parameter ratio : percent\ndefine x = amount * (100% - home.ratio)\n"
    done = run(tmp_path, text, "check")
    assert "error[PC104]" in done.output
    assert "add up the products" in done.output
    assert "one side must be" in run(tmp_path, BASE + "define x = amount * count\n", "check").output


# --- Regions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", " ", "\u3000", "\u200b", "\ufe00"])
def test_a_region_without_a_name_is_an_error_at_its_place(name: str, tmp_path: Path) -> None:
    table = f"code,name,parent\n100000,中国,\n500000,{name},100000\n"
    (tmp_path / "r.csv").write_text(table, "utf-8")
    shown = run(tmp_path, 'regions "r.csv"\n', "check").output
    assert "error[PC105] impossible-value: the region 500000 has no name" in shown
    assert "r.csv:3:1" in shown
    shown = run(tmp_path, f'region 100000 "中国"\nregion 500000 "{name}" in 100000\n', "check").output
    assert "error[PC105] impossible-value: the region 500000 has no name" in shown
    assert "a.policy:2:15" in shown


def test_a_region_without_a_name_is_the_one_mistake(tmp_path: Path) -> None:
    table = "code,name,parent\n100000,中国,\n500000,,100000\n500100,万州区,500000\n"
    (tmp_path / "r.csv").write_text(table, "utf-8")
    done = run(tmp_path, 'regions "r.csv"\nfact home : region\ndefine x = home in 500000\n', "check")
    assert done.output.count("error[") == 1


def test_a_region_given_twice_is_told_with_both(tmp_path: Path) -> None:
    done = run(tmp_path, BASE, "ask", "pay", "重庆市", "--set", "home=北京市")
    assert done.exit_code == 2
    assert "`home` is given twice: the region `重庆市` after the question, and `北京市` as a fact" in done.output
    done = run(tmp_path, BASE, "ask", "pay", "重庆市", "--set", "home=北京市", lang="zh")
    assert "给定了两次：问题之后的地区 `重庆市`，以及作为事实的 `北京市`" in done.output


@pytest.mark.parametrize("value", ["重庆市", "重庆", "500000", '"重庆市"'])
def test_the_same_region_given_twice_is_told_too(value: str, tmp_path: Path) -> None:
    done = run(tmp_path, BASE, "ask", "pay", "重庆市", "--set", f"home={value}", "--on", "2025-01-01")
    assert done.exit_code == 2
    assert "and `重庆市` as a fact; leave one out" in done.output


def test_a_wrong_region_is_told_once(tmp_path: Path) -> None:
    done = run(tmp_path, BASE, "ask", "pay", "重慶", "--set", "home=北京市")
    assert done.exit_code == 2
    assert "given twice" not in done.output


# --- Tests -------------------------------------------------------------------------------------------------

TWICE = 'test "同名" { expect true }\ntest "同名" { expect false }\n'


def test_two_tests_of_one_name_are_pointed_out_and_run(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text(TWICE, "utf-8")
    report = check(compile_paths([tmp_path / "a.policy"]), CheckOptions(date(2026, 1, 1)))
    (twice,) = [finding for finding in report.findings if finding.code.id == "PC102"]
    assert twice.level.value == "warning"
    assert [label.span.text for label in twice.secondary] == ['"同名"']
    assert "2 tests: 1 passed, 1 failed" in run(tmp_path, TWICE, "test").output


def test_tests_of_one_name_in_two_files_are_no_matter(tmp_path: Path) -> None:
    for name in ("a.policy", "b.policy"):
        (tmp_path / name).write_text('test "同名" { expect true }\n', "utf-8")
    assert not compile_paths([tmp_path]).diagnostics


def test_cases_of_junit_have_names_of_their_own(tmp_path: Path) -> None:
    text = TWICE + 'test "" { expect true }\n'
    done = run(tmp_path, text, "test", "--format", "junit")
    names = [case.get("name") for case in ElementTree.fromstring(done.output).iter("testcase")]
    assert names == ["同名", "同名 (2)", "(no name)"]


def test_a_set_without_tests_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, BASE, "test")
    assert (done.exit_code, done.output.strip()) == (0, "no tests in 1 file")


# --- Too much to be described ------------------------------------------------------------------------------


def test_a_set_with_too_many_conflicting_values_is_not_exported_and_that_is_said(tmp_path: Path) -> None:
    names = [f"p{i}" for i in range(14)]
    declared = "".join(f"parameter {name} : int 0..9\n" for name in names)
    sets = "".join(f"  set {name} = {value} cite s.c\n" for name in names for value in (1, 2))
    read = " + ".join(f"home.{name}" for name in names)
    text = BASE + declared + f'policy more for 100000 {{\n  source s {{ clause c "x" }}\n{sets}'
    text += f"  forbid pay z when {read} > 5 cite s.c\n}}\n"
    done = run(tmp_path, text, "export", "smt2")
    assert done.exit_code == 3
    assert "too many values that conflict come together" in done.output
    assert "defect" not in done.output
