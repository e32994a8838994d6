"""Conflicts: of norms (PC301), of values (PC303), and of the sides of a decision (PC304).

Each search asks for any case of what is still unseen, notes every pair of rules that the case shows, and goes
on until nothing more is possible, which is the proof that nothing was missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from ..dsl.diagnostic import Diagnostic, Text, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import (
    Case,
    Decision,
    Effect,
    FactValue,
    Norm,
    ParameterValue,
    Period,
    PolicySet,
    Rule,
    Setting,
    Side,
    SideVerdict,
    Verdict,
)
from ..dsl.outcomes import Conflicting
from ..dsl.precedence import contending_groups, opposing_pairs, settle
from ..dsl.values import format_value
from .answers import Proof
from .extent import expressions, subexpressions
from .findings import Question, Reporter
from .prover import View
from .smt import Status
from .terms import Term

K = TypeVar("K")

#: What a search adds up to: findings, and what was proved.
Found = tuple[list[Diagnostic], list[Proof]]


def norm_conflicts(reporter: Reporter, decision: Decision, side: Side) -> Found:
    """PC301 for one side: cases in which effective norms of both effects leave it in conflict."""
    pairs = {
        (one, other): _both_effective(reporter.view, side, one, other)
        for one, other in _norm_pairs(reporter.policy_set, decision, side)
        if settle(one, other, reporter.policy_set) is None
    }
    seen, questions = exhaust(reporter, pairs)
    found = [_norm_conflict(reporter, decision, side, one, other) for one, other in seen]
    proofs = [] if seen else [Proof("no-conflict", decision.name, side.name, questions)]
    return [finding for finding in found if finding is not None], proofs


def sides(policy_set: PolicySet) -> Iterator[tuple[Decision, Side]]:
    for decision in policy_set.decisions.values():
        for side in decision.sides:
            yield decision, side


def _norm_pairs(policy_set: PolicySet, decision: Decision, side: Side) -> Iterator[tuple[Norm, Norm]]:
    """Opposing norms of one side, the permit first."""
    for group in contending_groups(policy_set):
        for one, other in opposing_pairs(group, policy_set.regions):
            if (
                isinstance(one, Norm)
                and isinstance(other, Norm)
                and (one.decision, one.side) == (decision.name, side.name)
            ):
                yield (one, other) if one.effect is Effect.PERMIT else (other, one)


def _both_effective(view: View, side: Side, one: Norm, other: Norm) -> Term:
    terms, bank = view.terms, view.bank
    return terms.anywhere(
        (
            guard,
            bank.and_(
                (
                    branch.effective.get(one.name, bank.false),
                    branch.effective.get(other.name, bank.false),
                    branch.verdicts[SideVerdict.CONFLICT],
                )
            ),
        )
        for guard, branch in terms.side_branches(one.decision, side)
    )


def exhaust(reporter: Reporter, wanted: Mapping[K, Term]) -> tuple[list[K], int]:
    """Which of the terms are possible at all, in their order, and how many questions it took."""
    view = reporter.view
    open_ = {key_: term for key_, term in wanted.items() if term is not view.bank.false}
    wanted_keys, terms = list(open_), list(open_.values())
    session = view.session()
    seen: set[K] = set()
    questions = 0
    while open_:
        questions += 1
        answer = view.ask((), session, one_of=list(open_.values()))
        if answer.status is Status.UNSATISFIABLE:
            break
        holding = view.holding(terms, view.space.case(answer.model))
        shown = [key_ for key_, holds in zip(wanted_keys, holding, strict=True) if holds and key_ in open_]
        assert shown, "a model of a disjunction satisfies one of its members"
        for key_ in shown:
            del open_[key_]
        seen.update(shown)
    return [key_ for key_ in wanted if key_ in seen], questions


def _norm_conflict(
    reporter: Reporter, decision: Decision, side: Side, one: Norm, other: Norm
) -> Diagnostic | None:
    def claim(evaluator: Evaluator, case: Case) -> bool:
        return evaluator.side(decision.name, side.name, case).verdict is SideVerdict.CONFLICT

    def on_the_side(view: View) -> Term:
        return _both_effective(view, side, one, other)

    def in_the_decision(view: View) -> Term:
        verdicts = view.terms.decision(decision.name)
        return view.bank.and_((on_the_side(view), verdicts[Verdict.CONFLICTING]))

    # A case that the decision shows is preferred to one that another side denies anyway.
    shown = reporter.view.possible([in_the_decision(reporter.view)])
    first, second = _local_first(reporter.policy_set, one, other)
    return reporter.report(
        "PC301",
        text("PC301.headline", permit=one.name, forbid=other.name, decision=decision.name),
        (first, second),
        Question(
            in_the_decision if shown else on_the_side,
            claim,
            decision.name,
            side.fact,
            *rules_scope(reporter.policy_set, one, other),
        ),
        side=side.name,
        labels=[_effect_label(norm) for norm in (first, second)],
        help_=text("PC301.help", permit=one.name, forbid=other.name),
    )


def _local_first(policy_set: PolicySet, one: Norm, other: Norm) -> tuple[Norm, Norm]:
    """The rule of the smaller region first: its author is the one to act."""
    inside = one.region != other.region and policy_set.regions.within(other.region, one.region)
    return (other, one) if inside else (one, other)


def _effect_label(norm: Norm) -> Text:
    return text("finding.permits" if norm.effect is Effect.PERMIT else "finding.forbids")


def rules_scope(policy_set: PolicySet, one: Rule, other: Rule) -> tuple[str, Period]:
    """The region and the days in which both rules are in force."""
    inner = one.region if policy_set.regions.within(one.region, other.region) else other.region
    return inner, one.period.intersection(other.period)


def side_named(policy_set: PolicySet, decision: str, side: str) -> Side:
    return next(s for s in policy_set.decisions[decision].sides if s.name == side)


def reading_facts(policy_set: PolicySet) -> dict[str, str]:
    """For each parameter a region fact by which it is read; any region fact where nothing reads it."""
    regions = [fact.name for fact in policy_set.facts.values() if str(fact.type) == "region"]
    found = {name: regions[0] for name in policy_set.parameters if regions}
    read: dict[str, str] = {}
    for expression in expressions(policy_set):
        for inner in subexpressions(expression):
            if isinstance(inner, ParameterValue) and isinstance(inner.region, FactValue):
                read.setdefault(inner.parameter, inner.region.fact)
    return found | read


# --- PC303 -------------------------------------------------------------------------------------------------


def value_conflicts(reporter: Reporter) -> Found:
    """PC303: two unbeaten settings give a parameter different values."""
    policy_set, background = reporter.policy_set, reporter.prover.background
    fact_of = reading_facts(policy_set)
    findings: list[Diagnostic] = []
    pairs = {
        (one.key, other.key): _both_unbeaten(reporter.view, one, other, fact_of[one.parameter])
        for clashes in background.clashing.values()
        for one, other in clashes
    }
    seen, questions = exhaust(reporter, pairs)
    background.keep_clashes(frozenset(seen))  # what was proved impossible need not be provided for again
    for one_key, other_key in seen:
        one, other = policy_set.settings[one_key], policy_set.settings[other_key]
        finding = _value_conflict(reporter, one, other, fact_of[one.parameter])
        if finding is not None:
            findings.append(finding)
    return findings, [] if findings else [Proof("no-conflicting-values", None, None, questions)]


def _both_unbeaten(view: View, one: Setting, other: Setting, fact: str) -> Term:
    place = view.space.region(fact)
    conflict = view.terms.conflict(one.parameter, place)
    unbeaten = view.terms.either_branch(
        lambda choices: view.bank.and_(
            view.terms.unbeaten(setting, place, choices) for setting in (one, other)
        )
    )
    return view.bank.and_((conflict, unbeaten))


def _value_conflict(reporter: Reporter, one: Setting, other: Setting, fact: str) -> Diagnostic | None:
    parameter = reporter.policy_set.parameters[one.parameter]

    def claim(evaluator: Evaluator, case: Case) -> bool:
        outcome = evaluator.parameter(parameter.name, str(case[fact]), case).outcome
        return isinstance(outcome, Conflicting) and {one.value, other.value} <= set(outcome.values)

    values = [format_value(setting.value, parameter.type) for setting in (one, other)]
    return reporter.report(
        "PC303",
        text("PC303.headline", parameter=parameter.name, one=values[0], other=values[1]),
        (one, other),
        Question(
            lambda view: _both_unbeaten(view, one, other, fact),
            claim,
            None,
            fact,
            *rules_scope(reporter.policy_set, one, other),
        ),
        labels=[text("PC303.label", value=value) for value in values],
        help_=text("PC303.help"),
    )


# --- PC304 -------------------------------------------------------------------------------------------------


def side_disagreements(reporter: Reporter) -> list[Diagnostic]:
    """PC304: one side's region says yes by a permit with conditions, another's says no by a forbid of its own."""
    findings = []
    for decision in reporter.policy_set.decisions.values():
        pairs = {
            (permit.name, forbid.name): _disagree(reporter.view, decision, permit, forbid)
            for permit, forbid in _across(reporter.policy_set, decision)
        }
        seen, _ = exhaust(reporter, pairs)
        for names in seen:
            finding = _disagreement(reporter, decision, *names)
            if finding is not None:
                findings.append(finding)
    return findings


def _across(policy_set: PolicySet, decision: Decision) -> Iterable[tuple[Norm, Norm]]:
    norms = [norm for norm in policy_set.norms.values() if norm.decision == decision.name]
    roots = set(policy_set.regions.roots)
    for permit in norms:
        if permit.effect is not Effect.PERMIT or (permit.when is None and permit.unless is None):
            continue
        for forbid in norms:
            if forbid.effect is Effect.FORBID and forbid.side != permit.side and forbid.region not in roots:
                yield permit, forbid


def _disagree(view: View, decision: Decision, permit: Norm, forbid: Norm) -> Term:
    yes = side_named(view.policy_set, decision.name, permit.side)
    no = side_named(view.policy_set, decision.name, forbid.side)
    bank = view.bank

    def effective(side: Side, norm: Norm) -> Term:
        return view.terms.anywhere(
            (guard, branch.effective.get(norm.name, bank.false))
            for guard, branch in view.terms.side_branches(decision.name, side)
        )

    foreign = bank.not_(view.space.within(view.space.region(yes.fact), forbid.region))
    return bank.and_(
        (
            effective(yes, permit),
            effective(no, forbid),
            view.terms.side(decision.name, yes)[SideVerdict.PERMITS],
            view.terms.side(decision.name, no)[SideVerdict.DENIES],
            foreign,
        )
    )


def _disagreement(
    reporter: Reporter, decision: Decision, permit_name: str, forbid_name: str
) -> Diagnostic | None:
    policy_set = reporter.policy_set
    permit, forbid = policy_set.norms[permit_name], policy_set.norms[forbid_name]

    def claim(evaluator: Evaluator, case: Case) -> bool:
        sides_ = {trace.side: trace.verdict for trace in evaluator.decide(decision.name, case).sides}
        return sides_[permit.side] is SideVerdict.PERMITS and sides_[forbid.side] is SideVerdict.DENIES

    place = side_named(policy_set, decision.name, forbid.side).fact
    return reporter.report(
        "PC304",
        text(
            "PC304.headline",
            permit=permit.name,
            forbid=forbid.name,
            yes=_side_name(reporter, permit),
            no=_side_name(reporter, forbid),
        ),
        (forbid, permit),
        Question(
            lambda view: _disagree(view, decision, permit, forbid),
            claim,
            decision.name,
            place,
            forbid.region,
            permit.period.intersection(forbid.period),
        ),
        side=forbid.side,
        labels=[text("finding.forbids"), text("finding.permits")],
        help_=text("PC304.help"),
    )


def _side_name(reporter: Reporter, norm: Norm) -> Text:
    side = side_named(reporter.policy_set, norm.decision, norm.side)
    return text("story.name", en=side.name, zh=side.title or side.name)
