"""Places of rules: the region facts whose regions decide whether a rule applies.

For a norm, requirement or mandate, it is the fact that governs its side; for a set or a table, the facts through which
the parameter is read. In: a checked set and a rule of it. Out: names of facts, and a term for when the rule is in
force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from policyc.dsl.model import Decision, DecisionRule, Norm, Period, PolicySet, Rule, Setting, Side, Table

from ..encoding.dependencies import region_facts
from ..formula.terms import Term
from .context import CaseScope


class Places:
    """The places of each rule of a set."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self._read = region_facts(policy_set)

    def of(self, rule: Rule) -> tuple[str, ...]:
        """The facts, in order of declaration; empty if any region will do, since the parameter is also read in regions
        that are the value of no fact."""
        match rule:
            case DecisionRule():
                return (self.policy_set.side(rule.decision, rule.side).fact,)
            case Setting(table=str(table)):
                return self.of(self.policy_set.tables[table])
            case Setting():
                return self._read[rule.parameter]
            case Table():
                return self._together(rule.parameters)
            case _:
                raise AssertionError(f"a rule of no kind: {rule.name}")

    def _together(self, parameters: Iterable[str]) -> tuple[str, ...]:
        places = [self._read[parameter] for parameter in parameters]
        if not all(places):
            return ()
        return tuple(fact for fact in self.policy_set.facts if any(fact in some for some in places))


def in_force(scope: CaseScope, rule: Rule, places: tuple[str, ...]) -> Term:
    """When a rule is in force at one of its places."""
    if not places:
        return scope.rules.during(rule.period)
    return scope.factory.or_(scope.rules.in_force(rule, scope.symbolic.region(fact)) for fact in places)


def nearest_first(rule: Rule, others: Iterable[Rule]) -> list[Rule]:
    """Rules by their distance from one: first those of its policy, which its author can mend at once."""
    return sorted(others, key=lambda other: (other.policy != rule.policy, other.name))


def sides(policy_set: PolicySet) -> Iterator[tuple[Decision, Side]]:
    """The sides of each decision."""
    for decision in policy_set.decisions.values():
        for side in decision.sides:
            yield decision, side


def rules_scope(policy_set: PolicySet, one: Rule, other: Rule) -> tuple[str, Period]:
    """The region and the days on which both rules are in force."""
    inner = one.region if policy_set.regions.within(one.region, other.region) else other.region
    return inner, one.period.intersection(other.period)


def place_of(policy_set: PolicySet, rule: Norm | Setting, fact_of: Mapping[str, str]) -> str:
    """The region fact that gives the places of a rule."""
    if isinstance(rule, Setting):
        return fact_of[rule.parameter]
    return policy_set.side(rule.decision, rule.side).fact
