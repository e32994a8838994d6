"""Misspelt words and habits of other languages and of documents: one mistake, one message, with what to write."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main
from policyc.dsl.syntax.errors.likeness import LIKENESS, nearest_word
from policyc.dsl.syntax.habits import TYPES, VERDICTS, meant_by
from policyc.dsl.syntax.han_numbers import in_digits
from policyc.dsl.syntax.keywords import RESERVED, TYPE_WORDS, VERDICT_WORDS

BASE = """\
region 100000 "中华人民共和国"
region 440000 "广东省" in 100000
region 500000 "重庆市" in 100000
enum kin "亲属" { spouse "配偶", parent "父母", child "子女" }
enum grade { high, low }
record holder "授权人" {
  fact home "参保地" : region
  fact age "年龄" : int 0..120 usual 40
  fact opened "the holder has opened it" : boolean usual false
}
record user "被授权人" { fact home "参保地" : region usual holder.home }
fact relation "与授权人关系" : kin
fact filed "异地就医备案" : boolean usual false
fact amount "费用" : money 0元..1000000元 usual 100元
fact date "日期" : date 2021-01-01..2030-12-31 usual 2026-01-01
parameter cap "上限" : money
decision pay "共济支付" governed by holder.home as holder "授权侧", user.home as user "使用侧"
"""


def run(folder: Path, text: str, *words: str, lang: str) -> Result:
    path = folder / "a.policy"
    path.write_text(BASE + text + "\n", "utf-8")
    return CliRunner().invoke(main, ["--lang", lang, *words, *(["-p"] if words[0] == "ask" else []), str(path)])


def rule(line: str) -> str:
    return f'policy p for 440000 {{\n  source s {{ clause c "x" }}\n  {line}\n}}'


def table(cells: str) -> str:
    return rule(f"table t cite s.c {{\n    | amount | => cap |\n    {cells}\n  }}")


#: A text with one mistake, its code, and a part of the help in English and in Chinese.
MISTAKES = [
    # Misspelt keywords
    (rule("允午 共济支付 甲 依据 s.c"), "PC001", "did you mean `允许`?", "是否应为 `允许`？"),
    (rule("进止 共济支付 甲 依据 s.c"), "PC001", "did you mean `禁止`?", "是否应为 `禁止`？"),
    (rule("要救 共济支付 甲: 异地就医备案 依据 s.c"), "PC001", "`要求`", "`要求`"),
    (rule("permitt pay a cite s.c"), "PC001", "did you mean `permit`?", "是否应为 `permit`？"),
    (rule("forbdi pay a cite s.c"), "PC001", "did you mean `forbid`?", "是否应为 `forbid`？"),
    (rule("允许 共济支付 甲 条见 异地就医备案 依据 s.c"), "PC001", "`条件`", "`条件`"),
    (rule("允许 共济支付 甲 依剧 s.c"), "PC001", "`依据`", "`依据`"),
    (rule("permit pay a unles filed cite s.c"), "PC001", "`unless`", "`unless`"),
    ("定议 甲 = 费用", "PC001", "`定义`", "`定义`"),
    ("定义 甲 = 如国 异地就医备案 那么 1 否则 2", "PC001", "`如果`", "`如果`"),
    ("定义 甲 = 如果 异地就医备案 那幺 1 否则 2", "PC001", "`那么`", "`那么`"),
    ("定义 甲 = 与授权人关系 属予 {配偶}", "PC001", "`属于`", "`属于`"),
    # Words of other languages
    ("定义 甲 = 与授权人关系 等于 配偶", "PC001", "did you mean `为`?", "是否应为 `为`？"),
    ("定义 甲 = 与授权人关系 不等于 配偶", "PC001", "`不为`", "`不为`"),
    ("定义 甲 = 费用 大于 3元", "PC001", "`>`", "`>`"),
    ("定义 甲 = 费用 不超过 3元", "PC001", "`<=`", "`<=`"),
    ("定义 甲 = 异地就医备案 或者 费用 > 3元", "PC001", "`或`", "`或`"),
    ("define a = relation equals spouse", "PC001", "did you mean `is`?", "是否应为 `is`？"),
    ("define a = 若 异地就医备案 那么 1 否则 2", "PC001", "`如果`", "`如果`"),
    ("define a = 如果 异地就医备案 则 1 否则 2", "PC001", "`那么`", "`那么`"),
    (rule("allow pay a cite s.c"), "PC001", "`permit`", "`permit`"),
    (rule("不得 共济支付 甲 依据 s.c"), "PC001", "`禁止`", "`禁止`"),
    ("fact x : integer", "PC101", "did you mean `int`?", "是否指 `int`？"),
    ("fact x : 布尔", "PC101", "`是非`", "`是非`"),
    (rule("permit pay a since 2025-01-01 cite s.c"), "PC001", "`from`", "`from`"),
    ('测试 "t" { 给定 通常 期望 共济支付 为 准予 }', "PC001", "`预期`", "`预期`"),
    ('test "t" { given relation is spouse expect pay is denied }', "PC001", "write `=`", "请写作 `=`"),
    # Marks
    ("define a = relation == spouse", "PC001", "write `is`", "请写作 `为`"),
    ("define a = relation = spouse", "PC001", "write `is`", "请写作 `为`"),
    ("define a = relation !== spouse", "PC001", "write `is not`", "请写作 `不为`"),
    ("define a = relation ！= spouse", "PC001", "write `is not`", "请写作 `不为`"),
    ("define a = filed ＆＆ filed", "PC001", "write `and`", "请写作 `且`"),
    ("define a = filed || filed", "PC001", "write `or`", "请写作 `或`"),
    ("define a = filed ｜｜ filed", "PC001", "write `or`", "请写作 `或`"),
    ("define a = amount × 50%", "PC001", "write `*`", "请写作 `*`"),
    ("define a = amount / 2", "PC001", "`* 50%` in place of `/ 2`", "`/ 2` 写作 `* 50%`"),
    ("define a = (amount + 3元) / 16", "PC001", "`* 6.25%` in place of `/ 16`", "`/ 16` 写作 `* 6.25%`"),
    ("define a = holder.age / 3", "PC001", "compare it times 3 with", "以商乘 3 与被除数比较"),
    ("define a = date - 2025-01-01 > 90", "PC103", "`date <= 2025-01-01 + 90 days`", "`date <= 2025-01-01 + 90 天`"),
    ("define a = {spouse} + {child}", "PC103", "in one pair of braces", "写在一对大括号内"),
    ("define a = amount * (80% * 90%)", "PC103", "by one share after the other", "先后与两个比例相乘"),
    (rule("set cap = cap + 5元 when filed cite s.c"), "PC103", "belongs in a `define`", "请另写 `定义` 来计算"),
    ("define a = date.month >= 9", "PC103", "`date >= 2025-09-01 and date <=", "`date >= 2025-09-01 且 date <="),
    ("define a = 广东省.cap > 3元", "PC101", "ask about `holder.home.cap`", "请写 `holder.home.cap`"),
    ("define a := 3", "PC001", "write `=`", "请写作 `=`"),
    ("source s { clause c 「近亲属」 }", "PC001", 'write `"近亲属"`', '请写作 `"近亲属"`'),
    ("source s { clause c ‘近亲属’ }", "PC001", 'write `"近亲属"`', '请写作 `"近亲属"`'),
    ("source s 《办法》", "PC001", 'write `"《办法》"`', '请写作 `"《办法》"`'),
    ("define a = relation in [spouse, child]", "PC001", "write `{spouse, child}`", "请写作 `{spouse, child}`"),
    ("/* a comment */", "PC001", "begins with `#`", "以 `#` 开头"),
    # Numbers, periods, days
    ("define a = holder.age > 四", "PC101", "in digits: `4`", "`4`"),
    ("define a = holder.age > 一百二十", "PC101", "`120`", "`120`"),
    ("define a = amount > 两千元", "PC101", "`2000元`", "`2000元`"),
    ("define a = amount * 百分之三十五", "PC101", "`35%`", "`35%`"),
    ("define a = date + 十 天", "PC001", "`10`", "`10`"),
    ("fact x : int 零..九", "PC001", "`0`", "`0`"),
    ("define a = amount > 1万5千元", "PC001", "`15000元`", "`15000元`"),
    ("define a = amount > 2000", "PC103", "needs its unit: `2000元`", "`2000元`"),
    ("define a = amount * 150%", "PC105", "`(100% + 50%)`", "`(100% + 50%)`"),
    ("define a = amount * 230.5%", "PC105", "`(100% + 100% + 30.5%)`", "`(100% + 100% + 30.5%)`"),
    ("define a = amount * 5000%", "PC105", "between `0%` and `100%`", "`0%` 与 `100%` 之间"),
    ("define a = date > 2025/7/1", "PC001", "write `2025-07-01`", "请写作 `2025-07-01`"),
    ("define a = date > 2025年7月1号", "PC001", "`2025-07-01`", "`2025-07-01`"),
    ("define a = date > 二〇二五年七月一日", "PC101", "`2025-07-01`", "`2025-07-01`"),
    ("define a = date > 2025年13月1日", "PC105", "a year has 12 months", "一年有 12 个月"),
    ("define a = date > 2025-14-20", "PC105", "a year has 12 months", "一年有 12 个月"),
    ("define a = date > 2025-04-31", "PC105", "month 4 of 2025 has 30 days", "2025 年 4 月有 30 天"),
    ("define a = date > 2024年9月", "PC001", "`2024-09-01` or `2024-09-30`", "`2024-09-01` 或 `2024-09-30`"),
    ("define a = date > 2024年9月1日起", "PC001", "delete it", "请删去"),
    ("define a = date + 3 months > date", "PC001", "write `90 days`", "请写作 `90 天`"),
    ("define a = date + 2年 > date", "PC001", "write `730 days`", "请写作 `730 天`"),
    ("define a = date + holder.age days > date", "PC001", "as in `30 days`", "如 `30 天`"),
    ("define a = date + 15 > date", "PC103", "`date + 15 days`", "`date + 15 天`"),
    ("define a = date - 十天 > date", "PC103", "`date - 10 days`", "`date - 10 天`"),
    (table("| 1300元<..30000元 | => 90元 |"), "PC001", "write `1300.01元..30000元`", "请写作 `1300.01元..30000元`"),
    (table("| [0元..60元) | => 90元 |"), "PC001", "write `0元..59.99元`", "请写作 `0元..59.99元`"),
    (table("| >100元..200元 | => 90元 |"), "PC001", "write `100.01元..200元`", "请写作 `100.01元..200元`"),
    (table("| [100元,200元) | => 90元 |"), "PC001", "write `100元..199.99元`", "请写作 `100元..199.99元`"),
    (table("| > 100元 and <= 200元 | => 90元 |"), "PC001", "write `100.01元..200元`", "请写作 `100.01元..200元`"),
    (table("| 超过100元至3万元 | => 90元 |"), "PC101", "write `100.01元..3万元`", "请写作 `100.01元..3万元`"),
    (table("| 3万元以上至4万元 | => 90元 |"), "PC001", "write `3万元..4万元`", "请写作 `3万元..4万元`"),
    (table("| 3万元以下 | => 90元 |"), "PC001", "write `<= 3万元`", "请写作 `<= 3万元`"),
    (table("| 满100元不满200元 | => 90元 |"), "PC101", "write `100元..199.99元`", "请写作 `100元..199.99元`"),
    (table("| 100元- 200元 | => 90元 |"), "PC001", "write `100元..200元`", "请写作 `100元..200元`"),
    (table("| 1,000元..1,234,000元 | => 90元 |"), "PC001", "write `1000元..1234000元`", "请写作 `1000元..1234000元`"),
    (table("| 100元.. | => 90元 |"), "PC001", "write `>= 100元`", "请写作 `>= 100元`"),
    (table("| ..100元 | => 90元 |"), "PC001", "write `<= 100元`", "请写作 `<= 100元`"),
    (
        table("| 1元..3元, 7元..9元 | => 90元 |"),
        "PC001",
        "each: `1元..3元`, `7元..9元`",
        "请各写一行：`1元..3元`、`7元..9元`",
    ),
    (table("| < 3元 or > 5元 | => 90元 |"), "PC001", "each: `< 3元`, `> 5元`", "请各写一行：`< 3元`、`> 5元`"),
    (table("| not 3元 | => 90元 |"), "PC001", "each: `< 3元`, `> 3元`", "请各写一行：`< 3元`、`> 3元`"),
    (table("| 3元 or 5元 | => 90元 |"), "PC001", "write `3元, 5元`", "请写作 `3元, 5元`"),
    (table("| lo..200元 | => 90元 |"), "PC001", "compare with `lo` and `200元`", "与 `lo`、`200元` 比较"),
    (table("| - | => 90元 |"), "PC001", "write `any` where every value fits", "请写 `任意`"),
    (table("| 其余 | => 90元 |"), "PC101", "by `default set` in a policy for a region above", "用 `除另有规定 设定`"),
    (table("| else | => 90元 |"), "PC001", "by `default set` in a policy for a region above", "用 `除另有规定 设定`"),
    (table("| < -3元   | => 90元 |"), "PC001", "values are 0 or more", "值不小于 0"),
    (rule("set cap = holder.age * 2元 cite s.c"), "PC103", "belongs in a `define`", "请另写 `定义` 来计算"),
    (rule("set cap = 3元 + 2元 cite s.c"), "PC103", "write `5元`", "请写作 `5元`"),
    ("define a = round(amount * 30%, 1元)", "PC001", "`min(a, b)` and `max(a, b)`", "`较小值(甲, 乙)`"),
    ("define a = amount - sum(amount)", "PC001", "`min(a, b)` and `max(a, b)`", "`较小值(甲, 乙)`"),
    (rule("set cap = 3元 exception to a cite s.c"), "PC103", "of the higher rank, the smaller region", "位阶高的"),
    ("define a = date > 2025年", "PC001", "`2025-01-01` or `2025-12-31`", "`2025-01-01` 或 `2025-12-31`"),
    ("define a = holder.age >= 18周岁", "PC001", "write `18`", "请写作 `18`"),
    ("define a = amount > 100块", "PC001", "write `100元`", "请写作 `100元`"),
    ("define a = amount > 100 yuan", "PC001", "write `100元`", "请写作 `100元`"),
    ("define a = amount > ￥99.5", "PC001", "write `99.5元`", "请写作 `99.5元`"),
    ("define a = amount * 0.5", "PC001", "write `50%` for a share", "比例请写作 `50%`"),
    ("define a = amount * 0.125", "PC001", "write `12.5%` for a share", "比例请写作 `12.5%`"),
    ("fact x : int 0到100", "PC001", "write `0..100`", "请写作 `0..100`"),
    ("fact x : int 0-100", "PC001", "write `..`", "请写作 `..`"),
    # Parts that a statement does not have
    ("define a = amount > 3元 cite s.c", "PC001", "cite the clause in the rules", "请在用到它的规则中写依据"),
    ("define a = amount when filed", "PC001", "`if … then … else …`", "`如果 … 那么 … 否则 …`"),
    ("assert a: filed from 2025-01-01", "PC001", "by a comparison", "比较"),
    ('assert a "甲" from 2025-01-01: filed', "PC001", "by a comparison", "比较"),
    # Verdicts
    ('测试 "t" { 给定 通常 预期 共济支付 为 允许 }', "PC001", "did you mean `准予`?", "是否应为 `准予`？"),
    ('测试 "t" { 给定 通常 预期 共济支付 为 禁止 }', "PC001", "`不予`", "`不予`"),
    ('测试 "t" { 给定 通常 预期 共济支付 为 可以 }', "PC103", "`准予`", "`准予`"),
    ('test "t" { given usual expect pay is allowed }', "PC103", "`permitted`", "`permitted`"),
    ('test "t" { given usual expect pay is false }', "PC103", "`denied`", "`denied`"),
    ('test "t" { given usual expect pay is permited }', "PC103", "`permitted`", "`permitted`"),
    ('测试 "t" { 给定 通常 预期 共济支付 为 准于 }', "PC103", "`准予`", "`准予`"),
    # Names
    (
        "define a = 授权人",
        "PC103",
        "its facts are `授权人.参保地`, `授权人.年龄`, `授权人.opened`",
        "其中有 `授权人.参保地`",
    ),
    ("define a = user is 3", "PC103", "its facts are `user.home`", "其中有 `user.home`"),
    ("define a = relation is 配禺", "PC101", "did you mean `配偶`?", "是否指 `配偶`？"),
    ("define a = 非异地就医备案", "PC003", "write `非 异地就医备案`", "`非 异地就医备案`"),
    ("define a = cap > 3元", "PC103", "`holder.home.cap`", "`holder.home.cap`"),
    ("define a = age > 3", "PC101", "`holder.age`", "`holder.age`"),
    ("define a = 年龄 > 3", "PC101", "`授权人.年龄`", "`授权人.年龄`"),
    ("define a = 关系 is spouse", "PC101", "`与授权人关系`", "`与授权人关系`"),
    ("define a = opened", "PC101", "`holder.opened`", "`holder.opened`"),
    (
        "define a = relation is 夫妻",
        "PC101",
        "its members are `配偶`, `父母`, `子女`",
        "它的成员有 `配偶`、`父母`、`子女`",
    ),
    (
        "define a = holder.home in 滕州市",
        "PC101",
        'region CODE "滕州市" in PARENT',
        '地区 六位代码 "滕州市" 位于 上级地区',
    ),
    ("define a = holder.home in 440300", "PC101", 'region 440300 "NAME" in 440000', '地区 440300 "名称" 位于 440000'),
    ("define a = holder.home in 广东", "PC101", "did you mean `广东省`?", "是否指 `广东省`？"),
    ("define a = if filed then high else spouse", "PC103", "`define NAME : grade = …`", "`定义 名称 : grade = …`"),
]


@pytest.mark.parametrize(("text", "code", "english", "chinese"), MISTAKES)
def test_one_mistake_has_one_message_that_says_what_to_write(
    text: str, code: str, english: str, chinese: str, tmp_path: Path
) -> None:
    for lang, help_, error in (("en", english, "error["), ("zh", chinese, "错误[")):
        output = run(tmp_path, text, "check", lang=lang).output
        assert output.count(error) == 1, output
        assert f"[{code}]" in output
        assert help_ in output, output


def test_a_nearest_region_is_no_chance_likeness(tmp_path: Path) -> None:
    assert "did you mean" not in run(tmp_path, "define a = holder.home in 滕州市", "check", lang="en").output


def test_members_of_nested_choices_are_of_the_enum_that_has_them_all(tmp_path: Path) -> None:
    text = "define a = if filed then spouse else if amount > 3元 then parent else child\nassert b: a in {spouse, child} or filed is false"
    assert run(tmp_path, text, "check", lang="en").exit_code == 0


def test_more_regions_than_sides_are_answered_with_the_sides(tmp_path: Path) -> None:
    for lang, shown in (
        ("en", "takes 2 at most: `holder.home` (side 授权侧), `user.home` (side 使用侧)"),
        ("zh", "最多取 2 个，依次为：`holder.home`（授权侧）、`user.home`（使用侧）"),
    ):
        asked = CliRunner()
        path = tmp_path / "a.policy"
        path.write_text(BASE, "utf-8")
        words = ["--lang", lang, "ask", "pay", "广东", "重庆", "广东", "-p", str(path)]
        done = asked.invoke(main, words)
        assert done.exit_code == 2
        assert shown in done.output


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("gbk", "GBK (GB18030)"), ("gb18030", "GBK (GB18030)"), ("utf-16", "UTF-16"), ("utf-16-be", "UTF-16")],
)
def test_another_encoding_is_named(encoding: str, shown: str, tmp_path: Path) -> None:
    path = tmp_path / "a.policy"
    path.write_bytes("事实 已备案 : 是非\n事实 年龄 : 整数\n".encode(encoding))
    for lang, advice in (("en", "save it as UTF-8"), ("zh", "请另存为 UTF-8")):
        output = CliRunner().invoke(main, ["--lang", lang, "check", str(path)]).output
        assert shown in output
        assert advice in output


def test_no_encoding_is_named_where_it_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "a.policy"
    path.write_bytes("fact café : boolean".encode("latin-1"))
    output = CliRunner().invoke(main, ["--lang", "en", "check", str(path)]).output
    assert "save it as UTF-8" in output
    assert "GBK" not in output


@pytest.mark.parametrize(
    ("word", "digits"),
    [
        ("四", "4"),
        ("十二", "12"),
        ("二十", "20"),
        ("一百零五", "105"),
        ("一万五千", "15000"),
        ("三亿二千万", "320000000"),
        ("二〇二五", "2025"),
        ("1万5千元", "15000元"),
        ("两千元整", "2000元"),
        ("百分之七十五点五", "75.5%"),
        ("七成半", "75%"),
        ("三十天", "30 天"),
        ("二〇二五年七月一日", "2025-07-01"),
        ("二〇二五年十三月一日", None),
        ("成年人", None),
        ("元", None),
        ("一类", None),
        ("spouse", None),
    ],
)
def test_han_numerals_are_read(word: str, digits: str | None) -> None:
    assert in_digits(word) == digits


@pytest.mark.parametrize(
    ("word", "meant"),
    [("允午", "允许"), ("许允", "允许"), ("应当允", "应当允许"), ("permti", "permit"), ("关系", None), ("x", None)],
)
def test_the_nearest_word(word: str, meant: str | None) -> None:
    assert nearest_word(word, ["permit", "forbid", "允许", "禁止", "应当允许"], LIKENESS) == meant


def test_no_word_of_a_habit_is_a_word_of_the_language() -> None:
    """Otherwise its table would never be asked, or would send an author from a right word to a wrong one."""
    assert not [word for word in VERDICTS if word in VERDICT_WORDS]
    assert not [word for word in TYPES if word in TYPE_WORDS]
    assert set(VERDICTS.values()) <= set(VERDICT_WORDS)
    assert set(TYPES.values()) <= set(TYPE_WORDS)
    assert [word for word in sorted(RESERVED) if meant_by(word)] == []
