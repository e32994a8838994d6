"""Every kind of statement in every kind of block, whole and cut off, in both spellings.

A statement in a block that does not allow it gets one message, at its first word. A statement that is cut off gets a
message at or after its first word. No pass raises, and every message can be shown.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.syntax.errors.outline import ITEMS, STATEMENTS
from policyc.dsl.syntax.keywords import KEYWORDS, Kind
from policyc.dsl.syntax.parse import grammar, parse
from policyc.dsl.syntax.scan import normalise, scan
from tests.support.slow import mostly_slow

#: Each kind of statement by the id of its word (see `outline.ITEMS`), as short as it can be and longer.
SAMPLES: dict[str, tuple[str, ...]] = {
    "use": ('use "a.policy"',),
    "enum": ("enum e { m }", 'enum e "类" { m "甲", n, }'),
    "record": ("record r { fact f : int }", 'record r "人" { fact f : int fact g "乙" : e usual m }'),
    "fact": ("fact f : int", 'fact f "事" : money 0元..10元 arrangeable by d from day + 1 days usual 1元'),
    "parameter": ("parameter p : int", 'parameter p "参" : set of e'),
    "decision": ("decision d governed by f as s", 'decision d "定" governed by r.f as s "侧", r.g as t'),
    "define": (
        "define x = 1",
        'define x "定义名" : set of e = {m, n}',
        "define x = if a then min(1, b) else 2",
    ),
    "axiom": ("axiom a : b", 'axiom a "理": b is c implies not d'),
    "region": ('region 500000 "市"', 'region 500000 "市" in 100000'),
    "regions": ('regions "r.csv"',),
    "ranks": ("ranks a > b", 'ranks a "甲" > b "乙"'),
    "precedence": ("precedence rank > later",),
    "source": ("source s", 'source s "文" rank a dated 2024-11-01 url "u" { clause c "言" }'),
    "policy": ("policy p for 500000 { }", 'policy p "政" for r from 2024-01-01 { permit d n }'),
    "assert": ("assert a : b", 'assert a "言": b < 1 or c'),
    "test": ('test "t" { expect a }', 'test "t" { given usual, f = 1 expect a is 1 expect b }'),
    "acknowledge": (
        'acknowledge PC301 p.a, p.b@2 because "r"',
        'acknowledge PC403 p.a because "r" until 2026-01-01',
    ),
    "permit": ("permit d n", 'permit d n "题" when a unless b from 2024-01-01 cite s.c exception to m, p.q'),
    "forbid": ("forbid d n", "forbid d n when a in {m, n} until 2026-12-31 cite s.c"),
    "require": ("require d n : a", 'require d n "题": a < b when c cite s.c, s.d'),
    "mandate": ("mandate d n", 'mandate d n "题" when a'),
    "default": ("default permit d n", "default set p = 1 cite s.c"),
    "set": ("set p = 1", "set p = {a, b} when c cite s.c"),
    "table": (
        "table t { | a | => p | | 1 | => 2 | }",
        'table t "题" when a { | a | b | => p | q | | any | 1..2 | => 2 | 3 | }',
    ),
    "clause": ('clause c "言"', 'clause c "言" unmodelled "理"'),
    "given": ("given usual", "given usual, r.f = 1"),
    "expect": ("expect a", "expect d is permitted"),
    "side": ("receiving { }", "receiving { permit d n }"),
    "|": ("| 1 | => 2 |", "| a, b | 1..2 | => 2 | 3元 |"),
}
#: Each kind of block with a place for a statement between two of its own, and what stands around it.
BLOCKS: dict[str, str] = {
    "file": "fact before : int\n@\nfact after : int\n",
    "record": "record r0 {\n  fact before : int\n  @\n  fact after : int\n}\n",
    "policy": "policy p0 for 100000 {\n  permit d before\n  @\n  permit d after\n}\n",
    "side": "policy p0 for 100000 {\n  paying {\n    permit d before\n    @\n    permit d after\n  }\n}\n",
    "source": 'source s0 {\n  clause before "x"\n  @\n  clause after "y"\n}\n',
    "test": 'test "t0" {\n  given usual\n  @\n  expect after\n}\n',
    "table": "policy p0 for 100000 {\n  table t0 {\n    | a | => p |\n    @\n    | 1 | => 2 |\n  }\n}\n",
}
LANGUAGES = ("en", "zh")


def in_chinese(text: str) -> str:
    """The text with every keyword in its Chinese spelling."""
    spellings = {s: k.chinese[0] for k in KEYWORDS for s in k.english if k.kind in (Kind.RESERVED, Kind.SOFT)}
    written = text
    for phrase in sorted((s for s in spellings if " " in s), key=len, reverse=True):
        written = written.replace(phrase, spellings[phrase])
    pieces, end = [], 0
    for lexeme in scan(written):
        word = written[lexeme.start : lexeme.end]
        pieces += [written[end : lexeme.start], spellings.get(word, word) if lexeme.kind == "word" else word]
        end = lexeme.end
    return "".join([*pieces, written[end:]])


def spelled(text: str, language: str) -> str:
    return in_chinese(text) if language == "zh" else text


def read(text: str) -> list[Diagnostic]:
    """The messages of all passes that need no solver about a text; asserts that each can be shown in both languages."""
    tree, mistakes = parse(SourceFile("a.policy", text))
    _, found = compile_set([tree], [])
    for diagnostic in [*mistakes, *found]:
        for language in LANGUAGES:
            assert render(diagnostic.message, language)  # type: ignore[arg-type]
    return mistakes


@cache
def fits(text: str) -> bool:
    try:
        grammar().parse(normalise(text), start="file")
    except Exception:  # noqa: BLE001 - any refusal
        return False
    return True


def errors(found: list[Diagnostic]) -> list[Diagnostic]:
    return [diagnostic for diagnostic in found if diagnostic.level is Severity.ERROR]


PLACES = [
    pytest.param(kind, sample, block, language, id=f"{kind}-{index}-{block}-{language}")
    for kind, samples in SAMPLES.items()
    for index, sample in enumerate(samples)
    for block in BLOCKS
    for language in LANGUAGES
]


def test_every_statement_and_every_block_is_tried() -> None:
    assert SAMPLES.keys() == STATEMENTS
    assert BLOCKS.keys() == ITEMS.keys()
    for kind, samples in SAMPLES.items():
        for sample in samples:
            places = [block for block in BLOCKS if fits(BLOCKS[block].replace("@", sample))]
            assert set(places) >= {block for block in BLOCKS if kind in ITEMS[block] and block != "table"}, sample


@pytest.mark.parametrize(("kind", "sample", "block", "language"), mostly_slow(PLACES, 150))
def test_a_whole_statement(kind: str, sample: str, block: str, language: str) -> None:
    around, sample = spelled(BLOCKS[block], language), spelled(sample, language)
    text = around.replace("@", sample)
    start = around.index("@")
    found = errors(read(text))
    if fits(text):
        assert [diagnostic.code.id for diagnostic in found] == ["PC001"] * (kind == "|" and ", " in sample)
        return
    assert found
    for diagnostic in found:
        assert diagnostic.code.id == "PC001"
    places = [diagnostic.primary.span.start for diagnostic in found if diagnostic.primary]
    assert places[0] == start, [render(d.message, "en") for d in found]
    assert len(found) == 1, [render(d.message, "en") for d in found]


@pytest.mark.parametrize(("kind", "sample", "block", "language"), mostly_slow(PLACES, 80))
def test_a_statement_cut_off(kind: str, sample: str, block: str, language: str) -> None:
    """After every other token, with the rest of the block behind it and without; the tokens between are left to
    the other spelling."""
    around, sample = spelled(BLOCKS[block], language), spelled(sample, language)
    start = around.index("@")
    for lexeme in list(scan(normalise(sample)))[LANGUAGES.index(language) : -1 : 2]:
        begun = sample[: lexeme.end]
        for text in (around.replace("@", begun), around[:start] + begun):
            found = errors(read(text))
            if fits(text):
                continue  # No end is missing, or only parts that the grammar does not require are.
            assert found, text
            assert {diagnostic.code.id for diagnostic in found} <= {"PC001", "PC105"}, text
            for diagnostic in found:
                assert diagnostic.primary is not None
                span = diagnostic.primary.span
                assert 0 <= span.start <= span.end <= len(text)
            first = found[0].primary
            assert first is not None
            assert first.span.start >= start - 2, text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SAMPLES.keys() - {"side", "|"}))
def test_a_statement_among_the_members_of_an_enum(kind: str, language: str) -> None:
    around = spelled("enum e0 {\n  before,\n  @\n  after\n}\nfact later : int\n", language)
    for sample in (spelled(sample, language) for sample in SAMPLES[kind]):
        found = errors(read(around.replace("@", sample)))
        assert [diagnostic.code.id for diagnostic in found] == ["PC001"], sample
        assert found[0].primary is not None
        first = re.match(r"\S+\s", sample)  # `region` and `ranks` may be names, so what follows does not fit
        behind = first.end() if first and kind in ("region", "ranks") else 0
        assert found[0].primary.span.start == around.index("@") + behind, sample
