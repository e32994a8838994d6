"""What a question rests on: the rules concerned, and the comparisons that they are made of.

In: a view and a decision or an expression. Out: expressions of the policy set. Rules that cannot be in force
in the view are left out; nothing is proved here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from policyc.dsl.model import (
    BOOLEAN,
    DefineValue,
    Equal,
    Expr,
    FactValue,
    Less,
    MemberOf,
    ParameterValue,
    PolicySet,
    Rule,
    Within,
)

from ..encoding.dependencies import transitive
from ..engine.context import View


@dataclass(frozen=True, slots=True)
class Reach:
    """In order of first reading."""

    comparisons: tuple[Expr, ...]
    rules: tuple[Rule, ...]


def reach(view: View, subject: str | Expr) -> Reach:
    cone = list(transitive(view.policy_set, [subject], partial(_rules, view), partial(_settings, view)))
    compared = (inner for inner in cone if isinstance(inner, Equal | Less | Within | MemberOf))
    return Reach(tuple(dict.fromkeys(compared)), tuple(rule for rule in cone if isinstance(rule, Rule)))


def _rules(view: View, decision: str) -> Iterator[Rule]:
    """The rules of a decision that can be in force."""
    policy_set = view.policy_set
    for rule in (*policy_set.norms.values(), *policy_set.requirements.values()):
        if rule.decision == decision:
            place = view.space.region(policy_set.side(decision, rule.side).fact)
            if view.terms.in_force(rule, place) is not view.bank.false:
                yield rule


def _settings(view: View, read: ParameterValue) -> Iterator[Rule]:
    """The settings that can give a parameter its value where it is read."""
    for setting in view.policy_set.settings.values():
        if setting.parameter == read.parameter:
            if isinstance(read.region, FactValue):
                force = view.terms.in_force(setting, view.space.region(read.region.fact))
                if force is view.bank.false:
                    continue
            yield setting


def named_conditions(policy_set: PolicySet) -> list[DefineValue]:
    """The truth-valued definitions of the vocabulary."""
    return [
        DefineValue(define.name, type=BOOLEAN, span=define.span)
        for define in policy_set.defines.values()
        if define.value.type == BOOLEAN and define.policy is None
    ]
