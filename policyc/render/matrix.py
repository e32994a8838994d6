"""The report of `matrix` as text for people, and as CSV for spreadsheets.

In: the answers for every pair of regions. Out: a grid with one character per pair and a legend; with too many regions,
a grid of provinces; if only one side varies, lists by answer. Writes nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import BOOLEAN, DATE, PolicySet
from policyc.dsl.model.regions import RegionTree
from policyc.solver.report.describe import fact_name, titled, value_name
from policyc.solver.report.reports import Matrix, MatrixReport

from .terminal import visible, width
from .text import Manner

#: A character and colour for each answer, in the order of the legend. For pairs of provinces, `same` means permitted
#: within each region and denied between two, `mixed` any other mixture of answers.
_SIGNS = {
    "permitted": ("+", "good"),
    "denied": (".", "faint"),
    "conflicting": ("!", "error"),
    "undetermined": ("?", "warning"),
    "depends": ("~", "note"),
    "impossible": ("x", "faint"),
    "undecided": ("%", "warning"),
    "same": ("=", "good"),
    "mixed": ("*", "note"),
}

#: Answers whose words are shared with `ask`.
_BY_ASK = frozenset(["permitted", "denied", "conflicting", "undetermined", "depends", "impossible"])


def render_matrix(report: MatrixReport, policy_set: PolicySet, manner: Manner) -> str:
    """The whole report."""
    return "\n".join(_Table(report, policy_set, manner).lines()) + "\n"


@dataclass(frozen=True, slots=True)
class _Table:
    report: MatrixReport
    policy_set: PolicySet
    manner: Manner

    def lines(self) -> Iterator[str]:
        yield from self._head()
        assumed = [matrix.assumed for matrix in self.report.matrices.values()]
        shared = all(one == assumed[0] for one in assumed)
        yield from self._assumed(assumed[0] if shared else {}, "  ")
        for value, matrix in self.report.matrices.items():
            yield ""
            if self.report.each is not None:
                yield self.manner.palette.paint(self._value(self.report.each, [value]), "strong")
            yield from self._assumed({} if shared else matrix.assumed, "")
            yield from self._body(matrix)

    # --- What was asked ---

    def _head(self) -> Iterator[str]:
        report, decision = self.report, self.policy_set.decisions[self.report.decision]
        name = titled(decision)
        scope = text("matrix.every" if report.every else "matrix.usual")
        yield self.manner.words("matrix.headline", decision=name, day=self._day(), scope=scope)
        if report.story is not None:
            yield "  " + self.manner.words("ask.given", story=report.story)
        if self._varying(report.rows) and self._varying(report.columns):
            sides = {"rows": self._side(report.row_fact), "columns": self._side(report.column_fact or "")}
            yield "  " + self.manner.words("matrix.sides", **sides)
        else:
            fact = report.row_fact if self._varying(report.rows) else report.column_fact
            yield "  " + self.manner.words("matrix.side", side=self._side(fact or report.row_fact))

    def _day(self) -> Text | str:
        day = self.report.given.get(DATE)
        if day is None:
            return ""
        return text("ask.today" if DATE in self.report.defaulted else "ask.day", day=day)

    def _varying(self, codes: Sequence[str] | None) -> bool:
        return codes is not None and codes == self.report.regions

    def _side(self, fact: str) -> Text:
        """A side, by the name of its region fact and its own."""
        sides = self.policy_set.decisions[self.report.decision].sides
        name = next(side for side in sides if side.fact == fact)
        own = titled(name)
        return text("matrix.of_side", fact=fact_name(self.policy_set, self.policy_set.facts[fact]), side=own)

    def _assumed(self, assumed: Mapping[str, Sequence[str]], indent: str) -> Iterator[str]:
        if assumed:
            facts = tuple(self._value(fact, values) for fact, values in assumed.items())
            yield indent + self.manner.say(text("matrix.assumed", facts=facts))

    def _value(self, path: str, written: Sequence[str]) -> str:
        """A fact and its values."""
        fact = self.policy_set.facts[path]
        is_truth = fact.type == BOOLEAN
        named = [value_name(self.policy_set, fact.type, one == "true" if is_truth else one) for one in written]
        values = " / ".join(map(self._say, named))
        return self.manner.words(
            "matrix.value", fact=fact_name(self.policy_set, self.policy_set.facts[path]), values=values
        )

    def _say(self, words: Text | str) -> str:
        return self.manner.say(words) if isinstance(words, Text) else visible(words)

    # --- The answers ---

    def _body(self, matrix: Matrix) -> Iterator[str]:
        report = self.report
        if not (self._varying(report.rows) and self._varying(report.columns)):
            codes = report.rows if self._varying(report.rows) else report.columns or report.rows
            yield from self._lists(dict(zip(codes, matrix.answers, strict=True)))
        elif len(set(matrix.answers)) == 1:
            answer, *_ = matrix.answers
            words = self.manner.words("matrix.uniform", answer=_answer(answer), n=len(matrix.answers))
            yield self.manner.palette.paint(words, _SIGNS[answer][1])
        else:
            yield from self._grid(matrix)

    def _lists(self, answers: Mapping[str, str]) -> Iterator[str]:
        """The regions with each answer."""
        for answer, (_, role) in _SIGNS.items():
            found = [self.manner.region_name(code) for code, own in answers.items() if own == answer]
            if found:
                words = self.manner.words("matrix.count", answer=_answer(answer), n=len(found))
                yield self.manner.palette.paint(words, role)
                yield from _filled([visible(name) for name in found], max(self.manner.width, 40))

    def _grid(self, matrix: Matrix) -> Iterator[str]:
        """All pairs of regions or, if that is too wide, of provinces."""
        codes, cells = list(self.report.regions), matrix.cells
        labels = _labels(codes, self.manner)
        if max(map(width, labels)) + 3 + _across(codes) > self.manner.width:
            provinces = _by_province(codes, self.policy_set.regions)
            if len(provinces) < len(codes):
                codes, cells = list(provinces), _blocks(cells, list(provinces.values()))
                labels = _labels(codes, self.manner)
                yield self.manner.words("matrix.provinces")
        room = max(map(width, labels))
        if room + 3 + _across(codes) > self.manner.width:
            labels = _short(codes)
            room = max(map(width, labels))
        for head in zip(*_short(codes), strict=True):
            yield " " * (room + 2) + self.manner.palette.paint(_spaced(codes, head), "frame")
        for label, row in zip(labels, cells, strict=True):
            yield label + " " * (room - width(label) + 2) + self._row(codes, row)
        yield self._legend([answer for row in cells for answer in row])

    def _row(self, codes: Sequence[str], answers: Sequence[str]) -> str:
        """The signs of a row; neighbours of one colour are painted together."""
        spaced = _spaced(codes, [_SIGNS[answer][0] for answer in answers])
        roles = dict(_SIGNS.values())
        runs = groupby(spaced, key=lambda sign: roles.get(sign, ""))
        return "".join(self.manner.palette.paint("".join(run), role) if role else "".join(run) for role, run in runs)

    def _legend(self, answers: Sequence[str]) -> str:
        """The meanings of the signs, and how often each occurs."""
        return "   ".join(
            f"{self.manner.palette.paint(sign, role)} "
            + self.manner.words("matrix.count", answer=_answer(answer), n=answers.count(answer))
            for answer, (sign, role) in _SIGNS.items()
            if answer in answers
        )


def _filled(names: Sequence[str], most: int) -> Iterator[str]:
    """Lines of names, at most `most` cells wide."""
    line = ""
    for name in names:
        longer = f"{line}  {name}"
        if line and width(longer) > most:
            yield line
            longer = f"  {name}"
        line = longer
    yield line


def _answer(answer: str) -> Text:
    return text(f"ask.{answer}") if answer in _BY_ASK else text(f"matrix.{answer}")


# --- Grids -------------------------------------------------------------------------------------------------


def _labels(codes: Sequence[str], manner: Manner) -> list[str]:
    """The labels of the rows."""
    short = _short(codes)
    return [f"{head} {visible(manner.region_name(code))}" for head, code in zip(short, codes, strict=True)]


def _short(codes: Sequence[str]) -> list[str]:
    """Codes without the pairs of zeros at the end of all of them."""
    length = len(codes[0])
    while length > 2 and all(code[length - 2 :].strip("0") == "" for code in codes):
        length -= 2
    return [code[:length] for code in codes]


def _spaced(codes: Sequence[str], signs: Sequence[str]) -> str:
    """Signs side by side, with a gap where the first digit of the code changes."""
    groups = groupby(zip(codes, signs, strict=True), key=lambda pair: pair[0][:1])
    return " ".join("".join(sign for _, sign in group) for _, group in groups)


def _across(codes: Sequence[str]) -> int:
    """The width of a row of signs, in cells."""
    return len(_spaced(codes, "." * len(codes)))


def _by_province(codes: Sequence[str], tree: RegionTree) -> dict[str, list[int]]:
    """The indices of the regions of each province."""
    found: dict[str, list[int]] = {}
    for place, code in enumerate(codes):
        found.setdefault(tree.province(code), []).append(place)
    return found


def _blocks(cells: Sequence[Sequence[str]], provinces: Sequence[Sequence[int]]) -> tuple[tuple[str, ...], ...]:
    """One answer for each pair of provinces."""
    return tuple(tuple(_block(cells, rows, columns) for columns in provinces) for rows in provinces)


def _block(cells: Sequence[Sequence[str]], rows: Sequence[int], columns: Sequence[int]) -> str:
    answers = {cells[row][column] for row in rows for column in columns}
    if len(answers) == 1:
        return answers.pop()
    within = {cells[place][place] for place in rows}
    between = {cells[row][column] for row in rows for column in columns if row != column}
    return "same" if rows == columns and within == {"permitted"} and between == {"denied"} else "mixed"


# --- CSV ---------------------------------------------------------------------------------------------------


def matrix_csv(report: MatrixReport, manner: Manner, *, for_file: bool) -> str:
    """A row for each region of the first side, a column for each of the second; the matrices below each other. A file
    begins with a byte-order mark, by which spreadsheets recognise UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")

    def named(codes: Sequence[str]) -> list[str]:
        return [visible(f"{code} {manner.region_name(code)}") for code in codes]

    sides = report.row_fact if report.column_fact is None else f"{report.row_fact} / {report.column_fact}"
    heads = [report.decision] if report.columns is None else named(report.columns)
    writer.writerow([*([report.each] if report.each is not None else []), sides, *heads])
    for value, matrix in report.matrices.items():
        before = [value] if report.each is not None else []
        for name, row in zip(named(report.rows), matrix.cells, strict=True):
            writer.writerow([*before, name, *(manner.say(_answer(answer)) for answer in row)])
    return ("\ufeff" if for_file else "") + out.getvalue()
