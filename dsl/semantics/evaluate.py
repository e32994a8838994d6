"""The reference evaluator: the meaning of the language for one case, in its plainest form.

In: a checked set and a case (every fact has a value). Out: the verdict of a decision or the value of an
expression, with a trace of how it came about. No solver, no search over cases. Everything else that policyc claims
is replayed through this module before a person sees it.

The meaning itself is in `judgement.py` and `expressions.py`; this module has the questions and builds the traces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property

from .. import model
from ..model.precedence import Beaten, beaten_by, contests
from ..model.regions import RegionIndex
from .judgement import Involved, Judgement, Ordered, combined
from .outcomes import (
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
from .possible import first, outcomes

#: A period without a day.
NEVER = model.Period(1, 0)


@dataclass
class Evaluator:
    """Evaluates in one policy set. `in_force` overrides the periods of rules, by key, for what-if questions;
    `beaten` says which rule beats which, if already known."""

    policy_set: model.PolicySet
    in_force: Mapping[str, model.Period] = field(default_factory=dict)
    beaten: Mapping[str, tuple[Beaten, ...]] | None = field(default=None, repr=False)
    #: The judgement of the last case asked about.
    _last: Judgement | None = field(default=None, init=False, repr=False, compare=False)

    @cached_property
    def _rules(self) -> Ordered:
        decisions = self.policy_set.decisions
        sides = [(name, side.name) for name in decisions for side in decisions[name].sides]
        norms: dict[tuple[str, str], list[model.Norm]] = {side: [] for side in sides}
        requirements: dict[tuple[str, str], list[model.Requirement]] = {side: [] for side in sides}
        settings: dict[str, list[model.Setting]] = {name: [] for name in self.policy_set.parameters}
        for norm in self.policy_set.norms.values():
            norms[norm.decision, norm.side].append(norm)
        for rule in self.policy_set.requirements.values():
            requirements[rule.decision, rule.side].append(rule)
        for setting in self.policy_set.settings.values():
            settings[setting.parameter].append(setting)
        tree = self.policy_set.regions
        return Ordered(
            {side: RegionIndex(rules, tree) for side, rules in norms.items()},
            {side: RegionIndex(rules, tree) for side, rules in requirements.items()},
            {name: RegionIndex(rules, tree) for name, rules in settings.items()},
            beaten_by(contests(self.policy_set)) if self.beaten is None else self.beaten,
            self.in_force,
            {},
        )

    def without(self, rule: model.Rule) -> Evaluator:
        """An evaluator without a rule; for a setting of a table's row, without the whole row."""
        settings = [setting.key for setting in self.policy_set.settings.values() if setting.name == rule.name]
        return self.during(dict.fromkeys(settings or [rule.name], NEVER))

    def during(self, periods: Mapping[str, model.Period]) -> Evaluator:
        """An evaluator with other periods for some rules, by key; which rule beats which stays."""
        rules = self._rules
        other = copy(self)
        other.in_force = {**self.in_force, **periods}
        other.__dict__["_rules"] = replace(rules, periods=other.in_force)
        other._last = None
        return other

    def _on(self, case: model.Case) -> Judgement:
        """The judgement of a case. Only the last one is kept, since most questions repeat the case.

        INVARIANT: a judgement has a copy of the case and is used for equal cases only."""
        if self._last is None or self._last.case != case:
            self._last = Judgement(self.policy_set, dict(case), self._rules)
        return self._last

    # --- Questions ---

    def decide(self, decision: str, case: model.Case) -> DecisionTrace:
        """The verdict of a decision, side by side."""
        sides = tuple(self._side(decision, side, case) for side in self.policy_set.decisions[decision].sides)
        return DecisionTrace(decision, combined([side.verdict for side in sides]), sides)

    def verdict(self, decision: str, case: model.Case) -> model.Verdict:
        """The verdict of a decision, without the trace."""
        return self._on(case).verdict(decision)

    def side(self, decision: str, side: str, case: model.Case) -> SideTrace:
        """One side of a decision."""
        return self._side(decision, self.policy_set.side(decision, side), case)

    def applying(self, rule: model.Rule, region: str, case: model.Case) -> bool:
        """Whether a rule surely applies at a region on the day of the case, beaten or not."""
        return any(truth is True for (truth,) in self.applications((rule,), region, case))

    def applications(
        self, rules: Sequence[model.Rule], region: str, case: model.Case
    ) -> list[tuple[bool | Undetermined, ...]]:
        """Which of some rules apply at a region on the day of the case, beaten or not; one answer for each
        alternative of the conflicting parameters they read."""
        judgement = self._on(case)
        within = self.policy_set.regions.within
        truths = [within(region, rule.region) and judgement.today(rule) and judgement.applies(rule) for rule in rules]
        start: tuple[bool | Undetermined, ...] = ()
        return outcomes(judgement.forks.fold(lambda answer, truth: (*answer, truth), start, truths))

    def effective(self, rules: Sequence[model.Norm | model.Setting], region: str, case: model.Case) -> bool:
        """Whether some rules have effect together at a region on the day of the case: under some alternative of the
        conflicting parameters, each surely applies and nothing that beats it may apply."""
        norms, settings = self.policy_set.norms, self.policy_set.settings
        winners = dict.fromkeys(loss.winner for rule in rules for loss in self._rules.beaten.get(rule.key, ()))
        beating = [norms[key] if key in norms else settings[key] for key in winners]
        answers = self.applications((*rules, *beating), region, case)
        return any(
            all(truth is True for truth in answer[: len(rules)])
            and all(truth is False for truth in answer[len(rules) :])
            for answer in answers
        )

    def value(self, expression: model.Expr, case: model.Case) -> Outcome:
        """The value of an expression: determined, undetermined, or conflicting."""
        return _outcome(outcomes(self._on(case).value(expression)))

    def violated(self, case: model.Case) -> list[str]:
        """The names of the axioms that a case breaks. Undetermined breaks none, only false does."""
        return [axiom.name for axiom in self.policy_set.axioms if self.value(axiom.condition, case) is False]

    def parameter(self, name: str, region: str, case: model.Case) -> ParameterTrace:
        """The value of a parameter in a region on the day of the case, and its settings (those of the first
        alternative, if it depends on another parameter that is conflicting)."""
        judgement, settings = self._on(case), self._rules.settings[name]
        in_force = judgement.in_force(settings, region)
        applies = {setting.key: first(judgement.applies(setting)) for setting in in_force}
        return ParameterTrace(
            name,
            region,
            _outcome(outcomes(judgement.parameter((name, region)))),
            tuple(_taking_part(judgement, s.key, applies) for s in settings.speaking(region)),
        )

    def read_by(self, expression: model.Expr, case: model.Case) -> tuple[ParameterTrace, ...]:
        """The parameters that an expression reads in a case, definitions followed."""
        instances = self._on(case).read_by([expression])
        return tuple(self.parameter(name, region, case) for name, region in instances)

    # --- Traces ---

    def _side(self, decision: str, side: model.Side, case: model.Case) -> SideTrace:
        """One side with its trace (that of the first alternative, if a parameter is conflicting)."""
        judgement = self._on(case)
        involved = judgement.involved(decision, side)
        names = (*involved.applies, *involved.met)
        read = judgement.read_by([part for name in names for part in model.conditions(self.policy_set.rules[name])])
        return SideTrace(
            side.name,
            str(case[side.fact]),
            judgement.side_verdict(decision, side),
            self._trace(judgement, decision, side, involved),
            tuple(self.parameter(name, region, case) for name, region in read),
        )

    def _trace(
        self, judgement: Judgement, decision: str, side: model.Side, involved: Involved
    ) -> tuple[RuleTrace, ...]:
        """How each rule of the side took part, including rules not in force."""
        applies = {name: first(truth) for name, truth in involved.applies.items()}
        met = {name: first(truth) for name, truth in involved.met.items()}
        sure = {name: truth is True for name, truth in applies.items()}
        norms = self.policy_set.norms
        permits = [
            norms[name]
            for name, applying in sure.items()
            if applying and norms[name].effect is model.Effect.PERMIT and not judgement.beaters(name, sure)
        ]
        key, region = (decision, side.name), str(judgement.case[side.fact])
        return (
            *(_taking_part(judgement, norm.name, applies) for norm in self._rules.norms[key].speaking(region)),
            *(_required(rule.name, met, permits) for rule in self._rules.requirements[key].speaking(region)),
        )


