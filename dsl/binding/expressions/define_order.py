"""Binds definitions in dependency order: those that a definition reads are bound before it.

In: the definitions of a set, or of a policy. Out: their values, in place. So a chain of definitions may have any
length. Definitions in a circle, which are PC106, are bound starting with the first of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...syntax import expressions
from ...syntax.expressions import Expression, Path
from ..scope import PendingDefine
from .bind import bind_define


def bind_defines(defines: Iterable[PendingDefine]) -> None:
    order = _Order()
    for define in defines:
        order.visit(define)


class _Order:
    def __init__(self) -> None:
        self._seen: set[int] = set()
        #: The current path of definitions, each read by the one before it, with those that it reads still to visit.
        self._way: dict[int, tuple[PendingDefine, Iterator[PendingDefine]]] = {}
        #: Definitions in a circle, and those at which the path met itself.
        self._circular: set[int] = set()
        self._first: set[int] = set()
        self._waiting: list[PendingDefine] = []

    def visit(self, define: PendingDefine) -> None:
        """Binds a definition after everything that it reads."""
        self._enter(define)
        while self._way:
            current, reads = next(reversed(self._way.values()))
            inner = next(reads, None)
            if inner is None:
                self._way.popitem()
                self._leave(current)
            elif id(inner) in self._way:
                self._circle(inner)
            else:
                self._enter(inner)

    def _enter(self, define: PendingDefine) -> None:
        if id(define) not in self._seen:
            self._seen.add(id(define))
            self._way[id(define)] = define, _read(define)

    def _circle(self, first: PendingDefine) -> None:
        way = list(self._way)
        self._circular.update(way[way.index(id(first)) :])
        self._first.add(id(first))

    def _leave(self, define: PendingDefine) -> None:
        if id(define) not in self._circular:
            bind_define(define)
            return
        self._waiting.append(define)
        if id(define) in self._first:
            self._bind_circle(define)

    def _bind_circle(self, first: PendingDefine) -> None:
        """Binds definitions whose names form a circle. If they really depend on each other, one finding is enough, and
        the rest are skipped."""
        found = first.scope.diagnostics
        before = len(found)
        bind_define(first)
        circular = any(diagnostic.code.id == "PC106" for diagnostic in found[before:])
        while self._waiting:
            other = self._waiting.pop()
            if circular and other.state == "waiting":
                other.state = "done"
            bind_define(other)


def _read(define: PendingDefine) -> Iterator[PendingDefine]:
    """The definitions whose names occur in one."""
    waiting: list[Expression] = [define.node.value]
    while waiting:
        node = waiting.pop()
        match node:
            case Path():
                thing = define.scope.find(node.parts[0].text)
                if isinstance(thing, PendingDefine):
                    yield thing
            case expressions.SetLiteral(items=inner) | expressions.Call(arguments=inner):
                waiting += reversed(inner)
            case expressions.Not(operand=operand) | expressions.Shift(operand=operand):
                waiting.append(operand)
            case expressions.Binary(left=left, right=right):
                waiting += (right, left)
            case expressions.If(condition=condition, then=then, otherwise=otherwise):
                waiting += (otherwise, then, condition)
