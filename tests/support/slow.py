"""The share of a test with many values that a fast run includes."""

from __future__ import annotations

import os
from collections.abc import Iterable

import pytest

#: Random sets are numbered; of more than four only every third is tried unless `POLICYC_CASES` asks for a long run.
_LONG = "POLICYC_CASES" in os.environ
_FEW = 4


def mostly_slow(values: Iterable[object], quick: int = 1) -> list[object]:
    """The values of a parameter (of several: instances of `pytest.param`): all are `slow` but for a few, spread
    evenly."""
    if isinstance(values, range) and len(values) > _FEW and not _LONG:
        values = values[::3]
    every = [value if isinstance(value, type(pytest.param())) else pytest.param(value) for value in values]
    chosen = {number * len(every) // quick for number in range(quick)}
    return [
        value if place in chosen else value._replace(marks=[*value.marks, pytest.mark.slow])
        for place, value in enumerate(every)
    ]
