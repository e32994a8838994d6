"""Choices of open facts: for each a value, or a number that follows from the other facts (`date + 1`).

In: facts that somebody may choose, and the rules that ask about them. Out: choices, and the cases in which one is made.
Where a rule compares a number with what nobody chooses (`last is date + 1`, `last <= date + 30`), a constant serves few
cases, and the number that it is compared with serves all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from policyc.dsl import model
from policyc.dsl.model import Case, Equal, Expr, Fact, Less, PolicySet, Rule, Value, conditions
from policyc.dsl.model.traversal import unfolded

from ...encoding.dependencies import transitive
from ...encoding.values import Number
from ...engine.context import CaseScope, SolverContext
from ...formula.terms import Linear, Term, fact_of, number, variables


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """That the two sides of a comparison are equal, or the left one is less by 1."""

    left: Expr
    right: Expr
    less_by: int

    def difference(self, scope: CaseScope) -> Linear | None:
        """What has to be 0; `None` if the comparison is not one of numbers."""
        encode = scope.expressions.encode
        branches = scope.rules.branches(lambda choices: (encode(self.left, choices), encode(self.right, choices)))
        left, right = branches[0][1]
        if isinstance(left, Number) and isinstance(right, Number):
            return left.value - right.value + number(self.less_by)
        return None

    def solved(self, scope: CaseScope, fact: str) -> Linear | None:
        """The number, rounded down, with which a fact has this balance; `None` if it is not alone on its side."""
        difference, parts = self.difference(scope), scope.symbolic.number(scope.policy_set.facts[fact]).parts
        for factor, atom in () if difference is None else difference.parts:
            if [atom] == [own for _, own in parts]:
                assert difference is not None
                rest = difference - Linear(((factor, atom),), 0)
                return scope.factory.quotient(rest.scaled(-1 if factor > 0 else 1), abs(factor))
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    #: A value for every open fact.
    values: Mapping[str, Value]
    #: The numbers among them that follow from the other facts where they can.
    numbers: Mapping[str, Balance]

    def made(self, scope: CaseScope) -> CaseScope:
        """The cases of a scope as they are if this choice is made in each."""
        context, areas = scope.context, scope.symbolic.areas
        known = {
            **scope.symbolic.known,
            **{name: self.values[name] for name in self.values if name not in self.numbers},
        }
        given: dict[str, Linear] = {}
        made = context.scope(known, areas)
        for fact, balance in self.numbers.items():
            if (solved := balance.solved(made, fact)) is None:
                known[fact] = self.values[fact]
            else:
                given[fact] = solved
            made = context.scope(known, areas, given=given)
        return made


def balances(context: SolverContext, facts: Sequence[Fact], rules: Iterable[Rule]) -> Mapping[str, Sequence[Balance]]:
    """For each of some numbers the balances of all comparisons with it that rules depend on."""
    policy_set, dependencies = context.policy_set, context.rule_index.dependencies
    read = transitive(
        policy_set,
        (condition for rule in rules for condition in conditions(rule)),
        lambda decision: dependencies.rules[decision],
        lambda value: dependencies.settings[value.parameter],
    )
    found: dict[str, list[Balance]] = {fact.name: [] for fact in facts if fact.low is not None}
    for comparison in read:
        if isinstance(comparison, Equal | Less):
            ways = [
                Balance(left, right, less_by)
                for left, right in product(_sides(policy_set, comparison.left), _sides(policy_set, comparison.right))
                for less_by in ((0,) if isinstance(comparison, Equal) else (0, 1))
            ]
            for name in found.keys() & dependencies.expression(comparison):
                found[name] += ways
    return found


def _sides(policy_set: PolicySet, side: Expr) -> list[Expr]:
    """A side of a comparison, and what it may be equal to: what is chosen between, and the operands of extremes."""

    def inner(expression: Expr) -> Sequence[Expr]:
        match expression:
            case model.Extreme(operands=operands):
                return operands
            case model.Choice(then=then, otherwise=otherwise):
                return (then, otherwise)
            case _:
                return ()

    return list(unfolded(policy_set, side, inner=inner))


def general(
    scope: CaseScope,
    case: Case,
    facts: Sequence[Fact],
    terms: Sequence[Term],
    known: Mapping[str, Sequence[Balance]],
) -> Choice:
    """A choice that serves a case, and probably most others: `facts` are the open ones, and the terms hold of that case
    with any choice that serves it.

    Numbers and dates are at an end of their range, if possible: most limits are met by an end in all cases, while another
    value serves few (the term of a link, a few days). Else they are what a rule compares them with, other open facts only
    if these are settled before; so facts that are not settled at once are tried again.
    """
    numbers: dict[str, Balance] = {}
    waiting = {fact.name: fact for fact in facts if fact.name in known}
    while waiting:
        left = list(waiting.values())
        for fact in left:
            for term, balance in _ways(scope, fact, known[fact.name], waiting):
                if (moved := scope.case([*terms, term])) is not None:
                    case, terms = moved, [*terms, term]
                    numbers |= {} if balance is None else {fact.name: balance}
                    del waiting[fact.name]
                    break
        if len(waiting) == len(left):
            terms = [*terms, scope.equals(left[0], case[left[0].name])]
            del waiting[left[0].name]
    return Choice({fact.name: case[fact.name] for fact in facts}, numbers)


def _ways(
    scope: CaseScope, fact: Fact, known: Iterable[Balance], waiting: Collection[str]
) -> Iterator[tuple[Term, Balance | None]]:
    """Values for a number, each as a term that it has it, that do not depend on facts that are still open."""
    for end in (fact.low, fact.high):
        if end is not None:
            yield scope.equals(fact, end), None
    for balance in known:
        solved = balance.solved(scope, fact.name)
        read = () if solved is None else variables(atom for _, atom in solved.parts)
        if solved is not None and not any(fact_of(name) in waiting for name in read):
            yield scope.factory.equals(scope.symbolic.number(fact), solved), balance
