"""The global state of one command line run, and the errors for wrong arguments.

In: global options. Out: a `Session` for the commands; `WrongUse` for arguments that make no sense. The words of an
error are looked up when it is shown.
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
    #: The day that counts as today, if given.
    today: date | None = None


class WrongUse(click.UsageError):
    """Arguments that make no sense, with a message of the catalogue."""

    def __init__(self, reason: Text, ctx: click.Context | None = None) -> None:
        super().__init__(reason.key, ctx)
        self.reason = reason


class UnreadableInput(WrongUse):
    """A named file cannot be read or written; the message does not point to the help page."""
