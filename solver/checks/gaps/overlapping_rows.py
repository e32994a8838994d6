"""Rows of a table that take the same case and set the same values (PC408).

Nothing contradicts itself there, but an author who wants one row for each case has let one reach too far. A row that lies
wholly within another by its cells is PC407 and not repeated; rows with different values are PC303.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.model import Row, Table, Value
from policyc.dsl.model.policy_set import PolicySet

from ...backends.second_opinion import Purpose
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...formula.terms import Term
from ..form import Analysis, Check, Conclusion
from ..reporter import Possibility, Reporter
from .table_columns import grid
from .table_terms import Answers, TableTerms, claim_of, possibility_in

#: The most pairs that are told; the first is shown by a case.
_MOST_SHOWN = 8

Pair = tuple[Row, Row]


def begin(reporter: Reporter) -> Iterator[Analysis]:
    for table in reporter.policy_set.tables.values():
        pairs = list(_candidates(reporter, table))
        if pairs:
            yield overlapping_rows(reporter, table, pairs)


def _candidates(reporter: Reporter, table: Table) -> Iterator[Pair]:
    """The pairs of rows with the same values whose cells have something in common, neither within the other."""
    taken = grid(reporter.policy_set, table, reporter.context.whole.expressions.number_range).rows
    values = _values(reporter.policy_set, table)
    rows = list(zip(table.rows, taken, strict=True))
    for (one, mine), (other, theirs) in combinations(rows, 2):
        both = list(zip(mine, theirs, strict=True))
        if values[one.name] != values[other.name] or any(here.isdisjoint(there) for here, there in both):
            continue
        if not all(here <= there for here, there in both) and not all(here >= there for here, there in both):
            yield one, other


def _values(policy_set: PolicySet, table: Table) -> dict[str, list[tuple[str, Value]]]:
    """The parameters that each row sets, with their values."""
    found: dict[str, list[tuple[str, Value]]] = {row.name: [] for row in table.rows}
    for setting in policy_set.settings.values():
        if setting.table == table.name:
            found[setting.name].append((setting.parameter, setting.value))
    return found


def overlapping_rows(reporter: Reporter, table: Table, pairs: Sequence[Pair]) -> Analysis:
    """PC408 for one table: one finding, with the first of the pairs that overlap in some case."""
    places, kind = reporter.places.of(table) or ("",), f"PC408 {table.name}"

    def conclude(results: ReachabilityResults) -> Conclusion:
        found = next((place for place in places if (kind, place) in results), None)
        if found is None:
            return Conclusion()
        return Conclusion([partial(_overlap, reporter, table, pairs, found, results.parts((kind, found)))])

    queries = [ReachabilityQuery(kind, place, partial(_described, kind, table, pairs, place)) for place in places]
    return Analysis(Purpose(("PC408",), text("PC901.overlapping-rows"), table.span), kind, queries, conclude)


def _described(kind: str, table: Table, pairs: Sequence[Pair], place: str, scope: CaseScope) -> dict[Key, Described]:
    if place and not scope.reaches(place, table.region):
        return {}
    return {(kind, place): partial(_some, table, pairs, place, scope)}


def _some(table: Table, pairs: Sequence[Pair], place: str, scope: CaseScope) -> Term:
    """When some pair takes the same case."""
    terms = TableTerms(scope, table, (place,) if place else ())
    return scope.factory.or_(terms.both(*pair) for pair in pairs)


def _overlap(reporter: Reporter, table: Table, pairs: Sequence[Pair], place: str, parts: Parts) -> Diagnostic | None:
    found: list[Pair] = []
    for pair in pairs:
        one = _possibility(reporter, table, pair, place, parts)
        if any(scope.possible([one.describe(scope)]) for scope in reporter.scopes(one)):
            found.append(pair)
        if len(found) > _MOST_SHOWN:
            break
    if not found:
        return None
    first, rest = found[0], found[1:]
    return reporter.report(
        "PC408",
        text("PC408.headline", one=first[0].name, other=first[1].name),
        [reporter.policy_set.rules[row.name] for row in first],
        _possibility(reporter, table, first, place, parts),
        labels=[text("PC408.label"), text("PC408.label")],
        notes=list(_others(rest)),
        help_=text("PC408.help"),
    )


def _possibility(reporter: Reporter, table: Table, pair: Pair, place: str, parts: Parts) -> Possibility:
    rules = tuple(reporter.policy_set.rules[row.name] for row in pair)

    def overlap(answers: Answers) -> bool:
        return any(one is True and other is True for one, other in answers)

    return possibility_in(table, place, partial(_some, table, [pair], place), claim_of(rules, place, overlap), parts)


def _others(rest: Sequence[Pair]) -> Iterator[Text]:
    for one, other in rest[: _MOST_SHOWN - 1]:
        yield text("PC408.also", one=one.name, other=other.name)
    if len(rest) >= _MOST_SHOWN:
        yield text("PC408.more")


CHECK = Check(("PC408",), 82, begin, shown=("PC408",))
