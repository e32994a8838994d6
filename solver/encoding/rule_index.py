"""The rule index: which rules of a set beat which, by region, and which can conflict at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from policyc.dsl.model import Norm, PolicySet, Requirement, Rule, Setting, conditions
from policyc.dsl.model.precedence import Beaten, Contest, beaten_by, contests, contests_of
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.depth import Depth

from .dependencies import Dependencies, facts_only


def kind_of(rule: Norm | Setting) -> str:
    """The kind of a rule's unsettled contests: conflicts of one side, or of values."""
    return "PC303" if isinstance(rule, Setting) else f"PC301 {rule.decision} {rule.side}"


def _without(known: Iterable[Contest], keys: Collection[str]) -> Iterator[Contest]:
    """The contests that involve none of some rules."""
    return (contest for contest in known if contest.one.key not in keys and contest.other.key not in keys)


@dataclass(frozen=True, eq=False)
class RuleIndex:
    """What encoders of one policy set share: which rules beat which, and which can conflict at all. Immutable: what is
    found out about the rules makes a new index."""

    policy_set: PolicySet
    dependencies: Dependencies
    #: The stack depth shared by the encoders of the set, which call each other.
    depth: Depth
    #: Every contest; `contests` leaves out those known to occur in no case.
    all_contests: Sequence[Contest]
    contests: RegionIndex[Contest]
    rules: RegionIndex[Rule]
    beaten: Mapping[str, tuple[Beaten, ...]]
    #: Settings by parameter, norms and requirements by decision and side.
    settings: Mapping[str, RegionIndex[Setting]]
    decision_rules: Mapping[tuple[str, str], RegionIndex[Norm | Requirement]]
    #: By parameter, pairs of settings with different values that may meet and of which neither beats the other.
    clashing: Mapping[str, Sequence[tuple[Setting, Setting]]]
    #: By kind, how many unsettled contests the solver proved to occur in no case.
    met_never: Mapping[str, int]

    @staticmethod
    def of(policy_set: PolicySet, known: Iterable[Contest] | None = None) -> RuleIndex:
        """The index of a set; `known` are its contests, if already computed."""
        found, tree = list(contests(policy_set) if known is None else known), policy_set.regions
        settings: dict[str, list[Setting]] = {name: [] for name in policy_set.parameters}
        for setting in policy_set.settings.values():
            settings[setting.parameter].append(setting)
        sided: dict[tuple[str, str], list[Norm | Requirement]] = {
            (decision.name, side.name): [] for decision in policy_set.decisions.values() for side in decision.sides
        }
        decisive: list[Norm | Requirement] = [*policy_set.norms.values(), *policy_set.requirements.values()]
        for rule in decisive:
            sided[rule.decision, rule.side].append(rule)
        clashing: dict[str, list[tuple[Setting, Setting]]] = {}
        for contest in found:
            one, other = contest.one, contest.other
            if contest.winner is None and isinstance(one, Setting) and isinstance(other, Setting):
                clashing.setdefault(one.parameter, []).append((one, other))
        return RuleIndex(
            policy_set,
            Dependencies(policy_set),
            Depth(),
            found,
            RegionIndex(found, tree),
            RegionIndex(policy_set.rules.values(), tree),
            beaten_by(found),
            {name: RegionIndex(rules, tree) for name, rules in settings.items()},
            {side: RegionIndex(rules, tree) for side, rules in sided.items()},
            clashing,
            {},
        )

    @cached_property
    def _winners(self) -> Mapping[str, frozenset[str]]:
        return {loser: frozenset(loss.winner for loss in losses) for loser, losses in self.beaten.items()}

    def without_contests(self, disjoint: Collection[int], asked: Collection[int]) -> RuleIndex:
        """The same without contests, by index, that were proved to occur in no case; the solver proved those of
        `asked`."""
        gone = {place: self.contests.rules[place] for place in sorted(disjoint)}
        kept = [contest for place, contest in enumerate(self.contests.rules) if place not in gone]
        met_never = Counter(self.met_never)
        met_never.update(
            kind_of(contest.one) for place, contest in gone.items() if contest.winner is None and place in asked
        )
        pairs = {(contest.one.key, contest.other.key) for contest in gone.values()}
        return replace(
            self,
            contests=RegionIndex(kept, self.policy_set.regions),
            met_never=met_never,
            clashing=self._clashing(lambda pair: pair not in pairs),
        )

    def with_clashes(self, possible: Collection[tuple[str, str]]) -> RuleIndex:
        """The same with only those pairs of settings that may meet; encoders ignore the others."""
        return replace(self, clashing=self._clashing(possible.__contains__))

    def _clashing(self, kept: Callable[[tuple[str, str]], bool]) -> Mapping[str, Sequence[tuple[Setting, Setting]]]:
        return {
            name: [pair for pair in pairs if kept((pair[0].key, pair[1].key))] for name, pairs in self.clashing.items()
        }

    def after(self, policy_set: PolicySet, rule: Rule, edited: Rule | None) -> RuleIndex:
        """The index of the set with one rule changed or removed. Whatever is known to be impossible here stays so there,
        unless the change can affect it."""
        rows = (setting.key for setting in self.policy_set.settings.values() if setting.name == rule.name)
        gone = frozenset((rule.key, *rows))
        new = list(contests_of(edited, policy_set)) if isinstance(edited, Norm | Setting) else []
        after = RuleIndex.of(policy_set, [*_without(self.all_contests, gone), *new])
        open_ = [*_without(self.contests.rules, gone), *new]
        known = {(one.key, other.key) for pairs in self.clashing.values() for one, other in pairs}
        pairs = [(contest.one.key, contest.other.key) for contest in open_]
        after = replace(after, contests=RegionIndex(open_, policy_set.regions))
        return after.with_clashes({pair for pair in pairs if pair in known or self._touched(pair, gone)})

    def narrowed(self, policy_set: PolicySet) -> RuleIndex:
        """The index of the same rules with further conditions. Which beats which stays, and so do pairs whose conditions
        exclude each other; values that other rules keep from meeting may meet."""
        after = replace(
            RuleIndex.of(policy_set, self.all_contests), contests=RegionIndex(self.contests.rules, policy_set.regions)
        )
        return after.with_clashes({(contest.one.key, contest.other.key) for contest in self.contests.rules})

    def _touched(self, keys: tuple[str, str], gone: frozenset[str]) -> bool:
        """Whether changed rules can affect a contest: one is part of it or beats a part of it, or values depend on each
        other."""
        if self._values_depend or not gone.isdisjoint(keys):
            return True
        return any(not self._winners.get(key_, frozenset()).isdisjoint(gone) for key_ in keys)

    @cached_property
    def _values_depend(self) -> bool:
        """Whether the conditions of a setting read a parameter or a verdict."""
        return not all(
            facts_only(self.policy_set, condition)
            for setting in self.policy_set.settings.values()
            for condition in conditions(setting)
        )

    def winners(self, name: str, among: Collection[str]) -> list[str]:
        """The rules among some that beat a rule; iterates over the smaller set."""
        losses = self.beaten.get(name, ())
        if len(losses) <= len(among):
            return [loss.winner for loss in losses if loss.winner in among]
        return [other for other in among if other in self._winners[name]]
