"""The command line as a process: exit codes, streams, languages, files, settings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import policyc
from policyc.cli.facts_file import BadFacts, read_facts
from policyc.cli.help.pages import cells, wrap
from policyc.cli.help.texts import HEADINGS, TEXTS
from policyc.cli.io import coloured, write_report
from policyc.cli.main import COMMANDS, language_wish, main
from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Severity, text
from policyc.dsl.system.limits import Undecided
from policyc.language import choose_language
from policyc.tally import exit_code
from tests.support.places import POLICIES, ROOT
from tests.support.waiting import HANGS

VOCABULARY = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
enum relation_kind "亲属关系" { parent "父母", child "子女", sibling "兄弟姐妹" }
record payer "共济人" { fact region "参保地" : region }
fact relation "与共济人关系" : relation_kind
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
decision pay "共济支付" governed by payer.region as paying "参保侧"
source law "文件" { clause c1 "父母子女可以" clause c2 "兄弟姐妹不行" }
"""
CLEAN = (
    VOCABULARY
    + """
policy city "重庆市规定" for 500000 {
  permit pay relatives "父母子女" when relation in {parent, child} cite law.c1
  forbid pay siblings "兄弟姐妹" when relation is sibling cite law.c2
}
"""
)
CONFLICT = CLEAN.replace("in {parent, child}", "is not parent")
UNCITED = CLEAN.replace("is sibling cite law.c2", "is sibling")


def run(
    *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("LC_", "POLICYC_", "PYTHONIOENCODING"))
    }
    return subprocess.run(
        [sys.executable, "-m", "policyc", *words],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env={**environment, **(env or {})},
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    return tmp_path


def check(content: str, *words: str) -> int:
    Path("a.policy").write_text(content, encoding="utf-8")
    return CliRunner().invoke(main, ["check", "a.policy", *words]).exit_code


# --- Exit codes --------------------------------------------------------------------------------------------


def test_a_clean_set_is_fine(folder: Path) -> None:
    assert check(CLEAN) == 0


def test_an_error_is_not_fine(folder: Path) -> None:
    assert check(CONFLICT) == 1
    assert check(CONFLICT, "--exit-zero") == 0
    assert check(CONFLICT, "--ignore", "PC301") == 0
    assert check(CONFLICT, "--select", "pc3") == 1
    assert check(CONFLICT, "--select", "PC301,PC4", "--ignore", "PC3") == 0


def test_warnings_fail_only_when_asked_to(folder: Path) -> None:
    assert check(UNCITED) == 0
    assert check(UNCITED, "--fail-on", "warning") == 1
    assert check(UNCITED, "--fail-on", "note") == 1


def test_errors_of_the_text_cannot_be_ignored(folder: Path) -> None:
    """Nothing was checked, so nothing is fine."""
    assert check("polcy x {", "--ignore", "PC0") == 1


@pytest.mark.parametrize(
    ("codes", "fail_on", "expected"),
    [
        ([], "note", 0),
        (["PC901"], "error", 3),
        (["PC901", "PC402"], "error", 3),
        (["PC901", "PC402"], "warning", 1),
        (["PC901", "PC301"], "error", 1),
        (["PC302"], "note", 1),
        (["PC302"], "warning", 0),
    ],
)
def test_precedence_of_exit_codes(codes: list[str], fail_on: str, expected: int) -> None:
    """Undecided counts only where nothing else does."""
    findings = [Diagnostic(CODES[code], text("ask.value", value=""), None) for code in codes]
    assert exit_code(findings, Severity(fail_on)) == expected


def test_acknowledged_findings_do_not_fail() -> None:
    finding = Diagnostic(CODES["PC301"], text("ask.value", value=""), None, acknowledged="known")
    assert exit_code([finding], Severity.NOTE) == 0


def test_a_defect_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the\nmatter")

    monkeypatch.setattr("policyc.api.load", broken)
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "policyc: defect in policyc itself (RuntimeError: the); please report it, with what POLICYC_DEBUG=1 shows"
    ]
    monkeypatch.setenv("POLICYC_DEBUG", "1")
    assert "Traceback" in CliRunner().invoke(main, ["check"]).stderr


# --- Streams -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1", "zh_CN.GB18030"])
@pytest.mark.parametrize("encoding", ["ascii", "gb18030", "utf-8"])
def test_reports_are_utf8_whatever_the_locale(folder: Path, locale: str, encoding: str) -> None:
    Path("重庆.policy").write_text(CONFLICT, encoding="utf-8")
    done = run("check", ".", cwd=folder, env={"LC_ALL": locale, "PYTHONIOENCODING": encoding})
    assert done.returncode == 1
    assert "重庆.policy:" in done.stdout
    assert "中华" not in run("check", "中华", cwd=folder, env={"LC_ALL": locale}).stdout
    assert (
        "`中华`"
        in run("check", "中华", cwd=folder, env={"LC_ALL": locale, "PYTHONIOENCODING": encoding}).stderr
    )


