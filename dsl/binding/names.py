"""Namespaces: declared things by name, and suggestions for wrong names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from ..diagnostics.characters import as_meant
from ..diagnostics.diagnostic import Text, text
from ..syntax.keywords import RESERVED

T = TypeVar("T")

_IDENTIFIER = re.compile(r"[^\W\d]\w*")

#: How similar two names must be (0 to 1) for a suggestion.
_LIKENESS = 0.6

#: Longer names get no suggestion, nor do names after so many mistakes: each is compared with all known names.
_LONGEST, _MOST_HELPED = 100, 100


class Namespace(Generic[T]):
    """Things by name. A title that is an identifier is an alias, unless two things share it."""

    def __init__(self) -> None:
        self._things: dict[str, T] = {}
        self._aliases: dict[str, T | None] = {}

    def add(self, name: str, title: str | None, thing: T) -> T | None:
        """Declares a thing, unless the name is taken; then returns the thing that has it."""
        if name in self._things:
            return self._things[name]
        self._things[name] = thing
        alias = None if title is None else as_meant(title)
        if alias is not None and is_identifier(alias):
            self._aliases[alias] = None if alias in self._aliases else thing
        return None

    def find(self, text: str) -> T | None:
        """The thing with that name or, failing that, with that title."""
        if text in self._things:
            return self._things[text]
        return self._aliases.get(text)

    def known(self) -> Iterator[str]:
        """Every name and alias, names first."""
        yield from self._things
        yield from (alias for alias, thing in self._aliases.items() if thing is not None)

    def values(self) -> Iterable[T]:
        return self._things.values()


def is_identifier(text: str) -> bool:
    """Whether a title can be an alias: an identifier that is not a keyword."""
    return _IDENTIFIER.fullmatch(text) is not None and text not in RESERVED


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to a wrong one, if any is similar enough; ties go to the first in order."""
    if len(name) > _LONGEST:
        return None
    best, best_ratio = None, _LIKENESS
    for candidate in sorted(known):
        if len(candidate) > _LONGEST:
            continue
        matcher = SequenceMatcher(None, name.lower(), candidate.lower(), autojunk=False)
        if matcher.real_quick_ratio() <= best_ratio or matcher.quick_ratio() <= best_ratio:
            continue
        if (ratio := matcher.ratio()) > best_ratio:
            best, best_ratio = candidate, ratio
    return best


def did_you_mean(name: str, known: Iterable[str], found: Sequence[object] = ()) -> Text | None:
    """The help line that suggests the nearest known name, if any. `found` are the mistakes so far: after a hundred,
    nobody reads more help."""
    best = nearest(name, known) if len(found) < _MOST_HELPED else None
    return None if best is None else text("PC101.did-you-mean", name=best)
