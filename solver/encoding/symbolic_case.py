"""The symbolic case: facts as variables of terms, and models as cases again.

A truth value is one variable. Numbers, dates and enum members (by position) are one integer each. A region is its path
in the region tree: one integer for each level below the root, 0 after the end of the path. So `within`, `is` and "in
one province" compare few integers, however many regions there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policyc.dsl.model import BOOLEAN, REGION, Case, EnumType, Fact, PolicySet, Value
from policyc.dsl.model.regions import MUNICIPALITIES, RegionTree

from ..formula.factory import TermFactory
from ..formula.terms import Linear, Term, level_of, level_variable, number

#: A region as one number per level.
Path = tuple[Linear, ...]


class RegionPaths:
    """Regions as paths of numbers: the position among siblings at each level, counted from 1.

    A district of a municipality is at the third level, without a prefecture, so that the regions of one prefecture are
    those that agree in the first two numbers.
    """

    def __init__(self, tree: RegionTree) -> None:
        self.tree = tree
        self.path: dict[str, tuple[int, ...]] = {}
        self._code: dict[tuple[int, ...], str] = {}
        tops = tree.roots
        self.roots = len(tops)
        self.provinces = sorted(code for root in tops for code in tree.children(root))
        paths: dict[str, tuple[int, ...]] = dict.fromkeys(tops, ())
        self._descend([(code, (place,)) for place, code in enumerate(self.provinces, start=1)], paths)
        self._extents: dict[str, int] = {}
        self.depth = max((len(path) for path in paths.values()), default=0)
        for code, path in paths.items():
            self.path[code] = path + (0,) * (self.depth - len(path))
            if path:
                self._code[self.path[code]] = code
        #: The greatest number at each level.
        self.bounds = [max((path[level] for path in self._code), default=0) for level in range(self.depth)]

    def _descend(self, tops: Iterable[tuple[str, tuple[int, ...]]], paths: dict[str, tuple[int, ...]]) -> None:
        waiting = list(tops)
        while waiting:
            code, path = waiting.pop()
            paths[code] = path
            skip = (0,) if code in MUNICIPALITIES else ()
            children = enumerate(self.tree.children(code), start=1)
            waiting += reversed([(child, (*path, *skip, place)) for place, child in children])

    def code(self, path: tuple[int, ...]) -> str:
        return self._code[path]

    def at(self, prefix: tuple[int, ...]) -> str | None:
        """The region whose path is this prefix."""
        return self._code.get(prefix + (0,) * (self.depth - len(prefix)))

    def extent(self, code: str) -> int:
        """The number of levels of the longest path at or below a region."""
        if code not in self._extents:
            below = [code]
            for region in below:
                below += self.tree.children(region)
            self._extents[code] = max(len(_trimmed(self.path[region])) for region in below)
        return self._extents[code]


@dataclass(frozen=True, slots=True)
class Area:
    """Regions at or below `top`, except those at or below a hole."""

    top: str
    holes: frozenset[str] = frozenset()

    def contains(self, tree: RegionTree, region: str) -> bool:
        return tree.within(region, self.top) and not any(tree.within(region, hole) for hole in self.holes)


class SymbolicCase:
    """Variables for the facts of a vocabulary, in one factory. `known` facts are constants instead."""

    def __init__(
        self,
        policy_set: PolicySet,
        factory: TermFactory,
        known: Case | None = None,
        areas: Mapping[str, Area] | None = None,
        paths: RegionPaths | None = None,
        copied: frozenset[str] = frozenset(),
        ground: SymbolicCase | None = None,
        given: Mapping[str, Linear] | None = None,
    ) -> None:
        """`copied` facts get variables of their own, so that two cases that differ in them can be compared. `ground`
        is a larger symbolic case with the same variables, whose terms are reused where they are the same. `given`
        numbers follow from other facts."""
        self.policy_set = policy_set
        self.factory = factory
        self.known: Case = dict(known or {})
        self.areas = dict(areas or {})
        self.paths = paths or RegionPaths(policy_set.regions)
        self.copied = copied
        self.ground = ground
        self.given = dict(given or {})
        #: The holes of the area that a path lies in.
        self._holes: dict[Path, frozenset[str]] = {}
        self._members = {
            enum.name: {member: place for place, member in enumerate(enum.members)}
            for enum in policy_set.enums.values()
        }

    @cached_property
    def limited(self) -> frozenset[str]:
        """The facts that are known or given, lie in areas, or have variables of their own."""
        return frozenset((*self.known, *self.areas, *self.copied, *self.given))

    # --- Facts as terms ---

    def variable(self, fact: str) -> str:
        """The name of a fact's variable; for a region, the prefix of its variables' names."""
        return f"{fact}'" if fact in self.copied else fact

    def _level(self, fact: str, level: int) -> str:
        return level_variable(self.variable(fact), level)

    def truth(self, fact: str) -> Term:
        if fact in self.known:
            return self.factory.truth(bool(self.known[fact]))
        return self.factory.variable(self.variable(fact))

    def number(self, fact: Fact) -> Linear:
        """A number, date or enum member."""
        if fact.name in self.known:
            return self.constant(self.known[fact.name], fact)
        if fact.name in self.given:
            return self.given[fact.name]
        low, high = self.range(fact)
        return self.factory.integer(self.variable(fact.name), low, high)

    def range(self, fact: Fact) -> tuple[int, int]:
        if isinstance(fact.type, EnumType):
            return 0, len(self._members[fact.type.name]) - 1
        assert fact.low is not None and fact.high is not None
        return fact.low, fact.high

    def constant(self, value: Value, fact: Fact) -> Linear:
        if isinstance(fact.type, EnumType):
            return number(self.member(fact.type, str(value)))
        assert isinstance(value, int)
        return number(value)

    def position(self, fact: Fact, value: Value) -> tuple[int, ...]:
        """The position of a value among those of its fact."""
        if fact.type == REGION:
            return self.paths.path[str(value)]
        return (self.member(fact.type, str(value)) if isinstance(fact.type, EnumType) else int(value),)  # type: ignore[arg-type]

    def member(self, type_: EnumType, member: str) -> int:
        return self._members[type_.name][member]

    def region(self, fact: str) -> Path:
        if fact in self.known:
            return self.place(str(self.known[fact]))
        area = self.areas.get(fact)
        prefix = self._prefix(area.top) if area is not None else ()
        extent = self.paths.extent(area.top) if area is not None else self.paths.depth
        free = tuple(
            self.factory.integer(self._level(fact, level), int(level == 0), self.paths.bounds[level])
            for level in range(len(prefix), extent)
        )
        ended = (number(0),) * (self.paths.depth - extent)
        path = (*map(number, prefix), *free, *ended)
        if area is not None:
            self._holes[path] = area.holes
        return path

    def _prefix(self, code: str) -> tuple[int, ...]:
        """The levels that all regions in a region share."""
        return _trimmed(self.paths.path[code])

    def place(self, code: str) -> Path:
        return tuple(number(step) for step in self.paths.path[code])

    # --- Relations of regions ---

    def within(self, path: Path, code: str) -> Term:
        """Whether a region is `code` or lies below it."""
        if any(self.policy_set.regions.within(code, hole) for hole in self._holes.get(path, ())):
            return self.factory.false
        if self.policy_set.regions.is_root(code):
            if self.paths.roots == 1:
                return self.factory.true
            provinces = self.policy_set.regions.children(code)
            return self.factory.or_(self._begins(path, self._prefix(province)) for province in provinces)
        return self._begins(path, self._prefix(code))

    def located(self, path: Path) -> str | None:
        """The smallest region that certainly contains a path; `None` if it can be anywhere."""
        known: list[int] = []
        for step in path:
            if step.parts:
                break
            known.append(step.constant)
        prefix = _trimmed(tuple(known))
        return self.paths.at(prefix) if prefix else None

    def same(self, one: Path, other: Path) -> Term:
        return self.factory.and_(self.factory.equals(a, b) for a, b in zip(one, other, strict=True))

    # --- Validity ---

    @cached_property
    def validity(self) -> Mapping[str, Term]:
        """That numbers keep their bounds and paths lead to regions, by name of fact."""
        found = {}
        for fact in self.policy_set.facts.values():
            if fact.name in self.known or fact.type == BOOLEAN:
                continue
            if self.ground is not None and fact.name not in self.limited:
                found[fact.name] = self.ground.validity[fact.name]
                continue
            found[fact.name] = self._existing(fact.name) if fact.type == REGION else self._bounded(fact)
        return found

    def _bounded(self, fact: Fact) -> Term:
        # The factory would simplify these comparisons away, since it relies on the bounds; so they are built for the
        # solver from a variable of the same name without bounds.
        low, high = self.range(fact)
        if (given := self.given.get(fact.name)) is not None:
            return self.factory.and_(
                (self.factory.at_most(number(low), given), self.factory.at_most(given, number(high)))
            )
        return self.factory.bounds(self.variable(fact.name), low, high)

    def _existing(self, fact: str) -> Term:
        """That a path of variables leads to a region of the fact's area."""
        factory, area = self.factory, self.areas.get(fact)
        path = self.region(fact)
        bounds = [
            factory.bounds(self._level(fact, level), int(level == 0), self.paths.bounds[level])
            for level, step in enumerate(path)
            if step.parts
        ]
        if area is None:
            steps = self._steps(path, (), self.paths.provinces)
        else:
            steps = self._steps(path, self._prefix(area.top), self.policy_set.regions.children(area.top))
        holes = [
            factory.not_(self._begins(path, self._prefix(hole)))
            for hole in (sorted(area.holes) if area is not None else ())
        ]
        return factory.and_((*bounds, *steps, *holes))

    def _steps(self, path: Path, prefix: tuple[int, ...], children: list[str]) -> list[Term]:
        """That a path with this prefix ends there or continues to one of the children."""
        if not children:
            return []
        factory, paths, tree = self.factory, self.paths, self.policy_set.regions
        here = self._begins(path, prefix)
        level = len(self._prefix(children[0])) - 1
        skipped = [factory.equals(path[index], number(0)) for index in range(len(prefix), level)]
        limit = factory.at_most(path[level], number(max(paths.path[child][level] for child in children)))
        parents = [child for child in children if tree.children(child)]
        on = factory.or_(factory.equals(path[level], number(paths.path[child][level])) for child in parents)
        ends = factory.and_(factory.equals(step, number(0)) for step in path[level + 1 :])
        found = [factory.implies(here, factory.and_((*skipped, limit, factory.or_((on, ends)))))]
        for child in parents:
            found += self._steps(path, self._prefix(child), tree.children(child))
        return found

    def _begins(self, path: Path, prefix: tuple[int, ...]) -> Term:
        return self.factory.and_(
            self.factory.equals(step, number(place)) for step, place in zip(path, prefix, strict=False)
        )

    # --- Models as cases ---

    def case(self, model: Mapping[str, bool | int]) -> dict[str, Value]:
        """A complete case; facts that a model leaves open have the least value their area allows."""
        return {fact.name: self._value(fact, model) for fact in self.policy_set.facts.values()}

    def _value(self, fact: Fact, model: Mapping[str, bool | int]) -> Value:
        if fact.name in self.known:
            return self.known[fact.name]
        if fact.type == BOOLEAN:
            return bool(model.get(self.variable(fact.name), False))
        if fact.type == REGION:
            steps = self.region(fact.name)
            found = _Defaulting(model)
            places = [found[step.parts[0][1].name or ""] if step.parts else step.constant for step in steps]
            return self.paths.code(tuple(map(int, places)))
        low, _ = self.range(fact)
        value = int(model.get(self.variable(fact.name), low))
        return self.value_at(fact, value)

    def value_at(self, fact: Fact, place: int) -> Value:
        """The value of a number, date or enum fact from its integer."""
        if isinstance(fact.type, EnumType):
            return list(self._members[fact.type.name])[place]
        return place

    def assignment(self, case: Case) -> dict[str, bool | int]:
        """A case as values of variables, the inverse of `case`."""
        return {name: column[0] for name, column in self.columns([case]).items()}

    def columns(self, cases: Sequence[Case]) -> dict[str, list[int]]:
        """The values of the variables in some cases, one column per variable."""
        found: dict[str, list[int]] = {}
        paths, members = self.paths.path, self._members
        for fact, enum, levels in self._variables:
            values: list[Any] = [case[fact] for case in cases]
            if levels:
                found.update(zip(levels, map(list, zip(*map(paths.__getitem__, values), strict=True)), strict=True))
            elif enum is not None:
                found[fact] = [members[enum][value] for value in values]
            else:
                found[fact] = values
        return found

    @cached_property
    def _variables(self) -> list[tuple[str, str | None, tuple[str, ...]]]:
        """Each fact with its enum, if it has one, and the variables of its levels, if it is a region."""
        return [
            (
                fact.name,
                fact.type.name if isinstance(fact.type, EnumType) else None,
                tuple(level_variable(fact.name, level) for level in range(self.paths.depth))
                if fact.type == REGION
                else (),
            )
            for fact in self.policy_set.facts.values()
        ]


def _trimmed(path: tuple[int, ...]) -> tuple[int, ...]:
    """A path without trailing zeros."""
    last = max((level for level, place in enumerate(path) if place), default=-1)
    return path[: last + 1]


class _Defaulting(dict[str, bool | int]):
    """A level that no constraint mentions ends the path, except the first, which must be a province."""

    def __missing__(self, name: str) -> int:
        return int(level_of(name) == 0)
