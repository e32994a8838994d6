"""Witnesses depend only on the question, not on earlier questions, the process, or its hash seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.model import PolicySet
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.witness import abductive_explanation, plainest
from tests.support.places import ROOT
from tests.support.sets.random_sets import COMMON, SMALL, World, compiled, generated

pytestmark = pytest.mark.slow

SEEDS = (2, 3)
WORLDS: dict[str, World] = {"common": COMMON, "small": SMALL}

PRINT = """
from tests.property.solver.test_witness import SEEDS, WORLDS, said
for name, world in WORLDS.items():
    for seed in SEEDS:
        print(said(seed, world))
"""


def witnesses(policy_set: PolicySet, *, backwards: bool = False) -> dict[str, object]:
    """The plainest case of each verdict and its essential part."""
    scope = SolverContext(policy_set).whole
    found: dict[str, object] = {}
    asked = [
        (decision, verdict, term)
        for decision in policy_set.decisions
        for verdict, term in scope.decisions.decision(decision).items()
    ]
    for decision, verdict, term in reversed(asked) if backwards else asked:
        case = plainest(scope, [term])
        part = None if case is None else abductive_explanation(scope, case, [term])
        found[f"{decision} {verdict}"] = [case, part]
    return dict(sorted(found.items()))


def findings(policy_set: PolicySet) -> Iterator[list[object]]:
    report = check(policy_set, (), CheckOptions(date(2024, 6, 1), codes=("PC301", "PC303")))
    for finding in report.findings:
        yield shown(finding)


def shown(finding: Diagnostic) -> list[object]:
    inner = finding.finding
    return [finding.code.id, inner.rules, inner.witness, inner.verdicts, inner.regions, str(inner.dates)]


def said(seed: int, world: World) -> str:
    policy_set = generated(seed, "en", world).policy_set
    return json.dumps([witnesses(policy_set), list(findings(policy_set))], sort_keys=True)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_questions_is_no_matter(seed: int, world: str) -> None:
    policy_set = generated(seed, "en", WORLDS[world]).policy_set
    forwards = witnesses(policy_set)
    assert any(case is not None for case, _ in forwards.values())  # type: ignore[misc]
    assert witnesses(policy_set, backwards=True) == forwards


@pytest.mark.parametrize("hash_seed", ["77"])
@pytest.mark.slow
def test_a_fresh_process_says_the_same(hash_seed: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PRINT],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [said(seed, world) for world in WORLDS.values() for seed in SEEDS]
    assert run.stdout.splitlines() == expected
    assert any("PC301" in line for line in expected)


def test_what_is_asked_for_may_be_a_usual_value() -> None:
    """A fact required to have its usual value is no departure, even if another must depart because of it."""
    policy_set = generated(2, "en", COMMON).policy_set
    scope = SolverContext(policy_set).whole
    usual = {fact.name: scope.usual(fact) for fact in policy_set.facts.values()}
    terms = {name: term for name, term in usual.items() if term is not None}
    first, second, *_ = terms.values()
    factory = scope.factory
    case = plainest(scope, [second, factory.not_(factory.and_((first, second)))])
    assert case is not None
    assert scope.holds(second, case)
    assert not scope.holds(first, case)


def test_what_is_asked_for_may_be_usual_itself() -> None:
    """The question requires a usual value that excludes the usual value of another fact."""
    text = """
    fact a : boolean usual true
    fact b : boolean usual true
    axiom not_both : not (a and b)
    """
    policy_set, _ = compiled(text)
    scope = SolverContext(policy_set).whole
    usual = scope.usual(policy_set.facts["a"])
    assert usual is not None
    assert plainest(scope, [usual]) == {"a": True, "b": False}
