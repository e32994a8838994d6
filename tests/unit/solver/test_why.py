"""A failed test says why: the rule that decides, what it prevails over, or that no rule is in force."""

from __future__ import annotations

import pytest

from policyc.dsl.diagnostics.messages import render
from policyc.solver.checks.claims.tests import failed_test
from policyc.solver.engine.context import SolverContext
from tests.support.sets.random_sets import compiled

SET = """
region 100000 "国"
region 500000 "渝" in 100000
region 510000 "川" in 100000
fact home : region
fact filed : boolean
fact date : date 2023-01-01..2026-12-31
parameter open : boolean
decision pay governed by home as paying
decision bind governed by home as paying
decision link governed by home as paying
policy nation for 100000 from 2025-01-01 until 2025-12-31 {{
  source law {{ clause c "一" }}
  forbid pay nobody exception to city.anyone cite law.c
  permit bind all cite law.c
  require bind filing : filed cite law.c
  permit link some when home.open cite law.c
}}
policy city for 500000 from 2025-01-01 until 2025-12-31 {{
  source law {{ clause c "一" }}
  permit pay anyone cite law.c
  forbid bind late when not filed from 2025-06-01 cite law.c
  permit link more when filed cite law.c
  set open = true when filed cite law.c
}}
test "t" {{ given home = {home}, filed = {filed}, date = {date} expect {expect} }}
"""


def said(expect: str, *, home: str = "500000", filed: str = "true", date: str = "2025-03-01") -> list[str]:
    policy_set, diagnostics = compiled(SET.format(home=home, filed=filed, date=date, expect=expect))
    assert not [one for one in diagnostics if one.code.id.startswith(("PC0", "PC1"))]
    failure = failed_test(SolverContext(policy_set), policy_set.tests[0])
    assert failure is not None
    return [render(note, "en") for note in failure.notes]


@pytest.mark.parametrize(
    ("expect", "more", "expected"),
    [
        (
            "pay is permitted",
            {},
            ["`pay` is denied", "`nation.nobody` forbids it", "`nation.nobody` prevails over `city.anyone` (`PC302`)"],
        ),
        ("bind is denied", {}, ["`bind` is permitted", "`nation.all` permits it"]),
        ("bind is permitted", {"filed": "false"}, ["`bind` is denied", "the requirement `nation.filing` is not met"]),
        (
            "pay is permitted",
            {"date": "2024-01-01"},
            [
                "`pay` is undetermined",
                "no rule is in force on 2024-01-01; the first, `nation.nobody`, begins on 2025-01-01",
            ],
        ),
        (
            "bind is permitted",
            {"date": "2026-02-01"},
            [
                "`bind` is undetermined",
                "no rule is in force on 2026-02-01; the last, `nation.all`, ended on 2025-12-31",
            ],
        ),
        (
            "link is permitted",
            {"home": "510000"},
            ["`link` is undetermined", "it is in doubt whether `nation.some` applies: a value is not set"],
        ),
    ],
)
def test_why(expect: str, more: dict[str, str], expected: list[str]) -> None:
    assert said(expect, **more) == expected


def test_no_rule_of_a_side_applies() -> None:
    text = SET.replace("permit link some when home.open cite law.c", "permit link some when not filed cite law.c")
    text = text.replace("permit link more when filed cite law.c", "permit link more when not filed cite law.c")
    policy_set, _ = compiled(text.format(home="500000", filed="true", date="2025-03-01", expect="link is permitted"))
    failure = failed_test(SolverContext(policy_set), policy_set.tests[0])
    assert failure is not None
    assert [render(note, "en") for note in failure.notes][1] == "no rule of the side `paying` applies"


def test_every_expectation_that_fails_is_told() -> None:
    policy_set, _ = compiled(
        SET.format(
            home="500000",
            filed="true",
            date="2025-03-01",
            expect="pay is permitted expect bind is permitted expect bind is denied",
        )
    )
    failure = failed_test(SolverContext(policy_set), policy_set.tests[0])
    assert failure is not None
    places = [label.span.text for label in (failure.primary, *failure.secondary) if label is not None]
    assert places[0] == "pay is permitted"
    assert places[-1] == "bind is denied"
    assert "`bind` is permitted" in [render(note, "en") for note in failure.notes]