def test_a_reader_who_leaves_is_no_error(folder: Path) -> None:
    """`policyc check | head` ends quietly."""
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "policyc", "check", "a.policy"],
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=folder,
        encoding="utf-8",
        check=False,
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupt_ends_quietly(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "policyc", "check", str(POLICIES), "-"],  # the bundled policies take a while
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        encoding="utf-8",
        preexec_fn=heed_interrupts,  # noqa: PLW1509 - no threads here
    )
    assert process.stdin is not None
    process.stdin.write(
        "#" * 99 + "\n" * 99_999
    )  # more than fits into a pipe: once it is written, it is being read
    process.stdin.close()
    process.stdin = None
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=HANGS)
    assert output == ""
    assert "Traceback" not in errors
    assert process.returncode == 130


def heed_interrupts() -> None:
    """A shell starts what runs in the background deaf to them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_output_goes_to_a_file_whole(folder: Path) -> None:
    assert check(CLEAN, "--format", "json", "-o", "report.json") == 0
    assert json.loads(Path("report.json").read_text("utf-8"))["version"] == 1
    assert sorted(path.name for path in folder.iterdir()) == ["a.policy", "report.json"]


def test_a_file_that_cannot_be_written(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    done = CliRunner().invoke(main, ["check", "a.policy", "-o", "no/such/folder.txt"])
    assert done.exit_code == 2
    assert done.stderr == "policyc: cannot write `no/such/folder.txt`: there is no such file or folder\n"


def test_a_failed_write_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("report.txt").write_text("old")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", broken)
    with pytest.raises(OSError, match="disk full"):
        write_report("new", Path("report.txt"))
    assert Path("report.txt").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["report.txt"]


def test_a_written_file_keeps_its_permissions(folder: Path) -> None:
    Path("report.txt").write_text("old")
    Path("report.txt").chmod(0o640)
    write_report("new", Path("report.txt"))
    assert Path("report.txt").stat().st_mode & 0o777 == 0o640


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    assert run("check", "a.policy", cwd=folder).stdout == run("check", "a.policy", cwd=folder).stdout


# --- Colours -----------------------------------------------------------------------------------------------


def test_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, unless told otherwise; never in a file."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert coloured("auto", to_file=False, environment={})
    assert not coloured("auto", to_file=True, environment={})
    assert not coloured("auto", to_file=False, environment={"NO_COLOR": "1"})
    assert not coloured("auto", to_file=False, environment={"TERM": "dumb"})
    assert coloured("always", to_file=True, environment={"NO_COLOR": "1"})
    assert not coloured("never", to_file=False, environment={})


def test_colour_option(folder: Path) -> None:
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    assert "\x1b[" in CliRunner().invoke(main, ["--color", "always", "check", "a.policy"], color=True).stdout
    assert "\x1b[" not in CliRunner().invoke(main, ["check", "a.policy"], color=True).stdout


# --- Languages ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "environment", "expected"),
    [
        (None, {}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "fr_FR", "POLICYC_LANG": "zh"}, "zh"),
        (None, {"LANG": "zh_CN", "POLICYC_LANG": "en"}, "en"),
        ("auto", {"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ("en", {"POLICYC_LANG": "zh"}, "en"),
        ("zh", {}, "zh"),
    ],
)
def test_language(option: str | None, environment: dict[str, str], expected: str) -> None:
    assert choose_language(option, environment) == expected


def test_the_language_is_known_before_the_options_are_read() -> None:
    assert language_wish(["--help", "--lang", "zh"]) == "zh"
    assert language_wish(["--color", "never", "--lang=en", "check"]) == "en"
    assert language_wish(["check", "--lang", "zh"]) is None
    assert language_wish(["--lang"]) is None


def test_every_help_text_is_in_both_languages() -> None:
    for key, words in {**HEADINGS, **TEXTS}.items():
        assert set(words) == {"en", "zh"}, key
        assert all(words.values()), key


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=["policyc", *COMMANDS])
def test_help_fits_and_is_aligned(language: str, command: list[str]) -> None:
    """No line is wider than the terminal, and descriptions begin in one column of cells."""
    runner = CliRunner(env={"COLUMNS": "80"})
    page = runner.invoke(main, ["--lang", language, *command, "--help"]).stdout
    assert all(cells(line) <= 80 for line in page.splitlines())
    section = page.split("Options:\n" if language == "en" else "选项：\n")[1].split("\n\n")[0]
    starts = {
        cells(row[: len(row) - len(row.lstrip().split("  ")[-1].lstrip())]) for row in section.splitlines()
    }
    assert len(starts) == 1


def test_wrapping_by_cells() -> None:
    assert wrap("甲乙丙丁，戊己", 10, 2) == ["  甲乙丙", "  丁，戊己"]
    assert wrap("one two three", 9, 0) == ["one two", "three"]


# --- Which policies ----------------------------------------------------------------------------------------


def test_a_path_of_the_project_that_is_missing(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.policyc]\npaths = ["rules"]\n')
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1


# --- Facts -------------------------------------------------------------------------------------------------


def facts(content: str, name: str = "facts.json") -> dict[str, str]:
    Path(name).write_text(content, encoding="utf-8")
    found = read_facts(Path(name))
    assert found.diagnostics == []
    return {given.name: given.value for given in found.given if given.value is not None}


FACTS = {
    "payer.region": "重庆市",
    "payer.links": "3",
    "expense.amount": "180元",
    "filed": "true",
    "x": "0.50",
}


def test_facts_of_a_file(folder: Path) -> None:
    """Records are objects or paths; numbers keep their digits; what is null is not known."""
    content = '{"payer": {"region": "重庆市", "links": 3}, "expense.amount": "180元", "filed": true, "x": 0.50, "y": null}'
    assert facts(content) == FACTS
    assert facts(content.replace(" ", "\n\t")) == FACTS


@pytest.mark.parametrize("name", ["facts.yaml", "facts.YML"])
def test_facts_of_a_yaml_file(folder: Path, name: str) -> None:
    content = """# what is known
