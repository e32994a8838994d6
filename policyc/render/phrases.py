"""Facts in sentences: their names, and statements about them.

In: facts of a vocabulary. Out: texts in both languages. The English form derives from the name of a fact
(`notice_read`: "the notice is read"; `cancelled_on`: "the link is cancelled on …"; `links`: "has at most 9 links"),
the Chinese form from its title. A name without such a form is quoted.
"""

from __future__ import annotations

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import BOOLEAN, DAY, INT, Fact, PolicySet
from policyc.solver.report.describe import bilingual, record_name

#: Participles that do not end in `ed`.
_PARTICIPLES = frozenset(
    [
        "drawn",
        "given",
        "held",
        "kept",
        "known",
        "made",
        "met",
        "paid",
        "read",
        "seen",
        "sent",
        "shown",
        "taken",
    ]
)
#: Plurals that do not end in `s`, with their singulars.
_PLURALS = {"children": "child", "men": "man", "people": "person", "women": "woman"}
#: The beginnings of titles that follow the name of a record directly.
_VERBAL = ("已", "未", "有", "没", "可", "能", "不", "须", "曾")

_COUNTS = {"<": "below", "<=": "at_most", ">=": "at_least", ">": "above", "is": "is", "is not": "is_not"}
_DAYS = {"<": "before", "<=": "until", ">=": "from", ">": "after", "is": "is", "is not": "is_not"}


