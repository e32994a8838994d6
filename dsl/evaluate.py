"""The reference evaluator: what the language means, for one case, in its plainest form.

In: a checked set and a case (every fact has a value). Out: the verdict of a decision or the value of an
expression, with a trace of how it came about. No solver, no search over cases, no speed. Everything else
that policyc claims is replayed through this module before a person sees it.

Three things make a case less than clear-cut, and each has one place here:

* A parameter for which nothing is set is *undetermined*; `_truth` and `_value` follow Kleene.
* A parameter with several unbeaten values is *conflicting*: `_alternatives` tries each of them.
* A rule whose condition is undetermined may or may not apply: `_settle` looks at the two extreme ways of
  settling these rules. See there why the extremes suffice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from .model import (
    DATE,
    PERCENT,
    WHOLE,
    Ancestor,
    And,
    Case,
    Choice,
    Constant,
    DefineValue,
    Effect,
    Equal,
    Expr,
    Extreme,
    FactValue,
    IsUndetermined,
    Less,
    MemberOf,
    MetaRule,
    Norm,
    Not,
    Or,
    ParameterValue,
    Period,
    PolicySet,
    Product,
    RegionCode,
    Requirement,
    Rule,
    Setting,
    Shifted,
    Side,
    SideVerdict,
    Sum,
    Value,
    Verdict,
    VerdictIs,
    Within,
    parts,
)
from .precedence import Beaten, beaten_by

T = TypeVar("T")


class Undetermined:
    """The type of `UNDETERMINED`, which stands where no value follows from the rules."""

    def __repr__(self) -> str:
        return "UNDETERMINED"


UNDETERMINED: Final = Undetermined()


@dataclass(frozen=True, slots=True)
class Conflicting:
    """Several values, none of which the rules prefer."""

    values: frozenset[Value | Undetermined]


Known = Value | Undetermined
Outcome = Known | Conflicting

#: A parameter in a region.
Instance = tuple[str, str]
Choices = Mapping[Instance, Known]


class State(StrEnum):
    """How a rule took part in a verdict."""

    HAS_EFFECT = "has-effect"
    BEATEN = "applies-but-beaten"
    NOT_APPLYING = "does-not-apply"
    NOT_IN_FORCE = "not-in-force"
    MAY_APPLY = "may-apply"
    HOLDS = "holds"
    FAILS = "fails"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    rule: str
    state: State
    #: The applying rules that beat it, or the permit that sets it aside.
    beaten_by: tuple[Beaten, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterTrace:
    parameter: str
    region: str
    outcome: Outcome
    #: Settings in force in the region on the day, with their states.
    settings: tuple[RuleTrace, ...]


@dataclass(frozen=True, slots=True)
class SideTrace:
    side: str
    region: str
    verdict: SideVerdict
    #: Norms and requirements of every policy that speaks for the region, in order of declaration.
    rules: tuple[RuleTrace, ...]
    #: Parameters read on the way, in order of first reading.
    parameters: tuple[ParameterTrace, ...]


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    decision: str
    verdict: Verdict
    sides: tuple[SideTrace, ...]


class _Fork(Exception):
    """Raised when a conflicting parameter is read for which no alternative has been chosen yet."""

    def __init__(self, instance: Instance, values: frozenset[Value]) -> None:
        self.instance = instance
        self.values = sorted(values, key=_order)


def _order(value: Value) -> tuple[str, str]:
    return type(value).__name__, str(sorted(value)) if isinstance(value, frozenset) else f"{value!s:>20}"


@dataclass(slots=True)
class Evaluator:
    """Evaluates in one policy set. `in_force` overrides the periods of rules, by key, for what-if questions."""

    policy_set: PolicySet
    in_force: Mapping[str, Period] = field(default_factory=dict)
    _beaten: Mapping[str, tuple[Beaten, ...]] = field(init=False, repr=False)
    _settings: dict[str, list[Setting]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._beaten = beaten_by(self.policy_set)
        self._settings = {name: [] for name in self.policy_set.parameters}
        for setting in self.policy_set.settings.values():
            self._settings[setting.parameter].append(setting)

    # --- Questions ---

    def decide(self, decision: str, case: Case) -> DecisionTrace:
        """The verdict of a decision, side by side."""
        sides = tuple(self._side(decision, side, case) for side in self.policy_set.decisions[decision].sides)
        return DecisionTrace(decision, _combine([side.verdict for side in sides]), sides)

    def value(self, expression: Expr, case: Case) -> Outcome:
        """The value of an expression: determined, undetermined, or conflicting."""
        outcomes = frozenset(
            outcome
            for _, outcome in self._alternatives(lambda choices: self._value(expression, case, choices))
        )
        return next(iter(outcomes)) if len(outcomes) == 1 else Conflicting(outcomes)

    def violated(self, case: Case) -> list[str]:
        """The axioms that a case breaks, by name. Only what is plainly false breaks one."""
        return [axiom.name for axiom in self.policy_set.axioms if self.value(axiom.condition, case) is False]

    def parameter(self, name: str, region: str, case: Case) -> ParameterTrace:
        """What a parameter is in a region on the day of the case, and by which settings."""
        alternatives = self._alternatives(
            lambda choices: self._parameter_trace((name, region), case, choices)
        )
        return alternatives[0][1]

    # --- Sides ---

    def _side(self, decision: str, side: Side, case: Case) -> SideTrace:
        """One side: its verdict under every alternative; where they differ, the side is in conflict."""
        alternatives = self._alternatives(lambda choices: self._settle(decision, side, case, choices))
        verdicts = {verdict for _, (verdict, _) in alternatives}
        verdict = verdicts.pop() if len(verdicts) == 1 else SideVerdict.CONFLICT
        rules = alternatives[0][1][1]
        return SideTrace(
            side.name, str(case[side.fact]), verdict, rules, self._parameters(decision, side, case)
        )

    def _settle(
        self, decision: str, side: Side, case: Case, choices: Choices
    ) -> tuple[SideVerdict, tuple[RuleTrace, ...]]:
        """The verdict of a side where rules of undetermined condition may or may not apply.

        Two ways of settling suffice. In the one *for* permission all doubtful permits apply, all doubtful
        forbids do not, and all doubtful requirements hold; the one *against* is the opposite. Permits beat
        only forbids and forbids only permits, so of all ways the first has the most effective permits, the
        fewest effective forbids and the fewest failing requirements, and the second the reverse. If both
        give one verdict, then every way gives it:

        * permits: against permission there is no effective forbid and no failing requirement, so never;
          and some permit has effect even there, so always.
        * denies: for permission either a requirement fails even so, or an effective forbid stands against
          no effective permit even so.
        * conflict: an effective permit stays in the one, an effective forbid in the other, so both always;
          and no requirement fails in either.
        * silent: no permit has effect in the one, no forbid in the other, so neither ever.
        """
        norms, requirements = self._speaking(decision, side, case)
        applies = {norm.name: self._applies(norm, case, choices) for norm in norms}
        met = {rule.name: self._met(rule, case, choices) for rule in requirements}
        verdicts = {self._verdict(norms, requirements, applies, met, favour) for favour in (True, False)}
        verdict = verdicts.pop() if len(verdicts) == 1 else SideVerdict.SILENT
        return verdict, self._trace(decision, side, case, applies, met)

    def _speaking(self, decision: str, side: Side, case: Case) -> tuple[list[Norm], list[Requirement]]:
        """The norms and requirements in force at the region of the side on the day of the case."""
        norms = [
            norm
            for norm in self.policy_set.norms.values()
            if (norm.decision, norm.side) == (decision, side.name)
            and self._in_force(norm, case[side.fact], case)
        ]
        requirements = [
            rule
            for rule in self.policy_set.requirements.values()
            if (rule.decision, rule.side) == (decision, side.name)
            and self._in_force(rule, case[side.fact], case)
        ]
        return norms, requirements

    def _verdict(
        self,
        norms: list[Norm],
        requirements: list[Requirement],
        applies: Mapping[str, bool | Undetermined],
        met: Mapping[str, bool | Undetermined],
        favour: bool,
    ) -> SideVerdict:
        """The verdict when every doubt is settled for permission (`favour`) or against it."""
        applying = {
            norm.name: (
                (norm.effect is Effect.PERMIT) == favour
                if isinstance(applies[norm.name], Undetermined)
                else bool(applies[norm.name])
            )
            for norm in norms
        }
        effective = [norm for norm in norms if applying[norm.name] and not self._beaters(norm.name, applying)]
        permits = [norm for norm in effective if norm.effect is Effect.PERMIT]
        forbids = [norm for norm in effective if norm.effect is Effect.FORBID]
        set_aside = {name for norm in permits for name in norm.exceptions}
        for rule in requirements:
            holds = favour if isinstance(met[rule.name], Undetermined) else met[rule.name]
            if not holds and rule.name not in set_aside:
                return SideVerdict.DENIES
        if permits and forbids:
            return SideVerdict.CONFLICT
        if forbids:
            return SideVerdict.DENIES
        return SideVerdict.PERMITS if permits else SideVerdict.SILENT

    def _beaters(self, name: str, applying: Mapping[str, bool]) -> tuple[Beaten, ...]:
        return tuple(loss for loss in self._beaten.get(name, ()) if applying.get(loss.winner, False))

    def _applies(self, rule: Rule, case: Case, choices: Choices) -> bool | Undetermined:
        """Whether `when` holds and `unless` does not."""
        when = True if rule.when is None else self._truth(rule.when, case, choices)
        unless = False if rule.unless is None else self._truth(rule.unless, case, choices)
        if when is False or unless is True:
            return False
        return UNDETERMINED if UNDETERMINED in (when, unless) else True

    def _met(self, rule: Requirement, case: Case, choices: Choices) -> bool | Undetermined:
        """Whether a requirement does not apply or its condition holds."""
        applies = self._applies(rule, case, choices)
        if applies is False:
            return True
        holds = self._truth(rule.condition, case, choices)
        if holds is True:
            return True
        return UNDETERMINED if UNDETERMINED in (applies, holds) else False

    def _in_force(self, rule: Rule, region: Value, case: Case) -> bool:
        """Whether a rule's policy speaks for a region and its period contains the day of the case."""
        key = rule.key if isinstance(rule, Setting) else rule.name
        period = self.in_force.get(key, rule.period)
        return self.policy_set.regions.within(str(region), rule.region) and _day(case) in period

    # --- Parameters ---

    def _parameter(self, instance: Instance, case: Case, choices: Choices) -> Known:
        """A parameter's value; raises `_Fork` where it is conflicting and no alternative was chosen."""
        if instance in choices:
            return choices[instance]
        values = self._values(instance, case, choices)
        if isinstance(values, Undetermined):
            return UNDETERMINED
        if len(values) > 1:
            raise _Fork(instance, values)
        return next(iter(values))

    def _values(self, instance: Instance, case: Case, choices: Choices) -> frozenset[Value] | Undetermined:
        """The unbeaten values of a parameter; undetermined if there is none or doubt could change them.

        A value is possible if some way of settling the doubtful settings leaves it unbeaten, and necessary
        if every way does. Settings beat only those of other values, so a value is best off where no other
        doubtful setting applies, and worst off where all doubtful settings of other values do and its own do
        not. Doubt is without consequence when every possible value is necessary.
        """
        name, region = instance
        settings = [setting for setting in self._settings[name] if self._in_force(setting, region, case)]
        applies = {setting.key: self._applies(setting, case, choices) for setting in settings}
        sure = {key: truth is True for key, truth in applies.items()}
        possible = frozenset(
            s.value for s in settings if applies[s.key] is not False and not self._beaters(s.key, sure)
        )
        necessary = frozenset(
            s.value
            for s in settings
            if sure[s.key]
            and not self._beaters(
                s.key, {o.key: applies[o.key] is not False and o.value != s.value for o in settings}
            )
        )
        return necessary if necessary and possible == necessary else UNDETERMINED

    # --- Expressions ---

    def _truth(self, expression: Expr, case: Case, choices: Choices) -> bool | Undetermined:
        value = self._value(expression, case, choices)
        assert isinstance(value, bool | Undetermined)
        return value

    def _value(self, expression: Expr, case: Case, choices: Choices) -> Known:
        """The value under chosen alternatives; what reads something undetermined is undetermined, but for
        the connectives, which are Kleene's, and a choice between equal values."""

        def value(inner: Expr) -> Known:
            return self._value(inner, case, choices)

        match expression:
            case Constant(value=constant):
                return constant
            case FactValue(fact=fact):
                return case[fact]
            case DefineValue(define=define):
                return value(self.policy_set.defines[define].value)
            case Not(operand=operand):
                truth = value(operand)
                return UNDETERMINED if isinstance(truth, Undetermined) else not truth
            case And(operands=operands):
                return _kleene([value(operand) for operand in operands], decisive=False)
            case Or(operands=operands):
                return _kleene([value(operand) for operand in operands], decisive=True)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                chosen = value(condition)
                if isinstance(chosen, Undetermined):
                    first, second = value(then), value(otherwise)
                    return first if first == second else UNDETERMINED
                return value(then) if chosen else value(otherwise)
            case IsUndetermined(operand=operand):
                return isinstance(value(operand), Undetermined)
            case VerdictIs(decision=decision, verdict=verdict):
                return self.decide(decision, case).verdict is verdict
            case ParameterValue(parameter=parameter, region=region):
                place = value(region)
                if isinstance(place, Undetermined):
                    return UNDETERMINED
                return self._parameter((parameter, str(place)), case, choices)
            case _:
                return self._strict(expression, value)

    def _strict(self, expression: Expr, value: Callable[[Expr], Known]) -> Known:
        """Operators that need all their operands."""
        tree = self.policy_set.regions
        match expression:
            case Equal(left=left, right=right):
                return _with(lambda a, b: a == b, value(left), value(right))
            case Less(left=left, right=right, strict=strict):
                return _with(lambda a, b: a < b if strict else a <= b, value(left), value(right))
            case Within(inner=inner, outer=outer):
                return _with(tree.within, value(inner), value(outer))
            case MemberOf(element=element, collection=collection):
                return _with(lambda member, members: member in members, value(element), value(collection))
            case Ancestor(level=level, region=region):
                return _with(tree.province if level == "province" else tree.prefecture, value(region))
            case RegionCode(region=region):
                return _with(int, value(region))
            case Shifted(operand=operand, days=days):
                return _with(lambda day: day + days, value(operand))
            case Sum(operands=operands):
                signs = [sign for sign, _ in operands]
                return _with(
                    lambda *numbers: sum(sign * number for sign, number in zip(signs, numbers, strict=True)),
                    *(value(operand) for _, operand in operands),
                )
            case Extreme(greatest=greatest, operands=operands):
                return _with(max if greatest else min, *map(value, operands))
            case Product(factor=factor, operand=operand):
                rounded = PERCENT in (factor.type, operand.type)
                return _with(_share if rounded else lambda a, b: a * b, value(factor), value(operand))
            case _:
                raise AssertionError(f"not an operator: {expression!r}")

    def _alternatives(self, compute: Callable[[Choices], T]) -> list[tuple[Choices, T]]:
        """A computation under every way of choosing one value for each conflicting parameter it reads."""
        results: list[tuple[Choices, T]] = []
        waiting: list[Choices] = [{}]
        while waiting:
            choices = waiting.pop()
            try:
                results.append((choices, compute(choices)))
            except _Fork as fork:
                waiting.extend({**choices, fork.instance: value} for value in reversed(fork.values))
        return results

    # --- Traces ---

    def _trace(
        self,
        decision: str,
        side: Side,
        case: Case,
        applies: Mapping[str, bool | Undetermined],
        met: Mapping[str, bool | Undetermined],
    ) -> tuple[RuleTrace, ...]:
        """How each rule of the side took part, those not in force included."""
        sure = {name: truth is True for name, truth in applies.items()}
        effective_permits = [
            self.policy_set.norms[name]
            for name, applying in sure.items()
            if applying
            and not self._beaters(name, sure)
            and self.policy_set.norms[name].effect is Effect.PERMIT
        ]
        traces = []
        for norm in self.policy_set.norms.values():
            if (norm.decision, norm.side) == (decision, side.name) and self._speaks_for(
                norm, case[side.fact]
            ):
                traces.append(self._norm_trace(norm.name, applies, sure))
        for rule in self.policy_set.requirements.values():
            if (rule.decision, rule.side) == (decision, side.name) and self._speaks_for(
                rule, case[side.fact]
            ):
                traces.append(_requirement_trace(rule.name, met, effective_permits))
        return tuple(traces)

    def _speaks_for(self, rule: Rule, region: Value) -> bool:
        return self.policy_set.regions.within(str(region), rule.region)

    def _norm_trace(
        self, name: str, applies: Mapping[str, bool | Undetermined], sure: Mapping[str, bool]
    ) -> RuleTrace:
        if name not in applies:
            return RuleTrace(name, State.NOT_IN_FORCE)
        if isinstance(applies[name], Undetermined):
            return RuleTrace(name, State.MAY_APPLY)
        if not sure[name]:
            return RuleTrace(name, State.NOT_APPLYING)
        beaters = self._beaters(name, sure)
        return RuleTrace(name, State.BEATEN if beaters else State.HAS_EFFECT, beaters)

    def _parameters(self, decision: str, side: Side, case: Case) -> tuple[ParameterTrace, ...]:
        """The parameters that the rules in force at a side read, and where their values come from."""
        norms, requirements = self._speaking(decision, side, case)
        expressions = [
            e for rule in (*norms, *requirements) for e in (rule.when, rule.unless) if e is not None
        ]
        expressions += [rule.condition for rule in requirements]
        instances: dict[Instance, None] = {}
        for expression in expressions:
            instances.update(dict.fromkeys(self._instances(expression, case, set())))
        return tuple(self.parameter(name, region, case) for name, region in instances)

    def _instances(self, expression: Expr, case: Case, seen: set[str]) -> list[Instance]:
        found: list[Instance] = []
        match expression:
            case ParameterValue(parameter=parameter, region=region):
                for _, place in self._alternatives(lambda choices: self._value(region, case, choices)):
                    if isinstance(place, str):
                        found.append((parameter, place))
            case DefineValue(define=define) if define not in seen:
                seen.add(define)
                found += self._instances(self.policy_set.defines[define].value, case, seen)
        for part in parts(expression):
            found += self._instances(part, case, seen)
        return found

    def _parameter_trace(self, instance: Instance, case: Case, choices: Choices) -> ParameterTrace:
        name, region = instance
        values = self._values(instance, case, choices)
        outcome: Outcome = UNDETERMINED
        if not isinstance(values, Undetermined):
            outcome = next(iter(values)) if len(values) == 1 else Conflicting(frozenset(values))
        speaking = [setting for setting in self._settings[name] if self._speaks_for(setting, region)]
        applies = {
            s.key: self._applies(s, case, choices) for s in speaking if self._in_force(s, region, case)
        }
        sure = {key: truth is True for key, truth in applies.items()}
        return ParameterTrace(
            name, region, outcome, tuple(self._norm_trace(s.key, applies, sure) for s in speaking)
        )


