"""Unused names (PC107): defines, parameters, sources, ranks.

In: the checked set, the names that expressions read, and the places of the ranks. Out: a diagnostic for each unused
name. Unreadable text may use a name, so the pass is for sets without errors only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ...diagnostics.diagnostic import Diagnostic, Finding, report, text
from ...diagnostics.source import Span
from ...model import PolicySet


def unused_names(policy_set: PolicySet, read: Collection[str], ranks: Mapping[str, Span]) -> list[Diagnostic]:
    """PC107. Setting a parameter does not use it; a clause declared as unmodelled uses its source. Files that are read
    only because others use them are libraries, whose declarations need not all be used."""
    cited = {clause.source for rule in policy_set.rules.values() for clause in rule.cites}
    levels = {source.rank for source in policy_set.sources.values()}
    unused: list[tuple[str, str, Span]] = []
    for define in policy_set.defines.values():
        if define.name not in read:
            unused.append(("define", define.name, define.span))
    for parameter in policy_set.parameters.values():
        if parameter.name not in read:
            unused.append(("parameter", parameter.name, parameter.span))
    for source in policy_set.sources.values():
        accounted_for = any(clause.unmodelled is not None for clause in source.clauses)
        if source.name not in cited and not accounted_for:
            unused.append(("source", source.name, source.span))
    for level, (rank, span) in enumerate(ranks.items()):
        if level not in levels:
            unused.append(("rank", rank, span))
    return [_unused(what, name, span) for what, name, span in unused if not span.file.used]


def _unused(what: str, name: str, span: Span) -> Diagnostic:
    diagnostic = report("PC107", text(f"PC107.{what}", name=name), span, help=text(f"PC107.{what}-help"))
    return replace(diagnostic, finding=Finding(rules=(name,)))
