"""The reference evaluator, sentence by sentence of "Meaning" in the language page."""

from __future__ import annotations

from datetime import date

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import DefineValue, PolicySet, SideVerdict, Value, Verdict
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Conflicting, DecisionTrace, Outcome, State
from policyc.dsl.syntax.parse import parse

VOCABULARY = """
region 100000 "中华人民共和国"
region 320000 "江苏省" in 100000
region 320100 "南京市" in 320000
region 320102 "玄武区" in 320100
region 500000 "重庆市" in 100000
region 500101 "万州区" in 500000
enum kin { spouse, parent, child }
fact home : region
fact away : region
fact relation : kin
fact filed : boolean
fact links : int 0..10
fact amount : money 0元..10000元
fact date : date 2020-01-01..2030-12-31
parameter open : boolean
parameter cap : int 0..10
parameter rate : percent
parameter relatives : set of kin
decision bind governed by home as paying
decision pay governed by home as paying, away as receiving
ranks high > low
source law rank high dated 2020-01-01 { clause c "…" }
source notice rank low dated 2021-01-01 { clause c "…" }
source talk rank low dated 2021-01-01 { clause c "…" }
"""

CASE: dict[str, Value] = {
    "home": "320102",
    "away": "500000",
    "relation": "parent",
    "filed": True,
    "links": 3,
    "amount": 10_000,
    "date": date(2024, 6, 1).toordinal(),
}


def read(text: str) -> PolicySet:
    tree, mistakes = parse(SourceFile("test.policy", VOCABULARY + text))
    policy_set, findings = compile_set([tree], [])
    assert [d for d in (*mistakes, *findings) if d.level is Severity.ERROR] == []
    return policy_set


def decide(text: str, decision: str = "bind", **facts: Value) -> DecisionTrace:
    return Evaluator(read(text)).decide(decision, {**CASE, **facts})


def verdict(text: str, decision: str = "bind", **facts: Value) -> str:
    return decide(text, decision, **facts).verdict.value


def nationwide(*statements: str) -> str:
    return "policy all for 100000 {\n" + "\n".join(statements) + "\n}\n"


def states(trace: DecisionTrace, side: int = 0) -> dict[str, str]:
    return {rule.rule: rule.state.value for rule in trace.sides[side].rules}


def value(text: str, expression: str, **facts: Value) -> Outcome:
    policy_set = read(f"{text}\ndefine asked = {expression}")
    define = policy_set.defines["asked"]
    return Evaluator(policy_set).value(
        DefineValue("asked", type=define.value.type, span=define.span), {**CASE, **facts}
    )


# --- Which statements are looked at ------------------------------------------------------------------------


def test_a_policy_speaks_for_its_region_and_all_below() -> None:
    text = "policy js for 320000 { permit bind ok }"
    assert [verdict(text, home=home) for home in ("320000", "320100", "320102")] == ["permitted"] * 3
    assert verdict(text, home="500000") == "undetermined"


def test_a_policy_of_a_lower_region_says_nothing_above_it() -> None:
    assert verdict("policy nj for 320100 { permit bind ok }", home="320000") == "undetermined"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-12-31", "undetermined"),
        ("2024-01-01", "permitted"),
        ("2024-12-31", "permitted"),
        ("2025-01-01", "undetermined"),
    ],
)
def test_periods_include_both_ends(day: str, expected: str) -> None:
    text = nationwide("permit bind ok from 2024-01-01 until 2024-12-31")
    trace = decide(text, date=date.fromisoformat(day).toordinal())
    assert trace.verdict == expected
    assert states(trace) == {"all.ok": "has-effect" if expected == "permitted" else "not-in-force"}


def test_a_statement_is_cut_to_its_policy() -> None:
    text = "policy all for 100000 until 2024-05-31 { permit bind ok from 2024-01-01 }"
    assert verdict(text) == "undetermined"
    assert verdict(text, date=date(2024, 5, 31).toordinal()) == "permitted"


# --- 1. Applying -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "unless", "expected"),
    [
        ("true", "false", "has-effect"),
        ("true", "true", "does-not-apply"),
        ("false", "false", "does-not-apply"),
    ],
)
def test_a_norm_applies_when_its_when_holds_and_its_unless_does_not(when: str, unless: str, expected: str) -> None:
    trace = decide(nationwide(f"permit bind ok when {when} unless {unless}"))
    assert states(trace) == {"all.ok": expected}


