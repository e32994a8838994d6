"""Keeps a report from overwriting its own input.

In: the output file of a report, and the files that were read. Out: nothing, or `WrongUse`. Links to one file count as
the same file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import click

from policyc.dsl.diagnostics.diagnostic import text
from policyc.dsl.load import display_path
from policyc.dsl.system.disk import behind_links

from .session import WrongUse


def refuse_overwriting(output: Path | None, inputs: Iterable[Path | None]) -> None:
    """Refuses to write a report over one of the files that were read."""
    if output is None:
        return
    if any(_same(output, file) for file in inputs if file is not None):
        path = display_path(output)
        raise WrongUse(text("cli.output_is_input", path=path), click.get_current_context(silent=True))


def refuse_two_in_one(output: Path | None, other: Path | None) -> None:
    """Refuses to write two things into one file."""
    if output is None or other is None:
        return
    if _same(output, other) or behind_links(output) == behind_links(other):
        path = display_path(output)
        raise WrongUse(text("cli.output_twice", path=path), click.get_current_context(silent=True))


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # one of them does not exist
        return False
