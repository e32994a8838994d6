"""The cone of influence of a question: the rules it depends on, and their comparisons.

In: a scope and a decision or an expression. Out: expressions of the policy set. Rules that cannot be in force in the
scope are left out; nothing is proved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from policyc.dsl import model

from ...encoding.dependencies import transitive
from ...engine.context import CaseScope


@dataclass(frozen=True, slots=True)
class ConeOfInfluence:
    """What a question depends on, in order of first reading."""

    comparisons: tuple[model.Expr, ...]
    rules: tuple[model.Rule, ...]


def cone_of_influence(scope: CaseScope, subject: str | model.Expr) -> ConeOfInfluence:
    cone = list(transitive(scope.policy_set, [subject], partial(_rules, scope), partial(_settings, scope)))
    compared = (inner for inner in cone if isinstance(inner, model.Equal | model.Less | model.Within | model.MemberOf))
    return ConeOfInfluence(tuple(dict.fromkeys(compared)), tuple(rule for rule in cone if isinstance(rule, model.Rule)))


def _rules(scope: CaseScope, decision: str) -> Iterator[model.Rule]:
    """The rules of a decision that can be in force."""
    for rule in scope.context.rule_index.dependencies.rules[decision]:
        place = scope.symbolic.region(scope.policy_set.side(decision, rule.side).fact)
        if scope.rules.in_force(rule, place) is not scope.factory.false:
            yield rule


def _settings(scope: CaseScope, read: model.ParameterValue) -> Iterator[model.Rule]:
    """The settings that can give a parameter its value at a reading."""
    for setting in scope.context.rule_index.dependencies.settings[read.parameter]:
        if isinstance(read.region, model.FactValue):
            force = scope.rules.in_force(setting, scope.symbolic.region(read.region.fact))
            if force is scope.factory.false:
                continue
        yield setting


def named_conditions(policy_set: model.PolicySet) -> list[model.DefineValue]:
    """The Boolean definitions of the vocabulary."""
    return [
        model.DefineValue(define.name, type=model.BOOLEAN, span=define.span)
        for define in policy_set.defines.values()
        if define.value.type == model.BOOLEAN and define.policy is None
    ]
