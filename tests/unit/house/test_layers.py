"""Layers: which folders, rooms and modules may import which. Sizes: how large rooms and modules may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

from policyc.cli.main import COMMANDS
from tests.support.imports import modules_loaded
from tests.support.places import ROOT

#: The folders at the top and the packages that they are, lowest first: nothing imports from one above it.
FOLDERS = {
    "policies": "policyc.policies",
    "dsl": "policyc.dsl",
    "solver": "policyc.solver",
    "policyc": "policyc",
}

#: What lies in each folder, lowest first. Rooms and modules of one layer do not import each other.
LAYERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "policyc.policies": (),
    "policyc.dsl": (
        ("diagnostics",),
        ("system",),
        ("syntax",),
        ("model",),
        ("binding", "semantics"),
        ("load",),
    ),
    "policyc.solver": (
        ("report",),
        ("formula",),
        ("backends",),
        ("encoding",),
        ("engine",),
        ("checks", "ask"),
        ("repairs", "matrix"),
        ("suite",),
        ("check", "export"),
    ),
    "policyc": (
        ("language", "codes"),
        ("config", "tally"),
        ("today",),
        ("pipeline",),
        ("api",),
        ("render", "cache"),
        ("listing",),
        ("cli",),
        ("__main__",),
    ),
}

MOST_MODULES = 14
MOST_LINES = 450

#: The only modules that import these libraries.
USERS = {"z3": {"policyc.solver.backends.z3_backend"}, "cvc5": {"policyc.solver.backends.cvc5_backend"}}
#: Packages that import these; no other does.
HOMES = {"click": "policyc.cli", "lark": "policyc.dsl.syntax", "wcwidth": "policyc.render"}


def modules() -> dict[str, Path]:
    """Every module of every sub-package, by its full name."""
    found = {}
    for folder, package in FOLDERS.items():
        for file in sorted((ROOT / folder).rglob("*.py")):
            inner = file.relative_to(ROOT / folder).with_suffix("").parts
            found[".".join([package, *inner]).removesuffix(".__init__")] = file
    return found


MODULES = modules()


def imported(module: str, source: str, *, package: bool = False, late: bool = True) -> Iterator[str]:
    """Full names of the modules that one imports, wherever in it; without `late`, only while it is loaded."""
    inside = module if package else module.rpartition(".")[0]
    tree = ast.parse(source)
    for node in ast.walk(tree) if late else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = inside.split(".")[: inside.count(".") + 2 - node.level] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{origin}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else origin for name in names)
    if late:
        yield from (resolve_name(name, inside) for name in modules_loaded(tree))


@cache
def imports(module: str, **how: bool) -> list[str]:
    file = MODULES[module]
    return list(imported(module, file.read_text("utf-8"), package=file.name == "__init__.py", **how))


def folder_of(module: str) -> str | None:
    """The package of a folder at the top in which a module lies."""
    return next((name for name in LAYERS if module == name or module.startswith(f"{name}.")), None)


def layer(module: str, package: str) -> tuple[int, str] | None:
    """How high a module lies in its folder, and in which room; a package itself lies nowhere."""
    room = module.removeprefix(package).removeprefix(".").partition(".")[0]
    return next(((at, room) for at, rooms in enumerate(LAYERS[package]) if room in rooms), None)


def is_forbidden(module: str, other: str) -> bool:
    """Whether a module must not import another: of a higher layer, or of another room of its own."""
    here, there = folder_of(module), folder_of(other)
    if here is None or there is None:
        return False
    if here != there:
        order = list(FOLDERS.values())
        return order.index(there) > order.index(here)
    below, above = layer(other, here), layer(module, here)
    if above is None:  # the package of a folder is below all of its rooms; `policyc` loads its interface when used
        return module != "policyc" and below is not None
    return below is not None and below[1] != above[1] and below[0] >= above[0]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downward(module: str) -> None:
    assert [other for other in imports(module) if is_forbidden(module, other)] == []


@pytest.mark.parametrize("package", LAYERS)
def test_everything_has_its_layer(package: str) -> None:
    """A new room must be listed in `LAYERS`."""
    known = {room for rooms in LAYERS[package] for room in rooms}
    inside = {name for name in MODULES if folder_of(name) == package and name != package}
    assert {name.removeprefix(f"{package}.").partition(".")[0] for name in inside} == known


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("policyc.dsl.syntax.parse", "from ..binding.compile import compile_set"),
        ("policyc.dsl.binding.compile", "from policyc.dsl.semantics import evaluate"),
        ("policyc.dsl.load", "from policyc.solver.formula.terms import Term"),
        ("policyc.solver.engine.context", "def late(): from ..checks import conflicts"),
        ("policyc.solver.checks.redundancy.check", "from ...ask.request import Input"),
        ("policyc.solver.check", "import policyc.cli.main"),
        ("policyc.render.text", "from ..cli import session"),
        ("policyc.dsl", "import policyc.dsl.binding.compile"),
        ("policyc.dsl.load", "from policyc import PolicyBase"),
        ("policyc.solver.engine.context", "import policyc"),
        ("policyc.solver.check", "import importlib; importlib.import_module('policyc.cli.main')"),
        ("policyc.dsl.load", "from importlib import import_module as get; get(f'policyc.solver.{name}')"),
        ("policyc.dsl.load", "def late(): from importlib import import_module; import_module(name='policyc.api')"),
        ("policyc.pipeline", "from importlib import import_module; import_module('.render.text', __package__)"),
        ("policyc.render.text", "from importlib import import_module; import_module('..cli.main', __package__)"),
        ("policyc.solver.formula.terms", "main = __import__('policyc.cli.main')"),
        ("policyc.solver.formula.terms", "import builtins; builtins.__import__('policyc.api')"),
    ],
)
def test_a_forbidden_import_is_seen(module: str, line: str) -> None:
    assert any(is_forbidden(module, other) for other in imported(module, f"{line}\n"))
    assert module in MODULES


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: [name for name in imports(module, late=False) if name in MODULES] for module in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


#: The folders whose modules are few in each room, and short.
EVERYWHERE = [*FOLDERS, "tests", "benchmarks"]


def crowded(folder: Path) -> dict[str, int]:
    """The rooms of a folder, itself included, that have too many modules, and how many they have."""
    rooms = Counter(file.parent for file in folder.rglob("*.py"))
    return {
        room.relative_to(folder.parent).as_posix(): count
        for room, count in sorted(rooms.items())
        if count > MOST_MODULES
    }


@pytest.mark.parametrize("folder", EVERYWHERE)
def test_rooms_are_small(folder: str) -> None:
    assert list((ROOT / folder).rglob("*.py"))
    assert crowded(ROOT / folder) == {}


def test_one_module_too_many_is_seen(tmp_path: Path) -> None:
    room = tmp_path / "tests" / "unit" / "new"
    room.mkdir(parents=True)
    for number in range(MOST_MODULES):
        (room / f"test_{number}.py").touch()
    assert crowded(tmp_path / "tests") == {}
    (room / "__init__.py").touch()
    assert crowded(tmp_path / "tests") == {"tests/unit/new": MOST_MODULES + 1}


@pytest.mark.parametrize("folder", EVERYWHERE)
def test_modules_are_short(folder: str) -> None:
    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in sorted((ROOT / folder).rglob("*.py"))}
    assert {file.name: length for file, length in lengths.items() if length > MOST_LINES} == {}
    assert lengths


@pytest.mark.parametrize("library", USERS)
def test_one_module_knows_a_solver(library: str) -> None:
    """All others use that module, which loads the solver when it is needed."""
    users = {module for module in MODULES if any(n.split(".")[0] == library for n in imports(module))}
    assert users == USERS[library]


@pytest.mark.parametrize("library", HOMES)
def test_libraries_stay_where_they_are_needed(library: str) -> None:
    users = {module for module in MODULES if any(n.split(".")[0] == library for n in imports(module))}
    assert users
    assert all(user.startswith(f"{HOMES[library]}.") for user in users), users


def test_imports_inside_a_folder_are_relative_and_others_absolute() -> None:
    for module, file in MODULES.items():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                line = f"{module}: {ast.unparse(node)}"
                (origin, *_) = imported(module, ast.unparse(node), package=file.name == "__init__.py")
                if folder_of(origin) is not None and origin != "policyc":
                    assert (folder_of(origin) == folder_of(module)) == bool(node.level), line


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
    *loaded, code = done.stderr.splitlines()[-1].split()
    return set(loaded), int(code)


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
    program = "import sys, policyc; print([n for n in sys.modules if n.startswith('policyc.') or n == 'click'])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


def test_mistakes_of_the_text_load_no_solver(tmp_path: Path) -> None:
    """An author with a comma to fix does not wait for Z3."""
    (tmp_path / "a.policy").write_text("polcy a {\n", encoding="utf-8")
    loaded, code = loaded_by("check", ".", folder=tmp_path)
    assert not loaded & {"z3", "cvc5"}
    assert code == 1
