"""`python -m tests.typed`: mypy, strict, over the whole package.

The folders `dsl/`, `solver/` and `policies/` are beside `policyc/` and imported as its sub-packages
(`[tool.setuptools.package-dir]`). Mypy has no such map, so it checks a copy in which they are nested; errors show the
places of the checkout. The copy keeps file times, so that mypy's cache works.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.support.places import ROOT


def folders() -> dict[str, str]:
    """The folder of each import package that has its own at the top of the checkout."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return dict(settings["tool"]["setuptools"]["package-dir"])


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        for package, folder in sorted(folders().items()):  # a package before those inside it
            shutil.copytree(
                ROOT / folder,
                tree.joinpath(*package.split(".")),
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")),
                *("--cache-dir", str(ROOT / ".mypy_cache"), *words, "policyc"),
            ],
            cwd=tree,
            check=False,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
    report = done.stdout
    for package, folder in folders().items():
        if package.replace(".", "/") != folder:
            report = report.replace(package.replace(".", "/") + "/", folder + "/")
    print(report, end="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
