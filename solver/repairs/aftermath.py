"""What an edit leaves behind: rules that lose their effect by it, and decisions and parameters that it leaves open.

In: an edit that ends a finding, and the set before it. Out: an `Aftermath`. Rules lose their effect if their removal
changed a verdict or a value before the edit, and changes none after it. A decision is left open if some side is silent
in a case in which it was not; a parameter if it has no value in a case in which it had one, or several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policyc.dsl.model import (
    Case,
    DecisionRule,
    Expr,
    ParameterValue,
    PolicySet,
    Rule,
    Setting,
    SideVerdict,
    VerdictIs,
    conditions,
)
from policyc.dsl.model.precedence import share_a_day
from policyc.dsl.model.traversal import unfolded
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined

from ..checks.redundancy.groups import RuleGroup, Ruling, SideGroup, ValueGroup
from ..checks.redundancy.search import without_effect
from ..encoding.dependencies import region_facts
from ..engine.context import CaseScope, SolverContext, replay
from ..formula.terms import Term
from .edits import Edit

#: How many rules are looked at to see which lose their effect; where more are concerned, only those of the finding are,
#: since an edit of one of them most likely touches the other.
MOST = 30

#: A decision or a parameter.
_Topic = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What an edit leaves behind, by name."""

    idle: tuple[str, ...]
    open: tuple[str, ...]


class Aftermaths:
    """Works out what edits of one set leave behind."""

    def __init__(self, context: SolverContext) -> None:
        self.context = context
        self.policy_set = context.policy_set

    def of(self, edit: Edit, edited: SolverContext, rules: Collection[str]) -> Aftermath:
        """What an edit leaves behind; `edited` is a context of the edited set that shares terms with this one, `rules`
        are those of the finding."""
        topics = self._depending(self._own_topics(edit.rule))
        return Aftermath(tuple(self._idle(edit, edited, topics, rules)), tuple(self._left_open(edit, edited, topics)))

    # --- What depends on a rule ---

    @cached_property
    def _reading(self) -> Mapping[_Topic, Sequence[Ruling]]:
        """The rules whose conditions read each decision and parameter."""
        found: dict[_Topic, dict[str, Ruling]] = {}
        for rule in _rulings(self.policy_set):
            for condition in conditions(rule):
                for topic in _topics_read(self.policy_set, condition):
                    found.setdefault(topic, {})[rule.key] = rule
        return {topic: list(rules.values()) for topic, rules in found.items()}

    def _own_topics(self, rule: Rule) -> list[_Topic]:
        """What a rule decides; a row of a table sets several parameters."""
        return [_topic(other) for other in _rulings(self.policy_set) if other.name == rule.name]

    def _depending(self, topics: Sequence[_Topic]) -> list[_Topic]:
        """Some topics and all that depends on them."""
        found = [*topics]
        for known in found:
            found += dict.fromkeys(
                other for rule in self._reading.get(known, ()) if (other := _topic(rule)) not in found
            )
        return found

    # --- Rules that lose their effect ---

    def _idle(self, edit: Edit, edited: SolverContext, topics: Sequence[_Topic], own: Collection[str]) -> Iterator[str]:
        """The rules, besides one that is removed, that have an effect before the edit only."""
        concerned = self._concerned(edit, topics)
        many = sum(map(len, concerned.values())) > MOST
        for key, rules in concerned.items():
            wanted = [rule for rule in rules if not many or rule.name in own]
            there = [rule for rule in wanted if edit.edited is not None or rule.name != edit.rule.name]
            idle = _without_effect(edited, _group(edited, key), there) if there else []
            if idle:
                before = _without_effect(self.context, _group(self.context, key), [r for r in there if r.name in idle])
                yield from (name for name in idle if name not in before)

    def _concerned(self, edit: Edit, topics: Sequence[_Topic]) -> dict[tuple[str, str] | None, list[Ruling]]:
        """The rules whose effect an edit can touch, by side; those of values under `None`: rules that meet the edited
        one, and those that read what it decides."""
        own = self._own_topics(edit.rule)
        met = [rule for rule in _rulings(self.policy_set) if _topic(rule) in own and self._meets(edit.rule, rule)]
        reading = [rule for topic in topics for rule in self._reading.get(topic, ())]
        found: dict[tuple[str, str] | None, dict[str, Ruling]] = {}
        for rule in (*met, *reading):
            key = None if isinstance(rule, Setting) else (rule.decision, rule.side)
            found.setdefault(key, {}).setdefault(rule.name, rule)
        return {key: list(rules.values()) for key, rules in found.items()}

    def _meets(self, one: Rule, other: Rule) -> bool:
        same_side = not isinstance(one, DecisionRule) or not isinstance(other, DecisionRule) or one.side == other.side
        nested = self.policy_set.regions.nested(one.region, other.region)
        return same_side and nested and share_a_day(one.period, other.period)

    # --- What is left open ---

    def _left_open(self, edit: Edit, edited: SolverContext, topics: Sequence[_Topic]) -> Iterator[str]:
        before, after = (_where(context, edit.rule) for context in (self.context, edited))
        for topic in topics:
            for (place, then), (_, now) in zip(_open(before, topic), _open(after, topic), strict=True):
                case = after.case([after.factory.and_((now, after.factory.not_(then)))])
                if case is not None:
                    self._confirm(edited, topic, place, case)
                    yield topic[1]
                    break

    def _confirm(self, edited: SolverContext, topic: _Topic, place: str, case: Case) -> None:
        """The reference evaluator must say the same of the case found."""
        replay(
            self.context,
            case,
            lambda before, case: (
                _is_open(edited.evaluator, topic, place, case) and not _is_open(before, topic, place, case)
            ),
        )


