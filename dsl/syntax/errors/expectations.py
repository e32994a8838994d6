"""What could have stood at a place, in words: few, and the most likely first.

In goes the set of terminals that the grammar accepts at a place; out come words for it. A set too large to
name is named by what it amounts to: a value, an operator, a modifier, a statement.
"""

from __future__ import annotations

from ...diagnostics.diagnostic import Text, text
from ..keywords import BY_TERMINAL, TERMINALS
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
#: Groups of terminals that go by one name, in the order in which they are told: one is named when the terminal
#: that stands for it is accepted, and its other terminals are then not named by themselves.
_GROUPS: tuple[tuple[str, str, set[str]], ...] = (
    ("INT", "PC001.value", _VALUES | {"_NOT", "_IF", "_ANY"}),
    ("_AND", "PC001.operator", _COMPARISONS | {"_OR", "_IMPLIES", "PLUS", "MINUS", "STAR"}),
    ("_WHEN", "PC001.modifier", _MODIFIERS),
    ("_PERMIT", "PC001.policy_statement", _STATEMENTS | {"_DEFAULT", "NAME"}),
    ("_POLICY", "PC001.statement", _STATEMENTS),
)
_KINDS = {
    "NAME": "PC001.name",
    "STRING": "PC001.text",
    "INT": "PC001.number",
    "DATE": "PC001.date",
    "MONEY": "PC001.amount",
    "PERCENT": "PC001.percent",
}
_MARKS = {
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
}
#: Marks that are always possible somewhere and never what was forgotten.
_UNTOLD = frozenset(["$END", "SEMICOLON", "AT", "DOT", "_UNEQUAL"])
_MOST = 4


def word_text(terminal: str) -> Text:
    """A terminal in the words of the reader: a keyword in the spelling of their language, or a mark."""
    keyword = BY_TERMINAL.get(terminal)
    if keyword is not None:
        return text("PC001.keyword", en=keyword.english[0], zh=keyword.chinese[0])
    return text("PC001.mark", mark=_MARKS.get(terminal, terminal))


def expectations(terminals: frozenset[str], within: bool) -> tuple[Text, ...]:
    """Words for a set of terminals; `within` a statement the beginning of another one is not told."""
    left = set(terminals) - _UNTOLD
    # A value is told by itself only where other values are possible too: a number alone is a number.
    told: list[Text] = []
    for head, key, others in _GROUPS:
        if head not in left or (head == "INT" and "NAME" not in left):
            continue
        left -= others | {head}
        if not (within and key.endswith("statement")):
            told.append(text(key))
    told += [word_text(terminal) for terminal in _MARKS if terminal in left]
    told += [text(key) for terminal, key in _KINDS.items() if terminal in left]
    for terminal in sorted(left & BY_TERMINAL.keys()):
        told.append(word_text(terminal))
    return tuple(told[:_MOST])
