"""Time in tests. A busy machine is slow by the clock, so tests measure processor time, and waits are long. Limits
on wall-clock time only end what would never end."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from typing import TypeVar

T = TypeVar("T")

#: Seconds by the clock; only something that hangs takes so long, however busy the machine.
HANGS = 600


def used() -> float:
    """The processor time of this process and of its finished children, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def with_today(work: Callable[[], T], zone: tzinfo | None = None) -> tuple[T, set[date]]:
    """What a piece of work returns, and the days that it may have taken for today: two if midnight passed."""
    before = datetime.now(zone).date()
    result = work()
    return result, {before, datetime.now(zone).date()}


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """A block that may take at most so many seconds of processor time."""
    before = used()
    yield
    assert used() - before <= seconds


@contextmanager
def no_hang() -> Iterator[None]:
    """A block that fails if it hangs."""
    before = time.monotonic()
    yield
    assert time.monotonic() - before < HANGS


def awaited(condition: Callable[[], bool]) -> bool:
    """Whether a condition becomes true."""
    end = time.monotonic() + HANGS
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
