"""Today: given, from the environment, from the clock of a zone; and outside the days of the rules."""

from __future__ import annotations

import json
from datetime import date, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import policyc
from policyc.cli.main import main
from policyc.config import BadConfiguration
from policyc.solver.ask.request import AskError
from policyc.today import BadToday, today
from tests.support.waiting import with_today

RULES = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home : region usual 500000
fact date : date 2020-01-01..2025-12-31
decision pay governed by home as paying
policy nation for 100000 {
  source law { clause c1 "甲" clause c2 "乙" }
  forbid pay old until 2024-12-31 cite law.c1
  permit pay new from 2025-01-01 cite law.c2
}
acknowledge PC202 nation.law.c1 because "说明" until 2025-06-30
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    monkeypatch.delenv("POLICYC_TODAY", raising=False)
    (tmp_path / "a.policy").write_text(RULES, encoding="utf-8")
    return tmp_path


def configure(zone: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.policyc]\ntimezone = {zone}\n", encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- Where the day comes from ------------------------------------------------------------------------------


def test_the_day_told_comes_first_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYC_TODAY", "2024年3月5日")
    assert today(date(2020, 2, 2)) == date(2020, 2, 2)
    assert today() == date(2024, 3, 5)
    assert today(environment={"POLICYC_TODAY": "0001-01-01"}) == date.min


def test_the_clock_is_that_of_the_zone_in_the_settings() -> None:
    """The two zones are 26 hours apart, so their days always differ."""
    configure('"Etc/GMT+12"')
    west = today()
    configure('"Pacific/Kiritimati"')
    east, days = with_today(today, timezone(timedelta(hours=14)))
    assert timedelta(days=1) <= east - west <= timedelta(days=2)
    assert east in days


@pytest.mark.parametrize("value", ["2024-3-5", "2024-02-30", "heute", "99999-01-01"])
def test_what_is_no_day_in_the_environment_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYC_TODAY", value)
    with pytest.raises(BadToday):
        today()
    for words in (["check"], ["ask", "pay"], ["matrix"]):
        done = run(*words, *(["-p"] if len(words[0]) != 5 else []), "a.policy")
        assert done.exit_code == 2
        assert f"`POLICYC_TODAY` is `{value}`, which is not a day" in done.stderr


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ('"Asia/Shanghia"', "did you mean `Asia/Shanghai`?"),
        ('"Mars"', "no time zone"),
        ('"Asia"', "no time zone"),
        ('""', "no time zone"),
        ('"/etc/passwd"', "no time zone"),
        ('"../UTC"', "no time zone"),
        ('"a\\u0000"', "no time zone"),
        ("8", "not the name of a time zone"),
        ("2024-01-01", "not the name of a time zone"),
    ],
)
def test_an_invalid_zone_is_refused(zone: str, said: str) -> None:
    configure(zone)
    with pytest.raises(BadConfiguration):
        today()
    done = run("check", "a.policy")
    assert done.exit_code == 2
    assert said in done.stderr


# --- What hangs on it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [True, False])
def test_it_is_told_before_the_command_or_after_it(before: bool) -> None:
    words = ["ask", "pay", "-p", "a.policy", "--format", "json"]
    told = ["--today", "2024-06-30"]
    done = run(*told, *words) if before else run(*words, *told)
    found = json.loads(done.stdout)
    assert (found["answer"], found["given"], found["defaulted"]) == (
        "denied",
        {"date": "2024-06-30"},
        ["date"],
    )
    assert run("--lang", "zh", *told, "ask", "pay", "-p", "a.policy").stdout.startswith("不予：pay，2024-06-30")


def test_acknowledgements_end_by_it_also_in_what_is_recalled() -> None:
    codes = []
    for day in ("2025-06-30", "2025-07-01", "2025-06-30"):
        report = json.loads(run("check", "a.policy", "--format", "json", "--today", day).stdout)
        codes.append([f["message"] for f in report["findings"] if f["code"] == "PC108"])
    assert codes[0] == codes[2] != codes[1]
    assert "2025-06-30" in codes[1][0]


def test_a_matrix_is_of_the_day() -> None:
    told = json.loads(run("matrix", "-p", "a.policy", "--format", "json", "--today", "2024-06-30").stdout)
    assert told["cells"] == [["denied"]]


# --- Today is no day of the rules --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "pay"],
        ["ask", "pay", "重庆市", "--interactive"],
        ["ask", "pay is permitted"],
        ["ask", "date + 1 days"],
        ["ask", "pay", "--all-reasons", "--format", "json"],
        ["matrix"],
        ["matrix", "--all", "--format", "csv"],
    ],
)
@pytest.mark.parametrize("day", ["2019-12-31", "2026-01-01", "9999-12-31", "0001-01-01"])
def test_outside_the_days_of_the_rules_it_is_an_error(words: list[str], day: str) -> None:
    done = run("--today", day, *words, "-p", "a.policy")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"today, {day}, is outside the days of `date` (2020-01-01 to 2025-12-31)" in done.stderr
    assert "`--on DATE`" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "pay", "--on", "2025-01-01", "-p"],
        ["ask", "pay", "--on", "any", "-p"],
        ["ask", "pay", "--set", "date=2025-01-01", "-p"],
        ["ask", "pay", "--over", "date", "-p"],
        ["matrix", "--on", "2025-01-01", "-p"],
        ["check"],
        ["test"],
    ],
)
def test_where_the_day_is_given_or_open_it_does_not_matter(words: list[str]) -> None:
    done = run("--today", "2031-01-01", *words, "a.policy")
    assert "outside" not in done.stderr
    assert done.exit_code == (1 if words == ["check"] else 0)  # the acknowledgement has ended


def test_the_python_interface_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    base = policyc.load("a.policy")
    monkeypatch.setenv("POLICYC_TODAY", "2026-01-01")
    for ask in (base.ask, base.matrix):
        with pytest.raises(AskError) as refused:
            ask("pay")
        assert [message.key for message in refused.value.texts] == ["ask.today_outside"]
    assert base.ask("pay", today=date(2024, 6, 30)).answer == "denied"
    assert base.matrix(today=date(2025, 6, 30)).defaulted == ("date",)
