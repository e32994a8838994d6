"""Gaps between periods (PC404) against an enumeration of every region on every day.

Random sets and tables of one parameter; the days of the vocabulary are ten, and periods may reach beyond them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta

import pytest

from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.model import PolicySet, Rule
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from tests.support.sets.random_sets import compiled
from tests.support.slow import mostly_slow

FIRST, LAST = date(2024, 3, 1), date(2024, 3, 10)

VOCABULARY = f"""
region 100000 "中华人民共和国"
region 130000 "河北省" in 100000
region 130100 "石家庄市" in 130000
region 130102 "长安区" in 130100
region 130200 "唐山市" in 130000
region 500000 "重庆市" in 100000
fact home : region
fact filed : boolean
fact date : date {FIRST}..{LAST}
parameter cap : int 0..100
assert read: home.cap is undetermined or filed or not filed
source page {{ clause c1 "…" }}
"""

ROWS = """| filed | => cap |
| true  | => 5   |
| false | => 5   |"""

REGIONS = ("100000", "130000", "130100", "130102", "500000")

#: A gap: the names of what ends before it and begins after it, and its days.
Gap = tuple[frozenset[str], tuple[date, ...]]


def random_set(seed: int) -> PolicySet:
    """Policies for some regions, each with sets and tables of random periods."""
    rng = random.Random(f"temporal/{seed}")
    lines = [VOCABULARY]
    for number in range(rng.randint(1, 4)):
        lines.append(f"policy p{number} for {rng.choice(REGIONS)} {{")
        for item in range(rng.randint(1, 3)):
            period = random_period(rng)
            if rng.random() < 0.3:
                lines.append(f"table t{item} {period} cite page.c1 {{\n{ROWS}\n}}")
            else:
                condition = rng.choice(["", "", "when filed"])
                default = rng.choice(["", "", "default"])
                lines.append(f"{default} set cap = 5 {condition} {period} cite page.c1")
        lines.append("}")
    policy_set, diagnostics = compiled("\n".join(lines))
    assert not [item for item in diagnostics if item.level is Severity.ERROR]
    return policy_set


def random_period(rng: random.Random) -> str:
    """A random period: mostly short, so that there are gaps; sometimes open or outside the days of the vocabulary."""
    first = FIRST + timedelta(rng.randint(-4, 10))
    last = first + timedelta(rng.choice([0, 0, 1, 2, 5]))
    starts = f"from {first}" if rng.random() < 0.85 else ""
    ends = f"until {last}" if rng.random() < 0.85 else ""
    return f"{starts} {ends}"


def gaps(policy_set: PolicySet) -> dict[Gap, set[str]]:
    """The regions of each gap, found by looking at every region on every day and in a year before and after."""
    found: dict[Gap, set[str]] = defaultdict(set)
    days = [FIRST + timedelta(step) for step in range(-365, 375)]
    for region in policy_set.regions.values():
        chain = policy_set.regions.chain(region)
        rules: dict[str, Rule] = {
            setting.table or setting.name: setting
            for setting in policy_set.settings.values()
            if setting.region in chain
        }
        on = {day: {name for name, rule in rules.items() if day.toordinal() in rule.period} for day in days}
        run: list[date] = []
        before: set[str] = set()
        for day in days:
            if not on[day]:
                run.append(day)
                continue
            if run and before:
                inside = tuple(one for one in run if FIRST <= one <= LAST)
                # What is in force on the day before ends there, and what is on the day after begins there.
                if inside:
                    found[frozenset(before | on[day]), inside].add(region)
            before, run = on[day], []
    return found


def told(policy_set: PolicySet, regions: set[str]) -> tuple[str, ...]:
    """The codes that stand for regions with all that lies below them, the widest of them."""
    tree = policy_set.regions

    def whole(code: str) -> bool:
        below = [value for value in tree.values() if tree.within(value, code)]
        return all(value in regions for value in below)

    every = [code for code in (region.code for region in tree) if whole(code)]
    return tuple(code for code in every if not any(other != code and tree.within(code, other) for other in every))


@pytest.mark.parametrize("start", mostly_slow(range(0, 200, 20)))
def test_gaps_are_those_of_every_region_and_day(start: int) -> None:
    seen = 0
    for seed in range(start, start + 20):
        policy_set = random_set(seed)
        report = check(policy_set, (), CheckOptions(FIRST, codes={"PC404"}))
        found = {}
        for item in report.findings:
            (span,) = item.finding.dates
            first = FIRST if span.first is None else date.fromisoformat(span.first)
            last = LAST if span.last is None else date.fromisoformat(span.last)
            days = tuple(first + timedelta(step) for step in range((last - first).days + 1))
            found[frozenset(item.finding.rules), days] = item.finding.regions
        assert len(found) == len(report.findings)
        wanted = gaps(policy_set)
        assert found == {gap: told(policy_set, regions) for gap, regions in wanted.items()}, seed
        seen += len(wanted)
    assert seen > 5, "too few gaps to say anything"


def test_on_one_day_only_gaps_of_that_day_are_told() -> None:
    policy_set = next(found for found in map(random_set, range(50)) if len(gaps(found)) > 1)
    for step in range(10):
        day = FIRST + timedelta(step)
        report = check(policy_set, (), CheckOptions(day, day, codes={"PC404"}))
        told_ = {frozenset(item.finding.rules) for item in report.findings}
        assert told_ == {rules for rules, days in gaps(policy_set) if day in days}
