"""The cache file: damaged, forged, locked or foreign files are not trusted, and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from policyc.api import load
from policyc.cache.report_cache import cached, check_and_cache
from policyc.cli.main import main
from policyc.dsl.system.digests import digest
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.cache.answers import AnswerCache
from policyc.solver.engine.cache.store import Trouble
from tests.support.memory import TODAY, codes, comment, is_recalled, run
from tests.support.waiting import HANGS

pytestmark = pytest.mark.slow


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
    """Gives every entry the text of another."""
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
    """Replaces every entry by a report without findings that has a correct check sum."""
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
    """Anyone can compute a check sum, so the program also asks who could write the file."""
    first = run(policies, file)
    forged(file)
    assert run(policies, file) != first, "the forgery would be believed"
    try:
        change(file)
    except PermissionError:
        pytest.skip("only root can give files away")
    memory = AnswerCache(file)
    assert cached([policies], CheckOptions(TODAY), memory) is None
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
    """It is not used while another run writes, and is used again afterwards."""
    first = run(policies, file)
    monkeypatch.setattr("policyc.solver.engine.cache.store.PATIENCE", 0.1)
    identity = file.stat().st_ino
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(f"begin {lock}")
        comment(policies)
        memory = AnswerCache(file)
        base = load(policies)
        assert cached([policies], CheckOptions(TODAY), memory) is None
        assert memory.trouble is (Trouble.LOCKED if lock == "exclusive" else None)
        assert codes(check_and_cache(base, [policies], CheckOptions(TODAY), memory).report) == codes(first)
        memory.close()
        assert memory.trouble is Trouble.LOCKED
    assert file.stat().st_ino == identity
    run(policies, file)
    assert is_recalled(policies, file)


def test_a_lock_that_ends_is_waited_for(policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyc.solver.engine.cache.store.PATIENCE", HANGS)
    first = run(policies, file)
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("begin exclusive")
    release = threading.Timer(0.3, lambda: connection.execute("rollback"))
    release.start()
    memory = AnswerCache(file)
    found = cached([policies], CheckOptions(TODAY), memory)
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
    assert check_and_cache(load(policies), [policies], CheckOptions(TODAY), memory).report.findings
    memory.close()
    assert memory.trouble is Trouble.UNUSABLE
    monkeypatch.undo()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        assert connection.execute("select count(*) from answers").fetchone() == (0,)


def test_a_memory_that_cannot_be_written_is_read(policies: Path, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This happens on a disk that is mounted read-only."""
    first = run(policies, file)
    original = sqlite3.connect

    def read_only(name: Path, **options: Any) -> sqlite3.Connection:
        return original(f"file:{name}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    assert run(policies, file) == first
    assert is_recalled(policies, file)
    comment(policies)
    memory = AnswerCache(file)
    check_and_cache(load(policies), [policies], CheckOptions(TODAY), memory)
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
    """Neither its report nor any of its answers is used; each solver finds its own again."""
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
