"""Conditions as sentences: "the link's state is active and the credential is patient".

In: conditions of `permitted_if` or `change`, and their policy set. Out: rows of text in one language. Conditions common
to all alternatives are stated once; sets named in the vocabulary are shown by name, and their members listed at the
end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model.expression_text import expression_text, spelled_out
from policyc.dsl.model.values import format_value
from policyc.solver.ask.dnf.predicates import condition_of, named_sets
from policyc.solver.report.answers import Condition, Written
from policyc.solver.report.describe import member_name, record_name, titled, value_name
from policyc.solver.report.sentences import called, without_repeats

from .phrases import Phrases
from .text import Manner

#: More conditions have a line each.
_IN_ONE_LINE = 3

_NUMBERS = {"<": "below", "<=": "at_most", ">=": "at_least", ">": "above"}

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
        return self.joined(phrases, "ask.and") if phrases else self._words("ask.always")

    def arrangement(self, conditions: Alternative) -> str:
        """The conditions as things to arrange."""
        return self.joined([self.manner.say(self.phrase(condition)) for condition in conditions], "ask.and")

    def _phrases(self, conditions: Alternative) -> list[str]:
        return [self.manner.say(phrase) for phrase in self._merged(conditions)]

    def _merged(self, conditions: Alternative) -> list[Text]:
        """One phrase per condition; the two ends of a span share one."""
        found: list[Text] = []
        rest = list(conditions)
        while rest:
            first, *rest = rest
            fact = self._fact(first.subject)
            upper = _upper_end(first, rest)
            if fact is not None and upper is not None:
                rest.remove(upper)
                found.append(self._facts.between(fact, first.value_text, upper.value_text))
            else:
                found.append(self.phrase(first))
        return found

    # --- One condition ---

    def phrase(self, condition: Condition) -> Text:
        subject, op, value = condition.subject, condition.op, condition.value
        truth = _truth_in(value)
        if truth is not None and op in ("is", "is not"):
            return self._truth(subject, truth == (op == "is"))
        if isinstance(value, Written):
            return self._compared(subject, op, value)
        fact = self._fact(subject)
        assert fact is not None, "what is compared with a value is a fact"
        members = (value,) if isinstance(value, str) else value
        match fact.type, op:
            case model.EnumType(), "in" | "not in":
                return self._among(fact, op, members)
            case type_, "in" | "not in" if type_ == model.REGION:
                places = self._values(fact, members)
                return text(f"ask.place_{_key(op)}", fact=self._facts.name(fact), value=self.joined(places, "ask.or"))
        (only,) = members
        match fact.type, op:
            case type_, _ if type_ == model.DAY:
                return self._facts.day(fact, op, only, is_expression=False)
            case _ if self._facts.is_count(fact):
                return self._facts.count(fact, op, only)
            case model.EnumType(), _:
                return self._facts.member(fact, only, truth=op == "is")
            case type_, _ if type_ == model.REGION:
                (place,) = self._values(fact, members)
                plain = text(f"ask.op_{_key(op)}", fact=self._facts.name(fact), value=place)
                return self._facts.valued(fact, plain, text("ask.value", value=place), truth=op == "is")
            case _:
                return self._facts.amount(fact, op, only)

    def _truth(self, subject: str | Written, truth: bool) -> Text:
        if isinstance(subject, str):
            return self._facts.truth(self.policy_set.facts[subject], truth=truth)
        match spelled_out(self.policy_set, subject.expression):
            case model.DefineValue(define=name):
                define = self.policy_set.defines[name]
                self._named.setdefault(name, define)
                return self._facts.defined(define, truth=truth)
            case model.ParameterValue(parameter=name, region=region) if (place := self._place_of(region)) is not None:
                return self._facts.in_place(self.policy_set.parameters[name], place, truth=truth)
            case _:
                return text("ask.meets" if truth else "ask.meets_not", fact=subject.text)

    def _among(self, fact: model.Fact, op: str, members: Sequence[str]) -> Text:
        name = self._facts.name(fact)
        named = self._set_named(fact, members)
        if named is not None:
            self._named.setdefault(named.name, named)
            return self._among_named(fact, op, text("ask.quoted", name=titled(named)), titled(named))
        if len(members) == 1:
            return self._facts.member(fact, members[0], truth=op == "in")
        values = self._values(fact, members)
        either = self.joined(values, "ask.or")
        if op == "in":
            plain, said = text("ask.op_is", fact=name, value=either), text("ask.value", value=either)
        elif len(values) == len(("neither", "nor")):
            plain = text("ask.op_neither", fact=name, first=values[0], last=values[1])
            said = text("ask.neither", first=values[0], last=values[1])
        else:
            plain = text("ask.op_none_of", fact=name, value=either)
            return self._facts.valued(fact, plain, text("ask.value", value=either), truth=False)
        return self._facts.valued(fact, plain, said)

    def _among_named(self, fact: model.Fact, op: str, quoted: Text, words: Text | str) -> Text:
        plain = text(f"ask.named_{_key(op)}", fact=self._facts.name(fact), value=words)
        return self._facts.valued(fact, plain, text("ask.one_of" if op == "in" else "ask.none_of", value=quoted))

    def _set_named(self, fact: model.Fact, members: Sequence[str]) -> model.Define | None:
        assert isinstance(fact.type, model.EnumType)
        return named_sets(self.policy_set, fact.type).get(frozenset(members))

    def _compared(self, subject: str | Written, op: str, other: Written) -> Text:
        fact, value = self._fact(subject), self._other(other)
        if op in ("in", "not in"):
            named = self._define(other)
            if named is not None:
                plain = text(f"ask.named_{_key(op)}", fact=self.name(subject), value=self.name(other))
            else:
                plain = text(f"ask.among_{_key(op)}", fact=self.name(subject), value=value)
            if fact is None:
                return plain
            return self._facts.valued(fact, plain, text("ask.one_of" if op == "in" else "ask.none_of", value=value))
        together = self._same(subject, op, other)
        if together is not None:
            return together
        if fact is not None and fact.type == model.DAY:
            return self._facts.day(fact, op, value, is_expression=True)
        if fact is not None and self._facts.is_count(fact):
            return self._facts.count_compared(fact, op, value)
        return text(f"ask.op_{_NUMBERS.get(op) or _key(op)}", fact=self.name(subject), value=value)

    def _other(self, other: Written) -> Text | str:
        """The value that a fact is compared with; a definition in quotes, explained in the legend."""
        define = self._define(other)
        if define is None:
            return self.name(other)
        self._named.setdefault(define.name, define)
        return text("ask.quoted", name=self.name(other))

    def _same(self, subject: str | Written, op: str, other: Written) -> Text | None:
        """That two regions are (or are not) in the same province or prefecture."""
        if isinstance(subject, str):
            return None
        match spelled_out(self.policy_set, subject.expression), spelled_out(self.policy_set, other.expression):
            case model.Ancestor(level=level, region=left), model.Ancestor(level=same, region=right) if level == same:
                one, last = self._fact_of(left), self._fact_of(right)
                if one is None or last is None:
                    return None
                key = f"ask.same_{level}" if op == "is" else f"ask.same_{level}_not"
                return text(key, one=self._facts.name(one), other=self._facts.name(last))
            case _:
                return None

    # --- Names ---

    def name(self, subject: str | Written) -> Text | str:
        """A fact, a definition, or an attribute of a region by its title; any other expression as written."""
        if isinstance(subject, str):
            return self._facts.name(self.policy_set.facts[subject])
        expression = spelled_out(self.policy_set, subject.expression)
        match expression:
            case model.FactValue() if (fact := self._fact_of(expression)) is not None:
                return self._facts.name(fact)
            case model.DefineValue(define=name):
                return self.defined(name)
            case model.Ancestor(level=level, region=region) if (place := self._place_of(region)) is not None:
                return text(f"ask.{level}_of", place=place)
            case model.RegionCode(region=region) if (place := self._place_of(region)) is not None:
                return text("ask.code_of", place=place)
            case model.ParameterValue(parameter=name, region=region) if (place := self._place_of(region)) is not None:
                return text("ask.parameter_of", name=titled(self.policy_set.parameters[name]), place=place)
            case model.Shifted(operand=operand, days=days) if (day := self._fact_of(operand)) is not None:
                key = "ask.days_before" if days < 0 else "ask.days_after"
                return text(key, count=str(abs(days)), day=self._facts.event(day) or self._facts.name(day))
            case _:
                return f"`{subject.text}`"

    def defined(self, name: str) -> Text:
        """A definition by its name."""
        return titled(self.policy_set.defines[name])

    def _fact(self, subject: str | Written) -> model.Fact | None:
        """The fact that a condition is about, if it is only one."""
        return self.policy_set.facts[subject] if isinstance(subject, str) else None

    def _fact_of(self, expression: model.Expr) -> model.Fact | None:
        """The fact that an expression is, if it is one."""
        match spelled_out(self.policy_set, expression):
            case model.FactValue(fact=fact):
                return self.policy_set.facts.get(fact)
            case _:
                return None

    def _define(self, other: Written) -> model.Define | None:
        """The definition that an expression is, if it has a name outside its policy."""
        match spelled_out(self.policy_set, other.expression):
            case model.DefineValue(define=name):
                return self.policy_set.defines[name]
            case _:
                return None

    def subjects(self, facts: Sequence[str]) -> str:
        """The facts that an answer depends on."""
        phrases = [self.manner.say(self._facts.subject(self.policy_set.facts[name])) for name in facts]
        return self.joined(phrases, "ask.and_list")

    def _place_of(self, region: model.Expr) -> Text | None:
        """A region fact, as the owner of a parameter; `None` for any other region."""
        declared = self._fact_of(region)
        if declared is None:
            return None
        if not declared.record or self._facts.names_its_record(declared):
            return self._facts.name(declared)
        record = record_name(self.policy_set, declared.record)
        place = text("ask.place_of", record=record, name=titled(declared))
        return text("story.name", en=self._facts.name(declared), zh=place)

    def _values(self, fact: model.Fact, values: Sequence[str]) -> list[str]:
        if isinstance(fact.type, model.EnumType) or fact.type == model.REGION:
            words = (value_name(self.policy_set, fact.type, value) for value in values)
            return list(without_repeats(self.manner.words("ask.value", value=one) for one in words))
        return list(values)

    # --- Meanings of names ---

    def legend(self) -> Iterator[str]:
        """The meanings of sets and conditions shown by name, each once."""
        while waiting := [name for name in self._named if name not in self._explained]:
            self._explained.add(waiting[0])
            define = self._named[waiting[0]]
            name = text("story.name", en=define.english.sentence or called(define), zh=titled(define))
            yield "  " + self._words("ask.legend", name=name, meaning=self._meaning(define.value))

    def _meaning(self, value: model.Expr) -> str:
        if isinstance(value.type, model.SetType):
            if not isinstance(value, model.Constant) or not isinstance(value.value, frozenset):
                return f"`{expression_text(self.policy_set, value)}`"
            enum = self.policy_set.enums[value.type.enum]
            members = [member for member in enum.members if member in value.value]
            names = [self.manner.say(member_name(self.policy_set, model.EnumType(enum.name), m)) for m in members]
            return self.joined(list(without_repeats(names)), "ask.and_list")
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
                return self.manner.say(
                    text("ask.value", value=self._other(Written(expression_text(self.policy_set, value), value)))
                )

    def _clause(self, value: model.Expr, *, truth: bool, inside: str | None) -> str:
        """That an expression is true (or not), in words; in parentheses inside another kind of connective."""
        match value:
            case model.Not(operand=operand):
                return self._clause(operand, truth=not truth, inside=inside)
            case model.And(operands=operands) | model.Or(operands=operands):
                kind = "ask.and" if isinstance(value, model.And) == truth else "ask.or_else"
                parts = [self._clause(operand, truth=truth, inside=kind) for operand in operands]
                joined = self.joined(parts, kind)
                return joined if inside in (None, kind) else self._words("ask.bracketed", clause=joined)
            case _:
                condition = condition_of(self.policy_set, value, truth=truth)
                if condition is not None:
                    return self.manner.say(self.phrase(condition))
                written = expression_text(self.policy_set, value)
                return self.manner.say(text("ask.meets" if truth else "ask.meets_not", fact=f"`{written}`"))

    # --- Words ---

    def joined(self, phrases: Sequence[str], last: str) -> str:
        """`a, b and c`."""
        if len(phrases) < 2:
            return "".join(phrases)
        comma = self._words("ask.list_comma" if last in ("ask.or", "ask.and_list") else "ask.comma")
        return self._words(last, first=comma.join(phrases[:-1]), last=phrases[-1])

    def _words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.manner.words(key, **args)


def _upper_end(first: Condition, others: Sequence[Condition]) -> Condition | None:
    """The upper end of a span whose lower end is a condition, among others."""
    if first.op != ">=" or not isinstance(first.value, str):
        return None
    ends = (c for c in others if c.subject == first.subject and c.op == "<=" and isinstance(c.value, str))
    return next(ends, None)


def _truth_in(value: str | tuple[str, ...] | Written) -> bool | None:
    """The truth value that something is compared with, if it is one."""
    match value:
        case "true" | Written(expression=model.Constant(value=True)):
            return True
        case "false" | Written(expression=model.Constant(value=False)):
            return False
        case _:
            return None


def _key(op: str) -> str:
    return op.replace(" ", "_")
