"""Circles (PC106): decisions, defines and parameters that depend on themselves, rules that beat each other.

In: a checked set. Out: a diagnostic for each cycle.
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


def beats_cycles(policy_set: PolicySet, known: Iterable[Contest] | None = None) -> list[Diagnostic]:
    """Rules that beat each other in a circle within one region and day. `known` are the contests, if already
    computed."""
    losses = beaten_by(contests(policy_set) if known is None else known)
    found: dict[tuple[str, ...], Diagnostic] = {}
    for group in contending_groups(policy_set):
        rules = {rule.key: rule for rule in group}
        edges = {name: [loss.winner for loss in losses.get(name, ())] for name in rules}
        if not _cycles(edges):
            continue
        for members in _together(group, policy_set):
            inner = {name: [w for w in edges[name] if w in members] for name in members}
            for cycle in _cycles(inner):
                found.setdefault(tuple(cycle), _beats_cycle([rules[name] for name in cycle]))
    return list(found.values())


def _together(group: list[Contender], policy_set: PolicySet) -> Iterable[dict[str, None]]:
    """The rules that apply to one region on one day, for each region and day on which they change."""
    days = sorted({rule.period.first or 1 for rule in group})
    for region in sorted({rule.region for rule in group}):
        for day in days:
            yield {
                rule.key: None
                for rule in group
                if policy_set.regions.within(region, rule.region) and day in rule.period
            }


def _beats_cycle(cycle: list[Contender]) -> Diagnostic:
    first, *others = cycle
    names = tuple(rule.name for rule in cycle)
    return report(
        "PC106",
        text("PC106.beats", rules=names),
        first.span,
        secondary=tuple(Label(rule.span) for rule in others),
        help=text("PC106.beats-help"),
    )


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
