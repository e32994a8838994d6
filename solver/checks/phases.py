"""Runs the checks in phases, each a function from the knowledge before it to that after it.

In: the selected checks, and a context. Out: findings, proofs, and open questions. A phase may learn more about the
rules: the next one works with a context that knows it. A question that cannot be decided in time stays open and does
not affect the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.system.limits import Undecided

from ..backends.second_opinion import Purpose, undecided
from ..engine.context import SolverContext
from ..engine.reachability import search_all
from ..engine.shared_context import SharedContext
from ..report.reports import Proof
from .contradictions.disjoint import without_disjoint
from .form import Analysis, Asking, Check, Found, Phase, searching
from .reporter import Reporter

#: The purpose that all other answers depend on: that certain rules, and certain values, never contradict each other.
GROUND = Purpose(("PC301", "PC302", "PC303", "PC308", "PC309"), text("PC901.search"), None)

#: A question, and the other purposes that its answer depends on.
Based = tuple[Asking, tuple[Purpose, ...]]


@dataclass(frozen=True, slots=True)
class Run:
    """What all phases share."""

    #: The context at the start, when nothing is known.
    start: SolverContext
    checks: Sequence[Check]
    witnesses: int

    def begun(self, phase: Phase, reporter: Reporter) -> tuple[list[Analysis], list[Asking]]:
        """The questions of the checks of a phase, each kind in order."""
        items = [item for check in self.checks if check.phase is phase for item in check.begin(reporter)]
        return (
            [item for item in items if isinstance(item, Analysis)],
            [item for item in items if isinstance(item, Asking)],
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known so far."""

    #: A context with all that is known of the rules.
    context: SolverContext
    #: Answers, each with its purpose and the other purposes that it depends on.
    answered: tuple[tuple[tuple[Purpose, ...], Found], ...] = ()
    #: Questions without an answer, with the reason.
    left_open: tuple[tuple[Purpose, str], ...] = ()
    #: Whether there are no cases at all, so that every other answer would be vacuous.
    without_cases: bool = False


def find_out(run: Run) -> Known:
    """Runs the checks, phase by phase."""
    known = Known(run.start)
    with ExitStack() as contexts:
        for phase in PHASES:
            if not known.without_cases:
                contexts.enter_context(known.context.disposable())
                known = phase(run, known)
    return known


def _cases(run: Run, known: Known) -> Known:
    """Finds out whether there are any cases."""
    known = _answer(run, known, Phase.CASES, Reporter(known.context))
    doubts = [known.context.doubted(purpose) for (purpose, *_), _ in known.answered]
    none = any(findings for _, (findings, _) in known.answered)
    return replace(known, without_cases=none and not any(doubts))


def _contests(_: Run, known: Known) -> Known:
    """Drops contests of rules that never apply together."""
    known.context.rule_index.dependencies.work_out()
    return replace(known, context=known.context.refined(without_disjoint(known.context, GROUND), same_solvers=True))


def _values(run: Run, known: Known) -> Known:
    """Searches for contradicting values, and drops pairs that never contradict each other."""
    return _answer(run, known, Phase.VALUES, Reporter(known.context, run.witnesses), GROUND)


def _others(run: Run, known: Known) -> Known:
    """Runs all other checks."""
    with _all_days(run.start).disposable() as all_days:
        always = Reporter(all_days, run.witnesses) if run.start.known else None
        return _answer(run, known, Phase.OTHERS, Reporter(known.context, run.witnesses, always))


PHASES: Sequence[Callable[[Run, Known], Known]] = (_cases, _contests, _values, _others)


def _all_days(start: SolverContext) -> SolverContext:
    common = start.common
    shared = SharedContext(
        start.policy_set, common.cache, start.rule_index, common.confirmation, common.jobs, common.watch
    )
    return SolverContext(start.policy_set, start.timeout, common=shared)


# --- Searching and asking ----------------------------------------------------------------------------------


