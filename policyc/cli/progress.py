"""A progress bar, on terminals only.

In: a label. Out: a function to call with the progress. Writes to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from .io import notices_are_seen


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A function of the work done and all work."""
    if not notices_are_seen():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def update(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield update
