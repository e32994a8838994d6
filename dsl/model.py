"""The checked set: what a policy set means once every name is bound and every type known.

Plain, immutable data. Values are Python's own: `bool`; `int` for integers, money (fen), percentages
(millionths of the whole) and dates (days of the proleptic Gregorian calendar, as `date.toordinal`); `str`
for enum members and region codes; `frozenset[str]` for sets of members.

`DefineValue`, `VerdictIs` and the like refer by id to the tables of `PolicySet`, so the data has no cycles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from .source import SourceFile, Span

if TYPE_CHECKING:
    from .regions import RegionTree

Value = bool | int | str | frozenset[str]
#: Every fact's value, by path (`payer.region`).
Case = Mapping[str, Value]

#: The fact on whose day a case is judged.
DATE = "date"
#: The days of the calendar, 0001-01-01 to 9999-12-31: what is moved beyond either is no day, and undetermined.
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()

# --- Types -------------------------------------------------------------------------------------------------


class Kind(StrEnum):
    BOOLEAN = "boolean"
    INT = "int"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Scalar:
    kind: Kind

    def __str__(self) -> str:
        return self.kind.value


@dataclass(frozen=True, slots=True)
class EnumType:
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SetType:
    enum: str

    def __str__(self) -> str:
        return f"set of {self.enum}"


Type = Scalar | EnumType | SetType

BOOLEAN = Scalar(Kind.BOOLEAN)
INT = Scalar(Kind.INT)
MONEY = Scalar(Kind.MONEY)
PERCENT = Scalar(Kind.PERCENT)
DAY = Scalar(Kind.DATE)
REGION = Scalar(Kind.REGION)

#: What has a least and a greatest value.
NUMBERS = (INT, MONEY, PERCENT, DAY)

#: Millionths in a whole: the unit of percentages.
WHOLE = 1_000_000

# --- Expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An expression with its type. `span` is where it was written."""

    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Constant(Core):
    value: Value


@dataclass(frozen=True, slots=True)
class FactValue(Core):
    fact: str


@dataclass(frozen=True, slots=True)
class ParameterValue(Core):
    """The value of a parameter in a region on the day of the case."""

    parameter: str
    region: Expr


@dataclass(frozen=True, slots=True)
class Ancestor(Core):
    """The province or prefecture of a region; `level` is `province` or `prefecture`."""

    level: str
    region: Expr


@dataclass(frozen=True, slots=True)
class RegionCode(Core):
    """The six digits of a region as an integer."""

    region: Expr


@dataclass(frozen=True, slots=True)
class DefineValue(Core):
    define: str


@dataclass(frozen=True, slots=True)
class Not(Core):
    operand: Expr


@dataclass(frozen=True, slots=True)
class And(Core):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Core):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Equal(Core):
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Less(Core):
    """`left < right`, or `left <= right` where not `strict`."""

    left: Expr
    right: Expr
    strict: bool


@dataclass(frozen=True, slots=True)
class Within(Core):
    """`inner` is `outer` or lies below it."""

    inner: Expr
    outer: Expr


@dataclass(frozen=True, slots=True)
class MemberOf(Core):
    element: Expr
    collection: Expr


@dataclass(frozen=True, slots=True)
class Sum(Core):
    """The operands added up, those marked by -1 subtracted."""

    operands: tuple[tuple[int, Expr], ...]


@dataclass(frozen=True, slots=True)
class Product(Core):
    """`factor` takes finitely many values, all known beforehand; money by percent is rounded half-up."""

    factor: Expr
    operand: Expr


@dataclass(frozen=True, slots=True)
class Extreme(Core):
    """The least operand, or the `greatest`."""

    greatest: bool
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Choice(Core):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Shifted(Core):
    operand: Expr
    days: int


@dataclass(frozen=True, slots=True)
class IsUndetermined(Core):
    operand: Expr


@dataclass(frozen=True, slots=True)
class VerdictIs(Core):
    decision: str
    verdict: Verdict


