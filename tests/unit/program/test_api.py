"""The Python interface."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import policyc
from policyc.cli.main import main
from policyc.dsl.system.limits import Undecided
from tests.support.sets.one_city import CLEAN, CONFLICT
from tests.support.waiting import with_today


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    return tmp_path


def test_checking_from_python(folder: Path) -> None:
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    report = policyc.load("a.policy").check()
    assert [finding.code.id for finding in report.findings] == ["PC301"]
    assert policyc.load(["a.policy"]).check(codes=["PC4"]).findings == ()


def test_deciding_from_python(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    base = policyc.load("a.policy")
    case = {"payer.region": "500000", "relation": "parent", "date": date(2025, 1, 1).toordinal()}
    assert base.decide(case, "pay").verdict == "permitted"
    assert base.decide({**case, "relation": "sibling"}, "pay").verdict == "denied"
    with pytest.raises(KeyError, match="relation"):
        base.decide({"payer.region": "500000", "date": 1}, "pay")


def test_broken_policies_are_not_asked(folder: Path) -> None:
    Path("a.policy").write_text("polcy x {", encoding="utf-8")
    base = policyc.load("a.policy")
    assert [item.code.id for item in base.diagnostics][:1] == ["PC001"]
    with pytest.raises(policyc.BrokenPolicies):
        base.decide({}, "pay")
    with pytest.raises(policyc.BrokenPolicies):
        base.ask("pay")


def test_asking_from_python(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    base = policyc.load("a.policy")
    report, days = with_today(lambda: base.ask("pay", ["重庆市"], {"relation": "sibling"}))
    assert report.answer == "denied"
    assert report.defaulted == ("date",)
    assert report.given["date"] in {day.isoformat() for day in days}


def test_an_answer_for_today_says_so(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    words = ["ask", "pay", "重庆市", "--set", "relation=sibling", "-p", "a.policy"]
    done, days = with_today(lambda: CliRunner().invoke(main, words))
    first = done.stdout.splitlines()[0]
    assert first in {f"denied: pay, on {day} (today, as no day was given)" for day in days}


def test_no_answer_in_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is neither yes nor no: PC901 and exit code 3."""

    def slow(*_: object, **__: object) -> None:
        raise Undecided("timeout")

    monkeypatch.setattr("policyc.pipeline.understand", slow)
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "a.policy"])
    assert (done.exit_code, done.stderr) == (3, "")
    assert done.stdout.startswith("error[PC901] undecided: could not decide in time: the answer to `pay`\n")
