"""Results of `check`, `test` and `matrix`, as plain data for any renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text
from policyc.dsl.diagnostics.source import Span


class ProofKind(Enum):
    """What can be proved of all cases."""

    NO_CONFLICT = "no-conflict"
    NO_CONFLICTING_VALUES = "no-conflicting-values"
    NO_SILENT_CASE = "no-silent-case"
    MANDATE_MET = "mandate-met"
    HOLDS = "holds"
    ALWAYS_SET = "always-set"
    TABLE_COMPLETE = "table-complete"


@dataclass(frozen=True, slots=True)
class Proof:
    """Something proved of all cases, and by how many questions."""

    kind: ProofKind
    #: The mandate, assertion, parameter or table concerned, if any.
    name: str | None
    decision: str | None
    side: str | None
    questions: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a second solver answered to the questions that the first found impossible."""

    #: The second solver and its version.
    solver: str
    questions: int
    agreed: int
    seconds: float
    first: str
    #: The time the first took for the same questions.
    first_seconds: float


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of `check`: findings in order of file, line and code; `verified` is `None` if not asked for."""

    findings: tuple[Diagnostic, ...]
    proved: tuple[Proof, ...]
    files: int
    policies: int
    rules: int
    #: Whether errors in the text kept the questions that need a solver from being asked.
    stopped: bool
    verified: Verified | None = None
    #: How many contradictions got no repairs: they are beyond the first.
    unrepaired: int = 0


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """The outcome of one test; `finding` says why it is not `passed`."""

    name: str
    span: Span
    status: Literal["passed", "failed", "impossible", "undecided"]
    finding: Diagnostic | None


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """A rule or a row of a table, and whether some test exercises it."""

    name: str
    #: `permit`, `forbid`, `require`, `mandate`, `set` or `row`.
    kind: str
    policy: str
    span: Span
    exercised: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every rule and row of a set, in order of file and place."""

    rules: tuple[CoveredRule, ...]

    @property
    def exercised(self) -> int:
        return sum(rule.exercised for rule in self.rules)

    def by_file(self) -> dict[str, dict[str, list[CoveredRule]]]:
        """Rules by path of file and name of policy."""
        found: dict[str, dict[str, list[CoveredRule]]] = {}
        for rule in self.rules:
            found.setdefault(rule.span.file.path, {}).setdefault(rule.policy, []).append(rule)
        return found

    @property
    def missing(self) -> tuple[CoveredRule, ...]:
        """The rules and rows that no test exercises."""
        return tuple(rule for rule in self.rules if not rule.exercised)


@dataclass(frozen=True, slots=True)
class TestReport:
    """The result of `test`, in order of file and line."""

    tests: tuple[TestOutcome, ...]
    coverage: Coverage | None

    def count(self, status: str) -> int:
        return sum(test.status == status for test in self.tests)


@dataclass(frozen=True, slots=True)
class Matrix:
    """One answer per cell, row by row: a verdict, `depends`, `impossible` or `undecided`."""

    cells: tuple[tuple[str, ...], ...]
    #: In a usual matrix: facts not given that have no usual value, or cannot have it, with their values.
    assumed: Mapping[str, tuple[str, ...]]

    @property
    def answers(self) -> tuple[str, ...]:
        """All cells in one line."""
        return tuple(answer for row in self.cells for answer in row)


@dataclass(frozen=True, slots=True)
class MatrixReport:
    """The result of `matrix`. Regions are codes; a decision with one side has no columns, but one cell per row."""

    decision: str
    level: str
    #: Whether each cell is over all cases instead of the usual one.
    every: bool
    row_fact: str
    column_fact: str | None
    #: All regions of the level; `rows` and `columns` are these, or the one region given.
    regions: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...] | None
    given: Mapping[str, str]
    defaulted: tuple[str, ...]
    #: The fact with one matrix per value; without one, `matrices` has a single entry without a name.
    each: str | None
    matrices: Mapping[str, Matrix]
    story: Text | None
