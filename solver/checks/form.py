"""The form of a check: a value with its codes, its questions, and the conclusions from their answers.

A check either searches the country part by part (`Analysis`), together with all other checks, or asks once about all
cases (`Asking`). If one search depends on another, the conclusion of the first names the next.
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

#: The result of a question: findings and proofs.
Found = tuple[list[Diagnostic], list[Proof]]
#: Makes one finding; `None` if no valid case shows it.
Report = Callable[[], Diagnostic | None]


@dataclass(frozen=True, slots=True)
class Asking:
    """A question asked once about all cases."""

    purpose: Purpose
    ask: Report | Callable[[], Found]


@dataclass(frozen=True, slots=True)
class Analysis:
    """A search part by part, and its conclusion."""

    purpose: Purpose
    #: The first word of the keys of its queries, unique.
    kind: str
    queries: Sequence[ReachabilityQuery]
    conclude: Callable[[ReachabilityResults], Conclusion]
    #: Whether it covers all days even if only the cases of one day are checked.
    always: bool = False


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The conclusion from the results of a search."""

    reports: Sequence[Report] = ()
    #: Proved if everything was decided.
    proofs: Sequence[Proof] = ()
    #: Further questions about the results, besides the reports.
    askings: Sequence[Asking] = ()
    #: The next searches.
    following: Sequence[Analysis] = ()
    #: The rule index, if more is known of the rules now.
    rule_index: RuleIndex | None = None


class Phase(Enum):
    """When a check runs, and what its answers are used for; in order."""

    #: Whether there are any cases: if not, nothing else is asked. Asked whatever codes are selected.
    CASES = "cases"
    #: Which values can contradict each other: pairs that never do are left out of all later questions.
    VALUES = "values"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Check:
    """A check for one kind of finding."""

    codes: tuple[str, ...]
    #: Its position among the checks, which is that of its proofs in the report.
    order: int
    #: Its questions; called only if one of its codes is selected.
    begin: Callable[[Reporter], Iterable[Analysis | Asking]]
    phase: Phase = Phase.OTHERS
    #: The codes whose findings a replayed case shows completely; others rest on what was found impossible, too.
    shown: tuple[str, ...] = ()


def searching(codes: Iterable[str]) -> Purpose:
    """The purpose of a search for several codes."""
    return Purpose(tuple(dict.fromkeys(codes)), text("PC901.search"), None)
