"""`ask`: what a decision, a definition or any expression comes to in all cases where some facts are given.

In: a checked set, the question and the facts as typed. Out: an `AskReport`. The answer is over every
completion of the given facts; what the solver finds is replayed through the reference evaluator first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from ..dsl.diagnostic import Diagnostic, Text, text
from ..dsl.hypotheses import suppose
from ..dsl.model import DATE, DefineValue, Expr, PolicySet, Value
from ..dsl.question import Reader
from ..dsl.values import bounds_problem
from .answers import AskReport
from .claims import decisions_read
from .inquiry import Inquiry
from .prover import Prover
from .wishes import Wishes


class AskError(Exception):
    """A question or a fact that is none: `text` says it, `diagnostics` show the places."""

    def __init__(self, message: Text, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message.key)
        self.text = message
        self.diagnostics = tuple(diagnostics)


def ask(
    policy_set: PolicySet,
    question: str,
    regions: Sequence[str],
    given: Mapping[str, str],
    *,
    on: date | Literal["any"] | None,
    today: date,
    timeout: float | None = None,
    wishes: Wishes | None = None,
) -> AskReport:
    """Raises `AskError` for bad input and `Undecided` when time runs out (`timeout` is in seconds)."""
    reader = Reader(policy_set)
    asked = reader.question(question)
    facts = reader.facts(given)
    defaulted = _date(policy_set, reader, facts, on, today)
    if asked is not None:
        facts |= _regions(policy_set, reader, asked.subject, regions, facts)
    wishes = wishes or Wishes()
    supposed, hypothesis = suppose(policy_set, reader, wishes.assume, wishes.without)
    if asked is None or reader.diagnostics:
        raise AskError(text("ask.bad_input"), reader.diagnostics)
    name = _named(policy_set, question, asked.subject)
    inquiry = Inquiry(Prover(supposed, timeout), name, asked.subject, facts, defaulted, wishes)
    report = inquiry.report()
    if supposed is policy_set:
        return report
    in_truth = replace(inquiry, prover=Prover(policy_set, timeout)).answer()
    return replace(report, hypothesis=hypothesis, in_truth=in_truth)


def _named(policy_set: PolicySet, question: str, subject: str | Expr) -> str:
    """The question by the name of what it asks, where it has one."""
    if isinstance(subject, str):
        return subject
    return subject.define if isinstance(subject, DefineValue) else question


def _date(
    policy_set: PolicySet,
    reader: Reader,
    facts: dict[str, Value],
    on: date | Literal["any"] | None,
    today: date,
) -> tuple[str, ...]:
    """Adds the day of the case; returns what was taken for granted."""
    fact = policy_set.facts.get(DATE)
    if fact is None:
        if on is not None and on != "any":
            raise AskError(text("ask.no_date"))
        return ()
    if (on is None and DATE in facts) or on == "any":
        return ()
    day = (today if on is None or on == "any" else on).toordinal()
    if facts.get(DATE, day) != day:
        raise AskError(text("ask.two_dates"))
    problem = bounds_problem(fact, day, fact.span)
    if problem is not None and on is not None:
        reader.diagnostics.append(problem)
    if problem is not None:
        return ()
    facts[DATE] = day
    return (DATE,) if on is None else ()


def _regions(
    policy_set: PolicySet,
    reader: Reader,
    subject: str | Expr,
    regions: Sequence[str],
    facts: Mapping[str, Value],
) -> dict[str, Value]:
    """Region arguments fill the sides of the decision in order."""
    if not regions:
        return {}
    names = (
        [subject] if isinstance(subject, str) else list(dict.fromkeys(decisions_read(policy_set, subject)))
    )
    if len(names) != 1:
        raise AskError(text("ask.which_decision", count=len(names)))
    sides = policy_set.decisions[names[0]].sides
    if len(regions) > len(sides):
        raise AskError(text("ask.many_regions", decision=names[0], count=len(sides)))
    found: dict[str, Value] = {}
    for side, written in zip(sides, regions, strict=False):
        if side.fact in facts:
            raise AskError(text("ask.region_twice", fact=side.fact))
        value = reader.value(policy_set.facts[side.fact], written)
        if value is not None:
            found[side.fact] = value
    return found
