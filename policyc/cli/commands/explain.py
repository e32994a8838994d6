"""`policyc explain`: the page of a diagnostic code, or a line on each.

In: a code, the beginning of several, or the name of one. Out: text in the language of the messages.
"""

from __future__ import annotations

import click

from ..help.pages import Command, say
from ..session import Session, WrongUse


@click.command("explain", cls=Command)
@click.argument("code", required=False)
@click.pass_obj
def command(session: Session, code: str | None) -> int:
    from policyc.dsl.diagnostics.diagnostic import CODES

    from ...codes import NoSuchCode, codes_meant
    from ..help.rule_pages import rule_lines, rule_page

    named = {known.name: id_ for id_, known in CODES.items()}
    try:
        meant = frozenset(CODES) if code is None else codes_meant(named.get(code.strip().lower(), code))
    except NoSuchCode as error:
        raise WrongUse(error.reason, click.get_current_context()) from error
    found = [known for id_, known in CODES.items() if id_ in meant]
    say(rule_page(found[0], session.language) if len(found) == 1 else rule_lines(found, session.language))
    return 0
