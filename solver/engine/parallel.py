"""Independent pieces of work, shared among processes.

In: tasks without arguments, and how many processes may work on them. Out: their results, in the order of the
tasks, whoever did them. A process is a copy of this one, so a task may use whatever has been built so far;
results must be plain data. Where processes cannot be copied, or one is enough, the tasks are done here.

No worker outlives this process, whatever ends it; nor this call, whatever ends that. A worker that the system has
ended (for want of memory, mostly) is no defect: what it was doing is done again by another, alone, once the others
are through, so that there is as much memory as there can be. What has cost two of them is given up, if that can be.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import io
import os
import pickle
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import inf
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Any, Generic, TypeVar

from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.dsl.system.gc_pause import no_collection
from policyc.dsl.system.limits import OutOfTime, Undecided, remaining

from .cache.answers import AnswerCache

T = TypeVar("T")

#: What the processes find when they are made: the tasks, the files that results may refer to and their places,
#: the memory.
_TASKS: Sequence[Callable[[], Any]] = ()
_FILES: Sequence[SourceFile] = ()
_PLACES: dict[int, int] = {}
_MEMORY: AnswerCache | None = None

#: Fewer tasks are not worth another process.
_WORTHWHILE = 4
#: So many workers may a task cost.
_ATTEMPTS = 2


def share(
    tasks: Sequence[Callable[[], T]],
    jobs: int,
    files: Sequence[SourceFile],
    memory: AnswerCache | None = None,
    *,
    last: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
) -> list[T]:
    """The results of the tasks. What a task raises is raised here; what it learns, the memory is told. A task that
    has cost two workers is done here at last, within `last`."""
    if jobs < 2 or len(tasks) < _WORTHWHILE or sys.platform != "linux":
        return [task() for task in tasks]
    global _TASKS, _FILES, _MEMORY
    _TASKS, _FILES, _MEMORY = tasks, files, memory
    if memory is not None:
        memory.let_go()
    gc.freeze()  # what exists now is left alone, so that the copies share its memory
    try:
        with no_collection():
            done = _Done[T](len(tasks))
            attempted = _attempt(min(jobs, len(tasks)), done)
            while attempted and done.again():
                attempted = _attempt(1, done)
    finally:
        gc.unfreeze()
        _TASKS, _FILES, _MEMORY = (), (), None
    return [done.result(number, task, memory, last) for number, task in enumerate(tasks)]


def _attempt(count: int, done: _Done[T]) -> bool:
    """Has so many workers do what waits, if there can be any."""
    with _crew(count) as crew:
        _oversee(crew, done)
        return bool(crew)


# --- Here --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    #: The task that it is at.
    task: int | None = None


class _Done(Generic[T]):
    """What has come of the tasks so far."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.waiting = deque(range(count))
        #: How many workers each task has cost.
        self._lost: dict[int, int] = {}
        self._results: dict[int, tuple[T, list[tuple[bytes, str]]]] = {}
        self._raised: dict[int, BaseException] = {}

    def take(self, number: int, content: bytes) -> None:
        """What a worker says about a task."""
        fine, *told = pickle.loads(content)
        if fine:
            result, learnt = told
            self._results[number] = result, learnt
            return
        (self._raised[number],) = told
        # The first that raises is the one that counts, as if they were done in order: none after it matters.
        self.waiting = deque(other for other in self.waiting if other < number)

    def lose(self, number: int) -> None:
        """Notes that a worker ended in the midst of a task."""
        self._lost[number] = self._lost.get(number, 0) + 1

    def again(self) -> bool:
        """Whether something is left to do that matters and has cost no more than one worker; it waits then."""
        end = min(self._raised, default=self._count)
        left = (number for number in range(end) if number not in self._results)
        self.waiting = deque(number for number in left if self._lost.get(number, 0) < _ATTEMPTS)
        return bool(self.waiting)

    def result(
        self,
        number: int,
        task: Callable[[], T],
        memory: AnswerCache | None,
        last: Callable[[], AbstractContextManager[None]],
    ) -> T:
        """What came of a task; where nothing did, what comes of it now."""
        if number in self._raised:
            raise self._raised[number]
        if number not in self._results:
            with last() if self._lost.get(number, 0) >= _ATTEMPTS else contextlib.nullcontext():
                return task()
        result, learnt = self._results[number]
        if memory is not None:
            memory.learn(learnt)
        return result


