"""Answers of no: reasons are minimal and, if requested, complete; changes lead to a yes, and no smaller one does.

On small random sets by enumeration, judged by the reference evaluator; by hand for words.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain, combinations

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import Case, Effect, PolicySet, Value
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, DecisionTrace, State
from policyc.dsl.syntax.parse import parse
from policyc.solver.ask.options import Wishes
from policyc.solver.ask.request import understand
from policyc.solver.report.answers import AskReport
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import SMALL, compiled, generated
from tests.support.slow import mostly_slow

TODAY = date(2024, 1, 2)
SETS = 40
DECISIONS = ("bind", "pay")


def asked(policy_set: PolicySet, question: str, given: Case, on: str = "any") -> AskReport:
    texts = {name: format_value(value, policy_set.facts[name].type) for name, value in given.items()}
    day = "any" if on == "any" else date.fromisoformat(on)
    return understand(policy_set, question, [], texts, on=day, today=TODAY, wishes=Wishes(all_reasons=True)).report()  # type: ignore[arg-type]


#: Rules that permit many cases and deny some; a seed selects some of the rules.
MORE = (
    "forbid pay f1 when relation is child",
    "require pay f2: filed when payer.links > 0",
    "require bind f3: payer.links < 2",
    "forbid bind f4 when guest.region in 320000",
    "receiving { require pay f5: filed or relation is spouse }",
    "require bind f6: filed when relation is not spouse",
)


def with_more(seed: int) -> PolicySet:
    rng = random.Random(seed)
    rules = ["permit bind e1", "permit pay e2", "receiving { permit pay e3 }", *rng.sample(MORE, 4)]
    text = generated(seed, "en", SMALL).text + "policy extra for 100000 {\n" + "\n".join(rules) + "\n}"
    policy_set, diagnostics = compiled(text)
    assert not [item for item in diagnostics if item.level is Severity.ERROR]
    return policy_set


@cache
def judged(seed: int) -> tuple[PolicySet, list[tuple[dict[str, Value], Mapping[str, DecisionTrace]]]]:
    """All valid cases of a small set, with their decisions."""
    policy_set = with_more(seed)
    evaluator = Evaluator(policy_set)
    return policy_set, [
        (case, {name: evaluator.decide(name, case) for name in DECISIONS}) for case in valid_cases(evaluator)
    ]


@cache
def denials(seed: int) -> list[tuple[str, dict[str, Value], AskReport]]:
    """Questions about a set, with given facts, whose answer is no in all cases."""
    policy_set, cases = judged(seed)
    rng = random.Random(seed)
    found = []
    for question in DECISIONS:
        verdicts = {traces[question].verdict.value for _, traces in cases}
        denied = [case for case, traces in cases if traces[question].verdict.value == "denied"]
        for _ in range(4 if "permitted" in verdicts and denied else 0):
            base = rng.choice(denied)
            given = {name: base[name] for name in rng.sample(list(base), rng.choice([3, 4, 5]))}
            report = asked(policy_set, question, given)
            if report.answer == "denied":
                found.append((question, given, report))
    return found


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_changes_are_those_of_enumeration(seed: int) -> None:
    policy_set, cases = judged(seed)
    for question, given, report in denials(seed):
        assert report.kind.change is not None
        permitted = [case for case, traces in cases if traces[question].verdict.value == "permitted"]
        arrangeable = {name for name in given if policy_set.facts[name].arrangeable} - {"date"}

        def leads_to_yes(
            changed: Iterable[str], given: Case = given, permitted: list[dict[str, Value]] = permitted
        ) -> bool:
            kept = {name: value for name, value in given.items() if name not in changed}
            return any(kept.items() <= case.items() for case in permitted)

        assert report.kind.change.can_arrange == leads_to_yes(arrangeable)
        changeable = [name for name in given if name != "date"]
        ways = [set(names) for names in subsets(changeable) if leads_to_yes(names)]
        smallest = [way for way in ways if not any(other < way for other in ways)]
        expected = []
        for group in (
            [way for way in smallest if way <= arrangeable],
            [way for way in smallest if not way <= arrangeable],
        ):
            expected += [way for way in group if len(way) == min(map(len, group))]
        found = [set(change) & set(given) for change in report.kind.change.changes if set(change) != {"date"}]
        assert {frozenset(way) for way in found} == {frozenset(way) for way in expected}
        firsts = [way <= arrangeable for way in found]
        assert firsts == sorted(firsts, reverse=True), "what can be arranged comes first"
        for change in report.kind.change.changes:
            new = QuestionReader(policy_set).facts(change)
            together = {**given, **new}
            assert any(together.items() <= case.items() for case in permitted)


def subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_reasons_are_those_of_enumeration(seed: int) -> None:
    policy_set, cases = judged(seed)
    for question, given, report in denials(seed):
        traces = [traces[question] for case, traces in cases if given.items() <= case.items()]
        if any(map(is_doubtful, traces)):
            continue  # if it is undetermined whether rules apply, a trace does not say which of them accounts for it
        accounts = [accounting(policy_set, trace) for trace in traces]
        rules = sorted(set().union(*accounts))
        expected = [
            set(names)
            for names in subsets(rules)
            if all(set(names) & account for account in accounts)
            and not any(all((set(names) - {name}) & account for account in accounts) for name in names)
        ]
        assert report.kind.reasons is not None
        found = [{f"{reason.side} {reason.rule}" for reason in reasons} for reasons in report.kind.reasons]
        assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
        because = {f"{r.side} {r.rule}" for r in report.because if r.state != "not-in-force"}
        assert because in found


def is_doubtful(trace: DecisionTrace) -> bool:
    return any(rule.state is State.MAY_APPLY for side in trace.sides for rule in side.rules) or any(
        isinstance(p.outcome, Conflicting) for side in trace.sides for p in side.parameters
    )


def accounting(policy_set: PolicySet, trace: DecisionTrace) -> set[str]:
    """The rules of which each alone makes its side deny."""
    found = set()
    for side in trace.sides:
        if side.verdict.value != "denies":
            continue
        for rule in side.rules:
            norm = policy_set.norms.get(rule.rule)
            forbids = norm is not None and norm.effect is Effect.FORBID and rule.state is State.HAS_EFFECT
            if forbids or rule.state is State.FAILS:
                found.add(f"{side.side} {rule.rule}")
    return found


@pytest.mark.slow
def test_the_questions_are_about_something() -> None:
    """Enough of the random questions are denied, with and without changes."""
    reports = [report for seed in range(SETS) for *_, report in denials(seed)]
    assert len(reports) > 30
    assert sum(bool(report.kind.change.changes) for report in reports) > 15
    assert sum(bool(report.kind.change.can_arrange) for report in reports) > 3
    assert sum(len(report.kind.reasons or ()) > 1 for report in reports) > 5


# --- By hand -----------------------------------------------------------------------------------------------

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum kin { parent, sibling, cousin }
fact home : region
fact kin : kin
fact filed : boolean arrangeable usual false
fact open : boolean arrangeable usual true
fact links : int 0..20 usual 1
fact date : date 2024-01-01..2026-12-31
decision pay governed by home as paying
policy p for 100000 {
  permit pay near when kin in {parent, sibling}
  forbid pay far when kin is cousin
  require pay filing: filed
  require pay opening: open
  require pay few: links < 10
}
policy q for 500000 from 2025-06-30 { permit pay distant when kin is cousin }
policy old for 510000 until 2024-06-30 { permit pay once when kin is cousin }
"""


