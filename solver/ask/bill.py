"""Bills: how an amount divides into shares, each with the rules and table rows behind it.

In: a question, a case. Out: its lines. A bill is a fact and the definitions that add up to it: the one that is the
remainder (`cash = amount - fund - own - aid`), and the others. Several people can pay in turn if one definition says
how much one of them can pay, by a decision. The reference evaluator computes each amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policyc.dsl import model
from policyc.dsl.model.traversal import left_to_right, subexpressions, unfolded
from policyc.dsl.model.values import format_case, format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Outcome, State

from ..engine.context import SolverContext
from ..engine.witness import plainest
from ..report.answers import BillLine, BillPayment, Reason, ReasonState
from ..report.describe import format_outcome
from .plan import another_value
from .reasons import reason_of, reasons_for


@dataclass(frozen=True, slots=True)
class Bill:
    """`total` is a fact; the shares are definitions that add up to it, the last one the remainder."""

    total: str
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """What one person pays of a share, and how much they could pay."""

    #: The facts that differ for this person; none for the first.
    facts: Mapping[str, model.Value]
    available: int
    amount: int
    #: The decision that prevents payment, if any, and its verdict.
    decision: str
    verdict: model.Verdict
    because: tuple[Reason, ...]


def find_bill(policy_set: model.PolicySet, subject: str | model.Expr) -> Bill | None:
    """The bill that a question is about; among several, the one with the most shares."""
    found: list[Bill] = []
    for define in policy_set.defines.values():
        if define.value.type == model.MONEY and define.policy is None and isinstance(define.value, model.Sum):
            facts, shares = _summed(policy_set, define.value)
            positive = [name for name, sign in facts if sign > 0]
            if len(positive) == len(facts) == 1 and shares and all(sign < 0 for _, sign in shares):
                found.append(Bill(positive[0], (*(name for name, _ in shares), define.name)))
    concerned = [bill for bill in found if _concerns(policy_set, bill, subject)]
    return max(concerned, key=lambda bill: len(bill.shares), default=None)


#: The most summands of a bill that anyone would read.
_LONGEST_BILL = 100


def _summed(policy_set: model.PolicySet, whole: model.Expr) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The facts and definitions in a sum, with their signs; a sum with anything else is not a bill."""
    facts: list[tuple[str, int]] = []
    shares: list[tuple[str, int]] = []
    waiting = [(1, whole)]
    while waiting:
        sign, expression = waiting.pop()
        match expression:
            case model.Sum(operands=operands):
                waiting += [(sign * own, operand) for own, operand in reversed(operands)]
            case model.DefineValue(define=define) if isinstance(policy_set.defines[define].value, model.Sum):
                waiting.append((sign, policy_set.defines[define].value))
            case model.DefineValue(define=define):
                shares.append((define, sign))
            case model.FactValue(fact=fact):
                facts.append((fact, sign))
            case _:
                return [("", 1), ("", 1)], []
        if len(facts) + len(shares) + len(waiting) > _LONGEST_BILL:
            return [("", 1), ("", 1)], []
    return facts, shares


def _concerns(policy_set: model.PolicySet, bill: Bill, subject: str | model.Expr) -> bool:
    """Whether a question is about a share, something it is computed from, or a decision behind one."""
    values = [policy_set.defines[share].value for share in bill.shares]
    inner = [part for value in values for part in unfolded(policy_set, value)]
    if isinstance(subject, str):
        return any(isinstance(part, model.VerdictIs) and part.decision == subject for part in inner)
    known = {*bill.shares, *(part.define for part in inner if isinstance(part, model.DefineValue))}
    asked = unfolded(policy_set, subject, but=bill.shares)
    return subject.type == model.MONEY and any(
        isinstance(part, model.DefineValue) and part.define in known for part in asked
    )


# --- One payer ---------------------------------------------------------------------------------------------


