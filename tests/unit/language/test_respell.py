"""Pieces of policy text in the keywords of the other language, and with other names."""

from __future__ import annotations

import pytest

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.binding.wording.respell import respelled
from policyc.dsl.binding.wording.spoken import spoken_names
from policyc.dsl.model import DefineValue, conditions
from policyc.dsl.model.traversal import subexpressions
from policyc.dsl.syntax.excerpt import on_one_line
from policyc.dsl.syntax.keywords import Language
from tests.support.bundled import bundled
from tests.support.sets.random_sets import compiled

NAMES = {"payer.region": "共济人.参保地", "relation": "关系", "cap": "上限", "spouse": "配偶"}


@pytest.mark.parametrize(
    ("written", "language", "said"),
    [
        ("when relation is not spouse", "zh", "条件 关系 不为 配偶"),
        (
            "unless payer.region not in 500000 and payer.region.cap > 3",
            "zh",
            "除非 共济人.参保地 不属于 500000 且 共济人.参保地.上限 > 3",
        ),
        ("exception to a, other.b@2", "zh", "例外于 a, other.b@2"),
        ("when pay is permitted or pay is not denied", "zh", "条件 pay 为 准予 或 pay 不为 不予"),
        ("when state is permitted", "zh", "条件 state 为 permitted"),
        (
            'when date + 30 days >= 2025-01-01 and place is "and"',
            "zh",
            '条件 date + 30 天 >= 2025-01-01 且 place 为 "and"',
        ),
        (
            "条件 关系 是 配偶 且 非 已备案 除非 支付 为 准予",
            "en",
            "when 关系 is 配偶 and not 已备案 unless 支付 is permitted",
        ),
        ("条件 （甲 或 乙）", "en", "when （甲 or 乙）"),
        ("when a is\n  not b", "zh", "条件 a 不为 b"),
        ("default", "zh", "除另有规定"),
        ("until 2025-01-01", "zh", "至 2025-01-01"),
        ("spouse, payer.regional, unspouse", "zh", "配偶, payer.regional, unspouse"),
    ],
)
def test_keywords_and_names(written: str, language: Language, said: str) -> None:
    assert respelled(written, language, NAMES if language == "zh" else {}, ["pay", "支付"]) == said


def test_every_condition_of_the_bundled_rules_means_the_same_in_chinese() -> None:
    policy_set = bundled()
    names = spoken_names(policy_set)
    reader, asked = QuestionReader(policy_set), dict[str, object]()
    for rule in policy_set.rules.values():
        for condition in conditions(rule):
            written = on_one_line(condition.span)
            local = [part for part in subexpressions(condition) if isinstance(part, DefineValue) and "." in part.define]
            if written in asked or local or condition.span.file != rule.span.file or written.startswith("|"):
                continue
            chinese = respelled(written, "zh", names.aliases, names.decisions)
            question = asked[written] = reader.question(chinese)
            assert question is not None, (chinese, reader.diagnostics)
            assert question.subject == condition, chinese
            assert respelled(chinese, "en", {alias: name for name, alias in names.aliases.items()}) == written
    assert len(asked) > 50


HIDING = """
region 100000 "中华人民共和国"
enum kind "种类" { one "甲", two "乙", same "丙", other "丙" }
enum second "另一种" { one "别的", four "丁" }
record payer "共济人" { fact region "参保地" : region  fact kind "类" : kind }
fact spare "备用" : boolean
fact four "四" : second
fact hidden "隐藏" : boolean
decision pay "支付" governed by payer.region as paying "参保侧"
policy p for 100000 { define own "隐藏" = spare }
"""


def test_an_alias_is_one_that_means_the_same_everywhere() -> None:
    """No alias: of a member that has two meanings or shares its title, or of what a policy has another thing for."""
    names = spoken_names(compiled(HIDING)[0])
    assert names.aliases == {
        "two": "乙",
        "payer.region": "共济人.参保地",
        "payer.kind": "共济人.类",
        "spare": "备用",
        "four": "四",
        "pay": "支付",
    }
    assert names.titles["payer.region"] == "参保地"
    assert names.titles["paying"] == names.titles["pay/paying"] == "参保侧"
