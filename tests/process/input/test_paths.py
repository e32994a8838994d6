"""Any path works, and so does standard input; a report never overwrites its own input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import policyc
from policyc.cli.main import main
from policyc.dsl.system.file_names import as_text, as_word, for_system
from tests.support.waiting import HANGS

PLACES = """
region 100000 "中国"
region 500000 "重庆市" in 100000
"""
RULES = """
fact home "参保地" : region usual 500000
fact filed "已备案" : boolean arrangeable usual true
decision pay governed by home as paying
policy nation for 100000 {
  source law { clause c "甲" clause d "乙" }
  permit pay all cite law.c
  forbid pay some when not filed cite law.d
}
"""
TEST = 'test "备案" { given usual expect pay is permitted }\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    return tmp_path


def run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(words), input=given)


def process(
    *words: bytes, given: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Runs the program with words that need not be text."""
    return subprocess.run(
        [sys.executable.encode(), b"-m", b"policyc", *words],
        input=given,
        capture_output=True,
        env={**os.environ, **(env or {})},
        check=False,
        timeout=HANGS,
    )


def write(name: bytes | str, content: str) -> None:
    place = os.fsencode(name)
    if os.path.dirname(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w", encoding="utf-8", newline="") as file:
        file.write(content)


# --- Names -------------------------------------------------------------------------------------------------

#: Names in bytes, and how they are shown in JSON.
NAMES = {
    b"\xff.policy": "\\xff.policy",
    b"\xff\xfe/\xd6\xd0.policy": "\\xff\\xfe/\\xd6\\xd0.policy",
    "规则 一.policy".encode(): "规则 一.policy",
    b"a\nb.policy": "a\nb.policy",
    b"\x1b[31m.policy": "\x1b[31m.policy",
    b"\xc2\x9b\xe2\x80\xae.policy": "\x9b\u202e.policy",
    b" .policy": " .policy",
    b'it\'s "$HOME" `x`.policy': 'it\'s "$HOME" `x`.policy',
    b"--help.policy": "--help.policy",
    b"-": "-",
    b"<stdin>": "<stdin>",
    b"a%20&amp;.policy": "a%20&amp;.policy",
    b"*.policy": "*.policy",
    b"CON.txt": "CON.txt",
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other names")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_any_name_works(name: bytes, tmp_path: Path) -> None:
    """Runs without a cache, with a hit and with a miss, in every format; used files are in the same folder."""
    write(os.path.join(os.path.dirname(name), "地区.policy".encode()), PLACES)
    write(name, 'use "地区.policy"\n' + RULES + TEST)
    path = os.fsdecode(b"./" + name)
    shown = NAMES[name]
    reports = []
    for words in ([], [], ["--no-cache"]):
        done = run("check", *words, "--format", "json", path)
        assert (done.exit_code, done.stderr) == (1, "")
        found = json.loads(done.stdout)
        assert {place["file"] for item in found["findings"] for place in item["locations"]} == {shown}
        assert found["summary"]["files"] == 2
        reports.append(found["findings"])
    assert reports[0] == reports[1] == reports[2]
    text = run("check", path).stdout
    assert "\x1b" not in text and "\u202e" not in text and "error[PC301]" in text
    assert run("ask", "pay", "-p", path).exit_code == 0
    assert run("test", "--", path).exit_code == 0
    xml = run("test", "--format", "junit", "--coverage", path)
    assert xml.exit_code == 0
    ElementTree.fromstring(xml.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other names")
@pytest.mark.slow
def test_mistakes_are_told_whatever_the_name() -> None:
    """Messages about a missing path, a missing used file, of facts and of outputs."""
    write("good.policy", PLACES + RULES)
    for lang in ("en", "zh"):
        for words in (
            [b"check", b"\xff"],
            [b"check", b"a\nb\x1b[31m"],
            [b"ask", b"pay", b"-p", b"\xff"],
            [b"ask", b"pay", b"--facts", b"\xfe.yaml"],
            [b"check", b"good.policy", b"-o", b"\xff/out"],
            [b"check", b"good.policy", b"--save-tests", b"good.policy"],
            [b"check", b"x" * 5_000],
            [b"check", b"good.policy/below"],
            [b"check", b""],
            [b"ask", b"pay", b"--facts", b"x" * 5_000],
            [b"check", b"good.policy", b"-o", b"x" * 5_000],
            [b"ask", b"\xff"],
            [b"\xff"],
        ):
            done = run("--lang", lang, *map(os.fsdecode, words))
            assert (done.exit_code, done.stdout) == (2, ""), words
            assert "defect" not in done.stderr and "缺陷" not in done.stderr, words
            assert "\x1b" not in done.stderr and not any("\ud800" <= c <= "\udfff" for c in done.stderr)
    write("user.policy", 'use "nix\x1b[31m.policy"\nregions "nix\x9b.csv"\n')
    done = run("check", "user.policy")
    assert done.exit_code == 1 and done.stdout.count("error[PC002]") == 2
    assert "\x1b" not in done.stdout and "\x9b" not in done.stdout
    assert process(b"check", b"\xff").stderr.decode("utf-8").startswith("policyc: cannot read `\\xff`")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other names")
def test_a_folder_of_any_name_holds_settings() -> None:
    write(b"\xff/pyproject.toml", '[tool.policyc]\npaths = ["规则.policy"]\n')
    write(b"\xff/" + "规则.policy".encode(), PLACES + RULES + TEST)
    os.chdir(b"\xff")
    assert run("test").exit_code == 0
    os.remove("规则.policy".encode())
    done = run("test")
    assert done.exit_code == 2 and "\\xff/规则.policy" in done.stderr


@pytest.mark.slow
def test_in_a_locale_without_letters_names_are_utf_8() -> None:
    """This holds on the command line, in policies, settings and findings, and for words and facts."""
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    write("规则/地区.policy", PLACES)
    write("规则/规则.policy", 'use "地区.policy"\n' + RULES + TEST)
    write("事实.yaml", "已备案: 否\n")
    path = "规则/规则.policy".encode()
    for _ in range(2):
        done = process(b"check", path, env=env)
        assert done.returncode == 1 and "--> 规则/规则.policy:8:" in done.stdout.decode("utf-8")
    done = process(b"ask", b"pay", "重庆市".encode(), b"-p", path, b"--set", "已备案=真".encode(), env=env)
    assert done.returncode == 0 and done.stdout.startswith(b"permitted")
    done = process(b"ask", b"pay", b"-p", path, b"--facts", "事实.yaml".encode(), b"--format", b"json", env=env)
    assert json.loads(done.stdout.decode("utf-8"))["given"] == {"filed": "false"}
    done = process(b"test", path, b"-k", "备案".encode(), env=env)
    assert done.returncode == 0
    done = process(b"check", path, b"-o", "报告.txt".encode(), env=env)
    assert done.returncode == 1 and Path("报告.txt").is_file()
    write("pyproject.toml", '[tool.policyc]\npaths = ["规则"]\n')
    assert process(b"test", env=env).returncode == 0
    done = process(b"check", "没有".encode(), env=env)
    assert (done.returncode, done.stderr.decode("utf-8").count("没有")) == (2, 1)


def test_names_come_and_go() -> None:
    name = os.fsdecode(b"a\xff" + "中".encode())
    assert as_text(name) == "a\\xff中"
    assert as_text("中") == "中" == as_word("中") == for_system("中")
    assert as_word(name) == name
    assert for_system(name) == name
    assert as_text("\ud800") == "\\ud800"
    assert for_system("\ud800") == "\ud800"


# --- Standard input ----------------------------------------------------------------------------------------


def test_policies_come_by_standard_input() -> None:
    """Their name says so; the files that they use and their region tables are relative to the working directory."""
    write("places.policy", 'regions "places.csv"\n')
    write("places.csv", "code,name,parent\n100000,中国,\n500000,重庆市,100000\n")
    text = 'use "places.policy"\n' + RULES + TEST
    for _ in range(2):
        done = run("check", "-", "--format", "json", given=text)
        found = json.loads(done.stdout)
        assert done.exit_code == 1 and found["summary"]["files"] == 2
        assert [item["code"] for item in found["findings"]] == ["PC301"]
        assert {place["file"] for place in found["findings"][0]["locations"]} == {"<stdin>"}
    done = run("check", "-", "--format", "json", given=text.replace("permit", "forbid"))
    assert [item["code"] for item in json.loads(done.stdout)["findings"] if item["code"] == "PC301"] == []
    assert "1 passed" in run("test", "-", given=text).stdout
    assert run("ask", "pay", "-p", "-", given=text).stdout.startswith("depends: pay")
    assert run("matrix", "-p", "-", given=text).exit_code == 0
    assert run("export", "smt2", "-", given=text).exit_code == 0
    assert "<stdin>:2:1" in run("check", "-", given="\nregon 1").stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other links")
@pytest.mark.slow
def test_a_pipe_by_its_link_is_no_file() -> None:
    for words in ([b"check", b"/dev/stdin"], [b"ask", b"pay", b"--facts", b"/dev/stdin"]):
        done = process(*words, given=RULES.encode())
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr == b"policyc: cannot read `/dev/stdin`: it is no ordinary file\n"


def test_standard_input_and_files_together() -> None:
    write("places.policy", PLACES)
    done = run("check", "places.policy", "-", "-", "--format", "json", given="\ufeff" + RULES)
    assert json.loads(done.stdout)["summary"]["files"] == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"\xff", "it is not UTF-8 text (byte 1)"),
        (b"# " + b"x" * 10_000_000, "it is larger than 10 MB"),
    ],
)
def test_standard_input_that_cannot_be_read(given: bytes, said: str) -> None:
    for words in (["check", "-"], ["test", "-"], ["ask", "pay", "--facts", "-"]):
        done = run(*words, given=given)
        assert (done.exit_code, done.stdout) == (2, "")
        assert f"cannot read standard input: {said}" in done.stderr
    assert "无法读取标准输入" in run("--lang", "zh", "check", "-", given=given).stderr


