"""Python's search for unreachable objects, put off while many objects are made of which none will be one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Parsing and unpacking make many objects and hardly a cycle; looking for cycles meanwhile doubles their
    time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
