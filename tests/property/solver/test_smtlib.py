"""Terms as SMT-LIB 2 text: both solvers read it, and it means what the terms mean."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import z3
from click.testing import CliRunner

from policyc.cli.main import main
from policyc.pipeline import compile_paths
from policyc.solver.backends.cvc5_backend import SecondSolver
from policyc.solver.backends.z3_backend import Status
from policyc.solver.engine.context import CaseScope, SolverContext
from policyc.solver.formula.evaluate import Valuations
from policyc.solver.formula.factory import TermFactory
from policyc.solver.formula.smtlib import SatQuery, any_script, every_script, symbol
from policyc.solver.formula.terms import Term, number
from policyc.solver.repairs.pairs import ties
from tests.support.places import ROOT
from tests.support.sets.random_sets import COMMON, LAST_DAYS, World, generated, random_case
from tests.support.slow import mostly_slow

pytestmark = pytest.mark.slow


def by_z3(script: str) -> list[str]:
    context = z3.Context()
    return str(z3.Z3_eval_smtlib2_string(context.ref(), script)).split()


def by_both(script: str) -> list[str]:
    """The answer of Z3 and cvc5, which must be the same."""
    first = by_z3(script)
    words = {Status.SATISFIABLE: "sat", Status.UNSATISFIABLE: "unsat"}
    assert [words[status] for status in SecondSolver().run(script)] == first
    return first


# --- What the text says ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "world"),
    mostly_slow([*(pytest.param(n, COMMON) for n in range(8)), *(pytest.param(n, LAST_DAYS) for n in range(3))], 2),
)
def test_the_text_is_true_of_the_cases_that_the_terms_are_true_of(seed: int, world: World) -> None:
    """In random sets: with all variables fixed to those of a case, a verdict's text is satisfiable if and only
    if its term holds in the case; also where days leave the calendar."""
    made = generated(seed, "en", world)
    scope = SolverContext(made.policy_set).whole
    terms = [term for name in made.policy_set.decisions for term in scope.decisions.decision(name).values()]
    for index in range(3):
        case = random_case(made, index, world)
        fixed = [scope.equals(fact, case[name]) for name, fact in made.policy_set.facts.items()]
        script = every_script({}, [SatQuery([*fixed, term]) for term in terms], [])
        assert by_both(script) == ["sat" if scope.holds(term, case) else "unsat" for term in terms]


@pytest.mark.parametrize("seed", mostly_slow(range(4)))
def test_every_solver_gives_the_same_answers(seed: int) -> None:
    """Questions are asked together and one by one, as text and as terms."""
    made = generated(seed, "zh", COMMON)
    scope = SolverContext(made.policy_set).whole
    terms = [term for name in made.policy_set.decisions for term in scope.decisions.decision(name).values()]
    alone = by_both(every_script(scope.names, [SatQuery([term]) for term in terms], []))
    assert alone == ["sat" if scope.possible([term]) else "unsat" for term in terms]
    together = by_both(any_script(scope.names, [SatQuery([term]) for term in terms]))
    assert together == ["sat" if "sat" in alone else "unsat"]


def test_every_kind_of_term_is_written() -> None:
    """Choices, quotients, negative numbers: against all values of two small variables."""
    factory = TermFactory()
    x, y = factory.integer("x", -3, 3), factory.integer("人 数", -3, 3)
    flag = factory.variable("已备案")
    chosen = factory.choose(flag, x.scaled(-2) + number(-1), y + number(7))
    shapes: list[Term] = [
        factory.equals(factory.quotient(x.scaled(3) + y + number(2), 4), number(-1)),
        factory.at_most(chosen, factory.quotient(y, 2)),
        factory.and_((flag, factory.at_most(x, y), factory.not_(factory.equals(x, y)))),
        factory.or_((factory.not_(flag), factory.equals(chosen, number(-5)))),
        factory.at_most(number(2), x.scaled(-1) + y.scaled(2)),
        factory.true,
        factory.false,
    ]
    rng = random.Random(0)
    values = Valuations()
    for _ in range(12):
        assignment = {"x": rng.randint(-3, 3), "人 数": rng.randint(-3, 3), "已备案": rng.random() < 0.5}
        fixed = [
            factory.equals(x, number(int(assignment["x"]))),
            factory.equals(y, number(int(assignment["人 数"]))),
            flag if assignment["已备案"] else factory.not_(flag),
        ]
        script = every_script({}, [SatQuery([*fixed, shape]) for shape in shapes], [])
        assert by_both(script) == ["sat" if values.truth(shape, assignment) else "unsat" for shape in shapes]


def test_one_of_several() -> None:
    factory = TermFactory()
    a, b, c = map(factory.variable, "abc")
    asked = [
        SatQuery([a], [b, c]),
        SatQuery([a, factory.not_(b)], [b]),
        SatQuery([]),
        SatQuery([factory.false]),
    ]
    assert by_both(every_script({}, asked, [])) == ["sat", "unsat", "sat", "unsat"]
    assert by_both(any_script({}, [])) == ["unsat"]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("relation", "relation"),
        ("payer.region/0", "payer.region/0"),
        ("共济人.参保地/0", "|共济人.参保地/0|"),
        ("relation'", "|relation'|"),
        ("div", "|fact div|"),
        ("let", "|fact let|"),
        ("int.pow2", "|fact int.pow2|"),
        ("unknown 3", "|unknown 3|"),
    ],
)
def test_names(name: str, written: str) -> None:
    assert symbol(name) == written


def test_facts_may_be_called_as_solvers_call_their_own() -> None:
    factory = TermFactory()
    names = "let as par match exists forall xor ite distinct div mod abs is_int select store repeat union"
    terms = [factory.at_most(factory.integer(name, 0, 9), number(3)) for name in names.split()]
    assert by_both(any_script({}, [SatQuery(terms)])) == ["sat"]


def test_terms_of_several_banks_speak_of_the_same_facts() -> None:
    first, second = TermFactory(), TermFactory()
    terms = [
        factory.equals(factory.integer("人数", 0, 9), number(value)) for factory, value in ((first, 3), (second, 4))
    ]
    assert by_both(any_script({}, [SatQuery(terms)])) == ["unsat"]
    assert by_both(any_script({}, [SatQuery([term]) for term in terms])) == ["sat"]


def test_assertions_have_the_names_of_their_clauses() -> None:
    factory = TermFactory()
    first, second = factory.at_most(factory.integer("x", 0, 9), number(3)), factory.variable("y")
    script = any_script({first: "axiom 甲", second: "axiom 甲", factory.variable("z"): ""}, [SatQuery([])])
    assert "(assert (! (<= x 3) :named |axiom 甲|))" in script
    assert "(assert (! y :named |axiom 甲 (2)|))" in script
    assert "(assert z)" in script
    assert by_both(script) == ["sat"]


def test_shared_terms_are_defined_once() -> None:
    factory = TermFactory()
    shared = factory.and_((factory.variable("a"), factory.variable("b")))
    questions = [SatQuery([factory.or_((shared, factory.variable(name)))]) for name in "cd"]
    script = every_script({}, questions, ["a heading"])
    assert script.splitlines() == [
        "; a heading",
        "(set-logic QF_LIA)",
        "(declare-const a Bool)",
        "(declare-const b Bool)",
        "(declare-const c Bool)",
        "(declare-const d Bool)",
        "(define-fun t!1 () Bool (and a b))",
        *["", "; ", "(push 1)", "(assert (or t!1 c))", "(check-sat)", "(pop 1)"],
        *["", "; ", "(push 1)", "(assert (or t!1 d))", "(check-sat)", "(pop 1)"],
    ]


# --- `export smt2` -----------------------------------------------------------------------------------------


def exported(*words: str) -> str:
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["export", "smt2", *words])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def answers(scope: CaseScope) -> list[str]:
    return ["sat" if scope.possible([term]) else "unsat" for _, _, term in ties(scope)]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("policies", marks=pytest.mark.slow),
        "examples/two-towns/conflict",
        "tests/golden/corpus/bad/conflicts/two_norms.policy",
        "tests/golden/corpus/bad/values-conflict/two_sets.policy",
        "tests/golden/corpus/good/conflicts/apart.policy",
        "tests/golden/corpus/bad/conflicts/chinese.policy",
    ],
)
def test_both_solvers_read_what_is_exported(path: str) -> None:
    """Both find the contradictions that policyc finds."""
    script = exported(str(ROOT / path))
    scope = SolverContext(compile_paths([ROOT / path]).policy_set).whole
    assert by_both(script) == answers(scope)
    assert script.count("(push 1)") == script.count("(check-sat)") == script.count("(pop 1)")


def test_the_export_says_what_it_asks(tmp_path: Path) -> None:
    path = str(ROOT / "tests/golden/corpus/bad/conflicts/two_norms.policy")
    script = exported(path)
    assert "; can `city.siblings` and `city.no_siblings` both have effect on the side `" in script
    assert ":named |bounds relation|" in script
    chinese = CliRunner().invoke(main, ["--lang", "zh", "export", "smt2", path]).stdout
    assert "`city.siblings` 与 `city.no_siblings` 能否同时有效力？" in chinese
    file = tmp_path / "a.smt2"
    assert exported(path, "-o", str(file)) == ""
    assert file.read_text("utf-8") == script


def test_a_broken_set_is_not_exported(tmp_path: Path) -> None:
    file = tmp_path / "a.policy"
    file.write_text("polcy x {", encoding="utf-8")
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["export", "smt2", str(file)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error[PC001]" in done.stderr
    assert CliRunner().invoke(main, ["export", "sql", str(file)]).exit_code == 2


@pytest.mark.slow
def test_the_same_set_gives_the_same_bytes() -> None:
    """The other process has another hash seed."""
    path = "tests/golden/corpus/bad/conflicts/chinese.policy"
    words = [sys.executable, "-m", "policyc", "--lang", "en", "export", "smt2", path]
    outputs = {
        subprocess.run(
            words,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
