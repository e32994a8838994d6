"""Names that nothing uses (PC107): defines, parameters, sources, ranks.

In: the checked set, the names that expressions read, and the places of the ranks. Out: a diagnostic for each
name that is declared in vain. What stands in text that could not be read may use it, so the pass is for sets
without errors only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ...diagnostics.diagnostic import Diagnostic, Finding, report, text
from ...diagnostics.source import Span
from ...model import PolicySet


def unused_names(policy_set: PolicySet, read: Collection[str], ranks: Mapping[str, Span]) -> list[Diagnostic]:
    """PC107. To set a parameter is no use of it; a clause that is set aside accounts for its source. What a
    file declares that is read only because others use it is on offer, and need not all be taken."""
    cited = {clause.source for rule in policy_set.rules.values() for clause in rule.cites}
    levels = {source.rank for source in policy_set.sources.values()}
    idle: list[tuple[str, str, Span]] = []
    for define in policy_set.defines.values():
        if define.name not in read:
            idle.append(("define", define.name, define.span))
    for parameter in policy_set.parameters.values():
        if parameter.name not in read:
            idle.append(("parameter", parameter.name, parameter.span))
    for source in policy_set.sources.values():
        accounted_for = any(clause.unmodelled is not None for clause in source.clauses)
        if source.name not in cited and not accounted_for:
            idle.append(("source", source.name, source.span))
    for level, (rank, span) in enumerate(ranks.items()):
        if level not in levels:
            idle.append(("rank", rank, span))
    return [_unused(what, name, span) for what, name, span in idle if not span.file.used]


def _unused(what: str, name: str, span: Span) -> Diagnostic:
    diagnostic = report("PC107", text(f"PC107.{what}", name=name), span, help=text(f"PC107.{what}-help"))
    return replace(diagnostic, finding=Finding(rules=(name,)))
