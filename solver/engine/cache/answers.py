"""The answers of earlier runs, each under a digest of its question.

In: digests and texts. Out: the texts kept for them. The cache is a convenience: if it cannot be opened, read or
written, or is damaged, everything is computed again. Nothing in it is ever executed. Answers of other versions of this
program, its solver or its parser are never returned.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from policyc.dsl.system.digests import digest

from .fingerprint import basis
from .store import Store, Trouble


class AnswerCache:
    """A cache in a file. New answers are written together at the end of the run."""

    def __init__(self, file: Path | None) -> None:
        """`None` keeps nothing beyond the run."""
        self.file = file
        self._store = None if file is None else Store(file)
        self._known: dict[bytes, str | None] = {}
        self._learnt: dict[bytes, str] = {}
        self._reported = 0

    def rebuilt(self) -> Any:
        """Another process opens the file itself; what is not written yet is not known there."""
        return AnswerCache, (self.file,)

    @property
    def trouble(self) -> Trouble | None:
        """Why the file is not used, if so."""
        return None if self._store is None else self._store.trouble

    def recall(self, key: bytes) -> str | None:
        """The text kept under a digest, if any."""
        if key in self._learnt:
            return self._learnt[key]
        if key not in self._known:
            self._known[key] = None if self._store is None else self._store.read(_bound(key))
        return self._known[key]

    def keep(self, key: bytes, text: str) -> None:
        self._learnt[key] = text

    def learn(self, entries: Iterable[tuple[bytes, str]]) -> None:
        """Adds what another process has found out."""
        self._learnt.update(entries)

    def release(self) -> None:
        """Closes the file until it is needed again, since copies of this process must not share it open."""
        if self._store is not None:
            self._store.release()

    def detach(self) -> None:
        """Called in a copy of a process: from now on only its own answers are news."""
        self._reported = len(self._learnt)

    def news(self) -> list[tuple[bytes, str]]:
        """What was found out since the last call."""
        found = list(islice(self._learnt.items(), self._reported, None))
        self._reported = len(self._learnt)
        return found

    def close(self) -> None:
        """Writes the new answers in one step, or not at all."""
        if self._store is None:
            return
        if self._learnt:
            hits = [_bound(key) for key, text in self._known.items() if text is not None]
            self._store.write({_bound(key): text for key, text in self._learnt.items()}, hits)
        self._store.release()


def _bound(key: bytes) -> bytes:
    """The key combined with the versions of this program and its libraries."""
    return digest(basis(), key)
