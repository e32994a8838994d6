"""Characters read as other characters, all kinds of line ends, and the messages about them."""

from __future__ import annotations

import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main
from policyc.dsl.diagnostics.characters import HAN, WIDTH, as_meant, han_meant
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.syntax.keywords import KEYWORDS, Kind
from policyc.dsl.syntax.parse import parse
from policyc.dsl.syntax.scan import normalise, scan
from policyc.pipeline import compile_paths
from tests.support.places import EVERY_CONSTRUCT

SAMPLE = EVERY_CONSTRUCT.read_text("utf-8")
#: Every line end but the line feed.
LINE_ENDS = ["\r", "\r\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]
VOCABULARY = """\
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
enum kin { spouse "配偶", parent "父母", self "本人" }
record payer "共济人" { fact region "参保地" : region usual 500000 }
fact relation "关系" : kin usual parent
fact amount "金额数" : money usual 100元
fact filed "已备案" : boolean usual true
fact date : date 2024-01-01..2026-12-31
decision pay "支付" governed by payer.region as paying
policy city "本市" for 500000 {
  source s { clause c "可以" }
  permit pay near "近亲属" when relation is parent from 2024-11-01 cite s.c
}
"""


def run(folder: Path, text: str, *words: str, lang: str = "en") -> Result:
    (folder / "a.policy").write_bytes(text.encode())
    place = ["-p", str(folder / "a.policy")] if words[0] in ("ask", "matrix") else [str(folder / "a.policy")]
    return CliRunner().invoke(main, ["--lang", lang, *words, *place])


def told(text: str) -> list[tuple[str, str]]:
    """The keys of the messages about a text, and the excerpts that they mark."""
    _, found = parse(SourceFile("a.policy", text))
    return [(d.message.key, d.primary.span.text if d.primary else "") for d in found]


def fine(text: str) -> bool:
    """Whether a text is read without errors; warnings are allowed."""
    return all(d.level is not Severity.ERROR for d in parse(SourceFile("a.policy", text))[1])


def dump(text: str) -> object:
    tree, _ = parse(SourceFile("a.policy", text))
    return tree.statements


# --- Offsets ---


@pytest.mark.slow
def test_no_character_changes_the_length_of_a_text() -> None:
    for code in range(1, sys.maxunicode + 1):
        character = chr(code)
        assert len(normalise(character)) == 1
        if unicodedata.category(character) != "Cn":
            assert len(normalise(f"父{character}母\r\n{character}")) == 6


# --- Line ends ---


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_lines_may_end_in_any_way(end: str) -> None:
    assert dump(SAMPLE.replace("\n", end)) == dump(SAMPLE)


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_line_end_lets_a_comment_hide_what_follows(end: str) -> None:
    text = f"fact x : boolean\n# 说明{end}fact y : boolean\n"
    assert len(parse(SourceFile("a.policy", text))[0].statements) == 2
    assert told(text) == [] if end == "\r\n" else [("PC003.line_end", end)]


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_positions_count_lines_of_every_kind(end: str) -> None:
    file = SourceFile("a.policy", f"ab{end}c\nd")
    assert [file.position(file.text.index(letter)) for letter in "abcd"] == [(1, 1), (1, 2), (2, 1), (3, 1)]
    assert [file.line(number) for number in (1, 2, 3)] == ["ab", "c", "d"]
    assert file.lines == 3


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_mistakes_are_found_line_by_line(end: str, tmp_path: Path) -> None:
    """Recovery, the message and the snippet see the lines that the positions count."""
    text = "# head\nrecord r {\n  fact a int\n  fact b : int\n}\ndefine c = = 1\ndefine d = 1\n".replace("\n", end)
    shown = run(tmp_path, text, "check").output
    assert "a.policy:3:10" in shown
    assert "\n3 |   fact a int\n" in shown
    assert "a.policy:6:12" in shown
    assert "\n6 | define c = = 1\n" in shown
    assert shown.count("PC001") == 2


@pytest.mark.parametrize("end", [*LINE_ENDS, "\n"], ids=ascii)
def test_a_quoted_text_ends_on_its_line(end: str) -> None:
    assert ("PC001.open_text", '"ab') in told(f'use "ab{end}c"\n')


def test_a_mark_over_an_odd_line_end_is_drawn(tmp_path: Path) -> None:
    shown = run(tmp_path, 'source s {\u2028  clause c "x"\x0b  clause d\x0c}\n', "check").output
    assert "a.policy:3:10" in shown
    assert "\u2028" not in shown


def test_a_file_of_carriage_returns_is_no_oddity() -> None:
    assert told("fact x : boolean\rfact y : boolean\r") == []


def test_among_many_carriage_returns_the_first_is_told() -> None:
    assert told("fact x : boolean\r" * 9 + "fact y : boolean\n") == [("PC003.line_end", "\r")]


@pytest.mark.parametrize("end", LINE_ENDS[2:], ids=ascii)
def test_of_an_odd_end_that_is_the_rule_the_first_is_told(end: str) -> None:
    assert told(f"fact x : boolean{end}" * 9) == [("PC003.line_end", end)]
    assert told(f"fact x : boolean{end}" * 2 + "fact y : boolean\n" * 2) == [("PC003.line_end", end)] * 2


def test_carriage_returns_and_line_feeds_together_are_usual() -> None:
    assert told("fact x : boolean\r\n\r\nfact y : boolean\r\n") == []


@pytest.mark.parametrize("end", [*LINE_ENDS, "\n"], ids=ascii)
def test_a_table_of_regions_has_lines_of_every_kind(end: str, tmp_path: Path) -> None:
    table = end.join(["code,name,parent", "100000,中国,", "500000,重庆市,100000", "11,x,", ""])
    (tmp_path / "r.csv").write_bytes(table.encode())
    (tmp_path / "a.policy").write_text('regions "r.csv"\n', "utf-8")
    compiled = compile_paths([tmp_path / "a.policy"])
    assert [region.name for region in compiled.policy_set.regions] == ["中国", "重庆市"]
    (bad,) = [d for d in compiled.diagnostics if d.code.id == "PC105"]
    assert bad.primary is not None
    assert bad.primary.span.file.position(bad.primary.span.start) == (4, 1)


@pytest.mark.parametrize("text", ["# 允许 支付\n", "# a\r# b", "　# 只有说明", "#"])
def test_a_file_that_says_nothing_is_told(text: str, tmp_path: Path) -> None:
    assert [key for key, _ in told(text)] == ["PC003.only_comments"]
    assert "no statement" in run(tmp_path, text, "check").output
    assert "没有任何语句" in run(tmp_path, text, "check", lang="zh").output


def test_a_comment_beside_a_statement_is_nothing_to_tell() -> None:
    assert told("# a\nfact x : boolean\n") == []
    assert [key for key, _ in told("# a\nfact x\n")] == ["PC001.ends_early"]


# --- Characters that stand for others ---


def test_what_unicode_says_of_radicals_and_compatibility_ideographs_is_known() -> None:
    for code in [*range(0x2F00, 0x2FD6), *range(0xF900, 0xFA6E), *range(0x2F800, 0x2FA1E)]:
        character = chr(code)
        meant = unicodedata.normalize("NFKC", character)
        assert HAN.get(character, character) == meant
    assert {"⻓": "长", "⻔": "门", "⺠": "民", "⺟": "母"}.items() <= HAN.items()
    assert all(len(meant) == 1 and unicodedata.normalize("NFKC", meant) == meant for meant in HAN.values())
    assert WIDTH["Ａ"] == "A"
    assert WIDTH["＿"] == "_"


def lookalikes(text: str) -> str:
    """The text with each character replaced by a look-alike, if it has one."""
    back = {meant: character for character, meant in reversed(HAN.items())}
    return "".join(back.get(character, character) for character in text)


@pytest.mark.parametrize("keyword", [k for k in KEYWORDS if k.kind is not Kind.TYPE], ids=lambda k: k.id)
def test_keywords_are_read_however_they_are_written(keyword: object) -> None:
    for spelling in keyword.chinese:  # type: ignore[attr-defined]
        assert normalise(lookalikes(spelling)) == spelling
        assert as_meant("\ufe00".join(spelling)) == spelling


CHINESE = """\
枚举 亲属 "亲属关系" { 父母 "父⺟" 、 子女 , 本人 }
事实 关系 "与共济人关系" : 亲属 通常 父母
事实 已备案 : 是非 可办理 通常 真
定义 甲 = 关系 属于 {父母, 本人} 且 非 已备案 或 日期值 >= 2024年11月1日
"""


def test_a_whole_text_of_look_alikes_is_read_as_meant() -> None:
    written = lookalikes(CHINESE)
    assert written != CHINESE
    assert dump(written) == dump(CHINESE)
    keys = {key for key, _ in told(written)}
    assert keys == {"PC003.read_as"}
    assert fine(written)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("define x = ⽗⺟", ("PC003.read_as", "⽗⺟")),
        ("define x = 报销\uf961", ("PC003.read_as", "报销\uf961")),
        ("define x = date >= 2024年11⽉1⽇", ("PC003.read_as", "2024年11⽉1⽇")),
        ("define x = 100\u2f0d元", None),
        ("define 门 = 1 define x = ⻔", ("PC003.read_as", "⻔")),
        ("ｄefine x = 1", ("PC003.read_as", "ｄefine")),
        ("define ｘ＿１ = 1", ("PC003.read_as", "ｘ＿１")),
        ("define x = 父\ufe00母", ("PC003.variation", "父\ufe00母")),
        ("define x = 父母\ufe00", ("PC003.variation", "父母\ufe00")),
        ("define x = date > 2024-11-01\ufe00", ("PC003.variation", "01\ufe00")),
        ("define x = 葛\U000e0100城", ("PC003.variation", "葛\U000e0100城")),
        ("定\ufe00义 x = 1", ("PC003.variation", "定\ufe00义")),
        ("define x = 人ロ", ("PC003.look_alike", "人ロ")),
        ("define раrents = 1", ("PC003.look_alike", "раrents")),
        ('define x "父\ufe00母" = 1', ("PC003.variation", "父\ufe00母")),
        ('enum e { m "⽗⺟" }', ("PC003.read_as", "⽗⺟")),
        ('region 500000 "重庆\uf961"', ("PC003.read_as", "重庆\uf961")),
        ("define 未缴 = 1 define 末缴 = 1", ("PC003.same_look", "末缴")),
        ("define capl = 1 define cap1 = 1", ("PC003.same_look", "cap1")),
        ("define filed = 1 define \ufb01led = 1", ("PC003.same_look", "\ufb01led")),
        ("define foo = 1 define \U0001d41foo = 1", ("PC003.same_look", "\U0001d41foo")),
        ("define 类I = 1 define 类\u2160 = 1", ("PC003.same_look", "类\u2160")),
        ("define 工a = 1 define エa = 1", ("PC003.same_look", "エa")),
        ("define 户口 = 1 define 戶口 = 1", ("PC003.same_look", "戶口")),
    ],
)
def test_what_is_said_of_a_name(text: str, said: tuple[str, str] | None) -> None:
    assert fine(text) or said is None
    if said is not None:
        assert told(text) == [said]


