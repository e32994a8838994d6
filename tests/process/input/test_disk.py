"""Reading the disk: all ordinary files within bounds; nothing is skipped silently."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main
from policyc.dsl.diagnostics.diagnostic import Text
from policyc.dsl.load import load
from policyc.dsl.system.disk import SIZE_LIMIT, Disk, Kind, read_bytes
from tests.support.waiting import HANGS

pytestmark = pytest.mark.skipif(os.name == "nt", reason="files of POSIX")

RULES = 'fact a "甲" : boolean usual true\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with a set in it. An alarm fails a test that waits for ever at a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "good.policy").write_text(RULES, encoding="utf-8")
    before = signal.signal(signal.SIGALRM, _wake)
    signal.alarm(HANGS)
    yield tmp_path
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


class Waiting(BaseException):
    """No command catches this, not even one that reports every `Exception` as a defect."""


def _wake(*_: object) -> None:
    raise Waiting


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that the program opens."""
    names: list[str] = []
    original = os.open

    def noted(path: str | os.PathLike[str], *rest: int, **options: int) -> int:
        names.append(os.path.basename(path))
        return original(path, *rest, **options)

    monkeypatch.setattr(os, "open", noted)
    return names


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- What is no file ---------------------------------------------------------------------------------------


def make_socket(place: Path) -> None:
    """Makes a socket under a relative name, as its path must be short, and moves it to its place."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(place.name)
    server.close()
    if place.parent != Path.cwd():
        shutil.move(place.name, place)


def link_to(make: Callable[[Path], object]) -> Callable[[Path], None]:
    def made(place: Path) -> None:
        target = Path.cwd() / "target"
        make(target)
        place.symlink_to(target)

    return made


NO_FILES: dict[str, Callable[[Path], object]] = {
    "a FIFO": os.mkfifo,
    "a socket": make_socket,
    "a folder": lambda place: place.mkdir(),
    "a link to a FIFO": link_to(os.mkfifo),
    "a link to a socket": link_to(make_socket),
    "a link to a folder": link_to(lambda place: place.mkdir()),
    "a link to a device": lambda place: place.symlink_to("/dev/zero"),
    "a link to a terminal": lambda place: place.symlink_to("/dev/tty"),
}


@pytest.fixture(params=NO_FILES)
def no_file(request: pytest.FixtureRequest) -> Callable[[Path], object]:
    return NO_FILES[request.param]


def said(output: str) -> bool:
    return "it is no ordinary file" in output or "it is a folder" in output


def test_in_a_folder(no_file: Callable[[Path], object], opened: list[str]) -> None:
    no_file(Path("set/x.policy"))
    for _ in range(2):  # the second run reads the cache of the first
        done = run("check", "set")
        assert done.exit_code == 1
        assert "error[PC002]" in done.stdout and "set/x.policy" in done.stdout and said(done.stdout)
    assert not {"x.policy", "target", "zero", "tty"} & set(opened)


@pytest.mark.parametrize("statement", ["use", "regions"])
def test_named_in_a_file(no_file: Callable[[Path], object], statement: str, opened: list[str]) -> None:
    no_file(Path("set/x.csv"))
    Path("set/user.policy").write_text(f'{statement} "x.csv"\n', encoding="utf-8")
    for _ in range(2):
        done = run("check", "set")
        assert done.exit_code == 1
        assert "error[PC002]" in done.stdout and "set/user.policy:1:" in done.stdout and said(done.stdout)
    assert not {"x.csv", "target", "zero", "tty"} & set(opened)


@pytest.mark.parametrize("name", ["a FIFO", "a socket", "a link to a FIFO", "a link to a device"])
def test_named_by_the_user(name: str, opened: list[str]) -> None:
    NO_FILES[name](Path("x.policy"))
    for words in (["check"], ["test"], ["ask", "a", "-p"], ["matrix", "-p"]):
        done = run(*words, "x.policy")
        assert (done.exit_code, done.stdout) == (2, ""), words
        assert done.stderr == "policyc: cannot read `x.policy`: it is no ordinary file\n"
    NO_FILES["a FIFO" if name == "a socket" else "a socket"](Path("x.json"))
    done = run("ask", "a", "-p", "set", "--facts", "x.json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "cannot read `x.json`: it is no ordinary file" in done.stderr
    assert not {"x.policy", "x.json", "target", "zero"} & set(opened)


def test_as_settings(no_file: Callable[[Path], object], opened: list[str]) -> None:
    """An unreadable settings file does not make another project's settings apply."""
    no_file(Path("pyproject.toml"))
    for words in (["check"], ["check", "set"], ["test"], ["ask", "a", "-p", "set"]):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "in `pyproject.toml`: " in done.stderr and said(done.stderr)
    assert not {"pyproject.toml", "target", "zero", "tty"} & set(opened)


