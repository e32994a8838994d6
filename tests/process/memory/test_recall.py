"""The cache only saves time: unchanged sets are recalled, changed ones solved again."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.api import load
from policyc.cache.report_cache import cached, check_and_cache
from policyc.cli.main import main
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.cache.answers import AnswerCache
from tests.support.memory import TODAY, codes, comment, is_recalled, no_solver, run

pytestmark = pytest.mark.slow


def test_an_unchanged_set_is_recalled_as_it_was(policies: Path, file: Path) -> None:
    first = run(policies, file)
    assert [finding.code.id for finding in first.findings].count("PC301") == 2
    assert is_recalled(policies, file)
    assert run(policies, file) == first


@pytest.mark.parametrize("name", [".", "./", "../policies", "../policies/.", "two_norms.policy", "../current"])
def test_it_is_recalled_however_it_is_called(
    policies: Path, file: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (policies.parent / "current").symlink_to("policies")
    monkeypatch.chdir(policies)
    run(Path(name), file)
    assert is_recalled(Path(name), file)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a comment": comment,
    "a used file": lambda folder: (folder / "vocabulary.policy").open("a", encoding="utf-8").write("# 注\n"),
    "a new file": lambda folder: (folder / "new.policy").write_text("# 注\n", encoding="utf-8"),
    "a file gone": lambda folder: (folder / "two_norms.policy").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_set_is_not_recalled(policies: Path, file: Path, change: Callable[[Path], object]) -> None:
    run(policies, file)
    change(policies)
    assert not is_recalled(policies, file)


def linked(folder: Path) -> Path:
    """A link to the folder of the set, which tests point elsewhere."""
    link = folder.parent / "current"
    link.symlink_to(folder)
    return link


def without_the_forbid(folder: Path) -> None:
    """Removes the rule that contradicts; the file keeps its time and size."""
    rules = folder / "two_norms.policy"
    status, text = rules.stat(), rules.read_text("utf-8")
    assert "  forbid" in text
    rules.write_text(re.sub("^  forbid", "# forbid", text, flags=re.MULTILINE), encoding="utf-8")
    os.utime(rules, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_link_that_is_pointed_elsewhere(policies: Path, file: Path) -> None:
    """A link to a folder and a link to a file, each pointed elsewhere and back."""
    other = policies.parent / "other"
    shutil.copytree(policies, other)
    without_the_forbid(other)
    link = linked(policies)
    for target, found in ((policies, True), (other, False), (policies, True), (other, False)):
        link.unlink()
        link.symlink_to(target)
        assert ("PC301" in codes(run(link, file))) is found
    inner = policies / "two_norms.policy"
    inner.rename(policies / "kept")
    for target, found in ((policies / "kept", True), (other / inner.name, False)):
        inner.unlink(missing_ok=True)
        inner.symlink_to(target)
        assert ("PC301" in codes(run(policies, file))) is found


def test_a_change_that_neither_size_nor_time_shows(policies: Path, file: Path) -> None:
    assert "PC301" in codes(run(policies, file))
    without_the_forbid(policies)
    assert "PC301" not in codes(run(policies, file))


@pytest.mark.parametrize("back", [False, True], ids=["changed", "changed and back again"])
def test_a_file_saved_during_a_run(policies: Path, file: Path, back: bool) -> None:
    """The report belongs to the text that was read and is never given for another."""
    rules = policies / "two_norms.policy"
    text = rules.read_bytes()
    memory = AnswerCache(file)
    base = load(policies)
    without_the_forbid(policies)
    report = check_and_cache(base, [policies], CheckOptions(TODAY), memory).report
    memory.close()
    assert "PC301" in codes(report)
    assert not is_recalled(policies, file)
    if back:
        rules.write_bytes(text)
    assert ("PC301" in codes(run(policies, file))) is back


def test_a_file_read_in_the_middle_of_a_change(policies: Path, file: Path) -> None:
    """The report is kept for the text that was read, although the file had another text before and after."""
    rules = policies / "two_norms.policy"
    text = rules.read_bytes()
    without_the_forbid(policies)
    base = load(policies)
    rules.write_bytes(text)
    memory = AnswerCache(file)
    check_and_cache(base, [policies], CheckOptions(TODAY), memory)
    memory.close()
    assert not is_recalled(policies, file)
    assert "PC301" in codes(run(policies, file))


APPEARING: dict[str, Callable[[Path], object]] = {
    "a used file": lambda folder: (folder / "parts" / "new.policy").write_text("# 注\n", encoding="utf-8"),
    "a table": lambda folder: (folder / "parts" / "new.csv").write_text("code,name,parent\n", encoding="utf-8"),
    "a file below": lambda folder: (folder / "deep" / "er" / "new.policy").write_text("fact", encoding="utf-8"),
    "a FIFO": lambda folder: os.mkfifo(folder / "deep" / "x.policy"),
    "a broken link": lambda folder: (folder / "deep" / "x.policy").symlink_to("none"),
    "a folder called like a file": lambda folder: (folder / "deep" / "x.policy").mkdir(),
}


@pytest.mark.parametrize("appear", APPEARING.values(), ids=APPEARING)
def test_what_appears_and_vanishes_is_seen(policies: Path, file: Path, appear: Callable[[Path], object]) -> None:
    """A report also depends on files that the program looked for and did not find."""
    (policies / "deep" / "er").mkdir(parents=True)
    (policies / "parts").mkdir()
    main_file = policies / "main.policy"
    main_file.write_text('use "parts/new.policy"\nregions "parts/new.csv"\n', encoding="utf-8")
    before = run(policies, file)
    assert is_recalled(policies, file)
    appear(policies)
    assert not is_recalled(policies, file)
    after = run(policies, file)
    assert after != before
    assert is_recalled(policies, file)
    main_file.unlink()
    assert not is_recalled(policies, file)


def test_what_cannot_be_read_is_looked_at_again(policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The permission of a folder is taken away and given back."""
    inner = policies / "inner"
    inner.mkdir()
    run(policies, file)
    original = os.scandir

    def refused(path: Path) -> object:
        if os.fspath(path) == str(inner):
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert not is_recalled(policies, file)
    assert "PC002" in codes(run(policies, file))
    assert is_recalled(policies, file)
    monkeypatch.undo()
    assert not is_recalled(policies, file)


