"""The solver means what the reference evaluator means, and both mean what brute force says.

Random sets (`random_sets.py`), random cases: each verdict, value and parameter by the evaluator and by the
terms; English and Chinese texts of one seed; on small sets, every case there is. `POLICYC_CASES` sets the
number of (set, case) pairs; `-rP` shows how often each feature occurred and had an influence.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import product
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from random_sets import COMMON, SMALL, Generated, World, generated, random_case

from policyc.dsl.evaluate import Evaluator
from policyc.dsl.outcomes import (
    UNDETERMINED,
    Conflicting,
    Known,
    Outcome,
    RuleTrace,
    State,
    Undetermined,
)
from policyc.dsl.model import (
    BOOLEAN,
    REGION,
    WHOLE,
    Ancestor,
    Case,
    Choice,
    Core,
    DefineValue,
    Effect,
    EnumType,
    Expr,
    Extreme,
    IsUndetermined,
    MetaRule,
    ParameterValue,
    PolicySet,
    Product,
    RegionCode,
    Rule,
    SetType,
    Shifted,
    Side,
    SideVerdict,
    Value,
    Verdict,
    VerdictIs,
    Within,
    parts,
)
from policyc.dsl.precedence import beaten_by
from policyc.solver.encoded import Encoded, Members, Number, Place, Truth
from policyc.solver.prover import Prover, View
from policyc.solver.smt import Status

CASES_OF_A_SET = 12
PAIRS = int(os.environ.get("POLICYC_CASES", "2640"))
SETS = max(1, PAIRS // CASES_OF_A_SET)


@cache
def prover(seed: int, world: World = COMMON) -> Prover:
    return Prover(generated(seed, "en", world).policy_set)


def cases(seed: int) -> list[dict[str, Value]]:
    return [random_case(generated(seed), number) for number in range(CASES_OF_A_SET)]


# --- What the terms say of one case ------------------------------------------------------------------------


def decoded(view: View, encoded: Encoded, case: Case, expression: Expr) -> Known:
    """The value that an encoded expression has in a case."""
    match encoded:
        case Truth(true=true, false=false):
            truth, falsity = view.holds(true, case), view.holds(false, case)
            assert not (truth and falsity), "a condition both surely true and surely false"
            return True if truth else False if falsity else UNDETERMINED
        case Number(value=number, defined=defined):
            if not view.holds(defined, case):
                return UNDETERMINED
            amount = view.amount(number, case)
            if isinstance(expression.type, EnumType):
                return list(view.policy_set.enums[expression.type.name].members)[amount]
            return amount
        case Place(path=path, defined=defined):
            if not view.holds(defined, case):
                return UNDETERMINED
            return view.space.paths.code(tuple(view.amount(step, case) for step in path))
        case Members(contains=contains, defined=defined):
            if not view.holds(defined, case):
                return UNDETERMINED
            assert isinstance(expression.type, SetType)
            members = view.policy_set.enums[expression.type.enum].members
            return frozenset(m for m, term in zip(members, contains, strict=True) if view.holds(term, case))


def encoded_outcome(view: View, expression: Expr, case: Case) -> Outcome:
    """The outcome of an expression in a case, by its terms: that of each branch whose guard holds."""
    outcomes = frozenset(
        decoded(view, encoded, case, expression)
        for branch, encoded in view.terms.branches(lambda choices: view.terms.encode(expression, choices))
        if view.holds(branch.guard, case)
    )
    assert outcomes, "no branch is possible in this case"
    return next(iter(outcomes)) if len(outcomes) == 1 else Conflicting(outcomes)


def encoded_verdict(view: View, decision: str, case: Case) -> Verdict:
    (verdict,) = [v for v, term in view.terms.decision(decision).items() if view.holds(term, case)]
    return verdict


def expressions_of(policy_set: PolicySet) -> dict[str, Expr]:
    """Defines, and the conditions of all rules, by a name for messages."""
    found: dict[str, Expr] = {
        name: DefineValue(name, type=define.value.type, span=define.span)
        for name, define in policy_set.defines.items()
    }
    for name, rule in (policy_set.norms | policy_set.requirements | policy_set.settings).items():
        found |= {
            f"{name} {part}": expression
            for part, expression in (("when", rule.when), ("unless", rule.unless))
            if expression is not None
        }
    found |= {f"{name} condition": rule.condition for name, rule in policy_set.requirements.items()}
    return found


def assert_agreement(view: View, evaluator: Evaluator, case: Case, *, conditions: bool) -> None:
    """All that the evaluator says of a case is what the terms say; of the conditions of rules if wanted."""
    policy_set = view.policy_set
    for decision in policy_set.decisions.values():
        trace = evaluator.decide(decision.name, case)
        assert encoded_verdict(view, decision.name, case) is trace.verdict, decision.name
        for side, side_trace in zip(decision.sides, trace.sides, strict=True):
            terms = view.terms.side(decision.name, side)
            said = [verdict for verdict, term in terms.items() if view.holds(term, case)]
            assert said == [side_trace.verdict], (decision.name, side.name)
    for name, expression in expressions_of(policy_set).items():
        if not conditions and name not in policy_set.defines:
            continue
        outcome = evaluator.value(expression, case)
        assert encoded_outcome(view, expression, case) == outcome, name
        assert view.holds(view.terms.equal_to(expression, outcome), case), name
    broken = evaluator.violated(case)
    assert [name for name, term in view.axioms.items() if not view.holds(term, case)] == broken


@pytest.mark.parametrize("seed", range(SETS))
def test_terms_mean_what_the_evaluator_means(seed: int) -> None:
    view = prover(seed).whole
    for number, case in enumerate(cases(seed)):
        assert_agreement(view, view.prover.evaluator, case, conditions=number < 2)
    prover.cache_clear()


@pytest.mark.parametrize("seed", range(0, SETS, 5))
def test_terms_of_a_smaller_view_mean_the_same(seed: int) -> None:
    """Known facts and areas fold terms; the cases of the view are judged as before."""
    whole = prover(seed)
    for number, case in enumerate(cases(seed)[:2]):
        known = {name: value for place, (name, value) in enumerate(case.items()) if place % 2 == number}
        views = [whole.view(known), whole.view(case), whole.within("payer.region", str(case["payer.region"]))]
        for view in views:
            assert_agreement(view, whole.evaluator, case, conditions=False)


@pytest.mark.parametrize("seed", range(0, SETS, 8))
def test_z3_means_what_the_evaluator_means(seed: int) -> None:
    """With every fact fixed, the verdict is possible and nothing else is."""
    view = prover(seed).whole
    session = view.session(with_axioms=False)
    for case in cases(seed)[:2]:
        given = view.given(case, case)
        for decision in view.policy_set.decisions:
            verdict = view.prover.evaluator.decide(decision, case).verdict
            term = view.terms.decision(decision)[verdict]
            assert session.check([*given, term]).status is Status.SATISFIABLE
            assert session.check([*given, view.bank.not_(term)]).status is Status.UNSATISFIABLE


@pytest.mark.parametrize("seed", range(0, SETS, 2))
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


def ways(doubtful: Mapping[str, bool | Undetermined]) -> Iterator[dict[str, bool]]:
    """Every way of settling what may or may not apply."""
    open_ = [name for name, truth in doubtful.items() if isinstance(truth, Undetermined)]
    for settled in product((False, True), repeat=len(open_)):
        chosen = dict(zip(open_, settled, strict=True))
        yield {name: chosen.get(name, truth is True) for name, truth in doubtful.items()}


def settled_verdict(
    policy_set: PolicySet,
    beaten: Mapping[str, set[str]],
    applying: Mapping[str, bool],
    met: Mapping[str, bool],
) -> tuple[SideVerdict, set[str]]:
    """A side whose rules all plainly apply or not, and its effective norms: the four sentences of "Meaning"."""
    effective = {
        name
        for name, applies in applying.items()
        if applies and not any(applying.get(winner, False) for winner in beaten.get(name, ()))
    }
    norms = [policy_set.norms[name] for name in effective]
    permits = [norm for norm in norms if norm.effect is Effect.PERMIT]
    set_aside = {name for norm in permits for name in norm.exceptions}
    if any(not holds and name not in set_aside for name, holds in met.items()):
        return SideVerdict.DENIES, effective
    if permits and len(permits) < len(norms):
        return SideVerdict.CONFLICT, effective
    if norms:
        return SideVerdict.PERMITS if permits else SideVerdict.DENIES, effective
    return SideVerdict.SILENT, effective


def beaten_names(policy_set: PolicySet) -> dict[str, set[str]]:
    return {loser: {loss.winner for loss in losses} for loser, losses in beaten_by(policy_set).items()}


@dataclass
class Doubts:
    """One side of one case under one choice of values: its rules in force and whether they apply."""

    applies: dict[str, bool | Undetermined]
    met: dict[str, bool | Undetermined]


def kleene_applies(when: Known, unless: Known) -> bool | Undetermined:
    if when is False or unless is True:
        return False
    return True if when is True and unless is False else UNDETERMINED


def doubts(evaluator: Evaluator, decision: str, side: Side, case: Case) -> list[Doubts]:
    """For each alternative of the conflicting parameters."""
    policy_set = evaluator.policy_set

    def in_force(rule: Rule) -> bool:
        day = case["date"]
        first, last = rule.period.first, rule.period.last
        return (
            rule.region in policy_set.regions.chain(str(case[side.fact]))
            and (first is None or first <= day)
            and (last is None or day <= last)
        )

    def read(choices: Mapping[tuple[str, str], Known]) -> Doubts:
        def truth(expression: Expr | None, otherwise: bool) -> Known:
            return otherwise if expression is None else evaluator._value(expression, case, choices)

        found = Doubts({}, {})
        for norm in policy_set.norms.values():
            if (norm.decision, norm.side) == (decision, side.name) and in_force(norm):
                found.applies[norm.name] = kleene_applies(truth(norm.when, True), truth(norm.unless, False))
        for rule in policy_set.requirements.values():
            if (rule.decision, rule.side) == (decision, side.name) and in_force(rule):
                applies = kleene_applies(truth(rule.when, True), truth(rule.unless, False))
                holds = evaluator._value(rule.condition, case, choices)
                if applies is False or holds is True:
                    found.met[rule.name] = True
                else:
                    found.met[rule.name] = False if applies is True and holds is False else UNDETERMINED
        return found

    return [found for _, found in evaluator._alternatives(read)]


#: More doubtful rules than this at one side are left to the evaluator alone.
DOUBT_LIMIT = 10


@pytest.mark.parametrize("start", range(0, SETS, 20))
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


def is_doubt(truth: object) -> bool:
    return isinstance(truth, Undetermined)


@pytest.mark.parametrize("start", range(0, SETS, 20))
def test_values_are_those_of_every_way_of_settling_doubt(start: int) -> None:
    doubtful = 0
    for seed in range(start, min(start + 20, SETS)):
        policy_set = generated(seed).policy_set
        evaluator, beaten = Evaluator(policy_set), beaten_names(policy_set)
        for case in cases(seed)[:6]:
            for name in policy_set.parameters:
                for region in {str(case["payer.region"]), str(case["guest.region"])}:
                    for choices, values in evaluator._alternatives(
                        partial(values_under, evaluator, (name, region), case)
                    ):
                        applies = applying_settings(evaluator, name, region, case, choices)
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


def values_under(
    evaluator: Evaluator, instance: tuple[str, str], case: Case, choices: Mapping[tuple[str, str], Known]
) -> frozenset[Value] | Undetermined:
    return evaluator._values(instance, case, choices)


def applying_settings(
    evaluator: Evaluator, name: str, region: str, case: Case, choices: Mapping[tuple[str, str], Known]
) -> dict[str, bool | Undetermined]:
    policy_set = evaluator.policy_set
    found: dict[str, bool | Undetermined] = {}
    for key, setting in policy_set.settings.items():
        in_force = setting.region in policy_set.regions.chain(region) and case["date"] in setting.period
        if setting.parameter == name and in_force:
            when = True if setting.when is None else evaluator._value(setting.when, case, choices)
            unless = False if setting.unless is None else evaluator._value(setting.unless, case, choices)
            found[key] = kleene_applies(when, unless)
    return found
