"""What a set claims of itself: axioms that can hold (PC504), assertions (PC501), tests (PC502, PC503)."""

from __future__ import annotations

from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Finding, Label, Text, text
from policyc.dsl.model import (
    DAY,
    FIRST_DAY,
    LAST_DAY,
    PERCENT,
    REGION,
    Assertion,
    Case,
    DefineValue,
    DependsExpectation,
    Expr,
    FactValue,
    ParameterValue,
    Period,
    PolicySet,
    Product,
    Rule,
    Shifted,
    Test,
    Value,
    Verdict,
)
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.traversal import subexpressions, unfolded
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, Undetermined

from ..encoding.dependencies import decisions_read
from ..engine.context import CaseScope, SolverContext, replay
from ..engine.extent import areas
from ..engine.reachability import Found
from ..engine.witness import plainest, usual_part, usual_value
from ..formula.terms import Term
from ..report.describe import story
from ..report.reports import Proof, ProofKind
from .reporter import Possibility, Reporter

# --- Axioms ------------------------------------------------------------------------------------------------


def contradicting_axioms(context: SolverContext) -> Diagnostic | None:
    """PC504: no case at all is possible; the smallest set of axioms that leaves none."""
    scope = context.whole
    core = scope.minimal_core({})
    if core is None:
        return None
    axioms = [axiom for axiom in context.policy_set.axioms if axiom.name in core]
    first, *others = axioms
    return Diagnostic(
        CODES["PC504"],
        text("PC504.headline", axioms=tuple(axiom.name for axiom in axioms)),
        Label(first.span),
        tuple(Label(axiom.span) for axiom in others),
        help=text("PC504.help"),
        finding=Finding(rules=tuple(axiom.name for axiom in axioms)),
    )


# --- Assertions --------------------------------------------------------------------------------------------


def refuted_assertion(reporter: Reporter, assertion: Assertion) -> Found:
    """PC501: a case in which an assertion is false."""
    before = reporter.context.questions
    fact = _place(reporter.policy_set, assertion)
    exact = is_exact(reporter.policy_set, assertion.condition)
    tops = [_root(reporter.policy_set)]
    if exact:
        holds = _holds_whatever_products(reporter, assertion)
        tops = [] if holds else _refuting_areas(reporter, assertion, fact)
    for top in tops:
        finding = _refutation(reporter, assertion, fact, top, exact)
        if finding is not None:
            return [finding], []
    asked = reporter.context.questions - before
    return [], [Proof(ProofKind.HOLDS, assertion.name, None, None, asked)]


def _holds_whatever_products(reporter: Reporter, assertion: Assertion) -> bool:
    """Whether an assertion holds even if products and amounts were any numbers within their bounds."""
    scope = reporter.context.scope(over_approximate=True)
    refuted = scope.expressions.fails(assertion.condition)
    return not scope.possible([refuted, *scope.expressions.unknown_bounds.values()])


def _refuting_areas(reporter: Reporter, assertion: Assertion, fact: str) -> list[str]:
    """Exact arithmetic is asked area by area: in one area few tables apply, in all together hundreds."""
    policy_set = reporter.policy_set
    read = {
        inner.parameter
        for inner in unfolded(policy_set, assertion.condition)
        if isinstance(inner, ParameterValue) and inner.region == FactValue(fact, type=REGION, span=inner.span)
    }
    settings = policy_set.settings.values()
    divided = areas(policy_set, {setting.region for setting in settings if setting.parameter in read})
    if not fact or not divided:  # no region tells the cases apart
        return [_root(policy_set)]
    found = []
    for area in divided:
        scope = reporter.context.scope(areas={fact: area})
        if scope.possible([scope.expressions.fails(assertion.condition)]):
            found.append(area.top)
    return found


