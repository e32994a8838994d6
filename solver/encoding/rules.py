"""Encodes rules and the values of parameters, with the branches that conflicting parameters cause.

For all cases what `in_force`, `applies` and `values` of `dsl/semantics/judgement.py` do for one; the names are the same.
`expressions.py` encodes the conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import TypeVar

from policyc.dsl.model import DATE, Expr, Period, Rule, Setting, Value
from policyc.dsl.model.regions import R, RegionIndex
from policyc.dsl.semantics.depth import Handled, Settled
from policyc.dsl.system.limits import TooMany

from ..formula.terms import Term, number
from .rule_index import RuleIndex
from .symbolic_case import Path
from .values import Algebra, Kleene

T = TypeVar("T")

#: A parameter at a region given by its path.
Instance = tuple[str, Path]


class Single(Enum):
    """The choice for a parameter that could conflict but does not: it has one value or none."""

    SINGLE = "single"


#: The choice for each parameter that could conflict: one of its values, or that it does not conflict.
Choices = Mapping[Instance, Value | Single]
#: The same as a key.
Frozen = frozenset[tuple[Instance, Value | Single]]

#: The most ways of choosing values that are distinguished; with more, the question is given up.
MOST_BRANCHES = 256

#: How many stack frames lie between a parameter and the next one that it reads.
_FRAMES = 25


class _Fork(Handled):
    def __init__(self, instance: Instance) -> None:
        self.instance = instance


@dataclass(frozen=True, slots=True)
class Branch:
    """One choice of values for conflicting parameters, possible in the cases of `guard`."""

    guard: Term
    choices: Choices


@dataclass(frozen=True, slots=True)
class _Values:
    """When each value of a parameter holds (settled and unbeaten), and when any does."""

    terms: Mapping[Value, Term]
    determined: Term
    #: When several values hold, and which these can be.
    conflict: Term
    clashing: tuple[Value, ...]


class RuleEncoder:
    """Encodes rules and parameters in one symbolic case."""

    def __init__(self, algebra: Algebra, rule_index: RuleIndex, truth: Callable[[Expr, Choices], Kleene]) -> None:
        """`truth` encodes a condition under chosen values of conflicting parameters."""
        self.algebra = algebra
        self.symbolic = algebra.symbolic
        self.factory = algebra.factory
        self.policy_set = algebra.policy_set
        self.rule_index = rule_index
        self._truth = truth
        self._conflicts: dict[Instance, Term] = {}
        self._settled: Settled[tuple[Instance, Frozen]] = Settled(self._work_out, lambda _: _FRAMES, rule_index.depth)

    # --- Conditions ---

    def applies(self, rule: Rule, place: Path, choices: Choices) -> Kleene:
        """Whether a rule is in force at a place on the day of the case, its `when` holds and its `unless` does not."""
        force = self.in_force(rule, place)
        if force is self.factory.false:
            return self.algebra.false
        return self.algebra.only_where(force, self.conditions(rule, choices))

    def apply_together(self, rules: Iterable[Rule], place: Path) -> Term:
        """When some rules surely apply at a place, all under one alternative."""
        every = tuple(rules)
        return self.either_branch(
            lambda choices: self.factory.and_([self.applies(rule, place, choices).surely_true for rule in every])
        )

    def conditions(self, rule: Rule, choices: Choices) -> Kleene:
        """Whether the `when` of a rule holds and its `unless` does not, region and period aside."""
        when = self.algebra.true if rule.when is None else self._truth(rule.when, choices)
        unless = self.algebra.false if rule.unless is None else self._truth(rule.unless, choices)
        return self.algebra.conjunction((when, unless.negated))

    def speaking(self, rules: RegionIndex[R], place: Path) -> list[R]:
        """The rules of regions that a place can lie in, in order of declaration."""
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
        """When each value of a parameter holds (see `Judgement.values`), and when several do."""
        memo = (instance, frozenset(choices.items()))
        found: _Values = self._settled[memo]
        return found

    def _work_out(self, memo: tuple[Instance, Frozen]) -> _Values:
        """The values of a parameter; chains may be long (`dsl/semantics/depth.py`)."""
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
        return _Values(terms, determined, conflict, tuple(dict.fromkeys(value for pair in pairs for value in pair)))

    def settings_applying(self, name: str, place: Path, choices: Choices) -> dict[str, Kleene]:
        """The settings of a parameter that can apply at a place, by key, in order of declaration."""
        found = {}
        for setting in self.speaking(self.rule_index.settings[name], place):
            truth = self.applies(setting, place, choices)
            if truth.surely_false is not self.factory.true:
                found[setting.key] = truth
        return found

    def held(self, applies: Mapping[str, Kleene]) -> tuple[Mapping[Value, Term], Term]:
        """When each value of a parameter holds (settled and unbeaten), given its settings, and when any does."""
        factory = self.factory
        possible: dict[Value, list[Term]] = {}
        necessary: dict[Value, list[Term]] = {}
        for key_, truth in applies.items():
            value = self.policy_set.settings[key_].value
            winners = self.rule_index.winners(key_, applies)
            unbeaten = factory.and_(factory.not_(applies[winner].surely_true) for winner in winners)
            secure = factory.and_(applies[winner].surely_false for winner in winners)
            possible.setdefault(value, []).append(factory.and_((factory.not_(truth.surely_false), unbeaten)))
            necessary.setdefault(value, []).append(factory.and_((truth.surely_true, secure)))
        may = {value: factory.or_(terms) for value, terms in possible.items()}
        must = {value: factory.or_(terms) for value, terms in necessary.items()}
        settled = factory.and_(factory.implies(may[value], must[value]) for value in may)
        determined = factory.and_((settled, factory.or_(must.values())))
        return {value: factory.and_((settled, term)) for value, term in must.items()}, determined

    def parameter(self, name: str, place: Path, choices: Choices) -> tuple[Mapping[Value, Term], Term]:
        """When a parameter has each of its values, and when it is determined; raises a fork if it can conflict."""
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
                self.applies(setting, place, choices).surely_true,
                *(
                    self.applies(settings[loss.winner], place, choices).surely_false
                    for loss in self.rule_index.beaten.get(setting.key, ())
                ),
            )
        )

    def undetermined(self, name: str, place: Path) -> Term:
        """When a parameter has no value, or it is in doubt, under every alternative; without a value under only some,
        it is conflicting."""
        return self.every_branch(lambda choices: self.factory.not_(self._values((name, place), choices).determined))

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
        options += [(value, self.factory.and_((values.conflict, values.terms[value]))) for value in values.clashing]
        agreeing = []
        for value, term in options:
            same = [
                self.factory.not_(self.symbolic.same(place, instance[1]))
                for (name, place), chosen in branch.choices.items()
                if name == instance[0] and chosen != value
            ]  # a parameter in a region has one value, whichever fact it is read by
            guard = self.factory.and_((branch.guard, term, *same))
            if guard is not self.factory.false:
                agreeing.append(Branch(guard, {**branch.choices, instance: value}))
        return agreeing

    def either_branch(self, compute: Callable[[Choices], Term]) -> Term:
        """That the computation holds under some possible choice."""
        return self.factory.or_(self.factory.and_((branch.guard, term)) for branch, term in self.branches(compute))

    def every_branch(self, compute: Callable[[Choices], Term]) -> Term:
        """That the computation holds under every possible choice."""
        return self.factory.and_(self.factory.implies(branch.guard, term) for branch, term in self.branches(compute))
