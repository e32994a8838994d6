"""An inquiry: a question with known facts, its possible answers, and the actual one.

In: a context, the question, the known facts. Out: terms for the answers in a scope, the answer of a case, and the
answer alone. `answer.py` adds everything else of the report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from policyc.dsl.model import BOOLEAN, Case, Expr, PolicySet, Value, Verdict
from policyc.dsl.model.values import format_case
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Outcome

from ..engine.context import CaseScope, SolverContext
from ..formula.terms import Term
from ..report.describe import format_outcome
from .amounts import Goal
from .options import Wishes


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question with its known facts."""

    context: SolverContext
    question: str
    subject: str | Expr
    given: Mapping[str, Value]
    defaulted: tuple[str, ...]
    wishes: Wishes
    goals: Sequence[Goal] = ()
    #: Further payers: the facts of each that differ from those given.
    others: Sequence[Case] = ()

    @property
    def policy_set(self) -> PolicySet:
        return self.context.policy_set

    @property
    def yes(self) -> str | None:
        """The answer that is a yes; `None` for a question about a value."""
        if isinstance(self.subject, str):
            return Verdict.PERMITTED.value
        return "true" if self.subject.type == BOOLEAN else None

    def answers(self, scope: CaseScope) -> Mapping[str, Term]:
        """When a decision or a condition has each answer."""
        if isinstance(self.subject, str):
            terms_of = scope.decisions.decision(self.subject)
            return {verdict.value: terms_of[verdict] for verdict in Verdict}
        outcomes: dict[str, Outcome] = {"true": True, "false": False, "undetermined": UNDETERMINED}
        terms = {name: scope.expressions.equal_to(self.subject, outcome) for name, outcome in outcomes.items()}
        return {**terms, "conflicting": scope.factory.not_(scope.factory.or_(terms.values()))}

    def answer_of(self, evaluator: Evaluator, case: Case) -> str:
        """The answer of a case."""
        if isinstance(self.subject, str):
            return evaluator.verdict(self.subject, case).value
        return format_outcome(evaluator.value(self.subject, case), self.subject)

    def outcome(self, evaluator: Evaluator, case: Case) -> Verdict | Outcome:
        """The verdict or value in a case."""
        if isinstance(self.subject, str):
            return evaluator.verdict(self.subject, case)
        return evaluator.value(self.subject, case)

    def claim(self, answer: str) -> Callable[[Evaluator, Case], bool]:
        """The claim that a case has an answer."""
        return lambda evaluator, case: self.answer_of(evaluator, case) == answer

    def answer(self) -> str:
        """The answer alone."""
        with self.context.question():
            scope = self.context.scope(self.given)
            example = scope.case([])
            if example is None:
                return "impossible"
            if isinstance(self.subject, str):
                found = [name for name, term in self.answers(scope).items() if scope.possible([term])]
                return found[0] if len(found) == 1 else "depends"
            outcome = self.context.evaluator.value(self.subject, example)
            other = scope.factory.not_(scope.expressions.equal_to(self.subject, outcome))
            return "depends" if scope.possible([other]) else format_outcome(outcome, self.subject)

    def formatted(self, case: Case) -> dict[str, str]:
        return format_case(self.policy_set, case)
