"""`policyc check`: everything that can be wrong with a policy set.

In: paths and options. Out: a report and the exit code. What is wrong is found elsewhere.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from .help_pages import Command
from .parameters import codes, day, seconds
from .session import Session

if TYPE_CHECKING:
    from .config import Settings

PATH = click.Path(path_type=Path)


@click.command("check", cls=Command)
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--select", type=codes, multiple=True, metavar="CODES")
@click.option("--ignore", type=codes, multiple=True, metavar="CODES")
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]))
@click.option("--on", type=day, metavar="DATE")
@click.option("--timeout", type=seconds, metavar="SECONDS")
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
    fail_on: str | None,
    on: date | None,
    timeout: float | None,
    exit_zero: bool,
    output: Path | None,
    verbose: bool,
) -> int:
    from policyc.dsl.diagnostic import Severity

    from .reading import manner, read_policies, settings, write
    from .tally import exit_code

    start = perf_counter()
    project = settings()
    wanted = wanted_codes(select, ignore, project)
    base = read_policies(paths)
    report = base.check(on=on, timeout=project.timeout if timeout is None else timeout, codes=wanted)
    if form == "json":
        from .render_json import check_json

        content = check_json(report, session.language, perf_counter() - start)
    else:
        from .render_text import render_check

        content = render_check(report, manner(session, output, base, verbose=verbose))
    write(content, output)
    level = project.fail_on or Severity.ERROR if fail_on is None else Severity(fail_on)
    return 0 if exit_zero else exit_code(report.findings, level)


def wanted_codes(
    select: tuple[frozenset[str], ...], ignore: tuple[frozenset[str], ...], project: Settings
) -> frozenset[str] | None:
    """The codes to look for, or `None` for all: those selected but for those ignored. Each option overrides
    the setting of its name; codes selected on the command line are looked for whatever the settings ignore."""
    selected = frozenset().union(*select) if select else project.select
    ignored = frozenset().union(*ignore) if ignore or select else project.ignore
    if selected is None and not ignored:
        return None
    from policyc.dsl.diagnostic import CODES

    return (frozenset(CODES) if selected is None else selected) - (ignored or frozenset())
