"""The five contradictory web articles: every claim is a clause, every known contradiction is found.

The claims and the pairs of them stand in `data/`, one a line with a comment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import policyc
from policyc.cli import main

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "web-articles"
DATA = Path(__file__).resolve().parent / "data"

#: Codes of findings that set one rule against another.
OPPOSING = {"PC301", "PC302", "PC303", "PC304"}


def lines(name: str) -> Iterator[list[str]]:
    for line in (DATA / name).read_text("utf-8").splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield words


def pairs(name: str) -> list[tuple[str, str]]:
    return [(first, second) for first, second, *_ in lines(name)]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    result = CliRunner().invoke(main, ["check", str(EXAMPLE), "--format", "json"])
    assert result.exit_code == 1, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def opposed(report: dict[str, Any]) -> set[tuple[str, str]]:
    """Every two clauses that two rules of one finding cite, one each, in both orders."""
    found = set()
    for finding in report["findings"]:
        if finding["code"] in OPPOSING:
            for one, other in permutations(finding["cites"], 2):
                if one["rule"] != other["rule"]:
                    found.add((one["clause"], other["clause"]))
    return found


def test_every_claim_is_a_clause() -> None:
    policy_set = policyc.load(EXAMPLE).policy_set
    clauses = [
        clause.name.rpartition(".")[2]
        for name, source in policy_set.sources.items()
        if name != "frame"  # what the example adds of its own
        for clause in source.clauses
    ]
    assert clauses == list(dict.fromkeys(clauses))
    assert set(clauses) == {claim for (claim,) in lines("claim_ids.txt")}


def test_nothing_is_wrong_but_what_the_articles_say(report: dict[str, Any]) -> None:
    wrong = [f for f in report["findings"] if f["code"] < "PC300" or f["code"] in {"PC401", "PC407", "PC901"}]
    assert wrong == []


@pytest.mark.parametrize(("one", "other"), pairs("contradictions.txt"))
def test_contradiction_is_found(opposed: set[tuple[str, str]], one: str, other: str) -> None:
    assert (one, other) in opposed


@pytest.mark.parametrize(("one", "other"), pairs("no_contradictions.txt"))
def test_no_contradiction_is_reported(opposed: set[tuple[str, str]], one: str, other: str) -> None:
    assert (one, other) not in opposed
