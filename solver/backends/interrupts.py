"""Ctrl-C ends the command at once, whatever it is doing.

Python raises an exception and frees every object on the way out, which takes seconds for a large set. The command
prints its reports whole or not at all, so there is nothing to clean up. Callers from Python keep Python's behaviour
unless they call `end_at_once`.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

#: The exit code that shells give a process interrupted from the keyboard.
INTERRUPTED = 130


def end_at_once() -> None:
    """From now on Ctrl-C ends this process, unless its parent made it ignore Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler and _is_main():
        signal.signal(signal.SIGINT, _end)


def _end(*_: Any) -> None:
    os._exit(INTERRUPTED)


def pass_on() -> NoReturn:
    """Interrupts the whole run after a solver has caught Ctrl-C itself."""
    signal.raise_signal(signal.SIGINT)
    raise KeyboardInterrupt


@contextmanager
def default_interrupt() -> Iterator[None]:
    """A block, such as a long library call, in which Python cannot handle Ctrl-C: the system ends the process."""
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
