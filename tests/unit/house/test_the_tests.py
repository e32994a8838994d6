"""The tests themselves: each asserts something, and none depends on wall-clock time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.imports import full_name, names_imported
from tests.support.places import ROOT

FILES = sorted((ROOT / "tests").rglob("test_*.py"))
SHARED = sorted((ROOT / "tests" / "support").rglob("*.py"))

#: Calls that assert, besides `assert` itself.
EXPECTATIONS = {"pytest.raises", "pytest.fail"}

#: What may not look at a clock: `tests/support/waiting.py` has what tests need of it.
TIMELESS = [*FILES, ROOT / "tests" / "conftest.py", *(file for file in SHARED if file.name != "waiting.py")]

#: Modules that are all about clocks, and what tests may use of them.
CLOCKS = {"time": {"time.sleep"}, "timeit": set[str]()}

#: Functions of other modules that read a clock.
READINGS = {
    "os.times",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
}


@cache
def functions(file: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def calls(function: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))


def can_fail(test: ast.expr) -> bool:
    """Whether what is asserted can be false: not if it names nothing, nor if it is a tuple with elements."""
    if isinstance(test, ast.BoolOp):
        return (all if isinstance(test.op, ast.Or) else any)(map(can_fail, test.values))
    is_full = isinstance(test, ast.Tuple | ast.List) and bool(test.elts)
    return not is_full and any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(test))


def asserts(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Assert) and can_fail(node.test) for node in ast.walk(function)) or any(
        call in EXPECTATIONS for call in calls(function)
    )


def readings(tree: ast.AST) -> list[str]:
    """What a file uses that reads a clock, by its full name."""
    names = names_imported(tree)
    owners = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used = {name for node in ast.walk(tree) if id(node) not in owners and (name := full_name(node, names))}
    used |= set(names.values()) - set(CLOCKS)
    return sorted(name for name in used if name in READINGS or name not in CLOCKS.get(name.split(".")[0], {name}))


def name(file: Path) -> str:
    return file.relative_to(ROOT / "tests").as_posix()


@pytest.mark.parametrize("file", FILES, ids=name)
def test_every_test_asserts_something(file: Path) -> None:
    """By itself, or by a helper whose name says so: `assert_…`, in the same file or in `tests/support/`."""
    own = functions(file)
    helpers = {
        helper
        for found in (own, *map(functions, SHARED))
        for helper, function in found.items()
        if helper.startswith("assert_") and asserts(function)
    }
    tests = {test: function for test, function in own.items() if test.startswith("test_")}
    assert tests
    assert [test for test, f in tests.items() if not asserts(f) and helpers.isdisjoint(calls(f))] == []


@pytest.mark.parametrize("file", TIMELESS, ids=name)
def test_no_test_is_held_to_the_clock(file: Path) -> None:
    assert readings(ast.parse(file.read_text("utf-8"))) == []


def test_hypothesis_is_not_held_to_the_clock() -> None:
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check


def of(body: str) -> ast.FunctionDef:
    """The function of a test with some statements."""
    (function,) = ast.parse(f"def test_x():\n    {body}").body
    assert isinstance(function, ast.FunctionDef)
    return function


@pytest.mark.parametrize(
    "body",
    [
        "'No more than that it does not raise.'; run('a')",
        "assert True",
        "assert 1 == 1, run('a')",
        "assert 'done' in ('done',)",
        "assert (run('a'), 'it ends well')",
        "assert run('a') or True",
        "assert not None and 'a'",
    ],
)
def test_what_asserts_nothing_is_seen(body: str) -> None:
    assert not asserts(of(body))


@pytest.mark.parametrize(
    "body", ["assert run('a')", "assert True and run('a')", "assert done == ()", "pytest.fail('never')"]
)
def test_what_asserts_something_is_seen(body: str) -> None:
    assert asserts(of(body))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("import time\nassert time.monotonic_ns() < 5", "time.monotonic_ns"),
        ("import time as t\nbegan = t.time()", "time.time"),
        ("def late():\n    import time as t\n    return t.process_time()", "time.process_time"),
        ("from time import perf_counter_ns", "time.perf_counter_ns"),
        ("from time import monotonic as now", "time.monotonic"),
        ("from time import *", "time.*"),
        ("import time\nclock = time.perf_counter", "time.perf_counter"),
        ("import time\nclock = getattr(time, 'monotonic')", "time"),
        ("import importlib\nimportlib.import_module('time').time()", "time.time"),
        ("__import__('time').time()", "time.time"),
        ("import timeit\ntimeit.timeit(run)", "timeit.timeit"),
        ("from timeit import default_timer", "timeit.default_timer"),
        ("import datetime\nend = datetime.datetime.now() + second", "datetime.datetime.now"),
        ("import datetime as d\nend = d.datetime.utcnow()", "datetime.datetime.utcnow"),
        ("from datetime import datetime as d\nend = d.today()", "datetime.datetime.today"),
        ("from datetime import date\nday = date.today()", "datetime.date.today"),
        ("import os\nused = os.times().elapsed", "os.times"),
    ],
)
def test_a_clock_is_seen_whatever_it_is_called(text: str, clock: str) -> None:
    assert clock in readings(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "import time\ntime.sleep(1)",
        "from time import sleep as pause\npause(1)",
        "from datetime import date\nday = date(2026, 1, 1)",
        "import os.path\nos.path.join('time', 'now')",
        "report.time()",
    ],
)
def test_what_reads_no_clock_is_allowed(text: str) -> None:
    assert readings(ast.parse(text)) == []
