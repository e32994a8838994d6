"""Counts findings of each kind, divides them by whose they are, and derives the exit code of `check`.

In: findings. Out: counts and an exit code. Each finding counts once: by severity, unless it is acknowledged or an
undecided question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policyc.dsl.diagnostics.diagnostic import UNDECIDED, Diagnostic, Severity
from policyc.solver.report.reports import CheckReport

_GRAVITY = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Tally:
    errors: int
    warnings: int
    notes: int
    acknowledged: int
    undecided: int


def tally(findings: Iterable[Diagnostic]) -> Tally:
    kinds = [_kind(finding) for finding in findings]
    return Tally(*(kinds.count(kind) for kind in ("error", "warning", "note", "acknowledged", "undecided")))


#: Findings that rules of the author can bring about although no place of them is the author's: assertions and tests of
#: the files used, and questions without an answer.
_EVERYBODYS = ("PC5", UNDECIDED)


def divided(report: CheckReport) -> tuple[CheckReport, list[Diagnostic]]:
    """The report with the author's own findings, and the findings elsewhere: those whose every place lies in files that
    are read only because others use them, as what the author of one city finds in the rules of the nation. None are
    elsewhere if errors keep the set from being checked."""
    if report.stopped:
        return report, []
    own = tuple(finding for finding in report.findings if not _is_elsewhere(finding))
    return replace(report, findings=own), [finding for finding in report.findings if _is_elsewhere(finding)]


def _is_elsewhere(finding: Diagnostic) -> bool:
    if finding.primary is None or finding.code.id.startswith(_EVERYBODYS):
        return False
    return all(label.span.file.used for label in (finding.primary, *finding.secondary))


def _kind(finding: Diagnostic) -> str:
    if finding.acknowledged is not None:
        return "acknowledged"
    return "undecided" if finding.code.id == UNDECIDED else finding.level.value


def exit_code(findings: Iterable[Diagnostic], fail_on: Severity) -> int:
    """1 if a finding is at or above `fail_on`, 3 if all such findings are undecided questions, else 0."""
    grave = [
        finding for finding in findings if finding.acknowledged is None and _GRAVITY[finding.level] >= _GRAVITY[fail_on]
    ]
    if any(finding.code.id != UNDECIDED for finding in grave):
        return 1
    return 3 if grave else 0
