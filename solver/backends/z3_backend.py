"""Z3 alone: terms in; satisfiable, unsatisfiable or unknown out, with a model or a core.

Questions are assumptions of one solver, so that what it learns from one serves the next. Each assumed term has a
literal of its own, named after its clause of the policy set if it has one. `unknown` is an answer of its own and is
never taken for either of the others.

Expressions are built, and models and cores read, by the plain calls of Z3's interface (`Z3_mk_and` and the like): with
its Python classes a check of the bundled set takes 1.1 times the CPU (building) and 1.5 times (reading) (`benchmarks/ways.py`).
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from math import ceil, inf
from pathlib import Path
from time import perf_counter
from typing import Any

from policyc.dsl.system.limits import remaining

from ..formula.terms import IntTerm, Linear, Node, Op, Term, bottom_up
from .interrupts import pass_on


class Status(StrEnum):
    SATISFIABLE = "satisfiable"
    UNSATISFIABLE = "unsatisfiable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    status: Status
    #: If satisfiable, a value for every variable mentioned.
    model: Mapping[str, bool | int]
    #: If unsatisfiable, assumed terms that cannot hold together; not minimal.
    core: tuple[Term, ...] = ()
    #: Why it is unknown, in Z3's words.
    reason: str = ""

    def __bool__(self) -> bool:
        raise TypeError("an answer has three values; compare its status")


def loaded() -> Any:
    """Z3's Python module, with the library installed with it. By default it would first load any file with the name of
    that library in the working folder, which may hold anybody's policies."""
    if "z3" not in sys.modules:
        spec = find_spec("z3")
        if spec is not None and spec.origin is not None:
            package = Path(spec.origin).parent
            builtins.Z3_LIB_DIRS = [str(package / "lib"), str(package), str(Path(sys.prefix, "lib"))]  # type: ignore[attr-defined]
    import z3

    return z3


class Translator:
    """Terms as Z3 expressions, each translated once. Shared by the sessions of a context.

    INVARIANT: an expression made here is kept until the context goes, so no reference is ever given back.
    """

    def __init__(self) -> None:
        self.z3 = z3 = loaded()
        self.context = z3.Context()  # its own, freed with the translator
        self.ref = self.context.ref()
        self._int = z3.IntSort(self.context).ast
        self._bool = z3.BoolSort(self.context).ast
        self._built: dict[Node, Any] = {}
        self._zero = self.integer(0)
        #: Every variable so far: its name and its declaration.
        self.variables: list[tuple[str, Any]] = []

    # --- Plain calls ---

    def _kept(self, ast: Any) -> Any:
        self.z3.Z3_inc_ref(self.ref, ast)
        return ast

    def _many(self, make: Any, asts: Sequence[Any]) -> Any:
        return self._kept(make(self.ref, len(asts), (self.z3.Ast * len(asts))(*asts)))

    def integer(self, value: int) -> Any:
        return self._kept(self.z3.Z3_mk_numeral(self.ref, str(value), self._int))

    def literal(self, name: str) -> Any:
        """A fresh Boolean that stands for an assumption."""
        z3 = self.z3
        return self._kept(z3.Z3_mk_const(self.ref, z3.Z3_mk_string_symbol(self.ref, name), self._bool))

    def implies(self, premise: Any, conclusion: Any) -> Any:
        return self._kept(self.z3.Z3_mk_implies(self.ref, premise, conclusion))

    def any_of(self, asts: Sequence[Any]) -> Any:
        return self._many(self.z3.Z3_mk_or, asts)

    def _variable(self, name: str, sort: Any) -> Any:
        z3 = self.z3
        variable = self._kept(z3.Z3_mk_const(self.ref, z3.Z3_mk_string_symbol(self.ref, name), sort))
        declaration = z3.Z3_get_app_decl(self.ref, z3.Z3_to_app(self.ref, variable))
        self.variables.append((name, self._kept(declaration)))
        return variable

    # --- Terms ---

    def term(self, term: Term) -> Any:
        """Translated without recursion, since conditions may be long."""
        return bottom_up([term], self._build, self._built)[term]

    def _build(self, node: Node) -> Any:
        return self._truth(node) if isinstance(node, Term) else self._number(node)

    def _truth(self, term: Term) -> Any:
        z3 = self.z3
        match term.op:
            case Op.CONSTANT:
                make = z3.Z3_mk_true if term.name == "true" else z3.Z3_mk_false
                return self._kept(make(self.ref))
            case Op.VARIABLE:
                return self._variable(term.name, self._bool)
            case Op.NOT:
                return self._kept(z3.Z3_mk_not(self.ref, self._built[term.args[0]]))
            case Op.AND:
                return self._many(z3.Z3_mk_and, [self._built[arg] for arg in term.args])
            case Op.OR:
                return self._many(z3.Z3_mk_or, [self._built[arg] for arg in term.args])
            case _:
                assert term.linear is not None
                make = z3.Z3_mk_le if term.op is Op.AT_MOST else z3.Z3_mk_eq
                return self._kept(make(self.ref, self._linear(term.linear), self._zero))

    def _linear(self, linear: Linear) -> Any:
        z3 = self.z3
        summands = [
            self._built[atom] if c == 1 else self._many(z3.Z3_mk_mul, [self.integer(c), self._built[atom]])
            for c, atom in linear.parts
        ]
        if linear.constant or not summands:
            summands.append(self.integer(linear.constant))
        return summands[0] if len(summands) == 1 else self._many(z3.Z3_mk_add, summands)

    def _number(self, atom: IntTerm) -> Any:
        z3 = self.z3
        if atom.name is not None:
            return self._variable(atom.name, self._int)
        assert atom.then is not None
        if atom.divisor is not None:
            return self._kept(z3.Z3_mk_div(self.ref, self._linear(atom.then), self.integer(atom.divisor)))
        assert atom.condition is not None and atom.otherwise is not None
        condition = self._built[atom.condition]
        then, otherwise = self._linear(atom.then), self._linear(atom.otherwise)
        return self._kept(z3.Z3_mk_ite(self.ref, condition, then, otherwise))


