"""Reports as JSON, version 1: names and order of fields as documented.

In: a report. Out: text ending in a newline, the same for the same report (except `seconds`). Only words depend on the
language.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import assert_never

from policyc.dsl.binding.hypotheses import Assumed, Hypothesis
from policyc.dsl.diagnostics.diagnostic import Cite, Diagnostic, Finding, Label, Repair, Text
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import Span
from policyc.solver.report import answers, reports

from ..language import Language
from ..tally import tally

VERSION = 1

#: Controls that JSON allows, characters that change the direction of reading or are invisible, and code points that are
#: not characters.
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)

Json = dict[str, object]


def check_json(
    report: reports.CheckReport, language: Language, seconds: float, others: Sequence[Diagnostic] = ()
) -> str:
    """The report of `check`; `seconds` is how long it took. `others` are findings elsewhere, which are only counted."""
    counts = tally(report.findings)
    return dumped(
        {
            "version": VERSION,
            "summary": {
                "files": report.files,
                "policies": report.policies,
                "rules": report.rules,
                "errors": counts.errors,
                "warnings": counts.warnings,
                "notes": counts.notes,
                "acknowledged": counts.acknowledged,
                "undecided": counts.undecided,
                "elsewhere": len(others),
                "unrepaired": report.unrepaired,
            },
            "findings": [_finding(finding, language) for finding in report.findings],
            "proved": [
                {"what": _proved(p), "decision": p.decision, "side": p.side, "questions": p.questions}
                for p in report.proved
            ],
            "verified": None if report.verified is None else _verified(report.verified),
            "seconds": round(seconds, 3),
        }
    )


def _proved(proof: reports.Proof) -> str:
    return proof.kind.value if proof.name is None else f"{proof.kind.value} {proof.name}"


def findings_json(diagnostics: Iterable[Diagnostic], language: Language) -> str:
    """The errors that prevent a question."""
    return dumped({"version": VERSION, "findings": [_finding(item, language) for item in diagnostics]})


def ask_json(report: answers.AskReport) -> str:
    """The report of `ask`. Fields for parts not asked for are `null`."""
    supposed = report.hypothesis
    return dumped(
        {
            "version": VERSION,
            "question": report.question,
            "answer": report.answer,
            "possible": _plain(report.possible),
            "given": _plain(report.given),
            "defaulted": _plain(report.defaulted),
            "usual": _usual(report.usual),
            "because": _plain(report.because),
            "depends_on": _plain(report.depends_on),
            **_permitted_if(answers.Alternatives((), complete=not isinstance(report.kind, answers.OpenValueAnswer))),
            **_change(None),
            "timeline": _plain(report.timeline),
            "steps": None,
            "breakdown": _plain(report.breakdown),
            "optima": _plain(report.optima),
            "reasons": None,
            "examples": _plain(report.examples),
            "value": None,
            "range": None,
            "hypothesis": supposed if supposed is None else {**_fields(supposed), "in_truth": report.in_truth},
            "cut": _plain(report.cut),
            **_of_its_kind(report.kind, report.answer),  # replaces the defaults above
        }
    )


def _of_its_kind(kind: answers.AnswerKind, answer: str) -> Json:
    """The fields of one kind of answer."""
    match kind:
        case answers.ImpossibleCase():
            return {}
        case answers.DecisionAnswer(permitted_if, change, _, reasons, steps):
            own = {"steps": _plain(steps), "reasons": _plain(reasons)}
            return {**_permitted_if(permitted_if), **_change(change), **own}
        case answers.ConditionAnswer(permitted_if, change):
            return {**_permitted_if(permitted_if), **_change(change)}
        case answers.ValueAnswer():
            return {"value": answer}
        case answers.OpenValueAnswer(range=range_):
            return {} if range_ is None else {"range": dict(zip(("min", "max"), range_, strict=True))}
        case _:
            assert_never(kind)


def _permitted_if(found: answers.Alternatives) -> Json:
    return {"permitted_if": _plain(found.alternatives), "complete": found.complete}


def _change(ways: answers.WaysToYes | None) -> Json:
    if ways is None:
        return {"change": None, "change_complete": True, "can_arrange": None, "yes_days": None}
    days = ways.days
    return {
        "change": _plain(ways.changes),
        "change_complete": ways.complete,
        "can_arrange": ways.can_arrange,
        "yes_days": None if days is None else {"from": days.first, "until": days.last, "every_case": ways.every_case},
    }


def _span(span: answers.TimelineSpan) -> Json:
    return {
        "from": span.days.first,
        "until": span.days.last,
        "answer": span.answer,
        "possible": _plain(span.possible),
        "usual": span.usual,
        "turned_by": _plain(span.turned_by),
    }


def _usual(usual: answers.Usual | None) -> Json | None:
    """`unfounded` is there only where something is."""
    if usual is None:
        return None
    found = {"answer": usual.answer, "assumed": _plain(usual.assumed)}
    return {**found, "unfounded": _plain(usual.unfounded)} if usual.unfounded else found


def _fields(
    report: answers.Step
    | answers.BillReport
    | answers.BillLine
    | answers.BillPayment
    | answers.Unfounded
    | Assumed
    | Hypothesis,
) -> Json:
    """Values whose fields are the same, in the same order, in a report and in its JSON."""
    return {part.name: _plain(getattr(report, part.name)) for part in fields(report)}


def _plain(value: object) -> object:
    """A part of a report as JSON."""
    match value:
        case (
            answers.Step()
            | answers.BillReport()
            | answers.BillLine()
            | answers.BillPayment()
            | answers.Unfounded()
            | Assumed()
        ):
            return _fields(value)
        case answers.Condition():
            return _condition(value)
        case answers.Optimum(of, goal, best, case):
            return {"of": of.text, "goal": goal, "value": best, "case": _plain(case)}
        case answers.Reason():
            return _reason(value)
        case answers.TimelineSpan():
            return _span(value)
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {name: _plain(inner) for name, inner in value.items()}
        case _:
            return value


def test_json(report: reports.TestReport, files: int, language: Language) -> str:
    """The report of `test`; `files` is how many were read."""
    return dumped(
        {
            "version": VERSION,
            "summary": {
                "files": files,
                "tests": len(report.tests),
                **{status: report.count(status) for status in ("passed", "failed", "impossible", "undecided")},
            },
            "tests": [_test(test, language) for test in report.tests],
            "coverage": None if report.coverage is None else _coverage(report.coverage),
        }
    )


def matrix_json(report: reports.MatrixReport, names: Sequence[str]) -> str:
    """The report of `matrix`; `names` are the names of its regions. Each list of words takes one line."""
    common: Json = {
        "version": VERSION,
        "decision": report.decision,
        "by": report.level,
        "all": report.every,
        "given": dict(report.given),
        "defaulted": list(report.defaulted),
        "row_fact": report.row_fact,
        "column_fact": report.column_fact,
        "regions": list(report.regions),
        "names": list(names),
        "rows": list(report.rows),
        "columns": None if report.columns is None else list(report.columns),
    }
    if report.each is None:
        return dumped({**common, **_matrix(report.matrices[""])}, compact=True)
    matrices = {value: {"regions": list(report.regions), **_matrix(one)} for value, one in report.matrices.items()}
    return dumped({**common, "each": report.each, "matrices": matrices}, compact=True)


def _matrix(matrix: reports.Matrix) -> Json:
    return {
        "assumed": {fact: list(values) for fact, values in matrix.assumed.items()},
        "cells": [list(row) for row in matrix.cells],
    }


def dumped(value: Json, *, compact: bool = False) -> str:
    """JSON as text, as all reports are written. `compact` puts every list of words on one line, since a table of them is
    unreadable otherwise."""
    if not compact:
        return _escaped(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"
    lists: list[str] = []
    outer = json.dumps(_without_lists(value, lists), ensure_ascii=False, indent=2)
    return _escaped(re.sub(r'"\\u0000(\d+)"', lambda mark: lists[int(mark[1])], outer)) + "\n"


def _escaped(content: str) -> str:
    """JSON with every invisible or invalid character as a `\\u` escape."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], content)


