"""`check`: every question about a policy set, in order, and what came of each.

In: a checked set and the findings of the passes before. Out: a `CheckReport`. A question that cannot be
decided in time becomes a finding of its own (PC901) and leaves the others alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from itertools import permutations

from policyc.dsl.diagnostics.diagnostic import CODES, UNDECIDED, Diagnostic, Severity, Text, text
from policyc.dsl.diagnostics.source import Span
from policyc.dsl.model import DATE, PolicySet, Test
from policyc.dsl.model.values import bounds_problem
from policyc.dsl.system.limits import Undecided

from .backends.second_opinion import (
    Confirmation,
    OtherSolver,
    Purpose,
    undecided,
)
from .checks.acknowledgements import acknowledge
from .checks.claims import contradicting_axioms, failed_test, refuted_assertion
from .checks.contradictions.conflicts import norm_conflicts, side_disagreements, sides, value_conflicts
from .checks.contradictions.disjoint import drop_contests
from .checks.contradictions.mandates import mandate_findings
from .checks.contradictions.settled import settled_conflicts
from .checks.contradictions.unusable_permits import UnusablePermits
from .checks.gaps.never_applies import NeverApplying
from .checks.gaps.silent import SilentCases
from .checks.gaps.tables import MaskedRows, table_gap
from .checks.gaps.temporal import temporal_gaps
from .checks.gaps.undetermined import undetermined_value
from .checks.options import CheckOptions
from .checks.redundancy.check import RedundantRules
from .checks.redundancy.groups import RuleGroup, SideGroup
from .checks.reporter import Reporter
from .encoding.dependencies import readings
from .engine.cache.answers import AnswerCache
from .engine.context import SharedContext, SolverContext
from .engine.reachability import Analysis, Found, ReachabilityResults, Report, search_all
from .repairs.repairs import with_repairs
from .report.reports import CheckReport, Proof, ProofKind

#: A question: the codes it can find, what it asks (for PC901), a place, and the asking.
Asking = tuple[tuple[str, ...], Text, Span | None, Callable[[], Found]]
#: A question, and what its answer rests on besides.
Based = tuple[Asking, tuple[Purpose, ...]]


def check(
    policy_set: PolicySet,
    diagnostics: Sequence[Diagnostic],
    options: CheckOptions,
    memory: AnswerCache | None = None,
    second: OtherSolver | None = None,
) -> CheckReport:
    """Everything that can be found wrong with a set. `memory` is what is known from earlier runs. A `second` solver
    confirms whatever the first says cannot happen; it listens in this process only."""
    on, timeout = options.on, options.timeout
    found = list(diagnostics)
    # Why something was not looked for is told whatever is wanted.
    always = {UNDECIDED, *(d.code.id for d in diagnostics if d.level is Severity.ERROR)}

    def wanted(code: str) -> bool:
        return options.codes is None or code in options.codes or code in always

    outside = None if on is None else _outside(policy_set, on)
    found += [] if outside is None else [outside]
    stopped = any(d.level is Severity.ERROR for d in found)
    confirmation = None if second is None else Confirmation(second, timeout)
    proofs: list[Proof] = []
    if not stopped:
        known = {DATE: on.toordinal()} if on is not None and DATE in policy_set.facts else {}
        context = SolverContext(
            policy_set, timeout, known, SharedContext(policy_set, memory, confirmation=confirmation)
        )
        jobs = options.jobs if second is None else 1
        answers = _Answers(context, wanted, jobs, options.witnesses)
        with context.disposable():
            answers.ask_all()
            # Codes of which not all findings are known: on one day only some of them show.
            open_codes = set(CODES) if on is not None else answers.open_codes
            found = acknowledge(policy_set, [*found, *answers.found], on or options.today, wanted, open_codes)
            found = with_repairs(context, found, jobs)
        proofs = answers.proofs
    chosen = sorted((d for d in found if wanted(d.code.id)), key=Diagnostic.sort_key)
    return CheckReport(
        tuple(chosen),
        tuple(proofs),
        len(policy_set.files),
        len(policy_set.policies),
        len(policy_set.rules),
        stopped,
        None if confirmation is None else confirmation.verified,
    )


#: Codes whose findings a replayed case shows to the full; others rest on what was said to be impossible, too.
_SHOWN = frozenset(["PC301", "PC302", "PC303", "PC304", "PC307", "PC403", "PC405", "PC406", "PC501"])


class _Answers:
    """The questions about all cases, in the order in which they are asked, and what came of them: findings,
    proofs, and the codes of which not all findings are known."""

    def __init__(
        self, context: SolverContext, wanted: Callable[[str], bool], jobs: int, witnesses: int
    ) -> None:
        self.context = context
        self.wanted = wanted
        self.jobs = jobs
        self.witnesses = witnesses
        self.found: list[Diagnostic] = []
        self.proofs: list[Proof] = []
        self.open_codes: set[str] = set()
        #: What every other answer rests on: which rules, and which values, were taken never to contradict.
        self._ground = Purpose(("PC301", "PC302", "PC303"), text("PC901.search"), None)
        #: Answers, and what they were asked for besides.
        self._answered: list[tuple[tuple[Purpose, ...], Found]] = []

    def ask_all(self) -> None:
        if self._no_case():
            return  # every other answer would be vacuous
        self.context.rule_index.dependencies.work_out()
        drop_contests(self.context, self.jobs, self._ground)
        values = value_conflicts(self._reporter(self.context))
        askings, _ = self._hunted(self.context, [values], self._ground)
        self._ask(askings)
        self.context.renew()
        reporter = self._reporter(self.context)
        # What a test says, and what never happens, is not about the one day that is looked at.
        always = self._reporter(self._all_days()) if self.context.known else reporter
        never, masked = NeverApplying(reporter, always), MaskedRows(reporter, always)
        useless = [UnusablePermits(reporter, *pair) for pair in sides(self.context.policy_set)]
        silent = [SilentCases(reporter, decision) for decision in self.context.policy_set.decisions.values()]
        every = [
            *analyses(reporter),
            *(cases.silences for cases in silent),
            *(permits.analysis for permits in useless),
        ]
        if always is reporter:
            askings, results = self._hunted(self.context, [*every, never.analysis, masked.analysis])
        else:
            never_askings, _ = self._hunted(always.context, [never.analysis, masked.analysis])
            askings, results = self._hunted(self.context, every)
            askings += never_askings
            never, masked = NeverApplying(reporter, reporter), MaskedRows(reporter, reporter)
        askings += self._hunted(self.context, [cases.permitted for cases in silent])[0]
        askings += self._idle(reporter, [never, masked, *useless], results)
        self._ask([*askings, *((asking, ()) for asking in questions(reporter, always))])
        self._conclude()
        self.proofs.sort(
            key=lambda proof: proof.kind is not ProofKind.NO_CONFLICT
        )  # what matters most comes first

    def _idle(
        self,
        reporter: Reporter,
        others: Sequence[NeverApplying | MaskedRows | UnusablePermits],
        results: ReachabilityResults,
    ) -> list[Based]:
        """PC402, for the rules of which the others do not speak; `hits` is what is known of these so far."""
        if not self.wanted("PC402"):
            return []
        missing = [query for other in others for query in other.queries if query not in results.queries]
        purpose = Purpose(("PC402",), text("PC901.search"), None)
        results.join(search_all(self.context, missing, self.jobs, purpose))
        idle = RedundantRules(reporter, frozenset().union(*(other.names(results) for other in others)))
        idle.search(self.jobs, purpose)
        return [
            ((("PC402",), *_about(group), partial(idle.findings, group)), (purpose,)) for group in idle.groups
        ]

    def _no_case(self) -> bool:
        """Whether the axioms leave no case at all; asked whatever is wanted."""
        purpose = Purpose(("PC504",), text("PC901.axioms"), None)
        answer = _answered(self.context, purpose, lambda: _one(contradicting_axioms(self.context)))
        doubt = self.context.doubted(purpose)
        if isinstance(answer, str) or doubt is not None:
            self._leave_open(purpose, answer if isinstance(answer, str) else str(doubt))
            return False
        self.found += answer[0]
        return bool(answer[0])

    def _reporter(self, context: SolverContext) -> Reporter:
        return Reporter(context, self.witnesses)

    def _all_days(self) -> SolverContext:
        policy_set, common = self.context.policy_set, self.context.common
        shared = SharedContext(policy_set, common.memory, confirmation=common.confirmation)
        return SolverContext(policy_set, self.context.timeout, common=shared)

    def _hunted(
        self, context: SolverContext, every: list[Analysis], search: Purpose | None = None
    ) -> tuple[list[Based], ReachabilityResults]:
        """What to say of everything that is looked for part by part, in one search, and what was found."""
        chosen = [analysis for analysis in every if any(map(self.wanted, analysis.codes))]
        queries = dict.fromkeys(query for analysis in chosen for query in analysis.queries)
        codes = tuple(dict.fromkeys(code for analysis in chosen for code in analysis.codes))
        search = search or Purpose(codes, text("PC901.search"), None)
        results = search_all(context, list(queries), self.jobs, search)
        askings: list[Based] = []
        for analysis in chosen:
            purpose = Purpose(analysis.codes, analysis.what, analysis.span)
            reports, proofs = analysis.conclude(results)
            asking = analysis.codes, analysis.what, analysis.span
            askings += [((*asking, partial(_finding, report)), (search,)) for report in reports]
            if (why := results.undecided(analysis.kind)) is not None:
                self._leave_open(purpose, why)
            else:
                self._answered.append(((purpose, search), ([], proofs)))
        return askings, results

    def _ask(self, askings: Sequence[Based]) -> None:
        chosen = [
            (Purpose(codes, what, span), basis, asking)
            for (codes, what, span, asking), basis in askings
            if any(map(self.wanted, codes))
        ]
        tasks = [partial(_answered, self.context, purpose, asking) for purpose, _, asking in chosen]
        answers = self.context.share(tasks, self.jobs)
        for (purpose, basis, _), answer in zip(chosen, answers, strict=True):
            if isinstance(answer, str):
                self._leave_open(purpose, answer)
            else:
                self._answered.append(((purpose, *basis), answer))

    def _conclude(self) -> None:
        """What the second solver, if there is one, does not confirm is left open, with what rests on it."""
        purposes = dict.fromkeys([self._ground, *(p for basis, _ in self._answered for p in basis)])
        doubts = {
            purpose: doubt for purpose in purposes if (doubt := self.context.doubted(purpose)) is not None
        }
        for purpose, doubt in doubts.items():
            self._leave_open(purpose, doubt.value)
        for basis, (findings, proofs) in self._answered:
            if self._ground not in doubts and not any(purpose in doubts for purpose in basis):
                self.found += findings
                self.proofs += proofs
            else:
                self.found += [finding for finding in findings if finding.code.id in _SHOWN]
                self.open_codes.update(basis[0].codes)

    def _leave_open(self, purpose: Purpose, reason: str) -> None:
        finding = undecided(purpose, reason)
        if finding not in self.found:
            self.found.append(finding)
        self.open_codes.update(purpose.codes)


def _about(group: RuleGroup) -> tuple[Text, Span | None]:
    """Whose effect is asked about, and where it is declared."""
    if isinstance(group, SideGroup):
        decision, side = group.decision, group.side
        return text("PC901.effect", decision=decision.name, side=side.name), side.span
    return text("PC901.effect-of-settings"), None


def _answered(context: SolverContext, purpose: Purpose, asking: Callable[[], Found]) -> Found | str:
    """The answer to a question, or why it could not be had in time."""
    try:
        with context.question(purpose=purpose):
            return asking()
    except Undecided as error:
        return error.reason


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
        yield ("PC502", "PC503"), what, test.span, partial(_test, always.context, test)


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


def _test(context: SolverContext, test: Test) -> Found:
    return _one(failed_test(context, test))


def _one(finding: Diagnostic | None) -> Found:
    return ([] if finding is None else [finding]), []
