"""The memory of earlier runs: it makes no difference but in time, and what is damaged is not believed."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from policyc.api import load
from policyc.cache.report_cache import checked, recalled
from policyc.cli.main import main
from policyc.dsl.system.digests import digest
from policyc.solver.backends.z3_backend import Session
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.cache.answers import AnswerCache
from policyc.solver.engine.cache.store import Trouble
from policyc.solver.report.reports import CheckReport
from tests.support.places import CORPUS

TODAY = date(2026, 1, 1)


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    for name in ("vocabulary.policy", "bad/conflicts/two_norms.policy"):
        shutil.copy(CORPUS / name, folder / Path(name).name)
    file = folder / "two_norms.policy"
    text = file.read_text("utf-8").replace("../../vocabulary.policy", "vocabulary.policy")
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "answers.db"


def run(folder: Path, file: Path) -> CheckReport:
    """A run with a memory, as the command makes it."""
    memory = AnswerCache(file)
    options = CheckOptions(TODAY)
    known = recalled([folder], options, memory)
    found = known or checked(load(folder), [folder], options, memory)
    memory.close()
    return found.report


def is_recalled(folder: Path, file: Path) -> bool:
    return recalled([folder], CheckOptions(TODAY), AnswerCache(file)) is not None


def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(Session, "check", refuse)


def test_an_unchanged_set_is_recalled_as_it_was(policies: Path, file: Path) -> None:
    first = run(policies, file)
    assert [finding.code.id for finding in first.findings].count("PC301") == 2
    assert is_recalled(policies, file)
    assert run(policies, file) == first


@pytest.mark.parametrize(
    "name", [".", "./", "../policies", "../policies/.", "two_norms.policy", "../current"]
)
def test_it_is_recalled_however_it_is_called(
    policies: Path, file: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (policies.parent / "current").symlink_to("policies")
    monkeypatch.chdir(policies)
    run(Path(name), file)
    assert is_recalled(Path(name), file)


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


def linked(folder: Path) -> Path:
    """A link to a folder that can be pointed elsewhere, at first to the set."""
    link = folder.parent / "current"
    link.symlink_to(folder)
    return link


def without_the_forbid(folder: Path) -> None:
    """The rules without the one that contradicts, in the time and the size of those before."""
    rules = folder / "two_norms.policy"
    status, text = rules.stat(), rules.read_text("utf-8")
    assert "  forbid" in text
    rules.write_text(re.sub("^  forbid", "# forbid", text, flags=re.MULTILINE), encoding="utf-8")
    os.utime(rules, ns=(status.st_atime_ns, status.st_mtime_ns))


def codes(report: CheckReport) -> set[str]:
    return {finding.code.id for finding in report.findings}


def test_a_link_that_is_pointed_elsewhere(policies: Path, file: Path) -> None:
    """To a folder, and to a file in one; there and back again."""
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
    """The report is that of the text that was read; for another one it is never given."""
    rules = policies / "two_norms.policy"
    text = rules.read_bytes()
    memory = AnswerCache(file)
    base = load(policies)
    without_the_forbid(policies)
    report = checked(base, [policies], CheckOptions(TODAY), memory).report
    memory.close()
    assert "PC301" in codes(report)
    assert not is_recalled(policies, file)
    if back:
        rules.write_bytes(text)
    assert ("PC301" in codes(run(policies, file))) is back


def test_a_file_read_in_the_middle_of_a_change(policies: Path, file: Path) -> None:
    """What was read is kept as what was read, though before and after something else stands there."""
    rules = policies / "two_norms.policy"
    text = rules.read_bytes()
    without_the_forbid(policies)
    base = load(policies)
    rules.write_bytes(text)
    memory = AnswerCache(file)
    checked(base, [policies], CheckOptions(TODAY), memory)
    memory.close()
    assert not is_recalled(policies, file)
    assert "PC301" in codes(run(policies, file))


APPEARING: dict[str, Callable[[Path], object]] = {
    "a used file": lambda folder: (folder / "parts" / "new.policy").write_text("# 注\n", encoding="utf-8"),
    "a table": lambda folder: (folder / "parts" / "new.csv").write_text(
        "code,name,parent\n", encoding="utf-8"
    ),
    "a file below": lambda folder: (folder / "deep" / "er" / "new.policy").write_text(
        "fact", encoding="utf-8"
    ),
    "a FIFO": lambda folder: os.mkfifo(folder / "deep" / "x.policy"),
    "a broken link": lambda folder: (folder / "deep" / "x.policy").symlink_to("none"),
    "a folder called like a file": lambda folder: (folder / "deep" / "x.policy").mkdir(),
}


@pytest.mark.parametrize("appear", APPEARING.values(), ids=APPEARING)
def test_what_appears_and_vanishes_is_seen(
    policies: Path, file: Path, appear: Callable[[Path], object]
) -> None:
    """A file that was looked for in vain is part of what a report rests on."""
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


def test_what_cannot_be_read_is_looked_at_again(
    policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder whose permission was taken away and given back."""
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
    """Even where a file is called as standard input is shown, and holds the same."""
    monkeypatch.chdir(policies)
    monkeypatch.setenv("POLICYC_CACHE", str(file.parent))
    text = Path("two_norms.policy").read_text("utf-8")
    without_the_forbid(policies)
    shutil.copy("two_norms.policy", "<stdin>")
    for given, found in ((Path("<stdin>").read_text("utf-8"), False), (text, True)):
        done = CliRunner().invoke(main, ["check", "--format", "json", "-"], input=given)
        assert ("PC301" in {finding["code"] for finding in json.loads(done.stdout)["findings"]}) is found


