"""What covers a rule without effect: an inclusion-minimal set of others with which it changes nothing, whatever other
rules are there.

Whatever others: any choice of the other rules of the set, of those beside it, which decide the same, and of those that
conditions or axioms read. A case counts if it breaks no axiom as the rules that are there leave it. A cover has the rules
beside it that cover it while all that conditions read is as it is, and those that are read without which these would not
do. What only a `default` beside it would cover has effect; what is read may be a `default`.

In: the rules of a group without effect. Out: a `Cover` for each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from policyc.dsl.model import Case, PolicySet
from policyc.dsl.system.limits import Undecided, share_of_time

from ...backends.z3_backend import Answer, Session, Status
from ...engine.context import SolverContext
from ...engine.minimize import HittingSet
from ...engine.rule_places import nearest_first
from ...formula.terms import Term
from .groups import RuleGroup, Ruling
from .interactions import Interactions, Presence
from .reading import reads_rules, rules_read, with_switches
from .search import presence_in

#: Where conditions read more rules than this, those that a cover depends on are not looked for if it is of other policies
#: alone: then the rule need not go.
MOST_READ = 60


@dataclass(frozen=True, slots=True)
class Cover:
    """The names of the rules that cover another one."""

    #: Those beside it.
    beside: tuple[str, ...] = ()
    #: Those that are read, each with the decision or the parameter through which it is.
    read: Mapping[str, str] = field(default_factory=dict)
    #: Whether those that are read were not looked for, and whether there was no time to find them all.
    given: bool = False
    cut: bool = False

    @property
    def rules(self) -> tuple[str, ...]:
        return *self.beside, *self.read


def covers_of(
    context: SolverContext, group: RuleGroup, rules: Sequence[Ruling], met: Collection[str], redundant: Collection[str]
) -> dict[str, Cover]:
    """What covers each of some rules of a group that have no effect. A requirement that is always `met` needs others only
    if its condition reads them. `redundant` are all rules known to have no effect."""
    choice, policy_set = _Choice(context.policy_set, redundant), context.policy_set
    found = {rule.name: Cover() for rule in rules}
    covers: dict[str, HittingSet[str]] = {}
    _Covering(group, context, [rule for rule in rules if rule.name not in met], choice, covers).settle()
    found |= {name: Cover(cover.chosen) for name, cover in covers.items()}

    reading = [rule for rule in rules if reads_rules(policy_set, [rule] if rule.name in met else group.meeting(rule))]
    meeting = {other.key: other for rule in reading for other in group.meeting(rule)}
    choice = replace(choice, read=rules_read(policy_set, meeting.values()))
    if len(choice.read) > MOST_READ:
        spared = [rule for rule in reading if of_other_policies(policy_set, rule, found[rule.name])]
        found |= {rule.name: replace(found[rule.name], given=True) for rule in spared}
        reading = [rule for rule in reading if rule not in spared]
    if reading:
        cut = not _with_those_read(context, group, reading, choice, covers)
        chosen = {rule.name: covers[rule.name].chosen if rule.name in covers else () for rule in reading}
        beside = {rule.name: {other.name for other in group.meeting(rule)} for rule in reading}
        found |= {name: choice.cover(names, beside[name], cut) for name, names in chosen.items()}
    return found


def of_other_policies(policy_set: PolicySet, rule: Ruling, cover: Cover) -> bool:
    """Whether rules of other policies alone cover a rule; those that are read count if there are no others."""
    deciding = [policy_set.rules[name] for name in cover.beside or cover.read]
    return bool(deciding) and all(other.policy != rule.policy for other in deciding)


def _with_those_read(
    context: SolverContext,
    group: RuleGroup,
    rules: Sequence[Ruling],
    choice: _Choice,
    covers: dict[str, HittingSet[str]],
) -> bool:
    """Completes the covers of some rules by those that are read; whether there was time for it."""
    with with_switches(context, choice.read).disposable() as switched:
        try:
            with share_of_time(0.5):
                _Covering(group, switched, rules, choice, covers).settle()
        except Undecided:
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which rules are better than others to cover a rule, and which of them conditions read."""

    policy_set: PolicySet
    redundant: Collection[str]
    #: The rules that may be absent where conditions read them, and through what these do.
    read: Mapping[str, str] = field(default_factory=dict)

    def best_first(self, rule: Ruling, names: Iterable[str]) -> list[str]:
        """Those with an effect before others, since these might be deleted; of those the nearest."""
        nearest = nearest_first(rule, [self.policy_set.rules[name] for name in names])
        return [other.name for other in sorted(nearest, key=lambda other: other.name in self.redundant)]

    def cover(self, names: Sequence[str], beside: Collection[str], cut: bool) -> Cover:
        read = {name: self.read[name] for name in names if name not in beside}
        return Cover(tuple(name for name in names if name in beside), read, cut=cut)