def breakdown(context: SolverContext, bill: Bill, case: model.Case) -> list[BillLine]:
    return _Accounts(context, bill, case).breakdown()


class _Accounts:
    def __init__(self, context: SolverContext, bill: Bill, case: model.Case) -> None:
        self.context = context
        self.policy_set = context.policy_set
        self.bill = bill
        self.case = case

    def breakdown(self) -> list[BillLine]:
        return [self._line(share, self._amount(self.context.evaluator, share)) for share in self.bill.shares]

    def _line(self, share: str, amount: Outcome, payments: Sequence[Payment] = ()) -> BillLine:
        """A share with what it rests on: its payments or, without any, its own rules."""
        told = format_outcome(amount, self.policy_set.defines[share].value)
        paid = tuple(self._paid(payment) for payment in payments)
        return BillLine(share, told, () if paid else tuple(self._rules(share)), paid)

    def _paid(self, payment: Payment) -> BillPayment:
        return BillPayment(
            format_case(self.policy_set, payment.facts),
            format_value(payment.available, model.MONEY),
            format_value(payment.amount, model.MONEY),
            payment.decision,
            payment.verdict.value,
            payment.because,
        )

    def _amount(self, evaluator: Evaluator, define: str) -> Outcome:
        return evaluator.value(self.policy_set.defines[define].value, self.case)

    def _rules(self, share: str) -> Iterator[Reason]:
        """The settings that a share reads and the reasons of the decisions it depends on, except those listed under
        other shares."""
        found: dict[Reason, None] = {}
        value = self.policy_set.defines[share].value
        for part in unfolded(self.policy_set, value, inner=self._used, but=self.bill.shares):
            match part:
                case model.ParameterValue():
                    found.update(dict.fromkeys(self._settings(part)))
                case model.VerdictIs(decision=decision):
                    found.update(dict.fromkeys(self._decided(decision, self.case)[1]))
        yield from found

    def _used(self, expression: model.Expr) -> Sequence[model.Expr]:
        """The parts that an expression is computed from in the case, the last first; only the branch taken of a
        choice."""
        if not isinstance(expression, model.Choice):
            return left_to_right(expression)
        taken = self.context.evaluator.value(expression.condition, self.case)
        return [
            *([expression.otherwise] if taken is not True else []),
            *([expression.then] if taken is not False else []),
            expression.condition,
        ]

    def _settings(self, parameter: model.ParameterValue) -> Iterator[Reason]:
        for trace in self.context.evaluator.read_by(parameter, self.case):
            for rule in trace.settings:
                if rule.state is State.HAS_EFFECT:
                    yield reason_of(
                        self.policy_set.settings[rule.rule], ReasonState.HAS_EFFECT, self.case.get(model.DATE)
                    )

    def _decided(self, decision: str, case: model.Case) -> tuple[model.Verdict, tuple[Reason, ...]]:
        verdict = self.context.evaluator.verdict(decision, case)
        declared = self.policy_set.decisions[decision]
        return verdict, tuple(reasons_for(self.context.scope(case), declared, verdict, case))


# --- Several payers ----------------------------------------------------------------------------------------


def source(policy_set: model.PolicySet, bill: Bill) -> tuple[str, str] | None:
    """The definition of what one payer can pay, and the decision it depends on; `None` unless the shares have exactly
    one."""
    found: dict[str, str] = {}
    for share in bill.shares:
        for part in unfolded(policy_set, policy_set.defines[share].value):
            if isinstance(part, model.DefineValue) and part.type == model.MONEY and part.define not in bill.shares:
                inner = subexpressions(policy_set.defines[part.define].value)
                own = [verdict.decision for verdict in inner if isinstance(verdict, model.VerdictIs)]
                if own:
                    found[part.define] = own[0]
    return next(iter(found.items())) if len(found) == 1 else None


