"""`policyc test`: runs the `test` blocks of a policy set.

In: paths and options. Out: a report and the exit code. `solver/suite` runs the tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..help.pages import Command
from ..options import memory, path_in, path_out, seconds
from ..session import Session, WrongUse

if TYPE_CHECKING:
    from policyc.solver.report.reports import TestReport

    from ...api import PolicyBase
    from ...render.text import Manner


@click.command("test", cls=Command)
@click.argument("paths", nargs=-1, type=path_in)
@click.option("-k", "--match", "pattern", metavar="PATTERN")
@click.option("--coverage", is_flag=True)
@click.option("--timeout", type=seconds, metavar="SECONDS")
@memory
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text")
@click.option("-o", "--output", type=path_out, metavar="FILE")
@click.option("-v", "--verbose", is_flag=True)
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    pattern: str | None,
    coverage: bool,
    timeout: float | None,
    form: str,
    output: Path | None,
    verbose: bool,
) -> int:
    from ..protect import refuse_overwriting
    from ..shared import manner, read_policies, settings, time_limit, write

    base = read_policies(paths)
    refuse_overwriting(output, (*base.compiled.files, settings().file))
    how = manner(session, output, base.spoken_names, verbose=verbose)
    if base.errors:
        write(_broken(base, form, how), output)
        return 1
    report = base.test(pattern, timeout=time_limit(timeout), coverage=coverage)
    if pattern is not None and not report.tests:
        from policyc.dsl.diagnostics.diagnostic import text

        raise WrongUse(text("test.no_match", pattern=pattern), click.get_current_context())
    write(_content(report, base, form, how), output)
    if report.count("failed") or report.count("impossible"):
        return 1
    return 3 if report.count("undecided") else 0


def _content(report: TestReport, base: PolicyBase, form: str, how: Manner) -> str:
    match form:
        case "json":
            from ...render.json import test_json

            return test_json(report, len(base.policy_set.files), how.language)
        case "junit":
            from ...render.junit import test_junit

            return test_junit(report, how)
        case _:
            from ...render.tests import render_tests

            return render_tests(report, len(base.policy_set.files), how)


def _broken(base: PolicyBase, form: str, how: Manner) -> str:
    """The errors that prevent the tests."""
    match form:
        case "json":
            from ...render.json import findings_json

            return findings_json(base.errors, how.language)
        case "junit":
            from ...render.junit import errors_junit

            return errors_junit(base.errors, how)
        case _:
            from ...render.text import render_diagnostics

            return render_diagnostics(base.errors, how)
