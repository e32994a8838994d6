"""The messages of the command line: every key that is said exists, in both languages, and none is idle."""

from __future__ import annotations

import re
import string
from pathlib import Path

from policyc import render_conditions, render_reasons, render_text
from policyc.dsl.messages import catalogue

ROOT = Path(__file__).resolve().parent.parent
FILES = [file for folder in ("policyc", "solver") for file in (ROOT / folder).glob("*.py")]
KEY = re.compile(r'"((?:cli|check|ask)\.[\w-]+)"')
GROUPS = ("cli", "check", "ask")

#: Keys that are put together from parts.
COMPOSED = {
    *(f"ask.{state}" for state in render_reasons._STATES),
    *(f"ask.{verdict}" for verdict in render_reasons._VERDICTS),
    *(f"ask.op_{kind}" for kind in (*render_conditions._NUMBERS.values(), *render_conditions._DAYS.values())),
    *(f"ask.{kind}{op}" for kind in ("named_", "place_") for op in ("in", "not_in")),
    *("ask.begins", "ask.ends"),
    *("ask.op_is", "ask.op_is_not", "ask.state_holds", "ask.part_holds"),
    *(f"check.proved_{kind}" for kind in render_text._PROOFS),
    *(f"check.{level}" for level in ("error", "warning", "note")),
    *(f"check.{what}{suffix}" for what in ("files", "policies", "rules") for suffix in ("", "_one")),
    *(f"check.{what}{suffix}" for what in ("errors", "warnings", "notes") for suffix in ("", "_one")),
    *(f"check.{what}_left_out_one" for what in ("notes", "acknowledged")),
}


def said() -> set[str]:
    return {key for file in FILES for key in KEY.findall(file.read_text("utf-8"))} | COMPOSED


def test_every_message_that_is_said_exists() -> None:
    assert said() <= set(catalogue())


def test_no_message_is_idle() -> None:
    assert {key for key in catalogue() if key.partition(".")[0] in GROUPS} <= said()


def test_both_languages_fill_in_the_same() -> None:
    for key, words in catalogue().items():
        if key.partition(".")[0] in GROUPS:
            fields = {
                language: {name for _, name, _, _ in string.Formatter().parse(t) if name}
                for language, t in words.items()
            }
            assert fields["en"] == fields["zh"], key
