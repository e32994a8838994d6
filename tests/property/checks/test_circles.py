"""PC106 of rules that beat each other: told if and only if some case meets all rules of a circle.

Small random sets with many exceptions, ranks and regions; the findings are compared with an enumeration of all cases,
each judged by the reference evaluator.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.model import PolicySet
from policyc.dsl.model.precedence import Contender, contending_groups
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.encoding.dependencies import reading_facts
from policyc.solver.engine.rule_places import place_of
from tests.support.doubt import beaten_names
from tests.support.offers import TODAY
from tests.support.sets.dense_sets import CONDITIONS, VOCABULARY
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import compiled
from tests.support.slow import mostly_slow

SETS = 120


def tangled(seed: int) -> PolicySet:
    """Norms and settings that often beat each other in circles, of which about half never meet."""
    rng = random.Random(f"tangled-{seed}")
    lines, norms = [VOCABULARY], list[tuple[str, str]]()
    for policy, region in (("nation", "100000"), ("city", rng.choice(["320000", "320100"]))):
        lines.append(f"policy {policy} for {region} {{")
        for number in range(rng.randint(3, 6)):
            lines.append(_norm(rng, policy, f"r{number}", norms))
        lines += [_setting(rng) for _ in range(rng.randint(0, 4))]
        lines.append("}")
    policy_set, diagnostics = compiled("\n".join(lines))
    assert not [item for item in diagnostics if item.level is Severity.ERROR]
    return policy_set


def _norm(rng: random.Random, policy: str, name: str, norms: list[tuple[str, str]]) -> str:
    kind = rng.choice(["permit", "forbid"])
    when = f"when {rng.choice(CONDITIONS)}" if rng.random() < 0.7 else ""
    period = rng.choice(["", "", "until 2024-01-01", "from 2024-01-02"])
    targets = [other for other, effect in norms if effect != kind]
    exception = f"exception to {rng.choice(targets)}" if targets and rng.random() < 0.7 else ""
    norms.append((f"{policy}.{name}", kind))
    return f"  {kind} pay {name} {when} {period} {exception} cite {rng.choice(['law', 'page'])}.c"


def _setting(rng: random.Random) -> str:
    """Of a parameter with three values. A `default` yields to the city before ranks count, so circles are possible."""
    default = rng.choice(["default ", ""])
    when = rng.choice(["", f"when {rng.choice(CONDITIONS[:6])}"])
    from_ = rng.choice(["", "from 2024-01-02"])
    return f"  {default}set rate = {rng.choice([50, 60, 70])}% {when} {from_} cite {rng.choice(['law', 'page'])}.c"


def circular(losses: Mapping[str, Sequence[str]]) -> bool:
    try:
        TopologicalSorter(losses).prepare()
    except CycleError:
        return True
    return False


def meetings(policy_set: PolicySet, group: Sequence[Contender]) -> set[frozenset[str]]:
    """The rules of a group, by key, that apply together in some case."""
    evaluator = Evaluator(policy_set)
    place = place_of(policy_set, group[0], reading_facts(policy_set))
    return {
        frozenset(rule.key for rule, truth in zip(group, answer, strict=True) if truth is True)
        for case in valid_cases(evaluator)
        for answer in evaluator.applications(group, str(case[place]), case)
    }


def among(losses: Mapping[str, Sequence[str]], applying: frozenset[str]) -> dict[str, list[str]]:
    return {key: [winner for winner in losses.get(key, ()) if winner in applying] for key in sorted(applying)}


def found(policy_set: PolicySet) -> list[Diagnostic]:
    report = check(policy_set, (), CheckOptions(TODAY, codes=["PC106"]))
    assert {item.code.id for item in report.findings} <= {"PC106"}
    return list(report.findings)


def steps(policy_set: PolicySet, finding: Diagnostic) -> list[tuple[str, str]]:
    """The rules of a circle, by key, each with the next."""
    keys = [policy_set.rules[name].key for name in finding.finding.rules]
    return list(zip(keys, [*keys[1:], keys[0]], strict=True))


@pytest.mark.parametrize("seed", mostly_slow(range(SETS), 10))
def test_a_circle_is_told_if_and_only_if_a_case_meets_its_rules(seed: int) -> None:
    policy_set = tangled(seed)
    beaten = {loser: sorted(winners) for loser, winners in beaten_names(policy_set).items()}
    told = [steps(policy_set, finding) for finding in found(policy_set)]
    together = [meetings(policy_set, group) for group in contending_groups(policy_set)]
    for circle in told:
        assert all(winner in beaten[loser] for loser, winner in circle)
        assert any({loser for loser, _ in circle} <= applying for meeting in together for applying in meeting)
    left_out = {circle[0] for circle in told}
    rest = {loser: [one for one in winners if (loser, one) not in left_out] for loser, winners in beaten.items()}
    for meeting in together:
        assert not any(circular(among(rest, applying)) for applying in meeting)


@pytest.mark.slow
def test_there_are_sets_with_circles_that_meet_and_with_circles_that_never_do() -> None:
    met = never = 0
    for seed in range(SETS):
        policy_set = tangled(seed)
        beaten = {loser: sorted(winners) for loser, winners in beaten_names(policy_set).items()}
        if found(policy_set):
            met += 1
        elif circular(beaten):
            never += 1
    assert met >= 5
    assert never >= 5
