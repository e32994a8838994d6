"""`ask`: what a decision, a definition or any expression comes to in all cases where some facts are given.

In: a checked set, the question and the facts as typed. Out: an `AskReport`. The answer is over every
completion of the given facts; what the solver finds is replayed through the reference evaluator first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Literal

from ..dsl.diagnostic import Diagnostic, Text, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import (
    BOOLEAN,
    DATE,
    DAY,
    INT,
    MONEY,
    PERCENT,
    Case,
    Decision,
    DefineValue,
    Expr,
    PolicySet,
    Value,
    Verdict,
)
from ..dsl.outcomes import UNDETERMINED, Conflicting, Outcome, Undetermined
from ..dsl.question import Reader
from ..dsl.values import bounds_problem, format_value
from .alternatives import Alternatives, alternatives
from .answers import AskReport, Reason, Usual
from .claims import decisions_read, minimal_core
from .matters import Answers, deciding_facts, differing
from .prover import Prover, View, replay
from .reasons import not_in_force, reasons_for, settings_read
from .story import fact_name, story
from .terms import Term
from .witness import essential, extreme, plainest, usual_part

_NUMBERS = (INT, MONEY, PERCENT, DAY)


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
) -> AskReport:
    """Raises `AskError` for bad input and `Undecided` when time runs out (`timeout` is in seconds)."""
    reader = Reader(policy_set)
    asked = reader.question(question)
    facts = reader.facts(given)
    defaulted = _date(policy_set, reader, facts, on, today)
    if asked is not None:
        facts |= _regions(policy_set, reader, asked.subject, regions, facts)
    if asked is None or reader.diagnostics:
        raise AskError(text("ask.bad_input"), reader.diagnostics)
    prover = Prover(policy_set, timeout)
    inquiry = _Inquiry(prover, _named(policy_set, question, asked.subject), asked.subject, facts, defaulted)
    return inquiry.report()


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


@dataclass(slots=True)
class _Inquiry:
    """One question, its facts known."""

    prover: Prover
    question: str
    subject: str | Expr
    given: Mapping[str, Value]
    defaulted: tuple[str, ...]

    @property
    def policy_set(self) -> PolicySet:
        return self.prover.policy_set

    def report(self) -> AskReport:
        view = self.prover.view(self.given)
        if not view.possible([view.valid]):
            return self._impossible()
        if isinstance(self.subject, str):
            return self._decision(view, self.policy_set.decisions[self.subject])
        if self.subject.type == BOOLEAN:
            return self._condition(view, self.subject)
        return self._value(view, self.subject)

    # --- Decisions ---

    def _decision(self, view: View, decision: Decision) -> AskReport:
        def answers(view: View) -> Mapping[str, Term]:
            return {verdict.value: term for verdict, term in view.terms.decision(decision.name).items()}

        examples: dict[str, Case] = {}
        for verdict in Verdict:
            case = plainest(view, [answers(view)[verdict.value]])
            if case is not None:
                replay(self.prover, case, partial(_decides, decision.name, verdict))
                examples[verdict.value] = case
        because: list[Reason] = []
        if len(examples) == 1:
            ((verdict_name, example),) = examples.items()
            because = reasons_for(view, decision, Verdict(verdict_name), example)
            because += not_in_force(view, example, lambda e, c: e.verdict(decision.name, c))
        else:  # where the answer depends, the reasons are those of the usual answer
            usual = plainest(view, [])
            assert usual is not None, "the given facts are possible"
            verdict = self.prover.evaluator.verdict(decision.name, usual)
            because = reasons_for(self.prover.view(usual), decision, verdict, usual)
        return self._answered(view, examples, answers, because)

    def _answered(
        self, view: View, examples: Mapping[str, Case], answers: Answers, because: Sequence[Reason]
    ) -> AskReport:
        """The report on a question whose possible answers are known, each with an example."""
        settled = len(examples) == 1
        permitted_if = self._permitted_if(view, examples, answers)
        answer = next(iter(examples)) if settled else "depends"
        depends_on = (
            [] if settled else deciding_facts(view, answers, differing(answers), list(examples.values()))
        )
        return AskReport(
            question=self.question,
            answer=answer,
            possible=tuple(examples),
            given=self._formatted(self.given),
            defaulted=self.defaulted,
            usual=self._usual(view, answers, depends_on),
            because=tuple(dict.fromkeys(because)),
            depends_on=tuple(depends_on),
            permitted_if=permitted_if.alternatives,
            complete=permitted_if.complete,
            examples={
                name: self._formatted(essential(view, case, [answers(view)[name]]))
                for name, case in examples.items()
            },
            story=story(self.policy_set, {k: v for k, v in self.given.items() if k != DATE})
            if len(self.given) > (DATE in self.given)
            else None,
            fact_titles={name: fact_name(self.policy_set, name) for name in depends_on},
        )

    def _permitted_if(self, view: View, examples: Mapping[str, Case], answers: Answers) -> Alternatives:
        """When the answer is yes: always, never, or in which alternatives."""
        yes = next((name for name in (Verdict.PERMITTED.value, "true") if name in examples), None)
        if yes is None:
            return Alternatives((), complete=True)
        if len(examples) == 1:
            return Alternatives(((),), complete=True)
        return alternatives(view, self.subject, answers(view)[yes], examples[yes])

    def _usual(self, view: View, answers: Answers, depends_on: Sequence[str]) -> Usual:
        """The answer when every fact not given has its usual value, and which of those that matter were
        assumed. Facts without a usual value stay open, and the answer may depend on them."""
        filled = usual_part(view)
        assert filled is not None, "the given facts are possible"
        ordinary = self.prover.view(filled)
        terms = answers(ordinary)
        possible = [name for name, term in terms.items() if ordinary.possible([term, ordinary.valid])]
        assumed = {name: filled[name] for name in depends_on if name in filled}
        return Usual(possible[0] if len(possible) == 1 else "depends", self._formatted(assumed))

    # --- Conditions ---

    def _condition(self, view: View, expression: Expr) -> AskReport:
        def answers(view: View) -> Mapping[str, Term]:
            outcomes: dict[str, Outcome] = {"true": True, "false": False, "undetermined": UNDETERMINED}
            terms = {name: view.terms.equal_to(expression, outcome) for name, outcome in outcomes.items()}
            return {**terms, "conflicting": view.bank.not_(view.bank.or_(terms.values()))}

        examples: dict[str, Case] = {}
        for name, term in answers(view).items():
            case = plainest(view, [term])
            if case is not None:
                replay(self.prover, case, partial(_comes_to, expression, name))
                examples[name] = case
        because: list[Reason] = []
        if len(examples) == 1:
            (example,) = examples.values()
            because = settings_read(view, expression, example)
            because += not_in_force(view, example, lambda e, c: e.value(expression, c))
        return self._answered(view, examples, answers, because)

    # --- Values ---

    def _value(self, view: View, expression: Expr) -> AskReport:
        example = plainest(view, [])
        assert example is not None, "the given facts are possible"
        outcome = self.prover.evaluator.value(expression, example)
        shown = _shown(outcome, expression)

        def answers(view: View) -> Mapping[str, Term]:
            same = view.terms.equal_to(expression, outcome)
            return {shown: same, "other": view.bank.not_(same)}

        other = plainest(view, [answers(view)["other"]])
        if other is None:
            because = settings_read(view, expression, example)
            because += not_in_force(view, example, lambda e, c: e.value(expression, c))
            return replace(self._answered(view, {shown: example}, answers, because), value=shown)
        replay(self.prover, other, lambda e, c: e.value(expression, c) != outcome)
        examples = {shown: example, _shown(self.prover.evaluator.value(expression, other), expression): other}
        depends_on = deciding_facts(
            view, answers, lambda one, two: one.terms.differs(two.terms, expression), list(examples.values())
        )
        return AskReport(
            question=self.question,
            answer="depends",
            possible=tuple(examples),
            given=self._formatted(self.given),
            defaulted=self.defaulted,
            usual=self._usual(view, answers, depends_on),
            because=(),
            depends_on=tuple(depends_on),
            complete=False,
            examples={name: self._telling(view, expression, case) for name, case in examples.items()},
            range=self._range(view, expression),
            story=story(self.policy_set, {k: v for k, v in self.given.items() if k != DATE}),
            fact_titles={name: fact_name(self.policy_set, name) for name in depends_on},
        )

    def _telling(self, view: View, expression: Expr, case: Case) -> dict[str, str]:
        """The part of a case from which the value there follows."""
        outcome = self.prover.evaluator.value(expression, case)
        return self._formatted(essential(view, case, [view.terms.equal_to(expression, outcome)]))

    def _range(self, view: View, expression: Expr) -> tuple[str, str] | None:
        """The least and the greatest value over all cases, for numbers and dates."""
        if expression.type not in _NUMBERS:
            return None
        low, high = (extreme(view, expression, greatest=greatest) for greatest in (False, True))
        if low is None or high is None:
            return None
        return format_value(low, expression.type), format_value(high, expression.type)

    # --- Impossible facts ---

    def _impossible(self) -> AskReport:
        whole = self.prover.whole
        facts = self.policy_set.facts
        core = minimal_core(
            whole,
            whole.axioms,
            {name: whole.equals(facts[name], value) for name, value in self.given.items()},
        )
        assert core is not None
        axioms = {axiom.name: axiom for axiom in self.policy_set.axioms}
        because = [
            Reason(name, "axiom", None, "fails", None, axioms[name].span, (), axioms[name].title)
            if name in axioms
            else Reason(
                name, "given", None, "given", None, None, (), format_value(self.given[name], facts[name].type)
            )
            for name in core
        ]
        return AskReport(
            question=self.question,
            answer="impossible",
            possible=(),
            given=self._formatted(self.given),
            defaulted=self.defaulted,
            usual=None,
            because=tuple(because),
            story=story(self.policy_set, {name: self.given[name] for name in core if name in self.given}),
        )

    def _formatted(self, case: Mapping[str, Value]) -> dict[str, str]:
        facts = self.policy_set.facts
        return {name: format_value(case[name], facts[name].type) for name in facts if name in case}


def _decides(decision: str, verdict: Verdict, evaluator: Evaluator, case: Case) -> bool:
    return evaluator.verdict(decision, case) is verdict


def _comes_to(expression: Expr, shown: str, evaluator: Evaluator, case: Case) -> bool:
    return _shown(evaluator.value(expression, case), expression) == shown


def _shown(outcome: Outcome, expression: Expr) -> str:
    if isinstance(outcome, Undetermined):
        return "undetermined"
    if isinstance(outcome, Conflicting):
        return "conflicting"
    return format_value(outcome, expression.type)
