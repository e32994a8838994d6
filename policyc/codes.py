"""Diagnostic codes as written on the command line and in settings.

In: a code or a prefix. Out: the codes meant, or `NoSuchCode`.
"""

from __future__ import annotations

from policyc.dsl.binding.names import nearest
from policyc.dsl.diagnostics.diagnostic import CODES, Text, text

_BEGINNING = "PC"


class NoSuchCode(Exception):
    """An unknown code; `reason` says so and suggests the nearest."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


def codes_meant(word: str) -> frozenset[str]:
    """The code, or all codes with that prefix: `PC301`, `PC3`."""
    prefix = word.strip().upper()
    found = [code for code in CODES if code.startswith(prefix) and len(prefix) >= len(_BEGINNING)]
    if found:
        return frozenset(found)
    best = nearest(prefix, CODES)
    if best is None:
        raise NoSuchCode(text("cli.no_such_code", code=word))
    raise NoSuchCode(text("cli.no_such_code_near", code=word, best=best))
