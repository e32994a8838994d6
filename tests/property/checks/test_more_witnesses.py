"""`check --witnesses N`: further cases of a finding, all different, each as valid as the first."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.api import PolicyBase
from policyc.cli.main import main
from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.system.limits import Undecided
from policyc.pipeline import Compiled, check, compile_paths
from policyc.render.test_file import file_content
from policyc.solver.checks.options import CheckOptions
from policyc.solver.checks.reporter import Reporter
from tests.support.places import CORPUS, CORPUS_FILES, corpus_name
from tests.support.slow import mostly_slow

FILES = [file for file in CORPUS_FILES if CORPUS / "bad" in file.parents]
TODAY = date(2026, 1, 1)

TWO_WAYS = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum kind "关系" { parent "父母", sibling "兄弟姐妹", child "子女" }
fact home "参保地" : region
fact relation "关系" : kind usual parent
fact filed "已备案" : boolean arrangeable usual true
decision pay "支付" governed by home as paying
policy city for 500000 {
  source page "某网页" { clause c1 "都可以" clause c2 "有的不可以" }
  permit pay anyone cite page.c1
  forbid pay some when not filed or relation is sibling cite page.c2
}
"""


def found(read: Compiled, witnesses: int) -> list[Diagnostic]:
    return list(check(read, CheckOptions(TODAY, witnesses=witnesses)).findings)


@pytest.mark.parametrize("file", mostly_slow(FILES, 3), ids=corpus_name)
def test_each_is_new_and_as_good_as_the_first(file: Path, tmp_path: Path) -> None:
    """All cases differ, the first is as ever, and each leads to the verdicts of the finding: its saved test passes."""
    read = compile_paths([file])
    findings = found(read, 3)
    for alone, several in zip(found(read, 1), findings, strict=True):
        assert alone.finding.witnesses == ()
        assert alone.finding.witness == several.finding.witness
        shown = several.finding.witnesses
        assert len(set(shown)) == len(shown) <= 3
        assert shown[:1] == (() if not shown else (alone.finding.witness,))
    target = tmp_path / "saved.policy"
    target.write_text(file_content(PolicyBase(read), findings, target, "en", None), encoding="utf-8")
    if not read.errors:
        again = check(compile_paths([file, target]), CheckOptions(TODAY, codes={"PC502", "PC503"})).findings
        assert [item for item in again if item.primary and item.primary.span.file.path.endswith(target.name)] == []


def test_the_number_changes_only_where_the_list_ends(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text(TWO_WAYS, encoding="utf-8")
    read = compile_paths([tmp_path / "a.policy"])
    lists = [found(read, number)[0].finding.witnesses for number in (2, 3, 4, 9)]
    assert lists[0] == (
        (("home", "500000"), ("filed", "false")),
        (("home", "500000"), ("relation", "sibling")),
    )
    assert lists[1:] == [lists[0]] * 3  # there are no others: every case of the conflict has one of the two


@pytest.mark.slow
def test_they_are_shown_in_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.policy").write_text(TWO_WAYS, encoding="utf-8")

    def shown(*words: str, lang: str = "en") -> str:
        return CliRunner().invoke(main, ["--lang", lang, "check", "a.policy", *words]).stdout

    assert "  = note: or: home: 重庆市; relation: sibling\n" in shown("--witnesses", "2")
    assert "  = 说明：又如，参保地：重庆市、关系：兄弟姐妹\n" in shown("--witnesses", "2", lang="zh")
    assert "  = facts: home=500000 relation=sibling\n" in shown("--witnesses", "2", "-v")
    assert "or:" not in shown()
    (finding,) = json.loads(shown("--witnesses", "2", "--format", "json"))["findings"]
    assert finding["witnesses"] == [finding["witness"], {"home": "500000", "relation": "sibling"}]
    assert "witnesses" not in json.loads(shown("--format", "json"))["findings"][0]


@pytest.mark.parametrize("word", ["0", "-1", "two", "1.5", ""])
def test_an_invalid_number(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.policy").write_text(TWO_WAYS, encoding="utf-8")
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["check", "a.policy", f"--witnesses={word}"])
    assert done.exit_code == 2
    assert "is not a whole number above zero" in done.stderr


@pytest.mark.slow
def test_time_that_runs_out_shortens_the_list_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.policy").write_text(TWO_WAYS, encoding="utf-8")
    search = Reporter._next_witness
    asked: list[object] = []

    def impatient(reporter: Reporter, *args: object) -> object:
        asked.append(args)
        if len(asked) > 1:
            raise Undecided("timeout")
        return search(reporter, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Reporter, "_next_witness", impatient)
    (finding,) = found(compile_paths([tmp_path / "a.policy"]), 3)
    assert finding.code.id == "PC301"
    assert len(finding.finding.witnesses) == 1
