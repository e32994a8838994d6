"""Time in tests. A busy machine is slow by the clock, so no test is held to it: processor time is counted, and what
waits for others waits long. The clock ends only what would never end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds by the clock. Only what hangs takes as long, however busy the machine is.
HANGS = 600


def used() -> float:
    """Seconds of processor time that this process has taken, and those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """A block that may take so many seconds of processor time."""
    before = used()
    yield
    assert used() - before <= seconds


@contextmanager
def no_hang() -> Iterator[None]:
    """A block that ends before something that hangs does."""
    before = time.monotonic()
    yield
    assert time.monotonic() - before < HANGS


def awaited(condition: Callable[[], bool]) -> bool:
    """Whether something comes true."""
    end = time.monotonic() + HANGS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
