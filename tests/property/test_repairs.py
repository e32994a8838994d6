"""Repairs: every edit that is offered, pasted into the text, ends the finding and brings about no other of its code.

Nothing here trusts the edited sets that `solver/repairs/edits.py` makes: the text is edited and read again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.main import main
from policyc.dsl.binding.question import Reader
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Repair
from policyc.dsl.model import Case, Norm, PolicySet, SideVerdict
from policyc.dsl.model.precedence import Contest
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.syntax.excerpt import Statements
from policyc.dsl.syntax.expressions import Node
from policyc.dsl.syntax.tree import Modifiers, NormStatement, Row
from policyc.dsl.system.limits import Undecided
from policyc.pipeline import check as check_compiled, compile_paths
from policyc.solver.check import check
from policyc.solver.checks.contradictions.disjoint import without_apart
from policyc.solver.checks.contradictions.value_conflicts import both_unbeaten, value_conflicts
from policyc.solver.checks.options import CheckOptions
from policyc.solver.checks.reporter import Reporter
from policyc.solver.encoding.dependencies import reading_facts
from policyc.solver.encoding.rule_index import RuleIndex
from policyc.solver.engine.context import SharedContext, SolverContext
from policyc.solver.engine.reachability import search_all
from policyc.solver.engine.witness import plainest
from policyc.solver.repairs import repairs
from policyc.solver.repairs.edits import with_rule
from tests.support.places import CORPUS, EVERY_CONSTRUCT, corpus_name
from tests.support.random_sets import COMMON, SMALL, compiled, generated

FILES = [
    file
    for topic in ("conflicts", "values-conflict", "sides", "mandates", "acknowledgements")
    for file in sorted(CORPUS.glob(f"*/{topic}/*.policy"))
]
TODAY = date(2026, 1, 1)

HEAD = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum kind "关系" { parent "父母", sibling "兄弟姐妹", child "子女" }
record payer "共济人" { fact region "参保地" : region }
record beneficiary "受益人" { fact region "参保地" : region }
fact relation "关系" : kind usual parent
fact filed "已备案" : boolean arrangeable usual true
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
parameter cap "上限" : int 0..100
decision pay "支付" governed by payer.region as paying, beneficiary.region as receiving
source page "某网页" dated 2025-03-12 { clause c1 "可以" clause c2 "不可以" }
"""


def found(text: str, codes: str, **options: object) -> list[Diagnostic]:
    policy_set, diagnostics = compiled(text)
    assert [item.code.id for item in diagnostics if item.level == "error"] == []
    report = check(policy_set, (), CheckOptions(TODAY, codes=codes.split(), **options))  # type: ignore[arg-type]
    return [item for item in report.findings if item.code.id in codes.split()]


def offered(text: str, codes: str = "PC301") -> list[tuple[str, str, str]]:
    """The repairs of the only finding."""
    (finding,) = found(text, codes)
    return [(repair.edit, repair.rule, repair.text) for repair in finding.finding.repairs or ()]


# --- Pasting -----------------------------------------------------------------------------------------------


def pasted(policy_set: PolicySet, repair: Repair) -> dict[str, str]:
    """The files of a set with an edit made in the text."""
    rule = policy_set.rules[repair.rule]
    statement = Statements().at(rule.span)
    file = rule.span.file
    start, end = statement.span.start, statement.span.end
    if repair.edit == "drop":
        edited = ""
    elif repair.edit == "default":
        edited = f"{repair.text} {statement.span.text}"
    else:
        assert not isinstance(statement, Row)
        edited = f"{without(statement, statement.modifiers, repair.edit)} {repair.text}"
    return {
        other.path: other.text if other != file else f"{file.text[:start]}{edited}{file.text[end:]}"
        for other in policy_set.files
    }


def without(statement: Node, modifiers: Modifiers, edit: str) -> str:
    """A statement without the modifier that an edit writes anew."""
    old = {
        "exception-to": modifiers.exceptions,
        "narrow": (modifiers.unless,),
        "until": (modifiers.ends,),
        "from": (modifiers.starts,),
    }[edit]
    nodes = [node for node in old if node is not None]
    if not nodes:
        return statement.span.text
    before = statement.span.file.text[statement.span.start : nodes[0].span.start].rstrip()
    after = statement.span.file.text[nodes[-1].span.end : statement.span.end]
    words = 2 if before.endswith("exception to") else 1
    return f"{before.rsplit(maxsplit=words)[0]} {after}"


