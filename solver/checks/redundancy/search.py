"""What changes when a rule is removed: which rules change nothing.

In: rules and their interactions. A case shows that a rule has effect; that a rule has none is proved for one
interaction after the other. A rule that only a `default` would cover counts as having effect, so the presence of
defaults is left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policyc.dsl.model import Case
from policyc.dsl.system.limits import Undecided

from ...backends.second_opinion import Purpose
from ...backends.z3_backend import Session, Status
from ...encoding.symbolic_case import Area
from ...engine.context import SolverContext
from ...engine.reachability import Trial, sampled
from ...formula.bitset import Variant
from ...formula.terms import Assignment, Term
from .groups import RuleGroup
from .interactions import Interactions

#: For how many rules cases are tried at a time, since each case is evaluated with and without every rule.
BATCH = 20

#: How many of the latest cases that showed an effect are tried elsewhere too.
POOL = 8


# --- Which rules have effect -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effects:
    """The names of the rules of a group that change nothing in some part, and of those among them that are requirements
    that are always met, and so need no cover."""

    redundant: frozenset[str]
    met: frozenset[str]

    def both(self, other: Effects) -> Effects:
        """The same for two parts together."""
        return Effects(self.redundant & other.redundant, self.met & other.met)


def effects_in(context: SolverContext, purpose: Purpose, group: RuleGroup, part: Area | None) -> Effects | str:
    """Which rules change nothing in one part, or why that was not decided."""
    with context.isolated(fresh=part is not None) as own:
        try:
            with context.question(len(group.rules), purpose):
                search = _EffectSearch(group.interactions_of(own, part, [rule.region for rule in group.rules]))
                redundant = frozenset(search.redundant([rule.name for rule in group.rules]))
        except Undecided as undecided:
            return undecided.reason
    requirements = context.policy_set.requirements
    return Effects(redundant, frozenset(redundant & requirements.keys()) - search.failing)


def without_effect(interactions_of: Iterable[Interactions], names: Iterable[str]) -> list[str]:
    """Those of some rules that change nothing in any of the interactions."""
    return list(_EffectSearch(interactions_of).redundant(names))


class _EffectSearch:
    """Searches for cases in which rules have effect, one interaction after the other."""

    def __init__(self, interactions_of: Iterable[Interactions]) -> None:
        self.interactions_of = interactions_of
        #: Cases that showed the effect of some rule, the latest first.
        self.pool: list[Case] = []
        #: Requirements that can fail somewhere.
        self.failing: set[str] = set()

    def redundant(self, names: Iterable[str]) -> dict[str, None]:
        """The rules that change nothing in any interaction."""
        left = dict.fromkeys(names)
        for interactions in self.interactions_of if left else ():
            here = [name for name in interactions.rules if name in left]
            redundant = set(self._redundant_in(interactions, here))
            for name in here:
                if name not in redundant:
                    del left[name]
            if not left:
                break
        return left

    def _redundant_in(self, interactions: Interactions, names: Sequence[str]) -> list[str]:
        """The rules that change nothing in one interaction: cases are tried, then Z3 is asked for a case that shows one
        of the rest, until there is none."""
        batches = (names[start : start + BATCH] for start in range(0, len(names), BATCH))
        left = [name for batch in batches for name in self._untried(interactions, batch)]
        session = interactions.scope.session() if left else None
        redundant = [name for name in left if self._always_met(interactions, name, session)]
        terms = interactions.changes([name for name in left if name not in redundant])
        wanted = {name: term for name, term in terms.items() if term is not interactions.factory.false}
        redundant += [name for name in terms if name not in wanted]
        while wanted:
            answer = interactions.scope.ask((), session, one_of=list(wanted.values()))
            if answer.status is Status.UNSATISFIABLE:
                break
            case = interactions.scope.symbolic.case(answer.model)
            shown = interactions.changing(wanted, case, presence_in(interactions, interactions.defaults, answer.model))
            assert shown, "a model of a disjunction satisfies one of its members"
            self.pool = [case, *self.pool[: POOL - 1]]
            rest = [name for name in wanted if name not in shown]
            wanted = {name: wanted[name] for name in _untouched(interactions, rest, interactions.moved(case, rest))}
        return [*redundant, *wanted]

    def _always_met(self, interactions: Interactions, name: str, session: Session | None) -> bool:
        """Whether a rule is a requirement that never fails here; not asked if it is known to fail elsewhere."""
        if name not in interactions.scope.policy_set.requirements or name in self.failing:
            return False
        if interactions.scope.possible([interactions.at_work(name)], session):
            self.failing.add(name)
        return name not in self.failing

    def _untried(self, interactions: Interactions, names: Sequence[str]) -> list[str]:
        """The rules whose effect no case made from the rules shows, and no case that showed an effect elsewhere."""
        rules = [interactions.scope.policy_set.rules[name] for name in names]
        moved = (case for known in self.pool for case in interactions.moved(known, names))
        return _untouched(interactions, names, [*sampled(interactions.scope, rules, interactions.fact), *moved])


def _untouched(interactions: Interactions, names: Sequence[str], cases: Iterable[Case]) -> list[str]:
    """The rules that change nothing in some cases, with all defaults present or none."""
    variants, pairs = _with_and_without(interactions, names)
    trial = Trial(interactions.scope, cases, variants)
    return [
        name for name in names if not any(trial.differ(interactions.outcome_terms(name), *pair) for pair in pairs[name])
    ]


def _with_and_without(
    interactions: Interactions, names: Sequence[str]
) -> tuple[list[Variant], dict[str, list[tuple[int, int]]]]:
    """Variants of which rules are present; and for each of some rules, pairs of variants that differ only in it."""
    everything = {switch.name: True for switch in interactions.switches.values()}
    plain = {**everything, **{switch.name: False for switch in interactions.defaults.values()}}
    variants: list[Variant] = [everything, plain]
    pairs: dict[str, list[tuple[int, int]]] = {}
    for name in names:
        switch = interactions.switches[name].name
        for number, variant in enumerate((everything, plain)):
            variants.append({**variant, switch: not variant[switch]})
            pairs.setdefault(name, []).append((number, len(variants) - 1))
    return variants, pairs


def presence_in(interactions: Interactions, switches: Mapping[str, Term], model: Assignment) -> dict[str, Term]:
    """Which rules are present in a model."""
    return {name: interactions.factory.truth(bool(model.get(switch.name))) for name, switch in switches.items()}
