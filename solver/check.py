"""`check`: everything that can be wrong with a policy set, and what came of each question.

In: a checked set and the findings of the passes before. Out: a `CheckReport`. What there is to ask is in
`solver/checks/`, one file for each check; how it is asked, phase by phase, in `solver/checks/phases.py`.
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
from .engine.shared_context import SharedContext
from .repairs.repairs import with_repairs
from .report.reports import CheckReport, Proof, ProofKind


def check(
    policy_set: PolicySet,
    diagnostics: Sequence[Diagnostic],
    options: CheckOptions,
    memory: AnswerCache | None = None,
    second: OtherSolver | None = None,
    checks: Sequence[Check] = CHECKS,
) -> CheckReport:
    """Everything that can be found wrong with a set. `memory` is what is known from earlier runs. A `second` solver
    confirms whatever the first says cannot happen; it listens in this process only."""
    on = options.on
    # Why something was not looked for is told whatever is wanted.
    always = {UNDECIDED, *(d.code.id for d in diagnostics if d.level is Severity.ERROR)}

    def wanted(code: str) -> bool:
        return options.codes is None or code in options.codes or code in always

    outside = None if on is None else _outside(policy_set, on)
    found = [*diagnostics, *([] if outside is None else [outside])]
    stopped = any(d.level is Severity.ERROR for d in found)
    confirmation = None if second is None else Confirmation(second, options.timeout)
    proofs: list[Proof] = []
    if not stopped:
        fixed = {DATE: on.toordinal()} if on is not None and DATE in policy_set.facts else {}
        common = SharedContext(policy_set, memory, None, confirmation, options.jobs)
        chosen = [one for one in checks if one.phase is Phase.CASES or any(map(wanted, one.codes))]
        known = find_out(
            Run(SolverContext(policy_set, options.timeout, fixed, common), chosen, options.witnesses)
        )
        answers, proofs, open_codes = concluded(known)
        # On one day only some of the findings of a code show.
        open_codes = open_codes if on is None else set(CODES)
        found = acknowledge(policy_set, [*found, *answers], on or options.today, wanted, open_codes)
        found = with_repairs(known.context, found)
        # What matters most comes first.
        proofs.sort(key=lambda proof: proof.kind is not ProofKind.NO_CONFLICT)
    return CheckReport(
        tuple(sorted((d for d in found if wanted(d.code.id)), key=Diagnostic.sort_key)),
        tuple(proofs),
        len(policy_set.files),
        len(policy_set.policies),
        len(policy_set.rules),
        stopped,
        None if confirmation is None else confirmation.verified,
    )


def _outside(policy_set: PolicySet, day: date) -> Diagnostic | None:
    """A day on which there are no cases."""
    fact = policy_set.facts.get(DATE)
    return None if fact is None else bounds_problem(fact, day.toordinal(), fact.span)
