"""Cases to try before asking the solver: for each rule, a few in which it applies or narrowly does not.

In: a scope and the rules that apply in it. Out: whole cases, some of which may be invalid. Each starts from the usual
values and departs from them where the rule's conditions require. Only speed depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from policyc.dsl import model
from policyc.dsl.semantics.depth import Settled, levels

#: How many ways of meeting one condition are tried.
_WAYS = 4

#: How many ways of making a definition true or false are tried; one that reads others could have all of theirs.
_MOST_WAYS = 24

#: How many stack frames a level of a condition takes.
_FRAMES_A_LEVEL = 4


@dataclass(frozen=True, slots=True)
class _As:
    """The value of another fact."""

    fact: str


#: Departures from the usual values.
Patch = dict[str, model.Value | _As]


class Sampler:
    """Cases for the rules of one set. `ordinary` is a valid case that gives facts without a usual value theirs; every
    case keeps the `known` facts."""

    def __init__(self, departures: Departures, ordinary: model.Case, known: model.Case) -> None:
        self.policy_set = departures.policy_set
        self._departures = departures
        self._ordinary = ordinary
        self._known = known
        #: The usual values, and for a fact that usually equals another one, that fact.
        self._usual: dict[str, model.Value] = dict(ordinary)
        self._leaders: dict[str, str] = {}
        for fact in self.policy_set.facts.values():
            match fact.usual:
                case model.Constant(value=value):
                    self._usual[fact.name] = value
                case model.FactValue(fact=other) if fact.name not in known:
                    self._leaders[fact.name] = other
        self._usual |= known

    def cases(self, rules: Iterable[model.Rule], place: str) -> Iterator[dict[str, model.Value]]:
        """Cases for some rules; `place` is the region fact by which rules without a side are read."""
        yield dict(self._ordinary)
        for rule in rules:
            fact = self._place(rule) or place
            here = self._here(rule, fact)
            for patch in self._departures.of(rule):
                turned = _turned(patch, fact)
                for day in self._days(rule):
                    yield self._completed({**here, **day, **turned})

    def together(self, pairs: Iterable[tuple[model.Rule, model.Rule]]) -> Iterator[dict[str, model.Value]]:
        """For each pair of rules a few cases in which both may apply, regions and periods aside."""
        of = self._departures.of
        for one, other in pairs:
            for first, second in islice(zip(of(one), of(other), strict=False), _WAYS):
                yield self._completed({**first, **second})

    def _here(self, rule: model.Rule, fact: str) -> Patch:
        local = fact and not self.policy_set.regions.is_root(rule.region)
        return {fact: rule.region} if local else {}

    def _place(self, rule: model.Rule) -> str | None:
        if not isinstance(rule, model.DecisionRule):
            return None
        return self.policy_set.side(rule.decision, rule.side).fact

    def _days(self, rule: model.Rule) -> list[Patch]:
        fact = self.policy_set.facts.get(model.DATE)
        if fact is None or fact.low is None or fact.high is None:
            return [{}]
        first = max(fact.low, rule.period.first or fact.low)
        last = min(fact.high, rule.period.last or fact.high)
        return [{model.DATE: first}, {model.DATE: last}]

    def _completed(self, patch: Patch) -> dict[str, model.Value]:
        """A patch completed by the known facts, usual values and, failing those, the ordinary case."""
        case, leaders = dict(self._usual), dict(self._leaders)
        for name, value in patch.items():
            if name in self._known:
                continue
            if isinstance(value, _As):
                leaders[name] = value.fact
            else:
                leaders.pop(name, None)
                case[name] = value
        while leaders:
            path, name = [], next(iter(leaders))
            while name in leaders and name not in path:
                path.append(name)
                name = leaders[name]
            value = self._ordinary[name] if name in path else case[name]  # a circle of facts has no leader
            for follower in path:
                case[follower] = value
                del leaders[follower]
        return case


class Departures:
    """The departures from usual values that the conditions of each rule require."""

    def __init__(self, policy_set: model.PolicySet, far: Sequence[model.Value]) -> None:
        """`far` are regions far from each other, for facts that must lie in different regions."""
        self.policy_set = policy_set
        self._far = far
        values: dict[str, dict[model.Value, None]] = {}
        for setting in policy_set.settings.values():
            values.setdefault(setting.parameter, {})[setting.value] = None
        #: By parameter, all values of its settings.
        self._settings = {parameter: list(set_to) for parameter, set_to in values.items()}
        self._of: dict[str, list[Patch]] = {}
        self._defined: Settled[tuple[str, bool]] = Settled(self._define, self._frames)

    def of(self, rule: model.Rule) -> list[Patch]:
        """Departures with which a rule applies; for a requirement, with which it is met or fails."""
        if rule.key not in self._of:
            self._of[rule.key] = self._rule(rule)
        return self._of[rule.key]

    # --- Conditions ---

    def _rule(self, rule: model.Rule) -> list[Patch]:
        parts: list[tuple[model.Expr, bool]] = [] if rule.when is None else [(rule.when, True)]
        parts += [] if rule.unless is None else [(rule.unless, False)]
        if isinstance(rule, model.Requirement):
            met, failed = ((rule.condition, truth) for truth in (True, False))
            return [*self._all([*parts, failed]), *self._all([*parts, met])]
        if isinstance(rule, model.Setting):
            return self._all(parts)[:2]
        return self._all(parts)

    def _all(self, parts: Sequence[tuple[model.Expr, bool]]) -> list[Patch]:
        options = [self._ways(expression, truth) or [{}] for expression, truth in parts]
        merged = ({key: value for patch in patches for key, value in patch.items()} for patches in _spread(options))
        return list(merged)

    def _ways(self, expression: model.Expr, truth: bool) -> list[Patch]:
        """A few ways of making a condition true or false."""
        match expression:
            case model.FactValue(fact=fact):
                return [{fact: truth}]
            case model.Not(operand=operand):
                return self._ways(operand, not truth)
            case model.DefineValue(define=define):
                found: list[Patch] = self._defined[define, truth]
                return found
            case model.And(operands=operands) | model.Or(operands=operands):
                if isinstance(expression, model.And) == truth:
                    return self._all([(operand, truth) for operand in operands])
                return [patch for operand in operands for patch in self._ways(operand, truth)[:2]][: 2 * _WAYS]
            case model.Equal(left=left, right=right):
                return self._equal(left, right, truth)
            case model.Less(left=left, right=right, strict=strict):
                return self._less(left, right, truth == strict, truth)
            case model.MemberOf(element=model.FactValue(fact=fact), collection=collection):
                return self._member(self.policy_set.facts[fact], collection, truth)
            case model.Within(inner=model.FactValue(fact=fact), outer=model.Constant(value=value)):
                return [{fact: value}] if truth else [{fact: other} for other in self._far[:2]]
            case _:
                return []

    def _define(self, key: tuple[str, bool]) -> list[Patch]:
        """A few ways of making a definition true or false, found once."""
        name, truth = key
        return self._ways(self.policy_set.defines[name].value, truth)[:_MOST_WAYS]

    def _frames(self, key: tuple[str, bool]) -> int:
        return _FRAMES_A_LEVEL * levels(self.policy_set.defines[key[0]].value)

    def _equal(self, left: model.Expr, right: model.Expr, truth: bool) -> list[Patch]:
        if isinstance(left, model.Ancestor) and isinstance(right, model.Ancestor):
            left, right = left.region, right.region
        if isinstance(right, model.FactValue) and not isinstance(left, model.FactValue):
            left, right = right, left
        match left, right:
            case model.FactValue(fact=fact), model.FactValue(fact=other):
                if truth:
                    return [{fact: _As(other)}]
                facts = self.policy_set.facts
                return [*self._other(facts[other], None)[:2], *self._other(facts[fact], None)[:2]]
            case model.FactValue(fact=fact), model.Constant(value=value):
                return [{fact: value}] if truth else self._other(self.policy_set.facts[fact], value)
            case model.FactValue(fact=fact), model.ParameterValue(parameter=parameter):
                return [{fact: value} for value in self._settings.get(parameter, ())[:_WAYS]]
            case _:
                return []

    def _other(self, fact: model.Fact, value: model.Value | None) -> list[Patch]:
        """Other values of a fact."""
        if fact.type == model.BOOLEAN:
            return [{fact.name: not value}]
        if fact.type == model.REGION:
            return [{fact.name: other} for other in self._far[:2]]
        if isinstance(fact.type, model.EnumType):
            members = self.policy_set.enums[fact.type.name].members
            return _each(fact, [member for member in members if member != value][:_WAYS])
        return [{fact.name: end} for end in (fact.low, fact.high) if end is not None and end != value]

    def _less(self, left: model.Expr, right: model.Expr, strict: bool, truth: bool) -> list[Patch]:
        """`left` below `right` or not; `strict` excludes equal numbers."""
        found: list[Patch] = []
        step = int(strict)
        for one, other, sign in ((left, right, -1 if truth else 1), (right, left, 1 if truth else -1)):
            if not isinstance(one, model.FactValue):
                continue
            fact = self.policy_set.facts[one.fact]
            assert fact.low is not None and fact.high is not None
            end = fact.low if sign < 0 else fact.high
            near = [number + sign * step for number in self._numbers(other)]
            inside = [number for number in near if fact.low <= number <= fact.high]
            found += [{one.fact: number} for number in (*inside[: _WAYS - 1], end)]
        return found

    def _numbers(self, expression: model.Expr) -> list[int]:
        match expression:
            case model.Constant(value=int(value)):
                return [value]
            case model.ParameterValue(parameter=parameter):
                return [value for value in self._settings.get(parameter, ()) if isinstance(value, int)]
            case _:
                return []

    def _member(self, fact: model.Fact, collection: model.Expr, truth: bool) -> list[Patch]:
        assert isinstance(fact.type, model.EnumType)
        members = list(self.policy_set.enums[fact.type.name].members)
        if isinstance(collection, model.DefineValue):
            collection = self.policy_set.defines[collection.define].value
        if isinstance(collection, model.Constant) and isinstance(collection.value, frozenset):
            inside = collection.value
            members = [member for member in members if (member in inside) == truth]
        return _each(fact, members[: 2 * _WAYS])


def _turned(patch: Patch, fact: str) -> Patch:
    """The same departures, except that if `fact` follows another one, that one follows `fact` instead."""
    leader = patch.get(fact)
    if not isinstance(leader, _As):
        return patch
    return {**{name: value for name, value in patch.items() if name != fact}, leader.fact: _As(fact)}


def _each(fact: model.Fact, values: Iterable[model.Value]) -> list[Patch]:
    return [{fact.name: value} for value in values]


def _spread(options: Sequence[Sequence[Patch]]) -> Iterator[tuple[Patch, ...]]:
    """A few combinations of the options in which each occurs at least once: the first ones of their product, then all
    side by side, the shorter lists repeated."""
    if not options:
        yield ()
        return
    longest = max(len(choices) for choices in options)
    if len(options) > 1 and longest > 1:
        yield from islice(product(*options), _WAYS)
    for place in range(longest):
        yield tuple(choices[place % len(choices)] for choices in options)
