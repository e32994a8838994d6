"""`policyc facts`: what can be asked of a policy set, and how it is written.

In: paths and perhaps a name. Out: a list of decisions, facts, parameters, definitions and regions, and the exit code.
"""

from __future__ import annotations

from pathlib import Path

import click

from ..help.pages import Command
from ..options import path_in, path_out
from ..session import Session, WrongUse


@click.command("facts", cls=Command)
@click.argument("name", required=False)
@click.option("-p", "--policy", "paths", type=path_in, multiple=True, metavar="PATH")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-o", "--output", type=path_out, metavar="FILE")
@click.pass_obj
def command(session: Session, name: str | None, paths: tuple[Path, ...], form: str, output: Path | None) -> int:
    from policyc.dsl.binding.names import nearest
    from policyc.dsl.diagnostics.diagnostic import text

    from ...listing.collect import known_names, listing, matching
    from ...listing.show import listing_json, listing_text
    from ..protect import refuse_overwriting
    from ..shared import manner, read_policies, settings, write
    from .ask import found_wrong

    base = read_policies(paths)
    refuse_overwriting(output, (*base.compiled.files, settings().file))
    if base.errors:
        write(found_wrong(base.errors, base, form, session, output), output)
        return 1
    every = listing(base.policy_set)
    found = every if name is None else matching(every, name)
    if name is not None and not any(found.items()):
        best = nearest(name, known_names(every))
        key = "facts.unknown" if best is None else "facts.unknown_near"
        raise WrongUse(text(key, name=name, best=best or ""), click.get_current_context())
    if form == "json":
        write(listing_json(found), output)
    else:
        write(listing_text(found, every, manner(session, output, base.spoken_names)), output)
    return 0
