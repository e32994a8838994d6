"""Assertions that some case refutes (PC501)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model.traversal import unfolded
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import decisions_read
from ...encoding.symbolic_case import Area
from ...engine.context import CaseScope
from ...engine.extent import areas
from ...engine.reachability import Parts
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..form import Asking, Check, Found
from ..reporter import Possibility, Reporter

#: Exact arithmetic over so many areas together is no harder than over one.
FEW = 8


def begin(reporter: Reporter) -> Iterator[Asking]:
    for assertion in reporter.policy_set.assertions:
        purpose = Purpose(("PC501",), text("PC901.assertion", name=assertion.name), assertion.span)
        yield Asking(purpose, partial(refuted_assertion, reporter, assertion))


def refuted_assertion(reporter: Reporter, assertion: model.Assertion) -> Found:
    """PC501: a case in which an assertion is false."""
    before = reporter.context.questions
    fact = _place(reporter.policy_set, assertion)
    parts: Parts = (None,)
    divided: list[Area] = []
    if is_exact(reporter.policy_set, assertion.condition):
        divided = _divided(reporter.policy_set, assertion, fact)
        parts = () if _holds_whatever_products(reporter, assertion) else _refuting(reporter, assertion, fact, divided)
    finding = _refutation(reporter, assertion, fact, parts, len(divided) > FEW) if parts else None
    if finding is not None:
        return [finding], []
    asked = reporter.context.questions - before
    return [], [Proof(ProofKind.HOLDS, assertion.name, None, None, asked)]


def _holds_whatever_products(reporter: Reporter, assertion: model.Assertion) -> bool:
    """Whether an assertion holds even if products and amounts are arbitrary numbers within their bounds."""
    scope = reporter.context.scope(over_approximate=True)
    refuted = scope.expressions.fails(assertion.condition)
    return not scope.possible([refuted, *scope.expressions.unknown_bounds.values()])


def _divided(policy_set: model.PolicySet, assertion: model.Assertion, fact: str) -> list[Area]:
    """The areas that the values read by an assertion distinguish; none if no region does."""
    read = {
        inner.parameter
        for inner in unfolded(policy_set, assertion.condition)
        if isinstance(inner, model.ParameterValue)
        and inner.region == model.FactValue(fact, type=model.REGION, span=inner.span)
    }
    settings = policy_set.settings.values()
    return areas(policy_set, {setting.region for setting in settings if setting.parameter in read}) if fact else []


def _refuting(reporter: Reporter, assertion: model.Assertion, fact: str, divided: Sequence[Area]) -> Parts:
    """The areas with a refutation; all cases if there are no areas. Exact arithmetic is asked area by area: few tables
    apply in one, hundreds in all."""
    if not divided:
        return (None,)
    scopes = {area: reporter.context.area(fact, area) for area in divided}
    return tuple(
        area for area, scope in scopes.items() if scope.possible([scope.expressions.fails(assertion.condition)])
    )


def _refutation(
    reporter: Reporter, assertion: model.Assertion, fact: str, parts: Parts, regions_known: bool
) -> Diagnostic | None:
    decisions = list(dict.fromkeys(decisions_read(reporter.policy_set, assertion.condition)))

    def describe(scope: CaseScope) -> Term:
        return scope.expressions.fails(assertion.condition)

    def claim(evaluator: Evaluator, case: model.Case) -> bool:
        return evaluator.value(assertion.condition, case) is False

    place = model.Rule(name=assertion.name, span=assertion.span, policy="", region="", period=model.Period())
    decision = decisions[0] if len(decisions) == 1 and parts == (None,) else None
    return reporter.report(
        "PC501",
        text("PC501.headline", assertion=assertion.name),
        (place,),
        Possibility(describe, claim, decision, fact, "", model.Period(), regions_known, parts),
        help_=text("PC501.help"),
    )


def _place(policy_set: model.PolicySet, assertion: model.Assertion) -> str:
    """The region fact that gives the place of a failure: the one by which the assertion reads most parameters, or that
    of the first side of its decision."""
    read: dict[str, set[str]] = {}
    for inner in unfolded(policy_set, assertion.condition):
        if isinstance(inner, model.ParameterValue) and isinstance(inner.region, model.FactValue):
            read.setdefault(inner.region.fact, set()).add(inner.parameter)
    if read:
        return max(read, key=lambda fact: (len(read[fact]), fact))
    for decision in decisions_read(policy_set, assertion.condition):
        return policy_set.decisions[decision].sides[0].fact
    return next((fact.name for fact in policy_set.facts.values() if fact.type == model.REGION), "")


def is_exact(policy_set: model.PolicySet, expression: model.Expr) -> bool:
    """Whether an expression depends on rounded products."""
    return any(
        isinstance(inner, model.Product) and model.PERCENT in (inner.factor.type, inner.operand.type)
        for inner in unfolded(policy_set, expression)
    )


CHECK = Check(("PC501",), 120, begin, shown=("PC501",))
