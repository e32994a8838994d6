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
from ..dsl.source import SourceFile
from .memory import Memory

T = TypeVar("T")

#: What the processes find when they are made: the tasks, the files that results may refer to, the memory.
_TASKS: Sequence[Callable[[], Any]] = ()
_FILES: Sequence[SourceFile] = ()
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
                        result, learnt = _Reader(io.BytesIO(content), files).load()
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
    if _MEMORY is not None:
        _MEMORY.part()


def _work(number: int) -> bytes:
    result = _TASKS[number]()
    buffer = io.BytesIO()
    _Writer(buffer, _FILES).dump((result, [] if _MEMORY is None else _MEMORY.news()))
    return buffer.getvalue()


class _Writer(pickle.Pickler):
    """Writes a result with the files it refers to left out."""

    def __init__(self, buffer: io.BytesIO, files: Sequence[SourceFile]) -> None:
        super().__init__(buffer, pickle.HIGHEST_PROTOCOL)
        self._places = {id(file): place for place, file in enumerate(files)}

    def persistent_id(self, obj: object) -> int | None:
        return self._places.get(id(obj)) if isinstance(obj, SourceFile) else None


class _Reader(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, files: Sequence[SourceFile]) -> None:
        super().__init__(buffer)
        self._files = files

    def persistent_load(self, pid: int) -> SourceFile:
        return self._files[pid]
