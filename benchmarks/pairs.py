"""All ordered pairs of regions, every side, every conflict, against a new solver for each pair.

For each ordered pair (A, B): is there a case of a payer in A and a beneficiary in B in which a side is in conflict, or
one permits what the other denies? The simple way encodes the rules of the pair anew and asks a new solver; it is timed
on a sample of pairs. policyc's way is that of `check`: parts of the country, cases tried first, joint proofs.

    python -m benchmarks.pairs
"""

from __future__ import annotations

import gc
import random
import tempfile
from math import log
from pathlib import Path

from benchmarks.generate import write
from benchmarks.measure import row, timed
from policyc.dsl.model import PolicySet, SideVerdict, Verdict
from policyc.pipeline import compile_paths
from policyc.solver.checks.contradictions import side_disagreements
from policyc.solver.checks.contradictions.disjoint import without_disjoint
from policyc.solver.checks.contradictions.norm_conflicts import norm_conflicts
from policyc.solver.checks.contradictions.value_conflicts import value_conflicts
from policyc.solver.checks.reporter import Reporter
from policyc.solver.encoding.symbolic_case import Area
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.reachability import search_all
from policyc.solver.engine.rule_places import sides

SAMPLE = 25


def main() -> None:
    gc.set_threshold(100_000, 50, 50)
    for kind, goals in (("templates", {32: 50, 400: 1500}), ("distinct", {32: 50, 400: 120})):
        ours: dict[int, float] = {}
        for size, goal in goals.items():
            policy_set = _set(size, kind)
            seconds, places = timed(lambda policy_set=policy_set: _together(policy_set))
            pair = _one_by_one(policy_set, places)
            ours[size] = seconds
            ratio = pair * len(places) * (len(places) - 1) / seconds
            row(f"all pairs of {size} areas, {kind}", f"{ratio:,.0f} ×", f"≥ {goal:,} ×", ratio >= goal)
        exponent = log(ours[400] / ours[32]) / log(400 / 32)
        row(
            f"the same, growth with the number of areas, {kind}",
            f"exponent {exponent:.2f}",
            "≤ 1.9",
            exponent <= 1.9,
        )


def _set(size: int, kind: str) -> PolicySet:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), size, kind)
        return compile_paths([Path(name)]).policy_set


def _together(policy_set: PolicySet) -> list[Area]:
    """The way of `check`; returns the areas."""
    context = SolverContext(policy_set)
    context = context.refined(without_disjoint(context))
    first = value_conflicts(Reporter(context))
    refined = first.conclude(search_all(context, first.queries)).rule_index
    assert refined is not None
    context = context.refined(refined)
    reporter = Reporter(context)
    search_all(context, [query for pair in sides(policy_set) for query in norm_conflicts(reporter, *pair).queries])
    for asking in side_disagreements.begin(reporter):
        asking.ask()
    return [area for area in reporter.surveyor.areas if not policy_set.regions.is_root(area.top)]


def _one_by_one(policy_set: PolicySet, places: list[Area]) -> float:
    """CPU seconds per pair, from a sample."""
    common = SolverContext(policy_set).common
    chooser = random.Random(0)
    pairs = [tuple(chooser.sample(places, 2)) for _ in range(SAMPLE)]

    def ask() -> None:
        for payer, beneficiary in pairs:
            context = SolverContext(policy_set, common=common)
            scope = context.scope(areas={"payer.region": payer, "beneficiary.region": beneficiary})
            paying, receiving = policy_set.decisions["pay"].sides
            one, other = (scope.decisions.side("pay", side) for side in (paying, receiving))
            opposed = [
                scope.factory.and_((a[SideVerdict.PERMITS], b[SideVerdict.DENIES]))
                for a, b in ((one, other), (other, one))
            ]
            for term in (*opposed, scope.decisions.decision("pay")[Verdict.CONFLICTING]):
                scope.possible([term], scope.session())

    ask()  # work shared by all pairs is not counted
    return timed(ask)[0] / SAMPLE


if __name__ == "__main__":
    main()
