"""The tests themselves: each asserts something, and none depends on wall-clock time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.places import ROOT

FILES = sorted((ROOT / "tests").rglob("test_*.py"))
SHARED = sorted((ROOT / "tests" / "support").rglob("*.py"))

#: Calls that assert, besides `assert` itself.
EXPECTATIONS = {"pytest.raises", "pytest.fail"}

#: Functions that read wall-clock time. `tests/support/waiting.py` has what tests need of them.
CLOCKS = {"time.time", "time.monotonic", "time.perf_counter", "perf_counter", "monotonic"}


@cache
def functions(file: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def calls(function: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))


def asserts(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        call in EXPECTATIONS for call in calls(function)
    )


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


@pytest.mark.parametrize("file", FILES, ids=name)
def test_no_test_is_held_to_the_clock(file: Path) -> None:
    assert CLOCKS.isdisjoint(calls(ast.parse(file.read_text("utf-8"))))
    assert not [
        imported.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for imported in node.names
    ]


def test_hypothesis_is_not_held_to_the_clock() -> None:
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check


def test_what_asserts_nothing_is_seen() -> None:
    function = ast.parse("def test_x():\n    'No more than that it does not raise.'\n    run('a')").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert not asserts(function)
    assert list(calls(function)) == ["run"]
