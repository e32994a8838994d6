"""How much: ranges and extremes are those of enumeration, bills add up, several payers pay in turn what is left."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from functools import cache

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import PolicySet
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.syntax.parse import parse
from policyc.solver.ask.bill import breakdown, find_bill
from policyc.solver.ask.options import Wishes
from policyc.solver.ask.request import AskError, understand
from policyc.solver.engine.context import SolverContext
from policyc.solver.report.answers import AskReport, BillReport
from tests.support.bundled import bundled, bundled_cases, is_yes
from tests.support.sets.random_sets import SMALL, generated
from tests.support.sets.small_sets import assert_impossible, small_cases
from tests.support.slow import mostly_slow

TODAY = date(2026, 1, 1)


def fen(written: str) -> int:
    yuan, _, cents = written.removesuffix("元").partition(".")
    return int(yuan) * 100 + int(cents or 0)


# --- The greatest and the least ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", mostly_slow(range(16)))
@pytest.mark.parametrize("question", ["pay", "near", "number", "fund"])
def test_extremes_are_those_of_enumeration(seed: int, question: str) -> None:
    policy_set, valid = generated(seed, "en", SMALL).policy_set, small_cases(seed)
    if not valid:
        assert_impossible(policy_set, question)
        return
    evaluator = Evaluator(policy_set)
    rng = random.Random(f"{seed}/{question}")
    base = rng.choice(valid)
    given = {name: base[name] for name in rng.sample(list(base), rng.choice([0, 1, 2]))}
    texts = {name: format_value(value, policy_set.facts[name].type) for name, value in given.items()}
    expression = "payer.links" if question == "near" else "number"
    wishes = Wishes(maximize=(expression,), minimize=(expression,))
    report = understand(policy_set, question, [], texts, on="any", today=TODAY, wishes=wishes).report()
    those = [case for case in valid if given.items() <= case.items()]
    if question in ("pay", "near"):
        those = [case for case in those if is_yes(policy_set, evaluator, question, case)]
    asked = QuestionReader(policy_set).question(expression)
    assert asked is not None and not isinstance(asked.subject, str)
    outcomes = [evaluator.value(asked.subject, case) for case in those]
    values = [value for value in outcomes if isinstance(value, int)]
    sure = [case for case, value in zip(those, outcomes, strict=True) if isinstance(value, int)]
    assert report.optima is not None
    most, least = report.optima
    if not sure:
        return
    assert (most.goal, least.goal) == ("maximize", "minimize")
    for optimum, expected in ((most, max(values)), (least, min(values))):
        if optimum.case:  # with values that conflict there may be none
            assert optimum.value == str(expected)
            part = QuestionReader(policy_set).facts(optimum.case)
            agreeing = [case for case in sure if part.items() <= case.items()]
            assert agreeing and all(evaluator.value(asked.subject, case) == expected for case in agreeing)


SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum link_state { none, active }
fact home : region usual 510000
record payer { fact balance : money 0元..10000元 usual 500元 }
fact state : link_state arrangeable by link usual active
fact own : money 0元..10000元 usual 50元
fact amount : money 0元..10000元 usual 300元
fact kin : boolean usual true
parameter one : boolean
parameter first : boolean
decision link governed by home as paying
decision pay governed by home as paying
policy p for 100000 {
  default set one = false
  default set first = true
  permit link anyone when not home.one
  forbid link second when home.one
  permit pay relatives when kin
  forbid pay others when not kin
  require pay linked: state is active
  table benefit { | home | => share | | 500000 | => 60% | | 510000 | => 33.33% | }
}
policy q for 500000 { set one = true  set first = false }
parameter share : percent
define fund = amount * home.share
define individual = amount - fund
define can = if pay is permitted then payer.balance else 0元
define own_part = if home.first then min(individual, own) else min(max(individual - can, 0元), own)
define aid = min(individual - own_part, can)
define cash = individual - own_part - aid
"""


@cache
def compiled(text: str = SET) -> PolicySet:
    tree, mistakes = parse(SourceFile("a.policy", text))
    policy_set, findings = compile_set([tree], [])
    assert [*mistakes, *(f for f in findings if f.level is Severity.ERROR)] == []
    return policy_set


def asked(question: str, wishes: Wishes | None = None, **given: str) -> AskReport:
    facts = {name.replace("_", "."): value for name, value in given.items()}
    return understand(compiled(), question, [], facts, on=None, today=TODAY, wishes=wishes).report()


