"""The solver's findings in small random sets against an enumeration of all their cases."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from functools import partial

import pytest

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.model import Case, Constant, Effect, FactValue, PolicySet, SideVerdict, Value, Verdict
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.outcomes import Conflicting, Undetermined
from policyc.solver.ask.request import understand
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.encoding.dependencies import reading_facts
from policyc.solver.engine import departures
from policyc.solver.engine.witness import abductive_explanation, plainest, usual_value
from tests.support.chosen import alternatives
from tests.support.doubt import Doubts, beaten_names, doubts, settled_verdict, values_under, ways
from tests.support.sets.enumeration import domain
from tests.support.sets.small_sets import SMALL_SETS, assert_impossible, small
from tests.support.slow import mostly_slow


def plain_order(policy_set: PolicySet, case: Case, given: Case) -> tuple[object, ...]:
    """Fewest departures from usual values, the first declared facts usual, then least values in order. Of
    facts that are given none is a departure."""
    departs = []
    for fact in policy_set.facts.values():
        match fact.usual if fact.name not in given else None:
            case None:
                continue
            case FactValue(fact=other):
                departs.append(case[fact.name] != case[other])
            case Constant(value=value):
                departs.append(case[fact.name] != value)
    places = [domain(policy_set, fact).index(case[fact.name]) for fact in policy_set.facts.values()]
    return sum(departs), departs, places


@pytest.mark.parametrize("few_cores", [departures.FEW_CORES, 1])
@pytest.mark.parametrize("seed", mostly_slow(range(SMALL_SETS)))
def test_plainest_and_essential_are_those_of_enumeration(
    seed: int, few_cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This holds if departures are found by cores, and if they are counted from the first core on."""
    monkeypatch.setattr(departures, "FEW_CORES", few_cores)
    whole, valid = small(seed)
    scope, policy_set = whole.whole, whole.policy_set
    rng = random.Random(seed)
    for decision in policy_set.decisions:
        by_verdict: dict[Verdict, list[dict[str, Value]]] = {verdict: [] for verdict in Verdict}
        for case in valid:
            by_verdict[whole.evaluator.verdict(decision, case)].append(case)
        for verdict, those in by_verdict.items():
            term = scope.decisions.decision(decision)[verdict]
            found = plainest(scope, [term])
            if not those:
                assert found is None
                continue
            assert found == min(those, key=lambda case: plain_order(policy_set, case, {}))
            for case in (found, rng.choice(those)):
                assert_essential(abductive_explanation(scope, case, [term]), case, those, valid)


def assert_essential(part: Case, case: Case, those: list[dict[str, Value]], valid: list[dict[str, Value]]) -> None:
    """Asserts that the part agrees with the case, suffices, and is minimal."""
    assert part.items() <= case.items()
    assert len(agreeing(valid, part)) == len(agreeing(those, part))
    for name in part:
        rest = {other: value for other, value in part.items() if other != name}
        assert len(agreeing(valid, rest)) > len(agreeing(those, rest)), f"{name} can be spared"


def agreeing(some: list[dict[str, Value]], part: Case) -> list[dict[str, Value]]:
    return [case for case in some if all(case[name] == value for name, value in part.items())]


@pytest.mark.parametrize("seed", mostly_slow(range(SMALL_SETS)))
def test_check_finds_what_enumeration_finds(seed: int) -> None:
    whole, valid = small(seed)
    policy_set, evaluator = whole.policy_set, whole.evaluator
    beaten = beaten_names(policy_set)
    wanted: dict[str, set[frozenset[str]]] = {"PC301": set(), "PC303": set(), "PC501": set()}
    fact_of = reading_facts(policy_set)
    for case in valid:
        for decision in policy_set.decisions.values():
            for side in decision.sides:
                for found in doubts(evaluator, decision.name, side, case):
                    wanted["PC301"] |= conflicting_norms(policy_set, beaten, found)
        for name in policy_set.parameters:
            region = str(case[fact_of[name]])
            for values, applies in alternatives(evaluator, case, partial(values_under, name, region)):
                if not isinstance(values, Undetermined) and len(values) > 1:
                    wanted["PC303"] |= clashing_settings(policy_set, beaten, applies)
        for assertion in policy_set.assertions:
            if evaluator.value(assertion.condition, case) is False:
                wanted["PC501"].add(frozenset({assertion.name}))
    codes = wanted.keys()
    report = check(policy_set, (), CheckOptions(date(2024, 1, 2), codes=codes))
    for code in codes:
        rules = {frozenset(f.finding.rules) for f in report.findings if f.code.id == code}
        assert rules == wanted[code], code
    for finding in report.findings:
        assert finding.finding.witness is not None


