"""`ask --interactive`: asks only relevant facts, the most decisive first, until the answer is settled.

The dialogue itself is tested through a pseudo-terminal.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from policyc.dsl.binding.question import QuestionReader
from policyc.dsl.model import Case, PolicySet
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.solver.ask.interview import Interview
from policyc.solver.engine.context import SolverContext
from tests.support.bundled import bundled
from tests.support.sets.random_sets import SMALL, generated
from tests.support.sets.small_sets import assert_impossible, small_cases
from tests.support.slow import mostly_slow
from tests.support.waiting import HANGS

# --- Which facts are asked for -----------------------------------------------------------------------------


def answers(policy_set: PolicySet, question: str, truth: Case, known: Case) -> tuple[Case, list[str]]:
    """The facts known after the interview of a person who knows a whole case, and the facts asked for."""
    asked = QuestionReader(policy_set).question(question)
    assert asked is not None
    talk = Interview(SolverContext(policy_set), asked.subject)
    told: dict[str, object] = dict(known)
    order: list[str] = []
    while (found := talk.next(told, ())) is not None:  # type: ignore[arg-type]
        assert found.fact.name not in told
        if found.options:
            assert truth[found.fact.name] in found.options
        order.append(found.fact.name)
        told[found.fact.name] = truth[found.fact.name]
    return told, order  # type: ignore[return-value]


@pytest.mark.parametrize("seed", mostly_slow(range(16)))
@pytest.mark.parametrize("question", ["bind", "pay", "near", "number"])
def test_the_talk_ends_where_the_answer_is_settled(seed: int, question: str) -> None:
    policy_set, valid = generated(seed, "en", SMALL).policy_set, small_cases(seed)
    if not valid:
        assert_impossible(policy_set, question)
        return
    evaluator = Evaluator(policy_set)
    truth = random.Random(f"{seed}/{question}").choice(valid)
    asked = QuestionReader(policy_set).question(question)
    assert asked is not None

    def outcome(case: Case) -> object:
        subject = asked.subject
        return evaluator.verdict(subject, case) if isinstance(subject, str) else evaluator.value(subject, case)

    told, order = answers(policy_set, question, truth, {})
    those = [case for case in valid if told.items() <= case.items()]
    assert {outcome(case) for case in those} == {outcome(truth)}
    for last in order[-1:]:  # it was not settled before the last answer
        before = {name: value for name, value in told.items() if name != last}
        assert len({outcome(case) for case in valid if before.items() <= case.items()}) > 1


@pytest.mark.slow
def test_what_decides_most_is_asked_first() -> None:
    policy_set = bundled()
    given = {"payer.region": "500000", "beneficiary.region": "510100", "date": 739617}
    truth = {**given, "relation": "parent", "mechanism": "linked_account"}
    assert answers(policy_set, "pay", truth, given)[1] == ["relation", "mechanism"]
    truth["relation"] = "parent_in_law"
    assert answers(policy_set, "pay", truth, given)[1] == ["relation"]


def test_what_cannot_be_told_is_not_asked_again() -> None:
    policy_set = generated(1, "en", SMALL).policy_set
    talk = Interview(SolverContext(policy_set), "pay")
    unknown: set[str] = set()
    while (found := talk.next({}, unknown)) is not None:
        assert found.fact.name not in unknown
        unknown.add(found.fact.name)
    assert len(unknown) <= len(policy_set.facts)


# --- On a terminal -----------------------------------------------------------------------------------------

SET = """
region 100000 "中国"
region 110000 "北京市" in 100000
region 220000 "吉林省" in 100000
region 220200 "吉林市" in 220000
enum kin "亲属关系" { parent "父母", sibling "兄弟姐妹", other "其他人" }
record payer "共济人" {
  fact region "参保地" : region
  fact balance "余额" : money 0元..10000元 usual 500元
}
fact kin "与共济人关系" : kin
fact filed "已备案" : boolean usual true
fact idle "无关的事" : boolean
fact date "发生日期" : date 2024-01-01..2026-12-31
axiom rich "余额不少于十元": payer.balance >= 10元
decision pay "共济支付" governed by payer.region as paying "参保侧"
policy p "规定" for 100000 {
  source law "国家文件" dated 2024-11-01 { clause c "近亲属可以" }
  permit pay near "近亲属" when kin in {parent, sibling} cite law.c
  forbid pay far "其他人" when kin is other cite law.c
  require pay filing "须备案": filed when payer.region in 220000 cite law.c
  require pay enough "余额足够": payer.balance >= 100元 when kin is sibling cite law.c
}
"""

pty = pytest.importorskip("pty", reason="pseudo-terminals of POSIX")


def heed_interrupts() -> None:
    """Shells make background programs ignore interrupts; this undoes it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """A program on a pseudo-terminal; `screen` is all its output so far."""

    def __init__(self, *words: str, folder: Path, lang: str = "zh") -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "policyc", "--lang", lang, *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env={**os.environ, "NO_COLOR": "1", "TERM": "vt100", "PYTHONIOENCODING": "utf-8"},
            start_new_session=True,
            preexec_fn=heed_interrupts,  # noqa: PLW1509 - no threads here
        )
        os.close(slave)
        self.screen = ""
        self._bytes = b""

    def read(self, until: str) -> str:
        """The output up to a text, or to the end."""
        start = len(self.screen)
        while until not in self.screen[start:]:
            ready, _, _ = select.select([self.master], [], [], HANGS)
            assert ready, f"waiting for {until!r} after {self.screen!r}"
            try:
                data = os.read(self.master, 4096)
            except OSError:  # the other end is closed
                data = b""
            if not data:
                break
            self._bytes += data
            self.screen = self._bytes.decode("utf-8", "replace").replace("\r\n", "\n")
        return self.screen[start:]

    def answer(self, line: str) -> str:
        """Types a line at a prompt and waits for the next prompt or the end."""
        os.write(self.master, f"{line}\n".encode())
        return self.read("> ")

    def end(self) -> int:
        self.read("\0")
        code = self.process.wait(timeout=HANGS)
        os.close(self.master)
        return code


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.policy").write_text(SET, encoding="utf-8")
    return tmp_path


