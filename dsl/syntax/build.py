"""Builds the source tree from Lark's parse tree.

In: the parse tree of one rule of `grammar.lark`. Out: the node (or nodes) of `tree.py`, with messages for what the
grammar cannot express: literals without a value, repeated or missing parts, rows of the wrong length, expressions
nested too deeply. Resolves no names and no types. `build_expressions.py` builds names, literals and expressions,
this module statements.

Works from the leaves up without recursion, since a chain of `and` may have any length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from lark import Token, Tree

from ..diagnostics.diagnostic import Diagnostic, Label, Text, text
from ..diagnostics.source import SourceFile, Span
from . import tree
from .build_expressions import ExpressionBuilder, operator, span_of
from .errors.cells import cell_help
from .expressions import Expression, IntLiteral, Name, Path, String

#: Nodes whose fields are exactly the parts of their rule, in order.
_DIRECT: dict[str, Callable[..., Any]] = {
    "use": tree.Use,
    "member": tree.Member,
    "parameter": tree.ParameterDeclaration,
    "side_declaration": tree.SideDeclaration,
    "define": tree.DefineDeclaration,
    "axiom": tree.AxiomDeclaration,
    "region": tree.RegionDeclaration,
    "regions": tree.RegionsDeclaration,
    "rank_declaration": tree.RankDeclaration,
    "clause": tree.ClauseDeclaration,
    "assertion": tree.AssertDeclaration,
    "given_usual": tree.GivenUsual,
    "given_fact": tree.GivenFact,
    "any_cell": tree.AnyCell,
    "range_cell": tree.RangeCell,
}

#: Nodes whose last field is a list: the number of parts before it.
_LISTS: dict[str, tuple[Callable[..., Any], int]] = {
    "enum": (tree.EnumDeclaration, 2),
    "record_header": (tree.RecordDeclaration, 2),
    "decision": (tree.DecisionDeclaration, 2),
    "ranks": (tree.RanksDeclaration, 0),
    "precedence": (tree.PrecedenceDeclaration, 0),
    "side_header": (tree.SideBlock, 1),
    "one_of_cell": (tree.OneOfCell, 0),
    "path": (Path, 0),
}

#: Blocks, with the field that holds what stands between the braces.
BLOCKS = {"record": "facts", "policy": "items", "side": "items", "source": "clauses"}

#: Parts with one value, parts that are a single word, and parts with a list.
_VALUE_PARTS = frozenset(["usual", "for_region", "source_rank", "dated", "url"]) | frozenset(
    ["when", "unless", "starts", "ends", "because", "expect"]
)
_WORD_PARTS = frozenset(["default"])
_PART_LISTS = frozenset(["cites", "exceptions"])


#: Rules that wrap a single part.
_SINGLE = frozenset(["defined_type", "parent", "reason", "number"])
#: Rules that yield the list of their nodes.
_BODIES = frozenset(["file", "policy_body", "side_body", "record_body", "source_body", "test_body"])
#: Rules whose meaning depends on a word or mark in them.
_WITH_WORDS = frozenset(["comparison", "arithmetic", "shift", "call", "compare_cell"])
#: Tokens with a value; the others only show where a node begins and ends.
_VALUES = frozenset(["NAME", "INT", "MONEY", "PERCENT", "DATE", "STRING"])


class Modifier(NamedTuple):
    """A part of a statement whose parts may come in any order: its rule, place and value."""

    kind: str
    span: Span
    value: Any


class Columns(NamedTuple):
    """The head of a table."""

    span: Span
    inputs: tuple[Expression, ...]
    outputs: tuple[Name, ...]


class Builder:
    """Builds the nodes of one file; adds mistakes to `diagnostics`."""

    def __init__(self, file: SourceFile, diagnostics: list[Diagnostic]) -> None:
        self.file = file
        self.diagnostics = diagnostics
        self._expressions = ExpressionBuilder(file, diagnostics)

    def report(self, span: Span, message: Text, **more: Any) -> None:
        self._expressions.report(span, message, **more)

    def build(self, whole: Tree[Token]) -> Any:
        """The node of a parse tree; for the rule of a body, the list of its nodes."""
        pending: list[Tree[Token] | Token | None] = [whole]
        order = []
        while pending:
            item = pending.pop()
            order.append(item)
            if isinstance(item, Tree):
                pending.extend(item.children)
        built: list[Any] = []
        for item in reversed(order):
            if not isinstance(item, Tree):
                built.append(item)
                continue
            count = len(item.children)
            children = built[len(built) - count :]
            del built[len(built) - count :]
            built.append(self._node(str(item.data), children))
        return built[0]

    def _node(self, rule: str, children: list[Any]) -> Any:
        """The node of one rule; `children` are nodes and all tokens, so that they show its place."""
        parts = children
        if rule not in _WITH_WORDS:
            parts = [child for child in children if not isinstance(child, Token) or child.type in _VALUES]
        if rule in _BODIES:
            return parts
        span = self._span(children)
        if rule in _DIRECT:
            return _DIRECT[rule](*parts, span=span)
        if rule in _LISTS:
            node, head = _LISTS[rule]
            return node(*parts[:head], tuple(parts[head:]), span=span)
        if rule in BLOCKS:
            return replace(parts[0], span=span, **{BLOCKS[rule]: tuple(parts[1]) if len(parts) > 1 else ()})
        if rule in _SINGLE:
            return parts[0]
        if rule in _VALUE_PARTS:
            return Modifier(rule, span, parts[0])
        if rule in _WORD_PARTS:
            return Modifier(rule, span, True)
        if rule in _PART_LISTS:
            return Modifier(rule, span, tuple(parts))
        if self._expressions.builds(rule):
            return self._expressions.node(rule, span, parts)
        return getattr(self, f"_{rule}")(span, *parts)

    def _span(self, children: list[Any]) -> Span:
        first = next(child for child in children if child is not None)
        last = next(child for child in reversed(children) if child is not None)
        start = span_of(self.file, first) if isinstance(first, Token) else first.span
        end = span_of(self.file, last) if isinstance(last, Token) else last.span
        return Span(self.file, start.start, end.end)

    # --- Vocabulary ---

    def _type_name(self, span: Span, name: Name) -> tree.TypeName:
        return tree.TypeName(name, False, None, None, span=span)

    def _set_type(self, span: Span, name: Name) -> tree.TypeName:
        return tree.TypeName(name, True, None, None, span=span)

    def _bounded_type(self, span: Span, name: Name, low: Expression, high: Expression) -> tree.TypeName:
        return tree.TypeName(name, False, low, high, span=span)

    def _fact(
        self, span: Span, name: Name, title: String | None, type_: tree.TypeName, *parts: Modifier
    ) -> tree.FactDeclaration:
        given = self._once(parts)
        return tree.FactDeclaration(name, title, type_, given.get("arrangeable"), given.get("usual"), span=span)

    def _arrangeable(self, span: Span, *parts: Any) -> Modifier:
        by, starts = (*(part for part in parts if part is not None), None, None)[:2]
        return Modifier("arrangeable", span, tree.Arrangeable(by, starts, span=span))

    # --- Policies ---

    def _policy_header(self, span: Span, name: Name, title: String | None, *parts: Modifier) -> tree.PolicyDeclaration:
        given = self._once(parts)
        region = given.get("for_region")
        if region is None:
            self.report(name.span, text("PC001.no_region"), help=text("PC001.no_region_help"))
            region = IntLiteral(100000, 6, span=name.span)
        starts, ends = given.get("starts"), given.get("ends")
        return tree.PolicyDeclaration(name, title, region, starts, ends, (), span=span)

    def _source_header(self, span: Span, name: Name, title: String | None, *parts: Modifier) -> tree.SourceDeclaration:
        given = self._once(parts)
        rank, dated, url = given.get("source_rank"), given.get("dated"), given.get("url")
        return tree.SourceDeclaration(name, title, rank, dated, url, (), span=span)

    def _permit(self, span: Span, default: Modifier | None, *rest: Any) -> tree.NormStatement:
        return self._norm("permit", span, default, *rest)

    def _forbid(self, span: Span, default: Modifier | None, *rest: Any) -> tree.NormStatement:
        return self._norm("forbid", span, default, *rest)

    def _norm(
        self,
        effect: str,
        span: Span,
        default: Modifier | None,
        decision: Name,
        name: Name,
        title: String | None,
        *parts: Modifier,
    ) -> tree.NormStatement:
        modifiers = self._modifiers(span, parts)
        return tree.NormStatement(effect, default is not None, decision, name, title, modifiers, span=span)

    def _require(
        self,
        span: Span,
        decision: Name,
        name: Name,
        title: String | None,
        condition: Expression,
        *parts: Modifier,
    ) -> tree.RequireStatement:
        modifiers = self._modifiers(span, parts)
        return tree.RequireStatement(decision, name, title, condition, modifiers, span=span)

    def _mandate(
        self, span: Span, decision: Name, name: Name, title: String | None, *parts: Modifier
    ) -> tree.MandateStatement:
        return tree.MandateStatement(decision, name, title, self._modifiers(span, parts), span=span)

    def _set_parameter(
        self, span: Span, default: Modifier | None, name: Name, value: Expression, *parts: Modifier
    ) -> tree.SetStatement:
        modifiers = self._modifiers(span, parts)
        return tree.SetStatement(default is not None, name, value, modifiers, span=span)

    def _modifiers(self, statement: Span, parts: tuple[Modifier, ...]) -> tree.Modifiers:
        """The modifiers of a statement; without any, an empty node at its end."""
        given = self._once(parts)
        end = Span(self.file, statement.end, statement.end)
        span = parts[0].span.to(parts[-1].span) if parts else end
        return tree.Modifiers(**given, span=span)

    def _table_header(self, span: Span, name: Name, title: String | None, *parts: Modifier) -> tree.TableStatement:
        return tree.TableStatement(name, title, self._modifiers(span, parts), (), (), (), span=span)

    def _columns(self, span: Span, *parts: Expression | Name) -> Columns:
        inputs = tuple(part for part in parts if not isinstance(part, Name))
        return Columns(span, inputs, tuple(part for part in parts if isinstance(part, Name)))

    def _compare_cell(self, span: Span, order: Token, value: Expression) -> tree.CompareCell:
        return tree.CompareCell(operator(order), value, span=span)

    def _row(self, span: Span, *parts: Any) -> tree.Row:
        cells = tuple(part for part in parts if isinstance(part, tree.Cell))
        return tree.Row(cells, parts[len(cells) :], span=span)

    def _table(self, span: Span, header: tree.TableStatement, columns: Columns, *rows: tree.Row) -> tree.TableStatement:
        return self.table(span, header, columns, rows)

    def table(
        self, span: Span, header: tree.TableStatement, columns: Columns, rows: Sequence[tree.Row]
    ) -> tree.TableStatement:
        """A table from its parts; a row that does not fit the head is reported and left out."""
        wanted = len(columns.inputs), len(columns.outputs)
        fitting = []
        for row in rows:
            if (len(row.cells), len(row.values)) == wanted:
                fitting.append(row)
            else:
                self._misfit(row, columns)
        return replace(header, inputs=columns.inputs, outputs=columns.outputs, rows=tuple(fitting), span=span)

    def _misfit(self, row: tree.Row, columns: Columns) -> None:
        wrong = len(row.cells) != len(columns.inputs)
        found, wanted = (row.cells, columns.inputs) if wrong else (row.values, columns.outputs)
        self.report(
            row.span,
            text("PC001.row_cells" if wrong else "PC001.row_values", found=len(found), expected=len(wanted)),
            secondary=(Label(columns.span, text("PC001.row_head")),),
            help=cell_help(row.cells[0].span.text) if wrong and len(found) == 1 else None,
        )

    # --- Assertions, tests, acknowledgements ---

    def _test_header(self, span: Span, title: String) -> tree.TestDeclaration:
        return tree.TestDeclaration(title, (), (), span=span)

    def _test(self, span: Span, header: tree.TestDeclaration, body: list[Any]) -> tree.TestDeclaration:
        return self.test(span, header, body)

    def test(
        self, span: Span, header: tree.TestDeclaration, body: list[Any], complete: bool = True
    ) -> tree.TestDeclaration:
        """A test from its parts; `complete`: no part was lost to another mistake."""
        expect = tuple(part.value for part in body if isinstance(part, Modifier))
        if complete and not expect:
            self.report(header.span, text("PC001.no_expect"), help=text("PC001.no_expect_help"))
        given = tuple(part for part in body if not isinstance(part, Modifier))
        return replace(header, given=given, expect=expect, span=span)

    def _acknowledge(self, span: Span, code: Name, *parts: Any) -> tree.AcknowledgeDeclaration:
        rules = tuple(part for part in parts if isinstance(part, Path))
        given = self._once(parts[len(rules) :])
        because = given.get("because")
        if because is None:
            self.report(span, text("PC001.no_because"), help=text("PC001.no_because_help"))
            because = String("", span=span)
        return tree.AcknowledgeDeclaration(code, rules, because, given.get("ends"), span=span)

    def _once(self, parts: tuple[Modifier, ...]) -> dict[str, Any]:
        """Parts by kind; a repeated one is reported with both places."""
        first: dict[str, Modifier] = {}
        for part in parts:
            if part.kind in first:
                word = part.span.text.split(maxsplit=1)[0]
                earlier = Label(first[part.kind].span, text("PC001.repeated_first"))
                self.report(part.span, text("PC001.repeated", word=word), secondary=(earlier,))
            else:
                first[part.kind] = part
        return {kind: part.value for kind, part in first.items()}
