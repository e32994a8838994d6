"""`check`: every question about a policy set, in order, and what came of each.

In: a checked set and the findings of the passes before. Out: a `CheckReport`. A question that cannot be
decided in time becomes a finding of its own (PC901) and leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from ..dsl.diagnostic import CODES, Diagnostic, Finding, Label, Severity, Text, text
from ..dsl.model import DATE, PolicySet, Test
from ..dsl.source import Span
from ..dsl.values import bounds_problem
from .answers import CheckReport, Proof
from .claims import contradicting_axioms, failed_test, refuted_assertion
from .conflicts import Found, norm_conflicts, side_disagreements, sides, value_conflicts
from .findings import Reporter
from .mandates import mandate_findings
from .prover import Prover, Undecided
from .settled import settled_conflicts
from .undetermined import readings, undetermined_value

#: A question: the codes it can find, what it asks (for PC901), a place, and the asking.
Asking = tuple[tuple[str, ...], Text, Span | None, Callable[[], Found]]


def check(
    policy_set: PolicySet,
    diagnostics: Sequence[Diagnostic],
    *,
    today: date,
    on: date | None = None,
    timeout: float | None = None,
    wanted: Callable[[str], bool] = lambda code: True,
) -> CheckReport:
    """Everything that can be found wrong with a set. `on` looks at the cases of one day only; `wanted` says
    which codes are; `timeout` is in seconds for each question to the solver."""
    found = list(diagnostics)
    proofs: list[Proof] = []
    # Codes of which not all findings are known: on one day only some of them show.
    open_codes: set[str] = set(CODES) if on is not None else set()
    outside = None if on is None else _outside(policy_set, on)
    found += [] if outside is None else [outside]
    stopped = any(d.level is Severity.ERROR for d in found)
    if not stopped:
        known = {DATE: on.toordinal()} if on is not None and DATE in policy_set.facts else {}
        prover = Prover(policy_set, timeout, known)
        for codes, what, span, asking in questions(prover):
            if not any(map(wanted, codes)):
                continue
            try:
                findings, proved = asking()
            except Undecided:
                found.append(undecided(what, span))
                open_codes.update(codes)
                continue
            found += findings
            proofs += proved
            if any(finding.code.id == "PC504" for finding in findings):
                break  # with no case at all, every other answer would be vacuous
        found = acknowledge(policy_set, found, on or today, wanted, open_codes)
    chosen = sorted((d for d in found if wanted(d.code.id)), key=Diagnostic.sort_key)
    rules = len(policy_set.rules)
    return CheckReport(
        tuple(chosen), tuple(proofs), len(policy_set.files), len(policy_set.policies), rules, stopped
    )


def questions(prover: Prover) -> Iterable[Asking]:
    """The questions in the order in which they are asked."""
    policy_set = prover.policy_set
    yield ("PC504",), text("PC901.axioms"), None, lambda: _one(contradicting_axioms(prover))
    reporter = Reporter(prover)
    for decision, side in sides(policy_set):
        what = text("PC901.no-conflict", decision=decision.name, side=side.name)
        yield ("PC301",), what, side.span, partial(norm_conflicts, reporter, decision, side)
    yield ("PC302",), text("PC901.settled-conflict"), None, lambda: (settled_conflicts(reporter), [])
    yield ("PC303",), text("PC901.conflicting-values"), None, partial(value_conflicts, reporter)
    yield ("PC304",), text("PC901.sides-disagree"), None, lambda: (side_disagreements(reporter), [])
    for mandate in policy_set.mandates.values():
        what = text("PC901.mandate", name=mandate.name)
        yield ("PC306", "PC307"), what, mandate.span, partial(mandate_findings, reporter, mandate)
    for name, places in readings(policy_set).items():
        parameter = policy_set.parameters[name]
        what = text("PC901.value", name=name)
        yield ("PC405",), what, parameter.span, partial(undetermined_value, reporter, parameter, places)
    for assertion in policy_set.assertions:
        what = text("PC901.assertion", name=assertion.name)
        yield ("PC501",), what, assertion.span, partial(refuted_assertion, reporter, assertion)
    # A test says itself on which day it plays.
    tester = Prover(policy_set, prover.timeout) if prover.known else prover
    for test in policy_set.tests:
        what = text("PC901.test", name=test.name)
        yield ("PC502", "PC503"), what, test.span, partial(_test, tester, test)


def _outside(policy_set: PolicySet, day: date) -> Diagnostic | None:
    """A day on which there are no cases."""
    fact = policy_set.facts.get(DATE)
    return None if fact is None else bounds_problem(fact, day.toordinal(), fact.span)


def _test(prover: Prover, test: Test) -> Found:
    return _one(failed_test(prover, test))


def _one(finding: Diagnostic | None) -> Found:
    return ([] if finding is None else [finding]), []


def undecided(what: Text, span: Span | None) -> Diagnostic:
    """PC901; Z3's own reason is left out, since it would mean nothing to a policy author."""
    label = None if span is None else Label(span)
    return Diagnostic(CODES["PC901"], text("PC901.headline", what=what), label, help=text("PC901.help"))


def acknowledge(
    policy_set: PolicySet,
    findings: Sequence[Diagnostic],
    day: date,
    wanted: Callable[[str], bool],
    open_codes: Collection[str],
) -> list[Diagnostic]:
    """Findings marked where an acknowledgement names their code and exactly their rules; PC108 for each
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
