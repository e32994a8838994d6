"""A progress bar, on terminals only.

In: a label. Out: a function to call with the progress. Writes to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TYPE_CHECKING

import click

from .io import notices_are_seen

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar


@contextmanager
def progress(label: str, patience: float = 0.0) -> Iterator[Callable[[int, int], None]]:
    """A function of the work done and all work, called for each part of the work anew. Nothing is shown in the first
    seconds, of which `patience` is the number."""
    if not notices_are_seen():
        yield lambda done, total: None
        return
    with ExitStack() as shown:
        begin = monotonic()
        bar: ProgressBar[int] | None = None

        def update(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and monotonic() - begin >= patience:
                bar = shown.enter_context(click.progressbar(length=1, label=label, file=sys.stderr))
            if bar is not None:
                bar.length = total
                bar.update(done - bar.pos)

        yield update
