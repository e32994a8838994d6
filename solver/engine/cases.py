"""Moves a case to another region or day, with all facts that belong together.

In: a case of a policy set. Out: the moved case, which need not be valid.
"""

from __future__ import annotations

from policyc.dsl.model import DATE, DAY, REGION, Case, PolicySet, Value


def in_region(policy_set: PolicySet, case: Case, old: Value | None, new: str) -> dict[str, Value]:
    """A case with every region equal to `old` replaced by `new`; all regions if `old` is `None`."""
    facts = policy_set.facts
    return {name: new if facts[name].type == REGION and old in (None, value) else value for name, value in case.items()}


def on_day(policy_set: PolicySet, case: Case, day: int) -> dict[str, Value]:
    """A case on another day; facts with the same day move with it."""
    facts = policy_set.facts
    return {name: day if facts[name].type == DAY and value == case[DATE] else value for name, value in case.items()}
