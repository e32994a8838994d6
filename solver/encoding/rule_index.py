"""Which rules of a set beat which, by region, and what can conflict at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from policyc.dsl.model import Norm, PolicySet, Requirement, Rule, Setting, conditions
from policyc.dsl.model.precedence import Beaten, Contest, beaten_by, contests, contests_of
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.depth import Depth

from .dependencies import Dependencies, facts_only


def kind_of(rule: Norm | Setting) -> str:
    """What a rule's unsettled contests are called: conflicts of one side, or of values."""
    return "PC303" if isinstance(rule, Setting) else f"PC301 {rule.decision} {rule.side}"


def _without(known: Iterable[Contest], keys: Collection[str]) -> Iterator[Contest]:
    """The contests in which none of some rules is."""
    return (contest for contest in known if contest.one.key not in keys and contest.other.key not in keys)


class RuleIndex:
    """What encoders of one policy set share: which rules beat which, and what can conflict at all."""

    def __init__(self, policy_set: PolicySet, known: Iterable[Contest] | None = None) -> None:
        """`known` are the contests, where they are worked out already."""
        self.policy_set = policy_set
        self.dependencies = Dependencies(policy_set)
        #: How deep the encoders of the set have got; one can ask another.
        self.depth = Depth()
        found = list(contests(policy_set) if known is None else known)
        tree = policy_set.regions
        #: Every contest; `contests` are those of which it is not known that no case ever sees them.
        self.all_contests = found
        self.contests = RegionIndex(found, tree)
        self.rules: RegionIndex[Rule] = RegionIndex(policy_set.rules.values(), tree)
        self.beaten: Mapping[str, tuple[Beaten, ...]] = beaten_by(found)
        self._winners = {
            loser: frozenset(loss.winner for loss in losses) for loser, losses in self.beaten.items()
        }
        settings: dict[str, list[Setting]] = {name: [] for name in policy_set.parameters}
        for setting in policy_set.settings.values():
            settings[setting.parameter].append(setting)
        sided: dict[tuple[str, str], list[Norm | Requirement]] = {
            (decision.name, side.name): []
            for decision in policy_set.decisions.values()
            for side in decision.sides
        }
        decisive: list[Norm | Requirement] = [*policy_set.norms.values(), *policy_set.requirements.values()]
        for rule in decisive:
            sided[rule.decision, rule.side].append(rule)
        #: Settings by parameter, norms and requirements by decision and side.
        self.settings = {name: RegionIndex(rules, tree) for name, rules in settings.items()}
        self.decision_rules = {side: RegionIndex(rules, tree) for side, rules in sided.items()}
        #: Parameters of which two settings of different value neither of which beats the other could meet.
        self.clashing: dict[str, list[tuple[Setting, Setting]]] = {}
        #: How many unsettled contests the solver proved to be without a case, by kind.
        self.met_never: dict[str, int] = {}
        for contest in found:
            one, other = contest.one, contest.other
            if contest.winner is None and isinstance(one, Setting) and isinstance(other, Setting):
                self.clashing.setdefault(one.parameter, []).append((one, other))

    def drop_contests(self, apart: Collection[int], asked: Collection[int]) -> None:
        """Forgets the contests, by place, of which it was proved that no case ever sees them; for those of
        `asked` the solver did."""
        kept: list[Contest] = []
        for place, contest in enumerate(self.contests.rules):
            one, other = contest.one, contest.other
            if place not in apart:
                kept.append(contest)
                continue
            if contest.winner is None and place in asked:
                kind = kind_of(one)
                self.met_never[kind] = self.met_never.get(kind, 0) + 1
            if isinstance(one, Setting) and isinstance(other, Setting) and contest.winner is None:
                self.clashing[one.parameter].remove((one, other))
        self.contests = RegionIndex(kept, self.policy_set.regions)

    def keep_clashes(self, possible: Collection[tuple[str, str]]) -> None:
        """Forgets the pairs that were proved never to meet; encoders made from now on do without them."""
        for name, pairs in list(self.clashing.items()):
            self.clashing[name] = [pair for pair in pairs if (pair[0].key, pair[1].key) in possible]

    def after(self, policy_set: PolicySet, rule: Rule, edited: Rule | None) -> RuleIndex:
        """That of the set with one rule changed, or without it. What is known never to happen here is known of
        the other one too, as far as the change cannot touch it."""
        rows = (setting.key for setting in self.policy_set.settings.values() if setting.name == rule.name)
        gone = frozenset((rule.key, *rows))
        new = list(contests_of(edited, policy_set)) if isinstance(edited, Norm | Setting) else []
        after = RuleIndex(policy_set, [*_without(self.all_contests, gone), *new])
        after.contests = RegionIndex([*_without(self.contests.rules, gone), *new], policy_set.regions)
        known = {(one.key, other.key) for pairs in self.clashing.values() for one, other in pairs}
        pairs = [(contest.one.key, contest.other.key) for contest in after.contests.rules]
        after.keep_clashes({pair for pair in pairs if pair in known or self._touched(pair, gone)})
        return after

    def _touched(self, keys: tuple[str, str], gone: frozenset[str]) -> bool:
        """Whether a contest can come to something else when some rules change: one is in it or beats one that
        is, or some value hangs on others."""
        if self._values_hang_together or not gone.isdisjoint(keys):
            return True
        return any(not self._winners.get(key_, frozenset()).isdisjoint(gone) for key_ in keys)

    @cached_property
    def _values_hang_together(self) -> bool:
        """Whether the conditions of a setting read a parameter or a verdict."""
        return not all(
            facts_only(self.policy_set, condition)
            for setting in self.policy_set.settings.values()
            for condition in conditions(setting)
        )

    def winners(self, name: str, among: Collection[str]) -> list[str]:
        """Those of some rules that beat a rule; whichever are fewer are looked through."""
        losses = self.beaten.get(name, ())
        if len(losses) <= len(among):
            return [loss.winner for loss in losses if loss.winner in among]
        return [other for other in among if other in self._winners[name]]
