"""Where days are cut: the days from which on some comparison has another truth.

In: a scope in which the date is open, and terms. Out: the first days of spans within which no comparison of the terms
tells one day from another; some may tell nothing either. Days compared with each other are cut where the other is.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyc.dsl.model import DATE, DAY

from ..formula.terms import IntTerm, Linear, Op, Term, bottom_up, comparisons
from .context import CaseScope


def date_cuts(scope: CaseScope, terms: Sequence[Term]) -> set[int]:
    """The cuts of the date."""
    days = [
        fact
        for fact in scope.policy_set.facts.values()
        if fact.type == DAY and fact.name not in scope.symbolic.known
    ]
    cuts: dict[str, set[int]] = {
        fact.name: {low, high + 1} for fact in days for low, high in [scope.symbolic.range(fact)]
    }
    linears = [
        (leaf, term.op)
        for term in comparisons(terms)
        if term.linear is not None and not _names(term.linear).isdisjoint(cuts)
        for leaf in _leaves(term.linear)
    ]
    for _ in days:  # a day compared with another is cut where that one is
        for linear, op in linears:
            _cut(linear, op, cuts)
    return cuts[DATE]


def _names(linear: Linear) -> set[str]:
    """The variables that a sum can come to, whatever its choices hang on."""

    def inner(atom: IntTerm) -> list[IntTerm]:
        return [part for sum_ in (atom.then, atom.otherwise) if sum_ is not None for _, part in sum_.parts]

    names = bottom_up([atom for _, atom in linear.parts], lambda atom: atom.name, inner=inner)
    return {name for name in names.values() if name is not None}


def _leaves(linear: Linear) -> list[Linear]:
    """A sum with each of its choices made in every way, each sum once. Sums of days have few choices: only those of
    numbers, which come to no day, are long."""
    found: dict[Linear, None] = {}
    seen = {linear}
    waiting = [linear]
    while waiting:
        whole = waiting.pop()
        chosen = next((part for part in whole.parts if part[1].condition is not None), None)
        if chosen is None:
            found[whole] = None
            continue
        coefficient, atom = chosen
        assert atom.then is not None and atom.otherwise is not None
        rest = whole - Linear(((coefficient, atom),), 0)
        options = [rest + option.scaled(coefficient) for option in (atom.then, atom.otherwise)]
        waiting += [option for option in reversed(options) if option not in seen]
        seen.update(options)
    return list(found)


def _cut(linear: Linear, op: Op, cuts: dict[str, set[int]]) -> None:
    """Adds the days from which on a comparison of one or two days has another truth."""
    parts: list[tuple[int, IntTerm]] = [part for part in linear.parts if part[1].name in cuts]
    if len(parts) != len(linear.parts) or len(parts) > 2 or any(abs(c) != 1 for c, _ in parts):
        return
    for sign, atom in parts:
        assert atom.name is not None
        others = [other for _, other in parts if other is not atom]
        if not others:
            cuts[atom.name] |= _starts_of(-sign * linear.constant, sign, op)
        for other in others:
            assert other.name is not None
            ends = cuts[other.name] | {cut - 1 for cut in cuts[other.name]}
            other_sign = next(c for c, one in parts if one is other)
            for end in ends:
                cuts[atom.name] |= _starts_of(-sign * (linear.constant + other_sign * end), sign, op)


def _starts_of(value: int, sign: int, op: Op) -> set[int]:
    """From which days on `day <= value` (or `day >= value`, `day = value`) has another truth."""
    if op is Op.EQUALS:
        return {value, value + 1}
    return {value + 1} if sign > 0 else {value}
