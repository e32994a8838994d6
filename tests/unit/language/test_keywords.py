"""One language, two spellings: every keyword of the table, in English and in Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.syntax.keywords import (
    KEYWORDS,
    PRECEDENCE_WORDS,
    RESERVED,
    TERMINALS,
    TYPE_WORDS,
    VERDICT_WORDS,
    Keyword,
    Kind,
    spelling,
)
from policyc.dsl.syntax.parse import parse
from policyc.dsl.syntax.tree import SourceTree
from tests.support.slow import mostly_slow

#: Uses every keyword that is a terminal of the grammar.
EVERY_KEYWORD = """
use "other.policy"
enum e { a, b }
record r { fact x : e usual a }
fact y : boolean arrangeable by d
parameter p : set of e
decision d governed by r.x as s
axiom ax: y is true implies not y is false
region 100000 "中国"
regions "regions.csv"
ranks high > low
precedence later
define v = if y then min(1, 2) else max(1, 2)
define w = y in r and y not in r or y is not r
define moved = q + 30 days
policy pol for 500000 from 2024-01-01 until 2025-01-01 {
  source src ranks high dated 2024-01-01 url "u" {
    clause c "text" unmodelled "reason"
  }
  default permit d n1 when y unless y exception to n2 cite src.c
  forbid d n2
  require d n3: y
  mandate d n4
  set p = {a}
  table t cite src.c {
    | r.x | => p |
    | any | => a |
  }
}
assert as1: y
test "t" { given usual expect y }
acknowledge PC301 pol.n1 because "so"
"""


def tree_of(text: str) -> SourceTree:
    tree, diagnostics = parse(SourceFile("a.policy", text))
    assert diagnostics == []
    return tree


BY_SPELLING = {word: keyword for keyword in TERMINALS for word in keyword.spellings}
ANY_KEYWORD = "|".join(re.escape(word) for word in sorted(BY_SPELLING, key=len, reverse=True))
PIECE = re.compile(rf'"[^"]*"|(?<!\w)(?:{ANY_KEYWORD})(?!\w)')


def respelled(text: str, spell: Callable[[Keyword], str | None]) -> str:
    """The text with its keywords spelled anew, those for which `spell` gives a spelling; never in quotes."""

    def replaced(match: re.Match[str]) -> str:
        keyword = BY_SPELLING.get(match.group())
        return (spell(keyword) if keyword else None) or match.group()

    return PIECE.sub(replaced, text)


def test_the_sample_uses_every_keyword() -> None:
    for keyword in TERMINALS:
        assert re.search(rf"(?<!\w){keyword.english[0]}(?!\w)", EVERY_KEYWORD), keyword.id


@pytest.mark.parametrize(
    ("keyword", "word"),
    mostly_slow((pytest.param(keyword, word) for keyword in TERMINALS for word in keyword.spellings), 40),
)
def test_each_spelling_gives_the_same_tree(keyword: Keyword, word: str) -> None:
    text = respelled(EVERY_KEYWORD, lambda other: word if other is keyword else None)
    assert word in text
    assert tree_of(text).statements == tree_of(EVERY_KEYWORD).statements


def test_all_chinese_gives_the_same_tree() -> None:
    text = respelled(EVERY_KEYWORD, lambda keyword: keyword.chinese[0])
    assert "policy" not in text.replace("other.policy", "")
    assert tree_of(text).statements == tree_of(EVERY_KEYWORD).statements


@pytest.mark.parametrize(
    ("words", "chinese", "id_"),
    [
        (TYPE_WORDS, "整数", "int"),
        (TYPE_WORDS, "地区", "region"),
        (PRECEDENCE_WORDS, "位阶", "rank"),
        (PRECEDENCE_WORDS, "新法", "later"),
        (VERDICT_WORDS, "准许", "permitted"),
        (VERDICT_WORDS, "视情况", "depends"),
    ],
)
def test_words_read_as_names_have_a_meaning_in_both_spellings(words: dict[str, str], chinese: str, id_: str) -> None:
    assert words[chinese] == words[id_] == id_


def test_every_row_that_is_no_terminal_has_a_meaning() -> None:
    words = TYPE_WORDS | PRECEDENCE_WORDS | VERDICT_WORDS
    for keyword in KEYWORDS:
        if keyword.kind not in (Kind.RESERVED, Kind.SOFT):
            assert all(words[spelling_] == keyword.id for spelling_ in keyword.spellings)


def test_no_spelling_means_two_things() -> None:
    spellings = [word for keyword in TERMINALS for word in keyword.spellings]
    assert len(spellings) == len(set(spellings))


def test_the_first_spelling_is_the_one_written() -> None:
    assert spelling("is", "en") == "is"
    assert spelling("is", "zh") == "为"
    assert spelling("exception_to", "zh") == "例外于"


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_reserved_words_are_no_names(word: str) -> None:
    _, diagnostics = parse(SourceFile("a.policy", f"define {word} = 1"))
    assert [d.code.id for d in diagnostics] == ["PC001"]


FREE = [w for k in KEYWORDS if k.kind is not Kind.RESERVED for w in k.spellings]


@pytest.mark.parametrize("word", [*FREE, "governed", "by", "非退休", "且慢", "is_not", "permitting"])
def test_other_words_may_be_names(word: str) -> None:
    tree = tree_of(f"define {word} = {word}.{word}\ndefine other = {word} is {word}")
    assert len(tree.statements) == 2


def test_a_chinese_keyword_is_not_read_off_a_longer_word() -> None:
    assert "非退休" in repr(tree_of("define x = 非退休"))
    assert tree_of("define x = 非退休").statements != tree_of("define x = 非 退休").statements
