"""The source tree: the syntax of a file, before name resolution.

One dataclass per construct, in the order of the language page; expressions are in `expressions.py`. Spans do not count
for equality, so two trees with the same content are equal, wherever they stand. Both keyword spellings give the same
tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..diagnostics.source import SourceFile
from .expressions import DateLiteral, Expression, IntLiteral, Name, Node, Path, String


@dataclass(frozen=True, slots=True)
class Declared(Node):
    """What has a name and may have a title."""

    name: Name
    title: String | None


# --- Vocabulary --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use(Node):
    path: String


@dataclass(frozen=True, slots=True)
class Member(Declared):
    """One of the values of an enum."""


@dataclass(frozen=True, slots=True)
class EnumDeclaration(Declared):
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class TypeName(Node):
    """A type word or the name of an enum; `of_set` for `set of` that enum; bounds as written."""

    name: Name
    of_set: bool
    low: Expression | None
    high: Expression | None


@dataclass(frozen=True, slots=True)
class Arrangeable(Node):
    """People can make a fact true, `by` a decision if given; `starts` is the day from which it then holds."""

    by: Name | None
    starts: Expression | None


@dataclass(frozen=True, slots=True)
class FactDeclaration(Declared):
    type: TypeName
    arrangeable: Arrangeable | None
    usual: Expression | None


@dataclass(frozen=True, slots=True)
class RecordDeclaration(Declared):
    facts: tuple[FactDeclaration, ...]


@dataclass(frozen=True, slots=True)
class ParameterDeclaration(Declared):
    type: TypeName


@dataclass(frozen=True, slots=True)
class SideDeclaration(Node):
    fact: Path
    name: Name
    title: String | None


@dataclass(frozen=True, slots=True)
class DecisionDeclaration(Declared):
    sides: tuple[SideDeclaration, ...]


@dataclass(frozen=True, slots=True)
class DefineDeclaration(Declared):
    type: TypeName | None
    value: Expression


@dataclass(frozen=True, slots=True)
class AxiomDeclaration(Declared):
    condition: Expression


@dataclass(frozen=True, slots=True)
class RegionDeclaration(Node):
    code: IntLiteral
    title: String
    parent: IntLiteral | String | Path | None


@dataclass(frozen=True, slots=True)
class RegionsDeclaration(Node):
    """`regions "FILE"`: a table of regions beside the policy file."""

    path: String


@dataclass(frozen=True, slots=True)
class RankDeclaration(Declared):
    """One of the ranks of sources."""


@dataclass(frozen=True, slots=True)
class RanksDeclaration(Node):
    """Highest first."""

    ranks: tuple[RankDeclaration, ...]


@dataclass(frozen=True, slots=True)
class PrecedenceDeclaration(Node):
    """Meta-rules as written, first to last; name resolution checks the words."""

    rules: tuple[Name, ...]


# --- Policies ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClauseDeclaration(Node):
    name: Name
    text: String
    unmodelled: String | None


@dataclass(frozen=True, slots=True)
class SourceDeclaration(Declared):
    rank: Name | None
    dated: DateLiteral | None
    url: String | None
    clauses: tuple[ClauseDeclaration, ...]


@dataclass(frozen=True, slots=True)
class Modifiers(Node):
    """Parts that may follow any statement of a policy, in any order, each at most once."""

    when: Expression | None = None
    unless: Expression | None = None
    starts: DateLiteral | None = None
    ends: DateLiteral | None = None
    cites: tuple[Path, ...] = ()
    exceptions: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class NormStatement(Node):
    """`permit` or `forbid`."""

    effect: str
    default: bool
    decision: Name
    name: Name
    title: String | None
    modifiers: Modifiers


@dataclass(frozen=True, slots=True)
class RequireStatement(Node):
    decision: Name
    name: Name
    title: String | None
    condition: Expression
    modifiers: Modifiers


@dataclass(frozen=True, slots=True)
class MandateStatement(Node):
    decision: Name
    name: Name
    title: String | None
    modifiers: Modifiers


@dataclass(frozen=True, slots=True)
class SetStatement(Node):
    default: bool
    parameter: Name
    value: Expression
    modifiers: Modifiers


@dataclass(frozen=True, slots=True)
class AnyCell(Node):
    """Matches everything."""


@dataclass(frozen=True, slots=True)
class OneOfCell(Node):
    """Matches any of the values; a single value is a list of one."""

    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class CompareCell(Node):
    """`>= 60`: matches whatever has that relation to the value."""

    operator: str
    value: Expression


@dataclass(frozen=True, slots=True)
class RangeCell(Node):
    """`1..59`, inclusive."""

    low: Expression
    high: Expression


Cell = AnyCell | OneOfCell | CompareCell | RangeCell


@dataclass(frozen=True, slots=True)
class Row(Node):
    cells: tuple[Cell, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TableStatement(Declared):
    modifiers: Modifiers
    inputs: tuple[Expression, ...]
    outputs: tuple[Name, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SideBlock(Node):
    side: Name
    items: tuple[PolicyItem, ...]


PolicyItem = (
    SourceDeclaration
    | DefineDeclaration
    | NormStatement
    | RequireStatement
    | MandateStatement
    | SetStatement
    | TableStatement
    | SideBlock
)


@dataclass(frozen=True, slots=True)
class PolicyDeclaration(Declared):
    region: IntLiteral | String | Path
    starts: DateLiteral | None
    ends: DateLiteral | None
    items: tuple[PolicyItem, ...]


# --- Assertions, tests, acknowledgements -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AssertDeclaration(Declared):
    condition: Expression


@dataclass(frozen=True, slots=True)
class GivenUsual(Node):
    """`given usual`: facts not given have their usual values."""


@dataclass(frozen=True, slots=True)
class GivenFact(Node):
    fact: Path
    value: Expression


@dataclass(frozen=True, slots=True)
class TestDeclaration(Node):
    title: String
    given: tuple[GivenUsual | GivenFact, ...]
    expect: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AcknowledgeDeclaration(Node):
    code: Name
    rules: tuple[Path, ...]
    because: String
    ends: DateLiteral | None


Statement = (
    Use
    | EnumDeclaration
    | RecordDeclaration
    | FactDeclaration
    | ParameterDeclaration
    | DecisionDeclaration
    | DefineDeclaration
    | AxiomDeclaration
    | RegionDeclaration
    | RegionsDeclaration
    | RanksDeclaration
    | PrecedenceDeclaration
    | SourceDeclaration
    | PolicyDeclaration
    | AssertDeclaration
    | TestDeclaration
    | AcknowledgeDeclaration
)


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """From `#` to the end of its line, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class SourceTree:
    """One file: its statements in order, and its comments for the formatter."""

    file: SourceFile
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()


def items_with_sides(items: Sequence[PolicyItem], side: Name | None = None) -> Iterator[tuple[PolicyItem, Name | None]]:
    """Every statement of a policy, with the side of the block around it."""
    for item in items:
        if isinstance(item, SideBlock):
            yield from items_with_sides(item.items, item.side)
        else:
            yield item, side