def report(on: str = "2025-01-01", text: str = SET, **given: str) -> AskReport:
    tree, mistakes = parse(SourceFile("a.policy", text))
    policy_set, findings = compile_set([tree], [])
    assert [*mistakes, *(f for f in findings if f.level.value == "error")] == []
    return understand(policy_set, "pay", [], given, on=date.fromisoformat(on), today=TODAY).report()


def test_what_can_be_arranged_comes_first() -> None:
    found = report(home="500000", kin="parent", filed="false")
    assert (found.answer, found.kind.change.changes, found.kind.change.can_arrange) == (
        "denied",
        ({"filed": "true"},),
        True,
    )


def test_several_arrangements_belong_together() -> None:
    found = report(home="500000", kin="parent", filed="false", open="false")
    assert found.kind.change.changes == ({"filed": "true", "open": "true"},)


def test_other_facts_where_nothing_can_be_arranged() -> None:
    found = report(home="500000", kin="cousin", filed="true")
    assert found.kind.change.changes == ({"kin": "parent"}, {"kin": "sibling"}, {"date": "2025-06-30"})
    assert found.kind.change.can_arrange is False


def test_what_is_not_given_and_usually_otherwise_is_named_too() -> None:
    found = report(home="510000", kin="cousin")
    assert found.kind.change.changes == (
        {"kin": "parent", "filed": "true"},
        {"kin": "sibling", "filed": "true"},
    )


