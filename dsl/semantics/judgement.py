"""The judgement of one case: its parameters, sides and decisions, each computed once.

The core of the reference evaluator. In: the rules of a set in order (`evaluate.py`) and a case. Out: verdicts and
values. Three things make a case less than clear-cut, and each is handled in one place:

* A parameter without an applying setting is *undetermined*; expressions follow Kleene (`expressions.py`).
* A parameter with several unbeaten values is *conflicting*: `parameter` tries each of them (`possible.py`).
* A rule whose condition is undetermined may or may not apply: `side` takes the two extreme ways of settling such
  rules, and says why they suffice.

INVARIANT: a judgement depends only on its case and on its evaluator's periods and beaten rules, and nothing it
computes is kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from .. import model
from ..model.precedence import Beaten
from ..model.regions import RegionIndex
from ..model.traversal import left_to_right, unfolded
from .depth import Settled, levels
from .expressions import Expressions, Instance
from .outcomes import UNDETERMINED, Known, Undetermined
from .possible import Forks, Possible, outcomes

R = TypeVar("R", bound=model.Rule)

#: Whether a rule applies, or a requirement is met, for each choice of values of the conflicting parameters.
Doubtful: TypeAlias = Possible[bool | Undetermined]
#: A definition, decision or parameter in a region.
Key = tuple[str, str] | tuple[str, Instance]

#: How many stack frames a level of an expression takes, and computing one key besides.
_FRAMES_A_LEVEL, _OWN_FRAMES = 2, 10


@dataclass(frozen=True, slots=True)
class Ordered:
    """The rules of a set for lookup: norms and requirements by decision and side, settings by parameter; which rule
    beats which; overridden periods by key."""

    norms: Mapping[tuple[str, str], RegionIndex[model.Norm]]
    requirements: Mapping[tuple[str, str], RegionIndex[model.Requirement]]
    settings: Mapping[str, RegionIndex[model.Setting]]
    beaten: Mapping[str, tuple[Beaten, ...]]
    periods: Mapping[str, model.Period]
    #: How many stack frames a definition, decision or parameter takes, as far as known.
    frames: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Involved:
    """The rules in force at a side: whether each norm applies and each requirement is met."""

    applies: Mapping[str, Doubtful]
    met: Mapping[str, Doubtful]


class Judgement:
    def __init__(self, policy_set: model.PolicySet, case: model.Case, rules: Ordered) -> None:
        self.policy_set = policy_set
        self.case = case
        self.rules = rules
        self.forks = Forks()
        #: The value of an expression; a stack frame less than a method that passes it on.
        self.value = Expressions(policy_set, case, self.forks, self).value
        self._settled: Settled[Key] = Settled(self._work_out, self._frames)
        #: The conflicting parameters in order of first reading.
        self._places: dict[Instance, int] = {}
        #: The day; arbitrary if the vocabulary has no date, since then no rule has a period.
        self._day = int(case.get(model.DATE, 1))  # type: ignore[arg-type]

    # --- Keys, each computed once ---

    def define(self, name: str) -> Possible[Known]:
        found: Possible[Known] = self._settled["define", name]
        return found

    def verdict(self, decision: str) -> model.Verdict:
        found: model.Verdict = self._settled["decision", decision]
        return found

    def parameter(self, instance: Instance) -> Possible[Known]:
        found: Possible[Known] = self._settled["parameter", instance]
        return found

    def _work_out(self, key: Key) -> object:
        match key:
            case ("define", str(name)):
                return self.value(self.policy_set.defines[name].value)
            case ("decision", str(name)):
                sides = self.policy_set.decisions[name].sides
                return combined([self.side_verdict(name, side) for side in sides])
            case ("parameter", (str(), str()) as instance):
                return self.forks.of(lambda values: self._tried(instance, values), self.values(instance))
            case _:
                raise AssertionError(f"nothing to work out: {key!r}")

    def _frames(self, key: Key) -> int:
        kind, what = key
        name = what if isinstance(what, str) else what[0]
        if (kind, name) not in self.rules.frames:
            deepest = max(map(levels, self._expressions(kind, name)), default=0)
            self.rules.frames[kind, name] = _FRAMES_A_LEVEL * deepest + _OWN_FRAMES
        return self.rules.frames[kind, name]

    def _expressions(self, kind: str, name: str) -> Iterable[model.Expr]:
        if kind == "define":
            return (self.policy_set.defines[name].value,)
        if kind == "parameter":
            return (part for rule in self.rules.settings[name].rules for part in model.conditions(rule))
        sides = [(name, side.name) for side in self.policy_set.decisions[name].sides]
        rules = [
            rule for side in sides for rule in (*self.rules.norms[side].rules, *self.rules.requirements[side].rules)
        ]
        return (part for rule in rules for part in model.conditions(rule))

    # --- Sides ---

    def side_verdict(self, decision: str, side: model.Side) -> model.SideVerdict:
        """The verdict of all alternatives; if they differ, the side is in conflict."""
        found = outcomes(self.side(self.involved(decision, side)))
        return found[0] if len(found) == 1 else model.SideVerdict.CONFLICT

    def involved(self, decision: str, side: model.Side) -> Involved:
        """The norms and requirements in force at the region of the side on the day of the case."""
        key, region = (decision, side.name), str(self.case[side.fact])
        norms = self.in_force(self.rules.norms[key], region)
        requirements = self.in_force(self.rules.requirements[key], region)
        return Involved(
            {norm.name: self.applies(norm) for norm in norms},
            {rule.name: self._met(rule) for rule in requirements},
        )

    def side(self, involved: Involved) -> Possible[model.SideVerdict]:
        """The verdict of a side whose rules of undetermined condition may or may not apply.

        Two ways of settling them suffice. *For* permission, all doubtful permits apply, no doubtful forbid does,
        and all doubtful requirements hold; *against* is the opposite. Permits beat only forbids and forbids only
        permits, so of all ways the first has the most effective permits, the fewest effective forbids and the
        fewest failing requirements, and the second the reverse. If both give the same verdict, every way does:

        * permits: even against permission some permit has effect, no forbid does and no requirement fails.
        * denies: even for permission a requirement fails, or a forbid has effect and no permit does.
        * conflict: a permit has effect even against permission, a forbid even for it; no requirement fails.
        * silent: no permit has effect even for permission, no forbid even against it.
        """
        ways = [self._one_way(involved, favour=favour) for favour in (True, False)]
        return self.forks.of(lambda one, other: one if one is other else model.SideVerdict.SILENT, *ways)

    def _one_way(self, involved: Involved, *, favour: bool) -> Possible[model.SideVerdict]:
        """The verdict if every doubt is settled for permission (`favour`) or against it."""
        norms = {name: self.policy_set.norms[name] for name in involved.applies}
        applying = {
            name: self._settling(involved.applies[name], (norm.effect is model.Effect.PERMIT) == favour)
            for name, norm in norms.items()
        }
        effective = {name: self._unbeaten(name, applies, applying) for name, applies in applying.items()}
        permits = [name for name, norm in norms.items() if norm.effect is model.Effect.PERMIT]
        failing = []
        for name, met in involved.met.items():
            setting_aside = [effective[permit] for permit in permits if name in norms[permit].exceptions]
            failing.append(self._but(self._negated(self._settling(met, favour)), setting_aside))
        permitted = self._any(effective[name] for name in permits)
        forbidden = self._any(effective[name] for name, norm in norms.items() if norm.effect is model.Effect.FORBID)
        return self.forks.of(_side_verdict, self._any(failing), permitted, forbidden)

    # --- Rules ---

    def applies(self, rule: model.Rule) -> Doubtful:
        """Whether `when` holds and `unless` does not."""
        when = True if rule.when is None else self.value(rule.when)
        unless = False if rule.unless is None else self.value(rule.unless)
        return self.forks.of(_applies, when, unless)

    def _met(self, rule: model.Requirement) -> Doubtful:
        """Whether the condition of a requirement holds or the requirement does not apply."""
        applies = self.applies(rule)
        return True if applies is False else self.forks.of(_met, applies, self.value(rule.condition))

    def in_force(self, rules: RegionIndex[R], region: str) -> list[R]:
        """The rules in force at a region on the day of the case."""
        return [rule for rule in rules.speaking(region) if self.today(rule)]

    def today(self, rule: model.Rule) -> bool:
        """Whether the day of the case lies in the period of a rule."""
        return self._day in self.rules.periods.get(rule.key, rule.period)

    def beaters(self, name: str, applying: Mapping[str, bool]) -> tuple[Beaten, ...]:
        """The applying rules that beat a rule."""
        return tuple(loss for loss in self.rules.beaten.get(name, ()) if applying.get(loss.winner, False))

    def _unbeaten(self, name: str, applies: Possible[bool], applying: Mapping[str, Possible[bool]]) -> Possible[bool]:
        """Whether a rule applies and no applying rule beats it."""
        losses = self.rules.beaten.get(name, ())
        return self._but(applies, [applying[loss.winner] for loss in losses if loss.winner in applying])

    # --- Parameters ---

    def values(self, instance: Instance) -> Possible[frozenset[model.Value] | Undetermined]:
        """The unbeaten values of a parameter; undetermined if there are none or doubt could change them.

        A value is possible if it is unbeaten in some way of settling the doubtful settings, and necessary if it is
        in every way. Settings beat only those of other values, so a value is best off if no other doubtful setting
        applies, and worst off if all doubtful settings of other values apply and its own do not. Doubt changes
        nothing if every possible value is necessary.
        """
        name, region = instance
        settings = {setting.key: setting for setting in self.in_force(self.rules.settings[name], region)}
        applies = {key: self.applies(setting) for key, setting in settings.items()}
        sure = {key: self._settling(truth, False) for key, truth in applies.items()}
        open_ = {key: self._settling(truth, True) for key, truth in applies.items()}
        possible: Possible[frozenset[model.Value]] = frozenset()
        necessary: Possible[frozenset[model.Value]] = frozenset()
        for key, setting in settings.items():
            if applies[key] is False:
                continue
            best = self._unbeaten(key, open_[key], sure)
            worst = self._unbeaten(key, sure[key], open_)
            possible = self.forks.of(_with(setting.value), possible, best)
            necessary = self.forks.of(_with(setting.value), necessary, worst)
        return self.forks.of(_agreed, possible, necessary)

    def _tried(self, instance: Instance, values: frozenset[model.Value] | Undetermined) -> Possible[Known]:
        """The only value, or a fork over several."""
        if isinstance(values, Undetermined):
            return values
        options = sorted(values, key=_order)
        if len(options) == 1:
            return options[0]
        place = self._places.setdefault(instance, len(self._places))
        return self.forks.fork(place, [(value, value) for value in options])

    def read_by(self, expressions: Sequence[model.Expr]) -> list[Instance]:
        """The parameters that expressions read, definitions followed, in order of first reading."""
        found: dict[Instance, None] = {}
        for expression in unfolded(self.policy_set, *expressions, inner=left_to_right):
            if isinstance(expression, model.ParameterValue):
                places = outcomes(self.value(expression.region))
                found.update(dict.fromkeys((expression.parameter, place) for place in places if isinstance(place, str)))
        return list(found)

    # --- Truth values ---

    def _settling(self, truth: Doubtful, doubt: bool) -> Possible[bool]:
        """A truth in which undetermined counts as `doubt`."""
        return self.forks.of(lambda value: doubt if isinstance(value, Undetermined) else value, truth)

    def _negated(self, truth: Possible[bool]) -> Possible[bool]:
        return self.forks.of(lambda value: not value, truth)

    def _any(self, truths: Iterable[Possible[bool]]) -> Possible[bool]:
        return self.forks.fold(lambda one, other: one or other, False, truths)

    def _but(self, truth: Possible[bool], others: Iterable[Possible[bool]]) -> Possible[bool]:
        """Whether a truth holds and none of the others does."""
        if truth is False:
            return False
        return self.forks.fold(lambda one, other: one and not other, truth, others)


def combined(sides: Sequence[model.SideVerdict]) -> model.Verdict:
    """The verdict of a decision, given those of its sides."""
    for side, verdict in (
        (model.SideVerdict.DENIES, model.Verdict.DENIED),
        (model.SideVerdict.CONFLICT, model.Verdict.CONFLICTING),
        (model.SideVerdict.SILENT, model.Verdict.UNDETERMINED),
    ):
        if side in sides:
            return verdict
    return model.Verdict.PERMITTED


def _side_verdict(failing: bool, permitted: bool, forbidden: bool) -> model.SideVerdict:
    if failing:
        return model.SideVerdict.DENIES
    if permitted and forbidden:
        return model.SideVerdict.CONFLICT
    if forbidden:
        return model.SideVerdict.DENIES
    return model.SideVerdict.PERMITS if permitted else model.SideVerdict.SILENT


def _applies(when: bool | Undetermined, unless: bool | Undetermined) -> bool | Undetermined:
    if when is False or unless is True:
        return False
    return UNDETERMINED if UNDETERMINED in (when, unless) else True


def _met(applies: bool | Undetermined, holds: bool | Undetermined) -> bool | Undetermined:
    if applies is False or holds is True:
        return True
    return UNDETERMINED if UNDETERMINED in (applies, holds) else False


def _with(value: model.Value):  # type: ignore[no-untyped-def]
    return lambda values, there: values | {value} if there else values


def _agreed(
    possible: frozenset[model.Value], necessary: frozenset[model.Value]
) -> frozenset[model.Value] | Undetermined:
    return necessary if necessary and possible == necessary else UNDETERMINED


def _order(value: model.Value) -> tuple[str, str]:
    return type(value).__name__, str(sorted(value)) if isinstance(value, frozenset) else f"{value!s:>20}"
