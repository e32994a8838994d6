"""What an answer tells beside itself: changes, steps, the answer over time, bills, greatest and least values.

In: the report of a question. Out: rows of text, none for what was not asked. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyc.dsl.diagnostics.diagnostic import DateSpan, Text, text
from policyc.dsl.model import DATE
from policyc.solver.ask.dnf.predicates import listed
from policyc.solver.report.reports import BillPayment, Condition, Step

from .reasons import Telling

#: The words for a greatest or least value, by the goal and by whether it is a day.
_EXTREMES = {
    ("maximize", False): "ask.maximize",
    ("minimize", False): "ask.minimize",
    ("maximize", True): "ask.latest",
    ("minimize", True): "ask.earliest",
}


class Ways(Telling):
    # --- What would change it ---

    def change(self) -> Iterator[str]:
        """What would make it a yes, and when."""
        report = self.report
        if report.change is None:
            return
        yield ""
        days = report.yes_days
        if days is not None:
            coming = days.first is not None and days.first > report.given[DATE]
            keys = {(True, False): "ask.yes_from", (True, True): "ask.yes_between"}
            key = keys.get((coming, days.last is not None), "ask.yes_until")
            key = key if report.yes_every_case else f"{key}_usually"
            yield self.words(key, first=days.first or "", last=days.last or "")
        ways = [self._way(facts) for facts in self._ways(report.change)]
        if ways:
            yield self.heading("ask.change" if report.change_complete else "ask.change_among")
            yield from (self.indented(f"- {way}") for way in ways)
            yield from self.conditions.legend()
        if not report.can_arrange:
            yield self.words("ask.cannot_arrange")

    @staticmethod
    def _ways(changes: Sequence[Mapping[str, str]]) -> list[list[Condition]]:
        """The changes but for the date; those that differ in the value of one fact only, in one."""
        found: list[dict[str, list[str]]] = []
        for facts in changes:
            if facts.keys() == {DATE}:
                continue
            way = next((way for way in found if way.keys() == facts.keys() and _one_apart(way, facts)), None)
            if way is None:
                found.append({fact: [value] for fact, value in facts.items()})
                continue
            for fact, value in facts.items():
                way[fact] = list(dict.fromkeys([*way[fact], value]))
        return [
            [
                Condition(fact, "is", values[0])
                if len(values) == 1
                else Condition(fact, "in", listed(values))
                for fact, values in way.items()
            ]
            for way in found
        ]

    def _way(self, conditions: Sequence[Condition]) -> str:
        arranged = all(self.policy_set.facts[condition.fact].arrangeable for condition in conditions)
        if arranged:
            return self.words("ask.arrange", condition=self.conditions.arrangement(conditions))
        return self.words("ask.were", condition=self.conditions.sentence(conditions))

    # --- How to go about it ---

    def steps(self) -> Iterator[str]:
        """What to arrange, in order."""
        if not self.report.steps:
            return
        yield ""
        yield self.heading("ask.steps")
        for number, step in enumerate(self.report.steps, start=1):
            yield self.indented(f"{number}. {self._step(step)}")
            if step.answer not in (None, "permitted"):
                yield from self.reasons(step.because, 2)

    def _step(self, step: Step) -> str:
        fact = None
        if step.fact is not None:
            fact = self.conditions.sentence([Condition(step.fact, "is", step.value or "")])
        if step.decision is None or step.answer is None:
            key = "ask.step_open" if step.now is None else "ask.step_arrange"
            what = self.conditions.arrangement([Condition(step.fact or "", "is", step.value or "")])
            return self.words(key, fact=what)
        told = self.words(
            "ask.step", decision=self.decision(step.decision), day=step.on, answer=self.verdict(step.answer)
        )
        if fact is not None and step.effective is not None:
            told = self.words("ask.step_effective", step=told, fact=fact, day=step.effective)
        if step.assuming:
            conditions = [Condition(name, "is", value) for name, value in step.assuming.items()]
            told = self.words("ask.step_assuming", step=told, condition=self.conditions.sentence(conditions))
        return told

    # --- Over time ---

    def timeline(self) -> Iterator[str]:
        if not self.report.timeline:
            return
        yield ""
        yield self.heading("ask.timeline")
        for span in self.report.timeline:
            key = "ask.span_usual" if span.answer == "depends" else "ask.span"
            answer, usual = self.verdict(span.answer), self.verdict(span.usual)
            told = text(key, days=self._days(span.days), answer=answer, usual=usual)
            yield self.indented(self.say(told))
            yield from self.reasons(span.turned_by, 1)

    @staticmethod
    def _days(span: DateSpan) -> Text:
        if span.first is None:
            return text("ask.always_so") if span.last is None else text("ask.until", last=span.last)
        if span.last is None:
            return text("ask.from", first=span.first)
        return text("ask.from_until", first=span.first, last=span.last)

    # --- How much ---

    def optima(self) -> Iterator[str]:
        """The greatest and least values asked for."""
        if not self.report.optima:
            return
        yield ""
        for optimum in self.report.optima:
            of = self.conditions.name(optimum.of)
            if optimum.value is None:
                yield self.words("ask.no_optimum", of=of)
                continue
            told = {*self.report.given, optimum.of}
            facts = {path: value for path, value in optimum.case.items() if path not in told}
            case = text("ask.with_case", story=self.story(facts)) if facts else ""
            yield self.words(_EXTREMES[optimum.goal, optimum.is_day], of=of, value=optimum.value, case=case)

    def bill(self) -> Iterator[str]:
        """The shares of the bill, each with what it rests on."""
        bill = self.report.breakdown
        if bill is None:
            return
        yield ""
        name = self.conditions.name(bill.total)
        yield self.heading("ask.bill", total=name, amount=bill.amount)
        if bill.assumed:
            yield self.indented(self.words("ask.assumed", story=self.story(bill.assumed)))
        for line in bill.lines:
            share = self.conditions.name(line.define)
            yield self.indented(self.words("ask.bill_line", share=share, amount=line.amount))
            for number, payment in enumerate(line.payments, start=1):
                yield self.indented(self._payment(number, payment), 2)
                yield from self.reasons(payment.because, 2)
            yield from self.reasons(line.because, 1)

    def _payment(self, number: int, payment: BillPayment) -> str:
        who = self.story(payment.facts) if payment.facts else text("ask.first_payer")
        if payment.answer == "permitted":
            return self.words(
                "ask.payment", number=number, amount=payment.amount, available=payment.available, who=who
            )
        decision, answer = self.decision(payment.decision), self.verdict(payment.answer)
        return self.words("ask.no_payment", number=number, decision=decision, answer=answer, who=who)


def _one_apart(way: Mapping[str, Sequence[str]], facts: Mapping[str, str]) -> bool:
    """Whether a change has one fact only that is not as in all of some others, and these differ in no other."""
    apart = [fact for fact, values in way.items() if [facts[fact]] != values]
    return len(apart) == 1
