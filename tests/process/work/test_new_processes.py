"""Work shared with new processes instead of copies of this one, as on macOS and Windows: it is sent to them."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from policyc.api import load
from policyc.dsl.diagnostics.source import SourceFile
from policyc.solver.engine import context, parallel
from policyc.solver.engine.parallel import share
from policyc.solver.report.reports import CheckReport
from tests.support.places import CORPUS, CORPUS_FILES, ROOT, corpus_name
from tests.support.slow import mostly_slow

TODAY = date(2026, 1, 1)
SETS = [file for file in CORPUS_FILES if CORPUS / "bad" in file.parents]


def number(value: int) -> tuple[int, int]:
    return value, os.getpid()


@pytest.fixture
def new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "METHOD", "spawn")


@pytest.mark.usefixtures("new")
@pytest.mark.slow
def test_results_come_in_the_order_of_the_tasks() -> None:
    found = share([partial(number, value) for value in range(9)], 2, ())
    assert [value for value, _ in found] == list(range(9))
    assert os.getpid() not in {worker for _, worker in found}


@pytest.mark.usefixtures("new")
@pytest.mark.slow
def test_tasks_too_deep_to_be_sent_are_done_here() -> None:
    deep: list[object] = []
    for _ in range(2 * sys.getrecursionlimit()):
        deep = [deep]
    found = share([partial(len, deep)] * 9, 2, ())
    assert found == [1] * 9


@pytest.mark.usefixtures("new")
@pytest.mark.slow
def test_the_report_is_the_same_whoever_works_it_out() -> None:
    paths = [ROOT / "examples" / "reform" / "before"]
    assert load(paths).check(today=TODAY, jobs=2) == load(paths).check(today=TODAY)


def checked(file: Path) -> CheckReport:
    return load(file).check(today=TODAY)


@pytest.mark.parametrize("file", mostly_slow(SETS, 5), ids=corpus_name)
def test_every_task_can_be_sent(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickled task gives the same result. It returns to this process, which is quick enough for many sets."""
    sent = list[int]()

    def posted(tasks: Sequence[Callable[[], Any]], _jobs: int, files: Sequence[SourceFile], *_: Any, **__: Any) -> Any:
        there, known = pickle.loads(parallel.packed((tasks, files)))
        sent.append(len(there))
        results = [task() for task in there]
        return pickle.loads(pickle.dumps((results, known)))[0]

    here = checked(file)
    monkeypatch.setattr(context, "share", posted)
    assert checked(file) == here
    assert sent or here.stopped
