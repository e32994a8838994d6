"""Each cell of a matrix equals the answer for its pair alone, on random sets with a third region fact."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product

import pytest

from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.model import DATE, PolicySet, Value, Verdict
from policyc.dsl.model.values import format_value
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.witness import plainest
from policyc.solver.matrix.report import matrix
from policyc.solver.report.reports import MatrixReport
from tests.support.sets.random_sets import COMMON, World, compiled, generated
from tests.support.slow import mostly_slow

#: Provinces with several regions of one kind and without any, so that some regions are alike.
WORLD = replace(
    COMMON,
    regions=(
        *COMMON.regions,
        ("320600", "南通市", "320000"),
        ("440300", "深圳市", "440000"),
        ("510000", "四川省", "100000"),
        ("510100", "成都市", "510000"),
        ("630000", "青海省", "100000"),
    ),
    facts=(*COMMON.facts[:5], ("clinic.region", "region", None), *COMMON.facts[5:]),
)
SEEDS = range(10)
TODAY = date(2024, 3, 1)


@cache
def context(seed: int, world: World = WORLD) -> SolverContext:
    return SolverContext(generated(seed, "en", world).policy_set)


def known(policy_set: PolicySet, rng: random.Random) -> dict[str, Value]:
    """A day, and often another fact."""
    facts: dict[str, Value] = {DATE: rng.choice(WORLD.days)}
    extra = rng.choice(["relation", "filed", "clinic.region", "payer.links", ""])
    if extra in policy_set.facts:
        choices: dict[str, Value] = {"relation": "child", "filed": False, "payer.links": 3}
        facts[extra] = choices.get(extra, rng.choice(WORLD.places))
    return facts


def usual(context: SolverContext, decision: str, case: dict[str, Value]) -> str:
    found = plainest(context.scope(case), ())
    return "impossible" if found is None else context.evaluator.verdict(decision, found).value


def every(context: SolverContext, decision: str, case: dict[str, Value]) -> str:
    scope = context.scope(case)
    terms = scope.decisions.decision(decision)
    possible = [verdict.value for verdict in Verdict if scope.possible([scope.valid, terms[verdict]])]
    return {0: "impossible", 1: (possible or [""])[0]}.get(len(possible), "depends")


def made(seed: int, decision: str, facts: dict[str, Value], *, over_all: bool) -> MatrixReport:
    policy_set = context(seed).policy_set
    given = {name: format_value(value, policy_set.facts[name].type) for name, value in facts.items()}
    return matrix(policy_set, decision, given, level="prefecture", on=None, today=TODAY, every=over_all)


@pytest.mark.parametrize("over_all", [False, True], ids=["usual", "all"])
@pytest.mark.parametrize("decision", ["bind", "pay"])
@pytest.mark.parametrize("seed", mostly_slow(SEEDS))
def test_cells_are_those_of_each_pair_alone(seed: int, decision: str, over_all: bool) -> None:
    rng = random.Random(f"{seed}/{decision}")
    facts = known(context(seed).policy_set, rng)
    report = made(seed, decision, facts, over_all=over_all)
    sides = [fact for fact in (report.row_fact, report.column_fact) if fact is not None]
    (table,) = report.matrices.values()
    pairs = [
        (row, column, table.cells[i][j])
        for i, row in enumerate(report.rows)
        for j, column in enumerate(report.columns or ("",))
    ]
    for row, column, answer in rng.sample(pairs, min(len(pairs), 40)):
        case = {**facts, **dict(zip(sides, (row, column), strict=False))}
        decide = every if over_all else usual
        assert answer == decide(context(seed), decision, case), (row, column)


# --- One thing at a time -----------------------------------------------------------------------------------

PLACES = """
region 100000 "国"
region 110000 "京" in 100000
region 110101 "东" in 110000
region 320000 "苏" in 100000
region 320100 "宁" in 320000
region 320500 "姑" in 320000
region 320600 "通" in 320000
region 320602 "崇" in 320600
region 440000 "粤" in 100000
region 440100 "穗" in 440000
region 510000 "川" in 100000
region 510100 "蓉" in 510000
region 510400 "攀" in 510000
region 630000 "青" in 100000
region 640000 "宁夏" in 100000
enum colour { red, blue }
record payer { fact region : region }
record guest { fact region : region }
record clinic { fact region : region CLINIC }
record lab { fact region : region LAB }
fact hue : colour usual red
fact filed : boolean usual true
parameter cap : int 0..9
parameter home : region
decision pay governed by payer.region as paying, guest.region as receiving
decision open governed by payer.region as paying
source law { clause c "条" }
"""

CONDITIONS = {
    "a rule of one place": ("true", "policy one for 320500 { forbid pay no cite law.c }"),
    "a rule of the other side": ("true", "policy one for 320000 { receiving { forbid pay no cite law.c } }"),
    "a value": ("payer.region.cap > 1", "policy one for 320500 { set cap = 2 cite law.c }"),
    "a value of the province": (
        "payer.region.province.cap > 1",
        "policy one for 320000 { set cap = 2 cite law.c }",
    ),
    "a value of the prefecture": (
        "guest.region.prefecture.cap > 1",
        "policy one for 320600 { set cap = 2 cite law.c }",
    ),
    "a value on a condition": (
        "payer.region.cap > 1",
        "policy one for 320500 { set cap = 2 when filed cite law.c set cap = 3 when not filed cite law.c }",
    ),
    "a value that is a place": (
        "guest.region is payer.region.home",
        "policy one for 320000 { set home = 510400 cite law.c }",
    ),
    "the province of a value that is a place": (
        "guest.region.province is payer.region.home.province",
        "policy one for 320000 { set home = 510400 cite law.c }",
    ),
    "a value of a place that is a value": (
        "payer.region.home.cap > 1",
        "policy one for 320000 { set home = 510400 cite law.c } policy two for 510400 { set cap = 2 cite law.c }",
    ),
    "a place": ("payer.region is 510400", ""),
    "within a place": ("guest.region in 510000", ""),
    "around a place": ("corner in payer.region", "define corner : region = 320602"),
    "the province around a place": ("corner in payer.region.province", "define corner : region = 320602"),
    "the prefecture around a place": (
        "payer.region.prefecture is corner.prefecture",
        "define corner : region = 320602",
    ),
    "the province of a place": (
        "guest.region.province is corner.province",
        "define corner : region = 320602",
    ),
    "a province that is a place": ("guest.region.province is 510000", ""),
    "a code": ("payer.region.code < guest.region.code", ""),
    "a province": ("payer.region is payer.region.province", ""),
    "one region": ("payer.region is guest.region", ""),
    "one province": ("payer.region.province is guest.region.province", ""),
    "the one or the other": ("(if filed then payer.region else guest.region) is 510100", ""),
    "by a definition": (
        "near",
        "define near = payer.region.prefecture is not guest.region and not (payer.region in 320000)",
    ),
    "by a decision": ("open is permitted", "policy one for 510100 { permit open yes cite law.c }"),
    "a clinic beside": (
        "clinic.region.prefecture is payer.region.prefecture and clinic.region is not payer.region",
        "",
    ),
    "a clinic next door": (
        (
            "clinic.region.province is payer.region.province and clinic.region is not payer.region"
            " and clinic.region is not guest.region and clinic.region is not 510000"
        ),
        "",
    ),
    "a clinic between": (
        (
            "clinic.region.province is payer.region.province and clinic.region.prefecture is guest.region.prefecture"
            " and clinic.region is not guest.region"
        ),
        "",
    ),
    "a clinic elsewhere": (
        (
            "clinic.region in 630000 and clinic.region.province is not payer.region.province"
            " and clinic.region.province is not guest.region.province"
        ),
        "",
    ),
    "a clinic of some kind elsewhere": (
        (
            "clinic.region.cap > 1 and clinic.region.province is not payer.region.province"
            " and clinic.region.province is not guest.region.province"
        ),
        "policy one for 630000 { set cap = 2 cite law.c }",
    ),
    "a clinic of a place": ("clinic.region is 510400 and guest.region in clinic.region.province", ""),
    "clinic and lab": (
        (
            "clinic.region.province is payer.region.province and lab.region.province is payer.region.province"
            " and clinic.region is not lab.region and clinic.region is not payer.region and lab.region is not payer.region"
            " and clinic.region is not clinic.region.province and lab.region is lab.region.prefecture"
            " and clinic.region is clinic.region.prefecture and lab.region is not lab.region.province"
        ),
        "",
    ),
    "an axiom on the sides": ("hue is red", "axiom a: hue is red implies payer.region is not guest.region"),
    "an axiom on a clinic": ("clinic.region is payer.region", "axiom a: clinic.region in payer.region"),
    "an axiom on a clinic beside": (
        "filed",
        "axiom a: not filed or (clinic.region in guest.region and clinic.region is not guest.region)",
    ),
}


CLINICS = ("", "usual guest.region", "usual 320500")


@pytest.mark.parametrize(
    ("name", "clinic"),
    mostly_slow(
        pytest.param(name, clinic) for name in CONDITIONS for clinic in (CLINICS if "clinic" in name else CLINICS[:1])
    ),
)
def test_what_tells_regions_apart(name: str, clinic: str) -> None:
    """For each property of regions that a rule can read, both kinds of matrix equal the answers for single pairs."""
    condition, more = CONDITIONS[name]
    text = PLACES.replace("CLINIC", clinic).replace("LAB", "") + more
    text += f"""
      policy main for 100000 {{
        default permit pay yes when {condition} cite law.c
        receiving {{ default permit pay guests cite law.c }}
      }}
    """
    policy_set, diagnostics = compiled(text)
    assert [found for found in diagnostics if found.level is Severity.ERROR] == []
    alone = SolverContext(policy_set)
    variants: list[dict[str, Value]] = [{}]
    variants += [{"clinic.region": "320600"}] if "clinic" in name else []
    variants += [{"filed": False}] if "filed" in condition + more else []
    seen: set[str] = set()
    for given, over_all in product(variants, (False, True)):
        texts = {fact: format_value(value, policy_set.facts[fact].type) for fact, value in given.items()}
        report = matrix(policy_set, "pay", texts, level="prefecture", on=None, today=TODAY, every=over_all)
        decide = every if over_all else usual
        (table,) = report.matrices.values()
        seen.update(table.answers)
        pairs = list(product(report.rows, report.rows))
        told = dict(zip(pairs, table.answers, strict=True))
        for row, column in random.Random(name).sample(pairs, 48):
            case = {**given, "payer.region": row, "guest.region": column}
            assert told[row, column] == decide(alone, "pay", case), (given, over_all, row, column)
    assert len(seen) > 1, "nothing is told apart"
