"""Axioms that no case satisfies (PC504)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from policyc.dsl.diagnostics.diagnostic import CODES, Diagnostic, Finding, Label, quoted, text

from ...backends.second_opinion import Purpose
from ...engine.context import SolverContext
from ..form import Asking, Check, Phase
from ..reporter import Reporter


def begin(reporter: Reporter) -> Iterator[Asking]:
    purpose = Purpose(("PC504",), text("PC901.axioms"), None)
    yield Asking(purpose, partial(contradicting_axioms, reporter.context))


def contradicting_axioms(context: SolverContext) -> Diagnostic | None:
    """PC504: no case is possible; a minimal set of axioms that excludes all cases."""
    scope = context.whole
    core = scope.minimal_core({})
    if core is None:
        return None
    axioms = [axiom for axiom in context.policy_set.axioms if axiom.name in core]
    first, *others = axioms
    return Diagnostic(
        CODES["PC504"],
        text("PC504.headline", axioms=quoted(axiom.name for axiom in axioms)),
        Label(first.span),
        tuple(Label(axiom.span) for axiom in others),
        help=text("PC504.help"),
        finding=Finding(rules=tuple(axiom.name for axiom in axioms)),
    )


CHECK = Check(("PC504",), 0, begin, Phase.CASES)
