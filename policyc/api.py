"""The Python interface: a policy set that has been read, and the questions it answers.

In: paths and facts. Out: the same plain reports that the command line renders. Prints nothing. Today is the day given,
else that of `POLICYC_TODAY`, else that of the clock in the `timezone` of the settings; calls that need it raise
`policyc.today.BadToday` for an invalid day and `policyc.config.BadConfiguration` for an invalid time zone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from policyc.dsl.binding.wording.spoken import SpokenNames, spoken_names
from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.solver.ask.options import Wishes
from policyc.solver.checks.options import CheckOptions

from . import pipeline
from .today import today as today_

if TYPE_CHECKING:
    from policyc.dsl.binding.question import Given
    from policyc.dsl.model import Case, PolicySet
    from policyc.dsl.semantics.evaluate import Evaluator
    from policyc.dsl.semantics.outcomes import DecisionTrace
    from policyc.solver.ask.request import Understood
    from policyc.solver.engine.cache.answers import AnswerCache
    from policyc.solver.report.answers import AskReport
    from policyc.solver.report.reports import CheckReport, MatrixReport, TestReport

__all__ = ["BrokenPolicies", "PolicyBase", "Wishes", "load"]

StrPath = str | os.PathLike[str]


class BrokenPolicies(Exception):
    """A question to a set with errors of text, names or types; `diagnostics` are these errors."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(f"the policy set has {len(diagnostics)} errors")
        self.diagnostics = diagnostics


def load(
    paths: StrPath | Iterable[StrPath] = (), *, jobs: int = 1, contents: Mapping[StrPath, str] | None = None
) -> PolicyBase:
    """Reads policy files and folders; without any, those of the project, else the bundled ones. `jobs` processes
    share the work if there is much to read, as for `PolicyBase.check`. `contents` replaces the contents of some files: of
    one that somebody is editing, or that does not exist.

    Mistakes in the policies raise nothing; they are in `PolicyBase.diagnostics`. Raises
    `policyc.dsl.load.UnreadablePath` for a path that cannot be read, `policyc.config.BadConfiguration` for invalid
    settings.
    """
    named = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    given = {Path(path): content for path, content in (contents or {}).items()}
    places = pipeline.policy_paths([Path(path) for path in named])
    return PolicyBase(pipeline.compile_paths(places, jobs, given))


