"""Where and when: areas that rules tell apart, and the fewest regions that name some of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.load import load
from policyc.dsl.model import PolicySet
from policyc.solver.engine.extent import areas, cells, cover, members

VOCABULARY = """
region 100000 "国"
region 500000 "渝" in 100000
region 510000 "川" in 100000
region 510100 "蓉" in 510000
region 510400 "攀" in 510000
record payer { fact region : region }
fact date : date 2024-01-01..2024-12-31
decision pay governed by payer.region as paying
source law { clause a "甲" }
policy city for 510400 from 2024-03-01 until 2024-05-31 { permit pay locals cite law.a }
"""


@pytest.fixture
def policy_set(tmp_path: Path) -> PolicySet:
    file = tmp_path / "a.policy"
    file.write_text(VOCABULARY, encoding="utf-8")
    loaded = load([file])
    checked, found = compile_set(loaded.trees, loaded.region_rows)
    assert not found
    return checked


def test_areas_are_what_rules_tell_apart(policy_set: PolicySet) -> None:
    found = {area.top: list(members(policy_set, area)) for area in areas(policy_set)}
    assert found == {"100000": ["500000", "510000", "510100"], "510400": ["510400"]}


def test_cover_names_the_fewest_regions_and_no_other(policy_set: PolicySet) -> None:
    every = areas(policy_set)
    rest, city = every
    assert cover(policy_set, every, every) == ("100000",)
    assert cover(policy_set, every, [city]) == ("510400",)
    assert cover(policy_set, every, [rest]) == ("500000", "510100")


def test_cells_are_cut_where_a_rule_begins_or_ends(policy_set: PolicySet) -> None:
    lengths = [cell.last - cell.first + 1 for cell in cells(policy_set) if cell.first and cell.last]
    assert lengths == [60, 92, 214]
