"""Descriptions in English and Chinese: a case by record and title, and what a rule cites."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from policyc.dsl.diagnostics.diagnostic import Cite, DateSpan, Text, text
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.model import (
    BOOLEAN,
    DATE,
    DAY,
    INT,
    REGION,
    Case,
    EnumType,
    Expr,
    Fact,
    PolicySet,
    Rule,
    Source,
    Type,
    Value,
)
from policyc.dsl.model.declarations import Declared, own_name
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.outcomes import Conflicting, Outcome, Undetermined

from .sentences import (
    beside_others,
    called,
    counted,
    is_plural,
    member_called,
    of_member,
    record_called,
    spaced,
    statement,
    with_value,
)


def story(policy_set: PolicySet, case: Case) -> Text:
    """The facts of a case (or of a part of it) as one sentence."""
    shown = [fact for fact in policy_set.facts.values() if fact.name in case and fact.name != DATE]
    english, chinese = _english_parts(policy_set, shown, case), _chinese_parts(policy_set, shown, case)
    if DATE in case:
        day = text("story.date", day=format_value(case[DATE], policy_set.facts[DATE].type))
        english.insert(0, day)
        chinese.insert(0, day)
    if not english:
        return text("story.any")
    return text(
        "story.name", en=text("story.case", parts=_chained(english)), zh=text("story.case", parts=_chained(chinese))
    )


def _english_parts(policy_set: PolicySet, facts: Iterable[Fact], case: Case) -> list[Text]:
    """The facts of each record, then what is a sentence of its own."""
    records: dict[str, list[Text]] = {}
    sentences: list[Text] = []
    for fact in facts:
        said = _said_in_english(policy_set, fact, case[fact.name])
        short = beside_others(policy_set, fact, said)
        if short is not None:
            records.setdefault(fact.record, []).append(text("story.clause", clause=short))
        elif said is not None or not fact.record:
            sentences.append(
                text("story.clause", clause=said or _described_in_english(policy_set, fact, case[fact.name]))
            )
        else:
            records.setdefault(fact.record, []).append(_described_in_english(policy_set, fact, case[fact.name]))
    return [*(_of_record(policy_set, record, parts) for record, parts in records.items()), *sentences]


def _said_in_english(policy_set: PolicySet, fact: Fact, value: Value) -> str | None:
    """The sentence about a fact, if it has one."""
    if fact.type == BOOLEAN:
        return render(text("story.clause", clause=statement(policy_set, fact, truth=bool(value))), "en")
    if isinstance(fact.type, EnumType):
        said = of_member(policy_set, fact, str(value))
    else:
        shown = value_name(policy_set, fact.type, value)
        said = with_value(fact, text("ask.on_is", value=shown) if fact.type == DAY else shown)
    return None if said is None else render(said, "en")


def _described_in_english(policy_set: PolicySet, fact: Fact, value: Value) -> Text:
    """A fact without a sentence, by its name."""
    name, shown = called(fact), value_name(policy_set, fact.type, value)
    if fact.record and fact.type == REGION and fact.own_name == "region":
        return text("story.place", place=shown)
    if fact.record and isinstance(fact.type, EnumType):
        return text("story.kind", name=name, value=shown)
    if fact.record and fact.type == INT and is_plural(name.partition(" ")[0]):
        return text(
            "story.count", value="no" if value in (0, "0") else shown, name=counted(name, one=value in (1, "1"))
        )
    is_amount = fact.record and fact.type != REGION
    return text("story.amount" if is_amount else "story.value", name=name, value=shown)


def _of_record(policy_set: PolicySet, record: str, facts: Sequence[Text]) -> Text:
    return text("story.record", record=record_name(policy_set, record), facts=text("story.facts", facts=tuple(facts)))


def _chinese_parts(policy_set: PolicySet, facts: Iterable[Fact], case: Case) -> list[Text]:
    records: dict[str, list[Text]] = {fact.record: [] for fact in policy_set.facts.values()}
    for fact in facts:
        records[fact.record].append(_described(policy_set, fact, case[fact.name]))
    return [
        _of_record(policy_set, record, parts) if record else text("story.facts", facts=tuple(parts))
        for record, parts in records.items()
        if parts
    ]


def _chained(sentences: list[Text]) -> Text:
    """Sentences joined by semicolons, in a balanced tree to keep it shallow."""
    if len(sentences) == 1:
        return sentences[0]
    middle = (len(sentences) + 1) // 2
    return text("story.then", first=_chained(sentences[:middle]), second=_chained(sentences[middle:]))


def _described(policy_set: PolicySet, fact: Fact, value: Value) -> Text:
    """A fact in Chinese, by its title."""
    own = fact.own_name
    name = title = fact.title or own
    if fact.type == BOOLEAN:
        return text("story.clause", clause=title if value else negated_title(title))
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


def negated_title(title: str) -> str:
    """The negation of a title: `未备案`, `没有异议`, `不可转账`, `非定点`."""
    if "已" in title:
        return title.replace("已", "未", 1)
    if title.startswith("有"):
        return f"没{title}"
    return f"不{title}" if title.startswith(("可", "能", "须")) else f"非{title}"


def member_name(policy_set: PolicySet, type_: EnumType, member: str) -> Text:
    return bilingual(member_called(policy_set, type_, member), policy_set.enums[type_.name].members[member])


def record_name(policy_set: PolicySet, record: str) -> Text:
    return bilingual(record_called(policy_set, record), policy_set.records.get(record))


def rank_name(policy_set: PolicySet, level: int) -> Text:
    """A rank, counted from the highest."""
    name, title = list(policy_set.ranks.items())[level]
    return bilingual(policy_set.rank_english[name].name or spaced(name), title)


def titled(thing: Declared) -> Text:
    """A thing by its name for people."""
    return bilingual(called(thing), thing.title)


def fact_name(policy_set: PolicySet, fact: Fact) -> Text:
    """A fact by its titles: `payer: balance`, `共济人账户余额`."""
    own = titled(fact)
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


def source_text(source: Source) -> Text:
    """A source by its title and date, if it has one."""
    chinese = source.title or source.name
    title = bilingual(source.english.name or chinese, chinese)
    if source.dated is None:
        return text("finding.source", title=title)
    return text("finding.dated-source", title=title, date=date.fromordinal(source.dated).isoformat())


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
