"""`check --verify`: cvc5 confirms whatever Z3 finds impossible; disagreement is neither a yes nor a no."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main
from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, text
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.system.limits import OutOfTime, limited, tick
from policyc.pipeline import check as check_compiled, compile_paths
from policyc.solver.backends import second_opinion
from policyc.solver.backends.cvc5_backend import SecondSolver
from policyc.solver.backends.second_opinion import Confirmation, Purpose
from policyc.solver.backends.z3_backend import Answer, Session, Status
from policyc.solver.check import check
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.context import SolverContext
from policyc.solver.engine.reachability import Trial
from policyc.solver.formula.factory import TermFactory
from policyc.solver.formula.smtlib import SatQuery, any_script
from policyc.solver.repairs import repairs
from policyc.solver.report.reports import CheckReport, ProofKind, Verified
from tests.support.places import CORPUS_FILES, POLICIES, corpus_name
from tests.support.sets.pigeons import asked_about_pigeons, pigeons
from tests.support.sets.random_sets import COMMON, SMALL, generated
from tests.support.slow import mostly_slow

TODAY = date(2026, 1, 1)

CLEAN = """
region 100000 "中华人民共和国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
fact home "参保地" : region
fact filed "已备案" : boolean arrangeable usual true
fact amount "金额" : money 0元..1000元 usual 100元
parameter share : percent
decision pay "支付" governed by home as paying
define half = amount * home.share
policy nation for 100000 {
  source law { clause c1 "备案的可以" clause c2 "未备案的不可以" clause c3 "一半" }
  permit pay filed_ones when filed cite law.c1
  forbid pay unfiled when not filed cite law.c2
  set share = 50% cite law.c3
}
assert no_more "不超过": half <= amount
"""
CONFLICT = CLEAN.replace("when filed cite", "cite")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYC_LANG", "en")
    Path("a.policy").write_text(CLEAN, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", "a.policy", *words])


def verified(report: CheckReport) -> Verified:
    assert report.verified is not None
    return report.verified


# --- The two agree -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", mostly_slow(CORPUS_FILES, 4), ids=corpus_name)
def test_the_second_solver_confirms_the_corpus(file: Path) -> None:
    read = compile_paths([file])
    report = check_compiled(read, CheckOptions(TODAY, verify=True))
    without = check_compiled(read, CheckOptions(TODAY))
    assert (report.findings, report.proved) == (without.findings, without.proved)
    assert without.verified is None
    assert verified(report).agreed == verified(report).questions


@pytest.mark.parametrize("world", mostly_slow(["small", "common"]))
@pytest.mark.parametrize("seed", mostly_slow(range(4)))
def test_the_second_solver_confirms_random_sets(seed: int, world: str) -> None:
    policy_set = generated(seed, "en", COMMON if world == "common" else SMALL).policy_set
    codes = {code for code in CODES if code < "PC304"}
    report = check(policy_set, (), CheckOptions(TODAY, codes=codes), second=SecondSolver())
    assert verified(report).agreed == verified(report).questions > 0


@pytest.mark.slow
def test_the_second_solver_confirms_the_bundled_set() -> None:
    """cvc5 confirms every "no" behind the proofs about the bundled rules."""
    report = check_compiled(compile_paths([POLICIES]), CheckOptions(TODAY, verify=True))
    assert verified(report).agreed == verified(report).questions > 1000
    assert {proof.kind for proof in report.proved} == set(ProofKind)


def test_it_is_told_in_every_form(folder: Path) -> None:
    name = SecondSolver().name
    done = run("--verify")
    assert done.exit_code == 0
    questions = verified(check_compiled(compile_paths([Path("a.policy")]), CheckOptions(TODAY, verify=True))).questions
    assert f"; confirmed by {name}: {questions} of {questions} answers\n" in done.stdout
    assert f" s for what {name} confirmed in " in done.stderr
    value = json.loads(run("--verify", "--format", "json").stdout)
    assert value["verified"]["solver"] == name
    assert value["verified"]["questions"] == value["verified"]["agreed"] == questions
    assert value["verified"]["seconds"] > 0
    assert value["verified"]["first"]["solver"].startswith("Z3 ")
    assert json.loads(run("--format", "json").stdout)["verified"] is None
    chinese = CliRunner().invoke(main, ["--lang", "zh", "check", "a.policy", "--verify"])
    assert f"{name} 已证实 {questions} 个结论中的 {questions} 个" in chinese.stdout


def test_a_broken_text_leaves_nothing_to_confirm(folder: Path) -> None:
    Path("a.policy").write_text("polcy", encoding="utf-8")
    assert json.loads(run("--verify", "--format", "json").stdout)["verified"]["questions"] == 0


def test_it_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cvc5", None)
    done = run("--verify")
    assert done.exit_code == 2
    assert "`--verify` needs the solver `cvc5`, which is not installed" in done.stderr
    assert "pip install policyc[verify]" in done.stderr
    assert run().exit_code == 0


# --- The two contradict each other -------------------------------------------------------------------------


@pytest.fixture
def lying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes Z3 answer every search for any of several terms that there is no case."""
    honest = Session.check

    def lie(session: Session, assumptions: object, one_of: object = (), **how: bool) -> Answer:
        answer = honest(session, assumptions, one_of, **how)  # type: ignore[arg-type]
        if one_of and answer.status is Status.SATISFIABLE:
            return Answer(Status.UNSATISFIABLE, {})
        return answer

    monkeypatch.setattr(Session, "check", lie)
    for trial in (
        "engine.reachability.tried",
        "checks.contradictions.disjoint.tried_together",
    ):  # no case made from the rules shows it, either
        monkeypatch.setattr(f"policyc.solver.{trial}", lambda scope, _: Trial(scope, ()))


