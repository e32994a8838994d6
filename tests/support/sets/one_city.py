"""A policy of one city: without a mistake, with a conflict, and with a clause that nothing cites."""

from __future__ import annotations

VOCABULARY = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
enum relation_kind "亲属关系" { parent "父母", child "子女", sibling "兄弟姐妹" }
record payer "共济人" { fact region "参保地" : region }
fact relation "与共济人关系" : relation_kind
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
decision pay "共济支付" governed by payer.region as paying "参保侧"
source law "文件" { clause c1 "父母子女可以" clause c2 "兄弟姐妹不行" }
"""
CLEAN = (
    VOCABULARY
    + """
policy city "重庆市规定" for 500000 {
  permit pay relatives "父母子女" when relation in {parent, child} cite law.c1
  forbid pay siblings "兄弟姐妹" when relation is sibling cite law.c2
}
"""
)
CONFLICT = CLEAN.replace("in {parent, child}", "is not parent")
UNCITED = CLEAN.replace("is sibling cite law.c2", "is sibling")
