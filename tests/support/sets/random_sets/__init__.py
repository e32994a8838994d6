"""Random policy sets as text, in English or Chinese, and random cases for them.

One seed gives one abstract choice, and each language writes it in its own way: other keywords, other names (the
titles), other forms of dates, money and regions, full-width punctuation. Only `compiled` imports the compiler; a
generated set is text like any other.

Every construct is likely to have an influence: constants come from small pools, cases take their values from the same
pools and from one step beside them, most rules apply to regions and days of cases.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from functools import cache
from math import prod

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import (
    BOOLEAN,
    DAY,
    REGION,
    EnumType,
    Expr,
    Fact,
    ParameterValue,
    PolicySet,
    Setting,
    Value,
    parts,
)
from policyc.dsl.model.precedence import contending_groups, opposing_pairs, settle
from policyc.dsl.syntax.keywords import Language
from policyc.dsl.syntax.parse import parse
from tests.support.sets.random_sets.generator import Generator
from tests.support.sets.random_sets.worlds import COMMON, LAST_DAYS, SMALL, World

__all__ = [
    "CASES_OF_A_SET",
    "COMMON",
    "LAST_DAYS",
    "PAIRS",
    "SETS",
    "SMALL",
    "Generated",
    "Generator",
    "World",
    "cases",
    "compiled",
    "generated",
    "random_case",
]

#: How many (set, case) pairs the tests look at, and so how many sets.
PAIRS = int(os.environ.get("POLICYC_CASES", "1008"))
CASES_OF_A_SET = 24
SETS = max(1, PAIRS // CASES_OF_A_SET)


@dataclass(frozen=True)
class Generated:
    """A set that compiles without errors."""

    seed: int
    text: str
    policy_set: PolicySet
    diagnostics: tuple[Diagnostic, ...]
    #: How many texts before this one had mistakes (rules that beat each other in a circle), and how many had too many
    #: conflicts.
    mistaken: int
    contested: int


def compiled(text: str, path: str = "random.policy") -> tuple[PolicySet, list[Diagnostic]]:
    tree, mistakes = parse(SourceFile(path, text))
    policy_set, findings = compile_set([tree], [])
    return policy_set, [*mistakes, *findings]


@cache
def generated(seed: int, language: Language = "en", world: World = COMMON) -> Generated:
    """The set of a seed. The sub-seed that is taken does not depend on the language."""
    mistaken = contested = 0
    while mistaken + contested < 30:
        text = Generator(f"{seed}/{mistaken + contested}", language, world).text()
        policy_set, diagnostics = compiled(text)
        if any(diagnostic.level is Severity.ERROR for diagnostic in diagnostics):
            mistaken += 1
        elif alternatives(policy_set) > ALTERNATIVES:
            contested += 1
        else:
            return Generated(seed, text, policy_set, tuple(diagnostics), mistaken, contested)
    raise AssertionError(f"no set for seed {seed}")


#: At most this many combinations of values of conflicting parameters in one set: both the evaluator and the
#: solver look at every one of them.
ALTERNATIVES = 60


def alternatives(policy_set: PolicySet) -> int:
    """A bound for the combinations of values that conflicting parameters can have, wherever they are read."""
    values: dict[str, set[Value]] = {}
    for group in contending_groups(policy_set):
        for one, other in opposing_pairs(group, policy_set.regions):
            if isinstance(one, Setting) and isinstance(other, Setting) and not settle(one, other, policy_set):
                values.setdefault(one.parameter, set()).update((one.value, other.value))
    rules = [*policy_set.norms.values(), *policy_set.requirements.values(), *policy_set.settings.values()]
    waiting: list[Expr | None] = [define.value for define in policy_set.defines.values()]
    waiting += [expression for rule in rules for expression in (rule.when, rule.unless)]
    waiting += [rule.condition for rule in policy_set.requirements.values()]
    readings: set[tuple[str, Expr]] = set()
    while waiting:
        expression = waiting.pop()
        if isinstance(expression, ParameterValue):
            readings.add((expression.parameter, expression.region))
        waiting += parts(expression) if expression is not None else ()
    return prod(len(values[parameter]) + 1 for parameter, _ in readings if parameter in values)


# --- Cases -------------------------------------------------------------------------------------------------


def random_case(generated_set: Generated, number: int, world: World = COMMON) -> dict[str, Value]:
    """A case of a set: values at the constants of its rules, one step beside them, or anywhere."""
    rng = random.Random(f"{generated_set.seed}/case/{number}")
    policy_set = generated_set.policy_set
    case = {fact.name: _value(rng, fact, policy_set, world) for fact in policy_set.facts.values()}
    if rng.random() < 0.35:
        case["guest.region"] = case["payer.region"]
    if "signed" in case and rng.random() < 0.2:
        case["signed"] = case["date"]
    return case


def cases(seed: int) -> list[dict[str, Value]]:
    return [random_case(generated(seed), number) for number in range(CASES_OF_A_SET)]


def _value(rng: random.Random, fact: Fact, policy_set: PolicySet, world: World) -> Value:
    if fact.type == BOOLEAN:
        return rng.random() < 0.5
    if fact.type == REGION:
        return rng.choice(world.places)
    if isinstance(fact.type, EnumType):
        return rng.choice(list(policy_set.enums[fact.type.name].members))
    assert fact.low is not None and fact.high is not None
    pools = {"int": world.ints, "money": world.money, "percent": world.percents, "date": world.days}
    near = [value + step for value in pools[str(fact.type)] for step in (-1, 0, 0, 1)]
    if fact.type == DAY and rng.random() < 0.3:
        near = [value + 30 for value in pools["date"]]
    within = [value for value in near if fact.low <= value <= fact.high] or [fact.low, fact.high]
    return rng.choice(within) if rng.random() < 0.8 else rng.randint(fact.low, fact.high)
