"""Sentences of the grammar: a random text for any of its rules, in English or Chinese spelling or both.

The rules come from the parser itself, so new statements of the language are included automatically. Names come from a
small pool, so that some of them mean something.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from lark.grammar import NonTerminal, Rule

from policyc.dsl.syntax.keywords import BY_TERMINAL
from policyc.dsl.syntax.parse import grammar

#: Names of the vocabulary below, and unknown names.
NAMES = (
    *("payer", "region", "payer.region", "balance", "links", "relation", "filed", "share", "date", "amount"),
    *("kin", "spouse", "parent", "child", "cap", "ratio", "kinds", "pay", "bind", "paying", "receiving"),
    *("nation", "city", "law", "c1", "c2", "any_kin", "own", "aid", "usual_amount", "参保地", "父母", "配偶"),
    *("boolean", "int", "money", "percent", "是非", "金额", "日期", "province", "prefecture", "code"),
    *("permitted", "denied", "conflicting", "undetermined", "准予", "exception", "rank", "specific", "later"),
    *("a", "b", "甲", "乙", "PC301", "PC403", "x1", "_"),
)
_SAMPLES = {
    "INT": ("0", "1", "2", "10", "110000", "500000", "100000", "999999999999999999", "9" * 30, "00", "７"),
    "MONEY": ("0元", "100元", "0.01元", "10万元", "1亿元", "200 CNY", "1.005元", "999999999999999999亿元"),
    "PERCENT": ("0%", "50%", "100%", "2.5%", "101%", "0.00001%", "99999999999999999999%"),
    "DATE": (
        "2024-11-01",
        "2025年3月12日",
        "0001-01-01",
        "9999-12-31",
        "2025-02-30",
        "0000-00-00",
        "2024-1-5",
    ),
    "STRING": ('"父母"', '"重庆市"', '""', '"x"', "“国家文件”", '"the case is {}"', '"base.policy"', '"r.csv"', '" "'),
    "LESSTHAN": ("<", "＜"),
    "_AT_MOST": ("<=", "≤"),
    "_AT_LEAST": (">=", "≥"),
    "_UNEQUAL": ("≠",),
    "_TO": ("..",),
    "_ARROW": ("=>",),
    "COMMA": (",", "，", "、"),
    "_SLASH": ("/", "／"),
}
_MARKS = {
    "LBRACE": "{",
    "RBRACE": "}",
    "LPAR": "(",
    "RPAR": ")",
    "VBAR": "|",
    "DOT": ".",
    "EQUAL": "=",
    "COLON": ":",
    "SEMICOLON": ";",
    "MORETHAN": ">",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "AT": "@",
    "LSQB": "[",
    "RSQB": "]",
    "SLASH": "/",
}


@cache
def _rules() -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in grammar().rules:
        found.setdefault(rule.origin.name, []).append(rule)
    return found


@cache
def _height(name: str) -> int:
    """The depth in rules of the shortest sentence of a rule."""
    return _heights()[name]


@cache
def _heights() -> dict[str, int]:
    heights: dict[str, int] = {}
    while len(heights) < len(_rules()):
        for name, rules in _rules().items():
            known = [height for rule in rules if (height := _of(rule, heights)) is not None]
            if known:
                heights[name] = min(known)
    return heights


def _of(rule: Rule, heights: dict[str, int]) -> int | None:
    below = [heights.get(s.name) for s in rule.expansion if isinstance(s, NonTerminal)]
    return None if None in below else 1 + max((height for height in below if height is not None), default=0)


class Sentences:
    """Random sentences of one seed."""

    def __init__(self, rng: random.Random, language: str = "both", names: Sequence[str] = NAMES) -> None:
        self.rng = rng
        self.language = language
        self.names = names

    def sentence(self, rule: str, depth: int = 12) -> str:
        """A text that the rule accepts, if its names are valid."""
        words: list[str] = []
        pending: list[tuple[object, int]] = [(NonTerminal(rule), depth)]
        while pending and len(words) < 400:
            symbol, left = pending.pop()
            if isinstance(symbol, NonTerminal):
                pending += [(part, left - 1) for part in reversed(self._choice(symbol.name, left).expansion)]
            else:
                words.append(self.terminal(getattr(symbol, "name", "")))
        return " ".join(words)

    def _choice(self, name: str, left: int) -> Rule:
        rules = _rules()[name]
        heights = [_of(rule, _heights()) or 0 for rule in rules]
        fitting = [rule for rule, height in zip(rules, heights, strict=True) if height <= left]
        if fitting:
            return self.rng.choice(fitting)
        return min(zip(heights, range(len(rules)), rules, strict=True))[2]

    def terminal(self, name: str) -> str:
        """A text of one terminal."""
        if name in BY_TERMINAL:
            keyword = BY_TERMINAL[name]
            spellings = {"en": keyword.english, "zh": keyword.chinese}.get(self.language, keyword.spellings)
            return self.rng.choice(spellings)
        if name == "NAME":
            return self.rng.choice(self.names)
        if name in _SAMPLES:
            return self.rng.choice(_SAMPLES[name])
        if name in _MARKS:
            return _MARKS[name]
        return self._unknown(name)

    def _unknown(self, name: str) -> str:
        """A terminal unknown to this module, from its own pattern if that is a plain word."""
        pattern = next((t.pattern for t in grammar().terminals if t.name == name), None)
        return pattern.value if pattern is not None and pattern.type == "str" else "?"
