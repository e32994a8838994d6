"""Reasons as text: the rule, what it did, its place and the clauses that it cites.

In: reasons of a report and their set. Out: rows. Also the words that all parts of an answer share: verdicts, facts,
stories. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import BOOLEAN, DAY, REGION, EnumType, PolicySet, Setting, SetType, Value
from policyc.dsl.model.declarations import Declared, English
from policyc.dsl.model.values import format_value, members_of
from policyc.solver.report.answers import AskReport, Condition, Reason, ReasonEffect, ReasonState
from policyc.solver.report.describe import bilingual, member_name, rank_name, story, titled
from policyc.solver.report.sentences import called, member_called, sentence, without_repeats

from .conditions import Conditions
from .terminal import visible
from .text import Manner

#: The answers with words of their own; all others are values.
_VERDICTS = frozenset(["permitted", "denied", "conflicting", "undetermined", "depends", "impossible", "true", "false"])
#: Those possible for a question about a value.
_OF_VALUES = frozenset(["conflicting", "undetermined", "depends", "impossible"])
#: The rank of sources that report what others say; by its name, since a set chooses its own ranks.
_SECOND_HAND = "secondary"


class Wording:
    """The words that the parts of one answer share. A repeated reason is not shown in full again."""

    def __init__(self, report: AskReport, policy_set: PolicySet, manner: Manner) -> None:
        self.report = report
        self.policy_set = policy_set
        self.manner = manner
        self.conditions = Conditions(policy_set, manner)
        self.shown: set[tuple[str, str, str | None]] = set()

    # --- Reasons ---

    def reasons(self, reasons: Iterable[Reason], depth: int = 0) -> Iterator[str]:
        for reason in reasons:
            known = (reason.rule, reason.state, reason.side)
            rows = self._reason(reason)
            if known in self.shown:
                rows = (row for row in [next(rows)])
            self.shown.add(known)
            yield from (indented(row, depth) for row in rows)

    def _reason(self, reason: Reason) -> Iterator[str]:
        if reason.effect is ReasonEffect.GIVEN:
            fact = self.conditions.phrase(Condition(reason.rule, "is", reason.title or ""))
            yield indented(self.words("ask.given", story=fact))
            return
        name = self._reason_name(reason)
        yield indented(self.words("ask.reason", rule=name, state=self._state(reason)))
        if reason.span is not None and reason.span.file.text:
            line, _ = reason.span.file.position(reason.span.start)
            yield indented(self.manner.palette.paint(f"{visible(reason.span.file.path)}:{line}", "faint"), 2)
        for index, cite in enumerate(reason.cites):
            known = index < len(reason.sources)
            source: Text | str = reason.sources[index] if known else f"{cite.source}.{cite.clause}"
            if (rank := self._second_hand(reason.rule, index)) is not None:
                source = text("ask.second_hand", source=source, rank=rank)
            if index in reason.later:
                source = text("ask.later_source", source=source)
            if cite.text:
                yield indented(self.words("ask.cite", clause=cite.text, source=source), 2)
            else:
                yield indented(self.words("ask.cite_unquoted", clause=cite.clause, source=source), 2)

    def _second_hand(self, rule: str, index: int) -> Text | None:
        """The rank of a source of a rule, if it is `secondary` or lower: what rests on it may be mistaken."""
        ranks, known = self.policy_set.ranks, self.policy_set.rules.get(rule)
        if known is None or index >= len(known.sources) or _SECOND_HAND not in ranks:
            return None
        rank = known.sources[index].rank
        if rank is None or rank < list(ranks).index(_SECOND_HAND):
            return None
        return rank_name(self.policy_set, rank)

    def _reason_name(self, reason: Reason) -> Text | str:
        """A rule by its title in the language of the output, else by its name before its title."""
        known, title, english = self._known(reason.rule), reason.title, None
        if isinstance(known, Setting) and known.title is None:
            known = self.policy_set.parameters[known.parameter]
        if known is not None:
            title, english = title or known.title, None if known.english == English() else called(known)
        if title is None:
            return reason.rule
        told = text("ask.rule", rule=reason.rule, title=title)
        if english is None:
            return text("story.name", en=text("ask.rule", rule=title, title=reason.rule), zh=told)
        return text("story.name", en=text("ask.rule", rule=reason.rule, title=english), zh=told)

    def _known(self, name: str) -> Declared | None:
        """What a reason names."""
        policy_set = self.policy_set
        axioms = (axiom for axiom in policy_set.axioms if axiom.name == name)
        named = policy_set.parameters.get(name) or policy_set.decisions.get(name)
        return policy_set.rules.get(name) or named or next(axioms, None)

    def _state(self, reason: Reason) -> Text:
        side = "" if reason.side is None else text("ask.on_side", side=self._side(reason.side))
        match reason.effect, reason.state:
            case _, ReasonState.NOT_IN_FORCE if reason.first_day is not None:
                return text("ask.not_yet", day=reason.first_day, side=side)
            case _, ReasonState.NOT_IN_FORCE if reason.last_day is not None:
                return text("ask.no_longer", day=reason.last_day, side=side)
            case _, ReasonState.NOT_IN_FORCE:
                return text("ask.not_in_force", side=side)
            case _, ReasonState.BEGINS | ReasonState.ENDS:
                return text(f"ask.{reason.state.value}", side=side)
            case ReasonEffect.SET, ReasonState.NO_PERMIT:
                return text("ask.set_no-permit", side=side)
            case _, ReasonState.NO_PERMIT:
                return text("ask.no_permit", side=side)
            case ReasonEffect.SET, ReasonState.HAS_EFFECT:
                return self._sets(reason.rule, side)
            case effect, state:
                return text(f"ask.{effect.value}_{state.value}", side=side, other=reason.beaten_by or "")

    def _sets(self, rule: str, side: Text | str) -> Text:
        """The parameters that a setting or a row of a table sets, each with its value."""
        parameters = self.policy_set.parameters
        settings = [setting for setting in self.policy_set.settings.values() if setting.name == rule]
        values = tuple(
            text("ask.value_set", parameter=titled(parameters[one.parameter]), value=self._value_text(one))
            for one in settings
        )
        told = text("ask.sets", values=values, side=side)
        clauses = [sentence(parameters[one.parameter].english, truth=bool(one.value)) for one in settings]
        if len(clauses) != 1 or clauses[0] is None or self._supposed(settings[0]) is not None:
            return told
        return text("story.name", en=text("ask.says", clause=clauses[0], side=side), zh=told)

    def _supposed(self, setting: Setting) -> str | None:
        """The value of a setting that the question supposes."""
        supposed = () if self.report.hypothesis is None else self.report.hypothesis.assume
        return next((one.value for one in supposed if one.rule == setting.key), None)

    def _value_text(self, setting: Setting) -> Text | str:
        assumed = self._supposed(setting)
        if assumed is not None:
            return assumed
        parameter = self.policy_set.parameters[setting.parameter]
        if parameter.type == BOOLEAN:
            return text("story.yes" if setting.value else "story.no")
        if isinstance(setting.value, frozenset) and isinstance(parameter.type, SetType):
            return self._members(parameter.type, setting.value)
        return format_value(setting.value, parameter.type)

    def _side(self, name: str) -> Text:
        decision = self.policy_set.decisions.get(self.report.question)
        sides = decision.sides if decision is not None else ()
        if not sides:
            sides = tuple(side for one in self.policy_set.decisions.values() for side in one.sides)
        return next((titled(side) for side in sides if side.name == name), bilingual(name, None))

    # --- Words ---

    def verdict(self, answer: str) -> Text:
        """An answer in words; a value by its title, if it has one."""
        type_ = self.report.type
        if answer in (_VERDICTS if type_ is None else _OF_VALUES):
            return text(f"ask.{answer}")
        if isinstance(type_, EnumType):
            return member_name(self.policy_set, type_, answer)
        if isinstance(type_, SetType):
            return self._members(type_, members_of(answer))
        if type_ == REGION:
            return text("ask.value", value=self.policy_set.regions[answer].name)
        return text("ask.value", value=answer)

    def _members(self, type_: SetType, members: Collection[str]) -> Text:
        enum = EnumType(type_.enum)
        ordered = [member for member in self.policy_set.enums[enum.name].members if member in members]
        if not ordered:
            return text("ask.no_members")
        chinese = tuple(member_name(self.policy_set, enum, member) for member in ordered)
        english = tuple(without_repeats(member_called(self.policy_set, enum, member) for member in ordered))
        return text("story.name", en=text("ask.members", members=english), zh=text("ask.members", members=chinese))

    def decision(self, name: str) -> Text:
        return titled(self.policy_set.decisions[name])

    def story(self, facts: Mapping[str, str]) -> Text:
        case = {path: _value(self.policy_set, path, written) for path, written in facts.items()}
        return story(self.policy_set, case)

    def heading(self, key: str, **args: str | int | Text) -> str:
        return self.manner.palette.paint(self.words(key, **args), "strong")

    def words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.manner.words(key, **args)

    def say(self, message: Text) -> str:
        return self.manner.say(message)


def indented(words: str, depth: int = 1) -> str:
    return "  " * depth + words


def _value(policy_set: PolicySet, path: str, written: str) -> Value:
    """A value parsed as far as its words need: truth values and days; others stay as written."""
    type_ = policy_set.facts[path].type
    if type_ == BOOLEAN:
        return written == "true"
    return date.fromisoformat(written).toordinal() if type_ == DAY else written
