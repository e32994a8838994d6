"""The checked set as a whole, and what it claims of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..diagnostics.source import SourceFile, Span
from .declarations import Axiom, Decision, Declared, Define, Enum, Fact, Parameter, Side
from .expressions import Expr
from .regions import RegionTree
from .rules import Mandate, MetaRule, Norm, Policy, Requirement, Rule, Setting, Source, Table
from .types import Value


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
