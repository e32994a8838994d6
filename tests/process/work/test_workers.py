"""Work shared among processes: the same results, whatever happens to a worker; and no worker survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from policyc.api import load
from policyc.dsl.system.limits import OutOfTime, Undecided, limited
from policyc.solver.engine.cache.answers import AnswerCache
from policyc.solver.engine.parallel import share
from tests.support.places import CORPUS
from tests.support.waiting import HANGS, awaited, no_hang

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only there processes are copied"),
]

HERE = os.getpid()


def there(work: Callable[[], object]) -> None:
    """Does some work if this process is a worker."""
    if os.getpid() != HERE:
        work()


def children(process: int = HERE) -> list[int]:
    """The children of a process, including those that have ended and that it has not waited for."""
    return [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    before = children()
    yield
    assert children() == before


def number(value: int) -> tuple[int, int]:
    return value, os.getpid()


@pytest.mark.parametrize("jobs", [1, 3])
def test_progress_is_told_here(jobs: int) -> None:
    told: list[tuple[int, int]] = []
    share([partial(number, value) for value in range(20)], jobs, (), watch=lambda *done: told.append(done))
    assert told == [(done, 20) for done in range(1, 21)]


def test_results_come_in_the_order_of_the_tasks() -> None:
    found = share([partial(number, value) for value in range(50)], 3, ())
    assert [value for value, _ in found] == list(range(50))
    assert HERE not in {worker for _, worker in found}
    assert len({worker for _, worker in found}) <= 3


@pytest.mark.parametrize(("tasks", "jobs"), [(3, 4), (50, 1)], ids=["few tasks", "one process"])
def test_what_is_not_worth_it_is_done_here(tasks: int, jobs: int) -> None:
    found = share([partial(number, value) for value in range(tasks)], jobs, ())
    assert {worker for _, worker in found} == {HERE}


def killed_at(value: int, place: int, how: int) -> int:
    if value == place:
        there(lambda: os.kill(os.getpid(), how))
    return value


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_worker_that_is_killed_takes_nothing_with_it(place: int, how: int, capfd: pytest.CaptureFixture[str]) -> None:
    """The system kills workers if memory runs out; a solver may crash."""
    assert share([partial(killed_at, value, place, how) for value in range(20)], 2, ()) == list(range(20))
    assert capfd.readouterr() == ("", "")


def killed(value: int) -> int:
    there(lambda: os.kill(os.getpid(), signal.SIGKILL))
    return value


def test_all_workers_may_be_killed() -> None:
    assert share([partial(killed, value) for value in range(20)], 4, ()) == list(range(20))


def counted(value: int, folder: Path, place: int, most: int) -> str:
    """The process that finally completes a task that kills the first `most` processes."""
    if value == place:
        (folder / str(os.getpid())).touch()
        if len(list(folder.iterdir())) <= most:
            there(lambda: os.kill(os.getpid(), signal.SIGKILL))
    return "here" if os.getpid() == HERE else "there"


@pytest.mark.parametrize(("most", "found", "tried"), [(1, "there", 2), (2, "here, at last", 3)])
def test_what_cost_a_worker_is_tried_once_more_by_another(most: int, found: str, tried: int, tmp_path: Path) -> None:
    within: list[str] = []

    @contextmanager
    def last() -> Iterator[None]:
        within.append(", at last")
        yield

    tasks = [partial(counted, value, tmp_path, 5, most) for value in range(20)]
    results = share(tasks, 2, (), last=last)
    assert results[5] + "".join(within) == found
    assert {result for place, result in enumerate(results) if place != 5} == {"there"}
    assert len(list(tmp_path.iterdir())) == tried


def starved(value: int) -> int:
    def run_out() -> None:
        raise MemoryError

    if value % 3 == 0:
        there(run_out)
    return value


def test_what_had_no_memory_is_done_again_alone() -> None:
    assert share([partial(starved, value) for value in range(20)], 2, ()) == list(range(20))


def test_no_more_processes_than_there_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system starts no more processes, the existing ones do the work, or this one."""
    for most in (0, 1):
        begun: list[int] = []
        original = os.fork

        def fork(most: int = most, begun: list[int] = begun, original: Callable[[], int] = original) -> int:
            if len(begun) >= most:
                raise BlockingIOError(11, "Resource temporarily unavailable")
            begun.append(0)
            return original()

        monkeypatch.setattr(os, "fork", fork)
        found = share([partial(number, value) for value in range(20)], 4, ())
        assert [value for value, _ in found] == list(range(20))
        assert len({worker for _, worker in found}) == 1
        monkeypatch.undo()


