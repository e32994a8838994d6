"""The reference evaluator: what the language means, for one case, in its plainest form.

In: a checked set and a case (every fact has a value). Out: the verdict of a decision or the value of an
expression, with a trace of how it came about. No solver, no search over cases, no speed. Everything else
that policyc claims is replayed through this module before a person sees it.

Three things make a case less than clear-cut, and each has one place here:

* A parameter for which nothing is set is *undetermined*; expressions follow Kleene (`expressions.py`).
* A parameter with several unbeaten values is *conflicting*: `_alternatives` tries each of them.
* A rule whose condition is undetermined may or may not apply: `_settle` looks at the two extreme ways of
  settling these rules. See there why the extremes suffice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from .expressions import Choices, Expressions, Fork, Instance
from .model import (
    DATE,
    Case,
    DefineValue,
    Effect,
    Expr,
    MetaRule,
    Norm,
    ParameterValue,
    Period,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    Side,
    SideVerdict,
    Value,
    Verdict,
    parts,
)
from .outcomes import (
    UNDETERMINED,
    Conflicting,
    DecisionTrace,
    Known,
    Outcome,
    ParameterTrace,
    RuleTrace,
    SideTrace,
    State,
    Undetermined,
)
from .precedence import Beaten, beaten_by, contests
from .regions import Around

R = TypeVar("R", bound=Rule)

#: A period without a day.
NEVER = Period(1, 0)


@dataclass(frozen=True, slots=True)
class _Settled:
    """A side under one choice of values: its verdict, which norms apply, which requirements are met."""

    verdict: SideVerdict
    applies: Mapping[str, bool | Undetermined]
    met: Mapping[str, bool | Undetermined]


@dataclass
class Evaluator(Expressions):
    """Evaluates in one policy set. `in_force` overrides the periods of rules, by key, for what-if questions;
    `beaten` is which rule beats which, where it is worked out already."""

    policy_set: PolicySet
    in_force: Mapping[str, Period] = field(default_factory=dict)
    beaten: Mapping[str, tuple[Beaten, ...]] | None = field(default=None, repr=False)
    #: Norms and requirements by decision and side, settings by parameter.
    _norms: Mapping[tuple[str, str], Around[Norm]] = field(init=False, repr=False)
    _requirements: Mapping[tuple[str, str], Around[Requirement]] = field(init=False, repr=False)
    _settings: Mapping[str, Around[Setting]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        decisions = self.policy_set.decisions
        sides = [(name, side.name) for name in decisions for side in decisions[name].sides]
        norms: dict[tuple[str, str], list[Norm]] = {side: [] for side in sides}
        requirements: dict[tuple[str, str], list[Requirement]] = {side: [] for side in sides}
        settings: dict[str, list[Setting]] = {name: [] for name in self.policy_set.parameters}
        for norm in self.policy_set.norms.values():
            norms[norm.decision, norm.side].append(norm)
        for rule in self.policy_set.requirements.values():
            requirements[rule.decision, rule.side].append(rule)
        for setting in self.policy_set.settings.values():
            settings[setting.parameter].append(setting)
        tree = self.policy_set.regions
        self._norms = {side: Around(rules, tree) for side, rules in norms.items()}
        self._requirements = {side: Around(rules, tree) for side, rules in requirements.items()}
        self._settings = {name: Around(rules, tree) for name, rules in settings.items()}

    @cached_property
    def _beaten(self) -> Mapping[str, tuple[Beaten, ...]]:
        return beaten_by(contests(self.policy_set)) if self.beaten is None else self.beaten

    def without(self, rule: Rule) -> Evaluator:
        """Evaluates as if a rule were not there; of a row of a table, all of it."""
        settings = [setting.key for setting in self.policy_set.settings.values() if setting.name == rule.name]
        return self.during(dict.fromkeys(settings or [rule.name], NEVER))

    def during(self, periods: Mapping[str, Period]) -> Evaluator:
        """Evaluates as if rules, by key, had other periods; which rule beats which stays."""
        other = copy(self)
        other.in_force = {**self.in_force, **periods}
        return other

    # --- Questions ---

    def decide(self, decision: str, case: Case) -> DecisionTrace:
        """The verdict of a decision, side by side."""
        sides = tuple(self._side(decision, side, case) for side in self.policy_set.decisions[decision].sides)
        return DecisionTrace(decision, _combine([side.verdict for side in sides]), sides)

    def verdict(self, decision: str, case: Case) -> Verdict:
        """The verdict of a decision, without the trace."""
        sides = self.policy_set.decisions[decision].sides
        return _combine([self._side_verdict(self._settled(decision, side, case)) for side in sides])

    def side(self, decision: str, side: str, case: Case) -> SideTrace:
        """One side of a decision."""
        return self._side(decision, self.policy_set.side(decision, side), case)

    def applying(self, rule: Rule, region: str, case: Case) -> bool:
        """Whether a rule surely applies at a region on the day of the case, beaten or not."""
        return any(truth is True for (truth,) in self.applications((rule,), region, case))

    def applications(
        self, rules: Sequence[Rule], region: str, case: Case
    ) -> list[tuple[bool | Undetermined, ...]]:
        """Which of some rules apply at a region on the day of the case, beaten or not; one answer for each
        alternative of the conflicting parameters that they read."""

        def apply(choices: Choices) -> tuple[bool | Undetermined, ...]:
            return tuple(
                self._in_force(rule, region, case) and self._applies(rule, case, choices) for rule in rules
            )

        return [answer for _, answer in self._alternatives(apply)]

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
        """What a parameter is in a region on the day of the case, and by which settings (those of the first
        alternative, where what it is hangs on another parameter that is conflicting)."""
        alternatives = self._alternatives(
            lambda choices: self._parameter_trace((name, region), case, choices)
        )
        first = alternatives[0][1]
        values: set[Known] = set()
        for _, trace in alternatives:
            values |= trace.outcome.values if isinstance(trace.outcome, Conflicting) else {trace.outcome}
        return first if len(values) == 1 else replace(first, outcome=Conflicting(frozenset(values)))

    def read_by(self, expression: Expr, case: Case) -> tuple[ParameterTrace, ...]:
        """The parameters that an expression reads in a case, definitions followed."""
        instances = dict.fromkeys(self._instances(expression, case, set()))
        return tuple(self.parameter(name, region, case) for name, region in instances)

    # --- Sides ---

    def _side(self, decision: str, side: Side, case: Case) -> SideTrace:
        """One side with its trace (that of the first alternative, where a parameter is conflicting)."""
        settled = self._settled(decision, side, case)
        return SideTrace(
            side.name,
            str(case[side.fact]),
            self._side_verdict(settled),
            self._trace(decision, side, case, settled[0]),
            self._parameters(decision, side, case),
        )

    def _settled(self, decision: str, side: Side, case: Case) -> list[_Settled]:
        """A side under every alternative of the conflicting parameters it reads."""
        alternatives = self._alternatives(lambda choices: self._settle(decision, side, case, choices))
        return [settled for _, settled in alternatives]

    @staticmethod
    def _side_verdict(alternatives: list[_Settled]) -> SideVerdict:
        """The verdict that all alternatives give; where they differ, the side is in conflict."""
        verdicts = {settled.verdict for settled in alternatives}
        return verdicts.pop() if len(verdicts) == 1 else SideVerdict.CONFLICT

    def _settle(self, decision: str, side: Side, case: Case, choices: Choices) -> _Settled:
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
        return _Settled(verdicts.pop() if len(verdicts) == 1 else SideVerdict.SILENT, applies, met)

    def _speaking(self, decision: str, side: Side, case: Case) -> tuple[list[Norm], list[Requirement]]:
        """The norms and requirements in force at the region of the side on the day of the case."""
        key, region = (decision, side.name), str(case[side.fact])
        return self._at(self._norms[key], region, case), self._at(self._requirements[key], region, case)

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
        return self.policy_set.regions.within(str(region), rule.region) and _day(case) in self._period(rule)

    def _at(self, rules: Around[R], region: str, case: Case) -> list[R]:
        """Those of some rules that are in force at a region on the day of the case."""
        return [rule for rule in rules.speaking(region) if _day(case) in self._period(rule)]

    def _period(self, rule: Rule) -> Period:
        return self.in_force.get(rule.key, rule.period)

    # --- Parameters ---

    def _parameter(self, instance: Instance, case: Case, choices: Choices) -> Known:
        """A parameter's value; raises `Fork` where it is conflicting and no alternative was chosen."""
        if instance in choices:
            return choices[instance]
        values = self._values(instance, case, choices)
        if isinstance(values, Undetermined):
            return UNDETERMINED
        if len(values) > 1:
            raise Fork(instance, values)
        return next(iter(values))

    def _values(self, instance: Instance, case: Case, choices: Choices) -> frozenset[Value] | Undetermined:
        """The unbeaten values of a parameter; undetermined if there is none or doubt could change them.

        A value is possible if some way of settling the doubtful settings leaves it unbeaten, and necessary
        if every way does. Settings beat only those of other values, so a value is best off where no other
        doubtful setting applies, and worst off where all doubtful settings of other values do and its own do
        not. Doubt is without consequence when every possible value is necessary.
        """
        name, region = instance
        settings = self._at(self._settings[name], region, case)
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

    # --- Traces ---

    def _trace(
        self,
        decision: str,
        side: Side,
        case: Case,
        settled: _Settled,
    ) -> tuple[RuleTrace, ...]:
        """How each rule of the side took part, those not in force included."""
        applies, met = settled.applies, settled.met
        sure = {name: truth is True for name, truth in applies.items()}
        effective_permits = [
            self.policy_set.norms[name]
            for name, applying in sure.items()
            if applying
            and not self._beaters(name, sure)
            and self.policy_set.norms[name].effect is Effect.PERMIT
        ]
        key, region = (decision, side.name), str(case[side.fact])
        norms = self._norms[key].speaking(region)
        requirements = self._requirements[key].speaking(region)
        return (
            *(self._norm_trace(norm.name, applies, sure) for norm in norms),
            *(_requirement_trace(rule.name, met, effective_permits) for rule in requirements),
        )

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
        speaking = self._settings[name].speaking(region)
        in_force = self._at(self._settings[name], region, case)
        applies = {setting.key: self._applies(setting, case, choices) for setting in in_force}
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


def _day(case: Case) -> int:
    """The day of the case; any day where the vocabulary has none, since no rule has a period then."""
    day = case.get(DATE, 1)
    assert isinstance(day, int)
    return day
