"""Which rule beats which, whatever the case.

In: the rules of a set. Out: for each norm and each setting, the rules that beat it, each with the meta-rule that
decides (lex superior, lex specialis, lex posterior, a declared exception, or that it is a `default`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import MetaRule, Norm, Period, PolicySet, Setting
from .regions import RegionTree

Contender = Norm | Setting


@dataclass(frozen=True, slots=True)
class Beaten:
    """One way in which a rule can lose: to `winner` (a key), by `meta`."""

    winner: str
    meta: MetaRule


@dataclass(frozen=True, slots=True)
class Contest:
    """Two rules of opposite effect that can meet, which one wins and by what; `winner` is `None` in a tie."""

    one: Contender
    other: Contender
    #: Where both apply: the smaller of their two regions.
    region: str
    winner: Contender | None
    meta: MetaRule | None

    @property
    def loser(self) -> Contender | None:
        if self.winner is None:
            return None
        return self.other if self.winner is self.one else self.one


def contests(policy_set: PolicySet) -> Sequence[Contest]:
    """Every pair of rules that can oppose each other in some case. Computed once and kept with the set, like its cached
    properties; a copy with other rules starts without."""
    kept = vars(policy_set)
    if "contests" not in kept:
        kept["contests"] = tuple(
            _contest(one, other, policy_set)
            for group in contending_groups(policy_set)
            for one, other in opposing_pairs(group, policy_set.regions)
        )
    found: Sequence[Contest] = kept["contests"]
    return found


def contests_of(rule: Contender, policy_set: PolicySet) -> Iterable[Contest]:
    """The contests of one rule of a set."""
    regions = policy_set.regions
    groups = contending_groups(policy_set)
    for other in next(group for group in groups if any(rule is member for member in group)):
        if other is not rule and regions.nested(rule.region, other.region) and can_oppose(rule, other):
            yield _contest(rule, other, policy_set)


def _contest(one: Contender, other: Contender, policy_set: PolicySet) -> Contest:
    inner = one.region if policy_set.regions.within(one.region, other.region) else other.region
    winner, meta = settle(one, other, policy_set) or (None, None)
    return Contest(one, other, inner, winner, meta)


def beaten_by(known: Iterable[Contest]) -> dict[str, tuple[Beaten, ...]]:
    """What beats each norm and setting in some contests, by key. Rules that nothing beats are absent."""
    losses: dict[str, list[Beaten]] = defaultdict(list)
    for contest in known:
        if contest.winner is not None and contest.meta is not None and contest.loser is not None:
            losses[contest.loser.key].append(Beaten(contest.winner.key, contest.meta))
    return {loser: tuple(sorted(losses[loser], key=lambda loss: loss.winner)) for loser in losses}


def contending_groups(policy_set: PolicySet) -> Iterable[list[Contender]]:
    """Groups of rules that may oppose each other: norms of one side, settings of one parameter."""
    groups: dict[tuple[str, ...], list[Contender]] = defaultdict(list)
    for norm in policy_set.norms.values():
        groups[norm.decision, norm.side].append(norm)
    for setting in policy_set.settings.values():
        groups[(setting.parameter,)].append(setting)
    return groups.values()


def opposing_pairs(group: list[Contender], regions: RegionTree) -> Iterable[tuple[Contender, Contender]]:
    """Pairs of opposite effect with nested regions and periods that share a day."""
    by_region: dict[str, list[tuple[int, Contender]]] = defaultdict(list)
    for index, rule in enumerate(group):
        by_region[rule.region].append((index, rule))
    for index, rule in enumerate(group):
        for region in regions.chain(rule.region):
            for other_index, other in by_region.get(region, ()):
                if region == rule.region and other_index <= index:
                    continue
                if can_oppose(rule, other):
                    yield rule, other


def can_oppose(one: Contender, other: Contender) -> bool:
    """Whether two rules, given a common region, have opposite effects and share a day in force."""
    return opposed(one, other) and share_a_day(one.period, other.period)


def opposed(one: Contender, other: Contender) -> bool:
    if isinstance(one, Norm) and isinstance(other, Norm):
        return one.effect is not other.effect
    return isinstance(one, Setting) and isinstance(other, Setting) and one.value != other.value


def share_a_day(one: Period, other: Period) -> bool:
    return not one.empty and not other.empty and not one.intersection(other).empty


def settle(one: Contender, other: Contender, policy_set: PolicySet) -> tuple[Contender, MetaRule] | None:
    """The winner of two opposing rules and the first meta-rule that decides between them."""
    regions = policy_set.regions
    if isinstance(one, Setting) and one.region == other.region and _same_standing(one, other):
        return None  # a shortcut for the pairs of rows of a table, which may be many
    for loser, winner in ((one, other), (other, one)):
        if loser.default and winner.region != loser.region and regions.within(winner.region, loser.region):
            return winner, MetaRule.DEFAULT
    for meta in policy_set.precedence:
        strengths = _strength(one, other, meta, regions), _strength(other, one, meta, regions)
        if strengths[0] != strengths[1]:
            return (one if strengths[0] > strengths[1] else other), meta
    return None


def _same_standing(one: Contender, other: Contender) -> bool:
    """Whether two rules cite the same sources and begin on the same day, as rows of a table do."""
    return one.sources == other.sources and one.period.first == other.period.first


def _strength(rule: Contender, other: Contender, meta: MetaRule, regions: RegionTree) -> tuple[float, ...]:
    """The strength of a rule against another under one meta-rule; the greater wins."""
    match meta:
        case MetaRule.EXCEPTION:
            return (float(isinstance(rule, Norm) and other.name in rule.exceptions),)
        case MetaRule.RANK:
            return (-_rank(rule),)
        case MetaRule.SPECIFIC:
            return (float(rule.region != other.region and regions.within(rule.region, other.region)),)
        case MetaRule.LATER:
            first = rule.period.first
            return (-math.inf if first is None else first, _dated(rule))
        case MetaRule.DEFAULT:
            return (0.0,)


def _rank(rule: Contender) -> float:
    """The level of the highest-ranked source cited, 0 the highest; citing nothing ranks lowest."""
    return min((source.rank for source in rule.sources if source.rank is not None), default=math.inf)


def _dated(rule: Contender) -> float:
    """The latest date among the highest-ranked sources cited."""
    rank = _rank(rule)
    highest = [source for source in rule.sources if (math.inf if source.rank is None else source.rank) == rank]
    return max((source.dated for source in highest if source.dated is not None), default=-math.inf)
