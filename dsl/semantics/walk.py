"""Walks over things that depend on each other, however long the chain.

A walk is a generator that yields what it finds and, where a function would call itself, another walk. `found` goes
through all of it in the order of such calls, but keeps the open walks in a list instead of on Python's stack.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import GeneratorType
from typing import Any

#: Yields things and walks.
Walk = Iterator[Any]


def found(walk: Walk) -> Iterator[Any]:
    """What a walk and the walks it yields find, in order."""
    under_way = [walk]
    while under_way:
        for thing in under_way[-1]:
            if isinstance(thing, GeneratorType):
                under_way.append(thing)
                break
            yield thing
        else:
            under_way.pop()


def run(walk: Walk) -> None:
    """Runs a walk for its effects."""
    for _ in found(walk):
        pass
