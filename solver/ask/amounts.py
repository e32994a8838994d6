"""Amounts: bills as reports, and the greatest or least value of something.

In: a scope of all completions of the given facts. Out: plain data for renderers, amounts as text. `bill.py` defines and
computes bills.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policyc.dsl.model import DATE, DAY, MONEY, Case, Expr
from policyc.dsl.model.values import format_case, format_value

from ..engine.context import CaseScope, replay
from ..engine.witness import abductive_explanation, extreme, plainest, usual_part
from ..formula.terms import Term
from ..report.answers import BillReport, Optimum, Written
from .bill import Bill, breakdown, shared, source


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to `maximize` or `minimize`, with its name."""

    goal: str
    name: str
    expression: Expr


def optimum(scope: CaseScope, goal: Goal, where: Sequence[Term]) -> Optimum:
    """The greatest or least value over the cases in which some terms hold, and a case with it."""
    of, is_day = Written(goal.name, goal.expression), goal.expression.type == DAY
    best = extreme(scope, goal.expression, greatest=goal.goal == "maximize", where=where)
    if best is None:
        return Optimum(of, goal.goal, None, {}, is_day)
    value = format_value(best, goal.expression.type)
    terms = [*where, scope.expressions.equal_to(goal.expression, best)]
    case = plainest(scope, terms)
    if case is None:  # the value is one of several conflicting ones
        return Optimum(of, goal.goal, value, {}, is_day)
    replay(scope.context, case, lambda evaluator, c: evaluator.value(goal.expression, c) == best)
    part = format_case(scope.policy_set, abductive_explanation(scope, case, terms))
    return Optimum(of, goal.goal, value, part, is_day)


def bill_report(scope: CaseScope, bill: Bill, given: Case, others: Sequence[Case]) -> BillReport | None:
    """A bill in the plainest case, paid by several people if there are others; `None` if facts that are neither given
    nor usual would change it."""
    policy_set = scope.policy_set
    case, filled = plainest(scope, ()), usual_part(scope)
    assert case is not None and filled is not None, "the given facts are possible"
    if len(filled) < len(case) and _is_open(scope.context.scope(filled), bill):
        return None
    by = source(policy_set, bill)
    if others and by is not None:
        lines = shared(scope.context, bill, case, given, others, by)
    else:
        lines = breakdown(scope.context, bill, case)
    assumed = format_case(policy_set, _assumed(scope, bill, case))
    return BillReport(bill.total, format_value(case[bill.total], MONEY), assumed, tuple(lines))


def _shares(scope: CaseScope, bill: Bill, case: Case) -> list[Term]:
    """That the shares have the values they have in a case."""
    values = [scope.policy_set.defines[share].value for share in bill.shares]
    return [scope.expressions.equal_to(value, scope.context.evaluator.value(value, case)) for value in values]


def _is_open(scope: CaseScope, bill: Bill) -> bool:
    """Whether shares differ between the cases of a scope."""
    example = scope.case([])
    assert example is not None, "the usual facts are possible"
    return scope.possible([scope.factory.not_(scope.factory.and_(_shares(scope, bill, example)))])


def _assumed(scope: CaseScope, bill: Bill, case: Case) -> Case:
    """The facts not given that the shares depend on."""
    part = abductive_explanation(scope, case, _shares(scope, bill, case))
    return {name: value for name, value in part.items() if name not in scope.symbolic.known and name != DATE}
