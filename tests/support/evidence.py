"""What a finding claims of a case, asked of the reference evaluator alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from random import Random

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.model import (
    DATE,
    REGION,
    Assertion,
    Case,
    DecisionRule,
    Effect,
    Expr,
    Fact,
    Mandate,
    Norm,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    SideVerdict,
    Value,
    Verdict,
    conditions,
)
from policyc.dsl.semantics.evaluate import NEVER, Evaluator
from policyc.dsl.semantics.outcomes import Conflicting, State, Undetermined
from policyc.solver.encoding.dependencies import Dependencies, readings as readings_of
from tests.support.doubt import beaten_names
from tests.support.sets.enumeration import domain

#: Conflicts that precedence settles.
_SETTLED = ("PC302", "PC308", "PC309")

#: The most arrangements that are tried one by one.
_MOST = 3000


def witness_of(policy_set: PolicySet, diagnostic: Diagnostic) -> dict[str, Value]:
    """The facts of the witness as values."""
    return dict(QuestionReader(policy_set).facts(dict(diagnostic.finding.witness or ())))


@dataclass(frozen=True)
class Reading:
    """How a finding is understood: through which region fact a parameter or a table is read (`""`: in any region), and
    whether the rule that prevails has effect itself, one that covers another applies, and a gap leaves no value."""

    place: str
    prevails: bool = False


def readings(policy_set: PolicySet) -> list[Reading]:
    """All ways to understand a finding. Findings about a decision do not look at the place."""
    facts = [fact.name for fact in policy_set.facts.values() if fact.type == REGION]
    return [Reading(place, prevails) for place in (*facts, "") for prevails in (True, False)]


def shows(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, reading: Reading) -> bool:
    """Whether a case shows a finding: its rules apply or have effect as it says, and with its verdicts."""
    finding = diagnostic.finding
    if any(evaluator.verdict(decision, case).value != verdict for decision, verdict in finding.verdicts):
        return False
    region = str(case[reading.place]) if reading.place else ""
    if not region and diagnostic.code.id in (*_SETTLED, "PC106", "PC303", "PC405"):
        return False  # a parameter is read in some region
    if reading.prevails and not _clearer(evaluator, diagnostic, case, region):
        return False
    return _CLAIMS[diagnostic.code.id](evaluator, diagnostic, case, region)


def _norms(evaluator: Evaluator, diagnostic: Diagnostic) -> tuple[Norm, ...]:
    return tuple(evaluator.policy_set.norms[name] for name in diagnostic.finding.rules)


def _place(evaluator: Evaluator, norm: Norm, case: Case) -> str:
    return str(case[evaluator.policy_set.side(norm.decision, norm.side).fact])


def _has_effect(evaluator: Evaluator, norm: Norm, case: Case) -> bool:
    return evaluator.effective((norm,), _place(evaluator, norm, case), case)


def _side(evaluator: Evaluator, norm: DecisionRule, case: Case) -> SideVerdict:
    return evaluator.side(norm.decision, norm.side, case).verdict


def _settings(evaluator: Evaluator, diagnostic: Diagnostic) -> Iterator[tuple[Setting, Setting]]:
    """The two settings of a finding; two rows of tables can have several."""
    of = [
        [setting for setting in evaluator.policy_set.settings.values() if setting.name == name]
        for name in diagnostic.finding.rules
    ]
    yield from ((one, other) for one, other in product(*of) if one.parameter == other.parameter)


def _circle(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    """All rules apply, and each is beaten by the next."""
    policy_set = evaluator.policy_set
    named = [policy_set.rules[name] for name in diagnostic.finding.rules]
    beaten = beaten_names(policy_set)
    places = {_region(evaluator, rule, case, region) for rule in named}
    return all(
        any(all(truth is True for truth in answer) for answer in evaluator.applications(named, place, case))
        for place in places
    ) and all(winner.key in beaten[rule.key] for rule, winner in zip(named, [*named[1:], named[0]], strict=True))


def _norm_conflict(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    one, other = _norms(evaluator, diagnostic)
    place = _place(evaluator, one, case)
    return evaluator.effective((one, other), place, case) and _side(evaluator, one, case) is SideVerdict.CONFLICT


def _settled_conflict(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    policy_set = evaluator.policy_set
    if diagnostic.finding.decision is None:
        return any(
            evaluator.applying(one, region, case) and evaluator.applying(other, region, case)
            for one, other in _settings(evaluator, diagnostic)
        )
    assert all(name in policy_set.norms for name in diagnostic.finding.rules)
    return all(evaluator.applying(norm, _place(evaluator, norm, case), case) for norm in _norms(evaluator, diagnostic))


def _clearer(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    """Whether the rule that prevails (PC302, PC308, PC309) has effect, or one that covers (PC402) applies, or a case in a
    gap has no value (PC406)."""
    decision, (own, *others) = diagnostic.finding.decision, diagnostic.finding.rules
    match diagnostic.code.id:
        case code if code in _SETTLED and decision is not None:
            return _has_effect(evaluator, _norms(evaluator, diagnostic)[1], case)
        case code if code in _SETTLED:
            return any(evaluator.effective((other,), region, case) for _, other in _settings(evaluator, diagnostic))
        case "PC402":
            rules = [evaluator.policy_set.rules[name] for name in others if beside(evaluator.policy_set, own, name)]
            return any(evaluator.applying(rule, _region(evaluator, rule, case, region), case) for rule in rules)
        case "PC406" if region:
            parameters = evaluator.policy_set.tables[diagnostic.finding.rules[0]].parameters
            outcomes = [evaluator.parameter(name, region, case).outcome for name in parameters]
            return any(isinstance(outcome, Undetermined) for outcome in outcomes)
        case _:
            return True


def _region(evaluator: Evaluator, rule: Rule, case: Case, region: str) -> str:
    """The region whose rules a rule is among: for a decision, that of its side."""
    if isinstance(rule, DecisionRule):
        return str(case[evaluator.policy_set.side(rule.decision, rule.side).fact])
    return region or rule.region


def _value_conflict(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    for one, other in _settings(evaluator, diagnostic):
        outcome = evaluator.parameter(one.parameter, region, case).outcome
        values = set(outcome.values) if isinstance(outcome, Conflicting) else set()
        if {one.value, other.value} <= values and evaluator.effective((one, other), region, case):
            return True
    return False


def _side_disagreement(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    one, other = _norms(evaluator, diagnostic)
    permit, forbid = (one, other) if one.effect is Effect.PERMIT else (other, one)
    return (
        _has_effect(evaluator, permit, case)
        and _has_effect(evaluator, forbid, case)
        and _side(evaluator, permit, case) is SideVerdict.PERMITS
        and _side(evaluator, forbid, case) is SideVerdict.DENIES
    )


def _unusable_permit(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    permit = evaluator.policy_set.norms[diagnostic.finding.rules[0]]
    refused = _side(evaluator, permit, case) in (SideVerdict.DENIES, SideVerdict.CONFLICT)
    return evaluator.applying(permit, _place(evaluator, permit, case), case) and refused


def _narrowed_mandate(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    mandate = evaluator.policy_set.mandates[diagnostic.finding.rules[0]]
    return _is_owed(evaluator, mandate, case) and _side(evaluator, mandate, case) is not SideVerdict.PERMITS


def _is_owed(evaluator: Evaluator, mandate: Mandate, case: Case) -> bool:
    place = str(case[evaluator.policy_set.side(mandate.decision, mandate.side).fact])
    return all(truth is True for (truth,) in evaluator.applications((mandate,), place, case))


def _unmet_mandate(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    """Owed and refused, whatever is arranged. (Requirements of the mandate's level and above that an arrangement
    breaks are left to other tests: such an arrangement is refused as well.)"""
    if not _narrowed_mandate(evaluator, diagnostic, case, region):
        return False
    mandate = evaluator.policy_set.mandates[diagnostic.finding.rules[0]]
    return not any(
        _is_owed(evaluator, mandate, other)
        and _side(evaluator, mandate, other) is SideVerdict.PERMITS
        and not evaluator.violated(other)
        for other in _arrangements(evaluator.policy_set, mandate, case)
    )


def _arrangements(policy_set: PolicySet, mandate: Mandate, case: Case) -> Iterator[dict[str, Value]]:
    """The case with every choice of what people can arrange, and of what only requirements of lower regions ask."""
    here = (mandate.decision, mandate.side)
    deciding: set[str] = {DATE}
    local: set[str] = set()
    for rule in (mandate, *policy_set.norms.values(), *policy_set.requirements.values()):
        if (rule.decision, rule.side) != here:
            continue
        below = isinstance(rule, Requirement) and not policy_set.regions.within(mandate.region, rule.region)
        for part in conditions(rule):
            read = facts_read(policy_set, part)
            if below:
                local |= read
            elif not isinstance(rule, Requirement):
                deciding |= read
    facts = [
        fact
        for fact in policy_set.facts.values()
        if fact.arrangeable or (fact.type != REGION and fact.name in local - deciding)
    ]
    ranges = [domain(policy_set, fact) if fact.low is None else _ends(fact) for fact in facts]
    assert prod(map(len, ranges)) <= _MOST, "too many arrangements to try"
    for values in product(*ranges):
        yield {**case, **dict(zip([fact.name for fact in facts], values, strict=True))}


def _ends(fact: Fact) -> Sequence[Value]:
    """All values of a small range of numbers, else those at its ends."""
    assert fact.low is not None and fact.high is not None
    if fact.high - fact.low < 10:
        return range(fact.low, fact.high + 1)
    return fact.low, fact.low + 1, fact.high - 1, fact.high


def beside(policy_set: PolicySet, one: str, other: str) -> bool:
    """Whether two rules decide the same."""
    rules = policy_set.rules[one], policy_set.rules[other]
    if isinstance(rules[0], DecisionRule) and isinstance(rules[1], DecisionRule):
        return (rules[0].decision, rules[0].side) == (rules[1].decision, rules[1].side)
    of = [{s.parameter for s in policy_set.settings.values() if s.name == rule.name} for rule in rules]
    return bool(of[0] & of[1])


def _redundant_rule(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    """The rule applies, and it makes no difference."""
    rule = evaluator.policy_set.rules[diagnostic.finding.rules[0]]
    here = region or region_within(evaluator.policy_set, rule)
    place = _region(evaluator, rule, case, here)
    return evaluator.applying(rule, place, case) and not makes_a_difference(evaluator, rule, case, here)


def stays_redundant(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, random: Random) -> bool:
    """Whether a rule without effect (PC402) makes no difference even if some rules are gone that its finding does not
    name, unless the case then breaks an axiom."""
    policy_set, (name, *_) = evaluator.policy_set, diagnostic.finding.rules
    unnamed = [other for other in policy_set.rules if other not in diagnostic.finding.rules]
    fewer = without_rules(evaluator, random.sample(unnamed, random.randint(0, len(unnamed))))
    rule = policy_set.rules[name]
    return bool(fewer.violated(case)) or not makes_a_difference(fewer, rule, case, region_within(policy_set, rule))


def region_within(policy_set: PolicySet, rule: Rule) -> str:
    """A region in or below that of a rule."""
    return next(code for code in policy_set.regions.values() if policy_set.regions.within(code, rule.region))


def without_rules(evaluator: Evaluator, names: Collection[str]) -> Evaluator:
    """An evaluator without some rules; of a table, without whole rows."""
    policy_set = evaluator.policy_set
    every = (*policy_set.norms.values(), *policy_set.requirements.values(), *policy_set.settings.values())
    return evaluator.during({rule.key: NEVER for rule in every if rule.name in names})


def makes_a_difference(evaluator: Evaluator, rule: Rule, case: Case, region: str) -> bool:
    """Whether a verdict of a side, or a value in a region, changes if a rule is removed."""
    without = evaluator.without(rule)
    if isinstance(rule, DecisionRule):
        return _side(evaluator, rule, case) is not _side(without, rule, case)
    settings = [setting for setting in evaluator.policy_set.settings.values() if setting.name == rule.name]
    return any(
        evaluator.parameter(setting.parameter, region, case).outcome
        != without.parameter(setting.parameter, region, case).outcome
        for setting in settings
    )


def facts_read(policy_set: PolicySet, expression: Expr) -> set[str]:
    """The facts that an expression can depend on, through definitions, parameters and decisions."""
    return set(Dependencies(policy_set).expression(expression))


def _silence(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    (permit,) = _norms(evaluator, diagnostic)
    silent = diagnostic.finding.side
    assert silent is not None
    return (
        _has_effect(evaluator, permit, case)
        and _side(evaluator, permit, case) is SideVerdict.PERMITS
        and evaluator.side(permit.decision, silent, case).verdict is SideVerdict.SILENT
        and evaluator.verdict(permit.decision, case) is Verdict.UNDETERMINED
    )


def _undetermined_value(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    """The parameter has no value, and it is in doubt what becomes of a rule or an assertion that reads it."""
    (parameter,) = diagnostic.finding.rules
    if not isinstance(evaluator.parameter(parameter, region, case).outcome, Undetermined):
        return False
    places = [fact.name for fact in evaluator.policy_set.facts.values() if fact.type == REGION]
    return any(
        case[fact] == region and _is_in_doubt(evaluator, reader, case, places)
        for fact, reader in readings_of(evaluator.policy_set)[parameter]
    )


def _is_in_doubt(evaluator: Evaluator, reader: Rule | Assertion, case: Case, places: Sequence[str]) -> bool:
    match reader:
        case Assertion(condition=condition):
            return isinstance(evaluator.value(condition, case), Undetermined)
        case Norm() | Requirement():
            traces = evaluator.side(reader.decision, reader.side, case).rules
            return any(trace.rule == reader.name and trace.state is State.MAY_APPLY for trace in traces)
        case Mandate():
            place = str(case[evaluator.policy_set.side(reader.decision, reader.side).fact])
            return any(isinstance(t, Undetermined) for (t,) in evaluator.applications((reader,), place, case))
        case _:
            applications = [evaluator.applications((reader,), str(case[place]), case) for place in places]
            return any(isinstance(truth, Undetermined) for found in applications for (truth,) in found)


def _table_gap(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    table = evaluator.policy_set.tables[diagnostic.finding.rules[0]]
    rows = [evaluator.policy_set.rules[row.name] for row in table.rows]
    answers = evaluator.applications((table, *rows), region or table.region, case)
    return all(own is True and all(truth is False for truth in taking) for own, *taking in answers)


def _masked_row(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    row, *masks = (evaluator.policy_set.rules[name] for name in diagnostic.finding.rules)
    answers = [
        others for own, *others in evaluator.applications((row, *masks), region or row.region, case) if own is True
    ]
    return bool(answers) and all(True in others for others in answers)


def _overlapping_rows(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    rows = [evaluator.policy_set.rules[name] for name in diagnostic.finding.rules]
    return any(
        all(own is True for own in taking) for taking in evaluator.applications(rows, region or rows[0].region, case)
    )


def _refuted(evaluator: Evaluator, diagnostic: Diagnostic, case: Case, region: str) -> bool:
    (name,) = diagnostic.finding.rules
    (assertion,) = (item for item in evaluator.policy_set.assertions if item.name == name)
    return evaluator.value(assertion.condition, case) is False


_CLAIMS = {
    "PC106": _circle,
    "PC301": _norm_conflict,
    **dict.fromkeys(_SETTLED, _settled_conflict),
    "PC303": _value_conflict,
    "PC304": _side_disagreement,
    "PC305": _unusable_permit,
    "PC306": _unmet_mandate,
    "PC307": _narrowed_mandate,
    "PC402": _redundant_rule,
    "PC403": _silence,
    "PC405": _undetermined_value,
    "PC406": _table_gap,
    "PC407": _masked_row,
    "PC408": _overlapping_rows,
    "PC501": _refuted,
}

#: The codes whose witnesses can be asked about here.
CODES = tuple(_CLAIMS)


def completions(policy_set: PolicySet, part: Mapping[str, Value], random: Random, count: int) -> Iterator[Case]:
    """Random cases with some facts given, valid or not."""
    open_ = [fact for fact in policy_set.facts.values() if fact.name not in part]
    for _ in range(count if open_ else 1):
        yield {**part, **{fact.name: _drawn(policy_set, fact, random) for fact in open_}}


def _drawn(policy_set: PolicySet, fact: Fact, random: Random) -> Value:
    if fact.low is None or fact.high is None or fact.high - fact.low < _MOST:
        return random.choice(domain(policy_set, fact))
    ends: list[Value] = [fact.low, fact.low + 1, fact.high, random.randint(fact.low, fact.high)]
    return random.choice(ends)
