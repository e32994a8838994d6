"""What a run sees of the disk, and how it tells later whether it would see the same again.

In: paths. Out: what files a path means, which file a name leads to, the text of a file, or why there is none. All
is looked at once a run, and each look is kept with a digest of what was found *then*: what is worked out of the
bytes that were read is bound to these bytes, not to a size or a time that may be those of others.

Only ordinary files are opened, since the others may wait, or never end; and of each no more is read than a policy
file may hold, whatever size it gives itself.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..diagnostics.diagnostic import Text, text
from .digests import digest

SUFFIX = ".policy"

#: No policy file is this large; a limit keeps a slip of the hand from eating all memory (bytes).
SIZE_LIMIT = 10_000_000

_PIECE = 1_000_000

#: What is told is on no disk, so it never looks the same again.
_TOLD = "told"

#: Opened so, a file never keeps the reader waiting, and no terminal becomes the program's own.
_QUIETLY = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
)


class Kind(StrEnum):
    """What is looked for under a name."""

    FILES = "files"
    PLACE = "place"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the disk: what for, under which whole path, and what was found, in short."""

    kind: Kind
    name: str
    found: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy file below a folder; with a reason, something else that should be read and cannot be."""

    path: Path
    reason: Text | None = None


class Disk:
    """The disk as one run sees it. Of some files it is told what they hold, whatever is there."""

    def __init__(self, told: Mapping[Path, str] | None = None) -> None:
        self._told = {_whole(path): content for path, content in (told or {}).items()}
        self._files: dict[str, tuple[Entry, ...] | Text | None] = {}
        self._places: dict[str, Path] = {}
        self._texts: dict[str, str | Text] = {}
        self._looks: dict[tuple[Kind, str], str] = {}

    @property
    def looks(self) -> tuple[Look, ...]:
        """Everything that was looked at so far."""
        return tuple(Look(kind, name, found) for (kind, name), found in self._looks.items())

    def shows(self, looks: Iterable[Look]) -> bool:
        """Whether everything looks as it did then."""
        return all(self._again(look) == look.found for look in looks)

    def _again(self, look: Look) -> str | None:
        path = Path(look.name)
        match look.kind:
            case Kind.FILES:
                self.files(path)
            case Kind.PLACE:
                self.place(path)
            case Kind.TEXT:
                self.text(path)
        return self._looks.get((look.kind, look.name))

    def files(self, path: Path) -> tuple[Entry, ...] | Text | None:
        """The policy files that a folder holds; `None` for what is no folder; or why neither can be said."""
        name = _whole(path)
        if name in self._told:
            return None
        if name not in self._files:
            found = self._files[name] = _files(path)
            self._looks[Kind.FILES, name] = digest(*_listed(path, found)).hex()
        return self._files[name]

    def place(self, path: Path) -> Path:
        """The file behind links; of links in a circle a path that cannot be read."""
        name = _whole(path)
        if name in self._told:
            return Path(name)
        if name not in self._places:
            found = behind_links(path)
            self._places[name] = found
            self._looks[Kind.PLACE, name] = str(found)
        return self._places[name]

    def text(self, place: Path) -> str | Text:
        """The text of a file, or why there is none. Of one file it is always the same."""
        name = _whole(place)
        if name not in self._texts:
            if name in self._told:
                self._texts[name], self._looks[Kind.TEXT, name] = self._told[name], _TOLD
                return self._texts[name]
            content = read_bytes(place)
            self._texts[name] = decoded(content)
            summed = repr(content).encode() if isinstance(content, Text) else content
            self._looks[Kind.TEXT, name] = digest(type(content).__name__.encode(), summed).hex()
        return self._texts[name]


def behind_links(path: Path) -> Path:
    """The file to which links lead; of links in a circle a path that leads nowhere either."""
    try:
        found = Path(os.path.realpath(path))
        if not os.path.lexists(found) and os.path.exists(path):
            return Path(_whole(path))  # a link of the system's own, to a pipe that has no name
        return found
    except (OSError, ValueError):  # no working folder any more; a character that no path holds
        return Path(_whole(path))


def read_text(path: Path) -> str | Text:
    """The text of a file, or why there is none."""
    return decoded(read_bytes(path))


def read_bytes(path: Path) -> bytes | Text:
    """What an ordinary file of a moderate size holds, or why nothing can be read."""
    try:
        # Looked at before it is opened, since to open some devices does something; and again once it is open,
        # since meanwhile something else may have taken its name.
        refusal = _refusal(os.stat(path))
        if refusal is not None:
            return refusal
        descriptor = os.open(path, _QUIETLY)
        try:
            return _refusal(os.fstat(descriptor)) or _content(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return unreadable(error)
    except ValueError:  # a character that no path can hold
        return text("load.missing")


def _refusal(status: os.stat_result) -> Text | None:
    if stat.S_ISDIR(status.st_mode):
        return text("load.folder")
    if not stat.S_ISREG(status.st_mode):
        return text("load.no-file")
    return too_large() if status.st_size > SIZE_LIMIT else None


def _content(descriptor: int) -> bytes | Text:
    """All there is, unless it is more than its size said: it may be written to, or be made by the system."""
    found = bytearray()
    while piece := os.read(descriptor, _PIECE):
        found += piece
        if len(found) > SIZE_LIMIT:
            return too_large()
    return bytes(found)


def too_large() -> Text:
    """That something is larger than any policy file."""
    return text("load.too-large", limit=SIZE_LIMIT // 1_000_000)


def decoded(content: bytes | Text) -> str | Text:
    if isinstance(content, Text):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return text("load.not-utf8", offset=error.start + 1)


_REASONS = {
    errno.ENOENT: "load.missing",
    errno.ENOTDIR: "load.missing",
    errno.EISDIR: "load.folder",
    errno.EACCES: "load.denied",
    errno.EPERM: "load.denied",
    errno.ELOOP: "load.links-in-a-circle",
    errno.ENAMETOOLONG: "load.name-too-long",
}


def unreadable(error: OSError) -> Text:
    """Why the system does not let something be read."""
    key = _REASONS.get(error.errno or 0)
    if key is not None:
        return text(key)
    return text("load.os-error", reason=error.strerror or type(error).__name__)


# --- Folders -----------------------------------------------------------------------------------------------


def _files(path: Path) -> tuple[Entry, ...] | Text | None:
    try:
        if not stat.S_ISDIR(os.stat(path).st_mode):
            return None
    except OSError as error:
        return unreadable(error)
    except ValueError:
        return text("load.missing")
    found = tuple(_below(path))
    if found and found[0].path == path and found[0].reason is not None:
        return found[0].reason
    return found


def _below(folder: Path) -> Iterator[Entry]:
    """All policy files below a folder in order, and all that cannot be looked into. Links to folders are not
    followed, and what is hidden is left out."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                items = sorted((entry.name, _is_folder(entry)) for entry in entries)
        except OSError as error:
            yield Entry(current, unreadable(error))
            continue
        visible = [(name, is_folder) for name, is_folder in items if not name.startswith(".")]
        for name, is_folder in visible:
            if name.endswith(SUFFIX):
                # A folder of such a name stands where a file should be: so some tools put one that is missing.
                yield Entry(current / name, text("load.folder") if is_folder else None)
        waiting += reversed([current / name for name, is_folder in visible if is_folder])


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # whoever reads it will hear why
        return False


def _listed(path: Path, found: tuple[Entry, ...] | Text | None) -> Iterator[bytes]:
    if not isinstance(found, tuple):
        yield repr(found).encode()
        return
    for entry in found:
        yield os.fsencode(entry.path.relative_to(path))
        yield repr(entry.reason).encode()


def _whole(path: Path) -> str:
    """A path from the root, with its links. Where there is no working folder any more, it is as it was given."""
    try:
        return str(Path(os.getcwd(), path))
    except OSError:
        return str(path)
