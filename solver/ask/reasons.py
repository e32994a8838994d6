"""Reasons for an answer: a minimal set of rules that explains it, and relevant rules not in force.

In: a scope in which a decision has one verdict. Out: `Reason`s. A denial is explained by rules of which one denies in
every case; without any of them the denial would no longer follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations, product

from policyc.dsl import model
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, State, Undetermined

from ..encoding.decisions import SideTerms
from ..engine.context import CaseScope
from ..engine.minimize import minimal_hitting_sets, minimal_subset
from ..formula.terms import Term
from ..report.answers import Reason, ReasonEffect, ReasonState
from ..report.describe import cites_of, source_text

#: The largest set of rules that explain an answer together; larger sets are not searched for.
MOST_TOGETHER = 6

#: A rule and the side on which it takes part.
Part = tuple[model.Side, model.Rule]


def reasons_for(
    scope: CaseScope, decision: model.Decision, verdict: model.Verdict, example: model.Case
) -> list[Reason]:
    """The reasons for a verdict that all cases of the scope share; `example` is one of them."""
    match verdict:
        case model.Verdict.DENIED:
            options = _options(scope, decision, decision.sides, model.SideVerdict.DENIES, _denials)
            return [_reason(_day(scope), part) for part in _fewest(scope, options)]
        case model.Verdict.PERMITTED:
            permits = _of_effect(model.Effect.PERMIT)
            return [
                _reason(_day(scope), part)
                for side in decision.sides
                for part in _fewest(scope, _options(scope, decision, [side], model.SideVerdict.PERMITS, permits))
            ]
        case model.Verdict.CONFLICTING:
            return _conflict_reasons(scope, decision, example)
        case model.Verdict.UNDETERMINED:
            return _silence(scope, decision, example)


def all_reasons(
    scope: CaseScope, decision: model.Decision, verdict: model.Verdict, example: model.Case
) -> list[list[Reason]]:
    """Every minimal set of reasons for a verdict that all cases of the scope share, small sets first. If rules conflict
    or none applies, there is only one account."""
    match verdict:
        case model.Verdict.DENIED:
            options = _options(scope, decision, decision.sides, model.SideVerdict.DENIES, _denials)
            return [[_reason(_day(scope), part) for part in parts] for parts in _every_cover(scope, options)]
        case model.Verdict.PERMITTED:
            effect = _of_effect(model.Effect.PERMIT)
            by_side = [
                _every_cover(scope, _options(scope, decision, [side], model.SideVerdict.PERMITS, effect))
                for side in decision.sides
            ]
            return [[_reason(_day(scope), part) for parts in chosen for part in parts] for chosen in product(*by_side)]
        case model.Verdict.CONFLICTING | model.Verdict.UNDETERMINED:
            return [reasons_for(scope, decision, verdict, example)]


# --- Covers ------------------------------------------------------------------------------------------------

#: The terms of the rules that can account for a side's verdict, under one choice of values.
Accounts = Callable[[CaseScope, SideTerms], Mapping[str, Term]]


def _denials(scope: CaseScope, terms: SideTerms) -> Mapping[str, Term]:
    forbids = _of_effect(model.Effect.FORBID)(scope, terms)
    return {**forbids, **terms.failing}


def _of_effect(effect: model.Effect) -> Accounts:
    def accounts(scope: CaseScope, terms: SideTerms) -> Mapping[str, Term]:
        norms = scope.policy_set.norms
        return {name: term for name, term in terms.effective.items() if norms[name].effect is effect}

    return accounts


def _options(
    scope: CaseScope,
    decision: model.Decision,
    sides: Sequence[model.Side],
    verdict: model.SideVerdict,
    accounts: Accounts,
) -> dict[Part, Term]:
    """The rules of all sides that can account for their side's verdict, and when each does."""
    return {
        part: term
        for side in sides
        for part, term in _accounting(scope, decision, side, verdict, accounts).items()
        if term is not scope.factory.false
    }


