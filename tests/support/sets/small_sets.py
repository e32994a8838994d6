"""Small random sets, with all their cases."""

from __future__ import annotations

from datetime import date
from functools import cache

from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.model import PolicySet, Value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.solver.ask.request import understand
from policyc.solver.engine.context import SolverContext
from policyc.solver.report.answers import ImpossibleCase
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import PAIRS, SMALL, compiled, generated

#: How many of them the tests use.
SMALL_SETS = max(4, PAIRS // 100)

ASSERTIONS = """
assert yes: pay is permitted implies bind is permitted
assert few: payer.links < 2 or bind is not conflicting
assert low: number <= 5
"""


@cache
def small(seed: int) -> tuple[SolverContext, list[dict[str, Value]]]:
    """A small set with assertions, and all its valid cases."""
    found = generated(seed, "en", SMALL)
    policy_set, diagnostics = compiled(found.text + ASSERTIONS)
    assert not [d for d in diagnostics if d.level is Severity.ERROR]
    whole = SolverContext(policy_set)
    return whole, valid_cases(whole.evaluator)


@cache
def small_cases(seed: int) -> list[dict[str, Value]]:
    """All valid cases of a small set as generated."""
    return valid_cases(Evaluator(generated(seed, "en", SMALL).policy_set))


def assert_impossible(policy_set: PolicySet, question: str) -> None:
    """Asserts that a set whose axioms exclude all cases answers "impossible" to a question."""
    report = understand(policy_set, question, [], {}, on="any", today=date(2024, 1, 2)).report()
    assert (report.answer, report.possible, report.kind) == ("impossible", (), ImpossibleCase())
