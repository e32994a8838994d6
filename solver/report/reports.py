"""Results of the solver's questions, as plain data for any renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Literal

from policyc.dsl.binding.hypotheses import Hypothesis
from policyc.dsl.diagnostics.diagnostic import Cite, DateSpan, Diagnostic, Text
from policyc.dsl.diagnostics.source import Span
from policyc.dsl.model import Expr, Type
from policyc.dsl.model.values import format_members


class ProofKind(Enum):
    """What can be proved of all cases."""

    NO_CONFLICT = "no-conflict"
    NO_CONFLICTING_VALUES = "no-conflicting-values"
    NO_SILENT_CASE = "no-silent-case"
    MANDATE_MET = "mandate-met"
    HOLDS = "holds"
    ALWAYS_SET = "always-set"
    TABLE_COMPLETE = "table-complete"


@dataclass(frozen=True, slots=True)
class Proof:
    """Something proved of all cases, and by how many questions."""

    kind: ProofKind
    #: The mandate, assertion, parameter or table concerned, if any.
    name: str | None
    decision: str | None
    side: str | None
    questions: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a second solver answered to the questions that the first found impossible."""

    #: The second solver and its version.
    solver: str
    questions: int
    agreed: int
    seconds: float
    first: str
    #: The time the first took for the same questions.
    first_seconds: float


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of `check`: findings in order of file, line and code; `verified` is `None` if not asked for."""

    findings: tuple[Diagnostic, ...]
    proved: tuple[Proof, ...]
    files: int
    policies: int
    rules: int
    #: Whether errors in the text kept the questions that need a solver from being asked.
    stopped: bool
    verified: Verified | None = None
    #: How many contradictions got no repairs: they are beyond the first.
    unrepaired: int = 0


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


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """The outcome of one test; `finding` says why it is not `passed`."""

    name: str
    span: Span
    status: Literal["passed", "failed", "impossible", "undecided"]
    finding: Diagnostic | None


@dataclass(frozen=True, slots=True)
class CoveredRule:
    """A rule or a row of a table, and whether some test exercises it."""

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
        """The rules and rows that no test exercises."""
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
    """One answer per cell, row by row: a verdict, `depends`, `impossible` or `undecided`."""

    cells: tuple[tuple[str, ...], ...]
    #: In a usual matrix: facts not given that have no usual value, or cannot have it, with their values.
    assumed: Mapping[str, tuple[str, ...]]

    @property
    def answers(self) -> tuple[str, ...]:
        """All cells in one line."""
        return tuple(answer for row in self.cells for answer in row)


@dataclass(frozen=True, slots=True)
class MatrixReport:
    """The result of `matrix`. Regions are codes; a decision with one side has no columns, but one cell per row."""

    decision: str
    level: str
    #: Whether each cell is over all cases instead of the usual one.
    every: bool
    row_fact: str
    column_fact: str | None
    #: All regions of the level; `rows` and `columns` are these, or the one region given.
    regions: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...] | None
    given: Mapping[str, str]
    defaulted: tuple[str, ...]
    #: The fact with one matrix per value; without one, `matrices` has a single entry without a name.
    each: str | None
    matrices: Mapping[str, Matrix]
    story: Text | None
