"""Runs independent tasks in several processes.

In: tasks without arguments, and how many processes may work on them. Out: their results, in the order of the tasks.
On Linux each process is a copy of this one and has everything built so far. Elsewhere it is a new one, to which tasks
are sent: so a task is a module-level function with its arguments, never a nested function. Results are plain data. If
one process is enough, or tasks are nested too deeply to be sent, they run here.

No worker outlives this process or this call, however they end. A worker that the system killed (mostly for lack of
memory) is no defect: another worker repeats its task alone, after the others, when the most memory is free. A task that
has cost two workers is given up if possible.
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
from typing import Any, Generic, Literal, TypeVar

from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.dsl.system.gc_pause import no_collection
from policyc.dsl.system.limits import OutOfTime, Undecided, limit_memory, memory_allowed, remaining
from policyc.dsl.system.signals import undisturbed

from .cache.answers import AnswerCache

T = TypeVar("T")

#: What a new process inherits: the tasks, the files that results may refer to and their indices, the cache.
_TASKS: Sequence[Callable[[], Any]] = ()
_FILES: Sequence[SourceFile] = ()
_PLACES: dict[int, int] = {}
_CACHE: AnswerCache | None = None

#: How processes start: as copies, which is safe on Linux only, or afresh.
METHOD: Literal["fork", "spawn"] = "fork" if sys.platform == "linux" else "spawn"

#: The fewest tasks worth another process.
_WORTHWHILE = 4
#: Receives how many tasks are done, of how many.
Watch = Callable[[int, int], None]

#: How many workers a task may cost.
_ATTEMPTS = 2


def share(
    tasks: Sequence[Callable[[], T]],
    jobs: int,
    files: Sequence[SourceFile],
    cache: AnswerCache | None = None,
    *,
    last: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    watch: Watch = lambda done, total: None,
) -> list[T]:
    """The results of the tasks. An exception of a task is raised here; what it learns is added to `cache`. A task that
    has cost two workers finally runs here, within `last`. `watch` receives how many tasks are done, of how many."""
    if jobs < 2 or len(tasks) < _WORTHWHILE:
        return _here(tasks, watch)
    try:
        sent = None if METHOD == "fork" else packed((tasks, files, cache, memory_allowed()))
    except RecursionError:
        return _here(tasks, watch)
    global _TASKS, _FILES, _CACHE
    _TASKS, _FILES, _CACHE = tasks, files, cache
    if cache is not None:
        cache.release()
    gc.freeze()  # the collector leaves existing objects alone, so that the copies share their memory
    try:
        with no_collection():
            done = _Done[T](len(tasks), watch)
            attempted = _attempt(min(jobs, len(tasks)), done, sent)
            while attempted and done.again():
                attempted = _attempt(1, done, sent)
    finally:
        gc.unfreeze()
        _TASKS, _FILES, _CACHE = (), (), None
    return [done.result(number, task, cache, last) for number, task in enumerate(tasks)]


def _here(tasks: Sequence[Callable[[], T]], watch: Watch) -> list[T]:
    results = []
    for task in tasks:
        results.append(task())
        watch(len(results), len(tasks))
    return results


def packed(content: object) -> bytes:
    """What a new process is sent. Objects that have a `rebuilt` (what makes them, with its arguments) are made anew there."""
    buffer = io.BytesIO()
    _Packer(buffer, pickle.HIGHEST_PROTOCOL).dump(content)
    return buffer.getvalue()


class _Packer(pickle.Pickler):
    def reducer_override(self, thing: object) -> Any:
        rebuilt = getattr(type(thing), "rebuilt", None)
        return NotImplemented if rebuilt is None else rebuilt(thing)


def _attempt(count: int, done: _Done[T], sent: bytes | None) -> bool:
    """Runs the waiting tasks in `count` workers, which receive in `sent` what they do not inherit; whether any started."""
    with _crew(count, sent) as crew:
        _oversee(crew, done)
        return bool(crew)


# --- Here --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    #: Its current task.
    task: int | None = None


class _Done(Generic[T]):
    """The results of the tasks so far."""

    def __init__(self, count: int, watch: Watch) -> None:
        self._count = count
        self._watch = watch
        self.waiting = deque(range(count))
        #: How many workers each task has cost.
        self._lost: dict[int, int] = {}
        self._results: dict[int, tuple[T, list[tuple[bytes, str]]]] = {}
        self._raised: dict[int, BaseException] = {}

    def take(self, number: int, content: bytes) -> None:
        """Records a worker's message about a task."""
        fine, *message = pickle.loads(content)
        if fine:
            result, learnt = message
            self._results[number] = result, learnt
            self._watch(len(self._results), self._count)
            return
        (self._raised[number],) = message
        # As if they ran in order: the first exception counts, and no task after it.
        self.waiting = deque(other for other in self.waiting if other < number)

    def lose(self, number: int) -> None:
        """Records that a worker ended during a task."""
        self._lost[number] = self._lost.get(number, 0) + 1

    def again(self) -> bool:
        """Queues the tasks that still count and have cost at most one worker; whether there are any."""
        end = min(self._raised, default=self._count)
        left = (number for number in range(end) if number not in self._results)
        self.waiting = deque(number for number in left if self._lost.get(number, 0) < _ATTEMPTS)
        return bool(self.waiting)

    def result(
        self,
        number: int,
        task: Callable[[], T],
        cache: AnswerCache | None,
        last: Callable[[], AbstractContextManager[None]],
    ) -> T:
        """The result of a task, which runs now if it has none."""
        if number in self._raised:
            raise self._raised[number]
        if number not in self._results:
            with last() if self._lost.get(number, 0) >= _ATTEMPTS else contextlib.nullcontext():
                return task()
        result, learnt = self._results[number]
        if cache is not None:
            cache.learn(learnt)
        return result