def test_a_range_is_exact_to_the_fen() -> None:
    report = asked("aid", home="510000", amount="100.01元", own="0元", kin="true", state="active")
    assert report.kind.range == ("0元", "66.68元")  # 33.33 % of 100.01 is 33.33, rounded half-up


def test_the_greatest_value_of_a_yes() -> None:
    wishes = Wishes(maximize=("aid",), minimize=("cash", "aid"))
    report = asked("pay", wishes, home="500000", amount="1000元")
    assert report.optima is not None
    assert [(o.of.text, o.goal, o.value) for o in report.optima] == [
        ("aid", "maximize", "400元"),
        ("cash", "minimize", "0元"),
        ("aid", "minimize", "0元"),
    ]
    assert report.optima[0].case["home"] == "500000"


def test_what_has_no_yes_has_no_extreme() -> None:
    report = asked("pay", Wishes(maximize=("aid",)), home="500000", kin="false")
    (optimum,) = report.optima or ()
    assert (optimum.of.text, optimum.value, optimum.case) == ("aid", None, {})


@pytest.mark.parametrize("expression", ["pay", "kin", "state", "home"])
def test_what_is_no_number_has_no_extreme(expression: str) -> None:
    with pytest.raises(AskError) as raised:
        asked("pay", Wishes(maximize=(expression,)))
    assert [message.key for message in raised.value.texts] == ["ask.no_number"]


# --- Bills -------------------------------------------------------------------------------------------------


def amounts(bill: BillReport | None) -> dict[str, str]:
    assert bill is not None
    return {line.define: line.amount for line in bill.lines}


def test_a_bill_line_by_line() -> None:
    bill = asked("aid", home="510000", amount="300元").breakdown
    assert amounts(bill) == {"fund": "99.99元", "own_part": "50元", "aid": "150.01元", "cash": "0元"}
    assert bill is not None and (bill.total, bill.amount) == ("amount", "300元")
    rules = {line.define: [reason.rule for reason in line.because] for line in bill.lines}
    assert rules == {
        "fund": ["p.benefit@2"],
        "own_part": ["p.first"],
        "aid": ["p.relatives"],
        "cash": [],
    }
    assert bill.assumed.keys() == {"payer.balance", "state", "own", "kin"}


@pytest.mark.parametrize("question", ["cash", "fund", "own_part", "individual", "can", "aid + own_part"])
def test_every_question_about_the_bill_shows_it(question: str) -> None:
    assert amounts(asked(question, home="510000", amount="300元").breakdown)["aid"] == "150.01元"


def test_a_decision_shows_the_bill_where_its_amount_is_given() -> None:
    assert asked("pay", home="510000").breakdown is None
    assert asked("pay", home="510000", amount="300元").breakdown is not None
    assert asked("link", home="510000", amount="300元").breakdown is None
    assert asked("amount", home="510000", amount="300元").breakdown is None


def test_a_branch_not_taken_gives_no_rules() -> None:
    bill = asked("aid", home="500000", amount="300元").breakdown
    assert bill is not None
    own = next(line for line in bill.lines if line.define == "own_part")
    assert [reason.rule for reason in own.because] == ["q.first", "p.relatives"]


def test_what_is_neither_given_nor_usual_leaves_no_bill() -> None:
    text = SET.replace("fact home : region usual 510000", "fact home : region")
    assert understand(compiled(text), "aid", [], {"amount": "300元"}, on=None, today=TODAY).report().breakdown is None


@pytest.mark.parametrize("payer", ["500000", "510400"])
@pytest.mark.slow
def test_bills_add_up(payer: str) -> None:
    policy_set = bundled()
    context = SolverContext(policy_set)
    bill = find_bill(policy_set, "pay")
    assert bill is not None
    assert bill.shares == ("fund_pays", "own_pays", "aid_pays", "cash_pays")
    for case in bundled_cases({"payer.region": payer, "date": TODAY.toordinal()}, 25):
        values = [fen(line.amount) for line in breakdown(context, bill, case)]
        assert all(value >= 0 for value in values)
        assert sum(values) == case["expense.amount"]


# --- Several payers ----------------------------------------------------------------------------------------


def paid(report: AskReport) -> tuple[dict[str, int], list[int]]:
    assert report.breakdown is not None
    lines = {line.define: fen(line.amount) for line in report.breakdown.lines}
    payments = [fen(p.amount) for line in report.breakdown.lines for p in line.payments]
    return lines, payments


