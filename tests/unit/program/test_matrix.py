"""`policyc matrix`: questions, text, and output for programs."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import policyc
from policyc.cli.main import main
from policyc.cli.progress import progress
from policyc.dsl.system.limits import Undecided
from policyc.solver.ask.request import AskError
from tests.support.waiting import with_today

TEXT = """
region 100000 "中华人民共和国"
region 110000 "北京市" in 100000
region 110101 "东城区" in 110000
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
region 510100 "成都市" in 510000
region 510400 "攀枝花市" in 510000
enum relation_kind "亲属关系" { self "本人", spouse "配偶", sibling "兄弟姐妹" }
enum way_kind "方式" { link "绑定", wallet "钱包" }
record payer "共济人" { fact region "参保地" : region  fact retired "已退休" : boolean usual false }
record user "使用人" { fact region "参保地" : region usual payer.region  fact retired "已退休" : boolean usual true }
fact relation "关系" : relation_kind
fact way "共济方式" : way_kind usual link
fact filed "已备案" : boolean usual true
fact amount "金额" : money usual 100元
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
decision pay "共济支付" governed by payer.region as paying "参保侧", user.region as receiving "受益侧"
decision bind "绑定" governed by payer.region as paying "参保侧"
axiom self_region : relation is self implies payer.region is user.region
axiom self_retired : relation is self implies payer.retired is user.retired
source law "文件" { clause c "条款" }
policy national "全国" for 100000 {
  permit pay near "近处" when payer.region.province is user.region.province cite law.c
  forbid pay far "远处" when payer.region.province is not user.region.province and way is link cite law.c
  permit pay by_wallet "钱包" when way is wallet and payer.region.province is not user.region.province
    from 2025-07-01 cite law.c
  receiving { permit pay received cite law.c }
  permit bind anyone cite law.c
}
policy sichuan "四川" for 510000 {
  require pay filing "备案": filed cite law.c
  forbid bind siblings when relation is sibling cite law.c
}
policy panzhihua "攀枝花" for 510400 { forbid bind nobody cite law.c }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    Path("rules.policy").write_text(TEXT, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["matrix", "-p", "rules.policy", *words])


def report(*words: str) -> dict[str, object]:
    done = run(*words, "--format", "json", "--on", "2025-10-01")
    assert done.exit_code == 0, done.stderr
    content: dict[str, object] = json.loads(done.stdout)
    return content


# --- JSON --------------------------------------------------------------------------------------------------


def test_rows_are_the_first_side_and_columns_the_second() -> None:
    """A verdict for every ordered pair of provinces."""
    found = report("--set", "filed=false")
    assert found == {
        "version": 1,
        "decision": "pay",
        "by": "province",
        "all": False,
        "given": {"filed": "false", "date": "2025-10-01"},
        "defaulted": [],
        "row_fact": "payer.region",
        "column_fact": "user.region",
        "regions": ["110000", "500000", "510000"],
        "names": ["北京市", "重庆市", "四川省"],
        "rows": ["110000", "500000", "510000"],
        "columns": ["110000", "500000", "510000"],
        "assumed": {"relation": ["spouse"]},
        "cells": [
            ["permitted", "denied", "denied"],
            ["denied", "permitted", "denied"],
            ["denied", "denied", "denied"],
        ],
    }


def test_prefectures() -> None:
    """Municipalities are province and prefecture in one, and provinces without prefectures stand for them."""
    found = report("--by", "prefecture")
    assert found["regions"] == ["110000", "500000", "510100", "510400"]
    assert found["cells"] == [
        ["permitted", "denied", "denied", "denied"],
        ["denied", "permitted", "denied", "denied"],
        ["denied", "denied", "permitted", "permitted"],
        ["denied", "denied", "permitted", "permitted"],
    ]


def test_one_matrix_for_each_value() -> None:
    found = report("--each", "way")
    assert found["each"] == "way"
    assert "cells" not in found
    matrices = found["matrices"]
    assert isinstance(matrices, dict)
    assert list(matrices) == ["link", "wallet"]
    assert matrices["wallet"] == {
        "regions": ["110000", "500000", "510000"],
        "assumed": {"relation": ["spouse"]},
        "cells": [["permitted"] * 3] * 3,
    }
    assert matrices["link"]["cells"] == report()["cells"]
    by_truth = report("--each", "filed")["matrices"]
    assert isinstance(by_truth, dict)
    assert list(by_truth) == ["true", "false"]
    headings = [line for line in run("--each", "filed").stdout.splitlines() if line.startswith("filed")]
    assert headings == ["filed: yes", "filed: no"]


