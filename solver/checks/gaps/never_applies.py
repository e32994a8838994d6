"""Rules that apply in no possible case (PC401), and the part of their conditions that already cannot hold.

A rule is reported if it neither applies nor is in doubt in any valid case. A check of one day covers the rules in force
on that day, but asks about all days: "never" is more than "not today".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Finding, Label, Text, text
from policyc.dsl.model import DATE, And, DecisionRule, Expr, Or, Period, PolicySet, Rule, Setting
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.system.limits import Undecided

from ...backends.second_opinion import Purpose
from ...encoding.rules import Choices
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, ReachabilityQuery, ReachabilityResults
from ...engine.rule_places import in_force
from ...formula.terms import Term
from ..form import Analysis, Check, Conclusion
from ..reporter import Reporter

#: The name of a rule's region and period among the parts that cannot hold together; no axiom has it.
_FORCE = "in force"


def may_apply(scope: CaseScope, rule: Rule, places: tuple[str, ...]) -> Term:
    """When a rule is in force at one of its places and its conditions do not surely fail."""
    force = in_force(scope, rule, places)
    if force is scope.factory.false:
        return force
    open_ = scope.rules.either_branch(
        lambda choices: scope.factory.not_(scope.rules.conditions(rule, choices).surely_false)
    )
    return scope.factory.and_((force, open_))


class NeverApplying:
    """The rules of a set that never apply."""

    kind = "PC401"

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.policy_set = reporter.policy_set
        rules = filter(reporter.in_force_then, reporter.policy_set.rules.values())
        self._rules = RegionIndex(rules, reporter.policy_set.regions)
        facts = dict.fromkeys(fact for rule in self._rules.rules for fact in self._facts(rule))
        self.queries = tuple(
            ReachabilityQuery(self.kind, fact, partial(self._describe, fact), once=True) for fact in facts
        )

    @property
    def analysis(self) -> Analysis:
        purpose = Purpose((self.kind,), text("PC901.never-applies"), None)
        return Analysis(purpose, self.kind, self.queries, self._conclude, always=True)

    def names(self, results: ReachabilityResults) -> frozenset[str]:
        """The rules found never to apply."""
        return frozenset(rule.name for rule in self._never(results))

    def _facts(self, rule: Rule) -> tuple[str, ...]:
        return self.reporter.places.of(rule) or ("",)

    def _describe(self, fact: str, scope: CaseScope) -> dict[Key, Described]:
        near = (rule for rule in scope.near(fact, self._rules) if fact in self._facts(rule))
        places = (fact,) if fact else ()
        return {(self.kind, rule.name): partial(may_apply, scope, rule, places) for rule in near}

    def _never(self, results: ReachabilityResults) -> list[Rule]:
        return [rule for rule in self._rules.rules if not results.may_be((self.kind, rule.name))]

    def _conclude(self, results: ReachabilityResults) -> Conclusion:
        return Conclusion([partial(self._never_applying, rule) for rule in self._never(results)])

    def _never_applying(self, rule: Rule) -> Diagnostic:
        contradiction = smallest_contradiction(self.reporter.always.scope, rule, self.reporter.places.of(rule))
        decision, side = (rule.decision, rule.side) if isinstance(rule, DecisionRule) else (None, None)
        cites = self.reporter.cites([rule])
        return Diagnostic(
            CODES["PC401"],
            text("PC401.headline", rule=rule.name),
            Label(rule.span),
            tuple(_labels(self.policy_set, contradiction)),
            (*_notes(self.policy_set, rule, contradiction), *self.reporter.cite_notes([rule])),
            text("PC401.help"),
            Finding(decision=decision, side=side, rules=(rule.name,), cites=cites),
        )


# --- Why a rule never applies ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """One of the conditions that must hold together for a rule to apply; one of an `unless` must fail."""

    expression: Expr
    unless: bool = False


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A minimal set of parts and axioms that cannot hold together."""

    parts: tuple[RuleCondition, ...]
    axioms: tuple[str, ...]
    #: Whether the region and period of the rule are part of it.
    force: bool


