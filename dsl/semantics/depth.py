"""Working out what hangs on each other, each thing once and however long the chain.

In: a function from a key to its value, which asks for the values of other keys on the way. Definitions,
parameters and decisions do not hang on themselves (PC106), so this comes to an end. Authors may chain them by the
hundred, and Python's stack is short: what would get too deep is put off, worked out from the top, and then read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..model import Expr, parts

K = TypeVar("K", bound=Hashable)

#: So many frames of Python's stack (it holds 1000) may lie on each other before something is put off.
DEEPEST = 400


class Depth:
    """How deep some things that hang on each other have got."""

    def __init__(self) -> None:
        self.frames = 0


class Heard(Exception):
    """What can come of working something out and is the business of what reads it."""


@dataclass(frozen=True, slots=True)
class _Raised:
    """What came of a key that was put off, kept until it is read, since nobody who could hear it was there."""

    heard: Heard


class _PutOff(Exception):
    """Something must be worked out before what reads it."""

    def __init__(self, owner: Settled[Any], key: Hashable) -> None:
        self.what = owner, key


class Settled(Generic[K]):
    """Values by key, each worked out when it is first asked for."""

    def __init__(
        self, work_out: Callable[[K], Any], frames: Callable[[K], int], depth: Depth | None = None
    ) -> None:
        """`frames` says how many frames it takes to work a key out, what it reads not counted. Those that read
        each other share a `depth`."""
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
            raise found.heard.with_traceback(None)
        return found

    def _deeper(self, key: K) -> None:
        if key not in self._known:
            before, frames = self._depth.frames, self._frames(key)
            try:
                self._depth.frames = before + frames
                self._known[key] = self._work_out(key)
            finally:  # also where time runs out in the midst of it
                self._depth.frames = before


def _from_the_top(owner: Settled[Any], key: Hashable) -> None:
    waiting = [(owner, key)]
    while waiting:
        first, wanted = waiting[-1]
        try:
            first._deeper(wanted)
        except _PutOff as put_off:
            waiting.append(put_off.what)
        except Heard as heard:
            if len(waiting) == 1:
                raise
            first._known[wanted] = _Raised(heard)
            waiting.pop()
        else:
            waiting.pop()


def levels(expression: Expr) -> int:
    """How many levels an expression has, definitions not followed."""
    deepest = 0
    waiting = [(expression, 1)]
    while waiting:
        inner, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(part, level + 1) for part in parts(inner)]
    return deepest
