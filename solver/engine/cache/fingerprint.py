"""What an answer rests on besides the question: this program, and the solver, parser and Python under it.

Out: a digest. It says what would work now, without loading it: an answer that is recalled loads no solver. It is
of contents, not of times of files, so that one environment built twice knows its answers again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from policyc.dsl.system.digests import digest

#: Libraries that have a part in answers: the package, and the name under which it is installed.
_LIBRARIES = (("z3", "z3_solver"), ("lark", "lark"))

_PROGRAM = frozenset({".py", ".toml", ".lark"})

#: Of a library of many megabytes the ends are read: the head of such a file names what it was built from.
_END = 65_536


@cache
def basis() -> bytes:
    """A digest of everything that could make another answer of the same question."""
    libraries = [part for names in _LIBRARIES for part in _library(*names)]
    packages = program("policyc.dsl", "policyc.solver")
    return digest(sys.version.encode(), sys.platform.encode(), packages, *libraries)


def program(*packages: str) -> bytes:
    """A digest of the modules and data of some packages of this program, with all that lies in their folders."""
    return digest(*(part for name in packages for part in _contents(Path(import_module(name).__path__[0]))))


def _contents(folder: Path) -> Iterator[bytes]:
    """Name and content of each file that has a part in answers, in all sub-folders."""
    found = {
        file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.suffix in _PROGRAM
    }
    for name, file in sorted(found.items()):
        yield from (name.encode(), file.read_bytes())


def _library(package: str, distribution: str) -> Iterator[bytes]:
    """The version of a library as it was installed, and what its files hold; none where it is not there."""
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
    """The size of a file and its ends; of a module, all of it."""
    with file.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read() if file.suffix == ".py" else stream.read(_END)
        stream.seek(max(size - _END, 0))
        return digest(str(size).encode(), head, stream.read(_END))
