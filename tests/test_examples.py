"""The examples show what their README files say."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import policyc

sys.path.insert(0, str(Path(__file__).parent))

from test_cli_transcripts import played, read, write

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
QUESTIONS = sorted((EXAMPLES / "questions").glob("*.txt"))


def test_conflict_has_one_finding_and_its_repair_none(tmp_path: Path) -> None:
    example = EXAMPLES / "conflict" / "冲突.policy"
    found = policyc.load(example).check().findings
    assert [finding.code.id for finding in found] == ["PC301"]
    assert found[0].finding.rules == ("丙市.近亲可用", "丙市.退休不可")

    repaired = tmp_path / "改.policy"
    text = example.read_text("utf-8")
    repaired.write_text(text.replace("依据 通知.二", "例外于 近亲可用 依据 通知.二"), encoding="utf-8")
    levels = {finding.level.value for finding in policyc.load(repaired).check().findings}
    assert levels <= {"note"}


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.stem)
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
