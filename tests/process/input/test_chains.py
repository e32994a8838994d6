"""Chains of any length lead to an answer or a message, never to a stack overflow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import growth
from policyc.cli.main import main
from policyc.dsl.diagnostics.diagnostic import Severity
from policyc.dsl.model import Case, PolicySet, Verdict
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import UNDETERMINED, Conflicting, Outcome
from policyc.dsl.system.limits import TooMany
from tests.support.chosen import alternatives
from tests.support.sets.random_sets import compiled

pytestmark = pytest.mark.slow

VOCABULARY = growth._VOCABULARY
CASE: Case = {"payer.region": "110000", "payer.links": 7, "filed": True, "date": 738_000}

LONG = 600


def read(text: str) -> PolicySet:
    policy_set, diagnostics = compiled(VOCABULARY + text)
    assert not [found for found in diagnostics if found.level is Severity.ERROR], diagnostics
    return policy_set


def shown(tmp_path: Path, text: str, *words: str) -> tuple[int, str]:
    """The exit code of a command on a set, and all that it prints."""
    path = tmp_path / "set.policy"
    path.write_text(VOCABULARY + text, "utf-8")
    given = [word.replace("SET", str(path)) for word in words]
    done = CliRunner().invoke(main, given, env={"POLICYC_LANG": "en"})
    assert "defect" not in done.output, done.output
    return done.exit_code, done.output


# --- Long chains -------------------------------------------------------------------------------------------

CHAINS: dict[str, Callable[[int], str]] = {
    **{kind: growth.KINDS[kind] for kind in ("chain", "diamonds", "settings", "decisions")},
    "choices": lambda size: "\n".join(
        [
            "define d0 = payer.links",
            *(f"define d{i + 1} = if filed and payer.links > {i} then d{i} + 1 else d{i}" for i in range(size)),
            growth._policy(f"permit pay a when d{size} > 5"),
        ]
    ),
    "extremes": lambda size: "\n".join(
        [
            "define d0 = payer.links",
            *(f"define d{i + 1} = max(d{i}, {i}) + 1" for i in range(size)),
            growth._policy(f"permit pay a when d{size} > 5"),
        ]
    ),
    "last first": lambda size: "\n".join(
        [
            *(f"define d{i} = d{i - 1} + 1" for i in range(size, 0, -1)),
            "define d0 = payer.links",
            growth._policy(f"permit pay a when d{size} > 5"),
        ]
    ),
    "factors": lambda size: "\n".join(
        [
            "parameter rate: percent",
            "define r0 = payer.region.rate",
            *(f"define r{i + 1} = max(r{i}, r{i})" for i in range(size)),
            f"define d = 100元 * r{size}",
            growth._policy("set rate = 60%", "permit pay a when d > 5元"),
        ]
    ),
    "local": lambda size: growth._policy(f"permit pay a when y{size}").replace(
        "{\n",
        "{\n  define y0 = payer.links > 3\n"
        + "".join(f"  define y{i + 1} = y{i} and (filed or y{i})\n" for i in range(size)),
    ),
}


@pytest.mark.parametrize("kind", CHAINS)
def test_chains_of_hundreds_are_checked(kind: str, tmp_path: Path) -> None:
    code, output = shown(tmp_path, CHAINS[kind](LONG // 3), "check", "--no-cache", "SET")
    assert code in (0, 1), output
    assert "undecided" not in output


@pytest.mark.parametrize("kind", CHAINS)
def test_chains_of_hundreds_are_asked_about_and_tested(kind: str, tmp_path: Path) -> None:
    text = CHAINS[kind](LONG // 3) + growth._TEST
    code, output = shown(tmp_path, text, "ask", "pay", "-p", "SET", "--on", "2024-01-01")
    assert code in (0, 1), output
    assert "pay" in output
    code, output = shown(tmp_path, text, "test", "SET", "--coverage")
    assert code == 0, output


@pytest.mark.parametrize(
    ("kind", "expression", "value"),
    [
        ("chain", f"d{LONG}", 7 + LONG),
        ("diamonds", f"y{LONG}", True),
        ("settings", f"payer.region.q{LONG - 1}", 1),
        ("choices", f"d{LONG}", 7 + 7),
    ],
)
def test_the_evaluator_reads_long_chains(kind: str, expression: str, value: object) -> None:
    policy_set = read(CHAINS[kind](LONG) + f"assert a: {expression} is {_literal(value)}\n")
    evaluator = Evaluator(policy_set)
    assert evaluator.value(policy_set.assertions[0].condition, CASE) is True


def _literal(value: object) -> str:
    return str(value).lower()


def test_the_evaluator_asks_long_chains_of_decisions() -> None:
    evaluator = Evaluator(read(growth._decisions(LONG)))
    assert evaluator.verdict("pay", CASE) is Verdict.PERMITTED
    assert evaluator.verdict("pay", {**CASE, "filed": False}) is Verdict.UNDETERMINED


def test_files_may_use_each_other_in_a_long_chain(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"f{number}.policy").write_text(f'use "f{number + 1}.policy"\n', "utf-8")
    (tmp_path / "f1500.policy").write_text(VOCABULARY + growth._policy("permit pay a"), "utf-8")
    done = CliRunner().invoke(main, ["check", "--no-cache", str(tmp_path / "f0.policy")])
    assert done.exit_code == 0, done.output


def test_a_long_circle_of_definitions_is_one_finding(tmp_path: Path) -> None:
    text = f"define y0 = y{LONG}\n" + "".join(f"define y{i + 1} = y{i} and filed\n" for i in range(LONG))
    code, output = shown(tmp_path, text, "check", "--no-cache", "SET")
    assert code == 1
    assert output.count("error[PC106]") == 1


def test_a_name_that_is_a_member_and_a_definition_makes_no_circle() -> None:
    text = "enum kin { parent, child }\nfact relation: kin\n"
    policy_set = read(
        text + "define x = relation is parent\ndefine parent = x\n" + growth._policy("permit pay a when parent")
    )
    assert set(policy_set.defines) == {"x", "parent"}


def test_regions_lie_so_deep_and_no_deeper(tmp_path: Path) -> None:
    def chain(levels: int) -> str:
        rest = "".join(f'region {200000 + i} "r{i}" in {200000 + i - 1}\n' for i in range(1, levels))
        return 'region 200000 "r0"\n' + rest

    assert "PC105" not in shown(tmp_path, chain(30), "check", "--no-cache", "SET")[1]
    code, output = shown(tmp_path, chain(2000), "check", "--no-cache", "SET")
    assert code == 1
    assert output.count("error[PC105]") == 1
    assert "`r30`" in output


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 3000 + "filed" + ")" * 3000,
        "not " * 3000 + "filed",
        " implies ".join(["filed"] * 3000),
        " + ".join(["payer.links"] * 3000) + " > 4",
        " * ".join(["payer.links", *["2"] * 3000]) + " > 4",
        "date " + "+ 1 days " * 3000 + "> 2022-01-01",
        "".join(f"if payer.links is {i} then filed else " for i in range(300)) + "filed",
        "min(" * 3000 + "payer.links" + ", 1)" * 3000 + " > 4",
        "payer.region" + ".province" * 3000 + " is 110000",
        "payer.region" + ".seat" * 3000 + " is 110000",
    ],
    ids=lambda expression: str(expression)[:12],
)
def test_expressions_that_are_too_deep_are_told(expression: str, tmp_path: Path) -> None:
    text = "parameter seat: region\n" + growth._policy("set seat = 110000", f"permit pay a when {expression}")
    code, output = shown(tmp_path, text, "check", "--no-cache", "SET")
    assert code == 1
    assert "error[PC001]" in output


def test_long_connectives_are_fine(tmp_path: Path) -> None:
    for word in (" and ", " or "):
        condition = word.join(f"payer.links is not {i}" for i in range(1000))
        code, output = shown(tmp_path, growth._policy(f"permit pay a when {condition}"), "check", "--no-cache", "SET")
        assert code in (0, 1), output


# --- Parameters that conflict ------------------------------------------------------------------------------


def contested(size: int, condition: str, *more: str) -> str:
    parameters = "".join(f"parameter q{i}: int 0..1000000\n" for i in range(size))
    settings = [f"set q{i} = {value}" for i in range(size) for value in (1, 2)]
    return parameters + growth._policy(*settings, *more, f"permit pay a when {condition}")


def value(text: str, expression: str) -> Outcome:
    policy_set = read(f"{text}define asked = {expression}\n")
    return Evaluator(policy_set).value(policy_set.defines["asked"].value, CASE)


def total(size: int) -> str:
    return " + ".join(f"payer.region.q{i}" for i in range(size))


def test_many_conflicting_parameters_in_one_expression_are_told_apart() -> None:
    text = contested(30, "filed")
    assert value(text, total(30)) == Conflicting(frozenset(range(30, 61)))
    assert value(text, f"{total(30)} > 29") is True
    assert value(text, f"{total(30)} > 30") == Conflicting(frozenset({False, True}))
    highest = ", ".join(f"payer.region.q{i}" for i in range(30))
    assert value(text, f"max({highest})") == Conflicting(frozenset({1, 2}))
    alike = " or ".join(f"payer.region.q{i} is 1" for i in range(30))
    assert value(text, f"({alike}) and payer.region.q0 is not 1") == Conflicting(frozenset({False, True}))
    same = " and ".join(f"(payer.region.q{i} is 1 or payer.region.q{i} is 2)" for i in range(30))
    assert value(text, same) is True


def test_many_conflicting_parameters_at_one_side_are_told_apart() -> None:
    permits = [f"permit pay a{i} when payer.region.q{i} is 1" for i in range(30)]
    evaluator = Evaluator(read(contested(30, "payer.region.q0 is 2", *permits)))
    assert evaluator.verdict("pay", CASE) is Verdict.PERMITTED
    forbids = [f"forbid pay a{i} when payer.region.q{i} is 1" for i in range(30)]
    evaluator = Evaluator(read(contested(30, "filed", *forbids)))
    assert evaluator.verdict("pay", CASE) is Verdict.CONFLICTING


def test_what_has_too_many_values_is_given_up() -> None:
    parameters = "".join(f"parameter q{i}: int 0..1000000000\n" for i in range(29))
    settings = [f"set q{i} = {value}" for i in range(29) for value in (0, 2**i)]
    with pytest.raises(TooMany):
        value(parameters + growth._policy(*settings), total(29))


@pytest.mark.parametrize("size", [13, 30])
def test_commands_answer_or_give_up_where_many_parameters_conflict(size: int, tmp_path: Path) -> None:
    text = contested(size, f"{total(size)} > {size}") + growth._TEST
    code, output = shown(tmp_path, text, "check", "--no-cache", "SET", "--format", "json")
    assert code == 1
    assert output.count('"PC303"') >= size
    assert '"PC901"' in output
    code, _ = shown(tmp_path, text, "ask", "pay", "-p", "SET", "--on", "2024-01-01")
    assert code in (1, 3)
    code, _ = shown(tmp_path, text, "test", "SET")
    assert code in (1, 3)


def test_parameters_that_read_each_other_conflict_together() -> None:
    """Each value of the second belongs to one value of the first, in whichever order they are read."""
    text = (
        "parameter one: int 0..9\nparameter two: int 0..9\n"
        "define both = payer.region.one * 10 + payer.region.two\n"
        "define late = payer.region.two\ndefine mixed = late - payer.region.one\n"
    )
    settings = ["set one = 1", "set one = 2", "set two = 3 when payer.region.one is 1"]
    settings += [f"set two = {n} when payer.region.one is 2" for n in (4, 5)]
    policy_set = read(text + growth._policy(*settings, "permit pay a when both > 2 and mixed > 1"))
    evaluator = Evaluator(policy_set)
    for name, expected in (("both", {13, 24, 25}), ("mixed", {2, 3})):
        expression = policy_set.defines[name].value
        assert evaluator.value(expression, CASE) == Conflicting(frozenset(expected))
        assert set(alternatives(evaluator, CASE, lambda chosen, e=expression: chosen.value(e))) == expected


# --- What is remembered of a case --------------------------------------------------------------------------


def test_a_long_chain_of_conflicting_parameters_is_answered(tmp_path: Path) -> None:
    size = 24
    settings = ["set q0 = 1", "set q0 = 2"]
    for i in range(1, size):
        settings += [
            f"set q{i} = {value} when payer.region.q{i - 1} {test}" for value, test in ((1, "is 1"), (2, ">= 1"))
        ]
    settings.append(f"permit pay a when payer.region.q{size - 1} > 1")
    text = "\n".join([*(f"parameter q{i} : int 0..9" for i in range(size)), growth._policy(*settings)])
    code, output = shown(tmp_path, text, "ask", "pay", "110000", "-p", "SET", "--set", "date=2025-01-01")
    assert code == 0
    assert output.startswith("conflicting:")


def test_a_case_that_changes_is_judged_anew() -> None:
    policy_set = read("define twice = payer.links + payer.links\n" + growth._policy("permit pay a when twice > 5"))
    evaluator, case = Evaluator(policy_set), dict(CASE)
    assert evaluator.verdict("pay", case) is Verdict.PERMITTED
    case["payer.links"] = 1
    assert evaluator.verdict("pay", case) is Verdict.UNDETERMINED


def test_other_periods_are_judged_apart() -> None:
    policy_set = read("parameter q: int 0..9\n" + growth._policy("set q = 1", "permit pay a when payer.region.q is 1"))
    evaluator = Evaluator(policy_set)
    without = evaluator.without(policy_set.settings["p.q"])
    for _ in range(2):
        assert evaluator.verdict("pay", CASE) is Verdict.PERMITTED
        assert without.verdict("pay", CASE) is Verdict.UNDETERMINED
        assert without.parameter("q", "110000", CASE).outcome is UNDETERMINED


def test_a_mandate_may_read_parameters_that_conflict(tmp_path: Path) -> None:
    text = "parameter cap: int 0..9\n" + growth._policy(
        "set cap = 1", "set cap = 2", "mandate pay m when payer.links < payer.region.cap", "permit pay a"
    )
    code, output = shown(tmp_path, text, "check", "--no-cache", "SET")
    assert code == 1
    assert "mandates met (p.m)" in output
    text = text.replace("permit pay a", "permit pay a when payer.links is 1")
    output = shown(tmp_path, text, "check", "--no-cache", "SET")[1]
    assert "PC306" in output, "at 0 the mandate applies whichever value holds"