Expr = (
    Constant
    | FactValue
    | ParameterValue
    | Ancestor
    | RegionCode
    | DefineValue
    | Not
    | And
    | Or
    | Equal
    | Less
    | Within
    | MemberOf
    | Sum
    | Product
    | Extreme
    | Choice
    | Shifted
    | IsUndetermined
    | VerdictIs
)


def parts(expression: Expr) -> tuple[Expr, ...]:
    """The direct subexpressions, left to right."""
    match expression:
        case Constant() | FactValue() | DefineValue() | VerdictIs():
            return ()
        case ParameterValue(region=inner) | Ancestor(region=inner) | RegionCode(region=inner):
            return (inner,)
        case Not(operand=inner) | Shifted(operand=inner) | IsUndetermined(operand=inner):
            return (inner,)
        case And(operands=operands) | Or(operands=operands) | Extreme(operands=operands):
            return operands
        case Equal(left=left, right=right) | Less(left=left, right=right):
            return (left, right)
        case Within(inner=inner, outer=outer):
            return (inner, outer)
        case MemberOf(element=element, collection=collection):
            return (element, collection)
        case Sum(operands=signed):
            return tuple(operand for _, operand in signed)
        case Product(factor=factor, operand=operand):
            return (factor, operand)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)


# --- Vocabulary --------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What a decision says of a case."""

    PERMITTED = "permitted"
    DENIED = "denied"
    CONFLICTING = "conflicting"
    UNDETERMINED = "undetermined"


class SideVerdict(StrEnum):
    """What one side of a decision says."""

    PERMITS = "permits"
    DENIES = "denies"
    CONFLICT = "conflict"
    SILENT = "silent"


class Effect(StrEnum):
    PERMIT = "permit"
    FORBID = "forbid"


class MetaRule(StrEnum):
    """What can settle a conflict of two rules; `DEFAULT` comes before all others and is not listed."""

    DEFAULT = "default"
    EXCEPTION = "exception"
    RANK = "rank"
    SPECIFIC = "specific"
    LATER = "later"


STANDARD_PRECEDENCE = (MetaRule.EXCEPTION, MetaRule.RANK, MetaRule.SPECIFIC, MetaRule.LATER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Anything with a name; `title` is what people call it."""

    name: str
    title: str | None = None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum(Declared):
    #: Member names in order of declaration, with their titles.
    members: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Declared):
    """An input of a case. `name` is the path; bounds are for numbers and dates, inclusive."""

    type: Type
    low: int | None = None
    high: int | None = None
    arrangeable: bool = False
    #: The decision that brings it about, if one does, and the day from which it then holds.
    arranged_by: str | None = None
    arranged_from: Expr | None = None
    #: What an ordinary case has: a constant or another fact.
    usual: Constant | FactValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Declared):
    type: Type
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side(Declared):
    #: The region-valued fact whose place governs this side.
    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Declared):
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Define(Declared):
    """A named expression; `name` carries the policy's name where it is local to one."""

    value: Expr
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiom(Declared):
    condition: Expr


# --- Policies ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; `None` is open."""

    first: int | None = None
    last: int | None = None

    def __contains__(self, day: int) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def intersection(self, other: Period) -> Period:
        firsts = [day for day in (self.first, other.first) if day is not None]
        lasts = [day for day in (self.last, other.last) if day is not None]
        return Period(max(firsts, default=None), min(lasts, default=None))

    @property
    def empty(self) -> bool:
        return self.first is not None and self.last is not None and self.first > self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause(Declared):
    """`title` is the clause's text; `name` is `SOURCE.CLAUSE`."""

    source: str
    unmodelled: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Declared):
    """`rank` counts from 0, the highest; `None` where no rank is given. `dated` is a day."""

    rank: int | None
    dated: int | None
    url: str | None
    clauses: tuple[Clause, ...]
    policy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Declared):
    region: str
    period: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Declared):
    """Any statement of a policy that can apply. `name` is `POLICY.NAME`, unique in the set."""

    policy: str
    #: The region the policy speaks for.
    region: str
    #: The statement's own period, cut to that of its policy.
    period: Period
    when: Expr | None = None
    unless: Expr | None = None
    #: Clauses cited, and their sources in the same order.
    cites: tuple[Clause, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def key(self) -> str:
        """Unique in the set."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule(Rule):
    """A rule about one side of a decision."""

    decision: str
    side: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm(DecisionRule):
    effect: Effect
    default: bool = False
    #: Rules this norm is an exception to.
    exceptions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement(DecisionRule):
    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate(DecisionRule):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Rule):
    """One value of a parameter: a `set`, or one output of one row of a table."""

    parameter: str
    value: Value
    default: bool = False
    #: The table and the row (from 1) it comes from. The settings of one row share its name.
    table: str | None = None
    row: int | None = None

    @property
    def key(self) -> str:
        """The name, and for a table's row the parameter too."""
        return self.name if self.table is None else f"{self.name}:{self.parameter}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table: the settings that it makes have its name."""

    name: str
    #: What its cells ask for; `any` asks for nothing.
    cells: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Rule):
    """A table as a whole; `when` and `unless` are its own conditions, which hold for every row."""

    #: The parameters that its rows set.
    parameters: tuple[str, ...]
    rows: tuple[Row, ...]


