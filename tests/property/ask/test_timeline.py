"""The answer over time: equal to the answer of each day, and changed by the rules it names."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import Case, PolicySet
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.syntax.parse import parse
from policyc.solver.ask.answer import ask_report
from policyc.solver.ask.inquiry import Inquiry
from policyc.solver.ask.options import Wishes
from policyc.solver.ask.request import AskError, understand
from policyc.solver.engine.context import SolverContext
from policyc.solver.report.answers import AskReport, TimelineSpan
from tests.support.sets.enumeration import domain
from tests.support.sets.random_sets import COMMON, SMALL, generated, random_case
from tests.support.slow import mostly_slow

TODAY = date(2024, 1, 2)


def over(policy_set: PolicySet, question: str, given: dict[str, str]) -> AskReport:
    return understand(policy_set, question, [], given, on=None, today=TODAY, wishes=Wishes(over="date")).report()


def spans(report: AskReport, low: int, high: int) -> list[tuple[int, int, TimelineSpan]]:
    assert report.timeline is not None
    return [
        (
            low if span.days.first is None else date.fromisoformat(span.days.first).toordinal(),
            high if span.days.last is None else date.fromisoformat(span.days.last).toordinal(),
            span,
        )
        for span in report.timeline
    ]


def possible_on(context: SolverContext, question: str, given: Case, day: int) -> set[str]:
    """The answers of one day."""
    asked = QuestionReader(context.policy_set).question(question)
    assert asked is not None
    scope = context.scope({**given, "date": day})
    terms = Inquiry(context, question, asked.subject, given, (), Wishes()).answers(scope)
    return {name for name, term in terms.items() if scope.possible([term])}


CASES = [(seed, "small") for seed in range(16)] + [(seed, "common") for seed in range(12)]


@pytest.mark.parametrize(("seed", "size"), mostly_slow(pytest.param(*case) for case in CASES))
@pytest.mark.parametrize("question", mostly_slow(["bind", "pay", "pay is permitted or filed"]))
def test_each_day_has_its_own_answer(seed: int, size: str, question: str) -> None:
    found = generated(seed, "en", SMALL if size == "small" else COMMON)
    policy_set = found.policy_set
    rng = random.Random(f"{seed}/{question}")
    if size == "small":
        base = {fact.name: rng.choice(domain(policy_set, fact)) for fact in policy_set.facts.values()}
    else:
        base = random_case(found, 100 + seed)
    names = rng.sample([name for name in base if name != "date"], 2 if size == "small" else rng.choice([2, 4, 6]))
    given = {name: base[name] for name in names}
    context = SolverContext(policy_set)
    if not context.scope(given).possible([]):
        given = {}
    if not context.whole.possible([]):
        return  # the axioms contradict each other
    fact = policy_set.facts["date"]
    assert fact.low is not None and fact.high is not None
    texts = {name: format_value(value, policy_set.facts[name].type) for name, value in given.items()}
    told = spans(over(policy_set, question, texts), fact.low, fact.high)
    assert [first for first, _, _ in told] == [fact.low, *(last + 1 for _, last, _ in told[:-1])]
    assert told[-1][1] == fact.high
    for (_, _, one), (_, _, other) in pairwise(told):
        assert (one.possible, one.usual) != (other.possible, other.usual)
    days = sorted({day for first, last, _ in told for day in (first, last)})
    days = rng.sample(days, min(len(days), 10)) + [rng.randint(fact.low, fact.high) for _ in range(3)]
    for day in days:
        span = next(span for first, last, span in told if first <= day <= last)
        assert set(span.possible) == possible_on(context, question, given, day), (day, given)


@pytest.mark.parametrize("seed", mostly_slow(range(8)))
def test_the_usual_answer_of_a_day(seed: int) -> None:
    found = generated(seed, "en", COMMON)
    policy_set = found.policy_set
    base = random_case(found, seed)
    if Evaluator(policy_set).violated(base):
        return
    given = {
        name: format_value(value, policy_set.facts[name].type)
        for name, value in base.items()
        if name != "date" and policy_set.facts[name].usual is None
    }
    fact = policy_set.facts["date"]
    assert fact.low is not None and fact.high is not None
    told = spans(over(policy_set, "pay", given), fact.low, fact.high)
    for first, _, span in random.Random(seed).sample(told, min(len(told), 3)):
        report = understand(policy_set, "pay", [], given, on=date.fromordinal(first), today=TODAY).report()
        assert span.answer == report.answer
        if report.usual is not None and "signed" not in report.usual.assumed:
            assert span.usual == report.usual.answer


# --- By hand -----------------------------------------------------------------------------------------------

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home : region usual 500000
fact filed : boolean usual true
fact signed : date 2024-01-01..2026-12-31 usual date
fact date : date 2024-01-01..2026-12-31
parameter open : boolean
decision pay governed by home as paying
policy p for 100000 {
  default set open = false
  permit pay x when home.open
  forbid pay closed when not home.open until 2025-08-31
  require pay filing: filed or date < 2026-01-01
}
policy q for 500000 from 2025-06-30 { set open = true }
policy r for 500000 from 2025-02-01 { set open = true until 2025-03-31 }
"""


