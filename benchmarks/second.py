"""The time a second solver takes to confirm everything found impossible in the bundled policies.

python -m benchmarks.second
"""

from __future__ import annotations

from datetime import date

from benchmarks.measure import row
from policyc.dsl.load import bundled
from policyc.pipeline import check, compile_paths
from policyc.solver.checks.options import CheckOptions


def main() -> None:
    report = check(compile_paths([bundled()]), CheckOptions(date(2026, 1, 1), verify=True))
    assert report.verified is not None
    found = report.verified
    ratio = found.seconds / found.first_seconds
    agreed = f"{found.agreed:,} of {found.questions:,} confirmed"
    row(f"{found.solver} after {found.first}", f"{ratio:.1f} ×; {agreed}", "≤ 5 ×, all", ratio <= 5)
    assert found.agreed == found.questions


if __name__ == "__main__":
    main()