def conditions(rule: Rule) -> tuple[Expr, ...]:
    """What a rule asks of a case: its `when` and its `unless`, where it has them, and what a requirement demands."""
    demanded = rule.condition if isinstance(rule, Requirement) else None
    return tuple(condition for condition in (rule.when, rule.unless, demanded) if condition is not None)


# --- Assertions, tests, acknowledgements -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion(Declared):
    condition: Expr


@dataclass(frozen=True, slots=True)
class GivenValue:
    fact: str
    value: Value
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class DependsExpectation:
    """`X is depends`: completions differ. `subject` is a decision's name or an expression."""

    subject: str | Expr
    negated: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test(Declared):
    usual: bool
    given: tuple[GivenValue, ...]
    expect: tuple[Expr | DependsExpectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement(Declared):
    """`name` is the code; `rules` are exactly those of the finding meant."""

    rules: frozenset[str]
    because: str
    until: int | None


@dataclass(frozen=True, kw_only=True)
class PolicySet:
    """Everything one run reads, checked. Tables keep the order of declaration."""

    files: tuple[SourceFile, ...]
    regions: RegionTree
    enums: Mapping[str, Enum]
    #: Titles of the records that group facts, by name.
    records: Mapping[str, str | None]
    facts: Mapping[str, Fact]
    parameters: Mapping[str, Parameter]
    decisions: Mapping[str, Decision]
    defines: Mapping[str, Define]
    axioms: tuple[Axiom, ...]
    #: Rank names, highest first, with titles.
    ranks: Mapping[str, str | None]
    precedence: tuple[MetaRule, ...]
    sources: Mapping[str, Source]
    policies: Mapping[str, Policy]
    norms: Mapping[str, Norm]
    requirements: Mapping[str, Requirement]
    mandates: Mapping[str, Mandate]
    #: By `Setting.key`.
    settings: Mapping[str, Setting]
    #: The tables by name. What they set is among the settings.
    tables: Mapping[str, Table]
    assertions: tuple[Assertion, ...]
    tests: tuple[Test, ...]
    acknowledgements: tuple[Acknowledgement, ...]

    def side(self, decision: str, side: str) -> Side:
        """A side of a decision, by the names of both."""
        return next(known for known in self.decisions[decision].sides if known.name == side)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Norms, requirements, mandates and settings by name; of a table's row, its first setting."""
        settings = {setting.name: setting for setting in reversed(list(self.settings.values()))}
        return {**self.norms, **self.requirements, **self.mandates, **settings}
