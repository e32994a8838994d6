"""How checks are carried out: in phases, each a function from what is known to what is known then.

In: the checks whose codes are wanted, and a context. Out: what they found and proved, and what was left open. A phase
may find out more of the rules: the next works with a context that knows it. A question that cannot be decided in time
is left open and leaves the others alone.
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
from .contradictions.disjoint import without_apart
from .form import Analysis, Asking, Check, Found, Phase, searching
from .reporter import Reporter

#: What every other answer rests on: which rules, and which values, were taken never to contradict.
GROUND = Purpose(("PC301", "PC302", "PC303"), text("PC901.search"), None)

#: A question, and what its answer rests on besides.
Based = tuple[Asking, tuple[Purpose, ...]]


@dataclass(frozen=True, slots=True)
class Run:
    """What stays the same from phase to phase."""

    #: Before anything is known.
    start: SolverContext
    checks: Sequence[Check]
    witnesses: int

    def begun(self, phase: Phase, reporter: Reporter) -> list[Analysis | Asking]:
        """What the checks of a phase ask, in order."""
        return [item for check in self.checks if check.phase is phase for item in check.begin(reporter)]


@dataclass(frozen=True, slots=True)
class Known:
    """What has been found out."""

    #: It knows what has been found out of the rules.
    context: SolverContext
    #: Answers, each with what it was asked for and what it rests on besides.
    answered: tuple[tuple[tuple[Purpose, ...], Found], ...] = ()
    #: What could not be answered, and why.
    left_open: tuple[tuple[Purpose, str], ...] = ()
    #: Whether there are no cases at all, so that every other answer would be vacuous.
    without_cases: bool = False


def find_out(run: Run) -> Known:
    """What comes of the checks, phase by phase."""
    known = Known(run.start)
    with ExitStack() as contexts:
        for phase in PHASES:
            if not known.without_cases:
                contexts.enter_context(known.context.disposable())
                known = phase(run, known)
    return known


def _cases(run: Run, known: Known) -> Known:
    """Whether there are any."""
    askings = [item for item in run.begun(Phase.CASES, Reporter(known.context)) if isinstance(item, Asking)]
    known = _ask(known, [(asking, ()) for asking in askings])
    doubted = any(known.context.doubted(asking.purpose) is not None for asking in askings)
    none = any(findings for _, (findings, _) in known.answered)
    return replace(known, without_cases=none and not doubted)


def _contests(_: Run, known: Known) -> Known:
    """Rules that never apply together are no longer compared."""
    known.context.rule_index.dependencies.work_out()
    return replace(known, context=known.context.refined(without_apart(known.context, GROUND)))


def _values(run: Run, known: Known) -> Known:
    """Values that never contradict each other are no longer provided for."""
    reporter = Reporter(known.context, run.witnesses)
    analyses = [item for item in run.begun(Phase.VALUES, reporter) if isinstance(item, Analysis)]
    return _ask(*_search(known, reporter, analyses, GROUND))


def _others(run: Run, known: Known) -> Known:
    """Everything else."""
    with _all_days(run.start).disposable() as all_days:
        always = Reporter(all_days, run.witnesses) if run.start.known else None
        reporter = Reporter(known.context, run.witnesses, always)
        begun = run.begun(Phase.OTHERS, reporter)
        known, told = _search(known, reporter, [item for item in begun if isinstance(item, Analysis)])
        return _ask(known, [*told, *((item, ()) for item in begun if isinstance(item, Asking))])


PHASES: Sequence[Callable[[Run, Known], Known]] = (_cases, _contests, _values, _others)


def _all_days(start: SolverContext) -> SolverContext:
    common = start.common
    shared = SharedContext(
        start.policy_set, common.memory, start.rule_index, common.confirmation, common.jobs
    )
    return SolverContext(start.policy_set, start.timeout, common=shared)


# --- Searching and asking ----------------------------------------------------------------------------------


def _search(
    known: Known, reporter: Reporter, analyses: Sequence[Analysis], ground: Purpose | None = None
) -> tuple[Known, list[Based]]:
    """What analyses find, looked for in one search, and what is to be asked of it."""
    told: list[Based] = []
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
        told = [*of_these, *told]
    for codes in dict.fromkeys(analysis.purpose.codes for analysis in following):
        known, more = _search(known, reporter, [item for item in following if item.purpose.codes == codes])
        told += more
    return known, told


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
    """The answer to a question, or why it could not be had in time."""
    try:
        with context.question(purpose=asking.purpose):
            answer = asking.ask()
    except Undecided as error:
        return error.reason
    return answer if isinstance(answer, tuple) else ([] if answer is None else [answer], [])


# --- What it adds up to ------------------------------------------------------------------------------------

#: Codes whose findings a replayed case shows to the full; others rest on what was said to be impossible, too.
_SHOWN = frozenset(["PC301", "PC302", "PC303", "PC304", "PC307", "PC403", "PC405", "PC406", "PC501"])


def concluded(known: Known) -> tuple[list[Diagnostic], list[Proof], set[str]]:
    """Findings, proofs, and the codes of which not all findings are known. What the second solver, if there is one,
    does not confirm is left open, with what rests on it."""
    purposes = dict.fromkeys([GROUND, *(purpose for basis, _ in known.answered for purpose in basis)])
    doubts = {purpose: doubt for purpose in purposes if (doubt := known.context.doubted(purpose)) is not None}
    left_open = [*known.left_open, *((purpose, doubt.value) for purpose, doubt in doubts.items())]
    findings: list[Diagnostic] = []
    for purpose, why in left_open:
        findings += [finding for finding in (undecided(purpose, why),) if finding not in findings]
    proofs: list[Proof] = []
    open_codes = {code for purpose, _ in left_open for code in purpose.codes}
    for basis, (found, proved) in known.answered:
        if doubts.keys().isdisjoint((GROUND, *basis)):
            findings += found
            proofs += proved
        else:
            findings += [finding for finding in found if finding.code.id in _SHOWN]
            open_codes.update(basis[0].codes)
    return findings, proofs, open_codes
