"""Cases that no row of a table takes (PC406).

A row *takes* a case if it surely applies; only certain gaps are reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity, Text, quoted, text
from policyc.dsl.model import Case, FactValue, Table
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, Undetermined
from policyc.dsl.system.limits import Undecided, share_of_time

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...report.describe import value_name
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion
from ..reporter import Possibility, Reporter
from .gap_boxes import box_data, box_text, column_name, gaps_of
from .table_terms import Answers, TableTerms, claim_of, possibility_in, without_value

#: The most gaps that are told in words; all are counted.
_MOST_SHOWN = 8


def table_gap(reporter: Reporter, table: Table) -> Analysis:
    """PC406 for one table: a case that meets the table's own conditions and that no row takes."""
    places, kind = reporter.places.of(table), f"PC406 {table.name}"

    def conclude(results: ReachabilityResults) -> Conclusion:
        found = {place: results.parts((kind, place)) for place in places or ("",) if (kind, place) in results}
        if not found:
            proof = Proof(ProofKind.TABLE_COMPLETE, table.name, None, None, results.proved(kind))
            return Conclusion(proofs=[proof])
        return Conclusion([partial(_gap, reporter, table, found)])

    queries = [ReachabilityQuery(kind, place, partial(_untaken, kind, table, place)) for place in places or ("",)]
    return Analysis(Purpose(("PC406",), text("PC901.table-gaps"), table.span), kind, queries, conclude)


def _untaken(kind: str, table: Table, place: str, scope: CaseScope) -> dict[Key, Described]:
    if place and not scope.reaches(place, table.region):
        return {}
    return {(kind, place): TableTerms(scope, table, (place,) if place else ()).untaken}


def _gap(reporter: Reporter, table: Table, found: Mapping[str, Parts]) -> Diagnostic | None:
    """The gaps of a table; those at a place where nothing else gives a value come first."""
    possibilities = [_possibility(reporter, table, place, parts) for place, parts in found.items()]
    wanting = [one for one in possibilities if _is_wanting(reporter, table, one)]
    possibility = wanting[0] if wanting else replace(possibilities[0], preferred=None)
    diagnostic = reporter.report(
        "PC406",
        text("PC406.headline", table=table.name),
        (table,),
        possibility,
        help_=text("PC406.help"),
        completed=partial(_with_gaps, reporter, table, possibilities),
    )
    if diagnostic is None or wanting:
        return diagnostic
    note = text("PC406.set-elsewhere", parameters=quoted(table.parameters))
    return replace(diagnostic, severity=Severity.NOTE, notes=(*diagnostic.notes, note))


def _possibility(reporter: Reporter, table: Table, place: str, parts: Parts) -> Possibility:
    rules = (table, *(reporter.policy_set.rules[row.name] for row in table.rows))

    def missed(answers: Answers) -> bool:
        return all(own is True and not any(row is not False for row in rows) for own, *rows in answers)

    def lacks_value(evaluator: Evaluator, case: Case) -> bool:
        outcomes = (evaluator.parameter(name, str(case[place]), case).outcome for name in table.parameters)
        return any(isinstance(outcome, Undetermined) for outcome in outcomes)

    possibility = possibility_in(
        table,
        place,
        lambda scope: TableTerms(scope, table, (place,) if place else ()).untaken(),
        claim_of(rules, place, missed),
        parts,
    )
    if not place:
        return possibility
    return replace(possibility, preferred=(lambda scope: without_value(scope, table, place), lacks_value))


def _is_wanting(reporter: Reporter, table: Table, possibility: Possibility) -> bool:
    """Whether a gap leaves a parameter without a value; so it may, where the places are not known or time is short."""
    if not possibility.place:
        return True
    clearest = possibility.at_its_clearest()
    try:
        with share_of_time(0.3):
            return any(scope.possible([clearest.describe(scope)]) for scope in reporter.scopes(possibility))
    except Undecided:
        return True


def _with_gaps(
    reporter: Reporter, table: Table, possibilities: Sequence[Possibility], diagnostic: Diagnostic, case: Case
) -> Diagnostic:
    """The finding with all gaps, and the values of computed columns in its example."""
    policy_set, finding = reporter.policy_set, diagnostic.finding
    try:
        with share_of_time(0.5):
            gaps = gaps_of(reporter, table, possibilities, case)
    except Undecided:
        notes = (*diagnostic.notes, *_computed(reporter, table, case), text("finding.cut-gaps"))
        return replace(diagnostic, notes=notes, finding=replace(finding, gaps=None, cut=(*finding.cut, "gaps")))
    columns = gaps.grid.columns
    notes_ = [text("PC406.gap", gap=box_text(policy_set, columns, box)) for box in gaps.boxes[:_MOST_SHOWN]]
    left = len(gaps.boxes) - len(notes_)
    if left or not gaps.complete:
        notes_.append(text("PC406.more" if gaps.complete else "PC406.at-least", count=left))
    notes_ += [*diagnostic.notes, *_computed(reporter, table, case)]
    data = tuple(box_data(policy_set, columns, box) for box in gaps.boxes)
    cut = finding.cut if gaps.complete else (*finding.cut, "gaps")
    return replace(diagnostic, notes=tuple(notes_), finding=replace(finding, gaps=data, cut=cut))


def _computed(reporter: Reporter, table: Table, case: Case) -> Iterator[Text]:
    """The values of columns that are no facts."""
    values = []
    for column in table.columns:
        outcome = reporter.context.evaluator.value(column, case)
        if not isinstance(column, FactValue) and not isinstance(outcome, Undetermined | Conflicting):
            value = value_name(reporter.policy_set, column.type, outcome)
            values.append(text("story.value", name=column_name(reporter.policy_set, column), value=value))
    if values:
        yield text("PC406.computed", columns=tuple(values))


CHECK = Check(
    ("PC406",),
    40,
    lambda reporter: [table_gap(reporter, table) for table in reporter.policy_set.tables.values()],
    shown=("PC406",),
)
