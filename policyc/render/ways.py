"""The optional parts of an answer: changes, steps, the answer over time, bills, greatest and least values.

In: the report of a question. Out: rows of text, none for parts not asked for. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policyc.dsl.diagnostics.diagnostic import DateSpan, Text, text
from policyc.dsl.model import DATE
from policyc.dsl.model.expression_text import expression_text
from policyc.solver.report.answers import BillPayment, Condition, Step, WaysToYes, Written

from .reasons import Wording, indented

#: The words for a greatest or least value, by the goal and by whether it is a day.
_EXTREMES = {
    ("maximize", False): "ask.maximize",
    ("minimize", False): "ask.minimize",
    ("maximize", True): "ask.latest",
    ("minimize", True): "ask.earliest",
}


# --- Changes ---


def change(wording: Wording, ways: WaysToYes | None) -> Iterator[str]:
    """What would turn the answer into a yes, and when."""
    if ways is None:
        return
    yield ""
    days = ways.days
    if days is not None:
        coming = days.first is not None and days.first > wording.report.given[DATE]
        keys = {(True, False): "ask.yes_from", (True, True): "ask.yes_between"}
        key = keys.get((coming, days.last is not None), "ask.yes_until")
        key = key if ways.every_case else f"{key}_usually"
        yield wording.words(key, first=days.first or "", last=days.last or "")
    shown = [_way(wording, facts) for facts in _ways(ways.changes)]
    if shown:
        yield wording.heading("ask.change" if ways.complete else "ask.change_among")
        yield from (indented(f"- {way}") for way in shown)
        yield from wording.conditions.legend()
    if not ways.can_arrange:
        yield wording.words("ask.cannot_arrange")


def _ways(changes: Sequence[Mapping[str, str]]) -> list[list[Condition]]:
    """The changes, except those of the date; changes that differ only in the value of one fact are merged."""
    found: list[dict[str, list[str]]] = []
    for facts in changes:
        if facts.keys() == {DATE}:
            continue
        way = next((way for way in found if way.keys() == facts.keys() and _differs_in_one(way, facts)), None)
        if way is None:
            found.append({fact: [value] for fact, value in facts.items()})
            continue
        for fact, value in facts.items():
            way[fact] = list(dict.fromkeys([*way[fact], value]))
    return [
        [
            Condition(fact, "is", values[0]) if len(values) == 1 else Condition(fact, "in", tuple(values))
            for fact, values in way.items()
        ]
        for way in found
    ]


def _way(wording: Wording, conditions: Sequence[Condition]) -> str:
    arranged = all(wording.policy_set.facts[condition.subject_text].arrangeable for condition in conditions)
    if arranged:
        return wording.words("ask.arrange", condition=wording.conditions.arrangement(conditions))
    return wording.words("ask.were", condition=wording.conditions.sentence(conditions))


# --- Steps -----------------------------------------------------------------------------------------------


def steps(wording: Wording, steps: Sequence[Step] | None) -> Iterator[str]:
    """What to arrange, in order."""
    if not steps:
        return
    yield ""
    yield wording.heading("ask.steps")
    for number, step in enumerate(steps, start=1):
        yield indented(f"{number}. {_step(wording, step)}")
        if step.answer not in (None, "permitted"):
            yield from wording.reasons(step.because, 2)


def _step(wording: Wording, step: Step) -> str:
    fact = None
    if step.fact is not None:
        fact = wording.conditions.sentence([Condition(step.fact, "is", step.value or "")])
    if step.decision is None or step.answer is None:
        key = "ask.step_open" if step.now is None else "ask.step_arrange"
        what = wording.conditions.arrangement([Condition(step.fact or "", "is", step.value or "")])
        return wording.words(key, fact=what)
    words = wording.words(
        "ask.step", decision=wording.decision(step.decision), day=step.on, answer=wording.verdict(step.answer)
    )
    if fact is not None and step.effective is not None:
        words = wording.words("ask.step_effective", step=words, fact=fact, day=step.effective)
    if step.assuming:
        conditions = [Condition(name, "is", value) for name, value in step.assuming.items()]
        words = wording.words("ask.step_assuming", step=words, condition=wording.conditions.sentence(conditions))
    return words


# --- Over time -------------------------------------------------------------------------------------------


def timeline(wording: Wording) -> Iterator[str]:
    if not wording.report.timeline:
        return
    yield ""
    yield wording.heading("ask.timeline")
    for span in wording.report.timeline:
        key = "ask.span_usual" if span.answer == "depends" else "ask.span"
        answer, usual = wording.verdict(span.answer), wording.verdict(span.usual)
        words = text(key, days=_days(span.days), answer=answer, usual=usual)
        yield indented(wording.say(words))
        yield from wording.reasons(span.turned_by, 1)


def _days(span: DateSpan) -> Text:
    if span.first is None:
        return text("ask.always_so") if span.last is None else text("ask.until", last=span.last)
    if span.last is None:
        return text("ask.from", first=span.first)
    return text("ask.from_until", first=span.first, last=span.last)


# --- Amounts ---------------------------------------------------------------------------------------------


def optima(wording: Wording) -> Iterator[str]:
    """The requested greatest and least values."""
    if not wording.report.optima:
        return
    yield ""
    for optimum in wording.report.optima:
        of = _goal(wording, optimum.of)
        if optimum.value is None:
            yield wording.words("ask.no_optimum", of=of)
            continue
        obvious = {*wording.report.given, optimum.of.text}
        facts = {path: value for path, value in optimum.case.items() if path not in obvious}
        case = text("ask.with_case", story=wording.story(facts)) if facts else ""
        yield wording.words(_EXTREMES[optimum.goal, optimum.is_day], of=of, value=optimum.value, case=case)


def _goal(wording: Wording, of: Written) -> Text | str:
    """What was to be greatest or least: by title if it was written as policyc writes it, else as it was written."""
    if of.text == expression_text(wording.policy_set, of.expression):
        return wording.conditions.name(of)
    return f"`{of.text}`"


def bill(wording: Wording) -> Iterator[str]:
    """The shares of the bill, each with its reasons."""
    bill = wording.report.breakdown
    if bill is None:
        return
    yield ""
    name = wording.conditions.name(bill.total)
    yield wording.heading("ask.bill", total=name, amount=bill.amount)
    if bill.assumed:
        yield indented(wording.words("ask.assumed", story=wording.story(bill.assumed)))
    for line in bill.lines:
        share = wording.conditions.defined(line.define)
        yield indented(wording.words("ask.bill_line", share=share, amount=line.amount))
        for number, payment in enumerate(line.payments, start=1):
            yield indented(_payment(wording, number, payment), 2)
            yield from wording.reasons(payment.because, 2)
        yield from wording.reasons(line.because, 1)


def _payment(wording: Wording, number: int, payment: BillPayment) -> str:
    who = wording.story(payment.facts) if payment.facts else text("ask.first_payer")
    if payment.answer == "permitted":
        return wording.words("ask.payment", number=number, amount=payment.amount, available=payment.available, who=who)
    decision, answer = wording.decision(payment.decision), wording.verdict(payment.answer)
    return wording.words("ask.no_payment", number=number, decision=decision, answer=answer, who=who)


def _differs_in_one(way: Mapping[str, Sequence[str]], facts: Mapping[str, str]) -> bool:
    """Whether a change differs from all changes of a way in the same single fact."""
    differing = [fact for fact, values in way.items() if [facts[fact]] != values]
    return len(differing) == 1
