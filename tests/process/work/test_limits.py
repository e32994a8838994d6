"""Limits of time and memory hold everywhere, and leave everything usable."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import FunctionType

import pytest
import z3
from click.testing import CliRunner

from policyc.cli.main import main
from policyc.dsl.model import PolicySet
from policyc.dsl.system.limits import (
    OutOfMemory,
    OutOfTime,
    Undecided,
    limited,
    remaining,
    share_of_time,
    tick,
)
from policyc.pipeline import compile_paths
from policyc.solver.backends import z3_backend
from policyc.solver.backends.z3_backend import Session, Status, Translator
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine import witness
from policyc.solver.engine.context import CaseScope, SolverContext
from policyc.solver.engine.witness import plainest
from policyc.solver.formula.factory import TermFactory
from policyc.solver.formula.terms import Term
from policyc.solver.repairs import repairs
from policyc.solver.report.reports import CheckReport, ProofKind
from tests.support.places import EXAMPLES
from tests.support.sets.pigeons import asked_about_pigeons
from tests.support.waiting import HANGS, used

#: Far longer than any limit here: a test takes so long only if a limit does not hold.
LONG = 60


def busy(*, ours: bool) -> Callable[[], None]:
    """A loop that never looks at the limit: in our package it takes minutes, in a library it ends soon."""

    def work() -> None:
        for _ in range(count):
            pass

    count = 10**10 if ours else 10**7
    names = {"__name__": "policyc.busy" if ours else "library"}
    return FunctionType(work.__code__, {**names, "range": range}, closure=work.__closure__)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    yield
    assert remaining() is None
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


# --- The limit itself --------------------------------------------------------------------------------------


def test_a_loop_that_looks_at_no_time_is_ended() -> None:
    with pytest.raises(OutOfTime), limited(0.05):
        busy(ours=True)()


def test_within_a_limit_a_part_of_the_time_can_be_set_aside() -> None:
    with limited(LONG):
        with pytest.raises(OutOfTime), share_of_time(0.001):
            busy(ours=True)()
        left = remaining()
        assert left is not None and left > LONG / 2
        tick()


def test_an_outer_limit_holds_inside() -> None:
    with pytest.raises(OutOfTime), limited(0.05), limited(LONG):
        busy(ours=True)()


def test_no_limit_adds_none() -> None:
    with limited(None):
        assert remaining() is None


def test_a_library_is_left_to_return() -> None:
    """Foreign code may not tolerate an interruption."""
    returned = False
    with pytest.raises(OutOfTime), limited(0.01):
        busy(ours=False)()
        returned = True
        tick()
    assert returned


def test_other_threads_look_at_the_time() -> None:
    raised: list[bool] = []

    def work() -> None:
        try:
            with limited(0.01):
                while True:
                    tick()
        except OutOfTime:
            raised.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(HANGS)
    assert raised == [True]


def test_somebody_elses_alarm_is_left_alone() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(OutOfTime), limited(0.1):
            while True:
                tick()
        assert rung == [1]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_memory_that_is_refused_is_undecided() -> None:
    with pytest.raises(OutOfMemory), limited(LONG):
        raise MemoryError


def test_a_limit_of_memory_is_seen_before_the_system_refuses() -> None:
    code = (
        "from policyc.dsl.system.limits import *\n"
        "limit_memory(200_000_000)\n"
        "names = {'__name__': 'policyc.busy'}\n"
        "exec('def work():\\n  kept = []\\n  while True: kept.append(bytes(100_000))', names)\n"
        "try:\n  with limited(60): names['work']()\n"
        "except OutOfMemory: print('memory')\n"
        "print(len(bytes(100_000_000)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=HANGS)
    assert done.stdout.split() == ["memory", "100000000"], done.stderr


# --- Questions ---------------------------------------------------------------------------------------------

HEAD = """
region 100000 "全国"
region 110000 "甲" in 100000
fact home : region usual 110000
"""

CONFLICT = """
decision pay governed by home as paying
source s { clause c "x" }
policy p for 100000 {
  permit pay yes when score >= 5 cite s.c
  forbid pay no when score >= 5 and not f0 cite s.c
}
"""


def points(count: int) -> str:
    """So many facts that are usually false, and a score that counts the true ones."""
    facts = "".join(f"fact f{n} : boolean usual false\n" for n in range(count))
    return f"{facts}define score = {' + '.join(f'(if f{n} then 1 else 0)' for n in range(count))}\n"


@pytest.fixture
def compiled_text(tmp_path: Path) -> Callable[[str], PolicySet]:
    def compiled(text: str) -> PolicySet:
        file = tmp_path / "a.policy"
        file.write_text(text, encoding="utf-8")
        found = compile_paths([file])
        assert not found.errors
        return found.policy_set

    return compiled


@pytest.mark.parametrize("count", [10, 40])
@pytest.mark.slow
def test_points_take_few_questions(compiled_text: Callable[[str], PolicySet], count: int) -> None:
    """Five of forty facts are chosen by counting, not by trying each way to choose five."""
    policy_set = compiled_text(HEAD + points(count))
    context = SolverContext(policy_set)
    scope = context.whole
    score = policy_set.defines["score"].value
    case = plainest(scope, [scope.expressions.bounded(score, {}, 5, at_least=True)])
    assert case is not None
    assert [name for name, value in case.items() if value is True] == [f"f{n}" for n in range(count - 5, count)]
    assert context.questions <= 3 * count


@pytest.mark.slow
def test_weighted_points_are_the_fewest(compiled_text: Callable[[str], PolicySet]) -> None:
    facts = "".join(f"fact f{n} : boolean usual false\n" for n in range(30))
    score = " + ".join(f"(if f{n} then {n % 5 + 1} else 0)" for n in range(30))
    policy_set = compiled_text(f"{HEAD}{facts}define score = {score}\n")
    scope = SolverContext(policy_set).whole
    case = plainest(scope, [scope.expressions.bounded(policy_set.defines["score"].value, {}, 23, at_least=True)])
    assert case is not None
    # Four are worth 20 at most. Of those after f19 the best five are worth 21, so f19 is one, and these are the others.
    assert [name for name, value in case.items() if value is True] == ["f19", "f23", "f24", "f28", "f29"]


def test_a_plainest_case_that_takes_too_long_is_said_to_be_none(
    compiled_text: Callable[[str], PolicySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(search: object) -> object:
        raise OutOfTime

    policy_set = compiled_text(HEAD + points(10) + CONFLICT)
    monkeypatch.setattr(witness._PlainestSearch, "run", endless)
    (finding,) = [f for f in run_check(policy_set).findings if f.code.id == "PC301"]
    assert finding.finding.cut == ("witness",)
    assert "finding.cut-witness" in {note.key for note in finding.notes}


def test_a_part_that_takes_too_long_is_the_whole_case(
    compiled_text: Callable[[str], PolicySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(part: object) -> None:
        raise OutOfTime

    policy_set = compiled_text(HEAD + points(3).replace(">= 5", ">= 2") + CONFLICT.replace(">= 5", ">= 2"))
    monkeypatch.setattr(witness._Lessening, "lessen", endless)
    (finding,) = [f for f in run_check(policy_set).findings if f.code.id == "PC301"]
    assert finding.finding.cut == ("facts",)
    assert finding.finding.witness is not None and len(finding.finding.witness) == len(policy_set.facts)


def test_where_and_when_that_take_too_long_are_not_told(
    compiled_text: Callable[[str], PolicySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> None:
        raise OutOfTime

    policy_set = compiled_text(HEAD + points(10) + CONFLICT)
    monkeypatch.setattr("policyc.solver.engine.extent.Surveyor.survey", endless)
    (finding,) = [f for f in run_check(policy_set).findings if f.code.id == "PC301"]
    assert finding.finding.cut == ("extent",)
    assert (finding.finding.regions, finding.finding.dates) == (None, None)


def test_repairs_that_take_too_long_are_said_to_be_missing(
    compiled_text: Callable[[str], PolicySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: object) -> bool:
        raise OutOfTime

    policy_set = compiled_text(HEAD + points(10) + CONFLICT)
    monkeypatch.setattr(repairs, "_ends", endless)
    (finding,) = [f for f in run_check(policy_set).findings if f.code.id == "PC301"]
    assert finding.finding.cut == ("repairs",)
    assert finding.finding.repairs == ()


def test_a_hunt_that_cannot_be_described_in_time_proves_nothing(
    compiled_text: Callable[[str], PolicySet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known about the possible cases, so nothing counts as impossible."""

    def endless(*_: object, **__: object) -> Term:
        raise OutOfTime

    policy_set = compiled_text(HEAD + points(10) + CONFLICT)
    monkeypatch.setattr("policyc.solver.checks.contradictions.norm_conflicts._both_effective", endless)
    monkeypatch.setattr("policyc.solver.checks.gaps.never_applies.may_apply", endless)
    report = run_check(policy_set)
    codes = {finding.code.id for finding in report.findings}
    assert "PC901" in codes and "PC401" not in codes
    assert not [proof for proof in report.proved if proof.kind is ProofKind.NO_CONFLICT]


