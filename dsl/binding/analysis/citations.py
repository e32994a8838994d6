"""Rules that cite nothing (PC201), clauses that no rule cites (PC202), and rules in force before the date of every source
that they cite (PC203)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ...diagnostics.diagnostic import Diagnostic, Finding, Label, report, text
from ...model import DATE, PolicySet, Rule, Source

#: The most rules of one finding that are pointed at; all are counted.
_MOST_SHOWN = 5

#: A rule by name, and the day from which it is in force.
_Older = tuple[str, Rule, int]


def citation_findings(policy_set: PolicySet) -> list[Diagnostic]:
    return [*_uncited_rules(policy_set), *_uncited_clauses(policy_set), *_older_than_sources(policy_set)]


def _citing(policy_set: PolicySet) -> Iterator[tuple[str, Rule]]:
    """Whatever can cite, each once and by name: a table has its citations in common."""
    known: set[str] = set()
    for rule in [
        *policy_set.norms.values(),
        *policy_set.requirements.values(),
        *policy_set.mandates.values(),
        *policy_set.settings.values(),
    ]:
        name = getattr(rule, "table", None) or rule.name
        if name not in known:
            known.add(name)
            yield name, rule


def _uncited_rules(policy_set: PolicySet) -> list[Diagnostic]:
    found = []
    for name, rule in _citing(policy_set):
        if not rule.cites:
            diagnostic = report("PC201", text("PC201.rule", name=name), rule.span, help=text("PC201.help"))
            found.append(_with_rules(diagnostic, name))
    return found


def _uncited_clauses(policy_set: PolicySet) -> list[Diagnostic]:
    cited = {clause.name for rule in policy_set.rules.values() for clause in rule.cites}
    found = []
    for source in policy_set.sources.values():
        for clause in source.clauses:
            if clause.unmodelled is None and clause.name not in cited:
                message = text("PC202.clause", name=clause.name)
                diagnostic = report("PC202", message, clause.span, help=text("PC202.help"))
                found.append(_with_rules(diagnostic, clause.name))
    return found


def _older_than_sources(policy_set: PolicySet) -> list[Diagnostic]:
    """The rules that wait for one source have one finding in common, called after the source: whoever accepts that a text
    of that day tells what was the rule before accepts it for all of them."""
    fact = policy_set.facts.get(DATE)
    if fact is None or fact.low is None:
        return []
    waiting: dict[str, list[_Older]] = {}
    for name, rule in _citing(policy_set):
        days = [(source.dated, source) for source in rule.sources if source.dated is not None]
        if not days or len(days) < len(rule.sources):
            continue  # a source without a date counts as the earliest
        begins = fact.low if rule.period.first is None else max(fact.low, rule.period.first)
        dated, source = min(days, key=lambda pair: pair[0])
        if begins < dated:
            waiting.setdefault(source.name, []).append((name, rule, begins))
    return [_older(policy_set.sources[source], rules) for source, rules in waiting.items()]


def _older(source: Source, rules: list[_Older]) -> Diagnostic:
    (name, rule, begins), *others = rules
    assert source.dated is not None
    message = text(
        "PC203.rules" if others else "PC203.rule",
        name=name,
        others=len(others),
        begins=_day(begins),
        source=source.title or source.own_name,
        dated=_day(source.dated),
    )
    diagnostic = report("PC203", message, rule.span, help=text("PC203.help", source=source.name))
    labels = tuple(
        Label(other.span, text("PC203.label", begins=_day(day))) for _, other, day in others[: _MOST_SHOWN - 1]
    )
    return replace(_with_rules(diagnostic, source.name), secondary=labels)


def _day(day: int) -> str:
    return date.fromordinal(day).isoformat()


def _with_rules(diagnostic: Diagnostic, name: str) -> Diagnostic:
    return replace(diagnostic, finding=Finding(rules=(name,)))
