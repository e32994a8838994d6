"""Runs one input in this process and finds faults in its outcome.

In: an input. Out: an `Outcome` (exit code and both streams as bytes), and its faults. `worker.py` handles whatever
ends the process itself, such as a time limit.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

from policyc.cli.main import main

from .inputs import Input

#: A line of a traceback inside policyc: module and function, without the line number.
_FRAME = re.compile(r'File "[^"]*/(?:policyc|dsl|solver)/([\w/]+)\.py", line \d+, in (\S+)')
_DEFECT = re.compile(r"defect in policyc itself|程序自身有缺陷")
#: Words about Python and solvers, which authors should not see; only `export` is for solvers.
_FOREIGN = re.compile(r"NoneType|object has no attribute|\bZ3\b|\bz3\b|Python|<class |KeyError|ValueError|dataclass")
#: Characters that act on a terminal or reorder text; only a line feed may stand as it is.
_RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_COLOUR = re.compile("\x1b\\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Outcome:
    code: int
    stdout: bytes
    stderr: bytes


def run(one: Input) -> Outcome:
    """Runs the command in a new working folder."""
    before = sys.stdin, sys.stdout, sys.stderr, Path.cwd(), dict(os.environ)
    out, err = io.BytesIO(), io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        try:
            one.place(Path(folder))
            os.chdir(folder)
            os.environ |= {
                "POLICYC_DEBUG": "1",
                "POLICYC_CACHE": os.path.join(folder, ".cache"),
                "COLUMNS": "100",
            }
            sys.stdin = io.TextIOWrapper(io.BytesIO(one.stdin.encode("utf-8", "surrogateescape")), "utf-8")
            sys.stdout, sys.stderr = (io.TextIOWrapper(stream, "utf-8") for stream in (out, err))
            code = _exit_code(one.words)
            sys.stdout.flush()
            sys.stderr.flush()
            return Outcome(code, out.getvalue(), err.getvalue())
        finally:
            sys.stdin, sys.stdout, sys.stderr, folder_before, environment = before
            os.chdir(folder_before)
            os.environ.clear()
            os.environ.update(environment)


def _exit_code(words: tuple[str, ...]) -> int:
    try:
        main(list(words))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0


def faults(one: Input, outcome: Outcome) -> list[str]:
    """The faults, each in words that are the same for the same kind of fault."""
    return list(_faults(one, outcome))


def _faults(one: Input, outcome: Outcome) -> Iterator[str]:
    texts = [stream.decode("utf-8", "replace") for stream in (outcome.stdout, outcome.stderr)]
    if outcome.code not in (0, 1, 2, 3):
        yield f"exit code {outcome.code}"
    for text in texts:
        if "Traceback" in text or _DEFECT.search(text):
            yield _signature(text)
            return
    if b"\xef\xbf\xbd" not in outcome.stdout and "\ufffd" in texts[0]:
        yield "output is not UTF-8"
    if outcome.code == 2 and not texts[1].strip():
        yield "exit code 2 without a word"
    foreign = _FOREIGN.search(texts[0] + texts[1])
    if (
        foreign
        and "export" not in one.words
        and not any(foreign[0] in text for text in (*one.words, *one.files.values()))
    ):
        yield f"speaks of {foreign[0]}"
    yield from _form(one, outcome, texts)


def _form(one: Input, outcome: Outcome, texts: list[str]) -> Iterator[str]:
    """The faults in the form of the output."""
    forms = [value for option, value in pairwise(one.words) if option == "--format"]
    form = forms[-1] if forms and not {"--help", "--version"} & set(one.words) else "text"
    if form == "json" and outcome.code != 2 and outcome.stdout:
        try:
            json.loads(texts[0], parse_constant=_no_number)
        except ValueError:
            yield "output is not JSON"
    if form == "junit" and outcome.code != 2 and outcome.stdout:
        try:
            ElementTree.fromstring(outcome.stdout)
        except ElementTree.ParseError:
            yield "output is not XML"
    for text, stream in zip(texts, ("standard output", "standard error"), strict=True):
        raw = _RAW.search(_COLOUR.sub("", text))
        if raw and not (form == "csv" and raw[0] == "\r"):
            yield f"U+{ord(raw[0]):04X} as it is on {stream} ({form})"


def _no_number(word: str) -> object:
    raise ValueError(word)


def _signature(text: str) -> str:
    """The kind of an exception and where in policyc it happened."""
    frames = _FRAME.findall(text)
    place = ":".join(frames[-1]) if frames else "?"
    kinds = re.findall(
        r"^([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt|Warning|_Fork|[A-Z]\w+))\b", text, re.MULTILINE
    )
    last = kinds[-1].rpartition(".")[2] if kinds else "defect"
    # The place where two meanings differ, or where the stack ends, does not show the cause.
    return last if last in ("ReplayFailed", "RecursionError") else f"{last} at {place}"
