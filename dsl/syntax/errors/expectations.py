"""What was expected at a place, in words: few, and the most likely first.

In: the terminals that the grammar accepts at a place. Out: words for them, and the message about what stands there
instead. Large groups have one name: a value, an operator, a modifier, a statement.
"""

from __future__ import annotations

from ...diagnostics.diagnostic import Diagnostic, Text, report, text
from ...diagnostics.source import Span
from ..keywords import BY_TERMINAL, TERMINALS
from .mistake import Mistake
from .outline import STATEMENTS

_VALUES = {"MONEY", "PERCENT", "DATE", "STRING", "NAME", "LBRACE", "LPAR", "_TRUE", "_FALSE", "_MIN", "_MAX"}
_MODIFIERS = {"_UNLESS", "_FROM", "_UNTIL", "_CITE", "_EXCEPTION_TO"}
_COMPARISONS = {
    "LESSTHAN",
    "MORETHAN",
    "_AT_MOST",
    "_AT_LEAST",
    "_UNEQUAL",
    "_IS",
    "_IS_NOT",
    "_IN",
    "_NOT_IN",
}
_STATEMENTS = {keyword.terminal for keyword in TERMINALS if keyword.id in STATEMENTS}
#: Groups of terminals with one name, in the order of the message: a group is named if its first terminal is
#: accepted, and then its other terminals are not listed.
_GROUPS: tuple[tuple[str, str, set[str]], ...] = (
    ("INT", "PC001.value", _VALUES | {"_NOT", "_IF", "_ANY"}),
    ("_AND", "PC001.operator", _COMPARISONS | {"_OR", "_IMPLIES", "PLUS", "MINUS", "STAR"}),
    ("_WHEN", "PC001.modifier", _MODIFIERS),
    ("_PERMIT", "PC001.policy_statement", _STATEMENTS | {"_DEFAULT", "NAME"}),
    ("_POLICY", "PC001.statement", _STATEMENTS),
)
#: The groups that begin a statement.
_FIRST_WORDS = frozenset(["_PERMIT", "_POLICY"])
_KINDS = {
    "NAME": "PC001.name",
    "STRING": "PC001.text",
    "INT": "PC001.number",
    "DATE": "PC001.date",
    "MONEY": "PC001.amount",
    "PERCENT": "PC001.percent",
}
#: Terminals that are marks, as they are written.
MARKS = {
    "COLON": ":",
    "EQUAL": "=",
    "LBRACE": "{",
    "RBRACE": "}",
    "LPAR": "(",
    "RPAR": ")",
    "VBAR": "|",
    "COMMA": ",",
    "DOT": ".",
    "LESSTHAN": "<",
    "MORETHAN": ">",
    "_AT_MOST": "<=",
    "_AT_LEAST": ">=",
    "_TO": "..",
    "_ARROW": "=>",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "AT": "@",
    "_SLASH": "/",
}
#: Terminals that are accepted almost everywhere and are never what was forgotten.
_OMITTED = frozenset(["$END", "SEMICOLON", "AT", "DOT", "_UNEQUAL", "_SLASH"])
_MOST = 4


def word_text(terminal: str) -> Text:
    """A terminal in the words of the reader: a keyword in the spelling of their language, or a mark."""
    keyword = BY_TERMINAL.get(terminal)
    if keyword is not None:
        return text("PC001.keyword", en=keyword.english[0], zh=keyword.chinese[0])
    return text("PC001.mark", mark=MARKS.get(terminal, terminal))


def expectations(terminals: frozenset[str], within: bool) -> tuple[Text, ...]:
    """Words for a set of terminals; `within` a statement, the start of another one is left out."""
    left = set(terminals) - _OMITTED
    # "A value" only if other values are accepted too: a number alone is "a number".
    words: list[Text] = []
    for head, key, others in _GROUPS:
        if head not in left or (head == "INT" and "NAME" not in left):
            continue
        left -= others | {head}
        if not (within and head in _FIRST_WORDS):
            words.append(text(key))
    words += [word_text(terminal) for terminal in MARKS if terminal in left]
    words += [text(key) for terminal, key in _KINDS.items() if terminal in left]
    for terminal in sorted(left & BY_TERMINAL.keys()):
        words.append(word_text(terminal))
    return tuple(words[:_MOST])


def error(message: Text, span: Span, *, label: Text | None = None, help: Text | None = None) -> Diagnostic:
    return report("PC001", message, span, label=label, help=help)


def unexpected(mistake: Mistake, help: Text | None) -> Diagnostic:
    """What was found, and what was expected."""
    expected = expectations(mistake.expected, bool(mistake.before))
    label = text("PC001.expected", expected=expected) if expected else None
    return error(text("PC001.unexpected", found=mistake.shown), mistake.span, label=label, help=help)
