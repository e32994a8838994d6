"""What one run of the command line knows beside its arguments, and how it refuses arguments.

In: global options. Out: a `Session` for the commands; `WrongUse` for arguments that make no sense. The words
of a refusal are found when it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import click

from ..language import Language, choose_language

if TYPE_CHECKING:
    from policyc.dsl.diagnostics.diagnostic import Text


@dataclass(slots=True)
class Session:
    language: Language = field(default_factory=choose_language)
    #: `auto`, `always` or `never`.
    colour: str = "auto"
    #: The day that is today, where it was told.
    today: date | None = None


class WrongUse(click.UsageError):
    """Arguments that make no sense, told in the words of the catalogue."""

    def __init__(self, reason: Text, ctx: click.Context | None = None) -> None:
        super().__init__(reason.key, ctx)
        self.reason = reason


class UnreadableInput(WrongUse):
    """A file that was named cannot be read or written: no help page helps."""
