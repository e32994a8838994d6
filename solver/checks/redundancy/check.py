"""Rules without effect (PC402): without one of them every verdict and every value would be the same.

Which these are, and what covers them, is found part of the country by part (`search.py`) and told here.
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
    """Once it is known of which rules other codes speak: PC401 says that they never apply, PC407 that their row is
    masked, PC305 that nobody can use the permission. Of the cases of one day that may be others than those codes
    tell."""
    yield Analysis(SEARCH, "PC402", (), partial(_others, reporter))


SEARCH = searching(["PC402"])

#: What other codes say of rules.
Speaking = NeverApplying | MaskedRows | UnusablePermits


def _others(reporter: Reporter, known: ReachabilityResults) -> Conclusion:
    """What to look for that has not been looked for already."""
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
    """What to ask of each group of rules, once it is known which of them have no effect."""
    every = known.joined(results)
    spoken_of = frozenset[str]().union(*(other.names(every) for other in others))
    rules = RedundantRules(reporter, spoken_of)
    rules.search(SEARCH)
    return Conclusion(
        askings=[Asking(_purpose(group), partial(rules.findings, group)) for group in rules.groups]
    )


def _purpose(group: RuleGroup) -> Purpose:
    """Whose effect is asked about, and where it is declared."""
    if isinstance(group, SideGroup):
        decision, side = group.decision, group.side
        what = text("PC901.effect", decision=decision.name, side=side.name)
        return Purpose(("PC402",), what, side.span)
    return Purpose(("PC402",), text("PC901.effect-of-settings"), None)


class RedundantRules:
    """The rules without effect; `spoken_of` are those of which other codes speak."""

    def __init__(self, reporter: Reporter, spoken_of: Collection[str]) -> None:
        self.reporter = reporter
        self.spoken_of = spoken_of
        self.groups = groups(reporter.context)
        #: By matter, which of its rules change nothing, or why that could not be decided.
        self._idle: dict[RuleGroup, Effects | str] = {}

    def search(self, purpose: Purpose) -> None:
        """Finds out which rules have effect, part of the country by part."""
        context, division = self.reporter.context, RegionPartition(self.reporter.context)
        errands = [(group, part) for group in self.groups for part in group.parts(division)]
        tasks = [partial(effects_in, context, purpose, group, part) for group, part in errands]
        results = context.share(tasks)
        for (group, _), found in zip(errands, results, strict=True):
            so_far = self._idle.get(group, found)
            self._idle[group] = (
                so_far if isinstance(so_far, str) else found if isinstance(found, str) else so_far.both(found)
            )

    def findings(self, group: RuleGroup) -> Found:
        """The rules of one matter that have no effect, and what covers them."""
        every, effects = self.reporter.policy_set.rules, self._idle[group]
        if isinstance(effects, str):
            raise Undecided(effects)
        told = [
            rule
            for rule in group.rules
            if rule.name in effects.idle
            and rule.name not in self.spoken_of
            and _confirmed(self.reporter, rule)
        ]
        covered = [rule for rule in told if rule.name not in effects.met]
        interactions_of = list(
            group.interactions_of(self.reporter.context, None, [rule.region for rule in covered])
        )
        covers = Covering(interactions_of, effects.idle, every).covers(covered)
        return [
            _finding(self.reporter, rule, [every[name] for name in covers.get(rule.name, ())])
            for rule in told
        ], []


# --- Replay ------------------------------------------------------------------------------------------------


def _confirmed(reporter: Reporter, rule: Ruling) -> bool:
    """Holds an idle rule against the reference evaluator, in a case in which it surely applies. If there is none
    it is only ever in doubt, because of a value that is not set: of that PC405 speaks."""
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
    """A region, in or below one, that a fact can have, if there is any."""
    return next(members(policy_set, Area(region)), None)


# --- Findings ----------------------------------------------------------------------------------------------


def _finding(reporter: Reporter, rule: Ruling, cover: Sequence[Rule]) -> Diagnostic:
    """A warning for the author of the rule; a note where other policies have ruled it out, which he may leave."""
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
        ),
        Severity.NOTE if elsewhere else None,
    )


CHECK = Check(("PC402",), 85, begin)