# --- 3. Having effect --------------------------------------------------------------------------------------


def test_a_beaten_norm_has_no_effect_and_says_by_what() -> None:
    trace = decide(nationwide("permit bind yes cite law.c", "forbid bind no cite notice.c"))
    assert trace.verdict is Verdict.PERMITTED
    (no,) = [rule for rule in trace.sides[0].rules if rule.rule == "all.no"]
    assert no.state is State.BEATEN
    assert [(loss.winner, loss.meta.value) for loss in no.beaten_by] == [("all.yes", "rank")]


def test_what_does_not_apply_beats_nothing() -> None:
    text = nationwide("permit bind yes when not filed cite law.c", "forbid bind no cite notice.c")
    assert verdict(text) == "denied"
    assert verdict(text, filed=False) == "permitted"


def test_a_beaten_norm_still_beats() -> None:
    """Norms lose to norms that apply, whether or not these have effect themselves."""
    text = nationwide(
        "forbid bind middle when filed cite notice.c",
        "permit bind low cite talk.c",
        "permit bind high when filed exception to middle cite law.c",
    ).replace("forbid bind middle", "forbid bind middle exception to low")
    trace = decide(text)
    assert states(trace) == {
        "all.middle": "applies-but-beaten",
        "all.low": "applies-but-beaten",
        "all.high": "has-effect",
    }


# --- 4. The side -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], "silent"),
        (["permit bind yes"], "permits"),
        (["forbid bind no"], "denies"),
        (["permit bind yes", "forbid bind no"], "conflict"),
        (["permit bind yes", "require bind r: links < 3"], "denies"),
        (["permit bind yes", "forbid bind no", "require bind r: links < 3"], "denies"),
        (["require bind r: links < 3"], "denies"),
        (["require bind r: links < 4"], "silent"),
        (["permit bind yes", "require bind r: links < 3 when not filed"], "permits"),
        (["permit bind yes", "mandate bind m"], "permits"),
        (["mandate bind m"], "silent"),
    ],
)
def test_the_verdict_of_a_side(statements: list[str], expected: str) -> None:
    assert decide(nationwide(*statements)).sides[0].verdict == SideVerdict(expected)


# --- 5. The decision ---------------------------------------------------------------------------------------

SIDES = {
    "permits": ["permit pay {0}1"],
    "denies": ["forbid pay {0}1"],
    "conflict": ["permit pay {0}1", "forbid pay {0}2"],
    "silent": [],
}


@pytest.mark.parametrize("one", SIDES)
@pytest.mark.parametrize("other", SIDES)
def test_a_decision_of_two_sides(one: str, other: str) -> None:
    paying = [statement.format("a") for statement in SIDES[one]]
    receiving = ["receiving {", *(statement.format("b") for statement in SIDES[other]), "}"]
    expected = next(
        verdict
        for side, verdict in (
            ("denies", "denied"),
            ("conflict", "conflicting"),
            ("silent", "undetermined"),
            ("permits", "permitted"),
        )
        if side in (one, other)
    )
    assert verdict(nationwide(*paying, *receiving), "pay") == expected


def test_each_side_asks_its_own_region() -> None:
    text = """
    policy js for 320000 { permit pay out }
    policy cq for 500000 { receiving { permit pay in_ } }
    """
    assert verdict(text, "pay", home="320000", away="500101") == "permitted"
    assert verdict(text, "pay", home="500101", away="320000") == "undetermined"


# --- Requirements ------------------------------------------------------------------------------------------


def test_requirements_bind_whatever_their_rank_and_region() -> None:
    text = nationwide("permit bind yes cite law.c") + "policy xw for 320102 { require bind cap: links < 3 }"
    assert verdict(text) == "denied"
    assert verdict(text, links=2) == "permitted"


