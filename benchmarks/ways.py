"""The gain of optimisations: commands on the bundled policies, with one optimisation at a time replaced by the simple
way. An optimisation that gains less than the goal is not worth its lines.

python -m benchmarks.ways
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.measure import row
from policyc.dsl.load import bundled
from policyc.solver.backends import z3_backend
from policyc.solver.formula.evaluate import Valuations
from policyc.solver.formula.terms import Assignment, IntTerm, Linear, Node, Op, Term, bottom_up

REPEATS = 3


# --- Terms walked for every case ---------------------------------------------------------------------------


class Walked(Valuations):
    """Values of terms by walking them instead of by compiled functions."""

    def truths(self, terms: tuple[Term, ...], assignment: Assignment) -> list[bool]:
        found = _values(terms, assignment)
        return [bool(found[term]) for term in terms]

    def truth(self, term: Term, assignment: Assignment) -> bool:
        return bool(_values((term,), assignment)[term])

    def number(self, linear: Linear, assignment: Assignment) -> int:
        return _sum(linear, _values([atom for _, atom in linear.parts], assignment))


def _values(wanted: Any, assignment: Assignment) -> dict[Node, int]:
    found: dict[Node, int] = {}

    def visit(node: Node) -> int:
        if node.name and (isinstance(node, IntTerm) or node.op is Op.VARIABLE):
            return assignment[node.name]
        return _truth(node, found) if isinstance(node, Term) else _number(node, found)

    return bottom_up(wanted, visit, found)


def _truth(term: Term, found: Mapping[Node, int]) -> bool:
    match term.op:
        case Op.CONSTANT:
            return term.name == "true"
        case Op.NOT:
            return not found[term.args[0]]
        case Op.AND:
            return all(found[arg] for arg in term.args)
        case Op.OR:
            return any(found[arg] for arg in term.args)
        case _:
            assert term.linear is not None
            value = _sum(term.linear, found)
            return value <= 0 if term.op is Op.AT_MOST else value == 0


def _number(atom: IntTerm, found: Mapping[Node, int]) -> int:
    assert atom.then is not None
    if atom.divisor is not None:
        return _sum(atom.then, found) // atom.divisor
    assert atom.condition is not None and atom.otherwise is not None
    return _sum(atom.then if found[atom.condition] else atom.otherwise, found)


def _sum(linear: Linear, found: Mapping[Node, int]) -> int:
    return linear.constant + sum(factor * found[atom] for factor, atom in linear.parts)


def walked() -> None:
    from policyc.solver.engine import context

    context.Valuations = Walked  # type: ignore[misc]


# --- Z3's Python classes -----------------------------------------------------------------------------------


class Classes(z3_backend.Translator):
    """Terms translated by the operators of Z3's Python classes instead of direct calls."""

    def term(self, term: Term) -> Any:
        super().term(term)
        return self._built[term].ast

    def _truth(self, term: Term) -> Any:
        z3, args = self.z3, [self._built[arg] for arg in term.args]
        match term.op:
            case Op.CONSTANT:
                return z3.BoolVal(term.name == "true", self.context)
            case Op.VARIABLE:
                return self._declared(z3.Bool(term.name, self.context))
            case Op.NOT:
                return z3.Not(args[0])
            case Op.AND:
                return z3.And(*args)
            case Op.OR:
                return z3.Or(*args)
            case _:
                assert term.linear is not None
                total = self._linear(term.linear)
                return total <= 0 if term.op is Op.AT_MOST else total == 0

    def _linear(self, linear: Linear) -> Any:
        summands = [self._built[atom] * factor for factor, atom in linear.parts]
        return sum(summands, self.z3.IntVal(linear.constant, self.context))

    def _number(self, atom: IntTerm) -> Any:
        if atom.name is not None:
            return self._declared(self.z3.Int(atom.name, self.context))
        assert atom.then is not None
        if atom.divisor is not None:
            return self._linear(atom.then) / atom.divisor
        assert atom.condition is not None and atom.otherwise is not None
        condition = self._built[atom.condition]
        return self.z3.If(condition, self._linear(atom.then), self._linear(atom.otherwise))

    def _declared(self, variable: Any) -> Any:
        self.variables.append((str(variable), variable.decl().ast))
        self.__dict__.setdefault("kept", []).append(variable.decl())
        return variable


def translated() -> None:
    from policyc.solver.engine import context

    context.Translator = Classes  # type: ignore[misc]


def read() -> None:
    """Models and cores by Z3's Python classes."""

    def model(session: Any) -> dict[str, bool | int]:
        z3, found = session._translator.z3, session._solver.model()
        values = ((declaration.name(), found[declaration]) for declaration in found.decls())
        return {name: z3.is_true(v) if z3.is_bool(v) else v.as_long() for name, v in values}

    def core(session: Any) -> set[int]:
        return {literal.get_id() for literal in session._solver.unsat_core()}

    z3_backend.Session._model = model  # type: ignore[method-assign]
    z3_backend.Session._core = core  # type: ignore[method-assign]


CHECK = ("check", str(bundled()), "--jobs", "1", "--no-cache")
ASK = ("ask", "pay", "-p", str(bundled()))

#: The simple way, how to switch to it, and a command that uses it heavily.
WAYS: Mapping[str, tuple[Callable[[], None], tuple[str, ...]]] = {
    "terms walked, not compiled": (walked, ASK),
    "terms translated by Z3's classes": (translated, CHECK),
    "models and cores read by Z3's classes": (read, CHECK),
}


def cpu(way: str, words: Sequence[str]) -> float:
    """CPU seconds of a command, done in one way."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "benchmarks.ways", way, *words]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode in (0, 1), f"{way}: ended with {done.returncode}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """The quick way and the simple one in turn, so that other load on the machine affects both."""
    for way, (_, words) in WAYS.items():
        pairs = [(cpu("quick", words), cpu(way, words)) for _ in range(REPEATS)]
        ratio = min(plain for _, plain in pairs) / min(quick for quick, _ in pairs)
        row(f"`{words[0]}` of the bundled set, {way}: CPU", f"{ratio:.2f} ×", "≥ 1.05 ×", ratio >= 1.05)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        from policyc.cli.main import main as policyc

        if sys.argv[1] in WAYS:
            WAYS[sys.argv[1]][0]()
        policyc(sys.argv[2:])
    else:
        main()
