"""The questions of `examples/questions/` are answered as recorded there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.golden.test_cli_transcripts import played, read, write
from tests.support.places import EXAMPLES, ROOT

QUESTIONS = sorted((EXAMPLES / "questions").glob("*.txt"))


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
@pytest.mark.slow
def test_questions_are_answered_as_recorded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the bundled policies, from the root of the repository."""
    monkeypatch.chdir(ROOT)
    expected = file.read_text("utf-8")
    actual = write(played(read(expected)))
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        assert not os.environ.get("CI"), "transcripts are rewritten by hand, not in CI"
        file.write_text(actual, encoding="utf-8")
    assert actual == expected


def test_there_are_ten_questions() -> None:
    assert len(QUESTIONS) == 10
    for file in QUESTIONS:
        assert read(file.read_text("utf-8")).preamble.startswith("问：")
