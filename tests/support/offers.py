"""Findings of a small vocabulary, and the edits that are offered for them."""

from __future__ import annotations

from datetime import date

from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from tests.support.sets.random_sets import compiled

TODAY = date(2026, 1, 1)

HEAD = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum kind "关系" { parent "父母", sibling "兄弟姐妹", child "子女" }
record payer "共济人" { fact region "参保地" : region }
record beneficiary "受益人" { fact region "参保地" : region }
fact relation "关系" : kind usual parent
fact filed "已备案" : boolean arrangeable usual true
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
parameter cap "上限" : int 0..100
decision pay "支付" governed by payer.region as paying, beneficiary.region as receiving
source page "某网页" dated 2025-03-12 { clause c1 "可以" clause c2 "不可以" }
"""


def found(text: str, codes: str, **options: object) -> list[Diagnostic]:
    policy_set, diagnostics = compiled(text)
    assert [item.code.id for item in diagnostics if item.level == "error"] == []
    report = check(policy_set, (), CheckOptions(TODAY, codes=codes.split(), **options))  # type: ignore[arg-type]
    return [item for item in report.findings if item.code.id in codes.split()]


def offered(text: str, codes: str = "PC301") -> list[tuple[str, str, str]]:
    """The repairs of the only finding."""
    (finding,) = found(text, codes)
    return [(repair.edit, repair.rule, repair.text) for repair in finding.finding.repairs or ()]
