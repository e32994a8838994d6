"""The pages of the diagnostic codes: one for each, in both languages, with correct examples.

A block marked `policy-bad` shows the code of its page, and each `policy` block is free of it and of errors.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic
from policyc.dsl.diagnostics.messages import catalogue
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions
from tests.support.places import ROOT
from tests.support.slow import mostly_slow

RULES = ROOT / "dsl" / "diagnostics" / "rules"
PAGES = sorted(RULES.glob("*.md"))
BLOCK = re.compile(r"^```(policy(?:-bad)?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IMPLEMENTED = {key.partition(".")[0] for key in catalogue()} & set(CODES)

#: Codes that no small example can show.
WITHOUT_EXAMPLE = {"PC901"}

EXAMPLES = [
    pytest.param(page.stem, kind, body, id=f"{page.stem}-{number}-{kind}")
    for page in PAGES
    for number, (kind, body) in enumerate(BLOCK.findall(page.read_text("utf-8")), 1)
]


def found_in(text: str, folder: Path) -> tuple[Diagnostic, ...]:
    file = folder / "example.policy"
    file.write_text(text, encoding="utf-8")
    return check(compile_paths([file]), CheckOptions(date(2026, 1, 1))).findings


@pytest.mark.parametrize(("code", "kind", "body"), mostly_slow(EXAMPLES, 20))
def test_example(code: str, kind: str, body: str, tmp_path: Path) -> None:
    if code not in IMPLEMENTED:
        pytest.skip(f"{code} is not yet found by policyc")
    findings = found_in(body, tmp_path)
    codes = {finding.code.id for finding in findings}
    if kind == "policy-bad":
        assert code in codes
    else:
        errors = {f.code.id for f in findings if f.level == "error" and not f.acknowledged}
        open_ = {f.code.id for f in findings if not f.acknowledged}
        assert not errors
        assert code not in open_


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_has_its_parts(page: Path) -> None:
    """Title, severity, reason, examples of both kinds, and a Chinese section."""
    text = page.read_text("utf-8")
    code = CODES[page.stem]
    title, _, *rest = text.splitlines()
    assert title == f"# {code.id} {code.name}"
    assert rest[0].startswith(code.severity.value.capitalize())
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    examples = [] if code.id in WITHOUT_EXAMPLE else ["## Example"]
    assert headings == ["## Why", *examples, "## 中文"]
    kinds = {kind for kind, _ in BLOCK.findall(text)}
    assert kinds == (set() if code.id in WITHOUT_EXAMPLE else {"policy", "policy-bad"})


def test_every_code_that_is_found_has_a_page() -> None:
    assert {page.stem for page in PAGES} >= IMPLEMENTED


def test_pages_are_of_known_codes() -> None:
    assert {page.stem for page in PAGES} <= set(CODES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_lines_are_short(page: Path) -> None:
    """At most 115 display cells, so that a page can be read on a terminal."""
    from wcwidth import wcswidth

    for line in page.read_text("utf-8").splitlines():
        assert wcswidth(line) <= 115, line
