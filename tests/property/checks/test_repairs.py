"""Repairs: every edit offered, pasted into the text, ends the finding and causes no other of its code.

The tests do not trust the edited sets of `solver/repairs/edits.py`: they edit the text and read it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.binding.wording.spoken import spoken_names
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Repair
from policyc.dsl.model import Case, Norm, PolicySet, SideVerdict
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.precedence import Contest
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.syntax.excerpt import Statements
from policyc.dsl.syntax.expressions import Node
from policyc.dsl.syntax.tree import Modifiers, Row
from policyc.pipeline import Compiled, check as check_compiled, compile_paths
from policyc.render.text import Manner
from policyc.solver.checks.contradictions.disjoint import without_disjoint
from policyc.solver.checks.contradictions.value_conflicts import both_unbeaten, value_conflicts
from policyc.solver.checks.options import CheckOptions
from policyc.solver.checks.reporter import Reporter
from policyc.solver.encoding.dependencies import reading_facts
from policyc.solver.encoding.rule_index import RuleIndex
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.reachability import search_all
from policyc.solver.engine.shared_context import SharedContext
from policyc.solver.engine.witness import plainest
from policyc.solver.repairs.edits import with_rule
from tests.support.offers import TODAY, found
from tests.support.places import CORPUS, corpus_name
from tests.support.sets.random_sets import COMMON, SMALL, generated
from tests.support.slow import mostly_slow

FILES = [
    file
    for topic in ("conflicts", "values-conflict", "sides", "mandates", "acknowledgements", "tables")
    for file in sorted(CORPUS.glob(f"*/{topic}/*.policy"))
]


# --- Pasting -----------------------------------------------------------------------------------------------


def pasted(policy_set: PolicySet, repair: Repair) -> dict[str, str]:
    """The files of a set with an edit made in the text."""
    rule = policy_set.rules[repair.rule]
    statement = Statements().at(rule.span)
    file = rule.span.file
    start, end = statement.span.start, statement.span.end
    if repair.edit == "drop":
        edited = ""
    elif repair.edit == "cell":
        assert isinstance(statement, Row)
        edited = in_cell(policy_set, repair, statement)
    elif repair.edit == "default":
        edited = f"{repair.text} {statement.span.text}"
    else:
        assert not isinstance(statement, Row)
        edited = f"{without(statement, statement.modifiers, repair.edit)} {repair.text}"
    return {
        other.path: other.text if other != file else f"{file.text[:start]}{edited}{file.text[end:]}"
        for other in policy_set.files
    }


def pasted_files(policy_set: PolicySet, repair: Repair) -> list[Path]:
    """The same as files of the working directory, which are read together."""
    paths = []
    for number, text in enumerate(pasted(policy_set, repair).values()):
        paths.append(Path(f"{number}.policy"))
        kept = (line for line in text.split("\n") if not line.startswith(("use ", "引用 ")))
        paths[-1].write_text("\n".join(kept), encoding="utf-8")
    return paths


def in_cell(policy_set: PolicySet, repair: Repair, row: Row) -> str:
    """A row with one cell written anew."""
    table = policy_set.tables[repair.rule.partition("@")[0]]
    headings = [expression_text(policy_set, column) for column in table.columns]
    cell, start = row.cells[headings.index(repair.column or "")].span, row.span.start
    return f"{row.span.text[: cell.start - start]}{repair.text}{row.span.text[cell.end - start :]}"


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
    """Whether a finding is gone and no new one has its code."""
    old = kinds([item for item in before if item.code is finding.code and item is not finding])
    return not kinds([item for item in after if item.code is finding.code]) - old


def repaired(finding: Diagnostic) -> Iterator[Repair]:
    yield from finding.finding.repairs or ()


@pytest.mark.parametrize("file", mostly_slow(FILES, 3), ids=corpus_name)
def test_a_repair_pasted_into_the_text_ends_the_finding(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = compile_paths([file])
    findings = list(check_compiled(read, CheckOptions(TODAY)).findings)
    monkeypatch.chdir(tmp_path)
    for finding in findings:
        for repair in repaired(finding):
            again = compile_paths(pasted_files(read.policy_set, repair))
            assert again.errors == (), repair
            chinese = replace(repair, text=Manner("zh", names=spoken_names(read.policy_set)).to_paste(repair.text))
            assert rules(compile_paths(pasted_files(read.policy_set, chinese))) == rules(again), chinese
            after = list(check_compiled(again, CheckOptions(TODAY)).findings)
            assert holds(finding, findings, after), repair
            if repair.rule in read.policy_set.norms:  # values are counted anew when one goes
                assert set(repair.idle or ()) == useless(after) - useless(findings) - {repair.rule}, repair
                assert (repair.open is None) or bool(repair.open) >= bool(silent(after) - silent(findings)), repair


def rules(read: Compiled) -> tuple[object, ...]:
    """The rules of a sound set; what they say, not where."""
    assert read.errors == ()
    known = read.policy_set
    return known.norms, known.requirements, known.settings, known.tables


def useless(findings: list[Diagnostic]) -> set[str]:
    """The rules that have no effect."""
    return {item.finding.rules[0] for item in findings if item.code.id in ("PC305", "PC401", "PC402", "PC407")}


def silent(findings: list[Diagnostic]) -> set[str]:
    """The permits of cases that another side leaves open."""
    return {item.finding.rules[0] for item in findings if item.code.id == "PC403"}


@pytest.mark.parametrize("world", mostly_slow(["small", "common"]))
@pytest.mark.parametrize("seed", mostly_slow(range(5)))
def test_repairs_of_random_sets_hold(seed: int, world: str) -> None:
    """In sets with several findings, undetermined conditions, and precedence in any order."""
    made = generated(seed, "zh" if seed % 2 else "en", COMMON if world == "common" else SMALL)
    findings = found(made.text, "PC301 PC303 PC304 PC306")
    for finding in findings[:4]:
        for repair in list(repaired(finding))[::2]:
            ((_, text),) = pasted(made.policy_set, repair).items()
            assert holds(finding, findings, found(text, finding.code.id)), repair


@pytest.mark.slow
def test_random_sets_have_repairs_of_most_kinds() -> None:
    """Otherwise the test above would test little."""
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


@pytest.mark.parametrize("world", mostly_slow(["small", "common"]))
@pytest.mark.parametrize("seed", mostly_slow(range(4)))
def test_what_is_known_beforehand_of_an_edited_set(seed: int, world: str) -> None:
    """It has the contests that it would have by itself; what is missing among its clashes never happens, or was
    found before and is untouched."""
    made = generated(seed, "en", COMMON if world == "common" else SMALL)
    context = SolverContext(made.policy_set)
    context = context.refined(without_disjoint(context))
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
    given = QuestionReader(policy_set).facts(dict(finding.finding.witness or ()))
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


@pytest.mark.parametrize("seed", mostly_slow(range(16)))
def test_the_rules_of_a_conflict_are_minimal(seed: int) -> None:
    """Its norms alone cause the conflict; without any one of them there is none."""
    made = generated(seed, "en", SMALL)
    if found(made.text, "PC303"):
        return  # conflicting values need no two norms
    for finding in found(made.text, "PC301"):
        case = witness_case(made.policy_set, finding)
        rules = set(finding.finding.rules)
        assert all(isinstance(made.policy_set.rules[name], Norm) for name in rules)
        assert conflicts_with(made.policy_set, rules, finding, case)
        for left_out in rules:
            assert not conflicts_with(made.policy_set, rules - {left_out}, finding, case)