@dataclass(frozen=True)
class PolicyBase:
    """A policy set that can be asked questions."""

    compiled: pipeline.Compiled

    @property
    def policy_set(self) -> PolicySet:
        return self.compiled.policy_set

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Diagnostics of the set that need no solver, in order of file and line."""
        return self.compiled.diagnostics

    @cached_property
    def spoken_names(self) -> SpokenNames:
        """What things of the set are called for people."""
        return spoken_names(self.policy_set)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that prevent questions."""
        return self.compiled.errors

    def check(
        self,
        *,
        on: date | None = None,
        today: date | None = None,
        timeout: float | None = None,
        codes: Collection[str] | None = None,
        jobs: int = 1,
        cache: AnswerCache | None = None,
        witnesses: int = 1,
        verify: bool = False,
    ) -> CheckReport:
        """Everything wrong with the set; `on` checks the cases of one day only, `codes` limits the codes looked for.
        `today` decides which acknowledgements have ended.

        `timeout` is in seconds for each question as a whole (30 unless given); `jobs` processes share the work: on Linux
        copies of this one, so leave it at 1 in a program with threads. `cache` has the answers of earlier runs.
        `witnesses` is how many cases show each finding, if so many exist. With `verify` a second solver confirms whatever
        the first finds impossible, in one process; raises `policyc.solver.backends.cvc5_backend.NotInstalled` if there is
        none.
        """
        options = CheckOptions(today_(today), on, timeout, codes, witnesses, verify, jobs)
        return pipeline.check(self.compiled, options, cache)

    def test(self, pattern: str | None = None, *, timeout: float | None = None, coverage: bool = False) -> TestReport:
        """Runs the tests of the set; those whose name contains `pattern`, or matches it if it has `*` or `?`.

        `timeout` is in seconds for each question as a whole (30 unless given); `coverage` reports which rules the
        tests exercise. Raises `BrokenPolicies`.
        """
        self._fit()
        return pipeline.test(self.compiled, pattern, timeout=timeout, coverage=coverage)

    def ask(
        self,
        question: str,
        regions: Sequence[str] = (),
        given: Mapping[str, str] | Sequence[Given] | None = None,
        *,
        on: pipeline.Day | None = None,
        today: date | None = None,
        timeout: float | None = None,
        wishes: Wishes | None = None,
    ) -> AskReport:
        """The answer over all cases in which the given facts hold; `on` is today unless given.

        Facts and `wishes` are in the form of the command line. Raises `BrokenPolicies`,
        `policyc.solver.ask.request.AskError` for an invalid question or fact, and
        `policyc.dsl.system.limits.Undecided` if `timeout` seconds (30 unless given) are not enough for the answer;
        `AskReport.cut` names other fields that they were not enough for.
        """
        understood = self.understand(question, regions, given, on=on, today=today, timeout=timeout, wishes=wishes)
        return understood.report()

    def understand(
        self,
        question: str,
        regions: Sequence[str] = (),
        given: Mapping[str, str] | Sequence[Given] | None = None,
        *,
        on: pipeline.Day | None = None,
        today: date | None = None,
        timeout: float | None = None,
        wishes: Wishes | None = None,
    ) -> Understood:
        """A question that can be answered again with further facts. Raises as `ask` does."""
        self._fit()
        return pipeline.understand(
            self.compiled,
            question,
            regions,
            given or {},
            today=today_(today),
            on=on,
            timeout=timeout,
            wishes=wishes,
        )

    def matrix(
        self,
        decision: str | None = None,
        given: Mapping[str, str] | Sequence[Given] | None = None,
        *,
        by: Literal["province", "prefecture"] = "province",
        on: date | None = None,
        today: date | None = None,
        each: str | None = None,
        every: bool = False,
        timeout: float | None = None,
        watch: Callable[[int, int], None] | None = None,
    ) -> MatrixReport:
        """A decision (`pay` unless named) for every pair of regions of a level; `on` is today unless given.

        Facts not given have their usual values; with `every` the answer is over all their values. `each` names a fact
        with one matrix per value. `watch` receives the number of rows done and of all rows. Raises `BrokenPolicies`,
        and `policyc.solver.ask.request.AskError` for an invalid decision or fact.
        """
        self._fit()
        return pipeline.matrix(
            self.compiled,
            decision,
            given or {},
            by=by,
            today=today_(today),
            on=on,
            each=each,
            every=every,
            timeout=timeout,
            watch=watch,
        )

    @overload
    def decide(self, case: Case) -> Mapping[str, DecisionTrace]: ...

    @overload
    def decide(self, case: Case, decision: str) -> DecisionTrace: ...

    def decide(self, case: Case, decision: str | None = None) -> DecisionTrace | Mapping[str, DecisionTrace]:
        """One complete case, decided by the reference evaluator, with a trace: one decision, or all of them by name.

        Values are as in `policyc.dsl.model`: fen, millionths, ordinal days, member names, region codes.
        Raises `BrokenPolicies`, and `KeyError` for an unknown decision or a fact without a value.
        """
        self._fit()
        missing = [fact for fact in self.policy_set.facts if fact not in case]
        if missing:
            raise KeyError(f"facts without a value: {', '.join(missing)}")
        if decision is not None:
            return self._evaluator.decide(decision, case)
        return {name: self._evaluator.decide(name, case) for name in self.policy_set.decisions}

    @cached_property
    def _evaluator(self) -> Evaluator:
        from policyc.dsl.semantics.evaluate import Evaluator

        return Evaluator(self.policy_set)

    def _fit(self) -> None:
        if self.errors:
            raise BrokenPolicies(self.errors)
