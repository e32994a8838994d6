"""Sentences about facts in English, as a person would say them.

In: facts, with the texts that their authors give for English readers. Out: English. Without such a text the sentence is
derived from the name of the fact (`notice_read`: "the notice is read"); a name that does not give one is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import English, EnumType, Fact, PolicySet
from policyc.dsl.model.declarations import Declared

#: Where the value stands in a sentence.
_PLACE = "{}"
#: Participles that do not end in `ed`.
_PARTICIPLES = frozenset(
    [
        "been",
        "done",
        "drawn",
        "given",
        "gone",
        "got",
        "grown",
        "held",
        "kept",
        "known",
        "lapsed",
        "left",
        "lost",
        "made",
        "met",
        "paid",
        "put",
        "read",
        "run",
        "seen",
        "sent",
        "set",
        "shown",
        "sold",
        "spent",
        "taken",
        "told",
        "written",
    ]
)
#: Plurals that do not end in `s`, with their singulars.
PLURALS = {"children": "child", "men": "man", "people": "person", "women": "woman"}
#: The verbs that "not" follows; "has" and "have" only before a participle.
_AUXILIARIES = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "can",
        "could",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "will",
        "would",
        "has",
        "have",
        "had",
        "does",
        "do",
        "did",
    ]
)
_HAVING = frozenset(["has", "have", "had"])
#: After these words a verb is that of another clause.
_TURNS = frozenset(
    ["who", "whom", "whose", "which", "that", "if", "when", "where", "while", "unless", "because", "since", "whether"]
)
#: Words with which "not" after the verb is not the opposite: two clauses, another negation, or how many are meant.
_JOINED = frozenset(["and", "or", "but"])
_ELSEWHERE = frozenset(
    [
        "no",
        "not",
        "never",
        "nobody",
        "none",
        "nothing",
        "neither",
        "only",
        "cannot",
        "all",
        "every",
        "each",
        "everybody",
        "everyone",
        "everything",
        "whoever",
        "anyone",
        "anybody",
        "any",
        "some",
        "somebody",
        "someone",
        "something",
        "both",
        "most",
        "many",
        "few",
    ]
)


# --- Names -------------------------------------------------------------------------------------------------


def spaced(name: str) -> str:
    return name.replace("_", " ")


def called(thing: Declared) -> str:
    """A thing by its English name, else by the words of its own name."""
    return thing.english.name or spaced(thing.own_name)


def record_called(policy_set: PolicySet, record: str) -> str:
    return policy_set.record_english.get(record, English()).name or spaced(record)


def member_called(policy_set: PolicySet, type_: EnumType, member: str) -> str:
    return policy_set.enums[type_.name].member_english.get(member, English()).name or spaced(member)


def without_repeats(names: Iterable[str]) -> Iterator[str]:
    """`the payer's spouse`, `parent`: of neighbours that belong to one person, only the first says whose."""
    last = None
    for name in names:
        owner, mark, thing = name.partition("'s ")
        yield thing if mark and owner == last else name
        last = owner if mark else None


# --- Truth values ------------------------------------------------------------------------------------------


def statement(policy_set: PolicySet, fact: Fact, *, truth: bool) -> Text | str:
    """That a Boolean fact is true, or not."""
    said = sentence(fact.english, truth=truth)
    if said is not None:
        return said
    negated_ = "" if truth else "_not"
    clause = clause_of(policy_set, fact.record, fact.own_name, truth=truth)
    if clause is not None:
        return clause
    if fact.record:
        record = record_called(policy_set, fact.record)
        return text(f"ask.holds_for{negated_}", fact=spaced(fact.own_name), record=record)
    return text(f"ask.holds{negated_}", fact=spaced(fact.own_name))


def sentence(english: English, *, truth: bool) -> str | None:
    """The sentence of an author, or its opposite."""
    if english.sentence is None or truth:
        return english.sentence
    return english.opposite or negated(english.sentence)


def negated(positive: str) -> str:
    """The opposite of a sentence: by "not" after its verb where that is surely about all of it."""
    words = positive.split(" ")
    for place, word in enumerate(words):
        if word in _TURNS:
            break
        follows = words[place + 1 : place + 2]
        if word not in _AUXILIARIES or (word in _HAVING and not (follows and is_participle(follows[0]))):
            continue
        if _JOINED.isdisjoint(words[place:]) and _ELSEWHERE.isdisjoint(words):
            verb = ["cannot"] if word == "can" else [word, "not"]
            return " ".join([*words[:place], *verb, *words[place + 1 :]])
        break
    return f"it is not so that {positive}"


def clause_of(policy_set: PolicySet, record: str, own: str, *, truth: bool) -> Text | None:
    """The sentence formed by the words of a name alone, if they form one."""
    words, negated_ = own.split("_"), "" if truth else "_not"
    owner = record_called(policy_set, record)
    if not record and len(words) == 1 and is_participle(own):
        return text(f"ask.it_is{negated_}", done=own)
    if record and own.isascii() and (len(words) == 1 or words[0] in ("in", "of", "on")):
        return text(f"ask.quality{negated_}", record=owner, quality=spaced(own))
    if len(words) == 1 or not is_participle(words[-1]):
        return None
    noun: Text | str = " ".join(words[:-1])
    if record:
        noun = text("ask.possessed", record=owner, name=noun)
    if is_plural(words[-2]):
        return text(f"ask.done_many{negated_}", noun=noun, done=words[-1])
    return text(f"ask.done{negated_}", noun=noun, done=words[-1])


# --- Other values ------------------------------------------------------------------------------------------


def with_value(fact: Fact, value: Text | str, *, truth: bool = True) -> Text | None:
    """That a fact has a value, or not, in the sentence of its author; `value` is in English."""
    if fact.english.sentence is None:
        return None
    words = fact.english.sentence if truth else negated(fact.english.sentence)
    before, _, after = words.partition(_PLACE)
    return text("ask.with_value", before=before, value=value, after=after)


def of_member(policy_set: PolicySet, fact: Fact, member: str, *, truth: bool = True) -> Text | None:
    """That a fact is a member of its enum, or not."""
    assert isinstance(fact.type, EnumType)
    opposite = policy_set.enums[fact.type.name].member_english.get(member, English()).opposite
    name = member_called(policy_set, fact.type, member)
    if not truth and opposite is None and name.startswith("not "):
        opposite = name.removeprefix("not ")
    if not truth and opposite is not None:
        return with_value(fact, opposite)
    return with_value(fact, name, truth=truth)


def beside_others(policy_set: PolicySet, fact: Fact, said: str | None) -> str | None:
    """A sentence in a list of what is said of its record, without the words for the record."""
    if said is None or not fact.record:
        return None
    owner = f"the {record_called(policy_set, fact.record)}"
    for beginning in (f"{owner} is ", f"{owner}'s ", f"{owner} "):
        if said.startswith(beginning):
            return said.removeprefix(beginning)
    return None


# --- Words -------------------------------------------------------------------------------------------------


def is_participle(word: str) -> bool:
    return word in _PARTICIPLES or (word.endswith("ed") and not word.endswith("eed"))


def is_plural(word: str) -> bool:
    return word in PLURALS or (word.endswith("s") and not word.endswith(("ss", "us", "is")))


def counted(things: str, *, one: bool) -> str:
    """`links so far`, `link so far`"""
    first, _, rest = things.partition(" ")
    return f"{singular(first) if one else first} {rest}".strip()


def singular(word: str) -> str:
    if word in PLURALS:
        return PLURALS[word]
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("ches", "shes", "sses", "xes")) else word[:-1]
