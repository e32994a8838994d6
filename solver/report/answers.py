"""Answers of `ask`, as plain data for any renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from policyc.dsl.binding.hypotheses import Hypothesis
from policyc.dsl.diagnostics.diagnostic import Cite, DateSpan, Text
from policyc.dsl.diagnostics.source import Span
from policyc.dsl.model import Expr, Type
from policyc.dsl.model.values import format_members


class ReasonEffect(StrEnum):
    """The kind of a reason: a rule of each kind, an axiom, or a given fact."""

    PERMIT = "permit"
    FORBID = "forbid"
    REQUIRE = "require"
    MANDATE = "mandate"
    SET = "set"
    AXIOM = "axiom"
    GIVEN = "given"


class ReasonState(StrEnum):
    """The role of a reason; in a timeline, a rule begins or ends on a day."""

    HAS_EFFECT = "has-effect"
    BEATEN = "applies-but-beaten"
    FAILS = "fails"
    SET_ASIDE = "set-aside"
    NOT_IN_FORCE = "not-in-force"
    NO_PERMIT = "no-permit"
    GIVEN = "given"
    BEGINS = "begins"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Reason:
    """The role of one rule in an answer."""

    #: The rule, or the parameter or axiom, by name.
    rule: str
    effect: ReasonEffect
    side: str | None
    state: ReasonState
    beaten_by: str | None
    span: Span | None
    cites: tuple[Cite, ...]
    #: The rule's title, the titles and dates of its sources, and the places of those later than the day asked about.
    title: str | None = None
    sources: tuple[Text, ...] = ()
    later: tuple[int, ...] = ()
    #: For a rule not in force: its first day, or its last (ISO text).
    first_day: str | None = None
    last_day: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An expression with its text, by which it is compared."""

    text: str
    expression: Expr = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """`subject op value`: a fact or an expression, compared with a value in the text form of `--set`, with several as a
    set, or with an expression."""

    subject: str | Written
    op: str
    value: str | tuple[str, ...] | Written

    @property
    def subject_text(self) -> str:
        return self.subject.text if isinstance(self.subject, Written) else self.subject

    @property
    def value_text(self) -> str:
        match self.value:
            case Written(text=text):
                return text
            case tuple(members):
                return format_members(members)
            case str(value):
                return value


@dataclass(frozen=True, slots=True)
class TimelineSpan:
    """Days with one answer (`depends` if several are possible), and the rules that change it on the first of
    them; their state is `begins` or `ends`."""

    days: DateSpan
    answer: str
    possible: tuple[str, ...]
    #: The answer if the facts not given have their usual values.
    usual: str
    turned_by: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to arrange on the way to a yes, or a decision to ask for. Days are ISO text."""

    #: The decision; `None` if the fact is simply arranged.
    decision: str | None
    #: The fact that the step makes true, its value then and its given value now (`None`: not given). Without a fact,
    #: the step is the decision asked about.
    fact: str | None
    value: str | None
    now: str | None
    on: str
    #: The answer of the decision on that day.
    answer: str | None
    #: The day from which the fact holds.
    effective: str | None
    #: Facts not given that must differ from their usual values.
    assuming: Mapping[str, str]
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class BillPayment:
    """What one of several people pays of a share. `facts` are those that differ from the given ones; `decision` is the
    one that lets them pay or, unless its answer is a yes, prevents it."""

    facts: Mapping[str, str]
    available: str
    amount: str
    decision: str
    answer: str
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class BillLine:
    """A share of a bill: the name of a definition, its amount, the rules behind it."""

    define: str
    amount: str
    because: tuple[Reason, ...]
    payments: tuple[BillPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class BillReport:
    """An amount (a fact) and its shares, in a case with some facts assumed."""

    total: str
    amount: str
    assumed: Mapping[str, str]
    lines: tuple[BillLine, ...]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The greatest (`maximize`) or least value of something, and the part of a case that gives it; `None` and empty if
    it never has a value. For a decision or a condition, only cases with a yes count."""

    of: Written
    goal: str
    value: str | None
    case: Mapping[str, str]
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class Unfounded:
    """A usual value that a decision brings about which is permitted in no case of the usual answer."""

    fact: str
    value: str
    decision: str
    #: The verdict of that decision.
    answer: str


