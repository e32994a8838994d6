"""Scopes: the names visible at a place, from the whole set and, inside a policy, its own defines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..diagnostics.diagnostic import Diagnostic, Label, Text, report, text
from ..diagnostics.source import Span
from ..model import Constant, Decision, Define, Enum, Expr, Fact, Parameter, PolicySet
from ..model.regions import RegionTree
from ..syntax.expressions import String
from ..syntax.han_numbers import in_digits
from ..syntax.tree import DefineDeclaration
from .names import Namespace, did_you_mean, offer


@dataclass(frozen=True, slots=True)
class Record:
    """A group of facts with a name."""

    name: str
    fields: Namespace[Fact]
    span: Span


@dataclass(slots=True)
class PendingDefine:
    """A define whose value is bound on first use; `open` meanwhile."""

    name: str
    node: DefineDeclaration
    scope: Scope
    #: The policy inside which it is known; `None` for a define of the whole set.
    policy: str | None = None
    value: Expr | None = None
    state: str = "waiting"

    @property
    def span(self) -> Span:
        return self.node.name.span


Thing = Record | Fact | Parameter | Decision | PendingDefine | Define


@dataclass(slots=True)
class Scope:
    """INVARIANT: complete before the first expression is bound; afterwards only `PendingDefine`s and the records of the
    binding change."""

    enums: Namespace[Enum] = field(default_factory=Namespace)
    regions: RegionTree = field(default_factory=lambda: RegionTree([]))
    #: Records, top-level facts, parameters, decisions and defines share one namespace.
    values: Namespace[Thing] = field(default_factory=Namespace)
    #: The defines of the current policy, which hide those of the set.
    local: Namespace[PendingDefine] = field(default_factory=Namespace)
    #: Every define of the set, by full name.
    defines: dict[str, PendingDefine | Define] = field(default_factory=dict)
    #: The full names of defines and parameters that some expression reads.
    read: set[str] = field(default_factory=set)
    #: Names and titles whose declaration was rejected, and names of their fields: that is reported there, not wherever
    #: they are used.
    rejected: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @staticmethod
    def of(policy_set: PolicySet) -> Scope:
        """The scope of a checked set, for questions to it."""
        scope = Scope(regions=policy_set.regions)
        for enum in policy_set.enums.values():
            scope.enums.add(enum.name, enum.title, enum)
        records: dict[str, Record] = {}
        for fact in policy_set.facts.values():
            group, name = fact.record, fact.own_name
            if not group:
                scope.values.add(name, fact.title, fact)
                continue
            if group not in records:
                records[group] = Record(group, Namespace(), fact.span)
                scope.values.add(group, policy_set.records.get(group), records[group])
            records[group].fields.add(name, fact.title, fact)
        for parameter in policy_set.parameters.values():
            scope.values.add(parameter.name, parameter.title, parameter)
        for decision in policy_set.decisions.values():
            scope.values.add(decision.name, decision.title, decision)
        for define in policy_set.defines.values():
            scope.defines[define.name] = define
            if define.policy is None:
                scope.values.add(define.name, define.title, define)
        return scope

    def inside(self, local: Namespace[PendingDefine]) -> Scope:
        """The same scope inside a policy."""
        return replace(self, local=local)

    def find(self, name: str) -> Thing | None:
        found = self.local.find(name)
        return found if found is not None else self.values.find(name)

    def known_values(self) -> list[str]:
        return [*self.local.known(), *self.values.known()]

    def known_paths(self) -> list[str]:
        """The facts of records, as they are typed: by names, and by titles where these can be typed."""
        paths: dict[str, None] = {}
        for record in self.values.values():
            if isinstance(record, Record):
                spellings = list(self.values.spellings(record))
                for fact in record.fields.values():
                    own = list(record.fields.spellings(fact))
                    paths[f"{spellings[0]}.{own[0]}"] = None
                    if len(own) > 1:
                        paths[f"{spellings[-1]}.{own[-1]}"] = None
        return list(paths)

    # --- Mistakes ---

    def duplicate(self, name: str, span: Span, first: Span) -> None:
        """Reports a name that is declared twice."""
        self.diagnostics.append(duplicate(name, span, first))

    def reject(self, code: str, message: Text, span: Span, help_: Text | None = None) -> Constant | None:
        """Adds a diagnostic; returns `None`, the binding of a rejected expression."""
        self.diagnostics.append(report(code, message, span, help=help_))
        return None

    def unknown(
        self,
        what: str,
        name: str,
        span: Span,
        known: Iterable[str],
        *,
        meant: str | None = None,
        otherwise: Text | None = None,
        **args: str,
    ) -> Constant | None:
        """Reports an unknown name, unless its declaration was rejected; suggests what is `meant`, else known names, and
        has the help `otherwise` if it resembles none."""
        if name in self.rejected:
            return None
        digits = in_digits(name)
        help_ = did_you_mean(name, known, self.diagnostics) if meant is None else offer([meant])
        if digits is not None and what in ("value", "member"):
            help_ = text("PC101.digits-help", digits=digits)
        return self.reject("PC101", text(f"PC101.{what}", name=name, **args), span, help_ or otherwise)


def duplicate(name: str, span: Span, first: Span) -> Diagnostic:
    return report(
        "PC102",
        text("PC102.duplicate", name=name),
        span,
        secondary=(Label(first, text("PC102.first")),),
    )


def text_of(string: String | None) -> str | None:
    return None if string is None else string.text
