"""A bill line by line: how an amount falls into shares, each with the rules and table rows behind it.

In: a question, a case. Out: a `Breakdown`. A bill is an amount among the facts and definitions that add up to it:
the one that is what the others leave (`cash = amount - fund - own - aid`), and those others. Several people can
pay in turn where one definition says what can be had from one of them, by a decision; each amount is worked out by
the reference evaluator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from policyc.dsl.model import (
    MONEY,
    Case,
    Choice,
    Constant,
    DefineValue,
    Expr,
    FactValue,
    ParameterValue,
    PolicySet,
    Sum,
    Value,
    Verdict,
    VerdictIs,
)
from policyc.dsl.model.traversal import left_to_right, subexpressions, unfolded
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Outcome, State

from ..engine.context import SolverContext
from ..engine.witness import plainest
from ..report.reports import Reason, ReasonState
from .plan import another_value
from .reasons import reason_of, reasons_for


@dataclass(frozen=True, slots=True)
class Bill:
    """`total` is a fact; the shares, which add up to it, are definitions, the last of them what is left."""

    total: str
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """What one person pays of a share, and what could be had from them."""

    #: The facts in which this person differs; none for the first.
    facts: Mapping[str, Value]
    available: int
    amount: int
    #: The decision that stands in the way, if one does, and its verdict.
    decision: str
    verdict: Verdict
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One share: its definition, its amount, and the rules that it rests on."""

    define: str
    amount: Outcome
    because: tuple[Reason, ...]
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Breakdown:
    total: str
    amount: Value
    lines: tuple[Line, ...]


def find_bill(policy_set: PolicySet, subject: str | Expr) -> Bill | None:
    """The bill that a question is about: that of the most shares."""
    found: list[Bill] = []
    for define in policy_set.defines.values():
        if define.value.type == MONEY and define.policy is None and isinstance(define.value, Sum):
            facts, shares = _summed(policy_set, define.value)
            positive = [name for name, sign in facts if sign > 0]
            if len(positive) == len(facts) == 1 and shares and all(sign < 0 for _, sign in shares):
                found.append(Bill(positive[0], (*(name for name, _ in shares), define.name)))
    concerned = [bill for bill in found if _concerns(policy_set, bill, subject)]
    return max(concerned, key=lambda bill: len(bill.shares), default=None)


#: More summands than this are no bill that anyone reads.
_LONGEST_BILL = 100


def _summed(policy_set: PolicySet, whole: Expr) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """The facts and definitions that a sum is made of, with their signs; what is neither makes it no bill."""
    facts: list[tuple[str, int]] = []
    shares: list[tuple[str, int]] = []
    waiting = [(1, whole)]
    while waiting:
        sign, expression = waiting.pop()
        match expression:
            case Sum(operands=operands):
                waiting += [(sign * own, operand) for own, operand in reversed(operands)]
            case DefineValue(define=define) if isinstance(policy_set.defines[define].value, Sum):
                waiting.append((sign, policy_set.defines[define].value))
            case DefineValue(define=define):
                shares.append((define, sign))
            case FactValue(fact=fact):
                facts.append((fact, sign))
            case _:
                return [("", 1), ("", 1)], []
        if len(facts) + len(shares) + len(waiting) > _LONGEST_BILL:
            return [("", 1), ("", 1)], []
    return facts, shares


def _concerns(policy_set: PolicySet, bill: Bill, subject: str | Expr) -> bool:
    """Whether a question is about a share or what it is worked out from, or about a decision behind one."""
    values = [policy_set.defines[share].value for share in bill.shares]
    inner = [part for value in values for part in unfolded(policy_set, value)]
    if isinstance(subject, str):
        return any(isinstance(part, VerdictIs) and part.decision == subject for part in inner)
    known = {*bill.shares, *(part.define for part in inner if isinstance(part, DefineValue))}
    asked = unfolded(policy_set, subject, but=bill.shares)
    return subject.type == MONEY and any(
        isinstance(part, DefineValue) and part.define in known for part in asked
    )


# --- One payer ---------------------------------------------------------------------------------------------


def breakdown(context: SolverContext, bill: Bill, case: Case) -> Breakdown:
    return _Accounts(context, bill, case).breakdown()


class _Accounts:
    def __init__(self, context: SolverContext, bill: Bill, case: Case) -> None:
        self.context = context
        self.policy_set = context.policy_set
        self.bill = bill
        self.case = case

    def breakdown(self) -> Breakdown:
        lines = [
            Line(share, self._amount(self.context.evaluator, share), tuple(self._rules(share)))
            for share in self.bill.shares
        ]
        return Breakdown(self.bill.total, self.case[self.bill.total], tuple(lines))

    def _amount(self, evaluator: Evaluator, define: str) -> Outcome:
        return evaluator.value(self.policy_set.defines[define].value, self.case)

    def _rules(self, share: str) -> Iterator[Reason]:
        """The settings that a share reads and the reasons of the decisions it hangs on; those of other shares
        stand with these."""
        found: dict[Reason, None] = {}
        value = self.policy_set.defines[share].value
        for part in unfolded(self.policy_set, value, inner=self._used, but=self.bill.shares):
            match part:
                case ParameterValue():
                    found.update(dict.fromkeys(self._settings(part)))
                case VerdictIs(decision=decision):
                    found.update(dict.fromkeys(self._decided(decision, self.case)[1]))
        yield from found

    def _used(self, expression: Expr) -> Sequence[Expr]:
        """The parts that an expression is worked out from in the case, the last first: of a choice only the branch
        taken."""
        if not isinstance(expression, Choice):
            return left_to_right(expression)
        taken = self.context.evaluator.value(expression.condition, self.case)
        return [
            *([expression.otherwise] if taken is not True else []),
            *([expression.then] if taken is not False else []),
            expression.condition,
        ]

    def _settings(self, parameter: ParameterValue) -> Iterator[Reason]:
        for trace in self.context.evaluator.read_by(parameter, self.case):
            for rule in trace.settings:
                if rule.state is State.HAS_EFFECT:
                    yield reason_of(self.policy_set.settings[rule.rule], ReasonState.HAS_EFFECT)

    def _decided(self, decision: str, case: Case) -> tuple[Verdict, tuple[Reason, ...]]:
        verdict = self.context.evaluator.verdict(decision, case)
        declared = self.policy_set.decisions[decision]
        return verdict, tuple(reasons_for(self.context.scope(case), declared, verdict, case))


