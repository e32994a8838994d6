"""`[tool.policyc]` of pyproject.toml: what can be set, what is refused, what the command line overrides."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc import pipeline
from policyc.cli.main import main
from policyc.config import KEYS, BadConfiguration, Settings, read_settings
from policyc.dsl.diagnostics.diagnostic import CODES, Severity
from policyc.dsl.diagnostics.messages import render
from policyc.solver.checks.options import CheckOptions
from tests.support.places import ROOT
from tests.support.slow import mostly_slow

RULES = """
region 100000 "国"
region 500000 "渝" in 100000
record payer { fact region : region }
fact filed : boolean usual true
decision pay governed by payer.region as paying
source law { clause a "甲" clause b "乙" }
policy city for 500000 {
  permit pay yes cite law.a
  forbid pay no when not filed cite law.b
  permit pay uncited when filed
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.policy").write_text(RULES, encoding="utf-8")
    return tmp_path


def configure(folder: Path, content: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.policyc]\n{content}\n", encoding="utf-8")


def check(*words: str) -> tuple[int, set[str]]:
    """The exit code of `check`, and the codes it finds."""
    done = CliRunner().invoke(main, ["check", "--format", "json", *words])
    return done.exit_code, {finding["code"] for finding in json.loads(done.stdout)["findings"]}


# --- What can be set ---------------------------------------------------------------------------------------


def test_every_setting(folder: Path) -> None:
    configure(
        folder,
        'paths = ["rules", "more/b.policy"]\nselect = ["PC3", "pc501"]\nignore = ["PC302"]\n'
        'fail-on = "warning"\ntimeout = 30\nmemory = "1.5gb"\njobs = 2',
    )
    assert read_settings(folder) == Settings(
        paths=(folder / "rules", folder / "more" / "b.policy"),
        select=frozenset(code for code in CODES if code.startswith("PC3")) | {"PC501"},
        ignore=frozenset({"PC302"}),
        fail_on=Severity.WARNING,
        timeout=30.0,
        memory=1_500_000_000,
        jobs=2,
    )
    configure(folder, "timeout = 0.5\nignore = []")
    assert read_settings(folder) == Settings(timeout=0.5, ignore=frozenset())


def test_the_nearest_file_counts(folder: Path) -> None:
    """It counts even if it has no settings; paths are relative to it."""
    configure(folder, 'paths = ["rules"]')
    deep = folder / "rules" / "deep"
    deep.mkdir()
    assert read_settings(deep) == Settings(paths=(folder / "rules",))
    (folder / "rules" / "pyproject.toml").write_text("[tool.other]\n")
    assert read_settings(deep) == Settings()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("path = 1", "has no setting `path`; did you mean `paths`?"),
        ('fail_on = "error"', "has no setting `fail_on`; did you mean `fail-on`?"),
        (
            "x = 1",
            "has no setting `x`; there are `paths`, `select`, `ignore`, `fail-on`, `timeout`, `memory`, `jobs`",
        ),
        ("paths = []", "`paths` of [tool.policyc] is not a list of paths"),
        ("paths = [1]", "`paths` of [tool.policyc] is not a list of paths"),
        ('paths = "rules"', "`paths` of [tool.policyc] is not a list of paths"),
        ('select = "PC301"', "`select` of [tool.policyc] is not a list of diagnostic codes"),
        ("ignore = [301]", "`ignore` of [tool.policyc] is not a list of diagnostic codes"),
        (
            'ignore = ["PC333"]',
            "`ignore` of [tool.policyc]: no diagnostic code is or begins with `PC333`; did you mean `PC303`?",
        ),
        ('select = ["errors"]', "`select` of [tool.policyc]: no diagnostic code is or begins with `errors`"),
        ("select = []", "`select` of [tool.policyc] is empty, so nothing would be looked for"),
        ('select = [""]', "`select` of [tool.policyc]: no diagnostic code"),
        ('fail-on = "warnings"', "is `warnings`; did you mean `warning`?"),
        ('fail-on = "never"', "is `never`, which is not one of `error`, `warning`, `note`"),
        ("fail-on = true", "`fail-on` of [tool.policyc] is not one of `error`, `warning`, `note`"),
        ("timeout = 0", "`timeout` of [tool.policyc] is not a number of seconds above zero"),
        ("timeout = nan", "`timeout` of [tool.policyc] is not a number of seconds above zero"),
        ("timeout = inf", "`timeout` of [tool.policyc] is not a number of seconds above zero"),
        ("timeout = true", "`timeout` of [tool.policyc] is not a number of seconds above zero"),
        ('timeout = "30"', "`timeout` of [tool.policyc] is not a number of seconds above zero"),
        ("memory = 500", "`memory` of [tool.policyc] is no amount of memory"),
        ('memory = "10MB"', "`memory` of [tool.policyc] is no amount of memory"),
        ("jobs = 0", "`jobs` of [tool.policyc] is not a whole number above zero"),
        ("jobs = 1.5", "`jobs` of [tool.policyc] is not a whole number above zero"),
        ("jobs = true", "`jobs` of [tool.policyc] is not a whole number above zero"),
        ("jobs = [", ""),
    ],
)
def test_settings_that_are_not_understood(folder: Path, content: str, told: str) -> None:
    """Every command names the file and the setting, even if it does not use the setting."""
    configure(folder, content)
    with pytest.raises(BadConfiguration) as caught:
        read_settings(folder)
    assert told in render(caught.value.reason, "en")
    assert render(caught.value.reason, "zh")
    for command in (["check"], ["check", "rules"], ["test"], ["matrix"], ["ask", "pay"]):
        done = CliRunner().invoke(main, command)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith("policyc: in `pyproject.toml`: ")
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("content", ["tool.policyc = 1", "[tool"])
def test_a_file_that_is_not_understood(folder: Path, content: str) -> None:
    (folder / "pyproject.toml").write_text(content)
    with pytest.raises(BadConfiguration):
        read_settings(folder)
    assert CliRunner().invoke(main, ["check"]).exit_code == 2


