"""The help of a finding fits its rules."""

from __future__ import annotations

from datetime import date

import pytest

from policyc.dsl.diagnostics.messages import render
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from tests.support.sets.random_sets import compiled

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home : region
fact amount : money 0元..100000元
fact age : int 0..120
fact date : date 2021-01-01..2030-12-31
parameter rate : percent
policy nation for 100000 {{ default set rate = 10% }}
policy city for 500000 {{
  {rules}
}}
"""


def advice(rules: str) -> list[str]:
    """The help lines of conflicting values in English."""
    policy_set, _ = compiled(SET.format(rules=rules))
    found = check(policy_set, (), CheckOptions(date(2026, 1, 1), codes=("PC303",))).findings
    return [render(one.help, "en") for one in found if one.code.id == "PC303" and one.help is not None]


@pytest.mark.parametrize(
    ("column", "cells", "end", "instead"),
    [
        ("amount", ("0元..30000元", "30000元..40000元"), "30000元", "30000.01元..40000元"),
        ("amount", ("30000元..40000元", "0元..30000元"), "30000元", "30000.01元..40000元"),
        ("amount", ("<= 300.5元", ">= 300.5元"), "300.50元", "> 300.50元"),
        ("age", ("< 19", "18..60"), "18", "19..60"),
        ("age", ("0..18", "> 17"), "18", "> 18"),
        ("date", ("<= 2025-06-30", "2025-06-30..2025-12-31"), "2025-06-30", "2025-07-01..2025-12-31"),
    ],
)
def test_rows_that_share_an_end_are_told_what_to_write(
    column: str, cells: tuple[str, str], end: str, instead: str
) -> None:
    rows = "\n".join(f"| {cell} | => {place}% |" for place, cell in enumerate(cells, start=1))
    (help_,) = advice(f"table t {{\n| {column} | => rate |\n{rows}\n}}")
    assert f"so {end} lies in both rows" in help_
    assert f"`{instead}`" in help_


def test_rows_that_share_more_are_told_to_narrow_a_cell() -> None:
    assert advice("table t {\n| age | => rate |\n| 0..20 | => 1% |\n| 18..60 | => 2% |\n}") == [
        "narrow a cell of one row, so that each case has one row"
    ]


def test_a_default_for_the_rest_belongs_in_a_region_above() -> None:
    assert "in a policy for a region above" in advice("set rate = 1% when age > 60\ndefault set rate = 2%")[0]
    assert advice("set rate = 1% when age > 60") == []
