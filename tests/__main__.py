"""`python -m tests`: every check of this repository, one line each, preceded by its output if it fails.

    python -m tests               everything
    python -m tests --fast        without the tests marked `slow`; reports how many each room has
    python -m tests -k corpus     other words go to pytest

The last line is pytest's own summary. Exit code 0 if all pass.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.support.places import ROOT

#: The checks, each run as a module of this Python. The tests of a file run in one process: they share what they make.
CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["tests.typed"],
    "pytest": ["pytest", "-q", "-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"],
}

#: Python keeps compiled modules, even if the environment forbids it: hundreds of processes would compile them again.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}


def main(words: list[str]) -> int:
    to_pytest = [word for word in words if word != "--fast"]
    if to_pytest != words:
        to_pytest = ["-m", "not slow", *to_pytest]
    failed = [name for name, command in CHECKS.items() if not passes(name, command, to_pytest)]
    return 1 if failed else 0


def passes(name: str, command: list[str], words: list[str]) -> bool:
    """Runs one check and prints its result, with the last line of its output."""
    arguments = [*command, *words] if name == "pytest" else command
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=ENVIRONMENT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    *before, own = done.stdout.strip().splitlines() or [""]
    for line in before:
        if done.returncode != 0 or line.startswith("left out of "):
            print(line)
    verdict = "ok" if done.returncode == 0 else "FAILED"
    seconds = time.monotonic() - began
    print(f"{name:<12} {verdict:<7} {seconds:6.1f} s", own, sep="\n" if name == "pytest" else "  ", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
