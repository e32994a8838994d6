"""Limits of time and memory that hold wherever the work is: in the evaluator, in a search of our own, in a solver.

In: how long a piece of work may take. Out: `Undecided`, raised in the midst of it once its time is over, whatever
it does just then. In the main thread an alarm interrupts our own code between any two of its steps, so that no loop
has to remember the time (a library is left to return first); a solver is told how much is left and returns by itself.
In other threads, and where the system has no alarms, the limit is seen at each call of `tick`.

Time is that of the processor, spent by the thread that does the work: nothing here waits, and what can be answered on a
quiet machine is answered on a busy one too, only later.

Limits nest: within one, a part of what is left can be set aside for work whose result is welcome but not needed.

INVARIANT: what is interrupted must stay fit for use. So tables are filled in one step, after what they hold has
been worked out; and nothing is raised while something is imported or cleaned up, since that could not be undone.
"""

from __future__ import annotations

import contextlib
import mmap
import signal
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from math import inf
from time import thread_time
from types import FrameType, TracebackType
from typing import Any, Final

#: Seconds for a question where nobody says otherwise.
DEFAULT_SECONDS: Final = 30.0

#: Bytes that a process may take where nobody says otherwise.
DEFAULT_MEMORY: Final = 4_000_000_000

#: While there is a limit, time and memory are looked at every so many seconds.
_WATCH = 0.05

#: The part of the memory allowed at which a question is given up. Beyond it there must be room to give it up in
#: order: where the system refuses memory, Python itself may stumble.
_NEARLY = 0.85

#: How many bytes this process may take, if there is a limit.
_allowed: int | None = None

#: When the innermost limit ends, as `thread_time` tells the time.
_END: ContextVar[float | None] = ContextVar("end of the work's time", default=None)


class Undecided(Exception):
    """A question that could not be answered with the time or memory allowed: neither a yes nor a no."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutOfTime(Undecided):
    """The time of a question, or of a part of it, is over."""

    def __init__(self) -> None:
        super().__init__("timeout")


class OutOfMemory(Undecided):
    """The process may not take more memory."""

    def __init__(self) -> None:
        super().__init__("memory")


class TooMany(Undecided):
    """There are more ways of settling conflicting values than anyone counts."""

    def __init__(self) -> None:
        super().__init__("size")


#: What is wanting where the time is over.
_LACK: ContextVar[type[OutOfTime | OutOfMemory]] = ContextVar("what is wanting", default=OutOfTime)


def remaining() -> float | None:
    """Seconds until the innermost limit ends, 0 if it has; `None` where there is no limit."""
    end = _END.get()
    return None if end is None else max(0.0, end - thread_time())


def tick() -> None:
    """Raises `OutOfTime` if the time is over, `OutOfMemory` where the work is given up for want of that."""
    end = _END.get()
    if end is not None and thread_time() >= end:
        raise _LACK.get()


@contextlib.contextmanager
def given_up() -> Iterator[None]:
    """A block in which no question is answered: it was tried, and memory ran out."""
    end, lack = _END.set(-inf), _LACK.set(OutOfMemory)
    try:
        yield
    finally:
        _END.reset(end)
        _LACK.reset(lack)


def limit_memory(size: int) -> Callable[[], None]:
    """Lets this process, and those it makes, take so many bytes at most: the system refuses more, which becomes
    `Undecided` in a block that is `limited`. Gives what lifts the limit. Where the system knows no such limit
    (Windows; macOS does not keep to it), nothing happens."""
    try:
        import resource
    except ImportError:
        return lambda: None
    global _allowed
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    _allowed = min(limit for limit in (size, soft, hard) if limit != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (_allowed, hard))

    def lift() -> None:
        global _allowed
        _allowed = None
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))

    return lift


def _is_nearly_full() -> bool:
    """Whether the memory of this process comes to its limit, as far as the system tells."""
    if _allowed is None:
        return False
    try:
        with open("/proc/self/statm", "rb") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return False
    return pages * mmap.PAGESIZE > _allowed * _NEARLY


class limited:
    """A block that may take so many seconds; `None` adds no limit. A limit around it holds as well.

    Memory that runs out inside, which the system limits for the process, is `Undecided` as well.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._outer: float | None = None
        self._handler: Any = None
        self._alarmed = False

    def __enter__(self) -> None:
        self._outer = _END.get()
        if self._seconds is None:
            return
        end = thread_time() + self._seconds
        _END.set(end if self._outer is None else min(end, self._outer))
        if self._outer is None and _has_alarms():
            self._handler = signal.signal(signal.SIGALRM, _interrupt)
            self._alarmed = True
        _set_alarm()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seconds is not None:
            _END.set(self._outer)
            _set_alarm()
            if self._alarmed:
                signal.signal(signal.SIGALRM, self._handler)
        if isinstance(error, MemoryError) or (isinstance(error, SystemError) and _is_nearly_full()):
            raise OutOfMemory from error


def share_of_time(fraction: float) -> limited:
    """A block that may take this part of the time that is left; the rest is for what comes after it."""
    left = remaining()
    return limited(None if left is None else left * fraction)


def _has_alarms() -> bool:
    """Whether the system, this thread and whoever uses alarms already leave us one."""
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is not None
        and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    )


def _set_alarm() -> None:
    """Sets the alarm for the innermost limit, if the alarms are ours."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGALRM) is not _interrupt
    ):
        return
    left = remaining()
    if left is None:
        signal.setitimer(signal.ITIMER_REAL, 0)
    else:
        signal.setitimer(signal.ITIMER_REAL, min(max(left, 1e-6), _WATCH), _WATCH)


def _interrupt(_signal: int, frame: FrameType | None) -> None:
    if _is_bad_moment(frame):
        return  # the alarm is repeated
    tick()
    if _is_nearly_full():
        raise OutOfMemory


def _is_bad_moment(frame: FrameType | None) -> bool:
    """Whether other code than our own is at work, a limit is just being set or lifted, a module imported, or an object
    done away with."""
    if frame is None or str(frame.f_globals.get("__name__")).partition(".")[0] != _OURS:
        return True
    while frame is not None:
        code = frame.f_code
        if code.co_filename in _UNINTERRUPTED or code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


#: The package whose code may be interrupted.
_OURS: Final = __name__.partition(".")[0]

#: Code that must not be, nor what it calls, by the name of its file.
_UNINTERRUPTED: Final = frozenset({__file__, "<frozen importlib._bootstrap>", contextlib.__file__})
