"""Literals: from their text to their value.

In goes the normalised text of a literal that the grammar has recognised; out comes the value in the units of
the source tree (fen, millionths, days), with a message when the text has the form of a literal but no such
value exists. A value is always given, the nearest there is, so that one bad date does not hide the next.
"""

from __future__ import annotations

import calendar
import re
from datetime import MAXYEAR, MINYEAR, date
from typing import NamedTuple

from .diagnostic import Text, text

#: More digits than any number of the language can have; also keeps conversion cheap.
MOST_DIGITS = 18
_TOO_LARGE = 10**MOST_DIGITS - 1

_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?[ \t]*([^0-9. \t]*)")
#: Fen in one of each unit, as a power of ten.
_MONEY_UNITS = {"元": 2, "CNY": 2, "万元": 6, "亿元": 10}
#: Millionths of the whole in one percent, as a power of ten.
_PERCENT = 4


class Problem(NamedTuple):
    """What is wrong with a literal, and one line of help."""

    message: Text
    help: Text


def read_integer(literal: str) -> tuple[int, Problem | None]:
    if len(literal.lstrip("0")) > MOST_DIGITS:
        return _TOO_LARGE, _too_large(literal)
    return int(literal.lstrip("0") or "0"), None


def read_money(literal: str) -> tuple[int, Problem | None]:
    """`0.50元`, `10万元`, `200 CNY` in fen; at most two decimals of a yuan."""
    whole, decimals, unit = _parts(literal)
    if len(whole) > MOST_DIGITS:
        return _TOO_LARGE, _too_large(literal)
    fen, exact = _scaled(whole, decimals, _MONEY_UNITS[unit])
    if exact:
        return fen, None
    return fen, Problem(
        text("PC105.money_decimals", literal=literal), text("PC105.money_decimals_help", nearest=yuan(fen))
    )


def read_percent(literal: str) -> tuple[int, Problem | None]:
    """`2.5%` in millionths of the whole; 0 to 100, at most four decimals."""
    whole, decimals, _ = _parts(literal)
    if len(whole) > MOST_DIGITS:
        return 1_000_000, _out_of_percent(literal)
    millionths, exact = _scaled(whole, decimals, _PERCENT)
    if millionths > 1_000_000 or (millionths == 1_000_000 and not exact):
        return 1_000_000, _out_of_percent(literal)
    if not exact:
        return millionths, Problem(
            text("PC105.percent_decimals", literal=literal), text("PC105.percent_decimals_help")
        )
    return millionths, None


def read_date(literal: str) -> tuple[date, Problem | None]:
    """`2024-11-01`, `2024年11月1日`; a day of the calendar, months and days of two digits after hyphens."""
    year_digits, month_digits, day_digits = re.findall("[0-9]+", literal)
    year = min(max(int(year_digits), MINYEAR), MAXYEAR)
    month = _clamp(month_digits, 12)
    last = calendar.monthrange(year, month)[1]
    nearest = date(year, month, _clamp(day_digits, last))
    written = (year_digits, month_digits.zfill(2), day_digits.zfill(2))
    if written != tuple(nearest.isoformat().split("-")):
        return nearest, Problem(
            text("PC105.no_such_day", literal=literal),
            text("PC105.no_such_day_help", year=year, month=month, last=last),
        )
    if "-" in literal and len(literal) != len("2024-11-01"):
        return nearest, Problem(
            text("PC105.short_date", literal=literal),
            text("PC105.short_date_help", date=nearest.isoformat()),
        )
    return nearest, None


def yuan(fen: int) -> str:
    """An amount as it is written in a policy."""
    whole, cents = divmod(fen, 100)
    return f"{whole}.{cents:02}元" if cents else f"{whole}元"


def _parts(literal: str) -> tuple[str, str, str]:
    match = _NUMBER.fullmatch(literal)
    assert match is not None, literal
    whole, decimals, unit = match.groups()
    return whole.lstrip("0") or "0", (decimals or "").rstrip("0"), unit


def _scaled(whole: str, decimals: str, power: int) -> tuple[int, bool]:
    """The number times ten to the power, cut to an integer, and whether nothing was cut off."""
    return int(whole + decimals[:power].ljust(power, "0")), len(decimals) <= power


def _clamp(digits: str, most: int) -> int:
    short = digits.lstrip("0")
    return min(max(int(short or "0"), 1), most) if len(short) <= 2 else most


def _too_large(literal: str) -> Problem:
    return Problem(text("PC105.too_large", literal=_shortened(literal)), text("PC105.too_large_help"))


def _out_of_percent(literal: str) -> Problem:
    return Problem(text("PC105.percent", literal=_shortened(literal)), text("PC105.percent_help"))


def _shortened(literal: str) -> str:
    return literal if len(literal) <= 24 else literal[:20] + "…"