@dataclass(frozen=True, slots=True)
class Usual:
    """The answer if every fact not given has its usual value, and which values were assumed."""

    answer: str
    assumed: Mapping[str, str]
    #: What is assumed although it cannot come about.
    unfounded: tuple[Unfounded, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternatives:
    """When something holds: if all conditions of one alternative hold."""

    alternatives: tuple[tuple[Condition, ...], ...]
    #: Whether these are all alternatives.
    complete: bool


@dataclass(frozen=True, slots=True)
class WaysToYes:
    """What would turn a no into a yes."""

    #: Facts to change, arrangeable ones first; the nearest day with a yes is one of the changes.
    changes: tuple[Mapping[str, str], ...]
    #: Whether these are all changes.
    complete: bool
    #: Whether arranging anything can lead to a yes at all.
    can_arrange: bool
    #: The nearest days with a yes, all else being equal.
    days: DateSpan | None
    #: Whether every case with the given facts, not only the usual one, is a yes on these days.
    every_case: bool


@dataclass(frozen=True, slots=True)
class ImpossibleCase:
    """No case has the given facts; the reasons are those that exclude each other."""


@dataclass(frozen=True, slots=True)
class DecisionAnswer:
    """The answer to a question about a decision."""

    permitted_if: Alternatives
    change: WaysToYes | None
    #: The verdict in the plainest case; if the answer depends, `because` explains that case.
    plainest: str
    #: Every minimal set of reasons, if asked for.
    reasons: tuple[tuple[Reason, ...], ...] | None
    #: The steps to a yes, the decision itself last, if anything must be arranged.
    steps: tuple[Step, ...] | None


@dataclass(frozen=True, slots=True)
class ConditionAnswer:
    """Whether a condition holds."""

    permitted_if: Alternatives
    change: WaysToYes | None


@dataclass(frozen=True, slots=True)
class ValueAnswer:
    """An expression has one value, which is the answer."""

    type: Type


@dataclass(frozen=True, slots=True)
class OpenValueAnswer:
    """An expression has several values; for numbers and days, with the least and the greatest."""

    type: Type
    range: tuple[str, str] | None


AnswerKind = ImpossibleCase | DecisionAnswer | ConditionAnswer | ValueAnswer | OpenValueAnswer


@dataclass(frozen=True, slots=True)
class AskReport:
    """The result of `ask`: what all answers have in common, and `kind`. Values are in the text form of `--set`."""

    question: str
    answer: str
    possible: tuple[str, ...]
    given: Mapping[str, str]
    defaulted: tuple[str, ...]
    because: tuple[Reason, ...]
    kind: AnswerKind
    usual: Usual | None = None
    depends_on: tuple[str, ...] = ()
    examples: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: The given facts as a sentence, for people.
    story: Text | None = None
    #: The bill that the question is about, and the results of `maximize` and `minimize`.
    breakdown: BillReport | None = None
    optima: tuple[Optimum, ...] | None = None
    #: The answer over time, if asked for.
    timeline: tuple[TimelineSpan, ...] | None = None
    #: The hypothesis of the answer, and the answer without it.
    hypothesis: Hypothesis | None = None
    in_truth: str | None = None
    #: The fields that ran out of time, wholly or in part.
    cut: tuple[str, ...] = ()

    @property
    def is_never_yes(self) -> bool:
        """Whether the answer depends, but on what kind of a no it is."""
        if self.answer != "depends" or not isinstance(self.kind, DecisionAnswer | ConditionAnswer):
            return False
        found = self.kind.permitted_if
        return found.complete and not found.alternatives and "permitted_if" not in self.cut

    @property
    def type(self) -> Type | None:
        """The type of the value asked for, unless the case is impossible."""
        return self.kind.type if isinstance(self.kind, ValueAnswer | OpenValueAnswer) else None
