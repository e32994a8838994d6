"""What holds for all tests: no run finds what another left, or leaves anything behind."""

from __future__ import annotations

import gc
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyc.dsl.system import limits

#: So much more memory in use than ever before (as the system counts it: kilobytes, on some bytes), and what is
#: unreachable is looked for. Python counts objects only, and those of a solver hold much that it does not see.
GROWTH = 200_000

_seen = 0


def pytest_runtest_teardown() -> None:
    global _seen
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if peak > _seen + GROWTH:
        gc.collect()
        _seen = peak


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
