"""What holds for all tests: no run finds what another left, or leaves anything behind; memory is given back; and what
takes long is marked `slow`, so that `python -m tests --fast` is fast."""

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

from policyc.dsl.system import limits
from tests.support.places import ROOT
from tests.support.waiting import used

# --- Nothing of other runs ---------------------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="session")
def own_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of the tests' own, for the commands they run, too."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        folder.chmod(0o700)
        patch.setitem(os.environ, "POLICYC_CACHE", str(folder))
        patch.delitem(os.environ, "POLICYC_TODAY", raising=False)
        # Commands that are run inside this process, which holds what thousands of tests have made, are not short
        # of memory because of that.
        patch.setattr(limits, "DEFAULT_MEMORY", 1 << 40)
        yield folder


# --- Memory ------------------------------------------------------------------------------------------------

#: So much more memory in use than after the last look, in bytes, and what is unreachable is looked for. Python counts
#: objects only, and those of a solver hold much that it does not see.
GROWTH = 100_000_000

_after = 0


def pytest_collection_finish() -> None:
    """The tests themselves stay to the end: nobody need look through them."""
    gc.collect()
    gc.freeze()


def in_use() -> int:
    """Bytes of memory in use; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def give_back() -> None:
    """Lets go of what is unreachable, and has the system take it, where it can be asked to."""
    global _after
    if in_use() > _after + GROWTH:
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
        _after = in_use()


@pytest.fixture(autouse=True, scope="module")
def forgetful() -> Iterator[None]:
    """What tests keep for the other tests of their module is let go with it."""
    yield
    for name, module in list(sys.modules.items()):
        for value in list(vars(module).values()) if name.startswith("tests.") else ():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


# --- Time --------------------------------------------------------------------------------------------------

#: Seconds of processor time that the tests of a module that are not marked `slow` may take together. Most take less
#: than half of it on a quiet machine.
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
            pytest.fail(
                f"more than {QUICK:.0f} s of processor time so far: mark what is `slow` in {item.path.name}"
            )


# --- What a fast run leaves out ----------------------------------------------------------------------------

_left_out: Counter[str] = Counter()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """By a mark, that is; who selects tests by name knows what else there is."""
    for item in items:
        if item.config.getoption("markexpr"):
            _left_out[item.path.relative_to(ROOT / "tests").as_posix()] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that runs a part of the tests tells the one that prints."""
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
