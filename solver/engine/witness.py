"""The plainest case in which something holds, and abductive explanations: the part of a case that implies it.

Plainest means the fewest departures from usual values; among those, the least value fact by fact in order of
declaration, a usual value first. The result depends only on the question: every step is a yes-or-no question, so the
solver's choice of models does not affect it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from policyc.dsl.model import BOOLEAN, REGION, Case, Constant, EnumType, Expr, Fact, FactValue, Value
from policyc.dsl.system.limits import Undecided, share_of_time

from ..backends.z3_backend import Status
from ..formula.terms import Linear, Term, number
from .context import CaseScope
from .departures import Departures
from .minimize import shrink


def plainest(scope: CaseScope, terms: Sequence[Term]) -> dict[str, Value] | None:
    """The plainest valid case in which all the terms hold, or `None` if there is none."""
    ordinary = _all_usual(scope)
    if ordinary is not None and scope.confirms(ordinary, terms):
        return ordinary
    case = scope.case(terms)
    return None if case is None else _PlainestSearch(scope, terms, case).run()


def plain(scope: CaseScope, terms: Sequence[Term]) -> tuple[dict[str, Value], bool] | None:
    """The plainest case in which all the terms hold, as far as half of the time left allows, and whether it is the
    plainest. `None` if there is no case."""
    ordinary = _all_usual(scope)
    if ordinary is not None and scope.confirms(ordinary, terms):
        return ordinary, True
    case = scope.case(terms)
    if case is None:
        return None
    search = _PlainestSearch(scope, terms, case)
    try:
        with share_of_time(0.5):
            return search.run(), True
    except Undecided:
        return search.case, False


def plainness(scope: CaseScope, case: Case) -> tuple[object, ...]:
    """A sort key for the order of `plainest`; the least is the plainest."""
    facts = [fact for fact in scope.policy_set.facts.values() if fact.name not in scope.symbolic.known]
    departing = [usual_value(fact, case) not in (None, case[fact.name]) for fact in facts]
    return sum(departing), departing, [scope.symbolic.position(fact, case[fact.name]) for fact in facts]


def ordinary(scope: CaseScope, terms: Sequence[Term]) -> dict[str, Value] | None:
    """A case in which all the terms hold: each fact in order of declaration has its usual value if possible, else the
    least. Not always the plainest case, but few questions find it, whatever the terms are."""
    case = scope.case(terms)
    return None if case is None else _PlainestSearch(scope, terms, case).run_greedily()


def usual_part(scope: CaseScope) -> dict[str, Value] | None:
    """The known facts, and as many other facts as possible with their usual values; the rest stays open. `None` if the
    known facts are impossible."""
    case = plainest(scope, ())
    if case is None:
        return None
    facts = scope.policy_set.facts
    return {
        name: value
        for name, value in case.items()
        if name in scope.symbolic.known or usual_value(facts[name], case) == value
    }


def _all_usual(scope: CaseScope) -> dict[str, Value] | None:
    """The case in which every fact not known has its usual value, if each has one: no case is plainer."""
    case: dict[str, Value] = dict(scope.symbolic.known)
    waiting = [fact for fact in scope.policy_set.facts.values() if fact.name not in case]
    while waiting:
        ready = [fact for fact in waiting if not isinstance(fact.usual, FactValue) or fact.usual.fact in case]
        for fact in ready:
            value = usual_value(fact, case)
            if value is None:
                return None
            case[fact.name] = value
        waiting = [fact for fact in waiting if fact.name not in case]
    return {name: case[name] for name in scope.policy_set.facts}


class _PlainestSearch:
    """INVARIANT: `case` is valid and satisfies everything in `fixed`.

    A change is first tried on the current case; if that fails, the solver is asked, so that a "no" is always proved.
    """

    def __init__(self, scope: CaseScope, terms: Sequence[Term], case: dict[str, Value]) -> None:
        self.scope = scope
        self.fixed = list(terms)
        self.case = case
        self.free = [fact for fact in scope.policy_set.facts.values() if fact.name not in scope.symbolic.known]

    def run(self) -> dict[str, Value]:
        usual = self._fewest_departures()
        for fact in self.free:
            if fact.name not in usual:
                self._least(fact)
        return self.case

    def run_greedily(self) -> dict[str, Value]:
        usual = self._usual()
        for fact in self.free:
            if fact.name in usual and self._can_be(fact, usual[fact.name]):
                self.fixed.append(usual[fact.name])
            else:
                self._least(fact)
        return self.case

    def _can_be(self, fact: Fact, usual: Term) -> bool:
        """Whether a fact can have its usual value; if so, the current case has it afterwards."""
        if self.scope.holds(usual, self.case):
            return True
        value = usual_value(fact, self.case)
        assert value is not None, "there is a term for the usual value"
        moved = {**self.case, fact.name: value}
        if self.scope.confirms_each(moved, self.fixed):
            self.case = moved
            return True
        return self._move(usual)

    def _move(self, *terms: Term) -> bool:
        """Moves to a case in which further terms hold, if there is one."""
        found = self.scope.case([*self.fixed, *terms])
        if found is not None:
            self.case = found
        return found is not None

    def _fewest_departures(self) -> set[str]:
        """Fixes as many facts as possible to their usual values; among equally many, the first declared."""
        values = {fact.name: fact.usual.value for fact in self.free if isinstance(fact.usual, Constant)}
        search = Departures(self.scope, self.fixed, self.case, self._usual(), values)
        try:
            usual = search.fewest()
        finally:
            self.case = search.case
        self.fixed = search.fixed
        return usual

    def _usual(self) -> dict[str, Term]:
        """Terms: each free fact with a usual value has it."""
        return {fact.name: term for fact in self.free if (term := self.scope.usual(fact)) is not None}

    # --- The least value of one fact ---

    def _least(self, fact: Fact) -> None:
        if fact.type == BOOLEAN:
            false = self.scope.equals(fact, False)
            possible = self.scope.holds(false, self.case) or self._move(false)
            self.fixed.append(false if possible else self.scope.equals(fact, True))
        elif fact.type == REGION:
            for step in self.scope.symbolic.region(fact.name):
                self._least_number(step)
        else:
            self._least_number(self.scope.symbolic.number(fact))

    def _least_number(self, value: Linear) -> None:
        """Fixes a number at its least, by bisection."""
        factory = self.scope.factory
        low, high = value.low, self.scope.amount(value, self.case)
        if low < high and self._move(factory.equals(value, number(low))):
            high = low
        while low < high:
            middle = (low + high) // 2
            if self._move(factory.at_most(value, number(middle))):
                high = self.scope.amount(value, self.case)
            else:
                low = middle + 1
        self.fixed.append(factory.equals(value, number(high)))


def usual_value(fact: Fact, case: Case) -> Value | None:
    """The usual value of a fact, given the other facts."""
    match fact.usual:
        case Constant(value=value):
            return value
        case FactValue(fact=other):
            return case[other]
        case None:
            return None


def abductive_explanation(scope: CaseScope, case: Case, terms: Sequence[Term]) -> dict[str, Value]:
    """An inclusion-minimal part of a case that implies the terms, whatever the other facts are."""
    part = _Lessening(scope, case, terms)
    part.lessen()
    return part.facts


def abductive_explanation_in_time(scope: CaseScope, case: Case, terms: Sequence[Term]) -> tuple[dict[str, Value], bool]:
    """The same, as far as half of the time left allows, and whether it is minimal."""
    part = _Lessening(scope, case, terms)
    try:
        with share_of_time(0.5):
            part.lessen()
    except Undecided:
        return part.facts, False
    return part.facts, True


class _Lessening:
    """INVARIANT: the terms follow from the facts `kept`."""

    def __init__(self, scope: CaseScope, case: Case, terms: Sequence[Term]) -> None:
        self.scope = scope
        self.case = case
        self._denial = scope.factory.not_(scope.factory.and_(terms))
        self._open = [fact for fact in scope.policy_set.facts.values() if fact.name not in scope.symbolic.known]
        self._meaning = {scope.equals(fact, case[fact.name]): fact.name for fact in self._open}
        self.kept = [fact.name for fact in self._open]

    @property
    def facts(self) -> dict[str, Value]:
        known = self.scope.symbolic.known
        return {name: value for name, value in self.case.items() if name in self.kept or name in known}

    def lessen(self) -> None:
        """Drops facts one by one: first those with usual values, from the last declared. A fact whose change alone can
        make a term false must stay, whatever else goes; if such facts suffice, one question proves that they are the
        answer."""
        mentioned = self.scope.factory.mentioned(self._denial)
        facts = [fact for fact in self._open if fact.name in mentioned]
        needed = _spoiling(self.scope, self.case, facts, self._denial)
        if self._suffices(needed) is not None:
            self.kept = list(needed)
            return
        last_first = [fact for fact in reversed(self._open) if fact.name not in needed]
        last_first.sort(key=lambda fact: usual_value(fact, self.case) != self.case[fact.name])
        enough, groups = self._suffices(self.kept), [[fact.name] for fact in last_first]
        shrink(self.kept, self._suffices, groups, enough)

    def _suffices(self, names: Collection[str]) -> frozenset[str] | None:
        """Facts among these that imply the terms, if they do."""
        meaning = self._meaning
        answer = self.scope.ask([*(term for term, name in meaning.items() if name in names), self._denial])
        if answer.status is not Status.UNSATISFIABLE:
            return None
        return frozenset(meaning[term] for term in answer.core if term in meaning)


def _spoiling(scope: CaseScope, case: Case, facts: Sequence[Fact], denial: Term) -> set[str]:
    """The facts for which one of a few other values makes the denial true, all else being equal."""
    changes = [(fact.name, value) for fact in facts for value in other_values(scope, fact) if value != case[fact.name]]
    spoilt = scope.confirmed([{**case, name: value} for name, value in changes], denial)
    return {name for (name, _), spoils in zip(changes, spoilt, strict=True) if spoils}


def other_values(scope: CaseScope, fact: Fact) -> list[Value]:
    """Values to try: all members or truth values, the ends of a range, regions from all over the tree."""
    if fact.type == BOOLEAN:
        return [False, True]
    if fact.type == REGION:
        return scope.context.common.sample_regions
    low, high = scope.symbolic.range(fact)
    if isinstance(fact.type, EnumType):
        return [scope.symbolic.value_at(fact, place) for place in range(low, high + 1)]
    return [low, high]


def extreme(scope: CaseScope, expression: Expr, *, greatest: bool, where: Sequence[Term] = ()) -> int | None:
    """The least or greatest value of a numeric expression in cases where it is determined and some terms hold; `None`
    if there are none."""

    def within(limit: int | None) -> list[Term]:
        """Terms: under some alternative the value is determined and at least as extreme as a limit."""
        return [
            *where,
            scope.rules.either_branch(lambda choices: scope.expressions.bounded(expression, choices, limit, greatest)),
        ]

    if not scope.possible(within(None)):
        return None
    low, high = scope.expressions.number_range(expression)
    best, limit = (low, high) if greatest else (high, low)  # bisection
    while best != limit:
        middle = (best + limit + (1 if greatest else 0)) // 2
        if scope.possible(within(middle)):
            best = middle
        else:
            limit = middle - 1 if greatest else middle + 1
    return best