def test_every_member_that_does_is_named_beside_other_changes() -> None:
    found = report(home="500000", kin="cousin", links="14", filed="true")
    assert found.kind.change.changes[:2] == (
        {"kin": "parent", "links": "9"},
        {"kin": "sibling", "links": "9"},
    )


def test_what_is_a_yes_in_no_case_has_changes_too() -> None:
    text = SET.replace("forbid pay far", "forbid pay far unless links < 3 #")
    found = report(text=text, home="500000", kin="cousin", filed="true")
    assert (found.answer, found.possible) == ("depends", ("denied", "undetermined"))
    assert found.kind.change.changes == ({"kin": "parent"}, {"kin": "sibling"}, {"date": "2025-06-30"})
    assert (found.kind.change.can_arrange, found.kind.change.every_case) == (False, False)


def test_a_number_goes_to_the_nearest() -> None:
    assert report(home="510000", kin="parent", filed="true", links="14").kind.change.changes == ({"links": "9"},)


def test_days_to_come_and_days_gone_by() -> None:
    found = report(home="500000", kin="cousin", filed="true").kind.change.days
    assert found is not None and (found.first, found.last) == ("2025-06-30", None)
    found = report(home="510000", kin="cousin", filed="true").kind.change.days
    assert found is not None and (found.first, found.last) == (None, "2024-06-30")
    assert report(home="510000", kin="parent").kind.change is None


#: Days that no period and no condition names literally.
WAITING = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home : region usual 500000
fact joined : date 2020-01-01..2026-12-31
fact filed : boolean usual true
fact date : date 2024-01-01..2026-12-31
parameter since : date
decision pay governed by home as paying
policy p for 100000 {
  set since = 2024-03-01
  permit pay all when date >= home.since
  require pay waiting: joined + 365 days <= date
  require pay filing: filed
}
"""


def test_days_that_a_parameter_or_another_day_gives() -> None:
    found = report("2024-01-01", WAITING, joined="2020-01-01", filed="true").kind.change.days
    assert found is not None and (found.first, found.last) == ("2024-03-01", None)
    found = report("2024-05-01", WAITING, joined="2024-02-01", filed="true").kind.change.days
    assert found is not None and (found.first, found.last) == ("2025-01-31", None)
    assert report("2025-01-31", WAITING, joined="2024-02-01", filed="true").answer == "permitted"
    assert report("2025-01-30", WAITING, joined="2024-02-01", filed="true").answer == "denied"


def test_a_day_with_a_yes_in_the_usual_case_only_is_told_as_such() -> None:
    assert report("2024-01-01", WAITING, joined="2020-01-01", filed="true").kind.change.every_case is True
    found = report("2024-01-01", WAITING, joined="2020-01-01")
    assert found.kind.change.days is not None and found.kind.change.every_case is False


def test_an_answer_that_is_no_no_has_no_changes() -> None:
    assert report(home="510000", kin="parent", filed="true", open="true", links="1").kind.change is None
    assert report(home="510000", kin="parent").kind.change is None
