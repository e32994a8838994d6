"""The examples of the documentation do what the text around them says.

In `README*.md`, `CONTRIBUTING.md`, `docs/*.md` and the pages of the examples, which have their files beside them, in
the order of the page:

    ```policy NAME           a file, there for the rest of the page
    ```policy                statements that are free of errors and warnings, but for names that nothing uses:
                             a page shows pieces
    ```policy-bad CODES      statements in which exactly these errors and warnings are found
    ```console               command lines after `$ `, and all that they print
    ```python                is run; `print` is not compared

Statements are read together with the page's file `vocabulary.policy` or `词汇.policy`, if it has one.
`UPDATE_TRANSCRIPTS=1 pytest tests/golden/test_docs.py` rewrites what commands print; where `CI` is set nothing is
rewritten. Links between the pages must lead somewhere.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from policyc.cli.main import main
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.syntax.keywords import KEYWORDS
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions
from tests.support.places import ROOT
from tests.support.slow import mostly_slow

PAGES = [ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
PAGES += sorted((ROOT / "examples").glob("*/README*.md"))
OTHERS = [ROOT / name for name in ("ARCHITECTURE.md", "CHANGELOG.md")]

FENCE = re.compile(r"^```([\w-]+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
SECONDS = re.compile(r'"seconds": [0-9.]+')
VOCABULARIES = ("vocabulary.policy", "词汇.policy")
TODAY = date(2026, 1, 1)


class Block(NamedTuple):
    kind: str
    argument: str
    body: str
    #: Where the body stands in the page.
    start: int
    end: int
    line: int


def blocks(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match[1], match[2] or "", match[3], match.start(3), match.end(3), line)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def folder(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: empty, or with the files of an example."""
    if page.is_relative_to(ROOT / "examples"):
        shutil.copytree(page.parent, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples(page: Path) -> None:
    text = page.read_text("utf-8")
    for block in blocks(text):
        match block.kind:
            case "policy" if block.argument:
                Path(block.argument).write_text(block.body, encoding="utf-8")
            case "policy" | "policy-bad":
                wanted = set(block.argument.split())
                found = problems(block.body) - ({"PC107"} if block.kind == "policy" else set())
                assert found == wanted, f"{name(page)}:{block.line}"
            case "python":
                exec(compile(block.body, f"{name(page)}:{block.line}", "exec"), {})  # noqa: S102 (our own page)


def problems(body: str) -> set[str]:
    """Codes of the errors and warnings in statements."""
    file = Path("_example.policy")
    file.write_text(body, encoding="utf-8")
    used = [path for path in map(Path, VOCABULARIES) if path.exists()]
    findings = check(compile_paths([*used, file]), CheckOptions(TODAY)).findings
    shown = [f for f in findings if not f.acknowledged and f.primary and f.primary.span.file.path == file.name]
    return {f.code.id for f in shown if f.level is not Severity.NOTE}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", mostly_slow(PAGES, 8), ids=name)
def test_commands(page: Path) -> None:
    """Running them again prints the same."""
    text = page.read_text("utf-8")
    played, last = [], 0
    for block in blocks(text):
        if block.kind == "policy" and block.argument:
            Path(block.argument).write_text(block.body, encoding="utf-8")
        elif block.kind == "console":
            played += [text[last : block.start], replayed(block.body)]
            last = block.end
    actual = "".join([*played, text[last:]])
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        assert not os.environ.get("CI"), "transcripts are rewritten by hand, not in CI"
        page.write_text(actual, encoding="utf-8")
    assert actual == text


def replayed(body: str) -> str:
    """Command lines and what they print."""
    runner = CliRunner(env={"POLICYC_LANG": "en", "NO_COLOR": "1", "COLUMNS": "80"})
    shown = ""
    code = 0
    for line in body.splitlines(keepends=True):
        if not line.startswith("$ "):
            continue
        shown += line
        program, *words = shlex.split(line.removeprefix("$ "))
        if (program, words) == ("echo", ["$?"]):
            shown += f"{code}\n"
            continue
        assert program == "policyc", line
        done = runner.invoke(main, words)
        code = done.exit_code
        shown += SECONDS.sub('"seconds": 0.0', done.stdout) + done.stderr
    return shown


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, _ in LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_paths_in_backquotes_exist(page: Path) -> None:
    """Every path of this repository that a page names exists."""
    folders = "dsl|solver|policyc|policies|tests|docs|examples|benchmarks"
    for path in re.findall(rf"`((?:{folders})/[\w./-]*\w)`", page.read_text("utf-8")):
        assert (ROOT / path).exists(), path


def test_keywords_are_listed() -> None:
    """The table of keywords is that of the parser."""
    rows = [
        cell.strip()
        for line in (ROOT / "docs" / "language.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and line.count("|") == 7
        for cell in line.strip("|").split("|")
    ]
    listed = set(zip(rows[::2], rows[1::2], strict=True))
    assert {(", ".join(word.english), ", ".join(word.chinese)) for word in KEYWORDS} <= listed


def test_every_room_is_described() -> None:
    """ARCHITECTURE.md has a line for every room and every module that is in none, and for nothing that is not there."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for folder in ("dsl", "solver", "policyc"):
        section = text.partition(f"### {folder}: ")[2].partition("\n### ")[0]
        rooms = {f"{file.parent.relative_to(ROOT).as_posix()}/" for file in (ROOT / folder).rglob("__init__.py")}
        modules = {f"{folder}/{file.name}" for file in (ROOT / folder).glob("*.py")}
        there = (rooms | modules) - {f"{folder}/", f"{folder}/__init__.py", f"{folder}/__main__.py"}
        assert set(re.findall(r"^- `([^`]+)`", section, re.MULTILINE)) == there, folder


def test_what_a_rule_and_a_question_pass_is_there() -> None:
    """ARCHITECTURE.md follows both by function: `path`: `name`."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    followed = re.findall(r"`([\w/]+\.py)`: `(\w+)`", text)
    assert len(followed) >= 20
    for path, name_ in followed:
        assert re.search(rf"^(def|class) {name_}\b", (ROOT / path).read_text("utf-8"), re.MULTILINE), (
            path,
            name_,
        )


def test_set_up_is_what_ci_does() -> None:
    """The commands of the README are those of `.ci/run`, but for options that keep pip quiet."""
    ci = re.sub(r" --quiet --disable-pip-version-check", "", (ROOT / ".ci" / "run").read_text("utf-8"))
    for page in ("README.md", "README.zh.md"):
        for command in re.findall(
            r"^(?:python3|\.venv/bin/(?:pip|python)) .*", (ROOT / page).read_text("utf-8"), re.MULTILINE
        ):
            assert f"\n{command}\n" in ci, command
