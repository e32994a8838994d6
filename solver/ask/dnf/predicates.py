"""Predicates of conditions: on one fact, or on an expression over several.

A *subject* is a fact or an expression. It has *literals* for a case: simple statements true of the case, such as "is
not fitness", "at most 2000元", "not in 广东省". Literals kept together are *said* in few conditions. `cover.py` decides
which are kept.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from policyc.dsl import model
from policyc.dsl.model.expression_text import expression_text, spelled_out
from policyc.dsl.model.values import format_value

from ...engine.context import CaseScope
from ...formula.terms import Linear, Op, Term, number
from ...report.answers import Condition, Written


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A statement true of a case. An `exact` one fixes a fact at its value in the case."""

    term: Term
    exact: bool = False
    #: What the subject needs to state it as a condition.
    key: object = None


@dataclass(frozen=True, slots=True)
class Said:
    """A condition and its term."""

    condition: Condition
    term: Term


#: Whether a weaker term suffices in place of an exact literal.
Suffices = Callable[[Term], bool]


class Subject(ABC):
    """The subject of conditions: a fact or an expression."""

    def __init__(self, scope: CaseScope, name: str) -> None:
        self.scope = scope
        self.factory = scope.factory
        self.name = name

    @abstractmethod
    def literals(self, case: model.Case) -> list[Literal]:
        """The literals true of a case, the strongest first."""

    @abstractmethod
    def said(self, kept: Sequence[Literal], case: model.Case) -> list[Said]:
        """Conditions equivalent to the kept literals, or slightly stronger if that cannot be expressed."""

    def widened(self, exact: Literal, case: model.Case, suffices: Suffices) -> Sequence[Literal]:
        """The weakest literals that suffice in place of an exact one."""
        return [exact]

    def spoilers(self, literal: Literal, case: model.Case) -> Sequence[model.Value]:
        """Values of the fact that make a literal false, to try first; `()` if other facts are needed for that."""
        return ()

    def _said(self, op: str, value: str | tuple[str, ...], term: Term) -> Said:
        return Said(Condition(self.name, op, value), term)


# --- Truth values and members ------------------------------------------------------------------------------


class Truths(Subject):
    """A truth value."""

    def __init__(self, scope: CaseScope, fact: model.Fact) -> None:
        super().__init__(scope, fact.name)
        self.fact = fact

    def literals(self, case: model.Case) -> list[Literal]:
        return [Literal(self.scope.equals(self.fact, case[self.name]), exact=True)]

    def spoilers(self, literal: Literal, case: model.Case) -> Sequence[model.Value]:
        return [not case[self.name]]

    def said(self, kept: Sequence[Literal], case: model.Case) -> list[Said]:
        return [self._said("is", format_value(case[self.name], model.BOOLEAN), literal.term) for literal in kept]


class Members(Subject):
    """A member of an enum. Members that no comparison distinguishes are excluded together, unless `separate`."""

    def __init__(self, scope: CaseScope, fact: model.Fact, found: Sequence[Term], *, separate: bool) -> None:
        super().__init__(scope, fact.name)
        assert isinstance(fact.type, model.EnumType)
        self.fact = fact
        self.members = list(scope.policy_set.enums[fact.type.name].members)
        self.named = named_sets(scope.policy_set, fact.type)
        groups: dict[object, list[str]] = {}
        for place, member in enumerate(self.members):
            signature = member if separate else tuple(_holds_at(term, place) for term in found)
            groups.setdefault(signature, []).append(member)
        self.groups = [tuple(group) for group in groups.values()]

    def literals(self, case: model.Case) -> list[Literal]:
        own = case[self.name]
        return [Literal(self.factory.not_(self._among(group)), key=group) for group in self.groups if own not in group]

    def spoilers(self, literal: Literal, case: model.Case) -> Sequence[model.Value]:
        return self._group(literal)

    def said(self, kept: Sequence[Literal], case: model.Case) -> list[Said]:
        excluded = {member for literal in kept for member in self._group(literal)}
        return self.among([member for member in self.members if member not in excluded])

    def among(self, allowed: Sequence[str]) -> list[Said]:
        """That the fact is one of some members, in order."""
        left_out = [member for member in self.members if member not in allowed]
        if not left_out:
            return []
        term = self._among(allowed)
        if len(left_out) == 1 < len(allowed):
            return [self._said("is not", left_out[0], term)]
        if len(allowed) == 1:
            return [self._said("is", allowed[0], term)]
        if len(left_out) < len(allowed) and frozenset(allowed) not in self.named:
            return [self._said("not in", tuple(left_out), term)]
        return [self._said("in", tuple(allowed), term)]

    def length(self, allowed: Sequence[str]) -> int:
        """The length of a condition that the fact is one of some members."""
        return 1 if frozenset(allowed) in self.named else min(len(allowed), len(self.members) - len(allowed))

    @staticmethod
    def _group(literal: Literal) -> tuple[str, ...]:
        assert isinstance(literal.key, tuple)
        return literal.key

    def _among(self, members: Iterable[str]) -> Term:
        return self.factory.or_(self.scope.equals(self.fact, member) for member in members)


