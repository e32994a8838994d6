"""`policyc check`: everything that can be wrong with a policy set.

In: paths and options. Out: a report and the exit code. What is wrong is found elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from .help_pages import Command
from .parameters import CodesType, DayType, SecondsType
from .session import Session

if TYPE_CHECKING:
    from policyc.dsl.diagnostic import Diagnostic
    from policyc.solver.answers import CheckReport

PATH = click.Path(path_type=Path)


@click.command("check", cls=Command)
@click.argument("paths", nargs=-1, type=PATH)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--select", type=CodesType(), multiple=True)
@click.option("--ignore", type=CodesType(), multiple=True)
@click.option("--fail-on", type=click.Choice(["error", "warning", "note"]), default="error")
@click.option("--on", type=DayType())
@click.option("--timeout", type=SecondsType())
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
    exit_zero: bool,
    output: Path | None,
    verbose: bool,
) -> int:
    from policyc.dsl.diagnostic import Severity

    from .reading import manner, read_policies, write
    from .tally import exit_code

    start = perf_counter()
    codes = wanted_codes(select, ignore)
    found = read_policies(paths).check(on=on, timeout=timeout, codes=codes)
    report = replace(found, findings=tuple(f for f in found.findings if is_reported(f, codes, found)))
    if form == "json":
        from .render_json import check_json

        content = check_json(report, session.language, perf_counter() - start)
    else:
        from .render_text import render_check

        content = render_check(report, manner(session, output, verbose=verbose))
    write(content, output)
    return 0 if exit_zero else exit_code(report.findings, Severity(fail_on))


def wanted_codes(
    select: tuple[frozenset[str], ...], ignore: tuple[frozenset[str], ...]
) -> frozenset[str] | None:
    """The codes to look for, or `None` for all: those selected but for those ignored."""
    if not select and not ignore:
        return None
    from policyc.dsl.diagnostic import CODES

    return frozenset().union(*(select or [frozenset(CODES)])) - frozenset().union(*ignore)


def is_reported(finding: Diagnostic, codes: frozenset[str] | None, report: CheckReport) -> bool:
    """Whether a finding is among those asked for, or tells why something was not looked for at all."""
    from policyc.dsl.diagnostic import Severity

    from .tally import UNDECIDED

    if codes is None or finding.code.id in codes or finding.code.id == UNDECIDED:
        return True
    return report.stopped and finding.level is Severity.ERROR
