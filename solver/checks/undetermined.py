"""Values that are read but not set (PC405)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Label, text
from policyc.dsl.model import Case, DecisionRule, Parameter, Period, Rule, Setting
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined

from ..encoding.dependencies import Reading
from ..engine.context import View
from ..engine.reachability import Analysis, Conclusion, Described, Hits, Hunt, Key, Parts
from ..formula.terms import Term
from ..report.reports import Proof
from .reporter import Question, Reporter


def undetermined_value(reporter: Reporter, parameter: Parameter, places: Sequence[Reading]) -> Analysis:
    """PC405 for one parameter: one finding with the regions and days where a reading finds nothing."""
    kind = f"PC405 {parameter.name}"
    by_fact: dict[str, list[Rule | None]] = defaultdict(list)
    for fact, rule in places:
        by_fact[fact].append(rule)

    def describe(fact: str, view: View) -> dict[Key, Described]:
        return {(kind, fact): partial(_unset, view, parameter, fact, by_fact[fact])}

    def conclude(hits: Hits) -> Conclusion:
        for fact, rules in by_fact.items():
            if (kind, fact) in hits:
                return [partial(_finding, reporter, parameter, fact, rules, hits.parts((kind, fact)))], []
        return [], [Proof(f"always-set {parameter.name}", None, None, hits.proved(kind))]

    what = text("PC901.value", name=parameter.name)
    hunts = [Hunt(kind, fact, partial(describe, fact)) for fact in by_fact]
    return Analysis(("PC405",), what, parameter.span, kind, hunts, conclude)


def _unset(view: View, parameter: Parameter, fact: str, rules: list[Rule | None]) -> Term:
    unset = view.terms.undetermined(parameter.name, view.space.region(fact))
    return view.bank.and_((unset, view.bank.or_(_in_force(view, rule) for rule in rules)))


def _finding(
    reporter: Reporter, parameter: Parameter, fact: str, rules: list[Rule | None], parts: Parts
) -> Diagnostic | None:
    policy_set = reporter.policy_set

    def claim(evaluator: Evaluator, case: Case) -> bool:
        return isinstance(evaluator.parameter(parameter.name, str(case[fact]), case).outcome, Undetermined)

    root = next(iter(policy_set.regions.roots), "")
    place = Rule(name=parameter.name, span=parameter.span, policy="", region=root, period=Period())
    diagnostic = reporter.report(
        "PC405",
        text("PC405.headline", parameter=parameter.name),
        (place,),
        Question(
            lambda view: _unset(view, parameter, fact, rules), claim, None, fact, root, Period(), parts=parts
        ),
        help_=text("PC405.help", parameter=parameter.name),
    )
    reader = next((rule for rule in rules if rule is not None), None)
    if diagnostic is None or reader is None:
        return diagnostic
    return replace(diagnostic, secondary=(Label(reader.span, text("PC405.read")),))


def _in_force(view: View, rule: Rule | None) -> Term:
    """When a rule speaks: in its region, by the fact that governs its side, and on its days."""
    if rule is None:
        return view.bank.true
    if isinstance(rule, Setting):
        return view.terms.during(rule.period)
    assert isinstance(rule, DecisionRule)
    side = view.policy_set.side(rule.decision, rule.side)
    return view.terms.in_force(rule, view.space.region(side.fact))
