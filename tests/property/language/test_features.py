"""The features of random sets, and their influence: sets without a feature would not test it.

`pytest -rP` shows how often each feature occurred and had an influence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from policyc.dsl.model import (
    PERCENT,
    WHOLE,
    Case,
    Expr,
    FactValue,
    MetaRule,
    Period,
    PolicySet,
    Product,
    SideVerdict,
    Verdict,
    parts,
)
from policyc.dsl.model.precedence import beaten_by, contests
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, DecisionTrace, Outcome, State, Undetermined
from tests.support.sets.random_sets import SETS, Generated, cases, generated

pytestmark = pytest.mark.slow

#: The least share of the sets (or of their cases) in which a feature must have been seen at work.
SHARE = 0.05


def nodes(expression: Expr | None) -> Iterator[Expr]:
    if expression is not None:
        yield expression
        for part in parts(expression):
            yield from nodes(part)


def occurring(generated_set: Generated) -> set[str]:
    """What a set contains. The denominator is all sets."""
    policy_set, text = generated_set.policy_set, generated_set.text
    rules = [*policy_set.norms.values(), *policy_set.requirements.values(), *policy_set.settings.values()]
    expressions = [define.value for define in policy_set.defines.values()]
    expressions += [rule.condition for rule in policy_set.requirements.values()]
    conditions = [expression for rule in rules for expression in (rule.when, rule.unless)]
    found = {type(node).__name__ for expression in (*expressions, *conditions) for node in nodes(expression)}
    kinds = {
        "unless": any(rule.unless is not None for rule in rules),
        "default permit": "default permit" in text,
        "default forbid": "default forbid" in text,
        "default set": "default set" in text,
        "exception to a norm": any(n.exceptions & policy_set.norms.keys() for n in policy_set.norms.values()),
        "exception to a requirement": any(
            n.exceptions & policy_set.requirements.keys() for n in policy_set.norms.values()
        ),
        "another precedence": "precedence" in text,
        "axiom": bool(policy_set.axioms),
        "period of a statement": any(rule.period != policy_set.policies[rule.policy].period for rule in rules),
        "table": any(setting.table for setting in policy_set.settings.values()),
        "any": "| any |" in text,
        "range of cells": ".." in text.partition("policy p0")[2],
        "comparison of cells": any(f"| {sign}" in text for sign in "<>"),
        "rule that cites nothing": any(not rule.cites for rule in rules),
        "local define": any(define.policy for define in policy_set.defines.values()),
        "usual value that is another fact": any(
            isinstance(fact.usual, FactValue) for fact in policy_set.facts.values()
        ),
    }
    found |= {kind for kind, has in kinds.items() if has}
    return found


OCCURRING = (
    "unless",
    "default permit",
    "default forbid",
    "default set",
    "exception to a norm",
    "exception to a requirement",
    "another precedence",
    "axiom",
    "period of a statement",
    "table",
    "any",
    "range of cells",
    "comparison of cells",
    "rule that cites nothing",
    "local define",
    "usual value that is another fact",
    "Ancestor",
    "Choice",
    "Extreme",
    "IsUndetermined",
    "MemberOf",
    "Product",
    "RegionCode",
    "Shifted",
    "Sum",
    "VerdictIs",
    "Within",
)


def test_features_occur() -> None:
    counts: Counter[str] = Counter()
    mistaken = 0
    for seed in range(SETS):
        counts.update(occurring(generated(seed)))
        mistaken += generated(seed).mistaken
    for feature in OCCURRING:
        print(f"{feature:34} in {counts[feature]:5} of {SETS} sets")
    print(f"texts with mistakes, left out: {mistaken}")
    assert [feature for feature in OCCURRING if counts[feature] < SHARE * SETS] == []
    assert mistaken < SETS / 4


def without(policy_set: PolicySet) -> dict[str, Evaluator]:
    """Evaluators of a set that lacks one feature each; where a verdict changes, the feature has mattered."""
    plain = {
        "unless": replace(
            policy_set, norms={name: replace(norm, unless=None) for name, norm in policy_set.norms.items()}
        ),
        "when": replace(policy_set, norms={name: replace(norm, when=None) for name, norm in policy_set.norms.items()}),
        "requirements": replace(policy_set, requirements={}),
        "requirement set aside": replace(
            policy_set,
            norms={
                name: replace(norm, exceptions=norm.exceptions - policy_set.requirements.keys())
                for name, norm in policy_set.norms.items()
            },
        ),
        "tables": replace(
            policy_set,
            settings={key: setting for key, setting in policy_set.settings.items() if not setting.table},
        ),
    }
    found = {feature: Evaluator(changed) for feature, changed in plain.items()}
    found["periods"] = Evaluator(policy_set, {name: Period() for name in (*policy_set.norms, *policy_set.settings)})
    for meta in MetaRule:
        beaten = {
            name: tuple(loss for loss in losses if loss.meta is not meta)
            for name, losses in beaten_by(contests(policy_set)).items()
        }
        found[f"beaten by {meta.value}"] = Evaluator(policy_set, beaten=beaten)
    return found


def test_features_matter() -> None:
    """Each feature decides a verdict or value in some case of at least one set in twenty; each verdict and
    state comes about in at least one case in twenty."""
    mattered: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    pairs = 0
    for seed in range(SETS):
        policy_set = generated(seed).policy_set
        evaluator, others = Evaluator(policy_set), without(policy_set)
        deciding: set[str] = set()
        for case in cases(seed)[:8]:
            pairs += 1
            traces = {name: evaluator.decide(name, case) for name in policy_set.decisions}
            values = {n: evaluator.value(define.value, case) for n, define in policy_set.defines.items()}
            for feature, other in others.items():
                if feature not in deciding and (
                    any(other.verdict(name, case) is not trace.verdict for name, trace in traces.items())
                    or any(other.value(policy_set.defines[n].value, case) != v for n, v in values.items())
                ):
                    deciding.add(feature)
            happened_here = happening(traces.values(), values.values())
            seen.update(happened_here)
            deciding |= happened_here - set(HAPPENING)
            deciding |= {"inexact rounding"} if inexact(evaluator, case) else set()
        mattered.update(deciding)
    features = [
        *without(generated(0).policy_set),
        "inexact rounding",
        "conflicting",
        "conflict by a parameter's values",
        "conflicting value",
    ]
    for feature in features:
        print(f"{feature:34} decided in {mattered[feature]:5} of {SETS} sets")
    for happened in HAPPENING:
        print(f"{happened:34} in {seen[happened]:5} of {pairs} cases")
    # Only a set in which a permit names a requirement can have one set aside.
    naming = sum("exception to a requirement" in occurring(generated(seed)) for seed in range(SETS))
    chances = {"requirement set aside": naming}
    few = [f for f in features if mattered[f] < SHARE * chances.get(f, SETS)]
    assert few == []
    assert [happened for happened in HAPPENING if seen[happened] < SHARE * pairs] == []


HAPPENING = (
    *(verdict.value for verdict in Verdict if verdict is not Verdict.CONFLICTING),
    *(state.value for state in State if state is not State.SET_ASIDE),
    "silent by a doubtful rule",
    "undetermined value",
)


def happening(traces: Iterable[DecisionTrace], values: Iterable[Outcome]) -> set[str]:
    found: set[str] = set()
    for trace in traces:
        found.add(trace.verdict.value)
        for side in trace.sides:
            states = {rule.state for rule in side.rules}
            found |= {state.value for state in states}
            if side.verdict is SideVerdict.SILENT and State.MAY_APPLY in states:
                found.add("silent by a doubtful rule")
            conflicting = any(isinstance(p.outcome, Conflicting) for p in side.parameters)
            if side.verdict is SideVerdict.CONFLICT and conflicting:
                found.add("conflict by a parameter's values")
    for outcome in values:
        if isinstance(outcome, Undetermined):
            found.add("undetermined value")
        if isinstance(outcome, Conflicting):
            found.add("conflicting value")
    return found


def inexact(evaluator: Evaluator, case: Case) -> bool:
    """Whether some product of a define was rounded in a case."""
    for define in evaluator.policy_set.defines.values():
        for node in nodes(define.value):
            if isinstance(node, Product) and PERCENT in (node.factor.type, node.operand.type):
                pair = evaluator.value(node.factor, case), evaluator.value(node.operand, case)
                if isinstance(pair[0], int) and isinstance(pair[1], int) and pair[0] * pair[1] % WHOLE:
                    return True
    return False
