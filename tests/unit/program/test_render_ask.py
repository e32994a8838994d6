"""The answer of `ask` as text, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.diagnostic import Cite, DateSpan, text
from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.dsl.model import BOOLEAN, MONEY, DefineValue, FactValue, PolicySet
from policyc.dsl.syntax.parse import parse
from policyc.render.ask import render_ask
from policyc.render.text import Manner
from policyc.solver.report.answers import (
    Alternatives,
    AskReport,
    Condition,
    ConditionAnswer,
    DecisionAnswer,
    OpenValueAnswer,
    Reason,
    ReasonEffect,
    ReasonState,
    Usual,
    ValueAnswer,
    WaysToYes,
    Written,
)

FILE = SourceFile(
    "重庆.policy",
    """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
enum relation_kind "亲属关系" { parent "父母", child "子女", sibling "兄弟姐妹" }
record payer "共济人" {
  fact region "参保地" : region
  fact balance "账户余额" : money
}
fact relation "与共济人关系" : relation_kind
fact filed "已备案" : boolean
fact date "日期" : date
decision pay "共济支付" governed by payer.region as paying "参保侧"
define same "同省" = payer.region in 500000
""",
)


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    tree, mistakes = parse(FILE)
    policy_set, findings = compile_set([tree], [])
    assert mistakes == []
    assert {finding.code.id for finding in findings} == {"PC107"}  # nothing asks about `same` but the question
    return policy_set


SOURCE = text("finding.dated-source", title="某网站问答", date="2025-03-12")
FORBID = Reason(
    rule="chongqing.in_laws",
    effect=ReasonEffect.FORBID,
    side="paying",
    state=ReasonState.HAS_EFFECT,
    beaten_by=None,
    span=Span(FILE, 1, 7),
    cites=(Cite("chongqing.in_laws", "faq", "c22", "配偶的父母不行"),),
    title="配偶的父母不行",
    sources=(SOURCE,),
)
DENIED = AskReport(
    question="pay",
    answer="denied",
    possible=("denied",),
    given={"payer.region": "500000", "date": "2025-03-12"},
    defaulted=(),
    because=(FORBID,),
    kind=DecisionAnswer(Alternatives((), complete=True), None, "denied", None, None),
)


def shown(report: AskReport, policies: PolicySet, language: str = "en") -> list[str]:
    return render_ask(report, policies, Manner("zh" if language == "zh" else "en")).splitlines()


def test_a_denial_and_its_reason(policies: PolicySet) -> None:
    assert shown(DENIED, policies) == [
        "denied: pay, on 2025-03-12",
        "",
        "because",
        "  chongqing.in_laws (配偶的父母不行): forbids it (on the paying side)",
        "    重庆.policy:2",
        "    “配偶的父母不行” (某网站问答, 2025-03-12)",
    ]


def test_a_denial_in_chinese(policies: PolicySet) -> None:
    assert shown(DENIED, policies, "zh") == [
        "不予：共济支付，2025-03-12",
        "",
        "理由",
        "  配偶的父母不行（chongqing.in_laws）：禁止（参保侧）",
        "    重庆.policy:2",
        "    “配偶的父母不行”（某网站问答，2025-03-12）",
    ]


def test_the_day_is_today_unless_given(policies: PolicySet) -> None:
    report = replace(DENIED, defaulted=("date",), because=())
    assert shown(report, policies) == ["denied: pay, on 2025-03-12 (today, as no day was given)"]
    assert shown(report, policies, "zh") == ["不予：共济支付，2025-03-12（未指定日期，按今天）"]
    assert shown(replace(report, given={}, defaulted=()), policies) == ["denied: pay, on any day"]


@pytest.mark.parametrize(
    ("changes", "english", "chinese"),
    [
        (
            {"state": ReasonState.BEATEN, "beaten_by": "a.b"},
            "would forbid it, but `a.b` prevails",
            "本来禁止，但 `a.b` 优先",
        ),
        ({"effect": ReasonEffect.PERMIT}, "permits it", "允许"),
        (
            {"effect": ReasonEffect.REQUIRE, "state": ReasonState.FAILS},
            "its requirement is not met",
            "不满足这项要求",
        ),
        (
            {"effect": ReasonEffect.REQUIRE, "state": ReasonState.SET_ASIDE, "beaten_by": "a.b"},
            "its requirement is set aside by `a.b`",
            "这项要求因 `a.b` 而不适用",
        ),
        (
            {"state": ReasonState.NOT_IN_FORCE, "first_day": "2025-06-30"},
            "not in force until 2025-06-30",
            "2025-06-30 起才生效",
        ),
        (
            {"state": ReasonState.NOT_IN_FORCE, "last_day": "2024-12-08"},
            "no longer in force after 2024-12-08",
            "2024-12-08 之后已失效",
        ),
        ({"state": ReasonState.NO_PERMIT}, "no rule permits it", "没有规则允许"),
        (
            {"effect": ReasonEffect.AXIOM, "state": ReasonState.FAILS},
            "no case can be like this",
            "不可能有这样的情形",
        ),
    ],
)
def test_states_in_words(policies: PolicySet, changes: dict[str, object], english: str, chinese: str) -> None:
    report = replace(DENIED, because=(replace(FORBID, side=None, **changes),))
    assert shown(report, policies)[3].endswith(f"): {english}")
    assert shown(report, policies, "zh")[3].endswith(f"）：{chinese}")


AMOUNT = Written("expense.amount", FactValue("expense.amount", type=MONEY, span=Span(FILE, 0, 0)))
SAME = Written("same", DefineValue("same", type=BOOLEAN, span=Span(FILE, 0, 0)))
DEPENDS = AskReport(
    question="pay",
    answer="depends",
    possible=("permitted", "denied"),
    given={"date": "2025-03-12"},
    defaulted=(),
    usual=Usual("permitted", {"filed": "true", "relation": "parent"}),
    because=(),
    depends_on=("relation", "payer.balance"),
    kind=ConditionAnswer(
        Alternatives(
            (
                (Condition("relation", "in", ("child", "parent")), Condition("filed", "is", "true")),
                (
                    Condition(SAME, "is", "false"),
                    Condition("payer.balance", ">=", AMOUNT),
                ),
                (Condition("payer.region", "not in", "500000"), Condition("payer.balance", "<", "200元")),
            ),
            complete=True,
        ),
        change=None,
    ),
    examples={
        "permitted": {"relation": "parent", "filed": "true"},
        "denied": {"relation": "sibling", "filed": "false", "payer.balance": "10元", "date": "2025-03-12"},
    },
)


def test_what_an_answer_depends_on_in_chinese(policies: PolicySet) -> None:
    assert shown(DEPENDS, policies, "zh") == [
        "视情况而定：共济支付，2025-03-12",
        "",
        "取决于：与共济人关系、共济人的账户余额",
        "",
        "可以，须符合下列之一",
        "  1. 与共济人关系为子女或父母，且已备案",
        "  2. 不符合“同省”，且共济人的账户余额不低于`expense.amount`",
        "  3. 共济人的参保地不在重庆市，且共济人的账户余额低于200元",
        "  （“同省”：共济人的参保地在重庆市）",
        "",
        "通常情形：准予",
        "  其中假定：与共济人关系：父母、已备案",
        "",
        "可能的结论及例子",
        "  准予：与共济人关系：父母、已备案",
        "  不予：共济人：账户余额10元；与共济人关系：兄弟姐妹、未备案",
    ]


def test_what_an_answer_depends_on_in_english(policies: PolicySet) -> None:
    rows = shown(DEPENDS, policies)
    assert rows[0] == "depends: pay, on 2025-03-12"
    assert rows[2] == "it depends on the relation and the payer's balance"
    assert rows[4:9] == [
        "yes, if one of these holds",
        "  1. the relation is child or parent and it is filed",
        "  2. “same” does not hold and the payer's balance is at least `expense.amount`",
        "  3. the payer's region is not in 重庆市 and the payer's balance is below 200元",
        "  (“same”: the payer's region is in 重庆市)",
    ]
    assert "usually permitted" in rows


def with_ways(alternatives: Iterable[Iterable[Condition]], *, complete: bool = True) -> AskReport:
    found = Alternatives(tuple(map(tuple, alternatives)), complete)
    return replace(DEPENDS, kind=ConditionAnswer(found, change=None))


def test_ways_that_are_not_all(policies: PolicySet) -> None:
    rows = shown(with_ways(DEPENDS.kind.permitted_if.alternatives, complete=False), policies)
    assert "yes, if one of these holds (there are further ways)" in rows


IN = Condition("payer.region", "in", "500000")
FILED = Condition("filed", "is", "true")
CHILD = Condition("relation", "is", "child")
AT_LEAST = Condition("payer.balance", ">=", "100元")
AT_MOST = Condition("payer.balance", "<=", "200元")
NOT_BEFORE = Condition("date", ">=", "2025-01-01")


@pytest.mark.parametrize(
    ("alternatives", "english", "chinese"),
    [
        (
            [[CHILD, FILED]],
            ["yes, if the relation is child and it is filed"],
            ["可以，条件是与共济人关系为子女，且已备案"],
        ),
        (
            [[AT_LEAST, AT_MOST, NOT_BEFORE]],
            ["yes, if the payer's balance is from 100元 to 200元 and the date is on or after 2025-01-01"],
            ["可以，条件是共济人的账户余额在100元至200元之间，且日期不早于2025-01-01"],
        ),
        (
            [[CHILD, IN], [FILED, IN]],
            [
                "yes, if the payer's region is in 重庆市, and one of these holds",
                "  1. the relation is child",
                "  2. it is filed",
            ],
            ["可以，条件是共济人的参保地在重庆市，并符合下列之一", "  1. 与共济人关系为子女", "  2. 已备案"],
        ),
        (
            [[IN, CHILD, FILED, AT_MOST]],
            [
                "yes, if all of these hold",
                "  - the payer's region is in 重庆市",
                "  - the relation is child",
                "  - it is filed",
                "  - the payer's balance is at most 200元",
            ],
            [
                "可以，须同时符合",
                "  - 共济人的参保地在重庆市",
                "  - 与共济人关系为子女",
                "  - 已备案",
                "  - 共济人的账户余额不超过200元",
            ],
        ),
        (
            [[Condition("relation", "in", ("child", "parent")), Condition("filed", "is", "false")]],
            ["yes, if the relation is one of “elders” and it is not filed", "  (“elders”: parent and child)"],
            ["可以，条件是与共济人关系属于“长幼”，且未备案", "  （“长幼”：父母、子女）"],
        ),
    ],
)
def test_conditions_in_sentences(alternatives: list[list[Condition]], english: list[str], chinese: list[str]) -> None:
    tree, _ = parse(replace(FILE, text=FILE.text + 'define elders "长幼": set of relation_kind = {parent, child}'))
    policy_set, _ = compile_set([tree], [])
    report = with_ways(alternatives)
    for language, expected in (("en", english), ("zh", chinese)):
        assert shown(report, policy_set, language)[4 : 4 + len(expected)] == expected


def test_never_is_said() -> None:
    tree, _ = parse(FILE)
    policy_set, _ = compile_set([tree], [])
    kinds = ("denied", "conflicting", "undetermined")
    report = replace(with_ways([]), possible=kinds)
    decided = replace(report, kind=DecisionAnswer(Alternatives((), complete=True), None, "denied", None, None))
    assert shown(decided, policy_set)[0].startswith("no (denied, conflicting or undetermined): pay")
    assert shown(decided, policy_set, "zh")[0].startswith("不可以（不予、规定冲突或没有规定）：")
    asked = replace(report, possible=("false", "undetermined"))
    assert isinstance(asked.kind, ConditionAnswer)
    assert shown(asked, policy_set)[0].startswith("not true (false or undetermined): ")
    assert shown(asked, policy_set, "zh")[0].startswith("不成立（")
    unknown = replace(decided, cut=("permitted_if",))
    assert shown(unknown, policy_set)[0].startswith("depends: ")


def test_a_value_and_its_range(policies: PolicySet) -> None:
    value = replace(DENIED, question="aid_pays", answer="180元", because=(), kind=ValueAnswer(MONEY))
    assert shown(value, policies) == ["180元: aid_pays, on 2025-03-12"]
    assert shown(replace(value, answer="depends", kind=OpenValueAnswer(MONEY, ("0元", "200元"))), policies) == [
        "depends: aid_pays, on 2025-03-12",
        "  from 0元 to 200元",
    ]


def test_ways_to_a_yes(policies: PolicySet) -> None:
    report = replace(
        DENIED,
        because=(),
        kind=replace(
            DENIED.kind,
            change=WaysToYes(
                (
                    {"relation": "parent"},
                    {"relation": "child"},
                    {"relation": "sibling", "payer.balance": "5元"},
                    {"date": "2025-06-30"},
                ),
                complete=True,
                can_arrange=False,
                days=DateSpan("2025-06-30", None),
                every_case=True,
            ),
        ),
    )
    assert shown(report, policies)[2:] == [
        "yes from 2025-06-30",
        "it would be a yes",
        "  - if the relation is parent or child",
        "  - if the relation is sibling and the payer's balance is 5元",
        "nothing you can arrange changes this",
    ]
    assert shown(report, policies, "zh")[2:] == [
        "2025-06-30 起可以",
        "怎样才可以",
        "  - 如果与共济人关系为父母或子女",
        "  - 如果与共济人关系为兄弟姐妹，且共济人的账户余额为5元",
        "没有任何可办理的事项能改变这一结论",
    ]


@pytest.mark.parametrize(
    ("days", "english", "chinese"),
    [
        (
            DateSpan("2025-06-30", "2025-09-17"),
            "yes from 2025-06-30 until 2025-09-17",
            "2025-06-30 至 2025-09-17 可以",
        ),
        (DateSpan(None, "2024-12-08"), "yes until 2024-12-08", "截至 2024-12-08 可以"),
        (DateSpan("2024-01-01", "2024-12-08"), "yes until 2024-12-08", "截至 2024-12-08 可以"),
    ],
)
def test_nearest_days(policies: PolicySet, days: DateSpan, english: str, chinese: str) -> None:
    ways = WaysToYes((), complete=True, can_arrange=True, days=days, every_case=True)
    report = replace(DENIED, because=(), kind=replace(DENIED.kind, change=ways))
    assert shown(report, policies)[2:] == [english]
    assert shown(report, policies, "zh")[2:] == [chinese]


def test_every_set_of_reasons_is_told(policies: PolicySet) -> None:
    other = replace(
        FORBID,
        rule="national.cap",
        title=None,
        effect=ReasonEffect.REQUIRE,
        state=ReasonState.FAILS,
        cites=(),
    )
    report = replace(DENIED, kind=replace(DENIED.kind, reasons=((FORBID,), (other,))))
    rows = shown(report, policies)
    assert rows[2] == "because (reasons 1 of 2, any of which is enough)"
    assert rows[7] == "because (reasons 2 of 2, any of which is enough)"
    assert rows[8] == "  national.cap: its requirement is not met (on the paying side)"
    assert "理由（共 2 组，任何一组已足够，第 2 组）" in shown(report, policies, "zh")
    dormant = replace(FORBID, rule="national.later", state=ReasonState.NOT_IN_FORCE, first_day="2027-01-01")
    assert "besides" in shown(replace(report, because=(FORBID, dormant)), policies)