def _requirement_trace(name: str, met: Mapping[str, bool | Undetermined], permits: list[Norm]) -> RuleTrace:
    if name not in met:
        return RuleTrace(name, State.NOT_IN_FORCE)
    if isinstance(met[name], Undetermined):
        return RuleTrace(name, State.MAY_APPLY)
    setting_aside = tuple(Beaten(p.name, MetaRule.EXCEPTION) for p in permits if name in p.exceptions)
    if met[name]:
        return RuleTrace(name, State.HOLDS)
    return RuleTrace(name, State.SET_ASIDE if setting_aside else State.FAILS, setting_aside)


def _combine(sides: list[SideVerdict]) -> Verdict:
    """The verdict of a decision from those of its sides."""
    for side, verdict in (
        (SideVerdict.DENIES, Verdict.DENIED),
        (SideVerdict.CONFLICT, Verdict.CONFLICTING),
        (SideVerdict.SILENT, Verdict.UNDETERMINED),
    ):
        if side in sides:
            return verdict
    return Verdict.PERMITTED


def _kleene(truths: list[Known], *, decisive: bool) -> bool | Undetermined:
    """`or` where `decisive` is true, `and` where it is false: one decisive operand settles it."""
    if decisive in truths:
        return decisive
    return UNDETERMINED if UNDETERMINED in truths else not decisive


def _with(function: Callable[..., Value], *operands: Known) -> Known:
    """The function of its operands, undetermined if one of them is."""
    if any(isinstance(operand, Undetermined) for operand in operands):
        return UNDETERMINED
    return function(*operands)


def _share(one: int, other: int) -> int:
    """Money by millionths, rounded half-up to the fen: floor(x + 1/2)."""
    return (2 * one * other + WHOLE) // (2 * WHOLE)


def _day(case: Case) -> int:
    """The day of the case; any day where the vocabulary has none, since no rule has a period then."""
    day = case.get(DATE, 1)
    assert isinstance(day, int)
    return day
