"""The values of literals.

In: the normalised text of a literal that the grammar has recognised. Out: its value in the units of the source tree
(fen, millionths, days), with a message if no such value exists. There is always a value, the nearest one, so that
one bad date does not hide the next.
"""

from __future__ import annotations

import calendar
import re
from datetime import MAXYEAR, MINYEAR, date
from typing import NamedTuple

from ..diagnostics.diagnostic import Text, text

#: The most digits of a number; also keeps conversion cheap.
MOST_DIGITS = 18
_TOO_LARGE = 10**MOST_DIGITS - 1

_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?[ \t]*([^0-9. \t]*)")
#: Year, month and day in any order with separators, or year first without.
_DAY_FORM = re.compile(
    r"([0-9]{1,4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,4})\s*日?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
#: Fen in one of each unit, as a power of ten.
_MONEY_UNITS = {"元": 2, "CNY": 2, "万元": 6, "亿元": 10}
#: Millionths of the whole in one percent, as a power of ten.
_PERCENT = 4
#: From here on nobody writes a share as a sum of hundreds.
_MOST_SUMMED = 500


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
    whole, decimals, unit = _whole_decimals_unit(literal)
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
    whole, decimals, _ = _whole_decimals_unit(literal)
    if len(whole) > MOST_DIGITS:
        return 1_000_000, _out_of_percent(literal)
    millionths, exact = _scaled(whole, decimals, _PERCENT)
    if millionths > 1_000_000 or (millionths == 1_000_000 and not exact):
        return 1_000_000, _out_of_percent(literal)
    if not exact:
        return millionths, Problem(text("PC105.percent_decimals", literal=literal), text("PC105.percent_decimals_help"))
    return millionths, None


def read_date(literal: str) -> tuple[date, Problem | None]:
    """`2024-11-01`, `2024年11月1日`: a day of the calendar; two digits after each hyphen. If the year comes last, the
    help shows how to write the date."""
    year_digits, month_digits, day_digits = re.findall("[0-9]+", literal)
    if len(day_digits) == len("2024") != len(year_digits):
        meant = days_meant(literal)
        nearest = date.fromisoformat(meant[0]) if meant else date(2000, 1, 1)
        return nearest, Problem(text("PC001.date_form", found=literal), date_help(meant))
    year = min(max(int(year_digits), MINYEAR), MAXYEAR)
    month = _clamp(month_digits, 12)
    last = calendar.monthrange(year, month)[1]
    nearest = date(year, month, _clamp(day_digits, last))
    written = (year_digits, month_digits.zfill(2), day_digits.zfill(2))
    if written != tuple(nearest.isoformat().split("-")):
        return nearest, Problem(text("PC105.no_such_day", literal=literal), _no_such_day(literal, year, last))
    if "-" in literal and len(literal) != len("2024-11-01"):
        return nearest, Problem(
            text("PC105.short_date", literal=literal),
            text("PC105.short_date_help", date=nearest.isoformat()),
        )
    return nearest, None


def days_meant(written: str) -> tuple[str, ...]:
    """The days that a text with year, month and day in any order, or with eight digits, may mean; only the one in the
    language's own order, if that exists."""
    match = _DAY_FORM.fullmatch(written.strip())
    if match is None:
        return ()
    parts = [part for part in match.groups() if part is not None]
    if len(parts[2]) == 4:
        parts.reverse()
    year, one, other = map(int, parts)
    days = [day for month, number in ((one, other), (other, one)) if (day := _iso(year, month, number))]
    in_order = len(match.groups()[0] or match.groups()[3] or "") == 4
    return tuple(dict.fromkeys(days[:1] if in_order and _iso(year, one, other) else days))


def date_help(days: tuple[str, ...]) -> Text:
    """Help that shows how to write the days that may be meant."""
    if not days:
        return text("PC001.date_form_like")
    if len(days) == 1:
        return text("PC001.date_form_help", date=days[0])
    return text("PC001.date_form_help_two", date=days[0], other=days[1])


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _no_such_day(literal: str, year: int, last: int) -> Text:
    """Why a day does not exist: month and day are swapped, or a number is too large."""
    swapped = days_meant(literal)
    if swapped:
        return text("PC105.swapped_help", date=swapped[0])
    written, month = (int(digits[:9]) for digits in re.findall("[0-9]+", literal)[:2])
    if written != year:
        return text("PC105.no_such_year_help")
    if not 1 <= month <= 12:
        return text("PC105.no_such_month_help")
    return text("PC105.no_such_day_help", year=year, month=month, last=last)


def yuan(fen: int) -> str:
    """An amount as written in a policy."""
    whole, cents = divmod(fen, 100)
    return f"{whole}.{cents:02}元" if cents else f"{whole}元"


def _whole_decimals_unit(literal: str) -> tuple[str, str, str]:
    match = _NUMBER.fullmatch(literal)
    assert match is not None, literal
    whole, decimals, unit = match.groups()
    return whole.lstrip("0") or "0", (decimals or "").rstrip("0"), unit


def _scaled(whole: str, decimals: str, power: int) -> tuple[int, bool]:
    """The number times ten to the power, truncated to an integer, and whether that is exact."""
    return int(whole + decimals[:power].ljust(power, "0")), len(decimals) <= power


def _clamp(digits: str, most: int) -> int:
    short = digits.lstrip("0")
    return min(max(int(short or "0"), 1), most) if len(short) <= 2 else most


def _too_large(literal: str) -> Problem:
    return Problem(text("PC105.too_large", literal=_shortened(literal)), text("PC105.too_large_help"))


def _out_of_percent(literal: str) -> Problem:
    whole, decimals, _ = _whole_decimals_unit(literal)
    message = text("PC105.percent", literal=_shortened(literal))
    if len(whole) > 3 or int(whole) >= _MOST_SUMMED:
        return Problem(message, text("PC105.percent_help"))
    hundreds, rest = divmod(int(whole), 100)
    part = f"{rest}.{decimals}%" if decimals else f"{rest}%"
    terms = ["100%"] * hundreds + ([part] if rest or decimals else [])
    return Problem(message, text("PC105.percent_sum_help", sum=f"({' + '.join(terms)})"))


def _shortened(literal: str) -> str:
    return literal if len(literal) <= 24 else literal[:20] + "…"
