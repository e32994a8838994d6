"""The next fact to ask for: among the relevant ones, the one most likely to settle the answer.

In: a question and the facts known so far. Out: a fact, or nothing once the answer is settled. The caller records
questions and answers; a fact that a person does not know is never asked for again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from policyc.dsl.model import BOOLEAN, Case, EnumType, Expr, Fact, Value, Verdict

from ..encoding.dependencies import decisions_read
from ..engine.context import CaseScope, SolverContext
from ..engine.witness import other_values, plainest, usual_value
from ..formula.terms import Term
from .relevance import Answers, deciding_facts, differing

#: The assumed probability of a usual value; the other values share the rest.
_USUAL = 0.7


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """A fact to ask for."""

    fact: Fact
    #: Its usual value, if that is possible with what is known.
    usual: Value | None
    #: For an enum, the members that are possible with what is known; else empty.
    options: tuple[str, ...]


class Interview:
    def __init__(self, context: SolverContext, subject: str | Expr) -> None:
        self.context = context
        self.subject = subject

    def next(self, known: Case, unknown: Collection[str]) -> NextQuestion | None:
        """The fact to ask for, given what is known and what cannot be known; `None` if no fact settles more. Facts that
        depend on decisions wait until these are settled."""
        if not isinstance(self.subject, str):
            for decision in dict.fromkeys(decisions_read(self.context.policy_set, self.subject)):
                question = Interview(self.context, decision).next(known, unknown)
                if question is not None:
                    return question
        scope = self.context.scope(known)
        examples = self._examples(scope)
        if len(examples) < 2:
            return None
        facts = [self.context.policy_set.facts[name] for name in self._deciding(scope, examples)]
        asked = [fact for fact in facts if fact.name not in unknown]
        usual = examples[0]
        fact = max(asked, key=lambda fact: self._decisive(scope, fact, usual), default=None)
        return None if fact is None else self._question(scope, fact, usual)

    def possible(self, known: Case) -> bool:
        """Whether some case has these facts."""
        return self.context.scope(known).possible([])

    @staticmethod
    def _question(scope: CaseScope, fact: Fact, case: Case) -> NextQuestion:
        own = usual_value(fact, case)
        options: list[str] = []
        if isinstance(fact.type, EnumType):
            members = scope.policy_set.enums[fact.type.name].members
            options = [member for member in members if scope.possible([scope.equals(fact, member)])]
        return NextQuestion(fact, own if own == case[fact.name] else None, tuple(options))

    # --- What is possible ---

    def _examples(self, scope: CaseScope) -> list[Case]:
        """Cases with different answers, the plainest first; only one if the answer is settled."""
        first = plainest(scope, ())
        if first is None:
            return []
        return [first, *([] if (other := scope.case([self._other(scope, first)])) is None else [other])]

    def _other(self, scope: CaseScope, case: Case) -> Term:
        """That the answer differs from that of a case."""
        return scope.factory.not_(self._answers(case)(scope)["same"])

    def _answers(self, case: Case) -> Answers:
        """Whether the answer is that of a case."""
        subject, evaluator = self.subject, self.context.evaluator

        def answers(scope: CaseScope) -> Mapping[str, Term]:
            if isinstance(subject, str):
                same = scope.decisions.decision(subject)[Verdict(evaluator.verdict(subject, case))]
            else:
                same = scope.expressions.equal_to(subject, evaluator.value(subject, case))
            return {"same": same, "other": scope.factory.not_(same)}

        return answers

    def _deciding(self, scope: CaseScope, examples: list[Case]) -> list[str]:
        """The relevant facts."""
        subject = self.subject
        if isinstance(subject, str):
            decision = subject

            def verdicts(scope: CaseScope) -> Mapping[str, Term]:
                return {verdict.value: term for verdict, term in scope.decisions.decision(decision).items()}

            return deciding_facts(scope, verdicts, differing(verdicts), examples)
        expression = subject

        def differ(one: CaseScope, two: CaseScope) -> Term:
            return one.expressions.differs(two.expressions, expression)

        return deciding_facts(scope, self._answers(examples[0]), differ, examples)

    # --- Decisiveness ---

    def _decisive(self, scope: CaseScope, fact: Fact, usual: Case) -> tuple[bool, float]:
        """A sort key: facts without a usual value first, since nothing is known without them; then by how likely the
        fact settles the answer. Among equals, the first declared wins."""
        own = usual_value(fact, usual)
        values = self._values(scope, fact, own)
        rest = [value for value in values if value != own]
        if own is None:
            weights = dict.fromkeys(values, 1 / len(values))
        else:
            weights = {own: _USUAL, **dict.fromkeys(rest, (1 - _USUAL) / max(len(rest), 1))}
        settled = partial(self._settles, scope, fact)
        return own is None, sum(weight for value, weight in weights.items() if settled(value))

    def _values(self, scope: CaseScope, fact: Fact, own: Value | None) -> list[Value]:
        """Likely values of a fact: all of a short list, else the usual one and a few more."""
        values = other_values(scope, fact)
        if fact.type != BOOLEAN and not isinstance(fact.type, EnumType) and own is not None:
            values = [own, *values]
        return list(dict.fromkeys(values))

    def _settles(self, scope: CaseScope, fact: Fact, value: Value) -> bool:
        """Whether there is at most one answer if a fact has a value (none if it cannot have it)."""
        here = scope.equals(fact, value)
        case = scope.case([here])
        return case is None or not scope.possible([here, self._other(scope, case)])