def conflicting_norms(policy_set: PolicySet, beaten: Mapping[str, set[str]], found: Doubts) -> set[frozenset[str]]:
    """Pairs of opposite norms that have effect in every way of settling doubt, each way being a conflict."""
    results = [
        settled_verdict(policy_set, beaten, applying, met)
        for applying in ways(found.applies)
        for met in ways(found.met)
    ]
    if {verdict for verdict, _ in results} != {SideVerdict.CONFLICT}:
        return set()
    always = set.intersection(*(effective for _, effective in results))
    effects = {name: policy_set.norms[name].effect for name in always}
    return {
        frozenset((one, other))
        for one in always
        for other in always
        if effects[one] is Effect.PERMIT and effects[other] is Effect.FORBID
    }


def clashing_settings(
    policy_set: PolicySet, beaten: Mapping[str, set[str]], applies: Mapping[str, bool | Undetermined]
) -> set[frozenset[str]]:
    """Pairs of settings of different values that apply and are unbeaten in every way of settling doubt."""
    always = set.intersection(
        *(
            {key for key, on in way.items() if on and not any(way.get(w) for w in beaten.get(key, ()))}
            for way in ways(applies)
        )
    )
    settings = [policy_set.settings[key] for key in always]
    return {frozenset((one.name, other.name)) for one in settings for other in settings if one.value != other.value}


@pytest.mark.parametrize("seed", mostly_slow(range(SMALL_SETS)))
@pytest.mark.parametrize("question", ["bind", "pay", "near", "bind is permitted or filed"])
def test_ask_answers_as_enumeration_does(seed: int, question: str) -> None:
    whole, valid = small(seed)
    policy_set, evaluator = whole.policy_set, whole.evaluator
    if not valid:
        assert_impossible(policy_set, question)
        return
    rng = random.Random(f"{seed}/{question}")
    base = rng.choice(valid)
    given = {name: base[name] for name in rng.sample(list(base), rng.choice([0, 1, 2, 3]))}
    texts = {name: format_value(value, policy_set.facts[name].type) for name, value in given.items()}
    report = understand(policy_set, question, [], texts, on="any", today=date(2024, 1, 2)).report()
    subject = QuestionReader(policy_set).question(question)
    assert subject is not None

    def answer(case: Case) -> str:
        if isinstance(subject.subject, str):
            return evaluator.verdict(subject.subject, case).value
        outcome = evaluator.value(subject.subject, case)
        if isinstance(outcome, Conflicting):
            return "conflicting"
        return "undetermined" if isinstance(outcome, Undetermined) else str(outcome).lower()

    those = agreeing(valid, given)
    answers = {tuple(case.values()): answer(case) for case in those}
    possible = set(answers.values())
    assert set(report.possible) == possible
    assert report.answer == (possible.pop() if len(possible) == 1 else "depends")
    usual = min(those, key=lambda case: plain_order(policy_set, case, given))
    filled = {  # a fact without a usual value, or with another one, stays open
        name: value
        for name, value in usual.items()
        if name in given or usual_value(policy_set.facts[name], usual) == value
    }
    ordinary = {answer(case) for case in agreeing(those, filled)}
    assert report.usual is not None
    assert report.usual.answer == (ordinary.pop() if len(ordinary) == 1 else "depends")
    assert set(report.depends_on) >= turning(policy_set, those, answers)
    assert not set(report.depends_on) & given.keys()
    settled: dict[tuple[Value, ...], str] = {}
    for case in those:
        key = tuple(case[name] for name in report.depends_on)
        assert settled.setdefault(key, answer(case)) == answer(case), "more matters than was said"


def turning(policy_set: PolicySet, those: list[dict[str, Value]], answers: Mapping[tuple[Value, ...], str]) -> set[str]:
    """Facts whose change alone changes the answer."""
    found = set()
    for case in those:
        for name, fact in policy_set.facts.items():
            for value in domain(policy_set, fact) if name not in found else ():
                other = answers.get(tuple({**case, name: value}.values()))
                if other is not None and other != answers[tuple(case.values())]:
                    found.add(name)
    return found
