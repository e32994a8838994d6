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
from .confirm import Confirmation, Purpose, Second, asked_for, doubted, heard_by, undecided
from .conflicts import Found, norm_conflicts, side_disagreements, sides, value_conflicts
from .findings import Reporter
from .mandates import mandate_findings
from .prover import Prover, Undecided
from .repairs import with_repairs
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
    witnesses: int = 1,
    second: Second | None = None,
) -> CheckReport:
    """Everything that can be found wrong with a set. `on` looks at the cases of one day only; `wanted` says
    which codes are; `timeout` is in seconds for each question to the solver; `witnesses` is how many are
    shown of a finding. A `second` solver confirms whatever the first says cannot happen."""
    found = list(diagnostics)
    outside = None if on is None else _outside(policy_set, on)
    found += [] if outside is None else [outside]
    stopped = any(d.level is Severity.ERROR for d in found)
    confirmation = None if second is None else Confirmation(second, timeout)
    answers = _Answers()
    if not stopped:
        known = {DATE: on.toordinal()} if on is not None and DATE in policy_set.facts else {}
        prover = Prover(policy_set, timeout, known)
        with heard_by(confirmation):
            answers.ask(questions(prover, witnesses), wanted)
            # Codes of which not all findings are known: on one day only some of them show.
            open_codes = set(CODES) if on is not None else answers.open_codes
            found = acknowledge(policy_set, [*found, *answers.found], on or today, wanted, open_codes)
            found = with_repairs(prover, found)
    chosen = sorted((d for d in found if wanted(d.code.id)), key=Diagnostic.sort_key)
    return CheckReport(
        tuple(chosen),
        tuple(answers.proofs),
        len(policy_set.files),
        len(policy_set.policies),
        len(policy_set.rules),
        stopped,
        None if confirmation is None else confirmation.verified,
    )


class _Answers:
    """What came of the questions: findings, proofs, and the codes of which not all findings are known."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.proofs: list[Proof] = []
        self.open_codes: set[str] = set()

    def ask(self, askings: Iterable[Asking], wanted: Callable[[str], bool]) -> None:
        """Asks everything wanted; what the second solver does not confirm is left open."""
        answered: list[tuple[Purpose, Found]] = []
        for codes, what, span, asking in askings:
            if not any(map(wanted, codes)):
                continue
            purpose = Purpose(codes, what, span)
            try:
                with asked_for(purpose):
                    found = asking()
            except Undecided:
                self._leave_open(purpose, "PC901.headline")
                continue
            answered.append((purpose, found))
            impossible = any(finding.code.id == "PC504" for finding in found[0])
            if impossible and not doubted(purpose):
                break  # with no case at all, every other answer would be vacuous
        self._conclude(answered)

    def _conclude(self, answered: Sequence[tuple[Purpose, Found]]) -> None:
        # A value that was taken to be one and may be two puts everything in doubt that was asked since.
        values = any("PC303" in purpose.codes and doubted(purpose) for purpose, _ in answered)
        for purpose, (findings, proofs) in answered:
            doubt = doubted(purpose)
            if doubt is not None:
                self._leave_open(purpose, f"PC901.{doubt.value}")
            if doubt is None and not values:
                self.found += findings
                self.proofs += proofs
            else:
                self.found += [finding for finding in findings if finding.code.id in _SHOWN]
                self.open_codes.update(purpose.codes)

    def _leave_open(self, purpose: Purpose, key: str) -> None:
        self.found.append(undecided(purpose, key))
        self.open_codes.update(purpose.codes)


#: Codes whose findings a replayed case shows to the full; others rest on what was said to be impossible, too.
_SHOWN = frozenset(["PC301", "PC302", "PC303", "PC304", "PC307", "PC403", "PC405", "PC406", "PC501"])


def questions(prover: Prover, witnesses: int = 1) -> Iterable[Asking]:
    """The questions in the order in which they are asked."""
    policy_set = prover.policy_set
    yield ("PC504",), text("PC901.axioms"), None, lambda: _one(contradicting_axioms(prover))
    reporter = Reporter(prover, witnesses)
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
