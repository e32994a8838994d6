"""Which cases a table and its rows take, as terms and as claims for the evaluator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policyc.dsl.model import Case, Row, Rule, Table
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined

from ...encoding.rules import Choices, Instance
from ...encoding.values import Kleene
from ...engine.context import CaseScope
from ...engine.reachability import Parts
from ...engine.rule_places import in_force
from ...formula.terms import Term
from ..reporter import Claim, Possibility

#: Whether each of some rules applies in a case: one answer for each alternative of conflicting parameters.
Answers = Sequence[tuple[bool | Undetermined, ...]]


class TableTerms:
    """Which cases of a scope one table takes, at some of its places; cells are encoded once."""

    def __init__(self, scope: CaseScope, table: Table, places: tuple[str, ...]) -> None:
        self.scope = scope
        self.table = table
        self._force = in_force(scope, table, places)
        self._cells: dict[tuple[str, frozenset[tuple[Instance, object]]], Kleene] = {}

    def untaken(self) -> Term:
        """When the table is in force at one of its places, its own conditions surely hold, and the cells of every row
        surely do not."""
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
            return factory.and_((own, mine, *(factory.not_(self._of(other, choices).surely_true) for other in others)))

        if self._force is factory.false:
            return factory.false
        return factory.and_((self._force, self.scope.rules.either_branch(alone)))

    def both(self, row: Row, other: Row) -> Term:
        """When two rows take the same case."""
        factory = self.scope.factory

        def together(choices: Choices) -> Term:
            own = self.scope.rules.conditions(self.table, choices).surely_true
            return factory.and_((own, *(self._of(one, choices).surely_true for one in (row, other))))

        if self._force is factory.false:
            return factory.false
        return factory.and_((self._force, self.scope.rules.either_branch(together)))

    def _of(self, row: Row, choices: Choices) -> Kleene:
        """Whether the cells of a row hold."""
        key = row.name, frozenset(choices.items())
        if key not in self._cells:
            truths = [self.scope.expressions.truth(cell, choices) for cell in row.cells]
            self._cells[key] = self.scope.rules.algebra.conjunction(truths)
        return self._cells[key]


def without_value(scope: CaseScope, table: Table, place: str) -> Term:
    """When a parameter that a table sets has no value at a place."""
    at = scope.symbolic.region(place)
    return scope.factory.or_(scope.rules.undetermined(name, at) for name in table.parameters)


def possibility_in(
    table: Table, place: str, describe: Callable[[CaseScope], Term], claim: Claim, parts: Parts = (None,)
) -> Possibility:
    return Possibility(describe, claim, None, place, table.region, table.period, parts=parts)


def claim_of(rules: Sequence[Rule], place: str, confirm: Callable[[Answers], bool]) -> Claim:
    """A claim about the rules of one table at a place."""

    def claim(evaluator: Evaluator, case: Case) -> bool:
        region = str(case[place]) if place else rules[0].region
        return confirm(evaluator.applications(rules, region, case))

    return claim
