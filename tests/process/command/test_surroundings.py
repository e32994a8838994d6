"""The environment of a run: streams that are closed, full or in another encoding, and harmful text in them."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.io import harmless, write_report
from policyc.cli.main import main
from tests.support.waiting import HANGS

#: Control characters of both sets, marks that change the direction of text, and code points that are no characters.
HARMFUL = "\x00\x07\x08\x0b\x1b\x7f\x85\x9b\u061c\u200e\u200f\u2028\u202a\u202e\u2066\u2069\ufffe\uffff"

pytestmark = pytest.mark.slow

RULES = """
region 100000 "中国"
region 500000 "重庆市" in 100000
fact home "参保地" : region usual 500000
fact date : date 2020-01-01..9999-12-31
decision pay governed by home as paying
policy nation for 100000 { source law { clause c "可以" } permit pay all cite law.c }
test "通过" { given usual expect pay is permitted }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    (tmp_path / "a.policy").write_text(RULES, encoding="utf-8")
    return tmp_path


def shell(line: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Runs a line in a shell in which `policyc` is the program."""
    program = f"{shlex.quote(sys.executable)} -m policyc"
    whole = f'policyc() {{ {program} "$@"; }}; {line}'
    return subprocess.run(
        ["sh", "-c", whole],
        capture_output=True,
        env={**os.environ, **(env or {})},
        check=False,
        timeout=HANGS,
    )


# --- Streams that are closed or full -----------------------------------------------------------------------

unix = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")


@unix
@pytest.mark.parametrize("command", ["check a.policy", "ask pay -p a.policy", "matrix -p a.policy"])
@pytest.mark.parametrize(("where", "said"), [(">&-", "it is closed"), (">/dev/full", "there is no space left")])
def test_a_report_that_cannot_be_written(command: str, where: str, said: str) -> None:
    """The program prints one plain message, and the interpreter adds nothing as it ends."""
    done = shell(f"policyc {command} {where}")
    assert done.returncode == 2
    assert done.stderr.decode() == f"policyc: cannot write to standard output: {said}\n"
    assert "无法写到标准输出" in shell(f"policyc --lang zh {command} {where}").stderr.decode()


@unix
@pytest.mark.parametrize("words", ["--help", "--version", "check --help", "test a.policy", "export smt2 a.policy"])
def test_nor_anything_else(words: str) -> None:
    for where in (">&-", ">/dev/full"):
        done = shell(f"policyc {words} {where}")
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
        assert b"cannot write to standard output" in done.stderr


@unix
@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-"])
def test_without_standard_error_the_exit_code_tells(where: str) -> None:
    assert shell(f"policyc check nothere {where}").returncode == 2
    assert shell(f"policyc check a.policy {where}").returncode == (2 if ">&- 2" in where else 0)
    assert shell(f"policyc {where}").returncode == 2


@unix
def test_a_closed_stream_is_not_needed_where_the_report_goes_elsewhere() -> None:
    done = shell("policyc check a.policy -o out.txt <&- >&- 2>&-")
    assert done.returncode == 0
    assert "checked 1 file" in Path("out.txt").read_text("utf-8")


@unix
def test_no_file_takes_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    """Otherwise the cache, the first file opened, would receive output meant for the stream."""
    env = {"POLICYC_CACHE": str(tmp_path / "own")}
    first = shell("policyc check a.policy --jobs 2 -o one.txt <&- >&- 2>&-", env)
    second = shell("policyc check a.policy --jobs 2 -o two.txt", env)
    assert first.returncode == second.returncode == 0
    assert Path("one.txt").read_bytes() == Path("two.txt").read_bytes()


@unix
def test_a_reader_who_has_left_is_no_error() -> None:
    done = shell("{ policyc check a.policy; echo $? >&2; } | true")
    assert done.stderr == b"0\n"
    done = shell("{ policyc --help; echo $? >&2; } | true")
    assert done.stderr == b"0\n"


@unix
def test_nobody_can_answer_on_a_closed_stream() -> None:
    done = shell("policyc ask pay -p a.policy -i <&-")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"`--interactive` asks on standard input, which is closed" in done.stderr
    assert shell("policyc ask pay -p a.policy <&-").returncode == 0


# --- Other encodings ---------------------------------------------------------------------------------------

C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("encoding", ["", "ascii", "latin-1", "ascii:strict"])
def test_output_comes_out_in_a_locale_without_letters(encoding: str) -> None:
    env = {**C_LOCALE, "POLICYC_LANG": "zh", **({"PYTHONIOENCODING": encoding} if encoding else {})}
    done = shell("policyc ask pay -p a.policy && policyc check a.policy && policyc --help && policyc nonsense", env)
    assert done.returncode == 2
    assert "准予：pay" in done.stdout.decode()
    assert "没有命令" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_answers_that_are_not_text_are_none() -> None:
    rules = RULES.replace("permit pay all", "permit pay all when filed").replace(
        "decision", "fact filed : boolean\ndecision"
    )
    Path("b.policy").write_text(rules, encoding="utf-8")
    done = shell("printf '\\377\\376\\nyes\\n' | policyc ask pay -p b.policy -i")
    assert done.returncode == 0
    assert done.stdout.startswith(b"permitted")


TALK = RULES.replace("permit pay all", "permit pay all when filed and relation is spouse").replace(
    "decision", "enum kin { spouse, parent }\nfact filed : boolean\nfact relation : kin\ndecision"
)


@pytest.mark.parametrize("answer", ["x", "9", "9" * 5_000, "x" * 99_999, "\x1b[2J", "二", "1.5", "'"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_answers_without_end_come_to_an_end(answer: str, lang: str) -> None:
    """A program may give the answers, so after ten invalid ones the fact stays open."""
    Path("b.policy").write_text(TALK, encoding="utf-8")
    words = ["--lang", lang, "ask", "pay", "-p", "b.policy", "--on", "2025-01-01", "-i"]
    done = CliRunner().invoke(main, words, input=f"{answer}\n" * 200)
    assert done.exit_code == 0
    assert done.stdout.startswith("depends" if lang == "en" else "视情况而定")
    assert done.stderr.count("> ") == 2 * 10
    assert done.stderr.count("left open" if lang == "en" else "此项留空") == 2


# --- Text that would do harm -------------------------------------------------------------------------------


def harm(text: str) -> set[str]:
    """The characters of a text that a terminal would obey or that would reverse text."""
    return {character for character in text if character in HARMFUL or "\ud800" <= character <= "\udfff"}


def test_the_last_net() -> None:
    """Line ends, tabs and our own colours pass; no harmful character does."""
    plain = "a\tb\n\x1b[1;31merror\x1b[0m 中文\ufeff\U0001f600"
    assert harmless(plain) == plain
    assert (
        harmless("\x1b[2J\x1b]0;x\x07\r\x9b31m\u202e\ud800")
        == "<U+001B>[2J<U+001B>]0;x<U+0007><U+000D><U+009B>31m<U+202E><U+D800>"
    )
    assert not harm(harmless(HARMFUL))


def _odd(character: str) -> str:
    """Rules whose free texts all contain the character."""
    free = f"甲{character}[31m乙"
    return f"""
region 100000 "中国{free}"
region 500000 "重庆{free}市" in 100000
enum kin "亲{free}" {{ spouse "配{free}", parent "父{free}" }}
record payer "人{free}" {{ fact region "地{free}" : region usual 500000 }}
fact relation "系{free}" : kin
fact filed "备{free}" : boolean arrangeable usual true
fact date : date 2020-01-01..9999-12-31
decision pay "付{free}" governed by payer.region as paying "侧{free}"
policy nation "全国{free}" for 100000 {{
  source law "文{free}" {{ clause c "可{free}" clause d "不{free}" }}
  permit pay yes "允{free}" when relation is spouse cite law.c
  forbid pay no "禁{free}" when not filed cite law.d
}}
test "试{free}" {{ given usual, relation = parent expect pay is permitted }}
# {free}
"""


COMMANDS = [
    ["check", "a.policy", "-v"],
    ["check", "a.policy", "--format", "json"],
    ["ask", "pay", "-p", "a.policy"],
    ["ask", "pay", "-p", "a.policy", "--format", "json", "--all-reasons"],
    ["ask", "pay", "-p", "a.policy", "--over", "date"],
    ["ask", "pay", "-p", "a.policy", "--set", "relation=甲{0}", "--set", "{0}=1", "--without", "n{0}"],
    ["ask", "p{0}y{0}", "甲{0}", "-p", "a.policy"],
    ["ask", "pay", "-p", "a.policy", "-i"],
    ["matrix", "-p", "a.policy"],
    ["matrix", "-p", "a.policy", "--format", "csv", "--each", "relation"],
    ["matrix", "-p", "a.policy", "--format", "json"],
    ["test", "a.policy", "-v", "--coverage"],
    ["test", "a.policy", "--format", "json", "--coverage"],
    ["test", "a.policy", "--format", "junit", "--coverage"],
    ["test", "a.policy", "-k", "{0}"],
    ["export", "smt2", "a.policy"],
    ["check", "no{0}where"],
    ["che{0}ck"],
    ["check", "--o{0}"],
    ["check", "--select", "P{0}"],
    ["--today", "{0}", "check"],
    ["ask", "pay", "-p", "a.policy", "--facts", "{0}"],
    ["check", "a.policy", "-o", "no{0}where/out"],
]


#: These are tested separately because each could end a line.
ENDS = ("\r", "\x85")


@pytest.mark.parametrize("character", ["\x1b\x07\x9b\u200f\u202e\u2066\ufffe", *ENDS])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_harmful_leaves_the_program(character: str, lang: str) -> None:
    """They come from policies, facts, questions, names and options; no stream and no form of output has them."""
    Path("a.policy").write_text(_odd(character), encoding="utf-8", newline="")
    for command in COMMANDS:
        words = [word.format(character) for word in command]
        done = CliRunner().invoke(main, ["--lang", lang, *words], input="?\n" * 9)
        assert done.exit_code in (0, 1, 2), words
        assert not harm(done.stdout + done.stderr) and "\r" not in done.stdout + done.stderr, words
        assert "defect" not in done.stderr and "缺陷" not in done.stderr, (words, done.stderr)


def test_json_keeps_what_it_escapes() -> None:
    """JSON contains every harmful character of a name as an escape, and none unescaped."""
    name = "重庆\x9b\u202e\ufffe\U000e0041市"
    rules = RULES.replace('"重庆市"', f'"{name}"')
    Path("a.policy").write_text(rules, encoding="utf-8")
    done = CliRunner().invoke(main, ["matrix", "-p", "a.policy", "--format", "json"])
    assert json.loads(done.stdout)["names"] == [name]
    assert not harm(done.stdout) and "\\u202e" in done.stdout and "\\udb40\\udc41" in done.stdout


def test_csv_keeps_its_rows() -> None:
    rules = RULES.replace('"重庆市"', '"a\x1b[31mRED=x, \x9bb"')
    Path("a.policy").write_text(rules, encoding="utf-8", newline="")
    done = CliRunner().invoke(main, ["matrix", "-p", "a.policy", "--format", "csv"])
    assert list(csv.reader(io.StringIO(done.stdout))) == [
        ["home", "pay"],
        ["500000 a<U+001B>[31mRED=x, <U+009B>b", "permitted"],
    ]


def test_a_file_gets_no_harm_either(tmp_path: Path) -> None:
    write_report("\x1b[2Ja\ud800\n", tmp_path / "out")
    assert (tmp_path / "out").read_text("utf-8") == "<U+001B>[2Ja<U+D800>\n"


@pytest.mark.skipif(sys.platform != "linux", reason="reads what a process has mapped")
def test_no_library_of_the_working_folder_is_run(tmp_path: Path) -> None:
    """Checking somebody else's folder of policies runs no code from it."""
    code = (
        "from policyc.solver.backends.z3_backend import loaded; loaded()\n"
        "print(*{line.split()[-1] for line in open('/proc/self/maps') if 'libz3' in line})"
    )

    def mapped(folder: Path) -> Path:
        run = [sys.executable, "-c", code]
        done = subprocess.run(run, check=True, cwd=folder, capture_output=True, text=True)
        return Path(done.stdout.strip())

    library = mapped(Path("/"))
    shutil.copy(library, tmp_path / "libz3.so")
    assert mapped(tmp_path) == library
