"""Limits of time and memory that hold everywhere: in the evaluator, in our own searches, in a solver.

In: how long a piece of work may take. Out: `Undecided`, raised in the middle of it once its time is over. In the main
thread an alarm interrupts our own code between any two steps, so no loop has to watch the time (a library call returns
first); a solver receives the time left and returns by itself. In other threads, and on systems without alarms, each
call of `tick` checks the limit.

Time is processor time of the working thread: nothing here waits, and a busy machine answers what a quiet one does, only
later.

Limits nest: within one, a share of the time left can be set aside for work whose result is welcome but not needed.

INVARIANT: what is interrupted stays usable. So tables are filled in one step, once their values are complete; and
nothing is raised during an import or a clean-up, which could not be undone.
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

#: Seconds for a question, by default.
DEFAULT_SECONDS: Final = 30.0

#: Bytes that a process may take, by default.
DEFAULT_MEMORY: Final = 4_000_000_000

#: Seconds between two checks of time and memory while a limit is set.
_WATCH = 0.05

#: The share of the memory allowed at which a question is given up. The rest is room to give up in order: once the
#: system refuses memory, Python itself may fail.
_NEARLY = 0.85

#: How many bytes this process may take, if there is a limit.
_allowed: int | None = None

#: When the innermost limit ends, on the clock of `thread_time`.
_END: ContextVar[float | None] = ContextVar("end of the work's time", default=None)


class Undecided(Exception):
    """A question not answered within the time or memory allowed: neither yes nor no."""

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
    """There are too many ways of settling conflicting values."""

    def __init__(self) -> None:
        super().__init__("size")


#: What has run out once the limit has ended.
_LACK: ContextVar[type[OutOfTime | OutOfMemory]] = ContextVar("what has run out", default=OutOfTime)


def remaining() -> float | None:
    """Seconds until the innermost limit ends, 0 if it has; `None` without a limit."""
    end = _END.get()
    return None if end is None else max(0.0, end - thread_time())


def tick() -> None:
    """Raises `OutOfTime` if the time is over, `OutOfMemory` if the work was given up for lack of memory."""
    end = _END.get()
    if end is not None and thread_time() >= end:
        raise _LACK.get()


@contextlib.contextmanager
def given_up() -> Iterator[None]:
    """A block in which no question is answered, since memory ran out when it was tried."""
    end, lack = _END.set(-inf), _LACK.set(OutOfMemory)
    try:
        yield
    finally:
        _END.reset(end)
        _LACK.reset(lack)


def limit_memory(size: int) -> Callable[[], None]:
    """Limits the memory of this process and its children to `size` bytes and returns a function that lifts the limit.

    A refused allocation becomes `Undecided` in a `limited` block. No effect where the system has no such limit
    (Windows; macOS does not enforce it)."""
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


def memory_allowed() -> int | None:
    """The memory limit of this process in bytes, if any, for child processes that do not inherit it."""
    return _allowed


def _is_nearly_full() -> bool:
    """Whether this process is close to its memory limit, as far as the system reports it."""
    if _allowed is None:
        return False
    try:
        with open("/proc/self/statm", "rb") as file:
            pages = int(file.read().split()[1])
    except (OSError, ValueError, IndexError):
        return False
    return pages * mmap.PAGESIZE > _allowed * _NEARLY


class limited:
    """A block that may take so many seconds; `None` adds no limit. An outer limit still holds.

    It also raises `Undecided` if the memory of the process runs out inside.
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
    """A block that may take this fraction of the time left; the rest is for what comes after it."""
    left = remaining()
    return limited(None if left is None else left * fraction)


def _has_alarms() -> bool:
    """Whether an alarm is available: on this system, in this thread, and not used by anyone else."""
    return (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGALRM) is not None
        and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    )


def _set_alarm() -> None:
    """Sets the alarm for the innermost limit, if we own the alarm."""
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
    """Whether foreign code is running, a limit is being set or lifted, a module imported or an object finalised."""
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

#: Files whose code, and whatever it calls, must not be interrupted.
_UNINTERRUPTED: Final = frozenset({__file__, "<frozen importlib._bootstrap>", contextlib.__file__})
