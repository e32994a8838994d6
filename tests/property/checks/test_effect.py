"""PC402, PC305 and PC403 against enumeration: small random sets, all their cases, rules actually removed.

The effects of rules are computed here by the sentences of "Meaning", from the reference evaluator's truth of each
condition: every way of settling doubt, every value of a conflicting parameter, every choice of rules present.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from itertools import chain, combinations

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.model import (
    Case,
    Decision,
    Effect,
    Norm,
    PolicySet,
    Rule,
    Setting,
    Side,
    SideVerdict,
    Value,
    Verdict,
)
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined
from policyc.solver.check import check
from policyc.solver.checks.contradictions.unusable_permits import usable
from policyc.solver.checks.gaps.silent import unanswered
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.rule_places import sides
from tests.support.chosen import alternatives
from tests.support.doubt import Doubts, applying_settings, beaten_names, doubts, settled_verdict, ways
from tests.support.sets.dense_sets import SEEDS, enumerated
from tests.support.slow import mostly_slow

#: For each alternative of the conflicting parameters: rules that apply, requirements that are not met.
AtWork = frozenset[tuple[str, bool | Undetermined]]
Pattern = tuple[tuple[AtWork, AtWork], ...]


@cache
def findings(seed: str) -> dict[str, list[Diagnostic]]:
    codes = ("PC305", "PC402", "PC403")
    policy_set = enumerated(seed)[0].policy_set
    report = check(policy_set, (), CheckOptions(date(2024, 1, 2), codes=codes))
    return {code: [f for f in report.findings if f.code.id == code] for code in codes}


# --- Rules that meet ---------------------------------------------------------------------------------------


@dataclass
class Meeting:
    """The rules of a side, or of a parameter in a region. A pattern says for each alternative of the conflicting
    parameters which rules apply and which requirements are met; cases of one pattern come to the same."""

    names: frozenset[str]
    defaults: frozenset[str]
    patterns: Iterable[Pattern]
    outcome: Callable[[Pattern, AbstractSet[str]], object]

    def changed(self, name: str, others: AbstractSet[str]) -> bool:
        """Whether removing the rule changes anything in any case, given some other rules."""
        there, without = {*others, name}, {*others} - {name}
        return any(self.outcome(pattern, there) != self.outcome(pattern, without) for pattern in self.patterns)

    def has_effect(self, name: str) -> bool:
        """Whether removing the rule changes anything for some choice of the other defaults."""
        lasting = self.names - self.defaults
        return any(self.changed(name, lasting | some) for some in subsets(self.defaults - {name}))


def subsets(names: Iterable[str]) -> Iterator[frozenset[str]]:
    items = sorted(names)
    combined = chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))
    return map(frozenset, combined)


def at_work(found: Doubts) -> tuple[AtWork, AtWork]:
    """Omits rules that do not certainly apply and requirements that are certainly met: they change nothing."""
    return (
        frozenset(pair for pair in found.applies.items() if pair[1] is not False),
        frozenset(pair for pair in found.met.items() if pair[1] is not True),
    )


def side_meeting(policy_set: PolicySet, valid: list[dict[str, Value]], decision: Decision, side: Side) -> Meeting:
    evaluator, beaten = Evaluator(policy_set), beaten_names(policy_set)

    def outcome(pattern: Pattern, there: AbstractSet[str]) -> object:
        verdicts = set()
        for applies, met in pattern:
            settled = {
                settled_verdict(policy_set, beaten, applying, holding)[0]
                for applying in ways({name: truth for name, truth in applies if name in there})
                for holding in ways({name: truth for name, truth in met if name in there})
            }
            verdicts.add(settled.pop() if len(settled) == 1 else SideVerdict.SILENT)
        return verdicts.pop() if len(verdicts) == 1 else SideVerdict.CONFLICT

    patterns = dict.fromkeys(tuple(map(at_work, doubts(evaluator, decision.name, side, case))) for case in valid)
    rules = [*policy_set.norms.values(), *policy_set.requirements.values()]
    own = [rule for rule in rules if (rule.decision, rule.side) == (decision.name, side.name)]
    defaults = frozenset(rule.name for rule in own if isinstance(rule, Norm) and rule.default)
    return Meeting(frozenset(rule.name for rule in own), defaults, patterns, outcome)


def value_meeting(policy_set: PolicySet, valid: list[dict[str, Value]], parameter: str, region: str) -> Meeting:
    evaluator, beaten, settings = Evaluator(policy_set), beaten_names(policy_set), policy_set.settings

    def outcome(pattern: Pattern, there: AbstractSet[str]) -> object:
        values: set[object] = set()
        for applies, _ in pattern:
            doubtful = {key: truth for key, truth in applies if settings[key].name in there}
            unbeaten = {
                frozenset(
                    settings[key].value
                    for key, applying in way.items()
                    if applying and not any(way.get(winner) for winner in beaten.get(key, ()))
                )
                for way in ways(doubtful)
            }
            only = unbeaten.pop() if len(unbeaten) == 1 else frozenset()
            values |= only or {None}
        return frozenset(values)

    def pattern(case: Case) -> Pattern:
        found = alternatives(evaluator, case, partial(applying_settings, parameter, region))
        return tuple(at_work(Doubts(applies, {})) for applies in found)

    own = [setting for setting in settings.values() if setting.parameter == parameter]
    defaults = frozenset(setting.name for setting in own if setting.default)
    patterns = dict.fromkeys(map(pattern, valid))
    return Meeting(frozenset(setting.name for setting in own), defaults, patterns, outcome)


@cache
def meetings(seed: str) -> list[Meeting]:
    whole, valid = enumerated(seed)
    policy_set = whole.policy_set
    found = [side_meeting(policy_set, valid, decision, side) for decision, side in sides(policy_set)]
    for parameter in policy_set.parameters:
        for region in policy_set.regions.values():
            found.append(value_meeting(policy_set, valid, parameter, region))
    return found


# --- PC402 -------------------------------------------------------------------------------------------------


def applicable(seed: str, rule: Rule) -> bool:
    """Whether some valid case surely meets the conditions of a rule."""
    whole, valid = enumerated(seed)
    regions = list(whole.policy_set.regions.values())
    for case in valid:
        if isinstance(rule, Setting):
            places = regions
        else:
            (side,) = [side for side in whole.policy_set.decisions[rule.decision].sides if side.name == rule.side]
            places = [str(case[side.fact])]
        if any(whole.evaluator.applying(rule, place, case) for place in places):
            return True
    return False


def masked(seed: str, row: Setting) -> bool:
    """Whether other rows of its table take every case of a row."""
    whole, valid = enumerated(seed)
    evaluator, settings = whole.evaluator, whole.policy_set.settings.values()
    others = [other for other in settings if other.table == row.table and other.row != row.row]
    for case in valid if row.table is not None else ():
        if case["date"] in row.period:
            for own, *rest in alternatives(
                evaluator, case, lambda chosen: [chosen.applies(one) for one in (row, *others)]
            ):
                if own is True and True not in rest:
                    return False
    return row.table is not None


def unusable(seed: str, permit: Norm) -> bool:
    """Whether a permit never surely applies in a case and alternative in which, settling all doubts in its
    favour, no requirement fails."""
    return not any(not failing for failing in failures(seed, permit))


def failures(seed: str, permit: Norm) -> Iterator[frozenset[str]]:
    """Wherever a permit surely applies: the requirements that fail in every way of settling doubts."""
    whole, valid = enumerated(seed)
    policy_set, beaten = whole.policy_set, beaten_names(whole.policy_set)
    (side,) = [side for side in policy_set.decisions[permit.decision].sides if side.name == permit.side]
    patterns = dict.fromkeys(
        at_work(found)
        for case in valid
        for found in doubts(whole.evaluator, permit.decision, side, case)
        if found.applies.get(permit.name) is True
    )
    for applies, met in patterns:
        always: frozenset[str] | None = None
        for applying in ways(dict(applies)):
            _, effective = settled_verdict(policy_set, beaten, applying, {})
            set_aside = {
                name
                for norm in map(policy_set.norms.__getitem__, effective)
                if norm.effect is Effect.PERMIT
                for name in norm.exceptions
            }
            failing = frozenset(name for name, truth in met if truth is False and name not in set_aside)
            always = failing if always is None else always & failing
        assert always is not None
        yield always


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_rules_without_effect_are_those_of_enumeration(seed: str) -> None:
    policy_set = enumerated(seed)[0].policy_set
    wanted = set()
    for name, rule in policy_set.rules.items():
        if name in policy_set.mandates or any(
            meeting.has_effect(name) for meeting in meetings(seed) if name in meeting.names
        ):
            continue
        if not applicable(seed, rule):
            continue
        if isinstance(rule, Setting) and masked(seed, rule):
            continue
        if isinstance(rule, Norm) and rule.effect is Effect.PERMIT and unusable(seed, rule):
            continue
        wanted.add(name)
    assert {finding.finding.rules[0] for finding in findings(seed)["PC402"]} == wanted


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_what_covers_a_rule_suffices_and_none_of_it_can_be_spared(seed: str) -> None:
    policy_set = enumerated(seed)[0].policy_set
    for finding in findings(seed)["PC402"]:
        name, *cover = finding.finding.rules
        own = [meeting for meeting in meetings(seed) if name in meeting.names]
        defaults = {other for meeting in own for other in meeting.defaults}
        others = {other for meeting in own for other in meeting.names} - {name}
        assert not defaults & set(cover)
        assert not effective_beside(own, name, set(cover), others)
        beside = [other for other in cover if other in others]  # of those that are read see `test_covers.py`
        for spared in beside:
            rest = set(cover) - {spared}
            assert effective_beside(own, name, rest, others), f"{spared} can be spared"
        policies = {policy_set.rules[other].policy for other in beside or cover}
        elsewhere = bool(cover) and policy_set.rules[name].policy not in policies
        assert finding.level is (Severity.NOTE if elsewhere else Severity.WARNING)


def effective_beside(own: list[Meeting], name: str, there: AbstractSet[str], others: AbstractSet[str]) -> bool:
    """Whether a rule has effect in any choice of the others, some of which are there."""
    return any(
        meeting.changed(name, there | some) for meeting in own for some in subsets((others & meeting.names) - there)
    )


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_without_an_idle_rule_everything_is_as_before(seed: str) -> None:
    """Verdicts of decisions and sides, values of parameters and defines, by the evaluator alone."""
    whole, valid = enumerated(seed)
    policy_set, rng = whole.policy_set, random.Random(seed)
    for finding in findings(seed)["PC402"]:
        name = finding.finding.rules[0]
        other = Evaluator(taken_away(policy_set, name))
        for case in rng.sample(valid, min(len(valid), 60)):
            assert everything(whole.evaluator, case) == everything(other, case)


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_all_idle_rules_may_go_together_but_for_those_that_cover_each_other(seed: str) -> None:
    """All that are not told to cover each other, and one of those that are."""
    whole, valid = enumerated(seed)
    rng, left, one_went = random.Random(seed), whole.policy_set, False
    for finding in findings(seed)["PC402"]:
        in_circle = finding.message.key == "PC402.circle"
        if not in_circle or not one_went:
            left = taken_away(left, finding.finding.rules[0])
        one_went |= in_circle
    other = Evaluator(left)
    for case in rng.sample(valid, min(len(valid), 60)):
        assert everything(whole.evaluator, case) == everything(other, case)


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_the_evaluator_without_a_rule_is_that_of_a_set_without_it(seed: str) -> None:
    whole, valid = enumerated(seed)
    policy_set, rng = whole.policy_set, random.Random(seed)
    names = [name for name in policy_set.rules if name not in policy_set.mandates]
    for name in rng.sample(names, min(len(names), 3)):
        one = whole.evaluator.without(policy_set.rules[name])
        other = Evaluator(taken_away(policy_set, name))
        for case in rng.sample(valid, min(len(valid), 5)):
            assert everything(one, case) == everything(other, case)


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_area_by_area_the_same_is_found(seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policyc.solver.checks.redundancy.groups.FEW", 0)
    policy_set = enumerated(seed)[0].policy_set
    report = check(policy_set, (), CheckOptions(date(2024, 1, 2), codes={"PC402"}))
    assert list(report.findings) == findings(seed)["PC402"]


def taken_away(policy_set: PolicySet, name: str) -> PolicySet:
    return replace(
        policy_set,
        norms={key: norm for key, norm in policy_set.norms.items() if key != name},
        requirements={key: rule for key, rule in policy_set.requirements.items() if key != name},
        settings={key: setting for key, setting in policy_set.settings.items() if setting.name != name},
    )


def everything(evaluator: Evaluator, case: Case) -> dict[str, object]:
    policy_set = evaluator.policy_set
    found: dict[str, object] = {}
    for name in policy_set.decisions:
        trace = evaluator.decide(name, case)
        found[name] = (trace.verdict, [side.verdict for side in trace.sides])
    for name in policy_set.parameters:
        for region in policy_set.regions.values():
            found[f"{region}.{name}"] = evaluator.parameter(name, region, case).outcome
    for name, define in policy_set.defines.items():
        found[name] = evaluator.value(define.value, case)
    return found


# --- PC305 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_permits_that_nobody_can_use_are_those_of_enumeration(seed: str) -> None:
    policy_set = enumerated(seed)[0].policy_set
    permits = {name: norm for name, norm in policy_set.norms.items() if norm.effect is Effect.PERMIT}
    found = {finding.finding.rules[0]: finding for finding in findings(seed)["PC305"]}
    assert found.keys() == {name for name, norm in permits.items() if applicable(seed, norm) and unusable(seed, norm)}
    for name, finding in found.items():
        requirements = set(finding.finding.rules[1:])
        assert requirements <= policy_set.requirements.keys()
        assert all(failing & requirements for failing in failures(seed, permits[name]))
        for spared in requirements:
            assert not all(failing & (requirements - {spared}) for failing in failures(seed, permits[name]))
        assert finding.finding.witness is not None


# --- PC403 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_silent_cases_are_those_of_enumeration(seed: str) -> None:
    whole, valid = enumerated(seed)
    policy_set, evaluator, beaten = whole.policy_set, whole.evaluator, beaten_names(whole.policy_set)
    wanted = set()
    for case in valid:
        for decision in policy_set.decisions.values():
            trace = evaluator.decide(decision.name, case)
            verdicts = [side.verdict for side in trace.sides]
            if trace.verdict is not Verdict.UNDETERMINED or SideVerdict.SILENT not in verdicts:
                continue
            for side, verdict in zip(decision.sides, verdicts, strict=True):
                if verdict is SideVerdict.PERMITS:
                    wanted |= effective_permits(policy_set, beaten, doubts(evaluator, decision.name, side, case))
    assert {finding.finding.rules[0] for finding in findings(seed)["PC403"]} == wanted
    for finding in findings(seed)["PC403"]:
        assert dict(finding.finding.verdicts) == {finding.finding.decision: "undetermined"}


def effective_permits(policy_set: PolicySet, beaten: Mapping[str, set[str]], alternatives: list[Doubts]) -> set[str]:
    """Permits that in some alternative have effect in every way of settling doubts."""
    found: set[str] = set()
    for alternative in alternatives:
        effective = [settled_verdict(policy_set, beaten, way, {})[1] for way in ways(alternative.applies)]
        found |= {name for name in set.intersection(*effective) if policy_set.norms[name].effect is Effect.PERMIT}
    return found


# --- Terms in other views ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 2))
def test_terms_mean_the_same_in_smaller_views(seed: str) -> None:
    whole, valid = enumerated(seed)
    policy_set, rng = whole.policy_set, random.Random(seed)
    permits = [norm for norm in policy_set.norms.values() if norm.effect is Effect.PERMIT]
    for case in rng.sample(valid, min(len(valid), 2)):
        known = {name: value for name, value in case.items() if rng.random() < 0.5}
        scopes = [whole.whole, whole.scope(known), whole.within("payer.region", str(case["payer.region"]))]
        for permit in permits:
            decision = policy_set.decisions[permit.decision]
            others = [side for side in decision.sides if side.name != permit.side]
            said = {
                (
                    scope.holds(usable(scope, permit), case),
                    *(scope.holds(unanswered(scope, decision, permit, other), case) for other in others),
                )
                for scope in scopes
            }
            assert len(said) == 1


@pytest.mark.slow
def test_the_sets_show_all_of_it() -> None:
    """The sets contain such rules; on sets without findings every comparison would succeed."""
    counts = Counter(
        code if code != "PC402" else f"{code} covered by {min(len(finding.finding.rules) - 1, 2)}"
        for seed in SEEDS
        for code, found in findings(seed).items()
        for finding in found
    )
    print(counts)
    shown = ("PC305", "PC403", *(f"PC402 covered by {number}" for number in range(3)))
    assert [kind for kind in shown if counts[kind] < max(1, len(SEEDS) // 20)] == []
