"""Who may import whom: `dsl` knows neither solver nor command, `solver` no command, and heavy libraries stay put."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyc.cli.main import COMMANDS
from tests.support.places import ROOT

LAYERS = ("dsl", "solver", "policyc")
MODULES = [file for layer in LAYERS for file in sorted((ROOT / layer).glob("*.py"))]


def imported(file: Path) -> Iterator[str]:
    """Full names of everything a module imports, wherever in it."""
    layer = file.parent.name
    package = ["policyc"] if layer == "policyc" else ["policyc", layer]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def names(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("file", [f for f in MODULES if f.parent.name == "dsl"], ids=names)
def test_dsl_imports_nothing_above_it(file: Path) -> None:
    """The language is known without solver, command line or Z3."""
    for name in imported(file):
        below = any(within(name, data) for data in ("policyc.dsl", "policyc.policies"))
        assert not within(name, "policyc") or below or name == "policyc", name
        assert not any(within(name, heavy) for heavy in ("click", "z3", "wcwidth")), name


@pytest.mark.parametrize("file", [f for f in MODULES if f.parent.name == "solver"], ids=names)
def test_solver_imports_only_dsl(file: Path) -> None:
    """The solver knows nothing of how its answers are shown."""
    for name in imported(file):
        below = within(name, "policyc.dsl") or within(name, "policyc.solver")
        assert not within(name, "policyc") or below or name == "policyc", name
        assert not any(within(name, heavy) for heavy in ("click", "wcwidth", "lark")), name


def test_one_module_imports_z3() -> None:
    """Everything else reaches Z3 through `solver/backends/z3_backend.py`."""
    assert {names(file) for file in MODULES if any(within(n, "z3") for n in imported(file))} == {
        "solver/backends/z3_backend.py"
    }


def test_one_module_imports_cvc5() -> None:
    """And not before it is needed: few have it installed."""
    assert {names(file) for file in MODULES if any(within(n, "cvc5") for n in imported(file))} == {
        "solver/backends/cvc5_backend.py"
    }


def test_click_stays_in_the_command() -> None:
    users = {file.parent.name for file in MODULES if any(within(n, "click") for n in imported(file))}
    assert users == {"policyc"}


def test_relative_imports_stay_in_their_folder() -> None:
    """Across the folders imports are absolute, so that a class is one type under every name."""
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level and file.parent.name == "policyc":
                assert (node.module or "").partition(".")[0] not in ("dsl", "solver", "policies"), names(file)


HEAVY = ("lark", "z3", "cvc5", "wcwidth", "duckdb")


def loaded_by(*words: str, folder: Path | None = None) -> tuple[set[str], int]:
    """The heavy libraries that a command line loads, and its exit code."""
    program = (
        "import sys\n"
        "from policyc.cli.main import main\n"
        "try:\n"
        f"    main({list(words)!r})\n"
        "except SystemExit as end:\n"
        "    code = end.code\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], code, file=sys.__stderr__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", cwd=folder, check=True
    )
    *modules, code = done.stderr.splitlines()[-1].split()
    return set(modules), int(code)


@pytest.mark.parametrize(
    "words",
    [
        *(["--version"], ["--help"], ["--lang", "zh", "--help"]),
        *([command, "--help"] for command in COMMANDS),
    ],
    ids=" ".join,
)
def test_help_and_version_load_nothing_heavy(words: list[str]) -> None:
    assert loaded_by(*words) == (set(), 0)


def test_importing_policyc_is_cheap() -> None:
    program = (
        "import sys, policyc; print([n for n in sys.modules if n.startswith('policyc.') or n == 'click'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


def test_mistakes_of_the_text_load_no_solver(tmp_path: Path) -> None:
    """Whoever has a comma to mend does not wait for Z3."""
    (tmp_path / "a.policy").write_text("polcy a {\n", encoding="utf-8")
    modules, code = loaded_by("check", ".", folder=tmp_path)
    assert not modules & {"z3", "cvc5"}
    assert code == 1
