"""Conflicts of values (PC303): two unbeaten settings give a parameter different values."""

from __future__ import annotations

from functools import partial
from itertools import product

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.model import And, Case, Constant, Expr, Less, PolicySet, Setting
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Conflicting

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import reading_facts
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...engine.rule_places import rules_scope
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion, Phase, Report
from ..reporter import Possibility, Reporter


def value_conflicts(reporter: Reporter) -> Analysis:
    """PC303: two unbeaten settings give a parameter different values."""
    rule_index = reporter.context.rule_index
    fact_of = reading_facts(reporter.policy_set)
    pairs = {
        ("PC303", one.key, other.key): (one, other)
        for clashes in rule_index.clashing.values()
        for one, other in clashes
    }

    def conclude(results: ReachabilityResults) -> Conclusion:
        found: list[Report] = [
            partial(_value_conflict, reporter, *pair, fact_of[pair[0].parameter], results.parts(key_))
            for key_, pair in pairs.items()
            if key_ in results
        ]
        questions = results.proved("PC303") + rule_index.met_never.get("PC303", 0)
        proof = Proof(ProofKind.NO_CONFLICTING_VALUES, None, None, None, questions)
        # Later questions need not consider pairs that were proved impossible.
        refined = rule_index.with_clashes({key_[1:] for key_ in pairs if results.may_be(key_)})
        return Conclusion(found, [] if found else [proof], rule_index=refined)

    by_fact: dict[str, list[tuple[Setting, Setting]]] = {}
    for pair in pairs.values():
        by_fact.setdefault(fact_of[pair[0].parameter], []).append(pair)
    regions = frozenset(rules_scope(reporter.policy_set, *pair)[0] for pair in pairs.values())
    queries = [
        ReachabilityQuery("PC303", fact, partial(_clashes, fact, of_fact), regions=regions)
        for fact, of_fact in by_fact.items()
    ]
    purpose = Purpose(("PC303",), text("PC901.conflicting-values"), None)
    return Analysis(purpose, "PC303", queries, conclude)


def _clashes(fact: str, pairs: list[tuple[Setting, Setting]], scope: CaseScope) -> dict[Key, Described]:
    """Pairs of settings that can meet in a scope, read by a region fact."""
    return {
        ("PC303", one.key, other.key): partial(both_unbeaten, scope, one, other, fact)
        for one, other in pairs
        if scope.reaches(fact, rules_scope(scope.policy_set, one, other)[0])
    }


def both_unbeaten(scope: CaseScope, one: Setting, other: Setting, fact: str) -> Term:
    """When two settings, read by a region fact, give a parameter different values and neither is beaten."""
    place = scope.symbolic.region(fact)
    conflict = scope.rules.conflict(one.parameter, place)
    unbeaten = scope.rules.either_branch(
        lambda choices: scope.factory.and_(scope.rules.unbeaten(setting, place, choices) for setting in (one, other))
    )
    return scope.factory.and_((conflict, unbeaten))


def _value_conflict(reporter: Reporter, one: Setting, other: Setting, fact: str, parts: Parts) -> Diagnostic | None:
    parameter = reporter.policy_set.parameters[one.parameter]

    def claim(evaluator: Evaluator, case: Case) -> bool:
        outcome = evaluator.parameter(parameter.name, str(case[fact]), case).outcome
        values = set(outcome.values) if isinstance(outcome, Conflicting) else set()
        return {one.value, other.value} <= values and evaluator.effective((one, other), str(case[fact]), case)

    values = [format_value(setting.value, parameter.type) for setting in (one, other)]
    return reporter.report(
        "PC303",
        text("PC303.headline", parameter=parameter.name, one=values[0], other=values[1]),
        (one, other),
        Possibility(
            lambda scope: both_unbeaten(scope, one, other, fact),
            claim,
            None,
            fact,
            *rules_scope(reporter.policy_set, one, other),
            parts=parts,
        ),
        labels=[text("PC303.label", value=value) for value in values],
        help_=_help(reporter.policy_set, one, other),
    )


def _help(policy_set: PolicySet, one: Setting, other: Setting) -> Text:
    if one.table is not None and one.table == other.table:
        return _of_shared_end(policy_set, one, other) or text("PC303.help-rows")
    if one.region == other.region and (one.default or other.default):
        return text("PC303.help-rest")
    return text("PC303.help")


def _of_shared_end(policy_set: PolicySet, one: Setting, other: Setting) -> Text | None:
    """Help for two rows of which one ends where the other begins."""
    table = policy_set.tables[one.table or ""]
    cells = [next(row.cells for row in table.rows if row.name == rule.name) for rule in (one, other)]
    for mine, theirs in [*product(*cells), *product(*reversed(cells))]:
        (lower, (_, last)), (upper, (first, greatest)) = _ends(mine), _ends(theirs)
        if lower is not None and lower == upper and last is not None and last == first:
            shown = partial(format_value, type_=lower.type)
            instead = f"> {shown(last)}" if greatest is None else f"{shown(last + 1)}..{shown(greatest)}"
            return text("PC303.help-shared-end", end=shown(last), instead=instead)
    return None


def _ends(cell: Expr) -> tuple[Expr | None, tuple[int | None, int | None]]:
    """The column of a cell that is a range or has one end, and its least and greatest values, as far as it has them."""
    match cell:
        case And(operands=[Less() as least, Less() as greatest]):
            return _ends(least)[0], (_ends(least)[1][0], _ends(greatest)[1][1])
        case Less(left=Constant(value=int(value)), right=column, strict=strict):
            return column, (value + strict, None)
        case Less(left=column, right=Constant(value=int(value)), strict=strict):
            return column, (None, value - strict)
        case _:
            return None, (None, None)


CHECK = Check(("PC303",), 0, lambda reporter: [value_conflicts(reporter)], Phase.VALUES, shown=("PC303",))
