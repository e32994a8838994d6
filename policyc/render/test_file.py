"""`policyc check --save-tests FILE`: the findings as a policy file of tests.

In: a policy set and its findings. Out: a file with a `test` for each witness, which states what the rules make of it
today. The file has no `use`: it is read together with its set. The conditions come from `solver/suite/reproduce.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, text
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.syntax.keywords import spelling
from policyc.dsl.syntax.scan import normalise, scan
from policyc.dsl.system.disk import behind_links
from policyc.solver.suite.reproduce import Reproduction, reproductions

from ..language import Language
from .terminal import visible, width

if TYPE_CHECKING:
    from ..api import PolicyBase

#: The beginning of every file written here, in any language; no other file is replaced.
MARK = "# policyc check --save-tests"

#: The most cells in a line of given facts.
_WIDEST = 110


def is_foreign(file: Path) -> bool:
    """Whether there is a file that was not written here. Raises `OSError` if it cannot be read."""
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        return not stream.readline(1000).removeprefix(b"\xef\xbb\xbf").startswith(MARK.encode())


def file_content(
    base: PolicyBase, findings: Sequence[Diagnostic], file: Path, language: Language, timeout: float | None
) -> str:
    """The content of the file. Findings in that file itself are left out, since it will be replaced."""
    place = behind_links(file)
    wanted = [item for item in findings if not _in_file(item, place)]
    found = reproductions(base.policy_set, wanted, language, timeout)
    blocks = ["\n".join(_block(item, language)) for item in found]
    head = "\n".join([MARK, _comment(text("check.tests_about"), language)])
    return "\n\n".join([head, *blocks]) + "\n"


def _in_file(finding: Diagnostic, file: Path) -> bool:
    return finding.primary is not None and behind_links(Path(finding.primary.span.file.path)) == file


def _block(item: Reproduction, language: Language) -> Iterator[str]:
    yield from _comments(item, language)
    facts = [f"{fact} = {value}" for fact, value in item.given]
    if not item.expect:
        reason = "undecided" if item.undecided else _masked(item) if item.masked else "unsayable"
        yield _comment(text(f"check.tests_{reason}", facts=", ".join(facts)), language)
        return
    yield f"{spelling('test', language)} {_quoted(item.name)} {{"
    if facts:
        yield from _broken(f"  {spelling('given', language)} ", facts)
    for condition in item.expect:
        yield from _broken(f"  {spelling('expect', language)} ", _conjuncts(condition))
    yield "}"


def _masked(item: Reproduction) -> str:
    """Why a test would hold after a repair: because of another contradiction, or since the finding is about more than
    the verdict, as where sides disagree."""
    return "masked" if item.diagnostic.code.id in ("PC301", "PC303") else "same"


def _comments(item: Reproduction, language: Language) -> Iterator[str]:
    """The finding, and the clauses that its rules cite."""
    yield _comment(item.diagnostic.message, language)
    for note in item.diagnostic.notes:
        if note.key == "finding.cite":
            yield _comment(note, language)


def _comment(message: Text, language: Language) -> str:
    return f"# {visible(render(message, language))}"


def _broken(start: str, parts: Sequence[str]) -> Iterator[str]:
    """Parts joined by commas, as many on each line as fit."""
    line = start + parts[0]
    for part in parts[1:]:
        if width(f"{line}, {part},") > _WIDEST:
            yield f"{line},"
            line = f"    {part}"
        else:
            line = f"{line}, {part}"
    yield line


def _conjuncts(condition: str) -> list[str]:
    """A condition split at its commas, except those in a quoted text."""
    cuts = [lexeme for lexeme in scan(normalise(condition)) if lexeme.kind == ","]
    starts = [0, *(cut.end for cut in cuts)]
    ends = [*(cut.start for cut in cuts), len(condition)]
    return [condition[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def _quoted(name: str) -> str:
    """A name as a quoted text, in quotes that it does not contain."""
    if '"' not in name:
        return f'"{name}"'
    return f"“{name}”" if "”" not in name else '"' + name.replace('"', "'") + '"'
