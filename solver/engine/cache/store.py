"""The file that keeps texts from run to run, each under a key.

In: keys and texts. Out: the texts. Whatever is wrong with the file, nothing is raised: it is not used, and `trouble`
says why. Several runs may use it at once.

* It is trusted only if nobody but the user can have written it: the user owns folder and file, and no one else may
  write to them. The checksum of an entry only detects accidental damage; anyone could compute it.
* A damaged file is replaced. A file that is locked, full or not writable is not damaged, and is left as it is.
* It uses SQLite's rollback journal, since the other kind (WAL) needs memory shared by all users of the file, which a
  network folder does not have.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from policyc.dsl.system.digests import digest

T = TypeVar("T")

#: Bytes of text; beyond this, newer entries replace older ones, the longest unused first.
LIMIT = 64_000_000

#: Seconds to wait for another run that has locked the file.
PATIENCE = 1.0

_TABLE = "create table if not exists answers (key blob primary key, text text, sum blob, used integer)"

_WRITABLE_FOR_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class Trouble(StrEnum):
    """Why the file is not used, as the key of a message."""

    FOREIGN = "cache.foreign"
    LOCKED = "cache.locked"
    UNUSABLE = "cache.unusable"


#: Errors that only a damaged file causes. A sound file with other tables belongs to another program.
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class _Foreign(Exception):
    """Somebody else could have written the file."""


class Store:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.trouble: Trouble | None = None
        self._connection: sqlite3.Connection | None = None
        #: The identity of the open file: another may take its name meanwhile.
        self._identity: tuple[int, int] | None = None

    def read(self, key: bytes) -> str | None:
        """The text kept under a key, if any."""
        if self.trouble is not None:
            return None
        row = self._done(
            lambda connection: connection.execute("select text, sum from answers where key = ?", (key,)).fetchone()
        )
        match row:
            case (bytes(content), bytes(kept)) if kept == digest(key, content):
                return content.decode()
            case _:
                return None

    def write(self, texts: Mapping[bytes, str], hits: Iterable[bytes]) -> None:
        """Keeps some texts, in one step or not at all, and marks others as used."""
        if self.trouble in (None, Trouble.LOCKED):  # the run that locked it may be done
            self.trouble = None
            self._done(lambda connection: _write(connection, texts, hits))
        self.release()

    def release(self) -> None:
        """Closes the file until it is needed again. Processes must not share it open."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    # --- What can go wrong ---

    def _done(self, work: Callable[[sqlite3.Connection], T], *, again: bool = True) -> T | None:
        """The result of work on the file, if it can be used; repeated once if the file was damaged."""
        try:
            if self._connection is None:
                self._connection = self._opened()
            return work(self._connection)
        except _Foreign:
            self.trouble = Trouble.FOREIGN
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            self.release()
            if code in _DAMAGE and again and self._cleared():
                return self._done(work, again=False)
            self.trouble = Trouble.LOCKED if code in _BUSY else Trouble.UNUSABLE
        except (OSError, ValueError):  # the folder cannot be created; an invalid name
            self.trouble = Trouble.UNUSABLE
        return None

    def _opened(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_foreign(os.stat(self.file.parent))
        with contextlib.suppress(FileExistsError):  # SQLite would create it readable for everybody
            os.close(os.open(self.file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        self._identity = self._checked()
        connection = sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None)
        connection.text_factory = bytes
        try:
            connection.execute(_TABLE)
            if self._checked() != self._identity:
                raise _Foreign
        except BaseException:
            connection.close()
            raise
        return connection

    def _checked(self) -> tuple[int, int]:
        """The identity of the file, after checking that it is the user's."""
        status = os.lstat(self.file)
        _refuse_foreign(status)
        if not stat.S_ISREG(status.st_mode):
            raise _Foreign
        with contextlib.suppress(FileNotFoundError):
            _refuse_foreign(os.lstat(f"{self.file}-journal"))
        return status.st_dev, status.st_ino

    def _cleared(self) -> bool:
        """Removes a damaged file, unless another one has taken its place."""
        aside = self.file.with_name(f"{self.file.name}.{os.getpid()}.damaged")
        try:
            if self._checked() != self._identity:
                return True
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{self.file}-journal")
            os.rename(self.file, aside)
            status = os.lstat(aside)
            if (status.st_dev, status.st_ino) != self._identity:  # replaced at this very moment
                os.rename(aside, self.file)
            else:
                os.unlink(aside)
        except (OSError, _Foreign):
            return False
        return True


def _refuse_foreign(status: os.stat_result) -> None:
    """Refuses a file that belongs to somebody else or is writable for others, as far as the system reports it."""
    if not hasattr(os, "geteuid"):
        return
    if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_FOR_OTHERS:
        raise _Foreign


def _write(connection: sqlite3.Connection, texts: Mapping[bytes, str], hits: Iterable[bytes]) -> None:
    connection.execute("begin immediate")
    (last,) = connection.execute("select max(used) from answers where typeof(used) = 'integer'").fetchone()
    now = 1 + (last if last is not None and last < 2**62 else 0)
    encoded = {key: text.encode() for key, text in texts.items()}
    rows = ((key, content.decode(), digest(key, content), now) for key, content in encoded.items())
    connection.executemany("insert or replace into answers values (?, ?, ?, ?)", rows)
    connection.executemany("update answers set used = ? where key = ?", [(now, key) for key in hits])
    _trim(connection)
    connection.execute("commit")


def _trim(connection: sqlite3.Connection) -> None:
    while True:
        total, oldest, newest = connection.execute(
            "select coalesce(sum(length(text)), 0), min(used), max(used) from answers"
        ).fetchone()
        if total <= LIMIT or oldest == newest:
            return
        connection.execute("delete from answers where used = ?", (oldest,))
