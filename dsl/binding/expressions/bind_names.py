"""Binds names in expressions: facts, parameters, definitions, regions, members; and reports unknown names.

In: paths of the source tree, a `Scope` and the expected type. Out: bound expressions, or `None` after adding a
diagnostic. `bind.py` binds operators.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from ... import model
from ...diagnostics.characters import as_meant
from ...diagnostics.diagnostic import Diagnostic, report, text
from ...diagnostics.source import Span
from ...model.values import type_text
from ...syntax.expressions import Expression, IntLiteral, Name, Path, String
from ...syntax.keywords import TYPE_WORDS
from ...syntax.literals import date_help, days_meant
from ...syntax.tree import TypeName
from ..scope import PendingDefine, Record, Scope

#: Attributes of a region besides its parameters, in both spellings.
REGION_ATTRIBUTES = {
    "code": "code",
    "代码": "code",
    "province": "province",
    "所属省": "province",
    "prefecture": "prefecture",
    "所属市": "prefecture",
}


class NameBinder:
    """Binds names in one scope."""

    def __init__(self, scope: Scope, define: Callable[[PendingDefine], model.Expr | None]) -> None:
        """`define` returns the value of a definition, binding it if necessary."""
        self.scope = scope
        self._define = define

    def path(self, node: Path, expected: model.Type | None) -> model.Expr | None:
        first = node.parts[0]
        if len(node.parts) == 1 and isinstance(expected, model.EnumType):
            member = self.member(expected, first.text)
            if member is not None:
                return model.Constant(member, type=expected, span=node.span)
        thing = self.scope.find(first.text)
        if thing is None:
            if len(node.parts) == 1 and expected == model.REGION:
                return self.region(node)
            return self.unknown_value(node, expected)
        base: model.Expr
        rest = node.parts[1:]
        match thing:
            case Record():
                if not rest:
                    return self.scope.reject("PC103", text("PC103.record", name=thing.name), first.span)
                fact = thing.fields.find(rest[0].text)
                if fact is None:
                    return self._unknown("field", rest[0], list(thing.fields.known()))
                base, rest = model.FactValue(fact.name, type=fact.type, span=first.span.to(rest[0].span)), rest[1:]
            case model.Fact():
                base = model.FactValue(thing.name, type=thing.type, span=first.span)
            case PendingDefine():
                self.scope.read.add(thing.name)
                value = self._define(thing)
                if value is None:
                    return None
                base = model.DefineValue(thing.name, type=value.type, span=first.span)
            case model.Define():
                base = model.DefineValue(thing.name, type=thing.value.type, span=first.span)
            case model.Parameter():
                help_ = text("PC103.parameter-help", name=first.text)
                return self.scope.reject("PC103", text("PC103.parameter", name=first.text), node.span, help_)
            case model.Decision():
                help_ = text("PC103.verdict-help", decision=first.text)
                return self.scope.reject("PC103", text("PC103.decision", name=first.text), node.span, help_)
            case _:
                assert_never(thing)
        return self._attributes(base, rest)

    def _attributes(self, base: model.Expr, rest: tuple[Name, ...]) -> model.Expr | None:
        """An attribute of a region: its province, its code, or a parameter's value there."""
        for name in rest:
            span = base.span.to(name.span)
            if base.type != model.REGION:
                return self.scope.reject(
                    "PC103", text("PC103.attribute", name=name.text, type=type_text(base.type)), name.span
                )
            attribute = REGION_ATTRIBUTES.get(name.text)
            parameter = self.scope.values.find(name.text)
            if isinstance(parameter, model.Parameter):
                self.scope.read.add(parameter.name)
                base = model.ParameterValue(parameter.name, base, type=parameter.type, span=span)
            elif attribute == "code":
                base = model.RegionCode(base, type=model.INT, span=span)
            elif attribute is not None:
                base = model.Ancestor(attribute, base, type=model.REGION, span=span)
            else:
                parameters = [p.name for p in self.scope.values.values() if isinstance(p, model.Parameter)]
                return self._unknown("parameter", name, [*parameters, *REGION_ATTRIBUTES])
        return base

    def region(self, node: Expression) -> model.Constant | None:
        """A region by code, or by a unique name."""
        tree = self.scope.regions
        match node:
            case IntLiteral():
                code = f"{node.value:0{node.digits}d}"
                if code in tree:
                    return model.Constant(code, type=model.REGION, span=node.span)
                return self.scope.unknown("region", code, node.span, (region.code for region in tree))
            case String(text=name) | Path(text=name):
                codes = tree.named(name)
                if len(codes) == 1:
                    return model.Constant(codes[0], type=model.REGION, span=node.span)
                if codes:
                    options = tuple(f"{code} ({tree[tree.province(code)].name})" for code in codes)
                    return self.scope.reject(
                        "PC101",
                        text("PC101.ambiguous-region", name=name),
                        node.span,
                        text("PC101.ambiguous-region-help", codes=options),
                    )
                return self.scope.unknown("region", name, node.span, tree.names())
            case _:
                return self.scope.reject("PC103", text("PC103.expected-region"), node.span)

    def member(self, type_: model.EnumType, name: str) -> str | None:
        enum = self.scope.enums.find(type_.name)
        return None if enum is None else member_named(enum, name)

    def decision(self, node: Expression) -> model.Decision | None:
        if isinstance(node, Path) and len(node.parts) == 1:
            thing = self.scope.find(node.text)
            return thing if isinstance(thing, model.Decision) else None
        return None

    def is_bare(self, node: Expression) -> bool:
        """Whether a name has no type of its own, so that the other operand must supply the expected one."""
        return isinstance(node, Path) and len(node.parts) == 1 and self.scope.find(node.text) is None

    # --- Errors ---

    def mismatch(self, span: Span, expected: model.Type, found: model.Type) -> model.Constant | None:
        help_ = text("PC103.money-help") if expected == model.MONEY and found == model.INT else None
        if expected == model.DAY and (days := days_meant(span.text)):
            help_ = date_help(days)
        return self.scope.reject(
            "PC103", text("PC103.expected", expected=type_text(expected), found=type_text(found)), span, help_
        )

    def stray_text(self, node: String, expected: model.Type) -> model.Constant | None:
        help_ = None
        if isinstance(expected, model.EnumType) and self.member(expected, node.text) is not None:
            help_ = text("PC103.unquote-help", name=node.text)
        return self.scope.reject("PC103", text("PC103.text", expected=type_text(expected)), node.span, help_)

    def unknown_value(self, node: Path, expected: model.Type | None) -> model.Constant | None:
        """Reports an unknown name: a misplaced member, a glued negation, or a misspelling."""
        first = node.parts[0]
        name = first.text
        owners = [enum.name for enum in self.scope.enums.values() if member_named(enum, name) is not None]
        if owners and len(node.parts) == 1:
            if isinstance(expected, model.EnumType):
                message = text("PC105.other-enum", name=name, enum=owners[0], expected=expected.name)
                return self.scope.reject("PC105", message, first.span)
            return self.scope.reject("PC103", text("PC103.member", name=name, enum=owners[0]), first.span)
        known = self.scope.known_values()
        if isinstance(expected, model.EnumType) and (enum := self.scope.enums.find(expected.name)):
            titles = [title for title in enum.members.values() if title]
            return self._unknown("member", first, [*enum.members, *titles], enum=expected.name)
        return self._unknown("value", first, known)

    def _unknown(self, what: str, name: Name, known: list[str], **args: str) -> model.Constant | None:
        negation = glued_negation(name.text, known)
        if negation is not None:
            self.scope.diagnostics.append(negation_warning(name, negation))
        return self.scope.unknown(what, name.text, name.span, known, **args)


