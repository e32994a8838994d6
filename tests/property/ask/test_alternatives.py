"""`permitted_if` is exact: a completion of the given facts is permitted if and only if an alternative holds.

On small random sets by enumeration of all cases, on larger ones and on the bundled policies by random
completions; the reference evaluator judges both the decision and the conditions, as they are written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import Case, DefineValue, Expr, PolicySet, parts
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.syntax.parse import parse
from policyc.solver.ask.dnf.cover import Replay, written
from policyc.solver.ask.request import understand
from policyc.solver.report.answers import AskReport, Condition
from tests.support.bundled import bundled, bundled_cases, is_yes
from tests.support.sets.random_sets import COMMON, SMALL, Generated, generated, random_case
from tests.support.sets.small_sets import assert_impossible, small_cases
from tests.support.slow import mostly_slow

TODAY = date(2024, 1, 2)
SMALL_SETS = 24
LARGE_SETS = 12


def asked(policy_set: PolicySet, question: str, given: Case) -> AskReport:
    texts = {name: format_value(value, policy_set.facts[name].type) for name, value in given.items()}
    return understand(policy_set, question, [], texts, on="any", today=TODAY).report()


def assert_agree(policy_set: PolicySet, question: str, report: AskReport, cases: Sequence[Case]) -> list[list[Case]]:
    """Checks the alternatives on cases; returns which cases satisfy each of them."""
    evaluator = Evaluator(policy_set)
    replay = Replay(policy_set, evaluator)
    found: list[list[Case]] = [[] for _ in report.kind.permitted_if.alternatives]
    for case in cases:
        holding = [
            all(replay.holds(c, case) for c in conditions) for conditions in report.kind.permitted_if.alternatives
        ]
        for place, holds in enumerate(holding):
            if holds:
                found[place].append(case)
        expected = is_yes(policy_set, evaluator, question, case)
        if any(holding) or report.kind.permitted_if.complete:
            assert any(holding) == expected, (question, case, report.kind.permitted_if.alternatives)
    return found


# --- Small sets, by enumeration ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", mostly_slow(range(SMALL_SETS)))
@pytest.mark.parametrize("question", ["bind", "pay", "near", "bind is permitted or filed"])
def test_alternatives_are_those_of_enumeration(seed: int, question: str) -> None:
    policy_set, valid = generated(seed, "en", SMALL).policy_set, small_cases(seed)
    if not valid:
        assert_impossible(policy_set, question)
        return
    rng = random.Random(f"{seed}/{question}")
    base = rng.choice(valid)
    given = {name: base[name] for name in rng.sample(list(base), rng.choice([0, 0, 1, 2]))}
    report = asked(policy_set, question, given)
    those = [case for case in valid if given.items() <= case.items()]
    assert report.kind.permitted_if.complete
    found = assert_agree(policy_set, question, report, those)
    assert all(found), "an alternative that no case satisfies"
    for place, cases in enumerate(found):
        others = {id(case) for other, more in enumerate(found) if other != place for case in more}
        assert any(id(case) not in others for case in cases), "an alternative that others cover"
    for conditions in report.kind.permitted_if.alternatives:
        for left_out in conditions:
            assert_needed(policy_set, question, [c for c in conditions if c != left_out], those)


def assert_needed(policy_set: PolicySet, question: str, rest: Sequence[Condition], those: Sequence[Case]) -> None:
    """Asserts that an alternative without any one of its conditions would hold in a case that is not permitted."""
    evaluator = Evaluator(policy_set)
    replay = Replay(policy_set, evaluator)
    assert any(
        all(replay.holds(condition, case) for condition in rest) and not is_yes(policy_set, evaluator, question, case)
        for case in those
    ), (question, rest)


# --- Larger sets, by random completions --------------------------------------------------------------------


def completions(found: Generated, given: Case, count: int) -> Iterator[Case]:
    evaluator = Evaluator(found.policy_set)
    for number in range(count):
        case = {**random_case(found, number), **given}
        if not evaluator.violated(case):
            yield case


@pytest.mark.parametrize("seed", mostly_slow(range(LARGE_SETS)))
@pytest.mark.parametrize("question", ["bind", "pay"])
def test_random_completions_agree(seed: int, question: str) -> None:
    found = generated(seed, "en", COMMON)
    rng = random.Random(f"{seed}/{question}")
    base = random_case(found, 1000 + seed)
    if Evaluator(found.policy_set).violated(base):
        base = {}
    given = {name: base[name] for name in rng.sample(list(base), min(len(base), rng.choice([2, 4, 6])))}
    report = asked(found.policy_set, question, given)
    assert_agree(found.policy_set, question, report, list(completions(found, given, 120)))


# --- The bundled policies ----------------------------------------------------------------------------------

QUESTIONS = [
    ("pay", {"payer.region": "北京市", "beneficiary.region": "石家庄市", "relation": "parent"}),
    ("pay", {"payer.region": "重庆市", "beneficiary.region": "重庆市", "date": "2026-01-01"}),
    ("pay", {"payer.region": "攀枝花市", "relation": "spouse", "date": "2026-01-01"}),
    ("bind", {"payer.region": "重庆市", "date": "2025-03-12"}),
    ("bind", {"date": "2026-01-01"}),
    ("transfer_out", {"date": "2026-01-01"}),
]


@pytest.mark.parametrize(("question", "facts"), QUESTIONS)
@pytest.mark.slow
def test_alternatives_of_the_bundled_policies(question: str, facts: dict[str, str]) -> None:
    policy_set = bundled()
    given = QuestionReader(policy_set).facts(facts)
    report = asked(policy_set, question, given)
    assert report.kind.permitted_if.complete
    assert_agree(policy_set, question, report, list(bundled_cases(given, 150)))


# --- What is said, and how ---------------------------------------------------------------------------------

VOCABULARY = """
region 100000 "中国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
region 510100 "成都市" in 510000
region 530000 "云南省" in 100000
region 540000 "西藏自治区" in 100000
enum kind { a, b, c, d, e }
record payer { fact region : region  fact balance : money 0元..10000元 usual 100元  fact links : int 0..20 usual 1 }
record guest { fact region : region usual payer.region }
fact kind : kind usual a
fact filed : boolean arrangeable usual false
fact amount : money 0元..10000元 usual 10元
fact signed : date 2024-01-01..2024-12-31 usual date
fact date : date 2024-01-01..2024-12-31
parameter cap : int 0..100
define same_province = payer.region.province is guest.region.province
define home_or_filed = payer.region is guest.region or filed
decision pay governed by payer.region as paying
"""


def said(statements: str, question: str = "pay", **given: str) -> list[list[str]]:
    tree, mistakes = parse(SourceFile("a.policy", VOCABULARY + statements))
    policy_set, findings = compile_set([tree], [])
    assert [*mistakes, *(f for f in findings if f.level.value == "error")] == []
    report = understand(
        policy_set, question, [], {k.replace("_", "."): v for k, v in given.items()}, on="any", today=TODAY
    ).report()
    assert report.kind.permitted_if.complete
    return [[written(condition) for condition in alternative] for alternative in report.kind.permitted_if.alternatives]


NATIONAL = "policy p for 100000 {{ permit pay x when {} }}"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("kind is a", [["kind is a"]]),
        ("kind is not a", [["kind is not a"]]),
        ("kind in {b, c}", [["kind in {b, c}"]]),
        ("not (kind in {b, c})", [["kind not in {b, c}"]]),
        ("filed", [["filed is true"]]),
        ("payer.links < 5", [["payer.links <= 4"]]),
        ("payer.links >= 3 and payer.links < 5", [["payer.links >= 3", "payer.links <= 4"]]),
        ("payer.links is 3", [["payer.links is 3"]]),
        ("payer.links is not 3", [["payer.links is not 3"]]),
        ("payer.links <= 2 or payer.links > 7", [["payer.links <= 2"], ["payer.links >= 8"]]),
        ("amount < 2000元", [["amount < 2000元"]]),
        ("amount >= 0.50元", [["amount >= 0.50元"]]),
        ("date > 2024-06-30", [["date >= 2024-07-01"]]),
        ("amount <= payer.balance", [["amount <= payer.balance"]]),
        ("payer.balance > amount", [["amount < payer.balance"]]),
        ("date + 30 days <= signed", [["signed >= date + 30 days"]]),
        ("payer.region in 510000", [["payer.region in 510000"]]),
        ("payer.region is 510000", [["payer.region is 510000"]]),
        ("payer.region in {500000, 510000}", [["payer.region in {500000, 510000}"]]),
        ("payer.region not in 510000", [["payer.region not in 510000"]]),
        (
            "payer.region in 510000 and payer.region not in 510100",
            [["payer.region in 510000", "payer.region not in 510100"]],
        ),
        ("same_province", [["same_province is true"]]),
        ("payer.region.province is guest.region.province", [["same_province is true"]]),
        ("payer.region is guest.region or filed", [["home_or_filed is true"]]),
        ("kind is b or (filed and payer.links > 5)", [["payer.links >= 6", "filed is true"], ["kind is b"]]),
    ],
)
def test_conditions_as_they_are_said(condition: str, expected: list[list[str]]) -> None:
    assert sorted(said(NATIONAL.format(condition))) == sorted(expected)


def test_a_parameter_of_an_open_region_is_named() -> None:
    statements = """policy p for 100000 {
      default set cap = 10
      permit pay x when payer.links < payer.region.cap
    }
    policy q for 510000 { set cap = 5 }"""
    assert said(statements) == [["payer.links < payer.region.cap"]]
    assert said(statements, payer_region="510100") == [["payer.links <= 4"]]


def test_what_other_alternatives_cover_is_left_out_where_that_is_shorter() -> None:
    statements = NATIONAL.format("kind is a or (kind is b and filed)")
    assert said(statements) == [["kind is a"], ["kind is b", "filed is true"]]


def test_always_and_never() -> None:
    assert said(NATIONAL.format("kind in {a, b, c, d, e}")) == [[]]
    assert said("policy p for 100000 { forbid pay x when filed }") == []


def test_the_most_ordinary_alternative_comes_first() -> None:
    assert said(NATIONAL.format("kind is e or kind is a and not filed"))[0] == ["kind is a", "filed is false"]


def test_an_amount_worked_out_is_cut_where_it_must_be() -> None:
    define = "define due = min(amount * 30%, 600元)\n"
    assert said(define + NATIONAL.format("filed"), "due >= 100元") == [["amount >= 333.32元"]]


# --- Expressions as text -----------------------------------------------------------------------------------


def is_writable(policy_set: PolicySet, expression: Expr) -> bool:
    """Whether it reads no local definition: outside its policy that would be written differently."""
    if isinstance(expression, DefineValue) and policy_set.defines[expression.define].policy is not None:
        return False
    return all(is_writable(policy_set, part) for part in parts(expression))


@pytest.mark.parametrize("seed", mostly_slow(range(LARGE_SETS)))
def test_expressions_are_read_back(seed: int) -> None:
    found = generated(seed, "en", COMMON)
    policy_set = found.policy_set
    evaluator = Evaluator(policy_set)
    rules = [*policy_set.norms.values(), *policy_set.requirements.values(), *policy_set.settings.values()]
    expressions = [e for rule in rules for e in (rule.when, rule.unless) if e is not None]
    expressions += [rule.condition for rule in policy_set.requirements.values()]
    for expression in expressions:
        if not is_writable(policy_set, expression):
            continue
        reader = QuestionReader(policy_set)
        read = reader.question(text := expression_text(policy_set, expression))
        assert read is not None and not isinstance(read.subject, str), text
        for number in range(12):
            case = random_case(found, number)
            assert evaluator.value(read.subject, case) == evaluator.value(expression, case), text
