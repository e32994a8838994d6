"""Rules without effect (PC402): removing one of them changes no verdict and no value.

`search.py` finds them, and what covers them, part of the country by part; this module reports them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Finding, Label, Severity, text
from policyc.dsl.model import Case, PolicySet, Rule, Setting
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.system.limits import Undecided

from ...backends.second_opinion import Purpose
from ...encoding.symbolic_case import Area
from ...engine.context import replay
from ...engine.extent import members
from ...engine.reachability import ReachabilityResults, RegionPartition
from ...engine.rule_places import sides
from ..contradictions.unusable_permits import UnusablePermits
from ..form import Analysis, Asking, Check, Conclusion, Found, searching
from ..gaps.masked_rows import MaskedRows
from ..gaps.never_applies import NeverApplying
from ..reporter import Reporter
from .groups import RuleGroup, Ruling, SideGroup, groups
from .search import Covering, Effects, effects_in


def begin(reporter: Reporter) -> Iterator[Analysis]:
    """Starts once the rules are known that other codes report: PC401 (never applies), PC407 (masked row), PC305
    (unusable permit). In a check of one day these may be more than those codes report."""
    yield Analysis(SEARCH, "PC402", (), partial(_others, reporter))


SEARCH = searching(["PC402"])

#: The analyses of codes that report rules without effect in their own way.
Speaking = NeverApplying | MaskedRows | UnusablePermits


def _others(reporter: Reporter, known: ReachabilityResults) -> Conclusion:
    """The searches of other codes that have not been run yet."""
    permits = [UnusablePermits(reporter, *pair) for pair in sides(reporter.policy_set)]
    others: list[Speaking] = [NeverApplying(reporter), MaskedRows(reporter), *permits]
    missing = [query for other in others for query in other.queries if query.kind not in known.kinds]
    conclude = partial(_redundant, reporter, others, known)
    return Conclusion(following=[Analysis(SEARCH, "PC402", missing, conclude)])


def _redundant(
    reporter: Reporter,
    others: Sequence[Speaking],
    known: ReachabilityResults,
    results: ReachabilityResults,
) -> Conclusion:
    """The questions about each group of rules, once the rules without effect are known."""
    every = known.joined(results)
    spoken_of = frozenset[str]().union(*(other.names(every) for other in others))
    rules = RedundantRules(reporter, spoken_of)
    rules.search(SEARCH)
    return Conclusion(askings=[Asking(_purpose(group), partial(rules.findings, group)) for group in rules.groups])


def _purpose(group: RuleGroup) -> Purpose:
    """The purpose of a question about one group, with the place of its declaration."""
    if isinstance(group, SideGroup):
        decision, side = group.decision, group.side
        what = text("PC901.effect", decision=decision.name, side=side.name)
        return Purpose(("PC402",), what, side.span)
    return Purpose(("PC402",), text("PC901.effect-of-settings"), None)


class RedundantRules:
    """The rules without effect; other codes report those in `spoken_of`."""

    def __init__(self, reporter: Reporter, spoken_of: Collection[str]) -> None:
        self.reporter = reporter
        self.spoken_of = spoken_of
        self.groups = groups(reporter.context)
        #: By group, which of its rules change nothing, or why that was not decided.
        self._effects: dict[RuleGroup, Effects | str] = {}

    def search(self, purpose: Purpose) -> None:
        """Finds the rules without effect, part of the country by part."""
        context, division = self.reporter.context, RegionPartition(self.reporter.context)
        errands = [(group, part) for group in self.groups for part in group.parts(division)]
        tasks = [partial(effects_in, context, purpose, group, part) for group, part in errands]
        results = context.share(tasks)
        for (group, _), found in zip(errands, results, strict=True):
            so_far = self._effects.get(group, found)
            self._effects[group] = (
                so_far if isinstance(so_far, str) else found if isinstance(found, str) else so_far.both(found)
            )

    def findings(self, group: RuleGroup) -> Found:
        """The findings about the rules of one group."""
        every, effects = self.reporter.policy_set.rules, self._effects[group]
        if isinstance(effects, str):
            raise Undecided(effects)
        reported = [
            rule
            for rule in group.rules
            if rule.name in effects.redundant and rule.name not in self.spoken_of and _confirmed(self.reporter, rule)
        ]
        covered = [rule for rule in reported if rule.name not in effects.met]
        interactions_of = list(group.interactions_of(self.reporter.context, None, [rule.region for rule in covered]))
        covers = Covering(interactions_of, effects.redundant, every).covers(covered)
        return [
            _redundancy(self.reporter, rule, [every[name] for name in covers.get(rule.name, ())]) for rule in reported
        ], []


# --- Replay ------------------------------------------------------------------------------------------------


def _confirmed(reporter: Reporter, rule: Ruling) -> bool:
    """Replays a rule without effect through the reference evaluator, in a case in which it surely applies. Without such
    a case it is only ever in doubt, because of a value that is not set, which PC405 reports."""
    if isinstance(rule, Setting):
        region, scope = _place_in(reporter.policy_set, rule.region), reporter.scope
        if region is None:
            return False
        place = scope.symbolic.place(region)
    else:
        fact = reporter.policy_set.side(rule.decision, rule.side).fact
        scope = reporter.context.within(fact, rule.region)
        place = scope.symbolic.region(fact)
    case = scope.case(
        [scope.rules.either_branch(lambda choices: scope.rules.applies(rule, place, choices).surely_true)]
    )
    if case is not None:
        replay(reporter.context, case, lambda evaluator, case: _unchanged(evaluator, case, rule))
    return case is not None


def _unchanged(evaluator: Evaluator, case: Case, rule: Ruling) -> bool:
    """Whether a rule makes no difference in a case."""
    other = evaluator.without(rule)
    if not isinstance(rule, Setting):
        verdict = evaluator.side(rule.decision, rule.side, case).verdict
        return other.side(rule.decision, rule.side, case).verdict is verdict
    place = _place_in(evaluator.policy_set, rule.region)
    assert place is not None, "the rule applies somewhere"
    return all(
        other.parameter(setting.parameter, place, case).outcome
        == evaluator.parameter(setting.parameter, place, case).outcome
        for setting in evaluator.policy_set.settings.values()
        if setting.name == rule.name
    )


def _place_in(policy_set: PolicySet, region: str) -> str | None:
    """A region in or below the given one that a fact can have, if any."""
    return next(members(policy_set, Area(region)), None)


# --- Findings ----------------------------------------------------------------------------------------------


def _redundancy(reporter: Reporter, rule: Ruling, cover: Sequence[Rule]) -> Diagnostic:
    """A warning for the author of the rule; a note if other policies have made it redundant, which may stay so."""
    rules = (rule, *cover)
    elsewhere = bool(cover) and all(other.policy != rule.policy for other in cover)
    names = tuple(other.name for other in cover)
    help_ = text("PC402.recorded") if elsewhere else text("PC402.help")
    if not cover:
        message, help_ = text("PC402.met", rule=rule.name), text("PC402.help_met")
    elif isinstance(rule, Setting):
        message = text("PC402.value", rule=rule.name, rules=names)
    else:
        message = text("PC402.verdict", rule=rule.name, rules=names)
    return Diagnostic(
        CODES["PC402"],
        message,
        Label(rule.span, text("PC402.idle")),
        tuple(Label(other.span, text("PC402.covers")) for other in cover),
        tuple(reporter.cite_notes(rules)),
        help_,
        Finding(
            decision=None if isinstance(rule, Setting) else rule.decision,
            side=None if isinstance(rule, Setting) else rule.side,
            rules=tuple(other.name for other in rules),
            cites=reporter.cites(rules),
            regions=None,
            dates=None,
        ),
        Severity.NOTE if elsewhere else None,
    )


CHECK = Check(("PC402",), 85, begin)
