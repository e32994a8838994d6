"""Rules without effect (PC402): removing one of them changes no verdict and no value.

`search.py` finds them part of the country by part, and `covers.py` what covers them; this module reports them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity, Text, Word, quoted, text
from policyc.dsl.model import Case, PolicySet, Rule, Setting
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.system.limits import Undecided

from ...backends.second_opinion import Purpose
from ...encoding.symbolic_case import Area
from ...engine.context import CaseScope
from ...engine.extent import members
from ...engine.reachability import ReachabilityResults, RegionPartition
from ...engine.rule_places import sides
from ...formula.terms import Term
from ..contradictions.unusable_permits import UnusablePermits
from ..form import Analysis, Asking, Check, Conclusion, Found, searching
from ..gaps.masked_rows import MaskedRows
from ..gaps.never_applies import NeverApplying
from ..reporter import Possibility, Reporter
from .covers import MOST_READ, Cover, covers_of, of_other_policies
from .groups import RuleGroup, Ruling, SideGroup, groups
from .search import Effects, effects_in


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
        effects = self._effects[group]
        if isinstance(effects, str):
            raise Undecided(effects)
        reported = [rule for rule in group.rules if rule.name in effects.redundant and rule.name not in self.spoken_of]
        known = [found for found in self._effects.values() if isinstance(found, Effects)]
        redundant = frozenset[str]().union(*(found.redundant for found in known))
        covers = covers_of(self.reporter.context, group, reported, effects.met, redundant)
        circles = _circles({name: cover.rules for name, cover in covers.items()})
        found = [_redundancy(self.reporter, rule, covers[rule.name], circles.get(rule.name, ())) for rule in reported]
        return [finding for finding in found if finding is not None], []


# --- Cases -------------------------------------------------------------------------------------------------


def _possibility(reporter: Reporter, rule: Ruling, cover: Sequence[Rule], fact: str) -> Possibility:
    """That a rule surely applies and makes no difference, in the region of a fact or, without one, in a region of its
    own; better where a rule that covers it applies, too."""
    anywhere = _place_in(reporter.policy_set, rule.region)

    def applies(rules: Sequence[Rule], scope: CaseScope) -> Term:
        place = scope.symbolic.region(fact) if fact else scope.symbolic.place(str(anywhere))
        return scope.factory.or_(scope.rules.apply_together([one], place) for one in rules)

    def claim(evaluator: Evaluator, case: Case) -> bool:
        region = str(case[fact] if fact else anywhere)
        return evaluator.applying(rule, region, case) and _unchanged(evaluator, case, rule, region)

    def covered(evaluator: Evaluator, case: Case) -> bool:
        return any(evaluator.applying(other, str(case[fact] if fact else anywhere), case) for other in cover)

    return Possibility(
        partial(applies, [rule]),
        claim,
        None if isinstance(rule, Setting) else rule.decision,
        fact,
        rule.region,
        rule.period,
        preferred=(partial(applies, cover), covered) if cover else None,
    )


def _unchanged(evaluator: Evaluator, case: Case, rule: Ruling, region: str) -> bool:
    """Whether a rule makes no difference in a case."""
    other = evaluator.without(rule)
    if not isinstance(rule, Setting):
        verdict = evaluator.side(rule.decision, rule.side, case).verdict
        return other.side(rule.decision, rule.side, case).verdict is verdict
    return all(
        other.parameter(setting.parameter, region, case).outcome
        == evaluator.parameter(setting.parameter, region, case).outcome
        for setting in evaluator.policy_set.settings.values()
        if setting.name == rule.name
    )


def _place_in(policy_set: PolicySet, region: str) -> str | None:
    """A region in or below the given one that a fact can have, if any."""
    return next(members(policy_set, Area(region)), None)


# --- Findings ----------------------------------------------------------------------------------------------


def _circles(covers: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The rules of which not all may go: for each rule that, by way of what covers it, helps to cover itself, those of
    its circle, itself the first. Any others may go together, each while what covers it is there."""
    reached = {name: list(cover) for name, cover in covers.items()}
    for found in reached.values():
        for other in found:
            found += [name for name in covers.get(other, ()) if name not in found]
    return {
        name: (name, *(other for other in found if other != name and name in reached.get(other, ())))
        for name, found in reached.items()
        if name in found
    }


def _redundancy(reporter: Reporter, rule: Ruling, cover: Cover, circle: tuple[str, ...]) -> Diagnostic | None:
    """A warning for the author of the rule; a note if other policies have made it redundant, which may stay so. Of a
    circle of rules that cover each other the author is told that not all may go.
    `None` if the rule surely applies in no case: it is only ever in doubt, because of a value that is not set, which
    PC405 reports."""
    every = reporter.policy_set.rules
    rules = [every[name] for name in cover.rules]
    elsewhere = of_other_policies(reporter.policy_set, rule, cover)
    message, help_ = _message(rule, cover), text("PC402.help" if cover.beside else "PC402.help_met")
    if elsewhere:
        help_ = text("PC402.recorded")
    if circle:
        some = text("PC402.one" if len(circle) == 2 else "PC402.some", rules=quoted(circle))
        message = text("PC402.circle", found=message, some=some)
        help_ = text("PC402.recorded_circle" if elsewhere else "PC402.help_circle")
    labels = [text("PC402.covers") for _ in cover.beside]
    labels += [text("PC402.is_read", topic=topic) for topic in cover.read.values()]
    for fact in reporter.places.of(rule) or ("",):
        if not fact and _place_in(reporter.policy_set, rule.region) is None:
            continue
        finding = reporter.report(
            "PC402",
            message,
            (rule, *rules),
            _possibility(reporter, rule, [every[name] for name in cover.beside], fact),
            side=None if isinstance(rule, Setting) else rule.side,
            labels=[text("PC402.idle"), *labels],
            help_=help_,
        )
        if finding is not None:
            return _with_doubts(replace(finding, severity=Severity.NOTE if elsewhere else None), cover)
    return None


def _message(rule: Ruling, cover: Cover) -> Text:
    """That a rule has no effect, and because of which others; of those that are read, by way of what."""
    read = [text("PC402.through", rule=name, topic=topic) for name, topic in cover.read.items()]
    rules: tuple[Word, ...] = (*quoted(cover.beside), *read)
    if not rules:
        return text("PC402.met", rule=rule.name)
    if not cover.beside:
        return text("PC402.met_with", rule=rule.name, rules=rules)
    return text("PC402.value" if isinstance(rule, Setting) else "PC402.verdict", rule=rule.name, rules=rules)


def _with_doubts(finding: Diagnostic, cover: Cover) -> Diagnostic:
    """The same with what was not found out about its cover."""
    known, notes = finding.finding, finding.notes
    if cover.given:
        return replace(finding, notes=(*notes, text("PC402.given", most=str(MOST_READ))))
    if cover.cut:
        known = replace(known, cut=(*known.cut, "cover"))
        return replace(finding, notes=(*notes, text("finding.cut-cover")), finding=known)
    return finding


CHECK = Check(("PC402",), 85, begin)