# --- Numbers and days --------------------------------------------------------------------------------------


class Numbers(Subject):
    """A number or a day, with the cuts of its comparisons."""

    def __init__(self, scope: CaseScope, fact: model.Fact, found: Sequence[Term]) -> None:
        super().__init__(scope, fact.name)
        self.fact = fact
        self.number = scope.symbolic.number(fact)
        self.low, self.high = scope.symbolic.range(fact)
        cuts: set[int] = set()
        self.points: list[int] = []
        for term in found:
            assert term.linear is not None
            ((coefficient, _),) = term.linear.parts
            constant = term.linear.constant
            if term.op is Op.EQUALS:
                if constant % coefficient == 0:
                    point = -constant // coefficient
                    self.points.append(point)
                    cuts |= {point - 1, point}
            elif coefficient > 0:
                cuts.add(-constant // coefficient)
            else:
                cuts.add(-(-constant // -coefficient) - 1)  # the number below the least for which it holds
        self.cuts = sorted(cut for cut in cuts if self.low <= cut < self.high)

    def literals(self, case: model.Case) -> list[Literal]:
        own = self._own(case)
        above = [cut for cut in self.cuts if own <= cut]
        below = [cut + 1 for cut in self.cuts if cut < own]
        found = [Literal(self._between(own, own), exact=True, key=(own, own))]
        found += [self._literal(self.low, cut) for cut in above]
        found += [self._literal(first, self.high) for first in reversed(below)]
        found += [
            Literal(self.factory.not_(self._between(point, point)), key=point) for point in self.points if point != own
        ]
        return found

    def spoilers(self, literal: Literal, case: model.Case) -> Sequence[model.Value]:
        if isinstance(literal.key, int):
            return [literal.key]
        assert isinstance(literal.key, tuple)
        first, last = literal.key
        return [value for value in (first - 1, last + 1) if self.low <= value <= self.high]

    def widened(self, exact: Literal, case: model.Case, suffices: Suffices) -> Sequence[Literal]:
        """The widest span around the value that suffices: first extended upwards, then downwards."""
        own = self._own(case)
        first, last = own, own
        last = _furthest(own, self.high, lambda end: suffices(self._between(first, end)))
        first = -_furthest(-own, -self.low, lambda end: suffices(self._between(-end, last)))
        return [Literal(self._between(first, last), key=(first, last))]

    def said(self, kept: Sequence[Literal], case: model.Case) -> list[Said]:
        spans = [literal.key for literal in kept if isinstance(literal.key, tuple)]
        first = max((span[0] for span in spans), default=self.low)
        last = min((span[1] for span in spans), default=self.high)
        found: list[Said] = []
        if first == last:
            found.append(self._said("is", self._text(first), self._between(first, last)))
        else:
            if first > self.low:
                op, end = self._end(">=", ">", first, first - 1)
                found.append(self._said(op, end, self._between(first, self.high)))
            if last < self.high:
                op, end = self._end("<=", "<", last, last + 1)
                found.append(self._said(op, end, self._between(self.low, last)))
        found += [
            self._said("is not", self._text(literal.key), literal.term)
            for literal in kept
            if isinstance(literal.key, int) and first <= literal.key <= last
        ]
        return found

    def _end(self, closed: str, open_: str, end: int, beyond: int) -> tuple[str, str]:
        """The condition for an end of a span, with the rounder of two adjacent values; for days, always the last
        inside."""
        inside, outside = self._text(end), self._text(beyond)
        if self.fact.type != model.DAY and len(outside) < len(inside):
            return open_, outside
        return closed, inside

    def _own(self, case: model.Case) -> int:
        own = case[self.name]
        assert isinstance(own, int)
        return own

    def _text(self, value: int) -> str:
        return format_value(value, self.fact.type)

    def _literal(self, first: int, last: int) -> Literal:
        return Literal(self._between(first, last), key=(first, last))

    def _between(self, first: int, last: int) -> Term:
        return between(self.scope, self.number, first, last)


def between(scope: CaseScope, value: Linear, first: int, last: int) -> Term:
    """That a number lies between two others, inclusive."""
    return scope.factory.and_((scope.factory.at_most(number(first), value), scope.factory.at_most(value, number(last))))


def _furthest(start: int, end: int, suffices: Callable[[int], bool]) -> int:
    """The greatest number from `start` to `end` that suffices, assuming that all smaller ones do."""
    if suffices(end):
        return end
    good, bad = start, end
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if suffices(middle) else (good, middle)
    return good


def _holds_at(term: Term, value: int) -> bool:
    """Whether a comparison of one variable holds for a value."""
    assert term.linear is not None
    ((coefficient, _),) = term.linear.parts
    result = coefficient * value + term.linear.constant
    return result <= 0 if term.op is Op.AT_MOST else result == 0


# --- Expressions -------------------------------------------------------------------------------------------

_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "is": "is not", "in": "not in"}


class Relation(Subject):
    """A comparison of several facts, or a definition of one."""

    def __init__(self, scope: CaseScope, expression: model.Expr) -> None:
        super().__init__(scope, expression_text(scope.policy_set, expression))
        self.expression = expression
        self.true, self.false = scope.expressions.holds(expression), scope.expressions.fails(expression)

    def literals(self, case: model.Case) -> list[Literal]:
        return [
            Literal(term, key=truth)
            for truth, term in ((True, self.true), (False, self.false))
            if self.scope.holds(term, case)
        ]

    def said(self, kept: Sequence[Literal], case: model.Case) -> list[Said]:
        return [Said(self._condition(bool(literal.key)), literal.term) for literal in kept]

    def _condition(self, truth: bool) -> Condition:
        policy_set = self.scope.policy_set
        found = comparison_of(policy_set, self.expression, truth=truth)
        return found or Condition(_subject(policy_set, self.expression), "is", format_value(truth, model.BOOLEAN))


def comparison_of(policy_set: model.PolicySet, expression: model.Expr, *, truth: bool) -> Condition | None:
    """A comparison of expressions, or its negation, as a condition on a fact that stands alone on one side, if any;
    `None` if the expression is not a comparison."""

    def compared(left: model.Expr, op: str, right: model.Expr) -> Condition:
        op = op if truth else _NEGATED[op]
        return Condition(_subject(policy_set, left), op, Written(expression_text(policy_set, right), right))

    match expression:
        case model.Equal(left=left, right=model.FactValue() as fact) if not isinstance(left, model.FactValue):
            return compared(fact, "is", left)
        case model.Equal(left=left, right=right):
            return compared(left, "is", right)
        case model.Less(left=left, right=model.FactValue() as fact, strict=strict) if not isinstance(
            left, model.FactValue
        ):
            return compared(fact, ">" if strict else ">=", left)
        case model.Less(left=left, right=right, strict=strict):
            return compared(left, "<" if strict else "<=", right)
        case model.Within(inner=left, outer=right) | model.MemberOf(element=left, collection=right):
            return compared(left, "in", right)
        case _:
            return None


def condition_of(policy_set: model.PolicySet, expression: model.Expr, *, truth: bool) -> Condition | None:
    """An expression, or its negation, as a condition; `None` if only its text can express it."""
    match expression:
        case model.FactValue() | model.DefineValue() | model.ParameterValue():
            return Condition(_subject(policy_set, expression), "is", format_value(truth, model.BOOLEAN))
        case model.Equal(left=model.FactValue(fact=fact), right=model.Constant(value=value, type=type_)):
            return Condition(fact, "is" if truth else "is not", format_value(value, type_))
        case (
            model.MemberOf(element=model.FactValue(fact=fact), collection=model.Constant() as right)
            | model.Within(inner=model.FactValue(fact=fact), outer=model.Constant() as right)
        ):
            values = right.value
            members = tuple(sorted(values)) if isinstance(values, frozenset) else format_value(values, right.type)
            return Condition(fact, "in" if truth else "not in", members)
        case model.Less(left=model.FactValue(fact=fact), right=model.Constant(value=value, type=type_), strict=strict):
            op = "<" if strict else "<="
            return Condition(fact, op if truth else _NEGATED[op], format_value(value, type_))
        case model.Less(left=model.Constant(value=value, type=type_), right=model.FactValue(fact=fact), strict=strict):
            op = ">" if strict else ">="
            return Condition(fact, op if truth else _NEGATED[op], format_value(value, type_))
        case _:
            return comparison_of(policy_set, expression, truth=truth)


def _subject(policy_set: model.PolicySet, expression: model.Expr) -> str | Written:
    """An expression as the subject of a condition."""
    match spelled_out(policy_set, expression):
        case model.FactValue(fact=fact):
            return fact
        case _:
            return Written(expression_text(policy_set, expression), expression)


def named_comparisons(
    scope: CaseScope, conditions: Sequence[model.DefineValue]
) -> Mapping[model.Expr, model.DefineValue]:
    """Definitions that consist of one comparison, by that comparison."""
    defines = scope.policy_set.defines
    found: dict[model.Expr, model.DefineValue] = {}
    for condition in conditions:
        body = defines[condition.define].value
        if isinstance(body, model.Equal | model.Less | model.Within | model.MemberOf):
            found.setdefault(body, condition)
    return found


def named_sets(policy_set: model.PolicySet, type_: model.EnumType) -> Mapping[frozenset[str], model.Define]:
    """The sets of members that have a name in the vocabulary."""
    found: dict[frozenset[str], model.Define] = {}
    for define in policy_set.defines.values():
        match define.value:
            case model.Constant(value=frozenset() as members, type=model.SetType(enum=type_.name)) if (
                define.policy is None
            ):
                found.setdefault(members, define)
    return found
