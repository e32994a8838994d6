"""Rules that cover each other: which of them the author is told not to delete together."""

from __future__ import annotations

from policyc.dsl.diagnostics.messages import render
from tests.support.offers import HEAD, found

TEXT = (
    HEAD
    + """
policy city for 500000 {
  permit pay anyone when relation is child and filed cite page.c1
  forbid pay all when relation is not child or not filed cite page.c2
  forbid pay kin when relation is not child cite page.c2
  forbid pay unfiled when not filed cite page.c2
  permit pay filed_children when relation is child and filed unless not filed cite page.c1
  permit pay again when relation is child and filed and payer.region in 500000 cite page.c1
  forbid pay some when relation is parent and not filed cite page.c2
}
"""
)


def test_each_circle_is_told_and_a_rule_outside_may_go() -> None:
    told = {item.finding.rules[0]: item for item in found(TEXT, "PC402")}
    circles = {
        name: {str(dict(rule.args)["name"]) for rule in dict(dict(item.message.args)["some"].args)["rules"]}  # type: ignore[union-attr, arg-type]
        for name, item in told.items()
        if item.message.key == "PC402.circle"
    }
    bans = {"city.all", "city.kin", "city.unfiled"}
    permits = {"city.anyone", "city.again"}  # which cover the third of their kind, so that it may go
    assert circles == {**dict.fromkeys(bans, bans), **dict.fromkeys(permits, permits)}
    assert set(told) == {*bans, *permits, "city.filed_children", "city.some"}


def test_the_advice_is_never_to_delete_all() -> None:
    for item in found(TEXT, "PC402"):
        assert item.help is not None
        circle = item.message.key == "PC402.circle"
        assert ("never all" in render(item.help, "en")) is circle
        assert ("不可全部删去" in render(item.help, "zh")) is circle
