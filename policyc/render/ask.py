"""The answer of `ask` as text that people can act on.

In: the report of a question and the set it was put to. Out: the answer in one line, then why, on what it
depends, what is usual, and a case for each possible verdict. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.model import DATE, PolicySet
from policyc.solver.report.describe import bilingual
from policyc.solver.report.reports import AskReport

from .text import Manner
from .ways import Ways

_ROLES = {
    "permitted": "good",
    "true": "good",
    "denied": "error",
    "conflicting": "error",
    "impossible": "error",
}


def render_ask(report: AskReport, policy_set: PolicySet, manner: Manner) -> str:
    """The whole answer."""
    return "\n".join(_Answer(report, policy_set, manner).rows()) + "\n"


class _Answer(Ways):
    def rows(self) -> Iterator[str]:
        yield self._headline()
        if self.report.story is not None:
            yield self.indented(self.words("ask.given", story=self.report.story))
        yield from self._hypothesis()
        yield from self._cut()
        if self.report.range is not None:
            low, high = self.report.range
            yield self.indented(self.words("ask.range", low=low, high=high))
        yield from self.optima()
        yield from self.timeline()
        yield from self.bill()
        if self.report.answer != "depends":
            yield from self._because()
            yield from self.change()
            yield from self.steps()
            return
        yield from self._depends_on()
        yield from self._permitted_if()
        yield from self.change()
        yield from self._usual()
        yield from self._because()
        yield from self.steps()
        yield from self._possible()

    def _cut(self) -> Iterator[str]:
        """What there was no time for."""
        if self.report.cut:
            fields = tuple(text(f"ask.cut-{name}") for name in self.report.cut)
            told = self.words("ask.cut", fields=fields)
            yield self.indented(self.manner.palette.paint(told, "warning"))

    # --- Parts, in their order ---

    def _headline(self) -> str:
        answer = self.verdict(self.report.answer)
        coloured = self.manner.palette.paint(self.say(answer), _ROLES.get(self.report.answer, "warning"))
        rest = self.words("ask.headline", question=self._question(), day=self._day())
        return f"{coloured}{rest}"

    def _question(self) -> Text | str:
        """The question; a decision or a define by its title where it has one."""
        named = self.policy_set.decisions.get(self.report.question) or self.policy_set.defines.get(
            self.report.question
        )
        if named is None or named.title is None:
            return self.report.question
        return bilingual(self.report.question, named.title)

    def _day(self) -> Text | str:
        day = self.report.given.get(DATE)
        if DATE not in self.policy_set.facts:
            return ""
        if day is None:
            return text("ask.any_day")
        return text("ask.today" if DATE in self.report.defaulted else "ask.day", day=day)

    def _hypothesis(self) -> Iterator[str]:
        """What the answer supposes, and what it would be without that."""
        hypothesis, in_truth = self.report.hypothesis, self.report.in_truth
        if hypothesis is None or in_truth is None:
            return
        for assumed in hypothesis.assume:
            told = self.words("ask.assume", rule=assumed.rule, value=assumed.value, old=assumed.instead_of)
            yield self.indented(self.manner.palette.paint(told, "warning"))
        for rule in hypothesis.without:
            yield self.indented(self.manner.palette.paint(self.words("ask.without", rule=rule), "warning"))
        yield self.indented(self.words("ask.in_truth", answer=self.verdict(in_truth)))

    def _because(self) -> Iterator[str]:
        sets = self.report.reasons or ()
        for number, reasons in enumerate(sets, start=1):
            yield ""
            key = "ask.because" if len(sets) == 1 else "ask.because_of"
            yield self._reasons_heading(key, number=number, count=len(sets))
            yield from self.reasons(reasons)
        told = {reason for reasons in sets for reason in reasons}
        if self.report.value is not None and self.report.breakdown is not None:
            told |= {reason for line in self.report.breakdown.lines for reason in line.because}
        rest = [reason for reason in self.report.because if reason not in told]
        if rest:
            yield ""
            yield self.heading("ask.because_besides") if sets else self._reasons_heading("ask.because")
            yield from self.reasons(rest)

    def _reasons_heading(self, key: str, **args: int) -> str:
        """Where the answer depends, the reasons are those of the usual one or, where that depends too, of the
        plainest case."""
        if self.report.answer != "depends":
            return self.heading(key, **args)
        usual = self.report.usual
        if usual is None or usual.answer != "depends":
            return self.heading(f"{key}_usual", **args)
        return self.heading(f"{key}_example", verdict=self.verdict(self.report.plainest), **args)

    def _depends_on(self) -> Iterator[str]:
        if self.report.depends_on:
            yield ""
            yield self.words("ask.depends_on", facts=self.conditions.subjects(self.report.depends_on))

    def _permitted_if(self) -> Iterator[str]:
        known = self.report.possible
        permitted = "permitted" in known
        if "permitted_if" in self.report.cut and not self.report.permitted_if:
            return
        if not self.report.permitted_if:
            if self.report.range is None and ("denied" in known or "false" in known):
                yield ""
                yield self.words("ask.never" if "denied" in known else "ask.never_true")
            return
        yield ""
        first, *rest = self.conditions.rows(
            self.report.permitted_if,
            text("ask.yes" if permitted else "ask.true"),
            complete=self.report.complete,
        )
        yield self.manner.palette.paint(first, "strong")
        yield from rest

    def _usual(self) -> Iterator[str]:
        usual = self.report.usual
        if usual is None:
            return
        yield ""
        yield self.words("ask.usual", answer=self.verdict(usual.answer))
        if usual.assumed:
            yield self.indented(self.words("ask.assumed", story=self.story(usual.assumed)))

    def _possible(self) -> Iterator[str]:
        if len(self.report.examples) < 2:
            return
        yield ""
        yield self.heading("ask.possible")
        for verdict, case in self.report.examples.items():
            facts = {path: value for path, value in case.items() if path not in self.report.given}
            told = self.words("ask.example", verdict=self.verdict(verdict), story=self.story(facts))
            yield self.indented(told)
