"""Reads the request of `ask`: a decision, a definition or any expression, and given facts.

In: a checked set, the question and the facts as typed. Out: an understood question, which yields an `AskReport` over
all completions of the given facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from policyc.dsl.binding.hypotheses import Hypothesis, suppose
from policyc.dsl.binding.question import Asked, Given, QuestionReader
from policyc.dsl.diagnostics.characters import as_meant
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import BOOLEAN, DATE, NUMBERS, REGION, DefineValue, Expr, PolicySet, Value
from policyc.dsl.model.values import bounds_problem, format_value

from ..encoding.dependencies import decisions_read
from ..engine.context import SolverContext
from ..report.answers import AskReport
from .amounts import Goal
from .answer import ask_report
from .bill import ImpossiblePayer, find_bill, source
from .inquiry import Inquiry
from .options import Wishes


class AskError(Exception):
    """An invalid question or invalid facts: `texts` are general mistakes, `diagnostics` those with places."""

    def __init__(self, texts: Sequence[Text], diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(", ".join(message.key for message in texts) or "mistakes in the question or the facts")
        self.texts = tuple(texts)
        self.diagnostics = tuple(diagnostics)


@dataclass(frozen=True, slots=True)
class Understood:
    """An understood question, with its facts and hypothesis."""

    inquiry: Inquiry
    policy_set: PolicySet
    hypothesis: Hypothesis

    def report(self, given: Mapping[str, Value] | None = None) -> AskReport:
        """The answer; for other facts than those given, if passed."""
        inquiry = self.inquiry if given is None else replace(self.inquiry, given=given)
        try:
            report = ask_report(inquiry)
        except ImpossiblePayer as error:
            raise AskError([text("ask.also_impossible", number=error.number)]) from error
        if inquiry.context.policy_set is self.policy_set:
            return report
        in_truth = replace(inquiry, context=SolverContext(self.policy_set, inquiry.context.timeout)).answer()
        return replace(report, hypothesis=self.hypothesis, in_truth=in_truth)


def understand(
    policy_set: PolicySet,
    question: str,
    regions: Sequence[str],
    given: Mapping[str, str] | Sequence[Given],
    *,
    on: date | Literal["any"] | None,
    today: date,
    timeout: float | None = None,
    wishes: Wishes | None = None,
) -> Understood:
    """Reads what was typed; `timeout` is in seconds for each question as a whole. Raises `AskError`; so does the report,
    which also raises `Undecided` if time runs out."""
    wishes = wishes or Wishes()
    input_ = Input(policy_set)
    asked = input_.reader.question(question)
    facts = input_.reader.facts(given)
    defaulted = input_.over(wishes.over, facts, on, asked) if wishes.over else input_.day(facts, on, today)
    facts |= input_.regions(None if asked is None else asked.subject, regions, facts)
    supposed, hypothesis = suppose(policy_set, input_.reader, wishes.assume, wishes.without)
    goals = input_.goals(wishes)
    others = [input_.reader.facts([Given(*pair) for pair in person], "--also") for person in wishes.also]
    if asked is not None and others:
        input_.bill(asked.subject, facts)
    if asked is None or input_.texts or input_.reader.diagnostics:
        raise AskError(input_.texts, input_.reader.diagnostics)
    name = _named(policy_set, question, asked.subject)
    inquiry = Inquiry(SolverContext(supposed, timeout), name, asked.subject, facts, defaulted, wishes, goals, others)
    return Understood(inquiry, policy_set, hypothesis)


def _named(policy_set: PolicySet, question: str, subject: str | Expr) -> str:
    """The name of what the question asks about, if it has one, else the question."""
    if isinstance(subject, str):
        return subject
    return subject.define if isinstance(subject, DefineValue) else question


class Input:
    """Reads what was typed and collects all mistakes."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self.reader = QuestionReader(policy_set)
        self.texts: list[Text] = []

    def day(self, facts: dict[str, Value], on: date | Literal["any"] | None, today: date) -> tuple[str, ...]:
        """Adds the day of the case; returns the facts that were defaulted."""
        fact = self.policy_set.facts.get(DATE)
        if fact is None:
            if on is not None and on != "any":
                self.texts.append(text("ask.no_date"))
            return ()
        if (on is None and DATE in facts) or on == "any":
            return ()
        day = (today if on is None or on == "any" else on).toordinal()
        if facts.get(DATE, day) != day:
            self.texts.append(text("ask.two_dates"))
            return ()
        problem = bounds_problem(fact, day, SourceFile("--on", date.fromordinal(day).isoformat()).whole)
        if problem is not None and on is not None:
            self.reader.diagnostics.append(problem)
        elif problem is not None:
            low, high = (format_value(end, fact.type) for end in (fact.low or 0, fact.high or 0))
            self.texts.append(text("ask.today_outside", day=today.isoformat(), low=low, high=high))
        if problem is not None:
            return ()
        facts[DATE] = day
        return (DATE,) if on is None else ()

    def goals(self, wishes: Wishes) -> list[Goal]:
        """What to maximize and minimize: numbers or days."""
        found: list[Goal] = []
        for goal, expressions in (("maximize", wishes.maximize), ("minimize", wishes.minimize)):
            for written in expressions:
                asked = self.reader.question(written, f"--{goal}")
                if asked is None:
                    continue
                if isinstance(asked.subject, str) or asked.subject.type not in NUMBERS:
                    self.texts.append(text("ask.no_number", name=written, option=f"--{goal}"))
                else:
                    found.append(Goal(goal, _named(self.policy_set, written, asked.subject), asked.subject))
        return found

    def bill(self, subject: str | Expr, facts: Mapping[str, Value]) -> None:
        """Checks that several people can pay what the question is about."""
        bill = find_bill(self.policy_set, subject)
        if bill is None or source(self.policy_set, bill) is None:
            self.texts.append(text("ask.no_bill"))
        elif isinstance(subject, str) and bill.total not in facts:
            self.texts.append(text("ask.also_amount", fact=bill.total))

    def _twice(self, fact: str, one: Value, other: Value) -> None:
        """Reports two regions for one fact, one after the question and one with the facts."""
        names = [self.policy_set.regions[str(code)].name for code in (one, other)]
        self.texts.append(text("ask.region_twice", fact=fact, region=names[0], other=names[1]))

    def over(
        self, name: str, facts: Mapping[str, Value], on: date | Literal["any"] | None, asked: Asked | None
    ) -> tuple[str, ...]:
        """Checks that the day is open, and that the answers can be shown over time."""
        fact = self.policy_set.facts.get(DATE)
        if as_meant(name) not in (DATE, None if fact is None else fact.title):
            self.texts.append(text("ask.over", fact=name))
        if DATE not in self.policy_set.facts:
            self.texts.append(text("ask.no_date_to_go_over"))
        elif DATE in facts or on not in (None, "any"):
            self.texts.append(text("ask.over_a_day"))
        if asked is not None and not isinstance(asked.subject, str) and asked.subject.type != BOOLEAN:
            self.texts.append(text("ask.over_a_value"))
        return ()

    def _too_many(self, decision: str, found: int) -> Text:
        """Reports more regions than a decision has sides, with these in their order."""
        sides = self.policy_set.decisions[decision].sides
        shown = tuple(text("ask.side", side=side.title or side.name, fact=side.fact) for side in sides)
        return text("ask.many_regions", decision=decision, found=found, count=len(sides), sides=shown)

    def regions(
        self, subject: str | Expr | None, regions: Sequence[str], facts: Mapping[str, Value]
    ) -> dict[str, Value]:
        """Region arguments fill the sides of the decision in order; without a decision they are still read."""
        if not regions:
            return {}
        if subject is None:
            places = [fact for fact in self.policy_set.facts.values() if fact.type == REGION]
            for written in regions if places else ():
                self.reader.value(places[0], written, "REGION")
            return {}
        names = [subject] if isinstance(subject, str) else list(dict.fromkeys(decisions_read(self.policy_set, subject)))
        if len(names) != 1:
            self.texts.append(text("ask.which_decision", count=len(names)))
            return {}
        sides = self.policy_set.decisions[names[0]].sides
        if len(regions) > len(sides):
            self.texts.append(self._too_many(names[0], len(regions)))
        found: dict[str, Value] = {}
        for side, written in zip(sides, regions, strict=False):
            value = self.reader.value(self.policy_set.facts[side.fact], written, "REGION")
            if value is None:
                continue
            found[side.fact] = value
            if side.fact in facts:
                self._twice(side.fact, value, facts[side.fact])
        return found
