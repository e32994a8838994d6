"""Z3, and nothing but Z3: terms in; satisfiable, unsatisfiable or unknown out, with a model or a core.

Questions are asked as assumptions of one solver, so that what is learnt for one serves the next. Each
assumed term has a literal of its own, named for the clause of the policy set it came from where it has one.
`unknown` is an answer of its own and is never taken for either of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .terms import Atom, Linear, Op, Term


class Status(StrEnum):
    SATISFIABLE = "satisfiable"
    UNSATISFIABLE = "unsatisfiable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    status: Status
    #: A value for every variable mentioned, where satisfiable.
    model: Mapping[str, bool | int]
    #: The assumed terms that cannot hold together, where unsatisfiable; not minimal.
    core: tuple[Term, ...] = ()
    #: Why it is not known, in Z3's words.
    reason: str = ""

    def __bool__(self) -> bool:
        raise TypeError("an answer has three values; compare its status")


class Translator:
    """Terms as Z3 expressions, each translated once. Shared by the sessions of a run."""

    def __init__(self) -> None:
        import z3

        self.z3 = z3
        self._terms: dict[Term, Any] = {}
        self._atoms: dict[Atom, Any] = {}
        #: Every variable so far, with its declaration.
        self.variables: list[tuple[str, Any]] = []

    def term(self, term: Term) -> Any:
        """Translated without recursion, since conditions may be long."""
        waiting = [term]
        while waiting:
            current = waiting[-1]
            if current in self._terms:
                waiting.pop()
                continue
            missing = [part for part in _parts(current) if part not in self._terms]
            if missing:
                waiting.extend(missing)
                continue
            self._terms[current] = self._build(current)
            waiting.pop()
        return self._terms[term]

    def _build(self, term: Term) -> Any:
        z3 = self.z3
        match term.op:
            case Op.CONSTANT:
                return z3.BoolVal(term.name == "true")
            case Op.VARIABLE:
                return self._variable(term.name, z3.Bool(term.name))
            case Op.NOT:
                return z3.Not(self._terms[term.args[0]])
            case Op.AND:
                return z3.And(*(self._terms[arg] for arg in term.args))
            case Op.OR:
                return z3.Or(*(self._terms[arg] for arg in term.args))
            case _:
                assert term.linear is not None
                expression = self.linear(term.linear)
                return expression <= 0 if term.op is Op.AT_MOST else expression == 0

    def _variable(self, name: str, variable: Any) -> Any:
        self.variables.append((name, variable.decl().ast))
        return variable

    def linear(self, linear: Linear) -> Any:
        z3 = self.z3
        summands = [z3.IntVal(c) * self._atom(a) if c != 1 else self._atom(a) for c, a in linear.parts]
        if linear.constant or not summands:
            summands.append(z3.IntVal(linear.constant))
        return summands[0] if len(summands) == 1 else z3.Sum(summands)

    def _atom(self, atom: Atom) -> Any:
        if atom not in self._atoms:
            z3 = self.z3
            if atom.name is not None:
                self._atoms[atom] = self._variable(atom.name, z3.Int(atom.name))
            elif atom.divisor is not None:
                assert atom.then is not None
                self._atoms[atom] = self.linear(atom.then) / atom.divisor
            else:
                assert atom.condition is not None and atom.then is not None and atom.otherwise is not None
                then, otherwise = self.linear(atom.then), self.linear(atom.otherwise)
                self._atoms[atom] = z3.If(self.term(atom.condition), then, otherwise)
        return self._atoms[atom]


def _parts(term: Term) -> list[Term]:
    """Subterms, those inside numbers included."""
    found = list(term.args)
    atoms = [atom for _, atom in term.linear.parts] if term.linear is not None else []
    while atoms:
        atom = atoms.pop()
        if atom.condition is not None:
            found.append(atom.condition)
        for linear in (atom.then, atom.otherwise):
            if linear is not None:
                atoms.extend(inner for _, inner in linear.parts)
    return found


class Session:
    """One Z3 solver with fixed assertions, asked many questions."""

    def __init__(
        self, translator: Translator, timeout: float | None = None, names: Mapping[Term, str] | None = None
    ) -> None:
        """`timeout` is in seconds for each question; `None` lets Z3 take its time. `names` are those of the
        clauses that terms come from."""
        z3 = translator.z3
        self._translator = translator
        self._solver = z3.SolverFor("QF_LIA")
        self._solver.set("random_seed", 0)
        if timeout is not None:
            self._solver.set("timeout", max(1, int(timeout * 1000)))
        self._names = names or {}
        self._literals: dict[Term, Any] = {}
        self.questions = 0

    def require(self, term: Term) -> None:
        """Asserts a term for good."""
        self._solver.add(self._translator.term(term))

    def check(self, assumptions: Sequence[Term], one_of: Sequence[Term] = ()) -> Answer:
        """Whether all the assumptions, and some one of `one_of`, can hold together with what is asserted."""
        self.questions += 1
        z3 = self._translator.z3
        literals = [self._literal(term) for term in assumptions]
        result = self._solver.check(*literals, *([self._one_of(one_of)] if one_of else []))
        if result == z3.sat:
            return Answer(Status.SATISFIABLE, self._model())
        if result == z3.unsat:
            core = {literal.get_id() for literal in self._solver.unsat_core()}
            literal_of = zip(assumptions, literals, strict=True)
            return Answer(
                Status.UNSATISFIABLE, {}, tuple(t for t, literal in literal_of if literal.get_id() in core)
            )
        return Answer(Status.UNKNOWN, {}, reason=self._solver.reason_unknown())

    def _one_of(self, terms: Sequence[Term]) -> Any:
        """A literal that implies one of the terms."""
        z3 = self._translator.z3
        literal = z3.Bool(f"one of!{self.questions}")
        self._solver.add(z3.Or(z3.Not(literal), *map(self._literal, terms)))
        return literal

    def _literal(self, term: Term) -> Any:
        if term not in self._literals:
            z3 = self._translator.z3
            literal = z3.Bool(f"{self._names.get(term, 'assumption')}!{len(self._literals)}")
            self._solver.add(z3.Implies(literal, self._translator.term(term)))
            self._literals[term] = literal
        return self._literals[term]

    def _model(self) -> dict[str, bool | int]:
        z3, model = self._translator.z3, self._solver.model()
        context = model.ctx.ref()
        found: dict[str, bool | int] = {}
        for name, variable in self._translator.variables:
            # The plain call of the API: the wrapped one costs more than the whole question.
            value = z3.Z3_model_get_const_interp(context, model.model, variable)
            if value:
                text = z3.Z3_ast_to_string(context, value)
                found[name] = text == "true" if text in ("true", "false") else _integer(text)
        return found


def _integer(text: str) -> int:
    """An integer as Z3 writes it: `5`, `(- 5)`."""
    return -int(text[3:-1]) if text.startswith("(") else int(text)
