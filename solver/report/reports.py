"""What the solver's questions are answered with: plain data, for any renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Literal

from policyc.dsl.binding.hypotheses import Hypothesis
from policyc.dsl.diagnostics.diagnostic import Cite, DateSpan, Diagnostic, Text
from policyc.dsl.diagnostics.source import Span
from policyc.dsl.model import Type


class ProofKind(Enum):
    """What can be shown to be so in every case."""

    NO_CONFLICT = "no-conflict"
    NO_CONFLICTING_VALUES = "no-conflicting-values"
    NO_SILENT_CASE = "no-silent-case"
    MANDATE_MET = "mandate-met"
    HOLDS = "holds"
    ALWAYS_SET = "always-set"
    TABLE_COMPLETE = "table-complete"


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that was shown to be so in every case, and by how many questions."""

    kind: ProofKind
    #: The mandate, assertion, parameter or table that it is about, if any.
    name: str | None
    decision: str | None
    side: str | None
    questions: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a second solver said to the questions that the first answered with "cannot happen"."""

    #: The second solver and its version.
    solver: str
    questions: int
    agreed: int
    seconds: float
    first: str
    #: How long the first took for the same questions.
    first_seconds: float


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of `check`: findings in order of file, line and code, acknowledged ones included."""

    findings: tuple[Diagnostic, ...]
    proved: tuple[Proof, ...]
    #: Files, policies and rules read.
    files: int
    policies: int
    rules: int
    #: Whether the questions that need a solver were left unasked because of errors in the text.
    stopped: bool
    #: `None` where nobody asked for it.
    verified: Verified | None = None


class ReasonEffect(StrEnum):
    """What speaks in an answer: rules of each kind, axioms, and the facts given."""

    PERMIT = "permit"
    FORBID = "forbid"
    REQUIRE = "require"
    MANDATE = "mandate"
    SET = "set"
    AXIOM = "axiom"
    GIVEN = "given"


class ReasonState(StrEnum):
    """What comes of it; in a timeline it begins or ends on a day."""

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
    """The part of one rule in an answer."""

    #: The rule, or the parameter or axiom, by name.
    rule: str
    effect: ReasonEffect
    side: str | None
    state: ReasonState
    beaten_by: str | None
    span: Span | None
    cites: tuple[Cite, ...]
    #: The rule's title, and the titles and dates of its sources, for people.
    title: str | None = None
    sources: tuple[Text, ...] = ()
    #: For a rule not in force: its first day, or its last (ISO text).
    first_day: str | None = None
    last_day: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """`fact op value`; `value` in the text form of `--set`, or an expression."""

    fact: str
    op: str
    value: str
    is_expression: bool = False


@dataclass(frozen=True, slots=True)
class TimelineSpan:
    """Days with one answer (`depends` where several are possible), and the rules that turn it on the first of
    them; their state is `begins` or `ends`."""

    days: DateSpan
    answer: str
    possible: tuple[str, ...]
    #: The answer where the facts not given have their usual values.
    usual: str
    turned_by: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Something to arrange on the way to a yes, or a decision to ask for. Days are ISO text."""

    #: The decision; `None` where the fact is simply arranged.
    decision: str | None
    #: The fact that it brings about, its value then and the value given for it now (`None`: not given). Without a
    #: fact the step is the decision that was asked about.
    fact: str | None
    value: str | None
    now: str | None
    on: str
    #: The answer of the decision on that day.
    answer: str | None
    #: The day from which the fact holds.
    effective: str | None
    #: Facts not given that must be otherwise than they usually are.
    assuming: Mapping[str, str]
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class BillPayment:
    """What one of several people pays of a share. `facts` are those in which they differ from the given ones;
    `decision` is the one that lets them pay or, where its answer is no yes, stands in the way."""

    facts: Mapping[str, str]
    available: str
    amount: str
    decision: str
    answer: str
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class BillLine:
    """A share of a bill: a definition by name, its amount, the rules behind it."""

    define: str
    amount: str
    because: tuple[Reason, ...]
    payments: tuple[BillPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class BillReport:
    """An amount (a fact) and the shares that make it up, in a case with some facts assumed."""

    total: str
    amount: str
    assumed: Mapping[str, str]
    lines: tuple[BillLine, ...]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The greatest (`maximize`) or least value of something, and the part of a case that gives it; both `None`
    and empty where it has no value. Of a decision or a condition only cases with a yes count."""

    of: str
    goal: str
    value: str | None
    case: Mapping[str, str]
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class Usual:
    """The answer when every fact not given has its usual value, and which were assumed."""

    answer: str
    assumed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """When something holds: in each case in which all conditions of one of these hold."""

    alternatives: tuple[tuple[Condition, ...], ...]
    #: Whether they are all.
    complete: bool


