"""What a policy set can be asked: decisions, facts, parameters, definitions, and the regions its rules speak of.

In: a checked set, and perhaps a name or a part of one. Out: a `Listing`, plain data. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from policyc.dsl import model
from policyc.dsl.binding.names import is_identifier
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.characters import as_meant
from policyc.dsl.model.declarations import Declared, own_name
from policyc.dsl.model.traversal import unfolded
from policyc.dsl.model.values import format_value
from policyc.solver.encoding.dependencies import Dependencies
from policyc.solver.engine.extent import marked_regions


@dataclass(frozen=True, slots=True)
class Item:
    """Something with a name; `alias` is another name for it, as it can be typed."""

    name: str
    alias: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class SideItem(Item):
    #: The fact whose region governs the side.
    fact: str


@dataclass(frozen=True, slots=True)
class DecisionItem(Item):
    sides: tuple[SideItem, ...]
    #: The facts that its verdict can depend on.
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactItem(Item):
    type: model.Type
    #: The members of an enum.
    values: tuple[Item, ...]
    #: Bounds and the usual value in the text form of `--set`; a usual value may be another fact.
    low: str | None
    high: str | None
    usual: str | None
    arrangeable: bool
    #: The decision that brings it about.
    arranged_by: str | None
    #: The rules that ask about it.
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingItem:
    """A `set`, or an output of a table's row."""

    rule: str
    region: str
    value: str
    #: First and last day, ISO text, inclusive.
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class ParameterItem(Item):
    type: model.Type
    low: str | None
    high: str | None
    settings: tuple[SettingItem, ...]


@dataclass(frozen=True, slots=True)
class DefineItem(Item):
    type: model.Type
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionItem(Item):
    #: How many rules speak of it by its code.
    rules: int


@dataclass(frozen=True, slots=True)
class Listing:
    decisions: tuple[DecisionItem, ...]
    facts: tuple[FactItem, ...]
    parameters: tuple[ParameterItem, ...]
    defines: tuple[DefineItem, ...]
    regions: tuple[RegionItem, ...]

    def items(self) -> Iterator[Item]:
        for part in fields(self):
            yield from getattr(self, part.name)


I = TypeVar("I", bound=Item)


def listing(policy_set: model.PolicySet) -> Listing:
    """Everything, in order of declaration."""
    return _Collector(policy_set).everything()


def matching(found: Listing, name: str) -> Listing:
    """The items of that name, alias or title or, failing that, those with it as a part."""
    sought = as_meant(name).casefold()

    def narrowed(fits: Callable[[str], bool]) -> Listing:
        def kept(items: Iterable[I]) -> tuple[I, ...]:
            return tuple(item for item in items if any(map(fits, _names(item))))

        return replace(
            found,
            decisions=kept(found.decisions),
            facts=kept(found.facts),
            parameters=kept(found.parameters),
            defines=kept(found.defines),
            regions=kept(found.regions),
        )

    exact = narrowed(lambda known: known == sought)
    return exact if any(exact.items()) else narrowed(lambda known: sought in known)


def known_names(found: Listing) -> set[str]:
    """Every name and alias, those of fields without their record, too."""
    names = {name for item in found.items() for name in (item.name, item.alias) if name is not None}
    return names | set(map(own_name, names))


def _names(item: Item) -> Iterator[str]:
    yield from (as_meant(name).casefold() for name in (item.name, item.alias, item.title) if name is not None)


