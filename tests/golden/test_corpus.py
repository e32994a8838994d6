"""The corpus: policy files, with expected findings as comments on the lines concerned.

    permit bind a when filed cite s.c1   # expect: PC301 conflicting-norms
    permit bind b when filed             # expect: PC201 missing-citation, PC301 conflicting-norms acknowledged

Every file of `bad/` and `good/` is checked alone, as by `policyc check FILE`; the comments of the files it uses count
too. Unexpected findings fail like missing ones, so a new diagnostic code shows wherever it occurs. Files of `good/`
are near misses of those in `bad/`: they expect nothing, or only acknowledged findings. Files whose name begins with
`_` are used by others and not checked alone. A file with a line `# defect: …` shows what policyc does not do yet; it
fails once that is fixed.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from policyc.dsl.diagnostics.diagnostic import CODES
from policyc.dsl.diagnostics.messages import catalogue
from policyc.dsl.system.limits import Undecided
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions
from tests.support.places import CORPUS, CORPUS_FILES, corpus_name
from tests.support.slow import mostly_slow

EXPECT = re.compile(r"# expect: (.*)")
DEFECT = re.compile(r"^# defect: (.*)", re.MULTILINE)
TODAY = date(2026, 1, 1)

#: Codes that the checker can find, that is, has words for.
IMPLEMENTED = {key.partition(".")[0] for key in catalogue()} & set(CODES)

#: File, line, and what is found there: code, name and, where it is, `acknowledged`.
Findings = Counter[tuple[str, int, str]]


def topic(file: Path) -> str:
    return corpus_name(file)


def expected(file: Path) -> Findings:
    found: Findings = Counter()
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        match = EXPECT.search(line)
        if match:
            found.update((file.name, number, item.strip()) for item in match[1].split(","))
    return found


def checked(file: Path) -> tuple[Findings, Findings]:
    """What the files of a run expect, and what `policyc check` finds in them."""
    compiled = compile_paths([file])
    wanted = sum((expected(Path(source.path)) for source in compiled.policy_set.files), Counter())
    found: Findings = Counter()
    for finding in check(compiled, CheckOptions(TODAY)).findings:
        place = finding.primary.span if finding.primary else None
        name, line = (Path(place.file.path).name, place.file.position(place.start)[0]) if place else ("", 0)
        words = [finding.code.id, finding.code.name, *(["acknowledged"] if finding.acknowledged else [])]
        found[name, line, " ".join(words)] += 1
    return wanted, found


@pytest.mark.parametrize("file", mostly_slow(CORPUS_FILES, len(CORPUS_FILES) // 2), ids=topic)
def test_finds_what_is_expected_and_nothing_else(file: Path, request: pytest.FixtureRequest) -> None:
    if match := DEFECT.search(file.read_text("utf-8")):
        request.applymarker(pytest.mark.xfail(reason=match[1], strict=True))
    wanted, found = checked(file)
    missing = {item.split()[0] for _, _, item in wanted} - IMPLEMENTED
    if missing:
        pytest.skip(f"not yet found by policyc: {', '.join(sorted(missing))}")
    assert found == wanted


@pytest.mark.parametrize("file", CORPUS_FILES, ids=topic)
def test_expectations_are_well_written(file: Path) -> None:
    """Bad files expect something, good ones nothing that would fail; codes go with their names."""
    items = [item.split() for _, _, item in expected(file)]
    assert all(len(words) in (2, 3) and words[1] == CODES[words[0]].name for words in items)
    assert all(words[2:] in ([], ["acknowledged"]) for words in items)
    if CORPUS / "good" in file.parents:
        assert all(words[2:] for words in items)


def test_every_code_has_its_case() -> None:
    """Every code that can be found is expected somewhere. PC901 takes time to run out: see below."""
    shown = {item.split()[0] for file in CORPUS.glob("bad/**/*.policy") for _, _, item in expected(file)}
    assert IMPLEMENTED - {"PC901"} <= shown


def test_bad_files_expect_something() -> None:
    for file in CORPUS.glob("bad/**/*.policy"):
        users = [file, *file.parent.glob("_*.policy")]
        assert any(expected(user) for user in users), topic(file)


def test_every_topic_has_a_near_miss() -> None:
    topics = {kind: {folder.name for folder in (CORPUS / kind).iterdir()} for kind in ("bad", "good")}
    assert topics["bad"] == topics["good"]


def test_what_is_undecided_leaves_the_rest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def gives_up(context: object) -> None:
        raise Undecided("timeout")

    monkeypatch.setattr("policyc.solver.checks.claims.axioms.contradicting_axioms", gives_up)
    report = check(compile_paths([CORPUS / "bad" / "conflicts" / "two_norms.policy"]), CheckOptions(TODAY))
    assert [finding.code.id for finding in report.findings] == ["PC901", "PC301", "PC301"]
