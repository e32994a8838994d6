"""The solver means what the reference evaluator means, and both mean what brute force says.

Random sets (`random_sets.py`), random cases: each verdict, value and parameter by the evaluator and by the
terms; English and Chinese texts of one seed; on small sets, every case there is. `POLICYC_CASES` sets the
number of (set, case) pairs; `-rP` shows how often each feature occurred and had an influence.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from itertools import product

import pytest

from policyc.dsl.diagnostic import Severity
from policyc.dsl.evaluate import Evaluator
from policyc.dsl.model import (
    PERCENT,
    WHOLE,
    Case,
    Constant,
    DefineValue,
    Effect,
    EnumType,
    Expr,
    FactValue,
    MetaRule,
    Period,
    PolicySet,
    Product,
    Rule,
    SetType,
    Shifted,
    Side,
    SideVerdict,
    Value,
    Verdict,
    parts,
)
from policyc.dsl.outcomes import (
    UNDETERMINED,
    Conflicting,
    DecisionTrace,
    Known,
    Outcome,
    State,
    Undetermined,
)
from policyc.dsl.precedence import beaten_by, contests
from policyc.dsl.question import Reader
from policyc.dsl.traversal import unfolded
from policyc.dsl.values import format_value
from policyc.solver import departures
from policyc.solver.ask import understand
from policyc.solver.check import check
from policyc.solver.conflicts import reading_facts
from policyc.solver.encoded import Encoded, Members, Number, Place, Truth
from policyc.solver.prover import Prover, View
from policyc.solver.smt import Status
from policyc.solver.witness import essential, plainest, usual_value
from tests.support.chosen import Chosen, alternatives
from tests.support.enumeration import domain, valid_cases
from tests.support.random_sets import (
    COMMON,
    LAST_DAYS,
    SMALL,
    Generated,
    World,
    compiled,
    generated,
    random_case,
)

CASES_OF_A_SET = 24
PAIRS = int(os.environ.get("POLICYC_CASES", "2016"))
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
        if not conditions:
            continue
        conflicting = view.terms.equal_to(expression, Conflicting(frozenset()))
        assert view.holds(conflicting, case) == isinstance(outcome, Conflicting), name
    broken = evaluator.violated(case)
    assert [name for name, term in view.axioms.items() if not view.holds(term, case)] == broken


@pytest.mark.parametrize("seed", range(SETS))
def test_terms_mean_what_the_evaluator_means(seed: int) -> None:
    view = prover(seed).whole
    for number, case in enumerate(cases(seed)):
        assert_agreement(view, view.prover.evaluator, case, conditions=number == 0)
    prover.cache_clear()


@pytest.mark.parametrize("seed", range(0, SETS, 6))
def test_terms_of_a_smaller_view_mean_the_same(seed: int) -> None:
    """Known facts and areas fold terms; the cases of the view are judged as before."""
    whole = prover(seed)
    for number, case in enumerate(cases(seed)[:2]):
        known = {name: value for place, (name, value) in enumerate(case.items()) if place % 2 == number}
        views = [whole.view(known), whole.view(case), whole.within("payer.region", str(case["payer.region"]))]
        for view in views:
            assert_agreement(view, whole.evaluator, case, conditions=False)


@pytest.mark.parametrize("seed", range(0, SETS, 6))
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
    return {
        loser: {loss.winner for loss in losses} for loser, losses in beaten_by(contests(policy_set)).items()
    }


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

    def read(chosen: Chosen) -> Doubts:
        def truth(expression: Expr | None, otherwise: bool) -> Known:
            return otherwise if expression is None else chosen.value(expression)

        found = Doubts({}, {})
        for norm in policy_set.norms.values():
            if (norm.decision, norm.side) == (decision, side.name) and in_force(norm):
                found.applies[norm.name] = kleene_applies(truth(norm.when, True), truth(norm.unless, False))
        for rule in policy_set.requirements.values():
            if (rule.decision, rule.side) == (decision, side.name) and in_force(rule):
                applies = kleene_applies(truth(rule.when, True), truth(rule.unless, False))
                holds = chosen.value(rule.condition)
                if applies is False or holds is True:
                    found.met[rule.name] = True
                else:
                    found.met[rule.name] = False if applies is True and holds is False else UNDETERMINED
        return found

    return alternatives(evaluator, case, read)


#: More doubtful rules than this at one side are left to the evaluator alone.
DOUBT_LIMIT = 10


@pytest.mark.parametrize("start", range(0, max(1, SETS - 19), 20))
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


@pytest.mark.parametrize("start", range(0, max(1, SETS - 19), 20))
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


def values_under(
    name: str, region: str, chosen: Chosen
) -> tuple[frozenset[Value] | Undetermined, dict[str, bool | Undetermined]]:
    return chosen.values((name, region)), applying_settings(name, region, chosen)


def applying_settings(name: str, region: str, chosen: Chosen) -> dict[str, bool | Undetermined]:
    policy_set, case = chosen.policy_set, chosen.case
    found: dict[str, bool | Undetermined] = {}
    for key, setting in policy_set.settings.items():
        in_force = setting.region in policy_set.regions.chain(region) and case["date"] in setting.period
        if setting.parameter == name and in_force:
            when = True if setting.when is None else chosen.value(setting.when)
            unless = False if setting.unless is None else chosen.value(setting.unless)
            found[key] = kleene_applies(when, unless)
    return found


def test_days_that_leave_the_calendar() -> None:
    """In cases of sets at the end of the calendar; some day is moved beyond it, and it tells."""
    told = 0
    for seed in range(8):
        policy_set = generated(seed, "en", LAST_DAYS).policy_set
        whole = Prover(policy_set)
        evaluator = whole.evaluator
        for case in valid_cases(evaluator)[seed::11]:
            assert_agreement(whole.whole, evaluator, case, conditions=True)
            for expression in expressions_of(policy_set).values():
                shifted = [e for e in unfolded(policy_set, expression) if isinstance(e, Shifted)]
                out = any(isinstance(evaluator.value(e, case), Undetermined) for e in shifted)
                told += out and isinstance(evaluator.value(expression, case), Undetermined)
        check(policy_set, (), today=date.max)
    assert told


# --- Brute force over all cases of small sets --------------------------------------------------------------

SMALL_SETS = max(4, PAIRS // 100)

ASSERTIONS = """
assert yes: pay is permitted implies bind is permitted
assert few: payer.links < 2 or bind is not conflicting
assert low: number <= 5
"""


@cache
def small(seed: int) -> tuple[Prover, list[dict[str, Value]]]:
    """A small set with assertions, and all its valid cases."""
    found = generated(seed, "en", SMALL)
    policy_set, diagnostics = compiled(found.text + ASSERTIONS)
    assert not [d for d in diagnostics if d.level is Severity.ERROR]
    whole = Prover(policy_set)
    return whole, valid_cases(whole.evaluator)


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
@pytest.mark.parametrize("seed", range(SMALL_SETS))
def test_plainest_and_essential_are_those_of_enumeration(
    seed: int, few_cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether departures are found by cores or, from the first core on, by counting."""
    monkeypatch.setattr(departures, "FEW_CORES", few_cores)
    whole, valid = small(seed)
    view, policy_set = whole.whole, whole.policy_set
    rng = random.Random(seed)
    for decision in policy_set.decisions:
        by_verdict: dict[Verdict, list[dict[str, Value]]] = {verdict: [] for verdict in Verdict}
        for case in valid:
            by_verdict[whole.evaluator.verdict(decision, case)].append(case)
        for verdict, those in by_verdict.items():
            term = view.terms.decision(decision)[verdict]
            found = plainest(view, [term])
            if not those:
                assert found is None
                continue
            assert found == min(those, key=lambda case: plain_order(policy_set, case, {}))
            for case in (found, rng.choice(those)):
                assert_essential(essential(view, case, [term]), case, those, valid)


