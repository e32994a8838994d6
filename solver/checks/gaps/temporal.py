"""Days on which nothing sets a parameter, between two periods in which something does (PC404).

Exact arithmetic on the periods of its sets and tables, region by region, without cases or solver. Conditions are
ignored: a set counts if it is in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from policyc.dsl.diagnostics.diagnostic import CODES, DateSpan, Diagnostic, Finding, Label, text
from policyc.dsl.model import DATE, FIRST_DAY, LAST_DAY, Fact, Parameter, Period, PolicySet, Rule

from ...backends.second_opinion import Purpose
from ...encoding.symbolic_case import Area
from ...engine.extent import areas, cover
from ..form import Asking, Check, Found
from ..reporter import Reporter


@dataclass(frozen=True, slots=True)
class _Gap:
    """Days without a value, and the rules that end on the day before and begin on the day after."""

    days: Period
    before: tuple[str, ...]
    after: tuple[str, ...]


def begin(reporter: Reporter) -> Iterator[Asking]:
    purpose = Purpose(("PC404",), text("PC901.temporal-gaps"), None)
    yield Asking(purpose, partial(temporal_gaps, reporter))


def temporal_gaps(reporter: Reporter) -> Found:
    """PC404: one finding for each parameter and the rules on both sides of a gap, with all its regions."""
    policy_set = reporter.policy_set
    fact = policy_set.facts.get(DATE)
    if fact is None:
        return [], []
    on = reporter.context.known.get(DATE)
    assert on is None or isinstance(on, int)
    findings = []
    for parameter in policy_set.parameters.values():
        rules = _setting(policy_set, parameter)
        divided = areas(policy_set, {rule.region for rule in rules.values()})
        found: dict[_Gap, list[Area]] = {}
        for area in divided:
            in_area = (rule for rule in rules.values() if policy_set.regions.within(area.top, rule.region))
            for gap in _gaps(list(in_area)):
                found.setdefault(gap, []).append(area)
        for gap, where in found.items():
            days = gap.days.intersection(Period(fact.low, fact.high))
            if not days.empty and (on is None or on in days):
                regions = cover(policy_set, divided, where)
                sides = [rules[name] for name in gap.before], [rules[name] for name in gap.after]
                findings.append(_gap_finding(reporter, parameter, sides, days, fact, regions))
    return findings, []


def _setting(policy_set: PolicySet, parameter: Parameter) -> dict[str, Rule]:
    """The rules that set a parameter, by name: sets, and whole tables, since all rows have one period."""
    found: dict[str, Rule] = {}
    for setting in policy_set.settings.values():
        if setting.parameter == parameter.name:
            rule = setting if setting.table is None else policy_set.tables[setting.table]
            found[rule.name] = rule
    return found


def _gaps(rules: list[Rule]) -> Iterator[_Gap]:
    """The gaps between the periods of rules, in order of time."""
    spans = sorted((_first(rule), _last(rule)) for rule in rules)
    reached = spans[0][1] if spans else LAST_DAY
    for first, last in spans:
        if first > reached + 1:
            before = tuple(rule.name for rule in rules if _last(rule) == reached)
            after = tuple(rule.name for rule in rules if _first(rule) == first)
            yield _Gap(Period(reached + 1, first - 1), before, after)
        reached = max(reached, last)


def _first(rule: Rule) -> int:
    return FIRST_DAY if rule.period.first is None else rule.period.first


def _last(rule: Rule) -> int:
    return LAST_DAY if rule.period.last is None else rule.period.last


def _gap_finding(
    reporter: Reporter,
    parameter: Parameter,
    sides: tuple[list[Rule], list[Rule]],
    days: Period,
    fact: Fact,
    regions: tuple[str, ...],
) -> Diagnostic:
    before, after = sides
    first, last = _day(days.first), _day(days.last)
    key = "PC404.day" if first == last else "PC404.headline"
    labels = [
        *(Label(rule.span, text("PC404.ends", day=_day(rule.period.last))) for rule in before),
        *(Label(rule.span, text("PC404.begins", day=_day(rule.period.first))) for rule in after),
    ]
    rules = [*before, *after]
    return Diagnostic(
        CODES["PC404"],
        text(key, parameter=parameter.name, first=first, last=last),
        labels[0],
        tuple(labels[1:]),
        tuple(reporter.cite_notes(rules)),
        text("PC404.help", parameter=parameter.name),
        Finding(
            rules=tuple(rule.name for rule in rules),
            cites=reporter.cites(rules),
            regions=regions,
            dates=(DateSpan(None if days.first == fact.low else first, None if days.last == fact.high else last),),
        ),
    )


def _day(day: int | None) -> str:
    assert day is not None, "a gap lies between two days"
    return date.fromordinal(day).isoformat()


CHECK = Check(("PC404",), 110, begin)
