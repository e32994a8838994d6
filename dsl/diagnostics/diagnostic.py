"""Diagnostics as data: structured values, independent of layout and language.

A `Diagnostic` is a code, a headline, one primary place, secondary places, notes and one line of help. Its
words are `Text`s: keys of the message catalogue with arguments, put into English or Chinese only when shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """A diagnostic code of the public contract, with its name and usual severity."""

    id: str
    name: str
    severity: Severity


def _codes(severity: Severity, **names: str) -> dict[str, Code]:
    return {id_: Code(id_, name, severity) for id_, name in names.items()}


CODES: dict[str, Code] = dict(
    sorted(
        {
            **_codes(
                Severity.ERROR,
                PC001="syntax-error",
                PC002="unreadable-file",
                PC101="unknown-name",
                PC102="duplicate-name",
                PC103="type-mismatch",
                PC104="non-linear",
                PC105="impossible-value",
                PC106="cyclic-definition",
                PC108="stale-acknowledgement",
                PC301="conflicting-norms",
                PC303="conflicting-values",
                PC305="nullified-permission",
                PC306="mandate-unmet",
                PC501="assertion-refuted",
                PC502="test-failed",
                PC503="impossible-given",
                PC504="axioms-contradict",
                PC901="undecided",
            ),
            **_codes(
                Severity.WARNING,
                PC003="confusable-characters",
                PC107="unused-name",
                PC201="missing-citation",
                PC202="uncited-clause",
                PC203="source-later-than-rule",
                PC304="sides-disagree",
                PC308="self-contradiction",
                PC309="loses-unranked",
                PC401="never-applies",
                PC402="no-effect",
                PC403="silent-case",
                PC404="temporal-gap",
                PC405="undetermined-value",
                PC406="table-gap",
                PC407="masked-row",
            ),
            **_codes(Severity.NOTE, PC302="settled-conflict", PC307="mandate-narrowed", PC408="overlapping-rows"),
        }.items()
    )
)

#: What could not be decided.
UNDECIDED = "PC901"


@dataclass(frozen=True, slots=True)
class Text:
    """A message of the catalogue: its key, and arguments (plain strings, numbers, or further `Text`s)."""

    key: str
    args: tuple[tuple[str, Word], ...] = ()


Word = str | int | Text | tuple["Word", ...]


def text(key: str, **args: Word) -> Text:
    return Text(key, tuple(sorted(args.items())))


def quoted(names: Iterable[str]) -> tuple[Text, ...]:
    """Names in backquotes, to be listed in a message."""
    return tuple(text("PC101.name", name=name) for name in names)


@dataclass(frozen=True, slots=True)
class Label:
    """A place and, unless the headline says it all, what to see there."""

    span: Span
    message: Text | None = None


@dataclass(frozen=True, slots=True)
class Cite:
    """A citation made by a rule: names of the source and clause, and the clause's own text."""

    rule: str
    source: str
    clause: str
    text: str


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Days `first` to `last`, ISO text, inclusive; `None` where the dates of the vocabulary end."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Repair:
    """A single edit that ends a finding and causes no other of its kind."""

    #: `exception-to`, `cell`, `narrow`, `until`, `from`, `default` or `drop`.
    edit: str
    rule: str
    #: The new modifier, or the new cell; for `drop`, the statement to remove.
    text: str
    #: Of a cell, the heading of its column.
    column: str | None = None
    #: The rules that lose their effect by it, and the decisions and parameters that it leaves open in cases in which
    #: they were not; `None` if that was not worked out.
    idle: tuple[str, ...] | None = None
    open: tuple[str, ...] | None = None

    @property
    def standing(self) -> tuple[bool, bool, bool]:
        """A sort key: edits that leave nothing behind come first, and those that keep every rule before others."""
        leaves = bool(self.idle) or bool(self.open)
        return leaves, self.idle is None or self.open is None, self.edit == "drop"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the solver adds to a diagnostic; the fields of the JSON contract."""

    decision: str | None = None
    side: str | None = None
    rules: tuple[str, ...] = ()
    settled_by: str | None = None
    cites: tuple[Cite, ...] = ()
    #: An inclusion-minimal part of a case that shows the finding, in the text form of `--set`.
    witness: tuple[tuple[str, str], ...] | None = None
    #: If several were asked for: all that exist, `witness` first. All have the same verdicts.
    witnesses: tuple[tuple[tuple[str, str], ...], ...] = ()
    verdicts: tuple[tuple[str, str], ...] = ()
    #: Where and when it occurs, completely; `None` if that was not worked out.
    regions: tuple[str, ...] | None = ()
    dates: tuple[DateSpan, ...] | None = ()
    #: Edits proved to end the finding; `None` if none were looked for.
    repairs: tuple[Repair, ...] | None = None
    #: Of a table with gaps: each gap by its columns, and the values of each column as text; `None` if that was not
    #: worked out. `()` elsewhere.
    gaps: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] | None = ()
    #: The witness in a sentence.
    story: Text | None = None
    #: Searches that ran out of time: `witness` (a plainer case may exist), `facts` (fewer facts may be enough),
    #: `extent` (where and when it occurs), `gaps` (all gaps of a table), `repairs` (there may be more).
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    code: Code
    message: Text
    primary: Label | None
    secondary: tuple[Label, ...] = ()
    notes: tuple[Text, ...] = ()
    help: Text | None = None
    finding: Finding = field(default=Finding())
    severity: Severity | None = None
    #: The reason of the `acknowledge` that covers this finding.
    acknowledged: str | None = None

    @property
    def level(self) -> Severity:
        """The severity reported: its own if it has one, else that of its code."""
        return self.severity or self.code.severity

    def sort_key(self) -> tuple[str, int, str, tuple[str, ...], int]:
        place = self.primary.span if self.primary else None
        path, line = (place.file.path, place.file.position(place.start)[0]) if place else ("", 0)
        return path, line, self.code.id, self.finding.rules, place.start if place else 0


#: How many mistakes of one kind in one file are reported one by one.
MOST_REPEATED = 100


def abridged(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics in order; repetitions of one mistake in one file are counted after the first `MOST_REPEATED`.

    Warnings about rules are all kept, since each may be acknowledged."""
    counts: dict[tuple[str, str], int] = {}
    kept: list[Diagnostic] = []
    following: dict[tuple[str, str], int] = {}
    for diagnostic in diagnostics:
        if diagnostic.primary is None or not (diagnostic.level is Severity.ERROR or diagnostic.code.id == "PC003"):
            kept.append(diagnostic)
            continue
        key = diagnostic.code.id, diagnostic.primary.span.file.path
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= MOST_REPEATED:
            kept.append(diagnostic)
        elif counts[key] == MOST_REPEATED + 1:
            following[key] = len(kept)
            kept.append(diagnostic)
    for key, place in following.items():
        message = text("diagnostic.more", count=counts[key] - MOST_REPEATED)
        kept[place] = replace(kept[place], message=message, secondary=(), notes=(), help=text("diagnostic.more-help"))
    return kept


def report(
    code: str,
    message: Text,
    span: Span | None,
    *,
    label: Text | None = None,
    secondary: tuple[Label, ...] = (),
    notes: tuple[Text, ...] = (),
    help: Text | None = None,
) -> Diagnostic:
    """A diagnostic at one place; `code` is an id."""
    primary = None if span is None else Label(span, label)
    return Diagnostic(CODES[code], message, primary, secondary, notes, help)
