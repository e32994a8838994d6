"""Values that are read but not set (PC405)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Label, text
from policyc.dsl.model import Case, DecisionRule, Parameter, Period, Rule, Setting
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import Reading, readings
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion
from ..reporter import Possibility, Reporter


def begin(reporter: Reporter) -> Iterator[Analysis]:
    for name, places in readings(reporter.policy_set).items():
        yield undetermined_value(reporter, reporter.policy_set.parameters[name], places)


def undetermined_value(reporter: Reporter, parameter: Parameter, places: Sequence[Reading]) -> Analysis:
    """PC405 for one parameter: one finding with the regions and days on which it is read without a value."""
    kind = f"PC405 {parameter.name}"
    by_fact: dict[str, list[Rule | None]] = defaultdict(list)
    for fact, rule in places:
        by_fact[fact].append(rule)

    def conclude(results: ReachabilityResults) -> Conclusion:
        for fact, rules in by_fact.items():
            if (kind, fact) in results:
                report = partial(_undetermined, reporter, parameter, fact, rules, results.parts((kind, fact)))
                return Conclusion([report])
        return Conclusion(proofs=[Proof(ProofKind.ALWAYS_SET, parameter.name, None, None, results.proved(kind))])

    what = text("PC901.value", name=parameter.name)
    queries = [
        ReachabilityQuery(kind, fact, partial(_unsettled, kind, parameter, fact, rules))
        for fact, rules in by_fact.items()
    ]
    return Analysis(Purpose(("PC405",), what, parameter.span), kind, queries, conclude)


def _unsettled(
    kind: str, parameter: Parameter, fact: str, rules: list[Rule | None], scope: CaseScope
) -> dict[Key, Described]:
    return {(kind, fact): partial(_unset, scope, parameter, fact, rules)}


def _unset(scope: CaseScope, parameter: Parameter, fact: str, rules: list[Rule | None]) -> Term:
    unset = scope.rules.undetermined(parameter.name, scope.symbolic.region(fact))
    return scope.factory.and_((unset, scope.factory.or_(_in_force(scope, rule) for rule in rules)))


def _undetermined(
    reporter: Reporter, parameter: Parameter, fact: str, rules: list[Rule | None], parts: Parts
) -> Diagnostic | None:
    def claim(evaluator: Evaluator, case: Case) -> bool:
        return isinstance(evaluator.parameter(parameter.name, str(case[fact]), case).outcome, Undetermined)

    place = Rule(name=parameter.name, span=parameter.span, policy="", region="", period=Period())
    diagnostic = reporter.report(
        "PC405",
        text("PC405.headline", parameter=parameter.name),
        (place,),
        Possibility(
            lambda scope: _unset(scope, parameter, fact, rules),
            claim,
            None,
            fact,
            "",
            Period(),
            parts=parts,
        ),
        help_=text("PC405.help", parameter=parameter.name),
    )
    reader = next((rule for rule in rules if rule is not None), None)
    if diagnostic is None or reader is None:
        return diagnostic
    return replace(diagnostic, secondary=(Label(reader.span, text("PC405.read")),))


def _in_force(scope: CaseScope, rule: Rule | None) -> Term:
    """When a rule is in force: in its region, by the fact that governs its side, and on its days."""
    if rule is None:
        return scope.factory.true
    if isinstance(rule, Setting):
        return scope.rules.during(rule.period)
    assert isinstance(rule, DecisionRule)
    side = scope.policy_set.side(rule.decision, rule.side)
    return scope.rules.in_force(rule, scope.symbolic.region(side.fact))


CHECK = Check(("PC405",), 30, begin, shown=("PC405",))
