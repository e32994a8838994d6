"""`policyc matrix`: who can pay for whom, region by region?

In: a decision, facts, a level of regions. Out: a table and the exit code. `solver/matrix` finds the answers.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..help.pages import Command
from ..options import day, fact, memory, path_in, path_out, seconds
from ..session import Session
from .ask import found_wrong, known_facts, refuse

if TYPE_CHECKING:
    from policyc.solver.report.reports import MatrixReport

    from ...api import PolicyBase


@click.command("matrix", cls=Command)
@click.option("-p", "--policy", "paths", type=path_in, multiple=True, metavar="PATH")
@click.option("--decision", metavar="DECISION")
@click.option("--by", type=click.Choice(["province", "prefecture"]), default="province")
@click.option("--set", "facts", type=fact, multiple=True, metavar="FACT=VALUE")
@click.option("--on", type=day, metavar="DATE")
@click.option("--today", type=day, metavar="DATE")
@click.option("--each", metavar="FACT")
@click.option("--all", "every", is_flag=True)
@click.option("--timeout", type=seconds, metavar="SECONDS")
@memory
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text")
@click.option("-o", "--output", type=path_out, metavar="FILE")
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    decision: str | None,
    by: Literal["province", "prefecture"],
    facts: tuple[tuple[str, str], ...],
    on: date | None,
    today: date | None,
    each: str | None,
    every: bool,
    timeout: float | None,
    form: str,
    output: Path | None,
) -> int:
    from ..protect import refuse_overwriting
    from ..shared import read_policies, settings, the_day, time_limit, write

    known = known_facts(facts, None)
    base = read_policies(paths)
    refuse_overwriting(output, (*base.compiled.files, settings().file))
    if base.errors:
        write(found_wrong(base.errors, base, "json" if form == "json" else "text", session, output), output)
        return 1
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.diagnostics.messages import render
    from policyc.solver.ask.request import AskError

    from ..progress import progress

    try:
        with progress(render(text("matrix.progress"), session.language)) as watch:
            report = base.matrix(
                decision,
                known.given,
                by=by,
                on=on,
                today=the_day(session, today),
                each=each,
                every=every,
                timeout=time_limit(timeout),
                watch=watch,
            )
    except AskError as error:
        return refuse(error.texts, error.diagnostics, session, base)
    write(_content(report, base, form, session, output), output)
    undecided = any("undecided" in matrix.answers for matrix in report.matrices.values())
    return 3 if undecided else 0


def _content(report: MatrixReport, base: PolicyBase, form: str, session: Session, output: Path | None) -> str:
    from ..shared import manner

    how = manner(session, output, base.spoken_names)
    if form == "json":
        from ...render.json import matrix_json

        return matrix_json(report, [how.region_name(code) for code in report.regions])
    from ...render.matrix import matrix_csv, render_matrix

    if form == "csv":
        return matrix_csv(report, how, for_file=output is not None)
    return render_matrix(report, base.policy_set, how)
