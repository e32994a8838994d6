"""Evaluates terms in many cases at once: the truth of a term in a thousand cases is one integer, one bit per case.

In: the values of the variables, one column each. Out: for each term, the cases in which it holds. A handful of cases
shows most of what is possible, so that the solver is only asked about the rest. Nothing is decided here: a term that
holds in none of the cases may still be possible.

The cases can be evaluated in several variants, which differ in extra variables, the switches: one block of bits per
variant. Terms without a switch are evaluated once for all variants.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from .terms import IntTerm, Linear, Node, Op, Term, bottom_up

#: The values of one variable, case by case.
Column = Sequence[int]

#: The values of the switches, by name.
Variant = Mapping[str, bool]


class Simulation:
    """A number of cases, and which terms hold in them."""

    def __init__(self, columns: Mapping[str, Column], size: int, variants: Sequence[Variant] = ({},)) -> None:
        """Every variant has a value for each switch. Only truth values depend on switches, never numbers."""
        self.size = size
        self.all = (1 << size * len(variants)) - 1
        self._columns = columns
        self._indexes: dict[str, _Index] = {}
        #: For a term the cases in which it holds, for a number its column.
        self._known: dict[Node, Any] = {}
        #: A factor that copies the bits of the cases into every block.
        self._everywhere = sum(1 << size * block for block in range(len(variants)))
        self._switches = {
            name: sum(self._block(block) for block, variant in enumerate(variants) if variant[name])
            for name in variants[0]
        }

    def _block(self, number: int) -> int:
        """The bits of one variant."""
        return ((1 << self.size) - 1) << self.size * number

    def within(self, mask: int, variant: int) -> int:
        """The bits of a mask for one variant: bit i for case i."""
        return mask >> self.size * variant & (1 << self.size) - 1

    def mask(self, term: Term) -> int:
        """The cases in which a term holds: bit i for case i, variant after variant."""
        found: int = bottom_up([term], self._visit, self._known)[term]
        return found

    def _visit(self, node: Node) -> Any:
        return self._truth(node) if isinstance(node, Term) else self._atom(node)

    def _truth(self, term: Term) -> int:
        masks = self._known
        match term.op:
            case Op.CONSTANT:
                return self.all if term.name == "true" else 0
            case Op.VARIABLE:
                if term.name in self._switches:
                    return self._switches[term.name]
                return self._index(term.name).equal(1) * self._everywhere
            case Op.NOT:
                negated: int = masks[term.args[0]]
                return self.all ^ negated
            case Op.AND:
                found = self.all
                for arg in term.args:
                    found &= masks[arg]
                return found
            case Op.OR:
                found = 0
                for arg in term.args:
                    found |= masks[arg]
                return found
            case _:
                assert term.linear is not None
                return self._comparison(term.op, term.linear) * self._everywhere

    def _comparison(self, op: Op, linear: Linear) -> int:
        if len(linear.parts) == 1 and linear.parts[0][1].name is not None:
            coefficient, atom = linear.parts[0]
            return self._index(atom.name or "").compare(op, coefficient, linear.constant)
        values = self._sum(linear)
        bits = (value <= 0 for value in values) if op is Op.AT_MOST else (value == 0 for value in values)
        return _packed(bits)

    def _index(self, name: str) -> _Index:
        if name not in self._indexes:
            self._indexes[name] = _Index(self._columns[name], self._block(0))
        return self._indexes[name]

    def _atom(self, atom: IntTerm) -> Column:
        if atom.name is not None:
            return self._columns[atom.name]
        assert atom.then is not None
        if atom.divisor is not None:
            divisor = atom.divisor
            return [value // divisor for value in self._sum(atom.then)]
        assert atom.condition is not None and atom.otherwise is not None
        chosen = self._known[atom.condition]
        then, otherwise = self._sum(atom.then), self._sum(atom.otherwise)
        return [a if chosen >> i & 1 else b for i, (a, b) in enumerate(zip(then, otherwise, strict=True))]

    def _sum(self, linear: Linear) -> Column:
        total = [linear.constant] * self.size
        for coefficient, atom in linear.parts:
            column = self._known[atom]
            total = [value + coefficient * part for value, part in zip(total, column, strict=True)]
        return total


class _Index:
    """The cases by the value of one variable: a comparison with a number is one look-up."""

    def __init__(self, column: Column, everything: int) -> None:
        self._all = everything
        self._by_value: dict[int, int] = {}
        for case, value in enumerate(column):
            self._by_value[value] = self._by_value.get(value, 0) | 1 << case

    @cached_property
    def _sorted(self) -> tuple[list[int], list[int]]:
        """The values in order, and the cases at or below each."""
        values = sorted(self._by_value)
        below, found = [], 0
        for value in values:
            found |= self._by_value[value]
            below.append(found)
        return values, below

    def equal(self, value: int) -> int:
        return self._by_value.get(value, 0)

    def compare(self, op: Op, coefficient: int, constant: int) -> int:
        """The cases in which `coefficient × value + constant` is at most 0, or equal to it."""
        if op is Op.EQUALS:
            return 0 if constant % coefficient else self.equal(-constant // coefficient)
        if coefficient > 0:
            return self._at_most(-constant // coefficient)
        return self._all ^ self._at_most(-(-constant // -coefficient) - 1)

    def _at_most(self, limit: int) -> int:
        values, below = self._sorted
        place = bisect_right(values, limit)
        return below[place - 1] if place else 0


def _packed(bits: Iterable[bool]) -> int:
    """Truth values as bits, the first one lowest."""
    digits = "".join("1" if bit else "0" for bit in bits)
    return int(digits[::-1], 2) if digits else 0
