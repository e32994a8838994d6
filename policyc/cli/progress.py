"""A progress bar on a terminal, and none elsewhere.

In: what is done, as words. Out: a function to be told how much is done. Writes to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from .io import notices_are_seen


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A function that takes how much is done and how much there is."""
    if not notices_are_seen():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield told
