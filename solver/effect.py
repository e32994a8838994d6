"""Rules without effect (PC402): without one of them every verdict and every value would be the same.

A rule is seen to have effect by a case; what no case shows is proved ground by ground (`grounds.py`). For a
rule without effect the rules that cover it are an inclusion-minimal set with which it changes nothing, whatever
else is there. What only a `default` would cover counts as effect, so the presence of defaults is left open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ..dsl.diagnostic import CODES, Diagnostic, Finding, Label, Severity, text
from ..dsl.evaluate import Evaluator
from ..dsl.model import (
    Case,
    Decision,
    Norm,
    PolicySet,
    Requirement,
    Rule,
    Setting,
    Side,
)
from .covers import Cover, nearest_first
from .extent import areas, members
from .findings import Reporter
from .grounds import Ground, Presence, SideGround, ValueGround
from .prover import replay
from .search import Found, tried_for
from .smt import Session, Status
from .space import Area
from .terms import Assignment, Term

#: A rule whose effect is asked about. Mandates have none: they bind those who make rules.
Ruling = Norm | Requirement | Setting

#: A side of so many rules or fewer is looked at as a whole, one of more area by area.
FEW = 150

#: The last cases that showed something are tried elsewhere too, so many of them.
POOL = 8


class Idle:
    """The questions for PC402. `spoken_of` are the rules of which other codes speak: PC401 says that they never
    apply, PC407 that their row is masked, PC305 that nobody can use the permission."""

    def __init__(self, reporter: Reporter, spoken_of: Collection[str]) -> None:
        self.reporter = reporter
        self.spoken_of = spoken_of

    def norms(self, decision: Decision, side: Side) -> Found:
        """The norms and requirements of one side."""
        rules = self.reporter.prover.background.decision_rules[decision.name, side.name].rules
        return self._findings(_side_grounds(self.reporter, decision, side), rules)

    def settings(self) -> Found:
        """Settings and rows of tables."""
        policy_set = self.reporter.policy_set
        rules: dict[str, Setting] = {}  # of a row, the first of its settings
        for setting in policy_set.settings.values():
            rules.setdefault(setting.name, setting)
        # Regions of which the rules speak alike have the same values in every case, so one stands for all.
        places = _places(self.reporter, [setting.region for setting in rules.values()])
        grounds = [ValueGround(self.reporter.view, place) for place in places.values()]
        return self._findings(grounds, list(rules.values()))

    def _findings(self, grounds: Sequence[Ground], rules: Sequence[Ruling]) -> Found:
        every = self.reporter.policy_set.rules
        idle = _Search(grounds).idle([rule.name for rule in rules])
        told = [
            rule
            for rule in rules
            if rule.name in idle and rule.name not in self.spoken_of and _confirmed(self.reporter, rule)
        ]
        covers = _Covering(grounds, idle, every).covers(told)
        return [
            _finding(self.reporter, rule, [every[name] for name in covers[rule.name]]) for rule in told
        ], []


def _side_grounds(reporter: Reporter, decision: Decision, side: Side) -> list[SideGround]:
    prover = reporter.prover
    rules = prover.background.decision_rules[decision.name, side.name].rules
    places = _places(reporter, [rule.region for rule in rules])
    if len(rules) <= FEW:
        views = {prover.whole: list(places.values())}
    else:
        views = {prover.area(side.fact, area): [place] for area, place in places.items()}
    return [SideGround(view, decision, side, some) for view, some in views.items()]


def _places(reporter: Reporter, told_apart: Iterable[str]) -> dict[Area, str]:
    """The areas between which the regions given tell, and a region of each."""
    policy_set = reporter.policy_set
    return {area: next(members(policy_set, area)) for area in areas(policy_set, told_apart)}


# --- Which rules have effect -------------------------------------------------------------------------------


class _Search:
    """Looks for cases in which rules have effect, ground by ground."""

    def __init__(self, grounds: Sequence[Ground]) -> None:
        self.grounds = grounds
        #: Cases that showed the effect of some rule, the latest first.
        self.pool: list[Case] = []

    def idle(self, names: Iterable[str]) -> dict[str, None]:
        """Those of the rules that change nothing in any ground."""
        left = dict.fromkeys(names)
        for ground in self.grounds:
            here = [name for name in ground.rules if name in left]
            idle = self._idle_in(ground, here)
            for name in here:
                if name not in idle:
                    del left[name]
        return left

    def _idle_in(self, ground: Ground, names: Sequence[str]) -> Collection[str]:
        """Those of some rules that change nothing in one ground: cases known are tried, then Z3 is asked for
        a case of what is left until there is none."""
        for case in list(self.pool):
            names = _untouched(ground, names, case)
        terms = ground.changes(names)
        wanted = {name: term for name, term in terms.items() if term is not ground.bank.false}
        wanted = self._untried(ground, wanted)
        names = [name for name in names if name in wanted or terms[name] is ground.bank.false]
        session = ground.view.session() if wanted else None
        while wanted:
            answer = ground.view.ask((), session, one_of=list(wanted.values()))
            if answer.status is Status.UNSATISFIABLE:
                break
            case = ground.view.space.case(answer.model)
            shown = ground.changing(wanted, case, _presence(ground, ground.defaults, answer.model))
            assert shown, "a model of a disjunction satisfies one of its members"
            self.pool = [case, *self.pool[: POOL - 1]]
            rest = _untouched(ground, [name for name in wanted if name not in shown], case)
            names = [name for name in names if name not in wanted or name in rest]
            wanted = {name: wanted[name] for name in rest}
        return names

    def _untried(self, ground: Ground, wanted: dict[str, Term]) -> dict[str, Term]:
        """Those that cases made from the rules do not show."""
        rules = [ground.view.policy_set.rules[name] for name in wanted]
        trial = tried_for(ground.view, rules, (switch.name for switch in ground.defaults.values()))
        if trial is None:
            return wanted
        shown = set(trial.holding({(name,): term for name, term in wanted.items()}, ground.bank.true))
        return {name: term for name, term in wanted.items() if (name,) not in shown}


def _untouched(ground: Ground, names: Sequence[str], case: Case) -> Sequence[str]:
    """Those of some rules that change nothing in a case or in its likes, with all defaults there or none."""
    for other in ground.moved(case, names) if names else ():
        if ground.view.confirms(other, ()):
            for present in _presences(ground):
                shown = ground.changing(names, other, present)
                names = [name for name in names if name not in shown]
    return names


def _presence(ground: Ground, switches: Mapping[str, Term], model: Assignment) -> dict[str, Term]:
    """Which rules are there in a model."""
    return {name: ground.bank.truth(bool(model.get(switch.name))) for name, switch in switches.items()}


def _presences(ground: Ground) -> Iterator[Mapping[str, Term]]:
    yield {}
    if ground.defaults:
        yield dict.fromkeys(ground.defaults, ground.bank.false)


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
