"""Where text goes: standard output, a file, standard error; always whole, and UTF-8 where nobody chose otherwise.

In: text that is ready. A file appears complete or not at all. Formats and languages are not known here. Whatever the
text, nothing leaves that a terminal would obey or that would turn what is read around: see `harmless`.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import signal
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import TextIO

_WIDEST = 160

#: What a terminal obeys (controls but for the ends of lines and tabs, and the colours of `palette.py`), what
#: changes the direction of reading, and what is no character.
_HARMFUL = re.compile(
    "(\x1b\\[[0-9;]{1,4}m)|[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def harmless(content: str) -> str:
    """The text with what would do harm written out, `<U+001B>`. The last of two nets: who makes the text has written
    out all that cannot be seen (`cells.visible`)."""
    return _HARMFUL.sub(lambda found: found[1] or f"<U+{ord(found[0]):04X}>", content)


def settle_streams() -> None:
    """Makes the streams take every character: pipes and files get UTF-8, a terminal what it can show. One that is
    closed is taken by what goes nowhere, so that no file that is opened later has its number, and what others write
    there."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the least number that is free, which is this one
    streams = ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace"))
    for stream, errors in streams:
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty() and stream.encoding.lower().replace("-", "") != "utf8":
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors=errors)


def write_report(content: str, file: Path | None) -> None:
    """To a file if one is named, else to standard output; a reader who has left is no error.

    Raises `OSError` where it cannot be written.
    """
    if file is not None:
        _replace(file, harmless(content))
        return
    if sys.stdout is None:
        raise OSError(errno.EBADF, "closed")
    with contextlib.suppress(BrokenPipeError):
        _write(sys.stdout, content)


def write_notice(content: str) -> None:
    """To standard error; where that cannot be written there is nobody to be told."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            _write(sys.stderr, content)


def _write(stream: TextIO, content: str) -> None:
    try:
        stream.write(harmless(content))
        stream.flush()
    except OSError:
        _abandon(stream)
        raise


def _abandon(stream: TextIO) -> None:
    """Sends the rest nowhere, so that closing the stream at exit does not complain."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())


def _replace(file: Path, content: str) -> None:
    """Writes beside the file, then renames; what was there stays until the new text is complete."""
    data = content.encode("utf-8", "backslashreplace")
    if file.exists() and not file.is_file():  # a device or a pipe has nothing to keep
        _put(file, data)
        return
    import tempfile  # takes longer to load than a help page takes to show

    from policyc.dsl.system.disk import behind_links

    target = behind_links(file)
    with _undisturbed():
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        try:
            with open(handle, "wb") as stream:
                stream.write(data)
            os.chmod(name, _mode(target))
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Has signals that end the program wait for a moment, so that no half-written file is left behind."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


#: Seconds to wait for somebody to read from a pipe.
_PATIENCE = 2.0


def _put(file: Path, data: bytes) -> None:
    """Writes into a pipe or a terminal. Nothing is ever written over a disk."""
    mode = file.stat().st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        reason = errno.EISDIR if stat.S_ISDIR(mode) else errno.EPERM
        raise OSError(reason, os.strerror(reason), str(file))
    handle = _opened(file)
    os.set_blocking(handle, True)
    with open(handle, "wb") as stream:
        stream.write(data)


def _opened(file: Path) -> int:
    """A pipe or a terminal, open for writing. Opened in the usual way, a pipe would wait for its reader for ever."""
    patience = monotonic() + _PATIENCE
    flags = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    while True:
        try:
            return os.open(file, flags)
        except OSError as error:
            if error.errno != errno.ENXIO or monotonic() > patience:
                raise
        sleep(0.02)


def _mode(target: Path) -> int:
    """Permissions of the file that is replaced, or those any new file would get."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def coloured(wish: str, *, to_file: bool, environment: Mapping[str, str] | None = None) -> bool:
    """Whether to colour a report: as told by `always` or `never`, else on a terminal without `NO_COLOR`."""
    environment = os.environ if environment is None else environment
    if wish != "auto":
        return wish == "always"
    if to_file or environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return _is_terminal(sys.stdout)


def notices_are_seen() -> bool:
    """Whether somebody sees standard error as it is written."""
    return _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def terminal_width(default: int) -> int:
    """Cells across the terminal that reports go to; `default` where they go elsewhere."""
    if not _is_terminal(sys.stdout):
        return default
    import shutil

    return min(shutil.get_terminal_size((default, 24)).columns, _WIDEST)
