"""Builds names, literals and expressions of the source tree from Lark's parse tree.

Each method makes the node of one rule of `grammar.lark` from its place and its parts, which are already built. An
expression in parentheses has the place of its parentheses. `build.py` walks the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lark import Token

from ..diagnostics.characters import han_meant, plain
from ..diagnostics.diagnostic import Diagnostic, Text, report, text
from ..diagnostics.source import SourceFile, Span
from . import expressions, literals
from .expressions import Expression, Name, Path, String, Title
from .keywords import BY_TERMINAL

#: The most levels an expression may have: later passes recurse over them, within Python's own limit.
DEEPEST = 100
#: A longer chain of `and` or `or` becomes a balanced tree, to keep it shallow.
LONGEST_LEANING_CHAIN = 32

_OPERATORS = {"≤": "<=", "≥": ">=", "≠": "is not"}


class ExpressionBuilder:
    """Builds the expressions of one file; adds mistakes to `diagnostics`."""

    def __init__(self, file: SourceFile, diagnostics: list[Diagnostic]) -> None:
        self.file = file
        self.diagnostics = diagnostics
        #: Levels of the expressions built so far, by their place.
        self._levels: dict[tuple[int, int], int] = {}

    def report(self, span: Span, message: Text, **more: Any) -> None:
        self.diagnostics.append(report("PC001", message, span, **more))

    def builds(self, rule: str) -> bool:
        """Whether a rule of the grammar is one of names, literals or expressions."""
        return hasattr(self, f"_{rule}")

    def node(self, rule: str, span: Span, parts: Sequence[Any]) -> Any:
        """The node of such a rule."""
        return getattr(self, f"_{rule}")(span, *parts)

    # --- Names and literals ---

    def _name(self, span: Span, token: Token) -> Name:
        return Name(plain(str(token)), span=span)

    def _string(self, span: Span, _token: Token) -> String:
        return String(han_meant(span.text[1:-1]), span=span)

    def _title(self, span: Span, title: String, *english: String | None) -> Title:
        return Title(title.text, tuple(one for one in english if one is not None), span=span)

    def _rule(self, span: Span, *parts: Any) -> Path:
        *names, number = parts
        if number is not None:
            last = names[-1]
            suffix = str(number).lstrip("0")
            names[-1] = Name(f"{last.text}@{suffix}", span=Span(self.file, last.span.start, span.end))
        return Path(tuple(names), span=span)

    def _integer(self, span: Span, token: Token) -> expressions.IntLiteral:
        value = self._checked(span, literals.read_integer(str(token)))
        return expressions.IntLiteral(value, len(token), span=span)

    def _money(self, span: Span, token: Token) -> expressions.MoneyLiteral:
        return expressions.MoneyLiteral(self._checked(span, literals.read_money(str(token))), span=span)

    def _percent(self, span: Span, token: Token) -> expressions.PercentLiteral:
        return expressions.PercentLiteral(self._checked(span, literals.read_percent(str(token))), span=span)

    def _date(self, span: Span, token: Token) -> expressions.DateLiteral:
        return expressions.DateLiteral(self._checked(span, literals.read_date(str(token))), span=span)

    def _true(self, span: Span) -> expressions.BoolLiteral:
        return expressions.BoolLiteral(True, span=span)

    def _false(self, span: Span) -> expressions.BoolLiteral:
        return expressions.BoolLiteral(False, span=span)

    def _checked(self, span: Span, reading: tuple[Any, literals.Problem | None]) -> Any:
        value, problem = reading
        if problem:
            self.diagnostics.append(report("PC105", problem.message, span, help=problem.help))
        return value

    # --- Expressions ---

    def _set(self, span: Span, *items: Expression) -> Expression:
        return self._levelled(expressions.SetLiteral(items, span=span), *items)

    def _group(self, span: Span, inner: Expression) -> Expression:
        """Parentheses make no node; the expression inside takes their place in the text."""
        outer = replace(inner, span=span)
        self._levels[span.start, span.end] = self._level(inner)
        return outer

    def _not(self, span: Span, operand: Expression) -> Expression:
        return self._levelled(expressions.Not(operand, span=span), operand)

    def _binary(self, operator: str, left: Expression, right: Expression) -> Expression:
        node = expressions.Binary(operator, left, right, span=left.span.to(right.span))
        return self._levelled(node, left, right)

    def _chain(self, operator: str, parts: Sequence[Expression]) -> Expression:
        """`a and b and c`, left-associative; balanced if it is long."""
        if len(parts) <= LONGEST_LEANING_CHAIN:
            whole = parts[0]
            for part in parts[1:]:
                whole = self._binary(operator, whole, part)
            return whole
        middle = len(parts) // 2
        return self._binary(operator, self._chain(operator, parts[:middle]), self._chain(operator, parts[middle:]))

    def _disjunction(self, _span: Span, *parts: Expression) -> Expression:
        return self._chain("or", parts)

    def _conjunction(self, _span: Span, *parts: Expression) -> Expression:
        return self._chain("and", parts)

    def _implies(self, _span: Span, left: Expression, right: Expression) -> Expression:
        return self._binary("implies", left, right)

    def _comparison(self, _span: Span, left: Expression, token: Token, right: Expression) -> Expression:
        return self._binary(operator(token), left, right)

    def _arithmetic(self, _span: Span, left: Expression, operator: Token, right: Expression) -> Expression:
        return self._binary(str(operator), left, right)

    def _shift(self, span: Span, operand: Expression, sign: Token, days: Token, _days: Token) -> Expression:
        number = self._checked(span_of(self.file, days), literals.read_integer(str(days)))
        return self._levelled(expressions.Shift(operand, -number if sign == "-" else number, span=span), operand)

    def _call(self, span: Span, function: Token, *rest: Any) -> Expression:
        name = BY_TERMINAL[function.type].id
        arguments = tuple(part for part in rest if not isinstance(part, Token))
        if len(arguments) < 2:
            self.report(span, text("PC001.one_argument", function=name))
        return self._levelled(expressions.Call(name, arguments, span=span), *arguments)

    def _conditional(self, span: Span, *parts: Expression) -> Expression:
        return self._levelled(expressions.If(*parts, span=span), *parts)

    def _level(self, node: Expression) -> int:
        return self._levels.get((node.span.start, node.span.end), 0)

    def _levelled(self, node: Expression, *parts: Expression) -> Expression:
        """The node itself; if it is nested too deeply, a leaf instead, reported once."""
        level = 1 + max(map(self._level, parts), default=0)
        self._levels[node.span.start, node.span.end] = level
        if level <= DEEPEST:
            return node
        if level == DEEPEST + 1:
            self.report(node.span, text("PC001.too_deep", most=DEEPEST), help=text("PC001.too_deep_help"))
        return expressions.BoolLiteral(True, span=node.span)


def span_of(file: SourceFile, token: Token) -> Span:
    return Span(file, token.start_pos or 0, token.end_pos or 0)


def operator(token: Token) -> str:
    """The operator of a comparison, in the spelling of the source tree."""
    keyword = BY_TERMINAL.get(token.type)
    return keyword.english[0] if keyword else _OPERATORS.get(str(token), str(token))
