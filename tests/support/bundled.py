"""The bundled policies, valid cases of them, and what counts as a yes to a question."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from functools import cache

import policyc
import policyc.dsl.load
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.model import BOOLEAN, DAY, REGION, Case, EnumType, PolicySet, Value
from policyc.dsl.semantics.evaluate import Evaluator
from tests.support.sets.enumeration import domain


@cache
def bundled() -> PolicySet:
    return policyc.load(policyc.dsl.load.bundled()).policy_set


def bundled_cases(given: Case, count: int) -> Iterator[Case]:
    """Valid cases near the usual one, with many facts moved."""
    policy_set = bundled()
    evaluator = Evaluator(policy_set)
    rng = random.Random(str(sorted(given.items())))
    regions = ["110000", "110101", "130100", "420100", "500000", "500101", "510400", "510000", "440100"]
    day = date(2026, 1, 1).toordinal()
    while count:
        case: dict[str, Value] = {}
        for fact in policy_set.facts.values():
            usual = getattr(fact.usual, "value", None)
            if fact.type == REGION:
                case[fact.name] = rng.choice([*case.values(), *regions]) if rng.random() < 0.3 else regions[5]
                if case[fact.name] not in regions:
                    case[fact.name] = rng.choice(regions)
            elif fact.type == DAY:
                case[fact.name] = given.get("date", day)
                if rng.random() < 0.2 and fact.name != "date":
                    case[fact.name] = day - rng.choice([0, 1, 400])
            elif usual is not None and rng.random() < 0.85:
                case[fact.name] = usual
            elif fact.type == BOOLEAN or isinstance(fact.type, EnumType):
                case[fact.name] = rng.choice(domain(policy_set, fact))
            else:
                assert fact.low is not None and fact.high is not None
                case[fact.name] = rng.choice([fact.low, fact.low + 1, 4, 5, 9, 10, 12, 20, 22])
        case.update(given)
        if not evaluator.violated(case):
            count -= 1
            yield case


def is_yes(policy_set: PolicySet, evaluator: Evaluator, question: str, case: Case) -> bool:
    found = QuestionReader(policy_set).question(question)
    assert found is not None
    if isinstance(found.subject, str):
        return evaluator.verdict(found.subject, case).value == "permitted"
    return evaluator.value(found.subject, case) is True
