"""Findings in files that are read only through `use` are counted, and listed with `--all-files`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main

NATION = """region 100000 "中国"
region 500000 "重庆市" in 100000
fact home "参保地" : region
fact filed "已备案" : boolean
decision pay "支付" governed by home as paying
assert never "不得冲突": pay is not conflicting
policy nation for 100000 {
  source law { clause c1 "都可以" clause c2 "没有编入" }
  permit pay anyone cite law.c1
}
policy north for 500000 {
  source law { clause c1 "都可以" }
  permit pay filed_ones when filed cite law.c1
  forbid pay unfiled when not filed cite law.c1
  forbid pay doubtful when filed cite law.c1
}
"""
CITY = """use "nation.policy"
policy city for 500000 { source page { clause c1 "a" clause c2 "b" } permit pay locals cite page.c1 }
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("nation.policy").write_text(NATION, encoding="utf-8")
    Path("city.policy").write_text(CITY, encoding="utf-8")
    return tmp_path


def invoked(*words: str) -> Result:
    return CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["check", "--no-cache", *words])


def found(*words: str) -> dict[str, object]:
    report = json.loads(invoked(*words, "--format", "json").stdout)
    places = {
        (finding["code"], *finding["rules"]): sorted({place["file"] for place in finding["locations"]})
        for finding in report["findings"]
    }
    return {"elsewhere": report["summary"]["elsewhere"], **{" ".join(key): files for key, files in places.items()}}


def test_the_author_of_a_city_sees_the_findings_of_the_city(folder: Path) -> None:
    every = found("city.policy", "--all-files")
    own = found("city.policy")
    assert every.pop("elsewhere") == 0
    hidden = {key for key, files in every.items() if files == ["nation.policy"]} - {"PC501 never"}
    assert own.pop("elsewhere") == len(hidden)
    assert {"PC202 nation.law.c2", "PC301 north.filed_ones north.doubtful"} <= hidden
    assert own == {key: files for key, files in every.items() if key not in hidden}
    assert any(files == ["city.policy", "nation.policy"] for files in own.values())
    assert "PC501 never" in own, "an assertion can fail by the rules of the city"


def test_one_line_counts_them(folder: Path) -> None:
    shown = invoked("city.policy").stdout
    assert "nation.policy:8" not in shown
    (line,) = [line for line in shown.splitlines() if "--all-files" in line]
    assert line.endswith("in files that are only used by these; see them with --all-files")
    assert "--all-files" not in invoked("city.policy", "--all-files").stdout
    assert "--all-files" not in invoked("city.policy", "nation.policy").stdout, "named, it is not only used"


def test_errors_elsewhere_still_fail_but_warnings_do_not(folder: Path) -> None:
    Path("city.policy").write_text('use "nation.policy"\n', encoding="utf-8")
    done = invoked("city.policy", "--select", "PC301")
    assert (done.exit_code, done.stdout.startswith("1 error in files that are only used")) == (1, True)
    words = ("city.policy", "--select", "PC202", "--fail-on", "warning")
    assert invoked(*words).exit_code == 0
    assert invoked(*words, "--all-files").exit_code == 1


def test_what_keeps_the_set_from_being_checked_is_listed(folder: Path) -> None:
    Path("nation.policy").write_text(NATION + "polcy x {}\n", encoding="utf-8")
    done = invoked("city.policy")
    assert done.exit_code == 1
    assert "nation.policy:17:1" in done.stdout
    assert "--all-files" not in done.stdout
