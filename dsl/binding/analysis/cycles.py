"""Circles (PC106): decisions, defines and parameters that depend on themselves, rules that are exceptions to each other.

In: a checked set. Out: a diagnostic for each cycle; and where rules could beat each other in a longer circle, if some
case meets them all, which only the solver can tell (`solver/checks/contradictions/circles.py`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from ...diagnostics.diagnostic import Diagnostic, Label, report, text
from ...diagnostics.source import Span
from ...model import DefineValue, Expr, ParameterValue, PolicySet, Rule, VerdictIs, conditions
from ...model.precedence import Contender, Contest, beaten_by, contending_groups, contests
from ...model.traversal import subexpressions

N = TypeVar("N", bound=Hashable)

#: A define, decision or parameter: its kind and name.
Node = tuple[str, str]


def dependency_cycles(policy_set: PolicySet) -> list[Diagnostic]:
    """Decisions, defines and parameters that depend on themselves."""
    edges = _dependencies(policy_set)
    found = []
    for cycle in _cycles(edges):
        first, *rest = cycle
        chain = " → ".join(name for _, name in (*cycle, first))
        message = text("PC106.depends", name=first[1], chain=chain)
        others = tuple(Label(_declared(policy_set, node)) for node in rest)
        found.append(report("PC106", message, _declared(policy_set, first), secondary=others, help=text("PC106.help")))
    return found


def _dependencies(policy_set: PolicySet) -> dict[Node, list[Node]]:
    edges: dict[Node, list[Node]] = {("define", name): [] for name in policy_set.defines}
    edges |= {("decision", name): [] for name in policy_set.decisions}
    edges |= {("parameter", name): [] for name in policy_set.parameters}
    for define in policy_set.defines.values():
        edges["define", define.name] += _reads(define.value)
    for norm in policy_set.norms.values():
        edges["decision", norm.decision] += _rule_reads(norm)
    for requirement in policy_set.requirements.values():
        edges["decision", requirement.decision] += _rule_reads(requirement)
    for setting in policy_set.settings.values():
        edges["parameter", setting.parameter] += _rule_reads(setting)
    return edges


def _rule_reads(rule: Rule) -> list[Node]:
    return [node for condition in conditions(rule) for node in _reads(condition)]


def _reads(expression: Expr) -> list[Node]:
    found: list[Node] = []
    for inner in subexpressions(expression):
        match inner:
            case DefineValue(define=name):
                found.append(("define", name))
            case ParameterValue(parameter=name):
                found.append(("parameter", name))
            case VerdictIs(decision=name):
                found.append(("decision", name))
    return found


def _declared(policy_set: PolicySet, node: Node) -> Span:
    kind, name = node
    match kind:
        case "define":
            return policy_set.defines[name].span
        case "decision":
            return policy_set.decisions[name].span
        case _:
            return policy_set.parameters[name].span


def mutual_exceptions(policy_set: PolicySet) -> list[Diagnostic]:
    """Pairs of rules that are each declared an exception to the other: neither can prevail by it."""
    norms, found = policy_set.norms, []
    for norm in norms.values():
        for name in norm.exceptions:
            other = norms.get(name)
            first = other is not None and norm.span.sort_key() < other.span.sort_key()
            if other is not None and first and norm.name in other.exceptions:
                message = text("PC106.exceptions", one=norm.name, other=other.name)
                label = Label(other.span)
                help_ = text("PC106.exceptions-help")
                found.append(report("PC106", message, norm.span, secondary=(label,), help=help_))
    return found


def beats_circles(policy_set: PolicySet, known: Iterable[Contest] | None = None) -> list[dict[str, list[str]]]:
    """Which rules may beat each other in circles within one region and day, whatever their conditions: for each group of
    contending rules with any, the rules of circles and those between circles, by key, each with what beats it. `known`
    are the contests, if already computed."""
    losses = beaten_by(contests(policy_set) if known is None else known)
    found = []
    for group in contending_groups(policy_set):
        edges = _circling({rule.key: [loss.winner for loss in losses.get(rule.key, ())] for rule in group})
        if not edges:
            continue
        circles: dict[str, dict[str, None]] = {}
        for members in _together([rule for rule in group if rule.key in edges], policy_set):
            for name, winners in _circling({name: edges[name] for name in members}).items():
                circles.setdefault(name, {}).update(dict.fromkeys(winners))
        if circles:
            found.append({name: list(circles[name]) for name in edges if name in circles})
    return found


def _circling(edges: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The part of a relation that lies on circles or between them: without what leads nowhere or comes from nowhere."""
    rest = {name: list(winners) for name, winners in edges.items()}
    while True:
        winning = {winner for winners in rest.values() for winner in winners}
        kept = {
            name: inner
            for name, winners in rest.items()
            if name in winning and (inner := [winner for winner in winners if winner in rest])
        }
        if kept == rest:
            return kept
        rest = kept


def _together(group: list[Contender], policy_set: PolicySet) -> Iterable[dict[str, None]]:
    """The rules that are in force in one region on one day, for each region and day on which they change."""
    days = sorted({rule.period.first or 1 for rule in group})
    for region in sorted({rule.region for rule in group}):
        for day in days:
            yield {
                rule.key: None
                for rule in group
                if policy_set.regions.within(region, rule.region) and day in rule.period
            }


def first_circle(edges: Mapping[N, Sequence[N]]) -> list[N]:
    """A cycle of a relation, from its first node in order of declaration; empty if there is none."""
    return next(iter(_cycles(edges)), [])


def _cycles(edges: Mapping[N, Sequence[N]]) -> list[list[N]]:
    """Cycles whose removal makes the graph acyclic, each from its first node in order of declaration."""
    order = {node: number for number, node in enumerate(edges)}
    rest = {node: list(dict.fromkeys(targets)) for node, targets in edges.items()}
    found: list[list[N]] = []
    while True:
        try:
            TopologicalSorter(rest).prepare()
        except CycleError as error:
            cycle: list[N] = error.args[1][:-1]  # each node precedes the next
            rest[cycle[0]].remove(cycle[-1])
            cycle.reverse()
            first = min(range(len(cycle)), key=lambda position: order[cycle[position]])
            found.append(cycle[first:] + cycle[:first])
        else:
            return found