@contextlib.contextmanager
def _crew(count: int) -> Iterator[list[_Worker]]:
    """So many processes, for a while."""
    context, crew = get_context("fork"), list[_Worker]()
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), daemon=True)
            crew.append(_Worker(process, ours))
            try:
                process.start()
            except OSError:  # no more processes, or no memory for them: those that there are will do
                break
            finally:
                theirs.close()
        yield [worker for worker in crew if worker.process.pid is not None]
    finally:
        # Nothing may come between, be it Ctrl-C or an alarm: else some would stay until this process ends.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGALRM})
        try:
            _dismiss(crew)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _dismiss(crew: Sequence[_Worker]) -> None:
    """Ends all workers. They hold nothing that must be put in order, and may be in the middle of anything."""
    begun = [worker for worker in crew if worker.process.pid is not None]
    for worker in begun:
        worker.process.kill()
    for worker in begun:
        worker.process.join()
        worker.process.close()
    for worker in crew:
        worker.connection.close()


def _oversee(crew: Sequence[_Worker], done: _Done[T]) -> None:
    """Hands out the tasks in order, and takes what comes of them, until there is nothing more to do or no time."""
    busy = {worker.connection: worker for worker in crew if _hand_on(worker, done)}
    # Who waits spends no time of the processor, so here the clock on the wall tells when it is over.
    left = remaining()
    end = inf if left is None else monotonic() + left
    while busy:
        ready = wait(list(busy), None if left is None else max(0.0, end - monotonic()))
        if monotonic() >= end:
            raise OutOfTime
        for connection in ready:
            assert isinstance(connection, Connection)
            worker = busy[connection]
            assert worker.task is not None
            try:
                done.take(worker.task, connection.recv_bytes())
            except (EOFError, OSError):  # it is no more, and its task is left for the end
                done.lose(worker.task)
                del busy[connection]
            else:
                if not _hand_on(worker, done):
                    del busy[connection]


def _hand_on(worker: _Worker, done: _Done[T]) -> bool:
    """Gives a worker its next task, if there is one and the worker is still there."""
    if not done.waiting:
        return False
    worker.task = done.waiting.popleft()
    try:
        worker.connection.send(worker.task)
    except OSError:
        done.lose(worker.task)
        return False
    return True


# --- In a worker -------------------------------------------------------------------------------------------


def _serve(connection: Connection) -> None:
    """Does the tasks it is given until it is ended, and never says a word about how that came about."""
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the process that it works for is told, too
        _end_with_parent()
        _prepare()
        while True:
            connection.send_bytes(_work(connection.recv()))
    os._exit(0)


_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Has this process end together with the one that it works for, even if that one is killed."""
    parent = parent_process()
    assert parent is not None
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # it ended before that
        os._exit(0)

    def watch() -> None:
        """For where the system does not do so: a pipe, of which the parent has the other end."""
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def _prepare() -> None:
    global _PLACES
    _PLACES = {id(file): place for place, file in enumerate(_FILES)}
    if _MEMORY is not None:
        _MEMORY.part()


def _work(number: int) -> bytes:
    """What comes of a task: that it was done, its result, and what was learnt; or what it raised."""
    try:
        result = _TASKS[number]()
        buffer = io.BytesIO()
        writer = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
        writer.dispatch_table = _REDUCERS
        writer.dump((True, result, [] if _MEMORY is None else _MEMORY.news()))
    except MemoryError:  # others have it: so it is done again when they are through
        raise
    except Exception as error:  # noqa: BLE001 - raised again where somebody can make something of it
        return pickle.dumps((False, _portable(error)))
    return buffer.getvalue()


def _portable(error: Exception) -> Exception:
    """An exception in a form that goes from one process to another, with where it came from."""
    if isinstance(error, Undecided):
        return Undecided(error.reason)
    try:
        error.add_note(traceback.format_exc())
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever an exception's own code may raise
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _file(place: int) -> SourceFile:
    return _FILES[place]


def _reduced_file(file: SourceFile) -> Any:
    """The files that results refer to are left out; others go as they are."""
    place = _PLACES.get(id(file))
    return file.__reduce_ex__(pickle.HIGHEST_PROTOCOL) if place is None else (_file, (place,))


def _reduced_span(span: Span) -> Any:
    """Most of what a tree is made of; so it takes two thirds of the time."""
    return Span, (span.file, span.start, span.end)


#: What goes from one process to another otherwise than by itself.
_REDUCERS: dict[type, Callable[[Any], Any]] = {SourceFile: _reduced_file, Span: _reduced_span}
