"""The examples show what their README files say."""

from __future__ import annotations

from pathlib import Path

import policyc

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


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
