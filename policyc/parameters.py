"""Kinds of values on the command line: days, seconds, codes, facts.

In: words. Out: values, or `WrongUse`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

import click

from .session import WrongUse

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")


class DayType(click.ParamType):
    """`2025-03-12` or `2025年3月12日`; with `any` also that."""

    name = "date"

    def __init__(self, *, any_day: bool = False) -> None:
        self.any_day = any_day
        self.name = "date|any" if any_day else "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | Literal["any"]:
        if isinstance(value, date):
            return value
        if self.any_day and value in ("any", "任意"):
            return "any"
        match = _DAY.fullmatch(value.strip())
        if match is not None:
            year, month, day = (int(group) for group in match.groups() if group is not None)
            try:
                return date(year, month, day)
            except ValueError:
                pass
        from policyc.dsl.diagnostic import text

        raise WrongUse(text("cli.bad_day", value=value), ctx)


class SecondsType(click.ParamType):
    """A time limit: more than nothing."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if 0 < seconds < float("inf"):
            return seconds
        from policyc.dsl.diagnostic import text

        raise WrongUse(text("cli.bad_seconds", value=str(value)), ctx)


class CodesType(click.ParamType):
    """Diagnostic codes joined by commas; a beginning such as `PC3` stands for all codes that begin so."""

    name = "codes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        if isinstance(value, frozenset):
            return value
        words = [word.strip() for word in re.split("[,，、]", value)]
        return frozenset(code for word in words for code in _codes(word, ctx))


def _codes(word: str, ctx: click.Context | None) -> Iterable[str]:
    from policyc.dsl.diagnostic import CODES, text
    from policyc.dsl.names import nearest

    prefix = word.upper()
    found = [code for code in CODES if code.startswith(prefix) and len(prefix) >= len("PC")]
    if found:
        return found
    best = nearest(prefix, CODES)
    if best is None:
        raise WrongUse(text("cli.no_such_code", code=word), ctx)
    raise WrongUse(text("cli.no_such_code_near", code=word, best=best), ctx)


class FactType(click.ParamType):
    """`FACT=VALUE`, as a pair."""

    name = "fact=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            fact, given = value
            return str(fact), str(given)
        match = re.fullmatch(r"\s*([^=＝]*?)\s*[=＝]\s*(.*?)\s*", value, re.DOTALL)
        if match is None or not match[1] or not match[2]:
            from policyc.dsl.diagnostic import text

            raise WrongUse(text("cli.bad_fact", value=value), ctx)
        return match[1], match[2]
