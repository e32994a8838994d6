"""Tools of the benchmarks: CPU seconds, processes with their memory, and a line for each goal.

Times are CPU seconds of this process (or of a child), so that other load on the machine matters little; goals are
ratios within one run where possible.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished command: wall and CPU seconds, the peak memory of any of its processes (MB), output."""

    wall: float
    cpu: float
    memory: float
    output: str
    code: int


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def best(work: Callable[[], object], repeats: int = 3) -> float:
    """The fewest CPU seconds of several runs."""
    return min(timed(work)[0] for _ in range(repeats))


def run(*words: str, cache: Path | None = None) -> Ran:
    """Runs a command of this Python in a separate process."""
    environment = {**os.environ, "POLICYC_LANG": "en"}
    if cache is not None:
        environment["POLICYC_CACHE"] = str(cache)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, "-c", _CHILD, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    *_, memory = done.stderr.rsplit("\n", 1)
    return Ran(wall, cpu, float(memory or 0) / 1024, done.stdout, done.returncode)


#: Runs the command line, then prints its peak memory.
_CHILD = """
import resource, sys
from policyc.cli.main import main
try:
    main(sys.argv[1:])
finally:
    usage = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    sys.stderr.write(f"\\n{usage}")
"""


def row(what: str, measured: str, goal: str, reached: bool) -> None:
    """A line of the report."""
    print(f"| {what} | {measured} | {goal} | {'yes' if reached else 'NO'} |", flush=True)