def _accounting(
    scope: CaseScope, decision: model.Decision, side: model.Side, verdict: model.SideVerdict, accounts: Accounts
) -> dict[Part, Term]:
    factory, policy_set = scope.factory, scope.policy_set
    branches = scope.decisions.side_branches(decision.name, side)
    given = scope.decisions.side(decision.name, side)[verdict]
    by_rule: dict[str, list[tuple[Term, Term]]] = {}
    for guard, terms in branches:
        for name, term in accounts(scope, terms).items():
            by_rule.setdefault(name, []).append((guard, term))
    return {
        (side, policy_set.rules[name]): factory.and_((given, scope.decisions.anywhere(pairs)))
        for name, pairs in by_rule.items()
    }


def _fewest(scope: CaseScope, options: Mapping[Part, Term]) -> list[Part]:
    """A minimal set of options; the least explanatory are dropped first."""
    factory = scope.factory
    if factory.true in options.values():  # one alone accounts for every case
        return [max((part for part in options if options[part] is factory.true), key=_explanatory)]

    def account(parts: Sequence[Part]) -> bool:
        return not scope.possible([factory.not_(factory.or_(options[part] for part in parts))])

    return sorted(
        minimal_subset(list(options), account, sorted(options, key=_explanatory)),
        key=_explanatory,
        reverse=True,
    )


def _every_cover(scope: CaseScope, options: Mapping[Part, Term]) -> list[list[Part]]:
    """Every minimal set of options that covers all cases."""
    order = sorted(options, key=_explanatory, reverse=True)

    def missed(chosen: frozenset[int]) -> frozenset[int] | None:
        """The options that hold in a case in which none of the chosen ones does."""
        case = scope.case([scope.factory.not_(scope.factory.or_(options[order[place]] for place in chosen))])
        if case is None:
            return None
        return frozenset(place for place, part in enumerate(order) if scope.holds(options[part], case))

    found = minimal_hitting_sets(range(len(order)), missed, MOST_TOGETHER)
    return [[order[place] for place in sorted(places)] for places in found]


def _explanatory(part: Part) -> tuple[bool, float, int, str]:
    """A sort key: rules that explain most come first, those with conditions, of high rank, and no default."""
    rule = part[1]
    rank = min((source.rank for source in rule.sources if source.rank is not None), default=math.inf)
    conditions = sum(condition is not None for condition in (rule.when, rule.unless))
    return not getattr(rule, "default", False), -rank, conditions, rule.name


# --- Conflicts and silence ---------------------------------------------------------------------------------


def _conflict_reasons(scope: CaseScope, decision: model.Decision, example: model.Case) -> list[Reason]:
    """The permits and forbids that meet on each side in conflict, or the settings that disagree."""
    found: list[Reason] = []
    for trace in scope.context.evaluator.decide(decision.name, example).sides:
        if trace.verdict is not model.SideVerdict.CONFLICT:
            continue
        side = scope.policy_set.side(decision.name, trace.side)
        for effect in model.Effect:
            accounts = _of_effect(effect)
            options = _accounting(scope, decision, side, model.SideVerdict.CONFLICT, accounts)
            found += [_reason(_day(scope), part) for part in _fewest(scope, options)]
        for parameter in trace.parameters:
            if isinstance(parameter.outcome, Conflicting):
                settings = [
                    scope.policy_set.settings[rule.rule]
                    for rule in parameter.settings
                    if rule.state is State.HAS_EFFECT
                ]
                found += [_reason(_day(scope), (side, setting)) for setting in settings]
    return found


def _silence(scope: CaseScope, decision: model.Decision, example: model.Case) -> list[Reason]:
    """The sides on which no rule applies, and the parameters that nothing sets."""
    found: list[Reason] = []
    for trace in scope.context.evaluator.decide(decision.name, example).sides:
        if trace.verdict is not model.SideVerdict.SILENT:
            continue
        found.append(
            Reason(
                decision.name,
                ReasonEffect.PERMIT,
                trace.side,
                ReasonState.NO_PERMIT,
                None,
                decision.span,
                (),
                decision.title,
            )
        )
        for parameter in trace.parameters:
            if isinstance(parameter.outcome, Undetermined):
                declared = scope.policy_set.parameters[parameter.parameter]
                found.append(
                    Reason(
                        declared.name,
                        ReasonEffect.SET,
                        trace.side,
                        ReasonState.NO_PERMIT,
                        None,
                        declared.span,
                        (),
                        declared.title,
                    )
                )
    return found


