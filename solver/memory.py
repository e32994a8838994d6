"""What earlier runs found out, kept on disk: the answer to each question under a digest of its content.

In: digests and texts. Out: the texts kept for them. A memory is a convenience: where it cannot be opened, read
or written, or holds something damaged, everything is simply worked out again. Nothing in it is ever executed,
and each entry carries a check sum of its own, so that what was damaged is not believed. Several runs may use
one memory at a time.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice
from pathlib import Path

#: Entries beyond this make way for newer ones, the longest unused first (bytes of text).
LIMIT = 64_000_000

_TABLE = "create table if not exists answers (key blob primary key, text text, sum blob, used integer)"


def digest(*parts: bytes) -> bytes:
    """A digest of some parts; where one ends and the next begins makes a difference."""
    found = blake2b(digest_size=16)
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.digest()


class Memory:
    """A memory in a file. What is learnt is kept together when the run is over."""

    def __init__(self, file: Path | None) -> None:
        """`None` keeps nothing beyond the run."""
        self._file = file
        self._known: dict[bytes, str | None] = {}
        self._learnt: dict[bytes, str] = {}
        self._told = 0
        self._connection: sqlite3.Connection | None = None

    def recall(self, key: bytes) -> str | None:
        """What is kept under a digest, if anything."""
        if key in self._learnt:
            return self._learnt[key]
        if key not in self._known:
            self._known[key] = self._read(key)
        return self._known[key]

    def keep(self, key: bytes, text: str) -> None:
        self._learnt[key] = text

    def learn(self, entries: Iterable[tuple[bytes, str]]) -> None:
        """What another process has found out."""
        self._learnt.update(entries)

    def part(self) -> None:
        """Parts from the process of which this one is a copy: a connection must not be shared."""
        self._connection = None
        self._told = len(self._learnt)

    def news(self) -> list[tuple[bytes, str]]:
        """What was found out since this was last asked."""
        found = list(islice(self._learnt.items(), self._told, None))
        self._told = len(self._learnt)
        return found

    def close(self) -> None:
        """Writes what was learnt, in one step, or not at all."""
        if not self._learnt:
            return
        connection = self._open()
        if connection is None:
            return
        with contextlib.suppress(sqlite3.Error), connection:
            (last,) = connection.execute("select coalesce(max(used), 0) from answers").fetchone()
            rows = ((key, text, _sum(key, text), last + 1) for key, text in self._learnt.items())
            connection.executemany("insert or replace into answers values (?, ?, ?, ?)", rows)
            recalled = [(last + 1, key) for key, text in self._known.items() if text is not None]
            connection.executemany("update answers set used = ? where key = ?", recalled)
            self._trim(connection)
        connection.close()
        self._connection = None

    @staticmethod
    def _trim(connection: sqlite3.Connection) -> None:
        while True:
            total, oldest, newest = connection.execute(
                "select coalesce(sum(length(text)), 0), min(used), max(used) from answers"
            ).fetchone()
            if total <= LIMIT or oldest == newest:
                return
            connection.execute("delete from answers where used = ?", (oldest,))

    def _read(self, key: bytes) -> str | None:
        connection = self._open()
        if connection is None:
            return None
        try:
            row = connection.execute("select text, sum from answers where key = ?", (key,)).fetchone()
        except sqlite3.DatabaseError:
            self._discard()
            return None
        if row is None or not isinstance(row[0], str) or row[1] != _sum(key, row[0]):
            return None
        return row[0]

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and self._file is not None:
            self._connection = self._opened(self._file) or self._rebuilt(self._file)
            if self._connection is None:
                self._file = None
        return self._connection

    @staticmethod
    def _opened(file: Path) -> sqlite3.Connection | None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _own(file.parent):
                return None
            connection = sqlite3.connect(file, timeout=2)
            connection.execute(_TABLE)
        except (sqlite3.Error, OSError):
            return None
        return connection

    def _rebuilt(self, file: Path) -> sqlite3.Connection | None:
        """A damaged file makes way for a new one."""
        if not file.is_file() or not _own(file.parent):
            return None
        with contextlib.suppress(OSError):
            file.unlink()
            return self._opened(file)
        return None

    def _discard(self) -> None:
        file = self._file
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None if file is None else self._rebuilt(file)
        if self._connection is None:
            self._file = None


def _own(folder: Path) -> bool:
    """Whether nobody else can write to a folder, as far as the system tells."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _sum(key: bytes, text: str) -> bytes:
    return digest(key, text.encode("utf-8"))
