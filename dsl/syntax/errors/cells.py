"""Explains cells of tables, and ranges, as other tools and public documents write them.

In: the text of a cell, or the place where the grammar stopped in one. Out: what to write here: another cell, a row for
each of several, a column of its own. Words are consulted only where a cell is not understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from ...diagnostics.diagnostic import Diagnostic, Text, quoted, text
from ..literals import read_integer, read_money, yuan
from .expectations import error
from .mistake import END, Mistake

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LITERAL = rf"(?:{_DATE}|[0-9]+(?:\.[0-9]+)?[ \t]*(?:[万亿]?元|CNY|%)?)"
#: What stands before or after the least and the greatest value of a range, and whether it leaves that value out.
_BEFORE = {
    ">=": (">", False),
    "≥": (">", False),
    ">": (">", True),
    "<=": ("<", False),
    "≤": ("<", False),
    "<": ("<", True),
    **dict.fromkeys(["满", "不低于", "不少于", "不小于", "不早于", "至少", "从", "自"], (">", False)),
    **dict.fromkeys(["超过", "大于", "高于", "多于", "晚于"], (">", True)),
    **dict.fromkeys(["不超过", "不高于", "不大于", "不多于", "不晚于", "至多"], ("<", False)),
    **dict.fromkeys(["不满", "未满", "不足", "低于", "小于", "少于", "早于"], ("<", True)),
}
_AFTER = {
    **dict.fromkeys(["以上", "及以上", "（含）以上", "(含)以上", "起"], (">", False)),
    **dict.fromkeys(["以下", "及以下", "（含）以下", "(含)以下", "以内", "之内", "止"], ("<", False)),
}


def _one_of(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_HALF = rf"({_one_of([*_BEFORE])})?[ \t]*({_LITERAL})(?:周?岁|人|天)?[ \t]*({_one_of([*_AFTER])})?"
_TO = r"[ \t]*(\.\.|但|且|并且|而且|and|&&|[至到~～\-–—,，])?[ \t]*"
_ONE_END = re.compile(_HALF)
_TWO_ENDS = re.compile(rf"([\[(]?)[ \t]*{_HALF}{_TO}{_HALF}[ \t]*([\])]?)")
_OPEN_END = re.compile(rf"({_LITERAL})?[ \t]*\.\.[ \t]*({_LITERAL})?")
_HALF_OPEN = re.compile(
    rf"(?P<open>[(\[]?)[ \t]*({_LITERAL})[ \t]*(<)?[ \t]*\.\.[ \t]*(<)?[ \t]*({_LITERAL})[ \t]*(?P<close>[)\]]?)"
)
_EXCEPT = re.compile(r"(?:not\b|!=|<>|≠|非|不为|不是|除)[ \t]*(.+)")
_NAMED_ENDS = re.compile(r"([\w.]*?\w)[ \t]*\.\.[ \t]*(\w[\w.]*)")
_ALTERNATIVES = re.compile(r"[ \t]*(?:[,，、]|\bor\b|\|\||或者?)[ \t]*")
_NAMES = re.compile(r"\w+(?:\.\w+)*")
#: Longer cells are no habit of anybody.
_LONGEST = 100
#: The marks between thousands.
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?:,[0-9]{3})*(?![0-9]))")
#: Other ways to write that every value fits, and that a row takes what no other takes.
_ANY = frozenset(["-", "--", "—", "——", "–", "*", "_", "/", "n/a", "无要求", "不论", "均可"])
_REST = frozenset(
    [
        "otherwise",
        "else",
        "default",
        "rest",
        "remaining",
        "其余",
        "其他",
        "其它",
        "其余情形",
        "其他情形",
        "其他情况",
        "其余情况",
        "否则",
        "默认",
    ]
)


def cell_help(cell: str) -> Text | None:
    """What to write in place of a cell that is not understood."""
    cell = cell.strip()
    if len(cell) > _LONGEST:
        return None
    cell = _THOUSANDS.sub("", cell)
    if cell.lower() in _ANY:
        return text("PC001.empty_cell_help")
    if cell.lower() in _REST:
        return text("PC001.cell_rest_help")
    if (range_ := _range(cell)) is not None:
        return text("PC001.write_instead", instead=range_)
    if (other := _EXCEPT.fullmatch(cell)) is not None:
        return _all_but(other[1].strip())
    if (ends := _NAMED_ENDS.fullmatch(cell)) is not None:
        return text("PC001.cell_ends_help", low=ends[1], high=ends[2])
    return _several(_ALTERNATIVES.split(cell))


def _range(cell: str) -> str | None:
    """A range or comparison as written here."""
    if (one := _ONE_END.fullmatch(cell)) is not None:
        side, strict = _side(one[1], one[3])
        return None if side is None else f"{side}{'' if strict else '='} {one[2].strip()}"
    if (two := _TWO_ENDS.fullmatch(cell)) is not None:
        opened, before, least, after, to, before_last, greatest, after_last, closed = two.groups()
        (low, above), (high, below) = _side(before, after), _side(before_last, after_last)
        listed = to in (None, ",", "，") and not opened and None in (low, high)
        if listed or low == "<" or high == ">":
            return None
        first = _moved(least, above or opened == "(")
        last = _moved(greatest, -(below or closed == ")"))
        return None if first is None or last is None else f"{first}..{last}"
    if (ends := _OPEN_END.fullmatch(cell)) is not None and (ends[1] is None) != (ends[2] is None):
        return f">= {ends[1].strip()}" if ends[1] else f"<= {ends[2].strip()}"
    return None


def _side(before: str | None, after: str | None) -> tuple[str | None, bool]:
    """Whether a value is the least (`>`) or the greatest (`<`) of a range, and left out itself."""
    return _BEFORE.get(before or "") or _AFTER.get(after or "") or (None, False)


def _all_but(value: str) -> Text | None:
    if re.fullmatch(_LITERAL, value):
        return text("PC001.cell_rows_help", cells=quoted([f"< {value}", f"> {value}"]))
    return text("PC001.cell_members_help") if _NAMES.fullmatch(value) else None


def _several(parts: Sequence[str]) -> Text | None:
    """Several ranges or comparisons in one cell; several names or values joined by `or`."""
    if len(parts) < 2 or not all(parts):
        return None
    if all(_NAMES.fullmatch(part) or re.fullmatch(_LITERAL, part) for part in parts):
        return text("PC001.write_instead", instead=", ".join(parts))
    cells = [part if re.fullmatch(_LITERAL, part) else _range(part) for part in parts]
    known = [cell for cell in cells if cell is not None]
    return text("PC001.cell_rows_help", cells=quoted(known)) if len(known) == len(cells) else None


# --- Where the grammar stopped -----------------------------------------------------------------------------


def in_cell(mistake: Mistake) -> Diagnostic | None:
    """A cell before the `=>` of a row that other tools or documents write so."""
    start, line = _line(mistake)
    if mistake.kind == END or not line.lstrip(" \t").startswith("|"):
        return None
    bars = [start + found.start() for found in re.finditer(r"(?<!\|)\|(?!\|)", line)]
    for before, after in pairwise(bars):
        cell = mistake.text[before + 1 : after]
        if not before < mistake.start <= after or not cell.strip() or cell.lstrip(" \t").startswith("=>"):
            continue
        help = cell_help(cell)
        begin = before + 1 + len(cell) - len(cell.lstrip(" \t"))
        span = mistake.place(begin, begin + len(cell.strip(" \t")))
        return None if help is None else error(text("PC001.cell", found=span.text), span, help=help)
    return None


def half_open(mistake: Mistake) -> Diagnostic | None:
    """`1300元<..30000元`, `[0..60)`: a range without one of its ends."""
    start, line = _line(mistake)
    cell = line.rfind("|", 0, mistake.start - start) + 1
    begin = start + cell + len(line[cell:]) - len(line[cell:].lstrip(" \t"))
    match = _HALF_OPEN.match(mistake.text, begin)
    if match is None or not match.start() <= mistake.start < match.end():
        return None
    above = bool(match[3]) or match["open"] == "("
    below = bool(match[4]) or match["close"] == ")"
    ends = [_moved(match[2], above), _moved(match[5], -below)]
    if None in ends:
        return None
    span = mistake.place(match.start(), match.start() + len(match.group().rstrip()))
    help = text("PC001.write_instead", instead=f"{ends[0]}..{ends[1]}")
    return error(text("PC001.half_open", found=span.text), span, help=help)


def _line(mistake: Mistake) -> tuple[int, str]:
    """The line on which the grammar stopped, and where it begins."""
    start = mistake.text.rfind("\n", 0, mistake.start) + 1
    end = mistake.text.find("\n", mistake.start)
    return start, mistake.text[start : None if end < 0 else end]


def _moved(literal: str, steps: int) -> str | None:
    """A literal, or the next one above or below it; `None` if it has no next one."""
    literal = re.sub("[ \t]", "", literal)
    if steps == 0:
        return literal
    if literal.endswith("元"):
        fen, problem = read_money(literal)
        return None if problem else yuan(fen + steps)
    if literal.isdecimal():
        number, problem = read_integer(literal)
        return None if problem else str(number + steps)
    try:
        return (date.fromisoformat(literal) + timedelta(days=steps)).isoformat()
    except (ValueError, OverflowError):
        return None


CELLS: tuple[Callable[[Mistake], Diagnostic | None], ...] = (half_open, in_cell)
