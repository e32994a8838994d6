"""Paths in the repository."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "tests" / "golden"
CORPUS = GOLDEN / "corpus"

#: The files of the corpus that are checked alone, not only used by others.
CORPUS_FILES = [file for file in sorted(CORPUS.glob("*/**/*.policy")) if not file.name.startswith("_")]

#: A file with every construct of the language.
EVERY_CONSTRUCT = Path(__file__).with_name("every_construct.policy")


def corpus_name(file: Path) -> str:
    """The name of a file within the corpus: the id of a test."""
    return file.relative_to(CORPUS).as_posix()
