"""`policyc check`: everything that can be wrong with a policy set.

In: paths and options. Out: a report and the exit code. What is wrong is found elsewhere.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import perf_counter

import click

from .help_pages import Command
from .parameters import codes, count, day, seconds
from .session import Session, UnreadableInput, WrongUse

PATH = click.Path(path_type=Path)


@click.command("check", cls=Command)
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--select", type=codes, multiple=True, metavar="CODES")
@click.option("--ignore", type=codes, multiple=True, metavar="CODES")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]), default="error")
@click.option("--on", type=day, metavar="DATE")
@click.option("--timeout", type=seconds, metavar="SECONDS")
@click.option("--witnesses", type=count, default="1", metavar="N")
@click.option("--verify", is_flag=True)
@click.option("--save-tests", type=PATH, metavar="FILE")
@click.option("--exit-zero", is_flag=True)
@click.option("-o", "--output", type=PATH, metavar="FILE")
@click.option("-v", "--verbose", is_flag=True)
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    form: str,
    select: tuple[frozenset[str], ...],
    ignore: tuple[frozenset[str], ...],
    fail_on: str,
    on: date | None,
    timeout: float | None,
    witnesses: int,
    verify: bool,
    save_tests: Path | None,
    exit_zero: bool,
    output: Path | None,
    verbose: bool,
) -> int:
    from policyc.dsl.diagnostic import Severity, text
    from policyc.solver.second import NotInstalled

    from .output import write_notice
    from .reading import manner, read_policies, write
    from .tally import exit_code

    start = perf_counter()
    wanted = wanted_codes(select, ignore)
    if save_tests is not None:
        refuse_foreign(save_tests)
    base = read_policies(paths)
    try:
        report = base.check(on=on, timeout=timeout, codes=wanted, witnesses=witnesses, verify=verify)
    except NotInstalled as error:
        raise WrongUse(text("cli.no_second_solver"), click.get_current_context()) from error
    if save_tests is not None and not report.stopped:
        from .save_tests import file_content

        write(file_content(base, report.findings, save_tests, session.language, timeout), save_tests)
    if form == "json":
        from .render_json import check_json

        content = check_json(report, session.language, perf_counter() - start)
    else:
        from .render_text import render_check

        content = render_check(report, manner(session, output, base, verbose=verbose))
    write(content, output)
    if report.verified is not None:
        from .render_text import times

        write_notice(times(report.verified, session.language))
    return 0 if exit_zero else exit_code(report.findings, Severity(fail_on))


def refuse_foreign(file: Path) -> None:
    """Refuses to replace a file of tests that somebody else wrote."""
    from policyc.dsl.diagnostic import text

    from .save_tests import MARK, is_foreign

    try:
        foreign = is_foreign(file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableInput(text("cli.unreadable", path=str(file), reason=reason)) from error
    if foreign:
        raise WrongUse(text("cli.foreign_tests", path=str(file), mark=MARK), click.get_current_context())


def wanted_codes(
    select: tuple[frozenset[str], ...], ignore: tuple[frozenset[str], ...]
) -> frozenset[str] | None:
    """The codes to look for, or `None` for all: those selected but for those ignored."""
    if not select and not ignore:
        return None
    from policyc.dsl.diagnostic import CODES

    return frozenset().union(*(select or [frozenset(CODES)])) - frozenset().union(*ignore)
