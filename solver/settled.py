"""Conflicts that precedence settles (PC302): which rule prevails, and why, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ..dsl.diagnostic import Diagnostic, Text, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import Case, MetaRule, Norm, PolicySet, Rule, Setting
from ..dsl.precedence import Contender, contending_groups, key, opposing_pairs, settle
from .conflicts import exhaust, reading_facts, rules_scope, side_named
from .findings import Claim, Question, Reporter
from .prover import View
from .terms import Term


def settled_conflicts(reporter: Reporter) -> list[Diagnostic]:
    """PC302: cases in which opposing rules both apply and precedence settles which prevails."""
    policy_set = reporter.policy_set
    pairs: dict[tuple[str, str], Term] = {}
    details: dict[tuple[str, str], tuple[Contender, Contender, MetaRule]] = {}
    fact_of = reading_facts(policy_set)
    for group in contending_groups(policy_set):
        for one, other in opposing_pairs(group, policy_set.regions):
            settled = settle(one, other, policy_set)
            if settled is None:
                continue
            winner, meta = settled
            loser = other if winner is one else one
            if loser.default:
                continue
            name = (key(winner), key(loser))
            pairs[name] = _both(reporter.view, winner, loser, fact_of)
            details[name] = (winner, loser, meta)
    seen, _ = exhaust(reporter, pairs)
    found = [_settled_conflict(reporter, *details[name], fact_of) for name in seen]
    return [finding for finding in found if finding is not None]


def _both(view: View, one: Contender, other: Contender, fact_of: Mapping[str, str]) -> Term:
    """When both rules apply."""
    if isinstance(one, Norm) and isinstance(other, Norm):
        return _both_apply(view, one, other)
    assert isinstance(one, Setting) and isinstance(other, Setting)
    return _both_set(view, one, other, fact_of)


def _both_apply(view: View, one: Norm, other: Norm) -> Term:
    terms, bank = view.terms, view.bank
    side = side_named(view.policy_set, one.decision, one.side)
    return terms.anywhere(
        (
            guard,
            bank.and_((branch.applies.get(one.name, bank.false), branch.applies.get(other.name, bank.false))),
        )
        for guard, branch in terms.side_branches(one.decision, side)
    )


def _both_set(view: View, one: Setting, other: Setting, fact_of: Mapping[str, str]) -> Term:
    terms, bank = view.terms, view.bank
    place = view.space.region(fact_of[one.parameter])
    return terms.either_branch(
        lambda choices: bank.and_(
            (terms.applies(one, place, choices).true, terms.applies(other, place, choices).true)
        )
    )


def _settled_conflict(
    reporter: Reporter,
    winner: Contender,
    loser: Contender,
    meta: MetaRule,
    fact_of: Mapping[str, str],
) -> Diagnostic | None:
    policy_set = reporter.policy_set
    decision = side = None
    if isinstance(winner, Norm):
        decision, side = winner.decision, winner.side
        place = side_named(policy_set, decision, side).fact
    else:
        place = fact_of[winner.parameter]
    why = _why(policy_set, winner, loser, meta)
    return reporter.report(
        "PC302",
        text("PC302.headline", winner=winner.name, loser=loser.name, why=why),
        (loser, winner),
        Question(
            lambda view: _both(view, winner, loser, fact_of),
            _claim_both(winner, loser, place),
            decision,
            place,
            *rules_scope(policy_set, winner, loser),
        ),
        side=side,
        settled_by=meta.value,
        labels=[text("PC302.yields"), text("PC302.prevails")],
    )


def _claim_both(one: Contender, other: Contender, place: str) -> Claim:
    """That both rules apply in a case, each in effect or beaten."""

    def claim(evaluator: Evaluator, case: Case) -> bool:
        return all(evaluator.applying(rule, str(case[place]), case) for rule in (one, other))

    return claim


def _why(policy_set: PolicySet, winner: Rule, loser: Rule, meta: MetaRule) -> Text:
    """The meta-rule in words, with what it compared."""
    match meta:
        case MetaRule.RANK:
            return text("PC302.rank", winner=_rank(policy_set, winner), loser=_rank(policy_set, loser))
        case MetaRule.SPECIFIC:
            regions = policy_set.regions
            return text(
                "PC302.specific", winner=regions[winner.region].name, loser=regions[loser.region].name
            )
        case _:
            return text(f"PC302.{meta.value}")


def _rank(policy_set: PolicySet, rule: Rule) -> Text | str:
    levels = [source.rank for source in rule.sources if source.rank is not None]
    if not levels:
        return text("PC302.no-rank")
    name, title = list(policy_set.ranks.items())[min(levels)]
    return text("story.name", en=name, zh=title or name)
