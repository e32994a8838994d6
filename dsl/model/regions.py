"""The tree of regions that a policy set declares.

A region is identified by its code (six digits of GB/T 2260 where it has one). Roots are countries or the like
and never the value of a fact. `province` is the ancestor directly below the root, `prefecture` the one below
that; each of the four municipalities is its own only prefecture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..diagnostics.characters import as_meant

#: Beijing, Tianjin, Shanghai, Chongqing: province and prefecture in one (GB/T 2260).
MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})


#: The most levels a tree of regions may have; China has five. Every level is an integer in the encoding.
DEEPEST_REGION = 30


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    name: str
    parent: str | None


class RegionTree:
    """Regions by code, and their relations.

    INVARIANT: every parent is in the tree and no region is its own ancestor; `binding/regions.py` ensures it.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions = {region.code: region for region in sorted(regions, key=lambda region: region.code)}
        self._children: dict[str, list[str]] = {code: [] for code in self._regions}
        self._by_name: dict[str, list[str]] = {}
        for region in self._regions.values():
            self._by_name.setdefault(as_meant(region.name), []).append(region.code)
            if region.parent is not None:
                self._children[region.parent].append(region.code)
        self._chains: dict[str, tuple[str, ...]] = {}

    def __contains__(self, code: object) -> bool:
        return code in self._regions

    def __getitem__(self, code: str) -> Region:
        return self._regions[code]

    def __iter__(self) -> Iterator[Region]:
        return iter(self._regions.values())

    def __len__(self) -> int:
        return len(self._regions)

    def chain(self, code: str) -> tuple[str, ...]:
        """The region and its ancestors, the root last."""
        missing: list[str] = []
        above: str | None = code
        while above is not None and above not in self._chains:
            missing.append(above)
            above = self._regions[above].parent
        chain = () if above is None else self._chains[above]
        for region in reversed(missing):
            chain = self._chains[region] = (region, *chain)
        return self._chains[code]

    def within(self, inner: str, outer: str) -> bool:
        """Whether `inner` is `outer` or lies below it."""
        return outer in self.chain(inner)

    def nested(self, one: str, other: str) -> bool:
        """Whether one of the two contains the other."""
        return self.within(one, other) or self.within(other, one)

    def is_root(self, code: str) -> bool:
        return self._regions[code].parent is None

    @property
    def roots(self) -> list[str]:
        """Codes of the regions without a parent, in order."""
        return [region.code for region in self if region.parent is None]

    def children(self, code: str) -> list[str]:
        """Codes of the regions directly below, in order."""
        return self._children[code]

    def province(self, code: str) -> str:
        """The ancestor or self directly below the root; for a root, itself."""
        chain = self.chain(code)
        return chain[-2] if len(chain) > 1 else code

    def prefecture(self, code: str) -> str:
        """The ancestor or self two levels below the root; for a region above that, itself."""
        chain = self.chain(code)
        if len(chain) < 3:
            return code
        return chain[-2] if chain[-2] in MUNICIPALITIES else chain[-3]

    def named(self, name: str) -> list[str]:
        """Codes of all regions of that name."""
        return self._by_name.get(as_meant(name), [])

    def names(self) -> Iterable[str]:
        return self._by_name

    def values(self) -> Iterator[str]:
        """Codes a fact can have: all but the roots, in order."""
        return (region.code for region in self if region.parent is not None)


class Placed(Protocol):
    """Something that applies to a region."""

    @property
    def region(self) -> str: ...


R = TypeVar("R", bound=Placed)


class RegionIndex(Generic[R]):
    """Rules by region: those of a region, and those of the regions below it."""

    def __init__(self, rules: Iterable[R], tree: RegionTree) -> None:
        self.rules = list(rules)
        self._tree = tree
        self._at: dict[str, list[int]] = {}
        self._below: dict[str, list[int]] = {}
        for index, rule in enumerate(self.rules):
            self._at.setdefault(rule.region, []).append(index)
            for region in tree.chain(rule.region)[1:]:
                self._below.setdefault(region, []).append(index)
        self._near: dict[str, list[R]] = {}

    def below(self, region: str) -> int:
        """The number of rules of a region and of the regions below it."""
        return len(self._at.get(region, ())) + len(self._below.get(region, ()))

    def speaking(self, region: str) -> list[R]:
        """The rules that apply in a region: its own and those of its ancestors, in order."""
        return self._in_order(self._above(region))

    def near(self, region: str | None) -> list[R]:
        """The rules of a region, its ancestors and the regions below it, in order; all rules for `None`."""
        if region is None:
            return self.rules
        if region not in self._near:
            self._near[region] = self._in_order([*self._above(region), *self._below.get(region, ())])
        return self._near[region]

    def _above(self, region: str) -> list[int]:
        return [index for outer in self._tree.chain(region) for index in self._at.get(outer, ())]

    def _in_order(self, indices: list[int]) -> list[R]:
        return [self.rules[index] for index in sorted(indices)]
