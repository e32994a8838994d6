"""Runs inputs in a separate process, so that a hang or a crash ends only that process.

In: inputs. Out: for each its outcome, or how the process ended. A process runs many inputs. The time limit is on
processor time, so that a busy machine causes no faults; a second one, on wall-clock time, ends a process that waits
for ever.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import re
import resource
import select
import signal
import struct
import tempfile
import time
from dataclasses import dataclass
from typing import BinaryIO

from .inputs import Input
from .trial import Outcome, faults, run

#: Limits for one input: processor seconds; seconds by the clock, for a process that waits; bytes of memory.
CPU_LIMIT = 30
WAIT_LIMIT = 600
MEMORY_LIMIT = 6_000_000_000
#: How many inputs a process runs, since solvers keep memory.
RENEWED = 300


#: A line of the stack that a dying process writes, the innermost first.
_FRAME = re.compile(r'File "[^"]*/(\w+)\.py", line \d+ in ([\w<>]+)')


@dataclass(frozen=True, slots=True)
class Result:
    #: `None` if the process ended instead.
    outcome: Outcome | None
    faults: tuple[str, ...]
    seconds: float


class Worker:
    """A process that runs one input at a time."""

    def __init__(self, cpu_limit: int = CPU_LIMIT) -> None:
        self.cpu_limit = cpu_limit
        self._pid = 0
        self._count = 0
        self._to: BinaryIO
        self._from: BinaryIO

    def run(self, one: Input) -> Result:
        if not self._pid or self._count >= RENEWED:
            self.close()
            self._start()
        self._count += 1
        began = time.monotonic()
        _send(self._to, one)
        if not select.select([self._from], [], [], WAIT_LIMIT)[0]:
            self.close()
            return Result(None, (f"hang: waits for more than {WAIT_LIMIT} s",), time.monotonic() - began)
        answer = self._receive()
        if answer is None:
            return Result(None, (self._ended(),), time.monotonic() - began)
        outcome, used = answer
        return Result(outcome, tuple(faults(one, outcome)), used)

    def close(self) -> None:
        if self._pid:
            self._kill()
            os.waitpid(self._pid, 0)
            self._forget()

    def _forget(self) -> None:
        self._last_words.close()
        self._to.close()
        self._from.close()
        self._pid = self._count = 0

    def _start(self) -> None:
        self._last_words = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process is forgotten
        read_in, write_in = os.pipe()
        read_out, write_out = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                os.close(write_in)
                os.close(read_out)
                faulthandler.enable(self._last_words)
                _serve(os.fdopen(read_in, "rb"), os.fdopen(write_out, "wb"), self.cpu_limit)
            finally:
                os._exit(70)
        os.close(read_in)
        os.close(write_out)
        self._pid, self._to, self._from = pid, os.fdopen(write_in, "wb"), os.fdopen(read_out, "rb")

    def _receive(self) -> tuple[Outcome, float] | None:
        """The outcome and its processor seconds; `None` if the process ended, which closes its pipe."""
        head = self._from.read(8)
        if len(head) < 8:
            return None
        answer: tuple[Outcome, float] = pickle.loads(self._from.read(struct.unpack("<Q", head)[0]))
        return answer

    def _ended(self) -> str:
        """How the process ended. Kills the processes that it started."""
        _, status = os.waitpid(self._pid, 0)
        self._kill()
        where = self._where()
        self._forget()
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            if number == signal.SIGXCPU:
                return f"hang: works for more than {self.cpu_limit} s"
            return f"died of {signal.Signals(number).name}{where}"
        return f"left with exit code {os.WEXITSTATUS(status)}"

    def _where(self) -> str:
        """What the process was doing when it died, if it could still report that."""
        self._last_words.seek(0)
        frames = _FRAME.findall(self._last_words.read().decode("utf-8", "replace"))
        return f" at {':'.join(frames[0])}" if frames else ""

    def _kill(self) -> None:
        """Kills the process and everything that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)


def _serve(source: BinaryIO, sink: BinaryIO, cpu_limit: int) -> None:
    """Runs in the process: reads an input, sends its outcome, and repeats."""
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    while True:
        head = source.read(8)
        if len(head) < 8:
            os._exit(0)
        one: Input = pickle.loads(source.read(struct.unpack("<Q", head)[0]))
        before = time.process_time()
        resource.setrlimit(resource.RLIMIT_CPU, (int(before) + 1 + cpu_limit, hard))
        outcome = run(one)
        _send(sink, (outcome, time.process_time() - before))


def _send(sink: BinaryIO, value: object) -> None:
    data = pickle.dumps(value)
    sink.write(struct.pack("<Q", len(data)) + data)
    sink.flush()
