"""`check`: runs all checks of a policy set.

In: a checked set and the findings of earlier passes. Out: a `CheckReport`. The checks are in `solver/checks/`, one file
each; `solver/checks/phases.py` runs them phase by phase.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policyc.dsl.diagnostics.diagnostic import CODES, UNDECIDED, Diagnostic, Severity
from policyc.dsl.model import DATE, PolicySet
from policyc.dsl.model.values import bounds_problem

from .backends.second_opinion import Confirmation, OtherSolver
from .checks.acknowledgements import acknowledge
from .checks.form import Check, Phase
from .checks.options import CheckOptions
from .checks.phases import Run, concluded, find_out
from .checks.registry import CHECKS
from .engine.cache.answers import AnswerCache
from .engine.context import SolverContext
from .engine.parallel import Watch
from .engine.shared_context import SharedContext
from .repairs.repairs import with_repairs
from .report.reports import CheckReport, Proof, ProofKind


def check(
    policy_set: PolicySet,
    diagnostics: Sequence[Diagnostic],
    options: CheckOptions,
    cache: AnswerCache | None = None,
    second: OtherSolver | None = None,
    checks: Sequence[Check] = CHECKS,
    watch: Watch = lambda done, total: None,
) -> CheckReport:
    """Everything wrong with a set. `cache` has the answers of earlier runs. A `second` solver confirms whatever the
    first finds impossible; then one process does the work. `watch` is told how far each part of the work is."""
    on = options.on
    # The reasons why something was not looked for are always reported.
    always = {UNDECIDED, *(d.code.id for d in diagnostics if d.level is Severity.ERROR)}

    def wanted(code: str) -> bool:
        return options.codes is None or code in options.codes or code in always

    outside = None if on is None else _outside(policy_set, on)
    found = [*diagnostics, *([] if outside is None else [outside])]
    stopped = any(d.level is Severity.ERROR for d in found)
    confirmation = None if second is None else Confirmation(second, options.timeout)
    proofs: list[Proof] = []
    unrepaired = 0
    if not stopped:
        fixed = {DATE: on.toordinal()} if on is not None and DATE in policy_set.facts else {}
        common = SharedContext(policy_set, cache, None, confirmation, options.jobs, watch)
        chosen = [one for one in checks if one.phase is Phase.CASES or any(map(wanted, one.codes))]
        known = find_out(Run(SolverContext(policy_set, options.timeout, fixed, common), chosen, options.witnesses))
        answers, proofs, open_codes = concluded(known, chosen)
        # The cases of one day show only some findings of a code.
        open_codes = open_codes if on is None else set(CODES)
        found = acknowledge(policy_set, [*found, *answers], on or options.today, wanted, open_codes)
        found, unrepaired = with_repairs(known.context, found)
        # The most important proofs come first.
        proofs.sort(key=lambda proof: proof.kind is not ProofKind.NO_CONFLICT)
    return CheckReport(
        tuple(sorted((d for d in found if wanted(d.code.id)), key=Diagnostic.sort_key)),
        tuple(proofs),
        len(policy_set.files),
        len(policy_set.policies),
        len(policy_set.rules),
        stopped,
        None if confirmation is None else confirmation.verified,
        unrepaired,
    )


def _outside(policy_set: PolicySet, day: date) -> Diagnostic | None:
    """PC105 for a day on which there are no cases."""
    fact = policy_set.facts.get(DATE)
    return None if fact is None else bounds_problem(fact, day.toordinal(), fact.span)
