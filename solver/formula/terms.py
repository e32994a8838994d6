"""Terms: conditions over the facts of a case, in the form that every solver understands.

Truth-valued terms are made of variables, connectives and linear comparisons; numbers are linear expressions
over variables, choices and whole-number division. Terms are built only through a `TermFactory`, which shares equal
ones and simplifies locally, so that two terms are the same object exactly when they are built alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import gcd
from operator import attrgetter
from typing import Any, TypeVar

from policyc.dsl.system.digests import digest


class Op(Enum):
    CONSTANT = "constant"
    VARIABLE = "variable"
    NOT = "not"
    AND = "and"
    OR = "or"
    #: A linear expression that is at most 0, or equal to 0.
    AT_MOST = "<= 0"
    EQUALS = "= 0"


#: A number that lies between two bounds, both included.
Interval = tuple["IntTerm", int, int]


class Term:
    """A truth value. Equal only to itself: the factory shares what is built alike."""

    __slots__ = ("args", "excludes", "leaves", "linear", "name", "op", "serial")

    def __init__(
        self, serial: int, op: Op, args: tuple[Term, ...] = (), name: str = "", linear: Linear | None = None
    ) -> None:
        self.serial = serial
        self.op = op
        self.args = args
        self.name = name
        self.linear = linear
        #: Where the only number that is compared lies, and where it lies if the term is false; as far as known.
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
    """A number that is no sum: a variable, a choice between two numbers, or a quotient rounded down."""

    __slots__ = ("condition", "divisor", "high", "low", "name", "otherwise", "serial", "then")

    def __init__(self, serial: int, low: int, high: int) -> None:
        self.serial = serial
        #: Bounds, inclusive, known from those of the variables.
        self.low = low
        self.high = high
        self.name: str | None = None
        self.condition: Term | None = None
        self.then: Linear | None = None
        self.otherwise: Linear | None = None
        #: Of a quotient, whose dividend is `then`.
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


class TermFactory:
    """Builds and shares terms."""

    def __init__(self) -> None:
        self._serial = 0
        self._terms: dict[tuple[object, ...], Term] = {}
        self._atoms: dict[tuple[object, ...], IntTerm] = {}
        self._negations: dict[Term, Term] = {}
        self._arithmetic: dict[Node, bool] = {}
        self._mentioned: dict[Term, frozenset[str]] = {}
        self._digests: dict[Node, bytes] = {}
        self.true = self._term(Op.CONSTANT, name="true")
        self.false = self._term(Op.CONSTANT, name="false")
        self._negations |= {self.true: self.false, self.false: self.true}

    # --- Truth values ---

    def truth(self, value: bool) -> Term:
        return self.true if value else self.false

    def variable(self, name: str) -> Term:
        return self._term(Op.VARIABLE, name=name)

    def not_(self, term: Term) -> Term:
        """Negation, carried inward to variables and comparisons: what is "not surely false" is then the same
        term as what is "surely true" wherever nothing is undetermined, and is shared with it."""
        known = self._negations.get(term)
        if known is None:
            known = bottom_up([term], self._negated, self._negations, _operands)[term]
        return known

    def _negated(self, term: Term) -> Term:
        known = self._negation(term)
        self._negations.setdefault(known, term)
        return known

    def _negation(self, term: Term) -> Term:
        match term.op:
            case Op.CONSTANT:
                return self.truth(term is self.false)
            case Op.NOT:
                return term.args[0]
            case Op.AND:
                return self.or_(map(self.not_, term.args))
            case Op.OR:
                return self.and_(map(self.not_, term.args))
            case _:
                return self._term(Op.NOT, (term,))

    def and_(self, terms: Iterable[Term]) -> Term:
        return self._connective(Op.AND, terms, self.true, self.false)

    def or_(self, terms: Iterable[Term]) -> Term:
        return self._connective(Op.OR, terms, self.false, self.true)

    def _connective(self, op: Op, terms: Iterable[Term], neutral: Term, decisive: Term) -> Term:
        operands: dict[Term, None] = {}
        for term in terms:
            if term is decisive:
                return decisive
            if term is neutral:
                continue
            if term.op is op:
                operands.update(dict.fromkeys(term.args))
            else:
                operands[term] = None
        negation = self._negations.get
        for term in operands:
            if negation(term) in operands:
                return decisive
        # "At least 2 or at most 1" is as true as "at most 1 and at least 2" is false.
        if _nothing_left(term.leaves if op is Op.AND else term.excludes for term in operands):
            return decisive
        if len(operands) < 2:
            return next(iter(operands), neutral)
        return self._term(op, tuple(sorted(operands, key=_SERIAL)))

    def implies(self, premise: Term, conclusion: Term) -> Term:
        return self.or_((self.not_(premise), conclusion))

    def either(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """`then` where the condition holds, else `otherwise`."""
        if then is otherwise:
            return then
        return self.or_((self.and_((condition, then)), self.and_((self.not_(condition), otherwise))))

    def iff(self, one: Term, other: Term) -> Term:
        return self.either(one, other, self.not_(other))

    # --- Comparisons ---

    def at_most(self, left: Linear, right: Linear) -> Term:
        return self._compare(Op.AT_MOST, left - right)

    def equals(self, left: Linear, right: Linear) -> Term:
        return self._compare(Op.EQUALS, left - right)

    def _compare(self, op: Op, difference: Linear) -> Term:
        low, high = difference.low, difference.high
        if op is Op.AT_MOST and (high <= 0 or low > 0):
            return self.truth(high <= 0)
        if op is Op.EQUALS and (low > 0 or high < 0 or low == high == 0):
            return self.truth(low == high == 0)
        choices = [part for part in difference.parts if part[1].condition is not None]
        if len(choices) == 1 and _is_known_choice(choices[0][1]):
            return self._compare_by_case(op, difference, *choices[0])
        if op is Op.EQUALS and difference.parts[0][0] < 0:
            difference = difference.scaled(-1)
        return self._term(op, linear=difference)

    def _compare_by_case(self, op: Op, difference: Linear, coefficient: int, atom: IntTerm) -> Term:
        """A comparison of a choice between known numbers is a choice between comparisons."""
        assert atom.condition is not None and atom.then is not None and atom.otherwise is not None
        rest = difference - Linear(((coefficient, atom),), 0)
        then = self._compare(op, rest + atom.then.scaled(coefficient))
        otherwise = self._compare(op, rest + atom.otherwise.scaled(coefficient))
        return self.either(atom.condition, then, otherwise)

    # --- Numbers ---

    def integer(self, name: str, low: int, high: int) -> Linear:
        """A variable between two bounds; one of a single value is that value."""
        if low == high:
            return number(low)
        key = ("variable", name)
        if key not in self._atoms:
            atom = self._atom(low, high)
            atom.name = name
            self._atoms[key] = atom
        return Linear(((1, self._atoms[key]),), 0)

    def fresh(self, prefix: str) -> str:
        """The name of a variable that nothing else has."""
        self._serial += 1
        return f"{prefix} {self._serial}"

    def bounds(self, name: str, low: int, high: int) -> Term:
        """That a variable keeps its bounds. Comparisons take this for granted; a solver must be told."""
        if low == high:
            return self.true
        atom = self.integer(name, low, high).parts[0][1]
        above = self._term(Op.AT_MOST, linear=Linear(((-1, atom),), low))
        below = self._term(Op.AT_MOST, linear=Linear(((1, atom),), -high))
        return self.and_((above, below))

    def arithmetic(self, term: Term) -> bool:
        """Whether a term rests on a quotient anywhere, which makes it hard for a solver."""
        known = self._arithmetic

        def rests(node: Node) -> bool:
            return (isinstance(node, IntTerm) and node.divisor is not None) or any(
                known[part] for part in parts(node)
            )

        return bottom_up([term], rests, known)[term]

    def digest(self, term: Term) -> bytes:
        """A digest of what a term says, whatever it was built after."""
        known = self._digests
        return bottom_up([term], lambda node: digest(*_content(node, known)), known)[term]

    def mentioned(self, term: Term) -> frozenset[str]:
        """The facts whose variables a term mentions."""
        if term not in self._mentioned:
            self._mentioned[term] = frozenset(name.partition("/")[0] for name in variables((term,)))
        return self._mentioned[term]

    def choose(self, condition: Term, then: Linear, otherwise: Linear) -> Linear:
        if condition is self.true or then == otherwise:
            return then
        if condition is self.false:
            return otherwise
        if condition.op is Op.NOT:
            condition, then, otherwise = condition.args[0], otherwise, then
        # Two plain numbers are the second and a step that is 0 or 1, many times: so sums that count the same
        # condition with different weights are about one number.
        if not then.parts and not otherwise.parts and (then.constant, otherwise.constant) != (1, 0):
            step = self.choose(condition, number(1), number(0))
            return step.scaled(then.constant - otherwise.constant) + otherwise
        key = ("choice", condition, then, otherwise)
        if key not in self._atoms:
            atom = self._atom(min(then.low, otherwise.low), max(then.high, otherwise.high))
            atom.condition, atom.then, atom.otherwise = condition, then, otherwise
            self._atoms[key] = atom
        return Linear(((1, self._atoms[key]),), 0)

    def quotient(self, dividend: Linear, divisor: int) -> Linear:
        """The dividend by a positive divisor, rounded down; the fraction is reduced, which solvers like."""
        common = gcd(divisor, *(coefficient for coefficient, _ in dividend.parts))
        reduced = tuple((coefficient // common, atom) for coefficient, atom in dividend.parts)
        dividend, divisor = Linear(reduced, dividend.constant // common), divisor // common
        if divisor == 1 or not dividend.parts:
            return Linear(dividend.parts, dividend.constant // divisor)
        key = ("quotient", dividend, divisor)
        if key not in self._atoms:
            atom = self._atom(dividend.low // divisor, dividend.high // divisor)
            atom.then, atom.divisor = dividend, divisor
            self._atoms[key] = atom
        return Linear(((1, self._atoms[key]),), 0)

    def extreme(self, numbers: Iterable[Linear], *, greatest: bool) -> Linear:
        first, *others = numbers
        for other in others:
            keep = self.at_most(other, first) if greatest else self.at_most(first, other)
            first = self.choose(keep, first, other)
        return first

    # --- Sharing ---

    def _term(
        self, op: Op, args: tuple[Term, ...] = (), *, name: str = "", linear: Linear | None = None
    ) -> Term:
        key = (op, args, name, linear)
        if key not in self._terms:
            self._serial += 1
            self._terms[key] = Term(self._serial, op, args, name, linear)
        return self._terms[key]

    def _atom(self, low: int, high: int) -> IntTerm:
        self._serial += 1
        return IntTerm(self._serial, low, high)


#: Terms are in order of their making wherever order is of no consequence.
_SERIAL = attrgetter("serial")


def _nothing_left(spans: Iterable[Interval | None]) -> bool:
    """Whether no number lies in all the spans of one atom."""
    left: dict[IntTerm, tuple[int, int]] = {}
    for span in spans:
        if span is not None:
            atom, low, high = span
            if atom in left:
                least, greatest = left[atom]
                low, high = max(low, least), min(high, greatest)
            if low > high:
                return True
            left[atom] = low, high
    return False


def _spans(op: Op, args: tuple[Term, ...], linear: Linear | None) -> tuple[Interval | None, Interval | None]:
    """Where a term leaves the only number that it compares, and where its negation does."""
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


#: The longest chain of choices that a comparison is divided among; longer ones are left to the solver.
_CHAIN_LIMIT = 64


def _is_known_choice(atom: IntTerm) -> bool:
    """A choice, perhaps of choices, whose outcomes are plain numbers."""
    for _ in range(_CHAIN_LIMIT):
        if atom.condition is None:
            return False
        assert atom.then is not None and atom.otherwise is not None
        if atom.then.parts:
            return False
        if not atom.otherwise.parts:
            return True
        if len(atom.otherwise.parts) > 1:
            return False
        atom = atom.otherwise.parts[0][1]
    return False


# --- Walks -------------------------------------------------------------------------------------------------


def parts(node: Node) -> Sequence[Node]:
    """The direct parts of a term or atom, one for each time they stand in it."""
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
    """What `visit` makes of terms and atoms and of all their parts: each is visited once, after its own parts; without
    recursion, since terms may be deep. What is in `found` already is not visited; what is made is added to it."""
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


def _operands(term: Term) -> Sequence[Term]:
    return term.args if term.op in (Op.AND, Op.OR) else ()


def _content(node: Node, digests: Mapping[Node, bytes]) -> Iterator[bytes]:
    """What a term or atom is made of: its kind, its numbers, and the digests of its parts."""
    if isinstance(node, Term):
        yield f"{node.op.value} {node.name}".encode()
        # What is shared is kept in order of birth, which differs from run to run.
        yield from sorted(digests[arg] for arg in node.args)
        linears = [node.linear] if node.linear is not None else []
    else:
        yield f"atom {node.name} {node.low} {node.high} {node.divisor}".encode()
        if node.condition is not None:
            yield digests[node.condition]
        linears = [linear for linear in (node.then, node.otherwise) if linear is not None]
    for linear in linears:
        yield str(linear.constant).encode()
        yield from sorted(digest(str(factor).encode(), digests[atom]) for factor, atom in linear.parts)


def comparisons(terms: Iterable[Term]) -> list[Term]:
    """All the comparisons of numbers that terms are made of, those inside numbers included."""
    return [node for node in subterms(terms) if isinstance(node, Term) and node.linear is not None]


def variables(terms: Iterable[Term]) -> set[str]:
    """The names of all variables that the terms mention."""
    nodes = subterms(terms)
    return {
        node.name for node in nodes if node.name and (isinstance(node, IntTerm) or node.op is Op.VARIABLE)
    }


def thresholds(term: Term) -> list[tuple[str, int]]:
    """The numbers at which comparisons with one variable turn, as variable and first number beyond."""
    found: dict[tuple[str, int], None] = {}
    for node in comparisons([term]):
        if node.linear is not None and len(node.linear.parts) == 1:
            coefficient, atom = node.linear.parts[0]
            if atom.name is not None:
                last = -node.linear.constant // abs(coefficient) * (1 if coefficient > 0 else -1)
                turns = (last, last + 1) if node.op is Op.EQUALS else (last + 1 if coefficient > 0 else last,)
                found.update(dict.fromkeys((atom.name, turn) for turn in turns))
    return list(found)
