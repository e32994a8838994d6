"""The search finds the same part by part, with several processes, and with cases tried first."""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise

import pytest

from policyc.dsl.model import Case, Norm, PolicySet
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.pipeline import compile_paths
from policyc.solver.check import check
from policyc.solver.checks.contradictions.disjoint import Bodies, without_disjoint
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine import reachability
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.reachability import possible, possible_pairs, tried, tried_together
from policyc.solver.engine.shared_context import SharedContext
from tests.support.places import POLICIES
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import COMMON, SMALL, Generated, World, generated, random_case
from tests.support.slow import mostly_slow

pytestmark = pytest.mark.slow

TODAY = date(2024, 6, 1)
SETS = [("small", 2), ("small", 5), ("common", 1), ("common", 4)]
WORLDS: dict[str, World] = {"common": COMMON, "small": SMALL}
CODES = frozenset({"PC301", "PC302", "PC303", "PC304", "PC305", "PC308", "PC309", "PC401", "PC402", "PC403", "PC405"})


@pytest.fixture(params=mostly_slow(SETS), ids=lambda item: f"{item[0]}-{item[1]}")
def made(request: pytest.FixtureRequest) -> tuple[Generated, World]:
    world, seed = request.param
    return generated(seed, "en", WORLDS[world]), WORLDS[world]


@pytest.fixture
def policy_set(made: tuple[Generated, World]) -> PolicySet:
    return made[0].policy_set


def some_cases(made: Generated, world: World) -> list[Case]:
    """Cases of a set, valid or not; of a small one, some of all that are valid."""
    if world is COMMON:
        return [random_case(made, number) for number in range(60)]
    cases = valid_cases(Evaluator(made.policy_set))
    return random.Random(0).sample(cases, min(len(cases), 60))


def findings(policy_set: PolicySet, jobs: int = 1) -> list[object]:
    report = check(policy_set, (), CheckOptions(TODAY, codes=CODES, jobs=jobs))
    return [(f.code.id, f.finding.rules, f.finding.witness, f.finding.regions) for f in report.findings]


def test_part_by_part_the_same_is_found(policy_set: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = findings(policy_set)
    assert whole
    monkeypatch.setattr(reachability, "PART_LIMIT", 2)
    assert findings(policy_set) == whole


def test_several_processes_find_the_same(policy_set: PolicySet) -> None:
    assert findings(policy_set, jobs=2) == findings(policy_set)


def test_cases_tried_first_change_nothing(policy_set: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cases = findings(policy_set)
    monkeypatch.setattr("policyc.solver.engine.reachability.tried", lambda scope, _: reachability.Trial(scope, ()))
    monkeypatch.setattr(
        "policyc.solver.checks.contradictions.disjoint.tried_together",
        lambda scope, _: reachability.Trial(scope, ()),
    )
    monkeypatch.setattr("policyc.solver.checks.redundancy.search.sampled", lambda *_: ())
    assert findings(policy_set) == with_cases


def test_a_thousand_cases_at_once_are_each_as_alone(made: tuple[Generated, World]) -> None:
    policy_set = made[0].policy_set
    scope = SolverContext(policy_set).whole
    cases = some_cases(*made)[:40]
    terms = [term for name in policy_set.decisions for term in scope.decisions.decision(name).values()]
    terms += [scope.lawful]
    simulation = scope.simulate(cases)
    for term in terms:
        mask = simulation.mask(term)
        assert [bool(mask >> place & 1) for place in range(len(cases))] == [scope.holds(term, case) for case in cases]


def test_pairs_are_those_that_are_possible_one_by_one(policy_set: PolicySet) -> None:
    scope = SolverContext(policy_set).whole
    decision = next(iter(policy_set.decisions.values()))
    ((_, branch), *_) = scope.decisions.side_branches(decision.name, decision.sides[0])
    names = list(branch.applies)[:8]
    ones, others = ({name: branch.applies[name] for name in part} for part in (names[::2], names[1::2]))
    alone = {
        (one, other)
        for one, first in ones.items()
        for other, second in others.items()
        if scope.possible([first, second], scope.session())
    }
    assert possible_pairs(scope, scope.factory.true, ones, others) == alone


def test_what_cases_show_is_possible(policy_set: PolicySet) -> None:
    scope = SolverContext(policy_set).whole
    terms = {
        (decision, verdict.value): term
        for decision in policy_set.decisions
        for verdict, term in scope.decisions.decision(decision).items()
    }
    trial = tried(scope, "")
    shown = trial.holding(terms, scope.factory.true)
    assert shown
    assert all(scope.possible([terms[key]], scope.session()) for key in shown)
    found = possible(scope, terms, trial, scope.factory.true)
    assert set(found.possible) == {key for key, term in terms.items() if scope.possible([term], scope.session())}


def test_rules_told_apart_never_apply_together(made: tuple[Generated, World]) -> None:
    policy_set = made[0].policy_set
    context = SolverContext(policy_set)
    norms: list[Norm] = list(policy_set.norms.values())
    pairs = [(one, other) for place, one in enumerate(norms) for other in norms[:place]]
    disjoint, asked = Bodies(context).disjoint_pairs(pairs)
    assert asked <= disjoint
    evaluator = context.evaluator
    for case in some_cases(*made):
        if evaluator.violated(case):
            continue
        for place in disjoint:
            one, other = pairs[place]
            together = all(evaluator.applying(norm, str(case[_fact(policy_set, norm)]), case) for norm in (one, other))
            assert not together, (one.name, other.name)


def _fact(policy_set: PolicySet, norm: Norm) -> str:
    return next(side.fact for side in policy_set.decisions[norm.decision].sides if side.name == norm.side)


def test_cases_made_from_both_rules_are_cases() -> None:
    policy_set = generated(1, "en", COMMON).policy_set
    scope = SolverContext(policy_set).whole
    norms = list(policy_set.norms.values())
    trial = tried_together(scope, pairwise(norms))
    assert trial.holding({("any",): scope.factory.true}, scope.factory.true) == [("any",)]


@pytest.mark.slow
def test_contests_are_dropped_alike_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    policy_set = compile_paths([POLICIES]).policy_set
    whole = without_disjoint(SolverContext(policy_set))
    monkeypatch.setattr("policyc.solver.checks.contradictions.disjoint.PART_LIMIT", 0)
    monkeypatch.setattr("policyc.solver.checks.contradictions.disjoint.BATCH", 9)
    batched = without_disjoint(SolverContext(policy_set, common=SharedContext(policy_set, jobs=2)))
    assert len(batched.contests.rules) < len(batched.all_contests)
    assert batched.contests.rules == whole.contests.rules
    assert batched.met_never == whole.met_never