#: Content of pyproject.toml that is a mistake, and its message.
ODD = {
    "a null character in a path": (b'[tool.policyc]\npaths = ["\\u0000x"]', "cannot read"),
    "an escape in a path": (b'[tool.policyc]\npaths = ["\\u001b[31m"]', "cannot read"),
    "a very long path": (b'[tool.policyc]\npaths = ["' + b"x" * 5_000 + b'"]', "cannot read"),
    "deep lists": (b"a = " + b"[" * 3_000 + b"]" * 3_000, "nested too deeply"),
    "deeper lists": (b"a = " + b"[" * 100_000, "nested too deeply"),
    "deep tables": (b"a = " + b"{a=" * 3_000 + b"1" + b"}" * 3_000, "nested too deeply"),
    "long keys": (b"[tool.policyc]\nx" + b".x" * 3_000 + b" = 1", "has no setting `x"),
    "no UTF-8": (b"[tool.policyc]\n# \xff", "it is not UTF-8 text (byte 18)"),
    "UTF-16": ("[tool.policyc]".encode("utf-16"), "it is not UTF-8 text (byte 1)"),
    "no TOML": (b"[tool.policyc\njobs = 2", "it is not TOML (line 1, column 14)"),
    "no end": (b"[tool.policyc]\nx = 'a", "it is not TOML (line 2, column 7)"),
    "a key twice": (b"[tool.policyc]\njobs = 1\njobs = 2", "it is not TOML (line 3, column 9)"),
    "a control character": (b"[tool.policyc]\nx = '\x1b'", "it is not TOML (line 2, column 6)"),
    "thousands of digits": (b"[tool.policyc]\njobs = " + b"9" * 5_000, "it is not TOML"),
    "large": (b"#" * 10_000_001, "it is larger than 10 MB"),
    "a list for the table": (b"[tool]\npolicyc = []", "`tool.policyc` is not a table"),
    "tables for the table": (b"[[tool.policyc]]\njobs = 1", "`tool.policyc` is not a table"),
    "a number for a list": (b"[tool.policyc]\npaths = 1", "is not a list of paths"),
    "a table for a list": (b"[tool.policyc.select]\nPC3 = true", "is not a list of diagnostic codes"),
    "a list of lists": (b'[tool.policyc]\nselect = [["PC3"]]', "is not a list of diagnostic codes"),
    "a day for a number": (b"[tool.policyc]\njobs = 2024-01-01", "is not a whole number above zero"),
    "a fraction": (b"[tool.policyc]\njobs = 1.0", "is not a whole number above zero"),
    "more than any number": (b"[tool.policyc]\ntimeout = 1e400", "is not a number of seconds above zero"),
    "more than any machine": (
        b"[tool.policyc]\njobs = 99999999999999999999",
        "is not a whole number above zero",
    ),
    "seconds without end": (b"[tool.policyc]\ntimeout = 1" + b"0" * 400, "is not a number of seconds"),
}


