"""The five contradictory web articles: every claim is a clause, every known contradiction is found.

The claims and the pairs of them stand in `data/`, one a line with a comment. The findings that the README files of the
example show are those that `check` prints: `UPDATE_TRANSCRIPTS=1 pytest tests/golden/test_web_articles.py` rewrites
them, each found by its first line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

import policyc
from policyc.api import PolicyBase
from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.language import Language
from policyc.render.text import Manner, render_diagnostics
from tests.support.places import GOLDEN, ROOT

EXAMPLE = Path("examples") / "web-articles"
DATA = GOLDEN / "data"

#: Codes of findings that set one rule against another.
OPPOSING = {"PC301", "PC302", "PC303", "PC304"}
#: Findings that are not the articles' fault: mistakes of the encoding, and rules that can never apply.
OUR_MISTAKES = re.compile(r"PC[012]|PC401|PC407|PC9")

FENCE = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COUNTS = re.compile(r"^\| `(s\d)`[^|]*\|(?: *(\d+) \|)(?: *(\d+) \|)(?: *(\d+) \|)$", re.MULTILINE)


def lines(pattern: str) -> Iterator[list[str]]:
    for file in sorted(DATA.glob(pattern)):
        for line in file.read_text("utf-8").splitlines():
            words = line.partition("#")[0].split()
            if words:
                yield words


def pairs(pattern: str) -> list[tuple[str, str]]:
    return [(first, second) for first, second, *_ in lines(pattern)]


@pytest.fixture(scope="module")
def base() -> Iterator[PolicyBase]:
    """The example, read as in the README: from the root of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield policyc.load(EXAMPLE)


@pytest.fixture(scope="module")
def findings(base: PolicyBase) -> tuple[Diagnostic, ...]:
    return base.check().findings


@pytest.fixture(scope="module")
def opposed(findings: tuple[Diagnostic, ...]) -> set[tuple[str, str]]:
    """Pairs of clauses, in both orders, cited by two different rules of one finding."""
    return {
        (one.clause, other.clause)
        for found in findings
        if found.code.id in OPPOSING and found.finding is not None
        for one, other in permutations(found.finding.cites, 2)
        if one.rule != other.rule
    }


def test_every_claim_is_a_clause(base: PolicyBase) -> None:
    clauses = [
        clause.name.rpartition(".")[2]
        for name, source in base.policy_set.sources.items()
        if name != "frame"  # what the example adds of its own
        for clause in source.clauses
    ]
    assert sorted(clauses) == sorted(claim for (claim,) in lines("claim_ids.txt"))


def test_every_claim_not_encoded_has_a_reason(base: PolicyBase) -> None:
    clauses = [clause for source in base.policy_set.sources.values() for clause in source.clauses]
    assert all(clause.unmodelled is None or clause.unmodelled.strip() for clause in clauses)


@pytest.mark.slow
def test_nothing_is_wrong_but_what_the_articles_say(findings: tuple[Diagnostic, ...]) -> None:
    ours = [found for found in findings if OUR_MISTAKES.match(found.code.id)]
    assert [found for found in ours if found.acknowledged is None] == []
    assert {found.code.id for found in ours} == {"PC203"}, "the articles do not say since when"


@pytest.mark.parametrize(("one", "other"), pairs("contradictions*.txt"))
@pytest.mark.slow
def test_contradiction_is_found(opposed: set[tuple[str, str]], one: str, other: str) -> None:
    found = (one, other) in opposed  # apart from the assertion, which would print the whole set
    assert found


@pytest.mark.parametrize(("one", "other"), pairs("no_contradictions*.txt"))
@pytest.mark.slow
def test_no_contradiction_is_reported(opposed: set[tuple[str, str]], one: str, other: str) -> None:
    found = (one, other) in opposed
    assert not found


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("README.zh.md", "zh")])
@pytest.mark.slow
def test_readme_shows_real_findings(
    base: PolicyBase, findings: tuple[Diagnostic, ...], page: str, language: Language
) -> None:
    manner = Manner(language, verbose=True, names=base.spoken_names)
    printed = {}
    for found in findings:
        text = render_diagnostics([found], manner).strip("\n") + "\n"
        printed.setdefault(text.splitlines()[0], text)

    def real(block: re.Match[str]) -> str:
        headline = block[1].splitlines()[0]
        return f"```text\n{printed.get(headline, 'no such finding: ' + headline)}```"

    file = ROOT / EXAMPLE / page
    shown = file.read_text("utf-8")
    expected = FENCE.sub(real, shown)
    if os.environ.get("UPDATE_TRANSCRIPTS") and not os.environ.get("CI"):
        file.write_text(expected, encoding="utf-8")
    assert len(FENCE.findall(shown)) >= 5
    assert shown == expected


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_readme_counts_what_is_encoded(base: PolicyBase, page: str) -> None:
    counted = {}
    for name, source in base.policy_set.sources.items():
        if name != "frame":
            left_out = sum(clause.unmodelled is not None for clause in source.clauses)
            counted[name] = (len(source.clauses), len(source.clauses) - left_out, left_out)
    told = {
        name: tuple(map(int, numbers)) for name, *numbers in COUNTS.findall((ROOT / EXAMPLE / page).read_text("utf-8"))
    }
    assert told == counted
