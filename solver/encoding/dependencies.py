"""Dependencies: what expressions, rules, decisions and parameters read, directly or indirectly.

In: a policy set. Out: names of facts, parameters and decisions, and the expressions that read them. Only this module
determines what reads what. It looks at no case, so some dependencies may occur in no case.

| Of an expression or a decision | |
|---|---|
| the facts it depends on, directly or not | `Dependencies` |
| whether it depends on facts alone | `facts_only` |
| all rules and expressions it depends on | `transitive` |
| the decisions it asks about | `decisions_read` |
| its subexpressions | `subexpressions`, `unfolded` of `dsl/model/traversal.py` |

| Of a parameter | |
|---|---|
| the rules that read it, and by which region facts | `readings` |
| all region facts by which it is read | `region_facts` |
| one region fact by which to read it | `reading_facts` |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from policyc.dsl import model
from policyc.dsl.model.traversal import left_to_right, subexpressions, unfolded
from policyc.dsl.semantics.depth import Settled

Facts = frozenset[str]
#: A definition, a parameter, or a side of a decision.
Key = tuple[str, str, str]

#: How many stack frames lie between a key and the next one that it reads.
_FRAMES = 12


class Dependencies:
    """The facts that things depend on, also through definitions, parameters and verdicts. Whatever depends on no fact
    known in a scope is the same there as everywhere, and need not be encoded again.

    INVARIANT: nothing depends on itself (PC106), so this ends."""

    def __init__(self, policy_set: model.PolicySet) -> None:
        self.policy_set = policy_set
        self._expressions: dict[int, tuple[model.Expr, Facts]] = {}
        self._settled: Settled[Key] = Settled(self._work_out, lambda _: _FRAMES)

    def rebuilt(self) -> Any:
        """Facts are stored by the id of an expression, which differs in another process."""
        return Dependencies, (self.policy_set,)

    def work_out(self) -> None:
        """Computes everything, so that copies of this process need not, each for itself."""
        for decision in self.policy_set.decisions.values():
            for side in decision.sides:
                self.side(decision.name, side.name)
        for parameter in self.policy_set.parameters:
            self.parameter(parameter)

    def expression(self, expression: model.Expr) -> Facts:
        key = id(expression)
        if key not in self._expressions:  # the expression is kept, so that its id is not reused
            self._expressions[key] = expression, self._read((expression,))
        return self._expressions[key][1]

    def define(self, name: str) -> Facts:
        """The facts that a definition reads."""
        found: Facts = self._settled["define", name, ""]
        return found

    def parameter(self, name: str) -> Facts:
        """The facts that the settings of a parameter read."""
        found: Facts = self._settled["parameter", name, ""]
        return found

    def side(self, decision: str, side: str) -> Facts:
        """The facts that the verdict of a side reads."""
        found: Facts = self._settled["side", decision, side]
        return found

    def _work_out(self, key: Key) -> Facts:
        kind, name, side = key
        if kind == "define":
            return self.expression(self.policy_set.defines[name].value)
        if kind == "parameter":
            return self.read_by(self.settings[name])
        rules = [rule for rule in self.rules[name] if rule.side == side]
        return self.read_by(rules) | {self.policy_set.side(name, side).fact}

    @cached_property
    def settings(self) -> Mapping[str, Sequence[model.Setting]]:
        """The settings of each parameter."""
        found: dict[str, list[model.Setting]] = {name: [] for name in self.policy_set.parameters}
        for setting in self.policy_set.settings.values():
            found[setting.parameter].append(setting)
        return found

    @cached_property
    def rules(self) -> Mapping[str, Sequence[model.Norm | model.Requirement]]:
        """The norms of each decision, then its requirements."""
        found: dict[str, list[model.Norm | model.Requirement]] = {name: [] for name in self.policy_set.decisions}
        for norm in self.policy_set.norms.values():
            found[norm.decision].append(norm)
        for requirement in self.policy_set.requirements.values():
            found[requirement.decision].append(requirement)
        return found

    def read_by(self, rules: Iterable[model.Rule]) -> Facts:
        """The facts that the conditions and periods of some rules read."""
        every = list(rules)
        found = self._read(condition for rule in every for condition in model.conditions(rule))
        timed = any(rule.period.first is not None or rule.period.last is not None for rule in every)
        return found | {model.DATE} if timed and model.DATE in self.policy_set.facts else found

    def _read(self, expressions_: Iterable[model.Expr]) -> Facts:
        found: set[str] = set()
        for expression in expressions_:
            for inner in subexpressions(expression):
                match inner:
                    case model.FactValue(fact=fact):
                        found.add(fact)
                    case model.DefineValue(define=define):
                        found |= self.define(define)
                    case model.ParameterValue(parameter=parameter):
                        found |= self.parameter(parameter)
                    case model.VerdictIs(decision=decision):
                        for side in self.policy_set.decisions[decision].sides:
                            found |= self.side(decision, side.name)
        return frozenset(found)


# --- Every expression of a set -----------------------------------------------------------------------------


def rule_conditions(policy_set: model.PolicySet) -> Iterator[tuple[model.Rule, model.Expr]]:
    """Every rule with each of its conditions; the conditions that requirements demand come last."""
    for rule in [
        *policy_set.norms.values(),
        *policy_set.requirements.values(),
        *policy_set.mandates.values(),
        *policy_set.settings.values(),
    ]:
        yield from ((rule, condition) for condition in (rule.when, rule.unless) if condition is not None)
    yield from ((rule, rule.condition) for rule in policy_set.requirements.values())


def expressions(policy_set: model.PolicySet) -> Iterator[model.Expr]:
    """Every condition and definition of a set."""
    yield from (condition for _, condition in rule_conditions(policy_set))
    yield from (define.value for define in policy_set.defines.values())
    yield from (axiom.condition for axiom in policy_set.axioms)
    yield from (assertion.condition for assertion in policy_set.assertions)


# --- What depends on what ----------------------------------------------------------------------------------


def transitive(
    policy_set: model.PolicySet,
    subjects: Iterable[str | model.Expr],
    rules: Callable[[str], Iterable[model.Rule]],
    settings: Callable[[model.ParameterValue], Iterable[model.Rule]],
) -> Iterator[model.Expr | model.Rule]:
    """What decisions, by name, and expressions depend on, in order of first reading: expressions, each before its
    parts, and rules, each before its conditions. Every definition, decision and rule is followed once. `rules` gives
    the relevant rules of a decision, `settings` those of a parameter; both are called lazily.
    """
    seen: set[tuple[str, str]] = set()

    def first(kind: str, name: str) -> bool:
        new = (kind, name) not in seen
        seen.add((kind, name))
        return new

    def inner(thing: model.Expr | model.Rule) -> Iterator[model.Expr | model.Rule]:
        match thing:
            case model.Rule():
                yield from model.conditions(thing)
            case model.DefineValue(define=define) if first("define", define):
                yield policy_set.defines[define].value
            case model.VerdictIs(decision=decision):
                yield from decided(decision)
            case model.ParameterValue(region=region):
                yield from settings(thing)
                yield region
            case _:
                yield from model.parts(thing)

    def decided(decision: str) -> Iterator[model.Rule]:
        if first("decision", decision):
            yield from rules(decision)

    def asked() -> Iterator[model.Expr | model.Rule]:
        for subject in subjects:
            yield from decided(subject) if isinstance(subject, str) else (subject,)

    under_way = [asked()]
    while under_way:
        thing = next(under_way[-1], None)
        if thing is None:
            under_way.pop()
        elif not isinstance(thing, model.Rule) or first("rule", thing.key):
            yield thing
            under_way.append(inner(thing))


def facts_only(policy_set: model.PolicySet, expression: model.Expr) -> bool:
    """Whether an expression depends on facts alone, not on parameters or verdicts."""
    inner = unfolded(policy_set, expression)
    return not any(isinstance(part, model.ParameterValue | model.VerdictIs) for part in inner)


def decisions_read(policy_set: model.PolicySet, expression: model.Expr) -> Iterator[str]:
    """The decisions that an expression asks about, definitions followed."""
    for inner in unfolded(policy_set, expression):
        if isinstance(inner, model.VerdictIs):
            yield inner.decision


# --- Where parameters are read -----------------------------------------------------------------------------

#: The region fact by which a parameter is read, and the rule or assertion that reads it. A definition counts only if
#: something reads it.
Reading = tuple[str, model.Rule | model.Assertion]


def readings(policy_set: model.PolicySet) -> Mapping[str, Sequence[Reading]]:
    """Where rules and assertions read each parameter directly by a region fact. `E is undetermined` does not count as
    reading."""

    def inner(expression: model.Expr) -> Sequence[model.Expr]:
        return () if isinstance(expression, model.IsUndetermined) else left_to_right(expression)

    found: dict[str, dict[Reading, None]] = defaultdict(dict)
    asking: list[tuple[model.Rule | model.Assertion, model.Expr]] = [*rule_conditions(policy_set)]
    asking += ((assertion, assertion.condition) for assertion in policy_set.assertions)
    for reader, condition in asking:
        for part in unfolded(policy_set, condition, inner=inner):
            match part:
                case model.ParameterValue(parameter=parameter, region=model.FactValue(fact=fact)):
                    found[parameter][fact, reader] = None
    return {parameter: list(places) for parameter, places in found.items()}


def region_facts(policy_set: model.PolicySet) -> Mapping[str, tuple[str, ...]]:
    """The region facts by which anything in the set, including tests, reads each parameter, even at a region above:
    all of them if nothing reads it, none if something reads it at a region that is not a fact's."""
    read: dict[str, set[str | None]] = {name: set() for name in policy_set.parameters}
    for expression in [*expressions(policy_set), *_expected(policy_set)]:
        for inner in subexpressions(expression):
            if isinstance(inner, model.ParameterValue):
                read[inner.parameter].update(_region_facts_of(policy_set, inner.region))
    regions = [fact.name for fact in policy_set.facts.values() if fact.type == model.REGION]
    return {
        name: () if None in facts else tuple(fact for fact in regions if fact in facts or not facts)
        for name, facts in read.items()
    }


