"""Cases that no row of a table takes (PC406).

A row *takes* a case if it surely applies; only certain gaps are reported.
"""

from __future__ import annotations

from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Table

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion
from ..reporter import Reporter
from .table_terms import Answers, TableTerms, claim_of, possibility_in


def table_gap(reporter: Reporter, table: Table) -> Analysis:
    """PC406 for one table: a case that meets the table's own conditions and that no row takes."""
    places, kind = reporter.places.of(table), f"PC406 {table.name}"

    def conclude(results: ReachabilityResults) -> Conclusion:
        found = next((place for place in places or ("",) if (kind, place) in results), None)
        if found is None:
            proof = Proof(ProofKind.TABLE_COMPLETE, table.name, None, None, results.proved(kind))
            return Conclusion(proofs=[proof])
        return Conclusion([partial(_gap, reporter, table, found, results.parts((kind, found)))])

    queries = [ReachabilityQuery(kind, place, partial(_untaken, kind, table, place)) for place in places or ("",)]
    return Analysis(Purpose(("PC406",), text("PC901.table-gaps"), table.span), kind, queries, conclude)


def _untaken(kind: str, table: Table, place: str, scope: CaseScope) -> dict[Key, Described]:
    if place and not scope.reaches(place, table.region):
        return {}
    return {(kind, place): TableTerms(scope, table, (place,) if place else ()).untaken}


def _gap(reporter: Reporter, table: Table, place: str, parts: Parts) -> Diagnostic | None:
    rules = (table, *(reporter.policy_set.rules[row.name] for row in table.rows))
    at = (place,) if place else ()

    def missed(answers: Answers) -> bool:
        return all(own is True and not any(row is not False for row in rows) for own, *rows in answers)

    return reporter.report(
        "PC406",
        text("PC406.headline", table=table.name),
        (table,),
        possibility_in(
            table,
            place,
            lambda scope: TableTerms(scope, table, at).untaken(),
            claim_of(rules, place, missed),
            parts,
        ),
        help_=text("PC406.help"),
    )


CHECK = Check(
    ("PC406",),
    40,
    lambda reporter: [table_gap(reporter, table) for table in reporter.policy_set.tables.values()],
    shown=("PC406",),
)