def test_names_of_two_files_that_look_the_same_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text("enum e { 未缴 }\ndefine l1 = 1\ndefine x = l1 < 2\n", "utf-8")
    (tmp_path / "b.policy").write_text("define 末缴 = 1\ndefine y = 末缴 < 2\ndefine l1x = 1\n", "utf-8")
    found = [d for d in compile_paths([tmp_path]).diagnostics if d.code.id == "PC003"]
    assert [d.message.key for d in found] == ["PC003.same_look"]
    assert [label.span.text for label in found[0].secondary] == ["未缴"]
    assert found[0].primary is not None
    assert found[0].primary.span.text == "末缴"


@pytest.mark.parametrize(
    "text",
    [
        'source s { clause c "⽗⺟ ✔\ufe0f ＡＢ" unmodelled "⽗" }',  # quoted text stays as it is
        'define x "ＡＢ类" = 1',
        'define x "✔\ufe0f 已办" = 1',
        'test "⽗⺟ ✔\ufe0f" { expect x }',
        "# ⽗⺟ ✔\ufe0f\nfact x : boolean",
        "define 干部 = 1 define 千部 = 1",  # not alike enough
        "define c1 = 1 define c2 = 100 define c11 = 1",
        "define café = 1 define cafe\u0301s = 1",
        "define x = 甲。乙 + ７",
    ],
)
def test_what_needs_no_word(text: str) -> None:
    assert told(text) == []


