"""Work grows at most quadratically with the length of chains, in function calls, not seconds.

`benchmarks/growth.py` makes the sets, counts, and prints the table.
"""

from __future__ import annotations

import pytest

from benchmarks import growth

pytestmark = pytest.mark.slow

SMALL, LARGE = 15, 60

#: A generous number of calls that a command needs for any set. It must not hide how the rest grows.
FIXED = 20_000


@pytest.fixture(autouse=True)
def _warm() -> None:
    """Does the work that is done once per process, so that it is not counted."""
    growth.calls("check", "chain", 1)


@pytest.mark.parametrize("command", growth.COMMANDS)
@pytest.mark.parametrize("kind", growth.KINDS)
def test_work_grows_with_the_square_at_most(kind: str, command: str) -> None:
    few, many = growth.calls(command, kind, SMALL), growth.calls(command, kind, LARGE)
    assert many <= FIXED + few * (LARGE / SMALL) ** 2, (few, many)


def test_cubes_would_be_seen() -> None:
    """The measure tells a square from a cube."""
    for kind in ("chain", "diamonds", "contested"):
        few = growth.calls("test", kind, SMALL)
        assert few * (LARGE / SMALL) ** 3 > FIXED + few * (LARGE / SMALL) ** 2
