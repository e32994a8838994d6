"""Reachability: which of many terms are possible, and in which parts of the country.

In: queries, each with terms by key for every part. Out: for each key, the parts in which its term is possible. A part
is searched exhaustively: what is not found there was proved impossible.

A small set is one part. A large one is divided by region, so that a solver only ever knows the rules of one part: a
solver with all regions pays at each question for all the rules that do not matter. Within a part, cases made from the
rules are tried first (`samples.py`, `bitset.py`); then the solver is asked for any case of the rest, and each of its
cases is tried on everything still open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from policyc.dsl.model import Case, Rule
from policyc.dsl.system.limits import TooMany, Undecided, share_of_time

from ..backends.second_opinion import Purpose
from ..backends.z3_backend import Status
from ..encoding.symbolic_case import Area
from ..formula.bitset import Variant
from ..formula.terms import Term
from .cases import in_region
from .context import CaseScope, SolverContext
from .extent import marked_regions, members
from .samples import Sampler
from .witness import other_values

Key = tuple[str, ...]

#: The most rules for one solver; a larger region is searched child by child.
PART_LIMIT = 600
#: With more rules per region of interest, the regions are better searched one by one.
FEW = 60


#: Makes a term; raises `TooMany` if there are too many alternatives.
Described = Callable[[], Term]


@dataclass(frozen=True, slots=True, eq=False)
class ReachabilityQuery:
    """A question asked in every part of the country: which of these terms are possible?"""

    #: The first word of the keys.
    kind: str
    #: The region fact by which the country is divided into parts.
    fact: str
    describe: Callable[[CaseScope], Mapping[Key, Described]]
    #: Whether one part in which a term is possible is enough.
    once: bool = False
    #: What must hold together with each term.
    given: Callable[[CaseScope], Term] | None = None
    #: The regions of interest, with those below them; `None`: all.
    regions: frozenset[str] | None = None
    #: Areas of other region facts; if given, each is searched separately.
    narrower: Sequence[Mapping[str, Area]] = ()


#: Parts of the country; `None` is the whole.
Parts = tuple[Area | None, ...]


class ReachabilityResults:
    """The results of queries, by key."""

    def __init__(self) -> None:
        self._places: dict[Key, list[Area | None]] = {}
        self._asked: dict[Key, None] = {}
        #: With the reason. A key of one word means all keys that begin with it, which are not even known.
        self._undecided: dict[Key, str] = {}
        #: The kinds of the queries.
        self.kinds: set[str] = set()

    def joined(self, other: ReachabilityResults) -> ReachabilityResults:
        """Together with the results of a search for other kinds."""
        both = ReachabilityResults()
        both._places = self._places | other._places
        both._asked = self._asked | other._asked
        both._undecided = self._undecided | other._undecided
        both.kinds = self.kinds | other.kinds
        return both

    def add(self, part: Area | None, found: Possible) -> None:
        for key in found.possible:
            self._places.setdefault(key, []).append(part)
        self._asked.update(dict.fromkeys(found.asked))
        self._undecided |= found.undecided

    def __contains__(self, key: Key) -> bool:
        """Whether a term is possible anywhere."""
        return key in self._places

    def parts(self, key: Key) -> Parts:
        """The parts in which a term is possible."""
        return tuple(self._places[key])

    def proved(self, kind: str) -> int:
        """How many terms of a kind the solver proved impossible everywhere."""
        keys = (key for key in self._asked if key[0] == kind)
        return sum(key not in self._places and key not in self._undecided for key in keys)

    def undecided(self, kind: str) -> str | None:
        """Why some term of a kind could not be decided, if so."""
        return next((why for key, why in self._undecided.items() if key[0] == kind), None)

    def may_be(self, key: Key) -> bool:
        """Whether a term is possible or could not be decided."""
        return key in self._places or key in self._undecided or key[:1] in self._undecided


def search_all(
    context: SolverContext, queries: Sequence[ReachabilityQuery], purpose: Purpose | None = None
) -> ReachabilityResults:
    """Searches every part of the country for the terms of all queries."""
    results, seen, division = ReachabilityResults(), set[Key](), RegionPartition(context)
    results.kinds.update(query.kind for query in queries)
    errands: dict[tuple[str, Area | None], list[ReachabilityQuery]] = {}
    for query in queries:
        for part in division.parts(query.fact, query.regions):
            errands.setdefault((query.fact, part), []).append(query)
    tasks = [partial(_search, context, purpose, *errand, every, seen) for errand, every in errands.items()]
    outcomes = context.share(tasks)
    for (_, part), found in zip(errands, outcomes, strict=True):
        results.add(part, found)
    return results


class RegionPartition:
    """The country in parts to search one by one: regions with about as many rules as one solver can handle. If few
    regions are of interest, they are searched one by one."""

    def __init__(self, context: SolverContext) -> None:
        self._policy_set = context.policy_set
        self._tree = context.policy_set.regions
        self._rules = context.rule_index.rules
        self._whole = len(self._rules.rules) <= PART_LIMIT or len(self._tree.roots) != 1
        marked = () if self._whole else marked_regions(context.policy_set)
        self._below = {outer for code in marked for outer in self._tree.chain(code)}

    def parts(self, fact: str, regions: frozenset[str] | None) -> list[Area | None]:
        """The parts by one region fact; `regions` are those of interest, with those below them."""
        if not fact or self._whole:
            return [None]
        return list(self._split(self._tree.roots[0], regions))

    def _split(self, top: str, regions: frozenset[str] | None) -> Iterator[Area]:
        tree = self._tree
        inside = regions is not None and not any(tree.within(top, code) for code in regions)
        wanted = sum(tree.within(code, top) for code in regions) if regions is not None and inside else None
        if wanted == 0:
            return
        inner = [code for code in tree.children(top) if code in self._below]
        size = self._rules.below(top)
        if not inner or (size <= PART_LIMIT and (wanted is None or wanted * FEW >= size)):
            yield Area(top)
            return
        rest = Area(top, frozenset(inner))
        if wanted is None and next(members(self._policy_set, rest), None) is not None:
            yield rest
        for code in inner:
            yield from self._split(code, regions)


def _search(
    context: SolverContext,
    purpose: Purpose | None,
    fact: str,
    part: Area | None,
    queries: Sequence[ReachabilityQuery],
    seen: set[Key],
) -> Possible:
    """Searches one part in a context that is then discarded; that of the whole country is kept for later. `seen` is
    what this process has found possible in other parts."""
    with context.isolated(fresh=part is not None) as own:
        scope = own.whole if part is None else own.area(fact, part)
        found, trials = Possible(), dict[CaseScope, Trial]()
        for query in queries:
            for within in _narrowed(scope, query):
                try:
                    here = _found(within, purpose, fact, query, trials, seen)
                except Undecided as error:
                    here = Possible(undecided={(query.kind,): error.reason})
                if here is None:
                    break
                seen.update(here.possible)
                found.add(here)
        return found


def _found(
    scope: CaseScope,
    purpose: Purpose | None,
    fact: str,
    query: ReachabilityQuery,
    trials: dict[CaseScope, Trial],
    seen: Collection[Key],
) -> Possible | None:
    """What is possible in one scope; `None` if everything was found elsewhere. Terms with too many alternatives are
    undecided."""
    with scope.context.question(purpose=purpose):
        described = query.describe(scope)
    wanted = {key: describe for key, describe in described.items() if not (query.once and key in seen)}
    if not wanted:
        return None
    with scope.context.question(len(wanted), purpose):
        if scope not in trials:
            trials[scope] = tried(scope, fact)
        given = scope.factory.true if query.given is None else query.given(scope)
        terms: dict[Key, Term] = {}
        undecided: dict[Key, str] = {}
        for key, describe in wanted.items():
            try:
                terms[key] = describe()
            except TooMany as error:
                undecided[key] = error.reason
        found = possible(scope, terms, trials[scope], given)
        found.undecided.update(undecided)
        return found


def _narrowed(scope: CaseScope, query: ReachabilityQuery) -> Iterator[CaseScope]:
    """The scopes in which a query searches, within that of a part."""
    areas = scope.symbolic.areas
    if not query.narrower:
        yield scope
    for narrower in query.narrower:
        if all(areas.get(fact, area) == area for fact, area in narrower.items()):  # parts do not overlap
            yield scope.context.scope(areas={**areas, **narrower})


# --- One part ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Possible:
    """The keys of terms that are possible, that the solver was asked about, and that it could not decide."""

    possible: list[Key] = field(default_factory=list)
    asked: list[Key] = field(default_factory=list)
    #: With the reason.
    undecided: dict[Key, str] = field(default_factory=dict)

    def add(self, other: Possible) -> None:
        self.possible += other.possible
        self.asked += other.asked
        self.undecided |= other.undecided


def possible(scope: CaseScope, wanted: Mapping[Key, Term], trial: Trial, given: Term) -> Possible:
    """Which of the terms hold in some valid case of a scope in which `given` holds. The cases of `trial` are
    tried first."""
    open_ = {key: term for key, term in wanted.items() if term is not scope.factory.false}
    seen, undecided = set(trial.holding(open_, given)), dict[Key, str]()
    asked = {key: term for key, term in open_.items() if key not in seen}
    session = scope.session()
    while left := {key: term for key, term in asked.items() if key not in seen}:
        try:
            with share_of_time(0.5):
                answer = scope.ask([given], session, one_of=list(dict.fromkeys(left.values())))
        except Undecided:
            more, undecided = _one_by_one(scope, left, given)
            seen |= more
            break
        if answer.status is Status.UNSATISFIABLE:
            break
        shown = trial_around(scope, scope.symbolic.case(answer.model)).holding(left, given)
        assert shown, "a model of a disjunction satisfies one of its members"
        seen.update(shown)
    return Possible(
        [key for key in open_ if key in seen],
        list(asked),
        {key: undecided[key] for key in asked if key in undecided},
    )


def _one_by_one(scope: CaseScope, open_: Mapping[Key, Term], given: Term) -> tuple[set[Key], dict[Key, str]]:
    """Asks each question alone, after all together were too hard: what is possible, and what is undecided, with the
    reason. The questions share the time left equally, as far as they need it."""
    seen, undecided = set[Key](), dict[Key, str]()
    for place, (key, term) in enumerate(open_.items()):
        try:
            with share_of_time(1 / (len(open_) - place + 1)):
                if scope.possible([given, term], scope.session()):
                    seen.add(key)
        except Undecided as error:
            undecided[key] = error.reason
    return seen, undecided


def possible_pairs(
    scope: CaseScope, common: Term, ones: Mapping[str, Term], others: Mapping[str, Term]
) -> set[tuple[str, str]]:
    """The pairs of `ones` and `others` that can hold together with `common`.

    Every case is examined for all pairs at once, and the solver is asked for a case of a pair not seen yet. So it
    takes as many terms as there are rules, not pairs of rules.
    """
    seen: set[tuple[str, str]] = set()
    trial, session = tried(scope, ""), scope.session()
    while True:
        seen |= trial.together(common, ones, others)
        answer = scope.ask([common, _unseen(scope, ones, others, seen)], session)
        if answer.status is Status.UNSATISFIABLE:
            break
        trial = trial_around(scope, scope.symbolic.case(answer.model))
    return seen


def _unseen(scope: CaseScope, ones: Mapping[str, Term], others: Mapping[str, Term], seen: set[tuple[str, str]]) -> Term:
    """That some unseen pair holds together. Those of `ones` seen with the same others are grouped."""
    factory = scope.factory
    groups: dict[tuple[str, ...], list[Term]] = {}
    for one, term in ones.items():
        groups.setdefault(tuple(other for other in others if (one, other) not in seen), []).append(term)
    return factory.or_(
        factory.and_((factory.or_(terms), factory.or_(others[other] for other in left)))
        for left, terms in groups.items()
    )


# --- Cases made from the rules -----------------------------------------------------------------------------


class Trial:
    """Valid cases of a scope, on which terms can be tried."""

    def __init__(self, scope: CaseScope, cases: Iterable[Case], variants: Sequence[Variant] = ({},)) -> None:
        """Each case is evaluated in every variant."""
        every = [case for case in cases if scope.includes(case)]
        self._simulation = scope.simulate(every, variants)
        self._valid = self._simulation.mask(scope.lawful) if every else 0

    def holding(self, terms: Mapping[Key, Term], given: Term) -> list[Key]:
        """The keys of terms that hold in a case in which `given` holds."""
        mask = self._simulation.mask
        place = mask(given) & self._valid if self._valid else 0
        return [key for key, term in terms.items() if mask(term) & place] if place else []

    def differ(self, terms: Iterable[Term], one: int, other: int) -> bool:
        """Whether in some case a term holds in one variant but not in the other."""
        found, within = self._simulation.mask, self._simulation.within
        valid = within(self._valid, 0)
        return any((within(found(t), one) ^ within(found(t), other)) & valid for t in terms if valid)

    def together(self, common: Term, ones: Mapping[str, Term], others: Mapping[str, Term]) -> set[tuple[str, str]]:
        """The pairs of terms that hold together with `common` in some case."""
        mask = self._simulation.mask
        if not self._valid:
            return set()
        place = mask(common) & self._valid
        held = [
            {name: found for name, term in terms.items() if (found := mask(term) & place)} for terms in (ones, others)
        ]
        return {(one, other) for one, a in held[0].items() for other, b in held[1].items() if a & b}


def trial_around(scope: CaseScope, case: Case) -> Trial:
    """A case, and cases that differ from it in a single fact."""
    facts = scope.policy_set.facts.values()
    changed = ({**case, fact.name: value} for fact in facts for value in other_values(scope, fact))
    return Trial(scope, [case, *changed])


def tried(scope: CaseScope, fact: str) -> Trial:
    """Cases for the rules that apply in a scope; none if no case is valid, or none is found in time."""
    return Trial(scope, sampled(scope, scope.near(fact, scope.context.rule_index.rules), fact))


def sampled(scope: CaseScope, rules: Iterable[Rule], place: str = "") -> Iterator[Case]:
    """Cases for some rules; rules without a side are read by the region fact `place`."""
    sampler = _sampler(scope, place)
    return iter(()) if sampler is None else sampler.cases(rules, place)


def tried_together(scope: CaseScope, pairs: Iterable[tuple[Rule, Rule]]) -> Trial:
    """Cases in which both rules of some pairs may apply."""
    sampler = _sampler(scope)
    return Trial(scope, () if sampler is None else sampler.together(pairs))


def _sampler(scope: CaseScope, place: str = "") -> Sampler | None:
    """A sampler for a scope, if it has any case; region facts other than `place` keep a possible region."""
    try:
        ordinary = _ordinary(scope)
    except Undecided:
        return None
    if ordinary is None:
        return None
    elsewhere = {fact: ordinary[fact] for fact in scope.symbolic.areas if fact != place}
    return Sampler(scope.context.common.departures, ordinary, {**scope.symbolic.known, **elsewhere})


def _ordinary(scope: CaseScope) -> Case | None:
    """A valid case of a scope: if possible, one found elsewhere, with all its regions moved."""
    common, areas = scope.context.common, scope.symbolic.areas
    if areas and common.some_case is not None:
        places = {fact: next(members(scope.policy_set, area)) for fact, area in areas.items()}
        first, *_ = places.values()
        moved = {**in_region(scope.policy_set, common.some_case, None, first), **places}
        if scope.confirmed([moved], scope.factory.true)[0]:
            return moved
    found = scope.case([])
    common.some_case = common.some_case or found
    return found
