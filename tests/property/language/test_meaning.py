"""The solver agrees with the reference evaluator, and both agree with brute force.

Random sets, random cases: each verdict, value and parameter by the evaluator and by the terms; English and Chinese
texts of one seed. `POLICYC_CASES` sets the number of (set, case) pairs.
"""

from __future__ import annotations

from datetime import date
from functools import cache, partial

import pytest

from policyc.dsl.model import (
    Case,
    DefineValue,
    EnumType,
    Expr,
    PolicySet,
    SetType,
    Shifted,
    SideVerdict,
    Verdict,
)
from policyc.dsl.model.traversal import unfolded
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Conflicting, Known, Outcome, Undetermined
from policyc.solver.backends.z3_backend import Status
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.encoding.values import Encoded, Kleene, Members, Number, Place
from policyc.solver.engine.context import CaseScope, SolverContext
from tests.support.chosen import alternatives
from tests.support.doubt import beaten_names, doubts, is_doubt, settled_verdict, values_under, ways
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import COMMON, LAST_DAYS, SETS, World, cases, generated
from tests.support.slow import mostly_slow


@cache
def context(seed: int, world: World = COMMON) -> SolverContext:
    return SolverContext(generated(seed, "en", world).policy_set)


# --- What the terms say of one case ------------------------------------------------------------------------


def decoded(scope: CaseScope, encoded: Encoded, case: Case, expression: Expr) -> Known:
    """The value that an encoded expression has in a case."""
    match encoded:
        case Kleene(surely_true=true, surely_false=false):
            truth, falsity = scope.holds(true, case), scope.holds(false, case)
            assert not (truth and falsity), "a condition both surely true and surely false"
            return True if truth else False if falsity else UNDETERMINED
        case Number(value=number, defined=defined):
            if not scope.holds(defined, case):
                return UNDETERMINED
            amount = scope.amount(number, case)
            if isinstance(expression.type, EnumType):
                return list(scope.policy_set.enums[expression.type.name].members)[amount]
            return amount
        case Place(path=path, defined=defined):
            if not scope.holds(defined, case):
                return UNDETERMINED
            return scope.symbolic.paths.code(tuple(scope.amount(step, case) for step in path))
        case Members(contains=contains, defined=defined):
            if not scope.holds(defined, case):
                return UNDETERMINED
            assert isinstance(expression.type, SetType)
            members = scope.policy_set.enums[expression.type.enum].members
            return frozenset(m for m, term in zip(members, contains, strict=True) if scope.holds(term, case))


def encoded_outcome(scope: CaseScope, expression: Expr, case: Case) -> Outcome:
    """The outcome of an expression in a case, by its terms: that of each branch whose guard holds."""
    outcomes = frozenset(
        decoded(scope, encoded, case, expression)
        for branch, encoded in scope.rules.branches(lambda choices: scope.expressions.encode(expression, choices))
        if scope.holds(branch.guard, case)
    )
    assert outcomes, "no branch is possible in this case"
    return next(iter(outcomes)) if len(outcomes) == 1 else Conflicting(outcomes)


def encoded_verdict(scope: CaseScope, decision: str, case: Case) -> Verdict:
    (verdict,) = [v for v, term in scope.decisions.decision(decision).items() if scope.holds(term, case)]
    return verdict


def expressions_of(policy_set: PolicySet) -> dict[str, Expr]:
    """Defines, and the conditions of all rules, by a name for messages."""
    found: dict[str, Expr] = {
        name: DefineValue(name, type=define.value.type, span=define.span) for name, define in policy_set.defines.items()
    }
    for name, rule in (policy_set.norms | policy_set.requirements | policy_set.settings).items():
        found |= {
            f"{name} {part}": expression
            for part, expression in (("when", rule.when), ("unless", rule.unless))
            if expression is not None
        }
    found |= {f"{name} condition": rule.condition for name, rule in policy_set.requirements.items()}
    return found


def assert_agreement(scope: CaseScope, evaluator: Evaluator, case: Case, *, conditions: bool) -> None:
    """Asserts that evaluator and terms agree on a case; on the conditions of rules, too, if wanted."""
    policy_set = scope.policy_set
    for decision in policy_set.decisions.values():
        trace = evaluator.decide(decision.name, case)
        assert encoded_verdict(scope, decision.name, case) is trace.verdict, decision.name
        for side, side_trace in zip(decision.sides, trace.sides, strict=True):
            terms = scope.decisions.side(decision.name, side)
            said = [verdict for verdict, term in terms.items() if scope.holds(term, case)]
            assert said == [side_trace.verdict], (decision.name, side.name)
    for name, expression in expressions_of(policy_set).items():
        if not conditions and name not in policy_set.defines:
            continue
        outcome = evaluator.value(expression, case)
        assert encoded_outcome(scope, expression, case) == outcome, name
        assert scope.holds(scope.expressions.equal_to(expression, outcome), case), name
        if not conditions:
            continue
        conflicting = scope.expressions.equal_to(expression, Conflicting(frozenset()))
        assert scope.holds(conflicting, case) == isinstance(outcome, Conflicting), name
    broken = evaluator.violated(case)
    assert [name for name, term in scope.axioms.items() if not scope.holds(term, case)] == broken


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_terms_mean_what_the_evaluator_means(seed: int) -> None:
    scope = context(seed).whole
    for number, case in enumerate(cases(seed)):
        assert_agreement(scope, scope.context.evaluator, case, conditions=number == 0)
    context.cache_clear()


