"""`ask` answers in a few lines; `--full` gives the rest."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from policyc.cli.main import main
from tests.support.places import POLICIES

pytestmark = pytest.mark.slow  # questions of the bundled set

QUESTIONS = {
    "depends": ["pay", "重庆市", "重庆市", "--set", "relation=parent"],
    "denied": ["pay", "北京市", "石家庄市", "--set", "relation=parent", "--on", "2025-03-01"],
    "all of these": ["bind", "攀枝花市", "--set", "relation=sibling"],
    "a value": ["aid_pays", "重庆市", "重庆市", "--set", "relation=parent", "--set", "expense.amount=180元"],
}


def asked(*words: str) -> list[str]:
    words = words if "--on" in words else (*words, "--on", "2026-01-01")
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["ask", *words, "-p", str(POLICIES)])
    assert done.exit_code == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_has_few_lines_all_of_them_of_the_full_one(question: list[str]) -> None:
    short, full = asked(*question), asked(*question, "--full")
    assert len(short) <= 24 and len(short) < len(full)
    assert short[-1] == "more with --full"
    assert short[0] == full[0]
    assert [line for line in short[:-1] if line not in (*full, "  …")] == []


def test_no_condition_is_left_out_of_those_that_must_all_hold() -> None:
    question = QUESTIONS["all of these"]
    heading = "yes, if all of these hold"
    for lines in (asked(*question), asked(*question, "--full")):
        start = lines.index(heading) + 1
        conditions = [line for line in lines[start:] if line.startswith("  - ")]
        assert len(conditions) > 5


def test_the_rule_that_decides_has_its_source() -> None:
    short = asked(*QUESTIONS["denied"])
    place = short.index("because")
    assert "national.other_province" in short[place + 1]
    assert "national.policy:" in short[place + 2]
    assert short[place + 3].startswith("    “")


def test_every_reason_is_shown_in_full() -> None:
    assert asked(*QUESTIONS["denied"], "--all-reasons") != asked(*QUESTIONS["denied"])
    assert "more with --full" not in asked(*QUESTIONS["denied"], "--all-reasons")


def test_an_answer_that_is_short_anyway_says_no_more() -> None:
    lines = asked("1 < 2")
    assert lines == ["true: 1 < 2, on 2026-01-01"]
