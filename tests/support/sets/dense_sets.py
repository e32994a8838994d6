"""Small random sets of all constructs, and sets of few facts and many overlapping rules; all their cases."""

from __future__ import annotations

import random
from functools import cache

from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.model import (
    Value,
)
from policyc.solver.engine.context import SolverContext
from tests.support.sets.enumeration import valid_cases
from tests.support.sets.random_sets import compiled
from tests.support.sets.small_sets import SMALL_SETS, small

#: Random sets of all constructs, and sets of few facts and many rules, which cover each other.
SEEDS = [
    *(f"any-{number}" for number in range(SMALL_SETS)),
    *(f"dense-{number}" for number in range(2 * SMALL_SETS)),
]

CONDITIONS = (
    "relation is spouse",
    "relation in {spouse, parent}",
    "relation is not child",
    "filed",
    "not filed",
    "relation is child and filed",
    "payer.region.open",
    "not guest.region.open",
)

VOCABULARY = """
region 100000 "中华人民共和国"
region 320000 "江苏省" in 100000
region 320100 "南京市" in 320000
enum kin { spouse, parent, child }
record payer { fact region : region }
record guest { fact region : region }
fact relation : kin
fact filed : boolean
fact date : date 2024-01-01..2024-01-02
parameter open : boolean
parameter rate : percent
decision pay governed by payer.region as paying, guest.region as receiving
ranks high > low
source law rank high { clause c "…" }
source page rank low dated 2023-01-01 { clause c "…" }
"""


def dense(seed: str) -> str:
    """Two policies, the second for a part of the first one's region."""
    rng = random.Random(seed)
    lines = [VOCABULARY]
    if rng.random() < 0.3:
        lines.append("axiom a: payer.region is 320100 implies filed")
    named: list[tuple[str, str, str]] = []  # name, side and kind, for exceptions
    for policy, region in (("nation", "100000"), ("city", rng.choice(["100000", "320000", "320100"]))):
        lines.append(f"policy {policy} for {region} {{")
        lines += [statement(rng, policy, f"r{number}", named) for number in range(rng.randint(4, 7))]
        lines.append("}")
    return "\n".join(lines)


def statement(rng: random.Random, policy: str, name: str, named: list[tuple[str, str, str]]) -> str:
    kind = rng.choice(["permit"] * 4 + ["forbid"] * 3 + ["require"] * 3 + ["set"] * 2 + ["table"])
    cite = f"cite {rng.choice(['law', 'page'])}.c"
    default = "default " if rng.random() < 0.25 else ""
    if kind == "set":
        free = CONDITIONS[:6]  # what depends on no parameter
        parameter, value = rng.choice([("open", "true"), ("open", "false"), ("rate", "50%"), ("rate", "60%")])
        when = f"when {rng.choice(free)}" if rng.random() < 0.5 else ""
        return f"{default}set {parameter} = {value} {when} {cite}"
    if kind == "table":
        rows = [(rng.choice(["any", "spouse", "parent, child"]), rng.choice(["50%", "60%"])) for _ in range(3)]
        return "\n".join(
            [
                f"table {name} {cite} {{",
                "| relation | => rate |",
                *(f"| {a} | => {b} |" for a, b in rows),
                "}",
            ]
        )
    side = rng.choice(["paying", "paying", "receiving"])
    when = f"when {' and '.join(rng.sample(CONDITIONS, rng.choice([1, 1, 2])))}" if rng.random() < 0.8 else ""
    until = "until 2024-01-01" if rng.random() < 0.1 else ""
    opposed = {"permit": ("forbid", "require"), "forbid": ("permit",), "require": ()}[kind]
    targets = [other for other, place, of in named if place == side and of in opposed]
    exception = f"exception to {rng.choice(targets)}" if targets and rng.random() < 0.3 else ""
    named.append((f"{policy}.{name}", side, kind))
    if kind == "require":
        text = f"require pay {name}: {rng.choice(CONDITIONS)} {when} {until} {cite}"
    else:
        text = f"{default}{kind} pay {name} {when} {until} {exception} {cite}"
    return f"receiving {{ {text} }}" if side == "receiving" else text


@cache
def enumerated(seed: str) -> tuple[SolverContext, list[dict[str, Value]]]:
    """A set and all its valid cases."""
    kind, number = seed.split("-")
    if kind == "any":
        return small(int(number))
    policy_set, diagnostics = compiled(dense(f"{seed}/0"))
    assert not [d for d in diagnostics if d.level is Severity.ERROR]
    whole = SolverContext(policy_set)
    return whole, valid_cases(whole.evaluator)
