"""Enumerates all cases of small sets."""

from __future__ import annotations

from itertools import product

from policyc.dsl.model import BOOLEAN, REGION, EnumType, Fact, PolicySet, Value
from policyc.dsl.semantics.evaluate import Evaluator


def domain(policy_set: PolicySet, fact: Fact) -> list[Value]:
    """All possible values of a fact."""
    if fact.type == BOOLEAN:
        return [False, True]
    if fact.type == REGION:
        return sorted(policy_set.regions.values())
    if isinstance(fact.type, EnumType):
        return list(policy_set.enums[fact.type.name].members)
    assert fact.low is not None and fact.high is not None
    return list(range(fact.low, fact.high + 1))


def every_case(policy_set: PolicySet) -> list[dict[str, Value]]:
    """Every case of a set, including those that break an axiom."""
    domains = [domain(policy_set, fact) for fact in policy_set.facts.values()]
    return [dict(zip(policy_set.facts, values, strict=True)) for values in product(*domains)]


def valid_cases(evaluator: Evaluator) -> list[dict[str, Value]]:
    """Every case of a set that breaks no axiom."""
    return [case for case in every_case(evaluator.policy_set) if not evaluator.violated(case)]
