"""`policyc check` of the bundled policies: from nothing, unchanged, and with one file edited.

python -m benchmarks.bundled
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import row, run
from policyc.dsl.load import bundled


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, cache = Path(name) / "policies", Path(name) / "cache"
        shutil.copytree(bundled(), folder)
        for file in folder.rglob("*.policy"):  # a set of its own, separate from the bundled one
            file.write_text(file.read_text("utf-8").replace('"policyc:', '"'), encoding="utf-8")
        words = ("check", str(folder))
        cold = run(*words, cache=cache)
        row("bundled set, cold, wall", f"{cold.wall:.1f} s", "≤ 5 s", cold.wall <= 5)
        row("bundled set, cold, memory", f"{cold.memory:.0f} MB", "≤ 300 MB", cold.memory <= 300)
        warm = min((run(*words, cache=cache) for _ in range(3)), key=lambda ran: ran.wall)
        assert (warm.output, warm.code) == (cold.output, cold.code)
        row("bundled set, unchanged, wall", f"{warm.wall:.2f} s", "≤ 0.5 s", warm.wall <= 0.5)
        edited = folder / "provinces" / "110000-beijing.policy"
        edited.write_text(edited.read_text("utf-8") + "# 注\n", encoding="utf-8")
        again = run(*words, cache=cache)
        assert again.output == cold.output
        row(
            "one comment added: CPU against cold",
            f"{again.cpu / cold.cpu:.2f} ×",
            "< 1 × (nothing solved again)",
            again.cpu < cold.cpu,
        )


if __name__ == "__main__":
    main()
