"""`check` with a cache: the report of an earlier run, if nothing it depends on has changed.

In: paths and options. Out: a report, with the names for people. A report is kept under a digest of the program and
of the call, with every look at the disk; recalling it repeats these looks. Nothing is kept if something was not
decided in time, or if a file has changed meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

from policyc.dsl.binding.wording.spoken import SpokenNames, spoken_names
from policyc.dsl.system.digests import digest
from policyc.dsl.system.disk import Disk
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.cache.answers import AnswerCache
from policyc.solver.engine.cache.fingerprint import program
from policyc.solver.report.reports import CheckReport

from .. import pipeline
from ..api import PolicyBase
from ..tally import tally
from .report_codec import decode, encode


@dataclass(frozen=True, slots=True)
class Checked:
    report: CheckReport
    #: What things are called; only of regions that it names.
    names: SpokenNames
    #: The absolute paths of its files.
    files: tuple[Path, ...]
    #: The policy set, if it was read.
    base: PolicyBase | None = None


def cached(paths: Sequence[Path], options: CheckOptions, cache: AnswerCache) -> Checked | None:
    """The report of an earlier run, if nothing it depends on has changed."""
    text = cache.recall(_key(paths, options))
    found = None if text is None else decode(text)
    return None if found is None else Checked(*found)


def check_and_cache(
    base: PolicyBase,
    paths: Sequence[Path],
    options: CheckOptions,
    cache: AnswerCache | None,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Checked:
    """A new report, which is kept; `watch` is told of the progress."""
    report = pipeline.check(base.compiled, options, cache, watch)
    codes = {code: None for finding in report.findings for code in finding.finding.regions or ()}
    spoken = spoken_names(base.policy_set)
    names = replace(spoken, regions={code: spoken.regions[code] for code in codes if code in spoken.regions})
    if cache is not None and not options.verify and not _cut(report):
        looks = base.compiled.looks
        text = encode(report, names, looks)
        if text is not None and Disk().shows(looks):
            cache.keep(_key(paths, options), text)
    return Checked(report, names, base.compiled.files, base)


def _cut(report: CheckReport) -> bool:
    """Whether something ran out of time, so that another run may find more."""
    return bool(tally(report.findings).undecided or any(one.finding.cut for one in report.findings))


def _key(paths: Sequence[Path], options: CheckOptions) -> bytes:
    codes = None if options.codes is None else tuple(sorted(options.codes))
    # No report depends on the number of processes, and verified ones are not kept.
    words = [str(value) for value in astuple(replace(options, codes=codes, jobs=1, verify=False))]
    folder = _working_folder()
    named = [os.path.join(folder, path) for path in paths]
    return digest(b"report 3", program("policyc"), *(os.fsencode(word) for word in (*words, folder, *named)))


def _working_folder() -> str:
    """The folder that displayed paths are relative to; `""` if it has been deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""