def _without_lists(value: object, lists: list[str]) -> object:
    """The value with each list of words replaced by a mark and moved to `lists`."""
    match value:
        case dict():
            return {name: _without_lists(inner, lists) for name, inner in value.items()}
        case list() if all(isinstance(item, str) for item in value):
            lists.append(json.dumps(value, ensure_ascii=False))
            return f"\0{len(lists) - 1}"
        case list():
            return [_without_lists(item, lists) for item in value]
        case _:
            return value


def _words(message: Text | None, language: Language) -> str | None:
    return None if message is None else render(message, language)


def _finding(diagnostic: Diagnostic, language: Language) -> Json:
    finding: Finding = diagnostic.finding
    return {
        "code": diagnostic.code.id,
        "name": diagnostic.code.name,
        "severity": diagnostic.level.value,
        "message": render(diagnostic.message, language),
        "help": _words(diagnostic.help, language),
        "decision": finding.decision,
        "side": finding.side,
        "rules": list(finding.rules),
        "settled_by": finding.settled_by,
        "acknowledged": diagnostic.acknowledged,
        "locations": _locations(diagnostic, language),
        "cites": [{"rule": cite.rule, **_cite(cite)} for cite in finding.cites],
        "witness": None if finding.witness is None else dict(finding.witness),
        **({"witnesses": [dict(witness) for witness in finding.witnesses]} if finding.witnesses else {}),
        "verdicts": dict(finding.verdicts),
        "regions": None if finding.regions is None else list(finding.regions),
        "dates": None if finding.dates is None else [{"from": day.first, "until": day.last} for day in finding.dates],
        **(_gaps(finding) if finding.gaps != () else {}),
        "repairs": None if finding.repairs is None else [_repair(repair) for repair in finding.repairs],
        "cut": list(finding.cut),
    }


