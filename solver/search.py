"""The search for everything that is possible: which of many terms, and in which parts of the country.

In: hunts, each a set of terms told apart by key and described part by part. Out: for each key the parts in
which its term is possible. A part is searched to the end: what is not found there was proved impossible.

A small set is one part. A large one falls into parts by region, so that a solver only ever knows the rules of
one part: a solver that holds every region pays at each question for all the rules that have no say in it.
Within a part, cases made from the rules themselves are tried first (`samples.py`, `simulate.py`); the solver
is asked for any case of what is left, and each of its cases is tried on everything that is still open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..dsl.diagnostic import Diagnostic, Text
from ..dsl.model import Case, PolicySet, Rule, Value
from ..dsl.source import Span
from .answers import Proof
from .extent import marked_regions, members
from .parameters import Around
from .prover import Prover, Undecided, View
from .samples import Sampler
from .simulate import Simulation
from .smt import Session, Status
from .space import Area
from .terms import Term

K = TypeVar("K", bound=Hashable)
Key = tuple[str, ...]

#: How many rules one solver is to know; a larger region is searched child by child.
PART_LIMIT = 600


@dataclass(frozen=True, slots=True)
class Hunt:
    """A question to be asked of every part of the country: which of these terms are possible?"""

    #: The region fact by which parts are told apart.
    fact: str
    describe: Callable[[View], Mapping[Key, Term]]
    #: Whether it is enough to know of one part in which a term is possible.
    once: bool = False


#: Parts of the country; `None` stands for all of it.
Parts = tuple[Area | None, ...]
#: What an analysis adds up to: findings, and what was proved.
Found = tuple[list[Diagnostic], list[Proof]]


@dataclass(slots=True)
class Hits:
    """What the hunts found, by key."""

    #: The parts in which a term is possible, in order; `None` stands for the whole country.
    places: dict[Key, list[Area | None]] = field(default_factory=dict)
    #: How many terms were proved impossible, by the first word of their keys.
    proved: dict[str, int] = field(default_factory=dict)
    #: Keys of terms that could not be decided in time.
    undecided: dict[Key, None] = field(default_factory=dict)

    def __contains__(self, key: Key) -> bool:
        return key in self.places

    def parts(self, key: Key) -> Parts:
        """The parts in which a term is possible."""
        return tuple(self.places[key])

    def proved_of(self, kind: str) -> int:
        return self.proved.get(kind, 0)

    def open(self, kind: str) -> bool:
        """Whether something of a kind could not be decided."""
        return any(key[0] == kind for key in self.undecided)


@dataclass(frozen=True, slots=True)
class Analysis:
    """Something to be found out about a set: what to hunt for, and what to say of what was found."""

    codes: tuple[str, ...]
    #: What is asked, and about which place, for a reader whom no answer reaches (PC901).
    what: Text
    span: Span | None
    #: The first word of its keys, its own.
    kind: str
    hunts: Sequence[Hunt]
    conclude: Callable[[Hits], Found]


def hunt(prover: Prover, hunts: Sequence[Hunt]) -> Hits:
    """Searches every part of the country for everything hunted."""
    hits = Hits()
    for fact in dict.fromkeys(hunt_.fact for hunt_ in hunts):
        local = [hunt_ for hunt_ in hunts if hunt_.fact == fact]
        for part in parts_of(prover.policy_set, fact):
            _search(prover if part is None else prover.apart(), fact, part, local, hits)
    return hits


def parts_of(policy_set: PolicySet, fact: str) -> list[Area | None]:
    """The parts to search one by one: of one region fact, regions with about as many rules as a solver likes."""
    tree = policy_set.regions
    rules = Around([*policy_set.rules.values()], tree)
    if not fact or len(rules.rules) <= PART_LIMIT or len(tree.roots) != 1:
        return [None]
    marked = marked_regions(policy_set)
    below = {outer for code in marked for outer in tree.chain(code)}

    def split(top: str) -> Iterator[Area]:
        inner = [code for code in tree.children(top) if code in below]
        if not inner or rules.below(top) <= PART_LIMIT:
            yield Area(top)
            return
        rest = Area(top, frozenset(inner))
        if next(members(policy_set, rest), None) is not None:
            yield rest
        for code in inner:
            yield from split(code)

    return list(split(tree.roots[0]))


def _search(prover: Prover, fact: str, part: Area | None, hunts: Sequence[Hunt], hits: Hits) -> None:
    view = prover.whole if part is None else prover.area(fact, part)
    wanted: dict[Key, Term] = {}
    for hunt_ in hunts:
        for key, term in hunt_.describe(view).items():
            if not (hunt_.once and key in hits.places):
                wanted[key] = term
    found = possible(view, wanted)
    for key in wanted:
        if key in found.possible:
            hits.places.setdefault(key, []).append(part)
        elif key in found.undecided:
            hits.undecided[key] = None
        elif key in found.asked:
            hits.proved[key[0]] = hits.proved.get(key[0], 0) + 1


# --- One part ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Findings:
    """Of some terms: which are possible, which the solver proved impossible, which it could not decide."""

    possible: set[Hashable] = field(default_factory=set)
    asked: set[Hashable] = field(default_factory=set)
    undecided: set[Hashable] = field(default_factory=set)


def possible(view: View, wanted: Mapping[K, Term]) -> Findings:
    """Which of the terms hold in some valid case of a view."""
    found = Findings()
    open_ = {key: term for key, term in wanted.items() if term is not view.bank.false}
    if not open_:
        return found
    trial = tried(view)
    for key, term in list(open_.items()):
        if trial is not None and trial.holds(term):
            found.possible.add(key)
            del open_[key]
    found.asked.update(open_)
    session = view.session()
    while open_:
        try:
            answer = view.ask((), session, one_of=list(dict.fromkeys(open_.values())))
        except Undecided:
            _one_by_one(view, open_, found)
            break
        if answer.status is Status.UNSATISFIABLE:
            break
        shown = _shown(view, open_, view.space.case(answer.model))
        assert shown, "a model of a disjunction satisfies one of its members"
        found.possible.update(shown)
        for key in shown:
            del open_[key]
    found.asked -= found.possible
    return found


def _shown(view: View, open_: Mapping[K, Term], case: Case) -> list[K]:
    """The keys whose terms hold in a case."""
    trial = simulated(view, [case])
    return [key for key, term in open_.items() if trial.mask(term)]


def _one_by_one(view: View, open_: Mapping[K, Term], found: Findings) -> None:
    """Where all questions at once are too much, each alone may not be."""
    session: Session | None = None
    for key, term in open_.items():
        session = session or view.session()
        try:
            if view.possible([term], session):
                found.possible.add(key)
        except Undecided:
            found.undecided.add(key)
            session = None


# --- Cases made from the rules -----------------------------------------------------------------------------


class Trial:
    """Valid cases of a view, on which terms can be tried."""

    def __init__(self, view: View, cases: Iterable[Case]) -> None:
        self._simulation = simulated(view, list(cases))
        self._valid = self._simulation.mask(view.valid)

    def holds(self, term: Term) -> bool:
        """Whether a term holds in one of the cases."""
        return bool(self._simulation.mask(term) & self._valid)


def simulated(view: View, cases: Sequence[Case]) -> Simulation:
    assignments = [view.space.assignment(case) for case in cases]
    names = assignments[0] if assignments else {}
    columns = {name: [assignment[name] for assignment in assignments] for name in names}
    return Simulation(columns, len(cases))


def tried(view: View) -> Trial | None:
    """Cases for the rules that speak in a view, or none where no case is valid at all."""
    ordinary = view.case([])
    if ordinary is None:
        return None
    policy_set = view.policy_set
    sampler = Sampler(policy_set, ordinary, view.space.known, [str(c) for c in view.prover.sample_regions])
    fact, area = next(iter(view.space.areas.items()), ("", None))
    rules = _speaking(view, area)
    return Trial(view, (case for case in sampler.cases(rules, fact) if _inside(view, case)))


def _speaking(view: View, area: Area | None) -> list[Rule]:
    rules = Around([*view.policy_set.rules.values()], view.policy_set.regions)
    return rules.near(None if area is None else area.top)


def _inside(view: View, case: Mapping[str, Value]) -> bool:
    """Whether the regions of a case lie in the areas of a view: terms there take it for granted."""
    tree = view.policy_set.regions
    return all(tree.within(str(case[fact]), area.top) for fact, area in view.space.areas.items())
