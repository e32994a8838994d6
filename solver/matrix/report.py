"""The report of `matrix`: one cell for every pair of regions.

In: a checked set, a decision, a level of regions, facts as typed. Out: a `MatrixReport`. `cells.py` decides the cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from policyc.dsl.binding.names import nearest
from policyc.dsl.binding.question import Given, QuestionReader
from policyc.dsl.diagnostics.characters import as_meant
from policyc.dsl.diagnostics.diagnostic import text
from policyc.dsl.model import BOOLEAN, DATE, Decision, EnumType, Fact, PolicySet, Value
from policyc.dsl.model.values import format_case, format_value

from ..ask.request import AskError, Input
from ..engine.context import SolverContext
from ..report.describe import story
from ..report.reports import Matrix, MatrixReport
from .cells import AllCells, Layout, Level, UsualCells, regions_of

#: Receives the number of rows done, and of all rows.
Watch = Callable[[int, int], None]

#: The decision asked about by default, if the set has it.
_PAY = "pay"


def matrix(
    policy_set: PolicySet,
    decision: str | None,
    given: Mapping[str, str] | Sequence[Given],
    *,
    level: Level,
    on: date | None,
    today: date,
    each: str | None = None,
    every: bool = False,
    timeout: float | None = None,
    watch: Watch = lambda done, total: None,
) -> MatrixReport:
    """`every` covers all cases instead of the usual ones; `each` names a fact, for one matrix per value; `timeout` is
    in seconds for each question as a whole. Raises `AskError` for bad input."""
    typed = Input(policy_set)
    reader = typed.reader
    facts = reader.facts(given)
    defaulted = typed.day(facts, on, today)
    if typed.texts or reader.diagnostics:
        raise AskError(typed.texts, reader.diagnostics)
    asked = _decision(policy_set, reader, decision)
    layout = _layout(policy_set, asked, facts, level)
    across = None if each is None else _across(reader, each, facts)
    runs = [("", facts)]
    if across is not None:
        values = _values(policy_set, across)
        runs = [(format_value(value, across.type), {**facts, across.name: value}) for value in values]
    context = SolverContext(policy_set, timeout)
    matrices: dict[str, Matrix] = {}
    for name, known in runs:
        cells = AllCells(context, asked, known, layout) if every else UsualCells(context, asked, known, layout)
        before = len(matrices) * len(layout.rows)
        matrices[name] = cells.matrix(partial(_report_rows, watch, before, len(runs) * len(layout.rows)))
    given_facts = {name: value for name, value in facts.items() if name != DATE}
    return MatrixReport(
        decision=asked.name,
        level=level,
        every=every,
        row_fact=layout.row_fact,
        column_fact=layout.column_fact,
        regions=layout.regions,
        rows=layout.rows,
        columns=layout.columns,
        given=format_case(policy_set, facts),
        defaulted=defaulted,
        each=None if across is None else across.name,
        matrices=matrices,
        story=story(policy_set, given_facts) if given_facts else None,
    )


def _report_rows(watch: Watch, before: int, total: int, done: int) -> None:
    watch(before + done, total)


# --- What is asked -----------------------------------------------------------------------------------------


def _decision(policy_set: PolicySet, reader: QuestionReader, name: str | None) -> Decision:
    decisions = policy_set.decisions
    if name is None and (_PAY in decisions or len(decisions) == 1):
        return decisions.get(_PAY) or next(iter(decisions.values()))
    if name is None:
        raise AskError((text("matrix.which_decision", decisions=tuple(f"`{other}`" for other in decisions)),))
    found = reader.scope.find(as_meant(name.strip()))
    if isinstance(found, Decision):
        return found
    known = [word for one in decisions.values() for word in (one.name, one.title) if word is not None]
    best = nearest(name, known)
    if best is None:
        raise AskError((text("matrix.no_decision", name=name),))
    raise AskError((text("matrix.no_decision_near", name=name, best=best),))


def _across(reader: QuestionReader, name: str, facts: Mapping[str, Value]) -> Fact:
    """The fact with one matrix per value."""
    fact = reader.fact(name, "--each")
    if fact is None:
        raise AskError((), reader.diagnostics)
    if not (fact.type == BOOLEAN or isinstance(fact.type, EnumType)):
        raise AskError((text("matrix.each_kind", fact=name),))
    if fact.name in facts:
        raise AskError((text("matrix.each_given", fact=fact.name),))
    return fact


def _values(policy_set: PolicySet, fact: Fact) -> list[Value]:
    """The values of an enum or boolean fact, in order of declaration."""
    if isinstance(fact.type, EnumType):
        return list(policy_set.enums[fact.type.name].members)
    return [True, False]


def _layout(policy_set: PolicySet, decision: Decision, given: Mapping[str, Value], level: Level) -> Layout:
    regions = tuple(regions_of(policy_set.regions, level))
    facts = list(dict.fromkeys(side.fact for side in decision.sides))
    open_ = [fact for fact in facts if fact not in given]
    if not open_:
        raise AskError((text("matrix.nothing_open", decision=decision.name),))
    if len(open_) > 2:
        raise AskError((text("matrix.many_sides", decision=decision.name, count=len(open_)),))
    row, *others = facts if len(facts) <= 2 else open_
    taken = {fact: regions if fact in open_ else (str(given[fact]),) for fact in facts}
    column = others[0] if others else None
    return Layout(regions, row, taken[row], column, None if column is None else taken[column])
