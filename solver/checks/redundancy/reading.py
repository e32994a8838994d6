"""Rules that other rules read: through `X is permitted`, parameters, and definitions that read these.

In: rules of a set. Out: the rules that their conditions, or the axioms, depend on, directly or not; and a context in
which some of these may be absent. There the condition of each also asks for a fact of its own, its switch, which says
whether the rule is there. Which rule beats which does not depend on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from policyc.dsl.model import (
    BOOLEAN,
    And,
    Fact,
    FactValue,
    Norm,
    ParameterValue,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    conditions,
)

from ...encoding.dependencies import transitive
from ...engine.context import SolverContext
from .interactions import SWITCH

R = TypeVar("R", Norm, Requirement, Setting)


def rules_read(policy_set: PolicySet, rules: Iterable[Rule]) -> dict[str, str]:
    """The rules that some rules and the axioms depend on, by name, each with the decision or the parameter through
    which it is first read."""
    found: dict[str, str] = {}
    for rule in _read(policy_set, rules):
        found.setdefault(rule.name, rule.parameter if isinstance(rule, Setting) else rule.decision)
    return found


def reads_rules(policy_set: PolicySet, rules: Iterable[Rule]) -> bool:
    """Whether some rules or the axioms depend on any others."""
    return next(_read(policy_set, rules), None) is not None


def _read(policy_set: PolicySet, rules: Iterable[Rule]) -> Iterator[Norm | Requirement | Setting]:
    def of_decision(name: str) -> Iterator[Rule]:
        every = (*policy_set.norms.values(), *policy_set.requirements.values())
        return (rule for rule in every if rule.decision == name)

    def of_parameter(read: ParameterValue) -> Iterator[Rule]:
        return (setting for setting in policy_set.settings.values() if setting.parameter == read.parameter)

    subjects = [condition for rule in rules for condition in conditions(rule)]
    subjects += [axiom.condition for axiom in policy_set.axioms]
    for thing in transitive(policy_set, subjects, of_decision, of_parameter):
        if isinstance(thing, Norm | Requirement | Setting):
            yield thing


def with_switches(context: SolverContext, names: Collection[str]) -> SolverContext:
    """A context of the same set in which some rules may be absent."""
    policy_set = context.policy_set
    switches = {name: Fact(name=SWITCH.format(name), type=BOOLEAN, span=policy_set.rules[name].span) for name in names}
    changed = replace(
        policy_set,
        facts={**policy_set.facts, **{switch.name: switch for switch in switches.values()}},
        norms=_switched(policy_set.norms, switches),
        requirements=_switched(policy_set.requirements, switches),
        settings=_switched(policy_set.settings, switches),
    )
    return context.edited(changed, context.rule_index.narrowed(changed))


def _switched(rules: Mapping[str, R], switches: Mapping[str, Fact]) -> dict[str, R]:
    return {
        key: _only_with(rule, switches[rule.name]) if rule.name in switches else rule for key, rule in rules.items()
    }


def _only_with(rule: R, switch: Fact) -> R:
    """A rule that also asks for its switch."""
    there = FactValue(switch.name, type=BOOLEAN, span=rule.span)
    when = there if rule.when is None else And((there, rule.when), type=BOOLEAN, span=rule.span)
    return replace(rule, when=when)
