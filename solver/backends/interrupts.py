"""Ctrl-C: a program of its own ends at once, whatever it is doing.

Python raises an exception where it is interrupted, and does away with everything on the way out; of a large set
that takes seconds. A program whose reports appear whole or not at all has nothing to put in order. Whoever uses
policyc from Python keeps Python's way: nothing here happens unless `end_at_once` is called.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

#: As shells count a process that was interrupted from the keyboard.
INTERRUPTED = 130


def end_at_once() -> None:
    """From now on Ctrl-C ends this process, unless whoever started it wants it to be deaf to that."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler and _is_main():
        signal.signal(signal.SIGINT, _end)


def _end(*_: Any) -> None:
    os._exit(INTERRUPTED)


def pass_on() -> NoReturn:
    """For a solver that has caught Ctrl-C itself, though it was meant for the whole run."""
    signal.raise_signal(signal.SIGINT)
    raise KeyboardInterrupt


@contextmanager
def unheard() -> Iterator[None]:
    """A call during which Python hears of no signal: the system itself ends the process then."""
    if signal.getsignal(signal.SIGINT) is not _end or not _is_main():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _end)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
