"""Policies: sources, clauses, rules and tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ..diagnostics.source import Span
from .declarations import Declared
from .expressions import Expr
from .types import Value


class Effect(StrEnum):
    PERMIT = "permit"
    FORBID = "forbid"


class MetaRule(StrEnum):
    """What can settle a conflict of two rules; `DEFAULT` comes before all others and is never listed."""

    DEFAULT = "default"
    EXCEPTION = "exception"
    RANK = "rank"
    SPECIFIC = "specific"
    LATER = "later"


STANDARD_PRECEDENCE = (MetaRule.EXCEPTION, MetaRule.RANK, MetaRule.SPECIFIC, MetaRule.LATER)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, inclusive; `None` is open."""

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
    """`rank` counts from 0, the highest; `None` if not given. `dated` is a day."""

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
    #: The region of its policy.
    region: str
    #: The statement's own period within that of its policy.
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

    @property
    def numbered_with(self) -> str:
        """A name that all rules numbered together share, and no others: those of one table, or the values that a policy
        sets for one parameter. A rule without a number has its own name."""
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
    #: The table and row (from 1) it comes from. All settings of a row have the row's name.
    table: str | None = None
    row: int | None = None

    @property
    def key(self) -> str:
        """The name; for a table's row, with the parameter."""
        return self.name if self.table is None else f"{self.name}:{self.parameter}"

    @property
    def numbered_with(self) -> str:
        return self.table or f"{self.policy}.{self.parameter}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table; its settings have the row's name."""

    name: str
    #: The conditions of its cells; `any` has none.
    cells: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Rule):
    """A table as a whole; its own `when` and `unless` apply to every row."""

    #: The parameters it sets.
    parameters: tuple[str, ...]
    #: What the cells are about.
    columns: tuple[Expr, ...]
    rows: tuple[Row, ...]


def conditions(rule: Rule) -> tuple[Expr, ...]:
    """The conditions of a rule: its `when` and `unless`, if any, and the condition of a requirement."""
    demanded = rule.condition if isinstance(rule, Requirement) else None
    return tuple(condition for condition in (rule.when, rule.unless, demanded) if condition is not None)
