"""The witness of a finding belongs to that finding: every completion of it shows the finding, and no fact can go.

Small sets are tried on all their cases, larger ones on random completions. The finding itself is asked of the
reference evaluator, without any term or solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.model import Case, PolicySet
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.pipeline import compile_paths
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from tests.support.evidence import CODES, Reading, completions, readings, shows, stays_redundant, witness_of
from tests.support.places import CORPUS_FILES, corpus_name
from tests.support.sets.random_sets import COMMON, SETS, compiled, generated
from tests.support.sets.small_sets import SMALL_SETS, small
from tests.support.slow import mostly_slow

TODAY = date(2024, 6, 1)
#: Random completions of each witness; of a mandate's fewer, since each is tried with all that can be arranged.
TRIALS = 20
TRIALS_OF_MANDATES = 4


def findings(policy_set: PolicySet) -> list[Diagnostic]:
    report = check(policy_set, (), CheckOptions(TODAY, codes=CODES, witnesses=2))
    assert not any(finding.finding.cut for finding in report.findings)
    return [finding for finding in report.findings if finding.finding.witness is not None]


def readings_shown(evaluator: Evaluator, finding: Diagnostic, cases: Sequence[Case]) -> list[Reading]:
    """The readings of a finding that all the cases show."""
    found = readings(evaluator.policy_set)
    return [reading for reading in found if all(shows(evaluator, finding, case, reading) for case in cases)]


def assert_shown(evaluator: Evaluator, finding: Diagnostic, random: Random) -> int:
    """Tries random completions; how many of them were valid."""
    policy_set = evaluator.policy_set
    trials = TRIALS_OF_MANDATES if finding.code.id == "PC306" else TRIALS
    drawn = completions(policy_set, witness_of(policy_set, finding), random, trials)
    cases = [case for case in drawn if not evaluator.violated(case)]
    assert readings_shown(evaluator, finding, cases), (finding.code.id, finding.finding.rules)
    if finding.code.id == "PC402":
        assert all(stays_redundant(evaluator, finding, case, random) for case in cases), finding.finding.rules
    return len(cases)


@pytest.mark.parametrize("seed", mostly_slow(range(SMALL_SETS // 2), 0))
def test_every_completion_in_small_sets_shows_the_finding_and_every_fact_is_needed(seed: int) -> None:
    context, cases = small(seed)
    evaluator, policy_set = context.evaluator, context.policy_set
    for finding in findings(policy_set):
        part = witness_of(policy_set, finding)
        assert completed(cases, part), "a witness is a part of a valid case"
        shown = readings_shown(evaluator, finding, completed(cases, part))
        assert any(_needs_all(evaluator, finding, part, cases, reading) for reading in shown), (finding.code.id, part)


def _needs_all(evaluator: Evaluator, finding: Diagnostic, part: Case, cases: Sequence[Case], reading: Reading) -> bool:
    """Whether without any one of the facts some case does not show a reading of the finding."""
    for name in part:
        less = {other: value for other, value in part.items() if other != name}
        if all(shows(evaluator, finding, case, reading) for case in completed(cases, less)):
            return False
    return True


def completed(cases: Sequence[Case], part: Case) -> list[Case]:
    return [case for case in cases if part.items() <= case.items()]


@cache
def of_random_set(seed: int) -> tuple[PolicySet, list[Diagnostic]]:
    policy_set = generated(seed, "en", COMMON).policy_set
    return policy_set, findings(policy_set)


@cache
def of_corpus(file: Path) -> tuple[PolicySet, list[Diagnostic]]:
    """Without findings where errors keep the set from being checked."""
    read = compile_paths([file])
    return read.policy_set, [] if read.errors else findings(read.policy_set)


@pytest.mark.parametrize("seed", mostly_slow(range(SETS // 10)))
def test_random_completions_show_the_finding(seed: int) -> None:
    policy_set, found = of_random_set(seed)
    evaluator, random = Evaluator(policy_set), Random(seed)
    assert sum(assert_shown(evaluator, finding, random) for finding in found) > 0 or not found


@pytest.mark.parametrize("file", mostly_slow(CORPUS_FILES, 4), ids=corpus_name)
def test_random_completions_show_what_the_corpus_has(file: Path) -> None:
    policy_set, found = of_corpus(file)
    evaluator, random = Evaluator(policy_set), Random(7)
    for finding in found:
        assert_shown(evaluator, finding, random)


@pytest.mark.slow
def test_the_corpus_and_random_sets_have_findings_of_every_code() -> None:
    every = [*map(of_random_set, range(SETS // 10)), *map(of_corpus, CORPUS_FILES)]
    assert {finding.code.id for _, found in every for finding in found} == set(CODES)


# --- Small examples ----------------------------------------------------------------------------------------

HEAD = """
region 100000 "Root"
region 500000 "X" in 100000
fact home : region
fact away : region
fact admin : boolean
fact blocked : boolean
fact age : int 0..120
enum host { bad, good }
enum target { web, other }
fact src : host
fact dst : target
"""


def witnesses(text: str) -> dict[tuple[str, ...], tuple[dict[str, str], dict[str, str]]]:
    """The witness and the verdicts of each finding, by code and rules."""
    policy_set, _ = compiled(HEAD + text)
    return {
        (item.code.id, *item.finding.rules): (dict(item.finding.witness or ()), dict(item.finding.verdicts))
        for item in findings(policy_set)
    }


def test_of_two_conflicts_that_overlap_each_is_shown_by_its_own_case() -> None:
    found = witnesses("""
    decision pay governed by home as s
    policy p for 500000 {
      source s { clause c "t" }
      forbid pay rest cite s.c
      permit pay admins when admin cite s.c
      forbid pay blocked_ones when blocked cite s.c
    }
    """)
    conflicting = {"pay": "conflicting"}
    assert found == {
        ("PC301", "p.admins", "p.rest"): ({"admin": "true"}, conflicting),
        ("PC301", "p.admins", "p.blocked_ones"): ({"admin": "true", "blocked": "true"}, conflicting),
        ("PC402", "p.blocked_ones", "p.rest"): ({"admin": "false", "blocked": "true"}, {"pay": "denied"}),
    }


def test_a_silence_is_shown_where_the_permit_of_the_finding_has_effect() -> None:
    found = witnesses("""
    decision pay governed by home as paying, away as receiving
    policy nation for 100000 {
      source page { clause c "a" }
      permit pay anyone when admin cite page.c
      receiving { permit pay filed_ones when blocked cite page.c }
    }
    """)
    undetermined = {"pay": "undetermined"}
    assert found["PC403", "nation.anyone"] == ({"admin": "true", "blocked": "false"}, undetermined)
    assert found["PC403", "nation.filed_ones"] == ({"admin": "false", "blocked": "true"}, undetermined)


def test_an_unusable_permit_is_shown_where_it_applies() -> None:
    found = witnesses("""
    decision pay governed by home as s
    policy p for 500000 {
      source s { clause c "t" }
      permit pay old when age > 60 and not blocked cite s.c
      require pay closed : blocked cite s.c
    }
    """)
    assert found["PC305", "p.old", "p.closed"][0] == {"age": "61", "blocked": "false"}


def test_a_rule_that_prevails_is_shown_where_it_has_effect() -> None:
    """Though a plainer case, in which it is itself beaten, shows that both apply."""
    found = witnesses("""
    decision pass governed by home as s
    policy p for 500000 {
      source s { clause c "t" }
      forbid pass black when src is bad exception to www cite s.c
      permit pass www when dst is web exception to rest cite s.c
      forbid pass rest cite s.c
    }
    """)
    assert found["PC302", "p.rest", "p.www"] == ({"src": "good", "dst": "web"}, {"pass": "permitted"})
    assert found["PC302", "p.www", "p.black"] == ({"src": "bad", "dst": "web"}, {"pass": "denied"})


def test_a_refuted_assertion_about_a_decision_is_shown_by_a_case_that_refutes_it() -> None:
    """Not only by one with the same verdict."""
    found = witnesses("""
    decision pay governed by home as s
    assert adults : pay is permitted implies age >= 18
    policy p for 500000 { source s { clause c "t" } permit pay anyone when admin cite s.c }
    """)
    assert found["PC501", "adults"] == ({"admin": "true", "age": "0"}, {"pay": "permitted"})


def test_an_amount_that_is_wrong_in_one_town_is_told_there_and_then() -> None:
    """Rounded amounts are asked about area by area; the finding has the area and the days, not the whole country."""
    text = """
    region 510000 "Y" in 100000
    region 510100 "Y1" in 510000
    region 900000 "Elsewhere"
    region 910000 "Z" in 900000
    fact amount : money 0 CNY..1000 CNY
    fact date : date 2024-01-01..2026-12-31
    parameter ratio : percent
    assert little : amount * home.ratio <= 500 CNY
    policy nation for 100000 { source s { clause c "t" } set ratio = 50% cite s.c }
    policy town for 510100 { source s { clause c "t" } set ratio = 50.01% from 2025-07-01 cite s.c }
    policy far for 900000 { source s { clause c "t" } set ratio = 60% until 2024-06-30 cite s.c }
    """
    policy_set, _ = compiled(HEAD + text)
    (found,) = [item.finding for item in findings(policy_set) if item.code.id == "PC501"]
    assert found.regions == ("510100", "900000")
    assert [(span.first, span.last) for span in found.dates or ()] == [(None, "2024-06-30"), ("2025-07-01", None)]
    assert dict(found.witness or ()) == {"home": "510100", "amount": "999.82元", "date": "2025-07-01"}
