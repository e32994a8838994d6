"""Tables: cases that no row takes (PC406), and rows that others make idle (PC407).

A row *takes* a case where it surely applies; only what is sure is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from ..dsl.diagnostic import Diagnostic, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import Case, Row, Rule, Table
from ..dsl.outcomes import Undetermined
from .answers import Proof
from .conflicts import Found, exhaust
from .encoded import Truth
from .findings import Claim, Question, Reporter
from .parameters import Choices
from .places import Places, in_force
from .prover import View
from .terms import Term

#: Of some rules, whether each applies in a case: one answer for each alternative of conflicting parameters.
Answers = Sequence[tuple[bool | Undetermined, ...]]

# --- Terms -------------------------------------------------------------------------------------------------


def untaken(view: View, table: Table, places: tuple[str, ...]) -> Term:
    """When a table is in force at one of its places, its own conditions surely hold, and surely no row's
    cells do."""
    bank = view.bank

    def missed(choices: Choices) -> Term:
        own = view.terms.conditions(table, choices).true
        return bank.and_((own, *(_cells(view, row, choices).false for row in table.rows)))

    force = in_force(view, table, places)
    return force if force is bank.false else bank.and_((force, view.terms.every_branch(missed)))


def taken(view: View, table: Table, row: Row, places: tuple[str, ...], others: Sequence[Row] = ()) -> Term:
    """When a row takes a case and none of the others does."""
    bank = view.bank

    def alone(choices: Choices) -> Term:
        own = view.terms.conditions(table, choices).true
        mine = _cells(view, row, choices).true
        return bank.and_((own, mine, *(bank.not_(_cells(view, other, choices).true) for other in others)))

    force = in_force(view, table, places)
    return force if force is bank.false else bank.and_((force, view.terms.either_branch(alone)))


def _cells(view: View, row: Row, choices: Choices) -> Truth:
    """Whether a case is what the cells of a row ask for."""
    bank = view.bank
    truths = [view.terms.truth(cell, choices) for cell in row.cells]
    return Truth(bank.and_(truth.true for truth in truths), bank.or_(truth.false for truth in truths))


# --- PC406 -------------------------------------------------------------------------------------------------


def table_gaps(reporter: Reporter) -> Found:
    """PC406: for each table a case that meets its own conditions and that no row takes."""
    places, tables = Places(reporter.policy_set), reporter.policy_set.tables
    terms = {name: untaken(reporter.view, table, places.of(table)) for name, table in tables.items()}
    gaping, questions = exhaust(reporter, terms)
    findings = [_gap(reporter, tables[name], places.of(tables[name])) for name in gaping]
    complete = [name for name in tables if name not in gaping]
    proofs = [Proof(f"table-complete {name}", None, None, questions) for name in complete]
    return [finding for finding in findings if finding is not None], proofs


def _gap(reporter: Reporter, table: Table, places: tuple[str, ...]) -> Diagnostic | None:
    rules = (table, *(reporter.policy_set.rules[row.name] for row in table.rows))

    def missed(answers: Answers) -> bool:
        return all(own is True and not any(row is not False for row in rows) for own, *rows in answers)

    return _at_some_place(
        places,
        lambda place, at: reporter.report(
            "PC406",
            text("PC406.headline", table=table.name),
            (table,),
            _question(table, place, lambda view: untaken(view, table, at), _claim(rules, place, missed)),
            help_=text("PC406.help"),
        ),
    )


# --- PC407 -------------------------------------------------------------------------------------------------


class MaskedRows:
    """The rows of a set that other rows of their tables mask; asked once, however often they are wanted."""

    def __init__(self, reporter: Reporter, always: Reporter | None = None) -> None:
        """Where `reporter` looks at the cases of one day only, `always` looks at those of all: a row is not
        idle because it has nothing to do today."""
        self.reporter = reporter
        self.always = always or reporter
        self.policy_set = reporter.policy_set
        self.places = Places(reporter.policy_set)

    @cached_property
    def rows(self) -> tuple[tuple[Table, Row], ...]:
        """The rows that take some case, but none that no other row takes."""
        candidates = [
            (table, row)
            for table in self.policy_set.tables.values()
            if self.reporter.in_force_then(table)
            for row in table.rows
        ]
        terms = {}
        for table, row in candidates:
            terms[row.name, False] = self._taken(table, row, ())
            terms[row.name, True] = self._taken(table, row, _others(table, row))
        possible = frozenset(exhaust(self.always, terms)[0])
        return tuple(
            (table, row)
            for table, row in candidates
            if (row.name, False) in possible and (row.name, True) not in possible
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset(row.name for _, row in self.rows)

    def findings(self) -> list[Diagnostic]:
        """PC407 for each of them."""
        findings = [self._finding(table, row) for table, row in self.rows]
        return [finding for finding in findings if finding is not None]

    def _taken(self, table: Table, row: Row, others: Sequence[Row]) -> Term:
        return taken(self.always.view, table, row, self.places.of(table), others)

    def _finding(self, table: Table, row: Row) -> Diagnostic | None:
        masks = self._masks(table, row)
        rules = tuple(self.policy_set.rules[one.name] for one in (row, *masks))

        def masked(answers: Answers) -> bool:
            taking = [others for mine, *others in answers if mine is True]
            return bool(taking) and all(True in others for others in taking)

        return _at_some_place(
            self.places.of(table),
            lambda place, at: self.reporter.report(
                "PC407",
                text("PC407.headline", row=row.name, rows=tuple(mask.name for mask in masks)),
                rules,
                _question(
                    table, place, lambda view: taken(view, table, row, at), _claim(rules, place, masked)
                ),
                labels=[text("PC407.masked"), *(text("PC407.takes") for _ in masks)],
                help_=text("PC407.help"),
            ),
        )

    def _masks(self, table: Table, row: Row) -> list[Row]:
        """Rows that together take all that a row takes, none of them dispensable; the last are let go first."""
        kept = _others(table, row)
        for other in reversed(kept):
            fewer = [one for one in kept if one is not other]
            if not self.always.view.possible([self._taken(table, row, fewer)]):
                kept = fewer
        return kept


def _others(table: Table, row: Row) -> list[Row]:
    return [other for other in table.rows if other.name != row.name]


# --- Findings ----------------------------------------------------------------------------------------------


def _at_some_place(
    places: tuple[str, ...], report: Callable[[str, tuple[str, ...]], Diagnostic | None]
) -> Diagnostic | None:
    """The finding at the first of some places where there is a case for it; anywhere, if there are none."""
    for place in places or ("",):
        finding = report(place, (place,) if place else ())
        if finding is not None:
            return finding
    return None


def _question(table: Table, place: str, describe: Callable[[View], Term], claim: Claim) -> Question:
    return Question(describe, claim, None, place, table.region, table.period)


def _claim(rules: Sequence[Rule], place: str, confirm: Callable[[Answers], bool]) -> Claim:
    """What the evaluator says of rules of one table at a place."""

    def claim(evaluator: Evaluator, case: Case) -> bool:
        region = str(case[place]) if place else rules[0].region
        return confirm(evaluator.applications(rules, region, case))

    return claim
