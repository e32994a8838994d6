"""Rules that cite nothing (PC201) and clauses that no rule cites (PC202)."""

from __future__ import annotations

from dataclasses import replace

from ...diagnostics.diagnostic import Diagnostic, Finding, report, text
from ...model import PolicySet


def citation_findings(policy_set: PolicySet) -> list[Diagnostic]:
    return [*_uncited_rules(policy_set), *_uncited_clauses(policy_set)]


def _uncited_rules(policy_set: PolicySet) -> list[Diagnostic]:
    found = []
    tables: set[str] = set()
    for rule in [
        *policy_set.norms.values(),
        *policy_set.requirements.values(),
        *policy_set.mandates.values(),
        *policy_set.settings.values(),
    ]:
        if rule.cites:
            continue
        name = getattr(rule, "table", None) or rule.name  # a table has its citations in common
        if name in tables:
            continue
        tables.add(name)
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


def _with_rules(diagnostic: Diagnostic, name: str) -> Diagnostic:
    return replace(diagnostic, finding=Finding(rules=(name,)))
