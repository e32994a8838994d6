"""Blocks of code that signals must not interrupt."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed(*names: str) -> Iterator[None]:
    """A block during which the named signals wait, if the system has them and can block them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    known = {getattr(signal, name) for name in names if hasattr(signal, name)}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, known)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
