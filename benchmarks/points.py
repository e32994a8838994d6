"""Points: facts that are usually false add up to a score, and rules require five points (or thirty, if facts are worth
one to five points). The plainest case has the fewest true facts, and there are very many ways to choose them.

The time of `check`, `ask --maximize` and `test` with 10, 20 and 40 such facts, each in a separate process, without a
cache.

    python -m benchmarks.points
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import row, run

COUNTS = (10, 20, 40)

#: Seconds that 40 facts may take.
GOAL = 1.0

HEAD = """region 100000 "全国"
region 110000 "甲" in 100000
fact home : region usual 110000
decision pay governed by home as paying
"""

TAIL = """policy p for 100000 {{
  source s {{ clause c "积分" }}
  permit pay yes when score >= {need} cite s.c
  forbid pay no when score >= {need} and not f0 cite s.c
}}
assert low: score < {need}
test "none" {{ given usual expect pay is undetermined }}
test "few" {{ expect score < {need} }}
"""


def policy(count: int, *, weighted: bool) -> str:
    facts = "".join(f"fact f{n} : boolean usual false\n" for n in range(count))
    worth = [n * 7 % 5 + 1 if weighted else 1 for n in range(count)]
    score = " + ".join(f"(if f{n} then {value} else 0)" for n, value in enumerate(worth))
    return f"{HEAD}{facts}define score = {score}\n{TAIL.format(need=25 if weighted else 5)}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "points.policy"
        for weighted in (False, True):
            kind = "weighted points" if weighted else "points"
            files = {count: policy(count, weighted=weighted) for count in COUNTS}
            for command, words in {
                "check": ("check", "--no-cache", str(file)),
                "ask --maximize": ("ask", "score", "-p", str(file), "--maximize", "score"),
                "test": ("test", str(file)),
            }.items():
                seconds = []
                for count in COUNTS:
                    file.write_text(files[count], encoding="utf-8")
                    done = run(*words)
                    assert done.code in (0, 1), done.output
                    seconds.append(done.cpu)
                measured = ", ".join(f"{count}: {one:.2f} s" for count, one in zip(COUNTS, seconds, strict=True))
                row(f"{kind}, `{command}`", measured, f"40 facts ≤ {GOAL:g} s", seconds[-1] <= GOAL)


if __name__ == "__main__":
    main()