class ImpossiblePayer(Exception):
    """One of the further payers is impossible; `number` counts from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(f"payer {number} is impossible")
        self.number = number


def shared(
    context: SolverContext,
    bill: Bill,
    case: model.Case,
    given: model.Case,
    others: Sequence[model.Case],
    by: tuple[str, str],
) -> list[BillLine]:
    """The bill if further people, for whom some facts differ, pay in turn what is left. `by` is the `source` of the
    bill. Raises `ImpossiblePayer`."""
    return _Shared(context, bill, case, given, by).shared(others)


class _Shared(_Accounts):
    def __init__(
        self, context: SolverContext, bill: Bill, case: model.Case, given: model.Case, by: tuple[str, str]
    ) -> None:
        super().__init__(context, bill, case)
        self.given = given
        self.source, self.decision = by

    def shared(self, others: Sequence[model.Case]) -> list[BillLine]:
        verdict, because = self._decided(self.decision, self.case)
        payments = [Payment({}, self._available(self.case), 0, self.decision, verdict, because)]
        for number, facts in enumerate(others, start=1):
            case = self._case(facts)
            if case is None:
                raise ImpossiblePayer(number)
            payments.append(self._payment(facts, case))
        return self._summed(payments)

    def _case(self, facts: model.Case) -> model.Case | None:
        """The case with another payer: facts not given for them are usual, and the bill stays."""
        records = {self.policy_set.facts[name].record for name in facts} - {""}
        known = {
            name: value
            for name, value in self.case.items()
            if name in self.given or self.policy_set.facts[name].record not in records
        }
        return plainest(self.context.scope({**known, **facts}), ())

    def _available(self, case: model.Case) -> int:
        value = self.context.evaluator.value(self.policy_set.defines[self.source].value, case)
        return value if isinstance(value, int) else 0

    def _payment(self, facts: model.Case, case: model.Case) -> Payment:
        """What a further person can pay, if the rules allow another payer."""
        verdict, because = self._decided(self.decision, case)
        if verdict is model.Verdict.PERMITTED:
            for by, before in self._needed(case):
                other, why = self._decided(by, before)
                if other is not model.Verdict.PERMITTED:
                    return Payment(facts, 0, 0, by, other, why)
        return Payment(facts, self._available(case), 0, self.decision, verdict, because)

    def _needed(self, case: model.Case) -> Iterator[tuple[str, model.Case]]:
        """The decisions that made the facts true that the payment needs, and the case before each."""
        for name, fact in self.policy_set.facts.items():
            value = None if fact.arranged_by is None else another_value(self.context, fact, case)
            if fact.arranged_by is None or value is None:
                continue
            before = {**case, name: value}
            if self.context.evaluator.verdict(self.decision, before) is not model.Verdict.PERMITTED:
                yield fact.arranged_by, before

    def _summed(self, payments: Sequence[Payment]) -> list[BillLine]:
        """The shares as if one payer could pay the total of all; the share that grows is divided among the payers, in
        turn, each as much as they can pay."""
        available = sum(payment.available for payment in payments)
        with_all, without = self._with(available), self._with(0)
        lines = []
        for share in self.bill.shares:
            amount = self._amount(with_all, share)
            base = self._amount(without, share)
            own: list[Payment] = []
            if isinstance(amount, int) and isinstance(base, int) and amount > base:
                own = list(_in_turn(payments, amount))
            lines.append(self._line(share, amount, own))
        return lines

    def _with(self, available: int) -> Evaluator:
        """The evaluator of a set in which the payer can pay a certain amount."""
        define = self.policy_set.defines[self.source]
        value = model.Constant(available, type=model.MONEY, span=define.span)
        defines = {**self.policy_set.defines, define.name: replace(define, value=value)}
        return Evaluator(replace(self.policy_set, defines=defines))


def _in_turn(payments: Sequence[Payment], amount: int) -> Iterator[Payment]:
    left = amount
    for payment in payments:
        own = min(payment.available, left)
        left -= own
        yield replace(payment, amount=own)
