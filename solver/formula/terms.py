"""Terms: conditions over the facts of a case, in a form that every solver understands.

Boolean terms consist of variables, connectives and linear comparisons; numbers are linear expressions over variables,
choices and integer division. Only `factory.py` builds terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar


class Op(Enum):
    CONSTANT = "constant"
    VARIABLE = "variable"
    NOT = "not"
    AND = "and"
    OR = "or"
    #: A linear expression is at most 0, or equal to 0.
    AT_MOST = "<= 0"
    EQUALS = "= 0"


#: A number between two bounds, inclusive.
Interval = tuple["IntTerm", int, int]


class Term:
    """A truth value. Equal only to itself: the factory shares equal terms."""

    __slots__ = ("args", "excludes", "leaves", "linear", "name", "op", "serial")

    def __init__(
        self, serial: int, op: Op, args: tuple[Term, ...] = (), name: str = "", linear: Linear | None = None
    ) -> None:
        self.serial = serial
        self.op = op
        self.args = args
        self.name = name
        self.linear = linear
        #: The interval of the only number compared if the term is true, and if it is false, as far as known.
        self.leaves, self.excludes = _spans(op, args, linear)

    def __repr__(self) -> str:
        match self.op:
            case Op.CONSTANT | Op.VARIABLE:
                return self.name
            case Op.NOT:
                return f"not {self.args[0]!r}"
            case Op.AND | Op.OR:
                return "(" + f" {self.op.value} ".join(map(repr, self.args)) + ")"
            case _:
                return f"({self.linear!r} {self.op.value})"


class IntTerm:
    """A number other than a sum: a variable, a choice between two numbers, or a quotient rounded down."""

    __slots__ = ("condition", "divisor", "high", "low", "name", "otherwise", "serial", "then")

    def __init__(self, serial: int, low: int, high: int) -> None:
        self.serial = serial
        #: Inclusive bounds that follow from those of the variables.
        self.low = low
        self.high = high
        self.name: str | None = None
        self.condition: Term | None = None
        self.then: Linear | None = None
        self.otherwise: Linear | None = None
        #: Set for a quotient, whose dividend is `then`.
        self.divisor: int | None = None

    def __repr__(self) -> str:
        if self.name is not None:
            return self.name
        if self.divisor is not None:
            return f"floor({self.then!r} / {self.divisor})"
        return f"({self.condition!r} ? {self.then!r} : {self.otherwise!r})"


@dataclass(frozen=True, slots=True)
class Linear:
    """`constant` plus the sum of coefficient × atom; atoms in order of serial number, no coefficient 0."""

    parts: tuple[tuple[int, IntTerm], ...]
    constant: int

    @property
    def low(self) -> int:
        return self.constant + sum(c * (a.low if c > 0 else a.high) for c, a in self.parts)

    @property
    def high(self) -> int:
        return self.constant + sum(c * (a.high if c > 0 else a.low) for c, a in self.parts)

    def __add__(self, other: Linear) -> Linear:
        coefficients: dict[IntTerm, int] = {}
        for coefficient, atom in (*self.parts, *other.parts):
            coefficients[atom] = coefficients.get(atom, 0) + coefficient
        parts = sorted(((c, a) for a, c in coefficients.items() if c), key=lambda part: part[1].serial)
        return Linear(tuple(parts), self.constant + other.constant)

    def __sub__(self, other: Linear) -> Linear:
        return self + other.scaled(-1)

    def scaled(self, factor: int) -> Linear:
        if factor == 0:
            return number(0)
        return Linear(tuple((c * factor, a) for c, a in self.parts), self.constant * factor)


#: A term or a number in it.
Node = Term | IntTerm
N = TypeVar("N", Node, Term, IntTerm)
T = TypeVar("T")


def number(value: int) -> Linear:
    return Linear((), value)


#: A value for every variable.
Assignment = Mapping[str, bool | int]


def _spans(op: Op, args: tuple[Term, ...], linear: Linear | None) -> tuple[Interval | None, Interval | None]:
    """The interval of the only number that a term compares if the term is true, and if it is false."""
    if op is Op.NOT:
        return args[0].excludes, args[0].leaves
    if linear is None or len(linear.parts) != 1:
        return None, None
    ((factor, atom),) = linear.parts
    if op is Op.EQUALS:
        value, rest = divmod(-linear.constant, factor)
        return (atom, value, value if rest == 0 else value - 1), None
    if factor > 0:
        limit = -linear.constant // factor
        return (atom, atom.low, limit), (atom, limit + 1, atom.high)
    limit = -(-linear.constant // -factor)
    return (atom, limit, atom.high), (atom, atom.low, limit - 1)


# --- Walks -------------------------------------------------------------------------------------------------


def parts(node: Node) -> Sequence[Node]:
    """The direct parts of a term or atom, repeated ones included."""
    if isinstance(node, Term):
        return node.args if node.linear is None else [atom for _, atom in node.linear.parts]
    linears = [linear for linear in (node.then, node.otherwise) if linear is not None]
    inner: list[Node] = [atom for linear in linears for _, atom in linear.parts]
    return inner if node.condition is None else [node.condition, *inner]


def bottom_up(
    wanted: Iterable[N],
    visit: Callable[[N], T],
    found: dict[N, T] | None = None,
    inner: Callable[[Any], Sequence[Any]] = parts,
) -> dict[N, T]:
    """The results of `visit` for terms and atoms and all their parts, each visited once, after its own parts; without
    recursion, since terms may be deep. Nodes already in `found` are not visited; results are added to it."""
    found = {} if found is None else found
    waiting = list(wanted)
    while waiting:
        node = waiting.pop()
        if node not in found:
            missing = [part for part in inner(node) if part not in found]
            if missing:
                waiting.append(node)
                waiting += missing
            else:
                found[node] = visit(node)
    return found


def subterms(wanted: Iterable[Node]) -> list[Node]:
    """Terms and atoms and all their parts, each after its own parts."""
    return list(bottom_up(wanted, lambda _: None))


def comparisons(terms: Iterable[Term]) -> list[Term]:
    """All comparisons of numbers in terms, including those inside numbers."""
    return [node for node in subterms(terms) if isinstance(node, Term) and node.linear is not None]


def level_variable(fact: str, level: int) -> str:
    """The name of the variable for a level of a region's path; that of any other fact has the fact's name."""
    return f"{fact}/{level}"


def fact_of(variable: str) -> str:
    return variable.partition("/")[0]


def level_of(variable: str) -> int | None:
    level = variable.partition("/")[2]
    return int(level) if level else None


def variables(terms: Iterable[Node]) -> set[str]:
    """The names of all variables in terms and numbers."""
    nodes = subterms(terms)
    return {node.name for node in nodes if node.name and (isinstance(node, IntTerm) or node.op is Op.VARIABLE)}


def thresholds(term: Term) -> list[tuple[str, int]]:
    """The thresholds of comparisons with one variable, as the variable and the first number beyond."""
    found: dict[tuple[str, int], None] = {}
    for node in comparisons([term]):
        if node.linear is not None and len(node.linear.parts) == 1:
            coefficient, atom = node.linear.parts[0]
            if atom.name is not None:
                last = -node.linear.constant // abs(coefficient) * (1 if coefficient > 0 else -1)
                turns = (last, last + 1) if node.op is Op.EQUALS else (last + 1 if coefficient > 0 else last,)
                found.update(dict.fromkeys((atom.name, turn) for turn in turns))
    return list(found)
