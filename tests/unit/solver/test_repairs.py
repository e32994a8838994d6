"""Repairs: which edits are offered, in which words, and when they are looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.main import main
from policyc.dsl.syntax.excerpt import Statements
from policyc.dsl.syntax.tree import NormStatement
from policyc.dsl.system.limits import OutOfTime, Undecided
from policyc.pipeline import compile_paths
from policyc.render.text import Manner, render_check
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.repairs import repairs
from tests.support.offers import HEAD, TODAY, found, offered
from tests.support.places import EVERY_CONSTRUCT
from tests.support.sets.random_sets import compiled

ANYONE = (
    HEAD
    + """
policy city for 500000 {
  permit pay anyone cite page.c1
  forbid pay unfiled when not filed cite page.c2
}
"""
)


def test_a_conflict_of_two_norms() -> None:
    assert offered(ANYONE) == [
        ("exception-to", "city.unfiled", "exception to anyone"),
        ("narrow", "city.anyone", "unless not filed"),
        ("drop", "city.unfiled", "forbid pay unfiled when not filed cite page.c2"),
        ("exception-to", "city.anyone", "exception to unfiled"),
        ("drop", "city.anyone", "permit pay anyone cite page.c1"),
    ]


def test_what_an_edit_leaves_behind() -> None:
    """A permit that prevails wherever the forbid applies makes it idle; without it other cases are left open."""
    (finding,) = found(ANYONE, "PC301")
    left = {(repair.edit, repair.rule): (repair.idle, repair.open) for repair in finding.finding.repairs or ()}
    assert left == {
        ("exception-to", "city.unfiled"): ((), ()),
        ("narrow", "city.anyone"): ((), ()),
        ("drop", "city.unfiled"): ((), ()),
        ("exception-to", "city.anyone"): (("city.unfiled",), ()),
        ("drop", "city.anyone"): ((), ("pay",)),
    }


def test_an_edit_that_takes_a_value_away_leaves_open_what_reads_it() -> None:
    text = (
        HEAD
        + """
parameter rate : int 0..100
policy nation for 100000 {
  set cap = 2 cite page.c1
  set cap = 5 cite page.c1
  set rate = 7 when payer.region.cap > 4 cite page.c2
  permit pay anyone when payer.region.rate > 0 cite page.c1
}
"""
    )
    (finding,) = found(text, "PC303")
    left = [(repair.rule, repair.idle, repair.open) for repair in finding.finding.repairs or ()]
    assert left == [
        ("nation.cap", (), ()),
        ("nation.cap@2", ("nation.rate", "nation.anyone"), ("rate", "pay")),
    ]


def test_where_there_is_no_time_nothing_is_said_of_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def hopeless(*_: object) -> None:
        raise OutOfTime

    monkeypatch.setattr(repairs.Aftermaths, "of", hopeless)
    (finding,) = found(ANYONE, "PC301")
    assert [(repair.idle, repair.open) for repair in finding.finding.repairs or ()] == [(None, None)] * 5


def test_it_is_said_for_how_many_findings_none_were_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    policy_set, _ = compiled(ANYONE.replace("cite page.c2", "cite page.c2 forbid pay more when not filed cite page.c2"))
    monkeypatch.setattr(repairs, "MOST", 1)
    report = check(policy_set, (), CheckOptions(TODAY, codes=["PC301"]))
    assert [item.finding.repairs is None for item in report.findings] == [False, True]
    assert report.unrepaired == 1
    assert "1 more has none" in render_check(report, Manner())


def test_modifiers_that_are_there_are_kept() -> None:
    """The rewritten statement keeps its modifiers and adds the edit."""
    text = ANYONE.replace("permit pay anyone", "permit pay anyone unless relation is child or relation is parent")
    text = text.replace("cite page.c2", "exception to third cite page.c2 permit pay third when relation is child")
    offers = offered(text)
    assert ("exception-to", "city.anyone", "exception to unfiled") in offers
    assert ("exception-to", "city.unfiled", "exception to third, anyone") in offers
    assert ("narrow", "city.anyone", "unless (relation is child or relation is parent) or not filed") in offers


def test_an_edit_that_uncovers_another_conflict_is_not_offered() -> None:
    """`anyone` prevails over `late`; without it, `late` would stand against `children`."""
    text = (
        HEAD
        + """
