"""Enumerates every way of settling doubt: the results of rules and settings by the sentences of "Meaning"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from policyc.dsl.model import Case, Effect, Expr, PolicySet, Rule, Side, SideVerdict, Value
from policyc.dsl.model.precedence import beaten_by, contests
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Known, Undetermined
from tests.support.chosen import Chosen, alternatives


def ways(doubtful: Mapping[str, bool | Undetermined]) -> Iterator[dict[str, bool]]:
    """Every way of settling which doubtful rules apply."""
    open_ = [name for name, truth in doubtful.items() if isinstance(truth, Undetermined)]
    for settled in product((False, True), repeat=len(open_)):
        chosen = dict(zip(open_, settled, strict=True))
        yield {name: chosen.get(name, truth is True) for name, truth in doubtful.items()}


def settled_verdict(
    policy_set: PolicySet,
    beaten: Mapping[str, set[str]],
    applying: Mapping[str, bool],
    met: Mapping[str, bool],
) -> tuple[SideVerdict, set[str]]:
    """The verdict of a side whose rules apply or not, without doubt, and its effective norms, by "Meaning"."""
    effective = {
        name
        for name, applies in applying.items()
        if applies and not any(applying.get(winner, False) for winner in beaten.get(name, ()))
    }
    norms = [policy_set.norms[name] for name in effective]
    permits = [norm for norm in norms if norm.effect is Effect.PERMIT]
    set_aside = {name for norm in permits for name in norm.exceptions}
    if any(not holds and name not in set_aside for name, holds in met.items()):
        return SideVerdict.DENIES, effective
    if permits and len(permits) < len(norms):
        return SideVerdict.CONFLICT, effective
    if norms:
        return SideVerdict.PERMITS if permits else SideVerdict.DENIES, effective
    return SideVerdict.SILENT, effective


def beaten_names(policy_set: PolicySet) -> dict[str, set[str]]:
    return {loser: {loss.winner for loss in losses} for loser, losses in beaten_by(contests(policy_set)).items()}


@dataclass
class Doubts:
    """One side of one case under one choice of values: its rules in force and whether they apply."""

    applies: dict[str, bool | Undetermined]
    met: dict[str, bool | Undetermined]


def kleene_applies(when: Known, unless: Known) -> bool | Undetermined:
    if when is False or unless is True:
        return False
    return True if when is True and unless is False else UNDETERMINED


def doubts(evaluator: Evaluator, decision: str, side: Side, case: Case) -> list[Doubts]:
    """The doubts under each alternative of the conflicting parameters."""
    policy_set = evaluator.policy_set

    def in_force(rule: Rule) -> bool:
        day = case["date"]
        first, last = rule.period.first, rule.period.last
        return (
            rule.region in policy_set.regions.chain(str(case[side.fact]))
            and (first is None or first <= day)
            and (last is None or day <= last)
        )

    def read(chosen: Chosen) -> Doubts:
        def truth(expression: Expr | None, otherwise: bool) -> Known:
            return otherwise if expression is None else chosen.value(expression)

        found = Doubts({}, {})
        for norm in policy_set.norms.values():
            if (norm.decision, norm.side) == (decision, side.name) and in_force(norm):
                found.applies[norm.name] = kleene_applies(truth(norm.when, True), truth(norm.unless, False))
        for rule in policy_set.requirements.values():
            if (rule.decision, rule.side) == (decision, side.name) and in_force(rule):
                applies = kleene_applies(truth(rule.when, True), truth(rule.unless, False))
                holds = chosen.value(rule.condition)
                if applies is False or holds is True:
                    found.met[rule.name] = True
                else:
                    found.met[rule.name] = False if applies is True and holds is False else UNDETERMINED
        return found

    return alternatives(evaluator, case, read)


def is_doubt(truth: object) -> bool:
    return isinstance(truth, Undetermined)


def values_under(
    name: str, region: str, chosen: Chosen
) -> tuple[frozenset[Value] | Undetermined, dict[str, bool | Undetermined]]:
    return chosen.values((name, region)), applying_settings(name, region, chosen)


def applying_settings(name: str, region: str, chosen: Chosen) -> dict[str, bool | Undetermined]:
    policy_set, case = chosen.policy_set, chosen.case
    found: dict[str, bool | Undetermined] = {}
    for key, setting in policy_set.settings.items():
        in_force = setting.region in policy_set.regions.chain(region) and case["date"] in setting.period
        if setting.parameter == name and in_force:
            when = True if setting.when is None else chosen.value(setting.when)
            unless = False if setting.unless is None else chosen.value(setting.unless)
            found[key] = kleene_applies(when, unless)
    return found
