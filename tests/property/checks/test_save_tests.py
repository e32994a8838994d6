"""`check --save-tests`: a test of the language reproduces every finding with a witness."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.api import PolicyBase
from policyc.cli.main import main
from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.model import Expr, PolicySet, Setting
from policyc.dsl.syntax.excerpt import on_one_line
from policyc.dsl.system.limits import Undecided
from policyc.language import Language
from policyc.pipeline import Compiled, check, compile_paths
from policyc.render.test_file import MARK, file_content, is_foreign
from policyc.solver.checks.options import CheckOptions
from tests.property.checks.test_repairs import FILES as REPAIRABLE, pasted_files
from tests.support.places import CORPUS, CORPUS_FILES, POLICIES, corpus_name
from tests.support.slow import mostly_slow

TODAY = date(2026, 1, 1)

CONFLICT = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
fact home "参保地" : region
fact filed "已备案" : boolean arrangeable usual true
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
decision pay "支付" governed by home as paying
policy city for 500000 {
  source page "某网页" dated 2025-03-12 { clause c1 "都可以" clause c2 "未备案的不可以" }
  permit pay anyone cite page.c1
  forbid pay unfiled when not filed cite page.c2
}
"""


def compiled(*files: Path) -> Compiled:
    return compile_paths(files)


def saved(files: list[Path], target: Path, language: Language = "en") -> list[Diagnostic]:
    """Checks the files and writes the tests; returns the findings that have a witness."""
    read = compiled(*files)
    report = check(read, CheckOptions(TODAY))
    base = PolicyBase(read)
    target.write_text(file_content(base, report.findings, target, language, None), encoding="utf-8")
    return [] if report.stopped else [item for item in report.findings if item.finding.witness is not None]


def blocks(target: Path) -> tuple[list[str], list[str]]:
    """The names of the tests of a file, and the comments in place of tests that cannot be written."""
    content = target.read_text("utf-8")
    names = re.findall(r"^(?:test|测试) [\"“](.*)[\"”] \{$", content, re.MULTILINE)
    return names, re.findall(r"^# (?:no test|未写成测试).*$", content, re.MULTILINE)


@pytest.mark.parametrize("file", mostly_slow(CORPUS_FILES, 4), ids=corpus_name)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_saved_tests_pass(file: Path, language: Language, tmp_path: Path) -> None:
    """Read together with the set, every test of the file passes, and everything shown is in it."""
    target = tmp_path / "saved.policy"
    found = saved([file], target, language)
    names, comments = blocks(target)
    assert len(names) + len(comments) == len(found)
    assert len(set(names)) == len(names)
    if found:
        again = check(compiled(file, target), CheckOptions(TODAY))
        assert not again.stopped
        assert [item for item in again.findings if in_file(item, target)] == []


def in_file(finding: Diagnostic, file: Path) -> bool:
    return finding.primary is not None and Path(finding.primary.span.file.path).name == file.name


@pytest.mark.slow
def test_what_cannot_be_said(tmp_path: Path) -> None:
    """Of all that the corpus shows: conflicting values on which no decision hangs; of such a value that a row is masked;
    what shares each of its cases with another conflict, and that sides disagree, where a repair changes no verdict."""
    unsaid = set()
    for file in CORPUS_FILES:
        target = tmp_path / "saved.policy"
        saved([file], target)
        for block in target.read_text("utf-8").split("\n\n"):
            if "# no test" in block:
                unsaid.add(corpus_name(file))
    values = "bad/values-conflict"
    assert unsaid == {
        *("bad/conflicts/by_value.policy", "bad/tables/chinese.policy"),
        *("bad/conflicts/two_norms.policy", "bad/conflicts/cities.policy"),
        *("bad/sides/disagree.policy", "bad/sides/chinese.policy"),
        *(f"{values}/table.policy", f"{values}/two_sets.policy", "bad/tables/overlaps.policy"),
    }


def test_a_conflicting_value_is_said_by_the_decision_that_hangs_on_it(tmp_path: Path) -> None:
    file, target = tmp_path / "a.policy", tmp_path / "saved.policy"
    file.write_text(
        CONFLICT.replace("forbid pay unfiled when not filed cite page.c2", "set open = false cite page.c2")
        .replace("permit pay anyone cite", "set open = true cite page.c1 permit pay anyone when home.open cite")
        .replace("decision pay", "parameter open : boolean decision pay"),
        encoding="utf-8",
    )
    found = saved([file], target)
    assert [item.code.id for item in found] == ["PC303"]
    assert '"PC303 city.open, city.open@2" {\n  given home = 500000\n  expect pay is conflicting\n}' in (
        target.read_text("utf-8")
    )


