"""The checked set as a whole, with its assertions, tests and acknowledgements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..diagnostics.source import SourceFile, Span
from .declarations import Axiom, Decision, Declared, Define, English, Enum, Fact, Parameter, Side
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
    """`X is depends`: the completions of the case differ. `subject` is a decision's name or an expression."""

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
    """`name` is the code; `rules` are exactly the rules of the finding."""

    rules: frozenset[str]
    because: str
    until: int | None


@dataclass(frozen=True, kw_only=True)
class PolicySet:
    """Everything one run reads, checked. Mappings keep the order of declaration."""

    files: tuple[SourceFile, ...]
    regions: RegionTree
    enums: Mapping[str, Enum]
    #: Titles of the records that group facts, by name.
    records: Mapping[str, str | None]
    record_english: Mapping[str, English]
    facts: Mapping[str, Fact]
    parameters: Mapping[str, Parameter]
    decisions: Mapping[str, Decision]
    defines: Mapping[str, Define]
    axioms: tuple[Axiom, ...]
    #: Rank names, highest first, with titles.
    ranks: Mapping[str, str | None]
    rank_english: Mapping[str, English]
    precedence: tuple[MetaRule, ...]
    sources: Mapping[str, Source]
    policies: Mapping[str, Policy]
    norms: Mapping[str, Norm]
    requirements: Mapping[str, Requirement]
    mandates: Mapping[str, Mandate]
    #: By `Setting.key`.
    settings: Mapping[str, Setting]
    #: Tables by name. Their values are among the settings.
    tables: Mapping[str, Table]
    assertions: tuple[Assertion, ...]
    tests: tuple[Test, ...]
    acknowledgements: tuple[Acknowledgement, ...]

    def side(self, decision: str, side: str) -> Side:
        """The side of that name of a decision."""
        return next(known for known in self.decisions[decision].sides if known.name == side)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Norms, requirements, mandates and settings by name; a table's row has its first setting."""
        settings = {setting.name: setting for setting in reversed(list(self.settings.values()))}
        return {**self.norms, **self.requirements, **self.mandates, **settings}
