"""Dependencies: what expressions, rules, decisions and parameters read, directly or through each other.

In: a policy set. Out: names of facts, parameters and decisions, and the expressions that read them. What reads what
is said here and nowhere else. No case is looked at, so some of it may be read in no case.

| To know of an expression or a decision | |
|---|---|
| the facts on which it depends in the end | `Dependencies` |
| whether these are all on which it depends | `facts_only` |
| everything on which it depends, rules and expressions | `transitive` |
| the decisions that it asks about itself | `decisions_read` |
| the expressions that it is made of | `subexpressions`, `unfolded` of `dsl/model/traversal.py` |

| To know of a parameter | |
|---|---|
| which rules read it, and by which region facts | `readings` |
| by which region facts it is read at all | `region_facts` |
| one region fact by which to look at it | `reading_facts` |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from policyc.dsl.model import (
    DATE,
    REGION,
    Ancestor,
    Choice,
    DefineValue,
    DependsExpectation,
    Expr,
    FactValue,
    IsUndetermined,
    ParameterValue,
    PolicySet,
    Rule,
    VerdictIs,
    conditions,
    parts,
)
from policyc.dsl.model.traversal import left_to_right, subexpressions, unfolded
from policyc.dsl.semantics.depth import Settled

Facts = frozenset[str]
#: A definition, a parameter, or a side of a decision.
Key = tuple[str, str, str]

#: How many frames of the stack it takes from one of these to the next that it reads.
_FRAMES = 12


class Dependencies:
    """The facts on which things depend, by way of definitions, parameters and verdicts too. What depends on no fact
    that is known in a scope is there what it is everywhere, and need not be worked out again.

    INVARIANT: nothing depends on itself (PC106), so every question comes to an end."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self._expressions: dict[int, tuple[Expr, Facts]] = {}
        self._settled: Settled[Key] = Settled(self._work_out, lambda _: _FRAMES)

    def work_out(self) -> None:
        """Works out everything, so that processes made from this one need not, each for itself."""
        for decision in self.policy_set.decisions.values():
            for side in decision.sides:
                self.side(decision.name, side.name)
        for parameter in self.policy_set.parameters:
            self.parameter(parameter)

    def expression(self, expression: Expr) -> Facts:
        key = id(expression)
        if key not in self._expressions:  # kept with it, so that its id stays its own
            self._expressions[key] = expression, self._read((expression,))
        return self._expressions[key][1]

    def define(self, name: str) -> Facts:
        """What a definition reads."""
        found: Facts = self._settled["define", name, ""]
        return found

    def parameter(self, name: str) -> Facts:
        """What the settings of a parameter read."""
        found: Facts = self._settled["parameter", name, ""]
        return found

    def side(self, decision: str, side: str) -> Facts:
        """What the verdict of a side reads."""
        found: Facts = self._settled["side", decision, side]
        return found

    def _work_out(self, key: Key) -> Facts:
        kind, name, side = key
        if kind == "define":
            return self.expression(self.policy_set.defines[name].value)
        if kind == "parameter":
            return self._read_by(self._settings.get(name, ()))
        return self._read_by(self._rules.get((name, side), ())) | {self.policy_set.side(name, side).fact}

    @cached_property
    def _settings(self) -> Mapping[str, Sequence[Rule]]:
        """The settings by parameter."""
        found = defaultdict[str, list[Rule]](list)
        for setting in self.policy_set.settings.values():
            found[setting.parameter].append(setting)
        return found

    @cached_property
    def _rules(self) -> Mapping[tuple[str, str], Sequence[Rule]]:
        """Norms and requirements by decision and side."""
        found = defaultdict[tuple[str, str], list[Rule]](list)
        for rule in (*self.policy_set.norms.values(), *self.policy_set.requirements.values()):
            found[rule.decision, rule.side].append(rule)
        return found

    def _read_by(self, rules: Iterable[Rule]) -> Facts:
        every = list(rules)
        found = self._read(condition for rule in every for condition in conditions(rule))
        timed = any(rule.period.first is not None or rule.period.last is not None for rule in every)
        return found | {DATE} if timed and DATE in self.policy_set.facts else found

    def _read(self, expressions_: Iterable[Expr]) -> Facts:
        found: set[str] = set()
        for expression in expressions_:
            for inner in subexpressions(expression):
                match inner:
                    case FactValue(fact=fact):
                        found.add(fact)
                    case DefineValue(define=define):
                        found |= self.define(define)
                    case ParameterValue(parameter=parameter):
                        found |= self.parameter(parameter)
                    case VerdictIs(decision=decision):
                        for side in self.policy_set.decisions[decision].sides:
                            found |= self.side(decision, side.name)
        return frozenset(found)


# --- Every expression of a set -----------------------------------------------------------------------------


def rule_conditions(policy_set: PolicySet) -> Iterator[tuple[Rule, Expr]]:
    """Every rule with each of its conditions; what requirements demand comes last."""
    for rule in [
        *policy_set.norms.values(),
        *policy_set.requirements.values(),
        *policy_set.mandates.values(),
        *policy_set.settings.values(),
    ]:
        yield from ((rule, condition) for condition in (rule.when, rule.unless) if condition is not None)
    yield from ((rule, rule.condition) for rule in policy_set.requirements.values())


def expressions(policy_set: PolicySet) -> Iterator[Expr]:
    """Every condition and definition of a set."""
    yield from (condition for _, condition in rule_conditions(policy_set))
    yield from (define.value for define in policy_set.defines.values())
    yield from (axiom.condition for axiom in policy_set.axioms)
    yield from (assertion.condition for assertion in policy_set.assertions)


