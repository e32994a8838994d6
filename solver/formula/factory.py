"""The factory of all terms: it shares equal terms and simplifies locally.

In: terms and numbers. Out: terms that connect, compare or add them; two terms are the same object exactly if they are
built in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import gcd
from operator import attrgetter

from policyc.dsl.system.digests import digest

from .terms import Interval, IntTerm, Linear, Node, Op, Term, bottom_up, fact_of, number, parts, variables


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
        """Negation, pushed inward to variables and comparisons, so that "not surely false" and "surely true" are the
        same shared term if nothing is undetermined."""
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
        # "At least 2 or at most 1" is true, just as "at most 1 and at least 2" is false.
        if _nothing_left(term.leaves if op is Op.AND else term.excludes for term in operands):
            return decisive
        if len(operands) < 2:
            return next(iter(operands), neutral)
        return self._term(op, tuple(sorted(operands, key=_SERIAL)))

    def implies(self, premise: Term, conclusion: Term) -> Term:
        return self.or_((self.not_(premise), conclusion))

    def either(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """`then` if the condition holds, else `otherwise`."""
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
        """A comparison with a choice between constants, as a choice between comparisons."""
        assert atom.condition is not None and atom.then is not None and atom.otherwise is not None
        rest = difference - Linear(((coefficient, atom),), 0)
        then = self._compare(op, rest + atom.then.scaled(coefficient))
        otherwise = self._compare(op, rest + atom.otherwise.scaled(coefficient))
        return self.either(atom.condition, then, otherwise)

    # --- Numbers ---

    def integer(self, name: str, low: int, high: int) -> Linear:
        """A variable between two bounds; a constant if they are equal."""
        if low == high:
            return number(low)
        key = ("variable", name)
        if key not in self._atoms:
            atom = self._atom(low, high)
            atom.name = name
            self._atoms[key] = atom
        return Linear(((1, self._atoms[key]),), 0)

    def fresh(self, prefix: str) -> str:
        """An unused name for a variable."""
        self._serial += 1
        return f"{prefix} {self._serial}"

    def bounds(self, name: str, low: int, high: int) -> Term:
        """That a variable keeps its bounds. Simplification assumes this; a solver needs it as an assertion."""
        if low == high:
            return self.true
        atom = self.integer(name, low, high).parts[0][1]
        above = self._term(Op.AT_MOST, linear=Linear(((-1, atom),), low))
        below = self._term(Op.AT_MOST, linear=Linear(((1, atom),), -high))
        return self.and_((above, below))

    def arithmetic(self, term: Term) -> bool:
        """Whether a term contains a quotient, which makes it hard for a solver."""
        known = self._arithmetic

        def rests(node: Node) -> bool:
            return (isinstance(node, IntTerm) and node.divisor is not None) or any(known[part] for part in parts(node))

        return bottom_up([term], rests, known)[term]

    def digest(self, term: Term) -> bytes:
        """A digest of the content of a term, whatever terms were built before it."""
        known = self._digests
        return bottom_up([term], lambda node: digest(*_content(node, known)), known)[term]

    def mentioned(self, term: Term) -> frozenset[str]:
        """The facts whose variables occur in a term."""
        if term not in self._mentioned:
            self._mentioned[term] = frozenset(fact_of(name) for name in variables((term,)))
        return self._mentioned[term]

    def choose(self, condition: Term, then: Linear, otherwise: Linear) -> Linear:
        if condition is self.true or then == otherwise:
            return then
        if condition is self.false:
            return otherwise
        if condition.op is Op.NOT:
            condition, then, otherwise = condition.args[0], otherwise, then
        # A choice of two constants is the second plus a multiple of a 0-or-1 choice, so that sums that weigh the same
        # condition differently share one number.
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
        """The dividend by a positive divisor, rounded down; the fraction is reduced, which helps solvers."""
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

    def _term(self, op: Op, args: tuple[Term, ...] = (), *, name: str = "", linear: Linear | None = None) -> Term:
        key = (op, args, name, linear)
        if key not in self._terms:
            self._serial += 1
            self._terms[key] = Term(self._serial, op, args, name, linear)
        return self._terms[key]

    def _atom(self, low: int, high: int) -> IntTerm:
        self._serial += 1
        return IntTerm(self._serial, low, high)


#: The order of construction, used wherever order has no meaning.
_SERIAL = attrgetter("serial")


def _nothing_left(spans: Iterable[Interval | None]) -> bool:
    """Whether no number lies in all the intervals of one atom."""
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


#: The longest chain of choices over which a comparison is distributed; longer ones are left to the solver.
_CHAIN_LIMIT = 64


def _is_known_choice(atom: IntTerm) -> bool:
    """Whether an atom is a choice, perhaps nested, between constants."""
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


def _operands(term: Term) -> Sequence[Term]:
    return term.args if term.op in (Op.AND, Op.OR) else ()


def _content(node: Node, digests: Mapping[Node, bytes]) -> Iterator[bytes]:
    """The content of a term or atom: its kind, its numbers, and the digests of its parts."""
    if isinstance(node, Term):
        yield f"{node.op.value} {node.name}".encode()
        # Arguments are in order of construction, which differs from run to run.
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
