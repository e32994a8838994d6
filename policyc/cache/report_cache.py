"""`check` with a memory: the report of an earlier run where nothing that it rests on has changed.

In: paths and options. Out: a report and what its regions are called. A report is kept under a digest of the
program and of the words of the call, with all that was seen of the disk when it was read; whether that would be
seen again is found out when it is recalled. Where something could not be decided in time nothing is kept, nor
where a file has changed meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from policyc.dsl.system.digests import digest
from policyc.dsl.system.disk import Disk
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.cache.answers import AnswerCache
from policyc.solver.engine.cache.fingerprint import program
from policyc.solver.report.reports import CheckReport

from .. import pipeline
from ..api import PolicyBase
from ..tally import tally
from .report_codec import report_of, report_text


@dataclass(frozen=True, slots=True)
class Checked:
    report: CheckReport
    #: The names of the regions it speaks of, by code.
    region_names: Mapping[str, str]
    #: The files that it is about, whole paths.
    files: tuple[Path, ...]
    #: The policy set, where it was read.
    base: PolicyBase | None = None


def recalled(paths: Sequence[Path], options: CheckOptions, memory: AnswerCache) -> Checked | None:
    """The report of an earlier run, if all it rests on is as it was."""
    text = memory.recall(_key(paths, options))
    found = None if text is None else report_of(text)
    return None if found is None else Checked(*found)


def checked(
    base: PolicyBase, paths: Sequence[Path], options: CheckOptions, memory: AnswerCache | None
) -> Checked:
    """A report worked out now, and kept."""
    report = pipeline.check(base.compiled, options, memory)
    regions = base.policy_set.regions
    codes = {code: None for finding in report.findings for code in finding.finding.regions}
    names = {code: regions[code].name for code in codes if code in regions}
    if memory is not None and not options.verify and not _cut(report):
        looks = base.compiled.looks
        text = report_text(report, names, looks)
        if text is not None and Disk().shows(looks):
            memory.keep(_key(paths, options), text)
    return Checked(report, names, base.compiled.files, base)


def _cut(report: CheckReport) -> bool:
    """Whether there was no time for something, which another run may have."""
    return bool(tally(report.findings).undecided or any(one.finding.cut for one in report.findings))


def _key(paths: Sequence[Path], options: CheckOptions) -> bytes:
    codes = "all" if options.codes is None else " ".join(sorted(options.codes))
    words = [
        options.today.isoformat(),
        str(options.on),
        str(options.timeout),
        str(options.witnesses),
        codes,
    ]
    folder = _working_folder()
    named = [os.path.join(folder, path) for path in paths]
    return digest(b"report 2", program("policyc"), *(os.fsencode(word) for word in (*words, folder, *named)))


def _working_folder() -> str:
    """The folder to which files are shown; none where it has been deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""
