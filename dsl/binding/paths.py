"""Which files a path may mean that leads to none: one of nearly that name, or of that name in another place.

In: a path as written in a policy, and the places where its files may lie. Out: paths as they would be written, most
likely first. Reads no file; folders are listed through the disk that the whole run shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from ..system.disk import Disk
from ..system.file_names import as_text
from .names import suggested

#: In how many folders beside a file one of the same name is looked for.
_MOST_FOLDERS = 20


def paths_meant(disk: Disk, written: str, places: Mapping[str, Path], ending: str) -> list[str]:
    """Paths that may be meant by one as `written`. `places` has the folders in which its files may lie, each by what
    stands before the names of its files, first the one that was named; `ending` is the ending of such files."""
    prefix = next(prefix for prefix in (*filter(None, places), "") if written.startswith(prefix))
    parts = written.removeprefix(prefix).replace("\\", "/").split("/")
    name = parts[-1] if parts[-1].endswith(ending) else parts[-1] + ending
    near = _near(disk, prefix, places[prefix], parts, ending)
    same = [path for path in near if PurePosixPath(path).name == name]
    same = same or [f"{before}{name}" for before, files in _around(disk, places, ending) if name in files]
    return [as_text(path) for path in same or near]


def _around(disk: Disk, places: Mapping[str, Path], ending: str) -> Iterator[tuple[str, list[str]]]:
    """The folders of all places, and those directly in them but for neighbours of a folder, with what stands
    before the names of their files, and the files."""
    for prefix, place in places.items():
        yield prefix, _files(disk, place, ending)
        if not prefix.startswith(".."):
            for folder in islice(_folders(disk, place), _MOST_FOLDERS):
                yield f"{prefix}{folder}/", _files(disk, place / folder, ending)


def _near(disk: Disk, before: str, folder: Path, parts: Sequence[str], ending: str) -> list[str]:
    """The paths below a folder that are nearly a wrong one: in each of its parts the same name, else the nearest."""
    part, *rest = parts
    if not rest:
        names = {PurePosixPath(name).stem: name for name in _files(disk, folder, ending)}
        return [f"{before}{names[name]}" for name in suggested(part.removesuffix(ending), names)]
    folders = list(_folders(disk, folder))
    known = part in ("", ".", "..") or part in folders
    return [
        path
        for name in ([part] if known else suggested(part, folders)[:1])
        for path in _near(disk, f"{before}{name}/", folder / name, rest, ending)
    ]


def _files(disk: Disk, folder: Path, ending: str) -> list[str]:
    return [name for name, is_folder in disk.names(folder) if not is_folder and name.endswith(ending)]


def _folders(disk: Disk, folder: Path) -> Iterator[str]:
    return (name for name, is_folder in disk.names(folder) if is_folder)