class _Covering:
    """Searches for cases in which redundant rules would have effect if others were absent."""

    def __init__(
        self,
        group: RuleGroup,
        context: SolverContext,
        rules: Sequence[Ruling],
        choice: _Choice,
        covers: dict[str, HittingSet[str]],
    ) -> None:
        """`covers` has those found so far, to which only rules that are read are added, and receives the others."""
        self.interactions_of = list(group.interactions_of(context, None, [rule.region for rule in rules]))
        self.read = choice.read
        self.covers: dict[str, HittingSet[str]] = {}
        for rule in rules:
            known = covers.get(rule.name)
            so_far = () if known is None else known.chosen
            more = self.read or self._beside(rule)
            order = choice.best_first(rule, (name for name in more if name not in (*so_far, rule.name)))
            self.covers[rule.name] = HittingSet([*so_far, *order], known)
        covers.update(self.covers)
        #: By interaction and rule, what was proved to cover the rule there.
        self.proved: dict[tuple[int, str], frozenset[str]] = {}

    def _beside(self, rule: Ruling) -> dict[str, None]:
        """The rules that share a topic with a rule and do not yield by design."""
        return {
            name: None
            for interactions in self.interactions_of
            if rule.name in interactions.rules
            for name in interactions.others(rule.name)
            if name not in interactions.defaults
        }

    def settle(self) -> None:
        """Completes the covers: with its own each rule changes nothing, whatever other rules are there."""
        waiting = True
        while waiting:
            waiting = False
            for index, interactions in enumerate(self.interactions_of):
                open_ = [name for name in self.covers if name in interactions.rules and self._open(index, name)]
                if open_:
                    waiting = True  # a cover corrected here may no longer suffice elsewhere
                    self._settle(interactions, open_)
                    self.proved |= {(index, name): frozenset(self.covers[name].chosen) for name in open_}

    def _open(self, index: int, name: str) -> bool:
        proved = self.proved.get((index, name))
        return proved is None or not proved.issubset(self.covers[name].chosen)

    def _settle(self, interactions: Interactions, names: Sequence[str]) -> None:
        """Corrects the covers of some rules until no counterexample is left in an interaction. For single rules some are
        found quickly; that none is left is asked of all rules at once."""
        small, session = interactions.scope.session(), interactions.scope.session()
        changes = {name: interactions.switched(name) for name in names}
        alone = [] if self.read else list(names)
        while True:
            for name in alone:
                self._settle_alone(interactions, name, changes[name], small)
            terms = [self._despite(interactions, name, term) for name, term in changes.items()]
            answer = interactions.scope.ask((), session, one_of=terms)
            if answer.status is Status.UNSATISFIABLE:
                return
            corrected = self._corrected(interactions, names, answer)
            assert corrected, "a model of a disjunction satisfies one of its members"
            alone = list(names) if self.read else corrected

    def _settle_alone(self, interactions: Interactions, name: str, changes: Term, session: Session) -> None:
        """Corrects the cover of one rule until no counterexample is left; if nothing that is read may be absent, only
        those without other rules are sought, which are found more quickly."""
        factory = interactions.factory
        while True:
            chosen = self.covers[name].chosen
            term = self._despite(interactions, name, changes) if self.read else interactions.among(name, chosen)
            answer = interactions.scope.ask([term], session)
            if answer.status is Status.UNSATISFIABLE:
                return
            alone = {other: factory.truth(other in chosen) for other in interactions.rules}
            corrected = self._corrected(interactions, [name], answer, None if self.read else alone)
            assert corrected, "the case found shows the effect of the rule"

    def _despite(self, interactions: Interactions, name: str, changes: Term) -> Term:
        """That a rule has effect despite its cover."""
        return interactions.factory.and_((changes, *map(interactions.presence, self.covers[name].chosen)))

    def _corrected(
        self, interactions: Interactions, names: Sequence[str], answer: Answer, present: Presence | None = None
    ) -> list[str]:
        """Corrects covers by a model, which also says which rules are present unless that is known; those of which
        rules."""
        case = interactions.scope.symbolic.case(answer.model)
        switches = {**interactions.switches, **{name: interactions.presence(name) for name in self.read}}
        there = presence_in(interactions, switches, answer.model) if present is None else present
        return [name for name in names if self._correct(interactions, name, case, there)]

    def _correct(self, interactions: Interactions, name: str, case: Case, present: Presence) -> bool:
        """Corrects the cover of a rule by a case in which it has effect despite the cover, if so."""
        cover, true = self.covers[name], interactions.factory.true
        there = {**present, name: true}
        if any(there[other] is not true for other in cover.chosen if other in there):
            return False
        if not interactions.changing([name], case, there):
            return False
        cover.hit(frozenset(interactions.preventing(name, case, there)).intersection(cover.order))
        return True
