"""Thousands of mistakes: the first are reported, the others counted; names are not all compared with each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import growth
from policyc.cli.main import main
from policyc.dsl.binding import names
from policyc.dsl.diagnostics.diagnostic import MOST_REPEATED

pytestmark = pytest.mark.slow

MANY = 4000


def checked(tmp_path: Path, text: str, *words: str, language: str = "en") -> str:
    path = tmp_path / "set.policy"
    path.write_text(growth._VOCABULARY + text, "utf-8")
    done = CliRunner().invoke(main, ["check", "--no-cache", str(path), *words], env={"POLICYC_LANG": language})
    assert done.exit_code == 1, done.output[-1000:]
    return done.output


@pytest.mark.parametrize("between", [" and ", "\n  and "], ids=["one line", "many lines"])
def test_unknown_names_are_told_and_then_counted(between: str, tmp_path: Path) -> None:
    text = growth._policy(f"permit pay a when {between.join(f'unknown{i}' for i in range(MANY))}")
    output = checked(tmp_path, text)
    assert output.count("error[PC101]") == MOST_REPEATED + 1
    assert f"and {MANY - MOST_REPEATED} more of this kind" in output
    assert len(output) < 1_000_000
    assert f"还有 {MANY - MOST_REPEATED} 处同类问题" in checked(tmp_path, text, language="zh")
    findings = json.loads(checked(tmp_path, text, "--format", "json"))["findings"]
    assert len(findings) == MOST_REPEATED + 1


def test_names_are_compared_so_often_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    real = names.nearest
    monkeypatch.setattr(names, "nearest", lambda name, known: compared.append(name) or real(name, known))
    defines = "".join(f"define known{i} = filed\n" for i in range(300))
    unknown = " and ".join(f"unknown{i}" for i in range(MANY))
    output = checked(tmp_path, defines + growth._policy(f"permit pay a when {unknown}"))
    assert len(compared) == names._MOST_HELPED
    assert output.count("did you mean") == names._MOST_HELPED


def test_names_that_are_too_long_are_compared_with_none() -> None:
    assert names.nearest("a" * 50, ["a" * 51]) == "a" * 51
    assert names.nearest("a" * 5000, ["a" * 5001]) is None
    assert names.nearest("a", ["a" * 5001]) is None


@pytest.mark.parametrize(
    "text",
    [
        growth._policy("permit pay a").replace("cite s.c", "cite " + ", ".join(f"s.c{i}" for i in range(MANY))),
        growth._policy("permit pay a exception to " + ", ".join(f"r{i}" for i in range(MANY))),
        growth._policy("permit pay a") + "".join(f'acknowledge PC301 p.r{i} because "x"\n' for i in range(MANY)),
        "".join(f'policy p{i} for "某地{i}" {{ permit pay a cite s.c }}\n' for i in range(MANY // 2)),
        "enum kin { parent }\nfact relation: kin\n"
        + growth._policy("permit pay a when relation in {" + ", ".join(f"m{i}" for i in range(MANY)) + "}"),
    ],
    ids=["clauses", "exceptions", "acknowledgements", "regions", "members"],
)
def test_other_names_are_told_and_then_counted(text: str, tmp_path: Path) -> None:
    output = checked(tmp_path, text)
    assert 0 < output.count("error[PC101]") <= MOST_REPEATED + 1


def test_few_mistakes_are_all_told(tmp_path: Path) -> None:
    unknown = " and ".join(f"unknown{i}" for i in range(MOST_REPEATED))
    output = checked(tmp_path, growth._policy(f"permit pay a when {unknown}"))
    assert output.count("error[PC101]") == MOST_REPEATED
    assert "more of this kind" not in output
