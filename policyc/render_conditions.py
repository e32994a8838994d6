"""Conditions as sentences: "the link's state is active and the credential is patient".

In: conditions of `permitted_if` or `change`, and the set they speak of. Out: rows of text in the language asked for. What all
alternatives have in common is said once; sets that the vocabulary has a name for are told by that name, and what
they hold is listed at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policyc.dsl.diagnostic import Text, text
from policyc.dsl.model import DAY, REGION, Constant, Define, EnumType, Fact, PolicySet, SetType, Value
from policyc.solver.answers import Condition
from policyc.solver.conditions import named_sets
from policyc.solver.story import bilingual, member_name, record_name, value_name

from .render_text import Manner

#: More conditions than this stand on lines of their own.
_IN_ONE_LINE = 3

_NUMBERS = {"<": "below", "<=": "at_most", ">=": "at_least", ">": "above"}
_DAYS = {"<": "before", "<=": "until", ">=": "from", ">": "after"}
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

Alternative = Sequence[Condition]


class Conditions:
    """Tells conditions; `legend` is asked for last."""

    def __init__(self, policy_set: PolicySet, manner: Manner) -> None:
        self.policy_set = policy_set
        self.manner = manner
        self._named: dict[str, Define] = {}

    # --- All alternatives ---

    def rows(self, alternatives: Sequence[Alternative], yes: Text, *, complete: bool) -> Iterator[str]:
        """`yes, if …`; one row, or a list."""
        common = [c for c in alternatives[0] if all(c in alternative for alternative in alternatives)]
        others = [[c for c in alternative if c not in common] for alternative in alternatives]
        if len(alternatives) == 1:
            others = []
        short = len(self._merged(common)) <= _IN_ONE_LINE
        if short and not others:
            yield self._words(
                "ask.if" if complete else "ask.if_among", yes=yes, condition=self.sentence(common)
            )
        elif not short:
            yield self._words("ask.if_all", yes=yes)
            yield from (f"  - {phrase}" for phrase in self._phrases(common))
            if others:
                yield self._words("ask.and_one_of" if complete else "ask.and_one_of_some")
        elif common:
            key = "ask.if_and_one_of" if complete else "ask.if_and_one_of_some"
            yield self._words(key, yes=yes, condition=self.sentence(common))
        else:
            yield self._words("ask.if_one_of" if complete else "ask.if_one_of_some", yes=yes)
        for number, alternative in enumerate(others, start=1):
            yield f"  {number}. {self.sentence(alternative)}"
        yield from self.legend()

    def sentence(self, conditions: Alternative) -> str:
        """The conditions in one sentence."""
        phrases = self._phrases(conditions)
        return self._joined(phrases, "ask.and") if phrases else self._words("ask.always")

    def _phrases(self, conditions: Alternative) -> list[str]:
        return [self.manner.say(phrase) for phrase in self._merged(conditions)]

    def _merged(self, conditions: Alternative) -> list[Text]:
        """A phrase a condition, two ends of one span in one phrase."""
        found: list[Text] = []
        rest = list(conditions)
        while rest:
            first, *rest = rest
            fact = self.policy_set.facts.get(first.fact)
            if fact is not None and first.op == ">=" and not first.is_expression:
                upper = next(
                    (c for c in rest if c.fact == first.fact and c.op == "<=" and not c.is_expression), None
                )
                if upper is not None:
                    rest.remove(upper)
                    found.append(
                        text("ask.between", fact=self.name(first.fact), low=first.value, high=upper.value)
                    )
                    continue
            found.append(self.phrase(first))
        return found

    # --- One condition ---

    def phrase(self, condition: Condition) -> Text:
        fact = self.policy_set.facts.get(condition.fact)
        if condition.value in ("true", "false") and condition.op in ("is", "is not"):
            return self._truth(condition.fact, fact, (condition.value == "true") == (condition.op == "is"))
        if condition.is_expression:
            return self._compared(condition, fact)
        assert fact is not None, "what is compared with a value is a fact"
        name = self.name(condition.fact)
        match fact.type, condition.op:
            case EnumType(), "in" | "not in":
                return self._among(condition, fact)
            case type_, "in" | "not in" if type_ == REGION:
                places = self._values(fact, condition.value)
                return text(
                    f"ask.place_{_key(condition.op)}", fact=name, value=self._joined(places, "ask.or")
                )
            case type_, "is" | "is not":
                (value,) = self._values(fact, condition.value)
                return text(f"ask.op_{_key(condition.op)}", fact=name, value=value)
            case type_, _:
                kinds = _DAYS if type_ == DAY else _NUMBERS
                return text(f"ask.op_{kinds[condition.op]}", fact=name, value=condition.value)

    def _truth(self, path: str, fact: Fact | None, truth: bool) -> Text:
        if fact is None:
            define = self.policy_set.defines.get(path)
            name: Text | str = f"`{path}`" if define is None else bilingual(_spaced(path), define.title)
            return text("ask.holds" if truth else "ask.holds_not", fact=name)
        record, _, own = path.rpartition(".")
        title = fact.title or own
        if not truth and "已" in title:
            title = title.replace("已", "未", 1)
            negated = bilingual(f"not {_spaced(own)}", title)
        elif truth:
            negated = bilingual(_spaced(own), title)
        else:
            negated = text("story.false", name=bilingual(_spaced(own), title))
        if not record:
            return text("ask.fact_holds", fact=negated)
        single = "_" not in own
        return text(
            f"ask.{'state' if single else 'part'}_holds",
            record=record_name(self.policy_set, record),
            fact=negated,
        )

    def _among(self, condition: Condition, fact: Fact) -> Text:
        name, members = self.name(fact.name), _members(condition.value)
        named = self._set_named(fact, members)
        if named is not None:
            self._named[named.name] = named
            words = bilingual(_spaced(named.name), named.title)
            return text(f"ask.named_{_key(condition.op)}", fact=name, value=words)
        values = self._joined(self._values(fact, condition.value), "ask.or")
        return text("ask.op_is" if condition.op == "in" else "ask.op_is_not", fact=name, value=values)

    def _set_named(self, fact: Fact, members: Sequence[str]) -> Define | None:
        assert isinstance(fact.type, EnumType)
        return named_sets(self.policy_set, fact.type).get(frozenset(members))

    def _compared(self, condition: Condition, fact: Fact | None) -> Text:
        day = fact is not None and fact.type == DAY
        kind = {**(_DAYS if day else _NUMBERS), "is": "is", "is not": "is_not"}.get(condition.op)
        key = f"ask.op_{kind}" if kind is not None else f"ask.named_{_key(condition.op)}"
        return text(key, fact=self.name(condition.fact), value=self.name(condition.value))

    # --- Names ---

    def name(self, written: str) -> Text | str:
        """A fact, a definition, or a parameter of a region by its title; any other expression as written."""
        facts = self.policy_set.facts
        if written in facts:
            record, _, own = written.rpartition(".")
            title = bilingual(_spaced(own), facts[written].title)
            if not record:
                return text("ask.name", name=title)
            return text("ask.name_of", record=record_name(self.policy_set, record), name=title)
        define = self.policy_set.defines.get(written)
        if define is not None:
            return bilingual(_spaced(written), define.title)
        place, _, own = written.rpartition(".")
        parameter = self.policy_set.parameters.get(own)
        if parameter is not None and place in facts and _PATH.fullmatch(written):
            return text(
                "ask.parameter_of", name=bilingual(_spaced(own), parameter.title), place=self._place(place)
            )
        return f"`{written}`"

    def _place(self, fact: str) -> Text:
        """A region fact, as what a parameter belongs to."""
        record, _, own = fact.rpartition(".")
        title = bilingual(_spaced(own), self.policy_set.facts[fact].title)
        if not record:
            return text("ask.name", name=title)
        return text("ask.place_of", record=record_name(self.policy_set, record), name=title)

    def _values(self, fact: Fact, written: str) -> list[str]:
        values: list[Value] = list(_members(written))
        if isinstance(fact.type, EnumType) or fact.type == REGION:
            return [
                self.manner.words("ask.value", value=value_name(self.policy_set, fact, value))
                for value in values
            ]
        return [str(value) for value in values]

    def legend(self) -> Iterator[str]:
        """What the sets told by name hold, each told once."""
        told, self._named = self._named, {}
        for define in told.values():
            assert isinstance(define.value, Constant) and isinstance(define.value.type, SetType)
            enum = self.policy_set.enums[define.value.type.enum]
            assert isinstance(define.value.value, frozenset)
            members = [m for m in enum.members if m in define.value.value]
            titles = tuple(member_name(self.policy_set, EnumType(enum.name), member) for member in members)
            yield "  " + self._words(
                "ask.legend", name=bilingual(_spaced(define.name), define.title), members=titles
            )

    # --- Words ---

    def _joined(self, phrases: Sequence[str], last: str) -> str:
        """`a, b and c`."""
        if len(phrases) < 2:
            return "".join(phrases)
        comma = self._words("ask.comma" if last == "ask.and" else "ask.list_comma")
        return self._words(last, first=comma.join(phrases[:-1]), last=phrases[-1])

    def _words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.manner.words(key, **args)


def _key(op: str) -> str:
    return op.replace(" ", "_")


def _members(written: str) -> list[str]:
    return written.removeprefix("{").removesuffix("}").split(", ")


def _spaced(name: str) -> str:
    return name.replace("_", " ")
