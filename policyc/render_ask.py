"""The answer of `ask` as text that people can act on.

In: the report of a question and the set it was put to. Out: the answer in one line, then why, on what it
depends, what is usual, and a case for each possible verdict. Writes nothing; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from policyc.dsl.diagnostic import DateSpan, Text, text
from policyc.dsl.model import BOOLEAN, DATE, DAY, PolicySet, Setting, Value
from policyc.solver.answers import AskReport, Condition, Reason, Step
from policyc.solver.story import fact_name, story

from .cells import visible
from .render_conditions import Conditions
from .render_text import Manner

#: The answers that have words of their own; all others are values.
_VERDICTS = frozenset(
    ["permitted", "denied", "conflicting", "undetermined", "depends", "impossible", "true", "false"]
)
_ROLES = {
    "permitted": "good",
    "true": "good",
    "denied": "error",
    "conflicting": "error",
    "impossible": "error",
}

#: What a rule did, where effect and state together say it.
_STATES = frozenset(
    [
        "permit_has-effect",
        "permit_applies-but-beaten",
        "forbid_has-effect",
        "forbid_applies-but-beaten",
        "require_fails",
        "require_set-aside",
        "set_has-effect",
        "set_applies-but-beaten",
        "axiom_fails",
        "given_given",
    ]
)


def render_ask(report: AskReport, policy_set: PolicySet, manner: Manner) -> str:
    """The whole answer."""
    return "\n".join(_Answer(report, policy_set, manner).rows()) + "\n"


class _Answer:
    def __init__(self, report: AskReport, policy_set: PolicySet, manner: Manner) -> None:
        self.report = report
        self.policy_set = policy_set
        self.manner = manner
        self._conditions = Conditions(policy_set, manner)

    def rows(self) -> Iterator[str]:
        yield self._headline()
        if self.report.story is not None:
            yield self._indented(self._words("ask.given", story=self.report.story))
        yield from self._hypothesis()
        if self.report.range is not None:
            low, high = self.report.range
            yield self._indented(self._words("ask.range", low=low, high=high))
        yield from self._timeline()
        if self.report.answer != "depends":
            yield from self._because()
            yield from self._change()
            yield from self._steps()
            return
        yield from self._depends_on()
        yield from self._permitted_if()
        yield from self._usual()
        yield from self._because()  # where the answer depends, the reasons are those of the usual one
        yield from self._steps()
        yield from self._possible()

    # --- Parts, in their order ---

    def _headline(self) -> str:
        answer = self._verdict(self.report.answer)
        coloured = self.manner.palette.paint(self._say(answer), _ROLES.get(self.report.answer, "warning"))
        rest = self._words("ask.headline", question=self._question(), day=self._day())
        return f"{coloured}{rest}"

    def _question(self) -> Text | str:
        """The question; a decision or a define by its title where it has one."""
        named = self.policy_set.decisions.get(self.report.question) or self.policy_set.defines.get(
            self.report.question
        )
        if named is None or named.title is None:
            return self.report.question
        return text("story.name", en=self.report.question, zh=named.title)

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
            told = self._words("ask.assume", rule=assumed.rule, value=assumed.value, old=assumed.instead_of)
            yield self._indented(self.manner.palette.paint(told, "warning"))
        for rule in hypothesis.without:
            yield self._indented(self.manner.palette.paint(self._words("ask.without", rule=rule), "warning"))
        yield self._indented(self._words("ask.in_truth", answer=self._verdict(in_truth)))

    def _timeline(self) -> Iterator[str]:
        if not self.report.timeline:
            return
        yield ""
        yield self._heading("ask.timeline")
        for span in self.report.timeline:
            key = "ask.span_usual" if span.answer == "depends" else "ask.span"
            answer, usual = self._verdict(span.answer), self._verdict(span.usual)
            told = text(key, days=self._days(span.days), answer=answer, usual=usual)
            yield self._indented(self._say(told))
            for reason in span.turned_by:
                yield from (self._indented(row) for row in self._reason(reason))

    @staticmethod
    def _days(span: DateSpan) -> Text:
        if span.first is None:
            return text("ask.always_so") if span.last is None else text("ask.until", last=span.last)
        if span.last is None:
            return text("ask.from", first=span.first)
        return text("ask.from_until", first=span.first, last=span.last)

    def _because(self) -> Iterator[str]:
        sets = self.report.reasons or ()
        for number, reasons in enumerate(sets, start=1):
            yield ""
            key = "ask.because" if len(sets) == 1 else "ask.because_of"
            yield self._heading(key, number=number, count=len(sets))
            for reason in reasons:
                yield from self._reason(reason)
        told = {reason for reasons in sets for reason in reasons}
        rest = [reason for reason in self.report.because if reason not in told]
        if rest:
            yield ""
            yield self._heading("ask.because_besides" if sets else "ask.because")
            for reason in rest:
                yield from self._reason(reason)

    def _change(self) -> Iterator[str]:
        """What would make it a yes, and when."""
        report = self.report
        if report.change is None:
            return
        yield ""
        days = report.yes_days
        if days is not None:
            coming = days.first is not None and days.first > report.given[DATE]
            keys = {(True, False): "ask.yes_from", (True, True): "ask.yes_between"}
            key = keys.get((coming, days.last is not None), "ask.yes_until")
            yield self._words(key, first=days.first or "", last=days.last or "")
        ways = [self._way(facts) for facts in self._ways(report.change)]
        if ways:
            yield self._heading("ask.change")
            yield from (self._indented(f"- {way}") for way in ways)
            yield from self._conditions.legend()
        if not report.can_arrange:
            yield self._words("ask.cannot_arrange")

    def _steps(self) -> Iterator[str]:
        """What to arrange, in order."""
        if not self.report.steps:
            return
        yield ""
        yield self._heading("ask.steps")
        for number, step in enumerate(self.report.steps, start=1):
            yield self._indented(f"{number}. {self._step(step)}")
            if step.answer not in (None, "permitted"):
                for reason in step.because:
                    yield from (self._indented(row, 2) for row in self._reason(reason))

    def _step(self, step: Step) -> str:
        fact = None
        if step.fact is not None:
            fact = self._conditions.sentence([Condition(step.fact, "is", step.value or "")])
        if step.decision is None or step.answer is None:
            key = "ask.step_open" if step.now is None else "ask.step_arrange"
            return self._words(key, fact=fact or "")
        told = self._words(
            "ask.step", decision=self._decision(step.decision), day=step.on, answer=self._verdict(step.answer)
        )
        if fact is not None and step.effective is not None:
            told = self._words("ask.step_effective", step=told, fact=fact, day=step.effective)
        if step.assuming:
            conditions = [Condition(name, "is", value) for name, value in step.assuming.items()]
            told = self._words(
                "ask.step_assuming", step=told, condition=self._conditions.sentence(conditions)
            )
        return told

    def _decision(self, name: str) -> Text:
        return text("story.name", en=name, zh=self.policy_set.decisions[name].title or name)

    def _ways(self, changes: Sequence[Mapping[str, str]]) -> list[list[Condition]]:
        """The changes but for the date; those of one and the same fact in one."""
        found: list[list[Condition]] = []
        alone: dict[str, list[str]] = {}
        for facts in changes:
            if facts.keys() == {DATE}:
                continue
            if len(facts) > 1:
                found.append([Condition(fact, "is", value) for fact, value in facts.items()])
                continue
            ((fact, value),) = facts.items()
            if fact not in alone:
                found.append([Condition(fact, "is", "")])
            alone.setdefault(fact, []).append(value)
        return [[self._one_of(c, alone) if not c.value else c for c in conditions] for conditions in found]

    @staticmethod
    def _one_of(condition: Condition, values: Mapping[str, Sequence[str]]) -> Condition:
        of_fact = values[condition.fact]
        if len(of_fact) == 1:
            return Condition(condition.fact, "is", of_fact[0])
        return Condition(condition.fact, "in", "{" + ", ".join(of_fact) + "}")

    def _way(self, conditions: Sequence[Condition]) -> str:
        arranged = all(self.policy_set.facts[condition.fact].arrangeable for condition in conditions)
        told = self._conditions.sentence(conditions)
        return self._words("ask.arrange" if arranged else "ask.were", condition=told)

    def _reason(self, reason: Reason) -> Iterator[str]:
        name = self._reason_name(reason)
        yield self._indented(self._words("ask.reason", rule=name, state=self._state(reason)))
        if reason.span is not None and reason.span.file.text:
            line, _ = reason.span.file.position(reason.span.start)
            yield self._indented(
                self.manner.palette.paint(f"{visible(reason.span.file.path)}:{line}", "faint"), 2
            )
        for index, cite in enumerate(reason.cites):
            known = index < len(reason.sources)
            source: Text | str = reason.sources[index] if known else f"{cite.source}.{cite.clause}"
            if cite.text:
                yield self._indented(self._words("ask.cite", clause=cite.text, source=source), 2)
            else:
                yield self._indented(self._words("ask.cite_unquoted", clause=cite.clause, source=source), 2)

    def _reason_name(self, reason: Reason) -> Text | str:
        if reason.effect == "given":
            return self._conditions.phrase(Condition(reason.rule, "is", reason.title or ""))
        title = reason.title
        rule = self.policy_set.rules.get(reason.rule)
        if title is None and isinstance(rule, Setting):
            title = self.policy_set.parameters[rule.parameter].title
        return text("ask.rule", rule=reason.rule, title=title) if title else reason.rule

    def _state(self, reason: Reason) -> Text:
        side = "" if reason.side is None else text("ask.on_side", side=self._side(reason.side))
        match reason.state:
            case "not-in-force" if reason.first_day is not None:
                return text("ask.not_yet", day=reason.first_day, side=side)
            case "not-in-force" if reason.last_day is not None:
                return text("ask.no_longer", day=reason.last_day, side=side)
            case "not-in-force":
                return text("ask.not_in_force", side=side)
            case "begins" | "ends":
                return text(f"ask.{reason.state}", side=side)
            case "no-permit" if reason.effect == "set":
                return text("ask.set_no-permit", side=side)
            case "no-permit":
                return text("ask.no_permit", side=side)
        kind = f"{reason.effect}_{reason.state}"
        if kind not in _STATES:
            return text("ask.other_state", effect=reason.effect, state=reason.state, side=side)
        return text(f"ask.{kind}", side=side, other=reason.beaten_by or "")

    def _side(self, name: str) -> Text:
        decision = self.policy_set.decisions.get(self.report.question)
        sides = decision.sides if decision is not None else ()
        titles = {side.name: side.title for side in sides}
        if not sides:
            titles = {s.name: s.title for d in self.policy_set.decisions.values() for s in d.sides}
        return text("story.name", en=name, zh=titles.get(name) or name)

    def _depends_on(self) -> Iterator[str]:
        if self.report.depends_on:
            yield ""
            facts = tuple(self._fact(fact) for fact in self.report.depends_on)
            yield self._words("ask.depends_on", facts=facts)

    def _permitted_if(self) -> Iterator[str]:
        known = self.report.possible
        permitted = "permitted" in known
        if not self.report.permitted_if:
            if self.report.range is None and ("denied" in known or "false" in known):
                yield ""
                yield self._words("ask.never" if "denied" in known else "ask.never_true")
            return
        yield ""
        first, *rest = self._conditions.rows(
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
        yield self._words("ask.usual", answer=self._verdict(usual.answer))
        if usual.assumed:
            yield self._indented(self._words("ask.assumed", story=self._story(usual.assumed)))

    def _possible(self) -> Iterator[str]:
        if len(self.report.examples) < 2:
            return
        yield ""
        yield self._heading("ask.possible")
        for verdict, case in self.report.examples.items():
            facts = {path: value for path, value in case.items() if path not in self.report.given}
            told = self._words("ask.example", verdict=self._verdict(verdict), story=self._story(facts))
            yield self._indented(told)

    # --- Words ---

    def _verdict(self, answer: str) -> Text:
        return text(f"ask.{answer}") if answer in _VERDICTS else text("ask.value", value=answer)

    def _fact(self, path: str) -> Text:
        if path in self.report.fact_titles:
            return self.report.fact_titles[path]
        if path in self.policy_set.facts:
            return fact_name(self.policy_set, path)
        define = self.policy_set.defines.get(path)
        return text("story.name", en=path, zh=path if define is None else define.title or path)

    def _story(self, facts: Mapping[str, str]) -> Text:
        case = {path: _value(self.policy_set, path, written) for path, written in facts.items()}
        return story(self.policy_set, case)

    def _heading(self, key: str, **args: int) -> str:
        return self.manner.palette.paint(self._words(key, **args), "strong")

    def _words(self, key: str, **args: str | int | Text | tuple[Text, ...]) -> str:
        return self.manner.words(key, **args)

    def _say(self, message: Text) -> str:
        return self.manner.say(message)

    @staticmethod
    def _indented(words: str, depth: int = 1) -> str:
        return "  " * depth + words


def _value(policy_set: PolicySet, path: str, written: str) -> Value:
    """A value read back as far as telling it needs: truth values and days; the rest is told as written."""
    type_ = policy_set.facts[path].type
    if type_ == BOOLEAN:
        return written == "true"
    return date.fromisoformat(written).toordinal() if type_ == DAY else written
