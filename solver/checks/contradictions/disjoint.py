"""Disjoint pairs of rules: their conditions cannot hold together in any case or region.

Most rules of opposite effect never meet: one is for spouses, the other for children; one up to an amount, the other
above it. Conditions on facts alone are compared here once for all pairs with the same conditions, however many regions
share them. The remaining pairs are left to `engine/reachability.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from policyc.dsl.model import Expr, Rule
from policyc.dsl.system.limits import Undecided

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import facts_only
from ...encoding.rule_index import RuleIndex
from ...engine.context import SolverContext
from ...engine.reachability import PART_LIMIT, Key, possible, tried_together
from ...formula.terms import Term

#: How many contests of a large set one context handles.
BATCH = 5_000

Pair = tuple[Rule, Rule]
#: The conditions of a rule: its `when` and its `unless`.
Body = tuple[Expr | None, Expr | None]


class Bodies:
    """The conditions of the rules of one set, as terms; rules with the same conditions share them."""

    def __init__(self, context: SolverContext) -> None:
        self.context = context
        self._of_body: dict[Body, Term] = {}
        self._of_rule: dict[str, Term] = {}

    def disjoint_pairs(self, pairs: Sequence[Pair]) -> tuple[set[int], set[int]]:
        """The indices of pairs that can never apply together, and of those among them that the solver proved; the
        conditions of the others are syntactically contradictory."""
        factory, scope = self.context.factory, self.context.whole
        terms = [factory.and_((self._term(one), self._term(other))) for one, other in pairs]
        shown = {term: pair for term, pair in zip(terms, pairs, strict=True) if term is not factory.false}
        distinct: dict[Key, Term] = {(f"{number}",): term for number, term in enumerate(shown)}
        found = possible(scope, distinct, tried_together(scope, shown.values()), factory.true)
        open_ = {distinct[key] for key in (*found.possible, *found.undecided)}
        asked = {distinct[key] for key in found.asked} - open_
        disjoint = {place for place, term in enumerate(terms) if term not in open_}
        return disjoint, {place for place in disjoint if terms[place] in asked}

    def meet(self, ones: Sequence[Rule], others: Sequence[Rule]) -> bool:
        """Whether the conditions of some one and some other rule can hold together."""
        factory = self.context.factory
        sides = [factory.or_(self._term(rule) for rule in rules) for rules in (ones, others)]
        return self.context.whole.possible([factory.and_(sides)])

    def _term(self, rule: Rule) -> Term:
        """The conditions of a rule; true if they depend on more than facts."""
        if rule.key not in self._of_rule:
            body = rule.when, rule.unless
            if body not in self._of_body:
                self._of_body[body] = self._encoded(rule)
            self._of_rule[rule.key] = self._of_body[body]
        return self._of_rule[rule.key]

    def _encoded(self, rule: Rule) -> Term:
        factory, rules = self.context.factory, self.context.whole.rules
        if not all(facts_only(self.context.policy_set, part) for part in (rule.when, rule.unless) if part):
            return factory.true
        return factory.not_(rules.conditions(rule, {}).surely_false)


def without_disjoint(context: SolverContext, purpose: Purpose | None = None) -> RuleIndex:
    """The rule index without contests that occur in no case. Contests that a `default` loses do not matter and are
    kept. Processes share the work if there is much."""
    contests = context.rule_index.contests.rules
    places = [place for place, contest in enumerate(contests) if contest.loser is None or not contest.loser.default]
    size = BATCH if len(context.rule_index.rules.rules) > PART_LIMIT else max(len(places), 1)
    batches = [places[start : start + size] for start in range(0, len(places), size)]
    tasks = [partial(_disjoint, context, purpose, batch, alone=len(batches) == 1) for batch in batches]
    disjoint, asked = set[int](), set[int]()
    for some, proved in context.share(tasks):
        disjoint |= some
        asked |= proved
    return context.rule_index.without_contests(disjoint, asked)


def _disjoint(
    context: SolverContext, purpose: Purpose | None, places: Sequence[int], *, alone: bool
) -> tuple[set[int], set[int]]:
    """`Bodies.disjoint_pairs` for some contests, by index among all. Unless these are all, its context is discarded."""
    contests = context.rule_index.contests.rules
    pairs = [(contests[place].one, contests[place].other) for place in places]
    with context.isolated(fresh=not alone) as own:
        try:
            with context.question(len(pairs), purpose):
                disjoint, asked = Bodies(own).disjoint_pairs(pairs)
        except Undecided:
            return set(), set()  # later searches include them
    return {places[n] for n in disjoint}, {places[n] for n in asked}
