"""Which regions a question cannot distinguish, by what its rules and conditions read of a region.

In: decisions and expressions, the day, the regions given. Out: a signature for one region or a pair; all rules and
conditions treat regions with one signature the same, other facts being equal. It may distinguish too many regions,
never too few. Asks no solver.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from policyc.dsl import model
from policyc.dsl.model.regions import RegionTree
from policyc.dsl.model.traversal import unfolded
from policyc.dsl.semantics.evaluate import Evaluator

from ..encoding.dependencies import transitive

#: What is visible of a region, or of the relation of two.
Sign = Hashable


class RegionView:
    """What some decisions and expressions see of the region facts of a case.

    Of one region they see: which rules apply there; the parameters there and at its prefecture and province; how it
    is related to the places that conditions name; whether it is a prefecture or a province; and its code, if a
    condition reads that as a number. Of two regions they see how these, their prefectures and provinces are related.

    INVARIANT: every ancestor of a place is a place. So the first place that contains a region determines how the
    region, its prefecture and its province are related to all places: a region that is not a place contains none.
    """

    def __init__(self, evaluator: Evaluator, day: int | None, given: Iterable[str] = ()) -> None:
        """Only rules in force on the day count; all without a day. `given` regions count as named by every condition."""
        self.evaluator = evaluator
        self.policy_set = evaluator.policy_set
        self.tree = evaluator.policy_set.regions
        self.day = day
        #: The region facts that are read, in order of first reading.
        self.facts: dict[str, None] = {}
        #: For each such fact: the rules of its side, the parameters read there, the places it is compared with.
        self._rules: dict[str, dict[str, model.Rule]] = {}
        self._parameters: dict[str, dict[str, None]] = {}
        self._places: dict[str, set[str]] = {}
        self._coded: set[str] = set()
        self._given = {place for code in given for place in self.tree.chain(code)}
        self.sign = cache(self._sign)
        self.relation = cache(self._relation)
        self._parameter = cache(self._parameter_sign)
        self._set = cache(self._settings)

    # --- What is read ---

    def look(self, subject: str | model.Expr) -> None:
        """Adds a decision or an expression, and the definitions, parameters and decisions that it reads."""
        for inner in transitive(self.policy_set, [subject], self._sided, lambda read: self._set(read.parameter)):
            match inner:
                case model.Equal(left=one, right=other) | model.Within(inner=one, outer=other) if (
                    one.type == model.REGION
                ):
                    places = [*self._constants(one), *self._constants(other)]
                    for fact in (*self._read(one), *self._read(other)):
                        self._see(fact, *places)
                case model.ParameterValue(parameter=parameter, region=region):
                    for fact in self._read(region):
                        self._parameters.setdefault(fact, {})[parameter] = None
                case model.RegionCode(region=region):
                    self._coded.update(self._read(region))
                case model.FactValue(fact=fact) if inner.type == model.REGION:
                    self._see(fact)

    def _sided(self, decision: str) -> Iterator[model.Rule]:
        """The rules of a decision in force, each added to its side."""
        sides = {side.name: side.fact for side in self.policy_set.decisions[decision].sides}
        for fact in sides.values():
            self._see(fact)
        for rule in (*self.policy_set.norms.values(), *self.policy_set.requirements.values()):
            if rule.decision == decision and self._in_force(rule):
                self._rules.setdefault(sides[rule.side], {})[rule.name] = rule
                yield rule

    def _settings(self, parameter: str) -> Sequence[model.Setting]:
        """The settings of a parameter in force."""
        settings = self.policy_set.settings.values()
        return [other for other in settings if other.parameter == parameter and self._in_force(other)]

    def _in_force(self, rule: model.Rule) -> bool:
        return self.day is None or self.day in rule.period

    def _see(self, fact: str, *places: str) -> None:
        self.facts.setdefault(fact)
        self._places.setdefault(fact, set(self._given)).update(places)

    def _read(self, expression: model.Expr) -> Iterator[str]:
        """The region facts in an expression."""
        for inner in unfolded(self.policy_set, expression):
            if isinstance(inner, model.FactValue) and inner.type == model.REGION:
                yield inner.fact

    def _constants(self, expression: model.Expr) -> Iterator[str]:
        """The regions that an expression can name, each with its ancestors."""
        for inner in unfolded(self.policy_set, expression):
            if isinstance(inner, model.Constant) and inner.type == model.REGION:
                yield from self.tree.chain(str(inner.value))
            elif isinstance(inner, model.ParameterValue) and inner.type == model.REGION:
                for setting in self._set(inner.parameter):
                    yield from self.tree.chain(str(setting.value))

    # --- What is seen ---

    def _sign(self, fact: str, code: str) -> Sign:
        """What is visible of one region as the value of a fact."""
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
        """What is visible of a parameter at a region: its value, if no setting there has a condition."""
        speaking = [setting for setting in self._set(name) if self.tree.within(region, setting.region)]
        conditional = any(setting.when is not None or setting.unless is not None for setting in speaking)
        if conditional or self.day is None:
            return tuple(setting.key for setting in speaking)
        return self.evaluator.parameter(name, region, {model.DATE: self.day}).outcome

    def _relation(self, one: str, other: str) -> Sign:
        """How two regions, their prefectures and provinces are related."""
        tree = self.tree
        if tree.province(one) != tree.province(other):
            return None
        pairs = [(x, y) for x in _lineage(tree, one) for y in _lineage(tree, other)]
        return tuple((tree.within(x, y), tree.within(y, x)) for x, y in pairs)


class Signatures:
    """What is visible of the regions of a case that derive from one region, or from a pair."""

    def __init__(self, view: RegionView, origins: Mapping[str, int | str]) -> None:
        """`origins` maps a region fact to the index in the pair of its value, or to a region that is its value for
        every pair. Other facts stay open."""
        read = {fact: origins[fact] for fact in view.facts if fact in origins}
        self._facts = [[fact for fact, origin in read.items() if origin == place] for place in (0, 1)]
        self._fixed = [origin for origin in read.values() if isinstance(origin, str)]
        self.view = view
        self._numbers: dict[Sign, int] = {}
        self._one = cache(self._single)
        self._province = {code: view.tree.province(code) for code in view.tree.values()}

    def of(self, codes: Sequence[str]) -> Sign:
        """The signature of a region, or of a pair."""
        if len(codes) == 1:
            return self._one(0, codes[0])
        one, other = codes
        near = self._province[one] == self._province[other] and all(self._facts)
        return self._one(0, one), self._one(1, other), self.view.relation(one, other) if near else None

    def _single(self, place: int, code: str) -> int:
        """A number for what is visible of one region of the pair."""
        signs = tuple(self.view.sign(fact, code) for fact in self._facts[place])
        relations = tuple(self.view.relation(code, fixed) for fixed in self._fixed) if self._facts[place] else ()
        return self._numbers.setdefault((signs, relations), len(self._numbers))


class Surroundings:
    """The possible values of a further region fact, seen from one region or a pair. If only one such fact is open,
    regions with one signature and equal surroundings are equivalent whatever its value.

    Comparing the provinces of the regions is enough. The rest of the country is then equal too: every region in a
    province of the one pair has an equivalent in a province of the other.
    """

    def __init__(self, view: RegionView, fact: str) -> None:
        self.view = view
        self.fact = fact
        self._members: dict[str, list[str]] = {}
        for code in view.tree.values():
            self._members.setdefault(view.tree.province(code), []).append(code)
        self._near = cache(self._around)

    def of(self, regions: Sequence[str]) -> Sign:
        """The surroundings of a region, or of a pair."""
        if len({self.view.tree.province(code) for code in regions}) == 1:
            return self._near(tuple(regions))
        return tuple(self._near((code,)) for code in regions)

    def _around(self, regions: tuple[str, ...]) -> Sign:
        """All regions of the province that some regions share, and how they are related to these."""
        view = self.view
        return frozenset(
            (view.sign(self.fact, code), *(view.relation(code, region) for region in regions))
            for code in self._members[view.tree.province(regions[0])]
        )


def _lineage(tree: RegionTree, code: str) -> tuple[str, str, str]:
    """A region, its prefecture and its province."""
    return code, tree.prefecture(code), tree.province(code)
