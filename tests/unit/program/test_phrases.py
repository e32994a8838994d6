"""Conditions as people say them: plurals, days, truth values and definitions, in both languages."""

from __future__ import annotations

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import PolicySet
from policyc.dsl.syntax.parse import parse
from policyc.render.conditions import Conditions
from policyc.render.text import Manner
from policyc.solver.report.answers import Condition, Written

TEXT = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum kin "亲属关系" { spouse "配偶", parent "父母", child "子女", sibling "兄弟姐妹" }
enum plan "险种" { employee "职工医保", no_scheme "未参保" }
enum cover "保障" { full "全额" / "fully covered", part "部分" / "covered in part", none "无" / "uncovered" / "covered" }
record payer "共济人" {
  fact plan     "险种"       : plan
  fact region   "参保地"     : region
  fact links    "已绑定人数" : int 0..100
  fact children "子女数"     : int 0..9
  fact age      "年龄"       : int 0..120
  fact retired  "退休"       : boolean
  fact insured_on "参保日"   : date
}
record care "就医" { fact region "就医地" : region }
record wallet "钱包" { fact owner_open "本人已开通" : boolean }
record expense "费用" { fact in_catalogue "目录内" : boolean  fact amount "金额" : money }
fact notice_read "已阅告知书" : boolean
fact papers_signed "已签文件" : boolean
fact objection "有异议" : boolean
fact visits "次数" : int 0..50
fact relation "关系" : kin
fact filed_on "备案日" : date
fact date "日期" : date
fact cover "保障" / "cover" / "the payer is {}" : cover
fact height "身高" / "the payer is {} cm tall" : int
fact start "起日" / "cover begins {}" : date
fact opened "已开" / "the payer has opened a wallet" : boolean
parameter both "双向" / "links go both ways" / "links go one way" : boolean
parameter link_cap "绑定人数上限" : int 0..100
parameter open "已开通" : boolean
parameter allowed "可共济亲属" : set of kin
define near "近亲" : set of kin = {spouse, parent, child}
define local "本地就医" = care.region.province is payer.region.province
define fit "合规" = (local or filed_on <= date) and not expense.in_catalogue and relation in near
define half "一半" = expense.amount * 50%
define due "应付" = if notice_read then 100元 else expense.amount
"""


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    tree, mistakes = parse(SourceFile("a.policy", TEXT))
    policy_set, findings = compile_set([tree], [])
    assert mistakes == []
    assert {finding.code.id for finding in findings} == {"PC107"}  # nothing reads what is only told here
    return policy_set


def condition(policies: PolicySet, written: str) -> Condition:
    """`subject op value`, or `subject op =expression`."""
    for op in (" not in ", " is not ", " in ", " is ", " <= ", " >= ", " < ", " > "):
        left, found, value = written.partition(op)
        if found:
            subject = left if left in policies.facts else expression(policies, left)
            return Condition(subject, op.strip(), _value(policies, value))
    raise AssertionError(written)


def _value(policies: PolicySet, written: str) -> str | tuple[str, ...] | Written:
    if written.startswith("="):
        return expression(policies, written.removeprefix("="))
    return tuple(written.strip("{}").split(", ")) if written.startswith("{") else written


def expression(policies: PolicySet, written: str) -> Written:
    asked = QuestionReader(policies).question(written)
    assert asked is not None and not isinstance(asked.subject, str)
    return Written(written, asked.subject)


@pytest.mark.parametrize(
    ("written", "english", "chinese"),
    [
        ("payer.plan is not no_scheme", "the payer's plan is other than “no scheme”", "共济人的险种不是未参保"),
        ("cover is full", "the payer is fully covered", "保障为全额"),
        ("cover is not full", "the payer is not fully covered", "保障不是全额"),
        ("cover is not none", "the payer is covered", "保障不是无"),
        ("cover in {full, part}", "the payer is fully covered or covered in part", "保障为全额或部分"),
        ("cover not in {full, part}", "the payer is neither fully covered nor covered in part", "保障不是全额或部分"),
        ("height >= 150", "the payer is at least 150 cm tall", "身高不低于150"),
        ("height is not 150", "the payer is not 150 cm tall", "身高不是150"),
        ("start < 2025-06-30", "cover begins before 2025-06-30", "起日早于2025-06-30"),
        ("start is 2025-06-30", "cover begins on 2025-06-30", "起日为2025-06-30"),
        ("start >= =date + 30 days", "cover begins no earlier than 30 days after the date", "起日不早于日期之后30天"),
        ("opened is false", "the payer has not opened a wallet", "未开"),
        ("payer.region.both is false", "links go one way in the payer's region", "共济人参保地非双向"),
        ("payer.links <= 9", "the payer has at most 9 links", "共济人的已绑定人数不超过9"),
        ("payer.links < 9", "the payer has fewer than 9 links", "共济人的已绑定人数少于9"),
        ("payer.links >= 1", "the payer has at least 1 link", "共济人的已绑定人数不少于1"),
        ("payer.links > 1", "the payer has more than 1 link", "共济人的已绑定人数超过1"),
        ("payer.links is 0", "the payer has no links", "共济人的已绑定人数为零"),
        ("payer.links is 2", "the payer has 2 links", "共济人的已绑定人数为2"),
        ("payer.links is not 2", "the payer has other than 2 links", "共济人的已绑定人数不是2"),
        ("payer.children >= 1", "the payer has at least 1 child", "共济人的子女数不少于1"),
        ("visits <= 3", "there are at most 3 visits", "次数不超过3"),
        ("visits <= 1", "there is at most 1 visit", "次数不超过1"),
        (
            "payer.links < =payer.region.link_cap",
            "the payer has fewer links than the link cap in the payer's region",
            "共济人的已绑定人数少于共济人参保地的绑定人数上限",
        ),
        ("payer.age >= 18", "the payer's age is at least 18", "共济人的年龄不低于18"),
        ("payer.retired is true", "the payer is retired", "共济人为退休"),
        ("payer.retired is false", "the payer is not retired", "共济人非退休"),
        ("expense.in_catalogue is true", "the expense is in catalogue", "费用为目录内"),
        ("notice_read is true", "the notice is read", "已阅告知书"),
        ("notice_read is false", "the notice is not read", "未阅告知书"),
        ("papers_signed is false", "the papers are not signed", "未签文件"),
        ("objection is true", "“objection” holds", "有异议"),
        ("objection is false", "“objection” does not hold", "没有异议"),
        ("wallet.owner_open is true", "“owner open” holds for the wallet", "钱包：本人已开通"),
        ("wallet.owner_open is false", "“owner open” does not hold for the wallet", "钱包：本人未开通"),
        ("payer.region.open is true", "“open” holds in the payer's region", "共济人参保地已开通"),
        ("payer.region.open is false", "“open” does not hold in the payer's region", "共济人参保地未开通"),
        ("date >= 2025-06-30", "the date is on or after 2025-06-30", "日期不早于2025-06-30"),
        ("date is 2025-06-30", "the date is 2025-06-30", "日期为2025-06-30"),
        ("filed_on < 2025-06-30", "it is filed before 2025-06-30", "备案日早于2025-06-30"),
        (
            "payer.insured_on <= 2025-06-30",
            "the payer is insured on or before 2025-06-30",
            "共济人的参保日不晚于2025-06-30",
        ),
        (
            "date >= =payer.insured_on + 365 days",
            "the date is no earlier than 365 days after the payer is insured",
            "日期不早于共济人的参保日之后365天",
        ),
        (
            "relation not in {spouse, parent}",
            "the relation is neither spouse nor parent",
            "关系不是配偶或父母",
        ),
        (
            "relation not in {spouse, parent, sibling}",
            "the relation is none of spouse, parent or sibling",
            "关系不是配偶、父母或兄弟姐妹",
        ),
        (
            "relation in =payer.region.allowed",
            "the relation is among the allowed in the payer's region",
            "关系属于共济人参保地的可共济亲属",
        ),
        (
            "care.region.province is not =payer.region.province",
            "the care's region and the payer's region are in different provinces",
            "就医地与共济人的参保地不同省",
        ),
    ],
)
def test_conditions(policies: PolicySet, written: str, english: str, chinese: str) -> None:
    for language, expected in (("en", english), ("zh", chinese)):
        manner = Manner("zh" if language == "zh" else "en")
        assert manner.say(Conditions(policies, manner).phrase(condition(policies, written))) == expected


def test_a_span_of_days_is_one_phrase(policies: PolicySet) -> None:
    ends = [condition(policies, "date >= 2025-01-01"), condition(policies, "date <= 2025-06-30")]
    said = Conditions(policies, Manner("en")).sentence(ends)
    assert said == "the date is no earlier than 2025-01-01 and no later than 2025-06-30"
    assert Conditions(policies, Manner("zh")).sentence(ends) == "日期在2025-01-01至2025-06-30之间"


def test_what_an_answer_depends_on(policies: PolicySet) -> None:
    facts = ["payer.links", "payer.retired", "wallet.owner_open", "notice_read", "filed_on", "relation"]
    assert Conditions(policies, Manner("en")).subjects(facts) == (
        "how many links the payer has, whether the payer is retired, whether “owner open” holds for the wallet, "
        "whether the notice is read, when it is filed and the relation"
    )
    assert Conditions(policies, Manner("zh")).subjects(facts) == (
        "共济人的已绑定人数、共济人是否退休、钱包：本人是否已开通、是否已阅告知书、备案日、关系"
    )


def test_what_is_to_be_arranged(policies: PolicySet) -> None:
    told = [condition(policies, f"{fact} is true") for fact in ("notice_read", "wallet.owner_open", "objection")]
    said = Conditions(policies, Manner("en")).arrangement(told)
    assert said == "the notice is read, “owner open” holds for the wallet and “objection” holds"
    assert Conditions(policies, Manner("zh")).arrangement(told) == "已阅告知书，钱包：本人已开通，且有异议"


def test_definitions_told_by_name_are_explained(policies: PolicySet) -> None:
    told = [
        condition(policies, "fit is true"),
        condition(policies, "expense.amount <= =half"),
        condition(policies, "expense.amount < =due"),
    ]
    english, chinese = (Conditions(policies, Manner(language)) for language in ("en", "zh"))
    assert (
        english.sentence(told)
        == "“fit” holds, the expense's amount is at most “half” and the expense's amount is below “due”"
    )
    assert list(english.legend()) == [
        "  (“fit”: (“local” holds, or it is filed no later than the date), the expense is not in catalogue "
        + "and the relation is one of “near”)",
        "  (“half”: `expense.amount * 50%`)",
        "  (“due”: 100元 if the notice is read, else the expense's amount)",
        "  (“local”: the care's region and the payer's region are in the same province)",
        "  (“near”: spouse, parent and child)",
    ]
    assert list(english.legend()) == []
    assert chinese.sentence(told) == "符合“合规”，费用的金额不超过“一半”，且费用的金额低于“应付”"
    assert next(chinese.legend()) == (
        "  （“合规”：（符合“本地就医”，或备案日不晚于日期），费用非目录内，且关系属于“近亲”）"
    )