def test_all_cases() -> None:
    """A cell is the verdict of all cases with the given facts; if they differ it is `depends`."""
    assert report("--all")["cells"] == [
        ["permitted", "depends", "depends"],
        ["depends", "permitted", "depends"],
        ["depends", "depends", "depends"],
    ]
    assert report("--all", "--set", "way=link", "--set", "filed=false")["cells"] == [
        ["permitted", "denied", "denied"],
        ["denied", "permitted", "denied"],
        ["denied", "denied", "denied"],
    ]
    assert "assumed" in report("--all")


@pytest.mark.slow
def test_all_cases_are_answered_as_ask_does() -> None:
    base = policyc.load("rules.policy")
    found = base.matrix(on=date(2025, 10, 1), every=True, by="prefecture")
    (matrix,) = found.matrices.values()
    for row, answers in zip(found.rows, matrix.cells, strict=True):
        for column, answer in zip(found.rows, answers, strict=True):
            assert answer == base.ask("pay", [row, column], on=date(2025, 10, 1)).answer


def test_pairs_that_no_case_has_are_impossible() -> None:
    """Whoever pays for himself is in one region; usual values give way to that, the last declared first."""
    for kind in ((), ("--all",)):
        cells = report("--set", "relation=self", *kind)["cells"]
        assert isinstance(cells, list)
        assert [cells[0][1], cells[1][0], cells[2][1]] == ["impossible"] * 3
    found = report("--set", "relation=self")
    assert found["assumed"] == {"user.retired": ["false"]}
    assert found["cells"] == [
        ["permitted", "impossible", "impossible"],
        ["impossible", "permitted", "impossible"],
        ["impossible", "impossible", "permitted"],
    ]


def test_a_decision_of_one_side_has_one_cell_a_row() -> None:
    found = report("--decision", "绑定", "--by", "prefecture")
    assert (found["decision"], found["column_fact"], found["columns"]) == ("bind", None, None)
    assert found["cells"] == [["permitted"], ["permitted"], ["permitted"], ["denied"]]


def test_a_side_that_is_given_has_one_region() -> None:
    found = report("--set", "payer.region=东城区")
    assert found["rows"] == ["110101"]
    assert found["cells"] == [["permitted", "denied", "denied"]]
    found = report("--set", "user.region=510400")
    assert found["columns"] == ["510400"]
    assert found["cells"] == [["denied"], ["denied"], ["permitted"]]


def test_today_unless_a_day_is_given() -> None:
    done, days = with_today(lambda: run("--format", "json"))
    found = json.loads(done.stdout)
    assert found["given"] in [{"date": day.isoformat()} for day in days]
    assert found["defaulted"] == ["date"]
    on_set = json.loads(run("--format", "json", "--set", "date=2025-10-01").stdout)
    assert on_set == report()


