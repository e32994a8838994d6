"""The vocabulary pass: collects the declarations of all files in one `Scope`, before any policy is read.

In: source trees and the rows of region tables. Out: a scope with every enum, region, fact, parameter, decision and
define; duplicates, bad bounds and unknown types are reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from .. import model
from ..diagnostics.diagnostic import Diagnostic, text
from ..diagnostics.source import Span
from ..model.values import bounds_problem, type_text
from ..syntax import tree
from ..syntax.expressions import Expression, Name, String
from ..syntax.keywords import PRECEDENCE_WORDS
from ..syntax.region_table import RegionRow
from .expressions.bind import Binder
from .expressions.bind_names import declared_type
from .expressions.define_order import bind_defines
from .names import Namespace
from .regions import read_regions
from .scope import PendingDefine, Record, Scope, Thing, text_of
from .wording.titles import Titled, english

S = TypeVar("S", bound=tree.Statement)
T = TypeVar("T", bound=model.Enum | Thing)

#: Default bounds of numbers and dates (integers; fen; millionths; days).
_BOUNDS: dict[model.Type, tuple[int, int]] = {
    model.INT: (0, 1_000_000),
    model.MONEY: (0, 10_000_000_000),
    model.PERCENT: (0, model.WHOLE),
    model.DAY: (730120, 766644),  # 2000-01-01..2099-12-31
}


@dataclass(slots=True)
class Vocabulary:
    """The declarations of a set."""

    scope: Scope = field(default_factory=Scope)
    records: dict[str, str | None] = field(default_factory=dict)
    record_english: dict[str, model.English] = field(default_factory=dict)
    facts: dict[str, model.Fact] = field(default_factory=dict)
    parameters: dict[str, model.Parameter] = field(default_factory=dict)
    decisions: dict[str, model.Decision] = field(default_factory=dict)
    axioms: list[model.Axiom] = field(default_factory=list)
    ranks: Namespace[int] = field(default_factory=Namespace)
    rank_titles: dict[str, str | None] = field(default_factory=dict)
    rank_english: dict[str, model.English] = field(default_factory=dict)
    rank_spans: dict[str, Span] = field(default_factory=dict)
    precedence: tuple[model.MetaRule, ...] = model.STANDARD_PRECEDENCE

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.scope.diagnostics


def read_vocabulary(trees: Sequence[tree.SourceTree], tables: Iterable[RegionRow]) -> Vocabulary:
    """All declarations of a set, bound."""
    reader = _VocabularyReader([statement for source in trees for statement in source.statements])
    scope = reader.scope
    scope.regions = read_regions(scope, tables, reader.each(tree.RegionDeclaration))
    for step in (
        reader.enums,
        reader.facts,
        reader.parameters,
        reader.decisions,
        reader.ranks,
        reader.precedence,
        reader.defines,
        reader.usual_values,
        reader.arrangements,
        reader.axioms,
    ):
        step()
    return reader.vocabulary


class _VocabularyReader:
    def __init__(self, statements: list[tree.Statement]) -> None:
        self.statements = statements
        self.vocabulary = Vocabulary()
        self.scope = self.vocabulary.scope
        self._usual: list[tuple[str, Expression]] = []
        self._arrangeable: list[tuple[str, tree.Arrangeable]] = []

    def each(self, kind: type[S]) -> list[S]:
        return [statement for statement in self.statements if isinstance(statement, kind)]

    # --- Enums, facts, parameters, decisions ---

    def enums(self) -> None:
        for node in self.each(tree.EnumDeclaration):
            members: dict[str, str | None] = {}
            member_english: dict[str, model.English] = {}
            spans: dict[str, Span] = {}
            for member in node.members:
                name = member.name.text
                if name in members:
                    self.scope.duplicate(name, member.name.span, spans[name])
                    continue
                members[name], spans[name] = text_of(member.title), member.name.span
                member_english[name] = english(self.scope, member.title, Titled.MEMBER)
            title = text_of(node.title)
            enum = model.Enum(
                name=node.name.text,
                title=title,
                english=english(self.scope, node.title),
                members=members,
                member_english=member_english,
                span=node.name.span,
            )
            self._declare(self.scope.enums, node.name, title, enum)

    def _declare(self, space: Namespace[T], name: Name, title: str | None, thing: T) -> bool:
        existing = space.add(name.text, title, thing)
        if existing is not None:
            self.scope.duplicate(name.text, name.span, existing.span)
        return existing is None

    def _reject(self, name: Name, title: String | None) -> None:
        """Remembers a name whose declaration has a mistake of its own."""
        self.scope.rejected.update(word for word in (name.text, text_of(title)) if word)

    def facts(self) -> None:
        for node in self.statements:
            if isinstance(node, tree.FactDeclaration):
                fact = self._fact(node, node.name.text)
                if fact is None:
                    self._reject(node.name, node.title)
                elif self._declare(self.scope.values, node.name, fact.title, fact):
                    self.vocabulary.facts[fact.name] = fact
            elif isinstance(node, tree.RecordDeclaration):
                self._record(node)

    def _record(self, node: tree.RecordDeclaration) -> None:
        fields: Namespace[model.Fact] = Namespace()
        record = Record(node.name.text, fields, node.name.span)
        if not self._declare(self.scope.values, node.name, text_of(node.title), record):
            return
        self.vocabulary.records[record.name] = text_of(node.title)
        self.vocabulary.record_english[record.name] = english(self.scope, node.title)
        for item in node.facts:
            fact = self._fact(item, f"{record.name}.{item.name.text}")
            if fact is None:
                self._reject(item.name, item.title)
            elif self._declare(fields, item.name, fact.title, fact):
                self.vocabulary.facts[fact.name] = fact

    def _fact(self, node: tree.FactDeclaration, path: str) -> model.Fact | None:
        type_ = declared_type(self.scope, node.type)
        if isinstance(type_, model.SetType):
            self.scope.reject("PC103", text("PC103.fact-set"), node.type.span)
            return None
        if type_ is None:
            return None
        low, high = self._bounds(node.type, type_)
        if node.usual is not None:
            self._usual.append((path, node.usual))
        if node.arrangeable is not None:
            self._arrangeable.append((path, node.arrangeable))
        return model.Fact(
            name=path,
            title=text_of(node.title),
            english=english(self.scope, node.title, Titled.fact(type_)),
            type=type_,
            low=low,
            high=high,
            arrangeable=node.arrangeable is not None,
            span=node.name.span,
        )

    def _bounds(self, node: tree.TypeName, type_: model.Type) -> tuple[int | None, int | None]:
        if node.low is None or node.high is None:
            return _BOUNDS.get(type_, (None, None))
        if type_ not in _BOUNDS:
            self.scope.reject("PC103", text("PC103.bounds", type=type_text(type_)), node.low.span.to(node.high.span))
            return None, None
        binder = Binder(self.scope)
        low, high = binder.constant(node.low, type_), binder.constant(node.high, type_)
        if not isinstance(low, int) or not isinstance(high, int):
            return _BOUNDS[type_]
        if low > high:
            self.scope.reject("PC105", text("PC105.bounds"), node.low.span.to(node.high.span))
            return _BOUNDS[type_]
        return low, high

    def parameters(self) -> None:
        for node in self.each(tree.ParameterDeclaration):
            type_ = declared_type(self.scope, node.type)
            if type_ is None:
                self._reject(node.name, node.title)
                continue
            low, high = self._bounds(node.type, type_)
            parameter = model.Parameter(
                name=node.name.text,
                title=text_of(node.title),
                english=english(self.scope, node.title, Titled.expression(type_)),
                type=type_,
                low=low,
                high=high,
                span=node.name.span,
            )
            if self._declare(self.scope.values, node.name, parameter.title, parameter):
                self.vocabulary.parameters[parameter.name] = parameter

    def decisions(self) -> None:
        for node in self.each(tree.DecisionDeclaration):
            sides: dict[str, model.Side] = {}
            for item in node.sides:
                fact = Binder(self.scope).expression(item.fact, model.REGION)
                if not isinstance(fact, model.FactValue):
                    if fact is not None:
                        self.scope.reject("PC103", text("PC103.side-fact"), item.fact.span)
                    self._reject(item.name, item.title)
                    continue
                name = item.name.text
                if name in sides:
                    self.scope.duplicate(name, item.name.span, sides[name].span)
                    continue
                sides[name] = model.Side(
                    name=name,
                    title=text_of(item.title),
                    english=english(self.scope, item.title),
                    fact=fact.fact,
                    span=item.name.span,
                )
            decision = model.Decision(
                name=node.name.text,
                title=text_of(node.title),
                english=english(self.scope, node.title),
                sides=tuple(sides.values()),
                span=node.name.span,
            )
            if not sides:
                self._reject(node.name, node.title)
            elif self._declare(self.scope.values, node.name, decision.title, decision):
                self.vocabulary.decisions[decision.name] = decision

    # --- Ranks and precedence ---

    def ranks(self) -> None:
        declarations = self.each(tree.RanksDeclaration)
        for extra in declarations[1:]:
            self.scope.duplicate("ranks", extra.span, declarations[0].span)
        for level, rank in enumerate(declarations[0].ranks if declarations else ()):
            title = text_of(rank.title)
            if self.vocabulary.ranks.add(rank.name.text, title, level) is not None:
                self.scope.duplicate(rank.name.text, rank.name.span, rank.name.span)
                continue
            self.vocabulary.rank_titles[rank.name.text] = title
            self.vocabulary.rank_english[rank.name.text] = english(self.scope, rank.title)
            self.vocabulary.rank_spans[rank.name.text] = rank.name.span

    def precedence(self) -> None:
        declarations = self.each(tree.PrecedenceDeclaration)
        for extra in declarations[1:]:
            self.scope.duplicate("precedence", extra.span, declarations[0].span)
        if not declarations:
            return
        rules: list[model.MetaRule] = []
        for word in declarations[0].rules:
            meta = PRECEDENCE_WORDS.get(word.text)
            if meta is None:
                self.scope.unknown("meta-rule", word.text, word.span, PRECEDENCE_WORDS)
            elif model.MetaRule(meta) in rules:
                first = declarations[0].rules[rules.index(model.MetaRule(meta))]
                self.scope.duplicate(word.text, word.span, first.span)
            else:
                rules.append(model.MetaRule(meta))
        self.vocabulary.precedence = tuple(rules)

    # --- Declarations with expressions ---

    def defines(self) -> None:
        pending = []
        for node in self.each(tree.DefineDeclaration):
            define = PendingDefine(node.name.text, node, self.scope)
            if self._declare(self.scope.values, node.name, text_of(node.title), define):
                self.scope.defines[define.name] = define
                pending.append(define)
        bind_defines(pending)

    def usual_values(self) -> None:
        facts = self.vocabulary.facts
        sources: dict[str, str] = {}
        bound: dict[str, model.Constant | model.FactValue] = {}
        for path, node in self._usual:
            if path not in facts:
                continue
            value = Binder(self.scope).expression(node, facts[path].type)
            if value is None:
                continue
            if not isinstance(value, model.Constant | model.FactValue):
                self.scope.reject("PC103", text("PC103.usual"), node.span)
                continue
            if isinstance(value, model.Constant) and not self.within_bounds(facts[path], value, node.span):
                continue
            if isinstance(value, model.FactValue):
                sources[path] = value.fact
            bound[path] = value
        for path in list(sources):
            if self._loops(path, sources):
                self.scope.reject("PC106", text("PC106.usual", name=path), bound[path].span)
                del bound[path], sources[path]
        self._replace_usual(bound)

    def _replace_usual(self, bound: dict[str, model.Constant | model.FactValue]) -> None:
        for path, value in bound.items():
            self.vocabulary.facts[path] = replace(self.vocabulary.facts[path], usual=value)

    def arrangements(self) -> None:
        """The decisions that make facts true, and the days from which these then hold."""
        facts = self.vocabulary.facts
        for path, node in self._arrangeable:
            if path not in facts or node.by is None:
                continue
            decision = self.scope.values.find(node.by.text)
            if not isinstance(decision, model.Decision):
                known = [word for d in self.vocabulary.decisions.values() for word in (d.name, d.title) if word]
                self.scope.unknown("decision", node.by.text, node.by.span, known)
                continue
            day = None if node.starts is None else Binder(self.scope).expression(node.starts, model.DAY)
            facts[path] = replace(facts[path], arranged_by=decision.name, arranged_from=day)

    @staticmethod
    def _loops(start: str, sources: dict[str, str]) -> bool:
        seen, path = set(), start
        while path in sources and path not in seen:
            seen.add(path)
            path = sources[path]
        return path == start and bool(seen)

    def within_bounds(self, thing: model.Fact | model.Parameter, value: model.Constant, span: Span) -> bool:
        problem = bounds_problem(thing, value.value, span)
        if problem is not None:
            self.scope.diagnostics.append(problem)
        return problem is None

    def axioms(self) -> None:
        seen: dict[str, Span] = {}
        for node in self.each(tree.AxiomDeclaration):
            name = node.name.text
            if name in seen:
                self.scope.duplicate(name, node.name.span, seen[name])
                continue
            seen[name] = node.name.span
            condition = Binder(self.scope).condition(node.condition)
            if condition is not None:
                axiom = model.Axiom(
                    name=name,
                    title=text_of(node.title),
                    english=english(self.scope, node.title),
                    condition=condition,
                    span=node.name.span,
                )
                self.vocabulary.axioms.append(axiom)