def test_what_comes_by_standard_input_is_read_each_time(
    policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This holds even if a file has the name shown for standard input, and the same content."""
    monkeypatch.chdir(policies)
    monkeypatch.setenv("POLICYC_CACHE", str(file.parent))
    text = Path("two_norms.policy").read_text("utf-8")
    without_the_forbid(policies)
    shutil.copy("two_norms.policy", "<stdin>")
    for given, found in ((Path("<stdin>").read_text("utf-8"), False), (text, True)):
        done = CliRunner().invoke(main, ["check", "--format", "json", "-"], input=given)
        assert ("PC301" in {finding["code"] for finding in json.loads(done.stdout)["findings"]}) is found


def test_settings_that_appear_are_seen(policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run reads the settings again."""
    monkeypatch.chdir(policies)
    monkeypatch.setenv("POLICYC_CACHE", str(file.parent))

    def found() -> set[str]:
        done = CliRunner().invoke(main, ["check", "--format", "json", "."])
        return {finding["code"] for finding in json.loads(done.stdout)["findings"]}

    everything = found()
    assert "PC301" in everything
    (policies / "pyproject.toml").write_text('[tool.policyc]\nignore = ["PC301"]\n', encoding="utf-8")
    assert found() == everything - {"PC301"}
    (policies / "pyproject.toml").unlink()
    assert found() == everything


@pytest.mark.parametrize(
    "other",
    [
        CheckOptions(date(2026, 1, 2)),
        CheckOptions(TODAY, on=TODAY),
        CheckOptions(TODAY, codes=frozenset({"PC301"})),
    ],
    ids=["another day", "on a day", "some codes"],
)
def test_other_questions_are_not_answered_by_it(policies: Path, file: Path, other: CheckOptions) -> None:
    run(policies, file)
    assert cached([policies], other, AnswerCache(file)) is None


def test_what_an_edit_leaves_alone_is_not_solved_again(
    policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(policies, file)
    comment(policies)
    no_solver(monkeypatch)
    assert run(policies, file).proved == first.proved


def test_a_changed_rule_is_solved_again(policies: Path, file: Path) -> None:
    run(policies, file)
    rules = policies / "two_norms.policy"
    text = rules.read_text("utf-8")
    assert "forbid" in text
    rules.write_text("\n".join(line for line in text.splitlines() if "forbid" not in line), encoding="utf-8")
    assert "PC301" not in [finding.code.id for finding in run(policies, file).findings]
