"""`python -m tests`: every check of this repository, one line each; what failed is shown before its line.

The last line is pytest's own summary. Exit code 0 if all pass. Words on the command line go to pytest:
`python -m tests -k corpus`.
"""

from __future__ import annotations

import subprocess
import sys
import time

from tests.support.places import ROOT

#: What is run, each as a module of this Python.
CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["tests.typed"],
    "pytest": ["pytest", "-q"],
}


def main(words: list[str]) -> int:
    failed = [name for name, command in CHECKS.items() if not passes(name, command, words)]
    return 1 if failed else 0


def passes(name: str, command: list[str], words: list[str]) -> bool:
    """Runs one check and prints how it went, with the last line that it printed itself."""
    arguments = [*command, *words] if name == "pytest" else command
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0:
        print(*lines[:-1], sep="\n")
    verdict = "ok" if done.returncode == 0 else "FAILED"
    seconds = time.monotonic() - began
    own = lines[-1] if lines else ""
    print(
        f"{name:<12} {verdict:<7} {seconds:6.1f} s", own, sep="\n" if name == "pytest" else "  ", flush=True
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
