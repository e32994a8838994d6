"""What a question rests on: the rules concerned, and the comparisons that they are made of.

In: a view and a decision or an expression. Out: expressions of the policy set. Rules that cannot be in force
in the view are left out; nothing is proved here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..dsl.model import (
    BOOLEAN,
    DecisionRule,
    DefineValue,
    Equal,
    Expr,
    FactValue,
    Less,
    MemberOf,
    ParameterValue,
    PolicySet,
    Rule,
    Setting,
    VerdictIs,
    Within,
    conditions,
    parts,
)
from ..dsl.walk import Walk, run
from .prover import View


@dataclass(frozen=True, slots=True)
class Reach:
    """In order of first reading."""

    comparisons: tuple[Expr, ...]
    rules: tuple[Rule, ...]


def reach(view: View, subject: str | Expr) -> Reach:
    walk = _Walk(view)
    run(walk.decision(subject) if isinstance(subject, str) else walk.expression(subject))
    return Reach(tuple(walk.comparisons), tuple(walk.rules.values()))


def named_conditions(policy_set: PolicySet) -> list[DefineValue]:
    """The truth-valued definitions of the vocabulary."""
    return [
        DefineValue(define.name, type=BOOLEAN, span=define.span)
        for define in policy_set.defines.values()
        if define.value.type == BOOLEAN and define.policy is None
    ]


class _Walk:
    """Collects what is met on the way, each thing once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.policy_set: PolicySet = view.policy_set
        self.comparisons: dict[Expr, None] = {}
        self.rules: dict[str, Rule] = {}
        self._seen: set[str] = set()

    def decision(self, name: str) -> Walk:
        if not self._first(f"decision {name}"):
            return
        sides = {side.name: side for side in self.policy_set.decisions[name].sides}
        speaking: Sequence[DecisionRule] = [
            *self.policy_set.norms.values(),
            *self.policy_set.requirements.values(),
        ]
        for rule in speaking:
            if rule.decision != name:
                continue
            place = self.view.space.region(sides[rule.side].fact)
            if self.view.terms.in_force(rule, place) is not self.view.bank.false:
                yield self._rule(rule.name, rule)

    def expression(self, expression: Expr) -> Walk:
        match expression:
            case Equal() | Less() | Within() | MemberOf():
                self.comparisons[expression] = None
            case DefineValue(define=define):
                if self._first(f"define {define}"):
                    yield self.expression(self.policy_set.defines[define].value)
            case VerdictIs(decision=decision):
                yield self.decision(decision)
            case ParameterValue(parameter=parameter, region=region):
                for setting in self._settings(parameter, region):
                    yield self._rule(setting.key, setting)
        for part in parts(expression):
            yield self.expression(part)

    def _rule(self, key: str, rule: Rule) -> Walk:
        if not self._first(f"rule {key}"):
            return
        self.rules[key] = rule
        for condition in conditions(rule):
            yield self.expression(condition)

    def _settings(self, parameter: str, region: Expr) -> Iterator[Setting]:
        """The settings that can give a parameter its value in a region."""
        space, terms = self.view.space, self.view.terms
        for setting in self.policy_set.settings.values():
            if setting.parameter != parameter:
                continue
            if isinstance(region, FactValue):
                force = terms.in_force(setting, space.region(region.fact))
                if force is self.view.bank.false:
                    continue
            yield setting

    def _first(self, what: str) -> bool:
        if what in self._seen:
            return False
        self._seen.add(what)
        return True
