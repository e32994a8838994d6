"""Encodes a report of `check` as text and decodes it: decoding yields an equal value.

In: a report, or its text. Out: the other. The text includes the looks of `dsl/system/disk.py`; if the disk looks
different now, or this module did not write the text, decoding yields `None`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

from policyc.dsl.binding.wording.spoken import SpokenNames
from policyc.dsl.diagnostics import diagnostic
from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.dsl.load import display_path
from policyc.dsl.system.disk import Disk, Kind, Look
from policyc.solver.report.reports import CheckReport, Proof, ProofKind

#: The types that a report consists of.
_PARTS: Mapping[str, type] = {
    part.__name__: part
    for part in (
        CheckReport,
        Proof,
        diagnostic.Cite,
        diagnostic.DateSpan,
        diagnostic.Diagnostic,
        diagnostic.Finding,
        diagnostic.Label,
        diagnostic.Repair,
        diagnostic.Text,
    )
}


def encode(report: CheckReport, names: SpokenNames, looks: Sequence[Look]) -> str | None:
    """A report as text, with the names for people and the looks it depends on; `None` if it contains a type that
    this module does not know."""
    writer = _ReportWriter()
    try:
        content = writer.plain(report)
    except _Foreign:
        return None
    seen = [[look.kind.value, look.name, look.found] for look in looks]
    # File names need not be valid Unicode; JSON escapes them.
    return json.dumps([seen, writer.files, asdict(names), content], separators=(",", ":"))


def decode(text: str) -> tuple[CheckReport, SpokenNames, tuple[Path, ...]] | None:
    """The report, the names for people, and its files, if nothing it depends on has changed."""
    disk = Disk()
    try:
        seen, files, names, content = json.loads(text)
        looks = [Look(Kind(kind), name, found) for kind, name, found in seen]
        if not disk.shows(looks):
            return None
        read = [Path(look.name) for look in looks if look.kind is Kind.TEXT]
        by_name = {display_path(path): path for path in read}
        sources = [SourceFile(name, _content(disk, by_name.get(name))) for name in files]
        report = _ReportReader(sources).value(content)
        spoken = SpokenNames(**{**names, "decisions": tuple(names["decisions"])})
    except (ValueError, TypeError, KeyError, IndexError):
        return None
    return (report, spoken, tuple(read)) if isinstance(report, CheckReport) else None


def _content(disk: Disk, path: Path | None) -> str:
    """The content of a file that was just compared."""
    text = "" if path is None else disk.text(path)
    return text if isinstance(text, str) else ""


class _Foreign(Exception):
    """A value that cannot be part of a report."""


class _ReportWriter:
    def __init__(self) -> None:
        self.files: list[str] = []

    def plain(self, value: object) -> Any:
        match value:
            case diagnostic.Severity():
                return {"severity": value.value}
            case ProofKind():
                return {"proof": value.value}
            case None | bool() | int() | str():
                return value
            case tuple():
                return [self.plain(item) for item in value]
            case diagnostic.Code(id=id_):
                return {"code": id_}
            case Span(file=file, start=start, end=end):
                return {"span": [self._file(file), start, end]}
            case _ if is_dataclass(value) and _PARTS.get(type(value).__name__) is type(value):
                return {type(value).__name__: [self.plain(getattr(value, f.name)) for f in fields(value)]}
            case _:
                raise _Foreign

    def _file(self, file: SourceFile) -> int:
        if file.path not in self.files:
            self.files.append(file.path)
        return self.files.index(file.path)


class _ReportReader:
    def __init__(self, files: list[SourceFile]) -> None:
        self._files = files

    def value(self, plain: Any) -> Any:
        match plain:
            case list():
                return tuple(self.value(item) for item in plain)
            case {"severity": word}:
                return diagnostic.Severity(word)
            case {"proof": word}:
                return ProofKind(word)
            case {"code": id_}:
                return diagnostic.CODES[id_]
            case {"span": [place, start, end]}:
                return Span(self._files[place], start, end)
            case dict():
                ((name, values),) = plain.items()
                return _PARTS[name](*(self.value(item) for item in values))
            case _:
                return plain
