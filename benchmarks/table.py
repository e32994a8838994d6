"""A table of 200 rows: all its gaps, masked rows and overlaps, each with a plain case and its citation.

The nearest program of this kind, cDMN with IDP-Z3, took 9.0 s for the overlaps of a table of this size on a
machine like this (shared, two cores); that is the figure compared with.

    python -m benchmarks.table
"""

from __future__ import annotations

import random
import tempfile
from datetime import date
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import row, timed
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions

ROWS = 200
PEER = 9.0

HEAD = """region 100000 "全国"
region 110000 "甲" in 100000
enum level { low, middle, high, special }
record bill { fact amount : money 0元..100000元 usual 100元  fact level : level usual low }
fact region : region
fact age : int 0..120 usual 45
parameter ratio : percent
define share = region.ratio
assert bounded: share <= 100%
source rules { clause c "比例表" }
policy nation for 100000 {
  table ratios cite rules.c {
    | bill.level | age | bill.amount | => ratio |
"""


def rows() -> str:
    """Rows that divide all cases among them, except for one gap, one contradicting overlap and one masked row."""
    chooser, lines = random.Random(0), []
    ends = [0, *sorted(chooser.sample(range(100, 99_900), 9)), 100_000]
    for level in ("low", "middle", "high", "special"):
        for low, high in ((0, 17), (18, 44), (45, 59), (60, 79), (80, 120)):
            for start, end in pairwise(ends):
                ratio = chooser.randint(10, 90)
                lines.append(
                    f"    | {level} | {low}..{high} | {start + 0.01 * (start > 0):.2f}元..{end}元 | => {ratio}% |"
                )
    lines[17] = lines[17].replace("..44", "..45")
    del lines[60]
    lines.append(lines[100])
    return "\n".join(lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "table.policy"
        file.write_text(HEAD + rows() + "\n  }\n}\n", encoding="utf-8")
        compiled = compile_paths([file])
        assert not compiled.errors, compiled.errors
        seconds, report = timed(lambda: check(compiled, CheckOptions(date(2026, 1, 1))))
    codes = sorted({finding.code.id for finding in report.findings})
    ratio = PEER / seconds
    row(f"{ROWS} rows: {', '.join(codes)}", f"{seconds:.2f} s, {ratio:.1f} ×", "≥ 10 ×", ratio >= 10)


if __name__ == "__main__":
    main()