@pytest.mark.parametrize("kind", mostly_slow(ODD, 8))
@pytest.mark.parametrize("command", [["check"], ["ask", "pay"], ["test"], ["matrix"], ["export", "smt2"]])
def test_odd_settings_end_every_command(folder: Path, kind: str, command: list[str]) -> None:
    content, said = ODD[kind]
    (folder / "pyproject.toml").write_bytes(content)
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr and "defect" not in done.stderr and "\x1b" not in done.stderr
    told = CliRunner().invoke(main, ["--lang", "zh", *command]).stderr
    assert "缺陷" not in told and len(told.splitlines()) <= 2


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf[tool.policyc]\r\njobs = 1\r\n", b"tool = 1", b"[tool]", b"[tool.x]"]
)
def test_settings_that_settle_little(folder: Path, content: bytes) -> None:
    (folder / "pyproject.toml").write_bytes(content)
    assert CliRunner().invoke(main, ["check", "rules"]).exit_code == 1


def test_the_page_lists_every_setting(folder: Path) -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert tuple(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)) == KEYS
    configure(folder, page.partition("```toml\n[tool.policyc]\n")[2].partition("```")[0])
    assert None not in (read_settings(folder).fail_on, read_settings(folder).jobs)


# --- What they do ------------------------------------------------------------------------------------------


def test_codes_and_severity(folder: Path) -> None:
    configure(folder, 'paths = ["rules"]')
    assert check() == (1, {"PC201", "PC301", "PC402"})
    configure(folder, 'paths = ["rules"]\nignore = ["PC301"]')
    assert check() == (0, {"PC201", "PC402"})
    configure(folder, 'paths = ["rules"]\nignore = ["PC301"]\nfail-on = "warning"')
    assert check() == (1, {"PC201", "PC402"})
    configure(folder, 'paths = ["rules"]\nselect = ["PC3"]')
    assert check() == (1, {"PC301"})


def test_options_override_settings(folder: Path) -> None:
    """Each option overrides its setting; settings do not ignore codes selected on the command line."""
    configure(folder, 'paths = ["rules"]\nselect = ["PC2"]\nignore = ["PC301"]\nfail-on = "warning"')
    assert check() == (1, {"PC201"})
    assert check("--fail-on", "error") == (0, {"PC201"})
    assert check("--select", "PC301") == (1, {"PC301"})
    assert check("--select", "PC", "--ignore", "PC301") == (1, {"PC201", "PC402"})
    assert check("--ignore", "PC202") == (1, {"PC201"})
    for words in (["--ignore", "PC2"], ["--select", "PC3", "--ignore", "PC3"]):
        done = CliRunner().invoke(main, ["check", *words])
        assert (done.exit_code, done.stdout) == (2, "")
        assert "there is nothing to look for" in done.stderr


def test_the_time_limit_reaches_every_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(folder, 'paths = ["rules"]\ntimeout = 7')
    limits: list[object] = []

    def noted(function: str) -> None:
        original = getattr(pipeline, function)

        def noting(compiled: object, *arguments: object, **options: object) -> object:
            [limit] = [item.timeout for item in arguments if isinstance(item, CheckOptions)] or [options["timeout"]]
            limits.append(limit)
            return original(compiled, *arguments, **options)

        monkeypatch.setattr(pipeline, function, noting)

    for function in ("check", "understand", "test", "matrix"):
        noted(function)
    for words in (["check"], ["ask", "pay"], ["test"], ["matrix"]):
        CliRunner().invoke(main, words)
        CliRunner().invoke(main, [*words, "--timeout", "9"])
    assert limits == [7.0, 9.0] * 4
