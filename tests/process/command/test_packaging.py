"""Packaging: from an archive of the sources to a wheel, and the program installed from it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.places import ROOT

pytestmark = pytest.mark.slow

FOLDERS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"][
    "package-dir"
]
#: Folders that are no part of the sources: tools or git make them.
MADE = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")

SET = """
region 100000 "China"
region 110000 "Beijing" in 100000
fact home: region
fact ready: boolean
decision pay governed by home as paying
source s { clause c "…" }
policy p for 100000 {
  permit pay a when ready cite s.c
  forbid pay b when ready cite s.c
}
"""


def sources(folder: Path) -> Iterator[Path]:
    """The files of the sources in a folder and in those below it, and the links, which are not followed."""
    made = MADE(str(folder), os.listdir(folder))
    for path in sorted(folder.iterdir()):
        if path.name not in made:
            yield from sources(path) if path.is_dir() and not path.is_symlink() else [path]


def copied(folder: Path, target: Path) -> None:
    """Copies the sources as git or an archive does on a system without links: a link becomes a text file that names its
    target."""
    for path in sources(folder):
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            copy.write_text(os.readlink(path), encoding="utf-8")
        else:
            shutil.copy2(path, copy)


def build(what: str, sources: Path, target: Path) -> Path:
    """The one file that the build backend makes from some sources: `sdist` or `wheel`."""
    program = f"from setuptools import build_meta; build_meta.build_{what}({str(target)!r})"
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=sources, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked: made from the sdist of a checkout on a system without links."""
    folder = tmp_path_factory.mktemp("packaging")
    copied(ROOT, folder / "checkout")
    for name in ("sdists", "unpacked", "wheels"):
        (folder / name).mkdir()
    with tarfile.open(build("sdist", folder / "checkout", folder / "sdists")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (sources,) = (folder / "unpacked").iterdir()
    with zipfile.ZipFile(build("wheel", sources, folder / "wheels")) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def policyc(site: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "POLICYC_CACHE": str(cwd / "cache")}
    command = [sys.executable, "-m", "policyc", *words]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_there_are_no_links() -> None:
    """On a system without links they become text files, which would break the program."""
    assert list(sources(ROOT))
    assert [path for path in sources(ROOT) if path.is_symlink()] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a copy without git")
def test_git_tracks_no_links() -> None:
    words = ["git", "ls-files", "--stage"]
    tracked = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
    assert tracked
    assert [line for line in tracked if line.startswith("120000")] == []


def test_a_copy_has_text_in_place_of_links(tmp_path: Path) -> None:
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "real" / "inner" / "a.policy").write_text(SET, encoding="utf-8")
    (tmp_path / "real" / "folder").symlink_to("inner")
    (tmp_path / "real" / "file").symlink_to("inner/a.policy")
    copied(tmp_path / "real", tmp_path / "copy")
    texts = {path.name: path.read_text("utf-8") for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert texts == {"a.policy": SET, "folder": "inner", "file": "inner/a.policy"}
    assert not any(path.is_symlink() for path in (tmp_path / "copy").rglob("*"))


def test_the_wheel_holds_all_modules_and_data(site: Path) -> None:
    for package, folder in FOLDERS.items():
        inside = site.joinpath(*package.split("."))
        wanted = {
            path.relative_to(ROOT / folder)
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.name != "README.md"
        }
        assert {path for path in wanted if not (inside / path).is_file()} == set()
        assert wanted


def test_only_one_package_is_installed(site: Path) -> None:
    assert sorted(path.name for path in site.iterdir() if not path.name.endswith(".dist-info")) == ["policyc"]


def test_the_installed_program_runs(site: Path, tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text(SET, encoding="utf-8")
    done = policyc(site, "check", "a.policy", cwd=tmp_path)
    assert (done.returncode, "PC301" in done.stdout) == (1, True), done.stderr
    (tmp_path / "empty").mkdir()
    done = policyc(site, "ask", "pay", "北京市", "石家庄市", "--on", "2025-03-18", "--full", cwd=tmp_path / "empty")
    assert (done.returncode, "national.area_closed" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("package", FOLDERS)
def test_an_answer_of_another_program_is_not_believed(site: Path, tmp_path: Path, package: str) -> None:
    """If any module, however deep, gets one more line, the cache counts as that of another program."""
    own = tmp_path / "site"
    shutil.copytree(site, own)
    (tmp_path / "a.policy").write_text(SET, encoding="utf-8")

    def kept() -> int:
        assert policyc(own, "check", "a.policy", cwd=tmp_path).returncode == 1
        with contextlib.closing(sqlite3.connect(tmp_path / "cache" / "answers.db")) as connection:
            (count,) = connection.execute("select count(*) from answers").fetchone()
        return int(count)

    once = kept()
    assert kept() == once > 0
    deepest = max(sorted(own.joinpath(*package.split(".")).rglob("*.py")), key=lambda file: len(file.parts))
    with deepest.open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    assert kept() > once


def test_changes_inside_an_archive_are_seen_too(site: Path, tmp_path: Path) -> None:
    """Python runs a program from a zip file, in which there are no paths to walk."""
    own = tmp_path / "unpacked"
    shutil.copytree(site, own, ignore=shutil.ignore_patterns("__pycache__"))

    def digests() -> list[str]:
        return printed(Path(shutil.make_archive(str(tmp_path / "site"), "zip", own)), DIGESTS, tmp_path).split()

    before = digests()
    module = own / "policyc" / "solver" / "checks" / "contradictions" / "norm_conflicts.py"
    module.write_text(module.read_text("utf-8") + "\n", encoding="utf-8")
    assert not {*digests()} & {*before}


def test_an_answer_rests_on_every_module_of_its_making(site: Path, tmp_path: Path) -> None:
    """One line more in any room of the language or the solver changes what every answer is kept under."""
    own = tmp_path / "site"
    shutil.copytree(site, own, ignore=shutil.ignore_patterns("__pycache__"))
    rooms = [module.parent for name in ("dsl", "solver") for module in (own / "policyc" / name).rglob("__init__.py")]
    assert len(rooms) > 10
    seen = {printed(own, DIGESTS, tmp_path).split()[0]}
    for room in rooms:
        with max(room.glob("*.py")).open("a", encoding="utf-8") as stream:
            stream.write("# changed\n")
        seen.add(printed(own, DIGESTS, tmp_path).split()[0])
    assert len(seen) == 1 + len(rooms)


def test_the_bundled_rules_are_there_in_an_archive(site: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "site"), "zip", site))
    code = "from policyc.cli.main import main; main(['facts', 'payer.region'])"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "payer.region" in printed(archive, code, empty)


#: What answers are kept under, and what reports are.
DIGESTS = "from policyc.solver.engine.cache.fingerprint import *; print(basis().hex(), program('policyc').hex())"


def printed(place: Path, code: str, folder: Path) -> str:
    """What a program prints that finds policyc in a place."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout
