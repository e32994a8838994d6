"""What an edit leaves behind: rules that lose their effect by it, and decisions and parameters that it leaves open.

In: an edit that ends a finding, and the set before it. Out: an `Aftermath`. Rules lose their effect if their removal
changed a verdict or a value before the edit, and changes none after it. A decision is left open if some side is silent
in a case in which it was not; a parameter if it has no value in a case in which it had one, or several.

For the second question both sets are put into one, with a fact of its own that says which of them holds: then one
question compares them in the same case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from policyc.dsl.model import (
    BOOLEAN,
    And,
    Case,
    DecisionRule,
    Expr,
    Fact,
    FactValue,
    Norm,
    Not,
    ParameterValue,
    PolicySet,
    Requirement,
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
from ..encoding.symbolic_case import Area
from ..engine.context import CaseScope, SolverContext, replay
from ..engine.shared_context import SharedContext
from ..formula.terms import Term
from .edits import Edit

#: How many rules are looked at to see which lose their effect; where more are concerned, only those of the finding are,
#: since an edit of one of them most likely touches the other.
MOST = 30

#: The fact that says which of two sets holds; no fact of a policy set can have this name.
_EDITED = "edited?"

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
        """What an edit leaves behind; `edited` is a context of the edited set, `rules` are those of the finding."""
        topics = self._depending(_topic(edit.rule))
        return Aftermath(tuple(self._idle(edit, edited, topics, rules)), tuple(self._left_open(edit, topics)))

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

    def _depending(self, topic: _Topic) -> list[_Topic]:
        """A topic and all that depends on it."""
        found = [topic]
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
        first = topics[0]
        met = [rule for rule in _rulings(self.policy_set) if _topic(rule) == first and self._meets(edit.rule, rule)]
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

    def _left_open(self, edit: Edit, topics: Sequence[_Topic]) -> Iterator[str]:
        both = _both(self.context, edit)
        with both.disposable():
            scopes = _scopes(both, edit)
            for topic in topics:
                for place, terms in _open(self.policy_set, topic, scopes):
                    case = scopes[1].case([scopes[1].factory.and_((terms[1], both.factory.not_(terms[0])))])
                    if case is not None:
                        self._confirm(edit, topic, place, {name: case[name] for name in self.policy_set.facts})
                        yield topic[1]
                        break

    def _confirm(self, edit: Edit, topic: _Topic, place: str, case: Case) -> None:
        """The reference evaluator must say the same of the case found."""
        after = Evaluator(edit.policy_set)
        replay(
            self.context,
            case,
            lambda before, case: _is_open(after, topic, place, case) and not _is_open(before, topic, place, case),
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


# --- Two sets in one ---------------------------------------------------------------------------------------


def _both(context: SolverContext, edit: Edit) -> SolverContext:
    """A context of both sets: the fact `_EDITED` says whether the edited rule holds, or the one before."""
    policy_set, rule = context.policy_set, edit.rule
    fact = Fact(name=_EDITED, title=None, type=BOOLEAN, span=rule.span)
    joined = replace(policy_set, facts={**policy_set.facts, _EDITED: fact})
    is_edited = FactValue(_EDITED, type=BOOLEAN, span=rule.span)
    index = context.rule_index
    for old in [setting for setting in _rulings(policy_set) if setting.name == rule.name]:
        before = _if(old, Not(is_edited, type=BOOLEAN, span=rule.span))
        joined = _with_rules(joined, {before.key: before})
        index = index.after(joined, old, before)
    if edit.edited is not None:
        assert isinstance(edit.edited, Norm | Requirement | Setting)
        after = _if(replace(edit.edited, name=f"{rule.name}{_EDITED}"), is_edited)
        exceptions = {
            name: replace(norm, exceptions=norm.exceptions | {after.name})
            for name, norm in joined.norms.items()
            if rule.name in norm.exceptions
        }
        joined = _with_rules(joined, {**exceptions, after.key: after})
        index = index.after(joined, after, after)
    common = SharedContext(joined, context.common.cache, index, context.common.confirmation)
    return SolverContext(joined, context.timeout, context.known, common)


def _if(rule: Ruling, condition: Expr) -> Ruling:
    """A rule that also needs a condition."""
    when = condition if rule.when is None else And((condition, rule.when), type=BOOLEAN, span=rule.span)
    return replace(rule, when=when)


def _with_rules(policy_set: PolicySet, rules: Mapping[str, Ruling]) -> PolicySet:
    """The set with some rules, by key, added or in place of those there."""
    norms = {key: rule for key, rule in rules.items() if isinstance(rule, Norm)}
    requirements = {key: rule for key, rule in rules.items() if isinstance(rule, Requirement)}
    settings = {key: rule for key, rule in rules.items() if isinstance(rule, Setting)}
    return replace(
        policy_set,
        norms={**policy_set.norms, **norms},
        requirements={**policy_set.requirements, **requirements},
        settings={**policy_set.settings, **settings},
    )


def _scopes(both: SolverContext, edit: Edit) -> tuple[CaseScope, CaseScope]:
    """The cases before and after an edit, in the region of its rule."""
    areas: dict[str, Area] = {}
    if isinstance(edit.rule, DecisionRule) and not both.policy_set.regions.is_root(edit.rule.region):
        areas[both.policy_set.side(edit.rule.decision, edit.rule.side).fact] = Area(edit.rule.region)
    before, after = (both.scope({_EDITED: edited}, areas) for edited in (False, True))
    return before, after


def _open(policy_set: PolicySet, topic: _Topic, scopes: Sequence[CaseScope]) -> Iterator[tuple[str, list[Term]]]:
    """For each side of a decision, or region fact by which a parameter is read: when it is open in each scope."""
    kind, name = topic
    if kind == "decision":
        for side in policy_set.decisions[name].sides:
            yield side.name, [scope.decisions.side(name, side)[SideVerdict.SILENT] for scope in scopes]
        return
    for fact in region_facts(policy_set)[name]:
        yield fact, [_unset(scope, name, fact) for scope in scopes]


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
