"""Conditions as sentences: "the link's state is active and the credential is patient".

In: conditions of `permitted_if` or `change`, and their policy set. Out: rows of text in one language. Conditions common
to all alternatives are stated once; sets named in the vocabulary are shown by name, and their members listed at the
end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.values import format_value, members_of
from policyc.solver.ask.dnf.predicates import condition_of, named_sets
from policyc.solver.report.describe import bilingual, member_name, record_name, value_name
from policyc.solver.report.reports import Condition

from .phrases import Phrases
from .text import Manner

#: More conditions have a line each.
_IN_ONE_LINE = 3

_NUMBERS = {"<": "below", "<=": "at_most", ">=": "at_least", ">": "above"}
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_SHIFTED = re.compile(r"(?P<day>[\w.]+) (?P<sign>[+-]) (?P<count>[0-9]+) days")
_ATTRIBUTES = ("province", "prefecture", "code")

Alternative = Sequence[Condition]


class Conditions:
    """Renders conditions; call `legend` last."""

    def __init__(self, policy_set: model.PolicySet, manner: Manner) -> None:
        self.policy_set = policy_set
        self.manner = manner
        self._facts = Phrases(policy_set)
        #: Definitions shown by name, and those already explained.
        self._named: dict[str, model.Define] = {}
        self._explained: set[str] = set()

    # --- All alternatives ---

    def rows(self, alternatives: Sequence[Alternative], yes: Text, *, complete: bool) -> Iterator[str]:
        """`yes, if …`; one row, or a list."""
        common = [c for c in alternatives[0] if all(c in alternative for alternative in alternatives)]
        others = [[c for c in alternative if c not in common] for alternative in alternatives]
        if len(alternatives) == 1:
            others = []
        short = len(self._merged(common)) <= _IN_ONE_LINE
        if short and not others:
            yield self._words("ask.if" if complete else "ask.if_among", yes=yes, condition=self.sentence(common))
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

    def arrangement(self, conditions: Alternative) -> str:
        """The conditions as things to arrange."""
        facts = self.policy_set.facts
        phrases = [
            self.manner.say(self._facts.arrangement(facts[c.fact]) if c.value == "true" else self.phrase(c))
            for c in conditions
        ]
        return self._joined(phrases, "ask.and")

    def _phrases(self, conditions: Alternative) -> list[str]:
        return [self.manner.say(phrase) for phrase in self._merged(conditions)]

    def _merged(self, conditions: Alternative) -> list[Text]:
        """One phrase per condition; the two ends of a span share one."""
        found: list[Text] = []
        rest = list(conditions)
        while rest:
            first, *rest = rest
            fact = self.policy_set.facts.get(first.fact)
            if fact is not None and first.op == ">=" and not first.is_expression:
                upper = next((c for c in rest if c.fact == first.fact and c.op == "<=" and not c.is_expression), None)
                if upper is not None:
                    rest.remove(upper)
                    found.append(self._facts.between(fact, first.value, upper.value))
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
            case model.EnumType(), "in" | "not in":
                return self._among(condition, fact)
            case type_, "in" | "not in" if type_ == model.REGION:
                places = self._values(fact, condition.value)
                return text(f"ask.place_{_key(condition.op)}", fact=name, value=self._joined(places, "ask.or"))
            case type_, op if type_ == model.DAY:
                return self._facts.day(fact, op, condition.value, is_expression=False)
            case _, op if self._facts.is_count(fact):
                return self._facts.count(fact, op, condition.value)
            case _, "is" | "is not":
                (value,) = self._values(fact, condition.value)
                return text(f"ask.op_{_key(condition.op)}", fact=name, value=value)
            case _:
                return text(f"ask.op_{_NUMBERS[condition.op]}", fact=name, value=condition.value)

    def _truth(self, path: str, fact: model.Fact | None, truth: bool) -> Text:
        if fact is not None:
            return self._facts.truth(fact, truth=truth)
        define = self.policy_set.defines.get(path)
        if define is not None:
            self._named.setdefault(path, define)
            return self._facts.defined(path, define.title, truth=truth)
        place, _, own = path.rpartition(".")
        parameter = self.policy_set.parameters.get(own)
        if parameter is not None and place in self.policy_set.facts:
            return self._facts.in_place(own, parameter.title, self._place(place), truth=truth)
        return self._facts.defined(path, None, truth=truth)

    def _among(self, condition: Condition, fact: model.Fact) -> Text:
        name, members = self.name(fact.name), members_of(condition.value)
        named = self._set_named(fact, members)
        if named is not None:
            self._named.setdefault(named.name, named)
            words = bilingual(_spaced(named.name), named.title)
            return text(f"ask.named_{_key(condition.op)}", fact=name, value=words)
        values = self._values(fact, condition.value)
        if condition.op == "in":
            return text("ask.op_is", fact=name, value=self._joined(values, "ask.or"))
        if len(values) == 1:
            return text("ask.op_is_not", fact=name, value=values[0])
        if len(values) == len(("neither", "nor")):
            return text("ask.op_neither", fact=name, first=values[0], last=values[1])
        return text("ask.op_none_of", fact=name, value=self._joined(values, "ask.or"))

    def _set_named(self, fact: model.Fact, members: Sequence[str]) -> model.Define | None:
        assert isinstance(fact.type, model.EnumType)
        return named_sets(self.policy_set, fact.type).get(frozenset(members))

    def _compared(self, condition: Condition, fact: model.Fact | None) -> Text:
        op, value = condition.op, self._other(condition.value)
        if op in ("in", "not in"):
            if condition.value in self.policy_set.defines:
                words = self.name(condition.value)
                return text(f"ask.named_{_key(op)}", fact=self.name(condition.fact), value=words)
            return text(f"ask.among_{_key(op)}", fact=self.name(condition.fact), value=value)
        together = self._same(condition)
        if together is not None:
            return together
        if fact is not None and fact.type == model.DAY:
            return self._facts.day(fact, op, value, is_expression=True)
        if fact is not None and self._facts.is_count(fact):
            return self._facts.count_compared(fact, op, value)
        return text(f"ask.op_{_NUMBERS.get(op) or _key(op)}", fact=self.name(condition.fact), value=value)

    def _other(self, written: str) -> Text | str:
        """The value that a fact is compared with; a definition in quotes, explained in the legend."""
        define = self.policy_set.defines.get(written)
        if define is None:
            return self.name(written)
        self._named.setdefault(written, define)
        return text("ask.quoted", name=self.name(written))

    def _same(self, condition: Condition) -> Text | None:
        """That two regions are (or are not) in the same province or prefecture."""
        (one, _, level), (other, _, same) = (written.rpartition(".") for written in (condition.fact, condition.value))
        facts = self.policy_set.facts
        if level != same or level not in ("province", "prefecture") or not {one, other} <= facts.keys():
            return None
        key = f"ask.same_{level}" if condition.op == "is" else f"ask.same_{level}_not"
        return text(key, one=self._facts.name(facts[one]), other=self._facts.name(facts[other]))

    # --- Names ---

    def name(self, written: str) -> Text | str:
        """A fact, a definition, or an attribute of a region by its title; any other expression as written."""
        facts = self.policy_set.facts
        if written in facts:
            return self._facts.name(facts[written])
        define = self.policy_set.defines.get(written)
        if define is not None:
            return bilingual(_spaced(written), define.title)
        place, _, own = written.rpartition(".")
        if place in facts and own in _ATTRIBUTES:
            return text(f"ask.{own}_of", place=self._place(place))
        parameter = self.policy_set.parameters.get(own)
        if parameter is not None and place in facts and _PATH.fullmatch(written):
            return text("ask.parameter_of", name=bilingual(_spaced(own), parameter.title), place=self._place(place))
        shifted = _SHIFTED.fullmatch(written)
        if shifted is not None and shifted["day"] in facts:
            fact = facts[shifted["day"]]
            key = "ask.days_after" if shifted["sign"] == "+" else "ask.days_before"
            return text(key, count=shifted["count"], day=self._facts.event(fact) or self._facts.name(fact))
        return f"`{written}`"

    def subjects(self, facts: Sequence[str]) -> str:
        """The facts that an answer depends on."""
        phrases = [self.manner.say(self._facts.subject(self.policy_set.facts[name])) for name in facts]
        return self._joined(phrases, "ask.and_list")

    def _place(self, fact: str) -> Text:
        """A region fact, as the owner of a parameter."""
        declared = self.policy_set.facts[fact]
        if not declared.record or self._facts.names_its_record(declared):
            return self._facts.name(declared)
        title = bilingual(_spaced(declared.own_name), declared.title)
        return text("ask.place_of", record=record_name(self.policy_set, declared.record), name=title)

    def _values(self, fact: model.Fact, written: str) -> list[str]:
        values: list[model.Value] = list(members_of(written))
        if isinstance(fact.type, model.EnumType) or fact.type == model.REGION:
            return [self.manner.words("ask.value", value=value_name(self.policy_set, fact, value)) for value in values]
        return [str(value) for value in values]

    # --- Meanings of names ---

    def legend(self) -> Iterator[str]:
        """The meanings of sets and conditions shown by name, each once."""
        while waiting := [name for name in self._named if name not in self._explained]:
            self._explained.add(waiting[0])
            define = self._named[waiting[0]]
            name = bilingual(_spaced(define.name), define.title)
            yield "  " + self._words("ask.legend", name=name, meaning=self._meaning(define.value))

    def _meaning(self, value: model.Expr) -> str:
        if isinstance(value.type, model.SetType):
            if not isinstance(value, model.Constant) or not isinstance(value.value, frozenset):
                return f"`{expression_text(self.policy_set, value)}`"
            enum = self.policy_set.enums[value.type.enum]
            members = [member for member in enum.members if member in value.value]
            names = [self.manner.say(member_name(self.policy_set, model.EnumType(enum.name), m)) for m in members]
            return self._joined(names, "ask.and_list")
        if value.type != model.BOOLEAN:
            return self._amount(value)
        return self._clause(value, truth=True, inside=None)

    def _amount(self, value: model.Expr) -> str:
        """The value of an expression: by name, by cases or, if computed, as written."""
        match value:
            case model.Choice(condition=condition, then=then, otherwise=otherwise):
                clause = self._clause(condition, truth=True, inside=None)
                first, last = self._amount(then), self._amount(otherwise)
                return self._words("ask.choice", condition=clause, then=first, otherwise=last)
            case model.Constant(value=constant, type=type_):
                return format_value(constant, type_)
            case _:
                return self.manner.say(text("ask.value", value=self._other(expression_text(self.policy_set, value))))

    def _clause(self, value: model.Expr, *, truth: bool, inside: str | None) -> str:
        """That an expression is true (or not), in words; in parentheses inside another kind of connective."""
        match value:
            case model.Not(operand=operand):
                return self._clause(operand, truth=not truth, inside=inside)
            case model.And(operands=operands) | model.Or(operands=operands):
                kind = "ask.and" if isinstance(value, model.And) == truth else "ask.or_else"
                parts = [self._clause(operand, truth=truth, inside=kind) for operand in operands]
                joined = self._joined(parts, kind)
                return joined if inside in (None, kind) else self._words("ask.bracketed", clause=joined)
            case _:
                condition = condition_of(self.policy_set, value, truth=truth)
                if condition is not None:
                    return self.manner.say(self.phrase(condition))
                written = expression_text(self.policy_set, value)
                return self.manner.say(self._facts.defined(f"`{written}`", None, truth=truth))

    # --- Words ---

    def _joined(self, phrases: Sequence[str], last: str) -> str:
        """`a, b and c`."""
        if len(phrases) < 2:
            return "".join(phrases)
        comma = self._words("ask.list_comma" if last in ("ask.or", "ask.and_list") else "ask.comma")
        return self._words(last, first=comma.join(phrases[:-1]), last=phrases[-1])

    def _words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.manner.words(key, **args)


def _key(op: str) -> str:
    return op.replace(" ", "_")


def _spaced(name: str) -> str:
    return name.replace("_", " ")
