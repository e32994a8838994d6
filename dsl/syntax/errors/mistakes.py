"""Explains syntax errors.

In: the place where the grammar stopped, with what it had read and what it expected. Out: one message in the words of
a policy author. A function for each common mistake recognises it, in the order of `_RECOGNISED`; any other message
says what was found and what was expected. `recovery.py` finds the places and reads on.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lark import Token

from ...diagnostics.characters import INVISIBLE, SELECTOR
from ...diagnostics.diagnostic import Diagnostic, Label, Text, report, text
from ...diagnostics.source import Span
from ..confusables import invisible
from ..keywords import BY_TERMINAL
from ..literals import date_help, days_meant
from .cells import CELLS
from .expectations import error as _error, expectations, unexpected as _unexpected, word_text
from .foreign import FOREIGN, of_unit
from .likeness import LIKENESS, nearest_word
from .mistake import END, Mistake
from .outline import ITEMS, STATEMENTS

_COMPARATORS = frozenset(
    ["LESSTHAN", "MORETHAN", "_AT_MOST", "_AT_LEAST", "_UNEQUAL", "_IS", "_IS_NOT", "_IN", "_NOT_IN"]
)
#: Operators of programming languages and of mathematics, each with the terminal of that meaning.
_FOREIGN = {
    "===": "_IS",
    "!==": "_IS_NOT",
    "==": "_IS",
    "！=": "_IS_NOT",
    "~=": "_IS_NOT",
    "=!": "_IS_NOT",
    "＆＆": "_AND",
    "＆": "_AND",
    "！": "_NOT",
    "∧": "_AND",
    "∨": "_OR",
    "¬": "_NOT",
    "∈": "_IN",
    "∉": "_NOT_IN",
    "≦": "_AT_MOST",
    "≧": "_AT_LEAST",
    "×": "STAR",
    "✕": "STAR",
    "−": "MINUS",
    "->": "_ARROW",
    "→": "_ARROW",
    "⇒": "_ARROW",
    ":=": "EQUAL",
    "…": "_TO",
    "~": "_TO",
    "-": "_TO",
    "–": "_TO",
    "—": "_TO",
    "～": "_TO",
    "!=": "_IS_NOT",
    "<>": "_IS_NOT",
    "&&": "_AND",
    "||": "_OR",
    "=<": "_AT_MOST",
    "=>": "_AT_LEAST",
    "&": "_AND",
    "|": "_OR",
    "!": "_NOT",
    "=": "_IS",
}
_CLOSING = {"LPAR": ("RPAR", ")"), "LBRACE": ("RBRACE", "}")}
_OPERATORS_AFTER_NAMES = ("_IS_NOT", "_NOT_IN", "_IS", "_IN", "_AND", "_OR", "_IMPLIES", "_THEN", "_ELSE")
#: Where statements belong, in the order in which a message suggests them.
_PLACES = {
    "file": "PC001.misplaced_file",
    "policy": "PC001.misplaced_policy",
    "record": "PC001.misplaced_record",
    "source": "PC001.misplaced_source",
    "test": "PC001.misplaced_test",
}
#: Dates in other notations.
_OTHER_DATE = re.compile(
    r"(?:[0-9]{4}[./][0-9]{1,2}[./][0-9]{1,2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}|[0-9]{8})(?![0-9])"
)
#: A number with a sign, and its unit.
_SIGNED = re.compile(r"-[ \t]*([0-9]+(?:\.[0-9]+)?)(?:[ \t]*([万亿]?元|CNY|%))?")


def explain(mistake: Mistake) -> Diagnostic:
    """The one message about a mistake."""
    for recognise in _RECOGNISED:
        diagnostic = recognise(mistake)
        if diagnostic is not None:
            return diagnostic
    return _unexpected(mistake, None)


# --- Quotes, characters ---


def _open_text(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind or mistake.found not in ('"', "“"):
        return None
    line = mistake.text[mistake.start :].split("\n", 1)[0].rstrip()
    span = mistake.place(mistake.start, mistake.start + len(line))
    return _error(text("PC001.open_text"), span, help=text("PC001.open_text_help", quote=_closing(mistake.found)))


def _closing(quote: str) -> str:
    return "”" if quote == "“" else quote


def _unopened_text(mistake: Mistake) -> Diagnostic | None:
    if "STRING" not in mistake.expected or mistake.kind in ("STRING", END, ""):
        return None
    line = mistake.text[mistake.start :].split("\n", 1)[0]
    match = re.match(r'[^"“”]*(["”])', line)
    if match is None or len(re.findall('["“”]', line)) % 2 == 0:
        return None
    span = mistake.place(mistake.start, mistake.start + match.end())
    return _error(text("PC001.unopened_text"), span, help=text("PC001.unopened_text_help"))


def _unseen(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind or not (INVISIBLE.match(mistake.found) or SELECTOR.match(mistake.found)):
        return None
    return invisible(mistake.span, breaks=True)


# --- Operators ---


def _foreign_operator(mistake: Mistake) -> Diagnostic | None:
    """An operator of a programming language that starts at the token found or at the one before it."""
    if mistake.kind == END:
        return None
    begins = [mistake.start]
    if mistake.touches_previous and mistake.previous in ("EQUAL", "LESSTHAN", "MORETHAN", "COLON"):
        begins.insert(0, mistake.start - 1)
    for begin in begins:
        for width in (3, 2, 1):
            written = mistake.text[begin : begin + width]
            terminal = _FOREIGN.get(written, "")
            span = mistake.place(begin, begin + len(written))
            if len(written) == width and terminal in mistake.expected and begin == mistake.start:
                return _instead(written, span, word_text(terminal))
            if width > 1 and begin < mistake.start and terminal:
                instead = text("PC001.mark", mark="=") if written == "==" else word_text(terminal)
                return _instead(written, span, instead)
    return None


def _instead(written: str, span: Span, instead: Text) -> Diagnostic:
    return _error(
        text("PC001.foreign_operator", found=written),
        span,
        help=text("PC001.foreign_operator_help", instead=instead),
    )


def _chained_comparison(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind not in _COMPARATORS or "_AND" not in mistake.expected:
        return None
    return _error(text("PC001.chained"), mistake.span, help=text("PC001.chained_help"))


# --- Words ---


def _glued_keyword(mistake: Mistake) -> Diagnostic | None:
    """`且非退休`: Chinese words run together where the language needs a blank."""
    if mistake.kind != "NAME":
        return None
    words = [s for keyword in mistake.keywords() for s in keyword.chinese]
    glued = [s for s in words if mistake.found.startswith(s) and mistake.found != s]
    if glued:
        word = max(glued, key=len)
        rest = mistake.found[len(word) :]
        return _glued(mistake, mistake.span, f"{word} {rest}")
    if mistake.previous == "NAME":
        before = mistake.before[-1]
        for terminal in _OPERATORS_AFTER_NAMES:
            for word in BY_TERMINAL[terminal].chinese:
                if before.endswith(word) and before != word:
                    return _glued(mistake, mistake.of_token(before), f"{before[: -len(word)]} {word}")
    return None


def _glued(mistake: Mistake, span: Span, separated: str) -> Diagnostic:
    return _error(text("PC001.glued", found=span.text), span, help=text("PC001.glued_help", apart=separated))


def _misspelled_keyword(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind in BY_TERMINAL:
        return _other_keyword(mistake)
    if mistake.kind != "NAME":
        return None
    words = {s: keyword for keyword in mistake.keywords() for s in keyword.spellings}
    near = nearest_word(mistake.found, words, LIKENESS)
    return None if near is None else _unexpected(mistake, text("PC001.did_you_mean", word=near))


def _other_keyword(mistake: Mistake) -> Diagnostic | None:
    """One keyword in place of another: the first word of a two-word keyword, or `if` instead of `when`."""
    if mistake.kind == "_IF" and "_WHEN" in mistake.expected:
        return _unexpected(mistake, text("PC001.did_you_mean_keyword", keyword=word_text("_WHEN")))
    for keyword in mistake.keywords():
        if keyword.english[0].startswith(f"{mistake.found} "):
            return _unexpected(mistake, text("PC001.did_you_mean_keyword", keyword=word_text(keyword.terminal)))
    return None


def _list_without_braces(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind != "COMMA" or "_AND" not in mistake.expected:
        return None
    return _unexpected(mistake, text("PC001.list_help"))


def _misplaced_statement(mistake: Mistake) -> Diagnostic | None:
    """A statement where statements may stand, but not this one."""
    keyword = BY_TERMINAL.get(mistake.kind)
    if mistake.before or keyword is None or keyword.id not in STATEMENTS:
        return None
    return misplaced(mistake.span, mistake.shown, keyword.id)


def misplaced(span: Span, word: str, kind: str) -> Diagnostic:
    """A statement or block, shown by its first word, where its kind may not stand."""
    help = next(help for place, help in _PLACES.items() if kind in ITEMS[place])
    return _error(text("PC001.misplaced", word=word), span, help=text(help, word=word))


def _reserved_name(mistake: Mistake) -> Diagnostic | None:
    keyword = BY_TERMINAL.get(mistake.kind)
    if keyword is None or "NAME" not in mistake.expected or not mistake.before:
        return None
    if "_PERMIT" in mistake.expected:
        return None  # The name would begin the block of a side, which was hardly meant.
    begins_statement = keyword.id in STATEMENTS and mistake.starts_line
    value_expected = "INT" in mistake.expected
    if begins_statement or (value_expected and keyword.id not in STATEMENTS):
        return None
    message = text("PC001.reserved", word=mistake.shown)
    return _error(message, mistake.span, help=text("PC001.reserved_help"))


# --- Punctuation and brackets ---


def _unclosed_bracket(mistake: Mistake) -> Diagnostic | None:
    opening: list[Token] = []
    for token in mistake.before:
        if token.type in _CLOSING:
            opening.append(token)
        elif token.type in ("RPAR", "RBRACE") and opening:
            opening.pop()
    if not opening:
        return None
    terminal, mark = _CLOSING[opening[-1].type]
    ends = mistake.kind in (END, "LBRACE", "RBRACE", "VBAR") or mistake.kind in BY_TERMINAL
    if terminal not in mistake.expected or not ends:
        return None
    label = Label(mistake.of_token(opening[-1]), text("PC001.opened_here"))
    place = mistake.of_token(mistake.before[-1]) if mistake.kind == END else mistake.span
    return report("PC001", text("PC001.unclosed_bracket", mark=mark), place, secondary=(label,))


def _missing_colon(mistake: Mistake) -> Diagnostic | None:
    wanted = mistake.expected - {"STRING"}
    if wanted != {"COLON"} or mistake.kind in (END, "", "EQUAL"):
        return None
    read = mistake.place(mistake.of_token(mistake.before[0]).start, mistake.of_token(mistake.before[-1]).end)
    help = text("PC001.no_colon_help", read=read.text)
    return _error(text("PC001.no_colon", found=mistake.shown), mistake.span, help=help)


def _point_in_number(mistake: Mistake) -> Diagnostic | None:
    if mistake.previous != "INT" or not mistake.touches_previous:
        return None
    number = mistake.before[-1]
    begin = number.start_pos or 0
    date = _OTHER_DATE.match(mistake.text, begin)
    if date:
        return _of_date(mistake, date)
    thousands = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])").match(mistake.text, begin)
    if thousands:
        span = mistake.place(begin, thousands.end())
        help = text("PC001.thousands_help", number=thousands.group().replace(",", ""))
        return _error(text("PC001.thousands", found=span.text), span, help=help)
    decimal = re.compile(r"[0-9]+\.[0-9]+").match(mistake.text, begin)
    if decimal:
        message = text("PC001.decimal", found=decimal.group())
        help = text("PC001.decimal_help", found=decimal.group(), share=_share(decimal.group()))
        return _error(message, mistake.place(begin, decimal.end()), help=help)
    if mistake.kind == "NAME":
        return of_unit(mistake, number)
    return None


def _share(decimal: str) -> str:
    """The percentage that a number with a point probably means: 50% by 0.5, 2.5% by 2.5."""
    whole, point, decimals = decimal.partition(".")
    if int(whole) > 0:
        return f"{decimal}%"
    digits = decimals.ljust(2, "0")
    rest = digits[2:].rstrip("0")
    return f"{int(digits[:2])}{point + rest if rest else ''}%"


def _other_date(mistake: Mistake) -> Diagnostic | None:
    """A date in another notation, where only a date may stand."""
    date = _OTHER_DATE.match(mistake.text, mistake.start)
    if mistake.kind != "INT" or "DATE" not in mistake.expected or date is None:
        return None
    return _of_date(mistake, date)


def _of_date(mistake: Mistake, date: re.Match[str]) -> Diagnostic:
    help = date_help(days_meant(date.group()))
    return _error(text("PC001.date_form", found=date.group()), mistake.place(*date.span()), help=help)


def _negative(mistake: Mistake) -> Diagnostic | None:
    """A number below 0: there are no negative literals, `-` only stands between two values."""
    if mistake.kind != "MINUS" or "INT" not in mistake.expected:
        return None
    number = _SIGNED.match(mistake.text, mistake.start)
    if number is None:
        return None
    span = mistake.place(*number.span())
    if not mistake.before or "LPAR" not in mistake.expected:
        return _error(text("PC001.negative", found=span.text), span, help=text("PC001.negative_bound_help"))
    digits, unit = number.groups(default="")
    help = text("PC001.negative_help", instead=f"(0{unit} - {digits}{unit})")
    return _error(text("PC001.negative", found=span.text), span, help=help)


def _full_stop(mistake: Mistake) -> Diagnostic | None:
    """A full stop after a statement; if a name follows on the next line, the error shows only there."""
    if mistake.previous == "DOT" and (mistake.kind == END or mistake.starts_line):
        span = mistake.of_token(mistake.before[-1])
    elif mistake.kind == "DOT" and not mistake.text[mistake.start + 1 :].split("\n", 1)[0].strip():
        span = mistake.span
    else:
        return None
    return _error(text("PC001.full_stop", found=span.text), span, help=text("PC001.full_stop_help"))


def _empty_cell(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind != "VBAR" or not mistake.before or "INT" not in mistake.expected:
        return None
    if mistake.previous not in ("VBAR", "_ARROW"):
        return None
    help = text("PC001.empty_cell_help") if "_ANY" in mistake.expected else None
    return _error(text("PC001.empty_cell"), mistake.span, help=help)


def _ends_early(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind != END:
        return None
    last = mistake.of_token(mistake.before[-1]) if mistake.before else mistake.place(mistake.start, mistake.start)
    expected = expectations(mistake.expected, bool(mistake.before))
    return _error(text("PC001.ends_early", last=last.text), last, label=text("PC001.expected_next", expected=expected))


_RECOGNISED: tuple[Callable[[Mistake], Diagnostic | None], ...] = (
    _unseen,
    _open_text,
    _unopened_text,
    _full_stop,
    *CELLS,
    _point_in_number,
    _other_date,
    *FOREIGN,
    _negative,
    _foreign_operator,
    _chained_comparison,
    _unclosed_bracket,
    _empty_cell,
    _ends_early,
    _glued_keyword,
    _misspelled_keyword,
    _list_without_braces,
    _misplaced_statement,
    _reserved_name,
    _missing_colon,
)
