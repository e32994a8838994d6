"""Questions and facts as people type them: bound in the scope of a checked set.

In: the text of a question, and of facts (`FACT=VALUE`) in English or Chinese. Out: a decision or a bound
expression, and values by fact. All mistakes are collected, each with its place in what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from . import syntax
from .bind import Binder
from .diagnostic import Diagnostic, report, text
from .model import MONEY, REGION, Decision, Expr, Fact, FactValue, Parameter, PolicySet, Value
from .parse import parse_expression
from .scope import Scope
from .source import SourceFile
from .values import bounds_problem

_PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question understood: a decision by name, or an expression."""

    subject: str | Expr


class Reader:
    """Reads questions and facts for one policy set; `diagnostics` are the mistakes so far."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self.scope = Scope.of(policy_set)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.scope.diagnostics

    def question(self, written: str) -> Asked | None:
        """A decision (`pay`), a definition (`aid_pays`), or any expression."""
        node = self._parsed(SourceFile("QUESTION", written))
        if node is None:
            return None
        if isinstance(node, syntax.Path) and len(node.parts) == 1:
            thing = self.scope.find(node.text)
            if isinstance(thing, Decision):
                return Asked(thing.name)
        bound = Binder(self.scope).expression(node)
        return None if bound is None else Asked(bound)

    def facts(self, written: Mapping[str, str]) -> dict[str, Value]:
        """Values by path of fact. A fact named twice, by two of its names, is a mistake."""
        found: dict[str, Value] = {}
        for name, value in written.items():
            fact = self._fact(name)
            known = None if fact is None else self.value(fact, value)
            if fact is None or known is None:
                continue
            if found.setdefault(fact.name, known) != known:
                place = SourceFile("--set", name)
                self.diagnostics.append(
                    report("PC102", text("PC102.given-twice", name=fact.name), place.whole)
                )
        return found

    def _fact(self, name: str) -> Fact | None:
        node = self._parsed(SourceFile("--set", name))
        if node is None:
            return None
        bound = Binder(self.scope).expression(node)
        if bound is None:
            return None
        if not isinstance(bound, FactValue):
            self.diagnostics.append(report("PC103", text("PC103.given"), node.span))
            return None
        return self.policy_set.facts[bound.fact]

    def value(self, thing: Fact | Parameter, written: str, place: str = "") -> Value | None:
        """The value of a fact (or a parameter): as in the language, and besides `200` for `200元` and 北京 for
        北京市. `place` is where it was written, unless with `--set`."""
        file = SourceFile(place or f"--set {thing.name}", self._completed(thing, written.strip()))
        node = self._parsed(file)
        if node is None:
            return None
        value = Binder(self.scope).constant(node, thing.type)
        if value is None:
            return None
        problem = bounds_problem(thing, value, node.span)
        if isinstance(thing, Fact) and thing.type == REGION and self.policy_set.regions.is_root(str(value)):
            problem = report("PC105", text("PC105.root", name=thing.name), node.span)
        if problem is not None:
            self.diagnostics.append(problem)
            return None
        return value

    def _completed(self, thing: Fact | Parameter, written: str) -> str:
        if thing.type == MONEY and _PLAIN_NUMBER.fullmatch(written):
            return f"{written}元"
        if thing.type == REGION:
            tree = self.policy_set.regions
            if not tree.named(written) and written:
                longer = sorted({name for name in tree.names() if name.startswith(written)})
                if len(longer) == 1 and len(tree.named(longer[0])) == 1:
                    return longer[0]
        return written

    def _parsed(self, file: SourceFile) -> syntax.Expression | None:
        node, diagnostics = parse_expression(file)
        self.diagnostics.extend(diagnostics)
        return None if diagnostics else node
