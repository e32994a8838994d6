"""A full `policyc check` of 400 pooling areas with 25 rules each, and the gain from a second process.

python -m benchmarks.large
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.generate import write
from benchmarks.measure import row, run


def main() -> None:
    for kind in ("templates", "distinct"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, 400, kind)
            runs = [(jobs, run("check", "--no-cache", "--jobs", jobs, str(folder))) for jobs in "1212"]
            assert len({(done.output, done.code) for _, done in runs}) == 1 and runs[0][1].code == 1
            one, two = (min((d for n, d in runs if n == jobs), key=lambda d: d.wall) for jobs in "12")
            row(f"400 areas × 25 rules, {kind}, wall", f"{two.wall:.1f} s", "≤ 30 s", two.wall <= 30)
            row("the same, memory of a process", f"{two.memory:.0f} MB", "≤ 600 MB", two.memory <= 600)
            ratio = one.wall / two.wall
            row("the same, `--jobs 2` against 1, whole process", f"{ratio:.2f} ×", "≥ 1.6 ×", ratio >= 1.6)


if __name__ == "__main__":
    main()
