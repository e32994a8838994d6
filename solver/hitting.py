"""All minimal sets that hit every member of a family, where the family is only known by asking.

Reasons and changes are both of this form. A set of rules explains an answer if it hits, in every case, the rules
that account for it there; a set of facts is worth changing if it hits every group of facts that rules a yes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def minimal_sets(
    order: Sequence[T], missed: Callable[[frozenset[T]], frozenset[T] | None], most: int
) -> Iterator[frozenset[T]]:
    """The minimal sets of at most `most` members for which `missed` finds nothing; the smallest first, of equally
    small ones those with the first in order. There may be very many: each is worked out when it is asked for.

    `missed` gives a member of the family that a set does not hit, or `None`. Which one it gives, where there are
    several, changes nothing in the result.
    """
    place = {item: index for index, item in enumerate(order)}
    candidates: list[frozenset[T]] = [frozenset()]
    settled = 0
    while settled < len(candidates):
        member = missed(candidates[settled])
        if member is None:
            yield candidates[settled]
            settled += 1
        else:  # what is settled hits it already, and what is new is larger than what it is made of
            candidates = _hitting(candidates, member, most)
            candidates.sort(key=lambda one: (len(one), sorted(place[item] for item in one)))


def _hitting(candidates: Sequence[frozenset[T]], member: frozenset[T], most: int) -> list[frozenset[T]]:
    """The minimal sets that hit what the candidates hit, and one member more."""
    kept = [one for one in candidates if one & member]
    grown = {one | {item} for one in candidates if not one & member and len(one) < most for item in member}
    return kept + [one for one in grown if not any(other < one or other == one for other in kept)]