def test_settings_that_appear_are_seen(policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read anew in each run."""
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
    assert recalled([policies], other, AnswerCache(file)) is None


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


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_a_folder_that_others_can_write_to_is_left_alone(policies: Path, file: Path, mode: int) -> None:
    file.parent.mkdir()
    file.parent.chmod(mode)
    run(policies, file)
    assert not file.exists()


def test_only_the_user_can_read_and_write_it(policies: Path, file: Path) -> None:
    before = os.umask(0)
    try:
        run(policies, file)
    finally:
        os.umask(before)
    assert (stat.S_IMODE(file.parent.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)


def forged(file: Path) -> None:
    """Every entry says that nothing is wrong, with a check sum that is right."""
    with sqlite3.connect(file) as connection:
        for key, text in connection.execute("select key, text from answers").fetchall():
            lie = re.sub(r'"PC301"', '"PC302"', text)
            connection.execute(
                "update answers set text = ?, sum = ? where key = ?", (lie, digest(key, lie.encode()), key)
            )


def another_owner(file: Path) -> None:
    os.chown(file, 65534, 65534)


UNTRUSTED: dict[str, Callable[[Path], object]] = {
    "a file that the group can write to": lambda file: file.chmod(0o660),
    "a file that all can write to": lambda file: file.chmod(0o606),
    "a folder that all can write to": lambda file: file.parent.chmod(0o777),
    "a file of somebody else": another_owner,
    "a folder of somebody else": lambda file: another_owner(file.parent),
}


@pytest.mark.parametrize("change", UNTRUSTED.values(), ids=UNTRUSTED)
def test_what_others_may_have_written_is_not_believed(
    policies: Path, file: Path, change: Callable[[Path], object]
) -> None:
    """Anyone can compute the check sum of a lie, so it is asked who can have written it."""
    first = run(policies, file)
    forged(file)
    assert run(policies, file) != first, "the forgery would be believed"
    try:
        change(file)
    except PermissionError:
        pytest.skip("only root can give files away")
    memory = AnswerCache(file)
    assert recalled([policies], CheckOptions(TODAY), memory) is None
    assert memory.trouble is Trouble.FOREIGN
    content = file.read_bytes()
    assert run(policies, file) == first
    assert file.read_bytes() == content


def test_a_link_in_its_place_is_not_followed(policies: Path, file: Path) -> None:
    run(policies, file)
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")
    assert not is_recalled(policies, file)


def test_a_memory_of_another_program_is_left_alone(policies: Path, file: Path) -> None:
    """A sound database with other tables in it."""
    file.parent.mkdir(mode=0o700)
    with sqlite3.connect(file) as connection:
        connection.execute("create table answers (question text)")
        connection.execute("insert into answers values ('42')")
    assert run(policies, file).findings
    with sqlite3.connect(file) as connection:
        assert connection.execute("select * from answers").fetchall() == [("42",)]


@pytest.mark.parametrize("lock", ["exclusive", "immediate"])
def test_a_locked_memory_is_waited_for_and_never_deleted(
    policies: Path, file: Path, lock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as another run writes; once that is over it is used again."""
    first = run(policies, file)
    monkeypatch.setattr("policyc.solver.engine.cache.store.PATIENCE", 0.1)
    identity = file.stat().st_ino
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"begin {lock}")
        CHANGES["a comment"](policies)
        memory = AnswerCache(file)
        base = load(policies)
        assert recalled([policies], CheckOptions(TODAY), memory) is None
        assert memory.trouble is (Trouble.LOCKED if lock == "exclusive" else None)
        assert codes(checked(base, [policies], CheckOptions(TODAY), memory).report) == codes(first)
        memory.close()
        assert memory.trouble is Trouble.LOCKED
    assert file.stat().st_ino == identity
    run(policies, file)
    assert is_recalled(policies, file)


