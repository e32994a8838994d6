"""Namespaces: declared things by name, and suggestions for wrong names.

A suggestion is the known name most similar to what was written or, failing that, the known names that have it as a part,
each as it can be typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from ..diagnostics.characters import as_meant
from ..diagnostics.diagnostic import Text, quoted, text
from ..model.declarations import own_name
from ..syntax.errors.likeness import nearest_han
from ..syntax.keywords import RESERVED

T = TypeVar("T")

_IDENTIFIER = re.compile(r"[^\W\d]\w*")

#: How similar two names must be (0 to 1) for a suggestion.
_LIKENESS = 0.6

#: The shortest part of a name that is looked for in others: Han characters say more than letters do.
_SHORTEST_HAN, _SHORTEST = 2, 4
#: The most names suggested at once.
_MOST_NAMES = 3

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

    def spellings(self, thing: T) -> Iterator[str]:
        """The name of a thing, and its title if that can be typed."""
        yield from (name for name, named in self._things.items() if named is thing)
        yield from (alias for alias, titled in self._aliases.items() if titled is thing)

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


def containing(name: str, known: Iterable[str]) -> list[str]:
    """The known names that a wrong one is a part of, or that have it after their last point; the shortest first."""
    wanted = name.lower()
    if len(name) > _LONGEST:
        return []
    known = dict.fromkeys(known)
    ends = [candidate for candidate in known if own_name(candidate).lower() == wanted]
    if not ends and len(name) >= (_SHORTEST if name.isascii() else _SHORTEST_HAN):
        ends = [candidate for candidate in known if wanted in candidate.lower()]
    return sorted(ends, key=lambda candidate: (len(candidate), candidate))[:_MOST_NAMES]


def typed(name: str) -> str:
    """The name of a region as it is typed: in quotes unless it reads as one word."""
    return name if is_identifier(name) or name.isdecimal() else f'"{name}"'


def suggested(name: str, known: Iterable[str], found: Sequence[object] = ()) -> list[str]:
    """The known names that may be meant, most likely first. `found` are the mistakes so far: after a hundred, nobody reads
    more help."""
    if len(found) >= _MOST_HELPED:
        return []
    known = list(known)
    if len(ends := [path for path in known if "." in path and own_name(path) == name]) == 1:
        return ends
    best = nearest(name, known) or nearest_han(name, known)
    return containing(name, known) if best is None else [best]


def did_you_mean(name: str, known: Iterable[str], found: Sequence[object] = ()) -> Text | None:
    """The help line that suggests what may be meant, if there is anything."""
    names = suggested(name, known, found)
    return offer(names) if names else None


def offer(names: Iterable[str]) -> Text:
    """The help line that suggests some names."""
    return text("PC101.did-you-mean", name=quoted(names))
