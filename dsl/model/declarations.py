"""The declarations of a vocabulary: facts, parameters, decisions, definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..diagnostics.source import Span
from .expressions import Constant, Expr, FactValue
from .types import Type


def own_name(name: str) -> str:
    """A name as it is inside its policy, record or source."""
    return name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class English:
    """What stands for a thing in sentences for English readers, as far as its author says so."""

    name: str | None = None
    #: That it is true; of another fact, with `{}` in place of the value.
    sentence: str | None = None
    #: That it is not true, or not this member.
    opposite: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Anything with a name; `title` is its name for people."""

    name: str
    title: str | None = None
    english: English = English()
    span: Span = field(compare=False, repr=False)

    @property
    def own_name(self) -> str:
        return own_name(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum(Declared):
    #: Member names in order of declaration, with their titles.
    members: Mapping[str, str | None]
    member_english: Mapping[str, English] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Declared):
    """An input of a case. `name` is the path; bounds are for numbers and dates, inclusive."""

    type: Type
    low: int | None = None
    high: int | None = None
    arrangeable: bool = False
    #: The decision that makes it true, if any, and the day from which it then holds.
    arranged_by: str | None = None
    arranged_from: Expr | None = None
    #: The value in an ordinary case: a constant or another fact.
    usual: Constant | FactValue | None = None

    @property
    def record(self) -> str:
        """The record that it is a field of; `""` if none."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Declared):
    type: Type
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side(Declared):
    #: The region-valued fact whose region governs this side.
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Declared):
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Define(Declared):
    """A named expression; one local to a policy has the policy's name in its `name`."""

    value: Expr
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiom(Declared):
    condition: Expr
