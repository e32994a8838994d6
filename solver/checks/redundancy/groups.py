"""What rules are about, where each can be without effect because of others: one side of a decision, or values.

In: the prover of a set. Out: for a part of the country the grounds on which the rules meet (`grounds.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from policyc.dsl.model import REGION, Decision, Norm, Requirement, Setting, Side

from ...encoding.symbolic_case import Area
from ...engine.context import Prover
from ...engine.extent import areas, members
from ...engine.reachability import Division
from ..conflicts import sides
from .interactions import Ground, SideGround, ValueGround

#: A rule whose effect is asked about. Mandates have none: they bind those who make rules.
Ruling = Norm | Requirement | Setting

#: A side of so many rules or fewer is looked at as a whole, one of more area by area.
FEW = 150


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
    def grounds(self, prover: Prover, part: Area | None, regions: Sequence[str]) -> Iterator[Ground]:
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

    def grounds(self, prover: Prover, part: Area | None, regions: Sequence[str]) -> Iterator[Ground]:
        places = self._in(part, regions)
        if len(self.rules) <= FEW and places:
            yield SideGround(prover.whole, self.decision, self.side, list(places.values()))
            return
        for area, place in places.items():
            yield SideGround(prover.area(self.side.fact, area), self.decision, self.side, [place])


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

    def grounds(self, prover: Prover, part: Area | None, regions: Sequence[str]) -> Iterator[Ground]:
        # Regions of which the rules speak alike have the same values in every case, so one stands for all.
        for place in self._in(part, regions).values():
            yield ValueGround(prover.whole, place)


def matters(prover: Prover) -> list[Matter]:
    """All that the rules of a set are about."""
    return [*(SideMatter(prover, *pair) for pair in sides(prover.policy_set)), ValueMatter(prover)]
