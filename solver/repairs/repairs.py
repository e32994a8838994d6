"""Finds the edits that end a contradiction: each is tried on the edited set and offered only if it is proved.

In: the findings of a run. Out: the same findings, with repairs for contradictions of two rules (PC301, PC303, PC304)
and for mandates that rules prevent (PC306). An edit is a repair if in the edited set the finding is impossible, and so
is every new finding of its code: on the side concerned or, for values, of any parameter. An edit not decided in time
is no repair. Other codes are not considered.

Repairs that leave something behind (`aftermath.py`) come last, and so do those that delete a rule: the first is the one
that a careful author would take.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from policyc.dsl.binding.analysis.cycles import beats_circles, dependency_cycles, mutual_exceptions
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Finding, Repair, quoted, text
from policyc.dsl.model import DecisionRule, Norm, PolicySet, Rule, Setting, Table
from policyc.dsl.system.limits import Undecided, share_of_time

from ..backends.second_opinion import Purpose, undecided
from ..checks.contradictions.mandates import unmet_by_others
from ..checks.gaps.table_terms import TableTerms, without_value
from ..checks.reporter import Reporter
from ..encoding.dependencies import reading_facts
from ..encoding.rule_index import RuleIndex
from ..engine.context import SolverContext
from ..engine.rule_places import Places
from .aftermath import Aftermaths
from .edits import Edit, Editor
from .pairs import norm_clash, side_clash, value_clash

#: The codes with repairs.
REPAIRABLE = ("PC301", "PC303", "PC304", "PC306")

#: How many findings of a run get repairs, the first in order; an author with more starts with these. Each edit
#: encodes the rules anew, so a large set gets fewer, as the total number of rules allows.
MOST = 20
RULES = 6_000

#: The share of the time left that one edit may take: if one is too hard to judge, others may not be.
_SHARE = 0.3

_STANDING = attrgetter("standing")

#: The rules of a finding, in any order.
Rules = frozenset[str]


def with_repairs(context: SolverContext, findings: Sequence[Diagnostic]) -> tuple[list[Diagnostic], int]:
    """The findings, with repairs for those not acknowledged, and for how many of these none were looked for; several
    processes may share the work."""
    wanting = [item for item in findings if item.code.id in REPAIRABLE and item.acknowledged is None]
    most = min(MOST, RULES // max(len(context.policy_set.rules), 1))
    chosen = sorted(wanting, key=Diagnostic.sort_key)[:most]
    editor = Editor(context.policy_set)
    tasks = [partial(_repaired, context, editor, item, findings) for item in chosen]
    found = context.share(tasks)
    repaired = {id(item): shown for item, shown in zip(chosen, found, strict=True)}
    every = [shown for item in findings for shown in repaired.get(id(item), [item])]
    return every, len(wanting) - len(chosen)


def _repaired(
    context: SolverContext, editor: Editor, diagnostic: Diagnostic, findings: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """The finding with its repairs; without any, and PC901, if a second solver does not confirm them."""
    code, finding = diagnostic.code.id, diagnostic.finding
    known = {Rules(other.finding.rules) for other in findings if other.code.id == code} - {Rules(finding.rules)}
    span = None if diagnostic.primary is None else diagnostic.primary.span
    purpose = Purpose((), text("PC901.repairs", rules=quoted(finding.rules)), span)
    repairs, cut = list[Repair](), finding.cut
    try:
        with context.question(purpose=purpose), context.isolated() as before:
            aftermaths = Aftermaths(before)
            for edit in editor.against(code, finding):
                with before.edited(edit.policy_set, _rule_index(before, edit)).disposable() as after:
                    with share_of_time(_SHARE):
                        ends = _ends(after, before, edit, code, finding, known)
                    if ends:
                        repairs.append(_weighed(aftermaths, edit, after, finding.rules))
    except Undecided:
        diagnostic = replace(diagnostic, notes=(*diagnostic.notes, text("finding.cut-repairs")))
        cut = (*cut, "repairs")
    doubt = context.doubted(purpose)
    if doubt is not None:
        return [diagnostic, undecided(purpose, doubt.value)]
    return [replace(diagnostic, finding=replace(finding, repairs=tuple(sorted(repairs, key=_STANDING)), cut=cut))]


def _weighed(aftermaths: Aftermaths, edit: Edit, after: SolverContext, rules: Collection[str]) -> Repair:
    """An edit as a repair, with what it leaves behind if there is time to work that out."""
    repair = Repair(edit.kind.value, edit.rule.name, edit.text, edit.column)
    try:
        with share_of_time(_SHARE):
            left = aftermaths.of(edit, after, rules)
    except Undecided:
        return repair
    return replace(repair, idle=left.idle, open=left.open)


def _rule_index(context: SolverContext, edit: Edit) -> RuleIndex:
    return context.rule_index.after(edit.policy_set, edit.rule, edit.edited)


def _is_sound(context: SolverContext, before: SolverContext) -> bool:
    """Whether an edited set has no circle (PC106) that the set had not before."""
    policy_set = context.policy_set
    if dependency_cycles(policy_set) or mutual_exceptions(policy_set):
        return False
    return _beats(context) <= _beats(before)


def _beats(context: SolverContext) -> set[tuple[str, str]]:
    """The steps of possible circles of rules that beat each other."""
    circles = beats_circles(context.policy_set, context.rule_index.all_contests)
    return {(loser, winner) for losses in circles for loser, winners in losses.items() for winner in winners}


def _ends(
    context: SolverContext,
    before: SolverContext,
    edit: Edit,
    code: str,
    finding: Finding,
    known: Collection[Rules],
) -> bool:
    """Whether the edited set is sound, makes the finding and every unknown one of its code impossible, leaves the rule
    able to apply, unless it is removed, and opens no gap in its table."""
    try:
        return (
            _is_sound(context, before)
            and not _remains(context, edit, code, finding, known)
            and (edit.edited is None or _can_apply(context, edit.edited))
            and not (edit.table is not None and _opens_gap(context, edit.table, before.policy_set))
        )
    except Undecided:
        return False


def _remains(context: SolverContext, edit: Edit, code: str, finding: Finding, known: Collection[Rules]) -> bool:
    """Whether the finding, or an unknown one, is possible where the edit can change anything."""
    if code == "PC303":  # all findings that the edit cannot affect are known
        return context.whole.possible([value_clash(context.whole, known)])
    if code == "PC306":
        return _hindered(context, finding, known)
    assert isinstance(edit.rule, Norm)
    decision = context.policy_set.decisions[edit.rule.decision]
    side = context.policy_set.side(decision.name, edit.rule.side)
    scope = context.within(side.fact, edit.rule.region)
    if code == "PC301":
        return scope.possible([norm_clash(scope, decision, side, known)])
    return scope.possible([side_clash(scope, decision, known)])


def _can_apply(context: SolverContext, rule: Rule) -> bool:
    """Whether a rule applies in some case."""
    policy_set = context.policy_set
    if isinstance(rule, DecisionRule):
        fact = policy_set.side(rule.decision, rule.side).fact
    else:
        assert isinstance(rule, Setting)
        fact = reading_facts(policy_set)[rule.parameter]
    scope = context.within(fact, rule.region)
    place = scope.symbolic.region(fact)
    return scope.possible([scope.rules.apply_together([rule], place)])


def _opens_gap(context: SolverContext, table: Table, original: PolicySet) -> bool:
    """Whether a case that a row of a table took before the edit is now left without a value."""
    scope, before = context.whole, original.tables[table.name]
    for place in Places(context.policy_set).of(table) or ("",):
        now, then = (TableTerms(scope, one, (place,) if place else ()).untaken() for one in (table, before))
        unset = without_value(scope, table, place) if place else scope.factory.true
        if scope.possible([now, scope.factory.not_(then), unset]):
            return True
    return False


def _hindered(context: SolverContext, finding: Finding, known: Collection[Rules]) -> bool:
    """Whether a mandate of the side concerned is unmet in an unknown way."""
    reporter = Reporter(context)
    mandates = [
        mandate
        for mandate in context.policy_set.mandates.values()
        if (mandate.decision, mandate.side) == (finding.decision, finding.side)
    ]
    return any(
        unmet_by_others(reporter, mandate, {rules - {mandate.name} for rules in known if mandate.name in rules})
        for mandate in mandates
    )