def test_a_selector_where_it_breaks_a_number_is_named() -> None:
    assert told("define x = 10\ufe000元") == [("PC003.selector", "\ufe00")]
    assert not fine("define x = 10\ufe000元")


@pytest.mark.parametrize("blank", ["\u115f", "\u3164", "\uffa0", "\u034f", "\u2800", "\U000e0041"])
def test_a_letter_that_is_blank_makes_no_other_name(blank: str) -> None:
    assert told(f"define x{blank} = 1") == [("PC003.invisible", blank)]
    assert not fine(f"define x{blank}y = 1")


def test_names_that_come_to_the_same_are_declared_twice(tmp_path: Path) -> None:
    shown = run(tmp_path, "define 率 = 70%\ndefine \uf961 = 60%\n", "check").output
    assert "PC102" in shown
    assert "PC003" in shown


def test_accents_are_one_letter_however_they_are_written() -> None:
    tree, found = parse(SourceFile("a.policy", "define cafe\u0301 = 1"))
    assert found == []
    assert tree.statements[0].name.text == "caf\u00e9"  # type: ignore[union-attr]


def test_words_are_cut_as_they_are_written() -> None:
    text = "a 父\ufe00母 1"
    assert [text[lexeme.start : lexeme.end] for lexeme in scan(normalise(text))] == ["a", "父\ufe00母", "1"]


