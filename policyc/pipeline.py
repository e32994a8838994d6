"""The way of a policy set through policyc, on one page: load, parse, compile, then check or ask.

In: paths. Out: values, diagnostics among them. Nothing here prints, and a policy author's mistake raises
nothing; only a path that cannot be read does (`UnreadablePath`), and a question that is none (`AskError`).
Z3 is loaded by the solver when a question reaches it, the parser when a set is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from policyc.dsl.diagnostic import Diagnostic, Severity

from .config import configured_paths
from .tally import UNDECIDED

if TYPE_CHECKING:
    from policyc.dsl.model import PolicySet
    from policyc.dsl.question import Given
    from policyc.solver.answers import AskReport, CheckReport
    from policyc.solver.ask import Understood
    from policyc.solver.wishes import Wishes

#: A day, or every day.
Day = date | Literal["any"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy set and all that can be said of it without a solver, in order of file and line."""

    policy_set: PolicySet
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What makes the set unfit for questions: mistakes of the text, of names and of types."""
        return tuple(item for item in self.diagnostics if item.level is Severity.ERROR)


def policy_paths(named: Sequence[Path], folder: Path | None = None) -> tuple[Path, ...]:
    """The paths to read: those named, else those of the project around `folder`, else the bundled policies.

    `folder` is the working directory unless given. Raises `BadConfiguration`.
    """
    from policyc.dsl.load import bundled

    configured = configured_paths(folder or Path.cwd())
    return tuple(named) or configured or (bundled(),)


def compile_paths(paths: Sequence[Path]) -> Compiled:
    """Reads, parses and compiles. Raises `UnreadablePath`."""
    from policyc.dsl.compile import compile_set
    from policyc.dsl.load import load

    loaded = load(paths)
    policy_set, found = compile_set(loaded.trees, loaded.region_rows)
    if any(item.code.id in _LOSSES and item.level is Severity.ERROR for item in loaded.diagnostics):
        found = [item for item in found if not _follows_from_gaps(item)]
    diagnostics = sorted([*loaded.diagnostics, *found], key=Diagnostic.sort_key)
    return Compiled(policy_set, tuple(diagnostics))


#: Mistakes for which statements, or whole files, are missing from the set.
_LOSSES = frozenset({"PC001", "PC002", "PC003"})


def _follows_from_gaps(diagnostic: Diagnostic) -> bool:
    """Whether a finding may only be there because a statement could not be read: the name it declares is
    unknown then, the clause it cites uncited."""
    return diagnostic.code.id == "PC101" or diagnostic.level is not Severity.ERROR


def check(
    compiled: Compiled,
    *,
    today: date,
    on: date | None = None,
    timeout: float | None = None,
    codes: Collection[str] | None = None,
) -> CheckReport:
    """All findings: those of the text and, where it has no errors, those that take a solver.

    `codes` limits them, but never hides why something was not looked for: errors of the text, and questions
    left undecided.
    """
    from policyc.solver.check import check as solve

    always = {UNDECIDED, *(error.code.id for error in compiled.errors)}

    def wanted(code: str) -> bool:
        return codes is None or code in codes or code in always

    return solve(
        compiled.policy_set, compiled.diagnostics, today=today, on=on, timeout=timeout, wanted=wanted
    )


def understand(
    compiled: Compiled,
    question: str,
    regions: Sequence[str],
    given: Mapping[str, str] | Sequence[Given],
    *,
    today: date,
    on: Day | None = None,
    timeout: float | None = None,
    wishes: Wishes | None = None,
) -> Understood:
    """A question and its facts, understood but not yet answered. Raises `solver.ask.AskError`."""
    from policyc.solver.ask import understand as read

    return read(
        compiled.policy_set,
        question,
        regions,
        given,
        on=on,
        today=today,
        timeout=timeout,
        wishes=wishes,
    )


def ask(
    compiled: Compiled,
    question: str,
    regions: Sequence[str],
    given: Mapping[str, str] | Sequence[Given],
    *,
    today: date,
    on: Day | None = None,
    timeout: float | None = None,
    wishes: Wishes | None = None,
) -> AskReport:
    """One question about the cases in which the given facts hold. Raises `solver.ask.AskError`."""
    understood = understand(
        compiled, question, regions, given, today=today, on=on, timeout=timeout, wishes=wishes
    )
    return understood.report()