def assert_essential(
    part: Case, case: Case, those: list[dict[str, Value]], valid: list[dict[str, Value]]
) -> None:
    """The part is of the case, what it says suffices, and nothing in it can be spared."""
    assert part.items() <= case.items()
    assert len(agreeing(valid, part)) == len(agreeing(those, part))
    for name in part:
        rest = {other: value for other, value in part.items() if other != name}
        assert len(agreeing(valid, rest)) > len(agreeing(those, rest)), f"{name} can be spared"


def agreeing(some: list[dict[str, Value]], part: Case) -> list[dict[str, Value]]:
    return [case for case in some if all(case[name] == value for name, value in part.items())]


@pytest.mark.parametrize("seed", range(SMALL_SETS))
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
    report = check(policy_set, (), today=date(2024, 1, 2), wanted=lambda code: code in codes)
    for code in codes:
        rules = {frozenset(f.finding.rules) for f in report.findings if f.code.id == code}
        assert rules == wanted[code], code
    for finding in report.findings:
        assert finding.finding.witness is not None


def conflicting_norms(
    policy_set: PolicySet, beaten: Mapping[str, set[str]], found: Doubts
) -> set[frozenset[str]]:
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
    return {
        frozenset((one.name, other.name))
        for one in settings
        for other in settings
        if one.value != other.value
    }


