"""A case elsewhere, or on another day: what belongs together moves together.

In: a case of a policy set. Out: one like it, which need not be valid.
"""

from __future__ import annotations

from policyc.dsl.model import DATE, DAY, REGION, Case, PolicySet, Value


def in_region(policy_set: PolicySet, case: Case, old: Value | None, new: str) -> dict[str, Value]:
    """A case with the regions that are the same as one put elsewhere; without one, all of them."""
    facts = policy_set.facts
    return {
        name: new if facts[name].type == REGION and old in (None, value) else value
        for name, value in case.items()
    }


def on_day(policy_set: PolicySet, case: Case, day: int) -> dict[str, Value]:
    """A case on another day; what happens on its own day moves with it."""
    facts = policy_set.facts
    return {
        name: day if facts[name].type == DAY and value == case[DATE] else value
        for name, value in case.items()
    }
