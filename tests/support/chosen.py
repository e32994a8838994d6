"""Enumerates every alternative of conflicting parameters, which `dsl/semantics/possible.py` avoids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from policyc.dsl.model import Case, Value, Verdict
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.expressions import Instance
from policyc.dsl.semantics.judgement import Judgement
from policyc.dsl.semantics.outcomes import Known, Undetermined

T = TypeVar("T")


class _Open(Exception):
    def __init__(self, instance: Instance, values: frozenset[Value]) -> None:
        self.instance = instance
        self.values = sorted(values, key=str)


class Chosen(Judgement):
    """One case under one choice of values for conflicting parameters; so each parameter has one value."""

    def __init__(self, evaluator: Evaluator, case: Case, choices: Mapping[Instance, Value]) -> None:
        super().__init__(evaluator.policy_set, case, evaluator._rules)
        self.evaluator = evaluator
        self.choices = choices

    def parameter(self, instance: Instance) -> Known:
        if instance in self.choices:
            return self.choices[instance]
        values = self.values(instance)
        if isinstance(values, Undetermined):
            return values
        assert isinstance(values, frozenset)
        if len(values) > 1:
            raise _Open(instance, values)
        return next(iter(values))

    def verdict(self, decision: str) -> Verdict:
        """The verdict of a decision, under its own choices for conflicts."""
        return self.evaluator.verdict(decision, self.case)


def alternatives(evaluator: Evaluator, case: Case, compute: Callable[[Chosen], T]) -> list[T]:
    """A computation for every choice of one value for each conflicting parameter that it reads."""
    found: list[T] = []
    waiting: list[dict[Instance, Value]] = [{}]
    while waiting:
        choices = waiting.pop()
        try:
            found.append(compute(Chosen(evaluator, case, choices)))
        except _Open as open_:
            waiting += [{**choices, open_.instance: value} for value in open_.values]
    return found
