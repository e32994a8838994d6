"""Facts from a JSON file, in the text form of `--set`.

In: a file that holds an object: fact to text, number or truth value; records may be objects within it. Out:
paths of facts and their values as text. Whether there is such a fact is not asked here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from policyc.dsl.diagnostic import Text, text


class BadFacts(Exception):
    """The file holds no facts; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


def read_facts(file: Path) -> dict[str, str]:
    """The facts of a file, in its order. `null` means that a fact is not known. Raises `BadFacts`."""
    from policyc.dsl.load import read_text

    content = read_text(file)
    if isinstance(content, Text):
        raise BadFacts(content)
    try:
        value = json.loads(content, parse_int=str, parse_float=str, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise BadFacts(text("ask.facts_no_json", line=error.lineno, column=error.colno)) from error
    except RecursionError as error:
        raise BadFacts(text("ask.facts_no_object")) from error
    if not isinstance(value, dict):
        raise BadFacts(text("ask.facts_no_object"))
    facts: dict[str, str] = {}
    for path, given in _flat(value, ""):
        if path in facts:
            raise BadFacts(text("ask.facts_twice", fact=path))
        facts[path] = given
    return facts


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys differ."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise BadFacts(text("ask.facts_twice", fact=key))
        found[key] = value
    return found


def _flat(record: dict[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        path = prefix + name
        match value:
            case dict():
                yield from _flat(value, f"{path}.")
            case bool():
                yield path, "true" if value else "false"
            case str():
                yield path, value
            case None:
                pass
            case _:
                raise BadFacts(text("ask.facts_no_value", fact=path))