def reading_facts(policy_set: model.PolicySet) -> dict[str, str]:
    """A region fact by which each parameter is read; any region fact if nothing reads it."""
    regions = [fact.name for fact in policy_set.facts.values() if fact.type == model.REGION]
    found = {name: regions[0] for name in policy_set.parameters if regions}
    read: dict[str, str] = {}
    for expression in expressions(policy_set):
        for inner in subexpressions(expression):
            if isinstance(inner, model.ParameterValue) and isinstance(inner.region, model.FactValue):
                read.setdefault(inner.parameter, inner.region.fact)
    return found | read


def _expected(policy_set: model.PolicySet) -> Iterator[model.Expr]:
    """The expressions that tests expect."""
    for test in policy_set.tests:
        for item in test.expect:
            subject = item.subject if isinstance(item, model.DependsExpectation) else item
            if not isinstance(subject, str):
                yield subject


def _region_facts_of(policy_set: model.PolicySet, region: model.Expr) -> Iterator[str | None]:
    """The facts whose region, or one above it, can be the value of an expression; `None` for any other region."""

    def inner(expression: model.Expr) -> Sequence[model.Expr]:
        match expression:
            case model.Ancestor(region=lower):
                return (lower,)
            case model.Choice(then=then, otherwise=otherwise):
                return (then, otherwise)
            case _:
                return ()

    for expression in unfolded(policy_set, region, inner=inner):
        if isinstance(expression, model.FactValue):
            yield expression.fact
        elif not isinstance(expression, model.Ancestor | model.Choice | model.DefineValue):
            yield None
