"""Answers one question over all completions of the given facts.

In: an inquiry. Out: an `AskReport`. Whatever the solver finds is replayed through the reference evaluator before it is
reported. `request.py` reads questions and facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from policyc.dsl import model
from policyc.dsl.diagnostics.diagnostic import Text
from policyc.dsl.model.values import format_value

from ..engine.context import CaseScope, replay
from ..engine.witness import extreme, plainest, usual_part
from ..formula.terms import Term
from ..report.answers import (
    Alternatives,
    AnswerKind,
    AskReport,
    BillReport,
    ConditionAnswer,
    DecisionAnswer,
    ImpossibleCase,
    OpenValueAnswer,
    Optimum,
    Reason,
    ReasonEffect,
    ReasonState,
    Step,
    TimelineSpan,
    Unfounded,
    Usual,
    ValueAnswer,
    WaysToYes,
)
from ..report.describe import format_outcome, story
from .amounts import bill_report, optimum
from .anytime import Anytime
from .bill import find_bill
from .counterfactuals import ways_to_yes
from .dnf.cover import alternatives
from .inquiry import Inquiry
from .plan import steps
from .reasons import all_reasons, not_in_force, reasons_for, settings_read
from .relevance import Answers, Differ, deciding_facts, differing
from .timeline import timeline


def ask_report(inquiry: Inquiry) -> AskReport:
    """The report. All of it has the time of one question: once the answer itself is known, parts that run out of time
    are left out and named in `cut`."""
    with inquiry.context.question():
        scope = inquiry.context.scope(inquiry.given)
        return _Answer(inquiry, scope).report() if scope.possible([scope.valid]) else _impossible(inquiry)


def _impossible(inquiry: Inquiry) -> AskReport:
    """The report of an impossible case: the facts and axioms that exclude each other."""
    whole, policy_set, given = inquiry.context.whole, inquiry.policy_set, inquiry.given
    facts, axioms = policy_set.facts, {axiom.name: axiom for axiom in policy_set.axioms}
    core = whole.minimal_core({name: whole.equals(facts[name], value) for name, value in given.items()})
    assert core is not None
    because = [
        Reason(
            name,
            ReasonEffect.AXIOM,
            None,
            ReasonState.FAILS,
            None,
            axioms[name].span,
            (),
            axioms[name].title,
        )
        if name in axioms
        else Reason(
            name,
            ReasonEffect.GIVEN,
            None,
            ReasonState.GIVEN,
            None,
            None,
            (),
            format_value(given[name], facts[name].type),
        )
        for name in core
    ]
    return AskReport(
        question=inquiry.question,
        answer="impossible",
        possible=(),
        given=inquiry.formatted(given),
        defaulted=inquiry.defaulted,
        because=tuple(because),
        kind=ImpossibleCase(),
        story=story(policy_set, {name: given[name] for name in core if name in given}),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """The answer to a question in the cases of a scope, which has some."""

    inquiry: Inquiry
    scope: CaseScope
    time: Anytime = field(default_factory=Anytime)

    def report(self) -> AskReport:
        report = self._of_kind()
        breakdown = self.time.share("breakdown", self._bill, None)
        optima = self.time.share("optima", self._optima, None)
        over: tuple[TimelineSpan, ...] | None = None
        if self.inquiry.wishes.over:
            over = self.time.share("timeline", self._timeline, tuple[TimelineSpan, ...]())
        return replace(report, breakdown=breakdown, optima=optima, timeline=over, cut=self.time.cut)

    def _of_kind(self) -> AskReport:
        subject = self.inquiry.subject
        if isinstance(subject, str):
            return self._decision(self.inquiry.policy_set.decisions[subject])
        return self._condition(subject) if subject.type == model.BOOLEAN else self._value(subject)

    def _reported(
        self,
        answer: str,
        examples: Mapping[str, model.Case],
        because: Sequence[Reason],
        answers: Answers,
        differ: Differ | None,
        implied: Callable[[str, model.Case], Term],
        kind: Callable[[], AnswerKind],
    ) -> AskReport:
        """The report, given the possible answers, each with an example. Without `differ` there is only one. The shown
        part of an example implies the term `implied`. `kind` is called last."""
        inquiry = self.inquiry
        depends_on = [] if differ is None else self._depends_on(answers, differ, examples)
        return AskReport(
            question=inquiry.question,
            answer=answer,
            possible=tuple(examples),
            given=inquiry.formatted(inquiry.given),
            defaulted=inquiry.defaulted,
            because=tuple(dict.fromkeys(because)),
            usual=self.time.share("usual", lambda: self._usual(answers, depends_on), None),
            depends_on=tuple(depends_on),
            examples={
                name: inquiry.formatted(self.time.abductive_explanation(self.scope, case, implied(name, case)))
                for name, case in examples.items()
            },
            story=self._story(),
            kind=kind(),
        )

    def _depends_on(self, answers: Answers, differ: Differ, examples: Mapping[str, model.Case]) -> list[str]:
        cases = list(examples.values())
        return self.time.share("depends_on", lambda: deciding_facts(self.scope, answers, differ, cases), list[str]())

    def _usual(self, answers: Answers, depends_on: Sequence[str]) -> Usual:
        """The answer if every fact not given has its usual value, and which relevant ones were assumed. Facts without a
        usual value stay open, and the answer may depend on them."""
        filled = usual_part(self.scope)
        assert filled is not None, "the given facts are possible"
        ordinary = self.inquiry.context.scope(filled)
        terms = answers(ordinary)
        possible = [name for name, term in terms.items() if ordinary.possible([term, ordinary.valid])]
        assumed = {name: filled[name] for name in depends_on if name in filled}
        answer = possible[0] if len(possible) == 1 else "depends"
        unfounded = tuple(self._unfounded(filled, assumed)) if answer == (self.inquiry.yes or answer) else ()
        return Usual(answer, self.inquiry.formatted(assumed), unfounded)

    def _unfounded(self, filled: model.Case, assumed: Iterable[str]) -> Iterator[Unfounded]:
        """The assumed values that a decision brings about which is not permitted to such a person: who must not link
        their account has no linked account. Only what norms ask about is taken from the usual case. Numbers and status,
        which requirements ask about, are those of a person who has come so far already."""
        context, facts = self.inquiry.context, self.inquiry.policy_set.facts
        for name in assumed:
            decision = facts[name].arranged_by
            if decision is None or filled[name] is False:
                continue
            read = self._read_by_norms(decision) - {name}
            scope = context.scope({other: value for other, value in filled.items() if other in read})
            if scope.possible([scope.decisions.decision(decision)[model.Verdict.PERMITTED], scope.valid]):
                continue
            case = plainest(scope, [])
            assert case is not None, "the usual facts are possible"
            verdict = context.evaluator.verdict(decision, case)
            yield Unfounded(name, format_value(filled[name], facts[name].type), decision, verdict.value)

    def _read_by_norms(self, decision: str) -> set[str]:
        """The facts that the norms of a decision ask about, with its places and the day."""
        policy_set, dependencies = self.inquiry.policy_set, self.inquiry.context.rule_index.dependencies
        found = {model.DATE, *(side.fact for side in policy_set.decisions[decision].sides)}
        for norm in policy_set.norms.values():
            if norm.decision == decision:
                found.update(*map(dependencies.expression, model.conditions(norm)))
        return found

    def _story(self) -> Text | None:
        """The given facts, except the day, as a sentence."""
        given = {name: value for name, value in self.inquiry.given.items() if name != model.DATE}
        return story(self.inquiry.policy_set, given) if given else None

    def _plainest(self) -> model.Case:
        case = plainest(self.scope, [])
        assert case is not None, "the given facts are possible"
        return case

    # --- Decisions and conditions ---

    def _yes_or_no(
        self,
        examples: Mapping[str, model.Case],
        because: Sequence[Reason],
        kind: Callable[[Alternatives, WaysToYes | None], AnswerKind],
    ) -> AskReport:
        answers, settled = self.inquiry.answers, len(examples) == 1
        permitted_if = self.time.share(
            "permitted_if", lambda: self._permitted_if(examples), Alternatives((), complete=False)
        )
        return self._reported(
            next(iter(examples)) if settled else "depends",
            examples,
            because,
            answers,
            None if settled else differing(answers),
            lambda name, _: answers(self.scope)[name],
            lambda: kind(permitted_if, self._change(examples)),
        )

    def _examples(self) -> dict[str, model.Case]:
        """The plainest case of each possible answer."""
        found: dict[str, model.Case] = {}
        for name, term in self.inquiry.answers(self.scope).items():
            case = self.time.plain(self.scope, term)
            if case is not None:
                replay(self.inquiry.context, case, self.inquiry.claim(name))
                found[name] = case
        return found

    def _permitted_if(self, examples: Mapping[str, model.Case]) -> Alternatives:
        """When the answer is yes: always, never, or in some alternatives."""
        yes = self.inquiry.yes
        if yes is None or yes not in examples:
            return Alternatives((), complete=True)
        if len(examples) == 1:
            return Alternatives(((),), complete=True)
        term = self.inquiry.answers(self.scope)[yes]
        return alternatives(self.scope, self.inquiry.subject, term, examples[yes])

    def _change(self, examples: Mapping[str, model.Case]) -> WaysToYes | None:
        """What would turn an answer that is never a yes into one."""
        yes = self.inquiry.yes
        if yes is None or yes in examples:
            return None
        return self.time.share("change", lambda: self._ways_to(yes), None)

    def _ways_to(self, yes: str) -> WaysToYes:
        inquiry, example = self.inquiry, self._plainest()
        claim = inquiry.claim(yes)
        return ways_to_yes(inquiry.context, inquiry.given, example, lambda scope: inquiry.answers(scope)[yes], claim)

    def _decision(self, decision: model.Decision) -> AskReport:
        context, examples = self.inquiry.context, self._examples()
        if len(examples) == 1:
            ((verdict_name, case),) = examples.items()
            verdict, shared = model.Verdict(verdict_name), self.scope
        else:  # if the answer depends, the reasons are those of the usual answer
            case = self._plainest()
            shared = context.scope(case)
            verdict = context.evaluator.verdict(decision.name, case)
        because = self.time.share("because", lambda: self._because(shared, decision, verdict, case), list[Reason]())

        def kind(permitted_if: Alternatives, change: WaysToYes | None) -> DecisionAnswer:
            reasons: tuple[tuple[Reason, ...], ...] | None = None
            if self.inquiry.wishes.all_reasons:
                sets = self.time.share(
                    "reasons", lambda: all_reasons(shared, decision, verdict, case), list[list[Reason]]()
                )
                reasons = tuple(map(tuple, sets))
            way: tuple[Step, ...] | None = None
            some_no = examples.keys() != {model.Verdict.PERMITTED.value}
            if some_no and (permitted_if.alternatives or (change is not None and change.can_arrange)):
                way = self.time.share("steps", lambda: steps(context, decision.name, self.inquiry.given) or None, None)
            return DecisionAnswer(permitted_if, change, verdict.value, reasons, way)

        return self._yes_or_no(examples, because, kind)

    def _because(
        self, scope: CaseScope, decision: model.Decision, verdict: model.Verdict, case: model.Case
    ) -> list[Reason]:
        because = reasons_for(scope, decision, verdict, case)
        if model.DATE in self.inquiry.given:  # otherwise the question covers all days, with all rules
            because += not_in_force(scope, case, lambda e, c: e.verdict(decision.name, c))
        return because

    def _condition(self, expression: model.Expr) -> AskReport:
        examples = self._examples()
        because: list[Reason] = []
        if len(examples) == 1:
            (example,) = examples.values()
            because = self.time.share("because", lambda: self._why(expression, example), list[Reason]())
        return self._yes_or_no(examples, because, ConditionAnswer)

    def _why(self, expression: model.Expr, example: model.Case) -> list[Reason]:
        because = self._verdict_reasons(expression, example)
        return [*because, *self._settings_behind(expression, example)]

    def _settings_behind(self, expression: model.Expr, example: model.Case) -> list[Reason]:
        """The settings that a value depends on, and those that would count on another day."""
        because = settings_read(self.scope, expression, example)
        return [*because, *not_in_force(self.scope, example, lambda e, c: e.value(expression, c))]

    def _verdict_reasons(self, expression: model.Expr, example: model.Case) -> list[Reason]:
        """The reasons of a verdict, if the condition only asks for a verdict."""
        scope, decision = self.scope, self._asked_verdict(expression)
        if decision is None:
            return []
        verdict = scope.context.evaluator.verdict(decision, example)
        others = [term for other, term in scope.decisions.decision(decision).items() if other is not verdict]
        if scope.possible([scope.factory.or_(others)]):
            return []
        return reasons_for(scope, scope.policy_set.decisions[decision], verdict, example)

    def _asked_verdict(self, expression: model.Expr) -> str | None:
        match expression:
            case model.VerdictIs(decision=decision):
                return decision
            case model.Not(operand=operand):
                return self._asked_verdict(operand)
            case model.DefineValue(define=define):
                return self._asked_verdict(self.scope.policy_set.defines[define].value)
            case _:
                return None

    # --- Values ---

    def _value(self, expression: model.Expr) -> AskReport:
        evaluator, type_ = self.inquiry.context.evaluator, expression.type
        example = self._plainest()
        outcome = evaluator.value(expression, example)
        shown = format_outcome(outcome, expression)

        def answers(scope: CaseScope) -> Mapping[str, Term]:
            same = scope.expressions.equal_to(expression, outcome)
            return {shown: same, "other": scope.factory.not_(same)}

        def differ(one: CaseScope, two: CaseScope) -> Term:
            return one.expressions.differs(two.expressions, expression)

        def implied(_: str, case: model.Case) -> Term:
            return self.scope.expressions.equal_to(expression, evaluator.value(expression, case))

        examples = {shown: example}
        other = self.time.plain(self.scope, answers(self.scope)["other"])
        if other is None:
            because = self.time.share("because", lambda: self._settings_behind(expression, example), list[Reason]())
            return self._reported(shown, examples, because, answers, None, implied, lambda: ValueAnswer(type_))
        replay(self.inquiry.context, other, lambda e, c: e.value(expression, c) != outcome)
        examples[format_outcome(evaluator.value(expression, other), expression)] = other

        def kind() -> OpenValueAnswer:
            return OpenValueAnswer(type_, self.time.share("range", lambda: self._range(expression), None))

        return self._reported("depends", examples, [], answers, differ, implied, kind)

    def _range(self, expression: model.Expr) -> tuple[str, str] | None:
        """The least and greatest value over all cases, for numbers and dates."""
        if expression.type not in model.NUMBERS:
            return None
        low, high = (extreme(self.scope, expression, greatest=greatest) for greatest in (False, True))
        if low is None or high is None:
            return None
        return format_value(low, expression.type), format_value(high, expression.type)

    # --- Optional parts ---

    def _bill(self) -> BillReport | None:
        """The bill that the question is about; for a decision, only if the amount is given."""
        inquiry = self.inquiry
        bill = find_bill(inquiry.policy_set, inquiry.subject)
        if bill is None or (isinstance(inquiry.subject, str) and bill.total not in inquiry.given):
            return None
        return bill_report(self.scope, bill, inquiry.given, inquiry.others)

    def _optima(self) -> tuple[Optimum, ...] | None:
        yes = self.inquiry.yes
        where = [] if yes is None else [self.inquiry.answers(self.scope)[yes]]
        return tuple(optimum(self.scope, goal, where) for goal in self.inquiry.goals) or None

    def _timeline(self) -> tuple[TimelineSpan, ...]:
        inquiry = self.inquiry
        return timeline(inquiry.context, inquiry.given, inquiry.answers, inquiry.outcome)
