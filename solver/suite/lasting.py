"""Tests that fail once their finding is repaired.

In: a finding with repairs, and the facts and expectations of a test that shows it. Out: whether the test fails after
every one of the repairs; and if it does not, because another contradiction gives the same verdict, a case in which this
finding is the only one of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations

from policyc.dsl import model
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Repair
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model.values import format_case

from ..checks.claims.tests import failed_test
from ..checks.contradictions.side_disagreements import disagree
from ..checks.contradictions.value_conflicts import both_unbeaten
from ..encoding.dependencies import reading_facts
from ..engine.context import CaseScope, SolverContext
from ..engine.witness import abductive_explanation_in_time, plain
from ..formula.terms import Term
from ..repairs.edits import Editor
from ..repairs.pairs import Pair, norm_clash, side_clash, value_clash


def test_of(given: model.Case, expect: Sequence[model.Expr]) -> model.Test:
    """A test that stands in no file."""
    nowhere = SourceFile("", "").whole
    facts = tuple(model.GivenValue(fact, value, nowhere) for fact, value in given.items())
    return model.Test(name="", usual=False, given=facts, expect=tuple(expect), span=nowhere)


class RepairedSets:
    """The set after each of the repairs of its findings."""

    def __init__(self, policy_set: model.PolicySet, timeout: float | None) -> None:
        self.policy_set = policy_set
        self.timeout = timeout
        self._editor = Editor(policy_set)

    def after(self, diagnostic: Diagnostic) -> list[SolverContext]:
        finding = diagnostic.finding
        offered = {_what(repair) for repair in finding.repairs or ()}
        if not offered:
            return []
        return [
            SolverContext(edit.policy_set, self.timeout)
            for edit in self._editor.against(diagnostic.code.id, finding)
            if (edit.kind.value, edit.rule.name, edit.column, edit.text) in offered
        ]

    def all_fail(self, repaired: Sequence[SolverContext], witness: Mapping[str, str], expect: Sequence[str]) -> bool:
        """Whether a test fails in every repaired set."""
        reader = QuestionReader(self.policy_set)
        conditions = [asked.subject for written in expect if (asked := reader.question(written)) is not None]
        expressions = [condition for condition in conditions if not isinstance(condition, str)]
        test = test_of(reader.facts(witness), expressions)
        return all(failed_test(context, test) is not None for context in repaired)


def _what(repair: Repair) -> tuple[str, str, str | None, str]:
    return repair.edit, repair.rule, repair.column, repair.text


def case_of_its_own(context: SolverContext, diagnostic: Diagnostic) -> dict[str, str] | None:
    """The needed facts of the plainest case in which this finding is the only one of its kind, with its verdicts;
    `None` if there is none, or if the finding is of no two rules."""
    describe = _own(context.policy_set, diagnostic)
    if describe is None:
        return None
    scope = context.whole
    own, alone = describe(scope)
    verdicts = [
        scope.decisions.decision(decision)[model.Verdict(verdict)] for decision, verdict in diagnostic.finding.verdicts
    ]
    found = plain(scope, [own, alone, *verdicts])
    if found is None:
        return None
    part, _ = abductive_explanation_in_time(scope, found[0], [own, alone, *verdicts])
    return format_case(context.policy_set, part)


def _own(policy_set: model.PolicySet, diagnostic: Diagnostic) -> Callable[[CaseScope], tuple[Term, Term]] | None:
    """When the two rules of a finding contradict each other, and when no other two do."""
    finding, code = diagnostic.finding, diagnostic.code.id
    if code not in ("PC301", "PC303", "PC304"):
        return None
    one, other = (policy_set.rules[name] for name in finding.rules)
    known = [Pair((one.name, other.name))]

    def describe(scope: CaseScope) -> tuple[Term, Term]:
        factory = scope.factory
        if isinstance(one, model.Setting) and isinstance(other, model.Setting):
            fact = reading_facts(policy_set)[one.parameter]
            return both_unbeaten(scope, one, other, fact), factory.not_(value_clash(scope, known))
        assert isinstance(one, model.Norm) and isinstance(other, model.Norm)
        decision = policy_set.decisions[one.decision]
        if code == "PC301":
            side = policy_set.side(one.decision, one.side)
            both = [scope.decisions.effective(one.decision, side, norm) for norm in (one, other)]
            return factory.and_(both), factory.not_(norm_clash(scope, decision, side, known))
        permit, forbid = (one, other) if one.effect is model.Effect.PERMIT else (other, one)
        yes, no = next(
            pair for pair in permutations(decision.sides, 2) if [s.name for s in pair] == [permit.side, forbid.side]
        )
        return disagree(scope, decision, yes, no, permit, forbid), factory.not_(side_clash(scope, decision, known))

    return describe
