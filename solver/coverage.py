"""Which rules the tests of a set exercise.

In: the case that stands for each test. Out: every rule and row of a table, with whether some test exercises
it: in one of these cases the rule is in force and applies, and an expectation of the test rests on its
decision or parameter. The reference evaluator says so; the solver is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..dsl.evaluate import Evaluator
from ..dsl.model import (
    Case,
    DependsExpectation,
    Effect,
    Expr,
    Mandate,
    Norm,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    Test,
    conditions,
)
from ..dsl.outcomes import State
from ..dsl.walk import Walk, found
from .answers import Coverage, CoveredRule
from .claims import decisions_read


def covered(policy_set: PolicySet, evaluator: Evaluator, cases: Iterable[tuple[Test, Case]]) -> Coverage:
    """Every rule of the set, and whether one of the tests exercises it in its case."""
    exercised: set[str] = set()
    for test, case in cases:
        exercised.update(_Reading(policy_set, evaluator, case).rules(test))
    return Coverage(
        tuple(
            CoveredRule(name, _kind(rule), rule.policy, rule.span, name in exercised)
            for name, rule in sorted(policy_set.rules.items(), key=lambda item: item[1].span.sort_key())
        )
    )


def _kind(rule: Rule) -> str:
    match rule:
        case Norm(effect=Effect.PERMIT):
            return "permit"
        case Norm():
            return "forbid"
        case Requirement():
            return "require"
        case Mandate():
            return "mandate"
        case Setting(table=None):
            return "set"
        case _:
            return "row"


class _Reading:
    """What the expectations of a test read in one case."""

    def __init__(self, policy_set: PolicySet, evaluator: Evaluator, case: Case) -> None:
        self.policy_set = policy_set
        self.evaluator = evaluator
        self.case = case
        self._decisions: set[str] = set()
        self._parameters: set[tuple[str, str]] = set()

    def rules(self, test: Test) -> Iterator[str]:
        """The names of the rules that apply."""
        return found(self._rules(test))

    def _rules(self, test: Test) -> Walk:
        for expectation in test.expect:
            subject = expectation.subject if isinstance(expectation, DependsExpectation) else expectation
            yield self._decision(subject) if isinstance(subject, str) else self._expression(subject)

    def _decision(self, name: str) -> Walk:
        if name in self._decisions:
            return
        self._decisions.add(name)
        for side in self.evaluator.decide(name, self.case).sides:
            for part in side.rules:
                if part.state is not State.NOT_IN_FORCE:
                    yield self._in_force(self.policy_set.rules[part.rule], side.region)
            for mandate in self.policy_set.mandates.values():
                if (mandate.decision, mandate.side) == (name, side.side):
                    yield self._in_force(mandate, side.region)

    def _in_force(self, rule: Rule, region: str) -> Walk:
        """A rule that may apply, and what its conditions read."""
        if self.evaluator.applying(rule, region, self.case):
            yield rule.name
        yield self._conditions(rule)

    def _conditions(self, rule: Rule) -> Walk:
        for condition in conditions(rule):
            yield self._expression(condition)

    def _expression(self, expression: Expr) -> Walk:
        for decision in decisions_read(self.policy_set, expression):
            yield self._decision(decision)
        for trace in self.evaluator.read_by(expression, self.case):
            if (trace.parameter, trace.region) in self._parameters:
                continue
            self._parameters.add((trace.parameter, trace.region))
            for part in trace.settings:
                setting = self.policy_set.settings[part.rule]
                if part.state in (State.HAS_EFFECT, State.BEATEN):
                    yield setting.name
                if part.state is not State.NOT_IN_FORCE:
                    yield self._conditions(setting)