# --- What depends on what ----------------------------------------------------------------------------------


def transitive(
    policy_set: PolicySet,
    subjects: Iterable[str | Expr],
    rules: Callable[[str], Iterable[Rule]],
    settings: Callable[[ParameterValue], Iterable[Rule]],
) -> Iterator[Expr | Rule]:
    """What decisions, by name, and expressions depend on: expressions, each before its parts, and rules, each before
    its conditions; in order of first reading. Every definition, decision and rule is followed once. `rules` gives
    the rules of a decision that count, `settings` those of a parameter; each is asked no sooner than it is got to.
    """
    seen: set[tuple[str, str]] = set()

    def first(kind: str, name: str) -> bool:
        new = (kind, name) not in seen
        seen.add((kind, name))
        return new

    def inner(thing: Expr | Rule) -> Iterator[Expr | Rule]:
        match thing:
            case Rule():
                yield from conditions(thing)
            case DefineValue(define=define) if first("define", define):
                yield policy_set.defines[define].value
            case VerdictIs(decision=decision):
                yield from decided(decision)
            case ParameterValue(region=region):
                yield from settings(thing)
                yield region
            case _:
                yield from parts(thing)

    def decided(decision: str) -> Iterator[Rule]:
        if first("decision", decision):
            yield from rules(decision)

    def asked() -> Iterator[Expr | Rule]:
        for subject in subjects:
            yield from decided(subject) if isinstance(subject, str) else (subject,)

    under_way = [asked()]
    while under_way:
        thing = next(under_way[-1], None)
        if thing is None:
            under_way.pop()
        elif not isinstance(thing, Rule) or first("rule", thing.key):
            yield thing
            under_way.append(inner(thing))


def facts_only(policy_set: PolicySet, expression: Expr) -> bool:
    """Whether an expression depends on facts alone, and on no parameter and no verdict."""
    inner = unfolded(policy_set, expression)
    return not any(isinstance(part, ParameterValue | VerdictIs) for part in inner)


def decisions_read(policy_set: PolicySet, expression: Expr) -> Iterator[str]:
    """The decisions that an expression asks about, definitions followed."""
    for inner in unfolded(policy_set, expression):
        if isinstance(inner, VerdictIs):
            yield inner.decision


# --- Where parameters are read -----------------------------------------------------------------------------

#: By which region fact a parameter is read, and by which rule (`None`: by an assertion, which holds everywhere and
#: always). A definition reads nothing until something reads the definition.
Reading = tuple[str, Rule | None]


def readings(policy_set: PolicySet) -> Mapping[str, Sequence[Reading]]:
    """Where rules and assertions read each parameter by a region fact itself. `E is undetermined` asks and does not
    read."""

    def inner(expression: Expr) -> Sequence[Expr]:
        return () if isinstance(expression, IsUndetermined) else left_to_right(expression)

    found: dict[str, dict[Reading, None]] = defaultdict(dict)
    asserted = ((None, assertion.condition) for assertion in policy_set.assertions)
    for rule, condition in (*rule_conditions(policy_set), *asserted):
        for part in unfolded(policy_set, condition, inner=inner):
            match part:
                case ParameterValue(parameter=parameter, region=FactValue(fact=fact)):
                    found[parameter][fact, rule] = None
    return {parameter: list(places) for parameter, places in found.items()}


def region_facts(policy_set: PolicySet) -> Mapping[str, tuple[str, ...]]:
    """For each parameter the region facts by which anything in the set, tests included, reads it, be it at a region
    above: all of them where nothing reads it, none where something reads it at a place that is no fact's."""
    read: dict[str, set[str | None]] = {name: set() for name in policy_set.parameters}
    for expression in [*expressions(policy_set), *_expected(policy_set)]:
        for inner in subexpressions(expression):
            if isinstance(inner, ParameterValue):
                read[inner.parameter].update(_region_facts_of(policy_set, inner.region))
    regions = [fact.name for fact in policy_set.facts.values() if fact.type == REGION]
    return {
        name: () if None in facts else tuple(fact for fact in regions if fact in facts or not facts)
        for name, facts in read.items()
    }


def reading_facts(policy_set: PolicySet) -> dict[str, str]:
    """For each parameter a region fact by which it is read; any region fact where nothing reads it."""
    regions = [fact.name for fact in policy_set.facts.values() if fact.type == REGION]
    found = {name: regions[0] for name in policy_set.parameters if regions}
    read: dict[str, str] = {}
    for expression in expressions(policy_set):
        for inner in subexpressions(expression):
            if isinstance(inner, ParameterValue) and isinstance(inner.region, FactValue):
                read.setdefault(inner.parameter, inner.region.fact)
    return found | read


def _expected(policy_set: PolicySet) -> Iterator[Expr]:
    """What tests look at."""
    for test in policy_set.tests:
        for item in test.expect:
            subject = item.subject if isinstance(item, DependsExpectation) else item
            if not isinstance(subject, str):
                yield subject


def _region_facts_of(policy_set: PolicySet, region: Expr) -> Iterator[str | None]:
    """The facts whose region, or one above it, an expression can be; `None` for any other region."""

    def inner(expression: Expr) -> Sequence[Expr]:
        match expression:
            case Ancestor(region=lower):
                return (lower,)
            case Choice(then=then, otherwise=otherwise):
                return (then, otherwise)
            case _:
                return ()

    for expression in unfolded(policy_set, region, inner=inner):
        if isinstance(expression, FactValue):
            yield expression.fact
        elif not isinstance(expression, Ancestor | Choice | DefineValue):
            yield None
