"""What PC402 says of the rules that cover another one: those that decide the same, and those that conditions read."""

from __future__ import annotations

from datetime import date

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.system.limits import OutOfTime
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions
from policyc.solver.checks.redundancy import covers
from tests.support.offers import HEAD, found
from tests.support.places import CORPUS

#: A rule that another one covers through a third.
THROUGH = """
decision link governed by payer.region as linking
policy {first} for 500000 {{
  permit link near when relation in {{parent, child}} cite page.c1
  permit pay linked when link is permitted cite page.c1
}}
policy {second} for 500000 {{
  permit pay parents when relation is parent cite page.c1
}}
"""


def of_corpus(name: str) -> dict[str, Diagnostic]:
    """The findings of a file by the rule without effect."""
    report = check(compile_paths([CORPUS / "bad" / "idle" / name]), CheckOptions(date(2026, 1, 1), codes={"PC402"}))
    return {item.finding.rules[0]: item for item in report.findings}


def test_a_finding_names_what_its_cover_depends_on() -> None:
    covers_of = {name: item.finding.rules[1:] for name, item in of_corpus("through.policy").items()}
    assert covers_of == {
        "city.parents": ("city.account_holders", "city.own_near"),
        "city.no_siblings": ("city.refused", "city.siblings"),
        "city.children": ("city.where_open", "city.open"),
        "city.under_ten": ("city.few", "city.cap"),
        "city.own_parents": ("city.transferring", "city.account_holders", "city.own_near"),
        "city.within_cap": ("city.cap",),
    }


def test_it_says_through_what() -> None:
    told = of_corpus("through.policy")
    assert render(told["city.own_parents"].message, "en") == (
        "`city.own_parents` has no effect: with `city.transferring`, `city.account_holders` (through `transfer`), "
        "`city.own_near` (through `open_account`) in place it changes no verdict"
    )
    assert render(told["city.under_ten"].message, "zh") == (
        "`city.under_ten` 不起作用：有了 `city.few`、`city.cap`（通过 `cap`），有没有它结论都一样"
    )
    labels = [render(label.message, "en") for label in told["city.parents"].secondary if label.message is not None]
    assert labels == ["covers it", "needed for that, through `open_account`"]


def test_a_requirement_that_is_met_by_a_value_names_what_sets_it() -> None:
    met = of_corpus("through.policy")["city.within_cap"]
    assert render(met.message, "en") == (
        "`city.within_cap` has no effect: wherever it applies it is met, and with `city.cap` (through `cap`) in place it "
        "changes no verdict"
    )
    assert met.level is Severity.WARNING


def test_rules_that_cover_each_other_by_what_they_read_may_not_all_go() -> None:
    told = of_corpus("circle_through.policy")
    assert {name: item.finding.rules[1:] for name, item in told.items()} == {
        "city.binding": ("city.parents_too",),
        "city.parents_too": ("city.binding", "city.parents"),
    }
    for item in told.values():
        assert item.message.key == "PC402.circle"


@pytest.mark.parametrize(("first", "second"), [("city", "district"), ("district", "city")])
def test_a_rule_of_another_policy_makes_it_a_note_whatever_that_reads(first: str, second: str) -> None:
    (finding,) = found(HEAD + THROUGH.format(first=first, second=second), "PC402")
    assert finding.finding.rules == (f"{second}.parents", f"{first}.linked", f"{first}.near")
    assert finding.level is Severity.NOTE


def test_without_time_for_what_is_read_the_finding_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        raise OutOfTime

    monkeypatch.setattr(covers, "share_of_time", endless)
    (finding,) = found(HEAD + THROUGH.format(first="city", second="district"), "PC402")
    assert finding.finding.rules == ("district.parents", "city.linked")
    assert finding.finding.cut == ("cover",)
    assert "finding.cut-cover" in {note.key for note in finding.notes}


def test_of_a_note_where_very_much_is_read_only_the_rules_beside_it_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covers, "MOST_READ", 0)
    text = HEAD + THROUGH.format(first="city", second="district")
    (note,) = found(text, "PC402")
    assert note.finding.rules == ("district.parents", "city.linked")
    assert "PC402.given" in {one.key for one in note.notes}
    (warning,) = found(text.replace("policy district for 500000 {", "").replace("}\n\n  permit", "  permit"), "PC402")
    assert warning.finding.rules == ("city.parents", "city.linked", "city.near")
