"""The memory of earlier runs: it makes no difference but in time, and what is damaged is not believed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from policyc.api import load
from policyc.checking import Options, checked, recalled
from policyc.solver.answers import CheckReport
from policyc.solver.memory import Memory
from policyc.solver.smt import Session

HERE = Path(__file__).parent
TODAY = date(2026, 1, 1)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    for name in ("vocabulary.policy", "bad/conflicts/two_norms.policy"):
        shutil.copy(HERE / "corpus" / name, folder / Path(name).name)
    file = folder / "two_norms.policy"
    text = file.read_text("utf-8").replace("../../vocabulary.policy", "vocabulary.policy")
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "answers.db"


def run(folder: Path, file: Path) -> CheckReport:
    """A run with a memory, as the command makes it."""
    memory = Memory(file)
    options = Options(TODAY)
    known = recalled([folder], options, memory)
    found = known or checked(load(folder), [folder], options, 1, memory)
    memory.close()
    return found.report


def is_recalled(folder: Path, file: Path) -> bool:
    return recalled([folder], Options(TODAY), Memory(file)) is not None


def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(Session, "check", refuse)


def test_an_unchanged_set_is_recalled_as_it_was(policies: Path, file: Path) -> None:
    first = run(policies, file)
    assert [finding.code.id for finding in first.findings].count("PC301") == 2
    assert is_recalled(policies, file)
    assert run(policies, file) == first


CHANGES: dict[str, Callable[[Path], object]] = {
    "a comment": lambda folder: (folder / "two_norms.policy").open("a", encoding="utf-8").write("# 注\n"),
    "a used file": lambda folder: (folder / "vocabulary.policy").open("a", encoding="utf-8").write("# 注\n"),
    "a new file": lambda folder: (folder / "new.policy").write_text("# 注\n", encoding="utf-8"),
    "a file gone": lambda folder: (folder / "two_norms.policy").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_set_is_not_recalled(policies: Path, file: Path, change: Callable[[Path], object]) -> None:
    run(policies, file)
    change(policies)
    assert not is_recalled(policies, file)


@pytest.mark.parametrize(
    "other",
    [Options(date(2026, 1, 2)), Options(TODAY, on=TODAY), Options(TODAY, codes=frozenset({"PC301"}))],
    ids=["another day", "on a day", "some codes"],
)
def test_other_questions_are_not_answered_by_it(policies: Path, file: Path, other: Options) -> None:
    run(policies, file)
    assert recalled([policies], other, Memory(file)) is None


def test_what_an_edit_leaves_alone_is_not_solved_again(
    policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(policies, file)
    CHANGES["a comment"](policies)
    no_solver(monkeypatch)
    assert run(policies, file).proved == first.proved


def test_a_changed_rule_is_solved_again(policies: Path, file: Path) -> None:
    run(policies, file)
    rules = policies / "two_norms.policy"
    text = rules.read_text("utf-8")
    assert "forbid" in text
    rules.write_text("\n".join(line for line in text.splitlines() if "forbid" not in line), encoding="utf-8")
    assert "PC301" not in [finding.code.id for finding in run(policies, file).findings]


def damaged_bytes(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(100, len(content), 97):
        content[place] ^= 0xFF
    file.write_bytes(bytes(content))


def cut_short(file: Path) -> None:
    os.truncate(file, 1000)


def no_database(file: Path) -> None:
    file.write_bytes(b"not a database at all" * 100)


def other_texts(file: Path) -> None:
    """Every entry holds another one's text."""
    with sqlite3.connect(file) as connection:
        rows = connection.execute("select key, text from answers order by key").fetchall()
        texts = [text for _, text in rows]
        for (key, _), text in zip(rows, texts[1:] + texts[:1], strict=True):
            connection.execute("update answers set text = ? where key = ?", (text, key))


@pytest.mark.parametrize("damage", [damaged_bytes, cut_short, no_database, other_texts])
def test_a_damaged_memory_is_rebuilt_in_silence(
    policies: Path, file: Path, damage: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    first = run(policies, file)
    damage(file)
    assert run(policies, file) == first
    assert run(policies, file) == first
    assert is_recalled(policies, file)
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_others_can_write_to_is_left_alone(policies: Path, file: Path) -> None:
    file.parent.mkdir()
    file.parent.chmod(0o777)
    run(policies, file)
    assert not file.exists()


def test_a_folder_that_cannot_be_made_is_done_without(policies: Path, tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file where the folder should be", encoding="utf-8")
    assert run(policies, tmp_path / "memory" / "answers.db").findings


def test_several_runs_share_one_memory(policies: Path, file: Path) -> None:
    command = [sys.executable, "-m", "policyc", "check", "--format", "json", "--exit-zero", str(policies)]
    environment = {**os.environ, "POLICYC_CACHE": str(file.parent), "POLICYC_LANG": "en"}
    runs = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    outputs = {run.communicate()[0].partition(b'"seconds"')[0] for run in runs}
    assert [run.returncode for run in runs] == [0] * 4
    assert len(outputs) == 1
    with sqlite3.connect(file) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_nothing_is_kept_or_read_without_the_cache(policies: Path, file: Path) -> None:
    command = [sys.executable, "-m", "policyc", "check", "--no-cache", "--exit-zero", str(policies)]
    environment = {**os.environ, "POLICYC_CACHE": str(file.parent)}
    assert subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == 0
    assert not file.exists()
