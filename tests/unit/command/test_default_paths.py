"""What is read where no path is named: the project's paths, the files here, or the bundled policies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc import load
from policyc.cli.main import main
from policyc.dsl.load import bundled
from policyc.dsl.system import disk
from policyc.pipeline import policy_paths

SET = """region 100000 "中国"
region 500000 "重庆市" in 100000
fact home "参保地" : region
decision pay "支付" governed by home as paying
policy city for 500000 { source page { clause c1 "都可以" } permit pay anyone cite page.c1 }
test "可以" { given home = 500000 expect pay is permitted }
"""
COMMANDS = {
    "check": ["check", "--no-cache", "--format", "json"],
    "test": ["test", "--format", "junit"],
    "ask": ["ask", "pay", "--format", "json"],
    "matrix": ["matrix", "--format", "csv"],
}
SAID = {
    "en": "no policy files in or below this folder: these are the bundled policies\n",
    "zh": "当前文件夹及其下没有政策文件",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoked(*words: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, [*words, "--lang", language])


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_files_here_are_read(folder: Path, command: list[str]) -> None:
    below = folder / "市" / "渝"
    below.mkdir(parents=True)
    (below / "a.policy").write_text(SET, encoding="utf-8")
    done = invoked(*command)
    assert done.exit_code == 0
    assert done.stderr == ""
    named = ["-p", "."] if command[0] in ("ask", "matrix") else ["."]
    assert _untimed(done.stdout) == _untimed(invoked(*command, *named).stdout)


def _untimed(output: str) -> str:
    return re.sub('"seconds": [0-9.]+', "", output)


def test_broken_files_here_are_not_passed_over(folder: Path) -> None:
    (folder / "a.policy").write_text("polcy x {}", encoding="utf-8")
    done = invoked("check", "--no-cache")
    assert done.exit_code == 1
    assert "a.policy:1:1" in done.stdout


@pytest.mark.parametrize("language", SAID)
def test_the_first_line_says_that_the_policies_are_the_bundled_ones(folder: Path, language: str) -> None:
    done = invoked("ask", "bind", "重庆市", "--set", "relation=parent", "--on", "2026-01-01", language=language)
    assert done.exit_code == 0
    assert done.stdout.startswith(SAID[language])


@pytest.mark.slow
def test_programs_are_told_beside_the_output(folder: Path) -> None:
    words = ("ask", "bind", "重庆市", "--set", "relation=parent", "--on", "2026-01-01")
    done = invoked(*words, "--format", "json")
    assert done.stdout.startswith("{")
    assert done.stderr == SAID["en"]
    done = invoked(*words, "-o", "answer.txt")
    assert (done.stdout, done.stderr) == ("", SAID["en"])
    assert not Path("answer.txt").read_text("utf-8").startswith("no policy")


def test_settings_come_before_the_files_here(folder: Path) -> None:
    (folder / "a.policy").write_text(SET, encoding="utf-8")
    (folder / "rules").mkdir()
    (folder / "pyproject.toml").write_text('[tool.policyc]\npaths = ["rules"]\n')
    assert policy_paths([]) == (folder / "rules",)
    assert policy_paths([Path("b")]) == (Path("b"),)


def test_what_is_no_policy_of_the_author_does_not_count(folder: Path) -> None:
    for name in (".hidden", "venv/lib/site-packages/policyc/policies"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.policy").write_text(SET, encoding="utf-8")
    (folder / "venv" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    (folder / "b.policy").mkdir()
    assert policy_paths([]) == (bundled(),)
    (folder / "c.policy").write_text(SET, encoding="utf-8")
    assert policy_paths([]) == (Path(),)
    assert [Path(file.path).name for file in load(folder / "c.policy").policy_set.files] == ["c.policy"]


def test_a_large_tree_is_not_searched_through(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = folder / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (deep / "d.policy").write_text(SET, encoding="utf-8")
    assert policy_paths([]) == (Path(),)
    monkeypatch.setattr(disk, "_MOST_FOLDERS", 3)
    assert policy_paths([]) == (bundled(),)
