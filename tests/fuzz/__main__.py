"""`python -m tests.fuzz`: makes and runs inputs for some seconds, and keeps those that show a fault.

The same seed makes the same inputs in the same order. Each kind of fault is reported once, immediately, and counted at
the end. An input of each kind is minimised and kept in `tests/fuzz/corpus` (or another folder), where
`tests/process/input/test_fuzz.py` runs it again; faults already there count as known. Exit code 1 if there are others.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from policyc.dsl.syntax.parse import grammar

from .inputs import CORPUS, Input, Kept, corpus
from .makers import MAKERS, Maker
from .minimise import minimised
from .worker import Worker

#: Seconds for minimising one input.
MINIMISING = 20


def main(words: list[str]) -> int:
    arguments = _arguments(words)

    grammar()
    if arguments.renew:
        return renew()
    known = {kept.fault for kept in corpus() if kept.known}
    maker, worker = Maker(arguments.seed, arguments.kinds), Worker()
    runs: Counter[str] = Counter()
    found: Counter[str] = Counter()
    codes: Counter[int | None] = Counter()
    slowest = (0.0, "")
    until = time.monotonic() + arguments.seconds
    while time.monotonic() < until:
        one = maker.input()
        result = worker.run(one)
        runs[one.kind] += 1
        codes[result.outcome.code if result.outcome else None] += 1
        slowest = max(slowest, (round(result.seconds, 1), one.kind))
        for fault in result.faults:
            found[fault] += 1
            if found[fault] == 1 and fault not in known:
                _keep(one, fault, worker, arguments, until)
    worker.close()
    _summary(runs, codes, found, known, slowest)
    return 1 if found.keys() - known else 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", default="1")
    kinds = [maker.__name__ for maker in MAKERS]
    parser.add_argument("--kinds", nargs="+", choices=kinds, default=kinds, metavar="KIND", help=", ".join(kinds))
    parser.add_argument("--corpus", type=Path, default=CORPUS, metavar="FOLDER", help="where to keep what is found")
    parser.add_argument("--whole", action="store_true", help="keep inputs as they are, none made smaller")
    parser.add_argument("--renew", action="store_true", help="only take the mark from what is mended")
    return parser.parse_args(words)


def renew() -> int:
    """Runs the known inputs again, and marks those without a fault as fixed."""
    worker = Worker()
    for kept in corpus():
        if kept.known:
            faults = worker.run(kept.input).faults
            if not faults:
                replace(kept, known="").write()
            print(f"{kept.file.name}: {', '.join(faults) or 'mended'}", flush=True)
    worker.close()
    return 0


def _keep(one: Input, fault: str, worker: Worker, arguments: argparse.Namespace, until: float) -> None:
    """Minimises the input and writes it to the corpus."""

    def shows(tried: Input) -> bool:
        return fault in worker.run(tried).faults

    if not arguments.whole and not fault.startswith(("hang", "died")):
        one = minimised(one, shows, min(MINIMISING, max(5.0, until - time.monotonic())))
    file = Kept(one, fault).write(arguments.corpus)
    print(f"{fault}: {file.name}", file.read_text("utf-8"), sep="\n", flush=True)


def _summary(
    runs: Counter[str],
    codes: Counter[int | None],
    found: Counter[str],
    known: set[str],
    slowest: tuple[float, str],
) -> None:
    print("inputs by kind: " + ", ".join(f"{kind} {count}" for kind, count in sorted(runs.items())))
    print("exit codes: " + ", ".join(f"{code} {count}" for code, count in sorted(codes.items(), key=str)))
    print(f"slowest: {slowest[0]} s ({slowest[1]})")
    for fault, count in sorted(found.items()):
        print(f"{'known' if fault in known else 'FAULT'}: {fault}: {count}")
    new = sum(count for fault, count in found.items() if fault not in known)
    print(f"fuzzing: {runs.total()} inputs, {new} faults, {found.total() - new} known")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
