"""Diagnostics and the report of `check` as text for people.

In: diagnostics, a language, a width. Out: text in the style of rustc: a headline, the places with their source lines,
notes, one line of help; at the end a line of summary. Writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from policyc.dsl.binding.wording.respell import respelled
from policyc.dsl.binding.wording.spoken import SpokenNames, side_key
from policyc.dsl.diagnostics.diagnostic import DateSpan, Diagnostic, Label, Repair, Severity, Text, quoted, text
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import Span
from policyc.solver.report.reports import CheckReport, Proof, ProofKind, Verified

from ..language import Language
from ..tally import Tally, tally
from . import snippet
from .terminal import Palette, visible

#: The width of source lines in cells, unless the terminal has one.
WIDTH = 100
_NARROWEST = 40

#: The most regions, spans of days or proved things that are listed; the rest is counted.
_MOST = 4
#: Messages about what an author typed, which say what to type instead: their names stay as they are.
_TYPED = ("PC0", "PC101", "PC102", "PC103", "PC104", "PC105")
#: A name in backquotes, with the blanks beside it.
_NAME = re.compile(r" ?`([^`\s]+)`(?: (?=\w))?")
_COLON = {"en": ": ", "zh": "："}


@dataclass(frozen=True, slots=True)
class Manner:
    """How to write: language, colours, the width of source lines in cells, and whether to show everything."""

    language: Language = "en"
    palette: Palette = field(default=Palette())
    width: int = WIDTH
    verbose: bool = False
    names: SpokenNames = field(default=SpokenNames())

    def say(self, message: Text) -> str:
        return visible(self.worded(message))

    def worded(self, message: Text) -> str:
        """A message in words, where what cannot be seen is as it is; in Chinese titles come before names."""
        words = render(message, self.language)
        return words if self.language == "en" or message.key.startswith(_TYPED) else _NAME.sub(self._titled, words)

    def _titled(self, quoted: re.Match[str]) -> str:
        """A name in backquotes after its title, if it has one."""
        title = self.names.titles.get(quoted[1])
        return quoted[0] if title is None else f"“{title}”（{quoted[1]}）"

    def called(self, name: str) -> str:
        """A name; in Chinese the title in its place, if there is one."""
        return name if self.language == "en" else self.names.titles.get(name, name)

    def region_name(self, code: str) -> str:
        return self.names.regions.get(code, code)

    def to_paste(self, written: str) -> str:
        """A piece of policy text as the author wrote it; for Chinese readers in Chinese, which means the same."""
        if self.language == "en":
            return written
        return respelled(written, "zh", self.names.aliases, self.names.decisions)

    def words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.say(text(key, **args))

    def count(self, key: str, number: int) -> Text:
        """`1 file`, `2 files`."""
        return text(f"{key}_one" if number == 1 else key, n=number)


def render_check(report: CheckReport, manner: Manner, others: Sequence[Diagnostic] = ()) -> str:
    """The whole report of `check`; `others` are findings elsewhere, which are only counted."""
    counts = tally(report.findings)
    shown = [finding for finding in report.findings if manner.verbose or not _left_out(finding)]
    brief = len(shown) > MANY and not manner.verbose and not report.stopped
    groups = grouped(shown) if brief else []
    rows = (
        [_brief_rows(group, manner) for group in groups] if brief else [diagnostic_rows(one, manner) for one in shown]
    )
    blocks = ["\n".join(block) for block in rows]
    closing = [*_left_out_lines(counts, others, manner), *_closing_lines(report, counts, manner)]
    if brief:
        closing.insert(0, manner.words("check.in_brief", n=len(shown), groups=len(groups)))
    return "\n\n".join([*blocks, "\n".join(closing)]) + "\n"


def render_diagnostics(diagnostics: Iterable[Diagnostic], manner: Manner) -> str:
    """Diagnostics one after the other, without a summary."""
    return "\n\n".join("\n".join(diagnostic_rows(item, manner)) for item in diagnostics) + "\n"


def _left_out(finding: Diagnostic) -> bool:
    return finding.acknowledged is not None or finding.level is Severity.NOTE


# --- Many findings -----------------------------------------------------------------------------------------

#: More findings than this are shown in brief, those that share a rule together.
MANY = 30
#: How many findings of a group are named; the rest is counted.
_NAMED = 3


def grouped(findings: Sequence[Diagnostic]) -> list[list[Diagnostic]]:
    """The findings in groups of one code and level whose findings all have a rule in common: the most frequent rule
    first, so that there are few groups. In order of the first finding of each."""
    kinds: dict[tuple[str, Severity], list[int]] = {}
    for number, finding in enumerate(findings):
        kinds.setdefault((finding.code.id, finding.level), []).append(number)
    groups: list[list[int]] = []
    for numbers in kinds.values():
        of_rule: dict[str, dict[int, None]] = {}
        for number in numbers:
            for rule in findings[number].finding.rules:
                of_rule.setdefault(rule, {})[number] = None
        groups += [[number] for number in numbers if not findings[number].finding.rules]
        while any(of_rule.values()):
            members = list(max(sorted(of_rule.items()), key=lambda item: len(item[1]))[1])
            groups.append(members)
            for number in members:
                for rule in findings[number].finding.rules:
                    of_rule[rule].pop(number, None)
    return [[findings[number] for number in group] for group in sorted(groups)]


def _brief_rows(group: Sequence[Diagnostic], manner: Manner) -> Iterator[str]:
    """A group in a few lines: the rule that its findings share, a few of the others, and an example."""
    first = group[0]
    arrow, sign = manner.palette.paint("  -->", "frame"), manner.palette.paint("   =", "frame")
    if len(group) == 1:
        yield _headline(first, manner)
        yield from (f"{arrow} {_spot(label.span)}" for label in (first.primary, *first.secondary) if label is not None)
    else:
        shared = next(rule for rule in first.finding.rules if all(rule in other.finding.rules for other in group))
        yield _headline(replace(first, message=text("check.group", rule=shared, n=len(group))), manner)
        yield f"{arrow} {_rule_spots(first)[shared]}"
        for finding in group[:_NAMED]:
            spots = [f"`{rule}` {spot}" for rule, spot in _rule_spots(finding).items() if rule != shared]
            yield f"{sign} {manner.words('check.group_with', rules=tuple(text('check.subject', name=spot) for spot in spots))}"
        if len(group) > _NAMED:
            yield f"{sign} {manner.words('check.group_more', n=len(group) - _NAMED)}"
    yield from (f"{sign} {manner.say(note)}" for note in first.notes if note.key == "finding.witness")


def _rule_spots(finding: Diagnostic) -> dict[str, str]:
    """The place of each rule of a finding; its labels are in the order of its rules."""
    labels = (finding.primary, *finding.secondary)
    return {
        rule: _spot(label.span) for rule, label in zip(finding.finding.rules, labels, strict=False) if label is not None
    }


def _spot(span: Span) -> str:
    """`a.policy:3:14`; without a line where the text is not at hand."""
    place = visible(span.file.path)
    if not span.file.text:
        return place
    line, column = span.file.position(span.start)
    return f"{place}:{line}:{column}"


# --- One diagnostic ----------------------------------------------------------------------------------------


def diagnostic_rows(diagnostic: Diagnostic, manner: Manner) -> Iterator[str]:
    """The rows of one diagnostic."""
    yield _headline(diagnostic, manner)
    role = diagnostic.level.value
    marks = _marks(diagnostic, manner)
    gutter = len(str(snippet.last_line(marks)))
    for index, group in enumerate(_by_file(marks)):
        yield _place(group, gutter, index == 0, manner)
        if group[0].span.file.text:
            room = max(manner.width - gutter - 3, _NARROWEST)
            yield from snippet.draw(group, gutter, room, manner.palette)
    notes = list(_notes(diagnostic, manner))
    if notes and marks:
        yield manner.palette.paint(" " * gutter + " |", "frame")
    for key, words in notes:
        sign = manner.palette.paint(" " * gutter + " =", "frame")
        label = manner.palette.paint(manner.words(key), "note" if role == "note" else "strong")
        yield f"{sign} {label}{_COLON[manner.language]}{words}"


def _notes(diagnostic: Diagnostic, manner: Manner) -> Iterator[tuple[str, str]]:
    """The remarks below the places, each with its kind."""
    finding = diagnostic.finding
    for note in diagnostic.notes:
        yield "check.remark", manner.say(note)
    if finding.regions:
        yield "check.regions", manner.say(_some([manner.region_name(code) for code in finding.regions]))
    days = [span for span in finding.dates or () if span != DateSpan(None, None)]
    if days:
        yield "check.days", manner.say(_some([days_text(span) for span in days]))
    if diagnostic.acknowledged is not None:
        yield "check.acknowledged_because", visible(diagnostic.acknowledged)
    for witness in (finding.witnesses or (finding.witness,)) if manner.verbose else ():
        if witness:
            yield "check.facts", visible(manner.to_paste(" ".join(f"{fact}={value}" for fact, value in witness)))
    if diagnostic.help is not None:
        yield "check.help", manner.say(diagnostic.help)
    for repair in finding.repairs or ():
        yield "check.repair", manner.say(_repair(repair, manner))


def _repair(repair: Repair, manner: Manner) -> Text:
    """An edit, and what it leaves behind."""
    key = {"drop": "check.repair_drop", "cell": "check.repair_cell"}.get(repair.edit, "check.repair_write")
    written, column = manner.to_paste(repair.text), repair.column or ""
    words = text(key, rule=repair.rule, text=written, column=column)
    if repair.idle is None or repair.open is None:
        return text("check.repair_leaves", repair=words, left=text("check.repair_unweighed"))
    match repair.idle, repair.open:
        case (), ():
            return words
        case idle, ():
            left = text("check.repair_idle", rules=_some(quoted(idle)))
        case (), open_:
            left = text("check.repair_open", open=_some(quoted(open_)))
        case idle, open_:
            left = text("check.repair_both", rules=_some(quoted(idle)), open=_some(quoted(open_)))
    return text("check.repair_leaves", repair=words, left=left)


def _some(words: Sequence[str | Text]) -> Text:
    """The first few, and how many more there are."""
    shown = tuple(words[:_MOST])
    more = len(words) - len(shown)
    return text("check.some", items=shown, n=more) if more else text("check.all", items=shown)


def days_text(span: DateSpan) -> Text:
    if span.last is None:
        return text("check.days_from", first=span.first or "")
    if span.first is None:
        return text("check.days_until", last=span.last)
    return text("check.days_between", first=span.first, last=span.last)


def _headline(diagnostic: Diagnostic, manner: Manner) -> str:
    level = manner.words(f"check.{diagnostic.level.value}")
    head = manner.palette.paint(f"{level}[{diagnostic.code.id}]", diagnostic.level.value)
    said = manner.say(diagnostic.message)
    # The names of codes are English; in Chinese the code is enough, and the message says the rest.
    rest = f" {diagnostic.code.name}: {said}" if manner.language == "en" else f"：{said}"
    return f"{head}{manner.palette.paint(rest, 'strong')}"


def _marks(diagnostic: Diagnostic, manner: Manner) -> list[snippet.Mark]:
    """The marks of a diagnostic, the primary one first."""

    def mark(label: Label, *, primary: bool) -> snippet.Mark:
        words = "" if label.message is None else manner.worded(label.message)
        return snippet.Mark(label.span, words, primary, diagnostic.level.value if primary else "frame")

    first = [] if diagnostic.primary is None else [mark(diagnostic.primary, primary=True)]
    return first + [mark(label, primary=False) for label in diagnostic.secondary]


def _by_file(marks: Sequence[snippet.Mark]) -> list[list[snippet.Mark]]:
    """Marks by file, in the order of the first mark of each."""
    groups: dict[str, list[snippet.Mark]] = {}
    for mark in marks:
        groups.setdefault(mark.span.file.path, []).append(mark)
    return list(groups.values())


def _place(group: Sequence[snippet.Mark], gutter: int, first: bool, manner: Manner) -> str:
    arrow = "-->" if first else ":::"
    return manner.palette.paint(" " * gutter + arrow, "frame") + f" {_spot(group[0].span)}"


# --- The end of a report -----------------------------------------------------------------------------------


def _left_out_lines(counts: Tally, others: Sequence[Diagnostic], manner: Manner) -> Iterator[str]:
    """What is not shown in full, and how to show it."""
    if others:
        kinds = tuple(_kinds(tally(others), manner))
        yield manner.words("check.elsewhere", found=kinds)
    if manner.verbose:
        return
    for key, number in (
        ("check.notes_left_out", counts.notes),
        ("check.acknowledged_left_out", counts.acknowledged),
    ):
        if number:
            yield manner.say(manner.count(key, number))


def _closing_lines(report: CheckReport, counts: Tally, manner: Manner) -> Iterator[str]:
    if report.unrepaired:
        yield manner.say(manner.count("check.unrepaired", report.unrepaired))
    if report.stopped:
        yield manner.words("check.stopped")
    read = tuple(
        manner.count(f"check.{what}", number)
        for what, number in (("files", report.files), ("policies", report.policies), ("rules", report.rules))
    )
    summary = manner.words("check.summary", read=read, found=tuple(_kinds(counts, manner, all_levels=True)))
    if report.proved:
        summary += manner.words("check.proved", what=proof_texts(report.proved, manner.called))
    if report.verified is not None:
        verified = report.verified
        summary += manner.words(
            "check.verified",
            solver=verified.solver,
            agreed=verified.agreed,
            questions=verified.questions,
        )
    role = "error" if counts.errors or counts.undecided else "warning" if counts.warnings else "good"
    yield manner.palette.paint(summary, role)


def _kinds(counts: Tally, manner: Manner, *, all_levels: bool = False) -> Iterator[Text]:
    """How many findings of each kind there are; of the levels, all of them or those with findings."""
    for what in ("error", "warning", "note"):
        number = getattr(counts, f"{what}s")
        if number or all_levels:
            yield manner.count(f"check.{what}s", number)
    if counts.acknowledged:
        yield text("check.acknowledged", n=counts.acknowledged)
    if counts.undecided:
        yield text("check.undecided", n=counts.undecided)


def times(verified: Verified, language: Language) -> str:
    """How long each solver took; separate from the report, which is the same in every run."""
    words = text(
        "check.times",
        solver=verified.solver,
        seconds=f"{verified.seconds:.1f}",
        first=verified.first,
        first_seconds=f"{verified.first_seconds:.1f}",
    )
    return render(words, language) + "\n"


def proof_texts(proofs: Sequence[Proof], called: Callable[[str], str]) -> tuple[Text, ...]:
    """What was proved: one text for each kind, with its subjects."""
    kinds: dict[ProofKind, list[Text]] = {}
    for proof in proofs:
        kinds.setdefault(proof.kind, []).extend(_subject(proof, called))
    return tuple(_proof_text(kind, subjects) for kind, subjects in kinds.items())


def _proof_text(kind: ProofKind, subjects: Sequence[Text]) -> Text:
    words = text(f"check.proved_{kind.value}")
    if not subjects:
        return words
    return text("check.proved_of", what=words, subjects=_some(list(dict.fromkeys(subjects))))


def _subject(proof: Proof, called: Callable[[str], str]) -> Iterator[Text]:
    if proof.name is not None:
        yield text("check.subject", name=called(proof.name))
    elif proof.decision is not None and proof.side is not None:
        side = called(side_key(proof.decision, proof.side))
        yield text("check.side_subject", decision=called(proof.decision), side=side.rpartition("/")[2])
    elif proof.decision is not None:
        yield text("check.subject", name=called(proof.decision))