def by_hand(individual: int, own: int, balances: list[int], own_first: bool) -> tuple[dict[str, int], list[int]]:
    """Who pays what, worked out account by account."""
    left = individual
    shares = {"own_part": 0}
    payments: list[int] = []

    def own_account() -> None:
        nonlocal left
        shares["own_part"] = min(left, own)
        left -= shares["own_part"]

    if own_first:
        own_account()
    for balance in balances:
        payments.append(min(left, balance))
        left -= payments[-1]
    if not own_first:
        own_account()
    return {**shares, "aid": sum(payments), "cash": left}, payments


@pytest.mark.parametrize("own_first", [True, False])
@pytest.mark.parametrize("seed", mostly_slow(range(20)))
def test_several_payers_pay_in_turn(seed: int, own_first: bool) -> None:
    rng = random.Random(seed)
    text = SET if own_first else SET.replace("default set first = true", "default set first = false")
    amount, own = rng.randint(0, 1000), rng.choice([0, 50, 300, 2000])
    balances = [rng.choice([0, 30, 100, 1000]) for _ in range(rng.choice([2, 3]))]
    also = tuple((("payer.balance", str(balance)),) for balance in balances[1:])
    given = {"home": "510000", "amount": str(amount), "own": str(own), "payer.balance": str(balances[0])}
    report = understand(compiled(text), "aid", [], given, on=None, today=TODAY, wishes=Wishes(also=also)).report()
    lines, payments = paid(report)
    individual = amount * 100 - lines["fund"]
    expected, in_turn = by_hand(individual, own * 100, [b * 100 for b in balances], own_first)
    assert {name: lines[name] for name in expected} == expected
    assert payments == (in_turn if expected["aid"] else [])


def test_a_region_that_allows_one_payer_only() -> None:
    wishes = Wishes(also=((("payer.balance", "900"),),))
    report = asked("aid", wishes, home="500000", amount="1000元", payer_balance="100元")
    assert paid(report)[1] == [100_00, 0]
    assert report.breakdown is not None
    aid = next(line for line in report.breakdown.lines if line.define == "aid")
    assert [(p.decision, p.answer) for p in aid.payments] == [("pay", "permitted"), ("link", "denied")]
    assert [reason.rule for reason in aid.payments[1].because] == ["p.second"]


def test_a_person_who_may_not_pay_pays_nothing() -> None:
    wishes = Wishes(also=((("payer.balance", "900"), ("kin", "false")),))
    report = asked("pay", wishes, home="510000", amount="1000元", payer_balance="100元")
    assert paid(report)[1] == [100_00, 0]


@pytest.mark.parametrize(
    ("question", "also", "keys"),
    [
        ("aid", (("payer.balence", "9"),), []),
        ("pay", (("payer.balance", "9"),), ["ask.also_amount"]),
        ("link", (("payer.balance", "9"),), ["ask.no_bill"]),
        ("amount", (("payer.balance", "9"),), ["ask.no_bill"]),
    ],
)
def test_mistakes(question: str, also: tuple[tuple[str, str], ...], keys: list[str]) -> None:
    with pytest.raises(AskError) as raised:
        asked(question, Wishes(also=(also,)), home="510000")
    assert [message.key for message in raised.value.texts] == keys
    assert bool(raised.value.diagnostics) == (not keys)


def test_a_person_who_cannot_exist() -> None:
    text = SET + "axiom rich: kin or payer.balance >= 100元\n"
    wishes = Wishes(also=((("kin", "false"), ("payer.balance", "5")),))
    with pytest.raises(AskError) as raised:
        understand(compiled(text), "aid", [], {"home": "510000"}, on=None, today=TODAY, wishes=wishes).report()
    assert [message.key for message in raised.value.texts] == ["ask.also_impossible"]


@pytest.mark.slow
def test_the_wife_of_panzhihua() -> None:
    """The figures of the policies' own test."""
    given: Mapping[str, str] = {
        "relation": "spouse",
        "payer.age": "62",
        "payer.category": "retired",
        "beneficiary.scheme": "employee",
        "beneficiary.category": "retired",
        "beneficiary.age": "60",
        "beneficiary.balance": "200元",
        "expense.amount": "1150元",
    }
    report = understand(bundled(), "aid_pays", ["攀枝花", "攀枝花"], given, on=TODAY, today=TODAY).report()
    assert amounts(report.breakdown) == {
        "fund_pays": "650元",
        "own_pays": "200元",
        "aid_pays": "300元",
        "cash_pays": "0元",
    }
    assert report.usual is not None and report.usual.answer == "300元"
