"""Rules without a case (PC401), tables with gaps (PC406), masked rows (PC407), against enumeration of all cases.

Small random sets; the solver's findings are compared with an enumeration of all cases, each judged by the reference
evaluator. `POLICYC_CASES` sets the number of sets, as in `test_meaning.py`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from policyc.codes import codes_meant
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.model import (
    DAY as DATES,
    MONEY,
    NUMBERS,
    PERCENT,
    REGION,
    WHOLE,
    Case,
    Expr,
    PolicySet,
    Rule,
    Table,
    Type,
    Value,
)
from policyc.dsl.model.expression_text import expression_text
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Known, Undetermined
from policyc.solver.check import check
from policyc.solver.checks.gaps.never_applies import Contradiction, RuleCondition, may_apply, smallest_contradiction
from policyc.solver.checks.gaps.table_terms import TableTerms
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.context import CaseScope, SolverContext
from policyc.solver.engine.rule_places import Places
from policyc.solver.formula.terms import Term
from tests.support.chosen import Chosen, alternatives
from tests.support.sets.enumeration import every_case, valid_cases
from tests.support.sets.random_sets import SMALL, compiled, generated
from tests.support.slow import mostly_slow

SETS = max(20, int(os.environ.get("POLICYC_CASES", "1008")) // 48)
CODES = ("PC401", "PC406", "PC407")
DAY = date(2024, 1, 2)

#: A gap of a table: columns, and the values of each.
Gap = tuple[tuple[str, tuple[str, ...]], ...]

#: Of some rules, whether the conditions of each hold.
Answer = list[bool | Undetermined]


def answers(evaluator: Evaluator, rules: Sequence[Rule], case: Case) -> list[Answer]:
    """Whether the conditions of each rule hold, under each alternative of the conflicting parameters."""

    def one(rule: Rule, chosen: Chosen) -> bool | Undetermined:
        def value(expression: Expr | None, otherwise: bool) -> Known:
            return otherwise if expression is None else chosen.value(expression)

        when, unless = value(rule.when, True), value(rule.unless, False)
        if when is False or unless is True:
            return False
        return True if when is True and unless is False else UNDETERMINED

    return alternatives(evaluator, case, lambda chosen: [one(rule, chosen) for rule in rules])


def in_force(policy_set: PolicySet, rule: Rule, places: Sequence[str], case: Case) -> bool:
    """On the day of the case, at one of the places where it is in play; without any, in any region."""
    day = case["date"]
    first, last = rule.period.first, rule.period.last
    assert isinstance(day, int)
    somewhere = any(rule.region in policy_set.regions.chain(str(case[place])) for place in places)
    return (somewhere or not places) and (first is None or first <= day) and (last is None or day <= last)


class Enumerated:
    """A small set, all its valid cases, and what is to be found in it by counting them out."""

    def __init__(self, seed: int) -> None:
        self.policy_set = generated(seed, "en", SMALL).policy_set
        self.evaluator = Evaluator(self.policy_set)
        self.places = Places(self.policy_set)
        self.cases = valid_cases(self.evaluator)
        rules = self.policy_set.rules.values() if self.cases else ()
        self.never = {rule.name for rule in rules if not self.may_apply(rule)}
        self.gaps = {name for name, table in self.policy_set.tables.items() if any(self.missed(table))}
        self.masked = {
            row.name
            for table in self.policy_set.tables.values()
            for row in table.rows
            if self.takes(table, row.name, [])
            and not self.takes(table, row.name, [other.name for other in table.rows if other is not row])
        }

    def at(self, rule: Rule, rules: Sequence[Rule], holds: Callable[[list[Answer]], bool]) -> list[Case]:
        """The cases in which a rule is in force, and the answers for some rules are as wanted."""
        places = self.places.of(rule)
        return [
            case
            for case in self.cases
            if in_force(self.policy_set, rule, places, case) and holds(answers(self.evaluator, rules, case))
        ]

    def may_apply(self, rule: Rule) -> list[Case]:
        return self.at(rule, [rule], lambda found: any(applies is not False for (applies,) in found))

    def missed(self, table: Table) -> list[Case]:
        """The cases of a table that surely no row takes."""
        rows = [self.policy_set.rules[row.name] for row in table.rows]
        return self.at(
            table,
            [table, *rows],
            lambda found: all(own is True and not any(r is not False for r in rest) for own, *rest in found),
        )

    def takes(self, table: Table, row: str, others: Sequence[str]) -> list[Case]:
        """The cases that a row takes and some others do not."""
        rules = [self.policy_set.rules[name] for name in (row, *others)]
        return self.at(
            table,
            rules,
            lambda found: any(mine is True and not any(r is True for r in rest) for mine, *rest in found),
        )

    def findings(self, code: str) -> list[Diagnostic]:
        report = check(self.policy_set, (), CheckOptions(DAY, codes={code}))
        return [finding for finding in report.findings if finding.code.id == code]

    def shown_by(self, finding: Diagnostic) -> list[Case]:
        """The valid cases that are as the witness says."""
        assert finding.finding.witness is not None
        facts = self.policy_set.facts
        return [
            case
            for case in self.cases
            if all(format_value(case[name], facts[name].type) == text for name, text in finding.finding.witness)
        ]


@cache
def enumerated(seed: int) -> Enumerated:
    return Enumerated(seed)


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_rules_that_never_apply_are_those_of_enumeration(seed: int) -> None:
    small = enumerated(seed)
    found = [finding.finding.rules for finding in small.findings("PC401")]
    assert sorted(found) == sorted((name,) for name in small.never)


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_tables_with_gaps_are_those_of_enumeration(seed: int) -> None:
    small = enumerated(seed)
    found = small.findings("PC406")
    assert sorted(finding.finding.rules for finding in found) == sorted((name,) for name in small.gaps)
    for finding in found:
        missed = small.missed(small.policy_set.tables[finding.finding.rules[0]])
        shown = small.shown_by(finding)
        assert shown
        assert all(case in missed for case in shown)


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_the_gaps_of_a_table_are_all_of_its_gaps(seed: int) -> None:
    """A case that the table is for is one that no row takes if and only if it lies in one of the gaps told."""
    small = enumerated(seed)
    for finding in small.findings("PC406"):
        table, gaps = small.policy_set.tables[finding.finding.rules[0]], finding.finding.gaps
        assert gaps, "all are found in time"
        missed = small.missed(table)
        for case in small.at(table, [table], lambda found: all(own is True for (own,) in found)):
            assert (case in missed) == any(lies_in(small, table, gap, case) for gap in gaps)
        for gap in gaps:
            others = [other for other in gaps if other != gap]
            own = [case for case in missed if lies_in(small, table, gap, case)]
            assert any(not any(lies_in(small, table, other, case) for other in others) for case in own), "can be spared"


def lies_in(small: Enumerated, table: Table, gap: Gap, case: Case) -> bool:
    """Whether a case has one of the values of each column of a gap, whatever conflicting parameters are."""
    policy_set = small.policy_set
    known = (*table.columns, *(cell for row in table.rows for cell in row.cells))
    by_text = {expression_text(policy_set, expression): expression for expression in known}
    columns = [(by_text[name], values) for name, values in gap]

    def inside(chosen: Chosen) -> bool:
        return all(is_among(policy_set, chosen.value(one), one.type, values) for one, values in columns)

    return all(alternatives(small.evaluator, case, inside))


def is_among(policy_set: PolicySet, value: Known, type_: Type, values: Sequence[str]) -> bool:
    if isinstance(value, Undetermined):
        return False
    if type_ == REGION:
        classes = [written.replace("not ", "").split() for written in values]
        chain = policy_set.regions.chain(str(value))
        return any(code in (*chain, "any") and not set(without) & set(chain) for code, *without in classes)
    if type_ not in NUMBERS:
        return format_value(value, type_) in values
    ends = [[number(end, type_) for end in written.split("..")] for written in values]
    return any(span[0] <= value <= span[-1] for span in ends if isinstance(value, int))


def number(written: str, type_: Type) -> int:
    if type_ == DATES:
        return date.fromisoformat(written).toordinal()
    if type_ == MONEY:
        return int(Decimal(written.removesuffix("元")) * 100)
    return int(Decimal(written.removesuffix("%")) * WHOLE / 100) if type_ == PERCENT else int(written)


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_masked_rows_and_what_masks_them_are_those_of_enumeration(seed: int) -> None:
    small = enumerated(seed)
    found = small.findings("PC407")
    assert sorted(finding.finding.rules[0] for finding in found) == sorted(small.masked)
    for finding in found:
        row, *masks = finding.finding.rules
        table = small.policy_set.tables[row.partition("@")[0]]
        assert not small.takes(table, row, masks)
        for mask in masks:
            assert small.takes(table, row, [other for other in masks if other != mask]), "one can be spared"
        taken = small.takes(table, row, [])
        assert all(case in taken for case in small.shown_by(finding))


@pytest.mark.parametrize("seed", mostly_slow(range(SETS)))
def test_reasons_are_sufficient_and_nothing_in_them_can_be_spared(seed: int) -> None:
    """No case, valid or not, has all that the reason names; without any one of it there is one."""
    small = enumerated(seed)
    policy_set = small.policy_set
    scope, every = SolverContext(policy_set).whole, every_case(policy_set)
    for name in sorted(small.never):
        rule = policy_set.rules[name]
        reason = smallest_contradiction(scope, rule, small.places.of(rule))
        if reason is None:
            continue
        columns = [
            [all(kept) for kept in zip(*others, strict=True)]
            for others in leaving_one_out(columns_of(small, rule, reason, every))
        ]
        assert not any(columns[0]), name
        assert all(any(column) for column in columns[1:]), f"{name}: more is named than is needed"


def columns_of(
    small: Enumerated, rule: Rule, reason: Contradiction, cases: Sequence[dict[str, Value]]
) -> list[list[bool]]:
    """For each thing that a reason names, whether it lets each case be."""
    evaluator, places = small.evaluator, small.places.of(rule)

    def unopposed(part: RuleCondition, case: Case) -> bool:
        found = alternatives(evaluator, case, lambda chosen: chosen.value(part.expression))
        return any(truth is not part.unless for truth in found)

    columns = [[unopposed(part, case) for case in cases] for part in reason.parts]
    if reason.axioms:
        broken = [evaluator.violated(case) for case in cases]
        columns += [[axiom not in names for names in broken] for axiom in reason.axioms]
    if reason.force:
        columns.append([in_force(small.policy_set, rule, places, case) for case in cases])
    return columns


def leaving_one_out(columns: list[list[bool]]) -> list[list[list[bool]]]:
    """All columns, then all but each."""
    always = [True] * len(columns[0])
    rest = [[always, *columns[:place], *columns[place + 1 :]] for place in range(len(columns))]
    return [columns, *rest]


@pytest.mark.parametrize("seed", mostly_slow(range(0, SETS, 4), 2))
def test_terms_mean_the_same_in_every_view(seed: int) -> None:
    """What describes a finding says of a case the same in the view of all cases and in that of an area."""
    small = enumerated(seed)
    context = SolverContext(small.policy_set)
    for fact, code in (("payer.region", "320000"), ("guest.region", "500000")):
        whole, narrowed = context.whole, context.within(fact, code)
        inside = [case for case in small.cases if code in small.policy_set.regions.chain(str(case[fact]))]
        pairs = list(zip(described(small, whole), described(small, narrowed), strict=True))
        for case in inside[::7]:
            assert all(whole.holds(one, case) == narrowed.holds(other, case) for one, other in pairs)


def described(small: Enumerated, scope: CaseScope) -> list[Term]:
    """The terms of every finding that there could be."""
    terms = [may_apply(scope, rule, small.places.of(rule)) for rule in small.policy_set.rules.values()]
    for table in small.policy_set.tables.values():
        places = small.places.of(table)
        of_table = TableTerms(scope, table, places)
        terms.append(of_table.untaken())
        for row in table.rows:
            terms.append(of_table.taken(row))
            terms.append(of_table.taken(row, [other for other in table.rows if other is not row]))
    return terms


@pytest.mark.slow
def test_there_is_something_to_find() -> None:
    """Each kind of finding occurs often enough in the sets, and so does its absence."""
    found: Counter[str] = Counter()
    looked_at: Counter[str] = Counter()
    for small in map(enumerated, range(SETS)):
        tables = small.policy_set.tables.values()
        found += Counter(never=len(small.never), gaps=len(small.gaps), masked=len(small.masked))
        rows = sum(len(table.rows) for table in tables)
        looked_at += Counter(never=len(small.policy_set.rules), gaps=len(tables), masked=rows)
    for kind, number in looked_at.items():
        assert SETS / 4 < found[kind] < number - SETS / 4, kind


# --- One day only, no case at all, places ------------------------------------------------------------------

VOCABULARY = """
region 100000 "中华人民共和国"
region 110000 "北京市" in 100000
region 500000 "重庆市" in 100000
fact home : region
fact away : region
fact filed : boolean
fact date : date 2021-01-01..2030-12-31
parameter cap : int 0..100
parameter floor : int 0..100
parameter seat : region
decision pay governed by home as paying
source page { clause c1 "…" }
"""


def found_in(text: str, on: date | None = None, code: str = "PC4") -> list[tuple[str, ...]]:
    policy_set, diagnostics = compiled(VOCABULARY + text)
    assert not [item for item in diagnostics if item.level is Severity.ERROR]
    report = check(policy_set, (), CheckOptions(DAY, on, codes=codes_meant(code)))
    return [(finding.code.id, *finding.finding.rules) for finding in report.findings]


ON_A_DAY = """
policy city for 500000 {
  permit pay later when date >= 2027-01-01 cite page.c1
  permit pay ended when filed and not filed until 2024-12-31 cite page.c1
  permit pay never when filed and not filed cite page.c1
  table caps when filed cite page.c1 {
    | date          | => cap |
    | >= 2025-01-01 | => 5   |
    | >= 2024-01-01 | => 5   |
    | <= 2026-12-31 | => 5   |
    | < 2021-01-01  | => 5   |
  }
}
assert read: home.cap is undetermined or filed
"""


def test_never_is_more_than_not_today() -> None:
    """On one day only what is in force then is looked at, but for cases of all days."""
    always = [("PC401", "city.never"), ("PC401", "city.caps@4")]
    masked = [("PC407", "city.caps@1", "city.caps@2"), ("PC407", "city.caps@2", "city.caps@1", "city.caps@3")]
    overlap = ("PC408", "city.caps@1", "city.caps@3")
    assert set(found_in(ON_A_DAY)) == {*always, *masked, overlap, ("PC401", "city.ended")}
    assert set(found_in(ON_A_DAY, on=date(2026, 1, 1))) == {*always, *masked}
    # On this day the first row takes no case, so that no case of the day could show that it is masked.
    assert set(found_in(ON_A_DAY, on=date(2024, 6, 1))) == {*always, masked[1], ("PC401", "city.ended")}


def test_without_any_case_no_rule_is_to_blame() -> None:
    text = "axiom a: filed\naxiom b: not filed\npolicy city for 500000 { permit pay all cite page.c1 }"
    assert found_in(text, code="PC401") == []


def places_of(reading: str) -> tuple[str, ...]:
    policy_set, diagnostics = compiled(VOCABULARY + reading + "\npolicy city for 500000 { set cap = 5 }")
    assert not [item for item in diagnostics if item.level is Severity.ERROR]
    return Places(policy_set).of(policy_set.settings["city.cap"])


@pytest.mark.parametrize(
    ("reading", "places"),
    [
        ("", ("home", "away")),
        ("define a = away.cap", ("away",)),
        ("define a = home.province.cap + 1\nassert b: away.cap is undetermined", ("home", "away")),
        ("define near = if filed then home else away.prefecture\ndefine a = near.cap", ("home", "away")),
        ('test "a" { expect away.cap is undetermined }', ("away",)),
        ("define a = home.seat.cap", ()),
        ("define near = if filed then home else 110000\ndefine a = near.cap", ()),
    ],
)
def test_a_set_is_in_play_where_its_parameter_is_read(reading: str, places: tuple[str, ...]) -> None:
    assert places_of(reading) == places


def test_a_row_is_in_play_where_any_of_its_parameters_is_read() -> None:
    text = """
    assert a: home.cap is undetermined or away.floor is undetermined
    policy city for 500000 {
      table caps when away in 500000 cite page.c1 { | home   | => cap | floor |
        | 110000 | => 5   | 5     |
        | 500000 | => 5   | 5     | } }"""
    assert found_in(text) == []
    assert found_in(text.replace("away in", "away not in")) == [("PC401", "city.caps@1")]
