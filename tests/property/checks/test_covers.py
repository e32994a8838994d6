"""What PC402 says of a rule and of those that cover it, against enumeration: small random sets, all their cases, and
every choice of rules, whether they decide the same or are read by conditions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import cache
from itertools import chain, combinations
from random import Random

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.model import Case, DecisionRule, PolicySet, Rule
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from tests.support.evidence import beside, without_rules
from tests.support.sets.enumeration import every_case
from tests.support.sets.random_sets import compiled
from tests.support.slow import mostly_slow

SEEDS = range(24)

VOCABULARY = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
enum kin { spouse, parent, child }
fact home : region
fact relation : kin
fact filed : boolean
fact date : date 2024-01-01..2024-01-01
parameter open : boolean
parameter broad : boolean
decision link governed by home as keeping
decision pay governed by home as paying
define linked = link is permitted
define free = home.open and linked
ranks high > low
source law rank high { clause c "…" }
source page rank low { clause c "…" }
"""

#: What depends on facts only; on parameters, too; and on decisions.
FACTS = ("relation is spouse", "relation is not child", "filed", "not filed", "relation in {parent, child}")
VALUES = ("home.open", "not home.open", "home.broad")
VERDICTS = ("link is permitted", "linked", "link is denied", "free", "not linked")


def made(seed: int) -> str:
    random = Random(f"covers {seed}")
    number = iter(range(100))
    kinds = ["set"] * random.randint(1, 3) + ["link"] * random.randint(1, 3) + ["pay"] * random.randint(3, 4)
    lines: dict[str, list[str]] = {"nation": [], "city": []}
    for kind in kinds[:8]:
        lines[random.choice([*lines])].append(statement(random, kind, f"r{next(number)}"))
    axiom = "axiom a: home.open implies relation is not child\n" if random.random() < 0.2 else ""
    regions = {"nation": "100000", "city": "500000"}
    policies = ("\n".join([f"policy {name} for {regions[name]} {{", *some, "}"]) for name, some in lines.items())
    return "\n".join([VOCABULARY, axiom, *policies])


def statement(random: Random, kind: str, name: str) -> str:
    cite = f"cite {random.choice(['law', 'page'])}.c"
    default = "default " if random.random() < 0.15 else ""
    if kind == "set":
        if random.random() < 0.3:
            rows = [f"| {random.choice(['any', 'spouse', 'child'])} | => true | {random.choice(['true', 'false'])} |"]
            return "\n".join([f"table {name} {cite} {{", "| relation | => open | broad |", *rows, "}"])
        when = f"when {random.choice(FACTS)}" if random.random() < 0.4 else ""
        return f"{default}set {random.choice(['open', 'open', 'broad'])} = {random.choice(['true', 'false'])} {when} {cite}"
    conditions = (*FACTS, *VALUES, *VALUES) if kind == "link" else (*FACTS, *VALUES, *VERDICTS)
    when = f"when {random.choice(conditions)}" if random.random() < 0.8 else ""
    if random.random() < 0.25:
        return f"require {kind} {name}: {random.choice(conditions)} {when} {cite}"
    return f"{default}{random.choice(['permit', 'permit', 'forbid'])} {kind} {name} {when} {cite}"


@cache
def found(seed: int) -> tuple[PolicySet, list[Diagnostic]]:
    policy_set, diagnostics = compiled(made(seed))
    assert not [d for d in diagnostics if d.level is Severity.ERROR]
    report = check(policy_set, (), CheckOptions(date(2024, 1, 1), codes={"PC402"}))
    assert not any(item.code.id == "PC901" for item in report.findings)
    return policy_set, [item for item in report.findings if item.code.id == "PC402"]


class Subsets:
    """A set, and what becomes of it where only some of its rules are there."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self.cases = every_case(policy_set)
        self._outcomes: dict[tuple[frozenset[str], str], list[object]] = {}

    def changing(self, name: str, cover: Collection[str]) -> frozenset[str] | None:
        """Rules, the cover among them, with which a rule has effect, if any."""
        kept = {name, *cover}
        choices = (some | kept for some in subsets(self.policy_set.rules.keys() - kept))
        return next((there for there in choices if self._changes(name, there)), None)

    def _changes(self, name: str, there: frozenset[str]) -> bool:
        """Whether a rule changes anything in a case that breaks no axiom."""
        both = (self._all(there, name), self._all(there - {name}, name))
        differing = [case for case, one, other in zip(self.cases, *both, strict=True) if one != other]
        violated = self._evaluator(there).violated
        return any(not violated(case) for case in differing)

    def _all(self, there: frozenset[str], name: str) -> list[object]:
        """The verdicts or values that a rule is about, case by case."""
        if (there, name) not in self._outcomes:
            rule, evaluator = self.policy_set.rules[name], self._evaluator(there)
            self._outcomes[there, name] = [_about(evaluator, rule, case) for case in self.cases]
        return self._outcomes[there, name]

    def _evaluator(self, there: frozenset[str]) -> Evaluator:
        return without_rules(Evaluator(self.policy_set), self.policy_set.rules.keys() - there)


def _about(evaluator: Evaluator, rule: Rule, case: Case) -> object:
    if isinstance(rule, DecisionRule):
        return evaluator.side(rule.decision, rule.side, case).verdict
    settings = [setting for setting in evaluator.policy_set.settings.values() if setting.name == rule.name]
    return [evaluator.parameter(setting.parameter, "500000", case).outcome for setting in settings]


def subsets(names: Collection[str]) -> Iterator[frozenset[str]]:
    items = sorted(names)
    return map(frozenset, chain.from_iterable(combinations(items, size) for size in range(len(items) + 1)))


@pytest.mark.parametrize("seed", mostly_slow(SEEDS, 6))
def test_with_its_cover_a_rule_changes_nothing_whatever_others_are_there_and_none_can_be_spared(seed: int) -> None:
    policy_set, findings = found(seed)
    sets = Subsets(policy_set)
    for finding in findings:
        name, *cover = finding.finding.rules
        assert not finding.finding.cut
        assert sets.changing(name, cover) is None, made(seed)
        for spared in cover:
            rest = {*cover} - {spared}
            assert sets.changing(name, rest) is not None, f"{spared} can be spared"


@pytest.mark.slow
def test_the_sets_show_all_of_it() -> None:
    """Covers of rules beside it alone, and through parameters and decisions; requirements met with and without others.
    On sets without such findings every comparison would succeed."""
    kinds = set[tuple[str, ...]]()
    for seed in SEEDS:
        policy_set, findings = found(seed)
        for finding in findings:
            name, *cover = finding.finding.rules
            read = [policy_set.rules[other] for other in cover if not beside(policy_set, name, other)]
            kinds.add((finding.message.key, *sorted({type(rule).__name__ for rule in read})))
    wanted = {
        *(("PC402.verdict", *read) for read in ((), ("Norm",), ("Setting",), ("Norm", "Setting"))),
        *(("PC402.met",), ("PC402.met_with", "Setting"), ("PC402.value",)),
    }
    assert wanted <= kinds
