"""The subjects of conditions on a question: facts, comparisons of several facts, definitions.

In: a scope, a question and the term for its answer. Out: the subjects of the term, in the order in which their literals
are dropped.
"""

from __future__ import annotations

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.model import BOOLEAN, REGION, EnumType, Expr, Fact, PolicySet

from ...engine.context import CaseScope
from ...formula.terms import Term, comparisons, fact_of
from .cone import ConeOfInfluence, cone_of_influence, named_conditions
from .predicates import Members, Numbers, Relation, Subject, Truths, named_comparisons
from .region_predicates import Places, relevant_regions


class Vocabulary:
    """The subjects for a term, in the order in which their literals are dropped."""

    def __init__(self, scope: CaseScope, subject: str | Expr, term: Term) -> None:
        self.scope = scope
        self.term = term
        self.cone: ConeOfInfluence = cone_of_influence(scope, subject)
        self._conditions = named_conditions(scope.policy_set)
        self._found = comparisons([term])
        self.mentioned = scope.factory.mentioned(term)
        relations = self._relations()
        entangled = {fact for relation in relations for fact in self.facts(relation.true, relation.false)}
        facts = [self._fact(fact) for fact in scope.policy_set.facts.values() if fact.name in self.mentioned]
        facts.reverse()  # details are declared last and dropped first
        self.subjects: list[Subject] = [subject for subject in facts if subject.name in entangled]
        self.subjects += relations
        self.subjects += [subject for subject in facts if subject.name not in entangled]
        #: Definitions, which may replace several alternatives by one condition.
        self.definitions = [
            Relation(scope, condition)
            for condition in self._conditions
            if self.facts(scope.expressions.holds(condition)) & self.mentioned
        ]

    def _fact(self, fact: Fact) -> Subject:
        single, others = self._comparisons_of(fact)
        if fact.type == BOOLEAN:
            return Truths(self.scope, fact)
        if fact.type == REGION:
            expressions = [
                *self.cone.comparisons,
                *(c for r in self.cone.rules for c in (r.when, r.unless) if c),
            ]
            return Places(self.scope, fact, single, relevant_regions(self.scope, expressions))
        if isinstance(fact.type, EnumType):
            return Members(self.scope, fact, single, separate=others)
        return Numbers(self.scope, fact, single)

    def _comparisons_of(self, fact: Fact) -> tuple[list[Term], bool]:
        """The comparisons of a fact with constants, and whether there are others."""
        single: list[Term] = []
        others = False
        for term in self._found:
            assert term.linear is not None
            atoms = [atom for _, atom in term.linear.parts]
            if len(atoms) == 1 and atoms[0].name is not None:
                if fact_of(atoms[0].name) == fact.name:
                    single.append(term)
            elif fact.name in self.scope.factory.mentioned(term):
                others = True
        return single, others

    def _relations(self) -> list[Relation]:
        """Comparisons of several open facts, by the name of a definition if there is one."""
        named = named_comparisons(self.scope, self._conditions)
        found: list[Relation] = []
        for comparison in self.cone.comparisons:
            relation = Relation(self.scope, named.get(comparison, comparison))
            facts = self.facts(relation.true, relation.false)
            if len(facts) > 1 and facts <= self.mentioned and _is_readable(self.scope.policy_set, relation.name):
                found.append(relation)
        return found

    def facts(self, *terms: Term) -> set[str]:
        return {fact for term in terms for fact in self.scope.factory.mentioned(term)}


def _is_readable(policy_set: PolicySet, written: str) -> bool:
    """Whether an expression is a valid question outside its policy."""
    return QuestionReader(policy_set).question(written) is not None
