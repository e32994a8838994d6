"""Writes text to standard output, a file or standard error: always whole, and in UTF-8 by default.

In: finished text. A file appears complete or not at all. Whatever the text, no characters are written that a terminal
would obey or that would reverse the direction of reading: see `harmless`.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep
from typing import TextIO

_WIDEST = 160

#: What a terminal obeys (controls except line ends, tabs and the colours of `terminal.py`), what changes the direction
#: of reading, and code points that are not characters.
_HARMFUL = re.compile(
    "(\x1b\\[[0-9;]{1,4}m)|[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def harmless(content: str) -> str:
    """The text with harmful characters written out, `<U+001B>`. A second safeguard: renderers already write out
    invisible characters (`terminal.visible`)."""
    return _HARMFUL.sub(lambda found: found[1] or f"<U+{ord(found[0]):04X}>", content)


def settle_streams() -> None:
    """Makes the streams accept every character: pipes and files get UTF-8, a terminal what it can show. A closed stream
    is opened to the null device, so that no file opened later gets its number and the output of others."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the least free number, which is this one
    streams = ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace"))
    for stream, errors in streams:
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty() and stream.encoding.lower().replace("-", "") != "utf8":
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors=errors)


def write_report(content: str, file: Path | None) -> None:
    """Writes to a file if named, else to standard output; a closed pipe is no error.

    Raises `OSError` if it cannot be written.
    """
    if file is not None:
        _replace(file, harmless(content))
        return
    if sys.stdout is None:
        raise OSError(errno.EBADF, "closed")
    with contextlib.suppress(BrokenPipeError):
        _write(sys.stdout, content)


def write_notice(content: str) -> None:
    """Writes to standard error; a failure is ignored, since nobody would see it."""
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
    """Sends the rest to the null device, so that closing the stream at exit raises nothing."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())


def _replace(file: Path, content: str) -> None:
    """Writes beside the file, then renames; the old content stays until the new text is complete."""
    data = content.encode("utf-8", "backslashreplace")
    if file.exists() and not file.is_file():  # a device or a pipe has no content to keep
        _put(file, data)
        return
    import tempfile  # loading it takes longer than showing a help page

    from policyc.dsl.system.disk import behind_links
    from policyc.dsl.system.signals import undisturbed

    target = behind_links(file)
    with undisturbed("SIGINT", "SIGTERM", "SIGHUP"):  # so that no half-written file is left behind
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


#: Seconds to wait for somebody to read from a pipe.
_PATIENCE = 2.0


def _put(file: Path, data: bytes) -> None:
    """Writes to a pipe or a terminal, never to a block device."""
    mode = file.stat().st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        reason = errno.EISDIR if stat.S_ISDIR(mode) else errno.EPERM
        raise OSError(reason, os.strerror(reason), str(file))
    handle = _opened(file)
    os.set_blocking(handle, True)
    with open(handle, "wb") as stream:
        stream.write(data)


def _opened(file: Path) -> int:
    """A pipe or a terminal, open for writing. Opened normally, a pipe would wait for its reader for ever."""
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
    """The permissions of the replaced file, or those of a new one."""
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def coloured(wish: str, *, to_file: bool, environment: Mapping[str, str] | None = None) -> bool:
    """Whether to colour a report: by `always` or `never`, else if it goes to a terminal and `NO_COLOR` is not set."""
    environment = os.environ if environment is None else environment
    if wish != "auto":
        return wish == "always"
    if to_file or environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return _is_terminal(sys.stdout)


def notices_are_seen() -> bool:
    """Whether standard error is a terminal."""
    return _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def terminal_width(default: int) -> int:
    """The width in cells of the terminal that reports go to; `default` if they go elsewhere."""
    if not _is_terminal(sys.stdout):
        return default
    import shutil

    return min(shutil.get_terminal_size((default, 24)).columns, _WIDEST)
