"""Parses a YAML file of facts into nodes: one document, small, flat and without references.

In: text. Out: its root, or `BadYaml` with the reason and the place. A reference is refused before it is followed: it
could contain itself, or multiply the size with every line.
"""

from __future__ import annotations

from typing import Protocol

import yaml
from yaml.nodes import Node
from yaml.reader import ReaderError

from policyc.dsl.diagnostics.diagnostic import Text, text
from policyc.dsl.diagnostics.source import SourceFile


class BadYaml(Exception):
    """The text cannot be a file of facts; `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


def compose(file: SourceFile, deepest: int, most: int) -> Node | None:
    """The root of the document, `None` if it is empty. `deepest` limits the nesting, `most` the names and values.
    Raises `BadYaml`."""
    try:
        loader = _Loader(file.text, deepest, most)
        return loader.only_document()
    except yaml.MarkedYAMLError as error:
        raise _bad("ask.facts_no_yaml", error.problem_mark or error.context_mark) from error
    except ReaderError as error:  # a character that YAML does not allow, such as most controls
        line, column = file.position(error.position)
        raise BadYaml(text("ask.facts_no_yaml", line=line, column=column)) from error


class _Mark(Protocol):
    """A place, counted from 0."""

    line: int
    column: int


def _bad(key: str, mark: _Mark | None, **args: str | int) -> BadYaml:
    line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    return BadYaml(text(key, line=line, column=column, **args))


class _Loader(yaml.SafeLoader):
    """Builds nodes, never Python objects."""

    def __init__(self, content: str, deepest: int, most: int) -> None:
        super().__init__(content)
        self._deepest = deepest
        self._most = most
        self._depth = 0
        self._scalars = 0

    def only_document(self) -> Node | None:
        root: Node | None = self.get_node() if self.check_node() else None
        if self.check_node():
            raise _bad("ask.facts_documents", self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        return root

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _bad("ask.facts_alias", event.start_mark, name=event.anchor or "")
        self._scalars += isinstance(event, yaml.ScalarEvent)
        if self._scalars > self._most:
            raise _bad("ask.facts_too_many", event.start_mark, limit=self._most)
        if self._depth > self._deepest:
            raise _bad("ask.facts_too_deep", event.start_mark, limit=self._deepest)
        self._depth += 1
        node: Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node
