"""A fingerprint of everything an answer depends on besides its question: this program, its solver, parser and Python.

Out: a digest, computed without loading any of these, so that recalling an answer loads no solver. It is of contents,
not of file times, so that a rebuilt environment recognises its answers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path

from policyc.dsl.system.digests import digest

#: Libraries that affect answers: the package, and the name of its distribution.
_LIBRARIES = (("z3", "z3_solver"), ("lark", "lark"))

_PROGRAM = (".py", ".toml", ".lark")

#: Only the ends of large library files are read, in bytes: the head identifies the build.
_END = 65_536


@cache
def basis() -> bytes:
    """A digest of everything that could change the answer to a question."""
    libraries = [part for names in _LIBRARIES for part in _library(*names)]
    packages = program("policyc.dsl", "policyc.solver")
    return digest(sys.version.encode(), sys.platform.encode(), packages, *libraries)


def program(*packages: str) -> bytes:
    """A digest of the modules and data of packages of this program, with all their sub-folders."""
    return digest(*(part for name in packages for part in _contents(files(name))))


def _contents(package: Traversable) -> Iterator[bytes]:
    """Name and content of each file that affects answers, in all sub-folders, on disk or in an archive."""
    for name, file in sorted(_below(package, ""), key=itemgetter(0)):
        yield from (name.encode(), file.read_bytes())


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for inner in folder.iterdir():
        name = f"{prefix}{inner.name}"
        if inner.is_dir():
            yield from _below(inner, f"{name}/")
        elif name.endswith(_PROGRAM):
            yield name, inner


def _library(package: str, distribution: str) -> Iterator[bytes]:
    """The installed version of a library and the content of its files; nothing if it is missing."""
    spec = find_spec(package)
    yield package.encode()
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent
    yield from (
        os.fsencode(name)
        for name in sorted(os.listdir(folder.parent))
        if name.startswith(f"{distribution}-") and name.endswith((".dist-info", ".egg-info"))
    )
    for place in (folder, folder / "lib"):
        for file in sorted(place.iterdir()) if place.is_dir() else ():
            if file.is_file() and (file.suffix == ".py" or file.name.startswith("lib")):
                yield from (os.fsencode(file.name), _ends(file))


def _ends(file: Path) -> bytes:
    """The size of a file and its ends; for a module, all of it."""
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read() if file.suffix == ".py" else stream.read(_END)
        stream.seek(max(size - _END, 0))
        return digest(str(size).encode(), head, stream.read(_END))
