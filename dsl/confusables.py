"""PC003: text that does not say what it seems to say.

Finds characters that are not seen (bidirectional controls, zero-width and control characters) anywhere in a
file, and names in which a Cyrillic, Greek or full-width letter passes for a Latin one. A name beginning with
非 or 不 is the business of name resolution.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from .diagnostic import Diagnostic, Severity, report, text
from .scan import INVISIBLE, Lexeme
from .source import SourceFile, Span

#: So that a binary file costs some messages and not a million.
MOST_REPORTED = 100

#: Cyrillic, then Greek letters and their Latin look-alikes.
_TWINS = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧορ",
    "aeopcyxijsdhqwABEKMHOPCTYXIJSABEZHIKMNOPTYXop",
)
_FULL_WIDTH_LATIN = re.compile("[Ａ-Ｚａ-ｚ]")
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def unseen(file: SourceFile) -> list[Diagnostic]:
    """Every character that is not seen, in code, quoted texts and comments."""
    found = []
    for match in INVISIBLE.finditer(file.text):
        found.append(invisible(Span(file, *match.span()), breaks=False))
        if len(found) == MOST_REPORTED:
            break
    return found


def invisible(span: Span, breaks: bool) -> Diagnostic:
    """One character that is not seen; where it `breaks` a word in two, the text cannot be read."""
    character = span.text
    message = text(
        "PC003.bidirectional" if _BIDIRECTIONAL.match(character) else "PC003.invisible",
        code=f"U+{ord(character):04X}",
    )
    warning = report("PC003", message, span, help=text("PC003.invisible_help"))
    return replace(warning, severity=Severity.ERROR) if breaks else warning


def look_alikes(file: SourceFile, lexemes: list[Lexeme]) -> list[Diagnostic]:
    """Names with a letter that passes for a Latin one, each name once, where it stands first."""
    found: dict[str, Diagnostic] = {}
    for lexeme in lexemes:
        word = file.text[lexeme.start : lexeme.end]
        if lexeme.kind != "word" or word.isascii() or word in found or len(found) == MOST_REPORTED:
            continue
        letter = _look_alike(word)
        if letter is not None:
            found[word] = report(
                "PC003",
                text("PC003.look_alike", name=word, letter=letter, code=f"U+{ord(letter):04X}"),
                Span(file, lexeme.start, lexeme.end),
                help=text("PC003.look_alike_help", name=_latin(word)),
            )
    return list(found.values())


def _look_alike(word: str) -> str | None:
    """The first letter of a name that passes for a Latin one."""
    full_width = _FULL_WIDTH_LATIN.search(word)
    if full_width:
        return full_width.group()
    foreign: list[str] = _FOREIGN.findall(word)
    if not foreign:
        return None
    twins = [letter for letter in foreign if letter.translate(_TWINS) != letter]
    if _LATIN.search(word):
        return (twins or foreign)[0]
    return twins[0] if len(twins) == len(foreign) else None


def _latin(word: str) -> str:
    """The name that a reader takes it for."""
    full_width = _FULL_WIDTH_LATIN.sub(lambda match: unicodedata.normalize("NFKC", match.group()), word)
    return full_width.translate(_TWINS)
