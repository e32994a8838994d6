"""Values on the command line: days, seconds, codes, facts.

In: one word of the command line. Out: its value, or `WrongUse`. Each function is the type of an option.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Literal

from .session import WrongUse

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")
_FACT = re.compile(r"\s*([^=＝]*?)\s*[=＝]\s*(.*?)\s*", re.DOTALL)


def day(word: str) -> date:
    """`2025-03-12` or `2025年3月12日`."""
    match = _DAY.fullmatch(word.strip())
    if match is not None:
        year, month, number = (int(group) for group in match.groups() if group is not None)
        try:
            return date(year, month, number)
        except ValueError:
            pass
    raise _wrong("cli.bad_day", value=word)


def day_or_any(word: str) -> date | Literal["any"]:
    """A day, or `any`."""
    return "any" if word in ("any", "任意") else day(word)


def seconds(word: str) -> float:
    """A time limit: more than nothing."""
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if 0 < value < float("inf"):
        return value
    raise _wrong("cli.bad_seconds", value=word)


def codes(word: str) -> frozenset[str]:
    """Diagnostic codes joined by commas; a beginning such as `PC3` stands for all codes that begin so."""
    parts = [part.strip() for part in re.split("[,，、]", word)]
    return frozenset(code for part in parts for code in _codes(part))


def _codes(word: str) -> Iterable[str]:
    from policyc.dsl.diagnostic import CODES
    from policyc.dsl.names import nearest

    prefix = word.upper()
    found = [code for code in CODES if code.startswith(prefix) and len(prefix) >= len("PC")]
    if found:
        return found
    best = nearest(prefix, CODES)
    if best is None:
        raise _wrong("cli.no_such_code", code=word)
    raise _wrong("cli.no_such_code_near", code=word, best=best)


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
    from policyc.dsl.diagnostic import text

    return WrongUse(text(reason, **args))
