"""Minimal subsets and minimal hitting sets. Nothing here knows a solver: what is enough, callables say.

A set is *minimal* where none of its members can be spared. Both algorithms rest on one assumption: whatever holds
a set that is enough is enough.

Deletion: one member after another is taken away, and put back where the rest is not enough. Which of several
minimal sets comes out depends on the order in which members are tried, and on nothing else.

Hitting sets: a set *hits* a family if it has a member of every set in it. The family may be known only by asking
for a set that is missed so far, which is how reasons, changes and covers are found ("implicit hitting sets").
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

#: Of some items those that are enough already, or `None` where even all of them are not.
Core = Callable[[Sequence[T]], Collection[T] | None]


# --- Deletion ----------------------------------------------------------------------------------------------


def minimal_subset(
    items: Sequence[T], suffices: Callable[[Sequence[T]], bool], order: Iterable[T] | None = None
) -> list[T]:
    """Of items that suffice those that are left, none of which can be spared. The last are tried first, or they
    are tried in `order`; what is not in it stays. One call for each that is tried."""

    def core(rest: Sequence[T]) -> Sequence[T] | None:
        return rest if suffices(rest) else None

    kept = list(items)
    shrink(kept, core, [[item] for item in (reversed(items) if order is None else order)])
    return kept


def shrink(
    items: list[T], core: Core[T], groups: Iterable[Sequence[T]], enough: Collection[T] | None = None
) -> None:
    """Takes away some of the items, which suffice, until none of those in the groups can be spared. They suffice
    all the time, so whatever is left when `core` raises an exception can be used.

    Groups are tried in order: first whether all of a group can go, then each of it. `enough` are items known to
    suffice. What `core` did not need goes without a call, so there is at most one call for each item tried and for
    each group of several; which core it gives, where there are several, changes nothing in the result.
    """
    enough = items if enough is None else enough
    for group in groups:
        for batch in [group, *([item] for item in group)] if len(group) > 1 else [group]:
            rest = [item for item in items if item not in batch]
            if len(rest) == len(items):
                continue
            found = core(rest) if any(item in enough for item in batch) else enough
            if found is not None:
                items[:], enough = rest, found


# --- Hitting sets ------------------------------------------------------------------------------------------


class HittingSet(Generic[T]):
    """A minimal hitting set of a family whose sets become known one after another; the last in order are tried to
    be spared first.

    Once it hits the whole family, it depends on the order alone, not on which sets were told: what was spared is
    not needed beside those that stay, since these hit all; what stays is the last to hit some set.
    """

    def __init__(self, order: Sequence[T]) -> None:
        self.order = order
        self.family: list[frozenset[T]] = []
        self.chosen: tuple[T, ...] = ()

    def hit(self, missed: frozenset[T]) -> None:
        """Takes in a set that has not been hit. It has a member in the order."""
        assert missed and missed.isdisjoint(self.chosen)
        self.family.append(missed)
        useful = [item for item in self.order if any(item in one for one in self.family)]
        self.chosen = tuple(
            minimal_subset(useful, lambda rest: not any(one.isdisjoint(rest) for one in self.family))
        )


def implicit_hitting_set(
    order: Sequence[T], missed: Callable[[Sequence[T]], frozenset[T] | None]
) -> tuple[T, ...]:
    """The same, of a family known only by asking for a set that the members chosen so far miss."""
    hitting = HittingSet(order)
    while (one := missed(hitting.chosen)) is not None:
        hitting.hit(one)
    return hitting.chosen


def smallest_hitting_set(
    order: Sequence[T], family: Sequence[frozenset[T]], *, with_first: bool
) -> frozenset[T]:
    """The smallest hitting set of a few sets; of equally small ones that with the first in order, or that which
    leaves these alone."""

    def missed(chosen: frozenset[T]) -> frozenset[T] | None:
        return next((one for one in family if not one & chosen), None)

    return next(minimal_hitting_sets(order, missed, len(family), with_first=with_first))


def minimal_hitting_sets(
    order: Sequence[T],
    missed: Callable[[frozenset[T]], frozenset[T] | None],
    most: int,
    *,
    with_first: bool = True,
) -> Iterator[frozenset[T]]:
    """All minimal hitting sets of at most `most` members; the smallest first, of equally small ones those with the
    first in order, or those that leave these alone. Which of the sets missed is told changes nothing in the result.

    There may be exponentially many; each is worked out when it is asked for. `missed` is called once for each of
    them and once for each set of the family that it tells.
    """
    place = {item: index if with_first else -index for index, item in enumerate(order)}
    candidates: list[frozenset[T]] = [frozenset()]
    settled = 0
    while settled < len(candidates):
        member = missed(candidates[settled])
        if member is None:
            yield candidates[settled]
            settled += 1
        else:  # what is settled hits it already, and what is new is larger than what it is made of
            candidates = _hitting(candidates, member, most)
            candidates.sort(key=lambda one: (len(one), sorted((place[item] for item in one), key=abs)))


def _hitting(candidates: Sequence[frozenset[T]], member: frozenset[T], most: int) -> list[frozenset[T]]:
    """The minimal sets that hit what the candidates hit, and one set more."""
    kept = [one for one in candidates if one & member]
    grown = {one | {item} for one in candidates if not one & member and len(one) < most for item in member}
    return kept + [one for one in grown if not any(other < one or other == one for other in kept)]