def _rulings(policy_set: PolicySet) -> Iterator[Ruling]:
    yield from policy_set.norms.values()
    yield from policy_set.requirements.values()
    yield from policy_set.settings.values()


def _topic(rule: Rule) -> _Topic:
    """What a rule decides."""
    if isinstance(rule, Setting):
        return "parameter", rule.parameter
    assert isinstance(rule, DecisionRule)
    return "decision", rule.decision


def _topics_read(policy_set: PolicySet, condition: Expr) -> Iterator[_Topic]:
    for part in unfolded(policy_set, condition):
        match part:
            case VerdictIs(decision=decision):
                yield "decision", decision
            case ParameterValue(parameter=parameter):
                yield "parameter", parameter
            case _:
                pass


def _group(context: SolverContext, key: tuple[str, str] | None) -> RuleGroup:
    if key is None:
        return ValueGroup(context)
    decision, side = key
    return SideGroup(context, context.policy_set.decisions[decision], context.policy_set.side(decision, side))


def _without_effect(context: SolverContext, group: RuleGroup, rules: Sequence[Ruling]) -> list[str]:
    regions = [rule.region for rule in rules]
    return without_effect(group.interactions_of(context, None, regions), [rule.name for rule in rules])


# --- What is open ------------------------------------------------------------------------------------------


def _where(context: SolverContext, rule: Rule) -> CaseScope:
    """The cases in the region of a rule."""
    if not isinstance(rule, DecisionRule):
        return context.whole
    return context.within(context.policy_set.side(rule.decision, rule.side).fact, rule.region)


def _open(scope: CaseScope, topic: _Topic) -> Iterator[tuple[str, Term]]:
    """For each side of a decision, or region fact by which a parameter is read: when it is open."""
    kind, name = topic
    if kind == "decision":
        for side in scope.policy_set.decisions[name].sides:
            yield side.name, scope.decisions.side(name, side)[SideVerdict.SILENT]
        return
    for fact in region_facts(scope.policy_set)[name]:
        yield fact, _unset(scope, name, fact)


def _unset(scope: CaseScope, parameter: str, fact: str) -> Term:
    """When a parameter has no value, whichever values those that it depends on have if they conflict."""
    rules, factory = scope.rules, scope.factory
    place = scope.symbolic.region(fact)
    return rules.every_branch(
        lambda choices: factory.not_(rules.held(rules.settings_applying(parameter, place, choices))[1])
    )


def _is_open(evaluator: Evaluator, topic: _Topic, place: str, case: Case) -> bool:
    kind, name = topic
    if kind == "decision":
        return evaluator.side(name, place, case).verdict is SideVerdict.SILENT
    return isinstance(evaluator.parameter(name, str(case[place]), case).outcome, Undetermined)