@dataclass(frozen=True, slots=True)
class WaysToYes:
    """What would turn a no into a yes."""

    #: Facts to change, the arrangeable ones first; the nearest day with a yes is one of the ways.
    changes: tuple[Mapping[str, str], ...]
    #: Whether there are no others.
    complete: bool
    #: Whether a yes can be had by arranging at all.
    can_arrange: bool
    #: The nearest days with a yes, all else being equal.
    days: DateSpan | None
    #: Whether every case with the given facts is a yes then, not only the usual one.
    every_case: bool


@dataclass(frozen=True, slots=True)
class ImpossibleCase:
    """No case has the given facts; those that exclude each other are the reasons."""


@dataclass(frozen=True, slots=True)
class DecisionAnswer:
    """What a decision comes to."""

    permitted_if: Alternatives
    change: WaysToYes | None
    #: The verdict in the plainest case; where the answer depends, `because` is of that case.
    plainest: str
    #: Every minimal set of reasons, where they were asked for.
    reasons: tuple[tuple[Reason, ...], ...] | None
    #: How to come to a yes, the decision itself last; where something is to be arranged.
    steps: tuple[Step, ...] | None


@dataclass(frozen=True, slots=True)
class ConditionAnswer:
    """Whether a condition holds."""

    permitted_if: Alternatives
    change: WaysToYes | None


@dataclass(frozen=True, slots=True)
class ValueAnswer:
    """The one value of an expression, which is the answer."""

    type: Type


@dataclass(frozen=True, slots=True)
class OpenValueAnswer:
    """An expression has several values; of numbers and days, the least and the greatest."""

    type: Type
    range: tuple[str, str] | None


AnswerKind = ImpossibleCase | DecisionAnswer | ConditionAnswer | ValueAnswer | OpenValueAnswer


@dataclass(frozen=True, slots=True)
class AskReport:
    """The result of `ask`: what all answers have, and what is told of one of its kind. Values are in the text form of
    `--set`."""

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
    #: The bill that the question is about, line by line, and what was to be made as great or small as can be.
    breakdown: BillReport | None = None
    optima: tuple[Optimum, ...] | None = None
    #: The answer over time, where it was asked for.
    timeline: tuple[TimelineSpan, ...] | None = None
    #: Under what supposition the answer was found, and the answer without it.
    hypothesis: Hypothesis | None = None
    in_truth: str | None = None
    #: The fields that there was no time to work out, or to work out to the end.
    cut: tuple[str, ...] = ()

    @property
    def type(self) -> Type | None:
        """Of a question for a value that some case has, its type."""
        return self.kind.type if isinstance(self.kind, ValueAnswer | OpenValueAnswer) else None


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """What came of one test; `finding` says why it is not `passed`."""

    name: str
    span: Span
    status: Literal["passed", "failed", "impossible", "undecided"]
    finding: Diagnostic | None


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """A rule, or a row of a table, and whether some test exercises it."""

    name: str
    #: `permit`, `forbid`, `require`, `mandate`, `set` or `row`.
    kind: str
    policy: str
    span: Span
    exercised: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every rule and row of a set, in order of file and place."""

    rules: tuple[CoveredRule, ...]

    @property
    def exercised(self) -> int:
        return sum(rule.exercised for rule in self.rules)

    def by_file(self) -> dict[str, dict[str, list[CoveredRule]]]:
        """Rules by path of file and name of policy."""
        found: dict[str, dict[str, list[CoveredRule]]] = {}
        for rule in self.rules:
            found.setdefault(rule.span.file.path, {}).setdefault(rule.policy, []).append(rule)
        return found

    @property
    def missing(self) -> tuple[CoveredRule, ...]:
        """What no test exercises."""
        return tuple(rule for rule in self.rules if not rule.exercised)


@dataclass(frozen=True, slots=True)
class TestReport:
    """The result of `test`, in order of file and line."""

    tests: tuple[TestOutcome, ...]
    coverage: Coverage | None

    def count(self, status: str) -> int:
        return sum(test.status == status for test in self.tests)


@dataclass(frozen=True, slots=True)
class Matrix:
    """One answer a cell: a verdict, `depends`, `impossible` or `undecided`, row by row."""

    cells: tuple[tuple[str, ...], ...]
    #: Of a usual matrix: facts not given that have no usual value, or cannot have it, and what they are.
    assumed: Mapping[str, tuple[str, ...]]

    @property
    def answers(self) -> tuple[str, ...]:
        """All cells in one line."""
        return tuple(answer for row in self.cells for answer in row)


@dataclass(frozen=True, slots=True)
class MatrixReport:
    """The result of `matrix`. Regions are codes; a decision of one side has no columns, but one cell a row."""

    decision: str
    level: str
    #: Whether cells are over all cases, not the usual one.
    every: bool
    row_fact: str
    column_fact: str | None
    #: All regions of the level; `rows` and `columns` are these, or the one that is given.
    regions: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...] | None
    given: Mapping[str, str]
    defaulted: tuple[str, ...]
    #: The fact that has a matrix for each value; without one, `matrices` has one entry, named by nothing.
    each: str | None
    matrices: Mapping[str, Matrix]
    story: Text | None
