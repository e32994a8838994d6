"""Interactions of rules: what changes when a rule is removed.

The scene is one side of a decision in some area, or the parameters of one region, with all rules that may apply
there. `Interactions` encodes in which cases the verdict or a value changes without a rule, for any choice of the other
rules present: as a term for the solver, and cheaply for single cases. Asks no solver.

What the conditions of the rules read is as the policy set says. In a set made by `reading.py` they read rules that may
be absent, too: a fact of the case, the switch of the rule, says whether it is there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from policyc.dsl.model import Case, Decision, Side
from policyc.dsl.semantics.outcomes import UNDETERMINED

from ...encoding.decisions import Work
from ...encoding.values import Kleene
from ...engine.cases import in_region
from ...engine.context import CaseScope
from ...formula.terms import Term

#: The rules at work under each choice of values for conflicting parameters, with the guard of the choice.
Branches = Sequence[tuple[Term, Work]]

#: Whether rules are present, by name; others are.
Presence = Mapping[str, Term]

#: The name of the switch of a rule: a variable and, if conditions read the rule, a fact.
SWITCH = "present {}"

#: When each possible outcome occurs.
Outcomes = Mapping[object, Term]


class Interactions(ABC):
    def __init__(self, scope: CaseScope, topics: Mapping[str, Branches], fact: str) -> None:
        """`topics` are what the rules decide, each independently; `fact` is the region fact that determines the area,
        if any."""
        self.scope = scope
        self.fact = fact
        self.factory = scope.factory
        self._topics = topics
        #: The outcomes of topics with the presence of all rules left open.
        self._switched: dict[str, tuple[Branches, Outcomes]] = {}
        #: The topics of each rule, by name.
        self.rules: dict[str, list[str]] = {}
        for topic, branches in topics.items():
            for name in _at_work(self, {topic: branches}):
                self.rules.setdefault(name, []).append(topic)

    @abstractmethod
    def name(self, key: str) -> str:
        """The name of the rule with a key."""

    @abstractmethod
    def is_default(self, key: str) -> bool:
        """Whether a rule yields by design."""

    @abstractmethod
    def outcomes(self, topic: str, branches: Branches) -> Outcomes:
        """The outcomes of one topic, given its rules."""

    @abstractmethod
    def moved(self, case: Case, names: Collection[str]) -> Iterator[Case]:
        """A case, and its copies in places of the area where some rules apply."""

    def others(self, name: str) -> list[str]:
        """The rules that share a topic with one."""
        met = _at_work(self, {topic: self._topics[topic] for topic in self.rules[name]})
        return [other for other in met if other != name]

    def at_work(self, name: str) -> Term:
        """When a rule may be at work: may apply or, for a requirement, may fail."""
        factory = self.factory
        return factory.or_(
            factory.and_((guard, factory.not_(truth.surely_false)))
            for topic in self.rules[name]
            for guard, work in self._topics[topic]
            for key, truth in work.items()
            if self.name(key) == name
        )

    def presence(self, name: str) -> Term:
        """A variable for the presence of a rule."""
        return self.factory.variable(SWITCH.format(name))

    @cached_property
    def switches(self) -> dict[str, Term]:
        """The presence variables of all rules."""
        return {name: self.presence(name) for name in self.rules}

    @cached_property
    def defaults(self) -> dict[str, Term]:
        """The presence variables of defaults."""
        yielding = {
            self.name(key)
            for branches in self._topics.values()
            for _, work in branches
            for key in work
            if self.is_default(key)
        }
        return {name: switch for name, switch in self.switches.items() if name in yielding}

    # --- Changes ---

    def changes(self, names: Iterable[str]) -> dict[str, Term]:
        """When the removal of each of some rules changes an outcome; the presence of defaults is left open by the
        variables of `defaults`."""
        comparison = _Comparison(self, self._topics, self.defaults)
        return {name: comparison.changed(name) for name in names}

    def outcome_terms(self, name: str) -> list[Term]:
        """When each outcome of a rule's topics occurs; the presence of all rules is left open by the variables of
        `switches`."""
        return [term for topic in self.rules[name] for term in self._all_switched.outcomes(topic)[1].values()]

    def switched(self, name: str) -> Term:
        """`changes` for one rule; the presence of all rules is left open by the variables of `switches`."""
        return self._all_switched.changed(name)

    def among(self, name: str, others: Collection[str]) -> Term:
        """`changes` for one rule if only some others are present."""
        absent = {rule: self.factory.false for rule in self.rules if rule != name and rule not in others}
        return _Comparison(self, self._topics, absent).changed(name)

    @property
    def _all_switched(self) -> _Comparison:
        return _Comparison(self, self._topics, self.switches, self._switched)

    def changing(self, names: Iterable[str], case: Case, present: Presence) -> list[str]:
        """The rules among `names` that change an outcome in one case. `present` has constants only."""
        topics = self._topics_of(case, self._switched_in(case, present))
        at_work, comparison = _at_work(self, topics), _Comparison(self, topics, present)
        return [name for name in names if name in at_work and comparison.changed(name) is self.factory.true]

    def preventing(self, name: str, case: Case, present: Presence) -> list[str]:
        """Absent rules, each of which would keep one from changing an outcome in a case if it were present too.
        `present` has constants only."""
        there: Presence = {**present, name: self.factory.true}
        known: dict[tuple[object, ...], dict[str, Branches]] = {}

        def changes(tried: Presence) -> bool:
            switched = self._switched_in(case, tried)
            key = tuple(switched.values())
            if key not in known:
                known[key] = self._topics_of(case, switched)
            return _Comparison(self, known[key], tried).changed(name) is self.factory.true

        absent = [other for other, truth in there.items() if truth is self.factory.false]
        there = _with_most(there, absent, self.factory.true, changes)
        return [other for other in absent if there[other] is self.factory.false]

    # --- Single cases ---

    @cached_property
    def _terms(self) -> tuple[Term, ...]:
        """All guards and truths, to be evaluated at once."""
        return tuple(
            term
            for branches in self._topics.values()
            for guard, work in branches
            for term in (
                guard,
                *(half for truth in work.values() for half in (truth.surely_true, truth.surely_false)),
            )
        )

    def _switched_in(self, case: Case, present: Presence) -> Case:
        """A case with the switches of the rules that conditions read as they are in `present`."""
        there = {SWITCH.format(name): truth is self.factory.true for name, truth in present.items()}
        return {**case, **{switch: truth for switch, truth in there.items() if switch in case}}

    def _topics_of(self, valid: Case, case: Case) -> dict[str, Branches]:
        """The rules at work in one case, as constants; none if it breaks an axiom, unlike a valid case that differs from
        it in switches at most."""
        factory = self.factory
        if case != valid and not self.scope.holds(self.scope.lawful, case):
            return {topic: [] for topic in self._topics}
        values = iter(self.scope.holding(self._terms, case))
        found: dict[str, Branches] = {}
        for topic, branches in self._topics.items():
            possible: list[tuple[Term, Work]] = []
            for _, work in branches:
                guard = next(values)
                truths = {key: (next(values), next(values)) for key in work}
                if guard:
                    rules = {
                        key: Kleene(factory.truth(true), factory.false)
                        for key, (true, false) in truths.items()
                        if not false
                    }
                    possible.append((factory.true, rules))
            found[topic] = possible
        return found


class _Comparison:
    """Compares outcomes with and without one rule."""

    def __init__(
        self,
        interactions: Interactions,
        topics: Mapping[str, Branches],
        present: Presence,
        known: dict[str, tuple[Branches, Outcomes]] | None = None,
    ) -> None:
        """`known` has the outcomes of topics computed so far, and receives further ones."""
        self.interactions = interactions
        self.factory = interactions.factory
        self.topics = topics
        self.present = present
        self._with = {} if known is None else known

    def changed(self, name: str) -> Term:
        """When removing the rule changes an outcome."""
        return self.factory.or_(self._changed(name, topic) for topic in self.interactions.rules[name])

    def _changed(self, name: str, topic: str) -> Term:
        if self.present.get(name) is self.factory.false:  # the rule in question counts as present
            there, outcomes = self._given(topic, {**self.present, name: self.factory.true})
        else:
            there, outcomes = self.outcomes(topic)
        without = self._masked(there, {name: self.factory.false})
        return self._differ(outcomes, self.interactions.outcomes(topic, without))

    def outcomes(self, topic: str) -> tuple[Branches, Outcomes]:
        """The rules present in a topic, and its outcomes."""
        if topic not in self._with:
            self._with[topic] = self._given(topic, self.present)
        return self._with[topic]

    def _given(self, topic: str, present: Presence) -> tuple[Branches, Outcomes]:
        there = self._masked(self.topics[topic], present)
        return there, self.interactions.outcomes(topic, there)

    def _differ(self, one: Outcomes, other: Outcomes) -> Term:
        return self.factory.or_((self._beyond(one, other), self._beyond(other, one)))

    def _beyond(self, one: Outcomes, other: Outcomes) -> Term:
        """When some outcome occurs in the one but not in the other."""
        factory = self.factory
        return factory.or_(
            factory.and_((term, factory.not_(other.get(outcome, factory.false)))) for outcome, term in one.items()
        )

    def _masked(self, branches: Branches, present: Presence) -> Branches:
        """The branches with only the rules that are present."""
        return [
            (
                guard,
                {key: there for key, truth in work.items() if (there := self._if_there(key, truth, present))},
            )
            for guard, work in branches
        ]

    def _if_there(self, key: str, truth: Kleene, present: Presence) -> Kleene | None:
        factory = self.factory
        there = present.get(self.interactions.name(key), factory.true)
        if there is factory.true:
            return truth
        if there is factory.false:
            return None
        return self.interactions.scope.rules.algebra.only_where(there, truth)


def _with_most(there: Presence, absent: Sequence[str], true: Term, suits: Callable[[Presence], bool]) -> Presence:
    """Adds as many absent rules as possible, half by half, if the whole still suits after each step."""
    if not absent:
        return there
    tried = {**there, **dict.fromkeys(absent, true)}
    if suits(tried):
        return tried
    if len(absent) == 1:
        return there
    middle = len(absent) // 2
    return _with_most(_with_most(there, absent[:middle], true, suits), absent[middle:], true, suits)


def _at_work(interactions: Interactions, topics: Mapping[str, Branches]) -> dict[str, None]:
    """The names of the rules at work in some topics."""
    return dict.fromkeys(interactions.name(key) for branches in topics.values() for _, work in branches for key in work)


class SideInteractions(Interactions):
    """One side of a decision in an area."""

    def __init__(self, scope: CaseScope, decision: Decision, side: Side, places: Sequence[str]) -> None:
        """`places` are regions of the area, one of each kind that the rules distinguish."""
        super().__init__(scope, {decision.name: scope.decisions.rules_at_work(decision.name, side)}, side.fact)
        self.places = places

    def name(self, key: str) -> str:
        return key

    def is_default(self, key: str) -> bool:
        norm = self.scope.policy_set.norms.get(key)
        return norm is not None and norm.default

    def outcomes(self, topic: str, branches: Branches) -> Outcomes:
        decisions = self.scope.decisions
        verdicts = decisions.agreed([(guard, decisions.settle(work)) for guard, work in branches])
        return dict(verdicts.items())

    def moved(self, case: Case, names: Collection[str]) -> Iterator[Case]:
        """With the region of the side elsewhere, alone and together with all facts of the same region."""
        yield case
        tree, rules = self.scope.policy_set.regions, self.scope.policy_set.rules
        regions = dict.fromkeys(rules[name].region for name in names)
        local = [region for region in regions if not tree.is_root(region)]
        old = str(case[self.fact])
        for place in self.places:
            if any(tree.within(place, region) for region in local):
                alone = {**case, self.fact: place}
                together = in_region(self.scope.policy_set, case, old, place)
                yield from (alone, together) if alone != together else (alone,)


class ValueInteractions(Interactions):
    """The parameters of a region."""

    def __init__(self, scope: CaseScope, place: str) -> None:
        rules, path = scope.rules, scope.symbolic.place(place)
        topics: dict[str, Branches] = {}
        for name in scope.policy_set.parameters:
            computed = rules.branches(partial(rules.settings_applying, name, path))
            topics[name] = [(branch.guard, work) for branch, work in computed]
        super().__init__(scope, topics, "")
        self.place = place

    def name(self, key: str) -> str:
        return self.scope.policy_set.settings[key].name

    def is_default(self, key: str) -> bool:
        return self.scope.policy_set.settings[key].default

    def outcomes(self, topic: str, branches: Branches) -> Outcomes:
        factory = self.factory
        found: dict[object, list[Term]] = {}
        for guard, work in branches:
            values, determined = self.scope.rules.held(work)
            for value, term in values.items():
                found.setdefault(value, []).append(factory.and_((guard, term)))
            found.setdefault(UNDETERMINED, []).append(factory.and_((guard, factory.not_(determined))))
        return {value: factory.or_(terms) for value, terms in found.items()}

    def moved(self, case: Case, names: Collection[str]) -> Iterator[Case]:
        """As it is, and with all regions replaced by that of the parameters, since conditions may read any region."""
        yield case
        yield in_region(self.scope.policy_set, case, None, self.place)
