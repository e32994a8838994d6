"""Values that are needed but not set (PC405): a rule or an assertion that becomes undetermined for want of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Label, text
from policyc.dsl.model import (
    BOOLEAN,
    DATE,
    And,
    Assertion,
    Case,
    Expr,
    Not,
    Or,
    Parameter,
    Period,
    PolicySet,
    Requirement,
    Rule,
)
from policyc.dsl.semantics.evaluate import Evaluator
from policyc.dsl.semantics.outcomes import Undetermined

from ...backends.second_opinion import Purpose
from ...encoding.dependencies import readings
from ...encoding.want import wanting
from ...engine.context import CaseScope
from ...engine.reachability import Described, Key, Parts, ReachabilityQuery, ReachabilityResults
from ...engine.rule_places import in_force
from ...formula.terms import Term
from ...report.reports import Proof, ProofKind
from ..form import Analysis, Check, Conclusion
from ..reporter import Possibility, Reporter


@dataclass(frozen=True, slots=True)
class Reader:
    """A rule or an assertion that reads a parameter, and what it asks as one expression: for a rule, whether it
    applies; for a requirement, whether it is met."""

    of: Rule | Assertion
    value: Expr
    #: The region facts that decide where a rule is in force.
    places: tuple[str, ...]

    def is_in_force(self, policy_set: PolicySet, case: Case) -> bool:
        if isinstance(self.of, Assertion):
            return True
        rule, day = self.of, case.get(DATE)
        there = not self.places or any(policy_set.regions.within(str(case[f]), rule.region) for f in self.places)
        return there and (not isinstance(day, int) or day in rule.period)


def begin(reporter: Reporter) -> Iterator[Analysis]:
    policy_set = reporter.policy_set
    for name, places in readings(policy_set).items():
        by_fact: dict[str, list[Reader]] = defaultdict(list)
        for fact, of in places:
            by_fact[fact].append(_reader(reporter, of))
        yield undetermined_value(reporter, policy_set.parameters[name], by_fact)


def _reader(reporter: Reporter, of: Rule | Assertion) -> Reader:
    if isinstance(of, Assertion):
        return Reader(of, of.condition, ())
    span = of.span
    unless = None if of.unless is None else Not(of.unless, type=BOOLEAN, span=span)
    applies = tuple(condition for condition in (of.when, unless) if condition is not None)
    value: Expr = And(applies, type=BOOLEAN, span=span)
    if isinstance(of, Requirement):
        value = Or((Not(value, type=BOOLEAN, span=span), of.condition), type=BOOLEAN, span=span)
    return Reader(of, value, reporter.places.of(of))


def undetermined_value(reporter: Reporter, parameter: Parameter, by_fact: Mapping[str, Sequence[Reader]]) -> Analysis:
    """PC405 for one parameter: one finding with the regions and days on which something needs it without a value."""
    kind = f"PC405 {parameter.name}"

    def conclude(results: ReachabilityResults) -> Conclusion:
        for fact, readers in by_fact.items():
            if (kind, fact) in results:
                report = partial(_undetermined, reporter, parameter, fact, readers, results.parts((kind, fact)))
                return Conclusion([report])
        return Conclusion(proofs=[Proof(ProofKind.ALWAYS_SET, parameter.name, None, None, results.proved(kind))])

    what = text("PC901.value", name=parameter.name)
    queries = [
        ReachabilityQuery(kind, fact, partial(_unsettled, kind, parameter, fact, readers))
        for fact, readers in by_fact.items()
    ]
    return Analysis(Purpose(("PC405",), what, parameter.span), kind, queries, conclude)


def _unsettled(
    kind: str, parameter: Parameter, fact: str, readers: Sequence[Reader], scope: CaseScope
) -> dict[Key, Described]:
    return {(kind, fact): partial(_wanting, scope, parameter, fact, readers)}


def _wanting(scope: CaseScope, parameter: Parameter, fact: str, readers: Sequence[Reader]) -> Term:
    """When a reader that is in force is undetermined for want of the parameter."""
    unset = scope.rules.undetermined(parameter.name, scope.symbolic.region(fact))
    if unset is scope.factory.false:
        return unset
    needed = scope.factory.or_(_is_wanting(scope, parameter, fact, reader) for reader in readers)
    return scope.factory.and_((unset, needed))


def _is_wanting(scope: CaseScope, parameter: Parameter, fact: str, reader: Reader) -> Term:
    force = scope.factory.true
    if isinstance(reader.of, Rule):
        force = in_force(scope, reader.of, reader.places)
    if force is scope.factory.false:
        return force
    encoder = scope.expressions
    wants = scope.rules.every_branch(lambda choices: wanting(encoder, reader.value, parameter.name, fact, choices))
    return scope.factory.and_((force, wants))


def _undetermined(
    reporter: Reporter, parameter: Parameter, fact: str, readers: Sequence[Reader], parts: Parts
) -> Diagnostic | None:
    policy_set = reporter.policy_set

    def claim(evaluator: Evaluator, case: Case) -> bool:
        """The parameter has no value, nor has a reader that is in force."""
        return isinstance(evaluator.parameter(parameter.name, str(case[fact]), case).outcome, Undetermined) and any(
            reader.is_in_force(policy_set, case) and isinstance(evaluator.value(reader.value, case), Undetermined)
            for reader in readers
        )

    place = Rule(name=parameter.name, span=parameter.span, policy="", region="", period=Period())
    possibility = Possibility(
        lambda scope: _wanting(scope, parameter, fact, readers), claim, None, fact, "", Period(), parts=parts
    )
    diagnostic = reporter.report(
        "PC405",
        text("PC405.headline", parameter=parameter.name),
        (place,),
        possibility,
        help_=text("PC405.help", parameter=parameter.name),
    )
    if diagnostic is None:
        return None
    scopes = reporter.scopes(possibility)
    reader = next(
        one for one in readers if any(scope.possible([_wanting(scope, parameter, fact, [one])]) for scope in scopes)
    )
    return replace(diagnostic, secondary=(Label(reader.of.span, text("PC405.read")),))


CHECK = Check(("PC405",), 30, begin, shown=("PC405",))
