"""What all commands that read policies share: settings, reading the set, writing the report.

In: arguments. Out: a policy set; or `UnreadableInput` if a path cannot be read or a file cannot be written.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from policyc.dsl.diagnostics.diagnostic import text
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.load import UnreadablePath, bundled, display_path
from policyc.dsl.system.disk import unreadable
from policyc.dsl.system.file_names import as_text

from .. import api, pipeline
from ..config import BadConfiguration, Settings, read_settings
from ..render.terminal import Palette
from ..today import BadToday, today
from . import io
from .session import Session, UnreadableInput, WrongUse
from .standard_input import STDIN, read_standard_input

if TYPE_CHECKING:
    from policyc.dsl.binding.wording.spoken import SpokenNames

    from ..render.text import Manner


_UNWRITABLE = {
    errno.EBADF: "cli.closed",
    errno.ENOSPC: "cli.no_space",
    errno.ENXIO: "cli.no_reader",
}


def settings() -> Settings:
    """The settings of the project around the working directory."""
    try:
        return read_settings()
    except BadConfiguration as error:
        raise _unreadable_settings(error) from error


def the_day(session: Session, option: date | None) -> date:
    """Today: from the command line, after the command or before it, else from `today`."""
    try:
        return today(session.today if option is None else option)
    except BadConfiguration as error:
        raise _unreadable_settings(error) from error
    except BadToday as error:
        raise UnreadableInput(error.reason) from error


def time_limit(option: float | None) -> float | None:
    """Seconds for each question, from the command line, else from the settings."""
    return settings().timeout if option is None else option


def _unreadable_settings(error: BadConfiguration) -> UnreadableInput:
    return UnreadableInput(text("cli.config", path=display_path(error.path), reason=error.reason))


def read_policies(paths: Sequence[Path], jobs: int = 1) -> api.PolicyBase:
    """The policy set under the paths, else of the project, else the bundled one, read by `jobs` processes."""
    places = settled_paths(paths)
    try:
        base = api.load(places, jobs=jobs, contents={STDIN: standard_text()} if STDIN in places else None)
    except UnreadablePath as error:
        raise UnreadableInput(text("cli.unreadable", path=error.path, reason=error.reason)) from error
    if not base.policy_set.files and not base.diagnostics:
        named = ", ".join(display_path(path) for path in paths)
        raise UnreadableInput(text("cli.no_policies", path=named))
    return base


def standard_text() -> str:
    """The text of standard input."""
    content = read_standard_input()
    if isinstance(content, str):
        return content
    raise UnreadableInput(text("cli.unreadable_input", reason=content))


def refuse_sharing(*readers: bool) -> None:
    """Refuses two readers of standard input, since one would get nothing."""
    if sum(readers) > 1:
        raise WrongUse(text("cli.input_twice"), click.get_current_context())


def write(content: str, file: Path | None) -> None:
    """Writes a report to a file or to standard output."""
    try:
        io.write_report(content, file)
    except OSError as error:
        raise unwritable(file, error) from error


def unwritable(file: Path | None, error: OSError) -> UnreadableInput:
    """The error that a file, or standard output, cannot be written, with the reason."""
    key = _UNWRITABLE.get(error.errno or 0)
    reason = unreadable(error) if key is None else text(key)
    if file is None:
        return UnreadableInput(text("cli.unwritable_output", reason=reason))
    return UnreadableInput(text("cli.unwritable", path=as_text(str(file)), reason=reason))


def manner(session: Session, file: Path | None, names: SpokenNames, *, verbose: bool = False) -> Manner:
    """The layout of a text report, by where it goes, and what things are called in it."""
    from ..render.text import WIDTH, Manner

    palette = Palette(io.coloured(session.colour, to_file=file is not None))
    width = WIDTH if file is not None else io.terminal_width(WIDTH)
    return Manner(session.language, palette, width, verbose, names)


def settled_paths(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths to read: those named, those of the project, the working directory, or the bundled policies, which the
    first line of the output says."""
    try:
        found = pipeline.policy_paths(paths)
    except BadConfiguration as error:
        raise _unreadable_settings(error) from error
    if not paths and found == (bundled(),) and settings().paths is None:
        _say_bundled()
    return found


def _say_bundled() -> None:
    """Where the output is for programs, or goes to a file, the line goes to standard error."""
    context = click.get_current_context()
    line = render(text("cli.bundled"), context.ensure_object(Session).language) + "\n"
    if context.params.get("form") == "text" and context.params.get("output") is None:
        write(line, None)
    else:
        io.write_notice(line)
