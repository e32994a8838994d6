"""Input that is wrong, hostile or absent: every run ends soon, says what is wrong, and exits as promised.

Each case is a process of its own, as a person would start it. A traceback, or the message that policyc itself is
defective, fails everywhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.waiting import HANGS, at_most

pytestmark = pytest.mark.slow

#: Processor seconds that any one command may take.
SECONDS = 10

VOCABULARY = """\
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
enum relation_kind { spouse, parent, sibling }
record payer { fact region : region }
fact relation : relation_kind
fact filed : boolean
fact date : date 2021-01-01..2030-12-31
axiom siblings_file: relation is sibling implies filed
decision pay governed by payer.region as paying
policy city for 500000 {
  source page { clause c1 "备案的可以" }
  permit pay a when filed cite page.c1
}
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`policyc` in a process of its own; it may take `SECONDS`."""
    environment = {**os.environ, "POLICYC_LANG": "en", "NO_COLOR": "1"}
    with at_most(SECONDS):
        done = subprocess.run(
            [sys.executable, "-m", "policyc", *words],
            check=False,
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=HANGS,
        )
    for output in (done.stdout, done.stderr):
        assert "Traceback" not in output
        assert "defect in policyc" not in output
    return done


def place(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def assert_refused(done: subprocess.CompletedProcess[str], *says: str) -> None:
    """Asserts that usage was refused: exit code 2, a message on standard error, no report."""
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(words in done.stderr for words in says), done.stderr


def assert_found(done: subprocess.CompletedProcess[str], code: str, *says: str) -> None:
    """Asserts that `check` reported findings: exit code 1."""
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    assert f"error[{code}]" in done.stdout
    assert all(words in done.stdout for words in says), done.stdout


# --- Files -------------------------------------------------------------------------------------------------

NOT_UTF8 = "fact 名称 : boolean\n".encode("gb18030")


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": NOT_UTF8})
    assert_refused(run(tmp_path, "check", "a.policy"), "a.policy", "UTF-8", "byte 6")


def test_file_that_is_not_utf8_in_a_folder(tmp_path: Path) -> None:
    place(tmp_path, {"set/a.policy": NOT_UTF8, "set/b.policy": VOCABULARY})
    assert_found(run(tmp_path, "check", "set"), "PC002", "set/a.policy", "UTF-8")


def test_use_of_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": NOT_UTF8, "b.policy": 'use "a.policy"\n'})
    assert_found(run(tmp_path, "check", "b.policy"), "PC002", "b.policy:1:5", "UTF-8")


def test_use_loop(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": 'use "b.policy"\n', "b.policy": 'use "a.policy"\n'})
    assert_found(run(tmp_path, "check", "."), "PC106", "a.policy → b.policy → a.policy")


def test_file_that_uses_itself(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": 'use "a.policy"\n'})
    assert_found(run(tmp_path, "check", "a.policy"), "PC106", "a.policy → a.policy")


def test_use_of_a_missing_file(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": 'use "none.policy"\n'})
    assert_found(run(tmp_path, "check", "a.policy"), "PC002", "no such file", "a.policy:1:5")


def test_use_of_a_folder(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": 'use "set"\n', "set/b.policy": VOCABULARY})
    assert_found(run(tmp_path, "check", "a.policy"), "PC002", "a.policy:1:5")


def test_missing_path(tmp_path: Path) -> None:
    assert_refused(run(tmp_path, "check", "none.policy"), "none.policy", "no such file")
    assert_refused(run(tmp_path, "ask", "pay", "-p", "none.policy"), "none.policy", "no such file")


def test_folder_without_policies(tmp_path: Path) -> None:
    place(tmp_path, {"set/readme.txt": "nothing here"})
    assert_refused(run(tmp_path, "check", "set"), "no policy files", "set")


def test_empty_file(tmp_path: Path) -> None:
    """A file without statements has no mistakes."""
    place(tmp_path, {"a.policy": ""})
    done = run(tmp_path, "check", "a.policy")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 file, 0 policies, 0 rules: 0 errors" in done.stdout


def test_question_to_an_empty_set(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": ""})
    assert_refused(run(tmp_path, "ask", "pay", "-p", "a.policy"), "nothing is called `pay`")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that can be opened but not read")
def test_file_that_gives_an_error_when_read(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a.policy").symlink_to("/proc/self/mem")
    assert_found(run(tmp_path, "check", "set"), "PC002", "cannot read")
    assert_refused(run(tmp_path, "check", "set/a.policy"), "cannot read", "a.policy")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission(tmp_path: Path) -> None:
    place(tmp_path, {"set/a.policy": VOCABULARY})
    (tmp_path / "set" / "a.policy").chmod(0)
    assert_found(run(tmp_path, "check", "set"), "PC002", "cannot read")
    assert_refused(run(tmp_path, "check", "set/a.policy"), "cannot read", "a.policy")


def test_broken_link(tmp_path: Path) -> None:
    place(tmp_path, {"set/b.policy": VOCABULARY})
    (tmp_path / "set" / "a.policy").symlink_to("none.policy")
    assert_found(run(tmp_path, "check", "set"), "PC002", "set/a.policy", "no such file")


def test_links_in_a_circle(tmp_path: Path) -> None:
    place(tmp_path, {"set/c.policy": VOCABULARY})
    (tmp_path / "set" / "a.policy").symlink_to("b.policy")
    (tmp_path / "set" / "b.policy").symlink_to("a.policy")
    assert_found(run(tmp_path, "check", "set"), "PC002", "set/a.policy", "set/b.policy")


def test_link_in_a_circle_as_argument(tmp_path: Path) -> None:
    (tmp_path / "a.policy").symlink_to("a.policy")
    assert_refused(run(tmp_path, "check", "a.policy"), "cannot read", "a.policy")


def test_link_to_its_own_folder(tmp_path: Path) -> None:
    """Links to folders are not followed, so the set is read once."""
    place(tmp_path, {"set/a.policy": VOCABULARY})
    (tmp_path / "set" / "again").symlink_to("../set")
    done = run(tmp_path, "check", "set")
    assert done.returncode == 0
    assert "checked 1 file" in done.stdout


# --- Text --------------------------------------------------------------------------------------------------


def test_line_of_fifty_megabytes(tmp_path: Path) -> None:
    place(tmp_path, {"set/a.policy": b"fact " + b"x" * 50_000_000 + b" : boolean\n"})
    assert_refused(run(tmp_path, "check", "set/a.policy"), "larger than 10 MB")
    assert_found(run(tmp_path, "check", "set"), "PC002", "larger than 10 MB")


def test_long_line(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": b"fact " + b"x" * 300_000 + b" : boolean\n"})
    assert_found(run(tmp_path, "check", "a.policy"), "PC001", "characters; at most")


def test_line_of_nine_megabytes(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": b"fact " + b"x" * 9_000_000 + b" : boolean\n"})
    assert_found(run(tmp_path, "check", "a.policy"), "PC001", "characters; at most")


@pytest.mark.parametrize(
    "text",
    [
        "define a = " + "(" * 10_000 + "1" + ")" * 10_000,
        "define a = " + "(" * 10_000 + "1",
        "define a = " + ")" * 10_000,
        "define a = " + "{" * 10_000,
        "define a = min(1, " * 10_000,
        "fact b : boolean\ndefine a = " + "not " * 10_000 + "b",
        "fact b : boolean\ndefine a = " + "if b then 1 else " * 10_000 + "2",
    ],
    ids=["closed", "open", "closing", "braces", "calls", "not", "if"],
)
def test_deep_nesting(text: str, tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": text + "\n"})
    assert_found(run(tmp_path, "check", "a.policy"), "PC001")


def test_long_chain_is_no_nesting(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": "fact b : boolean\ndefine a = " + "b and " * 2_000 + "b\n"})
    assert run(tmp_path, "check", "a.policy").returncode == 0


def test_bytes_of_a_picture(tmp_path: Path) -> None:
    place(tmp_path, {"set/a.policy": bytes(range(256)) * 100, "set/b.policy": b"\x00" * 1000})
    assert_found(run(tmp_path, "check", "set"), "PC002", "U+0000")


def test_day_that_is_not_in_the_calendar(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": VOCABULARY + "define soon = date < 2025-02-30\n"})
    assert_found(run(tmp_path, "check", "a.policy"), "PC105", "`2025-02-30`", "28 days")


def test_unknown_region(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": VOCABULARY + "policy other for 重庆 { }\npolicy third for 510000 { }\n"})
    assert_found(run(tmp_path, "check", "a.policy"), "PC101", "`重庆`", "`重庆市`", "`510000`")


# --- Tables of regions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "code", "says"),
    [
        ("11,北京市,100000", "PC105", "six digits"),
        ("１１００００,北京市,100000", "PC105", "six digits"),
        ("110000,北京市", "PC001", "three columns"),
        ("110000,北京市,100000,x", "PC001", "three columns"),
        ('110000,"北京市,100000', "PC001", "three columns"),
        ("100000,又一个,", "PC102", "declared twice"),
        ("110000,北京市,999999", "PC101", "`999999`"),
        ("110000,北京市,110000", "PC106", "below itself"),
    ],
)
def test_bad_row_of_a_region_table(row: str, code: str, says: str, tmp_path: Path) -> None:
    table = f"code,name,parent\n100000,中华人民共和国,\n{row}\n"
    place(tmp_path, {"a.policy": 'regions "regions.csv"\n', "regions.csv": table})
    assert_found(run(tmp_path, "check", "a.policy"), code, says, "regions.csv:3:1")


def test_missing_region_table(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": 'regions "regions.csv"\n'})
    assert_found(run(tmp_path, "check", "a.policy"), "PC002", "a.policy:1:9", "no such file")


def test_region_table_that_is_not_utf8(tmp_path: Path) -> None:
    place(tmp_path, {"a.policy": 'regions "regions.csv"\n', "regions.csv": "北京市".encode("gb18030")})
    assert_found(run(tmp_path, "check", "a.policy"), "PC002", "regions.csv", "UTF-8")


# --- Questions ---------------------------------------------------------------------------------------------


@pytest.fixture
def set_(tmp_path: Path) -> Path:
    place(tmp_path, {"a.policy": VOCABULARY})
    return tmp_path


def test_facts_that_contradict_an_axiom(set_: Path) -> None:
    """Without a possible case the answer is `impossible`, which is not a failure."""
    done = run(set_, "ask", "pay", "-p", "a.policy", "--set", "relation=sibling", "--set", "filed=false")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("impossible: pay")
    assert "siblings_file" in done.stdout


def test_test_that_contradicts_an_axiom(set_: Path) -> None:
    place(set_, {"b.policy": 'test "不可能" { given relation = sibling, filed = false expect filed }\n'})
    assert_found(run(set_, "check", "."), "PC503", "b.policy:1:", "excluded by this axiom")


def test_unknown_fact(set_: Path) -> None:
    done = run(set_, "ask", "pay", "-p", "a.policy", "--set", "relaton=parent")
    assert_refused(done, "PC101", "`relaton`", "did you mean `relation`?")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["pay", "--set", "relation=uncle"], "`uncle`"),
        (["pay", "--set", "relation="], "relation"),
        (["pay", "--set", "filed=2"], "truth value"),
        (["pay", "--set", "filed=maybe"], "write it like `yes`, `no`"),
        (["pay", "--set", "date=soon"], "expected a date, found `soon`"),
        (["pay", "--on", "1999-01-01"], "--> --on:1:1"),
        (["pay", "--set", "date=2025-02-30"], "no day `2025-02-30`"),
        (["pay", "--set", "date=2031-01-01"], "between 2021-01-01 and 2030-12-31"),
        (["pay", "--set", "pay=true"], "`pay` is a decision"),
        (["pay", "--on", "2025-02-30"], "`2025-02-30` is not a day"),
        (["pay", "--on", "yesterday"], "`yesterday` is not a day"),
        (["pay", "重慶市"], "`重庆市`"),
        (["pay", "100000"], "root"),
        (["pay", "500000", "500000"], "takes 1 at most: `payer.region` (side paying)"),
        (["pay is permited"], "verdict"),
        (["pay is"], "ends too early"),
        (["(" * 10_000], "nested"),
        ([""], ""),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_invalid_question(words: list[str], says: str, set_: Path) -> None:
    assert_refused(run(set_, "ask", *words, "-p", "a.policy"), says)
