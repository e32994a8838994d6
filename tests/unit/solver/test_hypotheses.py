"""Hypotheses: the answer equals that of the set rewritten by hand, and names the hypothesis."""

from __future__ import annotations

from datetime import date

import pytest

from policyc.dsl.binding.compile import compile_set
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import PolicySet
from policyc.dsl.syntax.parse import parse
from policyc.solver.ask.options import Wishes
from policyc.solver.ask.request import AskError, understand
from policyc.solver.report.answers import AskReport, ConditionAnswer, DecisionAnswer, OpenValueAnswer
from tests.support.slow import mostly_slow

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home "地区" : region usual 500000
fact links "人数" : int 0..20
fact amount "金额" : money 0元..1000元
fact kin : boolean
parameter cap "人数上限" : int 0..100
parameter share "比例" : percent
parameter least "起付线" : money
decision bind "绑定" governed by home as paying
define due = max(amount - home.least, 0元) * home.share
policy national "全国规定" for 100000 {
  default set cap = 20
  permit bind anyone "都可以"
  require bind few "人数未满": links < home.cap
}
policy city "本市规定" for 500000 {
  set cap = 10
  set cap = 8 when kin
  forbid bind strangers when not kin and links > 5
  table benefit "待遇" { | kin | => share | least | | true | => 50% | 100元 | | false | => 10% | 200元 | }
}
"""


def compiled(text: str) -> PolicySet:
    tree, mistakes = parse(SourceFile("a.policy", text))
    policy_set, findings = compile_set([tree], [])
    assert [*mistakes, *(f for f in findings if f.level.value == "error")] == []
    return policy_set


def span_or_ways(report: AskReport) -> object:
    """The parts of the answer that do not depend on the places of rules in the text."""
    match report.kind:
        case DecisionAnswer() | ConditionAnswer():
            return report.kind.permitted_if
        case OpenValueAnswer():
            return report.kind.range
        case other:
            return other


def answer(policy_set: PolicySet, question: str, wishes: Wishes, **given: str) -> AskReport:
    return understand(policy_set, question, [], given, on=None, today=date(2026, 1, 1), wishes=wishes).report()


@pytest.mark.parametrize(
    ("wishes", "old", "new"),
    mostly_slow(
        [
            pytest.param(Wishes(assume=("city.cap = 12",)), "set cap = 10", "set cap = 12"),
            pytest.param(Wishes(assume=("本市规定.人数上限＝12",)), "set cap = 10", "set cap = 12"),
            pytest.param(Wishes(assume=("city.cap@2=3",)), "set cap = 8", "set cap = 3"),
            pytest.param(Wishes(assume=("city.benefit@1:share = 80%",)), "50% | 100元", "80% | 100元"),
            pytest.param(Wishes(assume=("city.benefit@2.least = 300",)), "10% | 200元", "10% | 300元"),
            pytest.param(Wishes(without=("city.cap",)), "set cap = 10\n", ""),
            pytest.param(Wishes(without=("national.few",)), 'require bind few "人数未满": links < home.cap', ""),
            pytest.param(Wishes(without=("人数未满",)), 'require bind few "人数未满": links < home.cap', ""),
            pytest.param(Wishes(without=("全国规定.人数未满",)), 'require bind few "人数未满": links < home.cap', ""),
            pytest.param(
                Wishes(without=("本市规定.strangers",)),
                "forbid bind strangers when not kin and links > 5",
                "",
            ),
            pytest.param(Wishes(without=("city.strangers",)), "forbid bind strangers when not kin and links > 5", ""),
            pytest.param(Wishes(without=("city.benefit@1",)), "| true | => 50% | 100元 |", ""),
        ]
    ),
)
@pytest.mark.parametrize("question", mostly_slow(["bind", "due", "home.cap", "home.share"], 2))
def test_it_is_the_answer_of_the_set_rewritten(wishes: Wishes, old: str, new: str, question: str) -> None:
    assert old in SET
    rewritten = compiled(SET.replace(old, new))
    for given in (
        {"links": "11", "kin": "true"},
        {"links": "7", "kin": "false"},
        {"links": "2", "amount": "500元"},
        {"kin": "true", "amount": "500元"},
    ):
        supposed = answer(compiled(SET), question, wishes, **given)
        plain = answer(rewritten, question, Wishes(), **given)
        assert (supposed.answer, supposed.possible) == (plain.answer, plain.possible)
        assert span_or_ways(supposed) == span_or_ways(plain)
        assert supposed.hypothesis is not None
        assert supposed.in_truth == answer(compiled(SET), question, Wishes(), **given).answer


def test_what_is_supposed_is_said() -> None:
    wishes = Wishes(assume=("city.cap = 12",), without=("city.strangers", "city.benefit"))
    report = answer(compiled(SET), "bind", wishes, links="11", kin="false")
    assert (report.answer, report.in_truth) == ("permitted", "denied")
    assert report.hypothesis is not None
    (assumed,) = report.hypothesis.assume
    assert (assumed.rule, assumed.value, assumed.instead_of) == ("city.cap", "12", "10")
    assert report.hypothesis.without == ("city.strangers", "city.benefit")


def test_a_policy_can_be_left_out_whole() -> None:
    report = answer(compiled(SET), "home.cap", Wishes(without=("city",)))
    assert (report.answer, report.in_truth) == ("20", "depends")


def test_what_is_left_out_may_be_named_twice() -> None:
    for twice in (("city", "city.strangers"), ("city.strangers", "本市规定"), ("本市规定", "city")):
        report = answer(compiled(SET), "home.cap", Wishes(without=twice))
        assert (report.answer, report.in_truth) == ("20", "depends")
    wishes = Wishes(assume=("city.cap = 12", "本市规定.人数上限 = 12"))
    assert answer(compiled(SET), "home.cap", wishes, kin="false").answer == "12"


def test_without_a_supposition_nothing_is_said() -> None:
    report = answer(compiled(SET), "bind", Wishes(), links="1")
    assert (report.hypothesis, report.in_truth) == (None, None)


@pytest.mark.parametrize(
    ("wishes", "code", "key", "suggestion"),
    [
        (Wishes(assume=("city.cup = 3",)), "PC101", "PC101.setting", "city.cap"),
        (Wishes(assume=("city.benefit@1 = 3",)), "PC101", "PC101.several-settings", None),
        (Wishes(assume=("city.cap",)), "PC001", "PC001.assumption", None),
        (Wishes(assume=("city.cap = 101",)), "PC105", "PC105.out-of-bounds", None),
        (Wishes(assume=("city.cap = 3元",)), "PC103", "PC103.expected", None),
        (Wishes(assume=("city.cap = many",)), "PC103", "PC103.no-value", None),
        (Wishes(assume=("city.cap = 3", "city.cap = 4")), "PC102", "PC102.given-twice", None),
        (
            Wishes(assume=("city.cap = 3",), without=("city",)),
            "PC102",
            "PC102.assumed-and-left-out",
            None,
        ),
        (Wishes(without=("city.stranger",)), "PC101", "PC101.rule", "city.strangers"),
        (Wishes(without=("national.strangers",)), "PC101", "PC101.rule", "city.strangers"),
    ],
)
def test_mistakes(wishes: Wishes, code: str, key: str, suggestion: str | None) -> None:
    with pytest.raises(AskError) as raised:
        answer(compiled(SET), "bind", wishes, links="1")
    (found,) = raised.value.diagnostics
    assert (found.code.id, found.message.key) == (code, key)
    assert suggestion is None or (
        found.help is not None and f"did you mean `{suggestion}`?" in render(found.help, "en")
    )


@pytest.mark.parametrize("written", ["cap = 3", "人数上限 = 3"])
def test_a_parameter_alone_is_offered_the_rules_that_set_it(written: str) -> None:
    with pytest.raises(AskError) as raised:
        answer(compiled(SET), "bind", Wishes(assume=(written,)), links="1")
    (found,) = raised.value.diagnostics
    assert found.help is not None
    assert dict(found.help.args)["keys"] == ("`national.cap`", "`city.cap`", "`city.cap@2`")
