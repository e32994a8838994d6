"""`check`: every question about a policy set, in order, and what came of each.

In: a checked set and the findings of the passes before. Out: a `CheckReport`. A question that cannot be
decided in time becomes a finding of its own (PC901) and leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import permutations

from ..dsl.diagnostic import CODES, Diagnostic, Finding, Label, Severity, Text, text
from ..dsl.model import DATE, PolicySet, Test
from ..dsl.source import Span
from ..dsl.values import bounds_problem
from .answers import CheckReport, Proof
from .bodies import drop_contests
from .claims import contradicting_axioms, failed_test, refuted_assertion
from .conflicts import norm_conflicts, side_disagreements, sides, value_conflicts
from .effect import Idle
from .findings import Reporter
from .mandates import mandate_findings
from .memory import Memory
from .never import NeverApplying
from .nullified import NullifiedPermits
from .prover import Common, Prover, Undecided
from .search import Analysis, Found, Hits, Report, hunt
from .settled import settled_conflicts
from .silent import silent_cases
from .tables import MaskedRows, table_gap
from .temporal import temporal_gaps
from .undetermined import readings, undetermined_value
from .workers import share

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
    jobs: int = 1,
    memory: Memory | None = None,
) -> CheckReport:
    """Everything that can be found wrong with a set. `on` looks at the cases of one day only; `wanted` says
    which codes are; `timeout` is in seconds for each question to the solver; `jobs` is how many processes may
    share the work, `memory` what is known from earlier runs."""
    found = list(diagnostics)
    proofs: list[Proof] = []
    # Codes of which not all findings are known: on one day only some of them show.
    open_codes: set[str] = set(CODES) if on is not None else set()
    outside = None if on is None else _outside(policy_set, on)
    found += [] if outside is None else [outside]
    stopped = any(d.level is Severity.ERROR for d in found)
    if not stopped:
        known = {DATE: on.toordinal()} if on is not None and DATE in policy_set.facts else {}
        prover = Prover(policy_set, timeout, known, Common(policy_set, memory))
        search = _Search(prover, wanted, jobs)
        search.run()
        found += search.found
        proofs += search.proofs
        open_codes |= search.open_codes
        found = acknowledge(policy_set, found, on or today, wanted, open_codes)
    chosen = sorted((d for d in found if wanted(d.code.id)), key=Diagnostic.sort_key)
    rules = len(policy_set.rules)
    return CheckReport(
        tuple(chosen), tuple(proofs), len(policy_set.files), len(policy_set.policies), rules, stopped
    )


class _Search:
    """The questions about all cases, in the order in which they are asked, and what came of them."""

    def __init__(self, prover: Prover, wanted: Callable[[str], bool], jobs: int) -> None:
        self.prover = prover
        self.wanted = wanted
        self.jobs = jobs
        self.found: list[Diagnostic] = []
        self.proofs: list[Proof] = []
        self.open_codes: set[str] = set()

    def run(self) -> None:
        if self._no_case():
            return  # every other answer would be vacuous
        drop_contests(self.prover)
        self._ask(self._hunted(self.prover, [value_conflicts(Reporter(self.prover))])[0])
        self.prover.renew()
        reporter = Reporter(self.prover)
        # What a test says, and what never happens, is not about the one day that is looked at.
        always = Reporter(self._all_days()) if self.prover.known else reporter
        never, masked = NeverApplying(reporter, always), MaskedRows(reporter, always)
        useless = [NullifiedPermits(reporter, *pair) for pair in sides(self.prover.policy_set)]
        every = [*analyses(reporter), *(permits.analysis for permits in useless)]
        if always is reporter:
            askings, hits = self._hunted(self.prover, [*every, never.analysis, masked.analysis])
        else:
            never_askings, _ = self._hunted(always.prover, [never.analysis, masked.analysis])
            askings, hits = self._hunted(self.prover, every)
            askings += never_askings
            never, masked = NeverApplying(reporter, reporter), MaskedRows(reporter, reporter)
        askings += self._idle(reporter, [never, masked, *useless], hits)
        self._ask([*askings, *questions(reporter, always)])
        self.proofs.sort(key=lambda proof: proof.what != "no-conflict")  # what matters most comes first

    def _idle(
        self, reporter: Reporter, others: Sequence[NeverApplying | MaskedRows | NullifiedPermits], hits: Hits
    ) -> list[Asking]:
        """PC402, for the rules of which the others do not speak; `hits` is what is known of these so far."""
        if not self.wanted("PC402"):
            return []
        missing = [hunt_ for other in others for hunt_ in other.hunts if hunt_ not in hits.hunts]
        hits.join(hunt(self.prover, missing, self.jobs))
        idle = Idle(reporter, frozenset().union(*(other.names(hits) for other in others)))
        askings: list[Asking] = []
        for decision, side in sides(self.prover.policy_set):
            what = text("PC901.effect", decision=decision.name, side=side.name)
            askings.append((("PC402",), what, side.span, partial(idle.norms, decision, side)))
        return [*askings, (("PC402",), text("PC901.effect-of-settings"), None, idle.settings)]

    def _no_case(self) -> bool:
        """Whether the axioms leave no case at all; asked whatever is wanted."""
        answer = _answered(lambda: _one(contradicting_axioms(self.prover)))
        if answer is None:
            self._leave_open(("PC504",), text("PC901.axioms"), None)
            return False
        self.found += answer[0]
        return bool(answer[0])

    def _all_days(self) -> Prover:
        policy_set = self.prover.policy_set
        return Prover(policy_set, self.prover.timeout, common=Common(policy_set, self.prover.common.memory))

    def _hunted(self, prover: Prover, every: list[Analysis]) -> tuple[list[Asking], Hits]:
        """What to say of everything that is looked for part by part, in one search, and what was found."""
        chosen = [analysis for analysis in every if any(map(self.wanted, analysis.codes))]
        hunts = dict.fromkeys(hunt_ for analysis in chosen for hunt_ in analysis.hunts)
        hits = hunt(prover, list(hunts), self.jobs)
        askings: list[Asking] = []
        for analysis in chosen:
            about = (analysis.codes, analysis.what, analysis.span)
            reports, proofs = analysis.conclude(hits)
            askings += [(*about, partial(_finding, report)) for report in reports]
            if hits.undecided(analysis.kind):
                self._leave_open(*about)
            else:
                self.proofs += proofs
        return askings, hits

    def _ask(self, askings: Sequence[Asking]) -> None:
        chosen = [asking for asking in askings if any(map(self.wanted, asking[0]))]
        tasks = [partial(_answered, asking) for _, _, _, asking in chosen]
        answers = share(tasks, self.jobs, self.prover.policy_set.files, self.prover.common.memory)
        for (codes, what, span, _), answer in zip(chosen, answers, strict=True):
            if answer is None:
                self._leave_open(codes, what, span)
                continue
            self.found += answer[0]
            self.proofs += answer[1]

    def _leave_open(self, codes: tuple[str, ...], what: Text, span: Span | None) -> None:
        undecided = _undecided(what, span)
        if undecided not in self.found:
            self.found.append(undecided)
        self.open_codes.update(codes)


def _answered(asking: Callable[[], Found]) -> Found | None:
    """The answer to a question, or none if it could not be had in time."""
    try:
        return asking()
    except Undecided:
        return None


def _finding(report: Report) -> Found:
    return _one(report())


def analyses(reporter: Reporter) -> Iterable[Analysis]:
    """What is looked for part by part."""
    policy_set = reporter.policy_set
    for decision, side in sides(policy_set):
        yield norm_conflicts(reporter, decision, side)
    yield settled_conflicts(reporter)
    for name, places in readings(policy_set).items():
        yield undetermined_value(reporter, policy_set.parameters[name], places)
    for table in policy_set.tables.values():
        yield table_gap(reporter, table)
    for decision in policy_set.decisions.values():
        yield silent_cases(reporter, decision)


def questions(reporter: Reporter, always: Reporter) -> Iterable[Asking]:
    """What is asked once for all cases; `always` looks at all days."""
    policy_set = reporter.policy_set
    yield from across(reporter)
    for mandate in policy_set.mandates.values():
        what = text("PC901.mandate", name=mandate.name)
        yield ("PC306", "PC307"), what, mandate.span, partial(mandate_findings, reporter, mandate)
    yield ("PC404",), text("PC901.temporal-gaps"), None, lambda: (temporal_gaps(reporter), [])
    for assertion in policy_set.assertions:
        what = text("PC901.assertion", name=assertion.name)
        yield ("PC501",), what, assertion.span, partial(refuted_assertion, reporter, assertion)
    for test in policy_set.tests:
        what = text("PC901.test", name=test.name)
        yield ("PC502", "PC503"), what, test.span, partial(_test, always.prover, test)


def across(reporter: Reporter) -> Iterable[Asking]:
    """What the sides of a decision have against each other, in each direction."""
    for decision in reporter.policy_set.decisions.values():
        for yes, no in permutations(decision.sides, 2):
            asking = partial(side_disagreements, reporter, decision, yes, no)
            yield ("PC304",), text("PC901.sides-disagree"), decision.span, asking


def _outside(policy_set: PolicySet, day: date) -> Diagnostic | None:
    """A day on which there are no cases."""
    fact = policy_set.facts.get(DATE)
    return None if fact is None else bounds_problem(fact, day.toordinal(), fact.span)


def _test(prover: Prover, test: Test) -> Found:
    return _one(failed_test(prover, test))


def _one(finding: Diagnostic | None) -> Found:
    return ([] if finding is None else [finding]), []


def _undecided(what: Text, span: Span | None) -> Diagnostic:
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
