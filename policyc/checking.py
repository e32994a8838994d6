"""`check` with a memory: the report of an earlier run where nothing that it rests on has changed.

In: paths and options. Out: a report and what its regions are called. A report is kept under a digest of the
program, of the words of the call and of the names of the files there; whether their content is still the same
is seen when it is recalled. Where something could not be decided in time nothing is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from policyc.dsl.load import policy_files
from policyc.solver.answers import CheckReport
from policyc.solver.memory import Memory, digest

from .api import PolicyBase
from .report_text import report_of, report_text
from .tally import tally


@dataclass(frozen=True, slots=True)
class Checked:
    report: CheckReport
    #: The names of the regions it speaks of, by code.
    region_names: Mapping[str, str]
    #: The policy set, where it was read.
    base: PolicyBase | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the findings depend on besides the policies."""

    today: date
    on: date | None = None
    timeout: float | None = None
    codes: Collection[str] | None = None
    witnesses: int = 1
    verify: bool = False


def recalled(paths: Sequence[Path], options: Options, memory: Memory) -> Checked | None:
    """The report of an earlier run, if all it rests on is as it was."""
    text = memory.recall(_key(paths, options))
    found = None if text is None else report_of(text)
    return None if found is None else Checked(*found)


def checked(
    base: PolicyBase, paths: Sequence[Path], options: Options, jobs: int, memory: Memory | None
) -> Checked:
    """A report worked out now, and kept."""
    report = base.check(
        today=options.today,
        on=options.on,
        timeout=options.timeout,
        codes=options.codes,
        jobs=jobs,
        memory=memory,
        witnesses=options.witnesses,
        verify=options.verify,
    )
    regions = base.policy_set.regions
    codes = {code: None for finding in report.findings for code in finding.finding.regions}
    names = {code: regions[code].name for code in codes if code in regions}
    if memory is not None and not options.verify and not tally(report.findings).undecided:
        text = report_text(report, names, base.compiled.needed)
        if text is not None:
            memory.keep(_key(paths, options), text)
    return Checked(report, names, base)


def _key(paths: Sequence[Path], options: Options) -> bytes:
    named = [str(file.absolute()) for path in paths for file in (path, *_files(path))]
    codes = "all" if options.codes is None else " ".join(sorted(options.codes))
    words = [
        options.today.isoformat(),
        str(options.on),
        str(options.timeout),
        str(options.witnesses),
        codes,
        str(Path.cwd()),
    ]
    return digest(b"report 1", _program(), *(word.encode() for word in (*words, *named)))


def _files(path: Path) -> list[Path]:
    return list(policy_files(path)) if path.is_dir() else []


def _program() -> bytes:
    """A digest of the program itself: another version may find something else."""
    package = Path(__file__).resolve().parent
    folders = (package, package / "dsl", package / "solver")
    files = sorted(file for folder in folders for file in folder.iterdir() if file.suffix in _PROGRAM)
    stamps = [f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}".encode() for file in files]
    return digest(sys.version.encode(), *stamps)


_PROGRAM = frozenset({".py", ".toml", ".lark"})
