"""The policies pass: binds norms, requirements, mandates, settings and tables in the scopes of their policies.

In: source trees and the vocabulary. Out: the rules of the set by name. Names are declared first, so that a rule may be
an exception to one further down or in another file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .. import model
from ..diagnostics.diagnostic import Text, text
from ..diagnostics.source import Span
from ..syntax import tree
from ..syntax.expressions import DateLiteral, Expression, Name, Path, String
from .expressions.bind import Binder
from .expressions.define_order import bind_defines
from .expressions.table_cells import cell_condition
from .names import Namespace
from .scope import PendingDefine, Scope, text_of
from .sources import SourceReader
from .vocabulary import Vocabulary
from .wording.titles import english


@dataclass(slots=True)
class Rules:
    """The rules of a set, and what else its policies declare."""

    sources: Mapping[str, model.Source]
    policies: dict[str, model.Policy] = field(default_factory=dict)
    norms: dict[str, model.Norm] = field(default_factory=dict)
    requirements: dict[str, model.Requirement] = field(default_factory=dict)
    mandates: dict[str, model.Mandate] = field(default_factory=dict)
    settings: dict[str, model.Setting] = field(default_factory=dict)
    tables: dict[str, model.Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Named:
    """A name declared in a policy, for look-ups and duplicates."""

    name: str
    node: tree.PolicyItem
    span: Span


def read_policies(trees: Sequence[tree.SourceTree], vocabulary: Vocabulary) -> Rules:
    """All policies of a set, bound."""
    return _StatementReader(trees, vocabulary).read()


class _StatementReader:
    def __init__(self, trees: Sequence[tree.SourceTree], vocabulary: Vocabulary) -> None:
        self.trees = trees
        self.vocabulary = vocabulary
        self.scope = vocabulary.scope
        self.sources = SourceReader(self.scope, vocabulary.ranks)
        self.rules = Rules(self.sources.found)
        self.policy_nodes: list[tree.PolicyDeclaration] = []
        self.names: Namespace[Namespace[_Named]] = Namespace()
        self._exceptions: list[tuple[str, tuple[Path, ...]]] = []

    def read(self) -> Rules:
        statements = [statement for source in self.trees for statement in source.statements]
        for node in statements:
            if isinstance(node, tree.SourceDeclaration):
                self.sources.declare(node)
            elif isinstance(node, tree.PolicyDeclaration):
                self._declare_policy(node)
        for policy_node in self.policy_nodes:
            _PolicyReader(self, policy_node).read()
        for name, paths in self._exceptions:
            self._bind_exceptions(name, paths)
        return self.rules

    def _declare_policy(self, node: tree.PolicyDeclaration) -> None:
        names: Namespace[_Named] = Namespace()
        if (existing := self.names.add(node.name.text, text_of(node.title), names)) is not None:
            first = next(other for other in self.policy_nodes if other.name.text == node.name.text)
            self.scope.duplicate(node.name.text, node.name.span, first.name.span)
            return
        assert existing is None
        self.policy_nodes.append(node)
        for item, _ in tree.items_with_sides(node.items):
            if isinstance(item, tree.SetStatement | tree.SideBlock):
                continue
            named = _Named(f"{node.name.text}.{item.name.text}", item, item.name.span)
            if (first_named := names.add(item.name.text, text_of(item.title), named)) is not None:
                self.scope.duplicate(item.name.text, item.name.span, first_named.span)

    # --- Exceptions ---

    def add_exceptions(self, rule: str, paths: tuple[Path, ...]) -> None:
        if paths:
            self._exceptions.append((rule, paths))

    def _bind_exceptions(self, name: str, paths: tuple[Path, ...]) -> None:
        norm = self.rules.norms[name]
        targets = [target for path in paths if (target := self._exception_target(norm, path)) is not None]
        self.rules.norms[name] = replace(norm, exceptions=frozenset(targets))

    def _exception_target(self, norm: model.Norm, path: Path) -> str | None:
        target = self.find_rule(path, norm.policy)
        if target is None:
            return None
        other: model.Rule | None = self.rules.norms.get(target)
        if isinstance(other, model.Norm) and other.effect != norm.effect and _one_side(norm, other):
            return target
        requirement = self.rules.requirements.get(target)
        if requirement is not None and norm.effect is model.Effect.PERMIT and _one_side(norm, requirement):
            return target
        if target in self.rules.norms or requirement is not None:
            self.scope.reject("PC103", text("PC103.exception", name=target), path.span)
        return None

    def find_rule(self, path: Path, policy: str) -> str | None:
        """The full name of a rule named within a policy, or as `POLICY.RULE`."""
        if len(path.parts) == 1:
            space = self.names.find(policy)
        else:
            space = self.names.find(path.parts[0].text)
            if space is None:
                self.scope.unknown("policy", path.parts[0].text, path.parts[0].span, self.names.known())
                return None
        named = space.find(path.parts[-1].text) if space is not None else None
        if named is None:
            known = space.known() if space is not None else ()
            self.scope.unknown("rule", path.parts[-1].text, path.parts[-1].span, known)
            return None
        if not isinstance(named.node, tree.NormStatement | tree.RequireStatement):
            self.scope.reject("PC103", text("PC103.exception", name=named.name), path.span)
            return None
        return named.name


def _one_side(norm: model.Norm, other: model.Norm | model.Requirement) -> bool:
    return (norm.decision, norm.side) == (other.decision, other.side)


class _PolicyReader:
    """The statements of one policy."""

    def __init__(self, set_: _StatementReader, node: tree.PolicyDeclaration) -> None:
        self.set = set_
        self.node = node
        self.name = node.name.text
        self.rules = set_.rules
        self.region = ""
        self.period = model.Period()
        self.scope: Scope = set_.vocabulary.scope
        self.binder = Binder(self.scope)
        self._settings: dict[str, int] = {}

    def read(self) -> None:
        region = self.binder.names.region(self.node.region)
        if region is not None:  # without one, the policy is only read for further mistakes
            self.region = str(region.value)
        self.period = self._period(self.node.starts, self.node.ends, model.Period())
        policy = model.Policy(
            name=self.name,
            title=text_of(self.node.title),
            english=english(self.scope, self.node.title),
            region=self.region,
            period=self.period,
            span=self.node.name.span,
        )
        self.rules.policies[self.name] = policy
        items = list(tree.items_with_sides(self.node.items))
        for item, _ in items:
            if isinstance(item, tree.SourceDeclaration):
                self.set.sources.declare(item, self.name)
        self._defines([item for item, _ in items if isinstance(item, tree.DefineDeclaration)])
        for item, side in items:
            self._item(item, side)

    def _defines(self, nodes: list[tree.DefineDeclaration]) -> None:
        local: Namespace[PendingDefine] = Namespace()
        self.scope = self.scope.inside(local)
        self.binder = Binder(self.scope)
        pending = [PendingDefine(f"{self.name}.{node.name.text}", node, self.scope, self.name) for node in nodes]
        for define in pending:
            if local.add(define.node.name.text, text_of(define.node.title), define) is None:
                self.scope.defines[define.name] = define
        bind_defines(pending)

    def _item(self, item: tree.PolicyItem, side: Name | None) -> None:
        if side is not None and not isinstance(
            item, tree.NormStatement | tree.RequireStatement | tree.MandateStatement
        ):
            self.scope.reject("PC103", text("PC103.side-block", side=side.text), item.span)
        match item:
            case tree.NormStatement():
                self._norm(item, side)
            case tree.RequireStatement():
                self._requirement(item, side)
            case tree.MandateStatement():
                self._mandate(item, side)
            case tree.SetStatement():
                self._setting(item)
            case tree.TableStatement():
                self._table(item)

    # --- Rules ---

    def _base(self, name: Name, title: String | None, modifiers: tree.Modifiers) -> model.Rule:
        """The fields that all rules have in common."""
        cited = [pair for path in modifiers.cites if (pair := self.set.sources.clause(path, self.name)) is not None]
        return model.Rule(
            name=f"{self.name}.{name.text}",
            title=text_of(title),
            english=english(self.scope, title),
            policy=self.name,
            region=self.region,
            period=self._period(modifiers.starts, modifiers.ends, self.period),
            when=self._optional(modifiers.when),
            unless=self._optional(modifiers.unless),
            cites=tuple(clause for _, clause in cited),
            sources=tuple(source for source, _ in cited),
            span=name.span,
        )

    def _optional(self, node: Expression | None) -> model.Expr | None:
        return None if node is None else self.binder.condition(node)

    def _norm(self, node: tree.NormStatement, side: Name | None) -> None:
        place = self._place(node.decision, side)
        base = self._base(node.name, node.title, node.modifiers)
        if place is None or base.name in self.rules.norms:
            return
        self.rules.norms[base.name] = model.Norm(
            **_fields(base),
            effect=model.Effect(node.effect),
            **place,
            default=node.default,
        )
        self.set.add_exceptions(base.name, node.modifiers.exceptions)

    def _requirement(self, node: tree.RequireStatement, side: Name | None) -> None:
        place = self._place(node.decision, side)
        condition = self.binder.condition(node.condition)
        base = self._base(node.name, node.title, node.modifiers)
        if place is None or condition is None or base.name in self.rules.requirements:
            return
        self._no_exceptions(node.modifiers)
        self.rules.requirements[base.name] = model.Requirement(**_fields(base), **place, condition=condition)

    def _mandate(self, node: tree.MandateStatement, side: Name | None) -> None:
        place = self._place(node.decision, side)
        base = self._base(node.name, node.title, node.modifiers)
        if place is None or base.name in self.rules.mandates:
            return
        self._no_exceptions(node.modifiers)
        self.rules.mandates[base.name] = model.Mandate(**_fields(base), **place)

    def _place(self, name: Name, side: Name | None) -> dict[str, Any] | None:
        """The `decision` that a rule is about, and the `side`: that of its block, else the first."""
        decision = self.scope.values.find(name.text)
        if not isinstance(decision, model.Decision):
            known = [d.name for d in self.set.vocabulary.decisions.values()]
            titles = [d.title for d in self.set.vocabulary.decisions.values() if d.title]
            self.scope.unknown("decision", name.text, name.span, [*known, *titles])
            return None
        for candidate in decision.sides:
            if side is None or side.text in (candidate.name, candidate.title):
                return {"decision": decision.name, "side": candidate.name}
        assert side is not None
        known_sides = [word for s in decision.sides for word in (s.name, s.title) if word]
        self.scope.unknown("side", side.text, side.span, known_sides)
        return None

    def _no_exceptions(self, modifiers: tree.Modifiers, help_: Text | None = None) -> None:
        for path in modifiers.exceptions:
            self.scope.reject("PC103", text("PC103.exception-norm"), path.span, help_)

    # --- Settings ---

    def _setting(self, node: tree.SetStatement) -> None:
        parameter = self._parameter(node.parameter)
        base = self._base(node.parameter, None, node.modifiers)
        self._no_exceptions(node.modifiers, text("PC103.exception-set-help"))
        if parameter is None:
            return
        value = self.binder.value_of(parameter, node.value)
        if value is None:
            return
        number = self._settings[parameter.name] = self._settings.get(parameter.name, 0) + 1
        suffix = "" if number == 1 else f"@{number}"
        name = f"{self.name}.{parameter.name}{suffix}"
        named = self.set.names.find(self.name)
        clash = named.find(parameter.name) if named is not None else None
        if clash is not None and clash.name == name:
            self.scope.duplicate(parameter.name, node.parameter.span, clash.span)
            return
        setting = model.Setting(
            **{**_fields(base), "name": name}, parameter=parameter.name, value=value, default=node.default
        )
        self.rules.settings[setting.key] = setting

    def _parameter(self, name: Name) -> model.Parameter | None:
        parameter = self.scope.values.find(name.text)
        if isinstance(parameter, model.Parameter):
            return parameter
        parameters = self.set.vocabulary.parameters.values()
        known = [word for p in parameters for word in (p.name, p.title) if word]
        self.scope.unknown("parameter", name.text, name.span, known)
        return None

    def _table(self, node: tree.TableStatement) -> None:
        base = self._base(node.name, node.title, node.modifiers)
        self._no_exceptions(node.modifiers, text("PC103.exception-set-help"))
        inputs = [self.binder.expression(column) for column in node.inputs]
        outputs = [self._parameter(name) for name in node.outputs]
        parameters = tuple(parameter.name for parameter in outputs if parameter is not None)
        rows = []
        for number, row in enumerate(node.rows, start=1):
            cells = [
                None if column is None else cell_condition(self.binder, cell, column)
                for cell, column in zip(row.cells, inputs, strict=True)
            ]
            asked = tuple(cell for cell in cells if cell is not None)
            rows.append(model.Row(name=f"{base.name}@{number}", cells=asked, span=row.span))
            conditions = asked if base.when is None else (base.when, *asked)
            when = conditions[0] if len(conditions) == 1 else None
            if len(conditions) > 1:
                when = model.And(conditions, type=model.BOOLEAN, span=row.span)
            shared = {**_fields(base), "name": rows[-1].name, "when": when, "span": row.span}
            for parameter, output in zip(outputs, row.values, strict=True):
                value = None if parameter is None else self.binder.value_of(parameter, output)
                if parameter is None or value is None:
                    continue
                setting = model.Setting(**shared, parameter=parameter.name, value=value, table=base.name, row=number)
                self.rules.settings[setting.key] = setting
        self.rules.tables[base.name] = model.Table(
            **_fields(base),
            parameters=parameters,
            columns=tuple(column for column in inputs if column is not None),
            rows=tuple(rows),
        )

    # --- Periods ---

    def _period(self, starts: DateLiteral | None, ends: DateLiteral | None, within: model.Period) -> model.Period:
        own = model.Period(
            None if starts is None else starts.value.toordinal(),
            None if ends is None else ends.value.toordinal(),
        )
        cut = own.intersection(within)
        place = ends or starts
        if place is not None and cut.empty:
            key = "PC105.empty-period" if own.empty else "PC105.outside-policy"
            self.scope.reject("PC105", text(key), place.span)
        return cut


def _fields(rule: model.Rule) -> dict[str, Any]:
    """The fields of a rule as a `Rule`, to make a rule of a certain kind."""
    return {name: getattr(rule, name) for name in model.Rule.__dataclass_fields__}
