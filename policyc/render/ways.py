"""What an answer tells beside itself: changes, steps, the answer over time, bills, greatest and least values.

In: the report of a question. Out: rows of text, none for what was not asked. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyc.dsl.diagnostics.diagnostic import DateSpan, Text, text
from policyc.dsl.model import DATE
from policyc.dsl.model.values import format_members
from policyc.solver.report.reports import BillPayment, Condition, Step, WaysToYes

from .reasons import Telling, indented

#: The words for a greatest or least value, by the goal and by whether it is a day.
_EXTREMES = {
    ("maximize", False): "ask.maximize",
    ("minimize", False): "ask.minimize",
    ("maximize", True): "ask.latest",
    ("minimize", True): "ask.earliest",
}


# --- What would change it ---


def change(tell: Telling, ways: WaysToYes | None) -> Iterator[str]:
    """What would make it a yes, and when."""
    if ways is None:
        return
    yield ""
    days = ways.days
    if days is not None:
        coming = days.first is not None and days.first > tell.report.given[DATE]
        keys = {(True, False): "ask.yes_from", (True, True): "ask.yes_between"}
        key = keys.get((coming, days.last is not None), "ask.yes_until")
        key = key if ways.every_case else f"{key}_usually"
        yield tell.words(key, first=days.first or "", last=days.last or "")
    told = [_way(tell, facts) for facts in _ways(ways.changes)]
    if told:
        yield tell.heading("ask.change" if ways.complete else "ask.change_among")
        yield from (indented(f"- {way}") for way in told)
        yield from tell.conditions.legend()
    if not ways.can_arrange:
        yield tell.words("ask.cannot_arrange")


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
            else Condition(fact, "in", format_members(values))
            for fact, values in way.items()
        ]
        for way in found
    ]


def _way(tell: Telling, conditions: Sequence[Condition]) -> str:
    arranged = all(tell.policy_set.facts[condition.fact].arrangeable for condition in conditions)
    if arranged:
        return tell.words("ask.arrange", condition=tell.conditions.arrangement(conditions))
    return tell.words("ask.were", condition=tell.conditions.sentence(conditions))


# --- How to go about it ----------------------------------------------------------------------------------


def steps(tell: Telling, steps: Sequence[Step] | None) -> Iterator[str]:
    """What to arrange, in order."""
    if not steps:
        return
    yield ""
    yield tell.heading("ask.steps")
    for number, step in enumerate(steps, start=1):
        yield indented(f"{number}. {_step(tell, step)}")
        if step.answer not in (None, "permitted"):
            yield from tell.reasons(step.because, 2)


def _step(tell: Telling, step: Step) -> str:
    fact = None
    if step.fact is not None:
        fact = tell.conditions.sentence([Condition(step.fact, "is", step.value or "")])
    if step.decision is None or step.answer is None:
        key = "ask.step_open" if step.now is None else "ask.step_arrange"
        what = tell.conditions.arrangement([Condition(step.fact or "", "is", step.value or "")])
        return tell.words(key, fact=what)
    told = tell.words(
        "ask.step", decision=tell.decision(step.decision), day=step.on, answer=tell.verdict(step.answer)
    )
    if fact is not None and step.effective is not None:
        told = tell.words("ask.step_effective", step=told, fact=fact, day=step.effective)
    if step.assuming:
        conditions = [Condition(name, "is", value) for name, value in step.assuming.items()]
        told = tell.words("ask.step_assuming", step=told, condition=tell.conditions.sentence(conditions))
    return told


# --- Over time -------------------------------------------------------------------------------------------


def timeline(tell: Telling) -> Iterator[str]:
    if not tell.report.timeline:
        return
    yield ""
    yield tell.heading("ask.timeline")
    for span in tell.report.timeline:
        key = "ask.span_usual" if span.answer == "depends" else "ask.span"
        answer, usual = tell.verdict(span.answer), tell.verdict(span.usual)
        told = text(key, days=_days(span.days), answer=answer, usual=usual)
        yield indented(tell.say(told))
        yield from tell.reasons(span.turned_by, 1)


def _days(span: DateSpan) -> Text:
    if span.first is None:
        return text("ask.always_so") if span.last is None else text("ask.until", last=span.last)
    if span.last is None:
        return text("ask.from", first=span.first)
    return text("ask.from_until", first=span.first, last=span.last)


# --- How much --------------------------------------------------------------------------------------------


def optima(tell: Telling) -> Iterator[str]:
    """The greatest and least values asked for."""
    if not tell.report.optima:
        return
    yield ""
    for optimum in tell.report.optima:
        of = tell.conditions.name(optimum.of)
        if optimum.value is None:
            yield tell.words("ask.no_optimum", of=of)
            continue
        told = {*tell.report.given, optimum.of}
        facts = {path: value for path, value in optimum.case.items() if path not in told}
        case = text("ask.with_case", story=tell.story(facts)) if facts else ""
        yield tell.words(_EXTREMES[optimum.goal, optimum.is_day], of=of, value=optimum.value, case=case)


def bill(tell: Telling) -> Iterator[str]:
    """The shares of the bill, each with what it rests on."""
    bill = tell.report.breakdown
    if bill is None:
        return
    yield ""
    name = tell.conditions.name(bill.total)
    yield tell.heading("ask.bill", total=name, amount=bill.amount)
    if bill.assumed:
        yield indented(tell.words("ask.assumed", story=tell.story(bill.assumed)))
    for line in bill.lines:
        share = tell.conditions.name(line.define)
        yield indented(tell.words("ask.bill_line", share=share, amount=line.amount))
        for number, payment in enumerate(line.payments, start=1):
            yield indented(_payment(tell, number, payment), 2)
            yield from tell.reasons(payment.because, 2)
        yield from tell.reasons(line.because, 1)


def _payment(tell: Telling, number: int, payment: BillPayment) -> str:
    who = tell.story(payment.facts) if payment.facts else text("ask.first_payer")
    if payment.answer == "permitted":
        return tell.words(
            "ask.payment", number=number, amount=payment.amount, available=payment.available, who=who
        )
    decision, answer = tell.decision(payment.decision), tell.verdict(payment.answer)
    return tell.words("ask.no_payment", number=number, decision=decision, answer=answer, who=who)


def _one_apart(way: Mapping[str, Sequence[str]], facts: Mapping[str, str]) -> bool:
    """Whether a change has one fact only that is not as in all of some others, and these differ in no other."""
    apart = [fact for fact, values in way.items() if [facts[fact]] != values]
    return len(apart) == 1
