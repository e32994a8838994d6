"""A listing as text for people, and as JSON.

In: a `Listing`. Out: text. In Chinese the names that people type come first, in English the identifiers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass

from policyc.dsl.diagnostics.diagnostic import DateSpan, Text, text
from policyc.dsl.model import EnumType, Scalar, SetType, Type

from ..render.json import VERSION, dumped
from ..render.text import Manner, days_text
from .collect import DecisionItem, DefineItem, FactItem, Item, Listing, ParameterItem, RegionItem, SettingItem

#: How many members, facts, rules or settings are shown; the rest is counted.
_MOST = 6


def listing_text(found: Listing, every: Listing, manner: Manner) -> str:
    """What was found, each kind under its heading; if that is not everything, with all that is known of it."""
    return "\n".join(_Lines(found, every, manner).rows()) + "\n"


def listing_json(found: Listing) -> str:
    data = {part.name: [_plain(item) for item in getattr(found, part.name)] for part in fields(found)}
    return dumped({"version": VERSION, **data})


def _plain(value: object) -> object:
    match value:
        case EnumType() | SetType() | Scalar():
            return str(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
        case tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


class _Lines:
    def __init__(self, found: Listing, every: Listing, manner: Manner) -> None:
        self.found = found
        self.manner = manner
        self.in_full = found != every
        self._called = {item.name: self._name(item) for item in every.items()}

    def rows(self) -> Iterator[str]:
        first = True
        for part in fields(self.found):
            items: Sequence[Item] = getattr(self.found, part.name)
            if not items:
                continue
            if not first:
                yield ""
            first = False
            yield self.manner.palette.paint(self.manner.words(f"facts.{part.name}"), "strong")
            for item in items:
                yield f"  {self._row(item)}"
                yield from (f"    {row}" for row in self._more(item))

    # --- One item ---

    def _row(self, item: Item) -> str:
        details = [self.manner.say(detail) for detail in self._details(item)]
        separator = self.manner.words("facts.separator")
        return self.manner.words("facts.item", name=self._name(item, both=True), details=separator.join(details))

    def _name(self, item: Item, *, both: bool = False) -> str:
        """How an item is called: in Chinese by its alias."""
        chinese = self.manner.language == "zh"
        first, other = (item.alias, item.name) if chinese and item.alias else (item.name, item.alias or item.title)
        if isinstance(item, RegionItem):
            first, other = item.name, item.alias
        if not both or other is None or other == first:
            return first
        return self.manner.words("facts.name", name=first, other=other)

    def _details(self, item: Item) -> Iterator[Text]:
        match item:
            case DecisionItem(sides=sides):
                for side in sides:
                    yield text("facts.side", side=self._name(side), fact=self._called.get(side.fact, side.fact))
            case FactItem():
                yield from self._of_fact(item)
            case ParameterItem(settings=settings):
                yield self._type(item)
                yield self.manner.count("facts.settings", len(settings))
            case DefineItem(type=type_):
                yield _type_word(type_)
            case RegionItem(rules=0):
                yield text("facts.in_conditions")
            case RegionItem(rules=rules):
                yield self.manner.count("facts.rules", rules)

    def _of_fact(self, fact: FactItem) -> Iterator[Text]:
        yield self._type(fact)
        if fact.usual is not None:
            yield text("facts.usual", value=self._value(fact, fact.usual))
        if fact.arranged_by is not None:
            yield text("facts.arranged_by", decision=self._called.get(fact.arranged_by, fact.arranged_by))
        elif fact.arrangeable:
            yield text("facts.arrangeable")

    def _type(self, item: FactItem | ParameterItem) -> Text:
        if isinstance(item, FactItem) and item.values:
            members = [self._member(member) for member in item.values]
            return text("facts.one_of", values=self._some(members))
        if item.low is not None and item.high is not None:
            return text("facts.range", type=_type_word(item.type), low=item.low, high=item.high)
        return _type_word(item.type)

    def _member(self, member: Item) -> str:
        name, title = member.name, member.title
        if title is None or title == name:
            return name
        return f"{title} {name}" if self.manner.language == "zh" else f"{name} {title}"

    def _value(self, fact: FactItem, value: str) -> str:
        """A usual value; in Chinese a member by its title, and another fact by its alias."""
        titles = {member.name: member.title for member in fact.values if member.title is not None}
        if self.manner.language == "zh" and value in titles:
            return titles[value]
        if value in ("true", "false"):
            return self.manner.words("story.yes" if value == "true" else "story.no")
        return self._called.get(value, value)

    # --- Everything known of an item ---

    def _more(self, item: Item) -> Iterator[str]:
        if not self.in_full:
            return
        match item:
            case DecisionItem(facts=facts) | DefineItem(facts=facts):
                if facts:
                    called = [self._called.get(fact, fact) for fact in facts]
                    yield self.manner.words("facts.asks_about", facts=self._some(called))
            case FactItem(rules=rules):
                if rules:
                    named = [self.manner.words("facts.rule", rule=rule) for rule in rules]
                    yield self.manner.words("facts.asked_by", rules=self._some(named))
            case ParameterItem(settings=settings):
                yield from map(self._setting, settings)

    def _setting(self, setting: SettingItem) -> str:
        region, days = self.manner.region_name(setting.region), DateSpan(setting.since, setting.until)
        words = self.manner.words("facts.setting", rule=setting.rule, region=region, value=setting.value)
        if days != DateSpan(None, None):
            words += self.manner.words("facts.during", days=days_text(days))
        return words

    def _some(self, words: Iterable[str]) -> Text:
        """The words; where everything is listed, only the first of them."""
        listed = tuple(words)
        more = 0 if self.in_full else len(listed) - _MOST
        return text("check.some", items=listed[:_MOST], n=more) if more > 0 else text("check.all", items=listed)


def _type_word(type_: Type) -> Text:
    return text(f"facts.type_{type_.kind.value}" if isinstance(type_, Scalar) else "facts.type_set")
