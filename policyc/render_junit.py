"""Reports as JUnit's XML, which every CI service shows.

In: the outcomes of tests, or the errors that keep tests from being run. Out: XML ending in a newline. It
holds no times, so that the same outcomes give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree

from policyc.dsl.diagnostic import Diagnostic
from policyc.dsl.source import Span
from policyc.solver.answers import TestReport

from .cells import visible
from .palette import Palette
from .render_text import WIDTH, Manner, diagnostic_rows

#: What a finding of this code is to JUnit: the test fails, or it could not be run.
_ELEMENTS = {"PC502": "failure", "PC503": "failure"}


def test_junit(report: TestReport, manner: Manner) -> str:
    """A suite for each file, a case for each test."""
    return _document([(test.name, test.span, test.finding) for test in report.tests], manner)


def errors_junit(errors: Iterable[Diagnostic], manner: Manner) -> str:
    """A suite for each file, a case for each error; one without a place belongs to the suite `policyc`."""
    cases = []
    for error in errors:
        span = None if error.primary is None else error.primary.span
        cases.append((f"{error.code.id} {error.code.name}", span, error))
    return _document(cases, manner)


_Case = tuple[str, Span | None, Diagnostic | None]


def _document(cases: Iterable[_Case], manner: Manner) -> str:
    manner = replace(manner, palette=Palette(), width=WIDTH)
    root = ElementTree.Element("testsuites", name="policyc")
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault("policyc" if case[1] is None else case[1].file.path, []).append(case)
    for path, members in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", {"name": visible(path), **_counts(members)})
        for case in members:
            _add(suite, path, case, manner)
    root.attrib.update(_counts([case for members in suites.values() for case in members]))
    ElementTree.indent(root)
    xml = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _counts(cases: Iterable[_Case]) -> dict[str, str]:
    kinds = [_element(finding) for _, _, finding in cases]
    counts = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    return {name: str(number) for name, number in counts.items()}


def _element(finding: Diagnostic | None) -> str:
    return "" if finding is None else _ELEMENTS.get(finding.code.id, "error")


def _add(suite: ElementTree.Element, path: str, case: _Case, manner: Manner) -> None:
    name, span, finding = case
    added = ElementTree.SubElement(suite, "testcase", name=visible(name), classname=visible(path))
    if span is not None:
        added.set("file", visible(path))
        added.set("line", str(span.file.position(span.start)[0]))
    if finding is not None:
        told = ElementTree.SubElement(
            added, _element(finding), type=finding.code.id, message=manner.say(finding.message)
        )
        told.text = "\n".join(diagnostic_rows(finding, manner))
