"""Expressions of the source tree, and the parts of all its nodes: names, texts, paths.

Spans do not count for equality, so two trees with the same content are equal, wherever they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from ..diagnostics.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name(Node):
    """An identifier as written (a name, or a title used as one)."""

    text: str


@dataclass(frozen=True, slots=True)
class String(Node):
    """A quoted text, without its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Title(String):
    """A title, and the texts for English readers that follow it."""

    english: tuple[String, ...] = ()


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Names joined by points: `payer.region.link_cap`. A single name is a path of one part."""

    parts: tuple[Name, ...]

    @property
    def text(self) -> str:
        return ".".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class IntLiteral(Node):
    """An integer; where a region is expected, its six digits are a code."""

    value: int
    digits: int


@dataclass(frozen=True, slots=True)
class MoneyLiteral(Node):
    fen: int


@dataclass(frozen=True, slots=True)
class PercentLiteral(Node):
    """A share in millionths: 60 % is 600,000."""

    millionths: int


@dataclass(frozen=True, slots=True)
class DateLiteral(Node):
    value: date


@dataclass(frozen=True, slots=True)
class BoolLiteral(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class SetLiteral(Node):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`operator` is one of: implies, or, and, is, is not, in, not in, <, <=, >=, >, +, -, *."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Shift(Node):
    """A date moved by a number of days (negative for earlier)."""

    operand: Expression
    days: int


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`min` or `max` of two or more expressions."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Expression
    then: Expression
    otherwise: Expression


Expression = (
    IntLiteral
    | MoneyLiteral
    | PercentLiteral
    | DateLiteral
    | BoolLiteral
    | String
    | SetLiteral
    | Path
    | Not
    | Binary
    | Shift
    | Call
    | If
)
