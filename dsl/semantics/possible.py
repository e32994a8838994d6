"""Values that depend on how conflicting parameters are settled.

A *possible* value is a plain one, or a `Fork`: a conflicting parameter with the result for each of its values,
which may fork again. It is a decision diagram: parameters come in one order on every path, and equal parts are the
same object. So if thirty conflicting parameters are added up, or each of them can make a condition false, that takes
hundreds of forks and not a thousand million alternatives; the rare values that stay too large are given up (`TooMany`).

In: plain values and functions of them. Out: possible values. This module knows nothing of rules or expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Generic, TypeAlias, TypeVar

from ..system.limits import TooMany

T = TypeVar("T")

#: The most steps taken for the alternatives of one case.
MOST_STEPS = 50_000


class Fork(Generic[T]):
    """The result for each value of one conflicting parameter. Equal only to itself: `Forks` shares equal forks."""

    __slots__ = ("branches", "last", "place")
    last: int

    def __init__(self, place: int, branches: tuple[tuple[Hashable, T | Fork[T]], ...]) -> None:
        #: The place of the parameter in the order.
        self.place = place
        #: Its values in order, each with the result for it.
        self.branches = branches
        #: The last place of any parameter in it.
        self.last = max([place, *(inner.last for _, inner in branches if isinstance(inner, Fork))])


Possible: TypeAlias = T | Fork[T]


class Forks:
    """The forks of one case."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Fork[Any]] = {}
        self._steps = 0

    def fork(self, place: int, branches: Sequence[tuple[Hashable, Possible[T]]]) -> Possible[T]:
        """A fork, or the branch itself if all branches are the same."""
        kinds = [_kind(branch) for _, branch in branches]
        if all(kind == kinds[0] for kind in kinds):
            return branches[0][1]
        key = (place, tuple(label for label, _ in branches), tuple(kinds))
        if key not in self._known:
            self._known[key] = Fork(place, tuple(branches))
        return self._known[key]

    def of(self, function: Callable[..., Possible[T]], *operands: Any) -> Possible[T]:
        """A function applied to possible values, for every way of settling the parameters. Forks that it makes itself
        must come later in the order than those of its operands."""
        if Fork not in map(type, operands):
            return function(*operands)
        done: dict[Hashable, Possible[T]] = {}
        waiting = [operands]
        while waiting:  # no recursion, since there may be many parameters
            current = waiting[-1]
            key = tuple(map(_kind, current))
            if key in done:
                waiting.pop()
                continue
            forks = [operand for operand in current if isinstance(operand, Fork)]
            if not forks:
                done[key] = function(*waiting.pop())
                continue
            top = min(forks, key=_place)
            settled = [(label, _settled(current, top.place, at)) for at, (label, _) in enumerate(top.branches)]
            missing = [inner for _, inner in settled if tuple(map(_kind, inner)) not in done]
            if missing:
                waiting += missing
                continue
            self._count(len(settled))
            done[key] = self.fork(top.place, [(label, done[tuple(map(_kind, inner))]) for label, inner in settled])
            waiting.pop()
        return done[tuple(map(_kind, operands))]

    def fold(self, function: Callable[[Any, Any], Possible[T]], start: Any, rest: Iterable[Any]) -> Possible[T]:
        """A function of two values folded over many possible ones."""
        operands = [start, *rest]
        forks = [operand for operand in operands if isinstance(operand, Fork)]
        if forks and all(one.last < other.place for one, other in pairwise(forks)):
            return self._one_by_one(function, operands)
        total: Possible[T] = start
        for operand in operands[1:]:
            total = self.of(function, total, operand)
        return total

    def _one_by_one(self, function: Callable[[Any, Any], Any], operands: Sequence[Any]) -> Possible[T]:
        """The same if each operand forks only by parameters after those of the operands before it: then all that
        counts of these is their total."""
        done: dict[Hashable, Possible[T]] = {}
        beginning = _onward(function, operands, None, 0, operands[0])
        waiting = [beginning]
        while waiting:
            total, at, fork = waiting[-1]
            if fork is None:
                done[_state(waiting.pop())] = total
                continue
            inner = [(label, _onward(function, operands, total, at, branch)) for label, branch in fork.branches]
            missing = [after for _, after in inner if _state(after) not in done]
            if missing:
                waiting += missing
                continue
            self._count(len(inner))
            branches = [(label, done[_state(after)]) for label, after in inner]
            done[_state(waiting.pop())] = self.fork(fork.place, branches)
        return done[_state(beginning)]

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooMany


def outcomes(possible: Any) -> list[Any]:
    """The plain values of a possible one, each once; first the one where every parameter has its first value."""
    found: dict[Hashable, Any] = {}
    seen: set[int] = set()
    waiting = [possible]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, Fork):
            found.setdefault(_kind(current), current)
        elif id(current) not in seen:
            seen.add(id(current))
            waiting += [branch for _, branch in reversed(current.branches)]
    return list(found.values())


def first(possible: Any) -> Any:
    """The plain value where every parameter has its first value."""
    while isinstance(possible, Fork):
        possible = possible.branches[0][1]
    return possible


def _kind(possible: Any) -> Hashable:
    """The identity of a possible value, with its type, since 1 and true are equal in Python."""
    return (type(possible), possible)


def _onward(
    function: Callable[[Any, Any], Any], operands: Sequence[Any], total: Any, at: int, operand: Any
) -> tuple[Any, int, Any]:
    """The next operand that forks, with its index and the total of those before it; no fork beyond the last."""
    while not isinstance(operand, Fork):
        total, at = function(total, operand) if at else operand, at + 1
        if at == len(operands):
            return total, at, None
        operand = operands[at]
    return total, at, operand


def _state(state: tuple[Any, int, Any]) -> Hashable:
    total, at, fork = state
    return _kind(total), at, fork


def _place(fork: Fork[Any]) -> int:
    return fork.place


def _settled(operands: Sequence[Any], place: int, at: int) -> tuple[Any, ...]:
    """The operands with one parameter settled to one of its values."""
    return tuple(
        operand.branches[at][1] if isinstance(operand, Fork) and operand.place == place else operand
        for operand in operands
    )
