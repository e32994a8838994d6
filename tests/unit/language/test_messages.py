"""The message catalogue: it has every message, in both languages and one form, and none is unused.

The sources are read for calls of `text(…)`. A key that is put together from parts (an f-string) is resolved here
by listing the values of its parts; a place not listed fails, so that no key escapes.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyc.dsl.diagnostics.messages import catalogue
from tests.support.places import ROOT

SOURCES = [file for layer in ("dsl", "solver", "policyc") for file in sorted((ROOT / layer).rglob("*.py"))]
KEY = re.compile(r"[A-Za-z]\w*\.[\w-]+")
GROUPS = {key.partition(".")[0] for key in catalogue()}

#: Keys put together in an f-string, written with `{}` for each part, and what the part can be.
PARTS: dict[str, tuple[str, ...]] = {
    "PC101.{}": (
        *("value", "field", "member", "parameter", "type", "rank", "policy", "rule", "decision", "side"),
        *("source", "clause", "code", "fact", "setting", "region", "meta-rule"),
    ),
    "PC107.{}": ("define", "parameter", "source", "rank"),
    "PC107.{}-help": ("define", "parameter", "source", "rank"),
    "PC302.{}": ("exception", "later", "default"),
    "type.{}": ("boolean", "int", "money", "percent", "date", "region"),
    "verdict.{}": ("permitted", "denied", "conflicting", "undetermined"),
    "ask.cut-{}": (
        *("examples", "because", "reasons", "permitted_if", "depends_on", "usual", "change", "steps"),
        *("breakdown", "optima", "timeline", "range"),
    ),
    "finding.cut-{}": ("witness", "facts", "extent", "repairs"),
    "{}.headline": ("PC306", "PC307"),
    "{}.silent": ("PC306", "PC307"),
    "{}.help": ("PC306", "PC307"),
    "{}_one": (
        *("check.files", "check.policies", "check.rules", "check.errors", "check.warnings", "check.notes"),
        *("check.notes_left_out", "check.acknowledged_left_out", "test.tests", "facts.rules", "facts.settings"),
        "check.unrepaired",
    ),
    "facts.{}": ("decisions", "facts", "parameters", "defines", "regions"),
    "facts.type_{}": ("boolean", "int", "money", "percent", "date", "region", "set"),
    "matrix.{}": ("same", "mixed", "undecided"),
    "test.{}": ("passed", "failed", "impossible", "undecided"),
    "test.n_{}": ("passed", "failed", "impossible", "undecided"),
    "test.kind_{}": ("permit", "forbid", "require", "mandate", "set", "row"),
    "check.{}": (
        *("error", "warning", "note", "files", "policies", "rules", "errors", "warnings", "notes"),
        *("acknowledged", "undecided"),
    ),
    "check.tests_{}": ("undecided", "masked", "same", "unsayable"),
    "check.proved_{}": (
        *("no-conflict", "no-conflicting-values", "no-silent-case", "mandate-met", "holds", "always-set"),
        "table-complete",
    ),
    "ask.{}": (
        *("permitted", "denied", "conflicting", "undetermined", "depends", "impossible", "true", "false"),
        *("axiom_fails", "begins", "ends"),
    ),
    "ask.{}_{}": (  # what a rule does, and the result
        *("permit_has-effect", "permit_applies-but-beaten", "forbid_has-effect", "forbid_applies-but-beaten"),
        *("require_fails", "require_set-aside", "set_applies-but-beaten"),
    ),
    "ask.op_{}": ("is", "is_not", "below", "at_most", "at_least", "above"),
    "ask.place_{}": ("in", "not_in"),
    "ask.named_{}": ("in", "not_in"),
    "ask.among_{}": ("in", "not_in"),
    "ask.holds{}": ("", "_not"),
    "ask.it_is{}": ("", "_not"),
    "ask.holds_for{}": ("", "_not"),
    "ask.amount_{}": ("below", "at_most", "at_least", "above"),
    "ask.on_{}": ("is", "before", "until", "from", "after", "by", "since"),
    "ask.quality{}": ("", "_not"),
    "ask.done{}": ("", "_not"),
    "ask.done_many{}": ("", "_not"),
    "ask.in_place{}": ("", "_not"),
    "ask.day_{}": ("is", "is_not", "before", "until", "from", "after", "by", "since"),
    "ask.count_{}": ("is", "is_not", "below", "at_most", "at_least", "above"),
    "ask.count_than_{}": ("is", "is_not", "below", "at_most", "at_least", "above"),
    "ask.same_{}": ("province", "prefecture"),
    "ask.same_{}_not": ("province", "prefecture"),
    "ask.{}_of": ("province", "prefecture", "code"),
    "{}_near": ("ask.no_verdict", "ask.no_truth"),
    "{}_usually": ("ask.yes_from", "ask.yes_between", "ask.yes_until"),
    "{}_usual": ("ask.because", "ask.because_of"),
    "{}_example": ("ask.because", "ask.because_of"),
}

#: Messages whose two languages differ in what they take: one word of a bilingual pair, or less in Chinese.
NOT_THE_SAME = {"PC001.keyword", "PC405.help", "story.kind", "story.name"}


def names(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def template(node: ast.JoinedStr) -> str:
    """An f-string with `{}` for its parts."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def keys_in(file: Path) -> Iterator[str]:
    """Every key in a module: first arguments of `text(…)`, and other strings that look like a key of a group
    that exists, such as those in tables of keys."""
    tree = ast.parse(file.read_text("utf-8"))
    called = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("text", "Text")
        and node.args
    }
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.JoinedStr) and (id(node) in called or template(node) in PARTS):
            wanted = template(node)
            assert wanted in PARTS, f"{names(file)}:{node.lineno}: list what `{wanted}` can be in PARTS"
            yield from (wanted.replace("{}_{}", "{}").replace("{}", part) for part in PARTS[wanted])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            looks_like_one = KEY.fullmatch(node.value) and node.value.partition(".")[0] in GROUPS
            yield from [node.value] if id(node) in called or looks_like_one else []


