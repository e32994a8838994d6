"""Mandates that are not met (PC306), or only under further conditions (PC307).

A mandate speaks of who, where and for what, which norms decide. It is met if, for every case of the facts that decide,
in which *some* choice of the open facts meets the mandate and all requirements of its level and above, some such choice
is permitted. Open are the facts that people can arrange, and those that only requirements of lower regions ask about:
numbers, status and dates. This question has two quantifiers. It is answered by examples: a choice that works in one
case is tried on all cases at once, and only cases that no known choice serves are examined further.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property, partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, quoted, text
from policyc.dsl.model import (
    DATE,
    REGION,
    Case,
    DecisionRule,
    Effect,
    Fact,
    Mandate,
    Norm,
    Requirement,
    Rule,
    Side,
    SideVerdict,
)
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import SideTrace

from ...backends.second_opinion import Purpose
from ...encoding.decisions import SideTerms
from ...engine.context import CaseScope
from ...engine.witness import plainest
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..form import Asking, Check, Found
from ..reporter import Possibility, Reporter
from .choices import Balance, Choice, balances, general


def begin(reporter: Reporter) -> Iterator[Asking]:
    for mandate in reporter.policy_set.mandates.values():
        purpose = Purpose(("PC306", "PC307"), text("PC901.mandate", name=mandate.name), mandate.span)
        yield Asking(purpose, partial(mandate_findings, reporter, mandate))


def mandate_findings(reporter: Reporter, mandate: Mandate) -> Found:
    """PC306 and PC307 for one mandate: one finding for each set of rules that prevent it."""
    before = reporter.context.questions
    search = _ObstacleSearch(reporter, mandate)
    unmet = search.unmet()
    findings = [*unmet, *search.narrowed()]
    proof = Proof(
        ProofKind.MANDATE_MET,
        mandate.name,
        mandate.decision,
        mandate.side,
        reporter.context.questions - before,
    )
    return findings, [] if unmet else [proof]


def unmet_by_others(reporter: Reporter, mandate: Mandate, known: Collection[frozenset[str]]) -> bool:
    """Whether rules other than those known to prevent a mandate leave it unmet."""
    search = _ObstacleSearch(reporter, mandate)
    excluded: list[Term] = []
    while (case := search._failing(excluded)) is not None:
        blockers = search._blockers(case)
        if frozenset(rule.name for rule in blockers) not in known:
            return True
        excluded.append(search.scope.factory.not_(search._blocked_by(search.scope, blockers)))
    return False


class _ObstacleSearch:
    """`choices` are the arrangements found so far that are permitted in some case."""

    def __init__(self, reporter: Reporter, mandate: Mandate) -> None:
        self.reporter = reporter
        self.context = reporter.context
        self.policy_set = reporter.policy_set
        self.mandate = mandate
        self.side: Side = self.policy_set.side(mandate.decision, mandate.side)
        self.scope = reporter.scope
        self.choices: list[Choice] = []
        self.open = self._open()

    def _open(self) -> tuple[Fact, ...]:
        """The facts of which one choice is enough."""
        policy_set, read_by = self.policy_set, self.context.rule_index.dependencies.read_by
        norms = (norm for norm in policy_set.norms.values() if self._same_side(norm))
        local = (rule for rule in policy_set.requirements.values() if self._same_side(rule) and not self._binds(rule))
        asked = read_by(local) - read_by([*norms, self.mandate])
        return tuple(
            fact
            for fact in policy_set.facts.values()
            if fact.arrangeable or (fact.name in asked and fact.type != REGION and fact.name != DATE)
        )

    @cached_property
    def _balances(self) -> Mapping[str, Sequence[Balance]]:
        """What the mandate and the rules that decide compare the open facts with."""
        norms, requirements = self.policy_set.norms.values(), self.policy_set.requirements.values()
        rules = [self.mandate, *(rule for rule in (*norms, *requirements) if self._same_side(rule))]
        return balances(self.context, self.open, rules)

    def _same_side(self, rule: DecisionRule) -> bool:
        return (rule.decision, rule.side) == (self.mandate.decision, self.mandate.side)

    def _binds(self, rule: Rule) -> bool:
        """Whether a rule is of the mandate's level or above."""
        return self.policy_set.regions.within(self.mandate.region, rule.region)

    # --- Terms ---

    def owed(self, scope: CaseScope) -> Term:
        """The mandate applies for all values of conflicting parameters; every requirement of its level and above is
        met, and no forbid of those levels has effect, except defaults."""
        factory, rules = scope.factory, scope.rules
        place = scope.symbolic.region(self.side.fact)
        applies = rules.every_branch(lambda choices: rules.applies(self.mandate, place, choices).surely_true)
        unhindered = scope.decisions.anywhere(
            (
                guard,
                factory.and_(factory.not_(branch.possible[name]) for name in self._superior if name in branch.possible),
            )
            for guard, branch in scope.decisions.side_branches(self.mandate.decision, self.side)
        )
        return factory.and_((applies, unhindered))

    @property
    def _superior(self) -> list[str]:
        """Requirements, and forbids other than defaults, of the mandate's level and above."""
        rules: list[Norm | Requirement] = [
            norm for norm in self.policy_set.norms.values() if norm.effect is Effect.FORBID and not norm.default
        ]
        rules += self.policy_set.requirements.values()
        return [rule.name for rule in rules if self._same_side(rule) and self._binds(rule)]

    def permits(self, scope: CaseScope) -> Term:
        return scope.decisions.side(self.mandate.decision, self.side)[SideVerdict.PERMITS]

    def denied(self, scope: CaseScope) -> Term:
        """Owed but not permitted."""
        return scope.factory.and_((self.owed(scope), scope.factory.not_(self.permits(scope))))

    def unserved(self, scope: CaseScope) -> Term:
        """Owed but not permitted, and none of the known choices would be owed and permitted."""
        served = []
        for choice in self.choices:
            arranged = choice.made(scope)
            served.append(scope.factory.and_((self.owed(arranged), self.permits(arranged), arranged.valid)))
        return scope.factory.and_((self.denied(scope), *map(scope.factory.not_, served)))

    # --- PC306 ---

    def unmet(self) -> list[Diagnostic]:
        findings: list[Diagnostic] = []
        excluded: list[Term] = []
        while (case := self._failing(excluded)) is not None:
            blockers = self._blockers(case)
            self._complete(blockers)
            finding = self._report("PC306", blockers, partial(self._stuck, blockers))
            findings += [finding] if finding is not None else []
            excluded.append(self.scope.factory.not_(self._blocked_by(self.scope, blockers)))
        return findings

    def _failing(self, terms: list[Term]) -> Case | None:
        """The plainest case that no choice serves; keeps the choices found on the way."""
        while (case := plainest(self.scope, [self.unserved(self.scope), *terms])) is not None:
            choice = self._serving(case)
            if choice is None:
                return case
            self.choices.append(choice)
        return None

    def _serving(self, case: Case) -> Choice | None:
        """A choice of the open facts with which a case is owed and permitted."""
        others = [name for name, fact in self.policy_set.facts.items() if fact not in self.open]
        terms = [self.owed(self.scope), self.permits(self.scope), *self.scope.given(case, others)]
        served = self.scope.case(terms)
        return None if served is None else general(self.scope, served, self.open, terms, self._balances)

    def _stuck(self, blockers: list[Rule], scope: CaseScope) -> Term:
        return scope.factory.and_((self.unserved(scope), self._blocked_by(scope, blockers)))

    def _complete(self, blockers: list[Rule]) -> None:
        """Collects choices until each area and each span of days is served or provably not, so that a case that no
        known choice serves is one that no choice serves."""
        surveyor = self.reporter.surveyor
        for inside in (
            *surveyor.area_terms(self.scope, self.side.fact),
            *surveyor.cell_terms(self.scope),
        ):
            while (case := self.scope.case([self._stuck(blockers, self.scope), *inside])) is not None:
                choice = self._serving(case)
                if choice is None:
                    break
                self.choices.append(choice)

    def _blockers(self, case: Case) -> list[Rule]:
        """The rules against permission in a case that is not permitted, with every doubt settled against it: those of
        the first alternative without permission."""
        holds = self.scope.holds
        for guard, branch in self.scope.decisions.side_branches(self.mandate.decision, self.side):
            if holds(guard, case) and not holds(branch.verdicts[SideVerdict.PERMITS], case):
                against = self._against(branch)
                return [self.policy_set.rules[name] for name, term in against.items() if holds(term, case)]
        raise AssertionError("what is not permitted is not permitted under some alternative")

    def _against(self, branch: SideTerms) -> dict[str, Term]:
        """When each forbid has effect or each requirement fails, with every doubt settled against permission."""
        norms = self.policy_set.norms
        return {
            name: term
            for name, term in branch.possible.items()
            if name not in norms or norms[name].effect is Effect.FORBID
        }

    def _trace(self, evaluator: Evaluator, case: Case) -> SideTrace:
        return evaluator.side(self.mandate.decision, self.mandate.side, case)

    def _blocked_by(self, scope: CaseScope, blockers: list[Rule]) -> Term:
        """All these rules are against permission; without any, no rule surely gives it.

        INVARIANT: it holds in every case with these blockers, so no case is examined twice.
        """
        factory = scope.factory

        def blocked(branch: SideTerms) -> Term:
            if not blockers:
                return factory.not_(factory.or_(branch.possible.values()))
            return factory.and_(branch.possible.get(rule.name, factory.false) for rule in blockers)

        branches = scope.decisions.side_branches(self.mandate.decision, self.side)
        return scope.decisions.anywhere((guard, blocked(branch)) for guard, branch in branches)

    # --- PC307 ---

    def narrowed(self) -> list[Diagnostic]:
        findings: list[Diagnostic] = []
        excluded: list[Term] = []
        while (case := plainest(self.scope, [self.denied(self.scope), *excluded])) is not None:
            blockers = self._blockers(case)
            if self._serving(case) is not None:
                finding = self._report("PC307", blockers, partial(self._hindered, blockers))
                findings += [finding] if finding is not None else []
            excluded.append(self.scope.factory.not_(self._blocked_by(self.scope, blockers)))
        return findings

    def _hindered(self, blockers: list[Rule], scope: CaseScope) -> Term:
        return scope.factory.and_((self.denied(scope), self._blocked_by(scope, blockers)))

    # --- Findings ---

    def _report(self, code: str, blockers: list[Rule], describe: Callable[[CaseScope], Term]) -> Diagnostic | None:
        names = tuple(rule.name for rule in blockers)

        def claim(evaluator: Evaluator, case: Case) -> bool:
            return self._trace(evaluator, case).verdict is not SideVerdict.PERMITS

        return self.reporter.report(
            code,
            text(f"{code}.headline", mandate=self.mandate.name, rules=quoted(names))
            if names
            else text(f"{code}.silent", mandate=self.mandate.name),
            (self.mandate, *blockers),
            Possibility(
                describe,
                claim,
                self.mandate.decision,
                self.side.fact,
                self.mandate.region,
                self.mandate.period,
            ),
            side=self.mandate.side,
            labels=[text("PC306.label"), *(text("PC306.blocks") for _ in blockers)],
            help_=text(f"{code}.help"),
        )


CHECK = Check(("PC306", "PC307"), 100, begin, shown=("PC307",))
