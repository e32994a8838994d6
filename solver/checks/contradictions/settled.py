"""Conflicts that precedence settles: which rule prevails, and why (PC302).

Two are settled by what the author left out, and are warnings: two norms of one text of which only the later prevails
(PC308), and a rule that yields only because none of its sources has a rank (PC309).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.model import Case, Effect, MetaRule, Norm, PolicySet, Rule, Setting
from policyc.dsl.model.precedence import Contender, Contest
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import reading_facts
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...engine.rule_places import place_of, rules_scope
from ...formula.terms import Term
from ...report.describe import rank_name
from ..form import Analysis, Check, Conclusion
from ..reporter import Claim, Possibility, Reporter

CODES = ("PC302", "PC308", "PC309")


def settled_conflicts(reporter: Reporter) -> Analysis:
    """Cases in which opposing rules both apply and precedence settles which prevails; one finding a contest."""
    fact_of = reading_facts(reporter.policy_set)
    contests = {_key(contest): contest for contest in reporter.context.rule_index.contests.rules if _notable(contest)}

    def place(contest: Contest) -> str:
        return place_of(reporter.policy_set, contest.one, fact_of)

    def conclude(results: ReachabilityResults) -> Conclusion:
        return Conclusion(
            [
                partial(_settled_conflict, reporter, contest, fact_of, results.parts(key_))
                for key_, contest in contests.items()
                if key_ in results
            ]
        )

    facts = dict.fromkeys(map(place, contests.values()))
    regions = frozenset(contest.region for contest in contests.values())
    index = reporter.context.rule_index.contests
    queries = [
        ReachabilityQuery("PC302", fact, partial(_settled, fact, fact_of, index), regions=regions) for fact in facts
    ]
    purpose = Purpose(CODES, text("PC901.settled-conflict"), None)
    return Analysis(purpose, "PC302", queries, conclude)


def _settled(
    fact: str, fact_of: Mapping[str, str], contests: RegionIndex[Contest], scope: CaseScope
) -> dict[Key, Described]:
    """The contests in a scope that something settles, read by a region fact."""
    return {
        _key(contest): partial(_both, scope, contest.one, contest.other, fact_of)
        for contest in scope.near(fact, contests)
        if _notable(contest) and place_of(scope.policy_set, contest.one, fact_of) == fact
    }


def _notable(contest: Contest) -> bool:
    """Whether a contest is settled, except by a `default`, which yields by design."""
    return contest.loser is not None and not contest.loser.default


def _key(contest: Contest) -> Key:
    return ("PC302", contest.one.key, contest.other.key)


def _both(scope: CaseScope, one: Contender, other: Contender, fact_of: Mapping[str, str]) -> Term:
    """When both rules apply."""
    if isinstance(one, Norm) and isinstance(other, Norm):
        return _both_apply(scope, one, other)
    assert isinstance(one, Setting) and isinstance(other, Setting)
    return _both_set(scope, one, other, fact_of)


def _both_apply(scope: CaseScope, one: Norm, other: Norm) -> Term:
    decisions, factory = scope.decisions, scope.factory
    side = scope.policy_set.side(one.decision, one.side)
    return decisions.anywhere(
        (
            guard,
            factory.and_((branch.applies.get(one.name, factory.false), branch.applies.get(other.name, factory.false))),
        )
        for guard, branch in decisions.side_branches(one.decision, side)
    )


def _both_set(scope: CaseScope, one: Setting, other: Setting, fact_of: Mapping[str, str]) -> Term:
    return scope.rules.apply_together((one, other), scope.symbolic.region(fact_of[one.parameter]))


def _settled_conflict(
    reporter: Reporter, contest: Contest, fact_of: Mapping[str, str], parts: Parts
) -> Diagnostic | None:
    policy_set = reporter.policy_set
    winner, loser, meta = contest.winner, contest.loser, contest.meta
    assert winner is not None and loser is not None and meta is not None
    decision, side = (winner.decision, winner.side) if isinstance(winner, Norm) else (None, None)
    place = place_of(policy_set, winner, fact_of)
    code = _code(contest)
    return reporter.report(
        code,
        _headline(policy_set, code, winner, loser, meta),
        (loser, winner),
        Possibility(
            lambda scope: _both(scope, winner, loser, fact_of),
            _claim_both(winner, loser, place),
            decision,
            place,
            *rules_scope(policy_set, winner, loser),
            parts=parts,
            preferred=(partial(_prevails, winner, fact_of), _claim_prevails(winner, place)),
        ),
        side=side,
        settled_by=meta.value,
        labels=[text("PC302.yields"), text("PC302.prevails")],
        help_=_help(code, winner, loser),
    )


def _code(contest: Contest) -> str:
    """PC308 if a text contradicts itself and only time settles it: both norms are of one policy or rest on one source.
    Values that one text sets for later days are no contradiction. PC309 if the loser has no rank at all."""
    loser, winner = contest.loser, contest.winner
    assert loser is not None and winner is not None
    if contest.meta is MetaRule.RANK and all(source.rank is None for source in loser.sources):
        return "PC309"
    one_text = loser.policy == winner.policy or any(source in winner.sources for source in loser.sources)
    return "PC308" if contest.meta is MetaRule.LATER and isinstance(loser, Norm) and one_text else "PC302"


def _headline(policy_set: PolicySet, code: str, winner: Contender, loser: Contender, meta: MetaRule) -> Text:
    match code:
        case "PC308":
            permit, forbid = (winner, loser) if _permits(winner) else (loser, winner)
            return text("PC308.headline", permit=permit.name, forbid=forbid.name, winner=winner.name)
        case "PC309":
            key = "PC309.headline" if loser.sources else "PC309.uncited"
            return text(key, winner=winner.name, loser=loser.name, rank=_rank(policy_set, winner))
        case _:
            return text(
                "PC302.headline", winner=winner.name, loser=loser.name, why=_why(policy_set, winner, loser, meta)
            )


def _permits(norm: Contender) -> bool:
    return isinstance(norm, Norm) and norm.effect is Effect.PERMIT


def _help(code: str, winner: Contender, loser: Contender) -> Text | None:
    """What to write, for what the author left out."""
    match code:
        case "PC308" if (ends := _last_day_before(winner, loser)) is not None:
            return text(
                "PC308.help_until", winner=winner.name, loser=loser.name, day=date.fromordinal(ends).isoformat()
            )
        case "PC308":
            return text("PC308.help", winner=winner.name, loser=loser.name)
        case "PC309":
            names = tuple(dict.fromkeys(source.title or source.name for source in loser.sources))
            key = "PC309.help" if isinstance(loser, Norm) else "PC309.help_value"
            return text(key, sources=names, loser=loser.name) if names else text("PC309.help_uncited", loser=loser.name)
        case _:
            return None


def _last_day_before(winner: Contender, loser: Contender) -> int | None:
    """The day on which the older rule would end, if the later one begins while it is in force."""
    first = winner.period.first
    if first is None or (loser.period.first is not None and first <= loser.period.first):
        return None
    return first - 1


def _claim_both(one: Contender, other: Contender, place: str) -> Claim:
    """That both rules apply in a case, each in effect or beaten."""

    def claim(evaluator: Evaluator, case: Case) -> bool:
        return all(evaluator.applying(rule, str(case[place]), case) for rule in (one, other))

    return claim


def _prevails(winner: Contender, fact_of: Mapping[str, str], scope: CaseScope) -> Term:
    """When the rule that prevails has effect itself, which nothing else beats."""
    if isinstance(winner, Norm):
        side = scope.policy_set.side(winner.decision, winner.side)
        return scope.decisions.effective(winner.decision, side, winner)
    assert isinstance(winner, Setting)
    place = scope.symbolic.region(fact_of[winner.parameter])
    return scope.rules.either_branch(lambda choices: scope.rules.unbeaten(winner, place, choices))


def _claim_prevails(winner: Contender, place: str) -> Claim:
    return lambda evaluator, case: evaluator.effective((winner,), str(case[place]), case)


def _why(policy_set: PolicySet, winner: Rule, loser: Rule, meta: MetaRule) -> Text:
    """The meta-rule in words, with what it compared."""
    match meta:
        case MetaRule.RANK:
            return text("PC302.rank", winner=_rank(policy_set, winner), loser=_rank(policy_set, loser))
        case MetaRule.SPECIFIC:
            regions = policy_set.regions
            return text("PC302.specific", winner=regions[winner.region].name, loser=regions[loser.region].name)
        case _:
            return text(f"PC302.{meta.value}")


def _rank(policy_set: PolicySet, rule: Rule) -> Text | str:
    levels = [source.rank for source in rule.sources if source.rank is not None]
    if not levels:
        return text("PC302.no-rank")
    return rank_name(policy_set, min(levels))


CHECK = Check(CODES, 20, lambda reporter: [settled_conflicts(reporter)], shown=CODES)