@pytest.mark.parametrize("file", SOURCES, ids=names)
def test_what_is_said_is_in_the_catalogue(file: Path) -> None:
    assert set(keys_in(file)) <= set(catalogue())


def test_no_message_is_idle() -> None:
    said = {key for file in SOURCES for key in keys_in(file)}
    assert set(catalogue()) - said == set()


def test_every_message_is_in_both_languages() -> None:
    assert {key for key, words in catalogue().items() if set(words) != {"en", "zh"} or not all(words.values())} == set()


def test_both_languages_fill_in_the_same() -> None:
    different = {key for key, words in catalogue().items() if fields(words["en"]) != fields(words["zh"])}
    assert different == NOT_THE_SAME


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_no_message_ends_with_a_stop() -> None:
    ended = {key for key, words in catalogue().items() if words["en"].endswith(".") or words["zh"].endswith("。")}
    assert ended == set()


def test_messages_start_low() -> None:
    """A message starts with a small letter, a quotation, a place-holder, a number, or a name in capitals."""
    start = re.compile(r"[a-z`“{(;:, \[-]|\d|[A-Z]{2,}")
    assert {words["en"] for words in catalogue().values() if not start.match(words["en"])} == set()


def test_chinese_is_chinese() -> None:
    """Outside backquotes and place-holders no English words stand alone."""
    english = set()
    for words in catalogue().values():
        bare = re.sub(
            r"\{\w*\}|`[^`]*`|\[[^]]*\]|POLICYC_\w+=1|--?[a-z]+|policyc|\*\.policy|JSON|YAML|TOML|PDF|UTF-8|MB|U\+0000",
            "",
            words["zh"],
        )
        if re.search("[A-Za-z]", bare):
            english.add(words["zh"])
    assert english == set()


def test_backquotes_are_paired() -> None:
    assert {key for key, words in catalogue().items() if any(w.count("`") % 2 for w in words.values())} == set()
