"""Runs the passes of name resolution and typing in order, from source trees to the checked set.

In: the trees of one run and the rows of their region tables. Out: a `PolicySet` and all mistakes found. Statements with
mistakes are missing from the set, so it can be asked questions only if there are no errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..diagnostics.diagnostic import Diagnostic, Severity, report, text
from ..model import DATE, DAY, REGION, Define, PolicySet
from ..syntax.confusables import look_alikes_across
from ..syntax.region_table import RegionRow
from ..syntax.tree import SourceTree
from .analysis.cell_bounds import cells_out_of_bounds
from .analysis.citations import citation_findings
from .analysis.cycles import dependency_cycles, mutual_exceptions
from .analysis.unused import unused_names
from .properties import read_properties
from .scope import PendingDefine, text_of
from .statements import Rules, read_policies
from .vocabulary import Vocabulary, read_vocabulary
from .wording.titles import Titled, english


def compile_set(trees: Sequence[SourceTree], tables: Iterable[RegionRow]) -> tuple[PolicySet, list[Diagnostic]]:
    """The checked set, and all findings that need no solver."""
    vocabulary = read_vocabulary(trees, tables)
    rules = read_policies(trees, vocabulary)
    properties = read_properties(trees, vocabulary, _nameable(vocabulary, rules))
    policy_set = PolicySet(
        files=tuple(tree.file for tree in trees),
        regions=vocabulary.scope.regions,
        enums={enum.name: enum for enum in vocabulary.scope.enums.values()},
        records=vocabulary.records,
        record_english=vocabulary.record_english,
        facts=vocabulary.facts,
        parameters=vocabulary.parameters,
        decisions=vocabulary.decisions,
        defines={
            name: define
            for name, pending in vocabulary.scope.defines.items()
            if isinstance(pending, PendingDefine) and (define := _define(name, pending)) is not None
        },
        axioms=tuple(vocabulary.axioms),
        ranks=vocabulary.rank_titles,
        rank_english=vocabulary.rank_english,
        precedence=vocabulary.precedence,
        sources=rules.sources,
        policies=rules.policies,
        norms=rules.norms,
        requirements=rules.requirements,
        mandates=rules.mandates,
        settings=rules.settings,
        tables=rules.tables,
        assertions=tuple(properties.assertions),
        tests=tuple(properties.tests),
        acknowledgements=tuple(properties.acknowledgements),
    )
    diagnostics = [
        *vocabulary.diagnostics,
        *_date_problems(vocabulary, rules),
        *_region_problems(vocabulary),
    ]
    if any(diagnostic.level is Severity.ERROR for diagnostic in diagnostics):
        return policy_set, diagnostics  # missing rules would cause false findings such as uncited clauses
    diagnostics += [*dependency_cycles(policy_set), *mutual_exceptions(policy_set), *citation_findings(policy_set)]
    diagnostics += cells_out_of_bounds(policy_set)
    diagnostics += look_alikes_across(trees)
    diagnostics += unused_names(policy_set, vocabulary.scope.read, vocabulary.rank_spans)
    return policy_set, diagnostics


def _nameable(vocabulary: Vocabulary, rules: Rules) -> list[str]:
    """The names, mostly of policies, that a finding can mention."""
    clauses = [clause.name for source in rules.sources.values() for clause in source.clauses]
    settings = [setting.name for setting in rules.settings.values()]
    named = [*rules.norms, *rules.requirements, *rules.mandates, *settings, *rules.tables]
    return [*named, *rules.sources, *clauses, *vocabulary.scope.defines, *vocabulary.rank_titles]


def _define(name: str, pending: PendingDefine) -> Define | None:
    if pending.value is None:
        return None
    title = pending.node.title
    return Define(
        name=name,
        title=text_of(title),
        english=english(pending.scope, title, Titled.expression(pending.value.type)),
        value=pending.value,
        policy=pending.policy,
        span=pending.span,
    )


def _region_problems(vocabulary: Vocabulary) -> list[Diagnostic]:
    """A region-valued fact needs a region other than a root."""
    if next(vocabulary.scope.regions.values(), None) is not None:
        return []
    return [
        report("PC105", text("PC105.no-region", name=fact.name), fact.span)
        for fact in vocabulary.facts.values()
        if fact.type == REGION
    ]


def _date_problems(vocabulary: Vocabulary, rules: Rules) -> list[Diagnostic]:
    """Periods need a fact `date` of type date."""
    date = vocabulary.facts.get(DATE)
    if date is not None:
        return [] if date.type == DAY else [report("PC103", text("PC103.date-fact"), date.span)]
    dated = [
        rule
        for table in (rules.norms, rules.requirements, rules.mandates, rules.settings)
        for rule in table.values()
        if rule.period.first is not None or rule.period.last is not None
    ]
    return [report("PC101", text("PC101.date-fact"), dated[0].span)] if dated else []