def _verified(verified: reports.Verified) -> Json:
    return {
        "solver": verified.solver,
        "questions": verified.questions,
        "agreed": verified.agreed,
        "seconds": round(verified.seconds, 3),
        "first": {"solver": verified.first, "seconds": round(verified.first_seconds, 3)},
    }


def _gaps(finding: Finding) -> Json:
    if finding.gaps is None:
        return {"gaps": None}
    return {"gaps": [{column: list(values) for column, values in gap} for gap in finding.gaps]}


def _repair(repair: Repair) -> Json:
    left = (
        None if repair.idle is None or repair.open is None else {"idle": list(repair.idle), "open": list(repair.open)}
    )
    column = {} if repair.column is None else {"column": repair.column}
    return {"edit": repair.edit, "rule": repair.rule, **column, "text": repair.text, "leaves": left}


def _locations(diagnostic: Diagnostic, language: Language) -> list[Json]:
    def location(label: Label, role: str) -> Json:
        return {**_place(label.span), "role": role, "label": _words(label.message, language)}

    primary = [] if diagnostic.primary is None else [location(diagnostic.primary, "primary")]
    return primary + [location(label, "secondary") for label in diagnostic.secondary]


def _place(span: Span) -> Json:
    """A place, counted from 1; its end is the character after the last."""
    line, column = span.file.position(span.start)
    end_line, end_column = span.file.position(max(span.start, span.end))
    return {
        "file": span.file.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _start(span: Span) -> Json:
    """The start of a place."""
    line, column = span.file.position(span.start)
    return {"file": span.file.path, "line": line, "column": column}


def _cite(cite: Cite) -> Json:
    return {"source": cite.source, "clause": cite.clause, "text": cite.text}


def _reason(reason: answers.Reason) -> Json:
    place: Json = {"file": None, "line": None, "column": None}
    if reason.span is not None:
        place = _start(reason.span)
    return {
        "rule": reason.rule,
        "effect": reason.effect,
        "side": reason.side,
        "state": reason.state,
        "beaten_by": reason.beaten_by,
        **place,
        "cites": [{**_cite(cite), "later": place in reason.later} for place, cite in enumerate(reason.cites)],
    }


def _condition(condition: answers.Condition) -> Json:
    written = condition.value_text
    value: object = {"expr": written} if isinstance(condition.value, answers.Written) else written
    return {"fact": condition.subject_text, "op": condition.op, "value": value}


def _test(test: reports.TestOutcome, language: Language) -> Json:
    finding = None if test.finding is None else _finding(test.finding, language)
    return {"name": test.name, **_start(test.span), "status": test.status, "finding": finding}


def _coverage(coverage: reports.Coverage) -> Json:
    def share(name: str, value: str, rules: Sequence[reports.CoveredRule]) -> Json:
        return {name: value, "rules": len(rules), "exercised": sum(rule.exercised for rule in rules)}

    files = []
    for path, policies in coverage.by_file().items():
        whole = [rule for rules in policies.values() for rule in rules]
        parts = [share("policy", policy, rules) for policy, rules in policies.items()]
        files.append({**share("file", path, whole), "policies": parts})
    return {
        "rules": len(coverage.rules),
        "exercised": coverage.exercised,
        "missing": [
            {"rule": rule.name, "kind": rule.kind, "policy": rule.policy, **_start(rule.span)}
            for rule in coverage.missing
        ],
        "files": files,
    }
