"""Predicates of regions: that a region lies in some regions, and not in others.

The relevant regions form a small tree. The class of each is itself and what lies below, except what lies below other
relevant regions. A literal excludes one class; `in` and `not in` describe the classes left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policyc.dsl.model import REGION, Case, Expr, Fact, Value

from ...engine.context import CaseScope
from ...engine.extent import marked_regions
from ...formula.terms import Op, Term, level_of
from ...report.answers import Condition
from .predicates import Literal, Said, Subject, Suffices


@dataclass(frozen=True, slots=True)
class Node:
    """A relevant region with all regions below it; or, if `alone`, only the region itself. `code` is `None` for all
    regions."""

    code: str | None
    alone: bool = False


_WHOLE = Node(None)


class Places(Subject):
    def __init__(self, scope: CaseScope, fact: Fact, found: Sequence[Term], marked: Iterable[str]) -> None:
        """`found` are the comparisons of the levels of its path; `marked` are the regions that they may compare."""
        super().__init__(scope, fact.name)
        self.tree = scope.policy_set.regions
        self.path = scope.symbolic.region(fact.name)
        self._compared: dict[int, set[int]] = {}
        for term in found:
            self._note(term)
        codes = sorted({code for one in marked for code in self.tree.chain(one)[:-1] if self._is_compared(code)})
        self.codes = sorted(codes, key=lambda code: len(self.tree.chain(code)))
        self.nodes = [_WHOLE, *(Node(code) for code in self.codes)]
        self.nodes += [Node(code, alone=True) for code in self.codes if self._ends(code)]
        self._parents = {node: self._outer(node) for node in self.nodes if node != _WHOLE}
        terms = {node: self._outside(node) for node in self.nodes}
        self._excluding = [Literal(term, key=node) for node, term in terms.items() if term is not self.factory.true]

    def _note(self, term: Term) -> None:
        assert term.linear is not None
        if term.op is Op.EQUALS:
            ((coefficient, atom),) = term.linear.parts
            level = level_of(atom.name or "")
            assert level is not None, "a comparison of a region's path"
            self._compared.setdefault(level, set()).add(-term.linear.constant // coefficient)

    def _is_compared(self, code: str) -> bool:
        """Whether some comparison involves the region's last step."""
        level = self._level(code)
        return self.scope.symbolic.paths.path[code][level] in self._compared.get(level, ())

    def _level(self, code: str) -> int:
        """The index of a region's own step in its path."""
        return max(place for place, step in enumerate(self.scope.symbolic.paths.path[code]) if step)

    def _ends(self, code: str) -> bool:
        """Whether some comparison distinguishes a region from those below it."""
        return any(0 in self._compared.get(self._level(child), ()) for child in self.tree.children(code))

    # --- Nodes and their classes ---

    def _outer(self, node: Node) -> Node:
        assert node.code is not None
        if node.alone:
            return Node(node.code)
        outer = [code for code in self.tree.chain(node.code)[1:] if code in self.codes]
        return Node(outer[0]) if outer else _WHOLE

    def _parent(self, node: Node) -> Node:
        return self._parents[node]

    def _node(self, code: str) -> Node:
        """The node whose class contains a region."""
        inner = next((outer for outer in self.tree.chain(code) if outer in self.codes), None)
        if inner == code and Node(code, alone=True) in self.nodes:
            return Node(code, alone=True)
        return Node(inner)

    def _term(self, node: Node) -> Term:
        symbolic = self.scope.symbolic
        if node.code is None:
            return self.factory.true
        return (
            symbolic.same(self.path, symbolic.place(node.code)) if node.alone else symbolic.within(self.path, node.code)
        )

    def _outside(self, node: Node) -> Term:
        """That a region is not in a node's class."""
        inner = [other for other, parent in self._parents.items() if parent == node]
        return self.factory.or_((self.factory.not_(self._term(node)), *map(self._term, inner)))

    # --- Literals ---

    def literals(self, case: Case) -> list[Literal]:
        code = str(case[self.name])
        own = self._node(code)
        exact = self.scope.symbolic.same(self.path, self.scope.symbolic.place(code))
        excluding = [literal for literal in self._excluding if literal.key != own]
        return [Literal(exact, exact=True), *excluding]

    def spoilers(self, literal: Literal, case: Case) -> Sequence[Value]:
        return [literal.key.code] if isinstance(literal.key, Node) and literal.key.code is not None else ()

    def widened(self, exact: Literal, case: Case, suffices: Suffices) -> Sequence[Literal]:
        """The largest region around that of the case that suffices."""
        for code in reversed(self.tree.chain(str(case[self.name]))[:-1]):
            term = self.scope.symbolic.within(self.path, code)
            if suffices(term):
                return [Literal(term, key=code)]
        return [exact]

    def said(self, kept: Sequence[Literal], case: Case) -> list[Said]:
        if any(literal.exact for literal in kept):
            return [self._is("is", str(case[self.name]))]
        around = [literal.key for literal in kept if isinstance(literal.key, str)]
        if around:
            return [self._in("in", around)]
        excluded = {literal.key for literal in kept}
        allowed = [node for node in self.nodes if node not in excluded]
        return self._described(allowed, self._node(str(case[self.name])))

    # --- Describing the classes left ---

    def _described(self, allowed: Sequence[Node], own: Node) -> list[Said]:
        """Conditions for the classes left, as far as `in` and `not in` can express them, always including that of the
        case."""
        if len(allowed) == len(self.nodes):
            return []
        tops = [node for node in allowed if node == _WHOLE or self._parent(node) not in allowed]
        mine = next(top for top in tops if self._connected(own, top, allowed))
        if mine.alone:
            assert mine.code is not None
            return [self._is("is", mine.code)]
        chosen, holes = [mine], self._holes(mine, allowed)
        for top in tops:
            if top not in chosen and not top.alone and not any(self._below(top, hole) for hole in holes):
                further = self._holes(top, allowed)
                if not any(self._below(other, hole) for hole in further for other in chosen):
                    chosen.append(top)
                    holes += further
        return [*self._tops(chosen, holes)]

    def _connected(self, node: Node, top: Node, allowed: Sequence[Node]) -> bool:
        while node != top:
            if node == _WHOLE or node not in allowed:
                return False
            node = self._parent(node)
        return True

    def _holes(self, top: Node, allowed: Sequence[Node]) -> list[Node]:
        """The largest excluded regions below `top`."""
        return [
            node
            for node in self.nodes
            if node != _WHOLE
            and node not in allowed
            and self._parent(node) in allowed
            and self._connected(self._parent(node), top, allowed)
        ]

    def _below(self, node: Node, outer: Node) -> bool:
        if outer.code is None or outer.alone or node.code is None:
            return outer == node or outer.code is None
        return self.tree.within(node.code, outer.code)

    def _tops(self, chosen: Sequence[Node], holes: Sequence[Node]) -> list[Said]:
        inside = [node.code for node in chosen if node.code is not None]
        outside = [node.code for node in holes if node.code is not None and not node.alone]
        if not inside:
            provinces = [code for code in self.tree.values() if self.tree.province(code) == code]
            others = [code for code in provinces if code not in outside]
            if len(others) < len([code for code in outside if code in provinces]):  # listing what is left is shorter
                inside, outside = others, [code for code in outside if code not in provinces]
        found = [self._in("in", inside)] if inside else []
        if outside:
            found.append(self._in("not in", outside))
        return found + [self._is("is not", node.code) for node in holes if node.alone and node.code is not None]

    def _in(self, op: str, codes: Sequence[str]) -> Said:
        term = self.factory.or_(self.scope.symbolic.within(self.path, code) for code in codes)
        value = codes[0] if len(codes) == 1 else tuple(sorted(codes))
        return Said(Condition(self.name, op, value), term if op == "in" else self.factory.not_(term))

    def _is(self, op: str, code: str) -> Said:
        term = self.scope.symbolic.same(self.path, self.scope.symbolic.place(code))
        return Said(Condition(self.name, op, code), term if op == "is" else self.factory.not_(term))


def relevant_regions(scope: CaseScope, expressions: Iterable[Expr]) -> list[str]:
    """Regions that conditions can mention: those named in expressions, those of rules, those known."""
    facts = scope.policy_set.facts
    known = (str(value) for name, value in scope.symbolic.known.items() if facts[name].type == REGION)
    return sorted({*marked_regions(scope.policy_set, expressions), *known})
