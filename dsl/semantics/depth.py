"""Values that depend on each other: each computed once, however long the chain.

In: a function from a key to its value, which asks for the values of other keys on the way. Definitions,
parameters and decisions never depend on themselves (PC106), so this ends. Chains may be hundreds long and Python's
stack is short: a key that would get too deep is put off, computed from an empty stack, and then read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..model import Expr, parts

K = TypeVar("K", bound=Hashable)

#: How many frames of Python's stack (it holds 1000) are used before a key is put off.
DEEPEST = 400


class Depth:
    """The frames in use, shared by everything that depends on each other."""

    def __init__(self) -> None:
        self.frames = 0


class Handled(Exception):
    """An exception that computing a key may raise and its reader handles."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """The exception of a key that was put off, kept for its reader, which is not on the stack."""

    error: Handled


class _PutOff(Exception):
    """A key must be computed before its reader."""

    def __init__(self, owner: Settled[Any], key: Hashable) -> None:
        self.what = owner, key


class Settled(Generic[K]):
    """Values by key, each computed on first use."""

    def __init__(self, work_out: Callable[[K], Any], frames: Callable[[K], int], depth: Depth | None = None) -> None:
        """`frames` gives the frames that computing a key takes, without those of the keys it reads. Instances that
        read each other share a `depth`."""
        self._work_out = work_out
        self._frames = frames
        self._depth = depth or Depth()
        self._known: dict[K, Any] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._known

    def __getitem__(self, key: K) -> Any:
        if key not in self._known:
            if self._depth.frames == 0:
                _from_the_top(self, key)
            elif self._depth.frames + self._frames(key) > DEEPEST:
                raise _PutOff(self, key)
            else:
                self._deeper(key)
        found = self._known[key]
        if isinstance(found, _Raised):
            raise found.error.with_traceback(None)
        return found

    def _deeper(self, key: K) -> None:
        if key not in self._known:
            before, frames = self._depth.frames, self._frames(key)
            try:
                self._depth.frames = before + frames
                self._known[key] = self._work_out(key)
            finally:  # also if time runs out meanwhile
                self._depth.frames = before


def _from_the_top(owner: Settled[Any], key: Hashable) -> None:
    waiting = [(owner, key)]
    while waiting:
        first, wanted = waiting[-1]
        try:
            first._deeper(wanted)
        except _PutOff as put_off:
            waiting.append(put_off.what)
        except Handled as error:
            if len(waiting) == 1:
                raise
            first._known[wanted] = _Raised(error)
            waiting.pop()
        else:
            waiting.pop()


def levels(expression: Expr) -> int:
    """The number of levels of an expression, definitions not followed."""
    deepest = 0
    waiting = [(expression, 1)]
    while waiting:
        inner, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(part, level + 1) for part in parts(inner)]
    return deepest
