"""Reasons that rest on second-hand sources say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.main import main

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home "参保地" : region
decision pay "支付" governed by home as paying
ranks national "国家" > {secondary} "二手资料" > guess "推测"
policy p for 100000 {{
  source law "文件" rank national {{ clause c "甲" }}
  source page "网文" rank {secondary} dated 2025-03-12 {{ clause c "乙" }}
  source hint "猜测" rank guess {{ clause c "丙" }}
  source loose "便条" {{ clause c "丁" }}
  permit pay anyone cite law.c, page.c, hint.c, loose.c
}}
"""


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("zh", ["“甲”（文件）", "“乙”（网文，2025-03-12；二手资料）", "“丙”（猜测；推测）", "“丁”（便条）"]),
        ("en", ["“甲” (文件)", "“乙” (网文, 2025-03-12; secondary)", "“丙” (猜测; guess)", "“丁” (便条)"]),
    ],
)
def test_a_source_of_the_rank_secondary_or_lower_is_marked(tmp_path: Path, language: str, expected: list[str]) -> None:
    assert cited(SET.format(secondary="secondary"), tmp_path, language) == expected


def test_without_such_a_rank_nothing_is_marked(tmp_path: Path) -> None:
    assert all("二手" not in line for line in cited(SET.format(secondary="other"), tmp_path, "zh"))


def cited(content: str, folder: Path, language: str) -> list[str]:
    file = folder / "a.policy"
    file.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "重庆市", "--full", "-p", str(file), "--lang", language])
    assert done.exit_code == 0, done.stderr
    return [line.strip() for line in done.stdout.splitlines() if line.strip().startswith("“")]