def _refutation(
    reporter: Reporter, assertion: Assertion, fact: str, top: str, exact: bool
) -> Diagnostic | None:
    decisions = list(dict.fromkeys(decisions_read(reporter.policy_set, assertion.condition)))

    def describe(scope: CaseScope) -> Term:
        return scope.expressions.fails(assertion.condition)

    def claim(evaluator: Evaluator, case: Case) -> bool:
        return evaluator.value(assertion.condition, case) is False

    root = _root(reporter.policy_set)
    place = Rule(name=assertion.name, span=assertion.span, policy="", region=root, period=Period())
    decision = decisions[0] if len(decisions) == 1 and not exact else None
    return reporter.report(
        "PC501",
        text("PC501.headline", assertion=assertion.name),
        (place,),
        Possibility(describe, claim, decision, fact, top, Period(), exact),
        help_=text("PC501.help"),
    )


def _place(policy_set: PolicySet, assertion: Assertion) -> str:
    """The region fact that tells where an assertion fails: that of which it reads the most parameters, or
    the first side of the decision it is about."""
    read: dict[str, set[str]] = {}
    for inner in unfolded(policy_set, assertion.condition):
        if isinstance(inner, ParameterValue) and isinstance(inner.region, FactValue):
            read.setdefault(inner.region.fact, set()).add(inner.parameter)
    if read:
        return max(read, key=lambda fact: (len(read[fact]), fact))
    for decision in decisions_read(policy_set, assertion.condition):
        return policy_set.decisions[decision].sides[0].fact
    return next((fact.name for fact in policy_set.facts.values() if fact.type == REGION), "")


def _root(policy_set: PolicySet) -> str:
    return next(iter(policy_set.regions.roots), "")


def is_exact(policy_set: PolicySet, expression: Expr) -> bool:
    """Whether an expression rests on rounded products."""
    return any(
        isinstance(inner, Product) and PERCENT in (inner.factor.type, inner.operand.type)
        for inner in unfolded(policy_set, expression)
    )


# --- Tests -------------------------------------------------------------------------------------------------


def failed_test(context: SolverContext, test: Test) -> Diagnostic | None:
    """PC503 where the given facts are impossible, PC502 where some completion misses an expectation."""
    given: dict[str, Value] = {item.fact: item.value for item in test.given}
    scope = context.scope(given)
    if test.usual:
        filled = usual_part(scope)
        if filled is None:
            return _impossible(context, test)
        given = filled
        scope = context.scope(given)
    elif not scope.possible([scope.valid]):
        return _impossible(context, test)
    for expectation in test.expect:
        case: Case | None
        if len(given) == len(context.policy_set.facts) and not isinstance(expectation, DependsExpectation):
            case = given if context.evaluator.value(expectation, given) is not True else None
        else:
            case = _missing(scope, expectation)
        if case is not None:
            return _failure(context, test, expectation, case)
    return None


def _impossible(context: SolverContext, test: Test) -> Diagnostic:
    scope = context.whole
    facts = context.policy_set.facts
    given = {item.fact: scope.equals(facts[item.fact], item.value) for item in test.given}
    case = {item.fact: item.value for item in test.given}
    core = scope.minimal_core(given)
    assert core is not None
    told = story(context.policy_set, {name: case[name] for name in core if name in case})
    spans = [item.span for item in test.given if item.fact in core] or [test.span]
    axioms = tuple(axiom for axiom in context.policy_set.axioms if axiom.name in core)
    return Diagnostic(
        CODES["PC503"],
        text("PC503.headline", test=test.name),
        Label(spans[0]),
        (*(Label(span) for span in spans[1:]), *(Label(axiom.span, text("PC503.axiom")) for axiom in axioms)),
        (text("PC503.given", story=told),),
        text("PC503.help"),
        Finding(rules=tuple(axiom.name for axiom in axioms)),
    )