def test_a_requirement_is_set_aside_by_a_permit_with_effect_that_names_it() -> None:
    text = nationwide("permit bind yes when filed exception to cap", "permit bind any_", "require bind cap: links < 3")
    trace = decide(text)
    assert trace.verdict is Verdict.PERMITTED
    (cap,) = [rule for rule in trace.sides[0].rules if rule.rule == "all.cap"]
    assert cap.state is State.SET_ASIDE
    assert [loss.winner for loss in cap.beaten_by] == ["all.yes"]
    assert verdict(text, filed=False) == "denied"


def test_a_beaten_permit_sets_nothing_aside() -> None:
    text = nationwide(
        "permit bind yes exception to cap cite notice.c",
        "forbid bind no when filed cite law.c",
        "require bind cap: links < 3",
        "permit bind other exception to no cite law.c",
    )
    trace = decide(text)
    assert states(trace)["all.yes"] == "applies-but-beaten"
    assert states(trace)["all.cap"] == "fails"
    assert trace.verdict is Verdict.DENIED
    assert verdict(text, filed=False) == "permitted"


# --- Parameters --------------------------------------------------------------------------------------------


def test_a_parameter_that_nothing_sets_is_undetermined() -> None:
    assert value("", "home.cap") is UNDETERMINED
    assert value("policy cq for 500000 { set cap = 3 }", "home.cap") is UNDETERMINED
    assert value("policy cq for 500000 { set cap = 3 }", "away.cap") == 3


def test_the_unbeaten_setting_counts() -> None:
    text = nationwide("set cap = 5") + "policy xw for 320102 { set cap = 3 }"
    assert value(text, "home.cap") == 3
    assert value(text, "away.cap") == 5


def test_different_unbeaten_values_conflict_and_equal_ones_do_not() -> None:
    assert value(nationwide("set cap = 5", "set cap = 3"), "home.cap") == Conflicting(frozenset({3, 5}))
    assert value(nationwide("set cap = 5", "set cap = 5"), "home.cap") == 5


def test_a_conflicting_parameter_that_changes_the_verdict_is_a_conflict() -> None:
    text = nationwide("set cap = 5", "set cap = 2", "permit bind yes when links < home.cap")
    assert verdict(text) == "conflicting"
    assert verdict(text, links=1) == "permitted"
    assert verdict(text, links=5) == "undetermined"


def test_an_expression_that_differs_by_alternative_is_conflicting() -> None:
    text = nationwide("set cap = 5", "set cap = 2")
    assert value(text, "home.cap + 1") == Conflicting(frozenset({3, 6}))
    assert value(text, "min(home.cap, 1)") == 1


def test_one_region_read_by_two_facts_has_one_value() -> None:
    text = nationwide("set cap = 5", "set cap = 2")
    assert value(text, "home.cap is away.cap", away="320102") is True
    assert value(text, "home.cap is away.cap") == Conflicting(frozenset({True, False}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("home.open and not filed", False),
        ("home.open or filed", True),
        ("home.open and filed", UNDETERMINED),
        ("home.open implies filed", True),
        ("not home.open", UNDETERMINED),
        ("home.cap < 3", UNDETERMINED),
        ("home.cap is undetermined", True),
        ("links is undetermined", False),
        ("if home.open then 1 else 1", 1),
        ("if home.open then 1 else 2", UNDETERMINED),
        ("relation in home.relatives", UNDETERMINED),
        ("bind is undetermined", True),
        ("bind is permitted", False),
        ("amount * home.rate", UNDETERMINED),
        ("min(home.cap, 0)", UNDETERMINED),
    ],
)
def test_connectives_are_kleenes_and_all_else_needs_its_operands(expression: str, expected: Outcome) -> None:
    assert value("", expression) == expected


def test_a_doubtful_rule_that_changes_nothing_is_no_matter() -> None:
    doubtful = "permit bind maybe when home.open"
    assert verdict(nationwide(doubtful)) == "undetermined"
    assert verdict(nationwide(doubtful, "permit bind yes")) == "permitted"
    assert verdict(nationwide(doubtful, "forbid bind no")) == "undetermined"
    assert verdict(nationwide(doubtful, "require bind r: links < 3")) == "denied"


def test_a_doubtful_requirement_may_fail() -> None:
    trace = decide(nationwide("permit bind yes", "require bind cap: links < home.cap"))
    assert trace.verdict is Verdict.UNDETERMINED
    assert states(trace) == {"all.yes": "has-effect", "all.cap": "may-apply"}
    assert verdict(nationwide("forbid bind no", "require bind cap: links < home.cap")) == "denied"


