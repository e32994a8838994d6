"""Bounds of terms when only some variables have a value.

In: terms or numbers, and values of some variables. Out: an interval for each node; for a truth value it lies between
0 (false) and 1 (true). Sound but not complete: not every value in the interval need be possible.
"""

from __future__ import annotations

from collections.abc import Iterable

from .terms import Assignment, IntTerm, Linear, Node, Op, Term, bottom_up

#: Least and greatest value.
Interval = tuple[int, int]

_FALSE, _TRUE, _OPEN = (0, 0), (1, 1), (0, 1)


def intervals(nodes: Iterable[Node], values: Assignment) -> dict[Node, Interval]:
    """The intervals of terms and numbers, and of all their subterms."""
    found: dict[Node, Interval] = {}

    def visit(node: Node) -> Interval:
        return _truth(node, values, found) if isinstance(node, Term) else _atom(node, values, found)

    return bottom_up(nodes, visit, found)


def _truth(term: Term, values: Assignment, found: dict[Node, Interval]) -> Interval:
    match term.op:
        case Op.CONSTANT:
            return _TRUE if term.name == "true" else _FALSE
        case Op.VARIABLE:
            return (int(values[term.name]),) * 2 if term.name in values else _OPEN
        case Op.NOT:
            low, high = found[term.args[0]]
            return 1 - high, 1 - low
        case Op.AND | Op.OR:
            pick = min if term.op is Op.AND else max
            parts = [found[arg] for arg in term.args]
            return pick(low for low, _ in parts), pick(high for _, high in parts)
        case _:
            assert term.linear is not None
            low, high = _sum(term.linear, found)
            if term.op is Op.AT_MOST:
                return (_TRUE if high <= 0 else _FALSE) if high <= 0 or low > 0 else _OPEN
            return (_TRUE if low == high else _OPEN) if low <= 0 <= high else _FALSE


def _atom(atom: IntTerm, values: Assignment, found: dict[Node, Interval]) -> Interval:
    if atom.name is not None:
        return (int(values[atom.name]),) * 2 if atom.name in values else (atom.low, atom.high)
    assert atom.then is not None
    low, high = _sum(atom.then, found)
    if atom.divisor is not None:
        return low // atom.divisor, high // atom.divisor
    assert atom.condition is not None and atom.otherwise is not None
    other_low, other_high = _sum(atom.otherwise, found)
    match found[atom.condition]:
        case (1, 1):
            return low, high
        case (0, 0):
            return other_low, other_high
        case _:
            return min(low, other_low), max(high, other_high)


def _sum(linear: Linear, found: dict[Node, Interval]) -> Interval:
    ends = [sorted(factor * end for end in found[atom]) for factor, atom in linear.parts]
    return linear.constant + sum(low for low, _ in ends), linear.constant + sum(high for _, high in ends)
