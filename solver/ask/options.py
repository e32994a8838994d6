"""The options of `ask`: optional parts of the answer, and hypotheses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wishes:
    #: Every minimal set of reasons, not only one.
    all_reasons: bool = False
    #: Hypotheses as typed: `chongqing.link_cap = 12`; rules left out.
    assume: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    #: What to maximize, and to minimize: expressions as typed.
    maximize: tuple[str, ...] = ()
    minimize: tuple[str, ...] = ()
    #: Further payers: the facts of each, as typed, that differ from those given.
    also: tuple[tuple[tuple[str, str], ...], ...] = ()
    #: The fact over which to show the answer: `date`.
    over: str | None = None
