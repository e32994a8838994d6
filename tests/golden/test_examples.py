"""The examples show what their pages say. `test_docs.py` compares the output on the pages."""

from __future__ import annotations

import difflib
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import policyc
from policyc.cli.main import main
from policyc.config import Settings, read_settings
from policyc.dsl.model import VerdictIs
from tests.support.places import EXAMPLES

REFORM = EXAMPLES / "reform"
CI = EXAMPLES / "ci"


# --- two-towns ---------------------------------------------------------------------------------------------


def test_two_towns_have_one_conflict_and_the_repair_has_none() -> None:
    towns = EXAMPLES / "two-towns"
    grave = [f for f in policyc.load(towns / "conflict").check().findings if f.level.value != "note"]
    assert [(f.code.id, f.finding.rules) for f in grave] == [("PC301", ("east.siblings", "east.outsiders"))]
    assert {f.level.value for f in policyc.load(towns / "repaired").check().findings} <= {"note"}


def test_the_repair_is_one_line() -> None:
    """The page quotes it; the first line is a comment on the file itself."""
    before, after = (
        (EXAMPLES / "two-towns" / version / "towns.policy").read_text("utf-8").splitlines()[1:]
        for version in ("conflict", "repaired")
    )
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert [line[0] for line in changed] == ["-", "+"]
    for page in ("README.md", "README.zh.md"):
        text = (EXAMPLES / "two-towns" / page).read_text("utf-8")
        assert all(f"\n{line[2:].strip()}\n" in text for line in changed)
        assert f"{len(before) + 1} l" in text or f"{len(before) + 1} 行" in text


# --- reform ------------------------------------------------------------------------------------------------


def expected(version: str) -> dict[str, str]:
    """The verdict that each test of a version expects."""
    found = {}
    for test in policyc.load(REFORM / version).policy_set.tests:
        (expectation,) = test.expect
        assert isinstance(expectation, VerdictIs)
        found[test.name] = expectation.verdict.value
    return found


@pytest.mark.parametrize("version", ["before", "after"])
def test_the_tests_of_the_reform_hold_and_leave_nothing_out(version: str) -> None:
    base = policyc.load(REFORM / version)
    report = base.test(coverage=True)
    assert {test.status for test in report.tests} == {"passed"}
    assert report.coverage is not None
    assert report.coverage.missing == ()
    assert {finding.level.value for finding in base.check().findings} <= {"note"}


def test_the_page_of_the_reform_lists_its_tests() -> None:
    """Each by name, with what is expected before and after; some gain, some lose, some do neither."""
    rows = re.findall(
        r"^\| (\S+) \| [^|]+ \| (\w+) \| (\w+) \|$", (REFORM / "README.md").read_text("utf-8"), re.MULTILINE
    )
    before, after = expected("before"), expected("after")
    listed = {name: (old, new) for name, old, new in rows if name != "test"}
    assert listed == {name: (before[name], after[name]) for name in before}
    assert before.keys() == after.keys()
    changes = {pair for pair in listed.values() if pair[0] != pair[1]}
    assert changes == {("permitted", "denied"), ("denied", "permitted")}


def test_nothing_changes_before_the_reform_is_in_force() -> None:
    before, after = (
        policyc.load(REFORM / version / "rules.policy").matrix(each="relation", given={"date": "2026-06-30"})
        for version in ("before", "after")
    )
    assert before.matrices == after.matrices


# --- ci ----------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example as a repository of its own."""
    shutil.copytree(CI, tmp_path / "ci")
    monkeypatch.chdir(tmp_path / "ci")
    return tmp_path / "ci"


def commands(file: str) -> list[str]:
    """The command lines of policyc in a CI file."""

    def strings(value: object) -> Iterator[str]:
        match value:
            case str():
                yield value
            case list():
                for item in value:
                    yield from strings(item)
            case dict():
                for item in value.values():
                    yield from strings(item)

    content = yaml.safe_load((CI / file).read_text("utf-8"))
    found = [words for words in strings(content) if words.startswith("policyc ")]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("file", "number"),
    [(".github/workflows/policies.yml", 2), (".gitlab-ci.yml", 2), (".pre-commit-config.yaml", 2)],
)
@pytest.mark.slow
def test_the_commands_of_ci_pass_and_fail_when_they_should(copied: Path, file: str, number: int) -> None:
    lines = commands(file)
    assert len(lines) == number
    for line in lines:
        assert CliRunner().invoke(main, shlex.split(line)[1:]).exit_code == 0, line
    policy = copied / "policies" / "丙市.policy"
    policy.write_text(policy.read_text("utf-8").replace("例外于 近亲可用 ", ""), encoding="utf-8")
    for line in lines:
        assert CliRunner().invoke(main, shlex.split(line)[1:]).exit_code == 1, line


def test_gitlab_finds_the_file_that_is_written(copied: Path) -> None:
    (line,) = [line for line in commands(".gitlab-ci.yml") if "junit" in line]
    CliRunner().invoke(main, shlex.split(line)[1:])
    job = yaml.safe_load((CI / ".gitlab-ci.yml").read_text("utf-8"))["policies"]
    assert (copied / job["artifacts"]["reports"]["junit"]).is_file()


def test_the_settings_of_ci_are_understood() -> None:
    settings = read_settings(CI)
    assert settings.paths == (CI / "policies", CI / "tests")
    assert settings != Settings(paths=settings.paths)