@pytest.mark.parametrize("seed", mostly_slow(range(0, SETS, 6)))
def test_terms_of_a_smaller_view_mean_the_same(seed: int) -> None:
    """Known facts and areas fold terms; the cases of the view are judged as before."""
    whole = context(seed)
    for number, case in enumerate(cases(seed)[:2]):
        known = {name: value for place, (name, value) in enumerate(case.items()) if place % 2 == number}
        scopes = [
            whole.scope(known),
            whole.scope(case),
            whole.within("payer.region", str(case["payer.region"])),
        ]
        for scope in scopes:
            assert_agreement(scope, whole.evaluator, case, conditions=False)


@pytest.mark.parametrize("seed", mostly_slow(range(0, SETS, 6)))
def test_z3_means_what_the_evaluator_means(seed: int) -> None:
    """With every fact fixed, Z3 finds the evaluator's verdict possible, and no other."""
    scope = context(seed).whole
    session = scope.session(with_axioms=False)
    for case in cases(seed)[:2]:
        given = scope.given(case, case)
        for decision in scope.policy_set.decisions:
            verdict = scope.context.evaluator.decide(decision, case).verdict
            term = scope.decisions.decision(decision)[verdict]
            assert session.check([*given, term]).status is Status.SATISFIABLE
            assert session.check([*given, scope.factory.not_(term)]).status is Status.UNSATISFIABLE


@pytest.mark.parametrize("seed", mostly_slow(range(0, SETS, 2)))
def test_english_and_chinese_texts_mean_the_same(seed: int) -> None:
    english, chinese = generated(seed, "en"), generated(seed, "zh")
    assert english.text != chinese.text
    one, other = Evaluator(english.policy_set), Evaluator(chinese.policy_set)
    for case in cases(seed)[:4]:
        for decision in english.policy_set.decisions:
            assert one.decide(decision, case) == other.decide(decision, case)
        for name, define in english.policy_set.defines.items():
            assert one.value(define.value, case) == other.value(chinese.policy_set.defines[name].value, case)


# --- Brute force over doubt --------------------------------------------------------------------------------


#: If a side has more doubtful rules than this, only the evaluator judges it.
DOUBT_LIMIT = 10


@pytest.mark.parametrize("start", mostly_slow(range(0, max(1, SETS - 19), 20)))
def test_verdicts_are_those_of_every_way_of_settling_doubt(start: int) -> None:
    doubtful = 0
    for seed in range(start, min(start + 20, SETS)):
        policy_set = generated(seed).policy_set
        evaluator, beaten = Evaluator(policy_set), beaten_names(policy_set)
        for case in cases(seed)[:6]:
            for decision in policy_set.decisions.values():
                trace = evaluator.decide(decision.name, case)
                for side, side_trace in zip(decision.sides, trace.sides, strict=True):
                    verdicts = set()
                    for found in doubts(evaluator, decision.name, side, case):
                        count = len(list(filter(is_doubt, [*found.applies.values(), *found.met.values()])))
                        doubtful += count > 1
                        assert count <= DOUBT_LIMIT
                        settled = {
                            settled_verdict(policy_set, beaten, applying, met)[0]
                            for applying in ways(found.applies)
                            for met in ways(found.met)
                        }
                        verdicts.add(settled.pop() if len(settled) == 1 else SideVerdict.SILENT)
                    expected = verdicts.pop() if len(verdicts) == 1 else SideVerdict.CONFLICT
                    assert side_trace.verdict is expected, (seed, decision.name, side.name)
    assert doubtful > 10, "too few cases with several doubtful rules to say anything"


@pytest.mark.parametrize("start", mostly_slow(range(0, max(1, SETS - 19), 20)))
def test_values_are_those_of_every_way_of_settling_doubt(start: int) -> None:
    doubtful = 0
    for seed in range(start, min(start + 20, SETS)):
        policy_set = generated(seed).policy_set
        evaluator, beaten = Evaluator(policy_set), beaten_names(policy_set)
        for case in cases(seed)[:6]:
            for name in policy_set.parameters:
                for region in {str(case["payer.region"]), str(case["guest.region"])}:
                    for values, applies in alternatives(evaluator, case, partial(values_under, name, region)):
                        doubtful += any(map(is_doubt, applies.values()))
                        outcomes = {
                            frozenset(
                                policy_set.settings[key].value
                                for key, applying in way.items()
                                if applying and not any(way.get(winner) for winner in beaten.get(key, ()))
                            )
                            for way in ways(applies)
                        }
                        only = outcomes.pop() if len(outcomes) == 1 else frozenset()
                        assert values == (only or UNDETERMINED), (seed, name, region)
    assert doubtful > 10, "too few cases with doubtful settings to say anything"


# --- Beyond the calendar -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_days_that_leave_the_calendar() -> None:
    """Cases of sets at the end of the calendar: some day moves beyond it, and that changes a result."""
    told = 0
    for seed in range(8):
        policy_set = generated(seed, "en", LAST_DAYS).policy_set
        whole = SolverContext(policy_set)
        evaluator = whole.evaluator
        for case in valid_cases(evaluator)[seed::11]:
            assert_agreement(whole.whole, evaluator, case, conditions=True)
            for expression in expressions_of(policy_set).values():
                shifted = [e for e in unfolded(policy_set, expression) if isinstance(e, Shifted)]
                out = any(isinstance(evaluator.value(e, case), Undetermined) for e in shifted)
                told += out and isinstance(evaluator.value(expression, case), Undetermined)
        check(policy_set, (), CheckOptions(date.max))
    assert told
