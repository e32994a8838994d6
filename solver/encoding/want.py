"""When an expression is undetermined for want of a parameter.

Not every reading of a parameter without a value matters: `if P is undetermined then 0% else P` has a value all the same,
and so has a conjunction that another operand makes false. In: an expression encoder and an expression. Out: the term
that the expression is undetermined and that the parameter, read by a region fact, has a share in that.
"""

from __future__ import annotations

from collections.abc import Sequence

from policyc.dsl import model

from ..formula.terms import Term
from .expressions import ExpressionEncoder
from .rules import Choices


def wanting(encoder: ExpressionEncoder, whole: model.Expr, parameter: str, fact: str, choices: Choices) -> Term:
    """When an expression is undetermined for want of a parameter, read by a region fact. Definitions are followed; no
    recursion, since chains of them may be long."""
    found: dict[int, Term] = {}
    waiting = [(whole, False)]
    while waiting:
        expression, ready = waiting.pop()
        inner = _inside(encoder.policy_set, expression)
        if id(expression) in found:
            continue
        if inner and not ready:
            waiting.append((expression, True))
            waiting.extend((part, False) for part in reversed(inner))
        else:
            found[id(expression)] = _from_parts(encoder, expression, inner, found, (parameter, fact), choices)
    return found[id(whole)]


def _inside(policy_set: model.PolicySet, expression: model.Expr) -> Sequence[model.Expr]:
    """The parts whose lack of a value can leave the expression without one."""
    match expression:
        case model.IsUndetermined():
            return ()
        case model.DefineValue(define=define):
            return (policy_set.defines[define].value,)
        case _:
            return model.parts(expression)


def _from_parts(
    encoder: ExpressionEncoder,
    expression: model.Expr,
    inner: Sequence[model.Expr],
    found: dict[int, Term],
    wanted: tuple[str, str],
    choices: Choices,
) -> Term:
    factory = encoder.factory
    match expression:
        case model.ParameterValue(parameter=parameter, region=model.FactValue(fact=fact)):
            if (parameter, fact) != wanted:
                return factory.false
            shares = factory.true
        case model.Choice(condition=condition, then=then, otherwise=otherwise):
            truth = encoder.truth(condition, choices)
            shares = factory.or_(
                (
                    found[id(condition)],
                    factory.and_((found[id(then)], factory.not_(truth.surely_false))),
                    factory.and_((found[id(otherwise)], factory.not_(truth.surely_true))),
                )
            )
        case _:
            shares = factory.or_(found[id(part)] for part in inner)
    if shares is factory.false:
        return shares
    undetermined = factory.not_(encoder.algebra.defined(encoder.encode(expression, choices)))
    return factory.and_((shares, undetermined))
