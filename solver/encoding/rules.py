"""Rules in force and the values of parameters as terms, with the branches that conflicting parameters make.

What `_in_force`, `_applies` and `_values` of `dsl/semantics/evaluate.py` say of one case is said here of all cases of a
space; the names are the same. How conditions are encoded is left to `solver/encoding/expressions.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import combinations
from typing import TypeVar

from policyc.dsl.model import (
    DATE,
    Expr,
    Norm,
    Period,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    Value,
    conditions,
)
from policyc.dsl.model.precedence import Beaten, Contest, beaten_by, contests, contests_of
from policyc.dsl.model.regions import R, RegionIndex
from policyc.dsl.semantics.depth import Depth, Handled, Settled
from policyc.dsl.system.limits import TooMany

from ..formula.terms import Term, number
from .dependencies import Dependencies, Facts, facts_only
from .symbolic_case import Path, SymbolicCase
from .values import Truth

T = TypeVar("T")

#: A parameter at a region given by its path.
Instance = tuple[str, Path]


class Single(Enum):
    """Chosen for a parameter that could conflict and does not: it has one value or none."""

    SINGLE = "single"


#: What is chosen for a parameter that could conflict: one of its values, or that it does not.
Choices = Mapping[Instance, Value | Single]
#: The same as a key.
Frozen = frozenset[tuple[Instance, Value | Single]]

#: So many ways of choosing values are told apart; what takes more of them is given up.
MOST_BRANCHES = 256

#: How many frames of the stack it takes from one parameter to the next that it reads.
_FRAMES = 25


class _Fork(Handled):
    def __init__(self, instance: Instance) -> None:
        self.instance = instance


@dataclass(frozen=True, slots=True)
class Branch:
    """One way of choosing values for conflicting parameters, possible in the cases of `guard`."""

    guard: Term
    choices: Choices


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


@dataclass(frozen=True, slots=True)
class _Values:
    """Of a parameter: when each value holds (settled and unbeaten), and when any does."""

    terms: Mapping[Value, Term]
    determined: Term
    #: When several of them hold, and which values these can be.
    conflict: Term
    clashing: tuple[Value, ...]


class Parameters(ABC):
    """Rules and parameters in one space."""

    def __init__(self, symbolic: SymbolicCase, rule_index: RuleIndex, ground: Parameters | None) -> None:
        """`ground` says the same of a larger space with the same variables: what reads nothing that is known
        or limited here is taken from there."""
        self.symbolic = symbolic
        self.ground = ground
        self._own = frozenset() if ground is None else symbolic.limited - ground.symbolic.limited
        self.factory = symbolic.factory
        self.policy_set = symbolic.policy_set
        self.rule_index = rule_index
        self._conflicts: dict[Instance, Term] = {}
        self._settled: Settled[tuple[Instance, Frozen]] = Settled(
            self._work_out, lambda _: _FRAMES, rule_index.depth
        )

    @abstractmethod
    def truth(self, expression: Expr, choices: Choices) -> Truth:
        """A condition under chosen values of conflicting parameters."""

    def shared(self, reads: Facts) -> bool:
        """Whether what reads these facts only is the same here as in the larger space."""
        return self.ground is not None and self._own.isdisjoint(reads)

    # --- Conditions ---

    def applies(self, rule: Rule, place: Path, choices: Choices) -> Truth:
        """Whether a rule is in force at a place on the day of the case, its `when` holds and its `unless`
        does not."""
        factory = self.factory
        force = self.in_force(rule, place)
        if force is factory.false:
            return Truth(factory.false, factory.true)
        holds = self.conditions(rule, choices)
        return Truth(factory.and_((force, holds.true)), factory.or_((factory.not_(force), holds.false)))

    def conditions(self, rule: Rule, choices: Choices) -> Truth:
        """Whether the `when` of a rule holds and its `unless` does not, wherever and whenever."""
        factory = self.factory
        when = self.truth(rule.when, choices) if rule.when is not None else Truth(factory.true, factory.false)
        unless = (
            self.truth(rule.unless, choices)
            if rule.unless is not None
            else Truth(factory.false, factory.true)
        )
        return Truth(factory.and_((when.true, unless.false)), factory.or_((when.false, unless.true)))

    def speaking(self, rules: RegionIndex[R], place: Path) -> list[R]:
        """The rules for regions in which a place can lie, in order of declaration."""
        near = rules.near(self.symbolic.located(place))
        return [rule for rule in near if self.symbolic.within(place, rule.region) is not self.factory.false]

    def in_force(self, rule: Rule, place: Path) -> Term:
        return self.factory.and_((self.symbolic.within(place, rule.region), self.during(rule.period)))

    def during(self, period: Period) -> Term:
        """Whether the day of the case lies in a period."""
        fact = self.policy_set.facts.get(DATE)
        if fact is None:
            return self.factory.true
        day = self.symbolic.number(fact)
        conditions = []
        if period.first is not None:
            conditions.append(self.factory.at_most(number(period.first), day))
        if period.last is not None:
            conditions.append(self.factory.at_most(day, number(period.last)))
        return self.factory.and_(conditions)

    # --- Parameters ---

    def _values(self, instance: Instance, choices: Choices) -> _Values:
        """For each value a parameter can have, when it is possible and when necessary (see `evaluate.py`)."""
        memo = (instance, frozenset(choices.items()))
        found: _Values = self._settled[memo]
        return found

    def _work_out(self, memo: tuple[Instance, Frozen]) -> _Values:
        """What is known of a parameter; long chains of them are no matter (`dsl/semantics/depth.py`)."""
        instance, choices = memo[0], dict(memo[1])
        factory = self.factory
        name, place = instance
        applies = self.settings_applying(name, place, choices)
        terms, determined = self.held(applies)
        clashing = {
            frozenset((one.value, other.value))
            for one, other in self.rule_index.clashing.get(name, ())
            if one.key in applies and other.key in applies
        }
        pairs = [pair for pair in combinations(terms, 2) if frozenset(pair) in clashing]
        conflict = factory.or_(factory.and_((terms[one], terms[other])) for one, other in pairs)
        return _Values(
            terms, determined, conflict, tuple(dict.fromkeys(value for pair in pairs for value in pair))
        )

    def settings_applying(self, name: str, place: Path, choices: Choices) -> dict[str, Truth]:
        """The settings of a parameter that can apply at a place, by key, in order of declaration."""
        found = {}
        for setting in self.speaking(self.rule_index.settings[name], place):
            truth = self.applies(setting, place, choices)
            if truth.false is not self.factory.true:
                found[setting.key] = truth
        return found

    def held(self, applies: Mapping[str, Truth]) -> tuple[Mapping[Value, Term], Term]:
        """Of settings of one parameter: when each value holds (settled and unbeaten), and when any does."""
        factory = self.factory
        possible: dict[Value, list[Term]] = {}
        necessary: dict[Value, list[Term]] = {}
        for key_, truth in applies.items():
            value = self.policy_set.settings[key_].value
            winners = self.rule_index.winners(key_, applies)
            unbeaten = factory.and_(factory.not_(applies[winner].true) for winner in winners)
            secure = factory.and_(applies[winner].false for winner in winners)
            possible.setdefault(value, []).append(factory.and_((factory.not_(truth.false), unbeaten)))
            necessary.setdefault(value, []).append(factory.and_((truth.true, secure)))
        may = {value: factory.or_(terms) for value, terms in possible.items()}
        must = {value: factory.or_(terms) for value, terms in necessary.items()}
        settled = factory.and_(factory.implies(may[value], must[value]) for value in may)
        determined = factory.and_((settled, factory.or_(must.values())))
        return {value: factory.and_((settled, term)) for value, term in must.items()}, determined

    def parameter(self, name: str, place: Path, choices: Choices) -> tuple[Mapping[Value, Term], Term]:
        """When a parameter has each of its values, and when it is determined; forks where it can conflict."""
        instance = (name, place)
        chosen = choices.get(instance)
        if chosen is not None and not isinstance(chosen, Single):
            return {chosen: self.factory.true}, self.factory.true
        values = self._values(instance, choices)
        if chosen is None and values.conflict is not self.factory.false:
            raise _Fork(instance)
        return values.terms, values.determined

    def conflict(self, name: str, place: Path) -> Term:
        """When a parameter has several unbeaten values."""
        instance = (name, place)
        if instance not in self._conflicts:
            found = self.either_branch(lambda choices: self._values(instance, choices).conflict)
            self._conflicts[instance] = found
        return self._conflicts[instance]

    def unbeaten(self, setting: Setting, place: Path, choices: Choices) -> Term:
        """When a setting surely applies and nothing that beats it may apply."""
        settings = self.policy_set.settings
        return self.factory.and_(
            (
                self.applies(setting, place, choices).true,
                *(
                    self.applies(settings[loss.winner], place, choices).false
                    for loss in self.rule_index.beaten.get(setting.key, ())
                ),
            )
        )

    def undetermined(self, name: str, place: Path) -> Term:
        """When nothing is set for a parameter, or it is in doubt, whatever alternative is chosen: where only some
        choice leaves it without a value, it is conflicting."""
        return self.every_branch(
            lambda choices: self.factory.not_(self._values((name, place), choices).determined)
        )

    # --- Branches ---

    def branches(self, compute: Callable[[Choices], T]) -> list[tuple[Branch, T]]:
        """A computation under every choice of values for the conflicting parameters it reads."""
        results: list[tuple[Branch, T]] = []
        waiting: list[Branch] = [Branch(self.factory.true, {})]
        while waiting:
            branch = waiting.pop()
            try:
                results.append((branch, compute(branch.choices)))
            except _Fork as fork:
                waiting.extend(reversed(self._split(branch, fork.instance)))
            if len(results) + len(waiting) > MOST_BRANCHES:
                raise TooMany
        return results

    def _split(self, branch: Branch, instance: Instance) -> list[Branch]:
        values = self._values(instance, branch.choices)
        options: list[tuple[Value | Single, Term]] = [(Single.SINGLE, self.factory.not_(values.conflict))]
        options += [
            (value, self.factory.and_((values.conflict, values.terms[value]))) for value in values.clashing
        ]
        agreeing = []
        for value, term in options:
            same = [
                self.factory.not_(self.symbolic.same(place, instance[1]))
                for (name, place), chosen in branch.choices.items()
                if name == instance[0] and chosen != value
            ]  # one parameter at one region has one value, by whatever facts it is reached
            guard = self.factory.and_((branch.guard, term, *same))
            if guard is not self.factory.false:
                agreeing.append(Branch(guard, {**branch.choices, instance: value}))
        return agreeing

    def either_branch(self, compute: Callable[[Choices], Term]) -> Term:
        """Where the computation holds under some possible choice."""
        return self.factory.or_(
            self.factory.and_((branch.guard, term)) for branch, term in self.branches(compute)
        )

    def every_branch(self, compute: Callable[[Choices], Term]) -> Term:
        """Where the computation holds under every possible choice."""
        return self.factory.and_(
            self.factory.implies(branch.guard, term) for branch, term in self.branches(compute)
        )
