"""The options of `check`, passed as one value from the command to the checks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CheckOptions:
    #: The day that decides which acknowledgements have ended.
    today: date
    #: Checks the cases of one day only.
    on: date | None = None
    #: Seconds for each question as a whole.
    timeout: float | None = None
    #: The codes to look for; errors of the text and undecided questions are always reported.
    codes: Collection[str] | None = None
    #: How many cases show each finding, if so many exist.
    witnesses: int = 1
    #: Whether a second solver confirms whatever the first finds impossible; then one process does the work.
    verify: bool = False
    #: How many processes may share the work; no finding depends on it.
    jobs: int = 1
