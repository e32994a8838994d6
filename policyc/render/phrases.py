"""Facts in sentences: their names, and statements about them.

In: facts of a vocabulary. Out: texts in both languages. The English form is that of the author or, without one, derives
from the name of the fact (`notice_read`: "the notice is read"; `cancelled_on`: "the link is cancelled on …"; `links`:
"has at most 9 links"); the Chinese form derives from the title. A name without such a form is quoted.
"""

from __future__ import annotations

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import BOOLEAN, DAY, INT, Define, EnumType, Fact, Parameter, PolicySet
from policyc.solver.report.describe import bilingual, member_name, negated_title, record_name, titled
from policyc.solver.report.sentences import (
    called,
    clause_of,
    counted,
    is_plural,
    member_called,
    of_member,
    sentence,
    spaced,
    statement,
    with_value,
)

#: The beginnings of names of members to which "not" does not go well.
_DENYING = ("no ", "not ", "none ")
#: The beginnings of titles that follow the name of a record directly.
_VERBAL = ("已", "未", "有", "没", "可", "能", "不", "须", "曾")

_COUNTS = {"<": "below", "<=": "at_most", ">=": "at_least", ">": "above", "is": "is", "is not": "is_not"}
_AMOUNTS = {"<": "below", "<=": "at_most", ">=": "at_least", ">": "above"}
_DAYS = {"<": "before", "<=": "until", ">=": "from", ">": "after", "is": "is", "is not": "is_not"}


