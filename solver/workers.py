"""Independent pieces of work, shared among processes.

In: tasks without arguments, and how many processes may work on them. Out: their results, in the order of the
tasks, whoever did them. A process is a copy of this one, so a task may use whatever has been built so far;
results must be plain data. Where processes cannot be copied, or one is enough, the tasks are done here.
"""

from __future__ import annotations

import gc
import io
import pickle
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

from ..dsl.collection import no_collection
from ..dsl.source import SourceFile, Span
from .memory import Memory

T = TypeVar("T")

#: What the processes find when they are made: the tasks, the files that results may refer to and their places,
#: the memory.
_TASKS: Sequence[Callable[[], Any]] = ()
_FILES: Sequence[SourceFile] = ()
_PLACES: dict[int, int] = {}
_MEMORY: Memory | None = None

#: Fewer tasks are not worth another process.
_WORTHWHILE = 4


def share(
    tasks: Sequence[Callable[[], T]], jobs: int, files: Sequence[SourceFile], memory: Memory | None = None
) -> list[T]:
    """The results of the tasks. What a task raises is raised here; what it learns, the memory is told."""
    if jobs < 2 or len(tasks) < _WORTHWHILE or sys.platform != "linux":
        return [task() for task in tasks]
    global _TASKS, _FILES, _MEMORY
    _TASKS, _FILES, _MEMORY = tasks, files, memory
    gc.freeze()  # what exists now is left alone, so that the copies share its memory
    results: list[T] = []
    try:
        with ProcessPoolExecutor(min(jobs, len(tasks)), get_context("fork"), _begin) as pool:
            try:
                with no_collection():
                    for content in pool.map(_work, range(len(tasks))):
                        result, learnt = pickle.loads(content)
                        results.append(result)
                        if memory is not None:
                            memory.learn(learnt)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        gc.unfreeze()
        _TASKS, _FILES, _MEMORY = (), (), None
    return results


def _begin() -> None:
    global _PLACES
    _PLACES = {id(file): place for place, file in enumerate(_FILES)}
    if _MEMORY is not None:
        _MEMORY.part()


def _work(number: int) -> bytes:
    result = _TASKS[number]()
    buffer = io.BytesIO()
    writer = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    writer.dispatch_table = _REDUCERS
    writer.dump((result, [] if _MEMORY is None else _MEMORY.news()))
    return buffer.getvalue()


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
