"""Covers: of many rules that together prevent something, some none of which can be spared.

A cover is found from counterexamples: each is something that the rules chosen so far do not prevent, told by the
rules that would, so that every cover has one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..dsl.model import Rule

#: Something that the names chosen do not prevent, as the others any one of which might; `None` if nothing is left.
Counterexample = Callable[[Sequence[str]], frozenset[str] | None]


def minimal_cover(names: Sequence[str], counterexample: Counterexample) -> list[str]:
    """Some of the names that leave no counterexample, and would leave one without any one of them.

    The last names are let go first. The result depends on this order alone, not on which counterexamples were
    met: a name that was let go is not needed beside those that stay, since these suffice; one that was kept was
    the last to prevent something.
    """
    met: list[frozenset[str]] = []
    while True:
        chosen = _hitting(names, met)
        found = counterexample(chosen)
        if found is None:
            return chosen
        assert found and found.isdisjoint(chosen), "all names together leave no counterexample"
        met.append(found)


def _hitting(names: Sequence[str], sets: Sequence[frozenset[str]]) -> list[str]:
    """A part of the names with a member of each set, and none to spare."""
    kept = dict.fromkeys(names)
    for name in reversed(names):
        del kept[name]
        if any(some.isdisjoint(kept) for some in sets if name in some):
            kept[name] = None
    return [name for name in names if name in kept]


def nearest_first(rule: Rule, others: Iterable[Rule]) -> list[Rule]:
    """Rules by how near they are to one: those of its policy first, whose author can mend them at once."""
    return sorted(others, key=lambda other: (other.policy != rule.policy, other.name))
