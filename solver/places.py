"""Where rules are in play: the region facts of a case by whose regions they are looked at.

A norm, requirement or mandate speaks by the fact that governs its side; a set or a table by the facts through
which the parameter is read. In: a checked set and a rule of it. Out: names of facts, and as a term when the
rule is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..dsl.model import (
    REGION,
    Ancestor,
    Choice,
    DecisionRule,
    DefineValue,
    DependsExpectation,
    Expr,
    FactValue,
    ParameterValue,
    PolicySet,
    Rule,
    Setting,
    Table,
)
from ..dsl.traversal import subexpressions
from .prover import View
from .reads import expressions
from .terms import Term


class Places:
    """Where each rule of a set is in play."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self._read = _reading_facts(policy_set)

    def of(self, rule: Rule) -> tuple[str, ...]:
        """The facts, in order of declaration; none where any region will do, since what reads the parameter
        gets to places that are no fact's."""
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


def in_force(view: View, rule: Rule, places: tuple[str, ...]) -> Term:
    """When a rule is in force at one of its places."""
    if not places:
        return view.terms.during(rule.period)
    return view.bank.or_(view.terms.in_force(rule, view.space.region(fact)) for fact in places)


def _reading_facts(policy_set: PolicySet) -> dict[str, tuple[str, ...]]:
    """For each parameter the facts by which it is read: all region facts where nothing reads it, none where
    something reads it at other places too."""
    read: dict[str, set[str | None]] = {name: set() for name in policy_set.parameters}
    for expression in [*expressions(policy_set), *_expected(policy_set)]:
        for inner in subexpressions(expression):
            if isinstance(inner, ParameterValue):
                read[inner.parameter].update(_ends(policy_set, inner.region))
    regions = [fact.name for fact in policy_set.facts.values() if fact.type == REGION]
    return {
        name: () if None in facts else tuple(fact for fact in regions if fact in facts or not facts)
        for name, facts in read.items()
    }


def _expected(policy_set: PolicySet) -> Iterator[Expr]:
    """What tests look at."""
    for test in policy_set.tests:
        for item in test.expect:
            subject = item.subject if isinstance(item, DependsExpectation) else item
            if not isinstance(subject, str):
                yield subject


def _ends(policy_set: PolicySet, whole: Expr) -> Iterator[str | None]:
    """The facts whose region, or one above it, an expression can be; `None` for any other region."""
    seen: set[str] = set()
    waiting = [whole]
    while waiting:
        match waiting.pop():
            case FactValue(fact=fact):
                yield fact
            case Ancestor(region=inner):
                waiting.append(inner)
            case DefineValue(define=define):
                if define not in seen:
                    seen.add(define)
                    waiting.append(policy_set.defines[define].value)
            case Choice(then=then, otherwise=otherwise):
                waiting += (otherwise, then)
            case _:
                yield None
