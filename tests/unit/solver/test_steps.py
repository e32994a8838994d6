"""Steps to a yes: in order, each with its own permission, on days on which they can be taken."""

from __future__ import annotations

from datetime import date

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import PolicySet
from policyc.dsl.syntax.parse import parse
from policyc.solver.ask.request import understand
from policyc.solver.report.answers import AskReport, Step

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum link_state { none, pending, active }
enum way { link, purse }
fact home : region usual 510000
fact way : way usual link
fact others : int 0..5 usual 1
fact read : boolean arrangeable usual true
fact opened : boolean arrangeable usual true
fact linked : link_state
  arrangeable by bind from (if home in 500000 then date + 1 days else date) usual active
fact filed : boolean arrangeable by file usual true
fact date : date 2024-01-01..2026-12-31
decision file governed by home as paying
decision bind governed by home as paying
decision pay governed by home as paying
policy p for 100000 {
  permit file files from 2025-02-01
  permit bind binds
  require bind notice: read
  require bind alone: others < 1 when home in 500000
  permit pay pays
  require pay link: linked is active when way is link
  require pay purse: opened when way is purse
  require pay filing: filed when home in 510000
}
"""


def compiled(text: str = SET) -> PolicySet:
    tree, mistakes = parse(SourceFile("a.policy", text))
    policy_set, findings = compile_set([tree], [])
    assert [*mistakes, *(f for f in findings if f.level is Severity.ERROR)] == []
    return policy_set


def report(question: str = "pay", on: str | None = "2025-03-01", text: str = SET, **given: str) -> AskReport:
    day = "any" if on is None else date.fromisoformat(on)
    return understand(compiled(text), question, [], given, on=day, today=date(2025, 1, 1)).report()  # type: ignore[arg-type]


def told(found: AskReport) -> list[str]:
    return [line(step) for step in found.kind.steps or ()]


def line(step: Step) -> str:
    what = f"{step.fact}={step.value}" if step.fact else ""
    if step.decision is None:
        return what
    effective = f" from {step.effective}" if step.effective else ""
    assuming = "".join(f" if {name}={value}" for name, value in step.assuming.items())
    return f"{step.decision} {step.answer} {step.on}: {what}{effective}{assuming}".rstrip(": ")


def test_what_takes_no_decision_is_arranged() -> None:
    found = report(home="500000", way="purse", opened="false")
    assert told(found) == ["opened=true", "pay permitted 2025-03-01"]
    assert found.kind.steps is not None and found.kind.steps[0].now == "false"


def test_a_decision_brings_a_fact_about_and_has_needs_of_its_own() -> None:
    found = report(home="500000", way="link", linked="none", others="0")
    assert told(found) == [
        "read=true",
        "bind permitted 2025-03-01: linked=active from 2025-03-02",
        "pay permitted 2025-03-02",
    ]


def test_without_a_day_of_its_own_it_holds_at_once() -> None:
    found = report(home="510000", way="link", linked="none", read="true", filed="true")
    assert told(found) == [
        "bind permitted 2025-03-01: linked=active from 2025-03-01",
        "pay permitted 2025-03-01",
    ]


def test_several_decisions() -> None:
    found = report(home="510000", linked="pending", filed="false", read="false")
    assert told(found) == [
        "read=true",
        "bind permitted 2025-03-01: linked=active from 2025-03-01",
        "file permitted 2025-03-01: filed=true from 2025-03-01",
        "pay permitted 2025-03-01",
    ]


def test_a_step_that_is_not_permitted_ends_the_way() -> None:
    found = report(home="500000", way="link", linked="none", others="2")
    assert told(found) == ["bind denied 2025-03-01: linked=active"]
    assert found.kind.steps is not None
    assert [reason.rule for reason in found.kind.steps[0].because] == ["p.alone"]


def test_a_step_waits_for_the_day_on_which_it_is_permitted() -> None:
    found = report(on="2025-01-10", home="510000", linked="active", filed="false")
    assert told(found) == [
        "file permitted 2025-02-01: filed=true from 2025-02-01",
        "pay permitted 2025-02-01",
    ]


def test_what_must_be_otherwise_than_usual_is_said() -> None:
    found = report(home="500000", way="link", linked="none")
    assert told(found)[1:] == [
        "bind permitted 2025-03-01: linked=active from 2025-03-02 if others=0",
        "pay permitted 2025-03-02",
    ]


def test_what_is_not_given_may_be_done_already() -> None:
    found = report(home="510000")
    assert found.answer == "depends"
    assert told(found)[-1] == "pay permitted 2025-03-01"
    assert all(step.now is None for step in found.kind.steps or ())


def test_what_is_given_stays_where_it_can() -> None:
    found = report(home="510000", way="link", linked="none", read="false", filed="true", opened="false")
    assert [step.fact for step in found.kind.steps or ()] == ["read", "linked", None]


@pytest.mark.parametrize(
    "given",
    [
        {"home": "500000", "way": "link", "linked": "active"},  # a yes already
        {"home": "500000", "way": "purse", "opened": "true"},
    ],
)
def test_where_nothing_is_to_be_arranged_there_are_no_steps(given: dict[str, str]) -> None:
    assert report(**given).kind.steps is None


def test_without_a_day_there_are_no_steps() -> None:
    assert report(on=None, home="500000", way="purse", opened="false").kind.steps is None


def test_what_nobody_can_arrange_has_no_steps() -> None:
    text = SET.replace("permit pay pays", "permit pay pays  forbid pay never when others > 3")
    assert report(text=text, home="500000", others="5").kind.steps is None


def test_decisions_that_need_each_other_come_to_an_end() -> None:
    text = SET.replace("require bind notice: read", "require bind notice: filed").replace(
        "permit file files from 2025-02-01", "permit file files when linked is active"
    )
    found = told(report(text=text, home="510000", linked="none", filed="false"))
    assert len(found) <= 4


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ("by file", "by fill", "PC101", "PC101.decision"),
        ("by file", "by opened", "PC101", "PC101.decision"),
        ("by file", "by file from 3", "PC103", "PC103.expected"),
        ("by file", "by file from dates", "PC101", "PC101.value"),
    ],
)
def test_what_cannot_bring_a_fact_about(old: str, new: str, code: str, key: str) -> None:
    tree, mistakes = parse(SourceFile("a.policy", SET.replace(old, new)))
    assert mistakes == []
    _, findings = compile_set([tree], [])
    assert [(f.code.id, f.message.key) for f in findings if f.level is Severity.ERROR] == [(code, key)]


def test_both_spellings() -> None:
    chinese = SET.replace("arrangeable by bind from", "可办理 通过 bind 自").replace(
        "arrangeable by file", "可办理 通过 file"
    )
    assert compiled(chinese).facts["linked"] == compiled().facts["linked"]


def test_by_is_a_name_elsewhere() -> None:
    text = SET.replace("others", "by")
    assert "by" in compiled(text).facts


# --- Days that are none ------------------------------------------------------------------------------------

LATE = SET.replace("date 2024-01-01..2026-12-31", "date 2024-01-01..9999-12-31")


def test_what_never_comes_to_hold_ends_the_way() -> None:
    late = LATE.replace("date + 1 days", "date + 40 days")
    found = report(on="9999-12-31", text=late, home="500000", linked="none", others="0", read="true")
    assert told(found) == ["bind permitted 9999-12-31: linked=active"]
    found = report(
        on="2026-12-31",
        text=SET.replace("date + 1 days", "date + 40 days"),
        home="500000",
        linked="none",
        others="0",
        read="true",
    )
    assert told(found) == ["bind permitted 2026-12-31: linked=active from 2027-02-09"]


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    found = report(on="9999-12-30", text=LATE, home="500000", linked="none", others="0", read="true")
    assert told(found) == [
        "bind permitted 9999-12-30: linked=active from 9999-12-31",
        "pay permitted 9999-12-31",
    ]