@pytest.mark.parametrize("seed", range(SMALL_SETS))
@pytest.mark.parametrize("question", ["bind", "pay", "near", "bind is permitted or filed"])
def test_ask_answers_as_enumeration_does(seed: int, question: str) -> None:
    whole, valid = small(seed)
    policy_set, evaluator = whole.policy_set, whole.evaluator
    if not valid:
        nothing = understand(policy_set, question, [], {}, on="any", today=date(2024, 1, 2)).report()
        assert (nothing.answer, nothing.possible) == ("impossible", ())
        return
    rng = random.Random(f"{seed}/{question}")
    base = rng.choice(valid)
    given = {name: base[name] for name in rng.sample(list(base), rng.choice([0, 1, 2, 3]))}
    texts = {name: format_value(value, policy_set.facts[name].type) for name, value in given.items()}
    report = understand(policy_set, question, [], texts, on="any", today=date(2024, 1, 2)).report()
    subject = Reader(policy_set).question(question)
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
    filled = {  # what has no usual value, or departs from it, stays open
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


def turning(
    policy_set: PolicySet, those: list[dict[str, Value]], answers: Mapping[tuple[Value, ...], str]
) -> set[str]:
    """Facts whose change alone changes the answer."""
    found = set()
    for case in those:
        for name, fact in policy_set.facts.items():
            for value in domain(policy_set, fact) if name not in found else ():
                other = answers.get(tuple({**case, name: value}.values()))
                if other is not None and other != answers[tuple(case.values())]:
                    found.add(name)
    return found


# --- What the random sets are made of, and what of it matters ----------------------------------------------

#: The least share of the sets (or of their cases) in which a feature must have been seen at work.
SHARE = 0.05


def nodes(expression: Expr | None) -> Iterator[Expr]:
    if expression is not None:
        yield expression
        for part in parts(expression):
            yield from nodes(part)


def occurring(generated_set: Generated) -> set[str]:
    """What a set contains. The denominator is all sets."""
    policy_set, text = generated_set.policy_set, generated_set.text
    rules = [*policy_set.norms.values(), *policy_set.requirements.values(), *policy_set.settings.values()]
    expressions = [define.value for define in policy_set.defines.values()]
    expressions += [rule.condition for rule in policy_set.requirements.values()]
    conditions = [expression for rule in rules for expression in (rule.when, rule.unless)]
    found = {type(node).__name__ for expression in (*expressions, *conditions) for node in nodes(expression)}
    kinds = {
        "unless": any(rule.unless is not None for rule in rules),
        "default permit": "default permit" in text,
        "default forbid": "default forbid" in text,
        "default set": "default set" in text,
        "exception to a norm": any(n.exceptions & policy_set.norms.keys() for n in policy_set.norms.values()),
        "exception to a requirement": any(
            n.exceptions & policy_set.requirements.keys() for n in policy_set.norms.values()
        ),
        "another precedence": "precedence" in text,
        "axiom": bool(policy_set.axioms),
        "period of a statement": any(
            rule.period != policy_set.policies[rule.policy].period for rule in rules
        ),
        "table": any(setting.table for setting in policy_set.settings.values()),
        "any": "| any |" in text,
        "range of cells": ".." in text.partition("policy p0")[2],
        "comparison of cells": any(f"| {sign}" in text for sign in "<>"),
        "rule that cites nothing": any(not rule.cites for rule in rules),
        "local define": any(define.policy for define in policy_set.defines.values()),
        "usual value that is another fact": any(
            isinstance(fact.usual, FactValue) for fact in policy_set.facts.values()
        ),
    }
    found |= {kind for kind, has in kinds.items() if has}
    return found


OCCURRING = (
    "unless",
    "default permit",
    "default forbid",
    "default set",
    "exception to a norm",
    "exception to a requirement",
    "another precedence",
    "axiom",
    "period of a statement",
    "table",
    "any",
    "range of cells",
    "comparison of cells",
    "rule that cites nothing",
    "local define",
    "usual value that is another fact",
    "Ancestor",
    "Choice",
    "Extreme",
    "IsUndetermined",
    "MemberOf",
    "Product",
    "RegionCode",
    "Shifted",
    "Sum",
    "VerdictIs",
    "Within",
)


def test_features_occur() -> None:
    counts: Counter[str] = Counter()
    mistaken = 0
    for seed in range(SETS):
        counts.update(occurring(generated(seed)))
        mistaken += generated(seed).mistaken
    for feature in OCCURRING:
        print(f"{feature:34} in {counts[feature]:5} of {SETS} sets")
    print(f"texts with mistakes, left out: {mistaken}")
    assert [feature for feature in OCCURRING if counts[feature] < SHARE * SETS] == []
    assert mistaken < SETS / 4


def without(policy_set: PolicySet) -> dict[str, Evaluator]:
    """Evaluators of a set that lacks one feature each; where a verdict changes, the feature has mattered."""
    plain = {
        "unless": replace(
            policy_set, norms={name: replace(norm, unless=None) for name, norm in policy_set.norms.items()}
        ),
        "when": replace(
            policy_set, norms={name: replace(norm, when=None) for name, norm in policy_set.norms.items()}
        ),
        "requirements": replace(policy_set, requirements={}),
        "requirement set aside": replace(
            policy_set,
            norms={
                name: replace(norm, exceptions=norm.exceptions - policy_set.requirements.keys())
                for name, norm in policy_set.norms.items()
            },
        ),
        "tables": replace(
            policy_set,
            settings={key: setting for key, setting in policy_set.settings.items() if not setting.table},
        ),
    }
    found = {feature: Evaluator(changed) for feature, changed in plain.items()}
    found["periods"] = Evaluator(
        policy_set, {name: Period() for name in (*policy_set.norms, *policy_set.settings)}
    )
    for meta in MetaRule:
        beaten = {
            name: tuple(loss for loss in losses if loss.meta is not meta)
            for name, losses in beaten_by(contests(policy_set)).items()
        }
        found[f"beaten by {meta.value}"] = Evaluator(policy_set, beaten=beaten)
    return found


def test_features_matter() -> None:
    """Each feature decides a verdict or value in some case of at least one set in twenty; each verdict and
    state comes about in at least one case in twenty."""
    mattered: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    pairs = 0
    for seed in range(SETS):
        policy_set = generated(seed).policy_set
        evaluator, others = Evaluator(policy_set), without(policy_set)
        deciding: set[str] = set()
        for case in cases(seed)[:8]:
            pairs += 1
            traces = {name: evaluator.decide(name, case) for name in policy_set.decisions}
            values = {n: evaluator.value(define.value, case) for n, define in policy_set.defines.items()}
            for feature, other in others.items():
                if feature not in deciding and (
                    any(other.verdict(name, case) is not trace.verdict for name, trace in traces.items())
                    or any(other.value(policy_set.defines[n].value, case) != v for n, v in values.items())
                ):
                    deciding.add(feature)
            happened_here = happening(traces.values(), values.values())
            seen.update(happened_here)
            deciding |= happened_here - set(HAPPENING)
            deciding |= {"inexact rounding"} if inexact(evaluator, case) else set()
        mattered.update(deciding)
    features = [
        *without(generated(0).policy_set),
        "inexact rounding",
        "conflicting",
        "conflict by a parameter's values",
        "conflicting value",
    ]
    for feature in features:
        print(f"{feature:34} decided in {mattered[feature]:5} of {SETS} sets")
    for happened in HAPPENING:
        print(f"{happened:34} in {seen[happened]:5} of {pairs} cases")
    # Only a set in which a permit names a requirement can have one set aside.
    naming = sum("exception to a requirement" in occurring(generated(seed)) for seed in range(SETS))
    chances = {"requirement set aside": naming}
    few = [f for f in features if mattered[f] < SHARE * chances.get(f, SETS)]
    assert few == []
    assert [happened for happened in HAPPENING if seen[happened] < SHARE * pairs] == []


HAPPENING = (
    *(verdict.value for verdict in Verdict if verdict is not Verdict.CONFLICTING),
    *(state.value for state in State if state is not State.SET_ASIDE),
    "silent by a doubtful rule",
    "undetermined value",
)


def happening(traces: Iterable[DecisionTrace], values: Iterable[Outcome]) -> set[str]:
    found: set[str] = set()
    for trace in traces:
        found.add(trace.verdict.value)
        for side in trace.sides:
            states = {rule.state for rule in side.rules}
            found |= {state.value for state in states}
            if side.verdict is SideVerdict.SILENT and State.MAY_APPLY in states:
                found.add("silent by a doubtful rule")
            conflicting = any(isinstance(p.outcome, Conflicting) for p in side.parameters)
            if side.verdict is SideVerdict.CONFLICT and conflicting:
                found.add("conflict by a parameter's values")
    for outcome in values:
        if isinstance(outcome, Undetermined):
            found.add("undetermined value")
        if isinstance(outcome, Conflicting):
            found.add("conflicting value")
    return found


def inexact(evaluator: Evaluator, case: Case) -> bool:
    """Whether some product of a define was rounded in a case."""
    for define in evaluator.policy_set.defines.values():
        for node in nodes(define.value):
            if isinstance(node, Product) and PERCENT in (node.factor.type, node.operand.type):
                pair = evaluator.value(node.factor, case), evaluator.value(node.operand, case)
                if isinstance(pair[0], int) and isinstance(pair[1], int) and pair[0] * pair[1] % WHOLE:
                    return True
    return False