def test_a_repaired_conflict_fails_its_test(tmp_path: Path) -> None:
    """The test shows the finding: once that is gone, the test fails."""
    file, target = tmp_path / "a.policy", tmp_path / "saved.policy"
    file.write_text(CONFLICT, encoding="utf-8")
    saved([file], target)
    file.write_text(CONFLICT.replace("not filed cite", "not filed exception to anyone cite"), "utf-8")
    codes = [item.code.id for item in check(compiled(file, target), CheckOptions(TODAY)).findings]
    assert "PC502" in codes


HIDDEN = CONFLICT.replace(
    "forbid pay unfiled",
    "forbid pay strangers when filed or home in 500000 cite page.c2 forbid pay unfiled",
)


def test_a_test_that_another_conflict_would_keep_alive_is_not_written(tmp_path: Path) -> None:
    """Every case of `unfiled` is one of `strangers`, too: its test would still pass once it is repaired."""
    file, target = tmp_path / "a.policy", tmp_path / "saved.policy"
    file.write_text(HIDDEN, encoding="utf-8")
    saved([file], target)
    names, comments = blocks(target)
    assert names == ["PC301 city.anyone, city.strangers", "PC402 city.unfiled, city.strangers"]
    assert ["another contradiction" in comment for comment in comments] == [True]


def test_another_case_is_saved_if_the_plainest_is_one_of_another_conflict(tmp_path: Path) -> None:
    """The plainest case of both has an unfiled payer in 500000; each has a test of a case that is its own."""
    file, target = tmp_path / "a.policy", tmp_path / "saved.policy"
    text = CONFLICT.replace(
        "forbid pay unfiled when not filed",
        "forbid pay early when date < 2025-06-01 cite page.c2 forbid pay unfiled when not filed or date > 2025-03-01",
    )
    file.write_text(text.replace('date "日期"', "other : boolean fact date"), encoding="utf-8")
    saved([file], target)
    names, comments = blocks(target)
    assert names == ["PC301 city.anyone, city.early", "PC301 city.anyone, city.unfiled"]
    assert comments == []


