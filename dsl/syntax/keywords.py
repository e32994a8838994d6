"""The keywords of the language: one table, with spellings in two languages.

A keyword has an id and, in each language, the spellings that are read; the first is the one the formatter
writes. The table yields the keyword terminals of the grammar (`grammar_terminals`), the words that cannot be names
(`RESERVED`), and the meaning of the words that the parser reads as names (types, meta-rules of precedence,
verdicts). `grammar.lark` defines where they stand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ..diagnostics.characters import MARKS, VARIATION

Language = Literal["en", "zh"]


class Kind(StrEnum):
    """How a word is read."""

    #: A terminal of the grammar, and never a name.
    RESERVED = "reserved"
    #: A terminal where the grammar accepts it, a name elsewhere.
    SOFT = "soft"
    #: Always read as a name; later passes recognise it by `TYPE_WORDS` and the like.
    TYPE = "type"
    PRECEDENCE = "precedence"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One row: `id` is the first English spelling with `_` for a blank."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]
    kind: Kind

    @property
    def id(self) -> str:
        return self.english[0].replace(" ", "_")

    @property
    def spellings(self) -> tuple[str, ...]:
        return self.english + self.chinese

    @property
    def terminal(self) -> str:
        """Its name in the grammar; the underscore keeps it out of the parse tree."""
        return "_" + self.id.upper()


def _row(english: str, chinese: str, kind: Kind = Kind.RESERVED) -> Keyword:
    return Keyword(tuple(english.split(", ")), tuple(chinese.split(", ")), kind)


KEYWORDS: tuple[Keyword, ...] = (
    # Statements
    _row("use", "引用"),
    _row("enum", "枚举"),
    _row("record", "对象"),
    _row("fact", "事实"),
    _row("usual", "通常"),
    _row("arrangeable", "可办理"),
    _row("by", "通过", Kind.SOFT),
    _row("parameter", "参数"),
    _row("decision", "事项, 决定"),
    _row("governed by", "管辖地, 受制于"),
    _row("as", "作为"),
    _row("axiom", "前提, 公理"),
    _row("region", "地区", Kind.SOFT),
    _row("regions", "行政区划"),
    _row("ranks, rank", "位阶", Kind.SOFT),
    _row("precedence", "适用顺序"),
    _row("define", "定义"),
    _row("policy", "政策"),
    _row("for", "适用于"),
    _row("from", "自"),
    _row("until", "至"),
    _row("source", "来源"),
    _row("dated", "日期为"),
    _row("url", "网址"),
    _row("clause", "条款"),
    _row("unmodelled", "不编入, 不建模"),
    _row("set", "设定"),
    _row("permit", "允许"),
    _row("forbid", "禁止"),
    _row("require", "要求"),
    _row("mandate", "应当允许"),
    _row("default", "除另有规定"),
    _row("table", "表"),
    _row("any", "任意"),
    _row("when", "条件, 当"),
    _row("unless", "除非"),
    _row("exception to", "例外于"),
    _row("cite", "依据"),
    _row("assert", "恒成立, 断言"),
    _row("test", "测试"),
    _row("given", "给定"),
    _row("expect", "预期"),
    _row("acknowledge", "知悉, 认可"),
    _row("because", "因为"),
    # Expressions
    _row("if", "如果"),
    _row("then", "那么"),
    _row("else", "否则"),
    _row("implies", "则"),
    _row("or", "或"),
    _row("and", "且"),
    _row("not", "非"),
    _row("is", "为, 是"),
    _row("is not", "不为, 不是"),
    _row("in", "属于, 位于"),
    _row("not in", "不属于, 不位于"),
    _row("min", "较小值"),
    _row("max", "较大值"),
    _row("true", "真"),
    _row("false", "假"),
    _row("days", "天"),
    # Types
    _row("set of", "集合"),
    _row("boolean", "是非", Kind.TYPE),
    _row("int", "整数", Kind.TYPE),
    _row("money", "金额", Kind.TYPE),
    _row("percent", "比例", Kind.TYPE),
    _row("date", "日期", Kind.TYPE),
    _row("region", "地区", Kind.TYPE),
    # Meta-rules of precedence
    _row("exception", "例外", Kind.PRECEDENCE),
    _row("rank", "位阶", Kind.PRECEDENCE),
    _row("specific", "特别", Kind.PRECEDENCE),
    _row("later", "新法", Kind.PRECEDENCE),
    # Verdicts
    _row("permitted", "准予, 准许", Kind.VERDICT),
    _row("denied", "不予, 不准", Kind.VERDICT),
    _row("conflicting", "冲突", Kind.VERDICT),
    _row("undetermined", "未定", Kind.VERDICT),
    _row("depends", "视情况", Kind.VERDICT),
)

TERMINALS = tuple(k for k in KEYWORDS if k.kind in (Kind.RESERVED, Kind.SOFT))
BY_TERMINAL = {k.terminal: k for k in TERMINALS}


def _meanings(kind: Kind) -> dict[str, str]:
    return {spelling: k.id for k in KEYWORDS if k.kind is kind for spelling in k.spellings}


#: Spelling to id, for words that the parser reads as names.
TYPE_WORDS = _meanings(Kind.TYPE)
PRECEDENCE_WORDS = _meanings(Kind.PRECEDENCE)
VERDICT_WORDS = _meanings(Kind.VERDICT)
#: The words that cannot be names. (`governed by` and the like are two words, each of which can.)
RESERVED = frozenset(_meanings(Kind.RESERVED)) - {"governed by", "exception to", "set of", "is not", "not in"}

_SPELLINGS = {k.id: {"en": k.english[0], "zh": k.chinese[0]} for k in KEYWORDS}


def spelling(keyword: str, language: Language) -> str:
    """How the formatter writes a keyword, given by its id."""
    return _SPELLINGS[keyword][language]


def grammar_terminals() -> str:
    """The keyword terminals and the terminal of names, as text of a Lark grammar.

    A keyword matches whole words only: `非退休` is one name, never `非` and a name. Keywords take precedence over
    names, and keywords of two words over those of one.
    """
    end = f"(?![\\w{MARKS}])"
    lines = [f"{k.terminal}.{_priority(k)}: /(?:{_alternatives(k.spellings)}){end}/" for k in TERMINALS]
    reserved = _alternatives(tuple(sorted(RESERVED)))
    lines.append(f"NAME: /(?!(?:{reserved}){end})[^\\W\\d][\\w{MARKS}]*/")
    return "\n".join(lines)


def _priority(keyword: Keyword) -> int:
    return 3 if " " in keyword.english[0] else 2


def _alternatives(spellings: tuple[str, ...]) -> str:
    """Any of the spellings; variation selectors may follow Han characters."""
    return "|".join(
        re.escape(s).replace("\\ ", "\\s+") if s.isascii() else f"[{VARIATION}]*".join(s) for s in spellings
    )
