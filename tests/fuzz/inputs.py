"""One input of policyc: the words of a command line and the files around it, as data and as a file of the corpus.

An input of the corpus is a readable JSON file: files are lists of lines. Bytes that are not UTF-8 are surrogate
escapes, which JSON writes as `\\udcXX`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")


@dataclass(frozen=True, slots=True)
class Input:
    """The words typed, and the files in the working folder."""

    words: tuple[str, ...]
    files: Mapping[str, str]
    #: How it was made; inputs of one kind are counted together.
    kind: str = ""
    stdin: str = ""

    def place(self, folder: Path) -> None:
        for name, content in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode("utf-8", "surrogateescape"))

    @property
    def size(self) -> int:
        return sum(map(len, self.words)) + sum(map(len, self.files.values()))


@dataclass(frozen=True, slots=True)
class Kept:
    """An input of the corpus: the fault that it showed when it was found, and why that is not fixed, if so."""

    input: Input
    fault: str
    #: Empty if the fault is fixed; else why it is still there.
    known: str = ""
    file: Path = field(default=Path(), compare=False)

    def write(self, folder: Path = CORPUS) -> Path:
        """Writes the file, named by its content."""
        data = {
            "fault": self.fault,
            **({"known": self.known} if self.known else {}),
            "kind": self.input.kind,
            "words": list(self.input.words),
            **({"stdin": self.input.stdin} if self.input.stdin else {}),
            "files": {name: content.split("\n") for name, content in self.input.files.items()},
        }
        seen = json.dumps([data["words"], data["files"], self.input.stdin], sort_keys=True)
        digest = hashlib.sha256(seen.encode()).hexdigest()[:8]
        folder.mkdir(exist_ok=True)
        file = folder / f"{self.input.kind or 'input'}-{digest}.json"
        ascii_only = any("\ud800" <= character <= "\udfff" for character in seen)
        file.write_text(_layout(data, ascii_only), "utf-8")
        return file

    @staticmethod
    def read(file: Path) -> Kept:
        data = json.loads(file.read_text("utf-8"))
        files = {name: "\n".join(lines) for name, lines in data["files"].items()}
        one = Input(tuple(data["words"]), files, data["kind"], data.get("stdin", ""))
        return Kept(one, data["fault"], data.get("known", ""), file)


def corpus() -> Iterator[Kept]:
    """All inputs of the corpus, in order of name."""
    for file in sorted(CORPUS.glob("*.json")):
        yield Kept.read(file)


def _layout(data: Mapping[str, object], ascii_only: bool) -> str:
    """JSON with invisible characters escaped, so that no editor changes them."""
    written = json.dumps(data, ensure_ascii=ascii_only, indent=1)
    return "".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in written) + "\n"


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
