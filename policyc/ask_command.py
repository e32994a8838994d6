"""`policyc ask`: can the one pay for the other, and why?

In: a question, regions, facts. Out: the answer and the exit code. The answer is found elsewhere.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from .help_pages import Command
from .parameters import day_or_any, fact, seconds
from .session import Session, UnreadableInput, WrongUse

if TYPE_CHECKING:
    from policyc.solver.answers import AskReport
    from policyc.solver.ask import AskError

    from .api import PolicyBase

PATH = click.Path(path_type=Path)


@click.command("ask", cls=Command)
@click.argument("question")
@click.argument("regions", nargs=-1)
@click.option("--set", "facts", type=fact, multiple=True, metavar="FACT=VALUE")
@click.option("--facts", "facts_file", type=PATH, metavar="FILE")
@click.option("--on", type=day_or_any, metavar="DATE|any")
@click.option("-p", "--policy", "paths", type=PATH, multiple=True, metavar="PATH")
@click.option("--expect", metavar="VERDICT")
@click.option("--all-reasons", is_flag=True)
@click.option("--assume", multiple=True, metavar="ID=VALUE")
@click.option("--without", multiple=True, metavar="RULE")
@click.option("--timeout", type=seconds, metavar="SECONDS")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-o", "--output", type=PATH, metavar="FILE")
@click.pass_obj
def command(
    session: Session,
    question: str,
    regions: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    facts_file: Path | None,
    on: date | Literal["any"] | None,
    paths: tuple[Path, ...],
    expect: str | None,
    all_reasons: bool,
    assume: tuple[str, ...],
    without: tuple[str, ...],
    timeout: float | None,
    form: str,
    output: Path | None,
) -> int:
    from .reading import read_policies, write

    given = known_facts(facts, facts_file)
    base = read_policies(paths)
    if base.errors:
        write(_broken(base, form, session, output), output)
        return 1
    from policyc.solver.ask import AskError
    from policyc.solver.prover import Undecided

    try:
        report = base.ask(
            question,
            regions,
            given,
            on=on,
            timeout=timeout,
            all_reasons=all_reasons,
            assume=assume,
            without=without,
        )
    except AskError as error:
        return _refuse(error, session, base)
    except Undecided:
        return _undecided(session)
    fine = expect is None or report.answer == expected_answer(expect, report, base)
    write(_content(report, base, form, session, output), output)
    return 0 if fine else 1


def known_facts(pairs: tuple[tuple[str, str], ...], file: Path | None) -> dict[str, str]:
    """The facts of the file, then those of `--set`; a fact set to two values is refused."""
    from policyc.dsl.diagnostic import text

    from .facts import BadFacts, read_facts

    given: dict[str, str] = {}
    for name, value in pairs:
        if given.setdefault(name, value) != value:
            raise WrongUse(text("ask.set_twice", fact=name), click.get_current_context())
    if file is None:
        return given
    try:
        return {**read_facts(file), **given}
    except BadFacts as error:
        raise UnreadableInput(text("cli.unreadable", path=str(file), reason=error.reason)) from error


def expected_answer(expect: str, report: AskReport, base: PolicyBase) -> str:
    """The answer that `--expect` names, in either language. A word that no decision answers is refused."""
    from policyc.dsl.diagnostic import text
    from policyc.dsl.keywords import VERDICT_WORDS
    from policyc.dsl.names import nearest

    words = {**VERDICT_WORDS, "impossible": "impossible", "真": "true", "假": "false"}
    answer = words.get(expect.strip(), expect.strip())
    if report.question not in base.policy_set.decisions or answer in {*words.values()} - {"true", "false"}:
        return answer
    best = nearest(expect, words)
    if best is None:
        raise WrongUse(text("ask.no_verdict", name=expect), click.get_current_context())
    raise WrongUse(text("ask.no_verdict_near", name=expect, best=best), click.get_current_context())


def _content(report: AskReport, base: PolicyBase, form: str, session: Session, output: Path | None) -> str:
    if form == "json":
        from .render_json import ask_json

        return ask_json(report)
    from .reading import manner
    from .render_ask import render_ask

    return render_ask(report, base.policy_set, manner(session, output, base))


def _broken(base: PolicyBase, form: str, session: Session, output: Path | None) -> str:
    """What keeps the question from being asked."""
    if form == "json":
        from .render_json import findings_json

        return findings_json(base.errors, session.language)
    from .reading import manner
    from .render_text import render_diagnostics

    return render_diagnostics(base.errors, manner(session, output, base))


def _refuse(error: AskError, session: Session, base: PolicyBase) -> int:
    """Says what is wrong with the question or the facts."""
    from .output import write_notice
    from .reading import manner
    from .render_text import render_diagnostics

    if not error.diagnostics:
        raise WrongUse(error.text, click.get_current_context()) from error
    write_notice(render_diagnostics(error.diagnostics, manner(session, None, base)))
    return 2


def _undecided(session: Session) -> int:
    """Says that time ran out."""
    from policyc.dsl.diagnostic import text
    from policyc.dsl.messages import render

    from .output import write_notice

    write_notice(render(text("cli.error", reason=text("ask.undecided")), session.language) + "\n")
    return 3
