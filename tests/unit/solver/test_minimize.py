"""Minimal subsets and hitting sets, against an enumeration of all subsets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings, strategies as st

from policyc.solver.engine.minimize import (
    HittingSet,
    implicit_hitting_set,
    minimal_hitting_sets,
    minimal_subset,
    shrink,
    smallest_hitting_set,
)

ITEMS = "abcdef"

Family = list[frozenset[str]]

families = st.lists(st.frozensets(st.sampled_from(ITEMS), min_size=1), max_size=6)
orders = st.permutations(ITEMS)


def results(chosen: Collection[str], family: Family) -> bool:
    return all(one & frozenset(chosen) for one in family)


def subsets(items: str = ITEMS) -> Iterator[frozenset[str]]:
    for size in range(len(items) + 1):
        yield from map(frozenset, combinations(items, size))


def minimal_sets(family: Family) -> set[frozenset[str]]:
    """All minimal hitting sets, by looking at every subset."""
    hitting = [one for one in subsets() if results(one, family)]
    return {one for one in hitting if not any(other < one for other in hitting)}


def first_missed(family: Family) -> Callable[[Collection[str]], frozenset[str] | None]:
    return lambda chosen: next((one for one in family if one.isdisjoint(chosen)), None)


def last_missed(family: Family) -> Callable[[Collection[str]], frozenset[str] | None]:
    return first_missed(family[::-1])


# --- Deletion ----------------------------------------------------------------------------------------------


@given(families, orders)
def test_what_is_left_suffices_and_none_of_it_can_be_spared(family: Family, order: Sequence[str]) -> None:
    asked: list[Sequence[str]] = []

    def suffices(rest: Sequence[str]) -> bool:
        asked.append(rest)
        return results(rest, family)

    found = minimal_subset(ITEMS, suffices, order)
    assert frozenset(found) in minimal_sets(family)
    assert found == sorted(found)
    assert len(asked) == len(ITEMS)


@given(families, orders)
def test_what_is_tried_first_goes_if_it_can(family: Family, order: Sequence[str]) -> None:
    """The result is the minimal set that lacks the first item in order if any does, then the second, and so on."""
    found = frozenset(minimal_subset(ITEMS, lambda rest: results(rest, family), order))
    assert found == min(minimal_sets(family), key=lambda one: [item in one for item in order])


def test_the_last_are_tried_first_and_what_is_not_in_the_order_stays() -> None:
    assert minimal_subset("abc", lambda rest: len(rest) >= 1) == ["a"]
    assert minimal_subset("abc", lambda rest: len(rest) >= 1, "ab") == ["c"]
    assert minimal_subset("abc", lambda rest: True, "b") == ["a", "c"]


def test_what_does_not_suffice_stays_as_it_is() -> None:
    assert minimal_subset("abc", lambda rest: False) == ["a", "b", "c"]


@given(families, st.lists(st.sampled_from(ITEMS), unique=True), st.randoms(use_true_random=False))
def test_cores_and_groups_save_calls_and_change_nothing(family: Family, order: list[str], random: Random) -> None:
    """For any cores the result is that of trying each item, with at most one call for each item and each group."""
    middle = len(order) // 2
    groups = [group for group in (order[:middle], order[middle:]) if group]
    calls = 0

    def core(rest: Sequence[str]) -> frozenset[str] | None:
        nonlocal calls
        calls += 1
        enough = [one for one in subsets() if one <= frozenset(rest) and results(one, family)]
        return random.choice(enough) if enough else None

    kept = list(ITEMS)
    shrink(kept, core, groups, core(ITEMS))
    assert kept == minimal_subset(ITEMS, lambda rest: results(rest, family), order)
    assert calls <= 1 + len(order) + sum(len(group) > 1 for group in groups)


def test_what_no_core_needs_goes_without_a_call() -> None:
    kept, asked = list(ITEMS), list[list[str]]()

    def core(rest: Sequence[str]) -> None:
        asked.append(list(rest))

    shrink(kept, core, [[item] for item in reversed(ITEMS)], {"a", "b"})
    assert kept == ["a", "b"]
    assert asked == [["a"], ["b"]]


@given(families, st.integers(0, len(ITEMS)))
def test_whoever_is_interrupted_keeps_something_that_suffices(family: Family, calls: int) -> None:
    class Interrupted(Exception):
        pass

    left = calls

    def core(rest: Sequence[str]) -> Sequence[str] | None:
        nonlocal left
        if left == 0:
            raise Interrupted
        left -= 1
        return rest if results(rest, family) else None

    kept, groups = list(ITEMS), [[item] for item in ITEMS]
    if calls < len(ITEMS):
        with pytest.raises(Interrupted):
            shrink(kept, core, groups)
    else:
        shrink(kept, core, groups)
    assert kept == minimal_subset(ITEMS, lambda rest: results(rest, family), ITEMS[:calls])
    assert results(kept, family)


# --- Hitting sets ------------------------------------------------------------------------------------------


@given(families, orders)
def test_a_hitting_set_lacks_the_last_in_order_where_it_can(family: Family, order: Sequence[str]) -> None:
    found = implicit_hitting_set(order, first_missed(family))
    assert list(found) == sorted(found, key=order.index)
    assert frozenset(found) == min(minimal_sets(family), key=lambda one: [item in one for item in order[::-1]])
    assert found == implicit_hitting_set(order, last_missed(family))


@given(families)
def test_a_hitting_set_is_minimal_at_any_time(family: Family) -> None:
    hitting = HittingSet(ITEMS)
    for one in family:
        if one.isdisjoint(hitting.chosen):
            hitting.hit(one)
        assert frozenset(hitting.chosen) in minimal_sets(hitting.family)


@settings(max_examples=200)
@given(families, orders, st.integers(0, len(ITEMS)), st.booleans())
def test_minimal_hitting_sets_are_those_of_the_enumeration(
    family: Family, order: Sequence[str], most: int, with_first: bool
) -> None:
    found = list(minimal_hitting_sets(order, first_missed(family), most, with_first=with_first))
    expected = [one for one in minimal_sets(family) if len(one) <= most]
    expected.sort(key=lambda one: (len(one), [(item in one) != with_first for item in order]))
    assert found == expected
    assert found == list(minimal_hitting_sets(order, last_missed(family), most, with_first=with_first))


@given(families, orders, st.booleans())
def test_the_smallest_hitting_set_is_the_smallest(family: Family, order: Sequence[str], with_first: bool) -> None:
    best = min(minimal_sets(family), key=lambda one: (len(one), [(item in one) != with_first for item in order]))
    assert smallest_hitting_set(order, family, with_first=with_first) == best


def test_minimal_hitting_sets_by_example() -> None:
    missed = first_missed([frozenset(text) for text in ("ab", "bc", "cd")])
    assert ["".join(sorted(one)) for one in minimal_hitting_sets("abcd", missed, 3)] == ["ac", "bc", "bd"]
    assert list(minimal_hitting_sets("abcd", missed, 1)) == []
