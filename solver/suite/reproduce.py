"""Findings as tests of the language: what a `test` must give and expect to reproduce each of them.

In: a checked set and its findings. Out: a `Reproduction` for each witness, as text of the language. A finding about a
decision expects the verdicts of its witness, which have been proved. Any other finding is expressed here as a
condition, kept only if every case with the facts of the witness meets it; for some findings the language has no such
condition. A test of a finding with repairs fails after each of them (`lasting.py`). Writes no file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from policyc.dsl import model
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Finding
from policyc.dsl.model.values import format_value
from policyc.dsl.semantics.outcomes import Conflicting, Outcome, Undetermined
from policyc.dsl.syntax.excerpt import on_one_line
from policyc.dsl.syntax.keywords import Language, spelling
from policyc.dsl.system.limits import Undecided

from ..checks.claims.tests import failed_test
from ..encoding.dependencies import reading_facts
from ..engine.context import SolverContext
from ..engine.witness import plainest
from .lasting import RepairedSets, case_of_its_own, test_of


@dataclass(frozen=True, slots=True)
class Reproduction:
    """One witness as a test."""

    diagnostic: Diagnostic
    #: Unique in a run.
    name: str
    #: Facts and their values, as the language writes them.
    given: tuple[tuple[str, str], ...]
    #: Conditions that hold; none if the language cannot express the finding.
    expect: tuple[str, ...]
    #: Whether the condition may be missing only because time ran out.
    undecided: bool = False
    #: Whether the finding has no test because no case is found whose test fails after every repair.
    masked: bool = False


def reproductions(
    policy_set: model.PolicySet, findings: Iterable[Diagnostic], language: Language, timeout: float | None = None
) -> list[Reproduction]:
    """A test for every witness, in the order of the findings, with keywords in one language. `timeout` is in seconds
    for each question as a whole."""
    writer = _Reproducer(policy_set, language, timeout)
    return [
        writer.reproduction(item, dict(witness))
        for item in findings
        for witness in item.finding.witnesses or (item.finding.witness,)
        if witness is not None
    ]


class _Reproducer:
    def __init__(self, policy_set: model.PolicySet, language: Language, timeout: float | None) -> None:
        self.policy_set = policy_set
        self.language = language
        self.timeout = timeout
        self._names: Counter[str] = Counter()

    @cached_property
    def context(self) -> SolverContext:
        return SolverContext(self.policy_set, self.timeout)

    @cached_property
    def repaired(self) -> RepairedSets:
        return RepairedSets(self.policy_set, self.timeout)

    def reproduction(self, diagnostic: Diagnostic, witness: Mapping[str, str]) -> Reproduction:
        found = self._reproduction(diagnostic, witness)
        try:
            with self.context.question():
                shown = self._lasting(found, diagnostic, witness)
        except Undecided:
            shown = replace(found, expect=(), undecided=True)
        return replace(shown, name=self._name(diagnostic))

    def _lasting(self, found: Reproduction, diagnostic: Diagnostic, witness: Mapping[str, str]) -> Reproduction:
        """The test if it fails after each repair, or that of another case which does."""
        repaired = self.repaired.after(diagnostic) if found.expect else []
        if not repaired or self.repaired.all_fail(repaired, witness, found.expect):
            return found
        own = case_of_its_own(self.context, diagnostic)
        if own is not None:
            other = self._reproduction(diagnostic, own)
            if other.expect and self.repaired.all_fail(repaired, own, other.expect):
                return other
        return replace(found, expect=(), masked=True)

    def _reproduction(self, diagnostic: Diagnostic, witness: Mapping[str, str]) -> Reproduction:
        """A test of one case, which has no name yet."""
        finding = diagnostic.finding
        given = tuple((fact, self._value(fact, value)) for fact, value in witness.items())
        undecided = False
        expect: tuple[str, ...] = ()
        if finding.verdicts:
            expect = tuple(self._is(decision, verdict) for decision, verdict in finding.verdicts)
        else:
            try:
                with self.context.question():
                    expect = self._condition(diagnostic, witness)
            except Undecided:
                undecided = True
        return Reproduction(diagnostic, "", given, expect, undecided)

    def _name(self, diagnostic: Diagnostic) -> str:
        """The code and the rules; for a failed test, its name instead of rules."""
        about = diagnostic.finding.rules or (str(dict(diagnostic.message.args).get("test", "")),)
        name = f"{diagnostic.code.id} {', '.join(about)}".strip()
        self._names[name] += 1
        number = self._names[name]
        return name if number == 1 else f"{name} ({number})"

    # --- Words ---

    def _is(self, subject: str, word: str) -> str:
        """`pay is denied`; the word is a verdict."""
        return f"{subject} {self._word('is')} {self._word(word)}"

    def _word(self, keyword: str) -> str:
        return spelling(keyword, self.language)

    def _value(self, fact: str, value: str) -> str:
        return self._word(value) if self.policy_set.facts[fact].type == model.BOOLEAN else value

    # --- Conditions for findings without verdicts ---

    def _condition(self, diagnostic: Diagnostic, witness: Mapping[str, str]) -> tuple[str, ...]:
        """The first candidate that every completion meets."""
        given = QuestionReader(self.policy_set).facts(witness)
        case = plainest(self.context.scope(given), ())
        assert case is not None, "a witness is a part of a valid case"
        for written in self._candidates(diagnostic, given, case):
            asked = QuestionReader(self.policy_set).question(written)
            if asked is not None and not isinstance(asked.subject, str) and self._holds(given, asked.subject):
                return (written,)
        return ()

    def _holds(self, given: model.Case, condition: model.Expr) -> bool:
        return failed_test(self.context, test_of(given, (condition,))) is None

    def _candidates(self, diagnostic: Diagnostic, given: model.Case, case: model.Case) -> Iterator[str]:
        finding = diagnostic.finding
        for assertion in self.policy_set.assertions:
            if assertion.name in finding.rules:
                yield self._denied(on_one_line(assertion.condition.span))
        if not finding.rules and diagnostic.primary is not None:  # the expectation of a failed test
            written = on_one_line(diagnostic.primary.span)
            yield self._denied(written)
            yield self._is(f"({written})", "undetermined")
        for parameter, settings in self._parameters(finding).items():
            for fact in self._places(parameter, given):
                outcome = self.context.evaluator.parameter(parameter, str(case[fact]), case).outcome
                yield from self._of_parameter(parameter, fact, outcome, settings)

    def _denied(self, condition: str) -> str:
        return f"{self._word('not')} ({condition})"

    def _parameters(self, finding: Finding) -> dict[str, list[model.Setting]]:
        """The parameters that a finding names, directly or by their settings, with those settings."""
        named: dict[str, list[model.Setting]] = {}
        for rule in finding.rules:
            if rule in self.policy_set.parameters:
                named.setdefault(rule, [])
            for setting in self.policy_set.settings.values():
                if rule in (setting.name, setting.table):
                    named.setdefault(setting.parameter, []).append(setting)
        return named

    def _places(self, parameter: str, given: model.Case) -> list[str]:
        """Region facts by which to read a parameter: first the one that rules use, then those given."""
        usual = reading_facts(self.policy_set).get(parameter)
        regions = [fact for fact in given if self.policy_set.facts[fact].type == model.REGION]
        return list(dict.fromkeys([*([] if usual is None else [usual]), *regions]))

    def _of_parameter(
        self, parameter: str, fact: str, outcome: Outcome, settings: list[model.Setting]
    ) -> Iterator[str]:
        """Conditions for the value of a parameter, then for the values of the settings that it does not have. Only a
        decision that depends on a conflicting parameter can show that it conflicts."""
        subject = f"{fact}.{parameter}"
        match outcome:
            case Undetermined():
                yield self._is(subject, "undetermined")
            case Conflicting():
                yield from (self._is(decision, "conflicting") for decision in self.policy_set.decisions)
            case _:
                yield f"{subject} {self._word('is')} {self._set_to(parameter, outcome)}"
        for setting in settings:
            yield f"{subject} {self._word('is_not')} {self._set_to(parameter, setting.value)}"

    def _set_to(self, parameter: str, value: model.Value) -> str:
        type_ = self.policy_set.parameters[parameter].type
        written = format_value(value, type_)
        return self._word(written) if type_ == model.BOOLEAN else written