def _answer(run: Run, known: Known, phase: Phase, reporter: Reporter, ground: Purpose | None = None) -> Known:
    """Searches and asks everything that the checks of a phase want to know."""
    analyses, askings = run.begun(phase, reporter)
    known, found = _search(known, reporter, analyses, ground)
    return _ask(known, [*found, *((asking, ()) for asking in askings)])


def _search(
    known: Known, reporter: Reporter, analyses: Sequence[Analysis], ground: Purpose | None = None
) -> tuple[Known, list[Based]]:
    """The results of analyses, run as one search, and the questions that they raise."""
    askings: list[Based] = []
    following: list[Analysis] = []
    for always in (True, False):
        here = [item for item in analyses if (item.always and reporter.always is not reporter) is always]
        if not here:
            continue
        search = ground or searching(code for analysis in here for code in analysis.purpose.codes)
        context = (reporter.always if always else reporter).context
        results = search_all(context, [query for analysis in here for query in analysis.queries], search)
        of_these: list[Based] = []
        for analysis in here:
            conclusion = analysis.conclude(results)
            reports = [Asking(analysis.purpose, report) for report in conclusion.reports]
            of_these += [(asking, (search,)) for asking in (*reports, *conclusion.askings)]
            following += conclusion.following
            if conclusion.rule_index is not None:
                known = replace(known, context=known.context.refined(conclusion.rule_index))
            if (why := results.undecided(analysis.kind)) is not None:
                known = replace(known, left_open=(*known.left_open, (analysis.purpose, why)))
            else:
                found: Found = [], [*conclusion.proofs]
                known = replace(known, answered=(*known.answered, ((analysis.purpose, search), found)))
        askings = [*of_these, *askings]
    for codes in dict.fromkeys(analysis.purpose.codes for analysis in following):
        known, more = _search(known, reporter, [item for item in following if item.purpose.codes == codes])
        askings += more
    return known, askings


def _ask(known: Known, askings: Sequence[Based]) -> Known:
    tasks = [partial(_answered, known.context, asking) for asking, _ in askings]
    answered, left_open = list(known.answered), list(known.left_open)
    for (asking, basis), answer in zip(askings, known.context.share(tasks), strict=True):
        if isinstance(answer, str):
            left_open.append((asking.purpose, answer))
        else:
            answered.append(((asking.purpose, *basis), answer))
    return replace(known, answered=tuple(answered), left_open=tuple(left_open))


def _answered(context: SolverContext, asking: Asking) -> Found | str:
    """The answer to a question, or why it was not decided."""
    try:
        with context.question(purpose=asking.purpose):
            answer = asking.ask()
    except Undecided as error:
        return error.reason
    return answer if isinstance(answer, tuple) else ([] if answer is None else [answer], [])


# --- Conclusions -------------------------------------------------------------------------------------------


def concluded(known: Known, checks: Sequence[Check]) -> tuple[list[Diagnostic], list[Proof], set[str]]:
    """Findings, proofs, and the codes of which not all findings are known. Whatever a second solver does not confirm is
    left open, with everything that depends on it."""
    shown = {code for check in checks for code in check.shown}
    purposes = dict.fromkeys([GROUND, *(purpose for basis, _ in known.answered for purpose in basis)])
    doubts = {purpose: doubt for purpose in purposes if (doubt := known.context.doubted(purpose)) is not None}
    left_open = [*known.left_open, *((purpose, doubt.value) for purpose, doubt in doubts.items())]
    findings: list[Diagnostic] = []
    for purpose, why in left_open:
        if (finding := undecided(purpose, why)) not in findings:
            findings.append(finding)
    proofs: list[Proof] = []
    open_codes = {code for purpose, _ in left_open for code in purpose.codes}
    for basis, (found, proved) in known.answered:
        if doubts.keys().isdisjoint((GROUND, *basis)):
            findings += found
            proofs += proved
        else:
            findings += [finding for finding in found if finding.code.id in shown]
            open_codes.update(basis[0].codes)
    return findings, proofs, open_codes
