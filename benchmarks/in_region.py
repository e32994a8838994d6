"""Questions inside a region (rules that never apply, unusable permits, conflicts): all together against a new solver
for each question.

    python -m benchmarks.in_region
"""

from __future__ import annotations

import gc
import random
import tempfile
from pathlib import Path

from benchmarks.generate import write
from benchmarks.measure import row, timed
from policyc.pipeline import compile_paths
from policyc.solver.checks.contradictions.norm_conflicts import norm_conflicts
from policyc.solver.checks.contradictions.unusable_permits import UnusablePermits
from policyc.solver.checks.gaps.never_applies import NeverApplying
from policyc.solver.checks.reporter import Reporter
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.reachability import ReachabilityQuery, search_all
from policyc.solver.engine.rule_places import sides

AREAS = 32
SAMPLE = 30


def main() -> None:
    gc.set_threshold(100_000, 50, 50)
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), AREAS, "distinct")
        policy_set = compile_paths([Path(name)]).policy_set
    common = SolverContext(policy_set).common

    def queries(context: SolverContext) -> list[ReachabilityQuery]:
        reporter = Reporter(context)
        found = [*NeverApplying(reporter).queries]
        for pair in sides(policy_set):
            found += UnusablePermits(reporter, *pair).queries
        return found + [item for pair in sides(policy_set) for item in norm_conflicts(reporter, *pair).queries]

    context = SolverContext(policy_set, common=common)
    together, _ = timed(lambda: search_all(context, queries(context)))
    keys = {(number, key) for number, item in enumerate(queries(context)) for key in item.describe(context.whole)}
    chooser = random.Random(0)
    chosen = chooser.sample(sorted(keys), SAMPLE)

    def one_by_one() -> None:
        for number, key in chosen:
            alone = SolverContext(policy_set, common=common)
            item, scope = queries(alone)[number], alone.whole
            scope.possible([item.describe(scope)[key]], scope.session())

    ratio = timed(one_by_one)[0] / SAMPLE * len(keys) / together
    row(f"{len(keys):,} questions in {AREAS} areas", f"{ratio:,.0f} ×", "≥ 50 ×", ratio >= 50)


if __name__ == "__main__":
    main()
