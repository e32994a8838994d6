"""Runs every benchmark and writes docs/benchmarks.md, with the machine and the day.

python -m benchmarks.run
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"

SCRIPTS = ("startup", "bundled", "large", "pairs", "in_region", "second", "table", "points", "ways")

HEAD = """# Benchmarks

Written by `python -m benchmarks.run`; each script in [benchmarks/](../benchmarks/) also runs alone and says in its
first lines what it measures. Ratios are taken inside one run; seconds only show the order of magnitude. A goal that
is not reached says NO.

{machine}

| what | measured | goal | reached |
|---|---|---|---|
"""


def main() -> None:
    rows: list[str] = []
    for script in SCRIPTS:
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{script}"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        print(done.stdout, end="", flush=True)
        rows += [line for line in done.stdout.splitlines() if line.startswith("|")]
    page = PAGE.with_suffix(".tmp")
    page.write_text(HEAD.format(machine=_machine()) + "\n".join(rows) + "\n", encoding="utf-8")
    page.replace(PAGE)


def _machine() -> str:
    """The processor, the versions and the day."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    programs = f"Python {platform.python_version()}, Z3 {version('z3-solver')}"
    return f"{date.today().isoformat()}: {os.cpu_count()} processors of a shared machine ({model}), {programs}."


if __name__ == "__main__":
    main()
