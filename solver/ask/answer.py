"""One question over all completions of the given facts, and all that its answer says.

In: a context, what is asked, the facts known. Out: an `AskReport`. What the solver finds is replayed through the
reference evaluator before it is reported. How questions and facts are read is no matter here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from policyc.dsl.diagnostics.diagnostic import DateSpan, Text
from policyc.dsl.model import (
    BOOLEAN,
    DATE,
    DAY,
    NUMBERS,
    Case,
    Decision,
    DefineValue,
    Expr,
    Not,
    PolicySet,
    Value,
    Verdict,
    VerdictIs,
)
from policyc.dsl.model.values import format_case, format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Outcome
from policyc.dsl.system.limits import Undecided, share_of_time

from ..engine.context import CaseScope, SolverContext, replay
from ..engine.witness import extreme, plain, plainest, telling, usual_part
from ..formula.terms import Term
from ..report.describe import story
from ..report.reports import AskReport, BillReport, Optimum, Reason, Step, TimelineSpan, Usual
from .amounts import Goal, bill_report, format_outcome, optimum
from .bill import find_bill
from .counterfactuals import changes
from .dnf.cover import Alternatives, alternatives
from .options import Wishes
from .plan import steps
from .reasons import all_reasons, not_in_force, reasons_for, settings_read
from .relevance import Answers, Differ, deciding_facts, differing
from .timeline import timeline

T = TypeVar("T")

#: The part of the time left that one field of a report may take.
_SHARE = 0.4


@dataclass(slots=True)
class Inquiry:
    """One question, its facts known."""

    context: SolverContext
    question: str
    subject: str | Expr
    given: Mapping[str, Value]
    defaulted: tuple[str, ...]
    wishes: Wishes
    goals: Sequence[Goal] = ()
    #: Further people who pay: the facts of each that are otherwise than given.
    others: Sequence[Case] = ()
    #: The fields of the report that there was no time for.
    cut: dict[str, None] = field(default_factory=dict, init=False)

    @property
    def policy_set(self) -> PolicySet:
        return self.context.policy_set

    @property
    def yes(self) -> str | None:
        """The answer that is a yes; a question for a value has none."""
        if isinstance(self.subject, str):
            return Verdict.PERMITTED.value
        return "true" if self.subject.type == BOOLEAN else None

    def report(self) -> AskReport:
        """The answer. All of it is one question and has the time of one: what there is no time for, once the answer
        itself is known, is left out and named in `cut`."""
        self.cut.clear()
        with self.context.question():
            scope = self.context.scope(self.given)
            if not scope.possible([scope.valid]):
                return self._impossible()
            report = self._answer(scope)
            breakdown = self._in_time("breakdown", lambda: self._bill(scope), None)
            optima = self._in_time("optima", lambda: self._optima(scope), None)
            over = (
                self._in_time("timeline", self._timeline, tuple[TimelineSpan, ...]())
                if self.wishes.over
                else None
            )
        return replace(report, breakdown=breakdown, optima=optima, timeline=over, cut=tuple(self.cut))

    def _in_time(self, name: str, work: Callable[[], T], default: T) -> T:
        """A field of the report, if a part of the time that is left is enough for it."""
        try:
            with share_of_time(_SHARE):
                return work()
        except Undecided:
            self.cut[name] = None
            return default

    def _answer(self, scope: CaseScope) -> AskReport:
        if isinstance(self.subject, str):
            return self._decision(scope, self.policy_set.decisions[self.subject])
        if self.subject.type == BOOLEAN:
            return self._condition(scope, self.subject)
        return self._value(scope, self.subject)

    def answers(self, scope: CaseScope) -> Mapping[str, Term]:
        """When a decision or a condition is answered in each way."""
        if isinstance(self.subject, str):
            terms_of = scope.decisions.decision(self.subject)
            return {verdict.value: terms_of[verdict] for verdict in Verdict}
        outcomes: dict[str, Outcome] = {"true": True, "false": False, "undetermined": UNDETERMINED}
        terms = {
            name: scope.expressions.equal_to(self.subject, outcome) for name, outcome in outcomes.items()
        }
        return {**terms, "conflicting": scope.factory.not_(scope.factory.or_(terms.values()))}

    def _outcome(self, evaluator: Evaluator, case: Case) -> object:
        subject = self.subject
        return (
            evaluator.verdict(subject, case) if isinstance(subject, str) else evaluator.value(subject, case)
        )

    def _timeline(self) -> tuple[TimelineSpan, ...]:
        """The answer over time, of a decision or a condition."""
        spans = timeline(self.context, self.given, self.answers, self._outcome)
        return tuple(
            TimelineSpan(
                self._span(span.first, span.last),
                span.possible[0] if len(span.possible) == 1 else "depends",
                span.possible,
                span.usual[0] if len(span.usual) == 1 else "depends",
                span.turned_by,
            )
            for span in spans
        )

    def _bill(self, scope: CaseScope) -> BillReport | None:
        """The bill that the question is about; of a decision where the amount is given."""
        bill = find_bill(self.policy_set, self.subject)
        if bill is None or (isinstance(self.subject, str) and bill.total not in self.given):
            return None
        return bill_report(scope, bill, self.given, self.others)

    def _optima(self, scope: CaseScope) -> tuple[Optimum, ...] | None:
        where = [] if self.yes is None else [self.answers(scope)[self.yes]]
        return tuple(optimum(scope, goal, where) for goal in self.goals) or None

    def answer(self) -> str:
        """The answer alone."""
        with self.context.question():
            return self._bare_answer()

    def _bare_answer(self) -> str:
        scope = self.context.scope(self.given)
        example = scope.case([])
        if example is None:
            return "impossible"
        if isinstance(self.subject, str):
            found = [name for name, term in self.answers(scope).items() if scope.possible([term])]
            return found[0] if len(found) == 1 else "depends"
        outcome = self.context.evaluator.value(self.subject, example)
        same = scope.expressions.equal_to(self.subject, outcome)
        return (
            "depends" if scope.possible([scope.factory.not_(same)]) else format_outcome(outcome, self.subject)
        )

    def _examples(self, scope: CaseScope) -> dict[str, Case]:
        """The plainest case of each answer that is possible."""
        found: dict[str, Case] = {}
        for name, term in self.answers(scope).items():
            case = self._plain(scope, term)
            if case is not None:
                replay(self.context, case, partial(self._comes_to, name))
                found[name] = case
        return found

    def _plain(self, scope: CaseScope, term: Term) -> Case | None:
        """The plainest case in which a term holds, or the plainest that was found in time."""
        found = plain(scope, [term])
        if found is None:
            return None
        case, is_plainest = found
        if not is_plainest:
            self.cut["examples"] = None
        return case

    def _part(self, scope: CaseScope, case: Case, term: Term) -> dict[str, str]:
        """The part of a case that a term follows from, as small as could be made in time."""
        part, minimal = telling(scope, case, [term])
        if not minimal:
            self.cut["examples"] = None
        return self._formatted(part)

    # --- Decisions ---

    def _decision(self, scope: CaseScope, decision: Decision) -> AskReport:
        answers, examples = self.answers, self._examples(scope)
        if len(examples) == 1:
            ((verdict_name, case),) = examples.items()
            verdict, shared = Verdict(verdict_name), scope
        else:  # where the answer depends, the reasons are those of the usual answer
            usual = plainest(scope, [])
            assert usual is not None, "the given facts are possible"
            case, shared = usual, self.context.scope(usual)
            verdict = self.context.evaluator.verdict(decision.name, case)
        because = self._in_time(
            "because", lambda: self._because(shared, decision, verdict, case), list[Reason]()
        )
        report = replace(self._answered(scope, examples, answers, because), plainest=verdict.value)
        if self.wishes.all_reasons:
            sets = self._in_time(
                "reasons", lambda: all_reasons(shared, decision, verdict, case), list[list[Reason]]()
            )
            report = replace(report, reasons=tuple(map(tuple, sets)))
        if report.answer == Verdict.PERMITTED.value or not (report.can_arrange or report.permitted_if):
            return report
        return replace(report, steps=self._in_time("steps", lambda: self._steps(decision.name), None))

    def _because(self, scope: CaseScope, decision: Decision, verdict: Verdict, case: Case) -> list[Reason]:
        because = reasons_for(scope, decision, verdict, case)
        if DATE in self.given:  # else all days are looked at, those with other rules too
            because += not_in_force(scope, case, lambda e, c: e.verdict(decision.name, c))
        return because

    def _steps(self, decision: str) -> tuple[Step, ...] | None:
        """How to come to a yes."""
        facts = self.policy_set.facts

        def shown(name: str | None, value: Value | None) -> str | None:
            return None if name is None or value is None else format_value(value, facts[name].type)

        found = tuple(
            Step(
                doing.decision,
                doing.fact,
                shown(doing.fact, doing.value),
                shown(doing.fact, self.given.get(doing.fact or "")),
                format_value(doing.day, DAY),
                None if doing.verdict is None else doing.verdict.value,
                None if doing.effective is None else format_value(doing.effective, DAY),
                self._formatted(doing.assuming),
                doing.because,
            )
            for doing in steps(self.context, decision, self.given)
        )
        return found or None

    def _answered(
        self, scope: CaseScope, examples: Mapping[str, Case], answers: Answers, because: Sequence[Reason]
    ) -> AskReport:
        """The report on a question whose possible answers are known, each with an example."""
        settled = len(examples) == 1
        permitted_if = self._in_time(
            "permitted_if",
            lambda: self._permitted_if(scope, examples, answers),
            Alternatives((), complete=False),
        )
        answer = next(iter(examples)) if settled else "depends"
        depends_on = [] if settled else self._depends_on(scope, answers, differing(answers), examples)
        report = AskReport(
            question=self.question,
            answer=answer,
            possible=tuple(examples),
            given=self._formatted(self.given),
            defaulted=self.defaulted,
            usual=self._in_time("usual", lambda: self._usual(scope, answers, depends_on), None),
            because=tuple(dict.fromkeys(because)),
            depends_on=tuple(depends_on),
            permitted_if=permitted_if.alternatives,
            complete=permitted_if.complete,
            examples={name: self._part(scope, case, answers(scope)[name]) for name, case in examples.items()},
            story=self._story(),
        )
        if self.yes is None or self.yes in examples:
            return report
        return self._in_time("change", lambda: self._with_changes(report, scope, answers), report)

    def _depends_on(
        self, scope: CaseScope, answers: Answers, differ: Differ, examples: Mapping[str, Case]
    ) -> list[str]:
        cases = list(examples.values())
        return self._in_time("depends_on", lambda: deciding_facts(scope, answers, differ, cases), list[str]())

    def _with_changes(self, report: AskReport, scope: CaseScope, answers: Answers) -> AskReport:
        """The report on what is a yes in no case, with what would turn it into one."""
        yes, example = self.yes, plainest(scope, [])
        assert yes is not None
        assert example is not None, "the given facts are possible"
        claim = partial(self._comes_to, yes)
        found = changes(self.context, self.given, example, lambda scope: answers(scope)[yes], claim)
        ways = [self._formatted(facts) for facts in found.changes]
        span = None if found.days is None else self._span(*found.days)
        if span is not None:
            coming = span.first is not None and span.first > self._formatted(self.given)[DATE]
            ways.append({DATE: str(span.first if coming else span.last)})
        return replace(
            report,
            change=tuple(ways),
            change_complete=found.complete,
            can_arrange=found.can_arrange,
            yes_days=span,
            yes_every_case=found.every_case,
        )

    def _comes_to(self, answer: str, evaluator: Evaluator, case: Case) -> bool:
        if isinstance(self.subject, str):
            return evaluator.verdict(self.subject, case).value == answer
        return format_outcome(evaluator.value(self.subject, case), self.subject) == answer

    def _span(self, first: int, last: int) -> DateSpan:
        """Days as text; open where they reach the first or last day of the vocabulary."""
        fact = self.policy_set.facts[DATE]
        return DateSpan(
            None if first == fact.low else format_value(first, fact.type),
            None if last == fact.high else format_value(last, fact.type),
        )

    def _permitted_if(self, scope: CaseScope, examples: Mapping[str, Case], answers: Answers) -> Alternatives:
        """When the answer is yes: always, never, or in which alternatives."""
        yes = self.yes
        if yes is None or yes not in examples:
            return Alternatives((), complete=True)
        if len(examples) == 1:
            return Alternatives(((),), complete=True)
        return alternatives(scope, self.subject, answers(scope)[yes], examples[yes])

    def _usual(self, scope: CaseScope, answers: Answers, depends_on: Sequence[str]) -> Usual:
        """The answer when every fact not given has its usual value, and which of those that matter were
        assumed. Facts without a usual value stay open, and the answer may depend on them."""
        filled = usual_part(scope)
        assert filled is not None, "the given facts are possible"
        ordinary = self.context.scope(filled)
        terms = answers(ordinary)
        possible = [name for name, term in terms.items() if ordinary.possible([term, ordinary.valid])]
        assumed = {name: filled[name] for name in depends_on if name in filled}
        return Usual(possible[0] if len(possible) == 1 else "depends", self._formatted(assumed))

    # --- Conditions ---

    def _condition(self, scope: CaseScope, expression: Expr) -> AskReport:
        answers, examples = self.answers, self._examples(scope)
        because: list[Reason] = []
        if len(examples) == 1:
            (example,) = examples.values()
            because = self._in_time("because", lambda: self._why(scope, expression, example), list[Reason]())
        return self._answered(scope, examples, answers, because)

    def _why(self, scope: CaseScope, expression: Expr, example: Case) -> list[Reason]:
        because = self._verdict_reasons(scope, expression, example)
        return [*because, *self._settings_behind(scope, expression, example)]

    def _settings_behind(self, scope: CaseScope, expression: Expr, example: Case) -> list[Reason]:
        """The settings that a value rests on, and those that would count on another day."""
        because = settings_read(scope, expression, example)
        return [*because, *not_in_force(scope, example, lambda e, c: e.value(expression, c))]

    def _verdict_reasons(self, scope: CaseScope, expression: Expr, example: Case) -> list[Reason]:
        """Of a condition that is nothing but a verdict, why the decision is answered as it is."""
        decision = self._asked_verdict(expression)
        if decision is None:
            return []
        verdict = self.context.evaluator.verdict(decision, example)
        others = [term for other, term in scope.decisions.decision(decision).items() if other is not verdict]
        if scope.possible([scope.factory.or_(others)]):
            return []
        return reasons_for(scope, self.policy_set.decisions[decision], verdict, example)

    def _asked_verdict(self, expression: Expr) -> str | None:
        match expression:
            case VerdictIs(decision=decision):
                return decision
            case Not(operand=operand):
                return self._asked_verdict(operand)
            case DefineValue(define=define):
                return self._asked_verdict(self.policy_set.defines[define].value)
            case _:
                return None

    # --- Values ---

    def _value(self, scope: CaseScope, expression: Expr) -> AskReport:
        example = plainest(scope, [])
        assert example is not None, "the given facts are possible"
        outcome = self.context.evaluator.value(expression, example)
        shown = format_outcome(outcome, expression)

        def answers(scope: CaseScope) -> Mapping[str, Term]:
            same = scope.expressions.equal_to(expression, outcome)
            return {shown: same, "other": scope.factory.not_(same)}

        other = self._plain(scope, answers(scope)["other"])
        if other is None:
            because = self._in_time(
                "because", lambda: self._settings_behind(scope, expression, example), list[Reason]()
            )
            report = self._answered(scope, {shown: example}, answers, because)
            return replace(report, value=shown, type=expression.type)
        replay(self.context, other, lambda e, c: e.value(expression, c) != outcome)
        examples = {
            shown: example,
            format_outcome(self.context.evaluator.value(expression, other), expression): other,
        }
        depends_on = self._depends_on(
            scope, answers, lambda one, two: one.expressions.differs(two.expressions, expression), examples
        )
        return AskReport(
            question=self.question,
            answer="depends",
            possible=tuple(examples),
            given=self._formatted(self.given),
            defaulted=self.defaulted,
            usual=self._in_time("usual", lambda: self._usual(scope, answers, depends_on), None),
            because=(),
            depends_on=tuple(depends_on),
            complete=False,
            examples={name: self._telling(scope, expression, case) for name, case in examples.items()},
            range=self._in_time("range", lambda: self._range(scope, expression), None),
            type=expression.type,
            story=self._story(),
        )

    def _telling(self, scope: CaseScope, expression: Expr, case: Case) -> dict[str, str]:
        """The part of a case from which the value there follows."""
        outcome = self.context.evaluator.value(expression, case)
        return self._part(scope, case, scope.expressions.equal_to(expression, outcome))

    def _range(self, scope: CaseScope, expression: Expr) -> tuple[str, str] | None:
        """The least and the greatest value over all cases, for numbers and dates."""
        if expression.type not in NUMBERS:
            return None
        low, high = (extreme(scope, expression, greatest=greatest) for greatest in (False, True))
        if low is None or high is None:
            return None
        return format_value(low, expression.type), format_value(high, expression.type)

    # --- Impossible facts ---

    def _impossible(self) -> AskReport:
        whole = self.context.whole
        facts = self.policy_set.facts
        core = whole.minimal_core(
            {name: whole.equals(facts[name], value) for name, value in self.given.items()}
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

    def _story(self) -> Text | None:
        """The given facts but for the day, as a sentence."""
        given = {name: value for name, value in self.given.items() if name != DATE}
        return story(self.policy_set, given) if given else None

    def _formatted(self, case: Mapping[str, Value]) -> dict[str, str]:
        return format_case(self.policy_set, case)
