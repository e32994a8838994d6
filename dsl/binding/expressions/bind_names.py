"""Binds names in expressions: facts, parameters, definitions, regions, members; and reports unknown names.

In: paths of the source tree, a `Scope` and the expected type. Out: bound expressions, or `None` after adding a
diagnostic. `bind.py` binds operators.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from ... import model
from ...diagnostics.characters import as_meant
from ...diagnostics.diagnostic import Diagnostic, Severity, Text, quoted, report, text
from ...diagnostics.source import Span
from ...model.values import type_text
from ...syntax import habits
from ...syntax.expressions import Expression, IntLiteral, Name, Path, String
from ...syntax.keywords import TYPE_WORDS
from ...syntax.literals import date_help, days_meant
from ...syntax.tree import TypeName
from ..names import is_identifier, nearest, suggested, typed
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

_CODE_DIGITS = 6
_MOST_MEMBERS = 12
#: The word for its kind at the end of a region's name.
_KIND_OF_REGION = re.compile("(?:自治区|自治州|自治县|省|市|区|县|州|盟|旗)$")


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
                    message = text("PC103.record", name=thing.name)
                    return self.scope.reject("PC103", message, first.span, _facts_of(thing, first.text))
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
                help_ = self._examples_of(first.text)
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
                help_ = text("PC103.attribute-date-help", date=base.span.text) if base.type == model.DAY else None
                message = text("PC103.attribute", name=name.text, type=type_text(base.type))
                return self.scope.reject("PC103", message, name.span, help_)
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
                return unknown_region(self.scope, code, node.span)
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
                return unknown_region(self.scope, name, node.span)
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

    def is_rejected(self, node: Expression) -> bool:
        """Whether a name was declared with a mistake, which is told there and nowhere else."""
        return self.is_bare(node) and isinstance(node, Path) and node.text in self.scope.rejected

    # --- Errors ---

    def mismatch(self, span: Span, expected: model.Type, found: model.Type) -> model.Constant | None:
        help_ = None
        if expected == model.MONEY and found == model.INT:
            help_ = text("PC103.money-help", amount=span.text if span.text.isdecimal() else "200")
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
            help_ = text("PC103.member-define-help", enum=owners[0])
            return self.scope.reject("PC103", text("PC103.member", name=name, enum=owners[0]), first.span, help_)
        known = [*self.scope.known_values(), *self.scope.known_paths()]
        if isinstance(expected, model.EnumType) and (enum := self.scope.enums.find(expected.name)):
            titles = [title for title in enum.members.values() if title and is_identifier(title)]
            return self._unknown("member", first, [*enum.members, *titles], members(enum), enum=expected.name)
        if len(node.parts) > 1 and self.scope.regions.named(name) and (places := self._of_region(node)) is not None:
            return self.scope.reject("PC101", text("PC101.value", name=name), first.span, places)
        return self._unknown("value", first, known)

    def _of_region(self, node: Path) -> Text | None:
        """Help for the value of a parameter in a region that is named: `重庆市.rate`."""
        region, parameter, *_ = node.parts
        examples = self._read_through(parameter.text)
        if not examples or not isinstance(self.scope.values.find(parameter.text), model.Parameter):
            return None
        return text("PC101.region-value-help", region=region.text, examples=quoted(examples))

    def _unknown(
        self, what: str, name: Name, known: list[str], otherwise: Text | None = None, **args: str
    ) -> model.Constant | None:
        """Reports an unknown name; `otherwise` is the help if it resembles no known one."""
        if name.text not in self.scope.rejected and is_glued_negation(name.text, known):
            self.scope.diagnostics.append(_negation(name))
            return None
        return self.scope.unknown(what, name.text, name.span, known, otherwise=otherwise, **args)

    def _examples_of(self, parameter: str) -> Text:
        """The help line that says how a parameter is read."""
        examples = self._read_through(parameter)
        if not examples:
            return text("PC103.parameter-plain-help")
        return text("PC103.parameter-help", examples=quoted(examples))

    def _read_through(self, parameter: str) -> list[str]:
        """A parameter read through the facts that govern decisions, else through any fact that is a region."""
        things = list(self.scope.values.values())
        governing = [side.fact for thing in things if isinstance(thing, model.Decision) for side in thing.sides]
        facts = [thing for thing in things if isinstance(thing, model.Fact)]
        facts += [fact for thing in things if isinstance(thing, Record) for fact in thing.fields.values()]
        places = list(dict.fromkeys(governing or [fact.name for fact in facts if fact.type == model.REGION]))
        return [f"{place}.{parameter}" for place in places[:2]]


def members(enum: model.Enum) -> Text:
    """The help line that lists members of an enum, by titles where these can be typed."""
    known = [title if title and is_identifier(title) else member for member, title in enum.members.items()]
    shown = quoted(known[:_MOST_MEMBERS])
    return text("PC101.members-help", members=(*shown, *(["…"] if len(known) > _MOST_MEMBERS else [])))


def _facts_of(record: Record, written: str) -> Text:
    """The help line that lists the facts of a record, each as it is typed after the record's name or title."""
    own = [list(record.fields.spellings(fact)) for fact in record.fields.values()]
    names = [spellings[0 if written == record.name else -1] for spellings in own]
    shown = quoted(f"{written}.{name}" for name in names[:_MOST_MEMBERS])
    return text("PC103.record-help", facts=(*shown, *(["…"] if len(names) > _MOST_MEMBERS else [])))