def kinds(findings: list[Diagnostic]) -> Counter[tuple[str, object]]:
    """What was found, by code and rules. Settings are counted anew when one goes, so their values tell them apart."""
    return Counter(
        (item.code.id, item.message.args if item.code.id == "PC303" else frozenset(item.finding.rules))
        for item in findings
    )


def holds(finding: Diagnostic, before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """Whether a finding has gone and no other of its code has come."""
    old = kinds([item for item in before if item.code is finding.code and item is not finding])
    return not kinds([item for item in after if item.code is finding.code]) - old


def repaired(finding: Diagnostic) -> Iterator[Repair]:
    yield from finding.finding.repairs or ()


@pytest.mark.parametrize("file", FILES, ids=corpus_name)
def test_a_repair_pasted_into_the_text_ends_the_finding(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = compile_paths([file])
    findings = list(check_compiled(read, CheckOptions(TODAY)).findings)
    monkeypatch.chdir(tmp_path)
    for finding in findings:
        for repair in repaired(finding):
            paths = []
            for number, text in enumerate(pasted(read.policy_set, repair).values()):
                paths.append(Path(f"{number}.policy"))
                kept = (line for line in text.split("\n") if not line.startswith(("use ", "引用 ")))
                paths[-1].write_text("\n".join(kept), encoding="utf-8")
            again = compile_paths(paths)
            assert again.errors == (), repair
            assert holds(finding, findings, list(check_compiled(again, CheckOptions(TODAY)).findings)), repair


@pytest.mark.parametrize("world", ["common", "small"])
@pytest.mark.parametrize("seed", range(12))
def test_repairs_of_random_sets_hold(seed: int, world: str) -> None:
    """In sets with several findings, undetermined conditions, and precedence in any order."""
    made = generated(seed, "zh" if seed % 2 else "en", COMMON if world == "common" else SMALL)
    findings = found(made.text, "PC301 PC303 PC304 PC306")
    for finding in findings[:4]:
        for repair in list(repaired(finding))[::2]:
            ((_, text),) = pasted(made.policy_set, repair).items()
            assert holds(finding, findings, found(text, finding.code.id)), repair


def test_random_sets_have_repairs_of_most_kinds() -> None:
    """So that the test above is about something."""
    offers = {
        (finding.code.id, repair.edit)
        for seed in (1, 3, 12)
        for finding in found(generated(seed, "en", COMMON).text, "PC301 PC303 PC304 PC306")
        for repair in repaired(finding)
    }
    assert {edit for code, edit in offers if code == "PC301"} >= {"exception-to", "narrow", "from", "drop"}
    assert {edit for code, edit in offers if code == "PC304"} >= {"narrow", "until", "from", "drop"}
    assert ("PC303", "drop") in offers


# --- What is known of an edited set without looking at all of it --------------------------------------------


@pytest.mark.parametrize("world", ["common", "small"])
@pytest.mark.parametrize("seed", range(8))
def test_what_is_known_beforehand_of_an_edited_set(seed: int, world: str) -> None:
    """It has the contests that it would have by itself; what is missing among its clashes never happens, or was
    found before and is untouched."""
    made = generated(seed, "en", COMMON if world == "common" else SMALL)
    context = SolverContext(made.policy_set)
    context = context.refined(without_apart(context))
    reporter = Reporter(context)
    analysis = value_conflicts(reporter)
    refined = analysis.conclude(search_all(context, analysis.queries)).rule_index
    assert refined is not None
    settings = list(made.policy_set.settings.values())
    for rule in settings[:: max(1, len(settings) // 3)]:
        for edited in (None, replace(rule, default=True, region=settings[0].region)):
            policy_set = with_rule(made.policy_set, rule, edited)
            fresh, after = RuleIndex.of(policy_set), refined.after(policy_set, rule, edited)
            assert {*map(contest_names, after.all_contests)} == {*map(contest_names, fresh.all_contests)}
            assert {loser: {*losses} for loser, losses in after.beaten.items()} == {
                loser: {*losses} for loser, losses in fresh.beaten.items()
            }
            missing = clashes(fresh) - clashes(after)
            assert clashes(after) <= clashes(fresh)
            scope, fact_of = (
                SolverContext(policy_set, common=SharedContext(policy_set, None, fresh)).whole,
                reading_facts(policy_set),
            )
            for one, other in ((policy_set.settings[a], policy_set.settings[b]) for a, b in missing):
                assert not scope.possible([both_unbeaten(scope, one, other, fact_of[one.parameter])])


def contest_names(contest: Contest) -> tuple[frozenset[str], str | None]:
    return frozenset((contest.one.key, contest.other.key)), contest.winner and contest.winner.key


def clashes(rule_index: RuleIndex) -> set[tuple[str, str]]:
    found = (sorted((a.key, b.key)) for pairs in rule_index.clashing.values() for a, b in pairs)
    return {(one, other) for one, other in found}


# --- The rules of a conflict are no more than it takes ------------------------------------------------------


def witness_case(policy_set: PolicySet, finding: Diagnostic) -> Case:
    given = Reader(policy_set).facts(dict(finding.finding.witness or ()))
    case = plainest(SolverContext(policy_set).scope(given), ())
    assert case is not None
    return case


def conflicts_with(policy_set: PolicySet, names: set[str], finding: Diagnostic, case: Case) -> bool:
    """Whether the side is in conflict where only some of its norms are there."""
    decision, side = finding.finding.decision, finding.finding.side
    assert decision is not None
    assert side is not None
    norms = {
        name: norm
        for name, norm in policy_set.norms.items()
        if name in names or (norm.decision, norm.side) != (decision, side)
    }
    evaluator = Evaluator(replace(policy_set, norms=norms))
    return evaluator.side(decision, side, case).verdict is SideVerdict.CONFLICT


@pytest.mark.parametrize("seed", range(16))
def test_the_rules_of_a_conflict_are_minimal(seed: int) -> None:
    """Its norms alone bring it about; leave one out and it is gone."""
    made = generated(seed, "en", SMALL)
    if found(made.text, "PC303"):
        return  # a conflict of values is one without any two norms
    for finding in found(made.text, "PC301"):
        case = witness_case(made.policy_set, finding)
        rules = set(finding.finding.rules)
        assert all(isinstance(made.policy_set.rules[name], Norm) for name in rules)
        assert conflicts_with(made.policy_set, rules, finding, case)
        for left_out in rules:
            assert not conflicts_with(made.policy_set, rules - {left_out}, finding, case)


# --- Which edits are offered -------------------------------------------------------------------------------

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
        ("exception-to", "city.anyone", "exception to unfiled"),
        ("exception-to", "city.unfiled", "exception to anyone"),
        ("narrow", "city.anyone", "unless not filed"),
        ("drop", "city.anyone", "permit pay anyone cite page.c1"),
        ("drop", "city.unfiled", "forbid pay unfiled when not filed cite page.c2"),
    ]


def test_modifiers_that_are_there_are_kept() -> None:
    """What is written anew says what it said before, and the edit."""
    text = ANYONE.replace(
        "permit pay anyone", "permit pay anyone unless relation is child or relation is parent"
    )
    text = text.replace(
        "cite page.c2", "exception to third cite page.c2 permit pay third when relation is child"
    )
    assert offered(text)[:3] == [
        ("exception-to", "city.anyone", "exception to unfiled"),
        ("exception-to", "city.unfiled", "exception to third, anyone"),
        ("narrow", "city.anyone", "unless (relation is child or relation is parent) or not filed"),
    ]


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
    assert ("narrow", "city.anyone") in edits  # unless relation is sibling: nothing new there


def test_periods() -> None:
    """Ended before the other begins, begun after it ends; not where nothing would be left."""
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
        ("from", "nation.cap", "from 2025-01-01"),
        ("default", "nation.cap", "default"),
        (
            "drop",
            "city.cap",
            "set cap = 2 when filed unless relation is child until 2024-12-31 cite page.c2",
        ),
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
    text = ANYONE.replace(
        "cite page.c1", "cite page.c1 permit pay more when filed exception to unfiled cite page.c1"
    )
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


def test_a_row_of_a_table_can_only_go() -> None:
    text = (
        HEAD
        + """
policy city for 500000 {
  table caps cite page.c1 {
    | relation       | => cap |
    | parent, child  | => 1   |
    | child, sibling | => 2   |
  }
  require pay few: payer.region.cap > 0 cite page.c2
}
"""
    )
    assert offered(text, "PC303") == [
        ("drop", "city.caps@1", "| parent, child | => 1 |"),
        ("drop", "city.caps@2", "| child, sibling | => 2 |"),
    ]


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
    text = ANYONE.replace(
        "cite page.c2", "cite page.c2 forbid pay siblings when relation is sibling cite page.c2"
    )
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
    assert "   = 改法：在 `city.unfiled` 中写明 `exception to anyone`" in chinese
    assert "   = 改法：删去 `city.unfiled`" in chinese
    findings = json.loads(shown("--lang", "en", "--format", "json"))["findings"]
    (finding,) = [item for item in findings if item["code"] == "PC301"]
    assert finding["repairs"][0] == {
        "edit": "exception-to",
        "rule": "city.anyone",
        "text": "exception to unfiled",
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
