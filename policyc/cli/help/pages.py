"""Help pages in English and Chinese, laid out by display cells.

In: a command with its parameters. Out: its page. The words are in `texts.py`, loaded when a page is shown; Han
characters count as two cells, which click's own help formatter does not do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

import click

from ...language import Language
from ..io import write_report
from ..session import Session

_WIDEST = 100
_NARROWEST = 50
#: In cells; longer terms have a line of their own.
_TERM = 28
#: What may not begin a line.
_CLOSING = frozenset("，。；：、）》”？！,.;:)")
#: What may not end one.
_OPENING = frozenset("（《“(")


class Page(click.Command):
    """A command with our own help."""

    def get_help(self, ctx: click.Context) -> str:
        return page(self, ctx)

    def get_usage(self, ctx: click.Context) -> str:
        return usage_line(self, ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As inherited, except that errors about options name the command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class Command(Page):
    """A subcommand. It takes the global options, too: people write them at the end."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        from ..options import global_options

        *own, help_option = super().get_params(ctx)
        names = {name for parameter in own for name in parameter.opts}
        return [*own, *global_options(names), help_option]


def _show_help(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        say(ctx.get_help() + "\n")
        ctx.exit()


def say(content: str) -> None:
    """Writes text other than a report to standard output. Raises `UnreadableInput` if it cannot."""
    try:
        write_report(content, None)
    except OSError as error:
        from ..shared import unwritable

        raise unwritable(None, error) from error


def page(command: click.Command, ctx: click.Context) -> str:
    """The whole page of one command."""
    from .texts import HEADINGS, TEXTS

    language = _language(ctx)
    name = command.name or ""
    width = _width()
    lines = [usage_line(command, ctx), ""]
    for paragraph in TEXTS[name][language].split("\n\n"):
        lines += [*wrap(paragraph, width, 2), ""]
    parameters = list(command.get_params(ctx))
    arguments = [p for p in parameters if isinstance(p, click.Argument)]
    options = [p for p in parameters if isinstance(p, click.Option)]
    sections = [
        ("arguments", [(_argument(p), TEXTS[f"{name} {p.name}"][language]) for p in arguments]),
        ("options", [(_option(p), _option_text(p, name, language)) for p in options]),
    ]
    if isinstance(command, click.Group):
        commands = [(item, _first_sentence(TEXTS[item][language])) for item in command.list_commands(ctx)]
        sections.append(("commands", commands))
    for heading, rows in sections:
        if rows:
            lines += [HEADINGS[heading][language], *_table(rows, width), ""]
    epilog = TEXTS.get(f"{name} epilog")
    if epilog is not None:
        lines += epilog[language].split("\n")
    return "\n".join(lines).rstrip("\n")


def usage_line(command: click.Command, ctx: click.Context) -> str:
    """`Usage: policyc check [OPTIONS] [PATHS]...`"""
    from .texts import HEADINGS

    pieces = [HEADINGS["option_pieces"][_language(ctx)]]
    pieces += [_argument(p) for p in command.get_params(ctx) if isinstance(p, click.Argument)]
    if isinstance(command, click.Group):
        pieces.append(HEADINGS["command_pieces"][_language(ctx)])
    return HEADINGS["usage"][_language(ctx)] + " ".join([ctx.command_path, *pieces])


def _language(ctx: click.Context) -> Language:
    return ctx.ensure_object(Session).language


def _width() -> int:
    import shutil

    return max(min(shutil.get_terminal_size((80, 24)).columns, _WIDEST), _NARROWEST)


def _argument(parameter: click.Argument) -> str:
    name = (parameter.name or "").upper().removesuffix("S" if parameter.name == "regions" else "")
    written = name if parameter.required else f"[{name}]"
    return f"{written}..." if parameter.nargs < 0 else written


def _option(parameter: click.Option) -> str:
    names = ", ".join(sorted(parameter.opts, key=lambda opt: opt.startswith("--")))
    if parameter.is_flag:
        return names
    if isinstance(parameter.type, click.Choice):
        return f"{names} {'|'.join(str(choice) for choice in parameter.type.choices)}"
    return f"{names} {parameter.metavar or parameter.type.name.upper()}"


def _option_text(parameter: click.Option, command: str, language: Language) -> str:
    from .texts import TEXTS

    long = next(opt for opt in reversed(parameter.opts) if opt.startswith("--"))
    own = TEXTS.get(f"{command} {long}")
    return (own or TEXTS[long])[language]


def _first_sentence(words: str) -> str:
    first = words.split("\n\n")[0]
    for stop in ("。", ". "):
        first = first.split(stop)[0]
    return first.rstrip(".")


def _table(rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    """Terms on the left, words on the right."""
    rows = list(rows)
    column = min(max(cells(term) for term, _ in rows), _TERM) + 4
    for term, words in rows:
        wrapped = wrap(words, width, column)
        if cells(term) + 4 > column:
            yield f"  {term}"
        else:
            wrapped[0] = f"  {term}" + wrapped[0][2 + cells(term) :]
        yield from wrapped


def cells(words: str) -> int:
    """Display cells; `--help` needs no table of `wcwidth`, since its words are plain."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in words)


def wrap(words: str, width: int, indent: int) -> list[str]:
    """Lines of at most `width` cells, broken at blanks and between Han characters."""
    lines: list[str] = []
    line = ""
    for chunk in _chunks(words.replace("\n", " ")):
        if line and cells(line) + cells(chunk.rstrip()) > width - indent:
            lines.append(line.rstrip())
            line = ""
        line += chunk if line else chunk.lstrip()
    return [" " * indent + piece for piece in [*lines, line.rstrip()]]


def _chunks(words: str) -> Iterator[str]:
    """Pieces that may not be broken, each with the blanks before it."""
    chunk = ""
    for index, character in enumerate(words):
        before = words[index - 1] if index else ""
        wide = cells(character) == 2 or (before != "" and cells(before) == 2)
        breakable = (wide or character == " ") and before != " "
        if chunk and breakable and character not in _CLOSING and before not in _OPENING:
            yield chunk
            chunk = ""
        chunk += character
    yield chunk