payer: { region: 重庆市, links: 3 }
expense.amount: 180元
filed: True
x: 0.50
y: null
z:
"""
    assert facts(content, name) == FACTS
    assert facts("a: 2025-01-01\nb: 'null'\nc: \"true\"\nd: no", name) == {
        "a": "2025-01-01",
        "b": "null",
        "c": "true",
        "d": "no",
    }


@pytest.mark.parametrize("content", ["[]", "1", "{", '"a', "[" * 100_000, ""])
@pytest.mark.parametrize("name", ["facts.json", "facts.yaml"])
def test_what_is_no_file_of_facts(folder: Path, content: str, name: str) -> None:
    with pytest.raises(BadFacts):
        facts(content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("facts.json", '{"a": [1], "b": "x", "c": {"d": NaN}}'),
        ("facts.yaml", "a: [1]\nb: x\nc:\n  d:\n    - 2\n"),
        ("facts.yaml", "a: &me [1]\nb: x\nc: {d: {f: 2}, e: []}\n"),
    ],
)
def test_values_that_are_none(folder: Path, name: str, content: str) -> None:
    Path(name).write_text(content, encoding="utf-8")
    found = read_facts(Path(name))
    assert [given.name for given in found.given if given.name == "b"] == ["b"]
    assert [item.code.id for item in found.diagnostics] == ["PC103", "PC103"]
    lines = [
        item.primary.span.file.position(item.primary.span.start) for item in found.diagnostics if item.primary
    ]
    assert lines == sorted(lines) and lines[0] == (1, content.index("[") + 1 if "&" not in content else 4)


ALL_WRONG = """
payer:
  regoin: 重庆市
  region: 朝阳
