"""What conditions read: their parts, and the facts that they, rules and sides can hang on.

In: a policy set. Out: expressions, definitions followed; sets of fact names, parameters and verdicts followed
too, some perhaps more than are read in any case. What reads nothing that is known in a view is there what it is
everywhere, and need not be worked out again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from ..dsl.depth import Settled
from ..dsl.model import (
    DATE,
    DefineValue,
    Expr,
    FactValue,
    ParameterValue,
    PolicySet,
    Rule,
    VerdictIs,
    conditions,
    parts,
)
from ..dsl.traversal import subexpressions, unfolded

Facts = frozenset[str]
#: A definition, a parameter, or a side of a decision.
Key = tuple[str, str, str]

#: How many frames of the stack it takes from one of these to the next that it reads.
_FRAMES = 12


class Reads:
    """INVARIANT: nothing reads itself (PC106), so every question comes to an end."""

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


def plain(policy_set: PolicySet, expression: Expr) -> bool:
    """Whether a condition hangs on facts alone, and on no parameter and no verdict."""
    inner = unfolded(policy_set, expression)
    return not any(isinstance(part, ParameterValue | VerdictIs) for part in inner)
