"""Rules that beat each other in a circle in some case (PC106).

Which rule beats which is settled whatever the case, so longer circles arise easily: a rule of a city yields to one of
the nation, and that to a later one. They matter only in a case that meets all rules of the circle: none of them has
effect there, though each of the others would.

After a circle is found one of its steps is left out, so that a few circles are told from which no other is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from policyc.dsl.binding.analysis.cycles import beats_circles, first_circle
from policyc.dsl.diagnostics.diagnostic import Diagnostic, quoted, text
from policyc.dsl.model import Case, Norm, PolicySet
from policyc.dsl.model.precedence import Contender
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import reading_facts
from ...encoding.rules import Choices
from ...engine.context import CaseScope
from ...engine.rule_places import place_of
from ...engine.witness import plainest
from ...formula.terms import Term
from ..form import Asking, Check, Found
from ..reporter import Possibility, Reporter

#: For each rule, by key, the rules that beat it.
Losses = Mapping[str, Sequence[str]]


def begin(reporter: Reporter) -> Iterator[Asking]:
    policy_set = reporter.policy_set
    for losses in beats_circles(policy_set, reporter.context.rule_index.all_contests):
        rules = [_rule(policy_set, key) for key in losses]
        what = text("PC901.circle", rules=quoted(rule.name for rule in rules))
        yield Asking(Purpose(("PC106",), what, rules[0].span), partial(circles, reporter, losses))


def circles(reporter: Reporter, losses: Losses) -> Found:
    """PC106 for rules of one side or one parameter."""
    policy_set, scope = reporter.policy_set, reporter.scope
    place = place_of(policy_set, _rule(policy_set, next(iter(losses))), reading_facts(policy_set))
    findings: list[Diagnostic] = []
    rest = {key: list(winners) for key, winners in losses.items()}
    while (case := plainest(scope, [_met(scope, place, policy_set, rest)])) is not None:
        circle = _circle_in(reporter, place, case, rest)
        finding = _report(reporter, place, [_rule(policy_set, key) for key in circle])
        findings += [finding] if finding is not None else []
        rest[circle[0]].remove(circle[1])
    return findings, []


def _rule(policy_set: PolicySet, key: str) -> Contender:
    return policy_set.norms[key] if key in policy_set.norms else policy_set.settings[key]


def _met(scope: CaseScope, place: str, policy_set: PolicySet, losses: Losses) -> Term:
    """That all rules of some circle apply: a way from an applying rule to one that beats it, and on to one that beats
    that, is as long as there are rules."""
    factory, path = scope.factory, scope.symbolic.region(place)

    def endless(choices: Choices) -> Term:
        applies = {key: scope.rules.applies(_rule(policy_set, key), path, choices).surely_true for key in losses}
        way = applies
        for _ in losses:
            longer = {
                key: factory.and_((applies[key], factory.or_(way[winner] for winner in winners)))
                for key, winners in losses.items()
            }
            if longer == way:
                break
            way = longer
        return factory.or_(way.values())

    return scope.rules.either_branch(endless)


def _circle_in(reporter: Reporter, place: str, case: Case, losses: Losses) -> list[str]:
    """A circle of rules that all apply in a case, by key, each before one that beats it."""
    rules = [_rule(reporter.policy_set, key) for key in losses]
    for truths in reporter.context.evaluator.applications(rules, str(case[place]), case):
        applying = [key for key, truth in zip(losses, truths, strict=True) if truth is True]
        among = {key: [winner for winner in losses[key] if winner in applying] for key in applying}
        if circle := first_circle(among):
            return circle
    raise AssertionError("rules that go in a circle have one")


def _report(reporter: Reporter, place: str, circle: Sequence[Contender]) -> Diagnostic | None:
    first = circle[0]

    def describe(scope: CaseScope) -> Term:
        return scope.rules.apply_together(circle, scope.symbolic.region(place))

    def claim(evaluator: Evaluator, case: Case) -> bool:
        answers = evaluator.applications(circle, str(case[place]), case)
        return any(all(truth is True for truth in answer) for answer in answers)

    region, period = first.region, first.period
    for rule in circle[1:]:
        region = rule.region if reporter.policy_set.regions.within(rule.region, region) else region
        period = period.intersection(rule.period)
    decision, side = (first.decision, first.side) if isinstance(first, Norm) else (None, None)
    return reporter.report(
        "PC106",
        text("PC106.beats", rules=quoted(rule.name for rule in circle)),
        circle,
        Possibility(describe, claim, decision, place, region, period),
        side=side,
        labels=[text("PC106.beats-label", winner=winner.name) for winner in (*circle[1:], first)],
        help_=text("PC106.beats-help"),
    )


CHECK = Check(("PC106",), 5, begin, shown=("PC106",))
