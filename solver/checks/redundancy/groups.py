"""Groups of rules that can make each other redundant: those of one side of a decision, or those of values.

In: the context of a set. Out: for a part of the country, the interactions of its rules (`interactions.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence

from policyc.dsl.model import REGION, Decision, Norm, Requirement, Setting, Side
from policyc.dsl.model.precedence import share_a_day

from ...encoding.symbolic_case import Area
from ...engine.context import SolverContext
from ...engine.extent import areas, members
from ...engine.reachability import RegionPartition
from ...engine.rule_places import sides
from .interactions import Interactions, SideInteractions, ValueInteractions

#: A rule that can have an effect. Mandates have none: they bind those who make rules.
Ruling = Norm | Requirement | Setting

#: A side with more rules is searched area by area, instead of as a whole.
FEW = 150


class RuleGroup(ABC):
    """Rules that can cover each other, and their interactions."""

    rules: Sequence[Ruling]

    def __init__(self, context: SolverContext, rules: Sequence[Ruling]) -> None:
        self.rules = rules
        self._tree = context.policy_set.regions
        #: The areas that the rules distinguish, and a region of each.
        self._places = {
            area: next(members(context.policy_set, area))
            for area in areas(context.policy_set, [rule.region for rule in rules])
        }

    @abstractmethod
    def parts(self, division: RegionPartition) -> Sequence[Area | None]:
        """The parts of the country to search one by one."""

    @abstractmethod
    def interactions_of(
        self, context: SolverContext, part: Area | None, regions: Sequence[str]
    ) -> Iterator[Interactions]:
        """The interactions in a part that matter for rules of some regions."""

    @abstractmethod
    def meeting(self, rule: Ruling) -> Sequence[Ruling]:
        """The rules that can be in force together with a rule and decide the same, itself among them."""

    def _together(self, rule: Ruling, others: Iterable[Ruling]) -> list[Ruling]:
        """Those of some rules that can be in force together with a rule."""
        return [
            other
            for other in others
            if self._tree.nested(rule.region, other.region) and share_a_day(rule.period, other.period)
        ]

    def _in(self, part: Area | None, regions: Sequence[str]) -> dict[Area, str]:
        """The areas of a part in which rules of some regions apply, with a region of each."""
        wanted = dict.fromkeys(regions)
        return {
            area: place
            for area, place in self._places.items()
            if (part is None or part.contains(self._tree, place))
            and any(outer in wanted for outer in self._tree.chain(place))
        }


class SideGroup(RuleGroup):
    """The norms and requirements of one side."""

    def __init__(self, context: SolverContext, decision: Decision, side: Side) -> None:
        super().__init__(context, context.rule_index.decision_rules[decision.name, side.name].rules)
        self.decision = decision
        self.side = side

    def parts(self, division: RegionPartition) -> Sequence[Area | None]:
        return division.parts(self.side.fact, None) if len(self.rules) > FEW else [None]

    def meeting(self, rule: Ruling) -> Sequence[Ruling]:
        return self._together(rule, self.rules)

    def interactions_of(
        self, context: SolverContext, part: Area | None, regions: Sequence[str]
    ) -> Iterator[Interactions]:
        places = self._in(part, regions)
        if len(self.rules) <= FEW and places:
            yield SideInteractions(context.whole, self.decision, self.side, list(places.values()))
            return
        for area, place in places.items():
            yield SideInteractions(context.area(self.side.fact, area), self.decision, self.side, [place])


class ValueGroup(RuleGroup):
    """Settings and rows of tables."""

    def __init__(self, context: SolverContext) -> None:
        self._settings = list(context.policy_set.settings.values())
        rules: dict[str, Setting] = {}  # the first setting of each row
        for setting in self._settings:
            rules.setdefault(setting.name, setting)
        super().__init__(context, list(rules.values()))
        regions = [fact.name for fact in context.policy_set.facts.values() if fact.type == REGION]
        self._fact = regions[0] if regions else ""

    def parts(self, division: RegionPartition) -> Sequence[Area | None]:
        return division.parts(self._fact, None)

    def meeting(self, rule: Ruling) -> Sequence[Ruling]:
        parameters = {setting.parameter for setting in self._settings if setting.name == rule.name}
        return self._together(rule, (setting for setting in self._settings if setting.parameter in parameters))

    def interactions_of(
        self, context: SolverContext, part: Area | None, regions: Sequence[str]
    ) -> Iterator[Interactions]:
        # Regions with the same rules have the same values in every case, so one represents all.
        for place in self._in(part, regions).values():
            yield ValueInteractions(context.whole, place)


def groups(context: SolverContext) -> list[RuleGroup]:
    """All groups of a set."""
    return [*(SideGroup(context, *pair) for pair in sides(context.policy_set)), ValueGroup(context)]
