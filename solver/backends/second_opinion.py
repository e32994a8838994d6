"""The second opinion: another solver checks whatever Z3 found unsatisfiable.

In: the questions of a run as Z3 refutes them. Out: how many the second solver refutes too, and which it does not.
Questions about the same cases are asked together, as one: if none is possible, all are confirmed; else they are halved
until each unconfirmed one is known. An unconfirmed question is a doubt, neither yes nor no: the second solver may have
found a case or run out of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from policyc.dsl.diagnostics.diagnostic import CODES, UNDECIDED, Diagnostic, Label, Text, text
from policyc.dsl.diagnostics.source import Span

from ..formula.smtlib import SatQuery, any_script
from ..formula.terms import Term
from ..report.reports import Verified
from .z3_backend import Status, solver_name

#: How many questions about the same cases are asked as one.
TOGETHER = 200
#: How many questions may wait for others about the same cases.
WAITING = 1000


class OtherSolver(Protocol):
    """A second solver."""

    name: str

    def check(self, script: str, timeout: float | None = None) -> Status: ...


@dataclass(frozen=True, slots=True)
class Purpose:
    """The purpose of questions."""

    #: Codes whose findings are incomplete if a question stays open.
    codes: tuple[str, ...]
    #: The question and its place, in the words of PC901.
    what: Text
    span: Span | None


#: The message and help of PC901, by why a question is open: `Undecided.reason`, or the second solver's answer. A
#: solver's own words are left out, since they mean nothing to a policy author.
_REASONS = {
    "memory": ("PC901.memory", "PC901.memory-help"),
    "size": ("PC901.size", "PC901.size-help"),
    "satisfiable": ("PC901.satisfiable", "PC901.defect"),
    "unknown": ("PC901.unknown", "PC901.help"),
}


def undecided(purpose: Purpose, reason: str = "timeout") -> Diagnostic:
    """PC901."""
    label = None if purpose.span is None else Label(purpose.span)
    key, help_key = _REASONS.get(reason, ("PC901.headline", "PC901.help"))
    help_ = text(help_key)
    return Diagnostic(CODES[UNDECIDED], text(key, what=purpose.what), label, help=help_)


@dataclass(frozen=True, slots=True)
class _Asked:
    #: Its place among all refuted questions of the run.
    number: int
    question: SatQuery


class Confirmation:
    """Confirms the refutations of one run."""

    def __init__(self, second: OtherSolver, timeout: float | None = None) -> None:
        """`timeout` is in seconds for each question to the second solver."""
        self._second = second
        self._timeout = timeout
        #: How many questions Z3 has refuted so far.
        self.questions = 0
        #: For each purpose, the numbers of the refuted questions that its answer rests on.
        self._grounds: dict[Purpose, list[range]] = {}
        #: What the second solver answered to unconfirmed questions, by their numbers.
        self._doubts: dict[int, Status] = {}
        self._waiting: dict[tuple[Term, ...], tuple[Mapping[Term, str], list[_Asked]]] = {}
        self._agreed = 0
        self._seconds = self._first_seconds = 0.0

    def refuted(self, required: Mapping[Term, str], question: SatQuery, seconds: float) -> None:
        """Records a question that Z3 refuted in so many seconds; `required` is what holds in all its cases, with the
        names of the clauses."""
        self._first_seconds += seconds
        key = tuple(required)
        _, waiting = self._waiting.setdefault(key, (required, []))
        waiting.append(_Asked(self.questions, question))
        self.questions += 1
        if len(waiting) >= TOGETHER:
            self._settle(key)
        elif sum(len(items) for _, items in self._waiting.values()) >= WAITING:
            self.settle()

    def rests_on(self, purpose: Purpose, questions: range) -> None:
        """Records that the answer to a purpose rests on some refuted questions, by their numbers."""
        self._grounds.setdefault(purpose, []).append(questions)

    def doubted(self, purpose: Purpose) -> Status | None:
        """The second solver's answer if it did not confirm a refutation for this purpose; that a case exists outweighs
        that time ran out."""
        self.settle()
        grounds = self._grounds.get(purpose, ())
        doubts = [doubt for number, doubt in self._doubts.items() if any(number in some for some in grounds)]
        return Status.SATISFIABLE if Status.SATISFIABLE in doubts else doubts[-1] if doubts else None

    def settle(self) -> None:
        """Asks all waiting questions."""
        for key in list(self._waiting):
            self._settle(key)

    def _settle(self, key: tuple[Term, ...]) -> None:
        required, waiting = self._waiting.pop(key)
        start = perf_counter()
        self._confirm(required, waiting)
        self._seconds += perf_counter() - start

    def _confirm(self, required: Mapping[Term, str], asked: list[_Asked]) -> None:
        script = any_script(required, [item.question for item in asked])
        status = self._second.check(script, self._timeout)
        if status is Status.UNSATISFIABLE:
            self._agreed += len(asked)
        elif len(asked) == 1:
            self._doubts[asked[0].number] = status
        else:
            middle = len(asked) // 2
            self._confirm(required, asked[:middle])
            self._confirm(required, asked[middle:])

    @property
    def verified(self) -> Verified:
        """The summary of the run."""
        return Verified(
            self._second.name,
            self.questions,
            self._agreed,
            self._seconds,
            solver_name(),
            self._first_seconds,
        )
