"""Walks over expressions: an expression and all that it is made of, with definitions unfolded or not.

In: expressions of a checked set. Out: their subexpressions. No walk is recursive, so a chain of definitions may be
as long as its author likes. What the subexpressions found mean for rules and questions is said in `solver/encoding/dependencies.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from . import DefineValue, Expr, PolicySet, parts


def subexpressions(whole: Expr) -> Iterator[Expr]:
    """An expression and its parts, each before its own parts, of which the last comes first."""
    waiting = [whole]
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting += parts(expression)


def bottom_up(whole: Expr) -> Iterator[Expr]:
    """An expression and its parts, each after its own parts and from left to right."""
    waiting: list[tuple[Expr, bool]] = [(whole, False)]
    while waiting:
        expression, ready = waiting.pop()
        if ready or not parts(expression):
            yield expression
        else:
            waiting.append((expression, True))
            waiting.extend((part, False) for part in reversed(parts(expression)))


def unfolded(
    policy_set: PolicySet,
    *wholes: Expr,
    inner: Callable[[Expr], Sequence[Expr]] = parts,
    but: Iterable[str] = (),
) -> Iterator[Expr]:
    """Expressions and their parts, each before its own parts, of which the last comes first; after the name of a
    definition, its value. Each definition is unfolded once, those of `but` never. `inner` gives the parts that the
    walk goes on to; see also `left_to_right`."""
    folded = set(but)
    waiting = list(reversed(wholes))
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting += inner(expression)
        if isinstance(expression, DefineValue) and expression.define not in folded:
            folded.add(expression.define)
            waiting.append(policy_set.defines[expression.define].value)


def left_to_right(expression: Expr) -> Sequence[Expr]:
    """The parts of an expression as `inner` of a walk that takes the first of them first."""
    return parts(expression)[::-1]