@pytest.mark.parametrize("file", mostly_slow(REPAIRABLE, 3), ids=corpus_name)
def test_a_saved_test_fails_after_each_repair(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The edit is made in the text; the test is told by its name."""
    target = tmp_path / "saved.policy"
    found = saved([file], target)
    written = set(blocks(target)[0])
    policy_set = compiled(file).policy_set
    monkeypatch.chdir(tmp_path)
    for finding in found:
        name = f"{finding.code.id} {', '.join(finding.finding.rules)}"
        for repair in finding.finding.repairs or () if name in written else ():
            paths = pasted_files(policy_set, repair)
            again = compile_paths([*paths, target])
            failing = check(again, CheckOptions(TODAY, codes={"PC502", "PC503"})).findings
            assert name in [dict(item.message.args).get("test") for item in failing], repair


@pytest.mark.slow
def test_bundled_findings_are_said_again_in_the_form_of_the_bundled_tests(tmp_path: Path) -> None:
    from policyc.render.terminal import width

    target = tmp_path / "saved.policy"
    found = saved([POLICIES], target)
    names, comments = blocks(target)
    assert len(names) == len(found) > 50
    assert comments == []
    again = check(compiled(POLICIES, target), CheckOptions(TODAY, codes={"PC502", "PC503"}))
    assert list(again.findings) == []
    for line in target.read_text("utf-8").splitlines():
        assert width(line) <= 115 or line.startswith(("#", 'test "'))  # a name stays on its line
        assert line in ("", "}") or re.match(r"#|test \"|  given |    \w|  expect ", line), line


# --- The file ----------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    return tmp_path


def invoked(*words: str) -> tuple[int, str]:
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["check", "a.policy", *words])
    return done.exit_code, done.stderr


def test_a_file_written_here_is_replaced(folder: Path) -> None:
    assert invoked("--save-tests", "saved.policy") == (1, "")
    first = Path("saved.policy").read_bytes()
    assert first.startswith(MARK.encode())
    assert invoked("--save-tests", "saved.policy") == (1, "")
    assert Path("saved.policy").read_bytes() == first
    assert sorted(path.name for path in folder.iterdir()) == ["a.policy", "saved.policy"]


def test_a_file_of_somebody_else_stays(folder: Path) -> None:
    for content in ("", "# my own tests\n", f" {MARK}\n"):
        Path("mine.policy").write_text(content)
        code, stderr = invoked("--save-tests", "mine.policy")
        assert code == 2
        assert "`mine.policy` was not written by `--save-tests`" in stderr
        assert Path("mine.policy").read_text() == content
    assert not is_foreign(Path("not_there.policy"))


def test_a_place_that_cannot_be_written(folder: Path) -> None:
    code, stderr = invoked("--save-tests", "no/such/folder.policy")
    assert (code, stderr) == (
        2,
        "policyc: cannot write `no/such/folder.policy`: there is no such file or folder\n",
    )


def test_nothing_is_written_where_nothing_was_checked(folder: Path) -> None:
    Path("a.policy").write_text("polcy x {", encoding="utf-8")
    assert invoked("--save-tests", "saved.policy")[0] == 1
    assert not Path("saved.policy").exists()


@pytest.mark.slow
def test_tests_that_fail_now_are_not_saved_again(folder: Path) -> None:
    """The file is in the folder that is checked: its old tests are replaced, not repeated."""
    assert invoked("saved.policy", "--save-tests", "saved.policy")[0] == 2  # a path that does not exist
    invoked("--save-tests", "saved.policy")
    Path("a.policy").write_text(CONFLICT.replace("not filed cite", "not filed exception to anyone cite"), "utf-8")
    assert invoked("saved.policy", "--save-tests", "saved.policy")[0] == 1
    assert "PC502" not in Path("saved.policy").read_text("utf-8")
    assert invoked("saved.policy", "--save-tests", "saved.policy")[0] == 0


def test_a_test_in_odd_quotes_keeps_its_name(folder: Path) -> None:
    with Path("a.policy").open("a", encoding="utf-8") as file:
        file.write('test “名为 "甲" 者” { given home = 500000, filed = true expect pay is denied }\n')
    invoked("--save-tests", "saved.policy")
    assert 'test “PC502 名为 "甲" 者” {' in Path("saved.policy").read_text("utf-8")
    assert invoked("saved.policy", "--select", "PC0,PC1")[0] == 0


def test_a_condition_that_cannot_be_settled_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file, target = CORPUS / "bad" / "undetermined" / "not_set.policy", tmp_path / "saved.policy"

    def gives_up(*_: object) -> None:
        raise Undecided("timeout")

    monkeypatch.setattr("policyc.solver.suite.reproduce.failed_test", gives_up)
    saved([file], target)
    assert "could not be decided in time; the case is" in target.read_text("utf-8")


# --- Words of the author -----------------------------------------------------------------------------------


def conditions(policy_set: PolicySet) -> Iterator[Expr]:
    for rule in policy_set.rules.values():
        if not isinstance(rule, Setting) or rule.table is None:  # cells alone are no conditions
            yield from (item for item in (rule.when, rule.unless) if item is not None)
    yield from (assertion.condition for assertion in policy_set.assertions)


@pytest.mark.slow
def test_a_condition_on_one_line_means_the_same() -> None:
    for path in [POLICIES, *CORPUS_FILES]:
        read = compiled(path)
        if read.errors:
            continue
        local = {define.name.rpartition(".")[2] for define in read.policy_set.defines.values() if define.policy}
        for condition in conditions(read.policy_set):
            written = on_one_line(condition.span)
            if any(re.search(rf"\b{name}\b", written) for name in local):
                continue  # names of a policy of its own
            asked = QuestionReader(read.policy_set).question(written)
            assert asked is not None, written
            assert asked.subject == condition, written


def test_comments_and_line_breaks_are_left_out() -> None:
    file = SourceFile("a", 'filed   # a comment\n  and （ kind is "a  b" ）\n# another\n  or x')
    assert on_one_line(file.whole) == 'filed and （ kind is "a  b" ） or x'
