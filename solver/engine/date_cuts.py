"""Date cuts: the days on which the truth of some comparison changes.

In: a scope in which the date is open, and terms. Out: the first days of spans within which no comparison in the terms
distinguishes two days; some spans may be finer than needed. A day compared with another is cut where that one is.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyc.dsl.model import DATE, DAY

from ..formula.terms import IntTerm, Linear, Op, Term, bottom_up, comparisons
from .context import CaseScope


def date_cuts(scope: CaseScope, terms: Sequence[Term]) -> set[int]:
    """The cuts of the date."""
    days = [
        fact for fact in scope.policy_set.facts.values() if fact.type == DAY and fact.name not in scope.symbolic.known
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
    for _ in days:  # cuts pass from each day to those compared with it
        for linear, op in linears:
            _cut(linear, op, cuts)
    return cuts[DATE]


def _names(linear: Linear) -> set[str]:
    """The variables that can be summands, whatever the choices in the sum depend on."""

    def inner(atom: IntTerm) -> list[IntTerm]:
        return [part for sum_ in (atom.then, atom.otherwise) if sum_ is not None for _, part in sum_.parts]

    names = bottom_up([atom for _, atom in linear.parts], lambda atom: atom.name, inner=inner)
    return {name for name in names.values() if name is not None}


def _leaves(linear: Linear) -> list[Linear]:
    """All sums that the choices in a sum can yield, each once. Sums with days have few choices; long sums only have
    other numbers."""
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
    """Adds the days on which the truth of a comparison of one or two days changes."""
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
    """The days on which the truth of `day <= value` (or `day >= value`, `day = value`) changes."""
    if op is Op.EQUALS:
        return {value, value + 1}
    return {value + 1} if sign > 0 else {value}
