"""The bundled policies: what they must contain, and that complete cases are decided.

Their own `test` blocks and assertions, which `policyc check` runs, test their meaning.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date

import pytest

from policyc.api import PolicyBase, load
from policyc.dsl.load import bundled
from policyc.dsl.model import BOOLEAN, DAY, INT, MONEY, REGION, Case, EnumType, Fact, PolicySet, Value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import State

CITATION = re.compile(r"[FG]\d{2}|S\d-\d{3}")

#: Two pages that contradict each other, both second-hand, on care elsewhere that is not filed.
ACKNOWLEDGED = {"articles.unfiled_by_wallet", "articles.unfiled_care"}


@pytest.fixture(scope="module")
def base() -> PolicyBase:
    return load([bundled()])


def test_nothing_is_wrong_with_the_text(base: PolicyBase) -> None:
    """Apart from sources that are later than what they report, which `check` finds acknowledged."""
    assert {finding.code.id for finding in base.diagnostics} == {"PC203"}


def test_every_province_has_a_file_with_what_differs_by_province(base: PolicyBase) -> None:
    regions = base.policy_set.regions
    provinces = [code for root in regions.roots for code in regions.children(root)]
    assert len(provinces) == 32  # 31 and the Xinjiang Corps
    for code in provinces:
        assert len(list((bundled() / "provinces").glob(f"{code}-*.policy"))) == 1, code
        own = {s.parameter for s in base.policy_set.settings.values() if s.region == code}
        assert own >= {"relatives", "cross_pool", "wallet_open"}, code


def test_every_source_has_a_rank_and_every_page_an_address(base: PolicyBase) -> None:
    sources = base.policy_set.sources
    assert [name for name, source in sources.items() if source.rank is None] == []
    bare = {name for name, source in sources.items() if source.url is None}
    # A county's page whose address was not kept; statements from general knowledge; our own assumptions.
    assert bare == {"xizang.f21", "beijing.g09", "general", "assumption"}


def test_tests_cite_clauses_that_are_there(base: PolicyBase) -> None:
    tests, assertions = base.policy_set.tests, base.policy_set.assertions
    assert len(tests) >= 170
    assert len(assertions) >= 18
    known = {match.upper() for match in re.findall(r"source ([fg]\d{2})", _text())}
    known |= {f"G{number}" for number in re.findall(r"clause g(\d{2})", _text())}
    known |= {f"S{article}-{clause}" for article, clause in _article_clauses()}
    for test in tests:
        cited = CITATION.findall(test.name)
        assert cited, test.name
        assert set(cited) <= known, test.name


def _text() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(bundled().rglob("*.policy")))


def _article_clauses() -> list[tuple[str, str]]:
    found = []
    article = ""
    for source, clause in re.findall(r"^\s*(?:source (\w+)|clause c(\d{3})\b)", _text(), re.MULTILINE):
        if source:
            article = source.removeprefix("article").removeprefix("s")
        elif article.isdigit():
            found.append((article, clause))
    return found


@pytest.mark.slow
def test_fully_known_cases_are_decided(base: PolicyBase) -> None:
    rng = random.Random(2025)
    evaluator = Evaluator(base.policy_set)
    verdicts: Counter[tuple[str, str]] = Counter()
    for case in (_case(evaluator, rng) for _ in range(400)):
        for name, trace in base.decide(case).items():
            verdicts[name, trace.verdict.value] += 1
            if trace.verdict.value in ("permitted", "denied"):
                continue
            effective = {rule.rule for side in trace.sides for rule in side.rules if rule.state is State.HAS_EFFECT}
            assert trace.verdict.value == "conflicting" and effective >= ACKNOWLEDGED, (name, case)
    for name in base.policy_set.decisions:  # the cases differ
        assert verdicts[name, "permitted"] >= 10 and verdicts[name, "denied"] >= 10, verdicts


# --- Cases -------------------------------------------------------------------------------------------------

#: Days near changes of the rules.
DAYS = [date(2024, 8, 1), date(2024, 10, 20), date(2024, 10, 31), date(2024, 12, 2), date(2024, 12, 9)]
DAYS += [date(2025, 3, 14), date(2025, 6, 30), date(2025, 7, 4), date(2025, 9, 22), date(2026, 1, 31)]

#: Values of cases to which the more specific rules apply.
LIKELY: dict[str, Value] = {
    "mechanism": "linked_account",
    "payer.scheme": "employee",
    "payer.status": "normal",
    "payer.links_ever": 1,
    "payer.balance": 5000_00,
    "beneficiary.scheme": "resident",
    "beneficiary.status": "normal",
    "beneficiary.payers": 0,
    "link.state": "active",
    "expense.kind": "outpatient",
    "expense.share": "in_policy_copay",
    "institution.designated": True,
    "credential": "patient",
    "transfer.today": 0,
    "transfer.hour": 12,
}


def _case(evaluator: Evaluator, rng: random.Random) -> Case:
    """A random case, drawn again until the axioms hold."""
    policy_set = evaluator.policy_set
    while True:
        case = {name: _value(policy_set, fact, rng) for name, fact in policy_set.facts.items()}
        case |= {name: value for name, value in LIKELY.items() if rng.random() < 0.8}
        _mend(policy_set, case, rng)
        if not evaluator.violated(case):
            return case


def _value(policy_set: PolicySet, fact: Fact, rng: random.Random) -> Value:
    if isinstance(fact.type, EnumType):
        return rng.choice(list(policy_set.enums[fact.type.name].members))
    if fact.type == REGION:
        return rng.choice(list(policy_set.regions.values()))
    if fact.type == BOOLEAN:
        return rng.random() < 0.8
    assert fact.low is not None and fact.high is not None
    if fact.type == DAY and rng.random() < 0.7:
        return rng.choice(DAYS).toordinal() - rng.randint(0, 1)
    if fact.type == MONEY:
        return rng.choice([0, 100_00, 1000_00, 2000_01, 4000_00, 50_000_00])
    return rng.randint(fact.low, min(fact.high, fact.low + 90) if fact.type == INT else fact.high)


def _mend(policy_set: PolicySet, case: dict[str, Value], rng: random.Random) -> None:
    """Changes facts that random values rarely make valid, and often puts people and places together."""
    province = policy_set.regions.province(str(case["payer.region"]))
    near = [code for code in policy_set.regions.values() if policy_set.regions.province(code) == province]
    if rng.random() < 0.5:
        case["beneficiary.region"] = rng.choice(near)
    if rng.random() < 0.7:
        case["care.region"] = case["beneficiary.region"]
    if case["relation"] == "self":
        for name in ("region", "scheme", "category", "status", "age", "balance"):
            case[f"beneficiary.{name}"] = case[f"payer.{name}"]
    for side in ("payer", "beneficiary"):
        if case[f"{side}.scheme"] != "employee":
            case[f"{side}.balance"] = 0
    case["payer.history"] = min(case["payer.history"], case["payer.balance"])
    case["payer.links"] = min(case["payer.links"], case["payer.links_ever"])
    case["link.active_on"] = min(case["link.active_on"], case["date"])
    case["link.cancelled_on"] = max(case["link.cancelled_on"], case["link.active_on"])
    if case["expense.kind"] in ("drug", "device", "consumable"):
        case["institution.level"] = "pharmacy"
