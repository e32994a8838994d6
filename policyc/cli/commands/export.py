"""`policyc export`: the compiled policy set for other tools.

In: a form and paths. Out: text and the exit code. `solver/export.py` makes the content.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ... import __version__
from ...api import PolicyBase
from ...language import Language
from ..help.pages import Command
from ..options import memory, path_in, path_out
from ..session import Session

#: The exit code if the set is too large to be exported.
UNDECIDED = 3


@click.command("export", cls=Command)
@click.argument("form", type=click.Choice(["smt2"]))
@click.argument("paths", nargs=-1, type=path_in)
@memory
@click.option("-o", "--output", type=path_out, metavar="FILE")
@click.pass_obj
def command(session: Session, form: str, paths: tuple[Path, ...], output: Path | None) -> int:
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.system.limits import Undecided
    from policyc.solver.backends.second_opinion import Purpose, undecided

    from ...render.text import render_diagnostics
    from ..io import write_notice
    from ..protect import refuse_overwriting
    from ..shared import manner, read_policies, settings, write

    assert form == "smt2"
    base = read_policies(paths)
    refuse_overwriting(output, (*base.compiled.files, settings().file))
    if base.errors:
        write_notice(render_diagnostics(base.errors, manner(session, None, base.spoken_names)))
        return 1
    try:
        content = smt2(base, session.language)
    except Undecided as error:
        left_open = undecided(Purpose((), text("PC901.export"), None), error.reason)
        write_notice(render_diagnostics((left_open,), manner(session, None, base.spoken_names)))
        return UNDECIDED
    write(content, output)
    return 0


def smt2(base: PolicyBase, language: Language) -> str:
    """The set in SMT-LIB 2, with comments in one language."""
    from policyc.dsl.diagnostics.messages import render
    from policyc.solver.export import exported
    from policyc.solver.formula.smtlib import SatQuery, every_script

    from ...render.terminal import visible

    found = exported(base.policy_set)
    questions = [SatQuery((term,), about=visible(render(about, language))) for about, term in found.questions]
    return every_script(found.required, questions, [visible(line) for line in _heading(base, language)])


def _heading(base: PolicyBase, language: Language) -> Iterator[str]:
    """Comments: what the file is, and what its numbers mean."""
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.diagnostics.messages import render
    from policyc.solver.export import members

    yield render(text("export.about", version=__version__), language)
    yield render(text("export.answers"), language)
    yield render(text("export.numbers"), language)
    yield render(text("export.regions"), language)
    for line in members(base.policy_set):
        yield render(line, language)
