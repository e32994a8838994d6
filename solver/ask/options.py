"""What can be asked for besides the answer itself: plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wishes:
    #: Every minimal set of reasons, not only one.
    all_reasons: bool = False
    #: Suppositions as typed: `chongqing.link_cap = 12`; rules left out.
    assume: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    #: What to make as great, and as small, as can be: expressions as typed.
    maximize: tuple[str, ...] = ()
    minimize: tuple[str, ...] = ()
    #: Further people who pay: the facts of each, as typed, that are otherwise than given.
    also: tuple[tuple[tuple[str, str], ...], ...] = ()
    #: The fact over which the answer is told: `date`.
    over: str | None = None