@pytest.mark.parametrize(
    "facts", ["filed: no\n", ' {"filed": false}', "已备案: 否", "# 否\n{filed: no}", '{\n"已备案":"否"}']
)
def test_facts_come_by_standard_input(facts: str) -> None:
    write("a.policy", PLACES + RULES)
    done = run("ask", "pay", "-p", "a.policy", "--facts", "-", "--format", "json", given=facts)
    assert json.loads(done.stdout)["given"] == {"filed": "false"}
    done = run("ask", "pay", "-p", "a.policy", "--facts", "-", given="filled: yes\n")
    assert done.exit_code == 2 and "<stdin>:1:1" in done.stderr
    done = run("ask", "pay", "-p", "a.policy", "--facts", "-", given="{filed: yes}")
    assert done.exit_code == 2 and "cannot read `<stdin>`: it is not JSON (line 1, column 2)" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "pay", "-p", "-", "--facts", "-"],
        ["ask", "pay", "-p", "-", "-i"],
        ["ask", "pay", "-p", "a.policy", "-i", "--facts", "-"],
    ],
)
def test_it_is_read_once(words: list[str]) -> None:
    done = run(*words, given="")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "standard input (`-`) is to be read twice" in done.stderr


def test_a_program_can_say_what_a_file_holds() -> None:
    write("a.policy", PLACES)
    base = policyc.load(["a.policy", "b.policy"], contents={"b.policy": RULES})
    assert base.errors == () and len(base.policy_set.files) == 2


