"""Runs with a cache, as the command makes them, and the cache file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policyc.api import load
from policyc.cache.report_cache import cached, check_and_cache
from policyc.solver.backends.z3_backend import Session
from policyc.solver.checks.options import CheckOptions
from policyc.solver.engine.cache.answers import AnswerCache
from policyc.solver.report.reports import CheckReport

TODAY = date(2026, 1, 1)


def run(folder: Path, file: Path) -> CheckReport:
    """A run with a memory, as the command makes it."""
    memory = AnswerCache(file)
    options = CheckOptions(TODAY)
    known = cached([folder], options, memory)
    found = known or check_and_cache(load(folder), [folder], options, memory)
    memory.close()
    return found.report


def is_recalled(folder: Path, file: Path) -> bool:
    return cached([folder], CheckOptions(TODAY), AnswerCache(file)) is not None


def no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the solver was asked")

    monkeypatch.setattr(Session, "check", refuse)


def comment(folder: Path) -> None:
    """Changes a file of the set without changing its meaning."""
    with (folder / "two_norms.policy").open("a", encoding="utf-8") as file:
        file.write("# 注\n")


def codes(report: CheckReport) -> set[str]:
    return {finding.code.id for finding in report.findings}
