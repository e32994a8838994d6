"""The command line as a process: exit codes, streams, languages, files, settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

import policyc
from policyc.cli.io import coloured, write_report
from policyc.cli.main import main
from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Severity, text
from policyc.tally import exit_code
from tests.support.places import POLICIES, ROOT
from tests.support.sets.one_city import CLEAN, CONFLICT, UNCITED
from tests.support.waiting import HANGS


def run(*words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "POLICYC_", "PYTHONIOENCODING"))}
    return subprocess.run(
        [sys.executable, "-m", "policyc", *words],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env={**environment, **(env or {})},
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    return tmp_path


def check(content: str, *words: str) -> int:
    Path("a.policy").write_text(content, encoding="utf-8")
    return CliRunner().invoke(main, ["check", "a.policy", *words]).exit_code


# --- Exit codes --------------------------------------------------------------------------------------------


def test_a_clean_set_is_fine(folder: Path) -> None:
    assert check(CLEAN) == 0


def test_an_error_is_not_fine(folder: Path) -> None:
    assert check(CONFLICT) == 1
    assert check(CONFLICT, "--exit-zero") == 0
    assert check(CONFLICT, "--ignore", "PC301") == 0
    assert check(CONFLICT, "--select", "pc3") == 1
    assert check(CONFLICT, "--select", "PC301,PC4", "--ignore", "PC3") == 0


def test_warnings_fail_only_when_asked_to(folder: Path) -> None:
    assert check(UNCITED) == 0
    assert check(UNCITED, "--fail-on", "warning") == 1
    assert check(UNCITED, "--fail-on", "note") == 1


def test_errors_of_the_text_cannot_be_ignored(folder: Path) -> None:
    """`--ignore` does not hide them: nothing has been checked."""
    assert check("polcy x {", "--ignore", "PC0") == 1


@pytest.mark.parametrize(
    ("codes", "fail_on", "expected"),
    [
        ([], "note", 0),
        (["PC901"], "error", 3),
        (["PC901", "PC402"], "error", 3),
        (["PC901", "PC402"], "warning", 1),
        (["PC901", "PC301"], "error", 1),
        (["PC302"], "note", 1),
        (["PC302"], "warning", 0),
    ],
)
def test_precedence_of_exit_codes(codes: list[str], fail_on: str, expected: int) -> None:
    """Undecided findings determine the exit code only if there are no others."""
    findings = [Diagnostic(CODES[code], text("ask.value", value=""), None) for code in codes]
    assert exit_code(findings, Severity(fail_on)) == expected


def test_acknowledged_findings_do_not_fail() -> None:
    finding = Diagnostic(CODES["PC301"], text("ask.value", value=""), None, acknowledged="known")
    assert exit_code([finding], Severity.NOTE) == 0


def test_a_defect_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the\nmatter")

    monkeypatch.setattr("policyc.api.load", broken)
    done = CliRunner().invoke(main, ["check", "."])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "policyc: defect in policyc itself (RuntimeError: the); please report it, with what POLICYC_DEBUG=1 shows"
    ]
    monkeypatch.setenv("POLICYC_DEBUG", "1")
    assert "Traceback" in CliRunner().invoke(main, ["check"]).stderr


# --- Streams -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1", "zh_CN.GB18030"])
@pytest.mark.parametrize("encoding", ["ascii", "gb18030", "utf-8"])
@pytest.mark.slow
def test_reports_are_utf8_whatever_the_locale(folder: Path, locale: str, encoding: str) -> None:
    Path("重庆.policy").write_text(CONFLICT, encoding="utf-8")
    done = run("check", ".", cwd=folder, env={"LC_ALL": locale, "PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert "重庆.policy:" in done.stdout
    assert "中华" not in run("check", "中华", cwd=folder, env={"LC_ALL": locale}).stdout
    assert "`中华`" in run("check", "中华", cwd=folder, env={"LC_ALL": locale, "PYTHONIOENCODING": encoding}).stderr


@pytest.mark.slow
def test_a_reader_who_leaves_is_no_error(folder: Path) -> None:
    """`policyc check | head` ends quietly."""
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "policyc", "check", "a.policy"],
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=folder,
        encoding="utf-8",
        check=False,
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.slow
def test_an_interrupt_ends_quietly(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "policyc", "check", str(POLICIES), "-"],  # the bundled policies take a while
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        encoding="utf-8",
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - no threads here
    )
    assert process.stdin is not None
    process.stdin.write("#" * 99 + "\n" * 99_999)  # too long for a pipe: when the write ends, it has been read
    process.stdin.close()
    process.stdin = None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=HANGS)
    assert output == ""
    assert "Traceback" not in errors
    assert process.returncode == 130


def heed_interrupts() -> None:
    """Shells make background programs ignore interrupts; this undoes it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_output_goes_to_a_file_whole(folder: Path) -> None:
    assert check(CLEAN, "--format", "json", "-o", "report.json") == 0
    assert json.loads(Path("report.json").read_text("utf-8"))["version"] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["a.policy", "report.json"]


def test_a_file_that_cannot_be_written(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    done = CliRunner().invoke(main, ["check", "a.policy", "-o", "no/such/folder.txt"])
    assert done.exit_code == 2
    assert done.stderr == "policyc: cannot write `no/such/folder.txt`: there is no such file or folder\n"


def test_a_failed_write_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("report.txt").write_text("old")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_report("new", Path("report.txt"))
    assert Path("report.txt").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["report.txt"]


def test_a_written_file_keeps_its_permissions(folder: Path) -> None:
    Path("report.txt").write_text("old")
    Path("report.txt").chmod(0o640)
    write_report("new", Path("report.txt"))
    assert Path("report.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    assert run("check", "a.policy", cwd=folder).stdout == run("check", "a.policy", cwd=folder).stdout


# --- Colours -----------------------------------------------------------------------------------------------


def test_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output on a terminal is coloured unless an option or variable forbids it; output in a file never is."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert coloured("auto", to_file=False, environment={})
    assert not coloured("auto", to_file=True, environment={})
    assert not coloured("auto", to_file=False, environment={"NO_COLOR": "1"})
    assert not coloured("auto", to_file=False, environment={"TERM": "dumb"})
    assert coloured("always", to_file=True, environment={"NO_COLOR": "1"})
    assert not coloured("never", to_file=False, environment={})


def test_colour_option(folder: Path) -> None:
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    assert "\x1b[" in CliRunner().invoke(main, ["--color", "always", "check", "a.policy"], color=True).stdout
    assert "\x1b[" not in CliRunner().invoke(main, ["check", "a.policy"], color=True).stdout


# --- Which policies ----------------------------------------------------------------------------------------


def test_a_path_of_the_project_that_is_missing(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.policyc]\npaths = ["rules"]\n')
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


def test_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert policyc.__version__ == project["version"]
    assert run("--version").stdout == f"policyc {policyc.__version__}\n"
