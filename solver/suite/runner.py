"""Runs the tests of a set: the outcome of each, and which rules they exercise.

In: a checked set and the tests to run. Out: a `TestReport`. `claims.py` finds why a test fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from policyc.dsl.diagnostics.characters import han_meant
from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.model import Case, PolicySet, Test
from policyc.dsl.system.limits import Undecided

from ..backends.second_opinion import undecided
from ..checks.claims.tests import failed_test, purpose_of
from ..engine.context import SolverContext
from ..engine.witness import plainest
from ..report.reports import TestOutcome, TestReport
from .coverage import covered

Status = Literal["passed", "failed", "impossible", "undecided"]

_STATUS: dict[str, Status] = {"PC502": "failed", "PC503": "impossible", "PC901": "undecided"}


def run_tests(
    policy_set: PolicySet, tests: Sequence[Test], *, timeout: float | None = None, coverage: bool = False
) -> TestReport:
    """Runs tests in their order. `timeout` is in seconds for each question as a whole."""
    context = SolverContext(policy_set, timeout)
    outcomes = tuple(_outcome(context, test) for test in tests)
    if not coverage:
        return TestReport(outcomes, None)
    cases = [
        (test, case)
        for test, outcome in zip(tests, outcomes, strict=True)
        if outcome.status != "impossible" and (case := _canonical(context, test)) is not None
    ]
    return TestReport(outcomes, covered(policy_set, context.evaluator, cases))


def matching(tests: Sequence[Test], pattern: str) -> list[Test]:
    """The tests whose name contains a pattern, ignoring case; with `*`, `?` or `[`, the pattern must match all of it."""
    lowered = han_meant(pattern).casefold()
    if any(mark in lowered for mark in "*?["):
        return [test for test in tests if fnmatchcase(test.name.casefold(), lowered)]
    return [test for test in tests if lowered in test.name.casefold()]


def _outcome(context: SolverContext, test: Test) -> TestOutcome:
    finding: Diagnostic | None
    try:
        with context.question():
            finding = failed_test(context, test)
    except Undecided as error:
        purpose = purpose_of(test)
        finding = undecided(purpose, error.reason)
    status = "passed" if finding is None else _STATUS[finding.code.id]
    return TestOutcome(test.name, test.span, status, finding)


def _canonical(context: SolverContext, test: Test) -> Case | None:
    """The representative case of a test: what it gives, completed by usual or else plainest values."""
    try:
        with context.question():
            return plainest(context.scope({item.fact: item.value for item in test.given}), ())
    except Undecided:
        return None