@contextlib.contextmanager
def _crew(count: int, sent: bytes | None) -> Iterator[list[_Worker]]:
    """A block with `count` worker processes."""
    context = get_context("fork") if METHOD == "fork" else get_context("spawn")
    crew = list[_Worker]()
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, sent), daemon=True)
            crew.append(_Worker(process, ours))
            try:
                process.start()
            except OSError:  # no more processes, or no memory for them: continue with those that started
                break
            finally:
                theirs.close()
        yield [worker for worker in crew if worker.process.pid is not None]
    finally:
        # Neither Ctrl-C nor an alarm may interrupt this: else some would live until this process ends.
        with undisturbed("SIGINT", "SIGALRM"):
            _dismiss(crew)


def _dismiss(crew: Sequence[_Worker]) -> None:
    """Kills all workers. They hold nothing that needs a clean-up, and may be in the middle of anything."""
    begun = [worker for worker in crew if worker.process.pid is not None]
    for worker in begun:
        worker.process.kill()
    for worker in begun:
        worker.process.join()
        worker.process.close()
    for worker in crew:
        worker.connection.close()


def _oversee(crew: Sequence[_Worker], done: _Done[T]) -> None:
    """Hands out the tasks in order and collects results, until nothing is left to do or time runs out."""
    busy = {worker.connection: worker for worker in crew if _hand_on(worker, done)}
    # Waiting takes no processor time, so here the limit is on wall-clock time.
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
            except (EOFError, OSError):  # the worker is gone; its task is repeated at the end
                done.lose(worker.task)
                del busy[connection]
            else:
                if not _hand_on(worker, done):
                    del busy[connection]


def _hand_on(worker: _Worker, done: _Done[T]) -> bool:
    """Sends a worker its next task, if there is one and the worker is alive."""
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


def _serve(connection: Connection, sent: bytes | None) -> None:
    """Runs the tasks it receives until it is killed; whatever happens, prints nothing."""
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent receives it, too
        _end_with_parent()
        _prepare(sent)
        while True:
            connection.send_bytes(_work(connection.recv()))
    os._exit(0)


_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Makes this process end with its parent, even if the parent is killed."""
    parent = parent_process()
    assert parent is not None
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # the parent ended before that
        os._exit(0)

    def watch() -> None:
        """For systems without that signal: waits on a pipe whose other end the parent holds."""
        parent.join()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _prepare(sent: bytes | None) -> None:
    global _TASKS, _FILES, _CACHE, _PLACES
    if sent is not None:
        _TASKS, _FILES, _CACHE, allowed = pickle.loads(sent)
        if allowed is not None:
            limit_memory(allowed)
    _PLACES = {id(file): place for place, file in enumerate(_FILES)}
    if _CACHE is not None:
        _CACHE.detach()


def _work(number: int) -> bytes:
    """The message about a task: that it succeeded, its result and what it learnt; or what it raised."""
    try:
        result = _TASKS[number]()
        buffer = io.BytesIO()
        writer = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
        writer.dispatch_table = _REDUCERS
        writer.dump((True, result, [] if _CACHE is None else _CACHE.news()))
    except MemoryError:  # others use it, so the task is repeated when they are done
        raise
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        return pickle.dumps((False, _portable(error)))
    return buffer.getvalue()


def _portable(error: Exception) -> Exception:
    """An exception in a form that can be sent to another process, with its traceback."""
    if isinstance(error, Undecided):
        return Undecided(error.reason)
    try:
        error.add_note(traceback.format_exc())
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - an exception's own code may raise anything
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _file(place: int) -> SourceFile:
    return _FILES[place]


def _reduced_file(file: SourceFile) -> Any:
    """Known files are sent by index, others whole."""
    place = _PLACES.get(id(file))
    return file.__reduce_ex__(pickle.HIGHEST_PROTOCOL) if place is None else (_file, (place,))


def _reduced_span(span: Span) -> Any:
    """Trees consist mostly of spans; this takes two thirds of the time of pickling them by default."""
    return Span, (span.file, span.start, span.end)


#: Types that are not pickled by default.
_REDUCERS: dict[type, Callable[[Any], Any]] = {SourceFile: _reduced_file, Span: _reduced_span}
