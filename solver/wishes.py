"""What can be asked for besides the answer itself: plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wishes:
    #: Every minimal set of reasons, not only one.
    all_reasons: bool = False
