"""Writes terms as SMT-LIB 2 text, which any solver reads.

In: named terms, and questions. Out: a script, the same for equal terms built in the same order: declarations of the
variables, definitions of subterms used more than once, named assertions, the questions. Variables keep the names of
their facts (`payer.region/0` is the first level of a region's path), in bars where SMT-LIB needs them. Asks no solver.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .terms import IntTerm, Linear, Node, Op, Term, parts, subterms

_SIMPLE = re.compile(r"[A-Za-z~!$%^&*_+=<>?/-][A-Za-z0-9~!@$%^&*_+=<>.?/-]*")

#: Possible names of facts that SMT-LIB reserves, in bars or not.
_TAKEN = re.compile(
    r"_|let|as|par|match|exists|forall|not|and|or|xor|ite|true|false|distinct|div|mod|abs|is_int|to_int|to_real|int\..*"
)

#: The most characters in a line, if it can be broken.
_WIDEST = 110


@dataclass(frozen=True, slots=True)
class SatQuery:
    """Whether some terms can hold together, and one of some others, in a valid case."""

    terms: Sequence[Term]
    one_of: Sequence[Term] = ()
    #: The question in words.
    about: str = ""


def symbol(name: str) -> str:
    """A name in SMT-LIB: as it is, or in bars, which no name of the language contains."""
    if _TAKEN.fullmatch(name):
        return f"|fact {name}|"
    return name if _SIMPLE.fullmatch(name) else f"|{name}|"


def any_script(required: Mapping[Term, str], questions: Sequence[SatQuery]) -> str:
    """A script that asks whether the answer to any of the questions is yes."""
    writer = _ScriptWriter([*required, *_mentioned(questions)])
    lines = list(_preamble(writer, required))
    possible = _joined("or", [writer.question(question) for question in questions], "false")
    return _script([*lines, f"(assert {possible})", "(check-sat)"])


def every_script(required: Mapping[Term, str], questions: Sequence[SatQuery], heading: Sequence[str]) -> str:
    """A script that asks each question in a block of its own, below a heading of comment lines."""
    writer = _ScriptWriter([*required, *_mentioned(questions)])
    lines = [f"; {line}".rstrip() for line in heading]
    lines += _preamble(writer, required)
    for question in questions:
        asserted = f"(assert {writer.question(question)})"
        lines += ["", f"; {question.about}", "(push 1)", asserted, "(check-sat)", "(pop 1)"]
    return _script(lines)


def _mentioned(questions: Iterable[SatQuery]) -> Iterator[Term]:
    for question in questions:
        yield from (*question.terms, *question.one_of)


def _preamble(writer: _ScriptWriter, required: Mapping[Term, str]) -> Iterator[str]:
    """Declarations, definitions, and what holds in every valid case, named by its clauses."""
    yield "(set-logic QF_LIA)"
    yield from writer.declarations()
    taken = Counter(writer.variables)
    for term, name in required.items():
        if not name:
            yield f"(assert {writer.term(term)})"
            continue
        taken[name] += 1
        unique = name if taken[name] == 1 else f"{name} ({taken[name]})"
        yield f"(assert (! {writer.term(term)} :named {symbol(unique)}))"


def _script(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


class _ScriptWriter:
    """Writes terms; subterms that several of them share are defined once."""

    def __init__(self, shared: Iterable[Term]) -> None:
        """`shared` are all the terms that will be written."""
        wanted = list(shared)
        self._nodes = subterms(wanted)
        self._uses: Counter[Node] = Counter(wanted)
        for node in self._nodes:
            self._uses.update(parts(node))
        self._texts: dict[Node, str] = {}
        sorts = {name: _sort(node) for node in self._nodes if (name := _variable(node)) is not None}
        #: Names and sorts. Terms from several factories may mention one fact.
        self.variables = {name: sorts[name] for name in sorted(sorts)}

    def declarations(self) -> Iterator[str]:
        """The variables, then the definitions, each before its use."""
        for name, sort in self.variables.items():
            yield f"(declare-const {symbol(name)} {sort})"
        number = 0
        for node in self._nodes:
            self._texts[node] = written = self._written(node)
            if self._uses[node] > 1 and written.startswith("("):
                number += 1
                self._texts[node] = f"t!{number}"
                yield f"(define-fun t!{number} () {_sort(node)} {written})"

    def term(self, term: Term) -> str:
        return self._texts[term]

    def question(self, question: SatQuery) -> str:
        parts = [self._texts[term] for term in question.terms]
        if question.one_of:
            parts.append(_joined("or", [self._texts[term] for term in question.one_of], "false"))
        return _joined("and", parts, "true")

    def _written(self, node: Node) -> str:
        name = _variable(node)
        if name is not None:
            return symbol(name)
        if isinstance(node, IntTerm):
            return self._number(node)
        match node.op:
            case Op.CONSTANT | Op.VARIABLE:
                return node.name
            case Op.NOT:
                return f"(not {self._texts[node.args[0]]})"
            case Op.AND | Op.OR:
                return _joined(node.op.value, [self._texts[arg] for arg in node.args], "")
            case Op.AT_MOST | Op.EQUALS:
                assert node.linear is not None
                return self._comparison("<=" if node.op is Op.AT_MOST else "=", node.linear)

    def _comparison(self, sign: str, linear: Linear) -> str:
        """A comparison with zero, with the constant on the right and a lone variable without its minus."""
        sum_, limit = Linear(linear.parts, 0), -linear.constant
        if sign == "<=" and [factor for factor, _ in linear.parts] == [-1]:
            return f"(>= {self._sum(sum_.scaled(-1))} {_integer(-limit)})"
        return f"({sign} {self._sum(sum_)} {_integer(limit)})"

    def _number(self, atom: IntTerm) -> str:
        assert atom.then is not None
        if atom.divisor is not None:
            return f"(div {self._sum(atom.then)} {atom.divisor})"
        assert atom.condition is not None and atom.otherwise is not None
        return f"(ite {self._texts[atom.condition]} {self._sum(atom.then)} {self._sum(atom.otherwise)})"

    def _sum(self, linear: Linear) -> str:
        summands = [
            self._texts[atom] if factor == 1 else f"(* {_integer(factor)} {self._texts[atom]})"
            for factor, atom in linear.parts
        ]
        if linear.constant or not summands:
            summands.append(_integer(linear.constant))
        return summands[0] if len(summands) == 1 else f"(+ {' '.join(summands)})"


def _joined(operator: str, parts: Sequence[str], none: str) -> str:
    """`(and a b)`, on several lines if it is long."""
    if len(parts) < 2:
        return parts[0] if parts else none
    line = f"({operator} {' '.join(parts)})"
    return line if len(line) <= _WIDEST else f"({operator}\n  " + "\n  ".join(parts) + ")"


def _integer(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def _sort(node: Node) -> str:
    return "Int" if isinstance(node, IntTerm) else "Bool"


def _variable(node: Node) -> str | None:
    """The name of a variable, `None` for anything else."""
    if isinstance(node, IntTerm):
        return node.name
    return node.name if node.op is Op.VARIABLE else None