def _outcome(values: Sequence[Known]) -> Outcome:
    return values[0] if len(values) == 1 else Conflicting(frozenset(values))


def _taking_part(judgement: Judgement, name: str, applies: Mapping[str, bool | Undetermined]) -> RuleTrace:
    """How a norm or a setting took part."""
    if name not in applies:
        return RuleTrace(name, State.NOT_IN_FORCE)
    if isinstance(applies[name], Undetermined):
        return RuleTrace(name, State.MAY_APPLY)
    if not applies[name]:
        return RuleTrace(name, State.NOT_APPLYING)
    beaters = judgement.beaters(name, {other: truth is True for other, truth in applies.items()})
    return RuleTrace(name, State.BEATEN if beaters else State.HAS_EFFECT, beaters)


def _required(name: str, met: Mapping[str, bool | Undetermined], permits: Sequence[model.Norm]) -> RuleTrace:
    if name not in met:
        return RuleTrace(name, State.NOT_IN_FORCE)
    if isinstance(met[name], Undetermined):
        return RuleTrace(name, State.MAY_APPLY)
    setting_aside = tuple(Beaten(p.name, model.MetaRule.EXCEPTION) for p in permits if name in p.exceptions)
    if met[name]:
        return RuleTrace(name, State.HOLDS)
    return RuleTrace(name, State.SET_ASIDE if setting_aside else State.FAILS, setting_aside)
