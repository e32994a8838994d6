"""Mandates against local requirements that compare numbers: decided as by enumeration, and in time however wide the
ranges are."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache

import pytest

from policyc.dsl.model import PolicySet, SideVerdict
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import compiled
from tests.support.slow import mostly_slow

#: The local requirement decides by `x` and `y`, which nothing else reads; the norm reads `amount`, so that it is not
#: open, nor is the date.
SET = """
region 100000 "中国"
region 110000 "北京市" in 100000
region 500000 "重庆市" in 100000
fact home : region
fact date : date 2021-01-01..{last_day}
fact amount : int 0..{most}
fact y : int 0..{most}
fact x : int 0..{most}
fact day : date 2021-01-01..{last_day}
parameter limit : int 0..{most}
decision pay governed by home as paying
policy nation for 100000 {{
  mandate pay owed when amount >= 0
  permit pay all when amount >= 0
  set limit = 2
}}
policy city for 500000 {{
  set limit = 1
  require pay r: {requirement}
}}
"""
REQUIREMENTS = [
    "x is amount",
    "x is amount + 1",
    "x + y is amount + 1",
    "x - y is amount",
    "y is x and x is amount",
    "x is y and y is amount + 1",
    "x is amount and x is 2",
    "x >= amount and x <= amount + 1",
    "x > amount and x < amount + 2",
    "not x < amount and not x > amount",
    "2 * x is amount",
    "2 * x is amount or 2 * x is amount + 1",
    "x is max(amount, 3)",
    "x is (if amount > 2 then 1 else amount)",
    "x is amount or y is amount + 1",
    "amount is max(min(amount, y), x - amount)",
    "x is home.limit and amount <= home.limit",
    "x + home.limit is amount or amount < home.limit",
    "day is date",
    "day is date + 1 days",
    "day >= date + 1 days and day < date + 3 days",
    "day is date or x is amount",
]


@cache
def small(requirement: str) -> PolicySet:
    return compiled(SET.format(requirement=requirement, most=3, last_day="2021-01-02"))[0]


def wide(requirement: str) -> PolicySet:
    return compiled(SET.format(requirement=requirement, most=1_000_000, last_day="2099-12-31"))[0]


def found(policy_set: PolicySet) -> set[str]:
    options = CheckOptions(date(2021, 1, 1), codes=("PC306", "PC901"))
    return {item.code.id for item in check(policy_set, (), options).findings}


@cache
def is_met(requirement: str) -> bool:
    """Whether for all values of the other facts some choice of the open ones is permitted."""
    evaluator, served = Evaluator(small(requirement)), defaultdict[tuple[object, ...], bool](bool)
    for case in valid_cases(evaluator):
        served[case["home"], case["date"], case["amount"]] |= (
            evaluator.side("pay", "paying", case).verdict is SideVerdict.PERMITS
        )
    return all(served.values())


@pytest.mark.parametrize("requirement", mostly_slow(REQUIREMENTS, 3))
def test_decided_as_by_enumeration(requirement: str) -> None:
    assert found(small(requirement)) == (set() if is_met(requirement) else {"PC306"})


@pytest.mark.parametrize("requirement", mostly_slow(REQUIREMENTS, 3))
def test_decided_in_time_over_wide_ranges(requirement: str) -> None:
    assert found(wide(requirement)) <= {"PC306"}


def test_both_outcomes_are_tried() -> None:
    assert {is_met(requirement) for requirement in REQUIREMENTS} == {True, False}