def run_check(policy_set: PolicySet) -> CheckReport:
    return check(policy_set, (), CheckOptions(date(2026, 1, 1)))


@pytest.mark.slow
def test_what_was_interrupted_stays_fit_for_use() -> None:
    """Whenever time runs out, the same terms and solvers answer later as untouched ones do."""
    policy_set = compile_paths([EXAMPLES / "two-towns" / "repaired"]).policy_set

    def answers(context: SolverContext) -> list[object]:
        scope = context.whole
        every = (scope.decisions.decision(name) for name in policy_set.decisions)
        return [plainest(scope, [term]) for terms in every for term in terms.values()]

    start = used()
    untouched = answers(SolverContext(policy_set))
    seconds = used() - start
    chooser, interrupted = random.Random(0), 0
    for _ in range(10):
        context = SolverContext(policy_set)
        for _ in range(5):
            try:
                with limited(chooser.random() * seconds):
                    answers(context)
            except OutOfTime:
                interrupted += 1
        assert answers(context) == untouched
    assert interrupted


# --- The command line --------------------------------------------------------------------------------------


@pytest.fixture
def endless_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver's own work never ends, outside any call of it."""
    loop = busy(ours=True)

    def ask(self: CaseScope, *_: object, **__: object) -> object:
        loop()
        raise AssertionError("the time must be over")

    monkeypatch.setattr(CaseScope, "ask", ask)


