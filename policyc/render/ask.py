"""The answer of `ask` as text that people can act on.

In: the report of a question and its set. Out: the answer in one line, then the reasons, what it depends on, the usual
answer, and a case for each possible verdict. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import DATE, PolicySet
from policyc.solver.report import answers
from policyc.solver.report.describe import titled

from .reasons import Wording, indented
from .text import Manner
from .ways import bill, change, optima, steps, timeline

#: How many rows of a section a short answer has, and how the rows begin that it leaves out of a bill: the reasons.
_SHORT = 4
_DEEPER = "    "

_ROLES = {
    "permitted": "good",
    "true": "good",
    "denied": "error",
    "conflicting": "error",
    "impossible": "error",
}


def render_ask(report: answers.AskReport, policy_set: PolicySet, manner: Manner, *, full: bool = True) -> str:
    """The whole answer, or the most important lines of it."""
    answer = _Answer(report, policy_set, manner)
    return "\n".join(answer.rows() if full else answer.short_rows()) + "\n"


class _Answer:
    def __init__(self, report: answers.AskReport, policy_set: PolicySet, manner: Manner) -> None:
        self.report = report
        self.policy_set = policy_set
        self.palette = manner.palette
        self.wording = Wording(report, policy_set, manner)

    def rows(self) -> Iterator[str]:
        kind = self.report.kind
        yield from self._beginning()
        yield from bill(self.wording)
        match kind:
            case answers.ImpossibleCase() | answers.ValueAnswer():
                yield from self._because()
            case answers.OpenValueAnswer():
                yield from self._depends_on()
                yield from self._usual()
                yield from self._possible()
            case answers.DecisionAnswer() | answers.ConditionAnswer():
                yield from self._yes_or_no(kind)
            case _:
                assert_never(kind)

    def short_rows(self) -> Iterator[str]:
        """The answer, its condition, the usual case, the rule that decides with its source, and the next step."""
        yield from self._beginning()
        yield from (row for row in bill(self.wording) if not row.startswith(_DEEPER))
        whole = True
        for section, most in self._sections():
            rows = [row for row in section if row]
            yield from rows[:most]
            if len(rows) > len(rows[:most]):
                whole = False
                yield indented("…")
        if not whole or self.report.depends_on or len(self.report.examples) > 1:
            yield self.palette.paint(self.wording.words("ask.full"), "faint")

    def _beginning(self) -> Iterator[str]:
        """The answer, what it is an answer to, and what was asked for besides."""
        report, kind = self.report, self.report.kind
        yield self._headline()
        if report.story is not None:
            yield indented(self.wording.words("ask.given", story=report.story))
        yield from self._hypothesis()
        yield from self._cut()
        if isinstance(kind, answers.OpenValueAnswer) and kind.range is not None:
            low, high = kind.range
            yield indented(self.wording.words("ask.range", low=low, high=high))
        yield from optima(self.wording)
        yield from timeline(self.wording)

    def _sections(self) -> Iterator[tuple[Iterator[str], int | None]]:
        """The sections of a short answer, and how many rows of each are shown, if not all. The usual case is shown with
        all that it rests on, and of conditions that must all hold none is left out; of alternatives each is enough."""
        kind = self.report.kind
        if not isinstance(kind, answers.DecisionAnswer | answers.ConditionAnswer):
            yield self._usual(), None
            yield self._because(), _SHORT
            return
        if self.report.answer == "depends":
            yield self._permitted_if(kind.permitted_if), _SHORT if len(kind.permitted_if.alternatives) > 1 else None
            yield self._usual(), None
        yield self._because(), _SHORT
        yield change(self.wording, kind.change), _SHORT
        yield steps(self.wording, kind.steps if isinstance(kind, answers.DecisionAnswer) else None), 3

    def _yes_or_no(self, kind: answers.DecisionAnswer | answers.ConditionAnswer) -> Iterator[str]:
        way = kind.steps if isinstance(kind, answers.DecisionAnswer) else None
        if self.report.answer != "depends":
            yield from self._because()
            yield from change(self.wording, kind.change)
            yield from steps(self.wording, way)
            return
        yield from self._depends_on()
        yield from self._permitted_if(kind.permitted_if)
        yield from change(self.wording, kind.change)
        yield from self._usual()
        yield from self._because()
        yield from steps(self.wording, way)
        yield from self._possible()

    def _cut(self) -> Iterator[str]:
        """The parts that ran out of time."""
        if self.report.cut:
            fields = tuple(text(f"ask.cut-{name}") for name in self.report.cut)
            words = self.wording.words("ask.cut", fields=fields)
            yield indented(self.palette.paint(words, "warning"))

    # --- Parts, in order ---

    def _headline(self) -> str:
        answer, role = self.wording.verdict(self.report.answer), _ROLES.get(self.report.answer, "warning")
        if self.report.is_never_yes:
            key = "ask.no" if isinstance(self.report.kind, answers.DecisionAnswer) else "ask.not_true"
            kinds = [self.wording.say(self.wording.verdict(kind)) for kind in self.report.possible]
            answer, role = text(key, kinds=self.wording.conditions.joined(kinds, "ask.or")), "error"
        coloured = self.palette.paint(self.wording.say(answer), role)
        rest = self.wording.words("ask.headline", question=self._question(), day=self._day())
        return f"{coloured}{rest}"

    def _question(self) -> Text | str:
        """The question; a decision or a define by its title, if it has one."""
        named = self.policy_set.decisions.get(self.report.question) or self.policy_set.defines.get(self.report.question)
        return self.report.question if named is None else titled(named)

    def _day(self) -> Text | str:
        day = self.report.given.get(DATE)
        if DATE not in self.policy_set.facts:
            return ""
        if day is None:
            return text("ask.any_day")
        return text("ask.today" if DATE in self.report.defaulted else "ask.day", day=day)

    def _hypothesis(self) -> Iterator[str]:
        """The hypothesis of the answer, and the answer without it."""
        hypothesis, in_truth = self.report.hypothesis, self.report.in_truth
        if hypothesis is None or in_truth is None:
            return
        for assumed in hypothesis.assume:
            words = self.wording.words("ask.assume", rule=assumed.rule, value=assumed.value, old=assumed.instead_of)
            yield indented(self.palette.paint(words, "warning"))
        for rule in hypothesis.without:
            yield indented(self.palette.paint(self.wording.words("ask.without", rule=rule), "warning"))
        yield indented(self.wording.words("ask.in_truth", answer=self.wording.verdict(in_truth)))

    def _because(self) -> Iterator[str]:
        kind = self.report.kind
        sets = kind.reasons or () if isinstance(kind, answers.DecisionAnswer) else ()
        for number, reasons in enumerate(sets, start=1):
            yield ""
            key = "ask.because" if len(sets) == 1 else "ask.because_of"
            yield self._reasons_heading(key, number=number, count=len(sets))
            yield from self.wording.reasons(reasons)
        shown = {reason for reasons in sets for reason in reasons}
        if isinstance(kind, answers.ValueAnswer) and self.report.breakdown is not None:
            shown |= {reason for line in self.report.breakdown.lines for reason in line.because}
        rest = [reason for reason in self.report.because if reason not in shown]
        if rest:
            yield ""
            yield (self.wording.heading("ask.because_besides") if sets else self._reasons_heading("ask.because"))
            yield from self.wording.reasons(rest)

    def _reasons_heading(self, key: str, **args: int) -> str:
        """The heading of reasons: if the answer depends, they are those of the usual answer or, if that depends too, of
        the plainest case."""
        kind = self.report.kind
        if self.report.answer != "depends" or not isinstance(kind, answers.DecisionAnswer):
            return self.wording.heading(key, **args)
        usual = self.report.usual
        if usual is None or usual.answer != "depends":
            return self.wording.heading(f"{key}_usual", **args)
        return self.wording.heading(f"{key}_example", verdict=self.wording.verdict(kind.plainest), **args)

    def _depends_on(self) -> Iterator[str]:
        if self.report.depends_on:
            yield ""
            yield self.wording.words("ask.depends_on", facts=self.wording.conditions.subjects(self.report.depends_on))

    def _permitted_if(self, found: answers.Alternatives) -> Iterator[str]:
        if not found.alternatives:
            return
        yield ""
        yes = text("ask.yes" if "permitted" in self.report.possible else "ask.true")
        first, *rest = self.wording.conditions.rows(found.alternatives, yes, complete=found.complete)
        yield self.palette.paint(first, "strong")
        yield from rest

    def _usual(self) -> Iterator[str]:
        usual = self.report.usual
        if usual is None:
            return
        yield ""
        yield self.wording.words("ask.usual", answer=self.wording.verdict(usual.answer))
        if usual.assumed:
            yield indented(self.wording.words("ask.assumed", story=self.wording.story(usual.assumed)))
        for state in usual.unfounded:
            fact = self.wording.conditions.sentence([answers.Condition(state.fact, "is", state.value)])
            decision, answer = self.wording.decision(state.decision), text(f"ask.{state.answer}")
            words = self.wording.words("ask.unfounded", fact=fact, decision=decision, answer=answer)
            yield indented(self.palette.paint(words, "warning"))

    def _possible(self) -> Iterator[str]:
        if len(self.report.examples) < 2:
            return
        yield ""
        yield self.wording.heading("ask.possible")
        for verdict, case in self.report.examples.items():
            facts = {path: value for path, value in case.items() if path not in self.report.given}
            words = self.wording.words(
                "ask.example", verdict=self.wording.verdict(verdict), story=self.wording.story(facts)
            )
            yield indented(words)
