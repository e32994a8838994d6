"""Binds assertions, tests and acknowledgements: what a set claims about itself.

In: source trees, the vocabulary and the names of all rules. Out: the bound statements, in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from .. import model
from ..diagnostics.diagnostic import CODES, Severity, text
from ..diagnostics.source import Span
from ..syntax import tree
from ..syntax.expressions import Binary, Expression, Path, String
from ..syntax.keywords import VERDICT_WORDS
from .expressions.bind import Binder
from .scope import duplicate, text_of
from .vocabulary import Vocabulary
from .wording.titles import english


@dataclass(slots=True)
class Properties:
    assertions: list[model.Assertion] = field(default_factory=list)
    tests: list[model.Test] = field(default_factory=list)
    acknowledgements: list[model.Acknowledgement] = field(default_factory=list)


def read_properties(trees: Sequence[tree.SourceTree], vocabulary: Vocabulary, rule_names: Iterable[str]) -> Properties:
    """All assertions, tests and acknowledgements of a set."""
    reader = _PropertyReader(vocabulary, frozenset(rule_names))
    for source in trees:
        for statement in source.statements:
            match statement:
                case tree.AssertDeclaration():
                    reader.assertion(statement)
                case tree.TestDeclaration():
                    reader.test(statement)
                case tree.AcknowledgeDeclaration():
                    reader.acknowledgement(statement)
    return reader.properties


class _PropertyReader:
    def __init__(self, vocabulary: Vocabulary, rule_names: frozenset[str]) -> None:
        self.vocabulary = vocabulary
        self.scope = vocabulary.scope
        self.diagnostics = vocabulary.diagnostics
        self.binder = Binder(self.scope)
        self.rule_names = rule_names
        self.properties = Properties()
        self._assertions: dict[str, Span] = {}
        self._tests: dict[tuple[str, str], Span] = {}

    def assertion(self, node: tree.AssertDeclaration) -> None:
        name = node.name.text
        if name in self._assertions:
            self.scope.duplicate(name, node.name.span, self._assertions[name])
            return
        self._assertions[name] = node.name.span
        condition = self.binder.condition(node.condition)
        if condition is not None:
            assertion = model.Assertion(
                name=name,
                title=text_of(node.title),
                english=english(self.scope, node.title),
                condition=condition,
                span=node.name.span,
            )
            self.properties.assertions.append(assertion)

    # --- Tests ---

    def test(self, node: tree.TestDeclaration) -> None:
        self._named_once(node.title)
        given: dict[str, model.GivenValue] = {}
        complete = True
        for item in node.given:
            if isinstance(item, tree.GivenUsual):
                continue
            value = self._given(item)
            if value is None:
                complete = False
            elif value.fact in given:
                self.scope.duplicate(value.fact, item.span, given[value.fact].span)
            else:
                given[value.fact] = value
        expect = [self._expectation(item) for item in node.expect]
        bound = tuple(item for item in expect if item is not None)
        if not complete or len(bound) < len(expect):
            return
        usual = any(isinstance(item, tree.GivenUsual) for item in node.given)
        test = model.Test(
            name=node.title.text,
            usual=usual,
            given=tuple(given.values()),
            expect=bound,
            span=node.title.span,
        )
        self.properties.tests.append(test)

    def _named_once(self, title: String) -> None:
        """Reports tests of one file with the same name, which nobody can distinguish; they run nevertheless."""
        first = self._tests.setdefault((title.span.file.path, title.text), title.span)
        if first != title.span:
            twice = duplicate(title.text, title.span, first)
            self.diagnostics.append(replace(twice, severity=Severity.WARNING, help=text("PC102.test-help")))

    def _given(self, node: tree.GivenFact) -> model.GivenValue | None:
        fact_value = self.binder.expression(node.fact)
        if fact_value is None:
            return None
        if not isinstance(fact_value, model.FactValue):
            self.scope.reject("PC103", text("PC103.given"), node.fact.span)
            return None
        value = self.binder.value_of(self.vocabulary.facts[fact_value.fact], node.value)
        return None if value is None else model.GivenValue(fact_value.fact, value, node.span)

    def _expectation(self, node: Expression) -> model.Expr | model.DependsExpectation | None:
        """A condition, or `X is depends`."""
        if (
            isinstance(node, Binary)
            and node.operator in ("is", "is not")
            and isinstance(node.right, Path)
            and VERDICT_WORDS.get(node.right.text) == "depends"
        ):
            decision = self.scope.find(node.left.text) if isinstance(node.left, Path) else None
            subject = decision.name if isinstance(decision, model.Decision) else self.binder.expression(node.left)
            return None if subject is None else model.DependsExpectation(subject, node.operator == "is not", node.span)
        return self.binder.condition(node)

    # --- Acknowledgements ---

    def acknowledgement(self, node: tree.AcknowledgeDeclaration) -> None:
        code = node.code.text
        if code not in CODES:
            self.scope.unknown("code", code, node.code.span, CODES)
            return
        rules: set[str] = set()
        for path in node.rules:
            name = self._rule_name(path)
            if name is None:
                self.scope.unknown("rule", path.text, path.span, self.rule_names)
                return
            rules.add(name)
        acknowledgement = model.Acknowledgement(
            name=code,
            rules=frozenset(rules),
            because=node.because.text,
            until=None if node.ends is None else node.ends.value.toordinal(),
            span=node.span,
        )
        self.properties.acknowledgements.append(acknowledgement)

    def _rule_name(self, path: Path) -> str | None:
        """The name in an acknowledgement: of a rule, a table, a clause, a parameter, an axiom or an assertion."""
        axioms = {axiom.name for axiom in self.vocabulary.axioms}
        if path.text in self.rule_names or path.text in self._assertions or path.text in axioms:
            return path.text
        thing = self.scope.values.find(path.text)
        return None if thing is None else thing.name
