"""The pipeline of policyc on one page: load, parse, compile, then check, test, ask or tabulate.

In: paths. Out: values, including diagnostics. Nothing here prints, and a policy author's mistake raises nothing; only
an unreadable path (`UnreadablePath`) and an invalid question (`AskError`) do. Z3 is loaded when a question reaches it,
the parser when a set is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity, abridged

from .config import read_settings

if TYPE_CHECKING:
    from policyc.dsl.binding.question import Given
    from policyc.dsl.diagnostics.source import SourceFile
    from policyc.dsl.load import Parsed
    from policyc.dsl.model import PolicySet
    from policyc.dsl.system.disk import Look
    from policyc.solver.ask.options import Wishes
    from policyc.solver.ask.request import Understood
    from policyc.solver.checks.options import CheckOptions
    from policyc.solver.engine.cache.answers import AnswerCache
    from policyc.solver.report.reports import CheckReport, MatrixReport, TestReport

#: A day, or every day.
Day = date | Literal["any"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy set and its diagnostics that need no solver, in order of file and line."""

    policy_set: PolicySet
    diagnostics: tuple[Diagnostic, ...]
    #: Every look at the disk that they depend on.
    looks: tuple[Look, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The absolute paths of every file read, policies and region tables."""
        return files_read(self.looks)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors of text, names and types that prevent questions to the set."""
        return tuple(item for item in self.diagnostics if item.level is Severity.ERROR)


def files_read(looks: Iterable[Look]) -> tuple[Path, ...]:
    """The files that some looks at the disk read."""
    return tuple(Path(look.name) for look in looks if look.kind == "text")


def policy_paths(named: Sequence[Path], folder: Path | None = None) -> tuple[Path, ...]:
    """The paths to read: those named, else those of the project around `folder`, else `folder` if there are policy
    files in or below it, else the bundled policies.

    `folder` is the working directory unless given. Raises `BadConfiguration`.
    """
    from policyc.dsl.load import bundled
    from policyc.dsl.system.disk import has_policies

    configured = read_settings(folder).paths
    here = Path() if folder is None else folder
    return tuple(named) or configured or ((here,) if has_policies(here) else (bundled(),))


#: How many characters are worth another process for parsing.
_MUCH_TEXT = 300_000


def compile_paths(paths: Sequence[Path], jobs: int = 1, contents: Mapping[Path, str] | None = None) -> Compiled:
    """Reads, parses and compiles. `jobs` processes may share the parsing; `contents` replaces what some files hold.
    Raises `UnreadablePath`."""
    from policyc.dsl.binding.compile import compile_set
    from policyc.dsl.load import load

    loaded = load(paths, partial(_parse_all, jobs=jobs), contents)
    policy_set, found = compile_set(loaded.trees, loaded.region_rows)
    if any(item.code.id in _LOSSES and item.level is Severity.ERROR for item in loaded.diagnostics):
        found = [item for item in found if not _follows_from_gaps(item)]
    diagnostics = sorted([*loaded.diagnostics, *found], key=Diagnostic.sort_key)
    return Compiled(policy_set, tuple(abridged(diagnostics)), loaded.looks)


def _parse_all(files: Sequence[SourceFile], jobs: int) -> list[Parsed]:
    """Parsed files; several processes share the work if there is much."""
    from policyc.dsl.load import parse_each
    from policyc.dsl.syntax.parse import grammar, parse

    if sum(len(file.text) for file in files) < _MUCH_TEXT:
        return parse_each(files)
    from policyc.solver.engine.parallel import share

    grammar()  # built once, for all processes
    return share([partial(parse, file) for file in files], jobs, files)


#: Mistakes that remove statements, or whole files, from the set.
_LOSSES = frozenset({"PC001", "PC002", "PC003"})


def _follows_from_gaps(diagnostic: Diagnostic) -> bool:
    """Whether a finding may exist only because a statement could not be read: then the name it declares is unknown, a set
    of its members is of no enum, and the clause it cites uncited. A number in Han numerals was never a name."""
    if diagnostic.help is not None and diagnostic.help.key == "PC101.digits-help":
        return False
    by_gaps = diagnostic.code.id == "PC101" or diagnostic.message.key in ("PC103.set-unknown", "PC105.no-region")
    return by_gaps or diagnostic.level is not Severity.ERROR


def check(
    compiled: Compiled,
    options: CheckOptions,
    cache: AnswerCache | None = None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> CheckReport:
    """All findings: those of the text and, if it has no errors, those that need a solver; `cache` has the answers of
    earlier runs, `watch` is told of the progress. Raises `NotInstalled` if the second solver is missing that should verify."""
    from policyc.solver.backends.cvc5_backend import SecondSolver
    from policyc.solver.check import check as solve

    second = SecondSolver() if options.verify else None
    return solve(compiled.policy_set, compiled.diagnostics, options, cache, second, watch=watch)


def test(
    compiled: Compiled,
    pattern: str | None = None,
    *,
    timeout: float | None = None,
    coverage: bool = False,
) -> TestReport:
    """Runs the tests of the set, or those whose name matches; `coverage` reports which rules they exercise."""
    from policyc.solver.suite.runner import matching, run_tests

    tests = compiled.policy_set.tests
    chosen = tests if pattern is None else matching(tests, pattern)
    return run_tests(compiled.policy_set, chosen, timeout=timeout, coverage=coverage)


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
    """A question and its facts, understood but not yet answered. Raises `solver.ask.request.AskError`."""
    from policyc.solver.ask.request import understand as read

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


def matrix(
    compiled: Compiled,
    decision: str | None,
    given: Mapping[str, str] | Sequence[Given],
    *,
    by: Literal["province", "prefecture"],
    today: date,
    on: date | None = None,
    each: str | None = None,
    every: bool = False,
    timeout: float | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> MatrixReport:
    """A decision for every pair of regions of a level. Raises `solver.ask.request.AskError`."""
    from policyc.solver.matrix.report import matrix as solve

    return solve(
        compiled.policy_set,
        decision,
        given,
        level=by,
        on=on,
        today=today,
        each=each,
        every=every,
        timeout=timeout,
        watch=watch or (lambda done, total: None),
    )
