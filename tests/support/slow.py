"""The share of a test with many values that a fast run includes."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def mostly_slow(values: Iterable[object], quick: int = 1) -> list[object]:
    """The values of a parameter (of several: instances of `pytest.param`): all are `slow` but for a few, spread
    evenly."""
    every = [value if isinstance(value, type(pytest.param())) else pytest.param(value) for value in values]
    chosen = {number * len(every) // quick for number in range(quick)}
    return [
        value if place in chosen else value._replace(marks=[*value.marks, pytest.mark.slow])
        for place, value in enumerate(every)
    ]
