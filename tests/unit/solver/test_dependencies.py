"""Dependencies: walks over expressions, and what facts, parameters and decisions depend on."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.model import Choice, Expr, PolicySet, Rule, VerdictIs
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.traversal import bottom_up, left_to_right, subexpressions, unfolded
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.solver.encoding.dependencies import Dependencies, facts_only, readings, region_facts, transitive
from tests.support.sets.random_sets import compiled, generated, random_case

SET = """
region 100000 "国"
region 110000 "甲" in 100000
fact home : region
fact place : region
fact date : date 2020-01-01..2029-12-31
fact amount : int 0..10
fact age : int 0..10
fact insured : boolean
fact retired : boolean
parameter cap : int 0..10
parameter least : int 0..10
parameter own : int 0..10
parameter spare : int 0..10
parameter aside : int 0..10
decision enrol governed by home as joining
decision pay governed by place as paying
define old = 5 < age and retired
define due = if old then amount else home.cap
define where = if insured then home else place.province
define odd = where.least
policy nation for 100000 {
  source law { clause c "可以" }
  set cap = 3 cite law.c
  set least = 2 when old cite law.c
  set own = 1 when home.cap > 2 from 2025-01-01 cite law.c
  set spare = 1 cite law.c
  set aside = 1 cite law.c
  permit enrol join when insured cite law.c
  permit pay settle when due > 1 unless home.own is undetermined cite law.c
  require pay enough: enrol is permitted and odd < 9 cite law.c
  mandate pay sure when place.cap > 9 cite law.c
}
test "aside" { given usual expect home.aside is 1 }
"""


@pytest.fixture(scope="module")
def policy_set() -> PolicySet:
    found, diagnostics = compiled(SET)
    assert not [other for other in diagnostics if other.level is Severity.ERROR], diagnostics
    return found


def texts(policy_set: PolicySet, walk: Iterable[Expr]) -> list[str]:
    return [expression_text(policy_set, expression) for expression in walk]


# --- Walks -------------------------------------------------------------------------------------------------


def test_walks_give_each_part_once_in_their_order(policy_set: PolicySet) -> None:
    old = policy_set.defines["old"].value
    whole, first, second = "5 < age and retired", "5 < age", "retired"
    assert texts(policy_set, subexpressions(old)) == [whole, second, first, "age", "5"]
    assert texts(policy_set, bottom_up(old)) == ["5", "age", first, second, whole]
    assert texts(policy_set, unfolded(policy_set, old, inner=left_to_right)) == [
        whole,
        first,
        "5",
        "age",
        second,
    ]


def test_a_definition_is_unfolded_once_and_only_where_wanted(policy_set: PolicySet) -> None:
    due = policy_set.defines["due"].value
    found = texts(policy_set, unfolded(policy_set, due, due))
    assert found.count("old") == 2
    assert found.count("5 < age and retired") == 1
    assert "retired" not in texts(policy_set, unfolded(policy_set, due, but=["old"]))


def test_a_walk_goes_where_it_is_sent(policy_set: PolicySet) -> None:
    due = policy_set.defines["due"].value
    assert isinstance(due, Choice)
    then = due.then
    walk = unfolded(policy_set, due, inner=lambda inner: (then,) if inner is due else ())
    assert list(walk) == [due, then]


# --- Facts -------------------------------------------------------------------------------------------------


def test_facts_on_which_definitions_parameters_and_sides_depend(policy_set: PolicySet) -> None:
    found = Dependencies(policy_set)
    assert found.define("old") == {"age", "retired"}
    assert found.parameter("cap") == frozenset()
    assert found.parameter("least") == {"age", "retired"}
    assert found.parameter("own") == {"home", "date"}
    assert found.define("odd") == {"insured", "home", "place", "age", "retired"}
    assert found.side("enrol", "joining") == {"home", "insured"}
    assert found.side("pay", "paying") == set(policy_set.facts)


def test_facts_alone(policy_set: PolicySet) -> None:
    values = {name: define.value for name, define in policy_set.defines.items()}
    assert [name for name, value in values.items() if facts_only(policy_set, value)] == ["old", "where"]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_else_changes_a_value(seed: int) -> None:
    """Of two cases that agree on the facts on which a definition depends, both have the same value of it."""
    made = generated(seed)
    evaluator, found = Evaluator(made.policy_set), Dependencies(made.policy_set)
    apart = 0
    for name, define in made.policy_set.defines.items():
        for number in range(20):
            one, other = random_case(made, number), random_case(made, number + 20)
            moved = {**other, **{fact: one[fact] for fact in found.define(name)}}
            assert evaluator.value(define.value, one) == evaluator.value(define.value, moved), name
            apart += moved != one
    assert apart


# --- Everything --------------------------------------------------------------------------------------------


def everything(policy_set: PolicySet, *subjects: str | Expr) -> list[Expr | Rule]:
    rules = (*policy_set.norms.values(), *policy_set.requirements.values())
    settings = policy_set.settings.values()
    return list(
        transitive(
            policy_set,
            subjects,
            lambda decision: [rule for rule in rules if rule.decision == decision],
            lambda read: [rule for rule in settings if rule.parameter == read.parameter],
        )
    )


def names(things: Iterable[Expr | Rule]) -> list[str]:
    return [thing.name.partition(".")[2] for thing in things if isinstance(thing, Rule)]


def test_rules_come_in_order_of_first_reading_each_once(policy_set: PolicySet) -> None:
    found = everything(policy_set, "pay", "enrol", "pay")
    assert names(found) == ["settle", "cap", "own", "enough", "join", "least"]
    assert names(everything(policy_set, policy_set.defines["due"].value)) == ["cap"]
    decisions = [inner.decision for inner in found if isinstance(inner, VerdictIs)]
    assert decisions == ["enrol"]


def test_rules_that_do_not_count_are_not_gone_through(policy_set: PolicySet) -> None:
    enough = policy_set.requirements["nation.enough"]
    found = list(transitive(policy_set, ["pay"], lambda name: [enough] if name == "pay" else [], lambda _: []))
    assert names(found) == ["enough"]
    read = [inner for inner in found if isinstance(inner, VerdictIs)]
    assert len(read) == 1


# --- Parameters --------------------------------------------------------------------------------------------


def test_rules_that_read_a_parameter(policy_set: PolicySet) -> None:
    """A question whether it is undetermined reads nothing, nor does a definition or a test."""
    found = {
        parameter: [(fact, reader.name) for fact, reader in places]
        for parameter, places in readings(policy_set).items()
    }
    assert found == {
        "cap": [("home", "nation.settle"), ("place", "nation.sure"), ("home", "nation.own")],
    }


def test_region_facts_by_which_a_parameter_is_read(policy_set: PolicySet) -> None:
    assert region_facts(policy_set) == {
        "cap": ("home", "place"),
        "least": ("home", "place"),
        "own": ("home",),
        "spare": ("home", "place"),  # nothing reads it
        "aside": ("home",),  # only a test does
    }


def test_a_parameter_that_is_read_at_a_place_of_no_fact() -> None:
    found, diagnostics = compiled(SET.replace("else place.province", "else 110000"))
    assert not [other for other in diagnostics if other.level is Severity.ERROR], diagnostics
    assert region_facts(found)["least"] == ()
