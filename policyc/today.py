"""The day that counts as today: the only place that asks the clock, so that a run can be repeated on another day.

In: a day, if given; else the environment and the settings. Out: a day, or `BadToday`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from policyc.dsl.diagnostics.characters import as_meant
from policyc.dsl.diagnostics.diagnostic import Text, text

from .config import read_settings

#: The environment variable for today's date.
VARIABLE = "POLICYC_TODAY"

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")


class BadToday(ValueError):
    """The environment variable is not a day; `reason` says what it is."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


def today(
    given: date | None = None, *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> date:
    """The day given, else that of `POLICYC_TODAY`, else that of the clock, in the `timezone` of the project around a
    folder (the working directory unless given) or, without one, of the machine.

    Raises `BadToday`, and `policyc.config.BadConfiguration`.
    """
    if given is not None:
        return given
    written = (os.environ if environment is None else environment).get(VARIABLE)
    if written:
        day = day_of(written)
        if day is None:
            raise BadToday(text("cli.bad_today", variable=VARIABLE, value=written))
        return day
    return datetime.now(read_settings(folder).timezone).date()


def day_of(word: str) -> date | None:
    """The day of `2025-03-12` or `2025年3月12日`, if it is one."""
    match = _DAY.fullmatch(as_meant(word.strip()))
    if match is None:
        return None
    year, month, number = (int(group) for group in match.groups() if group is not None)
    try:
        return date(year, month, number)
    except ValueError:
        return None
