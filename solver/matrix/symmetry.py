"""Which regions are alike to a question: what its rules and conditions can see of a region, and no more.

In: decisions and expressions, the day, the regions that are given. Out: a signature for one region or a pair;
regions with one signature make every rule and condition read alike, the other facts being the same. It errs on
the side of telling apart. Asks no solver.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from policyc.dsl.model import (
    DATE,
    REGION,
    Constant,
    Equal,
    Expr,
    FactValue,
    ParameterValue,
    RegionCode,
    Rule,
    Setting,
    Within,
)
from policyc.dsl.model.regions import RegionTree
from policyc.dsl.model.traversal import unfolded
from policyc.dsl.semantics.evaluate import Evaluator

from ..encoding.dependencies import transitive

#: What can be seen of a region, or of how two lie to each other.
Sign = Hashable


class RegionView:
    """What some decisions and expressions see of the region facts of a case.

    Of one region they see: which rules speak there; what the parameters are there, and at its prefecture and
    province; how it lies to the places that conditions name; whether it is a prefecture or a province; and
    its code, where a condition reads that as a number. Of two regions they see how these, their prefectures
    and provinces lie to each other.

    INVARIANT: whatever a place lies in is a place too. So the first place that a region lies in tells how the
    region, its prefecture and its province lie to all places: what is not a place has none in it.
    """

    def __init__(self, evaluator: Evaluator, day: int | None, given: Iterable[str] = ()) -> None:
        """Only rules in force on the day count, or all. `given` regions are known to every condition."""
        self.evaluator = evaluator
        self.policy_set = evaluator.policy_set
        self.tree = evaluator.policy_set.regions
        self.day = day
        #: The region facts that are read, in order of first reading.
        self.facts: dict[str, None] = {}
        #: For each of them: the rules of its side, the parameters read there, the places it is compared with.
        self._rules: dict[str, dict[str, Rule]] = {}
        self._parameters: dict[str, dict[str, None]] = {}
        self._places: dict[str, set[str]] = {}
        self._coded: set[str] = set()
        self._given = {place for code in given for place in self.tree.chain(code)}
        self.sign = cache(self._sign)
        self.lie = cache(self._lie)
        self._parameter = cache(self._parameter_sign)
        self._set = cache(self._settings)

    # --- What is read ---

    def look(self, subject: str | Expr) -> None:
        """Takes in a decision or an expression, and the definitions, parameters and decisions that it reads."""
        for inner in transitive(
            self.policy_set, [subject], self._sided, lambda read: self._set(read.parameter)
        ):
            match inner:
                case Equal(left=one, right=other) | Within(inner=one, outer=other) if one.type == REGION:
                    places = [*self._constants(one), *self._constants(other)]
                    for fact in (*self._read(one), *self._read(other)):
                        self._see(fact, *places)
                case ParameterValue(parameter=parameter, region=region):
                    for fact in self._read(region):
                        self._parameters.setdefault(fact, {})[parameter] = None
                case RegionCode(region=region):
                    self._coded.update(self._read(region))
                case FactValue(fact=fact) if inner.type == REGION:
                    self._see(fact)

    def _sided(self, decision: str) -> Iterator[Rule]:
        """The rules of a decision in force, each taken in at its side."""
        sides = {side.name: side.fact for side in self.policy_set.decisions[decision].sides}
        for fact in sides.values():
            self._see(fact)
        for rule in (*self.policy_set.norms.values(), *self.policy_set.requirements.values()):
            if rule.decision == decision and self._in_force(rule):
                self._rules.setdefault(sides[rule.side], {})[rule.name] = rule
                yield rule

    def _settings(self, parameter: str) -> Sequence[Setting]:
        """The settings of a parameter in force."""
        settings = self.policy_set.settings.values()
        return [other for other in settings if other.parameter == parameter and self._in_force(other)]

    def _in_force(self, rule: Rule) -> bool:
        return self.day is None or self.day in rule.period

    def _see(self, fact: str, *places: str) -> None:
        self.facts.setdefault(fact)
        self._places.setdefault(fact, set(self._given)).update(places)

    def _read(self, expression: Expr) -> Iterator[str]:
        """The region facts in an expression."""
        for inner in unfolded(self.policy_set, expression):
            if isinstance(inner, FactValue) and inner.type == REGION:
                yield inner.fact

    def _constants(self, expression: Expr) -> Iterator[str]:
        """The regions that an expression can name, each with all it lies in."""
        for inner in unfolded(self.policy_set, expression):
            if isinstance(inner, Constant) and inner.type == REGION:
                yield from self.tree.chain(str(inner.value))
            elif isinstance(inner, ParameterValue) and inner.type == REGION:
                for setting in self._set(inner.parameter):
                    yield from self.tree.chain(str(setting.value))

    # --- What is seen ---

    def _sign(self, fact: str, code: str) -> Sign:
        """What can be seen of one region as the value of a fact."""
        tree, places, lineage = self.tree, self._places[fact], _lineage(self.tree, code)
        return (
            tuple(name for name, rule in self._rules.get(fact, {}).items() if tree.within(code, rule.region)),
            tuple(self._parameter(name, x) for name in self._parameters.get(fact, ()) for x in lineage),
            next((outer for outer in tree.chain(code) if outer in places), None),
            code in places,
            (lineage[0] == lineage[1], lineage[1] == lineage[2]),
            code if fact in self._coded else None,
        )

    def _parameter_sign(self, name: str, region: str) -> Sign:
        """What is known of a parameter at a region: what it is, where no condition has a say in that."""
        speaking = [setting for setting in self._set(name) if self.tree.within(region, setting.region)]
        conditional = any(setting.when is not None or setting.unless is not None for setting in speaking)
        if conditional or self.day is None:
            return tuple(setting.key for setting in speaking)
        return self.evaluator.parameter(name, region, {DATE: self.day}).outcome

    def _lie(self, one: str, other: str) -> Sign:
        """How two regions, their prefectures and provinces lie to each other."""
        tree = self.tree
        if tree.province(one) != tree.province(other):
            return None
        pairs = [(x, y) for x in _lineage(tree, one) for y in _lineage(tree, other)]
        return tuple((tree.within(x, y), tree.within(y, x)) for x, y in pairs)


class Signatures:
    """What can be seen of the regions of a case that come from one region, or from a pair."""

    def __init__(self, sight: RegionView, origins: Mapping[str, int | str]) -> None:
        """For each region fact, the place in the pair of the region that is its value, or a region that is
        its value whatever the pair is. Facts that are not there stay open."""
        read = {fact: origins[fact] for fact in sight.facts if fact in origins}
        self._facts = [[fact for fact, origin in read.items() if origin == place] for place in (0, 1)]
        self._fixed = [origin for origin in read.values() if isinstance(origin, str)]
        self.sight = sight
        self._numbers: dict[Sign, int] = {}
        self._one = cache(self._single)
        self._province = {code: sight.tree.province(code) for code in sight.tree.values()}

    def of(self, codes: Sequence[str]) -> Sign:
        """Of a region, or of a pair."""
        if len(codes) == 1:
            return self._one(0, codes[0])
        one, other = codes
        near = self._province[one] == self._province[other] and all(self._facts)
        return self._one(0, one), self._one(1, other), self.sight.lie(one, other) if near else None

    def _single(self, place: int, code: str) -> int:
        """A number for what can be seen of one region of the pair."""
        signs = tuple(self.sight.sign(fact, code) for fact in self._facts[place])
        lies = tuple(self.sight.lie(code, fixed) for fixed in self._fixed) if self._facts[place] else ()
        return self._numbers.setdefault((signs, lies), len(self._numbers))


class Surroundings:
    """What a further region fact can be, seen from one region or a pair. Where only one such fact is open,
    regions of one signature and the same surroundings are alike whatever it is.

    Only the provinces of the regions are looked at. What there is elsewhere is then the same too: whatever is
    in a province of the one pair has its like in a province of the other.
    """

    def __init__(self, sight: RegionView, fact: str) -> None:
        self.sight = sight
        self.fact = fact
        self._members: dict[str, list[str]] = {}
        for code in sight.tree.values():
            self._members.setdefault(sight.tree.province(code), []).append(code)
        self._near = cache(self._around)

    def of(self, regions: Sequence[str]) -> Sign:
        """Of a region, or of a pair."""
        if len({self.sight.tree.province(code) for code in regions}) == 1:
            return self._near(tuple(regions))
        return tuple(self._near((code,)) for code in regions)

    def _around(self, regions: tuple[str, ...]) -> Sign:
        """What there is in the province that some regions share: all it has, and how that lies to them."""
        sight = self.sight
        return frozenset(
            (sight.sign(self.fact, code), *(sight.lie(code, region) for region in regions))
            for code in self._members[sight.tree.province(regions[0])]
        )


def _lineage(tree: RegionTree, code: str) -> tuple[str, str, str]:
    """A region, its prefecture and its province."""
    return code, tree.prefecture(code), tree.province(code)
