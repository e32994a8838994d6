"""Exports the compiled set for other tools: the questions about all cases, as terms.

In: a checked set. Out: for every two rules that nothing settles, the question whether they ever contradict each other,
in words and as a term; and the named assumptions of all questions. Asks no solver and writes no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import EnumType, Norm, PolicySet, Setting

from .engine.context import SolverContext
from .formula.terms import Term
from .repairs.pairs import ties


@dataclass(frozen=True, slots=True)
class Exported:
    """Everything a solver needs, and the questions to ask it."""

    #: What holds in every valid case, with the clause it comes from.
    required: Mapping[Term, str]
    questions: tuple[tuple[Text, Term], ...]


def exported(policy_set: PolicySet) -> Exported:
    scope = SolverContext(policy_set).whole
    asked = tuple((_question(one, other), term) for one, other, term in ties(scope))
    return Exported(scope.names, asked)


def members(policy_set: PolicySet) -> list[Text]:
    """The number of each member, for each fact of an enum type."""
    return [
        text(
            "export.members",
            fact=fact.name,
            members=tuple(
                text("export.member", place=place, member=member)
                for place, member in enumerate(policy_set.enums[fact.type.name].members)
            ),
        )
        for fact in policy_set.facts.values()
        if isinstance(fact.type, EnumType)
    ]


def _question(one: Norm | Setting, other: Norm | Setting) -> Text:
    if isinstance(one, Norm):
        return text("export.norms", one=one.name, other=other.name, side=one.side, decision=one.decision)
    return text("export.values", one=one.name, other=other.name, parameter=one.parameter)
