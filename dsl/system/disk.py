"""What a run reads from the disk, and whether a later run would read the same.

In: paths. Out: the files a path means, the file a name leads to, the text of a file, or why there is none. Everything
is looked at once a run, and each look is kept with a digest of what was found *then*: a result is bound to the bytes
that were read, not to a size or a time that other bytes may share.

Only ordinary files are opened, since others may block or never end; and no more is read than a policy file may hold,
whatever size the file claims.
"""

from __future__ import annotations

import codecs
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

#: The reason that a file cannot be read if there is none.
MISSING = text("load.missing")

#: In bytes. No policy file is this large; the limit keeps a slip of the hand from using up the memory.
SIZE_LIMIT = 10_000_000

_PIECE = 1_000_000

#: The look of a file whose contents the caller gave: it equals no digest, so no later run sees the same.
_GIVEN = "given"

#: Opening a file with these flags never blocks, and never makes a terminal the controlling one.
_QUIETLY = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


class Kind(StrEnum):
    """What a look at a name asks."""

    FILES = "files"
    NAMES = "names"
    PLACE = "place"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Look:
    """A look at the disk: what it asked, the absolute path, and the answer, in short."""

    kind: Kind
    name: str
    found: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy file below a folder; with a `reason`, something that should be read but cannot be."""

    path: Path
    reason: Text | None = None


class Disk:
    """The disk as one run sees it. `contents` replaces what some files hold."""

    def __init__(self, contents: Mapping[Path, str] | None = None) -> None:
        self._given = {_whole(path): content for path, content in (contents or {}).items()}
        self._files: dict[str, tuple[Entry, ...] | Text | None] = {}
        self._names: dict[str, tuple[tuple[str, bool], ...]] = {}
        self._places: dict[str, Path] = {}
        self._texts: dict[str, str | Text] = {}
        self._looks: dict[tuple[Kind, str], str] = {}

    @property
    def looks(self) -> tuple[Look, ...]:
        """Every look so far."""
        return tuple(Look(kind, name, found) for (kind, name), found in self._looks.items())

    def shows(self, looks: Iterable[Look]) -> bool:
        """Whether everything is as it was when these looks were taken."""
        return all(self._again(look) == look.found for look in looks)

    def _again(self, look: Look) -> str | None:
        path = Path(look.name)
        match look.kind:
            case Kind.FILES:
                self.files(path)
            case Kind.NAMES:
                self.names(path)
            case Kind.PLACE:
                self.place(path)
            case Kind.TEXT:
                self.text(path)
        return self._looks.get((look.kind, look.name))

    def files(self, path: Path) -> tuple[Entry, ...] | Text | None:
        """The policy files in a folder; `None` if the path is not a folder; or why neither is known."""
        name = _whole(path)
        if name in self._given:
            return None
        if name not in self._files:
            found = self._files[name] = _files(path)
            self._looks[Kind.FILES, name] = digest(*_listed(path, found)).hex()
        return self._files[name]

    def names(self, folder: Path) -> tuple[tuple[str, bool], ...]:
        """The names in a folder in order, but for hidden ones, and whether each is a folder; none if it is none or
        cannot be read."""
        name = _whole(folder)
        if name not in self._names:
            try:
                found = tuple(item for item in _items(folder) if not item[0].startswith("."))
            except (OSError, ValueError):
                found = ()
            self._names[name] = found
            self._looks[Kind.NAMES, name] = digest(repr(found).encode()).hex()
        return self._names[name]

    def place(self, path: Path) -> Path:
        """The file behind links; for a circle of links, a path that cannot be read."""
        name = _whole(path)
        if name in self._given:
            return Path(name)
        if name not in self._places:
            found = behind_links(path)
            self._places[name] = found
            self._looks[Kind.PLACE, name] = str(found)
        return self._places[name]

    def text(self, place: Path) -> str | Text:
        """The text of a file, or why there is none; the same for the whole run."""
        name = _whole(place)
        if name not in self._texts:
            if name in self._given:
                self._texts[name], self._looks[Kind.TEXT, name] = self._given[name], _GIVEN
                return self._texts[name]
            content = read_bytes(place)
            self._texts[name] = decoded(content)
            summed = repr(content).encode() if isinstance(content, Text) else content
            self._looks[Kind.TEXT, name] = digest(type(content).__name__.encode(), summed).hex()
        return self._texts[name]


def behind_links(path: Path) -> Path:
    """The file to which links lead; for a circle of links, a path that leads nowhere."""
    try:
        found = Path(os.path.realpath(path))
        if not os.path.lexists(found) and os.path.exists(path):
            return Path(_whole(path))  # a link made by the system, to a pipe without a name
        return found
    except (OSError, ValueError):  # the working folder is gone; a character that no path can hold
        return Path(_whole(path))


def read_text(path: Path) -> str | Text:
    """The text of a file, or why there is none."""
    return decoded(read_bytes(path))


def read_bytes(path: Path) -> bytes | Text:
    """The content of an ordinary file of moderate size, or why it cannot be read."""
    try:
        # Checked before opening, since opening some devices has an effect; and again afterwards, since something
        # else may have taken the name meanwhile.
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
        return MISSING


def _refusal(status: os.stat_result) -> Text | None:
    if stat.S_ISDIR(status.st_mode):
        return text("load.folder")
    if not stat.S_ISREG(status.st_mode):
        return text("load.no-file")
    return too_large() if status.st_size > SIZE_LIMIT else None


def _content(descriptor: int) -> bytes | Text:
    """Everything up to the limit: the file may be growing, or be generated by the system."""
    found = bytearray()
    while piece := os.read(descriptor, _PIECE):
        found += piece
        if len(found) > SIZE_LIMIT:
            return too_large()
    return bytes(found)


def too_large() -> Text:
    """The message that a file is larger than any policy file."""
    return text("load.too-large", limit=SIZE_LIMIT // 1_000_000)


def decoded(content: bytes | Text) -> str | Text:
    if isinstance(content, Text):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = _other_encoding(content)
        if encoding is None:
            return text("load.not-utf8", offset=error.start + 1)
        return text("load.other-encoding", offset=error.start + 1, encoding=encoding)


#: How much of a text is looked at to tell its encoding.
_SAMPLE = 100_000


def _other_encoding(content: bytes) -> str | None:
    """The encoding that a text which is not UTF-8 seems to be in: UTF-16 by its mark or its line ends, GBK if all of it can be read so and
    most letters beyond ASCII are common Han characters."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    if b"\n\0" in content or b"\0\n" in content:
        return "UTF-16"
    sample = content[:_SAMPLE]
    try:
        # The sample may end within a character, which the incremental decoder waits for.
        read = codecs.getincrementaldecoder("gb18030")().decode(sample)
    except UnicodeDecodeError:
        return None
    letters = [letter for letter in read if not letter.isascii()]
    common = sum(_is_common_han(letter) for letter in letters)
    return "GBK (GB18030)" if common * 2 > len(letters) else None


