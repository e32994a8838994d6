"""Acknowledgements of findings that authors accept, and outdated acknowledgements (PC108).

In: a set and its findings. Out: the same findings, marked, and a finding for each acknowledgement that marks none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date

from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Finding, Label, Text, text
from policyc.dsl.diagnostics.source import Span
from policyc.dsl.model import PolicySet


def acknowledge(
    policy_set: PolicySet,
    findings: Sequence[Diagnostic],
    day: date,
    wanted: Callable[[str], bool],
    open_codes: Collection[str],
) -> list[Diagnostic]:
    """The findings, marked if an acknowledgement names their code and exactly their rules; PC108 for each
    acknowledgement that has ended, or matches nothing although all findings of its code are known."""
    result = list(findings)
    for item in policy_set.acknowledgements:
        if not wanted(item.name):
            continue
        if item.until is not None and item.until < day.toordinal():
            ended = text("PC108.expired", date=date.fromordinal(item.until).isoformat())
            result.append(_stale(item.span, ended, tuple(sorted(item.rules))))
            continue
        matching = [
            index
            for index, finding in enumerate(result)
            if finding.code.id == item.name and frozenset(finding.finding.rules) == item.rules
        ]
        for index in matching:
            result[index] = replace(result[index], acknowledged=item.because)
        if not matching and item.name not in open_codes:
            result.append(_stale(item.span, text("PC108.unmatched"), tuple(sorted(item.rules))))
    return result


def _stale(span: Span, message: Text, rules: tuple[str, ...]) -> Diagnostic:
    finding = Finding(rules=rules)
    return Diagnostic(CODES["PC108"], message, Label(span), help=text("PC108.help"), finding=finding)
