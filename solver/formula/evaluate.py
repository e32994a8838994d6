"""Evaluates terms in single cases, as compiled functions of an assignment.

In: terms and numbers. Out: their values. `bitset.py` does the same for many cases at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .terms import Assignment, IntTerm, Linear, Node, Op, Term, bottom_up


class Valuations:
    """Terms as compiled functions of an assignment: straight-line Python, one line per subterm.

    A term is compiled on first use; then each value costs microseconds, so that cases can be tried by the thousand.
    If terms were walked for every case instead, `ask pay` of the bundled set would take twice the CPU
    (`benchmarks/ways.py`).
    """

    def __init__(self) -> None:
        self._compiled: dict[Term | Linear, Callable[[Assignment], int]] = {}
        self._many: dict[tuple[Term, ...], Callable[[Assignment], list[bool]]] = {}

    def truths(self, terms: tuple[Term, ...], assignment: Assignment) -> list[bool]:
        """The truth of many terms, computing what they share once."""
        if terms not in self._many:
            self._many[terms] = _FunctionWriter().functions(terms)
        return self._many[terms](assignment)

    def truth(self, term: Term, assignment: Assignment) -> bool:
        return bool(self._function(term)(assignment))

    def number(self, linear: Linear, assignment: Assignment) -> int:
        return self._function(linear)(assignment)

    def _function(self, wanted: Term | Linear) -> Callable[[Assignment], int]:
        if wanted not in self._compiled:
            self._compiled[wanted] = _FunctionWriter().function(wanted)
        return self._compiled[wanted]


class _FunctionWriter:
    """Writes the lines of one function, subterms before the terms that contain them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[Node, str] = {}

    def function(self, wanted: Term | Linear) -> Callable[[Assignment], int]:
        nodes = [wanted] if isinstance(wanted, Term) else [atom for _, atom in wanted.parts]
        bottom_up(nodes, self._write, self._names)
        result = self._names[wanted] if isinstance(wanted, Term) else self._sum(wanted)
        function: Callable[[Assignment], int] = self._finish(result)
        return function

    def functions(self, wanted: Sequence[Term]) -> Callable[[Assignment], list[bool]]:
        bottom_up(wanted, self._write, self._names)
        function: Callable[[Assignment], list[bool]] = self._finish(
            "[" + ", ".join(self._names[term] for term in wanted) + "]"
        )
        return function

    def _write(self, node: Node) -> str:
        """Writes the line of a subterm and returns its name."""
        name = f"v{len(self.lines)}"
        self.lines.append(f"    {name} = {self._term(node) if isinstance(node, Term) else self._atom(node)}")
        return name

    def _finish(self, result: str) -> Any:
        source = "\n".join(["def function(a):", *self.lines, f"    return {result}"])
        scope: dict[str, Any] = {}
        exec(compile(source, "<term>", "exec"), scope)  # noqa: S102 - made here, of numbers and quoted names
        return scope["function"]

    def _term(self, term: Term) -> str:
        names = [self._names[arg] for arg in term.args]
        match term.op:
            case Op.CONSTANT:
                return term.name.capitalize()
            case Op.VARIABLE:
                return f"a[{term.name!r}]"
            case Op.NOT:
                return f"not {names[0]}"
            case Op.AND | Op.OR:
                return f" {term.op.value} ".join(names)
            case _:
                assert term.linear is not None
                return f"{self._sum(term.linear)} {'<=' if term.op is Op.AT_MOST else '=='} 0"

    def _atom(self, atom: IntTerm) -> str:
        if atom.name is not None:
            return f"a[{atom.name!r}]"
        assert atom.then is not None
        if atom.divisor is not None:
            return f"({self._sum(atom.then)}) // {atom.divisor}"
        assert atom.condition is not None and atom.otherwise is not None
        return f"{self._sum(atom.then)} if {self._names[atom.condition]} else {self._sum(atom.otherwise)}"

    def _sum(self, linear: Linear) -> str:
        summands = [f"{coefficient} * {self._names[atom]}" for coefficient, atom in linear.parts]
        return " + ".join([*summands, str(linear.constant)])