# --- What is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--decision", "pai"], "there is no decision `pai`; did you mean `pay`?"),
        (["--decision", "x"], "there is no decision `x`"),
        (["--each", "amount"], "`amount` is none"),
        (["--each", "payer.region"], "`payer.region` is none"),
        (["--each", "way", "--set", "way=link"], "`way` is given by `--set` already"),
        (
            ["--set", "payer.region=110000", "--set", "user.region=110000"],
            "ask about one case with `policyc ask`",
        ),
        (["--on", "2025-02-30"], "is not a day"),
        (["--on", "2025-01-01", "--set", "date=2025-01-02"], "the date is given twice"),
    ],
)
def test_wrong_use(words: list[str], told: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert "policyc matrix --help" in done.stderr


def test_a_fact_of_two_values() -> None:
    done = run("--set", "way=link", "--set", "way=wallet")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "`way` is given twice, with different values" in done.stderr


@pytest.mark.parametrize("words", [["--set", "way=walet"], ["--set", "filled=true"], ["--each", "filled"]])
def test_facts_that_are_none(words: list[str]) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean" in done.stderr


def test_which_decision() -> None:
    """The default is `pay`, else the only decision."""
    Path("rules.policy").write_text(TEXT.replace(" pay ", " spend "), encoding="utf-8")
    done = run()
    assert done.exit_code == 2
    assert "`spend`, `bind`" in done.stderr
    only = TEXT[: TEXT.index("decision pay")] + "decision one governed by payer.region as paying"
    Path("rules.policy").write_text(only, encoding="utf-8")
    assert report()["decision"] == "one"


def test_three_sides() -> None:
    """All sides but two must be given."""
    third = "record clinic { fact region : region }\ndecision third governed by payer.region as a, user.region as b, "
    Path("rules.policy").write_text(TEXT + third + "clinic.region as c\n", encoding="utf-8")
    done = run("--decision", "third")
    assert done.exit_code == 2
    assert "3 sides" in done.stderr
    found = report("--decision", "third", "--set", "user.region=510000")
    assert (found["row_fact"], found["column_fact"]) == ("payer.region", "clinic.region")


def test_broken_policies_are_not_tabulated() -> None:
    Path("rules.policy").write_text(TEXT.replace("relation is self", "relaton is self"), encoding="utf-8")
    assert run().exit_code == 1
    assert json.loads(run("--format", "json").stdout)["findings"][0]["code"] == "PC101"
    with pytest.raises(policyc.BrokenPolicies):
        policyc.load("rules.policy").matrix()


def test_what_is_not_decided_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a cell is neither yes nor no, the other cells stay, and the exit code is 3."""

    def slow(*_: object) -> None:
        raise Undecided("timeout")

    monkeypatch.setattr("policyc.solver.engine.context.CaseScope.case", slow)
    done = run("--all", "--format", "json")
    assert done.exit_code == 3
    assert {answer for row in json.loads(done.stdout)["cells"] for answer in row} == {"undecided"}
    monkeypatch.setattr("policyc.solver.matrix.cells.plainest", slow)
    done = run("--on", "2025-10-01")
    assert done.exit_code == 3
    assert "undecided for all 9 pairs" in done.stdout


def test_errors_from_python() -> None:
    with pytest.raises(AskError):
        policyc.load("rules.policy").matrix("nothing")


# --- Text --------------------------------------------------------------------------------------------------


def test_a_wide_matrix_is_told_by_province(monkeypatch: pytest.MonkeyPatch) -> None:
    """A province stands for its prefectures if all pairs agree; otherwise a sign says that they differ."""
    monkeypatch.setattr("policyc.render.text.WIDTH", 18)
    done = run("--by", "prefecture", "--on", "2025-10-01")
    assert "by province" in done.stdout
    assert "51 四川省  . .+\n" in done.stdout


def test_names_give_way_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyc.render.text.WIDTH", 10)
    assert "\n51  . .+\n" in run("--on", "2025-10-01").stdout


def test_colours() -> None:
    done = CliRunner().invoke(
        main, ["--color", "always", "matrix", "-p", "rules.policy", "--on", "2025-10-01"], color=True
    )
    assert "\x1b[1;32m+\x1b[0m\x1b[2m.\x1b[0m" in done.stdout


# --- CSV ---------------------------------------------------------------------------------------------------


def test_csv_is_a_grid() -> None:
    done = run("--format", "csv", "--each", "way", "--on", "2025-10-01")
    rows = list(csv.reader(io.StringIO(done.stdout)))
    assert rows[0] == ["way", "payer.region / user.region", "110000 北京市", "500000 重庆市", "510000 四川省"]
    assert rows[1] == ["link", "110000 北京市", "permitted", "denied", "denied"]
    assert rows[6] == ["wallet", "510000 四川省", "permitted", "permitted", "permitted"]
    assert len(rows) == 7


def test_csv_of_one_side() -> None:
    done = run("--format", "csv", "--decision", "bind", "--on", "2025-10-01")
    assert done.stdout.splitlines()[:2] == ["payer.region,bind", "110000 北京市,permitted"]


def test_csv_in_a_file_has_the_mark_of_utf8() -> None:
    """Spreadsheets recognise UTF-8 by it; on standard output it would do harm."""
    assert run("--format", "csv", "-o", "a.csv", "--on", "2025-10-01").exit_code == 0
    content = Path("a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfpayer.region")
    assert content.decode("utf-8-sig") == run("--format", "csv", "--on", "2025-10-01").stdout


# --- Progress ----------------------------------------------------------------------------------------------


def test_progress_is_told_row_by_row() -> None:
    told: list[tuple[int, int]] = []
    policyc.load("rules.policy").matrix(each="way", watch=lambda done, total: told.append((done, total)))
    assert told == [(number, 6) for number in range(1, 7)]


def test_a_bar_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress("deciding") as watch:
        watch(1, 2)
    assert stream.getvalue() == ""
    monkeypatch.setattr(stream, "isatty", lambda: True)
    with progress("deciding") as watch:
        watch(1, 4)
        watch(4, 4)
    assert "deciding" in stream.getvalue()
    assert "25%" in stream.getvalue()
    assert "100%" in stream.getvalue()


def test_a_bar_has_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(stream, "isatty", lambda: True)
    with progress("checking", patience=1e9) as watch:
        watch(1, 2)
        watch(2, 2)
    assert stream.getvalue() == ""