def member_named(enum: model.Enum, name: str) -> str | None:
    """The member with that name or, failing that, with that title."""
    if name in enum.members:
        return name
    titled = [member for member, title in enum.members.items() if title is not None and as_meant(title) == name]
    return titled[0] if len(titled) == 1 else None


def unknown_region(scope: Scope, name: str, span: Span) -> model.Constant | None:
    """Reports an unknown region, given by code or name, and says how a missing one is declared."""
    if name in scope.rejected:
        return None
    tree = scope.regions
    declare = text("PC101.region-help", name=name)
    near: list[str] = []
    if name.isdecimal():
        above = [code for code in (f"{name[:4]}00", f"{name[:2]}0000") if code in tree]
        roots = [region.code for region in tree if region.parent is None]
        if len(name) == _CODE_DIGITS and (above or roots):
            declare = text("PC101.region-code-help", code=name, parent=(above or roots)[0])
    else:
        near = [one for one in suggested(name, tree.names(), scope.diagnostics) if _may_be(name, one)]
    help_ = declare
    if near:
        names = quoted(typed(one) for one in near)
        help_ = text("PC101.region-near-help", near=names, declare=declare)
    return scope.reject("PC101", text("PC101.region", name=name), span, help_)


def _may_be(name: str, known: str) -> bool:
    """Whether a known region may be meant: one is a part of the other, or they share more than the word for their kind
    (市, 省) and a letter by chance. Of two letters the first is enough: 重慶."""
    one, other = (_KIND_OF_REGION.sub("", word) or word for word in (name, known))
    begins_alike = len(one) == len(other) == len("重庆") and one[0] == other[0]
    return begins_alike or one in other or other in one or nearest(one, [other]) is not None


def is_glued_negation(name: str, known: list[str]) -> bool:
    """Whether `非退休` is probably meant as 非 退休: the rest is a known name, or the whole resembles none."""
    if len(name) < 2 or name[0] not in "非不":
        return False
    return name[1:] in known or not suggested(name, known)


def _negation(name: Name) -> Diagnostic:
    """An error, since nothing has that name; it is told only here."""
    warning = report(
        "PC003",
        text("PC003.negation", name=name.text, first=name.text[0]),
        name.span,
        help=text("PC003.negation-help", rest=name.text[1:]),
    )
    return replace(warning, severity=Severity.ERROR)


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
        known = [*scope.enums.known(), *TYPE_WORDS]
        meant = habits.TYPES.get(node.name.text.lower())
        scope.unknown("type", node.name.text, node.name.span, known, meant=meant)
    return None