def codes(findings: tuple[Diagnostic, ...]) -> list[str]:
    return [finding.code.id for finding in findings]


def test_a_wrong_no_is_found_out(folder: Path, lying: None) -> None:
    """Without cvc5 the conflict is overlooked; with it the conflict is open, and no proof is claimed."""
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    trusting = json.loads(run("--format", "json", "--select", "PC301").stdout)
    assert trusting["findings"] == []
    assert [proof["what"] for proof in trusting["proved"]] == ["no-conflict"]
    done = run("--verify", "--format", "json", "--select", "PC301")
    assert done.exit_code == 3
    doubting = json.loads(done.stdout)
    (finding,) = doubting["findings"]
    assert (finding["code"], finding["severity"]) == ("PC901", "error")
    assert finding["message"] == (
        "the two solvers contradict each other: which of the findings that are looked for are possible"
    )
    assert doubting["proved"] == []
    assert doubting["verified"]["agreed"] == doubting["verified"]["questions"] - 1
    agreed, questions = (doubting["verified"][name] for name in ("agreed", "questions"))
    assert f": {agreed} of {questions} answers" in run("--verify", "--select", "PC301").stdout


def test_an_acknowledgement_is_not_stale_because_of_a_wrong_no(folder: Path, lying: None) -> None:
    known = 'acknowledge PC301 nation.filed_ones, nation.unfiled because "待答复"'
    Path("a.policy").write_text(CONFLICT + known, encoding="utf-8")
    words = ("--format", "json", "--select", "PC301,PC108")
    assert [item["code"] for item in json.loads(run(*words).stdout)["findings"]] == ["PC108"]
    assert [item["code"] for item in json.loads(run("--verify", *words).stdout)["findings"]] == ["PC901"]


class Doubtful:
    """A second solver that answers unknown or yes if a script mentions a word."""

    name = "doubt 1.0"

    def __init__(self, status: Status, word: str = "") -> None:
        self.status = status
        self.word = word

    def check(self, script: str, timeout: float | None = None) -> Status:
        return self.status if self.word in script else Status.UNSATISFIABLE


def test_what_is_not_confirmed_in_time_is_left_open(folder: Path) -> None:
    policy_set = compile_paths([Path("a.policy")]).policy_set
    report = check(policy_set, (), CheckOptions(TODAY), second=Doubtful(Status.UNKNOWN))
    assert set(codes(report.findings)) == {"PC901"}
    assert {finding.message.key for finding in report.findings} == {"PC901.unknown"}
    assert [proof.questions for proof in report.proved if proof.questions] == []
    assert verified(report).agreed == 0 < verified(report).questions


