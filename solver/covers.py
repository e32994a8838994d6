"""Covers: of many rules that together prevent something, some none of which can be spared.

A cover is found from counterexamples: each is something that the rules chosen so far do not prevent, told by the
rules that would, so that every cover has one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..dsl.model import Rule


class Cover:
    """Some of many names, such that each counterexample met so far is prevented and none of them can be spared.

    The last names are let go first. What the cover is once no counterexample is left depends on this order alone,
    not on which were met: a name that was let go is not needed beside those that stay, since these suffice; one
    that was kept was the last to prevent something.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.met: list[frozenset[str]] = []
        self.chosen: tuple[str, ...] = ()

    def correct(self, counterexample: frozenset[str]) -> None:
        """Something that the names chosen do not prevent, told by those of which each would."""
        assert counterexample and counterexample.isdisjoint(self.chosen)
        self.met.append(counterexample)
        kept = dict.fromkeys(self.names)
        for name in reversed(self.names):
            del kept[name]
            if any(some.isdisjoint(kept) for some in self.met if name in some):
                kept[name] = None
        self.chosen = tuple(name for name in self.names if name in kept)


def minimal_cover(
    names: Sequence[str], counterexample: Callable[[Sequence[str]], frozenset[str] | None]
) -> tuple[str, ...]:
    """The cover that leaves no counterexample to the names chosen."""
    cover = Cover(names)
    while (found := counterexample(cover.chosen)) is not None:
        cover.correct(found)
    return cover.chosen


def nearest_first(rule: Rule, others: Iterable[Rule]) -> list[Rule]:
    """Rules by how near they are to one: those of its policy first, whose author can mend them at once."""
    return sorted(others, key=lambda other: (other.policy != rule.policy, other.name))
