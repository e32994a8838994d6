"""How the work grows with the length of chains: function calls (counted, not timed) of `check`, `ask` and `test`.

    python benchmarks/growth.py [SECONDS]          the table; "—" for anything that takes longer
    PYTHONPATH=/another/checkout python benchmarks/growth.py     the same for another version of policyc
    python benchmarks/growth.py COMMAND KIND SIZE  the calls of one command

`tests/process/work/test_growth.py` requires that they grow at most quadratically.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

SIZES = (10, 20, 40, 60)
COMMANDS = ("check", "ask", "test")

_VOCABULARY = """region 100000 "国"
region 110000 "京" in 100000
region 130000 "冀" in 100000
record payer { fact region: region usual 110000  fact links: int 0..100 usual 1 }
fact filed: boolean arrangeable usual true
fact date: date 2021-04-22..2030-12-31
decision pay governed by payer.region as paying
source s { clause c "x" }
"""
_TEST = 'test "usual" { given usual, date = 2024-01-01  expect not pay is conflicting }\n'


def _policy(*statements: str) -> str:
    return "\n".join(["policy p for 100000 {", *(f"  {line} cite s.c" for line in statements), "}", ""])


def _chain(size: int) -> str:
    """Each definition reads the one before it."""
    defines = [f"define d{i + 1} = d{i} + 1" for i in range(size)]
    return "\n".join(["define d0 = payer.links", *defines, _policy(f"permit pay a when d{size} > {size + 5}")])


def _diamonds(size: int) -> str:
    """Each definition reads the one before it twice."""
    defines = [f"define y{i + 1} = y{i} and (filed or y{i})" for i in range(size)]
    return "\n".join(["define y0 = payer.links > 5", *defines, _policy(f"permit pay a when y{size}")])


def _settings(size: int) -> str:
    """The settings of each parameter read the one before it."""
    parameters = [f"parameter q{i}: int 0..9" for i in range(size)]
    settings = ["set q0 = 1 when filed", "set q0 = 2 when not filed"]
    for i in range(1, size):
        settings += [f"set q{i} = {value} when payer.region.q{i - 1} is {value}" for value in (1, 2)]
    return "\n".join([*parameters, _policy(*settings, f"permit pay a when payer.region.q{size - 1} is 1")])


def _decisions(size: int) -> str:
    """Each decision asks for the one before it."""
    decisions = [f"decision e{i} governed by payer.region as x{i}" for i in range(size)]
    permits = [f"permit e{i} a{i} when e{i - 1} is permitted" for i in range(1, size)]
    return "\n".join(
        [
            *decisions,
            _policy("permit e0 a0 when filed", *permits, f"permit pay a when e{size - 1} is permitted"),
        ]
    )


def _exceptions(size: int) -> str:
    """Each norm is an exception to the one before it."""
    norms = ["permit pay a0"]
    for i in range(1, size):
        effect = "forbid" if i % 2 else "permit"
        norms.append(f"{effect} pay a{i} when payer.links > {i} exception to a{i - 1}")
    return _policy(*norms)


def _requirements(size: int) -> str:
    return _policy("permit pay a", *(f"require pay r{i}: payer.links is not {i + 10}" for i in range(size)))


def _table(size: int) -> str:
    rows = "\n".join(f"    | {i} | => | {i % 7} |" for i in range(size))
    table = f"  table t cite s.c {{\n    | payer.links | => | q |\n{rows}\n  }}"
    permit = "  permit pay a when payer.region.q > 3 cite s.c"
    return f"parameter q: int 0..9\npolicy p for 100000 {{\n{table}\n{permit}\n}}\n"


def _contested(size: int) -> str:
    """A sum of parameters; each has two values, and no rule prefers either."""
    parameters = [f"parameter q{i}: int 0..9" for i in range(size)]
    settings = [f"set q{i} = {value}" for i in range(size) for value in (1, 2)]
    total = " + ".join(f"payer.region.q{i}" for i in range(size))
    return "\n".join([*parameters, _policy(*settings, f"permit pay a when {total} > payer.links")])


KINDS: dict[str, Callable[[int], str]] = {
    "chain": _chain,
    "diamonds": _diamonds,
    "settings": _settings,
    "decisions": _decisions,
    "exceptions": _exceptions,
    "requirements": _requirements,
    "table": _table,
    "contested": _contested,
}


def text(kind: str, size: int) -> str:
    """A set of one kind and size."""
    return f"{_VOCABULARY}{KINDS[kind](size)}{_TEST}"


def calls(command: str, kind: str, size: int) -> int:
    """The number of calls of policyc's functions by a command."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.policy"
        path.write_text(text(kind, size), "utf-8")
        words = {
            "check": ["check", "--no-cache", str(path)],
            "ask": ["ask", "pay", "-p", str(path), "--on", "2024-01-01"],
            "test": ["test", str(path)],
        }[command]
        with _counted() as counted:
            _run(words)
        return counted[0]


def _run(words: list[str]) -> None:
    import policyc.cli.main

    before = sys.argv
    sys.argv = ["policyc", *words]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
            policyc.cli.main.main()
    except SystemExit as done:
        if done.code not in (None, 0, 1, 3):
            raise AssertionError(errors.getvalue()) from None
    finally:
        sys.argv = before


@contextlib.contextmanager
def _counted() -> Iterator[list[int]]:
    """Counts the calls of functions of policyc."""
    counted = [0]
    folders = ("/dsl/", "/solver/", "/policyc/")

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and any(folder in frame.f_code.co_filename for folder in folders):
            counted[0] += 1

    sys.setprofile(profile)
    try:
        yield counted
    finally:
        sys.setprofile(None)


def _measured(command: str, kind: str, size: int, seconds: float) -> str:
    """The calls in thousands, counted in a separate process."""
    try:
        done = subprocess.run(
            [sys.executable, __file__, command, kind, str(size)],
            env={**os.environ, "POLICYC_LANG": "en"},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "—"
    return f"{int(done.stdout) / 1000:.0f}" if done.returncode == 0 else "defect"


def main() -> None:
    match sys.argv[1:]:
        case [command, kind, size]:
            print(calls(command, kind, int(size)))
        case words:
            seconds = float(words[0]) if words else 60.0
            print(f"| thousand calls | {' | '.join(map(str, SIZES))} |")
            print("|---" * (len(SIZES) + 1) + "|")
            for kind in KINDS:
                for command in COMMANDS:
                    found = [_measured(command, kind, size, seconds) for size in SIZES]
                    print(f"| {kind}, `{command}` | {' | '.join(found)} |", flush=True)


if __name__ == "__main__":
    main()