#: Z3 may stop a question a little early; and may be given a little more time than is left, since setting the limit
#: before each question would take longer than most questions do.
_PUNCTUAL = 0.9
_GENEROUS = 1.05
#: The shortest limit for Z3, in seconds. Z3 misses a limit that ends before its search begins, which on a busy machine
#: happens to a millisecond, and then searches without a limit.
_SHORTEST = 0.1
#: The most steps per second that Z3 could count (it does one to thirty million). A limit on steps ends a question if Z3
#: misses the time limit nevertheless; it has 32 bits, and 0 means no limit. It must not end before the time does, since
#: that would look like Ctrl-C.
_FASTEST = 300_000_000
_MOST_STEPS = 2**32 - 1


class Session:
    """One Z3 solver with fixed assertions, asked many questions."""

    def __init__(
        self,
        translator: Callable[[], Translator],
        names: Mapping[Term, str] | None = None,
    ) -> None:
        """`names` are the clauses that terms come from. Z3 is loaded by the first question."""
        self._translate = translator
        #: The time limit that Z3 has now, in seconds.
        self._patience = inf
        self._names = names or {}
        #: Everything asserted permanently.
        self.required: list[Term] = []
        self._literals: dict[Term, Any] = {}
        self._named: dict[str, Any] = {}
        self.questions = 0

    @cached_property
    def _translator(self) -> Translator:
        return self._translate()

    @cached_property
    def _solver(self) -> Any:
        translator = self._translator
        solver = translator.z3.SolverFor("QF_LIA", ctx=translator.context)
        solver.set("random_seed", 0)
        self._patience = inf
        self._named.clear()  # left by a solver whose construction was interrupted
        for term in self.required:
            self._assert_named(solver, term)
        return solver

    def require(self, term: Term) -> None:
        """Asserts a term permanently, named after its clause."""
        assert "_solver" not in self.__dict__, "what is required must be known before the first question"
        self.required.append(term)

    def _assert_named(self, solver: Any, term: Term) -> None:
        translator = self._translator
        z3, ref, name = translator.z3, translator.ref, self._names.get(term)
        if name is None:
            z3.Z3_solver_assert(ref, solver.solver, translator.term(term))
        elif name not in self._named:
            self._named[name] = translator.literal(name)
            z3.Z3_solver_assert_and_track(ref, solver.solver, translator.term(term), self._named[name])

    def _assert(self, ast: Any) -> None:
        self._translator.z3.Z3_solver_assert(self._translator.ref, self._solver.solver, ast)

    def check(self, assumptions: Sequence[Term], one_of: Sequence[Term] = (), *, with_model: bool = True) -> Answer:
        """Whether all assumptions, and at least one of `one_of`, can hold together with what is asserted."""
        self.questions += 1
        z3 = self._translator.z3
        try:
            return self._checked(assumptions, one_of, with_model)
        except (MemoryError, z3.Z3Exception) as error:
            if isinstance(error, z3.Z3Exception) and "out of memory" not in str(error):
                raise
            self._forget()
            return Answer(Status.UNKNOWN, {}, reason="out of memory")

    def _forget(self) -> None:
        """Frees Z3's memory; the next question starts afresh."""
        self.__dict__.pop("_solver", None)
        self._literals.clear()

    def _checked(self, assumptions: Sequence[Term], one_of: Sequence[Term], with_model: bool) -> Answer:
        z3, ref, solver = self._translator.z3, self._translator.ref, self._solver.solver
        literals = [self._literal(term) for term in assumptions]
        wanted = [*literals, self._one_of(one_of)] if one_of else literals
        while True:
            self._hurry()
            start = perf_counter()
            result = z3.Z3_solver_check_assumptions(ref, solver, len(wanted), (z3.Ast * len(wanted))(*wanted))
            if result == z3.Z3_L_TRUE:
                return Answer(Status.SATISFIABLE, self._model() if with_model else {})
            if result == z3.Z3_L_FALSE:
                core = self._core()
                pairs = zip(assumptions, literals, strict=True)
                used = tuple(term for term, literal in pairs if z3.Z3_get_ast_id(ref, literal) in core)
                return Answer(Status.UNSATISFIABLE, {}, used)
            reason, over = self._solver.reason_unknown(), self._is_over(perf_counter() - start)
            if "keyboard" in reason or (reason == "canceled" and not over):
                pass_on()
            # Z3's clock goes on while other processes run; ours does not.
            if not over or (remaining() or 0) <= _SHORTEST:
                return Answer(Status.UNKNOWN, {}, reason=reason)

    def _hurry(self) -> None:
        """Sets Z3's limit to the time left."""
        left = remaining()
        if left is None:
            return
        left = max(left, _SHORTEST)
        if not left <= self._patience <= left * _GENEROUS:
            self._patience = left
            self._solver.set("timeout", ceil(self._patience * 1000))
            steps = ceil(self._patience * _FASTEST)
            self._solver.set("rlimit", steps if steps <= _MOST_STEPS else 0)

    def _is_over(self, seconds: float) -> bool:
        """Whether a question may have been canceled for its time limit; Ctrl-C cancels it too."""
        return seconds >= self._patience * _PUNCTUAL

    def _one_of(self, terms: Sequence[Term]) -> Any:
        """A literal that implies one of the terms."""
        translator = self._translator
        literal = translator.literal(f"one of!{self.questions}")
        self._assert(translator.implies(literal, translator.any_of([self._literal(term) for term in terms])))
        return literal

    def _literal(self, term: Term) -> Any:
        if term not in self._literals:
            translator = self._translator
            name = self._names.get(term, "assumption")
            literal = translator.literal(f"{name}!{len(self._literals)}")
            self._assert(translator.implies(literal, translator.term(term)))
            self._literals[term] = literal
        return self._literals[term]

    def _core(self) -> set[int]:
        """The ids of literals that cannot hold together."""
        z3, ref = self._translator.z3, self._translator.ref
        vector = z3.Z3_solver_get_unsat_core(ref, self._solver.solver)
        z3.Z3_ast_vector_inc_ref(ref, vector)
        places = range(z3.Z3_ast_vector_size(ref, vector))
        core = {z3.Z3_get_ast_id(ref, z3.Z3_ast_vector_get(ref, vector, place)) for place in places}
        z3.Z3_ast_vector_dec_ref(ref, vector)
        return core

    def _model(self) -> dict[str, bool | int]:
        kept = self._solver.model()  # keeps the model alive
        z3, ref, model = self._translator.z3, self._translator.ref, kept.model
        found: dict[str, bool | int] = {}
        for name, declaration in self._translator.variables:
            value = z3.Z3_model_get_const_interp(ref, model, declaration)
            if not value:
                continue
            truth = z3.Z3_get_bool_value(ref, value)
            if truth == z3.Z3_L_UNDEF:  # a number
                found[name] = int(z3.Z3_get_numeral_string(ref, value))
            else:
                found[name] = truth == z3.Z3_L_TRUE
        return found


def solver_name() -> str:
    """`Z3` and its version."""
    z3 = loaded()
    return f"Z3 {z3.get_version_string()}"
