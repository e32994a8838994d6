"""Small changes of a text: those that authors, editors and copying cause, and worse.

In: a text and others to take parts from. Out: a changed text, whatever it means.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from policyc.dsl.syntax.keywords import KEYWORDS
from policyc.dsl.syntax.scan import normalise, scan

#: Every word of the language, marks, and extreme values.
WORDS = (
    *sorted({spelling for keyword in KEYWORDS for spelling in keyword.spellings}),
    *"{}()|,;:.=><+-*@#\"“”'/",
    *("=>", "..", "<=", ">=", "≤", "≥", "≠", "==", "!=", "&&"),
    *("0", "1", "-1", "999999999999999999", "9" * 40, "100000", "500000", "2024-11-01", "0001-01-01"),
    *("9999-12-31", "2025-02-30", "0元", "1亿元", "999999999999999999亿元", "0.01元", "100%", "0%", "101%"),
    *("true", "date", "x", "甲", '"x"', "payer.region", "region", "usual", "-40", "2.5", "1,000元"),
)
#: Characters that are invisible, end a line in some editors, or look like others.
ODD = (
    "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\x00\x01\x07\x08\x1b\x7f\x9b\xa0\xad\u061c\u200b\u200d\u200e\u202a"
    "\u202e\u2066\u2069\u2060\u3000\ufeff\ufffd\ufffe\uffff\ufe0f\U000e0100\u0301\u20e3⽗⺟⼈金樂兩丽"
    "ａ１％＝｛｝。、раοℵ①㈠㎡ﷺ\U0001f600\U00010330\t'\"“”‘’«»[]/\\?!~^&%$§€¥￥"
)
_NUMBER = re.compile(r"[0-9]+")


#: Words and marks that may replace each other.
_CLASSES = (
    ("and", "or", "implies", "且", "或", "则"),
    ("is", "is not", "in", "not in", "<", ">", "<=", ">=", "为", "属于"),
    ("+", "-", "*"),
    ("min", "max"),
    ("permit", "forbid", "允许", "禁止"),
    ("when", "unless", "条件", "除非"),
    ("from", "until", "自", "至"),
    ("true", "false"),
    ("int", "money", "percent", "date", "boolean", "region"),
    ("permitted", "denied", "conflicting", "undetermined"),
    ("110000", "500000", "500101", "320000", "320100"),
)


def _form(lexeme: str) -> str:
    """The class of a lexeme in none of the groups above: name, number, quoted text; each keyword is its own class."""
    if lexeme in WORDS:
        return lexeme
    return next((form for form in ("isdecimal", "isidentifier") if getattr(lexeme, form)()), lexeme[:1])


class Mutation:
    """Changes of one seed; `others` are texts to take parts from."""

    def __init__(self, rng: random.Random, others: Sequence[str]) -> None:
        self.rng = rng
        self.others = others

    def mutated(self, text: str, most: int = 4) -> str:
        """The text after one or several changes."""
        for _ in range(self.rng.randint(1, most)):
            text = self.rng.choice(_CHANGES)(self, text)[:60_000]
        return text

    def altered(self, text: str, most: int = 4) -> str:
        """The text with some lexemes replaced by others of their kind, or numbers changed."""
        for _ in range(self.rng.randint(1, most)):
            text = self.rng.choice((Mutation.alike, Mutation.alike, Mutation.alike, Mutation.number))(self, text)
        return text

    # --- Parts of a text ---

    def _pieces(self, text: str) -> list[str]:
        """Lexemes and the blanks between them, which together are the text."""
        pieces, end = [], 0
        for lexeme in scan(normalise(text)):
            pieces += [text[end : lexeme.start], text[lexeme.start : lexeme.end]]
            end = lexeme.end
        return [*pieces, text[end:]]

    def _at(self, pieces: Sequence[str]) -> int:
        """The index of some lexeme."""
        return 2 * self.rng.randrange(max(1, len(pieces) // 2)) + 1 if len(pieces) > 1 else 0

    def _range(self, pieces: Sequence[str]) -> tuple[int, int]:
        start = self._at(pieces)
        return start, start + 2 * self.rng.choice((1, 1, 1, 2, 3, 5, 10, 30))

    # --- Changes ---

    def delete(self, text: str) -> str:
        pieces = self._pieces(text)
        start, end = self._range(pieces)
        return "".join(pieces[:start] + pieces[end:])

    def double(self, text: str) -> str:
        pieces = self._pieces(text)
        start, end = self._range(pieces)
        return "".join([*pieces[:end], " ", *pieces[start:]])

    def swap(self, text: str) -> str:
        pieces = self._pieces(text)
        one, other = self._at(pieces), self._at(pieces)
        pieces[one], pieces[other] = pieces[other], pieces[one]
        return "".join(pieces)

    def replace_word(self, text: str) -> str:
        pieces = self._pieces(text)
        pieces[self._at(pieces)] = self._word(pieces)
        return "".join(pieces)

    def insert_word(self, text: str) -> str:
        pieces = self._pieces(text)
        pieces[self._at(pieces)] += f" {self._word(pieces)} "
        return "".join(pieces)

    def _word(self, pieces: Sequence[str]) -> str:
        return self.rng.choice(WORDS) if self.rng.random() < 0.6 else pieces[self._at(pieces)]

    def splice(self, text: str) -> str:
        """A part of another text in place of a part of this one."""
        pieces, other = self._pieces(text), self._pieces(self.rng.choice(self.others))
        (start, end), (first, last) = self._range(pieces), self._range(other)
        taken = other[first:] if self.rng.random() < 0.1 else other[first:last]
        return "".join(pieces[:start] + taken + [" "] + pieces[end:])

    def cut(self, text: str) -> str:
        pieces = self._pieces(text)
        return "".join(pieces[: self._at(pieces) + 1])

    def odd_character(self, text: str) -> str:
        place = self.rng.randint(0, len(text))
        drop = self.rng.randint(0, 1)
        return text[:place] + self.rng.choice(ODD) * self.rng.choice((1, 1, 1, 2)) + text[place + drop :]

    def any_character(self, text: str) -> str:
        place = self.rng.randint(0, len(text))
        code = self.rng.choice((0x250, 0x3000, 0xA000, 0x10000, 0x30000))
        character = chr(self.rng.randrange(1, code))
        return text[:place] + ("?" if "\ud800" <= character <= "\udfff" else character) + text[place:]

    def drop_character(self, text: str) -> str:
        place = self.rng.randrange(len(text) + 1)
        return text[:place] + text[place + 1 :]

    def line_ends(self, text: str) -> str:
        """Other line ends, or none, for all of the text or one line."""
        end = self.rng.choice(("\r", "\r\n", "\x85", "\u2028", "\u2029", "\x0b", " ", "\n\n"))
        if self.rng.random() < 0.5:
            return text.replace("\n", end)
        lines = text.split("\n")
        index = self.rng.randrange(len(lines))
        return "\n".join(lines[:index]) + end + "\n".join(lines[index:])

    def move_line(self, text: str) -> str:
        lines = text.split("\n")
        line = lines.pop(self.rng.randrange(len(lines)))
        for _ in range(self.rng.choice((1, 1, 2))):
            lines.insert(self.rng.randint(0, len(lines)), line)
        return "\n".join(lines)

    def number(self, text: str) -> str:
        places = list(_NUMBER.finditer(text))
        if not places:
            return text
        match = self.rng.choice(places)
        value = int(match[0][:18])
        other = self.rng.choice((0, 1, value + 1, max(value - 1, 0), value * 10, 10**18, 10**19, 9999, 13))
        return text[: match.start()] + str(other) + text[match.end() :]

    def rename(self, text: str) -> str:
        """One word replaced by another, everywhere."""
        words = re.findall(r"[^\W\d]\w*", text)
        if not words:
            return text
        old, new = self.rng.choice(words), self.rng.choice([*words, "x", "甲"])
        return re.sub(rf"\b{re.escape(old)}\b", lambda _: new, text)

    def repeat(self, text: str) -> str:
        """A few lexemes, repeated many times."""
        pieces = self._pieces(text)
        start = self._at(pieces)
        end = start + 2 * self.rng.choice((1, 1, 2, 3))
        times = self.rng.choice((3, 20, 101, 250))
        return "".join(pieces[:start] + pieces[start:end] * times + pieces[end:])

    def alike(self, text: str) -> str:
        """One lexeme replaced by another of its class, so that the text mostly stays valid."""
        pieces = self._pieces(text)
        index = self._at(pieces)
        match = next((words for words in _CLASSES if pieces[index] in words), None)
        if match is None:
            form = _form(pieces[index])
            match = [piece for piece in pieces[1::2] if _form(piece) == form]
        pieces[index] = self.rng.choice(match)
        return "".join(pieces)

    def bracket(self, text: str) -> str:
        pieces = self._pieces(text)
        start, end = self._range(pieces)
        opening, closing = self.rng.choice(("()", "{}", '""', "“”", ("not (", ")"), ("min(", ", 1)")))
        times = self.rng.choice((1, 1, 1, 30, 120))
        inner = "".join(pieces[start:end])
        return "".join([*pieces[:start], opening * times, inner, closing * times, *pieces[end:]])


_CHANGES: tuple[Callable[[Mutation, str], str], ...] = (
    *(Mutation.delete, Mutation.double, Mutation.swap, Mutation.replace_word, Mutation.insert_word),
    *(Mutation.replace_word, Mutation.insert_word, Mutation.splice, Mutation.splice, Mutation.cut),
    *(Mutation.odd_character, Mutation.any_character, Mutation.drop_character, Mutation.line_ends),
    *(
        Mutation.move_line,
        Mutation.number,
        Mutation.number,
        Mutation.rename,
        Mutation.repeat,
        Mutation.bracket,
    ),
)
