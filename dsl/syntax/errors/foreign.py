"""Recognises what other languages, programs and public documents write otherwise than this language.

In: the place where the grammar stopped. Out: one message with what to write, from a function for each habit, in the
order of `FOREIGN`. The tables of words and marks are in `habits.py`; `mistakes.py` asks these functions first.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from lark import Token

from ...diagnostics.diagnostic import Diagnostic, Text, text
from ...diagnostics.source import Span
from ..habits import COMMENTS, PAIRS, VERDICTS, meant_by
from ..han_numbers import in_digits
from ..keywords import BY_TERMINAL, Keyword
from .expectations import MARKS, error, unexpected
from .likeness import LIKENESS, nearest_word
from .mistake import Mistake
from .outline import STATEMENTS

#: Kinds of tokens that may begin a value.
_VALUES = frozenset(["NAME", "INT", "MONEY", "PERCENT", "DATE", "STRING", "LBRACE", "LPAR", "_NOT", "_TRUE", "_FALSE"])
_LITERALS = frozenset(["INT", "MONEY", "PERCENT", "DATE"])
#: Parts of statements, each with the help for a statement that has no such part.
_PARTS = {
    "_CITE": "PC001.no_cite_help",
    "_WHEN": "PC001.no_when_help",
    "_UNLESS": "PC001.no_when_help",
    "_FROM": "PC001.no_period_help",
    "_UNTIL": "PC001.no_period_help",
}
_WITHOUT_PARTS = frozenset(["_DEFINE", "_ASSERT", "_AXIOM", "_PARAMETER", "_EXPECT"])
#: Words for periods, each with its length in days.
_PERIODS = {
    **dict.fromkeys(("month", "months", "月", "个月"), 30),
    **dict.fromkeys(("year", "years", "年", "周年"), 365),
    **dict.fromkeys(("week", "weeks", "周", "星期", "个星期"), 7),
    **dict.fromkeys(("day", "日", "个自然日", "自然日"), 1),
    **dict.fromkeys(("hour", "hours", "小时", "workdays", "工作日", "个工作日", "学期"), 0),
}
#: Words after a number that only count.
_COUNTED = frozenset(["岁", "周岁", "人", "名", "个", "次", "项", "户", "位", "级", "倍", "岁以上", "人以上"])
#: Words and signs for the yuan.
_YUAN = frozenset(["yuan", "rmb", "块", "块钱", "圆", "人民币", "元整", "元人民币"])
_SIGNED_AMOUNT = re.compile(r"[￥¥$][ \t]*([0-9]+(?:\.[0-9]+)?)")
_RANGE = re.compile("([0-9]+)[到至~～]([0-9]+)")
#: What documents write after a date.
_AFTER_DATE = frozenset(["起", "止", "前", "后", "之前", "之后", "以前", "以后", "开始", "起施行", "起执行", "onwards"])
_MONTH = re.compile(r"([0-9]{4})[ \t]*年[ \t]*([0-9]{1,2})[ \t]*月份?(?![ \t]*[0-9])")
#: A text in other quotes that is shown whole.
_LONGEST_SHOWN = 30


# --- Marks ---


def _pair(mistake: Mistake) -> Diagnostic | None:
    """`「…」` around a text, `[…]` around a set."""
    pair = PAIRS.get(mistake.found)
    if mistake.kind or pair is None:
        return None
    closing, *instead = pair
    line = mistake.text[mistake.start :].split("\n", 1)[0]
    end = mistake.text.find(closing, mistake.start + 1, mistake.start + len(line))
    of_set = instead[0] == "{"
    inside = "…" if end < 0 else mistake.place(mistake.start + 1, end).text
    shown = inside if len(inside) <= _LONGEST_SHOWN else "…"
    if mistake.found in "《〈":
        instead = [f'"{mistake.found}', f'{closing}"']  # The marks of a title belong to its text.
    span = mistake.place(mistake.start, end + 1) if end >= 0 else mistake.span
    message = text("PC001.foreign_list" if of_set else "PC001.foreign_quotes", found=f"{mistake.found}…{closing}")
    return error(message, span, help=text("PC001.write_instead", instead=f"{instead[0]}{shown}{instead[1]}"))


def _comment(mistake: Mistake) -> Diagnostic | None:
    for mark in COMMENTS:
        # After a title the first `/` of `//` is one that may stand there.
        start = mistake.start - mistake.text.startswith(mark, mistake.start - 1) * mark.startswith("/")
        if mistake.text.startswith(mark, start) and (mistake.starts_line or mark.startswith("/")):
            span = mistake.place(start, start + len(mark))
            return error(text("PC001.foreign_comment", found=mark), span, help=text("PC001.foreign_comment_help"))
    return None


def _division(mistake: Mistake) -> Diagnostic | None:
    if mistake.found not in ("/", "÷") or "STAR" not in mistake.expected:
        return None
    divisor = re.match(r"[ \t]*([1-9][0-9]{0,4})(?![0-9.元%万亿])", mistake.text[mistake.start + 1 :])
    by, share = ("2", "50%") if divisor is None else (divisor[1], _share_of(int(divisor[1])))
    if share is None:
        return error(text("PC001.division"), mistake.span, help=text("PC001.division_inexact_help", divisor=by))
    help = text("PC001.division_help", quotient=f"/ {by}", product=f"* {share}")
    return error(text("PC001.division"), mistake.span, help=help)


def _share_of(divisor: int) -> str | None:
    """One part of so many as a percentage; `None` if four decimals do not hold it."""
    millionths, rest = divmod(1_000_000, divisor)
    return None if rest else f"{Decimal(millionths) / 10_000:f}%"


# --- Words ---


def _word(mistake: Mistake) -> Diagnostic | None:
    """`等于`, `并且`, `allow`: a word for a keyword that could stand here."""
    if mistake.kind != "NAME":
        return None
    meant = [terminal for terminal in meant_by(mistake.found) if terminal in mistake.expected]
    # A statement may follow almost anywhere, so another meaning of the word is more likely.
    begins = {keyword.terminal for keyword in mistake.keywords()}
    meant.sort(key=lambda terminal: terminal in BY_TERMINAL and terminal not in begins)
    return unexpected(mistake, _did_you_mean(mistake.found, meant[0])) if meant else None


def _word_before(mistake: Mistake) -> Diagnostic | None:
    """`如国 a > 1`, `若 a > 1`: where a value begins any word is read as a name, so the error shows one token late."""
    if mistake.previous != "NAME" or mistake.kind not in _VALUES or "INT" not in mistake.expected_before:
        return None
    written = mistake.before[-1]
    meant = [terminal for terminal in meant_by(written) if terminal in mistake.expected_before]
    if not meant:
        words = {spelling: keyword for keyword in _beginning(mistake) for spelling in keyword.spellings}
        near = nearest_word(written, words, LIKENESS)
        meant = [] if near is None else [words[near].terminal]
    if not meant:
        return None
    span = mistake.of_token(written)
    return error(text("PC001.unexpected", found=span.text), span, help=_did_you_mean(written, meant[0]))


def _beginning(mistake: Mistake) -> Iterable[Keyword]:
    """The keywords of expressions that could have stood in place of the last token."""
    terminals = sorted(mistake.expected_before & BY_TERMINAL.keys())
    return (BY_TERMINAL[terminal] for terminal in terminals if BY_TERMINAL[terminal].id not in STATEMENTS)


def _did_you_mean(written: str, terminal: str) -> Text:
    """Suggests a keyword in the language in which the author wrote."""
    keyword = BY_TERMINAL.get(terminal)
    if keyword is None:
        return text("PC001.did_you_mean", word=MARKS[terminal])
    return text("PC001.did_you_mean", word=(keyword.english if written.isascii() else keyword.chinese)[0])


def _implies_for_then(mistake: Mistake) -> Diagnostic | None:
    """`如果 a 则 b 否则 c`: what follows a condition is `那么`, and `则` joins two conditions."""
    if mistake.kind != "_ELSE" or "_THEN" not in mistake.expected:
        return None
    implies = [token for token in mistake.before if token.type == "_IMPLIES"]
    if not implies:
        return None
    span = mistake.of_token(implies[-1])
    return error(text("PC001.unexpected", found=span.text), span, help=_did_you_mean(implies[-1], "_THEN"))


def _part_of_expression(mistake: Mistake) -> Diagnostic | None:
    """`define x = … cite s.c`: a part that other statements have."""
    first = mistake.before[0] if mistake.before else None
    if first is None or mistake.kind not in _PARTS or first.type not in _WITHOUT_PARTS:
        return None
    if mistake.expected.isdisjoint(("_AND", "_IMPLIES", "COLON")) and first.type != "_PARAMETER":
        return None
    message = text("PC001.no_part", statement=mistake.of_token(first).text, part=mistake.shown)
    return error(message, mistake.span, help=text(_PARTS[mistake.kind]))


def _verdict(mistake: Mistake) -> Diagnostic | None:
    """`pay is permit`: a keyword in place of a verdict."""
    meant = VERDICTS.get(mistake.found.lower())
    if mistake.previous not in ("_IS", "_IS_NOT") or mistake.kind not in BY_TERMINAL or meant is None:
        return None
    message = text("PC001.no_verdict", found=mistake.shown)
    return error(message, mistake.span, help=text("PC001.did_you_mean", word=meant))


def _function(mistake: Mistake) -> Diagnostic | None:
    """`round(amount)`: a function that the language does not have."""
    if mistake.kind != "LPAR" or mistake.previous != "NAME" or "_AND" not in mistake.expected:
        return None
    name = mistake.of_token(mistake.before[-1])
    return error(text("PC001.function", name=name.text), name, help=text("PC001.function_help"))


# --- Numbers, periods and days ---


def _han_number(mistake: Mistake) -> Diagnostic | None:
    """`十二 天`, `int 零..九`: a number in Han numerals where only digits may stand."""
    if mistake.kind == "NAME" and mistake.expected & _LITERALS:
        return _of_numeral(mistake.found, mistake.span)
    if mistake.previous == "NAME" and mistake.expected_before & _LITERALS:
        return _of_numeral(mistake.before[-1], mistake.of_token(mistake.before[-1]))
    return None


def _of_numeral(word: str, span: Span) -> Diagnostic | None:
    digits = in_digits(word)
    if digits is None:
        return None
    return error(text("PC001.han_number", found=span.text), span, help=text("PC101.digits-help", digits=digits))


def _period(mistake: Mistake) -> Diagnostic | None:
    """`date + 3 months`: a period in another unit than days."""
    if mistake.kind != "NAME" or mistake.previous != "INT" or mistake.found.lower() not in _PERIODS:
        return None
    return _of_period(mistake, mistake.before[-1])


def _of_period(mistake: Mistake, number: Token) -> Diagnostic:
    days = int(str(number)[:9]) * _PERIODS[mistake.found.lower()]
    span = mistake.place(number.start_pos or 0, mistake.start + len(mistake.found))
    help = text("PC001.periods_help", days=days) if days else text("PC001.periods_plain_help")
    return error(text("PC001.periods", found=span.text), span, help=help)


def _days_of_value(mistake: Mistake) -> Diagnostic | None:
    """`paid + wait days`: a number of days that is a fact or a parameter."""
    if mistake.kind != "_DAYS" or mistake.previous not in ("NAME", "RPAR"):
        return None
    message = text("PC001.days_number", word=mistake.shown)
    return error(message, mistake.span, help=text("PC001.days_number_help"))


def _after_date(mistake: Mistake) -> Diagnostic | None:
    if mistake.previous != "DATE" or mistake.found not in _AFTER_DATE:
        return None
    return unexpected(mistake, text("PC001.after_date_help"))


def of_unit(mistake: Mistake, number: Token) -> Diagnostic:
    """A number with a unit that the language does not have: `1万5千元`, `2024年9月`, `3个月`."""
    begin = number.start_pos or 0
    span = mistake.place(begin, mistake.start + len(mistake.found))
    month = _MONTH.match(mistake.text, begin)
    if month is not None and 1 <= int(month[2]) <= 12 and int(month[1]):
        last = calendar.monthrange(int(month[1]), int(month[2]))[1]
        first, final = (date(int(month[1]), int(month[2]), day).isoformat() for day in (1, last))
        help = text("PC001.no_day_help", first=first, last=final)
        return error(text("PC001.no_day", found=month.group()), mistake.place(*month.span()), help=help)
    if mistake.found == "年" and len(number) == len("2024"):
        help = text("PC001.no_day_help", first=f"{number}-01-01", last=f"{number}-12-31")
        return error(text("PC001.no_day", found=span.text), span, help=help)
    if mistake.found in _PERIODS:
        return _of_period(mistake, number)
    bounds = _RANGE.fullmatch(span.text)
    if bounds is not None:
        help = text("PC001.write_instead", instead=f"{bounds[1]}..{bounds[2]}")
        return error(text("PC001.range", found=span.text), span, help=help)
    if mistake.found in _COUNTED:
        return error(text("PC001.unit", found=span.text), span, help=text("PC001.write_instead", instead=str(number)))
    if mistake.found.lower() in _YUAN:
        return _in_yuan(span, str(number))
    digits = in_digits(span.text)
    if digits is not None and not digits.isdecimal():
        return error(text("PC001.unit", found=span.text), span, help=text("PC101.digits-help", digits=digits))
    return error(text("PC001.unit", found=span.text), span, help=text("PC001.unit_help", number=str(number)))


def _yuan(mistake: Mistake) -> Diagnostic | None:
    """`￥100`, `100 yuan`: an amount with another sign of the currency."""
    amount = _SIGNED_AMOUNT.match(mistake.text, mistake.start)
    if not mistake.kind and amount is not None:
        return _in_yuan(mistake.place(*amount.span()), amount[1])
    if mistake.previous == "INT" and mistake.found.lower() in _YUAN:
        number = mistake.before[-1]
        return _in_yuan(mistake.of_token(number).to(mistake.span), str(number))
    return None


def _in_yuan(span: Span, number: str) -> Diagnostic:
    return error(text("PC001.unit", found=span.text), span, help=text("PC001.write_instead", instead=f"{number}元"))


def _is_for_equal(mistake: Mistake) -> Diagnostic | None:
    """`given relation is spouse`, `define x is 3`: where a value is given, not compared."""
    if mistake.kind != "_IS" or "EQUAL" not in mistake.expected:
        return None
    return unexpected(mistake, text("PC001.write_instead", instead="="))


FOREIGN: tuple[Callable[[Mistake], Diagnostic | None], ...] = (
    _pair,
    _comment,
    _implies_for_then,
    _is_for_equal,
    _yuan,
    _verdict,
    _part_of_expression,
    _han_number,
    _days_of_value,
    _after_date,
    _period,
    _word,
    _word_before,
    _function,
    _division,
)
