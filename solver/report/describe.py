"""Descriptions in English and Chinese: a case by record and title, and what a rule cites."""

from __future__ import annotations

from datetime import date

from policyc.dsl.diagnostics.diagnostic import Cite, DateSpan, Text, text
from policyc.dsl.model import BOOLEAN, DATE, DAY, REGION, Case, EnumType, Expr, Fact, PolicySet, Rule, Type, Value
from policyc.dsl.model.declarations import own_name
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.outcomes import Conflicting, Outcome, Undetermined


def story(policy_set: PolicySet, case: Case) -> Text:
    """The facts of a case (or of a part of it) as one sentence."""
    records: dict[str, list[Text]] = {fact.record: [] for fact in policy_set.facts.values()}
    for fact in policy_set.facts.values():
        if fact.name in case and fact.name != DATE:
            records[fact.record].append(_described(policy_set, fact, case[fact.name]))
    sentences: list[Text] = []
    for record, facts in records.items():
        if facts:
            sentence = text("story.facts", facts=tuple(facts))
            sentences.append(
                text("story.record", record=record_name(policy_set, record), facts=sentence) if record else sentence
            )
    if DATE in case:
        day = format_value(case[DATE], policy_set.facts[DATE].type)
        sentences.insert(0, text("story.date", day=day))
    if not sentences:
        return text("story.any")
    return text("story.case", parts=_chained(sentences))


def _chained(sentences: list[Text]) -> Text:
    """Sentences joined by semicolons, in a balanced tree to keep it shallow."""
    if len(sentences) == 1:
        return sentences[0]
    middle = (len(sentences) + 1) // 2
    return text("story.then", first=_chained(sentences[:middle]), second=_chained(sentences[middle:]))


def _described(policy_set: PolicySet, fact: Fact, value: Value) -> Text:
    own = fact.own_name
    name = bilingual(_words(own), fact.title)
    title = fact.title or own
    if fact.type == BOOLEAN and not value and title.startswith("已"):
        return bilingual(f"not {_words(own)}", f"未{title[1:]}")
    if fact.type == BOOLEAN:
        return text("story.true" if value else "story.false", name=name)
    if fact.type == REGION:
        place = policy_set.regions[str(value)].name
        return (
            text("story.place", place=place)
            if fact.record and own == "region"
            else text("story.value", name=name, value=place)
        )
    if isinstance(fact.type, EnumType):
        member = member_name(policy_set, fact.type, str(value))
        return text("story.kind" if fact.record else "story.value", name=name, value=member)
    return text("story.amount" if fact.record else "story.value", name=name, value=format_value(value, fact.type))


def member_name(policy_set: PolicySet, type_: EnumType, member: str) -> Text:
    return bilingual(_words(member), policy_set.enums[type_.name].members[member])


def record_name(policy_set: PolicySet, record: str) -> Text:
    return bilingual(_words(record), policy_set.records.get(record))


def fact_name(policy_set: PolicySet, fact: Fact) -> Text:
    """A fact by its titles: `payer: balance`, `共济人账户余额`."""
    own = bilingual(_words(fact.own_name), fact.title)
    return text("story.fact", record=record_name(policy_set, fact.record), name=own) if fact.record else own


def value_name(policy_set: PolicySet, type_: Type, value: Value) -> Text | str:
    """A value by its title, a region by its name."""
    if isinstance(type_, EnumType):
        return member_name(policy_set, type_, str(value))
    if type_ == REGION:
        return policy_set.regions[str(value)].name
    if type_ == BOOLEAN:
        return text("story.yes" if value else "story.no")
    return format_value(value, type_)


def bilingual(english: str, chinese: str | None) -> Text:
    return text("story.name", en=english, zh=chinese or english)


def cites_of(rule: Rule) -> list[Cite]:
    """The clauses that a rule cites."""
    return [Cite(rule.name, own_name(clause.source), clause.own_name, clause.title or "") for clause in rule.cites]


def source_text(title: str, dated: int | None) -> Text:
    """A source by its title and date, if it has one."""
    if dated is None:
        return text("finding.source", title=title)
    return text("finding.dated-source", title=title, date=date.fromordinal(dated).isoformat())


def date_span(fact: Fact | None, first: int, last: int) -> DateSpan:
    """Days as text; open if they reach the first or last day of the vocabulary."""
    return DateSpan(
        None if fact is None or first == fact.low else format_value(first, DAY),
        None if fact is None or last == fact.high else format_value(last, DAY),
    )


def format_outcome(outcome: Outcome, expression: Expr) -> str:
    if isinstance(outcome, Undetermined):
        return "undetermined"
    if isinstance(outcome, Conflicting):
        return "conflicting"
    return format_value(outcome, expression.type)


def _words(name: str) -> str:
    return name.replace("_", " ")
