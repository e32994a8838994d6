"""Numbers, amounts, shares and days written in Han numerals, as public documents have them.

In: one word, such as `十二`, `两千元`, `1万5千元`, `百分之五十`, `五成` or `二〇二五年七月一日`. Out: the same value as
the language writes it, or `None` if the word says no value. Only help lines use it: the language itself reads digits.
"""

from __future__ import annotations

import re
from datetime import date

_DIGITS = {
    digit: value
    for value, digits in enumerate(["零〇○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"])
    for digit in digits
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_NUMERALS = "".join((*_DIGITS, *_UNITS, *_GROUPS))
_NUMBER = f"[0-9{_NUMERALS}]+"
_AMOUNT = re.compile(f"({_NUMBER})(?:元|块|块钱|圆)整?")
_SHARE = re.compile(f"(?:百分之|100分之)({_NUMBER})(?:点([0-9{''.join(_DIGITS)}]+))?")
_TENTHS = re.compile(f"({_NUMBER})成(半)?")
_DAYS = re.compile(f"({_NUMBER})(?:天|日)")
_DATE = re.compile(f"({_NUMBER})年({_NUMBER})月({_NUMBER})[日号]?")
#: Longer words say no number that a rule needs.
_LONGEST = 20


def in_digits(word: str) -> str | None:
    """A value in Han numerals as the language writes it."""
    if len(word) > _LONGEST or not any(letter in _NUMERALS or letter in "年成" for letter in word):
        return None
    if match := _AMOUNT.fullmatch(word):
        return _with_unit(match[1], "元")
    if match := _SHARE.fullmatch(word):
        whole = _number(match[1])
        decimals = "".join(str(_DIGITS.get(digit, digit)) for digit in match[2] or "")
        return None if whole is None else f"{whole}.{decimals}%" if decimals else f"{whole}%"
    if match := _TENTHS.fullmatch(word):
        tenths = _number(match[1])
        return None if tenths is None else f"{tenths * 10 + (5 if match[2] else 0)}%"
    if match := _DATE.fullmatch(word):
        return _day(*match.groups())
    if match := _DAYS.fullmatch(word):
        return _with_unit(match[1], " 天")
    value = _number(word)
    return None if value is None else str(value)


def _with_unit(numeral: str, unit: str) -> str | None:
    value = _number(numeral)
    return None if value is None else f"{value}{unit}"


def _day(*parts: str) -> str | None:
    year, month, day = (_number(part) for part in parts)
    try:
        return date(year or 0, month or 0, day or 0).isoformat()
    except ValueError:
        return None


def _number(numeral: str) -> int | None:
    """`12`, `十二`, `二百五十`, `一万五千`, `1万5千`, or digits one by one, as in `二〇二五`."""
    digits = "".join(str(_DIGITS.get(letter, letter)) for letter in numeral)
    if digits.isdecimal():
        return int(digits) if digits.isascii() else None
    if not all(letter.isdecimal() or letter in _NUMERALS for letter in digits):
        return None
    total, group, digit = 0, 0, None
    for part in re.findall("[0-9]+|.", digits):
        if part.isdecimal():
            digit = int(part)
        elif part in _UNITS:
            group += (1 if digit is None else digit) * _UNITS[part]
            digit = None
        else:
            total = (
                (total + group + (digit or 0)) * _GROUPS[part]
                if part in "亿億"
                else (total + (group + (digit or 0)) * _GROUPS[part])
            )
            group, digit = 0, None
    return total + group + (digit or 0)
