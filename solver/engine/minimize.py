"""Minimal subsets and minimal hitting sets, independent of any solver: callables decide what is enough.

A set is *minimal* if no member can be removed. Both algorithms assume that every superset of a set that is enough
is enough.

Deletion: members are removed one by one, and put back if the rest is not enough. Only the order of removal decides
which of several minimal sets results.

Hitting sets: a set *hits* a family if it has a member of every set in it. The family may be implicit, known only by
asking for a set not hit so far; reasons, changes and covers are found this way ("implicit hitting sets").
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

#: Those of some items that are already enough, or `None` if even all of them are not.
Core = Callable[[Sequence[T]], Collection[T] | None]


# --- Deletion ----------------------------------------------------------------------------------------------


def minimal_subset(
    items: Sequence[T], suffices: Callable[[Sequence[T]], bool], order: Iterable[T] | None = None
) -> list[T]:
    """A minimal subset of items that are enough. Removal is tried from the last item, or in `order`; items not in
    `order` stay. One call for each item tried."""

    def core(rest: Sequence[T]) -> Sequence[T] | None:
        return rest if suffices(rest) else None

    kept = list(items)
    shrink(kept, core, [[item] for item in (reversed(items) if order is None else order)])
    return kept


def shrink(items: list[T], core: Core[T], groups: Iterable[Sequence[T]], enough: Collection[T] | None = None) -> None:
    """Removes items, which are enough, until no item of the groups can be removed. They stay enough throughout, so
    what is left can be used if `core` raises an exception.

    Groups are tried in order: first the whole group, then each of its items. `enough` are items known to be enough.
    Items that `core` did not need go without a call, so there is at most one call for each item tried and each group
    of several; which of several cores it returns does not change the result.
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
    """A minimal hitting set of a family whose sets are found one by one; removal is tried from the last in order.

    Once it hits the whole family, it depends only on the order, not on which sets were found: removed members are not
    needed, since the others hit all sets; each other one was the last left to hit some set.
    """

    def __init__(self, order: Sequence[T], known: HittingSet[T] | None = None) -> None:
        """`known` hits a part of the family in another order."""
        self.order = order
        self.family: list[frozenset[T]] = []
        self.chosen: tuple[T, ...] = ()
        for one in [] if known is None else known.family:
            if one.isdisjoint(self.chosen):
                self.hit(one)

    def hit(self, missed: frozenset[T]) -> None:
        """Adds a set that is not hit. It has a member in the order."""
        assert missed and missed.isdisjoint(self.chosen)
        self.family.append(missed)
        useful = [item for item in self.order if any(item in one for one in self.family)]
        self.chosen = tuple(minimal_subset(useful, lambda rest: not any(one.isdisjoint(rest) for one in self.family)))


def implicit_hitting_set(order: Sequence[T], missed: Callable[[Sequence[T]], frozenset[T] | None]) -> tuple[T, ...]:
    """The same for an implicit family; `missed` returns a set that the given members do not hit, if any."""
    hitting = HittingSet(order)
    while (one := missed(hitting.chosen)) is not None:
        hitting.hit(one)
    return hitting.chosen


def smallest_hitting_set(order: Sequence[T], family: Sequence[frozenset[T]], *, with_first: bool) -> frozenset[T]:
    """The smallest hitting set of a few sets; among equally small ones, the one with the first in order, or the one
    that spares these."""

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
    """All minimal hitting sets of at most `most` members, the smallest first; among equally small ones, first those
    with the first in order, or those that spare these. Which missed set `missed` returns does not change the result.

    There may be exponentially many, so they are computed lazily. `missed` is called once for each of them and once for
    each set that it returns.
    """
    place = {item: index if with_first else -index for index, item in enumerate(order)}
    candidates: list[frozenset[T]] = [frozenset()]
    settled = 0
    while settled < len(candidates):
        member = missed(candidates[settled])
        if member is None:
            yield candidates[settled]
            settled += 1
        else:  # settled candidates hit it already; new ones are larger than those they extend
            candidates = _hitting(candidates, member, most)
            candidates.sort(key=lambda one: (len(one), sorted((place[item] for item in one), key=abs)))


def _hitting(candidates: Sequence[frozenset[T]], member: frozenset[T], most: int) -> list[frozenset[T]]:
    """The minimal sets that hit all sets that the candidates hit, and one more."""
    kept = [one for one in candidates if one & member]
    grown = {one | {item} for one in candidates if not one & member and len(one) < most for item in member}
    return kept + [one for one in grown if not any(other < one or other == one for other in kept)]
