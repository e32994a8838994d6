"""What every command that reads policies does first and last: settings, the set, the report's place.

In: arguments. Out: a policy set; or `UnreadableInput` where a path cannot be read, a file not be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.dsl.diagnostic import text
from policyc.dsl.load import UnreadablePath, display_path

from . import api, output
from .config import BadConfiguration, Settings, read_settings
from .palette import Palette
from .session import Session, UnreadableInput

if TYPE_CHECKING:
    from .render_text import Manner


def settings() -> Settings:
    """The settings of the project around the working directory."""
    try:
        return read_settings(Path.cwd())
    except BadConfiguration as error:
        raise _unreadable_settings(error) from error


def time_limit(option: float | None) -> float | None:
    """Seconds for each question to the solver: as on the command line, else as in the settings."""
    return settings().timeout if option is None else option


def _unreadable_settings(error: BadConfiguration) -> UnreadableInput:
    return UnreadableInput(text("cli.config", path=display_path(error.path), reason=error.reason))


def read_policies(paths: Sequence[Path]) -> api.PolicyBase:
    """The policy set under the paths, or of the project, or the bundled one."""
    try:
        base = api.load(paths)
    except UnreadablePath as error:
        raise UnreadableInput(text("cli.unreadable", path=error.path, reason=error.reason)) from error
    except BadConfiguration as error:
        raise _unreadable_settings(error) from error
    if not base.policy_set.files and not base.diagnostics:
        named = ", ".join(display_path(path) for path in paths)
        raise UnreadableInput(text("cli.no_policies", path=named))
    return base


def write(content: str, file: Path | None) -> None:
    """The report, to a file or to standard output."""
    try:
        output.write_report(content, file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableInput(text("cli.unwritable", path=str(file), reason=reason)) from error


def manner(session: Session, file: Path | None, base: api.PolicyBase, *, verbose: bool = False) -> Manner:
    """How a report in text on a policy set is to look, by where it goes."""
    from .render_text import WIDTH, Manner

    palette = Palette(output.coloured(session.colour, to_file=file is not None))
    width = WIDTH if file is not None else output.terminal_width(WIDTH)
    regions = base.policy_set.regions

    def region_name(code: str) -> str:
        return regions[code].name if code in regions else code

    return Manner(session.language, palette, width, verbose, region_name)