def _is_common_han(letter: str) -> bool:
    """Whether GB 2312 has a character: rows 16 to 55 are the common ones, the first rows are marks."""
    code = letter.encode("gb18030")
    return len(code) == 2 and code[1] >= 0xA1 and (0xB0 <= code[0] <= 0xF7 or code[0] <= 0xA3)


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
    """Why the system refuses to read something."""
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
        return MISSING
    found = tuple(_below(path))
    if found and found[0].path == path and found[0].reason is not None:
        return found[0].reason
    return found


#: In how many folders policy files are looked for where no path was named: it may be a home folder, or `/`.
_MOST_FOLDERS = 2_000


def has_policies(folder: Path) -> bool:
    """Whether there are policy files in or below a folder, as far as the first folders show."""
    return any(entry.reason is None for entry in _below(folder, _MOST_FOLDERS))


def _below(folder: Path, most: int | None = None) -> Iterator[Entry]:
    """All policy files below a folder in order, and all folders that cannot be read; only of the first `most` folders,
    if given. Links to folders are not followed; hidden names and virtual environments are skipped, since policyc may be
    installed there, with the bundled policies."""
    waiting, looked = [folder], 0
    while waiting and (most is None or looked < most):
        current = waiting.pop()
        looked += 1
        try:
            items = _items(current)
        except OSError as error:
            yield Entry(current, unreadable(error))
            continue
        if current != folder and ("pyvenv.cfg", False) in items:
            continue
        visible = [(name, is_folder) for name, is_folder in items if not name.startswith(".")]
        for name, is_folder in visible:
            if name.endswith(SUFFIX):
                # A folder with the name of a policy file: some tools create one in place of a missing file.
                yield Entry(current / name, text("load.folder") if is_folder else None)
        waiting += reversed([current / name for name, is_folder in visible if is_folder])


def _items(folder: Path) -> list[tuple[str, bool]]:
    """What a folder holds, in order of the names, and whether each is a folder."""
    with os.scandir(folder) as entries:
        return sorted((entry.name, _is_folder(entry)) for entry in entries)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:  # reading it reports why
        return False


def _listed(path: Path, found: tuple[Entry, ...] | Text | None) -> Iterator[bytes]:
    if not isinstance(found, tuple):
        yield repr(found).encode()
        return
    for entry in found:
        yield os.fsencode(entry.path.relative_to(path))
        yield repr(entry.reason).encode()


def _whole(path: Path) -> str:
    """The absolute path, links kept; as it was given if the working folder is gone."""
    try:
        return str(Path(os.getcwd(), path))
    except OSError:
        return str(path)
