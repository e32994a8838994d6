"""What all solver contexts of a policy set share."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Any

from policyc.dsl.model import Case, PolicySet, Value
from policyc.dsl.semantics.evaluate import Evaluator

from ..backends.second_opinion import Confirmation
from ..encoding.rule_index import RuleIndex
from ..encoding.symbolic_case import RegionPaths
from .cache.answers import AnswerCache
from .parallel import Watch
from .samples import Departures


class SharedContext:
    """What all contexts of a policy set share."""

    def __init__(
        self,
        policy_set: PolicySet,
        cache: AnswerCache | None = None,
        rule_index: RuleIndex | None = None,
        confirmation: Confirmation | None = None,
        jobs: int = 1,
        watch: Watch = lambda done, total: None,
    ) -> None:
        """`cache` has the answers of earlier runs; `rule_index` is that of the set, if already built. `confirmation`
        receives every refuted question, in this process only; without it, `jobs` processes may share the work. `watch` is told of the progress of what they share."""
        self.policy_set = policy_set
        self.cache = cache
        self.confirmation = confirmation
        self.jobs = jobs if confirmation is None else 1
        self.watch = watch
        self.rule_index = rule_index or RuleIndex.of(policy_set)
        self.evaluator = Evaluator(policy_set, beaten=self.rule_index.beaten)
        self.paths = RegionPaths(policy_set.regions)
        #: A valid case, if one was found.
        self.some_case: Case | None = None

    def refined(self, rule_index: RuleIndex) -> SharedContext:
        """The same where more is known of the rules."""
        other = copy(self)
        other.rule_index = rule_index
        return other

    def rebuilt(self) -> Any:
        """Another process rebuilds the rest, and shares its work with no further ones."""
        return SharedContext, (self.policy_set, self.cache, self.rule_index)

    @cached_property
    def sample_regions(self) -> list[Value]:
        """A few regions far from each other: the first two provinces, and two below each of some others."""
        tree = self.policy_set.regions
        provinces = [code for code in tree.values() if tree.province(code) == code]
        inner = [code for province in provinces[2::6] for code in tree.children(province)[:2]]
        return [*provinces[:2], *inner, *provinces[-1:]]

    @cached_property
    def departures(self) -> Departures:
        """The departures from usual values that rules require."""
        return Departures(self.policy_set, self.sample_regions)
