"""Facts given on the command line or in a file, and values as people write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.facts_file import BadFacts, read_facts
from policyc.cli.main import main
from tests.support.sets.one_city import CLEAN


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    return tmp_path


def facts(content: str, name: str = "facts.json") -> dict[str, str]:
    Path(name).write_text(content, encoding="utf-8")
    found = read_facts(Path(name))
    assert found.diagnostics == []
    return {given.name: given.value for given in found.given if given.value is not None}


FACTS = {
    "payer.region": "重庆市",
    "payer.links": "3",
    "expense.amount": "180元",
    "filed": "true",
    "x": "0.50",
}


def test_facts_of_a_file(folder: Path) -> None:
    """Records are objects or paths; numbers keep their digits; null means unknown."""
    content = (
        '{"payer": {"region": "重庆市", "links": 3}, "expense.amount": "180元", "filed": true, "x": 0.50, "y": null}'
    )
    assert facts(content) == FACTS
    assert facts(content.replace(" ", "\n\t")) == FACTS


@pytest.mark.parametrize("name", ["facts.yaml", "facts.YML"])
def test_facts_of_a_yaml_file(folder: Path, name: str) -> None:
    content = """# what is known
payer: { region: 重庆市, links: 3 }
expense.amount: 180元
filed: True
x: 0.50
y: null
z:
"""
    assert facts(content, name) == FACTS
    assert facts("a: 2025-01-01\nb: 'null'\nc: \"true\"\nd: no", name) == {
        "a": "2025-01-01",
        "b": "null",
        "c": "true",
        "d": "no",
    }


@pytest.mark.parametrize("content", ["[]", "1", "{", '"a', "[" * 100_000, ""])
@pytest.mark.parametrize("name", ["facts.json", "facts.yaml"])
def test_what_is_no_file_of_facts(folder: Path, content: str, name: str) -> None:
    with pytest.raises(BadFacts):
        facts(content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("facts.json", '{"a": [1], "b": "x", "c": {"d": NaN}}'),
        ("facts.yaml", "a: [1]\nb: x\nc:\n  d:\n    - 2\n"),
        ("facts.yaml", "a: &me [1]\nb: x\nc: {d: {f: 2}, e: []}\n"),
    ],
)
def test_values_that_are_none(folder: Path, name: str, content: str) -> None:
    Path(name).write_text(content, encoding="utf-8")
    found = read_facts(Path(name))
    assert [given.name for given in found.given if given.name == "b"] == ["b"]
    assert [item.code.id for item in found.diagnostics] == ["PC103", "PC103"]
    lines = [item.primary.span.file.position(item.primary.span.start) for item in found.diagnostics if item.primary]
    assert lines == sorted(lines) and lines[0] == (1, content.index("[") + 1 if "&" not in content else 4)


ALL_WRONG = """
payer:
  regoin: 重庆市
  region: 朝阳
relation: paren
与共济人关系: 子女
date: 2025-02-30
expense: { amount: 3 }
"""


def test_all_mistakes_are_listed_at_once(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    Path("facts.yaml").write_text(ALL_WRONG, encoding="utf-8")
    words = ["ask", "pya", "500000", "北京", "--set", "relation=sibling", "--facts", "facts.yaml"]
    done = CliRunner().invoke(main, [*words, "-p", "a.policy"])
    shown = done.stderr
    assert done.exit_code == 2
    for place, said in {
        "QUESTION:1:1": "nothing is called `pya` here",
        "facts.yaml:3:3": "the record has no fact `regoin`",
        "facts.yaml:4:11": "no region is called `朝阳`",
        "facts.yaml:5:11": "`relation_kind` has no member `paren`",
        "facts.yaml:7:7": "there is no day `2025-02-30`",
        "facts.yaml:8:12": "nothing is called `expense` here",
    }.items():
        before = shown[: shown.index(f"--> {place}")].rstrip().splitlines()[-1]
        assert said in before, (place, before)
    for offered in ("pay", "payer.region", "parent"):
        assert f"did you mean `{offered}`?" in shown


def test_the_command_line_comes_before_the_file(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    Path("facts.json").write_text('{"与共济人关系": "父母", "payer.region": "重庆"}', encoding="utf-8")
    words = [
        "ask",
        "pay",
        "-p",
        "a.policy",
        "--facts",
        "facts.json",
        "--on",
        "2025-01-01",
        "--format",
        "json",
    ]
    done = CliRunner().invoke(main, [*words, "--set", "relation=sibling"])
    assert json.loads(done.stdout)["given"] == {
        "payer.region": "500000",
        "relation": "sibling",
        "date": "2025-01-01",
    }
    twice = CliRunner().invoke(main, [*words, "--set", "relation=sibling", "--set", "与共济人关系=父母"])
    assert twice.exit_code == 2
    assert "`relation` is given twice" in twice.stderr


REGIONS = """
region 100000 "中国"
region 110000 "北京市" in 100000
region 110105 "朝阳区" in 110000
region 211300 "朝阳市" in 210000
region 210000 "辽宁省" in 100000
region 220000 "吉林省" in 100000
region 220200 "吉林市" in 220000
region 220104 "朝阳区" in 220000
fact home : region
fact sum : money
fact filed "已备案" : boolean
decision pay governed by home as paying
policy p for 100000 { permit pay x }
"""


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("home=北京", "110000"),
        ("home=110000", "110000"),
        ("home=北京市", "110000"),
        ("home=朝阳市", "211300"),
        ("sum=200", "200元"),
        ("sum=200元", "200元"),
        ("sum=200 CNY", "200元"),
        ("sum=0.5", "0.50元"),
        ("filed=yes", "true"),
        ("filed=否", "false"),
        ("已备案=真", "true"),
    ],
)
def test_values_as_people_write_them(folder: Path, written: str, given: str) -> None:
    Path("r.policy").write_text(REGIONS, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "r.policy", "--set", written, "--format", "json"])
    assert list(json.loads(done.stdout)["given"].values()) == [given]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("吉林", "give the code: 220000 (吉林省), 220200 (吉林市)"),
        ("朝", "give the code: 110105 (朝阳区), 211300 (朝阳市), 220104 (朝阳区)"),
        ("朝阳区", "give the code: 110105 (北京市), 220104 (吉林省)"),
        ("北平", "no region is called `北平`"),
    ],
)
def test_regions_that_are_not_one(folder: Path, written: str, said: str) -> None:
    Path("r.policy").write_text(REGIONS, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", written, "-p", "r.policy"])
    assert done.exit_code == 2
    assert said in done.stderr
