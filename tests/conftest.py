"""Fixtures for all tests: tests leave nothing behind for each other; they free memory; and a test module that takes
long without the mark `slow` fails, so that `python -m tests --fast` stays fast."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from policyc.dsl.system import limits
from tests.support.places import ROOT
from tests.support.waiting import used

# --- Isolation ---------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="session")
def own_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of the tests' own, also for the commands they run."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        folder.chmod(0o700)
        patch.setitem(os.environ, "POLICYC_CACHE", str(folder))
        patch.delitem(os.environ, "POLICYC_TODAY", raising=False)
        # This process holds the data of thousands of tests. Commands that run inside it must not run out of memory
        # because of that.
        patch.setattr(limits, "DEFAULT_MEMORY", 1 << 40)
        yield folder


# --- Memory ------------------------------------------------------------------------------------------------

#: The growth of memory in use, in bytes, after which garbage is collected. Python only counts objects, and those of a
#: solver hold much memory that it does not see.
GROWTH = 100_000_000

_after = 0


def pytest_collection_finish() -> None:
    """Excludes the tests themselves from garbage collection: they live to the end."""
    gc.collect()
    gc.freeze()


def in_use() -> int:
    """Bytes of memory in use; 0 if the system does not report it."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def give_back() -> None:
    """Frees unreachable objects, and returns their memory to the system if possible."""
    global _after
    if in_use() > _after + GROWTH:
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
        _after = in_use()


@pytest.fixture(autouse=True, scope="module")
def forgetful() -> Iterator[None]:
    """Frees what the tests of a module keep for each other when the module ends."""
    yield
    for name, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if name.startswith("tests.") else ():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


# --- Time --------------------------------------------------------------------------------------------------

#: Seconds of processor time that the tests of a module not marked `slow` may take together. Most take less than half of
#: it on a quiet machine.
QUICK = 10.0

_began = 0.0
_spent: Counter[Path] = Counter()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    global _began
    _began = used()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    give_back()
    if item.get_closest_marker("slow") is None:
        _spent[item.path] += used() - _began
        if _spent[item.path] > QUICK:
            del _spent[item.path]
            pytest.fail(f"more than {QUICK:.0f} s of processor time so far: mark what is `slow` in {item.path.name}")


#: By default Hypothesis fails a test that is slow by the clock, as any test is on a busy machine. The other settings
#: stay as they are, in CI and elsewhere.
settings.register_profile("no clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")


# --- Tests left out of a fast run --------------------------------------------------------------------------

_left_out: Counter[str] = Counter()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Counts tests deselected by a mark. Those who select tests by name know what they leave out."""
    for item in items:
        if item.config.getoption("markexpr"):
            _left_out[item.path.relative_to(ROOT / "tests").as_posix()] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sends the count of a worker process to the process that prints it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    _left_out.update(getattr(node, "workeroutput", {}).get("left_out", {}) if not _left_out else {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rooms: dict[str, Counter[str]] = {}
    for file, count in sorted(_left_out.items()):
        room, _, name = file.partition("/")
        rooms.setdefault(room, Counter())[name.replace("test_", "").removesuffix(".py")] = count
    for room, files in rooms.items():
        each = ", ".join(f"{name} {count}" for name, count in files.items())
        terminalreporter.write_line(f"left out of {room}: {files.total()} ({each})")
