"""Tests that fail (PC502) or whose given facts are impossible (PC503)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Finding, Label, Text, text
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.traversal import subexpressions, unfolded
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.outcomes import Conflicting, Undetermined

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import decisions_read
from ...engine.context import CaseScope, SolverContext, replay
from ...engine.witness import plainest, usual_part, usual_value
from ...report.describe import story
from ..form import Asking, Check
from ..reporter import Reporter
from .why import why


def begin(reporter: Reporter) -> Iterator[Asking]:
    """Tests always cover all days, even if only one day is checked."""
    for test in reporter.policy_set.tests:
        yield Asking(purpose_of(test), partial(failed_test, reporter.always.context, test))


def purpose_of(test: model.Test) -> Purpose:
    return Purpose(("PC502", "PC503"), text("PC901.test", name=test.name), test.span)


def failed_test(context: SolverContext, test: model.Test) -> Diagnostic | None:
    """PC503 if the given facts are impossible, PC502 if some completion misses an expectation."""
    given: dict[str, model.Value] = {item.fact: item.value for item in test.given}
    scope = context.scope(given)
    if test.usual:
        filled = usual_part(scope)
        if filled is None:
            return _impossible(context, test)
        given = filled
        scope = context.scope(given)
    elif not scope.possible([scope.valid]):
        return _impossible(context, test)
    missed: list[tuple[model.Expr | model.DependsExpectation, model.Case]] = []
    for expectation in test.expect:
        case: model.Case | None
        if len(given) == len(context.policy_set.facts) and not isinstance(expectation, model.DependsExpectation):
            case = given if context.evaluator.value(expectation, given) is not True else None
        else:
            case = _missing(scope, expectation)
        if case is not None:
            missed.append((expectation, case))
    if not missed:
        return None
    first, *others = missed
    failure = _failure(context, test, *first)
    more = tuple(Label(expectation.span, text("PC502.also")) for expectation, _ in others)
    notes = dict.fromkeys((*failure.notes, *(note for other in others for note in _found(context, *other))))
    return replace(failure, secondary=(*failure.secondary, *more), notes=tuple(notes))


def _impossible(context: SolverContext, test: model.Test) -> Diagnostic:
    scope = context.whole
    facts = context.policy_set.facts
    given = {item.fact: scope.equals(facts[item.fact], item.value) for item in test.given}
    case = {item.fact: item.value for item in test.given}
    core = scope.minimal_core(given)
    assert core is not None
    excluded = story(context.policy_set, {name: case[name] for name in core if name in case})
    spans = [item.span for item in test.given if item.fact in core] or [test.span]
    axioms = tuple(axiom for axiom in context.policy_set.axioms if axiom.name in core)
    return Diagnostic(
        CODES["PC503"],
        text("PC503.headline", test=test.name),
        Label(spans[0]),
        (*(Label(span) for span in spans[1:]), *(Label(axiom.span, text("PC503.axiom")) for axiom in axioms)),
        (text("PC503.given", story=excluded),),
        text("PC503.help"),
        Finding(rules=tuple(axiom.name for axiom in axioms)),
    )


def _missing(scope: CaseScope, expectation: model.Expr | model.DependsExpectation) -> model.Case | None:
    """A completion that misses an expectation."""
    if isinstance(expectation, model.DependsExpectation):
        return _settled(scope, expectation)
    case = plainest(scope, [scope.factory.not_(scope.expressions.holds(expectation))])
    if case is not None:
        replay(scope.context, case, lambda evaluator, c: evaluator.value(expectation, c) is not True)
    return case


def _settled(scope: CaseScope, expectation: model.DependsExpectation) -> model.Case | None:
    """For `X is depends`, any completion if all give the same outcome; for its negation, one of two different ones."""
    outcomes = possible_outcomes(scope, expectation.subject)
    depends = len(outcomes) > 1
    return outcomes[-1] if depends == expectation.negated else None


def possible_outcomes(scope: CaseScope, subject: str | model.Expr) -> list[model.Case]:
    """A case for each outcome of a decision or expression, at most two for the values of an expression."""
    if isinstance(subject, str):
        terms = scope.decisions.decision(subject)
        return [case for verdict in model.Verdict if (case := scope.case([terms[verdict]])) is not None]
    first = scope.case([])
    if first is None:
        return []
    outcome = scope.context.evaluator.value(subject, first)
    other = scope.case([scope.factory.not_(scope.expressions.equal_to(subject, outcome))])
    return [first] if other is None else [first, other]


def _failure(
    context: SolverContext, test: model.Test, expectation: model.Expr | model.DependsExpectation, case: model.Case
) -> Diagnostic:
    facts = context.policy_set.facts
    given = {item.fact for item in test.given}
    open_ = {name: value for name, value in case.items() if name not in given}
    if test.usual:  # usual values are not shown
        facts_ = context.policy_set.facts
        open_ = {name: value for name, value in open_.items() if usual_value(facts_[name], case) != value}
    notes: list[Text] = []
    if open_:
        notes.append(text("PC502.completion", story=story(context.policy_set, open_)))
    verdicts = [(name, context.evaluator.verdict(name, case).value) for name in _decisions(context, expectation)]
    notes += _found(context, expectation, case)
    witness = tuple((name, format_value(value, facts[name].type)) for name, value in case.items())
    return Diagnostic(
        CODES["PC502"],
        text("PC502.headline", test=test.name),
        Label(expectation.span, text("PC502.expected")),
        (Label(test.span),),
        tuple(notes),
        None,
        Finding(witness=witness, verdicts=tuple(verdicts), regions=None, dates=None),
    )


def _decisions(context: SolverContext, expectation: model.Expr | model.DependsExpectation) -> list[str]:
    """The decisions that an expectation asks about."""
    if isinstance(expectation, model.DependsExpectation):
        return [expectation.subject] if isinstance(expectation.subject, str) else []
    return list(dict.fromkeys(decisions_read(context.policy_set, expectation)))


def _found(
    context: SolverContext, expectation: model.Expr | model.DependsExpectation, case: model.Case
) -> Iterator[Text]:
    """What is instead of what was expected, and why."""
    for decision in _decisions(context, expectation):
        verdict = context.evaluator.verdict(decision, case)
        yield text("PC502.verdict", decision=decision, verdict=text(f"verdict.{verdict.value}"))
        yield from why(context, decision, case)
    yield from _values_read(context, expectation, case)
    yield from _beyond_calendar(context, expectation, case)


def _beyond_calendar(
    context: SolverContext, expectation: model.Expr | model.DependsExpectation, case: model.Case
) -> list[Text]:
    """Notes on days that an expectation moves out of the calendar in the case, which makes them undetermined."""
    if isinstance(expectation, model.DependsExpectation):
        return []
    policy_set, value = context.policy_set, context.evaluator.value
    moved = dict.fromkeys(e for e in unfolded(policy_set, expectation) if isinstance(e, model.Shifted))
    return [
        text(
            "PC502.beyond_calendar",
            name=expression_text(policy_set, shifted),
            first=format_value(model.FIRST_DAY, model.DAY),
            last=format_value(model.LAST_DAY, model.DAY),
        )
        for shifted in moved
        if isinstance(value(shifted, case), Undetermined) and isinstance(value(shifted.operand, case), int)
    ]


def _values_read(
    context: SolverContext, expectation: model.Expr | model.DependsExpectation, case: model.Case
) -> list[Text]:
    """Notes on the values of definitions named in an expectation."""
    if isinstance(expectation, model.DependsExpectation):
        return []
    notes = []
    for inner in subexpressions(expectation):
        if isinstance(inner, model.DefineValue):
            outcome = context.evaluator.value(inner, case)
            shown: str | Text
            if isinstance(outcome, Undetermined):
                shown = text("verdict.undetermined")
            elif isinstance(outcome, Conflicting):
                shown = text("verdict.conflicting")
            else:
                shown = format_value(outcome, inner.type)
            notes.append(text("PC502.value", name=inner.define, value=shown))
    return list(dict.fromkeys(notes))


CHECK = Check(("PC502", "PC503"), 130, begin)
