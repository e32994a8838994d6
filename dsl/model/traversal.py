"""Walks over expressions: an expression and its subexpressions, with definitions unfolded or not.

In: expressions of a checked set. Out: their subexpressions. No walk is recursive, so a chain of definitions may have
any length. `solver/encoding/dependencies.py` derives from them what rules and questions depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from . import DefineValue, Expr, PolicySet, parts


def subexpressions(whole: Expr) -> Iterator[Expr]:
    """An expression and its parts, each before its own parts, which come last to first."""
    waiting = [whole]
    while waiting:
        expression = waiting.pop()
        yield expression
        waiting += parts(expression)


def bottom_up(whole: Expr) -> Iterator[Expr]:
    """An expression and its parts, each after its own parts, from left to right."""
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
    """Expressions and their parts, each before its own parts, which come last to first; a definition's name is
    followed by its value. Each definition is unfolded once, those in `but` never. `inner` gives the parts to walk
    into; see `left_to_right`."""
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
    """The parts of an expression, for `inner` of a walk from left to right."""
    return parts(expression)[::-1]