policy city for 500000 {
  permit pay anyone exception to late cite page.c1
  permit pay children when relation is child cite page.c1
  forbid pay siblings when relation is sibling cite page.c2
  forbid pay late when not filed cite page.c2
}
"""
    )
    edits = [(edit, rule) for edit, rule, _ in offered(text)]
    assert ("drop", "city.siblings") in edits
    assert ("drop", "city.anyone") not in edits
    assert ("narrow", "city.anyone") in edits  # `unless relation is sibling` adds nothing new


def test_periods() -> None:
    """An edit ends one period before the other begins, or begins it after the other ends, if any of it is left."""
    text = ANYONE.replace("not filed", "not filed from 2024-05-01 until 2024-12-31")
    text = text.replace("policy city", "precedence exception > rank policy city")
    assert [offer for offer in offered(text) if offer[0] in ("until", "from", "narrow")] == [
        ("narrow", "city.anyone", "unless date >= 2024-05-01 and date <= 2024-12-31 and not filed"),
        ("until", "city.anyone", "until 2024-04-30"),
        ("from", "city.anyone", "from 2025-01-01"),
    ]


def test_a_larger_region_yields_by_default() -> None:
    text = (
        HEAD
        + """
precedence exception > rank > later
policy nation for 100000 { permit pay anyone cite page.c1 }
policy city for 500000 { forbid pay unfiled when not filed cite page.c2 }
"""
    )
    offers = offered(text)
    assert ("default", "nation.anyone", "default") in offers
    assert ("default", "city.unfiled", "default") not in offers
    assert ("narrow", "nation.anyone", "unless payer.region in 500000 and not filed") in offers


def test_values() -> None:
    text = (
        HEAD
        + """
precedence exception > rank > later
policy nation for 100000 { set cap = 1 cite page.c1 }
policy city for 500000 {
  set cap = 2 when filed unless relation is child until 2024-12-31 cite page.c2
  require pay few: payer.region.cap > 0 cite page.c2
}
"""
    )
    offers = offered(text, "PC303")
    assert offers == [
        ("default", "nation.cap", "default"),
        ("drop", "city.cap", "set cap = 2 when filed unless relation is child until 2024-12-31 cite page.c2"),
        ("from", "nation.cap", "from 2025-01-01"),
        ("drop", "nation.cap", "set cap = 1 cite page.c1"),
    ]


def test_conditions_with_names_of_another_policy_are_not_pasted() -> None:
    text = (
        HEAD
        + """
policy one for 500000 { permit pay anyone when not filed cite page.c1 }
policy two for 500000 {
  define strangers = relation is sibling
  forbid pay any_stranger when strangers cite page.c2
}
"""
    )
    narrowed = [(rule, text) for edit, rule, text in offered(text) if edit == "narrow"]
    assert narrowed == [("two.any_stranger", "unless not filed")]
    hidden = text.replace("not filed", "relation is child or filed").replace("strangers", "filed")
    assert [rule for edit, rule, _ in offered(hidden) if edit == "narrow"] == []


def test_what_something_else_names_cannot_go() -> None:
    text = ANYONE.replace("cite page.c1", "cite page.c1 permit pay more when filed exception to unfiled cite page.c1")
    assert [rule for edit, rule, _ in offered(text) if edit == "drop"] == ["city.anyone"]
    acknowledged = text + 'acknowledge PC302 city.anyone, city.more because "…"'
    assert [rule for edit, rule, _ in offered(acknowledged) if edit == "drop"] == []


def test_an_edit_that_closes_a_circle_is_not_offered() -> None:
    """`p1` prevails over `f1`, that over `p2`, that over `f2`; so `f2` cannot prevail over `p1` (PC106)."""
    text = (
        HEAD
        + """
precedence exception > rank
policy city for 500000 {
  permit pay p1 when filed exception to f1 cite page.c1
  forbid pay f1 when relation is child exception to p2 cite page.c2
  permit pay p2 when relation is parent exception to f2 cite page.c1
  forbid pay f2 when filed cite page.c2
}
"""
    )
    edits = [(edit, rule) for edit, rule, _ in offered(text)]
    assert ("exception-to", "city.p1") in edits
    assert ("exception-to", "city.f2") not in edits


def test_a_cell_of_a_row_is_narrowed_and_no_row_goes_that_leaves_a_gap() -> None:
    assert offered(rows("parent, child", "child, sibling"), "PC303") == [
        ("cell", "city.caps@1", "parent"),
        ("cell", "city.caps@2", "sibling"),
    ]
    covered = rows("parent, child", "child")
    assert offered(covered, "PC303") == [("cell", "city.caps@1", "parent"), ("drop", "city.caps@2", "| child | => 2 |")]


def rows(first: str, second: str) -> str:
    return (
        HEAD
        + f"""