def member_named(enum: model.Enum, name: str) -> str | None:
    """The member with that name or, failing that, with that title."""
    if name in enum.members:
        return name
    titled = [member for member, title in enum.members.items() if title is not None and as_meant(title) == name]
    return titled[0] if len(titled) == 1 else None


def glued_negation(name: str, known: list[str]) -> str | None:
    """The name that `非退休` probably negates: the known name after 非 or 不; `""` if it is not known."""
    if len(name) > 1 and name[0] in "非不":
        return name[1:] if name[1:] in known else ""
    return None


def negation_warning(name: Name, negated: str) -> Diagnostic:
    return report(
        "PC003",
        text("PC003.negation", name=name.text, first=name.text[0]),
        name.span,
        help=text("PC003.negation-help", rest=negated or name.text[1:]),
    )


_TYPES = {
    str(type_): type_ for type_ in (model.BOOLEAN, model.INT, model.MONEY, model.PERCENT, model.DAY, model.REGION)
}


def declared_type(scope: Scope, node: TypeName) -> model.Type | None:
    """The type named by a type word or by the name of an enum."""
    word = TYPE_WORDS.get(node.name.text)
    enum = scope.enums.find(node.name.text)
    if enum is not None:
        return model.SetType(enum.name) if node.of_set else model.EnumType(enum.name)
    if word is not None and not node.of_set:
        return _TYPES[word]
    if word is not None:
        scope.reject("PC103", text("PC103.set-of", type=node.name.text), node.name.span)
    else:
        scope.unknown("type", node.name.text, node.name.span, [*scope.enums.known(), *TYPE_WORDS])
    return None
