"""Rows of tables that other rows mask (PC407).

A check of one day covers the tables in force on that day, but asks about all days: a row may matter on another day.
"""

from __future__ import annotations

from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, quoted, text
from policyc.dsl.model import Row, Table
from policyc.dsl.model.regions import RegionIndex

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.minimize import minimal_subset
from ...engine.reachability import Described, Key, ReachabilityQuery, ReachabilityResults
from ...formula.terms import Term
from ..form import Analysis, Check, Conclusion
from ..reporter import Reporter
from .table_terms import Answers, TableTerms, claim_of, possibility_in


class MaskedRows:
    """The rows of a set that other rows of their tables mask."""

    kind = "PC407"

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        tables = filter(reporter.in_force_then, reporter.policy_set.tables.values())
        self._tables = RegionIndex(tables, reporter.policy_set.regions)
        facts = dict.fromkeys(fact for table in self._tables.rules for fact in self._facts(table))
        self.queries = tuple(
            ReachabilityQuery(self.kind, fact, partial(self._describe, fact), once=True) for fact in facts
        )

    @property
    def analysis(self) -> Analysis:
        purpose = Purpose((self.kind,), text("PC901.masked-rows"), None)
        return Analysis(purpose, self.kind, self.queries, self._conclude, always=True)

    def names(self, results: ReachabilityResults) -> frozenset[str]:
        """The rows that were found to be masked."""
        return frozenset(row.name for _, row in self._masked(results))

    def _facts(self, table: Table) -> tuple[str, ...]:
        return self.reporter.places.of(table) or ("",)

    def _describe(self, fact: str, scope: CaseScope) -> dict[Key, Described]:
        found: dict[Key, Described] = {}
        at = (fact,) if fact else ()
        for table in scope.near(fact, self._tables):
            if fact not in self._facts(table):
                continue
            terms = TableTerms(scope, table, at)
            for row in table.rows:
                found[self.kind, row.name, "takes"] = partial(terms.taken, row)
                found[self.kind, row.name, "alone"] = partial(terms.taken, row, _others(table, row))
        return found

    def _masked(self, results: ReachabilityResults) -> list[tuple[Table, Row]]:
        """The rows that take some case, but no case that no other row takes."""
        return [
            (table, row)
            for table in self._tables.rules
            for row in table.rows
            if (self.kind, row.name, "takes") in results and not results.may_be((self.kind, row.name, "alone"))
        ]

    def _conclude(self, results: ReachabilityResults) -> Conclusion:
        return Conclusion([partial(self._masked_row, table, row) for table, row in self._masked(results)])

    def _masked_row(self, table: Table, row: Row) -> Diagnostic | None:
        policy_set, masks = self.reporter.policy_set, self._masks(table, row)
        rules = tuple(policy_set.rules[one.name] for one in (row, *masks))

        def masked(answers: Answers) -> bool:
            taking = [others for mine, *others in answers if mine is True]
            return bool(taking) and all(True in others for others in taking)

        for place in self._facts(table):
            describe = partial(_taken, table, row, (place,) if place else ())
            finding = self.reporter.report(
                "PC407",
                text("PC407.headline", row=row.name, rows=quoted(mask.name for mask in masks)),
                rules,
                possibility_in(table, place, describe, claim_of(rules, place, masked)),
                labels=[text("PC407.masked"), *(text("PC407.takes") for _ in masks)],
                help_=text("PC407.help"),
            )
            if finding is not None:
                return finding
        return None

    def _masks(self, table: Table, row: Row) -> list[Row]:
        """A minimal set of rows that together take every case that a row takes."""
        scope = self.reporter.always.scope
        terms = TableTerms(scope, table, self.reporter.places.of(table))
        mine = terms.taken(row)
        # Rows whose conditions syntactically contradict this one need no question.
        others = [
            other
            for other in _others(table, row)
            if scope.factory.and_((mine, terms.taken(other))) is not scope.factory.false
        ]
        return minimal_subset(others, lambda rest: not scope.possible([terms.taken(row, rest)]))


def _taken(table: Table, row: Row, places: tuple[str, ...], scope: CaseScope) -> Term:
    return TableTerms(scope, table, places).taken(row)


def _others(table: Table, row: Row) -> list[Row]:
    return [other for other in table.rows if other.name != row.name]


CHECK = Check(("PC407",), 80, lambda reporter: [MaskedRows(reporter).analysis])