policy city for 500000 {{
  table caps cite page.c1 {{
    | relation | => cap |
    | {first} | => 1 |
    | {second} | => 2 |
  }}
  require pay few: payer.region.cap > 0 cite page.c2
}}
"""
    )


def test_chinese_stays_chinese() -> None:
    text = (
        HEAD
        + """
政策 甲 适用于 500000 {
  允许 支付 人人 除非 关系 为 子女 依据 page.c1
  禁止 支付 未备案 条件 非 已备案 依据 page.c2
}
"""
    )
    assert offered(text) == [
        ("exception-to", "甲.人人", "例外于 未备案"),
        ("exception-to", "甲.未备案", "例外于 人人"),
        ("narrow", "甲.人人", "除非 关系 为 子女 或 非 已备案"),
        ("narrow", "甲.未备案", "除非 非 (关系 为 子女)"),
        ("drop", "甲.人人", "允许 支付 人人 除非 关系 为 子女 依据 page.c1"),
        ("drop", "甲.未备案", "禁止 支付 未备案 条件 非 已备案 依据 page.c2"),
    ]


def test_all_that_a_row_sets_is_looked_at() -> None:
    """The rows disagree on the cap; where the first loses children, what reads its share there loses its effect."""
    text = rows("parent, child", "child, sibling").replace("=> cap |", "=> cap | share |")
    text = text.replace("=> 1 |", "=> 1 | 7 |").replace("=> 2 |", "=> 2 | 0 |")
    text = text.replace("parameter cap", 'parameter share "比例" : int 0..100\nparameter cap')
    text = text.replace(
        "  require", "  forbid pay much when relation is child and payer.region.share > 5 cite page.c2\n  require"
    )
    left = {
        (repair.rule, repair.text): repair.idle
        for finding in found(text, "PC303")
        for repair in finding.finding.repairs or ()
    }
    assert left["city.caps@1", "parent"] == ("city.much",)


# --- When they are looked for ------------------------------------------------------------------------------


def test_an_acknowledged_finding_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: object) -> None:
        raise AssertionError("nobody asked for a repair")

    monkeypatch.setattr(repairs, "_repaired", too_much)
    text = ANYONE + 'acknowledge PC301 city.anyone, city.unfiled because "待答复"'
    (finding,) = found(text, "PC301")
    assert finding.acknowledged is not None
    assert finding.finding.repairs is None


def test_what_is_undecided_is_no_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    def gives_up(*_: object) -> bool:
        raise Undecided("timeout")

    monkeypatch.setattr(repairs, "_remains", gives_up)
    (finding,) = found(ANYONE, "PC301")
    assert finding.finding.repairs == ()


def test_of_many_findings_only_the_first_get_repairs(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ANYONE.replace("cite page.c2", "cite page.c2 forbid pay siblings when relation is sibling cite page.c2")
    monkeypatch.setattr(repairs, "RULES", 3)
    first, second = found(text, "PC301")
    assert first.finding.repairs
    assert second.finding.repairs is None


def test_they_are_shown_in_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.policy").write_text(ANYONE, encoding="utf-8")

    def shown(*words: str) -> str:
        return CliRunner().invoke(main, [*words[:2], "check", "a.policy", *words[2:]]).stdout

    english = shown("--lang", "en").splitlines()
    assert "   = repair: in `city.unfiled` write `exception to anyone`" in english
    assert "   = repair: delete `city.unfiled`" in english
    chinese = shown("--lang", "zh").splitlines()
    assert "   = 改法：在 `city.unfiled` 中写明 `例外于 anyone`" in chinese
    assert "   = 改法：删去 `city.unfiled`" in chinese
    findings = json.loads(shown("--lang", "en", "--format", "json"))["findings"]
    (finding,) = [item for item in findings if item["code"] == "PC301"]
    assert finding["repairs"][0] == {
        "edit": "exception-to",
        "rule": "city.unfiled",
        "text": "exception to anyone",
        "leaves": {"idle": [], "open": []},
    }
    assert isinstance(finding["help"], str)


def test_every_statement_is_found_by_its_rule() -> None:
    read = compile_paths([EVERY_CONSTRUCT]).policy_set
    statements = Statements()
    for rule in read.rules.values():
        assert rule.span.start >= statements.at(rule.span).span.start
    norms = [statements.at(rule.span) for rule in read.norms.values()]
    assert norms
    assert all(isinstance(statement, NormStatement) for statement in norms)
