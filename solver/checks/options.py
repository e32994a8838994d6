"""What `check` is asked for: plain data, handed on whole from the command to the checks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CheckOptions:
    #: The day by which acknowledgements have ended.
    today: date
    #: Only the cases of one day are looked at.
    on: date | None = None
    #: Seconds for each question as a whole.
    timeout: float | None = None
    #: What to look for; errors of the text, and questions left undecided, are told all the same.
    codes: Collection[str] | None = None
    #: How many cases show a finding, where there are as many.
    witnesses: int = 1
    #: Whether a second solver confirms whatever the first says cannot happen; then one process does the work.
    verify: bool = False
    #: How many processes may share the work: no finding depends on it.
    jobs: int = 1