WORDS = ("ask", "pay", "-p", "a.policy", "--on", "2025-01-01", "--interactive")


def test_a_talk_to_its_end(folder: Path) -> None:
    terminal = Terminal(*WORDS, folder=folder)
    first = terminal.read("> ")
    assert "直接回车取方括号内的值；不清楚请输入 `?`；输入 `q` 结束" in first
    assert "1. 与共济人关系\n  1 父母  2 兄弟姐妹  3 其他人\n> " in first
    assert "请输入 1 至 3 的序号，或名称" in terminal.answer("4")
    assert "是否指 `兄弟姐妹`？" in terminal.answer("兄弟姊妹")
    assert "2. 共济人的参保地\n  地区：名称、名称开头的几个字或代码\n> " in terminal.answer("兄弟姐妹")
    assert "有多个地区的名称以 `吉林` 开头" in terminal.answer("吉林")
    assert "3. 是否已备案\n  是 或 否\n[是] > " in terminal.answer("吉林市")
    assert "4. 共济人的余额\n  从 0元 到 10000元\n[500元] > " in terminal.answer("")
    assert "与已知的事实不能并存" in terminal.answer("5")
    os.write(terminal.master, b"120\n")
    assert terminal.end() == 0
    shown = terminal.screen
    assert "准予：共济支付，2025-01-01\n" in shown
    assert "已知：共济人：吉林市、余额120元；与共济人关系：兄弟姐妹、已备案" in shown
    assert "无关的事" not in shown


@pytest.mark.slow
def test_a_no_needs_few_answers(folder: Path) -> None:
    terminal = Terminal(*WORDS, folder=folder, lang="en")
    assert "1. kin (与共济人关系)\n  1 parent (父母)  2 sibling (兄弟姐妹)  3 other (其他人)\n> " in terminal.read("> ")
    os.write(terminal.master, b"other\n")
    assert terminal.end() == 0
    assert "denied: pay, on 2025-01-01\n" in terminal.screen
    assert "2." not in terminal.screen


@pytest.mark.parametrize("last", [b"q\n", b"\x04"], ids=["q", "end of input"])
@pytest.mark.slow
def test_a_talk_can_be_left(folder: Path, last: bytes) -> None:
    terminal = Terminal(*WORDS, folder=folder)
    terminal.read("> ")
    terminal.answer("?")
    os.write(terminal.master, last)
    assert terminal.end() == 0
    assert "视情况而定：共济支付，2025-01-01" in terminal.screen


@pytest.mark.slow
def test_ctrl_c_ends_it(folder: Path) -> None:
    terminal = Terminal(*WORDS, folder=folder)
    terminal.read("> ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130
    assert "Traceback" not in terminal.screen


@pytest.mark.slow
def test_facts_given_are_not_asked_for(folder: Path) -> None:
    terminal = Terminal(*WORDS, "北京", "--set", "kin=parent", folder=folder)
    assert terminal.end() == 0
    assert "> " not in terminal.screen
    assert "准予：共济支付" in terminal.screen


@pytest.mark.slow
def test_only_the_answer_goes_to_standard_output(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "policyc", "--lang", "zh", *WORDS, "--format", "json"],
        input="3\n",
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        check=False,
    )
    assert done.stdout.startswith("{") and '"answer": "denied"' in done.stdout
    assert "1. 与共济人关系" in done.stderr
