"""Hostile files of facts: bombs, circles, depth, duplicates; each is refused at once, with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.facts_file import BadFacts, read_facts
from policyc.cli.main import main
from policyc.dsl.diagnostics.messages import render
from tests.support.waiting import at_most

RULES = """
region 100000 "中国"
region 500000 "重庆市" in 100000
enum kin { spouse "配偶", parent "父母" }
record payer { fact region : region usual 500000 }
fact relation "关系" : kin
fact amount : money 0元..1000元 usual 1元
decision pay governed by payer.region as paying
policy nation for 100000 { source law { clause c "…" } permit pay a cite law.c }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    (tmp_path / "a.policy").write_text(RULES, encoding="utf-8")
    return tmp_path


def _bomb(levels: int) -> str:
    keys = "pqrstuvwxy"
    lines = ["a0: &a0 {" + ", ".join(f"{key}: 1" for key in keys) + "}"]
    for level in range(1, levels):
        inner = ", ".join(f"{key}: *a{level - 1}" for key in keys)
        lines.append(f"a{level}: &a{level} {{{inner}}}")
    return "\n".join(lines) + "\n"


#: Name, content, and the message with its place.
REFUSED = {
    "aliases": ("f.yaml", _bomb(7), "`*a0` stands for something written elsewhere (line 2, column 13)"),
    "lists of aliases": ("f.yaml", "a: &a [1]\nb: [*a, *a]\n", "(line 2, column 5)"),
    "a record in itself": ("f.yml", "a: &a {b: *a, c: *a}\n", "(line 1, column 11)"),
    "a document in itself": ("f.yaml", "&me\nrelation: *me\n", "`*me` stands"),
    "an alias as a name": ("f.yaml", "a: &x relation\n*x : spouse\n", "(line 2, column 1)"),
    "merged": ("f.yaml", "a: &x {relation: spouse}\n<<: *x\n", "(line 2, column 5)"),
    "an alias of nothing": ("f.yaml", "relation: *x\n", "`*x` stands"),
    "two documents": ("f.yaml", "relation: spouse\n---\nrelation: parent\n", "(line 2, column 1)"),
    "a second, empty document": ("f.yaml", "relation: spouse\n--- \n", "second document"),
    "documents with an end": ("f.yaml", "---\nrelation: spouse\n...\n---\nx: 1\n", "(line 4, column 1)"),
    "deep YAML": ("f.yaml", "a: " + "{b: " * 50_000, "nested more than 20 deep (line 1, column"),
    "deep lists": ("f.yaml", "a: " + "[" * 100_000, "nested more than 20 deep"),
    "deep blocks": ("f.yaml", "".join(" " * n + "a:\n" for n in range(800)), "(line 21, column 21)"),
    "deep JSON": ("f.json", '{"a":' * 100_000, "nested more than 20 deep (line 1, column"),
    "deep JSON lists": ("f.json", '{"a": ' + "[" * 5_000 + "]" * 5_000 + "}", "nested more than 20 deep"),
    "much YAML": ("f.yaml", "".join(f"f{n}: 1\n" for n in range(50_000)), "more than 10000 names and values"),
    "much JSON": (
        "f.json",
        json.dumps({f"f{n}": 1 for n in range(50_000)}),
        "more than 10000 names and values (line 1",
    ),
    "long": ("f.yaml", "relation: " + "x" * 1_000_000, "more than 1000000 characters"),
    "huge": ("f.json", " " * 10_000_001, "larger than 10 MB"),
    "a control character": ("f.yaml", "relation:\n  'a\x1b'\n", "not YAML (line 2, column 5)"),
    "a null character": ("f.yaml", "relation: \x00\n", "not YAML (line 1, column 11)"),
    "two values of JSON": ("f.json", "{}\n{}", "not JSON (line 2, column 1)"),
    "a text without an end": ("f.json", '{"' + '\\"' * 400_000, "not JSON"),
    "half a pair": ("f.json", '{"a": "\\ud8', "not JSON"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_at_its_place_and_at_once(kind: str) -> None:
    name, content, said = REFUSED[kind]
    Path(name).write_text(content, encoding="utf-8")
    with at_most(5), pytest.raises(BadFacts) as refused:
        read_facts(Path(name))
    assert said in render(refused.value.reason, "en")
    assert render(refused.value.reason, "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_command_refuses_them(lang: str) -> None:
    for kind in ("aliases", "a document in itself", "two documents", "deep JSON"):
        name, content, _ = REFUSED[kind]
        Path(name).write_text(content, encoding="utf-8")
        done = CliRunner().invoke(main, ["--lang", lang, "ask", "pay", "-p", "a.policy", "--facts", name])
        assert (done.exit_code, done.stdout) == (2, "")
        assert name in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.slow
def test_large_but_sound_files_are_read_at_once() -> None:
    """These files are close to every limit."""
    with at_most(10):
        Path("f.yaml").write_text("relation: spouse\n#" + "x" * 999_900, encoding="utf-8")
        assert len(read_facts(Path("f.yaml")).given) == 1
        Path("f.json").write_text(json.dumps({f"f{n}": 1 for n in range(4_999)}), encoding="utf-8")
        assert len(read_facts(Path("f.json")).given) == 4_999
        Path("g.yaml").write_text("a:\n" + "".join(" " * n + "a:\n" for n in range(1, 20)), encoding="utf-8")
        assert read_facts(Path("g.yaml")).diagnostics == []


def test_an_anchor_that_nothing_refers_to_is_no_matter() -> None:
    Path("f.yaml").write_text("--- &all\nrelation: &r spouse\n...\n", encoding="utf-8")
    assert [(given.name, given.value) for given in read_facts(Path("f.yaml")).given] == [("relation", "spouse")]


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("f.yaml", "relation: spouse\nrelation: parent\n", "f.yaml:2:1"),
        ("f.yaml", "relation: null\nrelation: parent\n", "f.yaml:2:1"),
        ("f.yaml", "payer: {region: 500000}\npayer.region: 100000\n", "f.yaml:2:1"),
        ("f.yaml", "relation: spouse\n关系: 父母\n", "f.yaml:2:1"),
        ("f.json", '{"relation": "spouse",\n "relation": "parent"}', "f.json:2:2"),
        ("f.json", '{"payer": {"region": "500000",\n "region": null}}', "f.json:2:2"),
    ],
)
def test_a_fact_given_twice(name: str, content: str, place: str) -> None:
    Path(name).write_text(content, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "a.policy", "--facts", name])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is given twice, with different values" in done.stderr and place in done.stderr
    assert done.stderr.count("PC102") == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.yaml", "filled: null\n"),
        ("f.yaml", "payer: {regoin: ~}\n"),
        ("f.yaml", "? [relation]: spouse\n"),
        ("f.yaml", "? {a: b}\n: null\n"),
        ("f.yaml", "relation: !!null spouse\n"),
        ("f.json", '{"filled": null}'),
    ],
)
def test_nothing_is_passed_over(name: str, content: str) -> None:
    """Unknown names are mistakes, whatever their values, and so are keys that are no names."""
    Path(name).write_text(content, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "a.policy", "--facts", name])
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{name}:1:" in done.stderr


@pytest.mark.parametrize("content", ["payer:\n  # region: 500000\n", "payer: null\nrelation:\n", "关系: ~\n"])
def test_what_is_not_known_may_be_named(content: str) -> None:
    """Null may stand for a fact or for a whole record."""
    Path("f.yaml").write_text(content, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "a.policy", "--facts", "f.yaml", "--format", "json"])
    assert done.exit_code == 0 and json.loads(done.stdout)["given"] == {}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e400", "9" * 5_000, '"\\ud800"', '""', "0.001"])
def test_values_that_no_fact_has(value: str) -> None:
    for name, content in (("f.json", f'{{"amount": {value}}}'), ("f.yaml", f"amount: {value}")):
        Path(name).write_text(content, encoding="utf-8")
        done = CliRunner().invoke(main, ["ask", "pay", "-p", "a.policy", "--facts", name])
        assert done.exit_code == 2, content[:40]
        assert f"{name}:1:" in done.stderr and "defect" not in done.stderr
        assert len(done.stderr) < 2_000