class _Collector:
    def __init__(self, policy_set: model.PolicySet) -> None:
        self.policy_set = policy_set
        self.dependencies = Dependencies(policy_set)
        self.readers = self._readers()

    def everything(self) -> Listing:
        policy_set = self.policy_set
        return Listing(
            tuple(map(self._decision, policy_set.decisions.values())),
            tuple(map(self._fact, policy_set.facts.values())),
            tuple(map(self._parameter, policy_set.parameters.values())),
            tuple(self._define(define) for define in policy_set.defines.values() if define.policy is None),
            tuple(self._regions()),
        )

    def _decision(self, decision: model.Decision) -> DecisionItem:
        sides = tuple(SideItem(side.name, _alias(side), side.title, side.fact) for side in decision.sides)
        read = frozenset().union(*(self.dependencies.side(decision.name, side.name) for side in decision.sides))
        return DecisionItem(decision.name, _alias(decision), decision.title, sides, self._in_order(read))

    def _fact(self, fact: model.Fact) -> FactItem:
        values: tuple[Item, ...] = ()
        if isinstance(fact.type, model.EnumType):
            members = self.policy_set.enums[fact.type.name].members.items()
            values = tuple(Item(member, _typed(title), title) for member, title in members)
        usual: str | None = None
        if isinstance(fact.usual, model.Constant):
            usual = format_value(fact.usual.value, fact.type)
        elif fact.usual is not None:
            usual = fact.usual.fact
        return FactItem(
            fact.name,
            self._fact_alias(fact),
            fact.title,
            fact.type,
            values,
            *_bounds(fact),
            usual,
            fact.arrangeable,
            fact.arranged_by,
            tuple(self.readers.get(fact.name, ())),
        )

    def _fact_alias(self, fact: model.Fact) -> str | None:
        """The titles of a field and its record, or of a fact, if `--set` takes them for it."""
        own, record = _typed(fact.title), _typed(self.policy_set.records.get(fact.record))
        if own is None or (fact.record and record is None):
            return None
        written = f"{record}.{own}" if fact.record else own
        return written if QuestionReader(self.policy_set).fact(written) == fact else None

    def _parameter(self, parameter: model.Parameter) -> ParameterItem:
        settings = tuple(
            SettingItem(
                setting.name,
                setting.region,
                format_value(setting.value, parameter.type),
                _day(setting.period.first),
                _day(setting.period.last),
            )
            for setting in self.policy_set.settings.values()
            if setting.parameter == parameter.name
        )
        return ParameterItem(
            parameter.name, _alias(parameter), parameter.title, parameter.type, *_bounds(parameter), settings
        )

    def _define(self, define: model.Define) -> DefineItem:
        read = self._in_order(self.dependencies.define(define.name))
        return DefineItem(define.name, _alias(define), define.title, define.value.type, read)

    def _regions(self) -> Iterator[RegionItem]:
        counted: dict[str, int] = {}
        for rule in self.policy_set.rules.values():
            counted[rule.region] = counted.get(rule.region, 0) + 1
        for code in marked_regions(self.policy_set):
            yield RegionItem(code, self.policy_set.regions[code].name, None, counted.get(code, 0))

    def _in_order(self, facts: Iterable[str]) -> tuple[str, ...]:
        wanted = set(facts)
        return tuple(name for name in self.policy_set.facts if name in wanted)

    def _readers(self) -> Mapping[str, list[str]]:
        """The rules whose conditions name each fact, definitions followed."""
        found: dict[str, list[str]] = {}
        for name, rule in self.policy_set.rules.items():
            named = {
                inner.fact: None
                for inner in unfolded(self.policy_set, *model.conditions(rule))
                if isinstance(inner, model.FactValue)
            }
            for fact in named:
                found.setdefault(fact, []).append(name)
        return found


def _alias(thing: Declared) -> str | None:
    return _typed(thing.title)


def _typed(title: str | None) -> str | None:
    """A title as it can be typed in place of a name."""
    meant = None if title is None else as_meant(title)
    return meant if meant is not None and is_identifier(meant) else None


def _day(day: int | None) -> str | None:
    return None if day is None else format_value(day, model.DAY)


def _bounds(thing: model.Fact | model.Parameter) -> tuple[str | None, str | None]:
    if thing.low is None or thing.high is None:
        return None, None
    return format_value(thing.low, thing.type), format_value(thing.high, thing.type)
