"""Which rule beats which: each meta-rule, their order, what they compare, and cycles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policyc.dsl.binding.analysis.cycles import beats_circles
from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import PolicySet
from policyc.dsl.model.precedence import beaten_by, contests
from policyc.dsl.syntax.parse import parse

VOCABULARY = """
region 100000 "中华人民共和国"
region 320000 "江苏省" in 100000
region 320100 "南京市" in 320000
region 500000 "重庆市" in 100000
fact home : region
fact away : region
fact filed : boolean
fact date : date
parameter cap : int 0..10
decision bind governed by home as paying, away as receiving
decision pay governed by home as paying
ranks high > low
source law rank high dated 2020-01-01 { clause c "…" }
source notice rank low dated 2021-01-01 { clause c "…" }
source newer rank low dated 2022-01-01 { clause c "…" }
source letter dated 2023-01-01 { clause c "…" }
source undated rank low { clause c "…" }
"""


def compiled(text: str) -> tuple[PolicySet, list[Diagnostic]]:
    tree, mistakes = parse(SourceFile("test.policy", VOCABULARY + text))
    policy_set, findings = compile_set([tree], [])
    return policy_set, [d for d in (*mistakes, *findings) if d.level is Severity.ERROR]


def beats(text: str) -> set[tuple[str, str, str]]:
    """Winner, meta-rule, loser."""
    policy_set, errors = compiled(text)
    assert errors == []
    losses = beaten_by(contests(policy_set))
    return {(loss.winner, loss.meta.value, loser) for loser, found in losses.items() for loss in found}


def a(statement: str, region: str = "100000", period: str = "") -> str:
    return f"policy a for {region} {period} {{ {statement} }}\n"


def b(statement: str, region: str = "100000", period: str = "") -> str:
    return f"policy b for {region} {period} {{ {statement} }}\n"


# --- What opposes what -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a("permit bind x cite law.c"), b("permit bind y cite notice.c")),
        (a("permit bind x cite law.c"), b("forbid pay y cite notice.c")),
        (a("permit bind x cite law.c"), b("receiving { forbid bind y cite notice.c }")),
        (a("permit bind x cite law.c", "320000"), b("forbid bind y cite notice.c", "500000")),
        (
            a("permit bind x cite law.c", period="until 2024-01-01"),
            b("forbid bind y cite notice.c", period="from 2024-01-02"),
        ),
        (a("set cap = 3 cite law.c"), b("set cap = 3 cite notice.c")),
        (a("permit bind x cite law.c"), b("require bind y: filed cite notice.c")),
    ],
    ids=["effect", "decision", "side", "region", "period", "value", "requirement"],
)
def test_no_opposition(one: str, other: str) -> None:
    assert beats(one + other) == set()


def test_periods_that_share_one_day_oppose() -> None:
    text = a("permit bind x cite law.c", period="until 2024-01-01")
    text += b("forbid bind y cite notice.c", period="from 2024-01-01")
    assert beats(text) == {("a.x", "rank", "b.y")}


# --- One meta-rule after the other -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            a("permit bind x exception to b.y cite notice.c") + b("forbid bind y cite law.c", "320000"),
            ("a.x", "exception", "b.y"),
        ),
        (a("permit bind x cite law.c") + b("forbid bind y cite newer.c", "320000"), ("a.x", "rank", "b.y")),
        (a("permit bind x cite notice.c") + b("forbid bind y"), ("a.x", "rank", "b.y")),
        (a("permit bind x cite notice.c") + b("forbid bind y cite letter.c"), ("a.x", "rank", "b.y")),
        (a("permit bind x cite letter.c, law.c") + b("forbid bind y cite notice.c"), ("a.x", "rank", "b.y")),
        (
            a("permit bind x cite newer.c") + b("forbid bind y cite notice.c", "320000"),
            ("b.y", "specific", "a.x"),
        ),
        (a("permit bind x", "320100") + b("forbid bind y", "320000"), ("a.x", "specific", "b.y")),
        (
            a("permit bind x from 2024-01-02") + b("forbid bind y", period="from 2024-01-01"),
            ("a.x", "later", "b.y"),
        ),
        (a("permit bind x from 2024-01-01") + b("forbid bind y"), ("a.x", "later", "b.y")),
        (
            a("permit bind x from 2024-01-01", period="from 2024-01-01") + b("forbid bind y", period="from 2024-02-01"),
            ("b.y", "later", "a.x"),
        ),
        (a("permit bind x cite notice.c") + b("forbid bind y cite newer.c"), ("b.y", "later", "a.x")),
        (a("permit bind x cite undated.c") + b("forbid bind y cite notice.c"), ("b.y", "later", "a.x")),
        (
            a("permit bind x cite law.c, newer.c from 2024-01-01") + b("forbid bind y cite law.c from 2024-01-02"),
            ("b.y", "later", "a.x"),
        ),
        (a("set cap = 3 cite law.c") + b("set cap = 4 cite notice.c"), ("a.cap", "rank", "b.cap")),
        (a("set cap = 3") + b("set cap = 4", "320000"), ("b.cap", "specific", "a.cap")),
    ],
)
def test_the_first_meta_rule_that_tells_them_apart(text: str, expected: tuple[str, str, str]) -> None:
    assert beats(text) == {expected}


def test_only_the_highest_ranked_sources_are_dated() -> None:
    """The date of a rule is that of its highest-ranked sources."""
    assert beats(a("permit bind x cite law.c, newer.c") + b("forbid bind y cite law.c")) == set()


def test_nothing_tells_them_apart() -> None:
    assert beats(a("permit bind x cite notice.c") + b("forbid bind y cite notice.c")) == set()


# --- Another order -----------------------------------------------------------------------------------------


def test_another_order_of_precedence() -> None:
    text = a("permit bind x cite law.c") + b("forbid bind y cite newer.c", "320000")
    assert beats(text) == {("a.x", "rank", "b.y")}
    assert beats(text + "precedence specific > rank") == {("b.y", "specific", "a.x")}
    assert beats(text + "precedence later > rank") == {("b.y", "later", "a.x")}


def test_a_meta_rule_left_out_settles_nothing() -> None:
    text = a("permit bind x cite law.c") + b("forbid bind y cite notice.c")
    assert beats(text + "precedence exception > specific") == set()


# --- Defaults ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["", "precedence rank", "precedence exception > rank > specific > later"])
@pytest.mark.parametrize(
    ("default", "other", "loser", "winner"),
    [
        ("default permit bind x exception to b.y cite law.c", "forbid bind y", "a.x", "b.y"),
        ("default forbid bind x cite law.c", "permit bind y", "a.x", "b.y"),
        ("default set cap = 3 cite law.c", "set cap = 4", "a.cap", "b.cap"),
    ],
)
def test_a_default_yields_to_a_lower_region_whatever_the_precedence(
    order: str, default: str, other: str, loser: str, winner: str
) -> None:
    assert beats(a(default) + b(other, "320000") + order) == {(winner, "default", loser)}


def test_a_default_yields_to_no_rule_of_its_own_or_a_higher_region() -> None:
    assert beats(a("default permit bind x cite law.c") + b("forbid bind y cite notice.c")) == {("a.x", "rank", "b.y")}
    assert beats(a("default permit bind x cite law.c", "320000") + b("forbid bind y cite notice.c")) == {
        ("a.x", "rank", "b.y")
    }


def test_two_defaults_yield_to_the_lower_one() -> None:
    text = a("default permit bind x cite law.c") + b("default forbid bind y cite notice.c", "320000")
    assert beats(text) == {("b.y", "default", "a.x")}


# --- Cycles ------------------------------------------------------------------------------------------------

CIRCLE = """
policy c for 100000 {
  permit bind one exception to two cite notice.c
  forbid bind two exception to three cite notice.c
  permit bind three exception to four cite notice.c
  forbid bind four exception to one cite notice.c
}
"""


def test_rules_may_beat_each_other_in_a_circle() -> None:
    """Only a case that meets them all makes it an error, which the solver looks for."""
    policy_set, errors = compiled(CIRCLE)
    assert errors == []
    assert beats_circles(policy_set) == [
        {"c.one": ["c.four"], "c.two": ["c.one"], "c.three": ["c.two"], "c.four": ["c.three"]}
    ]


def test_two_rules_that_name_each_other_as_exceptions_are_an_error() -> None:
    mutual = """
policy c for 100000 {
  permit bind one exception to two cite notice.c
  forbid bind two exception to one cite notice.c
}
"""
    _, errors = compiled(mutual)
    assert [error.code.id for error in errors] == ["PC106"]
    apart = mutual.replace("to two", "to two until 2024-12-31").replace("to one", "to one from 2025-01-01")
    assert [error.code.id for error in compiled(apart)[1]] == ["PC106"]


def test_rules_of_different_days_make_no_circle() -> None:
    never = CIRCLE.replace("one exception to two", "one exception to two until 2024-12-31")
    never = never.replace("three exception to four", "three exception to four from 2025-01-01")
    assert beats_circles(compiled(never)[0]) == []


def test_contests_are_worked_out_once_for_a_set_and_anew_for_a_copy() -> None:
    text = a("permit bind x cite law.c set cap = 3 cite law.c") + b("forbid bind y cite notice.c")
    policy_set, _ = compiled(text)
    found = contests(policy_set)
    assert [(contest.one.name, contest.other.name) for contest in found] == [("a.x", "b.y")]
    assert contests(policy_set) is found
    assert contests(replace(policy_set, norms={})) == ()
    assert contests(policy_set) is found