def test_a_lock_that_ends_is_waited_for(policies: Path, file: Path) -> None:
    first = run(policies, file)
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("begin exclusive")
    release = threading.Timer(0.3, lambda: connection.execute("rollback"))
    release.start()
    memory = AnswerCache(file)
    found = recalled([policies], CheckOptions(TODAY), memory)
    release.join()
    connection.close()
    assert found is not None and found.report == first
    assert memory.trouble is None


def test_a_full_disk_is_done_without(policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = sqlite3.connect

    def cramped(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = original(*arguments, **options)
        connection.execute("pragma max_page_count = 3")
        return connection

    monkeypatch.setattr(sqlite3, "connect", cramped)
    memory = AnswerCache(file)
    assert checked(load(policies), [policies], CheckOptions(TODAY), memory).report.findings
    memory.close()
    assert memory.trouble is Trouble.UNUSABLE
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select count(*) from answers").fetchone() == (0,)


def test_a_memory_that_cannot_be_written_is_read(
    policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is mounted for reading only."""
    first = run(policies, file)
    original = sqlite3.connect

    def read_only(name: Path, **options: Any) -> sqlite3.Connection:
        return original(f"file:{name}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    assert run(policies, file) == first
    assert is_recalled(policies, file)
    CHANGES["a comment"](policies)
    memory = AnswerCache(file)
    checked(load(policies), [policies], CheckOptions(TODAY), memory)
    memory.close()
    assert memory.trouble is Trouble.UNUSABLE


def test_why_it_is_not_used_is_told_to_those_who_ask(policies: Path, file: Path) -> None:
    file.parent.mkdir()
    file.parent.chmod(0o777)
    environment = {"POLICYC_CACHE": str(file.parent), "POLICYC_LANG": "en"}
    words = ["check", "--exit-zero", str(policies)]
    assert CliRunner().invoke(main, words, env=environment).stderr == ""
    told = CliRunner().invoke(main, [*words, "-v"], env=environment).stderr
    assert told.startswith(f"policyc: the cache `{file}` is not used, since others than you can write to it")
    told = CliRunner().invoke(main, ["--lang", "zh", *words, "-v"], env=environment).stderr
    assert told.startswith("policyc：没有使用缓存")


def other_solver(folder: Path, version: str) -> dict[str, str]:
    """An environment in which the same Z3 is installed under another version."""
    import z3

    site = folder / version
    (site / f"z3_solver-{version}.dist-info").mkdir(parents=True)
    (site / "z3").symlink_to(Path(z3.__file__).parent)
    return {**os.environ, "PYTHONPATH": str(site), "POLICYC_LANG": "en"}


def test_what_another_solver_found_out_is_not_recalled(policies: Path, file: Path, tmp_path: Path) -> None:
    """Neither its report nor a single answer of it; and each finds its own again."""
    command = [sys.executable, "-m", "policyc", "check", "--exit-zero", str(policies)]

    def entries(version: str) -> int:
        environment = {**other_solver(tmp_path, version), "POLICYC_CACHE": str(file.parent)}
        shown = subprocess.run(command, env=environment, check=True, capture_output=True).stdout
        assert b"error[PC301]" in shown
        shutil.rmtree(tmp_path / version)
        with contextlib.closing(sqlite3.connect(file)) as connection:
            (count,) = connection.execute("select count(*) from answers").fetchone()
        return int(count)

    once = entries("4.13.4.0")
    assert entries("4.13.4.0") == once
    assert entries("4.14.0.0") == 2 * once
    assert entries("4.13.4.0") == 2 * once


def test_a_recalled_report_loads_no_solver(policies: Path, file: Path) -> None:
    program = (
        "import sys; from click.testing import CliRunner; from policyc.cli.main import main\n"
        f"done = CliRunner().invoke(main, ['check', {str(policies)!r}])\n"
        "print(done.exit_code, 'z3' in sys.modules)"
    )
    environment = {**os.environ, "POLICYC_CACHE": str(file.parent)}
    run_ = [sys.executable, "-c", program]
    first, second = (subprocess.run(run_, env=environment, capture_output=True, check=True) for _ in range(2))
    assert (first.stdout, second.stdout) == (b"1 True\n", b"1 False\n")


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
