"""Turns results into diagnostics: rules, citations, a replayed witness, and words.

In: the rules concerned and the terms that describe the finding. Out: a `Diagnostic` with its `Finding`. The witness is
the plainest case, shown by the part that implies the finding and its verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from policyc.dsl.diagnostics.diagnostic import CODES, Cite, Diagnostic, Finding, Label, Text, text
from policyc.dsl.model import DATE, REGION, Case, Period, PolicySet, Rule, Setting, Verdict
from policyc.dsl.model.values import format_case
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.system.limits import Undecided, share_of_time

from ..encoding.symbolic_case import Area
from ..engine.context import CaseScope, SolverContext, replay
from ..engine.extent import Extent, Surveyor
from ..engine.rule_places import Places
from ..engine.witness import abductive_explanation_in_time, plain, plainness
from ..formula.terms import Term
from ..report.describe import cites_of, source_text, story

Claim = Callable[[Evaluator, Case], bool]


@dataclass(frozen=True, slots=True)
class Possibility:
    """The subject of a finding: something possible in some case, and how the evaluator confirms it."""

    #: The term for it in a scope.
    describe: Callable[[CaseScope], Term]
    claim: Claim
    #: The decision whose verdict the witness shows, if any.
    decision: str | None
    #: The region fact that gives the places of the finding, inside the region `within`; `""` is everywhere.
    place: str
    within: str
    period: Period
    #: Whether it is too hard to find the needed facts except with all regions known.
    regions_known: bool = False
    #: The parts of the country in which it is possible; `None` is the whole.
    parts: tuple[Area | None, ...] = (None,)
    #: What the witness should show besides, if a case does, and how the evaluator confirms it.
    preferred: tuple[Callable[[CaseScope], Term], Claim] | None = None

    def at_its_clearest(self) -> Possibility:
        """The same, narrowed to what the witness should show besides."""
        if self.preferred is None:
            return self
        (more, shows), describe, claim = self.preferred, self.describe, self.claim
        return replace(
            self,
            describe=lambda scope: scope.factory.and_((describe(scope), more(scope))),
            claim=lambda evaluator, case: claim(evaluator, case) and shows(evaluator, case),
            preferred=None,
        )


@dataclass(frozen=True, slots=True)
class _Witness:
    """A case that shows a finding: the whole case, and the part that implies the finding and its verdicts."""

    case: Case
    part: Case
    verdicts: tuple[tuple[str, str], ...]
    #: The searches that ran out of time.
    cut: tuple[str, ...]


class Reporter:
    """Makes diagnostics."""

    def __init__(self, context: SolverContext, witnesses: int = 1, always: Reporter | None = None) -> None:
        """`witnesses` is how many cases show each finding, if so many exist; `always` reports on all days if the
        context is of one."""
        self.context = context
        self.witnesses = witnesses
        self.always = always or self
        self.scope: CaseScope = context.whole
        self.policy_set: PolicySet = context.policy_set
        self.surveyor = Surveyor(self.policy_set)

    def rebuilt(self) -> Any:
        """Sent to another process without scopes: that process builds terms of its own."""
        return Reporter, (self.context, self.witnesses, None if self.always is self else self.always)

    @cached_property
    def places(self) -> Places:
        """Worked out once for all checks: it takes a walk through every condition of the set."""
        return Places(self.policy_set)

    def in_force_then(self, rule: Rule) -> bool:
        """Whether a rule is in force on the day checked, if it is only one."""
        day = self.context.known.get(DATE)
        return not isinstance(day, int) or day in rule.period

    def report(
        self,
        code: str,
        message: Text,
        rules: Sequence[Rule],
        possibility: Possibility,
        *,
        side: str | None = None,
        settled_by: str | None = None,
        labels: Sequence[Text] = (),
        notes: Sequence[Text] = (),
        help_: Text | None = None,
        completed: Callable[[Diagnostic, Case], Diagnostic] = lambda diagnostic, _: diagnostic,
    ) -> Diagnostic | None:
        """The finding, or `None` if no valid case shows it. `completed` adds what is known from the case that shows it."""
        scopes = self.scopes(possibility)
        clearest = possibility.at_its_clearest()
        shown = self._witnesses(clearest, scopes)
        if not shown and clearest is not possibility:
            shown = self._witnesses(possibility, scopes)
        if not shown:
            return None
        case = shown[0].case
        stories = [story(self.policy_set, one.part) for one in shown]
        extent = self._extent(possibility, case, scopes)
        cut = (*shown[0].cut, *(("extent",) if extent is None else ()))
        names = tuple(dict.fromkeys(rule.name for rule in rules))
        finding = Finding(
            decision=possibility.decision,
            side=side,
            rules=names,
            settled_by=settled_by,
            cites=self.cites(rules),
            witness=self.formatted(shown[0].part),
            witnesses=tuple(self.formatted(one.part) for one in shown) if self.witnesses > 1 else (),
            verdicts=shown[0].verdicts,
            regions=None if extent is None else extent.regions,
            dates=None if extent is None else extent.dates,
            story=stories[0],
            cut=cut,
        )
        spans = [Label(rule.span, label) for rule, label in zip(rules, labels, strict=False)]
        spans += [Label(rule.span) for rule in rules[len(labels) :]]
        examples = [text("finding.witness", story=stories[0])]
        examples += [text("finding.another-witness", story=other) for other in stories[1:]]
        examples += [text(f"finding.cut-{what}") for what in cut]
        all_notes = (*notes, *self.cite_notes(rules), *examples)
        return completed(Diagnostic(CODES[code], message, spans[0], tuple(spans[1:]), all_notes, help_, finding), case)

    def scopes(self, possibility: Possibility) -> list[CaseScope]:
        """Scopes that together contain every case of a possibility, each with few rules besides those concerned."""
        tree, found = self.policy_set.regions, []
        for part in possibility.parts:
            inner = possibility.within
            if part is None or (inner and tree.within(inner, part.top) and inner != part.top):
                found.append(self.context.within(possibility.place, inner))
            else:
                found.append(self.context.area(possibility.place, part))
        return found

    def _witnesses(self, possibility: Possibility, scopes: Sequence[CaseScope]) -> list[_Witness]:
        """The plainest case, then the plainest of those with the same verdict that differ from the earlier ones in the
        part shown; none if no valid case shows the finding. Running out of time ends the list, unless it is empty."""
        terms = {scope: [possibility.describe(scope)] for scope in scopes}
        found: list[_Witness] = []
        while len(found) < self.witnesses:
            try:
                witness = self._next_witness(possibility, terms)
            except Undecided:
                if not found:
                    raise
                break
            if witness is None:
                break
            found.append(witness)
            if len(found) < self.witnesses:
                for scope, known in terms.items():
                    known += self._others(possibility, scope, witness)
        return found

    def _next_witness(self, possibility: Possibility, terms: Mapping[CaseScope, Sequence[Term]]) -> _Witness | None:
        found = [one for scope, known in terms.items() if (one := plain(scope, known)) is not None]
        if not found:
            return None
        case = min((case for case, _ in found), key=partial(plainness, self.scope))
        replay(self.context, case, possibility.claim)
        scope = self._scope_for(possibility, case)
        decision, claimed = possibility.decision, [possibility.describe(scope)]
        verdicts: tuple[tuple[str, str], ...] = ()
        if decision is not None:
            verdict = self.context.evaluator.verdict(decision, case)
            claimed.append(scope.decisions.decision(decision)[verdict])
            verdicts = ((decision, verdict.value),)
        part, minimal = abductive_explanation_in_time(scope, case, claimed)
        cut = {"witness": not all(plainest_ for _, plainest_ in found), "facts": not minimal}
        return _Witness(case, part, verdicts, tuple(what for what, open_ in cut.items() if open_))

    @staticmethod
    def _others(possibility: Possibility, local: CaseScope, witness: _Witness) -> list[Term]:
        """That a case differs from a witness in the part shown, and has its verdict."""
        factory = local.factory
        terms = [factory.not_(factory.and_(local.given(witness.case, witness.part)))]
        if possibility.decision is not None:
            verdict = Verdict(dict(witness.verdicts)[possibility.decision])
            terms.append(local.decisions.decision(possibility.decision)[verdict])
        return terms

    def _scope_for(self, possibility: Possibility, case: Case) -> CaseScope:
        """The scope in which to find the needed facts. If the rules are too many for a scope of the whole country,
        the region is fixed, if another one would make a difference."""
        if possibility.regions_known:
            facts = self.policy_set.facts.values()
            return self.context.scope({fact.name: case[fact.name] for fact in facts if fact.type == REGION})
        if possibility.parts == (None,) or not self._depends_on_place(possibility, case):
            return self.scope
        return self.context.scope({possibility.place: case[possibility.place]})

    def _depends_on_place(self, possibility: Possibility, case: Case) -> bool:
        evaluator, decision = self.context.evaluator, possibility.decision
        moved = ({**case, possibility.place: region} for region in self.context.common.sample_regions)
        others = (other for other in moved if not evaluator.violated(other))
        if decision is None:
            return not all(possibility.claim(evaluator, other) for other in others)
        verdict = evaluator.verdict(decision, case)
        return any(
            evaluator.verdict(decision, other) is not verdict or not possibility.claim(evaluator, other)
            for other in others
        )

    def _extent(self, possibility: Possibility, case: Case, scopes: Sequence[CaseScope]) -> Extent | None:
        """Where and when the finding occurs; `None` if time runs out."""
        try:
            with share_of_time(0.8):
                terms = [(scope, possibility.describe(scope)) for scope in scopes]
                return self.surveyor.survey(terms, case, possibility.place, possibility.within, possibility.period)
        except Undecided:
            return None

    def formatted(self, case: Case) -> tuple[tuple[str, str], ...]:
        """A case or a part of one, as text."""
        return tuple(format_case(self.policy_set, case).items())

    @staticmethod
    def cites(rules: Sequence[Rule]) -> tuple[Cite, ...]:
        return tuple(dict.fromkeys(cite for rule in rules for cite in cites_of(rule)))

    def cite_notes(self, rules: Sequence[Rule]) -> list[Text]:
        """Each citation with the words of its clause and the name and date of its source; rows have the citations of
        their table."""
        notes = []
        for rule in rules:
            table = rule.table if isinstance(rule, Setting) else None
            for clause, source in zip(rule.cites, rule.sources, strict=True):
                notes.append(
                    text(
                        "finding.cite",
                        rule=table or rule.name,
                        clause=clause.title or clause.name,
                        source=source_text(source),
                    )
                )
        return list(dict.fromkeys(notes))
