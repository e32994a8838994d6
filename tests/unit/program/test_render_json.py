"""The JSON of `check` and `ask`: names and order of fields, as documented."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from policyc.dsl.diagnostics.diagnostic import (
    CODES,
    Cite,
    DateSpan,
    Diagnostic,
    Finding,
    Label,
    Severity,
    report,
    text,
)
from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.dsl.model import MONEY, REGION, FactValue
from policyc.render.json import ask_json, check_json, findings_json
from policyc.solver.report.answers import (
    Alternatives,
    AnswerKind,
    AskReport,
    Condition,
    ConditionAnswer,
    DecisionAnswer,
    ImpossibleCase,
    OpenValueAnswer,
    Reason,
    ReasonEffect,
    ReasonState,
    Usual,
    ValueAnswer,
    Written,
)
from policyc.solver.report.reports import CheckReport, Proof, ProofKind

FILE = SourceFile("政策/a.policy", "policy a {\n  permit pay 近亲属\n}\n")
NAME = Span(FILE, 24, 27)
AMOUNT = Written("expense.amount", FactValue("expense.amount", type=MONEY, span=NAME))

CONFLICT = Diagnostic(
    CODES["PC301"],
    text("ask.value", value="they conflict"),
    Label(NAME, text("finding.permits")),
    (Label(Span(FILE, 0, 6)),),
    help=text("ask.value", value="narrow one"),
    finding=Finding(
        decision="pay",
        side="paying",
        rules=("a.one", "a.two"),
        cites=(Cite("a.one", "faq", "c1", "近亲属可以"),),
        witness=(("payer.region", "500000"),),
        verdicts=(("pay", "conflicting"),),
        regions=("500000",),
        dates=(DateSpan("2024-11-01", None),),
    ),
)


def test_check_has_the_documented_fields_in_order() -> None:
    found = CheckReport(
        (CONFLICT,), (Proof(ProofKind.NO_CONFLICT, None, "pay", "receiving", 41),), 3, 2, 14, stopped=False
    )
    rendered = check_json(found, "en", 0.83111)
    value = json.loads(rendered)
    assert value == {
        "version": 1,
        "summary": {
            "files": 3,
            "policies": 2,
            "rules": 14,
            "errors": 1,
            "warnings": 0,
            "notes": 0,
            "acknowledged": 0,
            "undecided": 0,
            "elsewhere": 0,
            "unrepaired": 0,
        },
        "findings": [
            {
                "code": "PC301",
                "name": "conflicting-norms",
                "severity": "error",
                "message": "they conflict",
                "help": "narrow one",
                "decision": "pay",
                "side": "paying",
                "rules": ["a.one", "a.two"],
                "settled_by": None,
                "acknowledged": None,
                "locations": [
                    {
                        "file": "政策/a.policy",
                        "line": 2,
                        "column": 14,
                        "end_line": 2,
                        "end_column": 17,
                        "role": "primary",
                        "label": "permits",
                    },
                    {
                        "file": "政策/a.policy",
                        "line": 1,
                        "column": 1,
                        "end_line": 1,
                        "end_column": 7,
                        "role": "secondary",
                        "label": None,
                    },
                ],
                "cites": [{"rule": "a.one", "source": "faq", "clause": "c1", "text": "近亲属可以"}],
                "witness": {"payer.region": "500000"},
                "verdicts": {"pay": "conflicting"},
                "regions": ["500000"],
                "dates": [{"from": "2024-11-01", "until": None}],
                "repairs": None,
                "cut": [],
            }
        ],
        "proved": [{"what": "no-conflict", "decision": "pay", "side": "receiving", "questions": 41}],
        "verified": None,
        "seconds": 0.831,
    }
    assert list(value) == ["version", "summary", "findings", "proved", "verified", "seconds"]
    assert list(value["findings"][0]) == [
        *("code", "name", "severity", "message", "help", "decision", "side", "rules", "settled_by"),
        *("acknowledged", "locations", "cites", "witness", "verdicts", "regions", "dates", "repairs", "cut"),
    ]
    assert rendered.endswith("}\n")
    assert "近亲属可以" in rendered


def test_messages_are_in_the_language_asked_for() -> None:
    found = CheckReport((CONFLICT,), (), 1, 1, 1, stopped=False)
    label = json.loads(check_json(found, "zh", 0))["findings"][0]["locations"][0]["label"]
    assert label == "允许"


def test_each_finding_is_counted_once() -> None:
    """Acknowledged and undecided findings are not counted as errors too."""
    message = text("ask.value", value="x")
    findings = (
        CONFLICT,
        Diagnostic(CODES["PC301"], message, None, acknowledged="known"),
        Diagnostic(CODES["PC402"], message, None, severity=Severity.NOTE),
        Diagnostic(CODES["PC402"], message, None),
        report("PC901", message, None),
    )
    summary = json.loads(check_json(CheckReport(findings, (), 1, 1, 1, stopped=False), "en", 0))["summary"]
    assert [summary[kind] for kind in ("errors", "warnings", "notes", "acknowledged", "undecided")] == [1] * 5


def test_a_finding_without_place_or_case() -> None:
    finding = json.loads(findings_json([report("PC504", text("ask.value", value="x"), None)], "en"))["findings"][0]
    assert finding["locations"] == []
    assert finding["witness"] is None
    assert finding["verdicts"] == {}


ANSWER = AskReport(
    question="pay",
    answer="depends",
    possible=("permitted", "denied"),
    given={"payer.region": "500000"},
    defaulted=("date",),
    usual=Usual("denied", {"payer.scheme": "employee"}),
    because=(
        Reason(
            rule="a.one",
            effect=ReasonEffect.FORBID,
            side="paying",
            state=ReasonState.HAS_EFFECT,
            beaten_by=None,
            span=NAME,
            cites=(Cite("a.one", "faq", "c22", "不行"),),
            sources=(text("finding.source", title="问答"),),
            later=(0,),
        ),
        Reason("same_person", ReasonEffect.AXIOM, None, ReasonState.FAILS, None, None, ()),
    ),
    depends_on=("relation",),
    kind=DecisionAnswer(
        Alternatives(
            (
                (
                    Condition("relation", "is", "parent"),
                    Condition("payer.balance", ">=", AMOUNT),
                ),
            ),
            complete=False,
        ),
        change=None,
        plainest="denied",
        reasons=None,
        steps=None,
    ),
    examples={"denied": {"relation": "parent"}},
)


def test_ask_has_the_documented_fields_in_order() -> None:
    value = json.loads(ask_json(ANSWER))
    assert list(value) == [
        *(
            "version",
            "question",
            "answer",
            "possible",
            "given",
            "defaulted",
            "usual",
            "because",
            "depends_on",
        ),
        *(
            "permitted_if",
            "complete",
            "change",
            "change_complete",
            "can_arrange",
            "yes_days",
            "timeline",
            "steps",
            "breakdown",
            "optima",
            "reasons",
            "examples",
            "value",
        ),
        "range",
        "hypothesis",
        "cut",
    ]
    assert value["usual"] == {"answer": "denied", "assumed": {"payer.scheme": "employee"}}
    assert value["because"] == [
        {
            "rule": "a.one",
            "effect": "forbid",
            "side": "paying",
            "state": "has-effect",
            "beaten_by": None,
            "file": "政策/a.policy",
            "line": 2,
            "column": 14,
            "cites": [{"source": "faq", "clause": "c22", "text": "不行", "later": True}],
        },
        {
            "rule": "same_person",
            "effect": "axiom",
            "side": None,
            "state": "fails",
            "beaten_by": None,
            "file": None,
            "line": None,
            "column": None,
            "cites": [],
        },
    ]
    assert value["permitted_if"] == [
        [
            {"fact": "relation", "op": "is", "value": "parent"},
            {"fact": "payer.balance", "op": ">=", "value": {"expr": "expense.amount"}},
        ]
    ]
    assert value["complete"] is False
    assert value["change"] is None


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        (ImpossibleCase(), {"complete": True}),
        (ConditionAnswer(Alternatives(((),), complete=True), None), {"permitted_if": [[]], "complete": True}),
        (ValueAnswer(MONEY), {"complete": True, "value": "depends"}),
        (
            OpenValueAnswer(MONEY, ("0元", "10元")),
            {"complete": False, "range": {"min": "0元", "max": "10元"}},
        ),
        (OpenValueAnswer(REGION, None), {"complete": False}),
    ],
)
def test_answers_of_all_kinds_have_the_same_fields(kind: AnswerKind, own: dict[str, object]) -> None:
    shared = ("permitted_if", "change", "change_complete", "can_arrange", "yes_days", "steps", "reasons")
    value = json.loads(ask_json(replace(ANSWER, kind=kind)))
    assert list(value) == list(json.loads(ask_json(ANSWER)))
    nothing = dict.fromkeys((*shared, "value", "range"))
    expected = {**nothing, "permitted_if": [], "change_complete": True, **own}
    assert {name: value[name] for name in expected} == expected
