"""Checks are found in their rooms, and built only if selected."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policyc.dsl.diagnostics.diagnostic import CODES
from policyc.dsl.model import PolicySet
from policyc.pipeline import compile_paths
from policyc.solver import checks
from policyc.solver.backends.cvc5_backend import SecondSolver
from policyc.solver.backends.second_opinion import Confirmation
from policyc.solver.check import check
from policyc.solver.checks.contradictions.disjoint import without_disjoint
from policyc.solver.checks.form import Analysis, Asking, Check, Phase
from policyc.solver.checks.options import CheckOptions
from policyc.solver.checks.registry import CHECKS, found
from policyc.solver.checks.reporter import Reporter
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.shared_context import SharedContext
from tests.support.places import CORPUS

TODAY = date(2026, 1, 1)

#: A check that somebody might add.
TRIAL = """
from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Label, text
from policyc.solver.backends.second_opinion import Purpose
from policyc.solver.checks.form import Asking, Check


def begin(reporter):
    for rule in reporter.policy_set.norms.values():
        finding = Diagnostic(CODES["PC404"], text("PC404.help", parameter=rule.name), Label(rule.span))
        yield Asking(Purpose(("PC404",), text("PC901.temporal-gaps"), None), lambda: finding)
        break


CHECK = Check(("PC404",), 5, begin)
"""


@pytest.fixture(scope="module")
def policy_set() -> PolicySet:
    return compile_paths([CORPUS / "bad" / "conflicts" / "two_norms.policy"]).policy_set


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A file added to the room of checks."""
    (tmp_path / "put_in_for_a_try.py").write_text(TRIAL, encoding="utf-8")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    name = f"{checks.__name__}.put_in_for_a_try"
    yield name
    sys.modules.pop(name, None)


def test_a_file_put_in_is_a_check(added: str, policy_set: PolicySet) -> None:
    every = found()
    (new,) = [one for one in every if one.begin.__module__ == added]
    assert len(every) == len(CHECKS) + 1
    assert [one.order for one in every] == sorted(one.order for one in every)
    options = CheckOptions(TODAY, codes=("PC404",))
    assert check(policy_set, (), options).findings == ()
    (finding,) = check(policy_set, (), options, checks=every).findings
    assert finding.message.key == "PC404.help"
    assert new.codes == ("PC404",)


def test_every_code_that_takes_a_solver_has_one_check() -> None:
    codes = [code for one in CHECKS for code in one.codes]
    assert len(codes) == len(set(codes))
    circles = "PC106"  # rules that beat each other in a circle do so in a case; other circles stand in the text
    assert set(codes) == {code for code in CODES if code[:3] in ("PC3", "PC4", "PC5")} | {circles}


def test_no_two_checks_have_one_place() -> None:
    places = [(one.phase.value, one.order) for one in CHECKS]
    assert len(places) == len(set(places))


def test_a_check_whose_codes_are_not_wanted_is_not_built(policy_set: PolicySet) -> None:
    begun: list[tuple[str, ...]] = []

    def noted(one: Check) -> Check:
        def begin(reporter: Reporter) -> Iterator[Analysis | Asking]:
            begun.append(one.codes)
            yield from one.begin(reporter)

        return replace(one, begin=begin)

    report = check(policy_set, (), CheckOptions(TODAY, codes=("PC301",)), checks=[noted(one) for one in CHECKS])
    assert {finding.code.id for finding in report.findings} == {"PC301"}
    always = [one.codes for one in CHECKS if one.phase is Phase.CASES]
    assert begun == [*always, ("PC301",)]


def test_a_context_that_knows_more_of_the_rules_works_as_before(policy_set: PolicySet) -> None:
    """It still reports refutations for confirmation and still shares work; a copy for another process does neither."""
    confirmation = Confirmation(SecondSolver())
    for common in (
        SharedContext(policy_set, None, None, confirmation),
        SharedContext(policy_set, jobs=2),
    ):
        context = SolverContext(policy_set, 7.0, common=common)
        common.some_case = context.whole.case([])
        refined = context.refined(without_disjoint(context))
        assert refined.common.confirmation is common.confirmation
        assert (refined.common.jobs, refined.common.some_case) == (common.jobs, common.some_case)
        assert (refined.factory, refined.timeout) == (context.factory, 7.0)
        assert refined.rule_index is refined.common.rule_index is not context.rule_index