class Phrases:
    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set

    # --- Names ---

    def name(self, fact: Fact) -> Text:
        """`the payer's scheme`"""
        record, noun = fact.record, _noun(fact)
        title = bilingual(noun, fact.title)
        if not record:
            named = text("ask.name", name=title)
        else:
            named = text("ask.name_of", record=record_name(self.policy_set, record), name=title)
        english: Text | str = noun if noun.startswith("the ") else named
        return _both(english, fact.title or fact.own_name if self.names_its_record(fact) else named)

    def names_its_record(self, fact: Fact) -> bool:
        """Whether the title of a fact contains that of its record: `就医地` of `就医`."""
        record = fact.record
        title = self.policy_set.records.get(record)
        return title is not None and title in (fact.title or "")

    def subject(self, fact: Fact) -> Text:
        """What an answer may depend on: `whether the notice is read`, `when the link is cancelled`, or a name."""
        if fact.type == BOOLEAN:
            clause = statement(self.policy_set, fact, truth=True)
            return text("ask.whether", clause=_both(clause, self._whether(fact)))
        if self.is_count(fact):
            record = fact.record
            key = "ask.how_many" if record else "ask.how_many_there"
            owner = {"record": record_name(self.policy_set, record)} if record else {}
            return text(key, noun=self._things(fact), **owner)
        event = self.event(fact)
        return self.name(fact) if event is None else text("ask.when", event=event)

    def _whether(self, fact: Fact) -> Text:
        title = _title(fact)
        asked = title.replace("已", "是否已", 1) if "已" in title else f"是否{title}"
        return self._chinese(fact, asked, joined=title.startswith("已") or "已" not in title)

    # --- Truth values ---

    def truth(self, fact: Fact, *, truth: bool) -> Text:
        """`the notice is read`, `the institution is not designated`"""
        return _both(statement(self.policy_set, fact, truth=truth), self._stated(fact, truth=truth))

    def _stated(self, fact: Fact, *, truth: bool) -> Text:
        record = fact.record
        title = _title(fact)
        if not record or title.startswith(_VERBAL) or "已" in title:
            joined = title.startswith(_VERBAL)
            return self._chinese(fact, title if truth else negated_title(title), joined=joined)
        owner = record_name(self.policy_set, record)
        return text("ask.quality" if truth else "ask.quality_not", record=owner, quality=title)

    def _chinese(self, fact: Fact, stated: str, *, joined: bool) -> Text:
        """A statement about a fact, after the name of its record."""
        record = fact.record
        if not record:
            return text("story.clause", clause=stated)
        if joined:
            return text("ask.done", noun=record_name(self.policy_set, record), done=stated)
        return text("ask.holds_for", record=record_name(self.policy_set, record), fact=stated)

    def defined(self, define: Define, *, truth: bool) -> Text:
        """That the condition of a definition holds."""
        quoted = text("ask.meets" if truth else "ask.meets_not", fact=titled(define))
        said = sentence(define.english, truth=truth)
        return quoted if said is None else _both(said, quoted)

    def in_place(self, parameter: Parameter, place: Text, *, truth: bool) -> Text:
        """That a parameter of a region is true."""
        shown = parameter.title or spaced(parameter.name)
        shown = shown if truth else negated_title(shown)
        quoted = text(f"ask.in_place{'' if truth else '_not'}", name=_both(called(parameter), shown), place=place)
        said = sentence(parameter.english, truth=truth)
        return quoted if said is None else _both(text("ask.said_in_place", clause=said, place=place), quoted)

    # --- Members ---

    def member(self, fact: Fact, member: str, *, truth: bool) -> Text:
        """`the payer is in the employee scheme`, or not"""
        assert isinstance(fact.type, EnumType)
        value = member_name(self.policy_set, fact.type, member)
        plain = text("ask.op_is" if truth else "ask.op_is_not", fact=self.name(fact), value=value)
        if not truth and member_called(self.policy_set, fact.type, member).startswith(_DENYING):
            plain = _both(text("ask.op_other", fact=self.name(fact), value=value), plain)
        said = of_member(self.policy_set, fact, member, truth=truth)
        return plain if said is None else _both(said, plain)

    def valued(self, fact: Fact, plain: Text, value: Text, *, truth: bool = True) -> Text:
        """A statement with the English sentence of the fact, if it has one, around a value."""
        said = with_value(fact, value, truth=truth)
        return plain if said is None else _both(said, plain)

    # --- Days ---

    def event(self, fact: Fact) -> Text | None:
        """`the link is cancelled`, for a day whose name ends in `on`; in Chinese, its name."""
        record, own = fact.record, fact.own_name
        stem, _, last = own.rpartition("_")
        if fact.type == DAY and (fact.english.sentence or "").endswith(" {}"):
            return _both((fact.english.sentence or "").removesuffix(" {}"), self.name(fact))
        if fact.type != DAY or last != "on" or not stem:
            return None
        clause = clause_of(self.policy_set, record, stem, truth=True)
        return None if clause is None else _both(clause, self.name(fact))

    def day(self, fact: Fact, op: str, value: Text | str, *, is_expression: bool) -> Text:
        event = self.event(fact)
        kind = {"until": "by", "from": "since"}.get(_DAYS[op], _DAYS[op]) if is_expression else _DAYS[op]
        if event is None and op in ("is", "is not"):
            plain = text(f"ask.op_{_DAYS[op]}", fact=self.name(fact), value=value)
        else:
            plain = text(f"ask.day_{kind}", fact=event or text("ask.day_fact", fact=self.name(fact)), value=value)
        on = text(f"ask.on_{'is' if op == 'is not' else kind}", value=value)
        return self.valued(fact, plain, on, truth=op != "is not")

    # --- Numbers ---

    def is_count(self, fact: Fact) -> bool:
        """Whether a fact counts things: its name is a plural."""
        return fact.type == INT and fact.english.sentence is None and is_plural(called(fact).partition(" ")[0])

    def amount(self, fact: Fact, op: str, value: str) -> Text:
        """`the payer is at least 18 years old`, `the expense's amount is below 200元`"""
        key = _AMOUNTS.get(op)
        plain = text(f"ask.op_{key or op.replace(' ', '_')}", fact=self.name(fact), value=value)
        shown = text("ask.value", value=value) if key is None else text(f"ask.amount_{key}", value=value)
        return self.valued(fact, plain, shown, truth=op != "is not")

    def count(self, fact: Fact, op: str, value: str) -> Text:
        """`the payer has at most 9 links`"""
        if op == "is" and value == "0":
            return self._having(fact, text("ask.count_none", noun=self._things(fact)), one=False)
        one = value == "1" and op != "<"
        counted = text(f"ask.count_{_COUNTS[op]}", value=value, noun=self._things(fact, one=one))
        return self._having(fact, counted, one=one)

    def count_compared(self, fact: Fact, op: str, value: Text | str) -> Text:
        """`the payer has fewer links than …`"""
        counted = text(f"ask.count_than_{_COUNTS[op]}", value=value, noun=self._things(fact))
        return self._having(fact, counted, one=False)

    def between(self, fact: Fact, low: str, high: str) -> Text:
        if fact.type == DAY:
            subject = self.event(fact) or text("ask.day_fact", fact=self.name(fact))
            plain = text("ask.day_between", fact=subject, low=low, high=high)
            return self.valued(fact, plain, text("ask.on_between", low=low, high=high))
        if self.is_count(fact):
            counted = text("ask.count_between", low=low, high=high, noun=self._things(fact))
            return self._having(fact, counted, one=False)
        plain = text("ask.between", fact=self.name(fact), low=low, high=high)
        return self.valued(fact, plain, text("ask.amount_between", low=low, high=high))

    def _things(self, fact: Fact, *, one: bool = False) -> Text:
        return bilingual(counted(called(fact), one=one), fact.title)

    def _having(self, fact: Fact, counted: Text, *, one: bool) -> Text:
        record = fact.record
        if record:
            return text("ask.has", record=record_name(self.policy_set, record), count=counted)
        return text("ask.there_is" if one else "ask.there_are", count=counted)


# --- Words -------------------------------------------------------------------------------------------------


def _title(fact: Fact) -> str:
    return fact.title or spaced(fact.own_name)


def _noun(fact: Fact) -> str:
    stem, _, last = fact.own_name.rpartition("_")
    of_day = fact.type == DAY and last == "on" and stem and fact.english.name is None
    return f"{spaced(stem)} date" if of_day else called(fact)


def _both(english: Text | str, chinese: Text | str) -> Text:
    return text("story.name", en=english, zh=chinese)
