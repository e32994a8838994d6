"""What there is time for: each part of an answer has a share of what is left, and what was cut is kept by name.

In: work, and what stands for it where time runs out. Out: what was found, and the names of what was not, or not to
the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from policyc.dsl.model import Case
from policyc.dsl.system.limits import Undecided, share_of_time

from ..engine.context import CaseScope
from ..engine.witness import plain, telling
from ..formula.terms import Term

T = TypeVar("T")

#: The part of the time left that one part of an answer may take.
_SHARE = 0.4


class Anytime:
    """The parts of one answer that there was no time for."""

    def __init__(self) -> None:
        self._cut: dict[str, None] = {}

    @property
    def cut(self) -> tuple[str, ...]:
        """The names of these parts, the first cut first."""
        return tuple(self._cut)

    def share(self, name: str, work: Callable[[], T], default: T) -> T:
        """A part of the answer, if a share of the time that is left is enough for it."""
        try:
            with share_of_time(_SHARE):
                return work()
        except Undecided:
            self._cut[name] = None
            return default

    def plain(self, scope: CaseScope, term: Term) -> Case | None:
        """The plainest case in which a term holds, or the plainest that was found in time."""
        found = plain(scope, [term])
        if found is None:
            return None
        case, is_plainest = found
        if not is_plainest:
            self._cut["examples"] = None
        return case

    def telling(self, scope: CaseScope, case: Case, term: Term) -> Case:
        """The part of a case that a term follows from, as small as could be made in time."""
        part, minimal = telling(scope, case, [term])
        if not minimal:
            self._cut["examples"] = None
        return part
