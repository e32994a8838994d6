"""`ask --interactive`: asks for the facts that are still relevant, one at a time, on the terminal.

In: an understood question. Out: the facts given and those answered. Questions go to standard error, so that standard
output has only the answer; answers are lines of standard input, so that any terminal will do.
"""

from __future__ import annotations

import select
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import BOOLEAN, REGION, EnumType, Fact, PolicySet, Value
from policyc.dsl.model.values import format_value
from policyc.solver.ask.inquiry import Inquiry
from policyc.solver.ask.interview import Interview, NextQuestion
from policyc.solver.report.describe import fact_name, member_name, value_name

from ..render.phrases import Phrases
from ..render.text import Manner
from .help.pages import cells
from .io import write_notice

#: What a person types to leave a fact open, and to stop.
_OPEN = ("?", "？")
_END = ("q", "Q", "ｑ")

#: After so many invalid answers a fact is left open: a program that answers would never tire.
_PATIENCE = 10
#: The most characters in an answer; the rest of a longer line counts as further answers.
_LONGEST = 10_000

#: The seconds after which a waiting terminal looks for Ctrl-C.
_HEED = 0.2

#: The width in cells at which the options of a question wrap.
_WIDTH = 78


def interview(inquiry: Inquiry, manner: Manner) -> Mapping[str, Value]:
    """The facts given, and those answered until the answer was settled or the person stopped."""
    return _Talk(inquiry, manner).run()


class _Talk:
    def __init__(self, inquiry: Inquiry, manner: Manner) -> None:
        self.policy_set: PolicySet = inquiry.policy_set
        self.manner = manner
        self.interview = Interview(inquiry.context, inquiry.subject)
        self.known: dict[str, Value] = dict(inquiry.given)
        self.unknown: set[str] = set()

    def run(self) -> Mapping[str, Value]:
        number = 0
        while (question := self._next()) is not None:
            if number == 0:
                self._say("ask.talk_help")
            number += 1
            self._show(question, number)
            if not self._answered(question):
                break
        write_notice("\n" * bool(number))
        facts = self.policy_set.facts
        return {name: self.known[name] for name in facts if name in self.known}

    def _next(self) -> NextQuestion | None:
        """The next question; finding it has a time limit of its own."""
        with self.interview.context.question():
            return self.interview.next(self.known, self.unknown)

    # --- Asking ---

    def _show(self, question: NextQuestion, number: int) -> None:
        self._line("")
        name = self._titled(question.fact)
        self._line(self.manner.palette.paint(self._words("ask.talk_question", number=number, fact=name), "strong"))
        for row in self._options(question):
            self._line(f"  {row}")

    def _titled(self, fact: Fact) -> Text | str:
        """A fact by its title, in English by name and title; a Boolean that has a sentence is phrased as a question."""
        chinese, said = self.manner.language == "zh", fact.english.sentence is not None
        name = fact_name(self.policy_set, fact)
        if fact.type == BOOLEAN and (chinese or said):
            name = Phrases(self.policy_set).subject(fact)
        if chinese or fact.title is None:
            return name
        title = (self.policy_set.records.get(fact.record) or "") + fact.title
        return text("ask.rule", rule=title, title=name)

    def _options(self, question: NextQuestion) -> Iterator[str]:
        """The possible answers."""
        fact = question.fact
        match fact.type:
            case EnumType() as type_:
                members = [
                    self._words("ask.talk_member", number=place, member=self._member(type_, member))
                    for place, member in enumerate(question.options, start=1)
                ]
                yield from _packed(members)
            case _ if fact.type == BOOLEAN:
                yield self._words("ask.talk_truth")
            case _ if fact.type == REGION:
                yield self._words("ask.talk_region")
            case _:
                low, high = (format_value(end, fact.type) for end in (fact.low or 0, fact.high or 0))
                yield self._words("ask.talk_span", low=low, high=high)

    def _member(self, type_: EnumType, member: str) -> Text:
        title = self.policy_set.enums[type_.name].members[member]
        if self.manner.language == "zh" or title is None:
            return member_name(self.policy_set, type_, member)
        return text("ask.rule", rule=title, title=member_name(self.policy_set, type_, member))

    # --- Answers ---

    def _answered(self, question: NextQuestion) -> bool:
        """Reads the answer to one question; `False` if the person stopped."""
        fact = question.fact
        for _ in range(_PATIENCE):
            usual = "" if question.usual is None else value_name(self.policy_set, fact.type, question.usual)
            write_notice(self._words("ask.talk_usual", usual=usual) * bool(usual) + "> ")
            line = _read_line()
            answer = line.strip()
            if not line or answer in _END:
                return False
            if answer in _OPEN or (not answer and question.usual is None):
                self.unknown.add(fact.name)
                return True
            value = question.usual if not answer else self._value(question, answer)
            if value is None:
                continue
            if self.interview.possible({**self.known, fact.name: value}):
                self.known[fact.name] = value
                return True
            self._say("ask.talk_impossible")
        self._say("ask.talk_patience", count=_PATIENCE)
        self.unknown.add(fact.name)
        return True

    def _value(self, question: NextQuestion, answer: str) -> Value | None:
        """The value of an answer; explains an invalid one."""
        if answer.isdecimal() and len(answer) < 10 and isinstance(question.fact.type, EnumType):
            place = int(answer)
            if 1 <= place <= len(question.options):
                return question.options[place - 1]
            self._say("ask.talk_number", count=len(question.options))
            return None
        reader = QuestionReader(self.policy_set)
        value = reader.value(question.fact, answer)
        for diagnostic in reader.diagnostics:
            said = self.manner.say(diagnostic.message)
            if diagnostic.help is not None:
                said = self._words("ask.talk_mistake", mistake=said, help=diagnostic.help)
            self._line(f"  {said}")
        return value

    # --- Words ---

    def _say(self, key: str, **args: str | int) -> None:
        self._line(self._words(key, **args))

    def _line(self, words: str) -> None:
        write_notice(words + "\n")

    def _words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.manner.words(key, **args)


def _read_line() -> str:
    """The next line; `""` at the end of the input. Ctrl-C ends the wait."""
    if hasattr(signal, "siginterrupt"):  # Z3 restores the handler in a way that resumes reading after Ctrl-C
        signal.siginterrupt(signal.SIGINT, True)
        # A signal that comes just before reading begins would be heeded only after the next line. A terminal hands
        # over one line at a time, so that nothing is in the buffer yet.
        while sys.stdin.isatty() and not select.select([sys.stdin], [], [], _HEED)[0]:
            pass
    return sys.stdin.readline(_LONGEST)


def _packed(members: Iterable[str]) -> Iterator[str]:
    """The members on lines, as many on each as fit."""
    row = ""
    for member in members:
        if row and cells(row) + 2 + cells(member) > _WIDTH:
            yield row
            row = ""
        row = f"{row}  {member}" if row else member
    yield row
