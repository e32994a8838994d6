"""Values as text, in the form of `--set`, witnesses and messages; the parser is the inverse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from .. import model
from ..diagnostics.diagnostic import Diagnostic, Text, report, text
from ..diagnostics.source import Span


def format_value(value: model.Value, type_: model.Type) -> str:
    """`true`, `10`, `200元`, `60%`, `2024-11-01`, `500000`, `spouse`, `{child, parent}`."""
    match value:
        case bool():
            return "true" if value else "false"
        case frozenset():
            return format_members(sorted(value))
        case str():
            return value
        case _:
            return _format_number(value, type_)


def format_members(members: Iterable[str]) -> str:
    return "{" + ", ".join(members) + "}"


def members_of(written: str) -> list[str]:
    """The members of a set in text form; any other text is a single member."""
    inside = written.removeprefix("{").removesuffix("}")
    return inside.split(", ") if inside else []


def format_case(policy_set: model.PolicySet, case: model.Case) -> dict[str, str]:
    """A case or a part of one, in order of declaration."""
    facts = policy_set.facts
    return {name: format_value(case[name], facts[name].type) for name in facts if name in case}


def _format_number(value: int, type_: model.Type) -> str:
    if type_ == model.DAY:
        return date.fromordinal(value).isoformat()
    if type_ == model.MONEY:
        sign, fen = ("-", -value) if value < 0 else ("", value)
        return f"{sign}{fen // 100}元" if fen % 100 == 0 else f"{sign}{fen // 100}.{fen % 100:02d}元"
    if type_ == model.PERCENT:
        percent = Decimal(value * 100) / model.WHOLE
        return f"{percent.normalize():f}%"
    return str(value)


def bounds_problem(thing: model.Fact | model.Parameter, value: model.Value, span: Span) -> Diagnostic | None:
    """PC105 if a number or date lies outside the bounds declared for `thing`."""
    if isinstance(value, bool) or not isinstance(value, int) or thing.low is None or thing.high is None:
        return None
    if thing.low <= value <= thing.high:
        return None
    low, high = format_value(thing.low, thing.type), format_value(thing.high, thing.type)
    message = text("PC105.out-of-bounds", name=thing.name, low=low, high=high)
    return report("PC105", message, span)


def type_text(type_: model.Type) -> Text:
    """A type in words."""
    match type_:
        case model.Scalar(kind=kind):
            return text(f"type.{kind.value}")
        case model.EnumType(name=name):
            return text("type.enum", name=name)
        case model.SetType(enum=name):
            return text("type.set", name=name)
