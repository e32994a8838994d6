"""What earlier runs found out, kept on disk: the answer to each question under a digest of its content.

In: digests and texts. Out: the texts kept for them. A memory is a convenience: where it cannot be opened, read
or written, or holds something damaged, everything is simply worked out again. Nothing in it is ever executed.
What another version of this program, of its solver or its parser has found out is not found here.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from policyc.dsl.system.digests import digest

from .fingerprint import basis
from .store import Store, Trouble


class AnswerCache:
    """A memory in a file. What is learnt is kept together when the run is over."""

    def __init__(self, file: Path | None) -> None:
        """`None` keeps nothing beyond the run."""
        self.file = file
        self._store = None if file is None else Store(file)
        self._known: dict[bytes, str | None] = {}
        self._learnt: dict[bytes, str] = {}
        self._told = 0

    @property
    def trouble(self) -> Trouble | None:
        """Why the file is done without, if it is."""
        return None if self._store is None else self._store.trouble

    def recall(self, key: bytes) -> str | None:
        """What is kept under a digest, if anything."""
        if key in self._learnt:
            return self._learnt[key]
        if key not in self._known:
            self._known[key] = None if self._store is None else self._store.read(_bound(key))
        return self._known[key]

    def keep(self, key: bytes, text: str) -> None:
        self._learnt[key] = text

    def learn(self, entries: Iterable[tuple[bytes, str]]) -> None:
        """What another process has found out."""
        self._learnt.update(entries)

    def let_go(self) -> None:
        """Closes the file for now: processes that are copies of each other must not share it open."""
        if self._store is not None:
            self._store.let_go()

    def part(self) -> None:
        """Parts from the process of which this one is a copy: only what is found out from now on is news."""
        self._told = len(self._learnt)

    def news(self) -> list[tuple[bytes, str]]:
        """What was found out since this was last asked."""
        found = list(islice(self._learnt.items(), self._told, None))
        self._told = len(self._learnt)
        return found

    def close(self) -> None:
        """Writes what was learnt, in one step, or not at all."""
        if self._store is None:
            return
        if self._learnt:
            recalled = [_bound(key) for key, text in self._known.items() if text is not None]
            self._store.write({_bound(key): text for key, text in self._learnt.items()}, recalled)
        self._store.let_go()


def _bound(key: bytes) -> bytes:
    """A key that only those find who would work with the same program."""
    return digest(basis(), key)
