"""The report of `test` as text for people.

In: the outcomes of tests and their coverage. Out: each test that did not pass, with the reason; a summary; on request,
what the tests do not cover. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policyc.dsl.diagnostics.diagnostic import text
from policyc.dsl.diagnostics.source import Span
from policyc.solver.report.reports import Coverage, CoveredRule, TestOutcome, TestReport

from .terminal import visible, width
from .text import Manner, diagnostic_rows

_ROLES = {"passed": "good", "failed": "error", "impossible": "error", "undecided": "warning"}


def render_tests(report: TestReport, files: int, manner: Manner) -> str:
    """The whole report; `files` is how many were read."""
    blocks = ["\n".join(block) for block in _outcomes(report, manner)]
    blocks.append(_summary(report, files, manner))
    if report.coverage is not None:
        blocks.append("\n".join(coverage_lines(report.coverage, manner)))
    return "\n\n".join(blocks) + "\n"


# --- Tests -------------------------------------------------------------------------------------------------


def _outcomes(report: TestReport, manner: Manner) -> Iterator[list[str]]:
    """The tests that did not pass, each with its reason; with `-v` also the others, one line each."""
    passed: list[str] = []
    for test in report.tests:
        if test.finding is None:
            passed += [_line(test, manner)] if manner.verbose else []
            continue
        if passed:
            yield passed
            passed = []
        yield [_line(test, manner), *diagnostic_rows(test.finding, manner)]
    if passed:
        yield passed


def _line(test: TestOutcome, manner: Manner) -> str:
    status = manner.palette.paint(manner.words(f"test.{test.status}"), _ROLES[test.status])
    return status + manner.words("test.line", name=test.name, place=_place(test.span))


def _place(span: Span) -> str:
    return f"{span.file.path}:{span.file.position(span.start)[0]}"


def _summary(report: TestReport, files: int, manner: Manner) -> str:
    if not report.tests:
        return manner.words("test.none", files=manner.count("check.files", files))
    counts = {status: report.count(status) for status in _ROLES}
    numbers = tuple(text(f"test.n_{status}", n=n) for status, n in counts.items() if n or status == "passed")
    role = next(_ROLES[status] for status in ("failed", "impossible", "undecided", "passed") if counts[status])
    tests = manner.count("test.tests", len(report.tests))
    return manner.palette.paint(manner.words("test.summary", tests=tests, counts=numbers), role)


# --- Coverage ----------------------------------------------------------------------------------------------


def coverage_lines(coverage: Coverage, manner: Manner) -> Iterator[str]:
    """The share of rules exercised, by file and policy, and those that are not."""
    if not coverage.rules:
        yield manner.words("test.no_rules")
        return
    heading = manner.words("test.coverage", share=_share(coverage.rules, manner), percent=_percent(coverage.rules))
    yield manner.palette.paint(heading, "strong")
    yield from _shares(coverage, manner)
    if coverage.missing:
        yield ""
        yield manner.palette.paint(manner.words("test.missing"), "strong")
        yield from _table(
            (_place(rule.span), manner.words(f"test.kind_{rule.kind}"), rule.name) for rule in coverage.missing
        )


def _shares(coverage: Coverage, manner: Manner) -> Iterator[str]:
    """A row for each file, followed by one for each of its policies if it has several."""
    rows = []
    for path, policies in coverage.by_file().items():
        whole = [rule for rules in policies.values() for rule in rules]
        rows.append((f"{_percent(whole):>3}%", path, _share(whole, manner)))
        if len(policies) > 1:
            rows += [
                (f"{_percent(rules):>3}%", f"  {policy}", _share(rules, manner)) for policy, rules in policies.items()
            ]
    yield from _table(rows)


def _share(rules: Sequence[CoveredRule], manner: Manner) -> str:
    return manner.words("test.share", n=sum(rule.exercised for rule in rules), all=len(rules))


def _percent(rules: Sequence[CoveredRule]) -> int:
    """In whole percent, rounded down, so that only all of them are 100."""
    return 100 * sum(rule.exercised for rule in rules) // len(rules)


def _table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Columns side by side, each as wide as its widest entry."""
    shown = [[visible(entry) for entry in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        padded = [entry + " " * (room - width(entry)) for entry, room in zip(row, widths, strict=True)]
        yield "  " + "  ".join(padded).rstrip()