def test_the_file_that_is_used_is_called_what_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "⽗.policy").write_text(VOCABULARY, "utf-8")
    assert run(tmp_path, 'use "⽗.policy"\n', "check").exit_code == 0


# --- Typed text, region tables ---


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["支付", "重庆市"], "depends"),
        (["⽀付", "重庆市"], "depends"),
        (["pay", "重庆市", "--set", "关系=⽗⺟"], "permitted"),
        (["pay", "重庆市", "--set", "ｒelation=配偶"], "undetermined"),
        (["pay", "重\u2ea0", "--set", "关系=父母"], None),
        (["pay", "\uf92f", "--set", "关系=父母"], None),
        (["pay", "重庆\ufe00", "--set", "关系 = 父\ufe00母"], "permitted"),
        (["pay", "重庆", "--set", "已备案=⾮"], None),
        (["pay is permitted", "--set", "共济⼈.参保地=重庆市"], "depends"),
        (["关系 为 ⽗⺟", "--set", "关系=父母"], "true"),
        (["pay", "重庆市", "--on", "２０２５年3⽉12⽇"], "depends"),
        (["pay", "重庆市", "--without", "城"], None),
        (["pay", "重庆市", "--without", "city.近亲属"], "undetermined"),
        (["pay", "重庆市", "--without", "本\u2f0f", "--on", "2025-01-01"], None),
        (["pay", "重庆市", "--without", "本市.近亲\ufe00属"], "undetermined"),
    ],
)
def test_typed_text_is_read_as_meant(words: list[str], answer: str | None, tmp_path: Path) -> None:
    on = [] if "--on" in words else ["--on", "2025年3⽉12⽇"]
    done = run(tmp_path, VOCABULARY, "ask", *words, *on)
    assert done.exit_code == (2 if answer is None else 0), done.output
    if answer is not None:
        assert done.output.startswith(f"{answer}: ")


def test_facts_of_a_file_are_read_as_meant(tmp_path: Path) -> None:
    for name, content in {
        "f.json": '{"关系": "⽗⺟"}',
        "f.yaml": "⽀付\ufe00: x\n",
        "g.yaml": "关系: ⽗⺟\n",
    }.items():
        (tmp_path / name).write_text(content, "utf-8")
    for name, code in {"f.json": 0, "g.yaml": 0, "f.yaml": 2}.items():
        done = run(tmp_path, VOCABULARY, "ask", "pay", "--on", "2025-01-01", "--facts", str(tmp_path / name))
        assert done.exit_code == code, done.output


def test_a_mistake_in_a_facts_file_is_placed_by_lines_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_bytes('{"关系": "父母",\r "x": }'.encode())
    done = run(tmp_path, VOCABULARY, "ask", "pay", "--facts", str(tmp_path / "f.json"))
    assert "line 2, column 7" in done.output


def test_a_region_table_is_read_as_meant(tmp_path: Path) -> None:
    rows = "code,name,parent\n100000,中国,\n500000,\uf92f⼭市,中国\n500101,x\u200by,劳⼭市\n"
    (tmp_path / "r.csv").write_text(rows, "utf-8")
    (tmp_path / "a.policy").write_text('regions "r.csv"\ndefine d = 1\n', "utf-8")
    compiled = compile_paths([tmp_path / "a.policy"])
    assert [region.name for region in compiled.policy_set.regions] == ["中国", "\u52de山市", "x\u200by"]
    found = [d for d in compiled.diagnostics if d.code.id == "PC003"]
    assert sorted(d.message.key for d in found) == ["PC003.invisible", "PC003.read_as", "PC003.read_as"]


def test_the_messages_are_there_in_both_languages() -> None:
    text = "define ⽗ = 1 define x = 父\ufe00母 define 人ロ = 1 # a\u2028 define 未 = 1 define 末 = 10\ufe000元"
    for diagnostic in parse(SourceFile("a.policy", text))[1]:
        for words in (diagnostic.message, diagnostic.help):
            if words is not None:
                assert render(words, "en") != render(words, "zh")


def test_day() -> None:
    from policyc.cli.options import day

    assert day("2024年11⽉1⽇") == date(2024, 11, 1)


def test_han_keeps_the_width_of_letters() -> None:
    assert (han_meant("⽗Ａ\ufe00"), as_meant("⽗Ａ\ufe00")) == ("父Ａ", "父A")