@pytest.mark.usefixtures("endless_evaluation")
@pytest.mark.parametrize("words", [["check", "--no-cache", "--jobs", "1"], ["test"], ["ask", "pay", "-p"]])
def test_what_does_not_end_is_pc901_and_exit_3(tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "a.policy"
    test = 'test "t" { given f0 = true expect score >= 1 }\n'
    file.write_text(HEAD + points(2) + CONFLICT + test, encoding="utf-8")
    done = CliRunner().invoke(main, ["--lang", "en", *words, str(file), "--timeout", "0.05"])
    assert done.exit_code == 3, done.output
    assert "PC901" in done.output or "undecided" in done.output


@pytest.mark.usefixtures("endless_evaluation")
def test_an_answer_that_does_not_end_is_json_if_so_wished(tmp_path: Path) -> None:
    file = tmp_path / "a.policy"
    file.write_text(HEAD + points(2) + CONFLICT, encoding="utf-8")
    words = ["ask", "pay", "-p", str(file), "--timeout", "0.05", "--format", "json"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 3
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["code"] == "PC901"


def test_what_there_is_no_time_for_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer stands; what was not decided is not reported as absent."""

    def endless(*_: object, **__: object) -> object:
        raise Undecided("timeout")

    file = tmp_path / "a.policy"
    file.write_text(HEAD + points(6) + CONFLICT, encoding="utf-8")
    monkeypatch.setattr("policyc.solver.ask.answer.alternatives", endless)
    monkeypatch.setattr("policyc.solver.ask.answer.deciding_facts", endless)
    words = ["ask", "pay", "-p", str(file)]
    told = CliRunner().invoke(main, ["--lang", "en", *words])
    assert told.exit_code == 0
    assert "not found out in the time allowed" in told.stdout and "in which cases it is a yes" in told.stdout
    assert "never" not in told.stdout
    report = json.loads(CliRunner().invoke(main, [*words, "--format", "json"]).stdout)
    assert report["cut"] == ["permitted_if", "depends_on"]
    assert report["answer"] == "depends" and not report["complete"]


@pytest.mark.parametrize("size", ["0", "12", "50MB", "4TB", "-1GB", "viel"])
def test_an_invalid_amount_of_memory_is_refused(size: str) -> None:
    done = CliRunner().invoke(main, ["--lang", "en", "check", "--memory", size])
    assert done.exit_code == 2
    assert "no amount of memory" in done.stderr


@pytest.mark.parametrize("seconds", [0.0001, 0.001, 0.03])
def test_the_solver_never_has_so_little_time_that_it_misses_its_end(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Z3 forgets a limit that ends before its search has begun, and then searches for ever."""
    told = list[int]()
    real = z3.Solver.set

    def listen(solver: z3.Solver, *words: object, **named: object) -> None:
        if words[0] == "timeout":
            told.append(int(str(words[1])))
        real(solver, *words, **named)

    monkeypatch.setattr(z3.Solver, "set", listen)
    session, asked = Session(Translator), [TermFactory().variable("a")]
    with pytest.raises(OutOfTime), limited(seconds):
        session.check(asked)
        while True:
            tick()
    with limited(LONG):  # the little time above may be over before Z3 receives a limit
        session.check(asked)
    assert told
    assert all(limit >= 50 for limit in told)


@pytest.mark.slow
def test_a_solver_that_has_lost_the_time_ends_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    real = z3.Solver.set

    def lose(solver: z3.Solver, *words: object, **named: object) -> None:
        if words[0] != "timeout":
            real(solver, *words, **named)

    monkeypatch.setattr(z3.Solver, "set", lose)
    monkeypatch.setattr(z3_backend, "_FASTEST", 5_000_000)
    session = asked_about_pigeons()
    with pytest.raises(OutOfTime), limited(0.1):
        assert session.check([]).status is Status.UNKNOWN
        while True:
            tick()