def test_what_takes_the_place_of_a_file_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another file takes its place after the program looks at it and before it opens it."""
    os.mkfifo("x.policy")
    ordinary = os.stat("set/good.policy")
    monkeypatch.setattr(os, "stat", lambda *_, **__: ordinary)
    assert read_bytes(Path("x.policy")) == Text("load.no-file")


def test_reading_ends_whatever_a_file_says_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("large.policy", "wb") as file:
        file.truncate(SIZE_LIMIT * 100)
    monkeypatch.setattr("policyc.dsl.system.disk._refusal", lambda status: None)
    read: list[int] = []
    original = os.read
    monkeypatch.setattr(os, "read", lambda file, size: read.append(size) or original(file, size))
    found = read_bytes(Path("large.policy"))
    assert isinstance(found, Text) and found.key == "load.too-large"
    assert sum(read) < 2 * SIZE_LIMIT


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs files that the system makes")
def test_files_that_the_system_makes(folder: Path) -> None:
    """Such files report a size of zero."""
    Path("set/x.policy").symlink_to("/proc/version")
    assert "error[PC001]" in run("check", "set").stdout
    Path("set/x.policy").unlink()
    Path("set/x.policy").symlink_to("/proc/self/mem")
    assert "error[PC002]" in run("check", "set").stdout


@pytest.mark.parametrize("name", ["x\0y", "x" * 5000, "none/none", "set/good.policy/x", "\udcff"])
def test_names_that_lead_nowhere(name: str) -> None:
    disk = Disk()
    assert isinstance(disk.text(disk.place(Path(name))), Text)
    assert isinstance(disk.files(Path(name)), Text)


@pytest.mark.slow
def test_a_report_into_a_fifo_without_a_reader_is_refused() -> None:
    os.mkfifo("report")
    done = run("check", "set", "-o", "report")
    assert done.exit_code == 2
    assert done.stderr == "policyc: cannot write `report`: nobody reads from it\n"
    os.mkdir("folder")
    assert run("check", "set", "-o", "folder").exit_code == 2


def test_a_report_into_a_fifo_reaches_its_reader() -> None:
    os.mkfifo("report")
    with subprocess.Popen(["cat", "report"], stdout=subprocess.PIPE) as reader:
        assert run("check", "set", "-o", "report").exit_code == 0
        assert b"checked 1 file" in reader.communicate()[0]


# --- Nothing is passed over --------------------------------------------------------------------------------


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder below another that cannot be listed, as for a user without permission."""
    Path("set/closed").mkdir()
    shutil.copy("set/good.policy", "set/closed/b.policy")
    Path("shut").touch()
    original = os.scandir

    def refused(path: str | os.PathLike[str]) -> object:
        if os.fspath(path).endswith("closed") and Path("shut").exists():
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(os, "scandir", refused)
    return "set/closed"


def test_a_folder_that_cannot_be_listed_is_a_finding(closed: str) -> None:
    for _ in range(2):
        done = run("check", "set")
        assert done.exit_code == 1
        assert f"error[PC002] unreadable-file: cannot read `{closed}`: permission denied" in done.stdout
    assert "没有权限" in run("--lang", "zh", "check", "set").stdout


def test_a_folder_that_was_named_and_cannot_be_listed_is_wrong_use(closed: str) -> None:
    done = run("check", closed)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"policyc: cannot read `{closed}`: permission denied\n"


def test_no_question_is_asked_of_a_set_with_a_folder_missing(closed: str) -> None:
    for words in (["ask", "a", "-p", "set"], ["test", "set"]):
        done = run(*words)
        assert done.exit_code == 1
        assert "PC002" in done.stdout + done.stderr


@pytest.mark.usefixtures("closed")
def test_once_it_can_be_listed_its_rules_are_read() -> None:
    assert "error[PC002]" in run("check", "set").stdout
    Path("shut").unlink()
    assert "error[PC102]" in run("check", "set").stdout


