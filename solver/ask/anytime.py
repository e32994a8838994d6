"""Time sharing among the parts of an answer: each has a share of the time left, and parts that were cut are recorded.

In: work, and a default for when its time runs out. Out: the result, and the names of parts that were cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from policyc.dsl.model import Case
from policyc.dsl.system.limits import Undecided, share_of_time

from ..engine.context import CaseScope
from ..engine.witness import abductive_explanation_in_time, plain
from ..formula.terms import Term

T = TypeVar("T")

#: The share of the time left that one part of an answer may take.
_SHARE = 0.4


class Anytime:
    """Runs the parts of one answer, each within a share of the time left, and records those that were cut."""

    def __init__(self) -> None:
        self._cut: dict[str, None] = {}

    @property
    def cut(self) -> tuple[str, ...]:
        """The names of the parts that were cut, in order."""
        return tuple(self._cut)

    def share(self, name: str, work: Callable[[], T], default: T) -> T:
        """A part of the answer, or `default` if a share of the time left is not enough."""
        try:
            with share_of_time(_SHARE):
                return work()
        except Undecided:
            self._cut[name] = None
            return default

    def plain(self, scope: CaseScope, term: Term) -> Case | None:
        """The plainest case in which a term holds, or the plainest found in time."""
        found = plain(scope, [term])
        if found is None:
            return None
        case, is_plainest = found
        if not is_plainest:
            self._cut["examples"] = None
        return case

    def abductive_explanation(self, scope: CaseScope, case: Case, term: Term) -> Case:
        """The part of a case that implies a term, as small as time allowed."""
        part, minimal = abductive_explanation_in_time(scope, case, [term])
        if not minimal:
            self._cut["examples"] = None
        return part
