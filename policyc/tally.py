"""Counts findings of each kind and derives the exit code of `check`.

In: findings. Out: counts and an exit code. Each finding counts once: by severity, unless it is acknowledged or an
undecided question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policyc.dsl.diagnostics.diagnostic import UNDECIDED, Diagnostic, Severity

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
