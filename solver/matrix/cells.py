"""The cells of a matrix: a decision for regions of one side against regions of the other.

In: a decision, the facts given, the regions of the rows and columns. Out: an answer per cell. In a usual matrix each
cell is one case, the plainest with the facts given, decided by the reference evaluator. In a matrix over all cases each
cell has the answer of `ask`, decided by the solver. Pairs of regions that no rule or axiom distinguishes are decided
once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Literal

from policyc.dsl import model
from policyc.dsl.model.regions import RegionTree
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.system.limits import Undecided

from ..engine.context import SolverContext, replay
from ..engine.witness import plainest, usual_value
from ..report.reports import Matrix
from .symmetry import RegionView, Signatures, Surroundings

Level = Literal["province", "prefecture"]


def regions_of(tree: RegionTree, level: Level) -> list[str]:
    """The regions of a level, by code: those directly below a root, or one level lower. A region without any below it,
    and one that is province and prefecture in one, belongs to both levels."""
    provinces = [code for code in tree.values() if tree.province(code) == code]
    if level == "province":
        return provinces
    divided = {code for code in provinces if any(tree.prefecture(child) == child for child in tree.children(code))}
    return [code for code in tree.values() if tree.prefecture(code) == code and code not in divided]


@dataclass(frozen=True, slots=True)
class Layout:
    """The region facts of the rows and columns, and their regions; without a second open side there are no columns."""

    regions: tuple[str, ...]
    row_fact: str
    rows: tuple[str, ...]
    column_fact: str | None
    columns: tuple[str, ...] | None

    @property
    def facts(self) -> list[str]:
        return [self.row_fact] if self.column_fact is None else [self.row_fact, self.column_fact]


class Cells(ABC):
    """The cells of one matrix, each answered once for all equivalent pairs."""

    def __init__(
        self, context: SolverContext, decision: model.Decision, given: Mapping[str, model.Value], layout: Layout
    ) -> None:
        self.context = context
        self.policy_set = context.policy_set
        self.decision = decision
        self.layout = layout
        #: The facts given, except those of the rows and columns.
        self.given = {name: value for name, value in given.items() if name not in layout.facts}
        self.region_facts = [fact for fact in self.policy_set.facts.values() if fact.type == model.REGION]
        self.view = self._axioms_seen()
        self.view.look(decision.name)
        self._answers: dict[Hashable, str] = {}

    def _axioms_seen(self) -> RegionView:
        """What the axioms see of regions."""
        day = self.given.get(model.DATE)
        given = [str(self.given[fact.name]) for fact in self.region_facts if fact.name in self.given]
        view = RegionView(self.context.evaluator, day if isinstance(day, int) else None, given)
        for axiom in self.policy_set.axioms:
            view.look(axiom.condition)
        return view

    def matrix(self, watch: Callable[[int], None]) -> Matrix:
        """All cells; `watch` receives the number of rows done."""
        rows: list[tuple[str, ...]] = []
        for row in self.layout.rows:
            if self.layout.columns is None:
                rows.append((self._cell((row,)),))
            else:
                rows.append(tuple([self._cell((row, column)) for column in self.layout.columns]))
            watch(len(rows))
        return Matrix(tuple(rows), self.assumed())

    def _cell(self, codes: tuple[str, ...]) -> str:
        key = self.key(codes)
        if key not in self._answers:
            self._answers[key] = self.answer(codes)
        return self._answers[key]

    def sides(self, codes: tuple[str, ...]) -> dict[str, str]:
        """The regions of a cell by fact."""
        return dict(zip(self.layout.facts, codes, strict=True))

    @abstractmethod
    def key(self, codes: tuple[str, ...]) -> Hashable:
        """A key shared by equivalent pairs of regions."""

    @abstractmethod
    def answer(self, codes: tuple[str, ...]) -> str:
        """A verdict, `depends`, `impossible` or `undecided`."""

    def assumed(self) -> dict[str, tuple[str, ...]]:
        """The facts not given that have no usual value, or differ from it, with their values."""
        return {}


class UsualCells(Cells):
    """Each cell is the plainest case.

    Only axioms keep facts from being usual, and they see little of the regions. So the plainest case is searched for
    once for all pairs that the axioms do not distinguish, and transferred to the others by changing the regions.
    That is right if every fact has its usual value, since nothing is plainer; and if the axioms read no regions but
    given ones and those of the sides, since then no other region fact ever departs from its usual value. Otherwise
    each pair is searched.
    """

    def __init__(
        self, context: SolverContext, decision: model.Decision, given: Mapping[str, model.Value], layout: Layout
    ) -> None:
        super().__init__(context, decision, given, layout)
        self.axioms = self._axioms_seen()
        self.known = [*self.given, *layout.facts]
        self._closed = all(fact in self.known for fact in self.axioms.facts)
        self._origins = {fact.name: self._origin(fact) for fact in self.region_facts}
        self._signatures = Signatures(self.view, self._origins)
        self._axiom_signatures = Signatures(self.axioms, self._origins)
        self._patterns: dict[Hashable, model.Case | _None] = {}
        self._assumed: dict[str, set[model.Value]] = {}

    def _origin(self, fact: model.Fact) -> int | str:
        """The usual source of a region fact's value: a side, by index, or a region; the first region if it has no
        usual value."""
        if fact.name in self.layout.facts:
            return self.layout.facts.index(fact.name)
        if fact.name in self.given:
            return str(self.given[fact.name])
        match fact.usual:
            case model.Constant(value=value):
                return str(value)
            case model.FactValue(fact=other):
                return self._origin(self.policy_set.facts[other])
            case None:
                return next(iter(regions_of(self.policy_set.regions, "province")), "")

    def key(self, codes: tuple[str, ...]) -> Hashable:
        return codes if self._pattern(codes) is _None.NOT_SHARED else self._signatures.of(codes)

    def answer(self, codes: tuple[str, ...]) -> str:
        found = self._pattern(codes)
        shared = found is not _None.NOT_SHARED
        if not shared:
            found = self._plainest(codes)
        if isinstance(found, _None):
            return found.value
        case: dict[str, model.Value] = dict(found)
        if shared:
            case.update(self._regions(codes))
        replay(self.context, case, _valid)
        return self.context.evaluator.verdict(self.decision.name, case).value

    def _pattern(self, codes: tuple[str, ...]) -> model.Case | _None:
        """A case that, with its regions replaced, is the plainest for every pair that the axioms do not distinguish."""
        key = self._axiom_signatures.of(codes)
        if key not in self._patterns:
            found = self._plainest(codes)
            self._patterns[key] = found if self._is_pattern(found, codes) else _None.NOT_SHARED
        return self._patterns[key]

    def _plainest(self, codes: tuple[str, ...]) -> model.Case | _None:
        try:
            with self.context.question():
                case = plainest(self.context.scope({**self.given, **self.sides(codes)}), ())
        except Undecided:
            return _None.UNDECIDED
        for name, value in self._departures(case).items() if case is not None else ():
            self._assumed.setdefault(name, set()).add(value)
        return _None.IMPOSSIBLE if case is None else case

    def _is_pattern(self, found: model.Case | _None, codes: tuple[str, ...]) -> bool:
        """Whether other pairs can take over this case, or its absence."""
        if isinstance(found, _None):
            return self._closed
        ordinary = all(self.policy_set.facts[name].usual is None for name in self._departures(found))
        in_place = all(found[fact] == code for fact, code in self._regions(codes).items())
        return in_place and (ordinary or self._closed)

    def _regions(self, codes: tuple[str, ...]) -> dict[str, str]:
        """The region facts of a pair."""
        return {fact: codes[at] if isinstance(at, int) else at for fact, at in self._origins.items()}

    def _departures(self, case: model.Case) -> dict[str, model.Value]:
        """The facts not given that have no usual value, or differ from it."""
        facts = [fact for fact in self.policy_set.facts.values() if fact.name not in self.known]
        return {fact.name: case[fact.name] for fact in facts if usual_value(fact, case) != case[fact.name]}

    def assumed(self) -> dict[str, tuple[str, ...]]:
        return {
            fact.name: tuple(self._in_order(fact, self._assumed[fact.name]))
            for fact in self.policy_set.facts.values()
            if fact.name in self._assumed
        }

    def _in_order(self, fact: model.Fact, values: set[model.Value]) -> Iterator[str]:
        """Members in order of declaration, other values from least to greatest."""
        if isinstance(fact.type, model.EnumType):
            yield from (member for member in self.policy_set.enums[fact.type.name].members if member in values)
        else:
            yield from (format_value(value, fact.type) for value in sorted(values))


class _None(Enum):
    """Why there is no case: impossible, undecided in time, or not shared by equivalent pairs."""

    IMPOSSIBLE = "impossible"
    UNDECIDED = "undecided"
    NOT_SHARED = "not shared"


def _valid(_evaluator: Evaluator, _case: model.Case) -> bool:
    """Claims only that the case breaks no axiom."""
    return True


class AllCells(Cells):
    """Each cell is over all cases."""

    def __init__(
        self, context: SolverContext, decision: model.Decision, given: Mapping[str, model.Value], layout: Layout
    ) -> None:
        super().__init__(context, decision, given, layout)
        self.scope = context.scope(self.given)
        #: Relevant region facts that are open: which regions are equivalent depends on their possible values.
        self.open = [fact for fact in self.view.facts if fact not in self.given and fact not in layout.facts]
        self.surroundings = Surroundings(self.view, self.open[0]) if len(self.open) == 1 else None
        sides: dict[str, int | str] = {fact: at for at, fact in enumerate(layout.facts)}
        fixed = {f.name: str(self.given[f.name]) for f in self.region_facts if f.name in self.given}
        self._signatures = Signatures(self.view, {**sides, **fixed})

    def key(self, codes: tuple[str, ...]) -> Hashable:
        if len(self.open) > 1:
            return codes
        around = None if self.surroundings is None else self.surroundings.of(codes)
        return self._signatures.of(codes), around

    def answer(self, codes: tuple[str, ...]) -> str:
        facts, scope, name = self.policy_set.facts, self.scope, self.decision.name
        here = [scope.equals(facts[fact], code) for fact, code in self.sides(codes).items()]
        possible: list[model.Verdict] = []
        undecided = False
        for verdict in model.Verdict:
            try:
                with self.context.question():
                    case = scope.case([*here, scope.decisions.decision(name)[verdict]])
            except Undecided:
                undecided = True
                continue
            if case is not None:
                replay(self.context, case, partial(_decides, name, verdict))
                possible.append(verdict)
            if len(possible) > 1:
                return "depends"
        if undecided:
            return "undecided"
        return possible[0].value if possible else "impossible"


def _decides(decision: str, verdict: model.Verdict, evaluator: Evaluator, case: model.Case) -> bool:
    return evaluator.verdict(decision, case) is verdict
