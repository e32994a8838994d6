"""Transcripts of the command line: files, command lines, and everything they print.

Each `tests/golden/transcripts/*.txt` is a sequence of sections, begun by lines that start with `>>> `:

    >>> file a.policy          what stands in a file, up to the next section
    >>> run policyc check      a command line and what it writes to standard output
    >>> stderr                 what it writes to standard error, if anything
    >>> exit 1                 its exit code, unless 0

`UPDATE_TRANSCRIPTS=1 pytest tests/golden/test_cli_transcripts.py` rewrites what the commands print; review the
difference. Where `CI` is set nothing is rewritten.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.main import main
from tests.support.places import GOLDEN
from tests.support.slow import mostly_slow

TRANSCRIPTS = sorted((GOLDEN / "transcripts").glob("*.txt"))
MARK = ">>> "
SECONDS = re.compile(r'"seconds": [0-9.]+')


@dataclass
class Step:
    """A section that writes a file or runs a command, and the sections with its outcome."""

    verb: str
    argument: str
    body: str = ""
    stderr: str = ""
    exit: int = 0


@dataclass
class Transcript:
    preamble: str = ""
    steps: list[Step] = field(default_factory=list)


def read(content: str) -> Transcript:
    transcript = Transcript()
    into = ""
    for line in content.splitlines(keepends=True):
        if line.startswith(MARK):
            verb, _, argument = line.removeprefix(MARK).strip().partition(" ")
            if verb in ("file", "run"):
                transcript.steps.append(Step(verb, argument))
            elif verb == "exit":
                transcript.steps[-1].exit = int(argument)
            into = verb
        elif into == "":
            transcript.preamble += line
        elif into == "stderr":
            transcript.steps[-1].stderr += line
        elif into in ("file", "run"):
            transcript.steps[-1].body += line
    return transcript


def write(transcript: Transcript) -> str:
    return transcript.preamble + "".join("".join(sections(step)) for step in transcript.steps)


def sections(step: Step) -> Iterator[str]:
    yield f"{MARK}{step.verb} {step.argument}\n{step.body}"
    if step.stderr:
        yield f"{MARK}stderr\n{step.stderr}"
    if step.exit:
        yield f"{MARK}exit {step.exit}\n"


def played(transcript: Transcript) -> Transcript:
    """The transcript with the output of its commands, run in the working directory."""
    result = Transcript(transcript.preamble)
    runner = CliRunner(env={"POLICYC_LANG": "en", "NO_COLOR": "1", "COLUMNS": "80"})
    for step in transcript.steps:
        if step.verb == "file":
            path = Path(step.argument)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.body, encoding="utf-8")
            result.steps.append(step)
            continue
        program, *words = shlex.split(step.argument)
        assert program == "policyc"
        done = runner.invoke(main, words)
        output = SECONDS.sub('"seconds": 0.0', done.stdout)
        result.steps.append(Step("run", step.argument, output, done.stderr, done.exit_code))
    return result


@pytest.mark.parametrize("file", mostly_slow(TRANSCRIPTS, 5), ids=lambda file: file.stem)
def test_transcript(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running it again prints the same."""
    expected = file.read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    actual = write(played(read(expected)))
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        assert not os.environ.get("CI"), "transcripts are rewritten by hand, not in CI"
        file.write_text(actual, encoding="utf-8")
    assert actual == expected


def test_reading_and_writing_agree() -> None:
    for file in TRANSCRIPTS:
        content = file.read_text("utf-8")
        assert write(read(content)) == content


def test_there_are_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 3