def test_a_doubt_about_values_is_one_about_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later questions assumed that values do not conflict."""
    monkeypatch.setattr(second_opinion, "TOGETHER", 1)
    two = CLEAN.replace(
        "cite law.c3",
        "when filed or amount < 9元 cite law.c3 set share = 40% when not filed and amount >= 9元 cite law.c3",
    )
    Path("a.policy").write_text(two, encoding="utf-8")
    policy_set = compile_paths([Path("a.policy")]).policy_set
    trusted = check(policy_set, (), CheckOptions(TODAY), second=SecondSolver())
    assert codes(trusted.findings) == []
    assert len(trusted.proved) == 4

    class About(Doubtful):
        """Doubts the first question only."""

        def check(self, script: str, timeout: float | None = None) -> Status:
            first, self.status = self.status, Status.UNSATISFIABLE
            return first

    second = About(Status.UNKNOWN)
    report = check(policy_set, (), CheckOptions(TODAY, codes={"PC303", "PC501"}), second=second)
    assert [finding.message.args[0][1] for finding in report.findings] == [text("PC901.search")]
    assert report.proved == ()


def test_the_exit_code_tells_of_time_that_ran_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondSolver, "check", lambda *_: Status.UNKNOWN)
    done = run("--verify")
    assert done.exit_code == 3
    assert "the second solver could not confirm in time: whether `no_more` holds" in done.stdout
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    assert run("--verify").exit_code == 1  # the conflict has been shown, whatever else is open


def test_real_time_runs_out() -> None:
    """cvc5 itself stops at its limit."""
    assert SecondSolver().check(any_script({}, [SatQuery(pigeons())]), 0.05) is Status.UNKNOWN


@pytest.mark.parametrize("timeout", [0.0001, 0.001, 0.0019, 0.02])
def test_time_that_runs_out_is_no_interrupt(timeout: float) -> None:
    """Z3 calls both `canceled`."""
    session = asked_about_pigeons()
    with pytest.raises(OutOfTime), limited(timeout):
        assert session.check([]).status is Status.UNKNOWN
        while True:  # Z3 may be a little early
            tick()


def test_a_repair_that_is_not_confirmed_is_not_offered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Z3 lies during the search for repairs: the finding stays, and its repairs are undecided."""
    Path("a.policy").write_text(CONFLICT, encoding="utf-8")
    policy_set = compile_paths([Path("a.policy")]).policy_set
    honest, is_sound = Session.check, repairs._is_sound

    def lie(session: Session, *asked: object, **how: bool) -> Answer:
        answer = honest(session, *asked, **how)  # type: ignore[arg-type]
        return Answer(Status.UNSATISFIABLE, {}) if answer.status is Status.SATISFIABLE else answer

    def now(edited: SolverContext, before: SolverContext) -> bool:
        monkeypatch.setattr(Session, "check", lie)

        return is_sound(edited, before)

    monkeypatch.setattr(repairs, "_is_sound", now)
    report = check(policy_set, (), CheckOptions(TODAY), second=SecondSolver())
    assert codes(report.findings) == ["PC301", "PC901"]
    finding, open_ = report.findings
    assert finding.finding.repairs is None
    assert render(open_.message, "en") == (
        "the two solvers contradict each other: which edits end the contradiction of "
        "`nation.filed_ones`, `nation.unfiled`"
    )


# --- Many at once ------------------------------------------------------------------------------------------


def test_many_questions_are_put_as_one_and_a_doubt_is_tracked_down() -> None:
    factory = TermFactory()
    scripts: list[str] = []

    class Counting(Doubtful):
        def check(self, script: str, timeout: float | None = None) -> Status:
            scripts.append(script)
            return super().check(script, timeout)

    purposes = [Purpose((), text("PC901.test", name=str(number)), None) for number in range(50)]
    confirmation = Confirmation(Counting(Status.SATISFIABLE, "x17 "))
    for number, purpose in enumerate(purposes):
        confirmation.refuted({}, SatQuery([factory.variable(f"x{number}")]), 0.01)
        confirmation.rests_on(purpose, range(number, number + 1))
    doubts = {purpose: confirmation.doubted(purpose) for purpose in purposes}
    assert {purpose: doubt for purpose, doubt in doubts.items() if doubt} == {purposes[17]: Status.SATISFIABLE}
    assert (confirmation.verified.questions, confirmation.verified.agreed) == (50, 49)
    assert len(scripts) < 15
    confirmation.settle()
    assert len(scripts) < 15


def test_few_questions_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are asked once enough of them wait, so that terms are not kept for ever."""
    monkeypatch.setattr(second_opinion, "WAITING", 10)
    factory = TermFactory()
    confirmation = Confirmation(Doubtful(Status.UNKNOWN, "nowhere"))
    for number in range(95):
        required = {factory.variable(f"r{number}"): f"axiom r{number}"}
        confirmation.refuted(required, SatQuery([factory.variable("x")]), 0.0)
    assert confirmation.verified.agreed == 90