def smallest_contradiction(scope: CaseScope, rule: Rule, places: tuple[str, ...]) -> Contradiction | None:
    """A minimal set of parts that cannot hold together. `None` if each could hold under some value of a conflicting
    parameter but not all under one, and if time runs out."""
    parts = {f"part {number}": part for number, part in enumerate(_conditions(scope.policy_set, rule))}
    terms = {_FORCE: in_force(scope, rule, places)}
    terms |= {name: _open(scope, part) for name, part in parts.items()}
    try:
        core = scope.minimal_core(terms)
    except Undecided:
        return None
    if core is None:
        return None
    return Contradiction(
        tuple(part for name, part in parts.items() if name in core),
        tuple(name for name in scope.axioms if name in core),
        _FORCE in core,
    )


def _conditions(policy_set: PolicySet, rule: Rule) -> Iterator[RuleCondition]:
    """The conditions of a rule as written: the operands of `when` and `unless`, and the cells."""
    when = rule.when
    cells: tuple[Expr, ...] = ()
    if isinstance(rule, Setting) and rule.table is not None:
        table = policy_set.tables[rule.table]
        when = table.when
        cells = next(row.cells for row in table.rows if row.name == rule.name)
    for expression in (*_operands(when, And), *cells):
        yield RuleCondition(expression)
    for expression in _operands(rule.unless, Or):
        yield RuleCondition(expression, unless=True)


def _operands(expression: Expr | None, connective: type[And | Or]) -> Iterator[Expr]:
    if isinstance(expression, connective):
        for operand in expression.operands:
            yield from _operands(operand, connective)
    elif expression is not None:
        yield expression


def _open(scope: CaseScope, part: RuleCondition) -> Term:
    """When a part does not surely prevent the rule, under some alternative."""

    def unopposed(choices: Choices) -> Term:
        truth = scope.expressions.truth(part.expression, choices)
        return scope.factory.not_(truth.surely_true if part.unless else truth.surely_false)

    return scope.rules.either_branch(unopposed)


# --- The reason in words -----------------------------------------------------------------------------------


#: Messages about a condition that is the only reason: by whether it is an `unless`, and whether the region and period
#: are needed.
_ALONE = {
    (False, False): "PC401.fails",
    (False, True): "PC401.fails-there",
    (True, False): "PC401.holds",
    (True, True): "PC401.holds-there",
}
#: Messages about one of several conditions.
_TOGETHER = {False: "PC401.together", True: "PC401.besides"}


def _labels(policy_set: PolicySet, contradiction: Contradiction | None) -> list[Label]:
    """The parts of the contradiction, each with its label."""
    if contradiction is None:
        return []
    alone = len(contradiction.parts) == 1
    keys = [
        _ALONE[part.unless, contradiction.force] if alone else _TOGETHER[part.unless] for part in contradiction.parts
    ]
    labels = [Label(part.expression.span, text(key)) for part, key in zip(contradiction.parts, keys, strict=True)]
    axioms = [axiom for axiom in policy_set.axioms if axiom.name in contradiction.axioms]
    return [*labels, *(Label(axiom.span, text("PC401.axiom")) for axiom in axioms)]


def _notes(policy_set: PolicySet, rule: Rule, contradiction: Contradiction | None) -> list[Text]:
    """A note if the rule's region and period are the only reason."""
    if contradiction is None or contradiction.parts:
        return []
    fact = policy_set.facts.get(DATE)
    if fact is None or not rule.period.intersection(Period(fact.low, fact.high)).empty:
        return [text("PC401.place")]
    assert fact.low is not None and fact.high is not None
    low, high = (date.fromordinal(day).isoformat() for day in (fact.low, fact.high))
    return [text("PC401.period", low=low, high=high)]


CHECK = Check(("PC401",), 70, lambda reporter: [NeverApplying(reporter).analysis])
