"""`policyc test`: the outcome of each test, and which rules the tests exercise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import policyc
from policyc.cli.main import main
from policyc.dsl.system.limits import Undecided

VOCABULARY = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum relation_kind "亲属关系" { spouse "配偶", parent "父母", sibling "兄弟姐妹" }
record payer "共济人" { fact region "参保地" : region usual 500000 fact age "年龄" : int 0..120 usual 40 }
fact relation "与共济人关系" : relation_kind
fact filed "已备案" : boolean arrangeable usual true
fact amount "金额" : money usual 100元
fact date "日期" : date 2021-01-01..2030-12-31 usual 2025-01-01
parameter cap "上限" : money
parameter ratio "比例" : percent
parameter open "已开通" : boolean
decision pay "共济支付" governed by payer.region as paying "参保侧"
decision bind "绑定" governed by payer.region as paying
axiom siblings_file "兄弟姐妹须备案": relation is sibling implies filed
define covered "报销" = amount * payer.region.ratio
source law "文件" { clause c "条款" }
"""

POLICIES = """
policy national for 100000 {
  default forbid pay closed cite law.c
  permit pay relatives when relation in {spouse, parent} exception to closed cite law.c
  permit pay old when relation is parent and payer.age >= 60 cite law.c
  require pay filing: filed when relation is parent cite law.c
  require pay small: amount <= payer.region.cap cite law.c
  mandate pay must when relation is spouse cite law.c
  permit bind anyone when pay is permitted cite law.c
  set cap = 1000元 cite law.c
  set cap = 500元 when payer.region.open and relation is sibling cite law.c
  set open = true cite law.c
  set open = false until 2024-12-31 cite law.c
  table shares when relation is spouse cite law.c {
    | amount  | => ratio |
    | < 500元 | => 50%   |
    | >= 500元 | => 60%   |
  }
}
policy sichuan for 510000 {
  permit pay sibling when relation is sibling cite law.c
}
"""

SPOUSE = 'test "配偶" { given usual, relation = spouse expect pay is permitted }'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    return tmp_path


def run(tests: str, *words: str) -> Result:
    Path("rules.policy").write_text(VOCABULARY + POLICIES, encoding="utf-8")
    Path("tests.policy").write_text(tests, encoding="utf-8")
    return CliRunner().invoke(main, ["test", ".", *words])


def exercised(*tests: str) -> Sequence[str]:
    """The rules that some tests exercise, as the JSON tells it."""
    done = run("\n".join(tests), "--coverage", "--format", "json")
    coverage = json.loads(done.stdout)["coverage"]
    missing = [item["rule"] for item in coverage["missing"]]
    base = policyc.load(".")
    found = [name for name in base.policy_set.rules if name not in missing]
    assert coverage["rules"] == len(base.policy_set.rules)
    assert coverage["exercised"] == len(found)
    return sorted(found)


# --- Outcomes ----------------------------------------------------------------------------------------------