def settings_read(scope: CaseScope, expression: model.Expr, example: model.Case) -> list[Reason]:
    """The settings that give an expression the values of its parameters."""
    settings = scope.policy_set.settings
    return [
        _reason(_day(scope), (None, settings[rule.rule]))
        for parameter in scope.context.evaluator.read_by(expression, example)
        for rule in parameter.settings
        if rule.state is State.HAS_EFFECT
    ]


# --- Statements not in force -------------------------------------------------------------------------------


def not_in_force(
    scope: CaseScope, example: model.Case, answer: Callable[[Evaluator, model.Case], object]
) -> list[Reason]:
    """Statements not yet or no longer in force that affect the answer: with one of them in force (or two, if one is not
    enough) the example would have another answer."""
    if model.DATE not in example:
        return []
    evaluator = scope.context.evaluator
    now = answer(evaluator, example)
    candidates = _sleeping(scope, example)

    def other(rules: Iterable[model.Rule]) -> bool:
        return answer(evaluator.during({rule.key: model.Period() for rule in rules}), example) != now

    single = [rule for rule in candidates if other([rule])]
    if single:
        return [_dormant(rule, example) for rule in single]
    for pair in combinations(candidates, 2):
        if other(pair):
            return [_dormant(rule, example) for rule in pair]
    return []


def _sleeping(scope: CaseScope, example: model.Case) -> list[model.Rule]:
    """Rules for a region of the example that are in force on other days only."""
    tree, facts = scope.policy_set.regions, scope.policy_set.facts.values()
    places = {str(example[fact.name]) for fact in facts if fact.type == model.REGION}
    day = example[model.DATE]
    assert isinstance(day, int)
    rules: list[model.Rule] = [*scope.policy_set.norms.values(), *scope.policy_set.requirements.values()]
    rules += scope.policy_set.settings.values()
    return [
        rule for rule in rules if day not in rule.period and any(tree.within(place, rule.region) for place in places)
    ]


def _dormant(rule: model.Rule, example: model.Case) -> Reason:
    day = example[model.DATE]
    assert isinstance(day, int)
    first, last = rule.period.first, rule.period.last
    return _reason(
        day,
        (None, rule),
        state=ReasonState.NOT_IN_FORCE,
        first_day=date.fromordinal(first).isoformat() if first is not None and day < first else None,
        last_day=date.fromordinal(last).isoformat() if last is not None and day > last else None,
    )


# --- One reason --------------------------------------------------------------------------------------------


def _reason(
    day: model.Value | None,
    part: tuple[model.Side | None, model.Rule],
    *,
    state: ReasonState | None = None,
    first_day: str | None = None,
    last_day: str | None = None,
) -> Reason:
    side, rule = part
    own = getattr(rule, "side", None) if side is None else side.name
    return Reason(
        rule=rule.name,
        effect=_effect(rule),
        side=own,
        state=state or (ReasonState.FAILS if isinstance(rule, model.Requirement) else ReasonState.HAS_EFFECT),
        beaten_by=None,
        span=rule.span,
        cites=tuple(cites_of(rule)),
        title=rule.title,
        sources=tuple(source_text(source) for source in rule.sources),
        later=tuple(place for place, source in enumerate(rule.sources) if _is_later(source, day)),
        first_day=first_day,
        last_day=last_day,
    )


def _is_later(source: model.Source, day: model.Value | None) -> bool:
    """Whether a source was not yet there on the day that is asked about."""
    return isinstance(day, int) and source.dated is not None and day < source.dated


def reason_of(rule: model.Rule, state: ReasonState, day: model.Value | None = None) -> Reason:
    """A rule with its clauses and sources, in a state; on the day asked about, if there is one."""
    return _reason(day, (None, rule), state=state)


def _day(scope: CaseScope) -> model.Value | None:
    """The day that is asked about, if it is known."""
    return scope.symbolic.known.get(model.DATE)


def _effect(rule: model.Rule) -> ReasonEffect:
    match rule:
        case model.Norm(effect=effect):
            return ReasonEffect(effect.value)
        case model.Requirement():
            return ReasonEffect.REQUIRE
        case model.Setting():
            return ReasonEffect.SET
        case _:
            return ReasonEffect.MANDATE
