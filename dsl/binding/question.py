"""Reads questions and facts as people write them, in the scope of a checked set.

In: the text of a question, and of facts (name and value) in English or Chinese. Out: a decision or a bound
expression, and values by fact. Collects all mistakes, each with its place in what was typed or in a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..diagnostics.characters import as_meant
from ..diagnostics.diagnostic import Diagnostic, Label, report, text
from ..diagnostics.source import SourceFile, Span
from ..model import BOOLEAN, MONEY, REGION, Decision, Expr, Fact, FactValue, Parameter, PolicySet, Value
from ..model.declarations import own_name
from ..model.values import type_text
from ..syntax.expressions import Expression, Path
from ..syntax.parse import parse_expression
from ..syntax.scan import normalise
from .expressions.bind import Binder
from .names import did_you_mean
from .scope import Scope

#: An amount without its unit.
PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,2})?")
#: Words for truth values besides those of the language.
TRUTHS = {"yes": "true", "是": "true", "no": "false", "否": "false"}
#: Examples of values, by type.
_EXAMPLES = {
    "boolean": "`yes`, `no`, `是`, `否`",
    "int": "`3`",
    "money": "`200元`",
    "percent": "`60%`",
    "date": "`2025-03-12`",
}
#: The most regions listed for an ambiguous prefix of a name.
_MOST_REGIONS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """An understood question: the name of a decision, or an expression."""

    subject: str | Expr


@dataclass(frozen=True, slots=True)
class Given:
    """A fact as written: its name and value, with their places unless from the command line."""

    name: str
    #: `None` if explicitly unknown.
    value: str | None
    name_span: Span | None = None
    value_span: Span | None = None


class QuestionReader:
    """Reads questions and facts for one policy set; `diagnostics` are the mistakes so far."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self.scope = Scope.of(policy_set)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.scope.diagnostics

    def question(self, written: str, place: str = "QUESTION") -> Asked | None:
        """A decision (`pay`), a definition (`aid_pays`), or any expression."""
        node = self._parsed(SourceFile(place, written))
        if node is None:
            return None
        if isinstance(node, Path) and len(node.parts) == 1:
            thing = self.scope.find(node.text)
            if isinstance(thing, Decision):
                return Asked(thing.name)
        bound = Binder(self.scope).expression(node)
        return None if bound is None else Asked(bound)

    def facts(self, written: Mapping[str, str] | Iterable[Given], option: str = "--set") -> dict[str, Value]:
        """Values by path of fact. The command line takes precedence over a file; two values for one fact in either of
        them are a mistake."""
        if isinstance(written, Mapping):
            written = [Given(name, value) for name, value in written.items()]
        typed: dict[str, Value] = {}
        filed: dict[str, Value] = {}
        for given in written:
            if given.value is None and given.name in self._records:
                continue
            before = len(self.diagnostics)
            fact = self.fact(given.name, option)
            self._place(before, given.name_span)
            before = len(self.diagnostics)
            known = None if fact is None or given.value is None else self.value(fact, given.value)
            self._place(before, given.value_span)
            if fact is None or known is None:
                continue
            found = typed if given.name_span is None else filed
            if found.setdefault(fact.name, known) != known:
                place = given.name_span or SourceFile(option, given.name).whole
                self.scope.reject("PC102", text("PC102.given-twice", name=fact.name), place)
        return {**filed, **typed}

    @cached_property
    def _records(self) -> frozenset[str]:
        """The names and titles of records; an empty value for one means that nothing is known of it."""
        records = self.policy_set.records
        return frozenset((*records, *(title for title in records.values() if title is not None)))

    def _place(self, first: int, span: Span | None) -> None:
        """Moves the diagnostics from index `first` on to the place of what they are about."""
        if span is not None:
            for index in range(first, len(self.diagnostics)):
                self.diagnostics[index] = replace(self.diagnostics[index], primary=Label(span))

    def fact(self, name: str, option: str = "--set") -> Fact | None:
        """A fact by its path; mistakes are reported as those of `option`."""
        node = self._parsed(SourceFile(option, name))
        if node is None:
            return None
        before = len(self.diagnostics)
        bound = Binder(self.scope).expression(node)
        if bound is None:
            self._offer(before, name)
            return None
        if not isinstance(bound, FactValue):
            self.scope.reject("PC103", text("PC103.given"), node.span)
            return None
        return self.policy_set.facts[bound.fact]

    def _offer(self, first: int, name: str) -> None:
        """Suggests, for an unknown fact, the one of that name in some record or the one with the nearest path."""
        within = [path for path in self._paths() if own_name(path) == name]
        near = did_you_mean(name, within or self._paths())
        for index in range(first, len(self.diagnostics)):
            if self.diagnostics[index].code.id == "PC101":
                self.diagnostics[index] = replace(self.diagnostics[index], help=near)

    def _paths(self) -> list[str]:
        """Every fact as it can be typed."""
        alone = [
            name
            for thing in self.scope.values.values()
            if isinstance(thing, Fact)
            for name in self.scope.values.spellings(thing)
        ]
        return [*alone, *self.scope.known_paths()]

    def value(self, thing: Fact | Parameter, written: str, place: str = "") -> Value | None:
        """The value of a fact (or a parameter): as in the language, but also `200` for `200元` and 北京 for 北京市.
        `place` is where it was written, unless with `--set`."""
        completed = self._completed(thing, as_meant(written.strip()))
        if completed is None:
            return None
        node = self._parsed(SourceFile(place or f"--set {thing.name}", completed))
        if node is None:
            return None
        before = len(self.diagnostics)
        value = Binder(self.scope).value_of(thing, node)
        if value is None:
            self._explain(before, thing, node)
        return value

    def _explain(self, first: int, thing: Fact | Parameter, node: Expression) -> None:
        """Explains a word in place of a number, a day or a truth value: what is expected, with an example."""
        example = _EXAMPLES.get(str(thing.type))
        if example is None or not isinstance(node, Path):
            return
        if [found.message.key for found in self.diagnostics[first:]] == ["PC101.value"]:
            message = text("PC103.no-value", expected=type_text(thing.type), value=node.text)
            help_ = text("PC103.no-value-help", example=example)
            self.diagnostics[first:] = [report("PC103", message, node.span, help=help_)]

    def _completed(self, thing: Fact | Parameter, written: str) -> str | None:
        """The value in the form of the language; `None` if a prefix of a name fits several regions."""
        if thing.type == MONEY and PLAIN_NUMBER.fullmatch(normalise(written)):
            return f"{written}元"
        if thing.type == BOOLEAN:
            return TRUTHS.get(written.lower(), written)
        return self._region(thing, written) if thing.type == REGION else written

    def _region(self, thing: Fact | Parameter, written: str) -> str | None:
        tree = self.policy_set.regions
        if tree.named(written) or not written:
            return written
        longer = sorted({name for name in tree.names() if name.startswith(written)})
        if len(longer) < 2:
            return longer[0] if longer else written
        codes = sorted(code for name in longer for code in tree.named(name))
        options = [f"{code} ({tree[code].name})" for code in codes[:_MOST_REGIONS]]
        if len(codes) > _MOST_REGIONS:
            options.append("…")
        place = SourceFile(f"--set {thing.name}", written).whole
        help_ = text("PC101.ambiguous-region-help", codes=tuple(options))
        self.scope.reject("PC101", text("PC101.region-prefix", name=written), place, help_)
        return None

    def _parsed(self, file: SourceFile) -> Expression | None:
        node, diagnostics = parse_expression(file)
        self.diagnostics.extend(diagnostics)
        return None if diagnostics else node
