"""Rules without effect (PC402): without one of them every verdict and every value would be the same.

A rule is seen to have effect by a case; what no case shows is proved ground by ground (`grounds.py`). For a
rule without effect the rules that cover it are an inclusion-minimal set with which it changes nothing, whatever
else is there. What only a `default` would cover counts as effect, so the presence of defaults is left open.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..dsl.diagnostic import CODES, Diagnostic, Finding, Label, Severity, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import (
    REGION,
    Case,
    Decision,
    Norm,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    Side,
)
from .conflicts import sides
from .covers import Cover, nearest_first
from .extent import areas, members
from .findings import Reporter
from .grounds import Ground, Presence, SideGround, ValueGround
from .prover import Prover, Undecided, replay
from .search import Division, Found, Trial, sampled
from .simulate import Variant
from .smt import Session, Status
from .space import Area
from .terms import Assignment, Term
from .workers import share

#: A rule whose effect is asked about. Mandates have none: they bind those who make rules.
Ruling = Norm | Requirement | Setting

#: A side of so many rules or fewer is looked at as a whole, one of more area by area.
FEW = 150

#: Cases are tried for so many rules at a time, since each of them is looked at with and without every rule.
BATCH = 20

#: The last cases that showed something are tried elsewhere too, so many of them.
POOL = 8


class Idle:
    """The questions for PC402. `spoken_of` are the rules of which other codes speak: PC401 says that they never
    apply, PC407 that their row is masked, PC305 that nobody can use the permission."""

    def __init__(self, reporter: Reporter, spoken_of: Collection[str]) -> None:
        self.reporter = reporter
        self.spoken_of = spoken_of
        self.matters: list[Matter] = [
            *(SideMatter(reporter.prover, *pair) for pair in sides(reporter.policy_set)),
            ValueMatter(reporter.prover),
        ]
        #: By matter, which of its rules change nothing; `None` where that could not be decided in time.
        self._idle: dict[Matter, Effects | None] = {}

    def search(self, jobs: int) -> None:
        """Finds out which rules have effect, part of the country by part."""
        prover, division = self.reporter.prover, Division(self.reporter.prover)
        errands = [(matter, part) for matter in self.matters for part in matter.parts(division)]
        tasks = [partial(_effects_in, prover, matter, part) for matter, part in errands]
        results = share(tasks, jobs, prover.policy_set.files, prover.common.memory)
        for (matter, _), found in zip(errands, results, strict=True):
            so_far = self._idle.get(matter, found)
            self._idle[matter] = None if so_far is None or found is None else so_far.both(found)

    def findings(self, matter: Matter) -> Found:
        """The rules of one matter that have no effect, and what covers them."""
        every, effects = self.reporter.policy_set.rules, self._idle[matter]
        if effects is None:
            raise Undecided("timeout")
        told = [
            rule
            for rule in matter.rules
            if rule.name in effects.idle
            and rule.name not in self.spoken_of
            and _confirmed(self.reporter, rule)
        ]
        covered = [rule for rule in told if rule.name not in effects.met]
        grounds = matter.grounds(self.reporter.prover, None, [rule.region for rule in covered])
        covers = _Covering(grounds, effects.idle, every).covers(covered)
        return [
            _finding(self.reporter, rule, [every[name] for name in covers.get(rule.name, ())])
            for rule in told
        ], []


@dataclass(frozen=True, slots=True)
class Effects:
    """Of the rules of one matter, by name, somewhere: which change nothing, and which of these need no other
    rule for that, being requirements that are always met."""

    idle: frozenset[str]
    met: frozenset[str]

    def both(self, other: Effects) -> Effects:
        """The same for here and there."""
        return Effects(self.idle & other.idle, self.met & other.met)


# --- What rules are about ----------------------------------------------------------------------------------


class Matter(ABC):
    """Rules that can cover each other, and the grounds on which they meet."""

    rules: Sequence[Ruling]

    def __init__(self, prover: Prover, rules: Sequence[Ruling]) -> None:
        self.rules = rules
        self._tree = prover.policy_set.regions
        #: The areas between which the rules tell, and a region of each.
        self._places = {
            area: next(members(prover.policy_set, area))
            for area in areas(prover.policy_set, [rule.region for rule in rules])
        }

    @abstractmethod
    def parts(self, division: Division) -> Sequence[Area | None]:
        """The parts of the country to look at one by one."""

    @abstractmethod
    def grounds(self, prover: Prover, part: Area | None, regions: Sequence[str]) -> list[Ground]:
        """The grounds in a part, as far as they are of interest for rules of some regions."""

    def _in(self, part: Area | None, regions: Sequence[str]) -> dict[Area, str]:
        """The areas of a part, and a region of each, in which rules of some regions speak."""
        wanted = dict.fromkeys(regions)
        return {
            area: place
            for area, place in self._places.items()
            if (part is None or part.contains(self._tree, place))
            and any(outer in wanted for outer in self._tree.chain(place))
        }


class SideMatter(Matter):
    """The norms and requirements of one side."""

    def __init__(self, prover: Prover, decision: Decision, side: Side) -> None:
        super().__init__(prover, prover.background.decision_rules[decision.name, side.name].rules)
        self.decision = decision
        self.side = side

    def parts(self, division: Division) -> Sequence[Area | None]:
        return division.parts(self.side.fact, None) if len(self.rules) > FEW else [None]

    def grounds(self, prover: Prover, part: Area | None, regions: Sequence[str]) -> list[Ground]:
        places = self._in(part, regions)
        if len(self.rules) <= FEW:
            return [SideGround(prover.whole, self.decision, self.side, list(places.values()))]
        return [
            SideGround(prover.area(self.side.fact, area), self.decision, self.side, [place])
            for area, place in places.items()
        ]


class ValueMatter(Matter):
    """Settings and rows of tables."""

    def __init__(self, prover: Prover) -> None:
        rules: dict[str, Setting] = {}  # of a row, the first of its settings
        for setting in prover.policy_set.settings.values():
            rules.setdefault(setting.name, setting)
        super().__init__(prover, list(rules.values()))
        regions = [fact.name for fact in prover.policy_set.facts.values() if fact.type == REGION]
        self._fact = regions[0] if regions else ""

    def parts(self, division: Division) -> Sequence[Area | None]:
        return division.parts(self._fact, None)

    def grounds(self, prover: Prover, part: Area | None, regions: Sequence[str]) -> list[Ground]:
        # Regions of which the rules speak alike have the same values in every case, so one stands for all.
        return [ValueGround(prover.whole, place) for place in self._in(part, regions).values()]


# --- Which rules have effect -------------------------------------------------------------------------------


def _effects_in(prover: Prover, matter: Matter, part: Area | None) -> Effects | None:
    """Which rules change nothing in one part; `None` where that could not be decided in time."""
    apart = prover if part is None else prover.apart()
    grounds = matter.grounds(apart, part, [rule.region for rule in matter.rules])
    search, names = _Search(grounds), [rule.name for rule in matter.rules]
    try:
        idle = frozenset(search.idle(names))
    except Undecided:
        return None
    finally:
        if part is not None:
            apart.renew()  # lets go of the views, which hold on to their prover
    requirements = prover.policy_set.requirements
    return Effects(idle, frozenset(idle & requirements.keys()) - search.failing)


class _Search:
    """Looks for cases in which rules have effect, ground by ground."""

    def __init__(self, grounds: Sequence[Ground]) -> None:
        self.grounds = grounds
        #: Cases that showed the effect of some rule, the latest first.
        self.pool: list[Case] = []
        #: Requirements that can fail in some ground.
        self.failing: set[str] = set()

    def idle(self, names: Iterable[str]) -> dict[str, None]:
        """Those of the rules that change nothing in any ground."""
        left = dict.fromkeys(names)
        for ground in self.grounds:
            here = [name for name in ground.rules if name in left]
            idle = set(self._idle_in(ground, here))
            for name in here:
                if name not in idle:
                    del left[name]
        return left

    def _idle_in(self, ground: Ground, names: Sequence[str]) -> list[str]:
        """Those of some rules that change nothing in one ground: cases are tried, then Z3 is asked for a case of
        what is left until there is none."""
        batches = (names[start : start + BATCH] for start in range(0, len(names), BATCH))
        left = [name for batch in batches for name in self._untried(ground, batch)]
        session = ground.view.session() if left else None
        idle = [name for name in left if self._always_met(ground, name, session)]
        terms = ground.changes([name for name in left if name not in idle])
        wanted = {name: term for name, term in terms.items() if term is not ground.bank.false}
        idle += [name for name in terms if name not in wanted]
        while wanted:
            answer = ground.view.ask((), session, one_of=list(wanted.values()))
            if answer.status is Status.UNSATISFIABLE:
                break
            case = ground.view.space.case(answer.model)
            shown = ground.changing(wanted, case, _presence(ground, ground.defaults, answer.model))
            assert shown, "a model of a disjunction satisfies one of its members"
            self.pool = [case, *self.pool[: POOL - 1]]
            rest = [name for name in wanted if name not in shown]
            wanted = {name: wanted[name] for name in _untouched(ground, rest, ground.moved(case, rest))}
        return [*idle, *wanted]

    def _always_met(self, ground: Ground, name: str, session: Session | None) -> bool:
        """Whether a rule is a requirement that never fails in a ground; not asked where it is known to fail
        elsewhere."""
        if name not in ground.view.policy_set.requirements or name in self.failing:
            return False
        if ground.view.possible([ground.at_work(name)], session):
            self.failing.add(name)
        return name not in self.failing

    def _untried(self, ground: Ground, names: Sequence[str]) -> list[str]:
        """Those that neither cases made from the rules show nor those that showed something elsewhere."""
        rules = [ground.view.policy_set.rules[name] for name in names]
        moved = (case for known in self.pool for case in ground.moved(known, names))
        return _untouched(ground, names, [*sampled(ground.view, rules, ground.fact), *moved])


def _untouched(ground: Ground, names: Sequence[str], cases: Iterable[Case]) -> list[str]:
    """Those of some rules that change nothing in some cases, with all defaults there or none."""
    variants, pairs = _with_and_without(ground, names)
    trial = Trial(ground.view, cases, variants)
    return [
        name
        for name in names
        if not any(trial.differ(ground.outcome_terms(name), *pair) for pair in pairs[name])
    ]


def _with_and_without(
    ground: Ground, names: Sequence[str]
) -> tuple[list[Variant], dict[str, list[tuple[int, int]]]]:
    """Rules that are there, in variants; and for each of some rules pairs of variants that differ in it alone."""
    everything = {switch.name: True for switch in ground.switches.values()}
    plain = {**everything, **{switch.name: False for switch in ground.defaults.values()}}
    variants: list[Variant] = [everything, plain]
    pairs: dict[str, list[tuple[int, int]]] = {}
    for name in names:
        switch = ground.switches[name].name
        for number, variant in enumerate((everything, plain)):
            variants.append({**variant, switch: not variant[switch]})
            pairs.setdefault(name, []).append((number, len(variants) - 1))
    return variants, pairs


def _presence(ground: Ground, switches: Mapping[str, Term], model: Assignment) -> dict[str, Term]:
    """Which rules are there in a model."""
    return {name: ground.bank.truth(bool(model.get(switch.name))) for name, switch in switches.items()}


# --- What covers a rule ------------------------------------------------------------------------------------


class _Covering:
    """Looks for cases in which idle rules would have effect if others were not there, ground by ground."""

    def __init__(self, grounds: Sequence[Ground], idle: Collection[str], rules: Mapping[str, Rule]) -> None:
        self.grounds = grounds
        self.idle = idle
        self.rules = rules
        self.cover: dict[str, Cover] = {}
        #: By ground and rule, what was proved to cover it there.
        self.proved: dict[tuple[int, str], frozenset[str]] = {}

    def covers(self, rules: Sequence[Rule]) -> dict[str, tuple[str, ...]]:
        """For each of some idle rules others with which it changes nothing, whatever more there are; none of
        them dispensable."""
        self.cover = {rule.name: Cover(self._order(rule)) for rule in rules}
        waiting = True
        while waiting:
            waiting = False
            for index, ground in enumerate(self.grounds):
                open_ = [name for name in self.cover if name in ground.rules and self._open(index, name)]
                if open_:
                    waiting = True  # what is corrected here may no longer do elsewhere
                    self._settle(ground, open_)
                    self.proved |= {(index, name): frozenset(self.cover[name].chosen) for name in open_}
        return {name: cover.chosen for name, cover in self.cover.items()}

    def _order(self, rule: Rule) -> list[str]:
        """What can cover a rule, the best first: rules that it meets and that do not yield by design. Those that
        are idle too come last, since they might be deleted."""
        names = {
            name: None
            for ground in self.grounds
            if rule.name in ground.rules
            for name in ground.others(rule.name)
            if name not in ground.defaults
        }
        nearest = nearest_first(rule, [self.rules[name] for name in names])
        return [other.name for other in sorted(nearest, key=lambda other: other.name in self.idle)]

    def _open(self, index: int, name: str) -> bool:
        proved = self.proved.get((index, name))
        return proved is None or not proved.issubset(self.cover[name].chosen)

    def _settle(self, ground: Ground, names: Sequence[str]) -> None:
        """Corrects the covers of some rules until they leave no counterexample in a ground. Cases with nothing
        else there are soon found; that none is left whatever else is there is asked of all rules at once."""
        bank, small, session = ground.bank, ground.view.session(), ground.view.session()
        alone = list(names)
        while True:
            for name in alone:
                self._settle_alone(ground, name, small)
            terms = [
                bank.and_((ground.switched(name), *map(ground.presence, self.cover[name].chosen)))
                for name in names
            ]
            answer = ground.view.ask((), session, one_of=terms)
            if answer.status is Status.UNSATISFIABLE:
                return
            case = ground.view.space.case(answer.model)
            present = _presence(ground, ground.switches, answer.model)
            alone = [name for name in names if self._correct(ground, name, case, present)]
            assert alone, "a model of a disjunction satisfies one of its members"

    def _settle_alone(self, ground: Ground, name: str, session: Session) -> None:
        """Corrects the cover of one rule until it leaves no counterexample in which nothing else is there."""
        cover = self.cover[name]
        while (case := ground.view.case([ground.among(name, cover.chosen)], session)) is not None:
            present = {other: ground.bank.truth(other in cover.chosen) for other in ground.rules}
            corrected = self._correct(ground, name, case, present)
            assert corrected, "the case found shows the effect of the rule"

    def _correct(self, ground: Ground, name: str, case: Case, present: Presence) -> bool:
        """Corrects the cover of a rule by a case in which it has effect, if it has with the cover there."""
        cover, true = self.cover[name], ground.bank.true
        there = {**present, name: true}
        if any(there.get(other) is not true for other in cover.chosen if other in ground.rules):
            return False
        if not ground.changing([name], case, there):
            return False
        missing = ground.preventing(name, case, there)
        cover.correct(frozenset(other for other in missing if other not in ground.defaults))
        return True


# --- Replay ------------------------------------------------------------------------------------------------


def _confirmed(reporter: Reporter, rule: Ruling) -> bool:
    """Holds an idle rule against the reference evaluator, in a case in which it surely applies. If there is none
    it is only ever in doubt, because of a value that is not set: of that PC405 speaks."""
    if isinstance(rule, Setting):
        region, view = _place_in(reporter.policy_set, rule.region), reporter.view
        if region is None:
            return False
        place = view.space.place(region)
    else:
        fact = reporter.policy_set.side(rule.decision, rule.side).fact
        view = reporter.prover.within(fact, rule.region)
        place = view.space.region(fact)
    case = view.case(
        [view.terms.either_branch(lambda choices: view.terms.applies(rule, place, choices).true)]
    )
    if case is not None:
        replay(reporter.prover, case, lambda evaluator, case: _unchanged(evaluator, case, rule))
    return case is not None


def _unchanged(evaluator: Evaluator, case: Case, rule: Ruling) -> bool:
    """Whether a rule makes no difference in a case."""
    other = evaluator.without(rule)
    if not isinstance(rule, Setting):
        verdict = evaluator.side(rule.decision, rule.side, case).verdict
        return other.side(rule.decision, rule.side, case).verdict is verdict
    place = _place_in(evaluator.policy_set, rule.region)
    assert place is not None, "the rule applies somewhere"
    return all(
        other.parameter(setting.parameter, place, case).outcome
        == evaluator.parameter(setting.parameter, place, case).outcome
        for setting in evaluator.policy_set.settings.values()
        if setting.name == rule.name
    )


def _place_in(policy_set: PolicySet, region: str) -> str | None:
    """A region, in or below one, that a fact can have, if there is any."""
    return next(members(policy_set, Area(region)), None)


# --- Findings ----------------------------------------------------------------------------------------------


def _finding(reporter: Reporter, rule: Ruling, cover: Sequence[Rule]) -> Diagnostic:
    """A warning for the author of the rule; a note where other policies have ruled it out, which he may leave."""
    rules = (rule, *cover)
    elsewhere = bool(cover) and all(other.policy != rule.policy for other in cover)
    names = tuple(other.name for other in cover)
    help_ = text("PC402.recorded") if elsewhere else text("PC402.help")
    if not cover:
        message, help_ = text("PC402.met", rule=rule.name), text("PC402.help_met")
    elif isinstance(rule, Setting):
        message = text("PC402.value", rule=rule.name, rules=names)
    else:
        message = text("PC402.verdict", rule=rule.name, rules=names)
    return Diagnostic(
        CODES["PC402"],
        message,
        Label(rule.span, text("PC402.idle")),
        tuple(Label(other.span, text("PC402.covers")) for other in cover),
        tuple(reporter.cite_notes(rules)),
        help_,
        Finding(
            decision=None if isinstance(rule, Setting) else rule.decision,
            side=None if isinstance(rule, Setting) else rule.side,
            rules=tuple(other.name for other in rules),
            cites=reporter.cites(rules),
        ),
        Severity.NOTE if elsewhere else None,
    )