def _missing(scope: CaseScope, expectation: Expr | DependsExpectation) -> Case | None:
    """A completion that misses an expectation."""
    if isinstance(expectation, DependsExpectation):
        return _settled(scope, expectation)
    case = plainest(scope, [scope.factory.not_(scope.expressions.holds(expectation))])
    if case is not None:
        replay(scope.context, case, lambda evaluator, c: evaluator.value(expectation, c) is not True)
    return case


def _settled(scope: CaseScope, expectation: DependsExpectation) -> Case | None:
    """For `X is depends`: any completion, where all give the same; for its negation, one of two."""
    outcomes = possible_outcomes(scope, expectation.subject)
    depends = len(outcomes) > 1
    return outcomes[-1] if depends == expectation.negated else None


def possible_outcomes(scope: CaseScope, subject: str | Expr) -> list[Case]:
    """A case for each outcome of a decision or expression, two at most for an expression's values."""
    if isinstance(subject, str):
        terms = scope.decisions.decision(subject)
        return [case for verdict in Verdict if (case := scope.case([terms[verdict]])) is not None]
    first = scope.case([])
    if first is None:
        return []
    outcome = scope.context.evaluator.value(subject, first)
    other = scope.case([scope.factory.not_(scope.expressions.equal_to(subject, outcome))])
    return [first] if other is None else [first, other]


def _failure(
    context: SolverContext, test: Test, expectation: Expr | DependsExpectation, case: Case
) -> Diagnostic:
    facts = context.policy_set.facts
    given = {item.fact for item in test.given}
    open_ = {name: value for name, value in case.items() if name not in given}
    if test.usual:  # what is as usual goes without saying
        facts_ = context.policy_set.facts
        open_ = {name: value for name, value in open_.items() if usual_value(facts_[name], case) != value}
    notes: list[Text] = []
    if open_:
        notes.append(text("PC502.completion", story=story(context.policy_set, open_)))
    decisions = [expectation.subject] if isinstance(expectation, DependsExpectation) else []
    if not isinstance(expectation, DependsExpectation):
        decisions = list(decisions_read(context.policy_set, expectation))
    verdicts = []
    for decision in dict.fromkeys(name for name in decisions if isinstance(name, str)):
        verdict = context.evaluator.verdict(decision, case)
        verdicts.append((decision, verdict.value))
        notes.append(text("PC502.verdict", decision=decision, verdict=text(f"verdict.{verdict.value}")))
    notes += _values_read(context, expectation, case)
    notes += _beyond_calendar(context, expectation, case)
    witness = tuple((name, format_value(value, facts[name].type)) for name, value in case.items())
    return Diagnostic(
        CODES["PC502"],
        text("PC502.headline", test=test.name),
        Label(expectation.span, text("PC502.expected")),
        (Label(test.span),),
        tuple(notes),
        None,
        Finding(witness=witness, verdicts=tuple(verdicts), rules=()),
    )


def _beyond_calendar(
    context: SolverContext, expectation: Expr | DependsExpectation, case: Case
) -> list[Text]:
    """The days that an expectation moves out of the calendar in the case, which makes them undetermined."""
    if isinstance(expectation, DependsExpectation):
        return []
    policy_set, value = context.policy_set, context.evaluator.value
    moved = dict.fromkeys(e for e in unfolded(policy_set, expectation) if isinstance(e, Shifted))
    return [
        text(
            "PC502.beyond_calendar",
            name=expression_text(policy_set, shifted),
            first=format_value(FIRST_DAY, DAY),
            last=format_value(LAST_DAY, DAY),
        )
        for shifted in moved
        if isinstance(value(shifted, case), Undetermined) and isinstance(value(shifted.operand, case), int)
    ]


def _values_read(context: SolverContext, expectation: Expr | DependsExpectation, case: Case) -> list[Text]:
    """What the definitions named in an expectation are in the case."""
    if isinstance(expectation, DependsExpectation):
        return []
    notes = []
    for inner in subexpressions(expectation):
        if isinstance(inner, DefineValue):
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
