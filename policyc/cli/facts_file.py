"""Facts from a JSON or YAML file, in the text form of `--set`, each with its place.

In: a file with an object: fact to text, number or truth value; records may be nested objects. Out: names and values as
written, and mistakes for anything that cannot be a value. Unknown facts are found elsewhere. A file has the facts of
one case, so it is small and flat: a large or deep file, or one with references, is refused before it can grow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from policyc.dsl.binding.question import Given
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Text, report, text
from policyc.dsl.diagnostics.source import SourceFile, Span
from policyc.dsl.load import display_path
from policyc.dsl.system.disk import read_text

if TYPE_CHECKING:
    from yaml.nodes import Node

#: Extensions of YAML files; all others are read as JSON.
_YAML = frozenset({".yaml", ".yml"})
#: The deepest nesting: facts have none beyond records, but a file may.
_DEEPEST = 20
#: The most characters and values; no case has more.
_MOST_TEXT = 1_000_000
_MOST_VALUES = 5_000
#: The tokens of JSON that matter here, strings as a whole.
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}:,]', re.DOTALL)


class BadFacts(Exception):
    """The file cannot be read as facts; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


@dataclass(slots=True)
class FactsFile:
    """The facts of a file, in its order, and the mistakes in it."""

    given: list[Given] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def read_facts(path: Path) -> FactsFile:
    """`null` means that a fact is not known. Raises `BadFacts`."""
    content = read_text(path)
    if isinstance(content, Text):
        raise BadFacts(content)
    return facts_of(path, content, yaml=path.suffix.lower() in _YAML)


def facts_of(path: Path, content: str, *, yaml: bool) -> FactsFile:
    """The facts in the text of a file. Raises `BadFacts`."""
    if len(content) > _MOST_TEXT:
        raise BadFacts(text("ask.facts_too_large", limit=_MOST_TEXT))
    file = SourceFile(display_path(path), content)
    entries = _of_yaml(file) if yaml else _of_json(file)
    found = FactsFile()
    known: dict[str, object] = {}
    for entry in entries:
        if known.setdefault(entry.name, entry.value) != entry.value:
            twice = text("PC102.given-twice", name=entry.name)
            found.diagnostics.append(report("PC102", twice, entry.name_span))
        elif entry.value is _NOTHING:
            found.diagnostics.append(report("PC103", text("PC103.fact-value"), entry.value_span))
        elif entry.value is None or isinstance(entry.value, str):
            found.given.append(Given(entry.name, entry.value, entry.name_span, entry.value_span))
    return found


#: Stands for anything that cannot be a value, such as a list.
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class _Entry:
    """`value` is a text, `None` if not known, or `_NOTHING`."""

    name: str
    value: object
    name_span: Span
    value_span: Span


# --- YAML --------------------------------------------------------------------------------------------------


def _of_yaml(file: SourceFile) -> Iterator[_Entry]:
    import yaml

    from .facts_yaml import BadYaml, compose

    try:
        root = compose(file, _DEEPEST, 2 * _MOST_VALUES)
    except BadYaml as error:
        raise BadFacts(error.reason) from error
    if not isinstance(root, yaml.MappingNode):
        raise BadFacts(text("ask.facts_no_object"))
    return _entries(file, root, "")


def _entries(file: SourceFile, node: Node, prefix: str) -> Iterator[_Entry]:
    """The facts of a mapping, including nested records."""
    import yaml

    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            yield _Entry(prefix, _NOTHING, _span(file, key), _span(file, key))
            continue
        name = prefix + key.value
        if isinstance(value, yaml.MappingNode):
            yield from _entries(file, value, f"{name}.")
        else:
            yield _Entry(name, _scalar(value), _span(file, key), _span(file, value))


def _scalar(node: Node) -> object:
    """The text of a scalar. Unquoted words for truth values or null mean these."""
    import yaml

    if not isinstance(node, yaml.ScalarNode):
        return _NOTHING
    written: str = node.value
    if node.style is not None:
        return written
    if node.tag == "tag:yaml.org,2002:null":
        return None if written.lower() in ("", "~", "null") else _NOTHING
    return written.lower() if written.lower() in ("true", "false") else written


def _span(file: SourceFile, node: Node) -> Span:
    return Span(file, node.start_mark.index, max(node.end_mark.index, node.start_mark.index + 1))


# --- JSON --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Object:
    """An object with its keys in order, repeated ones included."""

    pairs: list[tuple[str, object]]


def _of_json(file: SourceFile) -> Iterator[_Entry]:
    _refuse_deep(file)
    try:
        value = json.loads(
            file.text, parse_int=str, parse_float=str, parse_constant=_no_number, object_pairs_hook=_Object
        )
    except json.JSONDecodeError as error:
        line, column = file.position(error.pos)
        raise BadFacts(text("ask.facts_no_json", line=line, column=column)) from error
    if not isinstance(value, _Object):
        raise BadFacts(text("ask.facts_no_object"))
    facts = list(_flat(value, ""))
    places = _places(file)
    nowhere = (Span(file, 0, 1), Span(file, 0, 1))
    for number, (name, given) in enumerate(facts):
        yield _Entry(name, given, *places.get(number, nowhere))


def _refuse_deep(file: SourceFile) -> None:
    """Refuses a file that is nested too deep for facts (and for Python's JSON parser), or has too many values."""
    depth = values = 0
    for mark in _MARKS.finditer(file.text):
        depth += mark[0] in "[{"
        depth -= mark[0] in "]}"
        values += mark[0] in ",:"
        if depth > _DEEPEST + 1 or values > 2 * _MOST_VALUES:
            line, column = file.position(mark.start())
            deep = depth > _DEEPEST + 1
            key, limit = ("ask.facts_too_deep", _DEEPEST) if deep else ("ask.facts_too_many", 2 * _MOST_VALUES)
            raise BadFacts(text(key, line=line, column=column, limit=limit))


def _no_number(_word: str) -> object:
    """`NaN` and the like, which Python's JSON parser accepts as numbers."""
    return _NOTHING


def _flat(record: _Object, prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in record.pairs:
        match value:
            case _Object():
                yield from _flat(value, f"{prefix}{name}.")
            case bool():
                yield prefix + name, "true" if value else "false"
            case str() | None:
                yield prefix + name, value
            case _:
                yield prefix + name, _NOTHING


def _places(file: SourceFile) -> Mapping[int, tuple[Span, Span]]:
    """The places of the facts of a JSON file, in order. JSON is YAML except for tabs between tokens; a file that does
    not parse as YAML has no places."""
    import yaml

    from .facts_yaml import BadYaml, compose

    try:
        root = compose(replace(file, text=file.text.replace("\t", " ")), _DEEPEST, 2 * _MOST_VALUES)
    except BadYaml:
        return {}
    found = list(_entries(file, root, "")) if isinstance(root, yaml.MappingNode) else []
    return {number: (entry.name_span, entry.value_span) for number, entry in enumerate(found)}