#: Loads all modules, then runs command lines as the user `nobody`, who may not read modules.
AS_NOBODY = """
import json, os, sys
from click.testing import CliRunner
from policyc.cli.main import main
def run(words):
    done = CliRunner().invoke(main, words)
    return done.exit_code, done.stdout, done.stderr
run(["check", "open"]), run(["check", "none"])
os.setgroups([]), os.setgid(65534), os.setuid(65534)
print(json.dumps([run(words) for words in json.loads(sys.argv[1])]))
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root can become somebody else")
@pytest.mark.slow
def test_a_user_without_permission_hears_of_all_that_is_closed() -> None:
    named = ("p/closed", "p/closed/b.policy", "p/open/c.policy")
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        top.chmod(0o755)
        for place in ("p/a.policy", "p/closed/b.policy", "p/open/c.policy", "open/a.policy"):
            (top / place).parent.mkdir(parents=True, exist_ok=True)
            (top / place).write_text("# 空\n", encoding="utf-8")
        (top / "p" / "closed").chmod(0)
        (top / "p" / "open" / "c.policy").chmod(0)
        words = json.dumps([["check", "p"], *(["check", path] for path in named)])
        command = [sys.executable, "-c", AS_NOBODY, words]
        found = subprocess.run(command, cwd=top, capture_output=True, encoding="utf-8", check=True, timeout=HANGS)
    whole, *single = json.loads(found.stdout)
    assert (whole[0], whole[2]) == (1, "")
    assert whole[1].count("error[PC002]") == 2
    assert "`p/closed`: permission denied" in whole[1]
    assert "`p/open/c.policy`: permission denied" in whole[1]
    for path, done in zip(named, single, strict=True):
        assert done == [2, "", f"policyc: cannot read `{path}`: permission denied\n"]


def test_names_that_are_not_utf8_are_read(folder: Path) -> None:
    name = os.fsdecode(b"\xff.policy")
    try:
        shutil.copy("set/good.policy", Path("set") / name)
    except OSError:
        pytest.skip("a file system of Unicode names")
    loaded = load([Path("set")])
    assert len(loaded.trees) == 2
    assert (Kind.TEXT, str(folder / "set" / name)) in {(look.kind, look.name) for look in loaded.looks}


@pytest.mark.slow
def test_files_of_a_long_chain_are_all_read() -> None:
    """The length of the chain does not matter."""
    count = 1200
    for number in range(count):
        Path(f"{number}.policy").write_text(f'use "{number + 1}.policy"\n', encoding="utf-8")
    Path(f"{count}.policy").write_text(RULES, encoding="utf-8")
    loaded = load([Path("0.policy")])
    assert (len(loaded.trees), loaded.diagnostics) == (count + 1, [])
    Path(f"{count}.policy").write_text('use "0.policy"\n', encoding="utf-8")
    (circle,) = load([Path("0.policy")]).diagnostics
    chain = dict(circle.message.args)["chain"]
    assert chain.startswith("0.policy → 1.policy → ") and chain.endswith(f"→ {count}.policy → 0.policy")
    assert len(chain) < 300


# --- A working folder that is gone -------------------------------------------------------------------------


def test_a_deleted_working_folder(folder: Path) -> None:
    """Absolute paths can be read; relative ones do not exist."""
    gone = folder / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    good = str(folder / "set")
    for words in (["check", good], ["test", good], ["ask", "a", "-p", good]):
        done = run(*words)
        assert (done.exit_code, done.stderr) == (0, ""), words
        assert run(*words).stdout == done.stdout
    for words in (
        ["check", "set"],
        ["ask", "a", "-p", "set"],
        ["check", good, "-o", "report"],
        ["check", good, "--save-tests", "tests.policy"],
        ["check", good, "--save-tests", "tests.policy", "-o", "report"],
    ):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "o such file or " in done.stderr


@pytest.mark.parametrize("name", ["loop", "x" * 300, "set/good.policy/x", "loop/x"])
def test_places_where_no_file_can_be(name: str) -> None:
    """The program refuses to read or write there, with a message of one line."""
    Path("loop").symlink_to("loop")
    for words in (
        ["check", "set", "-o", name],
        ["check", "set", "--save-tests", name],
        ["check", "set", "--save-tests", name, "-o", "report"],
        ["check", name],
        ["ask", "a", "-p", name],
        ["ask", "a", "-p", "set", "--facts", name],
    ):
        done = run(*words)
        assert (done.exit_code, done.stdout) == (2, ""), words
        assert done.stderr.startswith("policyc: cannot "), done.stderr
        assert len(done.stderr.splitlines()) == 1


# --- Region tables -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (f"110000,{'北' * 200_000},100000", "this row has 200014 characters; at most 10000 are read"),
        (f'110000,"{"x" * 140_000}",100000', "at most 10000 are read"),
        ("110000," + "," * 5_000, "a region has three columns"),
        ("110000," + "," * 3_000_000, "this row has 3000007 characters"),
        ("110000,北京\0市,100000", "the file holds the character U+0000"),
        ('110000,"北京市', "a region has three columns"),
    ],
    ids=["long name", "long quoted name", "many columns", "millions of columns", "NUL", "open quote"],
)
def test_rows_that_no_table_of_regions_has(row: str, says: str) -> None:
    Path("t.csv").write_text(f"code,name,parent\n100000,国,\n{row}\n", encoding="utf-8")
    Path("a.policy").write_text('regions "t.csv"\n', encoding="utf-8")
    for _ in range(2):
        done = run("check", "a.policy")
        assert done.exit_code == 1
        assert "error[PC001]" in done.stdout and "t.csv:3:" in done.stdout and says in done.stdout
        assert len(done.stdout) < 4_000


@pytest.mark.slow
def test_a_file_that_is_no_table_is_told_in_a_few_lines() -> None:
    Path("t.csv").write_text("nonsense\n" * 100_000, encoding="utf-8")
    Path("a.policy").write_text('regions "t.csv"\n', encoding="utf-8")
    done = run("check", "a.policy")
    assert done.exit_code == 1
    assert done.stdout.count("error[PC001]") == 21
    assert "further rows of this table that cannot be read: 99980" in done.stdout