def told(statements: str = SET, **given: str) -> list[tuple[str | None, str, str, list[str]]]:
    tree, mistakes = parse(SourceFile("a.policy", statements))
    policy_set, findings = compile_set([tree], [])
    assert [*mistakes, *(f for f in findings if f.level.value == "error")] == []
    report = over(policy_set, "pay", given)
    assert report.timeline is not None
    return [
        (s.days.first, s.answer, s.usual, [f"{reason.rule} {reason.state}" for reason in s.turned_by])
        for s in report.timeline
    ]


def test_what_turns_an_answer() -> None:
    assert told(home="500000", filed="true") == [
        (None, "denied", "denied", []),
        ("2025-02-01", "permitted", "permitted", ["r.open begins"]),
        ("2025-04-01", "denied", "denied", ["r.open ends"]),
        ("2025-06-30", "permitted", "permitted", ["q.open begins"]),
    ]


def test_a_date_in_a_condition_turns_an_answer() -> None:
    found = told(home="500000", filed="false")
    assert found[-1] == ("2026-01-01", "denied", "denied", [])


def test_a_rule_with_a_date_in_its_condition() -> None:
    statements = SET.replace("permit pay x when home.open", "permit pay x when home.open and date >= 2025-07-15")
    found = told(statements, home="500000", filed="true")
    assert found[-1] == ("2025-07-15", "permitted", "permitted", ["p.x begins"])


def test_what_is_not_given_stays_open() -> None:
    assert told(home="500000")[-1] == ("2026-01-01", "depends", "permitted", [])
    assert told()[0] == (None, "denied", "denied", [])


def test_a_day_that_is_given_cuts() -> None:
    statements = SET.replace("filed or date < 2026-01-01", "date <= signed")
    found = told(statements, home="500000", signed="2026-03-10")
    assert found[-1][0] == "2026-03-11"
    assert told(statements, home="500000")[-1][1:3] == ("depends", "permitted")


@pytest.mark.parametrize(
    ("question", "given", "on", "wishes", "keys"),
    [
        ("pay", {"date": "2025-01-01"}, None, Wishes(over="date"), ["ask.over_a_day"]),
        ("pay", {}, TODAY + timedelta(days=400), Wishes(over="date"), ["ask.over_a_day"]),
        ("signed", {}, None, Wishes(over="day"), ["ask.over", "ask.over_a_value"]),
    ],
)
def test_what_cannot_be_told_over_time(
    question: str, given: dict[str, str], on: date | None, wishes: Wishes, keys: list[str]
) -> None:
    tree, _ = parse(SourceFile("a.policy", SET))
    policy_set, _ = compile_set([tree], [])
    with pytest.raises(AskError) as raised:
        understand(policy_set, question, [], given, on=on, today=TODAY, wishes=wishes).report()
    assert [message.key for message in raised.value.texts] == keys


def test_the_day_is_no_part_of_the_given_facts() -> None:
    tree, _ = parse(SourceFile("a.policy", SET))
    policy_set, _ = compile_set([tree], [])
    inquiry = Inquiry(SolverContext(policy_set), "pay", "pay", {"home": "500000"}, (), Wishes(over="date"))
    assert ask_report(inquiry).given == {"home": "500000"}
