"""Reading a policy set from disk: the files under the paths given, what they `use`, their region tables.

In: files and folders. Out: source trees in order of path, the rows of region tables, and what could not be
read. A path that the user gave and that cannot be read is no finding but an `UnreadablePath`.
"""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import syntax
from .diagnostic import Diagnostic, Text, report, text
from .parse import parse
from .source import SourceFile, Span
from .vocabulary import RegionRow

SUFFIX = ".policy"

#: `use "policyc:vocabulary.policy"` names a file of the bundled set.
BUNDLED_PREFIX = "policyc:"

#: No policy file is this large; a limit keeps a slip of the hand from eating all memory (bytes).
SIZE_LIMIT = 10_000_000

_HEADER = ["code", "name", "parent"]


class UnreadablePath(Exception):
    """A path that the user named cannot be read."""

    def __init__(self, path: str, reason: Text) -> None:
        super().__init__(path)
        self.path = path
        self.reason = reason


@dataclass(slots=True)
class Loaded:
    trees: list[syntax.SourceTree] = field(default_factory=list)
    region_rows: list[RegionRow] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    #: Every file that was looked for, there or not, whole paths.
    needed: list[Path] = field(default_factory=list)


def bundled() -> Path:
    """The folder of the bundled policies: beside this package's data, or the link's target in a checkout."""
    return Path(__file__).resolve().parent.parent / "policies"


#: A file's source tree, and what is wrong with its text.
Parsed = tuple[syntax.SourceTree, list[Diagnostic]]


def parse_each(files: Sequence[SourceFile]) -> list[Parsed]:
    return [parse(file) for file in files]


def load(
    paths: Sequence[Path], parse_all: Callable[[Sequence[SourceFile]], list[Parsed]] = parse_each
) -> Loaded:
    """Everything that one run reads. The files under the paths are parsed by `parse_all`, what they use one by one.
    Raises `UnreadablePath` for the paths themselves."""
    named = dict.fromkeys(_resolved(file) for path in paths for file in _files_of(path))
    texts = ((path, read_text(path)) for path in named)
    files = {path: SourceFile(display_path(path), text) for path, text in texts if isinstance(text, str)}
    parsed = dict(zip(files, parse_all(list(files.values())), strict=True))
    loader = _Loader(parsed)
    for path in paths:
        loader.argument(path)
    loader.loaded.trees.sort(key=lambda tree: tree.file.path)
    return loader.loaded


def display_path(path: Path) -> str:
    """A path as it is shown: relative to the working directory, with `/`."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


class _Loader:
    def __init__(self, parsed: Mapping[Path, Parsed]) -> None:
        """`parsed` are the files under the paths given, whether or not other files use them."""
        self.loaded = Loaded()
        self._parsed = parsed
        self._read: dict[Path, bool] = {}
        self._tables: set[Path] = set()
        #: Files being read, each used by the one before it.
        self._open: list[Path] = []

    def argument(self, path: Path) -> None:
        if not path.exists():
            raise UnreadablePath(str(path), text("load.missing"))
        for file in _files_of(path):
            self._file(file, None, named=not path.is_dir())

    def _file(self, path: Path, place: Span | None, *, named: bool = False) -> None:
        """Reads one file and what it uses; `place` is the `use` that led here."""
        resolved = _resolved(path)
        if resolved in self._open:
            self._loop(resolved, place)
            return
        if resolved in self._read:
            return
        self._read[resolved] = True
        self.loaded.needed.append(resolved)
        parsed = self._parsed.get(resolved) or self._parse(resolved)
        if isinstance(parsed, Text):
            if named:
                raise UnreadablePath(str(path), parsed)
            self._unreadable(path, parsed, place)
            return
        tree, diagnostics = parsed
        self.loaded.trees.append(tree)
        self.loaded.diagnostics += diagnostics
        self._open.append(resolved)
        for statement in tree.statements:
            if isinstance(statement, syntax.Use):
                self._file(_target(statement.path.text, resolved), statement.path.span)
            elif isinstance(statement, syntax.RegionsDeclaration):
                self._table(_target(statement.path.text, resolved), statement.path.span)
        self._open.pop()

    def _parse(self, path: Path) -> Parsed | Text:
        """What is in a file that another one uses, or why one cannot be read."""
        content = read_text(path)
        if isinstance(content, Text):
            return content
        return parse(SourceFile(display_path(path), content, used=True))

    def _loop(self, path: Path, place: Span | None) -> None:
        circle = [*self._open[self._open.index(path) :], path]
        if place is not None and len(circle) > 0:
            chain = " → ".join(file.name for file in circle)
            self.loaded.diagnostics.append(report("PC106", text("PC106.use", chain=chain), place))

    def _unreadable(self, path: Path, reason: Text, place: Span | None) -> None:
        message = text("PC002.file", name=display_path(path), reason=reason)
        if place is None:
            place = Span(SourceFile(display_path(path), ""), 0, 0)
        self.loaded.diagnostics.append(report("PC002", message, place))

    # --- Region tables ---

    def _table(self, path: Path, place: Span) -> None:
        resolved = _resolved(path)
        if resolved in self._tables:
            return
        self._tables.add(resolved)
        self.loaded.needed.append(resolved)
        content = read_text(resolved)
        if isinstance(content, Text):
            self._unreadable(path, content, place)
            return
        file = SourceFile(display_path(resolved), content)
        for fields, span in _rows(file):
            row = self._region(fields, span)
            if row is not None:
                self.loaded.region_rows.append(row)

    def _region(self, fields: list[str], span: Span) -> RegionRow | None:
        if len(fields) != len(_HEADER):
            self.loaded.diagnostics.append(report("PC001", text("PC001.region-row"), span))
            return None
        code, name, parent = (item.strip() for item in fields)
        if not (code.isascii() and code.isdigit() and len(code) == 6):
            self.loaded.diagnostics.append(report("PC105", text("PC105.region-code"), span))
            return None
        return RegionRow(code, name, parent or None, span)


def _files_of(path: Path) -> Iterator[Path]:
    """The files that a path of the command line means."""
    yield from policy_files(path) if path.is_dir() else (path,)


def policy_files(folder: Path) -> Iterator[Path]:
    """All policy files below a folder in order; links to folders are not followed, hidden ones are left out."""
    for current, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield Path(current) / name


def read_text(path: Path) -> str | Text:
    """The text of a file, or why there is none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return text("load.no-file")
        if status.st_size > SIZE_LIMIT:
            return text("load.too-large", limit=SIZE_LIMIT // 1_000_000)
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return text("load.missing")
    except UnicodeDecodeError as error:
        return text("load.not-utf8", offset=error.start + 1)
    except OSError as error:
        return text("load.os-error", reason=error.strerror or type(error).__name__)


def _resolved(path: Path) -> Path:
    """The file behind links; of links in a circle, the path itself, which cannot be read."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def _target(name: str, user: Path) -> Path:
    """The file that `name` means in the file `user`."""
    if name.startswith(BUNDLED_PREFIX):
        return bundled() / name.removeprefix(BUNDLED_PREFIX)
    return user.parent / name


def _rows(file: SourceFile) -> Iterable[tuple[list[str], Span]]:
    """The rows of a table after its header, each with its line; blank lines are passed over."""
    offset = 0
    header = False
    for line in file.text.splitlines(keepends=True):
        span = Span(file, offset, offset + len(line.rstrip("\r\n")))
        offset += len(line)
        fields = next(csv.reader([line]), [])
        if not fields:
            continue
        if not header:
            header = True
            if [item.strip() for item in fields] == _HEADER:
                continue
        yield fields, span
