"""Reports as JUnit XML, which every CI service shows.

In: the outcomes of tests and their coverage, or the errors that prevent the tests. Out: XML ending in a newline, with
the elements and attributes of the schema that CI services follow (Jenkins' junit-10). It has no times, so that the same
outcomes give the same bytes. Services identify a test by file and name, so all cases of a suite have different,
non-empty names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, count
from xml.etree import ElementTree

from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.diagnostics.source import Span
from policyc.solver.report.reports import Coverage, TestReport

from .terminal import Palette, visible
from .tests import coverage_lines
from .text import WIDTH, Manner, diagnostic_rows

#: The JUnit elements of findings that are not errors of the set: the test failed, or could not be run.
_ELEMENTS = {"PC502": "failure", "PC503": "failure"}
#: Characters that XML cannot represent, even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: The suite of errors without a file.
_OWN = "policyc"


def test_junit(report: TestReport, manner: Manner) -> str:
    """A suite for each file, a case for each test; coverage, if requested, has a suite of its own."""
    return _document([(test.name, test.span, test.finding) for test in report.tests], manner, report.coverage)


def errors_junit(errors: Iterable[Diagnostic], manner: Manner) -> str:
    """A suite for each file, a case for each error; an error without a place belongs to the suite `policyc`."""
    cases = []
    for error in errors:
        span = None if error.primary is None else error.primary.span
        cases.append((f"{error.code.id} {error.code.name}", span, error))
    return _document(cases, manner)


_Case = tuple[str, Span | None, Diagnostic | None]


def _document(cases: Iterable[_Case], manner: Manner, coverage: Coverage | None = None) -> str:
    manner = replace(manner, palette=Palette(), width=WIDTH)
    root = ElementTree.Element("testsuites", name=_OWN)
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault(_OWN if case[1] is None else case[1].file.path, []).append(case)
    for path, members in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", {"name": path, **_counts(members)})
        for case, name in zip(members, _names([visible(name) for name, _, _ in members], manner), strict=True):
            _add(suite, path, name, case[2], manner)
    root.attrib.update(_counts([case for members in suites.values() for case in members]))
    if coverage is not None:
        _add_coverage(root, coverage, manner)
    ElementTree.indent(root)
    for element in root.iter():
        element.text = element.text and _shown(element.text)
        element.attrib = {name: visible(_shown(value)) for name, value in element.attrib.items()}
    xml = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'


def _shown(words: str) -> str:
    return _NO_XML.sub(lambda match: f"<U+{ord(match[0]):04X}>", words)


def _names(names: Sequence[str], manner: Manner) -> list[str]:
    """Distinct names for cases: a repeated name gets a number."""
    given = set(names)
    found: dict[str, None] = {}
    for written in names:
        plain = written if written.strip() else manner.words("test.unnamed")
        numbered = (f"{plain} ({number})" for number in count(2))
        taken = found if plain not in found else given | found.keys()
        found[next(name for name in chain((plain,), numbered) if name not in taken)] = None
    return list(found)


def _counts(cases: Iterable[_Case]) -> dict[str, str]:
    kinds = [_element(finding) for _, _, finding in cases]
    counts = {"tests": len(kinds), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    return {name: str(number) for name, number in counts.items()}


def _element(finding: Diagnostic | None) -> str:
    return "" if finding is None else _ELEMENTS.get(finding.code.id, "error")


def _add(suite: ElementTree.Element, path: str, name: str, finding: Diagnostic | None, manner: Manner) -> None:
    added = ElementTree.SubElement(suite, "testcase", name=name, classname=path)
    if finding is not None:
        shown = ElementTree.SubElement(
            added, _element(finding), type=finding.code.id, message=manner.say(finding.message)
        )
        shown.text = "\n".join(diagnostic_rows(finding, manner))


def _add_coverage(root: ElementTree.Element, coverage: Coverage, manner: Manner) -> None:
    """A suite without cases: the numbers as properties, for programs, and the text report."""
    suite = ElementTree.SubElement(root, "testsuite", {"name": "coverage", **_counts([])})
    properties = ElementTree.SubElement(suite, "properties")
    numbers = {"rules": len(coverage.rules), "exercised": coverage.exercised}
    for name, number in numbers.items():
        ElementTree.SubElement(properties, "property", name=f"coverage.{name}", value=str(number))
    for rule in coverage.missing:
        ElementTree.SubElement(properties, "property", name="coverage.missing", value=rule.name)
    shown = ElementTree.SubElement(suite, "system-out")
    shown.text = "\n".join(coverage_lines(coverage, manner))
