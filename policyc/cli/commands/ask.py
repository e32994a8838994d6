"""`policyc ask`: can the one pay for the other, and why?

In: a question, regions, facts. Out: the answer and the exit code. `solver/ask` finds the answer.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..help.pages import Command
from ..options import day, day_or_any, fact, memory, path_in, path_out, seconds, several_facts
from ..session import Session, UnreadableInput, WrongUse
from ..standard_input import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text
    from policyc.solver.ask.request import Understood
    from policyc.solver.report.answers import AskReport

    from ...api import PolicyBase
    from ..facts_file import FactsFile

#: The exit code if time ran out for the answer or for a field in `_WISHED`, which was requested.
UNDECIDED = 3
_WISHED = frozenset({"timeline", "optima", "reasons"})


@click.command("ask", cls=Command)
@click.argument("question")
@click.argument("regions", nargs=-1)
@click.option("--set", "facts", type=fact, multiple=True, metavar="FACT=VALUE")
@click.option("--facts", "facts_file", type=path_in, metavar="FILE")
@click.option("--on", type=day_or_any, metavar="DATE|any")
@click.option("--today", type=day, metavar="DATE")
@click.option("-p", "--policy", "paths", type=path_in, multiple=True, metavar="PATH")
@click.option("--expect", metavar="VERDICT")
@click.option("--maximize", multiple=True, metavar="EXPRESSION")
@click.option("--minimize", multiple=True, metavar="EXPRESSION")
@click.option("--also", type=several_facts, multiple=True, metavar="FACT=VALUE,...")
@click.option("--over", metavar="date")
@click.option("--full", is_flag=True)
@click.option("--all-reasons", is_flag=True)
@click.option("--assume", multiple=True, metavar="ID=VALUE")
@click.option("--without", multiple=True, metavar="RULE")
@click.option("-i", "--interactive", is_flag=True)
@click.option("--timeout", type=seconds, metavar="SECONDS")
@memory
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("-o", "--output", type=path_out, metavar="FILE")
@click.pass_obj
def command(
    session: Session,
    question: str,
    regions: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    facts_file: Path | None,
    on: date | Literal["any"] | None,
    today: date | None,
    paths: tuple[Path, ...],
    expect: str | None,
    maximize: tuple[str, ...],
    minimize: tuple[str, ...],
    also: tuple[dict[str, str], ...],
    over: str | None,
    full: bool,
    all_reasons: bool,
    assume: tuple[str, ...],
    without: tuple[str, ...],
    interactive: bool,
    timeout: float | None,
    form: str,
    output: Path | None,
) -> int:
    from ..protect import refuse_overwriting
    from ..shared import read_policies, refuse_sharing, settings, the_day, time_limit, write

    if interactive:
        refuse_silence()
    refuse_sharing(interactive, facts_file == STDIN, STDIN in paths)
    known = known_facts(facts, facts_file)
    base = read_policies(paths)
    refuse_overwriting(output, (*base.compiled.files, facts_file, settings().file))
    if base.errors:
        write(found_wrong(base.errors, base, form, session, output), output)
        return 1
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.system.limits import Undecided
    from policyc.solver.ask.options import Wishes
    from policyc.solver.ask.request import AskError
    from policyc.solver.backends.second_opinion import Purpose, undecided
    from policyc.solver.report.answers import AskReport

    wishes = Wishes(all_reasons, assume, without, maximize, minimize, tuple(tuple(one.items()) for one in also), over)
    try:
        limit, day_ = time_limit(timeout), the_day(session, today)
        put = base.understand if interactive else base.ask
        found = put(question, regions, known.given, on=on, today=day_, timeout=limit, wishes=wishes)
        report = found if isinstance(found, AskReport) else _interviewed(found, known, base, session)
    except AskError as error:
        return refuse(error.texts, [*known.diagnostics, *error.diagnostics], session, base)
    except Undecided as error:
        left_open = undecided(Purpose((), text("PC901.question", question=question), None), error.reason)
        write(found_wrong((left_open,), base, form, session, output), output)
        return UNDECIDED
    if known.diagnostics:
        return refuse((), known.diagnostics, session, base)
    fine = expect is None or report.answer == expected_answer(expect, report, base)
    write(_content(report, base, form, session, output, full=full or all_reasons), output)
    wished_in_vain = not _WISHED.isdisjoint(report.cut)
    return 1 if not fine else UNDECIDED if wished_in_vain else 0


def _interviewed(understood: Understood, known: FactsFile, base: PolicyBase, session: Session) -> AskReport:
    """The answer after asking for the relevant facts."""
    from ..interactive import interview
    from ..shared import manner

    given = understood.inquiry.given
    if not known.diagnostics:
        given = interview(understood.inquiry, manner(session, None, base.spoken_names))
    return understood.report(given)


def refuse_silence() -> None:
    """Refuses an interview without a terminal."""
    from policyc.dsl.diagnostics.diagnostic import text

    if sys.stdin is None:
        raise UnreadableInput(text("cli.no_answers"))


def known_facts(pairs: tuple[tuple[str, str], ...], file: Path | None) -> FactsFile:
    """The facts of the file and those of `--set`, and the mistakes in the file."""
    from policyc.dsl.binding.question import Given
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.system.file_names import as_text

    from ..facts_file import BadFacts, FactsFile, facts_of, read_facts
    from ..shared import standard_text

    try:
        if file == STDIN:  # no extension: a JSON object begins with a brace, a YAML mapping hardly ever
            content = standard_text()
            found = facts_of(file, content, yaml=not content.lstrip().startswith(("{", "[")))
        else:
            found = FactsFile() if file is None else read_facts(file)
    except BadFacts as error:
        raise UnreadableInput(text("cli.unreadable", path=as_text(str(file)), reason=error.reason)) from error
    found.given += [Given(name, value) for name, value in pairs]
    return found


def expected_answer(expect: str, report: AskReport, base: PolicyBase) -> str:
    """The answer that `--expect` names, in either language; an amount with or without its unit. A word that cannot
    answer the question is refused."""
    from policyc.dsl.binding.names import nearest
    from policyc.dsl.binding.question import PLAIN_NUMBER, TRUTHS
    from policyc.dsl.diagnostics.characters import as_meant
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.model import MONEY
    from policyc.dsl.syntax.keywords import VERDICT_WORDS

    written = as_meant(expect.strip())
    if report.type == MONEY and PLAIN_NUMBER.fullmatch(written):
        return f"{written}元"
    words = {**VERDICT_WORDS, "impossible": "impossible"}
    truths = {**TRUTHS, "true": "true", "false": "false", "真": "true", "假": "false"}
    decides = report.question in base.policy_set.decisions
    if not decides:
        never = ("permitted", "denied")
        words = {**{word: answer for word, answer in words.items() if answer not in never}, **truths}
    answer = words.get(written, written)
    if report.type is not None or answer in words.values():
        return answer
    key, best = "ask.no_verdict" if decides else "ask.no_truth", nearest(written, words)
    if best is None:
        raise WrongUse(text(key, name=expect), click.get_current_context())
    raise WrongUse(text(f"{key}_near", name=expect, best=best), click.get_current_context())


def _content(
    report: AskReport, base: PolicyBase, form: str, session: Session, output: Path | None, *, full: bool
) -> str:
    if form == "json":
        from ...render.json import ask_json

        return ask_json(report)
    from ...render.ask import render_ask
    from ..shared import manner

    return render_ask(report, base.policy_set, manner(session, output, base.spoken_names), full=full)


def found_wrong(
    diagnostics: Sequence[Diagnostic], base: PolicyBase, form: str, session: Session, output: Path | None
) -> str:
    """The errors that prevent the question or its answer."""
    if form == "json":
        from ...render.json import findings_json

        return findings_json(diagnostics, session.language)
    from ...render.text import render_diagnostics
    from ..shared import manner

    return render_diagnostics(diagnostics, manner(session, output, base.spoken_names))


def refuse(texts: Sequence[Text], diagnostics: Sequence[Diagnostic], session: Session, base: PolicyBase) -> int:
    """Reports all mistakes in the question and the facts."""
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.diagnostics.messages import render

    from ...render.terminal import visible
    from ...render.text import render_diagnostics
    from ..io import write_notice
    from ..shared import manner

    lines = [text("cli.error", reason=message) for message in texts]
    if texts:
        lines.append(text("cli.see_help", command=click.get_current_context().command_path))
    notice = "".join(visible(render(line, session.language)) + "\n" for line in lines)
    if diagnostics:
        how = manner(session, None, base.spoken_names)
        notice += "\n" * bool(texts) + render_diagnostics(diagnostics, how)
    if any(diagnostic.code.id == "PC101" for diagnostic in diagnostics):
        notice += "\n" + render(text("facts.pointer"), session.language) + "\n"
    write_notice(notice)
    return 2
