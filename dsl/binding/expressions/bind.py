"""Binds expressions: resolves every name, and gives every expression its type.

In: an expression of the source tree, a `Scope` and, if there is one, the expected type. Out: an `Expr` of the checked
set, or `None` after adding a diagnostic to the scope; the rest of an expression is still bound, so that all its
mistakes are found in one run.

Enum members and regions are not in the namespace of values; the expected type finds them. In a comparison either side
can supply that type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from ... import model
from ...diagnostics.diagnostic import Text, report, text
from ...diagnostics.source import Span
from ...model.values import bounds_problem, format_value, type_text
from ...syntax import expressions, habits
from ...syntax.expressions import Expression, Path, String
from ...syntax.han_numbers import in_digits
from ...syntax.keywords import VERDICT_WORDS
from ..names import offer, suggested
from ..scope import PendingDefine, Scope
from .bind_names import NameBinder, declared_type, member_named
from .constants import folded, is_finite, known_value

#: The deepest nesting of expressions, so that no later pass runs out of stack.
DEPTH_LIMIT = 150
#: The deepest nesting of definitions that are bound while others are.
CIRCLE_LIMIT = 40

_NUMERIC = (model.INT, model.MONEY, model.PERCENT)
_ORDERED = (*_NUMERIC, model.DAY)
_PRODUCTS: dict[frozenset[model.Type], model.Type] = {
    frozenset({model.INT}): model.INT,
    frozenset({model.MONEY, model.INT}): model.MONEY,
    frozenset({model.MONEY, model.PERCENT}): model.MONEY,
}


class Binder:
    """Binds expressions in one scope. Its only state is the current depth."""

    def __init__(self, scope: Scope, depth: int = 0) -> None:
        self.scope = scope
        self.names = NameBinder(scope, self._define)
        self._depth = depth

    def _define(self, define: PendingDefine) -> model.Expr | None:
        return bind_define(define, self._depth)

    # --- Entry points ---

    def condition(self, node: Expression) -> model.Expr | None:
        return self.expression(node, model.BOOLEAN)

    def expression(self, node: Expression, expected: model.Type | None = None) -> model.Expr | None:
        """The bound expression, of the expected type if one is given."""
        levels = len(node.parts) if isinstance(node, Path) else 1
        self._depth += levels
        try:
            if self._depth > DEPTH_LIMIT:
                return self.scope.reject("PC001", text("PC001.too-deep", limit=DEPTH_LIMIT), node.span)
            bound = self._bind(node, expected)
        finally:
            self._depth -= levels
        if bound is not None and expected is not None and bound.type != expected:
            return self.names.mismatch(node.span, expected, bound.type)
        return bound

    def constant(self, node: Expression, expected: model.Type) -> model.Value | None:
        """The value of an expression that must be constant: literals and defines of them."""
        before = len(self.scope.diagnostics)
        bound = self.expression(node, expected)
        if bound is None:
            if any(found.message.key == "PC103.parameter" for found in self.scope.diagnostics[before:]):
                # It would not help to read the parameter in some region.
                del self.scope.diagnostics[before:]
                self.scope.reject("PC103", text("PC103.not-constant"), node.span, text("PC103.not-constant-help"))
            return None
        value = known_value(bound, self.scope.defines)
        if value is None:
            computed = known_value(folded(bound, self.scope.defines), self.scope.defines)
            help_ = text("PC103.not-constant-help")
            if computed is not None:
                help_ = text("PC001.write_instead", instead=format_value(computed, bound.type))
            self.scope.reject("PC103", text("PC103.not-constant"), node.span, help_)
        return value

    def value_of(self, thing: model.Fact | model.Parameter, node: Expression) -> model.Value | None:
        """The value given to a fact or a parameter: constant and within bounds; for a fact, not a root region."""
        value = self.constant(node, thing.type)
        if value is None:
            return None
        problem = bounds_problem(thing, value, node.span)
        if isinstance(thing, model.Fact) and thing.type == model.REGION and self.scope.regions.is_root(str(value)):
            problem = report("PC105", text("PC105.root", name=thing.name), node.span)
        if problem is None:
            return value
        self.scope.diagnostics.append(problem)
        return None

    # --- Kinds of expressions ---

    def _bind(self, node: Expression, expected: model.Type | None) -> model.Expr | None:
        span = node.span
        match node:
            case expressions.IntLiteral(value=value, digits=digits):
                if expected == model.REGION and digits == 6:
                    return self.names.region(node)
                return model.Constant(value, type=model.INT, span=span)
            case expressions.MoneyLiteral(fen=fen):
                return model.Constant(fen, type=model.MONEY, span=span)
            case expressions.PercentLiteral(millionths=millionths):
                return model.Constant(millionths, type=model.PERCENT, span=span)
            case expressions.DateLiteral(value=day):
                return model.Constant(day.toordinal(), type=model.DAY, span=span)
            case expressions.BoolLiteral(value=truth):
                return model.Constant(truth, type=model.BOOLEAN, span=span)
            case String():
                if expected is not None and expected != model.REGION:
                    return self.names.stray_text(node, expected)
                return self.names.region(node)
            case expressions.SetLiteral():
                return self._set(node, expected)
            case Path():
                return self.names.path(node, expected)
            case expressions.Not(operand=operand):
                bound = self.condition(operand)
                return None if bound is None else model.Not(bound, type=model.BOOLEAN, span=span)
            case expressions.Binary():
                return self._binary(node, expected)
            case expressions.Shift(operand=operand, days=days):
                bound = self.expression(operand, model.DAY)
                return None if bound is None else model.Shifted(bound, days, type=model.DAY, span=span)
            case expressions.Call():
                return self._extreme(node, expected)
            case expressions.If():
                return self._choice(node, expected)
            case _:
                assert_never(node)

    def _binary(self, node: expressions.Binary, expected: model.Type | None) -> model.Expr | None:
        match node.operator:
            case "and" | "or" | "implies":
                return self._connective(node)
            case "is" | "is not" | "in" | "not in":
                bound = self._is(node) if node.operator.startswith("is") else self._in(node)
                return (
                    model.Not(bound, type=model.BOOLEAN, span=node.span) if bound and "not" in node.operator else bound
                )
            case "<" | "<=" | ">" | ">=":
                return self._ordering(node)
            case "+" | "-":
                return self._sum(node, expected)
            case _:
                return self._product(node)

    def _connective(self, node: expressions.Binary) -> model.Expr | None:
        """`and`, `or`, `implies`: a chain of one operator is one connective, however long."""
        operator = node.operator
        operands: list[Expression] = []
        rest: Expression = node
        if operator == "implies":
            while isinstance(rest, expressions.Binary) and rest.operator == "implies":
                operands.append(rest.left)
                rest = rest.right
            operands.append(rest)
        else:
            while isinstance(rest, expressions.Binary) and rest.operator == operator:
                operands.append(rest.right)
                rest = rest.left
            operands.append(rest)
            operands.reverse()
        bound = [self.condition(operand) for operand in operands]
        known = [operand for operand in bound if operand is not None]
        if len(known) < len(bound):
            return None
        if operator == "and":
            return model.And(tuple(known), type=model.BOOLEAN, span=node.span)
        if operator == "implies":
            known = [*(model.Not(one, type=model.BOOLEAN, span=one.span) for one in known[:-1]), known[-1]]
        return model.Or(tuple(known), type=model.BOOLEAN, span=node.span)

    def _is(self, node: expressions.Binary) -> model.Expr | None:
        decision = self.names.decision(node.left)
        word = node.right.text if isinstance(node.right, Path) else None
        verdict = VERDICT_WORDS.get(word) if word is not None else None
        if decision is not None:
            if verdict is None or verdict == "depends":
                known = verdict_help(decision.name, node.right.span.text)
                return self.scope.reject("PC103", text("PC103.verdict"), node.right.span, known)
            return model.VerdictIs(decision.name, model.Verdict(verdict), type=model.BOOLEAN, span=node.span)
        if verdict == model.Verdict.UNDETERMINED and not self._is_member_of_left(node):
            bound = self.expression(node.left)
            return None if bound is None else model.IsUndetermined(bound, type=model.BOOLEAN, span=node.span)
        pair = self._same_type(node.left, node.right)
        return None if pair is None else model.Equal(*pair, type=model.BOOLEAN, span=node.span)

    def _in(self, node: expressions.Binary) -> model.Expr | None:
        span = node.span
        if self.names.is_rejected(node.left):
            return None
        if self.names.is_bare(node.left):
            collection = self.expression(node.right)
            if collection is None:
                return None
            if isinstance(collection.type, model.SetType):
                element = self.expression(node.left, model.EnumType(collection.type.enum))
                return element and model.MemberOf(element, collection, type=model.BOOLEAN, span=span)
        left = self.expression(node.left)
        if left is None:
            return None
        if isinstance(node.right, expressions.SetLiteral) and not isinstance(left.type, model.EnumType):
            return self._one_of(left, node.right, span)
        if left.type == model.REGION:
            outer = self.expression(node.right, model.REGION)
            return outer and model.Within(left, outer, type=model.BOOLEAN, span=span)
        if isinstance(left.type, model.EnumType):
            collection = self.expression(node.right, model.SetType(left.type.name))
            return collection and model.MemberOf(left, collection, type=model.BOOLEAN, span=span)
        return self.scope.reject("PC103", text("PC103.in", type=type_text(left.type)), node.left.span)

    def _one_of(self, left: model.Expr, options: expressions.SetLiteral, span: Span) -> model.Expr | None:
        """`X in {a, b}` for types other than enums: within one of the regions, or equal to one of the values."""
        bound = [self.expression(item, left.type) for item in options.items]
        known = [item for item in bound if item is not None]
        if len(known) < len(bound):
            return None
        compare = model.Within if left.type == model.REGION else model.Equal
        return model.Or(
            tuple(compare(left, item, type=model.BOOLEAN, span=span) for item in known), type=model.BOOLEAN, span=span
        )

    def _ordering(self, node: expressions.Binary) -> model.Expr | None:
        pair = self._same_type(node.left, node.right)
        if pair is None:
            return None
        if pair[0].type not in _ORDERED:
            return self.scope.reject("PC103", text("PC103.ordering", type=type_text(pair[0].type)), node.left.span)
        left, right = pair if node.operator[0] == "<" else pair[::-1]
        return model.Less(left, right, strict=len(node.operator) == 1, type=model.BOOLEAN, span=node.span)

    def _sum(self, node: expressions.Binary, expected: model.Type | None) -> model.Expr | None:
        signed: list[tuple[int, Expression]] = []
        rest: Expression = node
        while isinstance(rest, expressions.Binary) and rest.operator in "+-":
            signed.append((1 if rest.operator == "+" else -1, rest.right))
            rest = rest.left
        signed.append((1, rest))
        signed.reverse()
        wanted = expected if expected in _NUMERIC else None
        first = self.expression(signed[0][1], wanted)
        if first is not None and first.type not in _NUMERIC:
            help_ = self._sum_help(first.type, signed)
            return self.scope.reject("PC103", text("PC103.sum", type=type_text(first.type)), signed[0][1].span, help_)
        bound = [
            first,
            *(self.expression(item, None if first is None else first.type) for _, item in signed[1:]),
        ]
        operands = [(sign, item) for (sign, _), item in zip(signed, bound, strict=True) if item is not None]
        if first is None or len(operands) < len(signed):
            return None
        return model.Sum(tuple(operands), type=first.type, span=node.span)

    def _sum_help(self, type_: model.Type, terms: list[tuple[int, Expression]]) -> Text | None:
        """What to write in place of a sum of what cannot be added."""
        if isinstance(type_, model.SetType):
            return text("PC103.set-sum-help")
        if type_ != model.DAY:
            return None
        before = len(self.scope.diagnostics)
        second = self.expression(terms[1][1])
        del self.scope.diagnostics[before:]  # one mistake has one message
        if second is None or second.type != model.DAY:
            return _days_help(terms)
        return text("PC103.days-between-help", one=terms[0][1].span.text, other=terms[1][1].span.text)

    def _product(self, node: expressions.Binary) -> model.Expr | None:
        left, right = self.expression(node.left), self.expression(node.right)
        if left is None or right is None:
            return None
        result = _PRODUCTS.get(frozenset({left.type, right.type}))
        if result is None or left.type == right.type == model.MONEY:
            message = text("PC103.product", left=type_text(left.type), right=type_text(right.type))
            help_ = text("PC103.shares-help") if left.type == right.type == model.PERCENT else None
            return self.scope.reject("PC103", message, node.span, help_)
        left, right = folded(left, self.scope.defines), folded(right, self.scope.defines)
        candidates = sorted((left, right), key=lambda side: side.type == model.MONEY)
        for factor in candidates:
            if is_finite(factor, self.scope.defines):
                operand = right if factor is left else left
                return model.Product(factor, operand, type=result, span=node.span)
        known = any(
            isinstance(side, model.Sum) and all(is_finite(item, self.scope.defines) for _, item in side.operands)
            for side in candidates
        )
        help_ = text("PC104.sum-help" if known else "PC104.help")
        return self.scope.reject("PC104", text("PC104.product"), node.span, help_)

    def _extreme(self, node: expressions.Call, expected: model.Type | None) -> model.Expr | None:
        first = self.expression(node.arguments[0], expected if expected in _ORDERED else None)
        if first is not None and first.type not in _ORDERED:
            return self.scope.reject(
                "PC103", text("PC103.ordering", type=type_text(first.type)), node.arguments[0].span
            )
        others = [self.expression(item, None if first is None else first.type) for item in node.arguments[1:]]
        known = [item for item in (first, *others) if item is not None]
        if first is None or len(known) < len(node.arguments):
            return None
        return model.Extreme(node.function == "max", tuple(known), type=first.type, span=node.span)

    def _choice(self, node: expressions.If, expected: model.Type | None) -> model.Expr | None:
        condition = self.condition(node.condition)
        if expected is not None:
            then, otherwise = self.expression(node.then, expected), self.expression(node.otherwise, expected)
            pair = None if then is None or otherwise is None else (then, otherwise)
        else:
            pair = self._branches(node)
        if condition is None or pair is None:
            return None
        return model.Choice(condition, *pair, type=pair[0].type, span=node.span)

    def _branches(self, node: expressions.If) -> tuple[model.Expr, model.Expr] | None:
        """Both values of a choice; if all its values are members, of the only enum that has them all."""
        leaves = list(_values(node))
        members = [leaf for leaf in leaves if isinstance(leaf, Path) and self.names.is_bare(leaf)]
        enum = self._with_members(leaf.text for leaf in members) if len(members) == len(leaves) else None
        if enum is None:
            return self._same_type(node.then, node.otherwise)
        type_ = model.EnumType(enum)
        then, otherwise = self.expression(node.then, type_), self.expression(node.otherwise, type_)
        return None if then is None or otherwise is None else (then, otherwise)

    def _is_member_of_left(self, node: expressions.Binary) -> bool:
        """Whether a word spelt like a verdict is meant as a member of an enum here."""
        if not isinstance(node.left, Path) or not isinstance(node.right, Path):
            return False
        before = len(self.scope.diagnostics)
        left = self.expression(node.left)
        del self.scope.diagnostics[before:]
        return (
            left is not None
            and isinstance(left.type, model.EnumType)
            and self.names.member(left.type, node.right.text) is not None
        )

    # --- Types ---

    def _same_type(self, left: Expression, right: Expression) -> tuple[model.Expr, model.Expr] | None:
        """Both operands, of one type; the one with a type of its own supplies it to the other."""
        if self.names.is_rejected(left) or self.names.is_rejected(right):
            return None
        if self.names.is_bare(left) and self.names.is_bare(right):
            assert isinstance(left, Path)
            self.names.unknown_value(left, None)
            return None
        if self.names.is_bare(left) or isinstance(left, expressions.SetLiteral | expressions.IntLiteral | String):
            second = self.expression(right)
            first = self.expression(left, second.type) if second is not None else None
        else:
            first = self.expression(left)
            second = self.expression(right, first.type) if first is not None else None
        return None if first is None or second is None else (first, second)

    def _set(self, node: expressions.SetLiteral, expected: model.Type | None) -> model.Expr | None:
        enum = expected.enum if isinstance(expected, model.SetType) else self._enum_of(node)
        if enum is None:
            if expected is not None:
                return self.scope.reject("PC103", text("PC103.set", expected=type_text(expected)), node.span)
            return self.scope.reject("PC103", text("PC103.set-unknown"), node.span)
        members = [self.expression(item, model.EnumType(enum)) for item in node.items]
        values = [item.value for item in members if isinstance(item, model.Constant)]
        if len(values) < len(members):
            if None not in members:
                self.scope.reject("PC103", text("PC103.not-constant"), node.span)
            return None
        return model.Constant(frozenset(map(str, values)), type=model.SetType(enum), span=node.span)

    def _enum_of(self, node: expressions.SetLiteral) -> str | None:
        """The only enum that has every item as a member."""
        return self._with_members(item.text for item in node.items if isinstance(item, Path))

    def _with_members(self, names: Iterable[str]) -> str | None:
        """The only enum that has members of all these names, of which there is at least one."""
        names = tuple(names)
        enums = [
            enum.name
            for enum in self.scope.enums.values()
            if names and all(member_named(enum, name) is not None for name in names)
        ]
        return enums[0] if len(enums) == 1 else None


def verdict_help(decision: str, word: str) -> Text:
    """How the verdict that a word probably means is written, else what verdicts there are."""
    known = [spelling for spelling, id_ in VERDICT_WORDS.items() if id_ != "depends"]
    meant = habits.VERDICTS.get(word.lower())
    near = suggested(word, known) if meant is None else [meant]
    return offer(near) if near else text("PC103.verdict-help", decision=decision)


def _days_help(terms: list[tuple[int, Expression]]) -> Text:
    """How a number of days is added to a date: the one that was written, if it is one."""
    (_, moved), (sign, number) = terms[:2]
    digits = number.span.text if isinstance(number, expressions.IntLiteral) else in_digits(number.span.text)
    days = "30" if digits is None else digits.removesuffix("天").rstrip()
    return text("PC103.days-help", date=moved.span.text, sign="+" if sign > 0 else "-", days=days)


def _values(node: Expression) -> Iterator[Expression]:
    """The values that a choice chooses from, those of choices inside it included."""
    open_ = [node]
    while open_:
        one = open_.pop()
        if isinstance(one, expressions.If):
            open_ += [one.otherwise, one.then]
        else:
            yield one


def bind_define(define: PendingDefine, depth: int = 0) -> model.Expr | None:
    """The value of a define, bound on first use. A define that needs itself is PC106. Thanks to `define_order.py`, only
    defines in a circle are bound while others are; a long circle is broken anywhere."""
    scope = define.scope
    match define.state:
        case "open" | "waiting" if define.state == "open" or depth > CIRCLE_LIMIT:
            message = text("PC106.define", name=define.name)
            scope.reject("PC106", message, define.node.name.span, text("PC106.help"))
            define.state = "done"
        case "waiting":
            define.state = "open"
            binder = Binder(scope, depth)
            annotation = define.node.type
            expected = declared_type(scope, annotation) if annotation is not None else None
            if annotation is None or expected is not None:
                define.value = binder.expression(define.node.value, expected)
            if define.state == "done":  # meanwhile found to need itself
                define.value = None
            define.state = "done"
    return define.value