def test_every_status(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(
        SPOUSE
        + """
test "兄弟姐妹" { given usual, relation = sibling expect pay is permitted }
test "不可能" { given relation = sibling, filed = false expect pay is denied }
""",
        "--format",
        "json",
    )
    report = json.loads(done.stdout)
    assert [(test["name"], test["line"], test["status"]) for test in report["tests"]] == [
        ("配偶", 1, "passed"),
        ("兄弟姐妹", 2, "failed"),
        ("不可能", 3, "impossible"),
    ]
    assert [test["finding"] and test["finding"]["code"] for test in report["tests"]] == [
        None,
        "PC502",
        "PC503",
    ]
    assert report["summary"] == {
        "files": 2,
        "tests": 3,
        "passed": 1,
        "failed": 1,
        "impossible": 1,
        "undecided": 0,
    }
    assert report["coverage"] is None
    assert done.exit_code == 1


def test_findings_are_those_of_check() -> None:
    run('test "a" { given usual, relation = sibling expect pay is permitted }')
    tested = json.loads(CliRunner().invoke(main, ["test", ".", "--format", "json"]).stdout)
    words = ["check", ".", "--select", "PC5", "--format", "json"]
    checked = json.loads(CliRunner().invoke(main, words).stdout)
    assert [test["finding"] for test in tested["tests"]] == checked["findings"]


def test_a_test_that_is_not_decided_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test neither passes nor fails: exit code 3, unless another test fails."""

    def slow(context: object, test: policyc.dsl.model.Test) -> None:
        if test.name == "慢":
            raise Undecided("timeout")

    monkeypatch.setattr("policyc.solver.suite.runner.failed_test", slow)
    slow_one = SPOUSE.replace("配偶", "慢")
    done = run(SPOUSE + slow_one, "--format", "json", "--coverage")
    report = json.loads(done.stdout)
    assert [test["status"] for test in report["tests"]] == ["passed", "undecided"]
    assert report["tests"][1]["finding"]["code"] == "PC901"
    assert done.exit_code == 3
    assert "1 undecided" in run(SPOUSE + slow_one).stdout


def test_no_tests_are_fine() -> None:
    done = run("")
    assert (done.exit_code, done.stdout) == (0, "no tests in 2 files\n")


def test_broken_policies_are_not_tested() -> None:
    for form in ("text", "json", "junit"):
        done = run('test "a" { given relaton = spouse expect pay is permitted }', "--format", form)
        assert done.exit_code == 1
        assert "PC101" in done.stdout
    suite = ElementTree.fromstring(done.stdout)
    assert suite.attrib == {"name": "policyc", "tests": "1", "failures": "0", "errors": "1"}


# --- Choosing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("甲", ["A 甲", "B 甲乙"]),
        ("b ", ["B 甲乙"]),
        ("*甲", ["A 甲"]),
        ("? 甲*", ["A 甲", "B 甲乙"]),
        ("[ac] *", ["A 甲", "C 丙"]),
    ],
)
def test_choosing_by_name(pattern: str, names: list[str]) -> None:
    tests = "\n".join(SPOUSE.replace("配偶", name) for name in ("A 甲", "B 甲乙", "C 丙"))
    done = run(tests, "-k", pattern, "--format", "json")
    assert [test["name"] for test in json.loads(done.stdout)["tests"]] == names


def test_a_pattern_that_matches_nothing() -> None:
    done = run(SPOUSE, "-k", "丁")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "`丁`" in done.stderr
    done = run("", "-k", "丁")
    assert (done.exit_code, done.stdout) == (2, "")


# --- JUnit -------------------------------------------------------------------------------------------------


def test_junit() -> None:
    done = run(
        SPOUSE + '\ntest "<\x07&>" { given usual, relation = sibling expect pay is permitted }',
        "--format",
        "junit",
    )
    root = ElementTree.fromstring(done.stdout)
    (suite,) = root
    passed, failed = suite
    assert suite.attrib == {"name": "tests.policy", "tests": "2", "failures": "1", "errors": "0"}
    assert passed.attrib == {"name": "配偶", "classname": "tests.policy"}
    assert list(passed) == []
    assert failed.get("name") == "<<U+0007>&>"
    (failure,) = failed
    assert failure.tag == "failure"
    assert failure.get("type") == "PC502"
    assert "tests.policy:2:" in (failure.text or "")


#: The schema that CI services use (Jenkins' junit-10): the content and attributes of each element.
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
    ),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"time", "classname", "group"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "failure": (set(), set(), {"type", "message"}),
    "error": (set(), set(), {"type", "message"}),
    "system-out": (set(), set(), set()),
}


def valid(xml: str) -> ElementTree.Element:
    """The report; asserts that it follows the schema and that no two cases of a suite share a name."""
    root = ElementTree.fromstring(xml)
    for element in root.iter():
        children, required, optional = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= required | optional
    for suite in root:
        names = [case.attrib["name"].strip() for case in suite.iter("testcase")]
        assert all(names) and len(set(names)) == len(names)
    return root


@pytest.mark.parametrize("code", [*range(1, 10), 0x1B, 0x7F, 0x85, 0x9B, 0x202E, 0xFEFF, 0xFFFE, 0xFFFF, 0x10FFFF])
def test_junit_is_valid_whatever_names_hold(code: int) -> None:
    """Harmful characters are in the name of a failing test, in the source of a rule, and in the excerpt of the file."""
    name = f"a{chr(code)}&<]]>'"
    rules = f"""
policy odd for 100000 {{ source page "{name}" {{ clause c "{name}" }} forbid pay never cite page.c }}
test "{name}" {{ given usual, relation = spouse expect pay is permitted }} # {chr(code)}
"""
    done = run(rules, "--format", "junit", "--coverage")
    assert done.exit_code in (0, 1)
    valid(done.stdout)


def test_junit_tells_cases_apart() -> None:
    """Some tests share a name and some have none; a numbered name never takes the name of another test."""
    names = ["同名", "同名", "", "同名 (2)", " ", "同名", "\x07", "<U+0007>"]
    tests = "\n".join(SPOUSE.replace("配偶", name) for name in names)
    root = valid(run(tests, "--format", "junit").stdout)
    assert [case.get("name") for case in root.iter("testcase")] == [
        *(
            "同名",
            "同名 (3)",
            "(no name)",
            "同名 (2)",
            "(no name) (2)",
            "同名 (4)",
            "<U+0007>",
            "<U+0007> (2)",
        )
    ]


def test_junit_keeps_the_coverage() -> None:
    """Coverage is kept as numbers and names for programs, and in words; it does not change the counts of tests."""
    root = valid(run(SPOUSE, "--format", "junit", "--coverage").stdout)
    *suites, coverage = root
    plain = valid(run(SPOUSE, "--format", "junit").stdout)
    assert [ElementTree.tostring(one).rstrip() for one in suites] == [
        ElementTree.tostring(one).rstrip() for one in plain
    ]
    assert root.attrib == plain.attrib
    told = json.loads(run(SPOUSE, "--format", "json", "--coverage").stdout)["coverage"]
    said = [(item.get("name"), item.get("value")) for item in coverage.iter("property")]
    assert said == [
        ("coverage.rules", str(told["rules"])),
        ("coverage.exercised", str(told["exercised"])),
        *(("coverage.missing", rule["rule"]) for rule in told["missing"]),
    ]
    words = run(SPOUSE, "--coverage").stdout
    assert (coverage.findtext("system-out") or "") in words


# --- Coverage ----------------------------------------------------------------------------------------------


def test_rules_that_apply_are_exercised() -> None:
    """Beaten rules count, too; the day, the conditions and the region must fit."""
    assert exercised(SPOUSE) == [
        *("national.cap", "national.closed", "national.must", "national.open", "national.relatives"),
        "national.small",
    ]
    assert "national.filing" in exercised('test "a" { given usual, relation = parent expect pay is permitted }')
    assert "national.old" in exercised(
        'test "a" { given usual, relation = parent, payer.age = 60 expect pay is permitted }'
    )
    assert "sichuan.sibling" in exercised(
        'test "a" { given usual, payer.region = 510000, relation = sibling expect pay is permitted }'
    )


def test_values_behind_conditions_are_exercised() -> None:
    """Only the condition of another setting reads the parameter; which of its settings counts depends on the day."""
    assert "national.cap@2" in exercised('test "a" { given usual, relation = sibling expect pay is denied }')
    early = 'test "a" { given usual, relation = sibling, date = 2024-01-01 expect pay is denied }'
    assert {"national.open", "national.open@2"} <= set(exercised(early))
    assert "national.open@2" not in exercised(early.replace("2024-01-01", "2025-01-01"))


def test_rows_are_exercised_where_their_value_is_read() -> None:
    assert "national.shares@1" not in exercised(SPOUSE)
    assert exercised('test "a" { given usual, relation = spouse expect covered is 50元 }') == ["national.shares@1"]
    assert exercised('test "a" { given usual, relation = spouse, amount = 500元 expect covered is 300元 }') == [
        "national.shares@2"
    ]


def test_decisions_behind_conditions_are_exercised() -> None:
    found = exercised('test "a" { given usual, relation = spouse expect bind is permitted }')
    assert {"national.anyone", "national.relatives", "national.small"} <= set(found)


def test_what_depends_is_exercised_in_its_usual_case() -> None:
    found = exercised('test "a" { given relation = spouse expect pay is depends }')
    assert {"national.relatives", "national.closed"} <= set(found)


def test_failing_tests_exercise_and_impossible_ones_do_not() -> None:
    assert "national.relatives" in exercised(SPOUSE.replace("permitted", "denied"))
    assert exercised('test "a" { given relation = sibling, filed = false expect pay is denied }') == []


def test_coverage_by_file_and_policy() -> None:
    done = run(SPOUSE, "--coverage", "--format", "json")
    coverage = json.loads(done.stdout)["coverage"]
    assert coverage["files"] == [
        {
            "file": "rules.policy",
            "rules": 14,
            "exercised": 6,
            "policies": [
                {"policy": "national", "rules": 13, "exercised": 6},
                {"policy": "sichuan", "rules": 1, "exercised": 0},
            ],
        }
    ]
    places = [(item["line"], item["column"]) for item in coverage["missing"]]
    assert places == sorted(places)
    assert coverage["missing"][0] == {
        "rule": "national.old",
        "kind": "permit",
        "policy": "national",
        "file": "rules.policy",
        "line": POLICIES[: POLICIES.index("old")].count("\n") + VOCABULARY.count("\n") + 1,
        "column": 14,
    }


@pytest.mark.slow
def test_bundled_tests_are_run_in_order() -> None:
    report = policyc.load().test()
    places = [(test.span.file.path, test.span.start) for test in report.tests]
    assert len(places) >= 70
    assert places == sorted(places)
    assert {test.status for test in report.tests} == {"passed"}