# --- Several payers ----------------------------------------------------------------------------------------


def source(policy_set: PolicySet, bill: Bill) -> tuple[str, str] | None:
    """The definition that says what can be had from one payer, and the decision it hangs on; `None` where the
    shares have no such thing, or several."""
    found: dict[str, str] = {}
    for share in bill.shares:
        for part in unfolded(policy_set, policy_set.defines[share].value):
            if isinstance(part, DefineValue) and part.type == MONEY and part.define not in bill.shares:
                inner = subexpressions(policy_set.defines[part.define].value)
                own = [verdict.decision for verdict in inner if isinstance(verdict, VerdictIs)]
                if own:
                    found[part.define] = own[0]
    return next(iter(found.items())) if len(found) == 1 else None


class ImpossiblePayer(Exception):
    """One of the further people who pay cannot exist; they are counted from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(f"payer {number} is impossible")
        self.number = number


def shared(
    context: SolverContext, bill: Bill, case: Case, given: Case, others: Sequence[Case], by: tuple[str, str]
) -> Breakdown:
    """The bill where further people, of whom some facts are otherwise, pay in turn what is left. `by` is the
    `source` of the bill. Raises `ImpossiblePayer`."""
    return _Shared(context, bill, case, given, by).shared(others)


class _Shared(_Accounts):
    def __init__(
        self, context: SolverContext, bill: Bill, case: Case, given: Case, by: tuple[str, str]
    ) -> None:
        super().__init__(context, bill, case)
        self.given = given
        self.source, self.decision = by

    def shared(self, others: Sequence[Case]) -> Breakdown:
        verdict, because = self._decided(self.decision, self.case)
        payments = [Payment({}, self._available(self.case), 0, self.decision, verdict, because)]
        for number, facts in enumerate(others, start=1):
            case = self._case(facts)
            if case is None:
                raise ImpossiblePayer(number)
            payments.append(self._payment(facts, case))
        return self._summed(payments)

    def _case(self, facts: Case) -> Case | None:
        """The case with another payer: what is not said of them is as usual, and the bill stays."""
        records = {self.policy_set.facts[name].record for name in facts} - {""}
        known = {
            name: value
            for name, value in self.case.items()
            if name in self.given or self.policy_set.facts[name].record not in records
        }
        return plainest(self.context.scope({**known, **facts}), ())

    def _available(self, case: Case) -> int:
        value = self.context.evaluator.value(self.policy_set.defines[self.source].value, case)
        return value if isinstance(value, int) else 0

    def _payment(self, facts: Case, case: Case) -> Payment:
        """What a further person can give, if the rules let them become one more."""
        verdict, because = self._decided(self.decision, case)
        if verdict is Verdict.PERMITTED:
            for by, before in self._needed(case):
                other, why = self._decided(by, before)
                if other is not Verdict.PERMITTED:
                    return Payment(facts, 0, 0, by, other, why)
        return Payment(facts, self._available(case), 0, self.decision, verdict, because)

    def _needed(self, case: Case) -> Iterator[tuple[str, Case]]:
        """The decisions that brought about what the payment needs, and the case before each."""
        for name, fact in self.policy_set.facts.items():
            value = None if fact.arranged_by is None else another_value(self.context, fact, case)
            if fact.arranged_by is None or value is None:
                continue
            before = {**case, name: value}
            if self.context.evaluator.verdict(self.decision, before) is not Verdict.PERMITTED:
                yield fact.arranged_by, before

    def _summed(self, payments: Sequence[Payment]) -> Breakdown:
        """The shares where all that can be had is had from one; the share that grows by it falls to the payers,
        to each in turn as much as can be had."""
        available = sum(payment.available for payment in payments)
        with_all, without = self._with(available), self._with(0)
        lines = []
        for share in self.bill.shares:
            amount = self._amount(with_all, share)
            base = self._amount(without, share)
            own: tuple[Payment, ...] = ()
            if isinstance(amount, int) and isinstance(base, int) and amount > base:
                own = tuple(_in_turn(payments, amount))
            lines.append(Line(share, amount, tuple(self._rules(share)) if not own else (), own))
        return Breakdown(self.bill.total, self.case[self.bill.total], tuple(lines))

    def _with(self, available: int) -> Evaluator:
        """The evaluator of a set in which a certain amount can be had."""
        define = self.policy_set.defines[self.source]
        value = Constant(available, type=MONEY, span=define.span)
        defines = {**self.policy_set.defines, define.name: replace(define, value=value)}
        return Evaluator(replace(self.policy_set, defines=defines))


def _in_turn(payments: Sequence[Payment], amount: int) -> Iterator[Payment]:
    left = amount
    for payment in payments:
        own = min(payment.available, left)
        left -= own
        yield replace(payment, amount=own)
