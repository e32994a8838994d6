"""Reads a policy set from disk: the files under the paths given, the files they `use`, their region tables.

In: files and folders. Out: source trees in order of path, the rows of region tables, and a diagnostic for each
file that could not be read. If the user named that file, `UnreadablePath` is raised instead.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from policyc import policies

from .binding.names import offer
from .binding.paths import paths_meant
from .diagnostics.diagnostic import Diagnostic, Text, report, text
from .diagnostics.source import SourceFile, Span
from .syntax import tree
from .syntax.expressions import String
from .syntax.parse import parse
from .syntax.region_table import RegionRow, read_table
from .system.disk import MISSING, SUFFIX, Disk, Entry, Look
from .system.file_names import as_text, for_system

#: `use "policyc:vocabulary.policy"` names a file of the bundled set.
BUNDLED_PREFIX = "policyc:"

#: The ending of region tables.
TABLE_SUFFIX = ".csv"

#: A longer circle of files is shown by its two ends.
_LONGEST_CIRCLE = 10


class UnreadablePath(Exception):
    """A path that the user named and that cannot be read."""

    def __init__(self, path: str, reason: Text) -> None:
        super().__init__(path)
        self.path = path
        self.reason = reason


@dataclass(slots=True)
class Loaded:
    trees: list[tree.SourceTree] = field(default_factory=list)
    region_rows: list[RegionRow] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    #: Every look at the disk that the result depends on, including what was missing.
    looks: tuple[Look, ...] = ()


@cache
def bundled() -> Path:
    """The folder of the bundled policies, wherever this package is installed or checked out. Of a program that is run
    from an archive they are unpacked, for as long as it runs."""
    folder = Path(policies.__file__).resolve().parent
    if folder.is_dir():
        return folder
    unpacked = Path(mkdtemp(prefix="policyc-"))
    atexit.register(rmtree, unpacked, ignore_errors=True)
    _unpack(files(policies), unpacked)
    return unpacked.resolve()


def _unpack(folder: Traversable, place: Path) -> None:
    for inner in folder.iterdir():
        if inner.is_dir():
            (place / inner.name).mkdir()
            _unpack(inner, place / inner.name)
        else:
            (place / inner.name).write_bytes(inner.read_bytes())


#: A file's source tree, and what is wrong with its text.
Parsed = tuple[tree.SourceTree, list[Diagnostic]]


def parse_each(files: Sequence[SourceFile]) -> list[Parsed]:
    return [parse(file) for file in files]


def load(
    paths: Sequence[Path],
    parse_all: Callable[[Sequence[SourceFile]], list[Parsed]] = parse_each,
    contents: Mapping[Path, str] | None = None,
) -> Loaded:
    """Everything that one run reads. `parse_all` parses the files under the paths; files they use are parsed one by
    one. `contents` replaces what some files hold. Raises `UnreadablePath` for the paths themselves."""
    disk = Disk(contents)
    entries = [(entry, entry.path != path) for path in paths for entry in _entries(disk, path)]
    named = dict.fromkeys(disk.place(entry.path) for entry, _ in entries if entry.reason is None)
    texts = ((path, disk.text(path)) for path in named)
    files = {path: SourceFile(display_path(path), text) for path, text in texts if isinstance(text, str)}
    parsed = dict(zip(files, parse_all(list(files.values())), strict=True))
    loader = _Loader(disk, parsed)
    for entry, within in entries:
        loader.read(entry, named=not within)
    loader.loaded.trees.sort(key=lambda source_tree: source_tree.file.path)
    loader.loaded.looks = disk.looks
    return loader.loaded


def display_path(path: Path) -> str:
    """A path for display: relative to the working directory if possible, with `/`; valid text whatever its bytes."""
    try:
        return as_text(Path(os.path.relpath(path)).as_posix())
    except (ValueError, OSError):  # on another drive; the working directory is gone
        return as_text(path.as_posix())


def _entries(disk: Disk, path: Path) -> tuple[Entry, ...]:
    """What a path of the command line means."""
    found = disk.files(path)
    if isinstance(found, Text):
        raise UnreadablePath(as_text(str(path)), found)
    return (Entry(path),) if found is None else found


class _Loader:
    def __init__(self, disk: Disk, parsed: Mapping[Path, Parsed]) -> None:
        """`parsed` has the files under the paths given."""
        self.loaded = Loaded()
        self._disk = disk
        self._parsed = parsed
        self._read: set[Path] = set()
        self._tables: set[Path] = set()
        #: Files being read, each used by the one before it, with the statements still to visit. A list of our own,
        #: since the chain may be too long for the interpreter's stack.
        self._open: dict[Path, Iterator[tree.Statement]] = {}

    def read(self, entry: Entry, *, named: bool) -> None:
        """Reads a file and everything that it leads to; `named`: the user named it."""
        if entry.reason is not None:
            self._unreadable(entry.path, entry.reason, None)
            return
        self._enter(entry.path, None, named=named)
        while self._open:
            path = next(reversed(self._open))
            match next(self._open[path], None):
                case None:
                    del self._open[path]
                case tree.Use(path=target):
                    self._enter(_target(_written(target), path), target.span)
                case tree.RegionsDeclaration(path=target):
                    self._table(_target(_written(target), path), target.span)
                case _:
                    pass

    def _enter(self, path: Path, place: Span | None, *, named: bool = False) -> None:
        """Begins to read a file; `place` is the `use` that led here."""
        resolved = self._disk.place(path)
        if named and isinstance(reason := self._disk.text(resolved), Text):
            raise UnreadablePath(as_text(str(path)), reason)
        if resolved in self._open:
            self._loop(resolved, place)
            return
        if resolved in self._read:
            return
        self._read.add(resolved)
        parsed = self._parsed.get(resolved) or self._parse(resolved)
        if isinstance(parsed, Text):
            self._unreadable(path, parsed, place, SUFFIX)
            return
        source_tree, diagnostics = parsed
        self.loaded.trees.append(source_tree)
        self.loaded.diagnostics += diagnostics
        self._open[resolved] = iter(source_tree.statements)

    def _parse(self, path: Path) -> Parsed | Text:
        """The parsed file that another one uses, or why it cannot be read."""
        content = self._disk.text(path)
        if isinstance(content, Text):
            return content
        return parse(SourceFile(display_path(path), content, used=True))

    def _loop(self, path: Path, place: Span | None) -> None:
        if place is None:
            return
        names = [as_text(file.name) for file in self._open]
        circle = [*names[list(self._open).index(path) :], as_text(path.name)]
        if len(circle) > _LONGEST_CIRCLE:
            half = _LONGEST_CIRCLE // 2
            circle = [*circle[:half], "…", *circle[-half:]]
        self.loaded.diagnostics.append(report("PC106", text("PC106.use", chain=" → ".join(circle)), place))

    def _unreadable(self, path: Path, reason: Text, place: Span | None, ending: str = "") -> None:
        """Reports a file; if a statement names one with that ending that is missing, with those that may be meant."""
        message = text("PC002.file", name=display_path(path), reason=reason)
        help = None
        if place is None:
            place = Span(SourceFile(display_path(path), ""), 0, 0)
        elif reason == MISSING and self._open:
            help = self._meant(place.text[1:-1], next(reversed(self._open)), ending)
        self.loaded.diagnostics.append(report("PC002", message, place, help=help))

    def _meant(self, written: str, user: Path, ending: str) -> Text | None:
        """The help line that names files which may be meant in the file `user`, if there are any."""
        places = {"": user.parent, "../": user.parent.parent, BUNDLED_PREFIX: bundled()}
        names = [name for name in paths_meant(self._disk, written, places, ending) if _target(name, user) != user]
        return offer(names) if names else None

    def _table(self, path: Path, place: Span) -> None:
        resolved = self._disk.place(path)
        if resolved in self._tables:
            return
        self._tables.add(resolved)
        content = self._disk.text(resolved)
        if isinstance(content, Text):
            self._unreadable(path, content, place, TABLE_SUFFIX)
            return
        rows, diagnostics = read_table(SourceFile(display_path(resolved), content))
        self.loaded.region_rows += rows
        self.loaded.diagnostics += diagnostics


def _written(path: String) -> str:
    """A path exactly as written: names of files are not normalised."""
    return path.span.text[1:-1]


def _target(name: str, user: Path) -> Path:
    """The file that `name` means in the file `user`."""
    if name.startswith(BUNDLED_PREFIX):
        return bundled() / for_system(name.removeprefix(BUNDLED_PREFIX))
    return user.parent / for_system(name)