relation: paren
与共济人关系: 子女
date: 2025-02-30
expense: { amount: 3 }
"""


def test_all_mistakes_are_listed_at_once(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    Path("facts.yaml").write_text(ALL_WRONG, encoding="utf-8")
    words = ["ask", "pya", "500000", "北京", "--set", "relation=sibling", "--facts", "facts.yaml"]
    done = CliRunner().invoke(main, [*words, "-p", "a.policy"])
    shown = done.stderr
    assert done.exit_code == 2
    for place, said in {
        "QUESTION:1:1": "nothing is called `pya` here",
        "facts.yaml:3:3": "the record has no fact `regoin`",
        "facts.yaml:4:11": "no region is called `朝阳`",
        "facts.yaml:5:11": "`relation_kind` has no member `paren`",
        "facts.yaml:7:7": "there is no day `2025-02-30`",
        "facts.yaml:8:12": "nothing is called `expense` here",
    }.items():
        before = shown[: shown.index(f"--> {place}")].rstrip().splitlines()[-1]
        assert said in before, (place, before)
    for offered in ("pay", "payer.region", "parent"):
        assert f"did you mean `{offered}`?" in shown


def test_the_command_line_comes_before_the_file(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    Path("facts.json").write_text('{"与共济人关系": "父母", "payer.region": "重庆"}', encoding="utf-8")
    words = [
        "ask",
        "pay",
        "-p",
        "a.policy",
        "--facts",
        "facts.json",
        "--on",
        "2025-01-01",
        "--format",
        "json",
    ]
    done = CliRunner().invoke(main, [*words, "--set", "relation=sibling"])
    assert json.loads(done.stdout)["given"] == {
        "payer.region": "500000",
        "relation": "sibling",
        "date": "2025-01-01",
    }
    twice = CliRunner().invoke(main, [*words, "--set", "relation=sibling", "--set", "与共济人关系=父母"])
    assert twice.exit_code == 2
    assert "`relation` is given twice" in twice.stderr


REGIONS = """
region 100000 "中国"
region 110000 "北京市" in 100000
region 110105 "朝阳区" in 110000
region 211300 "朝阳市" in 210000
region 210000 "辽宁省" in 100000
region 220000 "吉林省" in 100000
region 220200 "吉林市" in 220000
region 220104 "朝阳区" in 220000
fact home : region
fact sum : money
fact filed "已备案" : boolean
decision pay governed by home as paying
policy p for 100000 { permit pay x }
"""


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("home=北京", "110000"),
        ("home=110000", "110000"),
        ("home=北京市", "110000"),
        ("home=朝阳市", "211300"),
        ("sum=200", "200元"),
        ("sum=200元", "200元"),
        ("sum=200 CNY", "200元"),
        ("sum=0.5", "0.50元"),
        ("filed=yes", "true"),
        ("filed=否", "false"),
        ("已备案=真", "true"),
    ],
)
def test_values_as_people_write_them(folder: Path, written: str, given: str) -> None:
    Path("r.policy").write_text(REGIONS, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "r.policy", "--set", written, "--format", "json"])
    assert list(json.loads(done.stdout)["given"].values()) == [given]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("吉林", "give the code: 220000 (吉林省), 220200 (吉林市)"),
        ("朝", "give the code: 110105 (朝阳区), 211300 (朝阳市), 220104 (朝阳区)"),
        ("朝阳区", "give the code: 110105 (北京市), 220104 (吉林省)"),
        ("北平", "no region is called `北平`"),
    ],
)
def test_regions_that_are_not_one(folder: Path, written: str, said: str) -> None:
    Path("r.policy").write_text(REGIONS, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", written, "-p", "r.policy"])
    assert done.exit_code == 2
    assert said in done.stderr


# --- The Python interface ----------------------------------------------------------------------------------


def test_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert policyc.__version__ == project["version"]
    assert run("--version").stdout == f"policyc {policyc.__version__}\n"


def test_checking_from_python(folder: Path) -> None:
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    report = policyc.load("a.policy").check()
    assert [finding.code.id for finding in report.findings] == ["PC301"]
    assert policyc.load(["a.policy"]).check(codes=["PC4"]).findings == ()


def test_deciding_from_python(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    base = policyc.load("a.policy")
    case = {"payer.region": "500000", "relation": "parent", "date": date(2025, 1, 1).toordinal()}
    assert base.decide(case, "pay").verdict == "permitted"
    assert base.decide({**case, "relation": "sibling"}, "pay").verdict == "denied"
    with pytest.raises(KeyError, match="relation"):
        base.decide({"payer.region": "500000", "date": 1}, "pay")


def test_broken_policies_are_not_asked(folder: Path) -> None:
    Path("a.policy").write_text("polcy x {", encoding="utf-8")
    base = policyc.load("a.policy")
    assert [item.code.id for item in base.diagnostics][:1] == ["PC001"]
    with pytest.raises(policyc.BrokenPolicies):
        base.decide({}, "pay")
    with pytest.raises(policyc.BrokenPolicies):
        base.ask("pay")


def test_asking_from_python(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    report = policyc.load("a.policy").ask("pay", ["重庆市"], {"relation": "sibling"})
    assert report.answer == "denied"
    assert report.defaulted == ("date",)
    assert report.given["date"] == date.today().isoformat()


def test_an_answer_for_today_says_so(folder: Path) -> None:
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "重庆市", "--set", "relation=sibling", "-p", "a.policy"])
    assert done.stdout.startswith(f"denied: pay, on {date.today()} (today, as no day was given)\n")


def test_no_answer_in_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither yes nor no: PC901 and exit code 3."""

    def slow(*_: object, **__: object) -> None:
        raise Undecided("timeout")

    monkeypatch.setattr("policyc.pipeline.understand", slow)
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    done = CliRunner().invoke(main, ["ask", "pay", "-p", "a.policy"])
    assert (done.exit_code, done.stderr) == (3, "")
    assert done.stdout.startswith("error[PC901] undecided: could not decide in time: the answer to `pay`\n")
