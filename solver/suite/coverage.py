"""Which rules the tests of a set exercise.

In: the representative case of each test. Out: every rule and row of a table, with whether some test exercises it: in
its case the rule is in force and applies, and an expectation of the test depends on the rule's decision or parameter.
The reference evaluator decides this, not the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyc.dsl import model
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import State
from policyc.dsl.semantics.walk import run

from ..encoding.dependencies import transitive
from ..report.reports import Coverage, CoveredRule


def covered(
    policy_set: model.PolicySet, evaluator: Evaluator, cases: Iterable[tuple[model.Test, model.Case]]
) -> Coverage:
    """Every rule of the set, and whether some test exercises it in its case."""
    exercised: set[str] = set()
    for test, case in cases:
        exercised.update(_Reading(policy_set, evaluator, case).rules(test))
    return Coverage(
        tuple(
            CoveredRule(name, _kind(rule), rule.policy, rule.span, name in exercised)
            for name, rule in sorted(policy_set.rules.items(), key=lambda item: item[1].span.sort_key())
        )
    )


def _kind(rule: model.Rule) -> str:
    match rule:
        case model.Norm(effect=model.Effect.PERMIT):
            return "permit"
        case model.Norm():
            return "forbid"
        case model.Requirement():
            return "require"
        case model.Mandate():
            return "mandate"
        case model.Setting(table=None):
            return "set"
        case _:
            return "row"


class _Reading:
    """What the expectations of a test read in one case."""

    def __init__(self, policy_set: model.PolicySet, evaluator: Evaluator, case: model.Case) -> None:
        self.policy_set = policy_set
        self.evaluator = evaluator
        self.case = case
        self._applying: set[str] = set()

    def rules(self, test: model.Test) -> set[str]:
        """The names of the rules that apply."""
        subjects = [item.subject if isinstance(item, model.DependsExpectation) else item for item in test.expect]
        run(transitive(self.policy_set, subjects, self._sided, self._settings))
        return self._applying

    def _sided(self, decision: str) -> Iterator[model.Rule]:
        """The rules that may apply at a side of a decision."""
        for side in self.evaluator.decide(decision, self.case).sides:
            parts = [part for part in side.rules if part.state is not State.NOT_IN_FORCE]
            mandates = self.policy_set.mandates.values()
            for rule in (
                *(self.policy_set.rules[part.rule] for part in parts),
                *(other for other in mandates if (other.decision, other.side) == (decision, side.side)),
            ):
                if self.evaluator.applying(rule, side.region, self.case):
                    self._applying.add(rule.name)
                yield rule

    def _settings(self, read: model.ParameterValue) -> Iterator[model.Rule]:
        """The settings that may give a parameter its value."""
        for trace in self.evaluator.read_by(read, self.case):
            for part in trace.settings:
                setting = self.policy_set.settings[part.rule]
                if part.state in (State.HAS_EFFECT, State.BEATEN):
                    self._applying.add(setting.name)
                if part.state is not State.NOT_IN_FORCE:
                    yield setting
