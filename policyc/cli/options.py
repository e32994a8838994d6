"""Values on the command line: days, seconds, numbers, codes, facts.

In: one word of the command line. Out: its value, or `WrongUse`. Each function is the type of an option.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from policyc.dsl.diagnostics.characters import as_meant
from policyc.dsl.system.file_names import for_system

from .session import Session, WrongUse
from .standard_input import DASH, STDIN

#: A function that becomes a command.
Command = TypeVar("Command", bound=Callable[..., Any])

_FACT = re.compile(r"\s*([^=＝]*?)\s*[=＝]\s*(.*?)\s*", re.DOTALL)


def path(word: str) -> Path:
    """A file or folder, as the system names it. Whoever reads or writes it reports failures."""
    if not word:
        raise _wrong("cli.empty_path")
    found = Path(for_system(word))
    return found.absolute() if found == STDIN else found  # a file may have the display name of standard input


def path_in(word: str) -> Path:
    """A path, or `-` for standard input."""
    return STDIN if word == DASH else path(word)


def path_out(word: str) -> Path | None:
    """A path, or `-` for standard output, the default of reports."""
    return None if word == DASH else path(word)


def day(word: str) -> date:
    """`2025-03-12` or `2025年3月12日`."""
    from ..today import day_of

    found = day_of(word)
    if found is None:
        raise _no_day(word)
    return found


def _no_day(word: str) -> WrongUse:
    """A refusal that suggests the days that may be meant."""
    from policyc.dsl.syntax.literals import days_meant

    meant = days_meant(as_meant(word))
    if not meant:
        return _wrong("cli.bad_day", value=word)
    if len(meant) == 1:
        return _wrong("cli.bad_day_near", value=word, day=meant[0])
    return _wrong("cli.bad_day_two", value=word, day=meant[0], other=meant[1])


def day_or_any(word: str) -> date | Literal["any"]:
    """A day, or `any`."""
    return "any" if as_meant(word) in ("any", "任意") else day(word)


def seconds(word: str) -> float:
    """A time limit, more than 0."""
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if 0 < value < float("inf"):
        return value
    raise _wrong("cli.bad_seconds", value=word)


def size(word: str) -> int:
    """An amount of memory, such as `500MB` or `4GB`, in bytes."""
    from ..config import bytes_of

    found = bytes_of(word)
    if found is None:
        raise _wrong("cli.bad_size", value=word)
    return found


def memory(function: Command) -> Command:
    """The option `--memory`, in force from its parsing until the command ends."""

    def begin(ctx: click.Context, _parameter: click.Parameter, value: int | None) -> None:
        if ctx.resilient_parsing:
            return
        from policyc.dsl.system.limits import DEFAULT_MEMORY, limit_memory

        from .shared import settings

        set_ = None
        with contextlib.suppress(WrongUse):  # the command reports invalid settings when it reads them
            set_ = settings().memory
        ctx.call_on_close(limit_memory(value or set_ or DEFAULT_MEMORY))

    return click.option("--memory", type=size, metavar="SIZE", expose_value=False, callback=begin)(function)


def global_options(taken: Collection[str]) -> list[click.Option]:
    """The options that stand before a command or after it, except those of a name that the command itself takes."""

    def coloured(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
        session = ctx.ensure_object(Session)
        session.colour = value or session.colour

    def dated(ctx: click.Context, _parameter: click.Parameter, value: date | None) -> None:
        session = ctx.ensure_object(Session)
        session.today = value or session.today

    options = [  # the language is chosen before anything is parsed: `main.language_wish`
        click.Option(["--lang"], type=click.Choice(["en", "zh", "auto"]), expose_value=False),
        click.Option(
            ["--color"], type=click.Choice(["auto", "always", "never"]), expose_value=False, callback=coloured
        ),
        click.Option(["--today"], type=day, metavar="DATE", expose_value=False, callback=dated),
    ]
    return [option for option in options if option.opts[0] not in taken]


def count(word: str) -> int:
    """A number, at least 1."""
    if re.fullmatch("[0-9]{1,6}", word.strip()) and int(word) > 0:
        return int(word)
    raise _wrong("cli.bad_count", value=word)


def codes(word: str) -> frozenset[str]:
    """Diagnostic codes separated by commas; a prefix such as `PC3` means all codes with it."""
    from ..codes import NoSuchCode, codes_meant

    try:
        return frozenset(code for part in re.split("[,，、]", word) for code in codes_meant(part))
    except NoSuchCode as error:
        raise WrongUse(error.reason) from error


def fact(word: str) -> tuple[str, str]:
    """`FACT=VALUE`, as a pair."""
    match = _FACT.fullmatch(word)
    if match is None or not match[1] or not match[2]:
        raise _wrong("cli.bad_fact", value=word)
    return match[1], match[2]


def several_facts(word: str) -> dict[str, str]:
    """`FACT=VALUE, FACT=VALUE`."""
    return dict(fact(part) for part in re.split("[,，;；]", word) if part.strip())


def _wrong(reason: str, **args: str) -> WrongUse:
    from policyc.dsl.diagnostics.diagnostic import text

    return WrongUse(text(reason, **args))