class Phrases:
    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set

    # --- Names ---

    def name(self, fact: Fact) -> Text:
        """`the payer's scheme`"""
        record, own = fact.record, fact.own_name
        title = bilingual(_noun(fact, own), fact.title)
        if not record:
            return text("ask.name", name=title)
        name = text("ask.name_of", record=record_name(self.policy_set, record), name=title)
        return _both(name, fact.title or own) if self.names_its_record(fact) else name

    def names_its_record(self, fact: Fact) -> bool:
        """Whether the title of a fact contains that of its record: `就医地` of `就医`."""
        record = fact.record
        title = self.policy_set.records.get(record)
        return title is not None and title in (fact.title or "")

    def subject(self, fact: Fact) -> Text:
        """What an answer may depend on: `whether the notice is read`, `when the link is cancelled`, or a name."""
        if fact.type == BOOLEAN:
            return text("ask.whether", clause=_both(self._english(fact, truth=True), self._whether(fact)))
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
        return _both(self._english(fact, truth=truth), self._stated(fact, truth=truth))

    def _english(self, fact: Fact, *, truth: bool) -> Text:
        record, own = fact.record, fact.own_name
        clause = self._clause(record, own, truth=truth)
        if clause is not None:
            return clause
        negated = "" if truth else "_not"
        if not record:
            return text(f"ask.applies{negated}", fact=_spaced(own))
        return text(f"ask.applies_to{negated}", fact=_spaced(own), record=_spaced(record))

    def _clause(self, record: str, own: str, *, truth: bool) -> Text | None:
        """The sentence formed by the words of a name alone, if they form one."""
        words, negated = own.split("_"), "" if truth else "_not"
        if not record and len(words) == 1 and _is_participle(own):
            return text(f"ask.it_is{negated}", done=own)
        if record and (len(words) == 1 or words[0] in ("in", "of", "on")):
            return text(f"ask.quality{negated}", record=_spaced(record), quality=_spaced(own))
        if len(words) == 1 or not _is_participle(words[-1]):
            return None
        noun: Text | str = " ".join(words[:-1])
        if record:
            noun = text("ask.possessed", record=_spaced(record), name=noun)
        if _is_plural(words[-2]):
            return text(f"ask.done_many{negated}", noun=noun, done=words[-1])
        return text(f"ask.done{negated}", noun=noun, done=words[-1])

    def _stated(self, fact: Fact, *, truth: bool) -> Text:
        record = fact.record
        title = _title(fact)
        if not record or title.startswith(_VERBAL) or "已" in title:
            joined = title.startswith(_VERBAL)
            return self._chinese(fact, title if truth else _negated(title), joined=joined)
        owner = record_name(self.policy_set, record)
        return text("ask.quality" if truth else "ask.quality_not", record=owner, quality=title)

    def _chinese(self, fact: Fact, statement: str, *, joined: bool) -> Text:
        """A statement about a fact, after the name of its record."""
        record = fact.record
        if not record:
            return text("ask.applies", fact=statement)
        if joined:
            return text("ask.done", noun=record_name(self.policy_set, record), done=statement)
        return text("ask.applies_to", record=record_name(self.policy_set, record), fact=statement)

    def arrangement(self, fact: Fact) -> Text:
        """What to arrange so that a fact is true."""
        record, own = fact.record, fact.own_name
        clause = self._clause(record, own, truth=True)
        if clause is None and record:
            clause = text("ask.to_arrange_of", fact=_spaced(own), record=_spaced(record))
        return _both(clause or text("ask.to_arrange", fact=_spaced(own)), self._stated(fact, truth=True))

    def defined(self, name: str, title: str | None, *, truth: bool) -> Text:
        """That the condition of a definition holds."""
        return text("ask.meets" if truth else "ask.meets_not", fact=bilingual(_spaced(name), title))

    def in_place(self, name: str, title: str | None, place: Text, *, truth: bool) -> Text:
        """That a parameter of a region is true."""
        shown = title or _spaced(name)
        shown = shown if truth else _negated(shown)
        return text(f"ask.in_place{'' if truth else '_not'}", name=_both(_spaced(name), shown), place=place)

    # --- Days ---

    def event(self, fact: Fact) -> Text | None:
        """`the link is cancelled`, for a day whose name ends in `on`; in Chinese, its name."""
        record, own = fact.record, fact.own_name
        stem, _, last = own.rpartition("_")
        if fact.type != DAY or last != "on" or not stem:
            return None
        clause = self._clause(record, stem, truth=True)
        return None if clause is None else _both(clause, self.name(fact))

    def day(self, fact: Fact, op: str, value: Text | str, *, is_expression: bool) -> Text:
        event = self.event(fact)
        if event is None and op in ("is", "is not"):
            return text(f"ask.op_{_DAYS[op]}", fact=self.name(fact), value=value)
        subject = event or text("ask.day_fact", fact=self.name(fact))
        kind = {"until": "by", "from": "since"}.get(_DAYS[op], _DAYS[op]) if is_expression else _DAYS[op]
        return text(f"ask.day_{kind}", fact=subject, value=value)

    # --- Numbers ---

    def is_count(self, fact: Fact) -> bool:
        """Whether a fact counts things: its name is a plural."""
        return fact.type == INT and _is_plural(fact.own_name.partition("_")[0])

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
            return text("ask.day_between", fact=subject, low=low, high=high)
        if self.is_count(fact):
            counted = text("ask.count_between", low=low, high=high, noun=self._things(fact))
            return self._having(fact, counted, one=False)
        return text("ask.between", fact=self.name(fact), low=low, high=high)

    def _things(self, fact: Fact, *, one: bool = False) -> Text:
        first, _, rest = fact.own_name.partition("_")
        words = f"{_singular(first) if one else first} {_spaced(rest)}".strip()
        return bilingual(words, fact.title)

    def _having(self, fact: Fact, counted: Text, *, one: bool) -> Text:
        record = fact.record
        if record:
            return text("ask.has", record=record_name(self.policy_set, record), count=counted)
        return text("ask.there_is" if one else "ask.there_are", count=counted)


# --- Words -------------------------------------------------------------------------------------------------


def _title(fact: Fact) -> str:
    return fact.title or _spaced(fact.own_name)


def _noun(fact: Fact, own: str) -> str:
    stem, _, last = own.rpartition("_")
    return f"{_spaced(stem)} date" if fact.type == DAY and last == "on" and stem else _spaced(own)


def _both(english: Text | str, chinese: Text | str) -> Text:
    return text("story.name", en=english, zh=chinese)


def _is_participle(word: str) -> bool:
    return word in _PARTICIPLES or (word.endswith("ed") and not word.endswith("eed"))


def _is_plural(word: str) -> bool:
    return word in _PLURALS or (word.endswith("s") and not word.endswith(("ss", "us", "is")))


def _singular(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("ches", "shes", "sses", "xes")) else word[:-1]


def _negated(title: str) -> str:
    """The negation of a title: `未备案`, `没有异议`, `不可转账`, `非定点`."""
    if "已" in title:
        return title.replace("已", "未", 1)
    if title.startswith("有"):
        return f"没{title}"
    return f"不{title}" if title.startswith(("可", "能", "须")) else f"非{title}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
