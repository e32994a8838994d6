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

from ..dsl.source import SourceFile

T = TypeVar("T")

#: What the processes find when they are made: the tasks, and the files that results may refer to.
_TASKS: Sequence[Callable[[], Any]] = ()
_FILES: Sequence[SourceFile] = ()

#: Fewer tasks are not worth another process.
_WORTHWHILE = 4


def share(tasks: Sequence[Callable[[], T]], jobs: int, files: Sequence[SourceFile]) -> list[T]:
    """The results of the tasks. What a task raises is raised here."""
    if jobs < 2 or len(tasks) < _WORTHWHILE or sys.platform != "linux":
        return [task() for task in tasks]
    global _TASKS, _FILES
    _TASKS, _FILES = tasks, files
    gc.freeze()  # what exists now is left alone, so that the copies share its memory
    try:
        with ProcessPoolExecutor(min(jobs, len(tasks)), get_context("fork")) as pool:
            try:
                packed = list(pool.map(_work, range(len(tasks))))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        gc.unfreeze()
        _TASKS, _FILES = (), ()
    return [_Reader(io.BytesIO(content), files).load() for content in packed]


def _work(number: int) -> bytes:
    buffer = io.BytesIO()
    _Writer(buffer, _FILES).dump(_TASKS[number]())
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