# --- What must not be overwritten --------------------------------------------------------------------------


@pytest.fixture
def sets() -> None:
    write("a.policy", 'use "sub/b.policy"\n' + RULES + TEST)
    write("sub/b.policy", 'regions "r.csv"\n')
    write("sub/r.csv", "code,name,parent\n100000,中国,\n500000,重庆市,100000\n")
    write("facts.json", "{}")
    write("pyproject.toml", '[tool.policyc]\npaths = ["a.policy"]\n')
    os.symlink("a.policy", "link")
    os.link("sub/b.policy", "hard")


@pytest.mark.usefixtures("sets")
@pytest.mark.parametrize(
    "output", ["a.policy", "./sub/../a.policy", "sub/b.policy", "sub/r.csv", "link", "hard", "pyproject.toml"]
)
@pytest.mark.parametrize(
    "words",
    [
        ["check", "a.policy"],
        ["check", "a.policy", "--no-cache"],
        ["check"],
        ["ask", "pay", "-p", "a.policy", "--facts", "facts.json"],
        ["matrix", "-p", "."],
        ["test", ".", "--format", "junit"],
        ["export", "smt2", "a.policy"],
    ],
)
@pytest.mark.slow
def test_no_report_is_written_over_what_was_read(words: list[str], output: str) -> None:
    """This also holds if an earlier run is recalled."""
    before = {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()}
    run(*words)
    done = run(*words, "-o", output)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is one of the files that are read" in done.stderr
    assert before == {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()}
    assert "所读取的文件之一" in run("--lang", "zh", *words, "-o", output).stderr


@pytest.mark.usefixtures("sets")
def test_nor_over_the_facts_nor_two_things_into_one_file() -> None:
    done = run("ask", "pay", "-p", "a.policy", "--facts", "facts.json", "-o", "facts.json")
    assert done.exit_code == 2 and Path("facts.json").read_text() == "{}"
    done = run("check", "a.policy", "--save-tests", "t.policy", "-o", "./t.policy")
    assert done.exit_code == 2 and not Path("t.policy").exists()
    assert "both the report and the tests" in done.stderr


@pytest.mark.usefixtures("sets")
def test_other_files_are_replaced() -> None:
    for output in ("new.txt", "new.txt", "sub/c.txt", "unread.policy"):
        assert run("check", "a.policy", "-o", output).exit_code == 1
        assert "PC301" in Path(output).read_text("utf-8")
    assert "PC301" in run("check", "a.policy", "-o", "-").stdout
    assert not Path("-").exists()
