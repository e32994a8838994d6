"""Where text goes: standard output, a file, standard error; always whole, and UTF-8 where nobody chose otherwise.

In: text that is ready. A file appears complete or not at all. Formats and languages are not known here.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

_WIDEST = 160


def settle_streams() -> None:
    """Makes both streams take every character: pipes and files get UTF-8, a terminal what it can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty() and stream.encoding.lower().replace("-", "") != "utf8":
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def write_report(content: str, file: Path | None) -> None:
    """To a file if one is named, else to standard output; a reader who has left is no error.

    Raises `OSError` where the file cannot be written.
    """
    if file is not None:
        _replace(file, content)
    else:
        _write(sys.stdout, content)


def write_notice(content: str) -> None:
    _write(sys.stderr, content)


def _write(stream: TextIO, content: str) -> None:
    try:
        stream.write(content)
        stream.flush()
    except BrokenPipeError:
        _abandon(stream)


def _abandon(stream: TextIO) -> None:
    """Sends the rest nowhere, so that closing the stream at exit does not complain."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())


def _replace(file: Path, content: str) -> None:
    """Writes beside the file, then renames; what was there stays until the new text is complete."""
    if file.exists() and not file.is_file():  # a device or a pipe has nothing to keep
        file.write_text(content, encoding="utf-8", newline="\n")
        return
    import tempfile  # takes longer to load than a help page takes to show

    target = file.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
        os.chmod(name, _mode(target))
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


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
    return sys.stdout.isatty()


def terminal_width(default: int) -> int:
    """Cells across the terminal that reports go to; `default` where they go elsewhere."""
    if not sys.stdout.isatty():
        return default
    import shutil

    return min(shutil.get_terminal_size((default, 24)).columns, _WIDEST)