def test_a_doubtful_setting_leaves_its_parameter_undetermined_only_where_it_matters() -> None:
    assert value(nationwide("set cap = 5", "set cap = 3 when home.open cite law.c"), "home.cap") is UNDETERMINED
    assert value(nationwide("set cap = 5", "set cap = 5 when home.open"), "home.cap") == 5
    beaten = nationwide("set cap = 5 cite law.c", "set cap = 3 when home.open cite notice.c")
    assert value(beaten, "home.cap") == 5


# --- Money, dates, regions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fen", "percent", "expected"),
    [
        (1, "50%", 1),
        (1, "49.9999%", 0),
        (3, "50%", 2),
        (5, "10%", 1),
        (4, "10%", 0),
        (10_000, "33.33%", 3_333),
    ],
)
def test_money_by_percent_is_rounded_half_up(fen: int, percent: str, expected: int) -> None:
    assert value("", f"amount * {percent}", amount=fen) == expected
    assert value(nationwide(f"set rate = {percent}"), "amount * home.rate", amount=fen) == expected


def test_a_negative_half_is_rounded_up_too() -> None:
    assert value("", "(0元 - amount) * 50%", amount=1) == 0
    assert value("", "(0元 - amount) * 50%", amount=3) == -1


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("home.province is 320000", True),
        ("home.prefecture is 320100", True),
        ("away.prefecture is 500000", True),
        ("home.code", 320102),
        ("home in 320100", True),
        ("home.province in home", False),
        ("home in home.province", True),
        ("home not in 500000", True),
        ("date + 30 days > 2024-06-30", True),
        ("date - 1 days is 2024-05-31", True),
        ("9999-12-30 + 1 days", date.max.toordinal()),
        ("9999-12-31 + 1 days", UNDETERMINED),
        ("9999-12-31 + 999999999999999999 days > date", UNDETERMINED),
        ("0001-01-02 - 1 days", date.min.toordinal()),
        ("0001-01-01 - 1 days < date", UNDETERMINED),
        ("9999-12-31 + 30 days - 30 days is 9999-12-31", UNDETERMINED),
        ("if date + 3000000 days > date then 1 else 2", UNDETERMINED),
        ("filed or date + 3000000 days > date", True),
        ("date + 3000000 days is undetermined", True),
        ("max(links, 7, 2)", 7),
        ("amount * 3", 30_000),
        ("relation in {parent, child}", True),
    ],
)
def test_operators(expression: str, expected: Outcome) -> None:
    assert value("", expression, away="500101") == expected


# --- Tables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "links", "expected"),
    [("parent", 1, 1), ("child", 2, 1), ("parent", 3, 2), ("spouse", 5, 3), ("spouse", 0, UNDETERMINED)],
)
def test_rows_are_conditions(relation: str, links: int, expected: Outcome) -> None:
    text = nationwide(
        "table t {",
        "| relation | links | => cap |",
        "| parent, child | 1..2 | => 1 |",
        "| parent, child | >= 3 | => 2 |",
        "| any | 5 | => 3 |",
        "}",
    ).replace("| any | 5 |", "| spouse | 5 |")
    assert value(text, "home.cap", relation=relation, links=links) == expected


def test_a_default_setting_yields_to_a_lower_region() -> None:
    text = nationwide("default set cap = 5 cite law.c") + "policy xw for 320102 { set cap = 3 cite notice.c }"
    assert (value(text, "home.cap"), value(text, "away.cap")) == (3, 5)


def test_expired_settings_are_shown_as_not_in_force() -> None:
    policy_set = read(nationwide("set cap = 5 until 2024-05-31"))
    trace = Evaluator(policy_set).parameter("cap", "320102", CASE)
    assert trace.outcome is UNDETERMINED
    assert [(rule.rule, rule.state.value) for rule in trace.settings] == [("all.cap", "not-in-force")]


def test_only_what_is_plainly_false_breaks_an_axiom() -> None:
    text = "axiom a: links < 3\naxiom b: home.open\naxiom c: filed\n"
    assert Evaluator(read(text)).violated(CASE) == ["a"]
