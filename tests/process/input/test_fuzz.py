"""Runs the fuzzer's corpus again, and checks that the fuzzer detects faults.

Every input that once showed a fault runs with the same limits. A fault still marked as known may occur, no other may.
`python -m tests.fuzz --renew` removes the mark from fixed ones.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lark import UnexpectedInput

from policyc.dsl.syntax.parse import STARTS, grammar
from tests.fuzz import trial, worker
from tests.fuzz.inputs import Input, Kept, corpus
from tests.fuzz.makers import MAKERS, Maker
from tests.fuzz.minimise import minimised
from tests.fuzz.mutation import Mutation
from tests.fuzz.sentences import Sentences
from tests.fuzz.worker import Worker
from tests.support.waiting import HANGS


@pytest.fixture(scope="module")
def process() -> Iterator[Worker]:
    """One process for all inputs that do not end it."""
    one = Worker()
    yield one
    one.close()


@pytest.mark.parametrize("kept", list(corpus()), ids=lambda kept: kept.file.stem)
def test_what_was_found_is_mended(kept: Kept, process: Worker) -> None:
    if kept.known and kept.fault.startswith(("hang", "died")):
        pytest.skip(f"known, and takes long to show: {kept.known}")
    found = set(process.run(kept.input).faults)
    assert found <= ({kept.fault} if kept.known else set())


def test_an_input_is_kept_as_it_is(tmp_path: Path) -> None:
    content = "a\r\nb\u2028\x00\x1b父\udcff\U000e0100\ufeff\n"
    kept = Kept(Input(("check", "\udc80é"), {"a.policy": content}, "mutated", "x\n"), "hang", "because")
    file = kept.write(tmp_path)
    assert Kept.read(file) == kept
    assert all(character.isprintable() or character == "\n" for character in file.read_text("utf-8"))


def test_the_same_seed_makes_the_same_inputs() -> None:
    one, other = Maker("a"), Maker("a")
    assert [one.input() for _ in range(60)] == [other.input() for _ in range(60)]


@pytest.mark.parametrize("make", list(MAKERS), ids=lambda make: make.__name__)
def test_every_kind_of_input_is_made_and_run(make: object, process: Worker) -> None:
    maker = Maker("kinds")
    assert callable(make)
    for _ in range(5):
        one = make(maker)
        assert one.kind == make.__name__  # type: ignore[attr-defined]
        result = process.run(one)
        assert result.outcome is not None
        assert result.outcome.code in (0, 1, 2, 3)


@pytest.mark.parametrize("rule", STARTS)
def test_sentences_are_of_the_grammar(rule: str) -> None:
    """Most are: a name may happen to be a reserved word, and adjacent literals may merge."""
    sentences = Sentences(random.Random(rule))
    good = 0
    for _ in range(60):
        with contextlib.suppress(UnexpectedInput):
            grammar().parse(sentences.sentence(rule, 8).replace("７", "7"), start=rule)
            good += 1
    assert good > 30


def test_changes_change(process: Worker) -> None:
    text = Maker("x").base
    mutation = Mutation(random.Random(1), [text])
    assert len({mutation.mutated(text) for _ in range(100)}) > 90


# --- What the fuzzer is to see -----------------------------------------------------------------------------

GOOD = {"a.policy": "fact x : boolean\n"}


@pytest.mark.parametrize(
    ("code", "stdout", "stderr", "words", "fault"),
    [
        (2, "", "policyc: defect in policyc itself (KeyError: 'x'); please", (), "defect at ?"),
        (2, "", "policyc：程序自身有缺陷（KeyError: 'x'）；请", (), "defect at ?"),
        (
            2,
            "",
            'Traceback (most recent call last):\n  File "/x/policyc/dsl/bind.py", line 3, in f\nKeyError: 1\n',
            (),
            "KeyError at bind:f",
        ),
        (4, "x", "", (), "exit code 4"),
        (2, "", "", (), "exit code 2 without a word"),
        (0, "{", "", ("--format", "json"), "output is not JSON"),
        (0, '{"a": NaN}', "", ("--format", "json"), "output is not JSON"),
        (0, "<a>\ufffe</a>", "", ("--format", "junit"), "output is not XML"),
        (1, "error \x1b[2J", "", (), "U+001B as it is on standard output (text)"),
        (1, "x", "a\rb", (), "U+000D as it is on standard error (text)"),
        (1, "expected NoneType", "", (), "speaks of NoneType"),
    ],
)
def test_faults_are_seen(code: int, stdout: str, stderr: str, words: tuple[str, ...], fault: str) -> None:
    outcome = trial.Outcome(code, stdout.encode(), stderr.encode())
    assert trial.faults(Input(("check", *words), GOOD), outcome) == [fault]


def test_bytes_that_are_no_text_are_seen() -> None:
    assert trial.faults(Input(("check",), GOOD), trial.Outcome(0, b"\xff\n", b"")) == ["output is not UTF-8"]


@pytest.mark.slow
def test_good_output_is_no_fault() -> None:
    outcome = trial.Outcome(1, '{"a": "父"}\n'.encode(), b"")
    assert trial.faults(Input(("check", "--format", "json"), GOOD), outcome) == []
    assert trial.faults(Input(("test", "--format", "json", "--help"), GOOD), trial.Outcome(0, b"Usage", b"")) == []
    outcome = trial.Outcome(0, b"\x1b[31merror\x1b[0m\n", b"")
    assert trial.faults(Input(("check",), GOOD), outcome) == []


@pytest.mark.parametrize(
    ("does", "fault"),
    [
        (lambda: _work(), "hang: works for more than 1 s"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "died of SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "died of SIGSEGV at test_fuzz:<lambda>"),
        (lambda: os._exit(7), "left with exit code 7"),
        (lambda: time.sleep(HANGS), "hang: waits for more than 1 s"),
    ],
    ids=["works", "dies", "crashes", "leaves", "waits"],
)
@pytest.mark.slow
def test_a_process_that_ends_is_told_and_replaced(does: object, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def main(words: list[str]) -> None:
        if words == ["bad"]:
            assert callable(does)
            does()
        raise SystemExit(0)

    monkeypatch.setattr(trial, "main", main)
    monkeypatch.setattr(worker, "WAIT_LIMIT", 1 if "waits" in fault else HANGS)
    one = Worker(cpu_limit=1)
    try:
        assert one.run(Input(("bad",), {})).faults == (fault,)
        monkeypatch.setattr(worker, "WAIT_LIMIT", HANGS)
        result = one.run(Input(("good",), {}))
        assert result.outcome == trial.Outcome(0, b"", b"")
    finally:
        one.close()


def _work() -> None:
    while True:
        pass


@pytest.mark.slow
def test_inputs_are_made_smaller() -> None:
    def shows(one: Input) -> bool:
        return "bad" in one.files["a.policy"] and "ask" in one.words

    text = "\n".join(["fact x : boolean"] * 20 + ["define y = bad and x"] + ["# end"] * 9)
    found = minimised(Input(("ask", "pay", "--set", "x=1"), {"a.policy": text}), shows, HANGS)
    assert (found.words, dict(found.files)) == (("ask",), {"a.policy": "bad"})
