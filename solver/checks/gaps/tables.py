"""Tables: cases that no row takes (PC406), and rows that others make idle (PC407).

A row *takes* a case where it surely applies; only what is sure is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, text
from policyc.dsl.model import Case, Row, Rule, Table
from policyc.dsl.model.regions import RegionIndex
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined

from ...encoding.rules import Choices, Instance
from ...encoding.values import Kleene
from ...engine.context import CaseScope
from ...engine.minimize import minimal_subset
from ...engine.reachability import (
    Analysis,
    Conclusion,
    Described,
    Key,
    Parts,
    ReachabilityQuery,
    ReachabilityResults,
)
from ...engine.rule_places import Places, in_force
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..reporter import Claim, Possibility, Reporter

#: Of some rules, whether each applies in a case: one answer for each alternative of conflicting parameters.
Answers = Sequence[tuple[bool | Undetermined, ...]]

# --- Terms -------------------------------------------------------------------------------------------------


class TableTerms:
    """What one table takes of the cases of a scope, at some of its places; cells are worked out once."""

    def __init__(self, scope: CaseScope, table: Table, places: tuple[str, ...]) -> None:
        self.scope = scope
        self.table = table
        self._force = in_force(scope, table, places)
        self._cells: dict[tuple[str, frozenset[tuple[Instance, object]]], Kleene] = {}

    def untaken(self) -> Term:
        """When the table is in force at one of its places, its own conditions surely hold, and surely no row's
        cells do."""
        factory = self.scope.factory

        def missed(choices: Choices) -> Term:
            own = self.scope.rules.conditions(self.table, choices).surely_true
            return factory.and_((own, *(self._of(row, choices).surely_false for row in self.table.rows)))

        if self._force is factory.false:
            return factory.false
        return factory.and_((self._force, self.scope.rules.every_branch(missed)))

    def taken(self, row: Row, others: Sequence[Row] = ()) -> Term:
        """When a row takes a case and none of the others does."""
        factory = self.scope.factory

        def alone(choices: Choices) -> Term:
            own = self.scope.rules.conditions(self.table, choices).surely_true
            mine = self._of(row, choices).surely_true
            return factory.and_(
                (own, mine, *(factory.not_(self._of(other, choices).surely_true) for other in others))
            )

        if self._force is factory.false:
            return factory.false
        return factory.and_((self._force, self.scope.rules.either_branch(alone)))

    def _of(self, row: Row, choices: Choices) -> Kleene:
        """Whether a case is what the cells of a row ask for."""
        key = row.name, frozenset(choices.items())
        if key not in self._cells:
            truths = [self.scope.expressions.truth(cell, choices) for cell in row.cells]
            self._cells[key] = self.scope.rules.algebra.conjunction(truths)
        return self._cells[key]


# --- PC406 -------------------------------------------------------------------------------------------------


def table_gap(reporter: Reporter, table: Table) -> Analysis:
    """PC406 for one table: a case that meets its own conditions and that no row takes."""
    places, kind = Places(reporter.policy_set).of(table), f"PC406 {table.name}"

    def describe(place: str, scope: CaseScope) -> dict[Key, Described]:
        if place and not scope.reaches(place, table.region):
            return {}
        return {(kind, place): TableTerms(scope, table, (place,) if place else ()).untaken}

    def conclude(results: ReachabilityResults) -> Conclusion:
        found = next((place for place in places or ("",) if (kind, place) in results), None)
        if found is None:
            return [], [Proof(ProofKind.TABLE_COMPLETE, table.name, None, None, results.proved(kind))]
        return [partial(_gap, reporter, table, found, results.parts((kind, found)))], []

    queries = [ReachabilityQuery(kind, place, partial(describe, place)) for place in places or ("",)]
    return Analysis(("PC406",), text("PC901.table-gaps"), table.span, kind, queries, conclude)


def _gap(reporter: Reporter, table: Table, place: str, parts: Parts) -> Diagnostic | None:
    rules = (table, *(reporter.policy_set.rules[row.name] for row in table.rows))
    at = (place,) if place else ()

    def missed(answers: Answers) -> bool:
        return all(own is True and not any(row is not False for row in rows) for own, *rows in answers)

    return reporter.report(
        "PC406",
        text("PC406.headline", table=table.name),
        (table,),
        _question(
            table,
            place,
            lambda scope: TableTerms(scope, table, at).untaken(),
            _claim(rules, place, missed),
            parts,
        ),
        help_=text("PC406.help"),
    )


# --- PC407 -------------------------------------------------------------------------------------------------


class MaskedRows:
    """The rows of a set that other rows of their tables mask."""

    kind = "PC407"

    def __init__(self, reporter: Reporter, always: Reporter) -> None:
        """Where `reporter` looks at the cases of one day only, `always` looks at those of all: a row is not
        idle because it has nothing to do today."""
        self.reporter = reporter
        self.always = always
        self.places = Places(reporter.policy_set)
        tables = filter(reporter.in_force_then, reporter.policy_set.tables.values())
        self._tables = RegionIndex(tables, reporter.policy_set.regions)
        facts = dict.fromkeys(fact for table in self._tables.rules for fact in self._facts(table))
        self.queries = tuple(
            ReachabilityQuery(self.kind, fact, partial(self._describe, fact), once=True) for fact in facts
        )

    @cached_property
    def analysis(self) -> Analysis:
        return Analysis(
            (self.kind,), text("PC901.masked-rows"), None, self.kind, self.queries, self._conclude
        )

    def names(self, results: ReachabilityResults) -> frozenset[str]:
        """The rows that were found to be masked."""
        return frozenset(row.name for _, row in self._masked(results))

    def _facts(self, table: Table) -> tuple[str, ...]:
        return self.places.of(table) or ("",)

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
        """The rows that take some case, but none that no other row takes."""
        return [
            (table, row)
            for table in self._tables.rules
            for row in table.rows
            if (self.kind, row.name, "takes") in results
            and not results.may_be((self.kind, row.name, "alone"))
        ]

    def _conclude(self, results: ReachabilityResults) -> Conclusion:
        return [partial(self._finding, table, row) for table, row in self._masked(results)], []

    def _finding(self, table: Table, row: Row) -> Diagnostic | None:
        policy_set, masks = self.reporter.policy_set, self._masks(table, row)
        rules = tuple(policy_set.rules[one.name] for one in (row, *masks))

        def masked(answers: Answers) -> bool:
            taking = [others for mine, *others in answers if mine is True]
            return bool(taking) and all(True in others for others in taking)

        for place in self._facts(table):
            describe = partial(_taken, table, row, (place,) if place else ())
            finding = self.reporter.report(
                "PC407",
                text("PC407.headline", row=row.name, rows=tuple(mask.name for mask in masks)),
                rules,
                _question(table, place, describe, _claim(rules, place, masked)),
                labels=[text("PC407.masked"), *(text("PC407.takes") for _ in masks)],
                help_=text("PC407.help"),
            )
            if finding is not None:
                return finding
        return None

    def _masks(self, table: Table, row: Row) -> list[Row]:
        """Rows that together take all that a row takes, none of them dispensable."""
        scope = self.always.scope
        terms = TableTerms(scope, table, self.places.of(table))
        mine = terms.taken(row)
        # Rows that are opposed to this one in so many words need no question.
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


# --- Findings ----------------------------------------------------------------------------------------------


def _question(
    table: Table, place: str, describe: Callable[[CaseScope], Term], claim: Claim, parts: Parts = (None,)
) -> Possibility:
    return Possibility(describe, claim, None, place, table.region, table.period, parts=parts)


def _claim(rules: Sequence[Rule], place: str, confirm: Callable[[Answers], bool]) -> Claim:
    """What the evaluator says of rules of one table at a place."""

    def claim(evaluator: Evaluator, case: Case) -> bool:
        region = str(case[place]) if place else rules[0].region
        return confirm(evaluator.applications(rules, region, case))

    return claim