class Awkward(Exception):
    """An exception that cannot go from one process to another."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__("awkward")


def failing(value: int, errors: dict[int, Exception]) -> int:
    if value in errors:
        raise errors[value]
    return value


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (ValueError("this"), ValueError, "this"),
        (Awkward(1, 2), RuntimeError, "Awkward: awkward"),
        (Undecided("memory"), Undecided, "memory"),
        (OutOfTime(), Undecided, "timeout"),
    ],
    ids=["plain", "awkward", "undecided", "out of time"],
)
def test_what_a_task_raises_is_raised_here(error: Exception, kind: type[Exception], says: str) -> None:
    errors = {11: error, 12: KeyError("later"), 18: KeyError("much later")}
    for _ in range(5):
        with pytest.raises(kind, match=says):
            share([partial(failing, value, errors) for value in range(20)], 3, ())


def learning(memory: AnswerCache, value: int) -> int:
    assert memory.recall(b"before") == "0"
    memory.keep(bytes([value]), str(value))
    return value


def test_what_workers_learn_is_kept(tmp_path: Path) -> None:
    """Each worker opens the file for itself; only this process writes."""
    file = tmp_path / "memory" / "answers.db"
    memory = AnswerCache(file)
    memory.keep(b"before", "0")
    memory.close()
    memory = AnswerCache(file)
    assert memory.recall(b"before") == "0"
    share([partial(learning, memory, value) for value in range(20)], 2, (), memory)
    memory.close()
    memory = AnswerCache(file)
    assert [memory.recall(bytes([value])) for value in range(20)] == [str(value) for value in range(20)]


def test_time_that_is_over_ends_the_workers() -> None:
    with no_hang(), pytest.raises(Undecided), limited(0.5):
        share([partial(time.sleep, HANGS)] * 20, 2, ())


# --- The command -------------------------------------------------------------------------------------------

#: A program that shares work that never ends: in plain code, in Z3, or asleep. When its work begins, each worker makes
#: a file in a folder, named by its process number.
ENDLESS = """
import os, sys, time
from pathlib import Path
from policyc.cli import main as cli
from policyc.solver.engine.parallel import share

folder = Path(sys.argv[2])

def begin():
    (folder / str(os.getpid())).touch()

def plain():
    begin()
    while True:
        pass

def solver():
    import z3
    holes = range(30)  # and one pigeon more
    sits = [[z3.Bool(f"{pigeon} in {hole}") for hole in holes] for pigeon in range(31)]
    solver = z3.SolverFor("QF_LIA")
    solver.add(z3.Or(row) for row in sits)
    solver.add(z3.Not(z3.And(a, b)) for column in zip(*sits) for n, a in enumerate(column) for b in column[:n])
    begin()
    solver.check()

def asleep():
    begin()
    time.sleep(10_000)

work = {"plain": plain, "solver": solver, "asleep": asleep}[sys.argv[1]]
print("begun", flush=True)
sys.argv[1:] = []

class Endless(cli.Program):
    def _exit_code(self, words, complete_var, extra):
        try:
            share([work] * 8, 2, ())
        except KeyboardInterrupt:
            return cli.INTERRUPTED
        return 0

Endless("policyc")()
"""


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _with_usual_signals() -> None:
    """A shell's `&` and `nohup` make a program ignore these."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def begun(words: list[str], workers: Callable[[int], list[int]]) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A program and its workers, once `workers` finds two of them."""
    program = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_with_usual_signals,  # noqa: PLW1509 - no threads here
    )
    assert awaited(lambda: len(workers(program.pid)) >= 2 or program.poll() is not None)
    assert program.poll() is None, program.communicate()
    return program, workers(program.pid)


def endless(program: str, work: str, folder: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A program of endless work and its workers, once they are at work."""
    return begun(["-c", program, work, str(folder)], lambda _: [int(file.name) for file in folder.iterdir()])


@pytest.mark.parametrize("work", ["plain", "solver", "asleep"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_the_program(how: signal.Signals, work: str, tmp_path: Path) -> None:
    """A signal ends the workers, whatever they do, and ends the program at once, without output."""
    program, workers = endless(ENDLESS, work, tmp_path)
    program.send_signal(how)
    output, errors = program.communicate(timeout=HANGS)
    assert program.returncode == (130 if how is signal.SIGINT else -how)
    assert (output, errors) == (b"begun\n", b"")
    assert awaited(lambda: not any(is_alive(worker) for worker in workers))


def test_a_worker_ends_though_the_system_does_not_tell_it(tmp_path: Path) -> None:
    """Without `prctl` it notices that a pipe closes."""
    program = "from policyc.solver.engine import parallel\nparallel._PR_SET_PDEATHSIG = -1\n" + ENDLESS
    parent, workers = endless(program, "asleep", tmp_path)
    parent.kill()
    parent.communicate(timeout=HANGS)
    assert awaited(lambda: not any(is_alive(worker) for worker in workers))


POLICIES = sorted((CORPUS / "bad" / "conflicts").glob("*.policy"))


def test_check_says_what_it_did_not_find_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """If every worker is killed, as in a container with little memory, their questions are undecided, and no finding
    is made up."""
    monkeypatch.setattr("policyc.solver.engine.parallel._work", lambda number: os.kill(os.getpid(), signal.SIGKILL))
    undecided = 0
    for path in POLICIES[:6]:
        base = load(path)
        alone, shared = base.check(jobs=1), base.check(jobs=2)
        open_ = [finding for finding in shared.findings if finding.code.id == "PC901"]
        assert {text.args for text in (finding.message for finding in shared.findings)} - {
            finding.message.args for finding in open_
        } <= {finding.message.args for finding in alone.findings}
        assert set(shared.proved) <= set(alone.proved)
        undecided += bool(open_)
    assert undecided


def test_check_goes_on_without_a_worker() -> None:
    """The report on the bundled policies, in which nothing is undecided, is complete."""
    words = ["-m", "policyc", "--lang", "en", "check", "--no-cache", "--jobs", "2"]
    program, workers = begun(words, children)
    os.kill(workers[0], signal.SIGKILL)
    output, errors = program.communicate(timeout=HANGS)
    assert (program.returncode, errors) == (0, b"")
    assert b"0 errors, 0 warnings" in output and b"undecided" not in output
