"""`policyc check`: everything that can be wrong with a policy set.

In: paths and options. Out: a report and the exit code. `solver/check.py` finds what is wrong.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from ..help.pages import Command
from ..options import codes, count, day, memory, path, path_in, path_out, seconds
from ..session import Session, UnreadableInput, WrongUse

if TYPE_CHECKING:
    from policyc.solver.checks.options import CheckOptions
    from policyc.solver.engine.cache.answers import AnswerCache

    from ...cache.report_cache import Checked
    from ...config import Settings


@click.command("check", cls=Command)
@click.argument("paths", nargs=-1, type=path_in)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--select", type=codes, multiple=True, metavar="CODES")
@click.option("--ignore", type=codes, multiple=True, metavar="CODES")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]))
@click.option("--on", type=day, metavar="DATE")
@click.option("--today", type=day, metavar="DATE")
@click.option("--timeout", type=seconds, metavar="SECONDS")
@memory
@click.option("--jobs", type=click.IntRange(min=1), metavar="N")
@click.option("--witnesses", type=count, default="1", metavar="N")
@click.option("--verify", is_flag=True)
@click.option("--save-tests", type=path, metavar="FILE")
@click.option("--no-cache", is_flag=True)
@click.option("--exit-zero", is_flag=True)
@click.option("-o", "--output", type=path_out, metavar="FILE")
@click.option("--all-files", is_flag=True)
@click.option("-v", "--verbose", is_flag=True)
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    form: str,
    select: tuple[frozenset[str], ...],
    ignore: tuple[frozenset[str], ...],
    fail_on: str | None,
    on: date | None,
    today: date | None,
    timeout: float | None,
    jobs: int | None,
    witnesses: int,
    verify: bool,
    save_tests: Path | None,
    no_cache: bool,
    exit_zero: bool,
    output: Path | None,
    all_files: bool,
    verbose: bool,
) -> int:
    from policyc.dsl.diagnostics.diagnostic import Severity, text
    from policyc.dsl.diagnostics.messages import render
    from policyc.solver.backends.cvc5_backend import NotInstalled
    from policyc.solver.checks.options import CheckOptions
    from policyc.solver.engine.cache.answers import AnswerCache

    from ...tally import divided, exit_code
    from ..io import write_notice
    from ..protect import refuse_two_in_one
    from ..shared import manner, settings, the_day, write

    start = perf_counter()
    if save_tests is not None:
        refuse_foreign(save_tests)
        refuse_two_in_one(output, save_tests)
    project = settings()
    timeout = project.timeout if timeout is None else timeout
    codes_ = wanted_codes(select, ignore, project)
    jobs = jobs or project.jobs or processors()
    options = CheckOptions(the_day(session, today), on, timeout, codes_, witnesses, verify, jobs)
    cache = None if no_cache else AnswerCache(answers_file())
    try:
        label = render(text("check.progress"), session.language)
        found = outcome(paths, options, cache, output, anew=save_tests is not None, label=label)
    except NotInstalled as error:
        raise WrongUse(text("cli.no_second_solver"), click.get_current_context()) from error
    report, others = (found.report, []) if all_files else divided(found.report)
    if save_tests is not None and found.base is not None and not report.stopped:
        from ...render.test_file import file_content

        write(file_content(found.base, report.findings, save_tests, session.language, timeout), save_tests)
    if form == "json":
        from ...render.json import check_json

        content = check_json(report, session.language, perf_counter() - start, others)
    else:
        from ...render.text import render_check

        content = render_check(report, manner(session, output, found.names, verbose=verbose), others)
    write(content, output)
    if report.verified is not None:
        from ...render.text import times

        write_notice(times(report.verified, session.language))
    if verbose and cache is not None and cache.trouble is not None:
        write_notice(render(text(cache.trouble.value, file=str(cache.file)), session.language) + "\n")
    level = project.fail_on or Severity.ERROR if fail_on is None else Severity(fail_on)
    counting = [*report.findings, *(item for item in others if item.level is Severity.ERROR)]
    return 0 if exit_zero else exit_code(counting, level)


def outcome(
    paths: tuple[Path, ...],
    options: CheckOptions,
    cache: AnswerCache | None,
    output: Path | None = None,
    *,
    anew: bool = False,
    label: str = "",
) -> Checked:
    """The report on the policies under some paths; from an earlier run if nothing has changed, unless `anew`. `label`
    stands before the progress. Raises `WrongUse` if `output` would overwrite one of them."""
    from ...cache.report_cache import cached, check_and_cache
    from ..progress import progress
    from ..protect import refuse_overwriting
    from ..shared import read_policies, settings, settled_paths

    places = settled_paths(paths)
    found = None
    if cache is not None and not anew and not options.verify:
        found = cached(places, options, cache)
    if found is None:
        base = read_policies(places, options.jobs)
        refuse_overwriting(output, (*base.compiled.files, settings().file))
        with progress(label, patience=1.0) as watch:
            found = check_and_cache(base, places, options, cache, watch)
    else:
        refuse_overwriting(output, (*found.files, settings().file))
    if cache is not None:
        cache.close()
    return found


def answers_file() -> Path | None:
    """The cache file; `None` for a user without a folder of their own."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("POLICYC_CACHE")
    folder = Path(chosen) if chosen else user_cache_path("policyc", appauthor=False)
    return folder / "answers.db" if chosen or folder.is_absolute() else None


def refuse_foreign(file: Path) -> None:
    """Refuses to replace a file of tests that policyc did not write."""
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.system.file_names import as_text

    from ...render.test_file import MARK, is_foreign

    try:
        foreign = is_foreign(file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableInput(text("cli.unreadable", path=as_text(str(file)), reason=reason)) from error
    if foreign:
        raise WrongUse(text("cli.foreign_tests", path=as_text(str(file)), mark=MARK), click.get_current_context())


def wanted_codes(
    select: tuple[frozenset[str], ...], ignore: tuple[frozenset[str], ...], project: Settings
) -> frozenset[str] | None:
    """The codes to look for, or `None` for all: those selected, except those ignored. Each option overrides its
    setting; codes selected on the command line are looked for even if the settings ignore them. Raises `WrongUse` if
    none are left, since such a check would find nothing."""
    selected = frozenset().union(*select) if select else project.select
    ignored = frozenset().union(*ignore) if ignore or select else project.ignore
    if selected is None and not ignored:
        return None
    from policyc.dsl.diagnostics.diagnostic import CODES, text

    wanted = (frozenset(CODES) if selected is None else selected) - (ignored or frozenset())
    if not wanted:
        raise WrongUse(text("cli.nothing_selected"), click.get_current_context())
    return wanted


def processors() -> int:
    """The number of processors available to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
