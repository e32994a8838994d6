"""What a check is: a value that says which codes it finds, what it looks for, and what it makes of what is found.

A check either looks for something part of the country by part (`Analysis`), together with all others, or asks once of
all cases (`Asking`). Where the one thing to look for depends on another, the conclusion says what to look for next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text

from ..backends.second_opinion import Purpose
from ..encoding.rule_index import RuleIndex
from ..engine.reachability import ReachabilityQuery, ReachabilityResults
from ..report.reports import Proof
from .reporter import Reporter

#: What an answer adds up to: findings, and what was proved.
Found = tuple[list[Diagnostic], list[Proof]]
#: Makes one finding; `None` where no valid case shows it.
Report = Callable[[], Diagnostic | None]


@dataclass(frozen=True, slots=True)
class Asking:
    """Something asked once of all cases."""

    purpose: Purpose
    ask: Report | Callable[[], Found]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Something looked for part by part, and what to say of what was found."""

    purpose: Purpose
    #: The first word of the keys of its queries, its own.
    kind: str
    queries: Sequence[ReachabilityQuery]
    conclude: Callable[[ReachabilityResults], Conclusion]
    #: Whether it is about all days, also where those asked for are the cases of one.
    always: bool = False


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What there is to say of what was found."""

    reports: Sequence[Report] = ()
    #: What is proved if everything was decided.
    proofs: Sequence[Proof] = ()
    #: What is left to ask of what was found, beside the reports.
    askings: Sequence[Asking] = ()
    #: What to look for next.
    following: Sequence[Analysis] = ()
    #: The rules, where more is known of them than before.
    rule_index: RuleIndex | None = None


class Phase(Enum):
    """What the answers to a check are for, beside themselves; the phases come in this order."""

    #: Whether there are any cases: if not, nothing else is asked. Asked whatever codes are wanted.
    CASES = "cases"
    #: Which values can contradict each other: what never does is left out of all that follows.
    VALUES = "values"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of thing that can be wrong with a set."""

    codes: tuple[str, ...]
    #: Its place among the others: what is proved is told in this order.
    order: int
    #: What it asks; called only where one of the codes is wanted.
    begin: Callable[[Reporter], Iterable[Analysis | Asking]]
    phase: Phase = Phase.OTHERS


def searching(codes: Iterable[str]) -> Purpose:
    """What a search for several things is for."""
    return Purpose(tuple(dict.fromkeys(codes)), text("PC901.search"), None)
