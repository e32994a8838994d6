"""The start-up time of the program against that of its libraries.

python -m benchmarks.startup
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.measure import row

REPEATS = 15


def main() -> None:
    click = _fastest([sys.executable, "-c", "import click"])
    for option in ("--version", "--help"):
        ratio = _fastest([sys.executable, "-m", "policyc", option]) / click
        row(f"`policyc {option}` against `import click`", f"{ratio:.2f} ×", "≤ 1.5 ×", ratio <= 1.5)


def _fastest(command: list[str]) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
