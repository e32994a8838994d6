"""PC003: text that does not mean what it seems to mean.

Finds invisible characters, and line ends that some editors do not show, anywhere in a file; names, and texts used as
names, with a letter that looks like another, whether it is read as that one (Kangxi radicals, letters of full width)
or not (Cyrillic for Latin, kana for Han); two names of one file that look the same; and files with nothing but
comments. Names beginning with 非 or 不 are left to name resolution.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

from ..diagnostics.characters import (
    HAN,
    INVISIBLE,
    ODD_LINE_END,
    SELECTOR,
    VARIATION,
    WIDTH,
    as_meant,
    han_meant,
)
from ..diagnostics.diagnostic import Diagnostic, Label, Severity, report, text
from ..diagnostics.source import SourceFile, Span
from . import tree
from .expressions import Name
from .keywords import KEYWORDS, RESERVED
from .scan import Lexeme

#: Keeps a binary file from causing a million messages.
MOST_REPORTED = 100

#: Cyrillic, then Greek letters and their Latin look-alikes; kana, and one stroke, and their Han look-alikes.
_TWINS = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧορ",
    "aeopcyxijsdhqwABEKMHOPCTYXIJSABEZHIKMNOPTYXop",
)
_KANA = str.maketrans("ロニハカタエトチーノミ", "口二八力夕工卜千一丿三")
#: Characters that look the same in most type faces; reported only if one file has both names.
_NEAR = str.maketrans(
    "0lI曰巳已末士戍戌" + "戶戸內稅別査沒敎黃溫靑眞晚歩毎",
    "O11日己己未土戊戊" + "户户内税别查没教黄温青真晩步每",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SELECTORS = re.compile(f"[{VARIATION}]+")
#: A selector after a letter in a quoted text; after a mark such as ✔ it is usual.
_AFTER_LETTER = re.compile(f"(?<=\\w)[{VARIATION}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
#: Keywords directly before a quoted text that is not a name, and the one two words before such a text.
_PROSE = frozenset(
    s for k in KEYWORDS if k.id in ("url", "because", "unmodelled", "test", "use", "regions") for s in k.spellings
)
_CLAUSE = frozenset(s for k in KEYWORDS if k.id == "clause" for s in k.spellings)


# --- Invisible characters ----------------------------------------------------------------------------------


def unseen(file: SourceFile) -> list[Diagnostic]:
    """Every invisible character, in code, quoted texts and comments, and every odd line end."""
    found = (invisible(Span(file, *match.span()), breaks=False) for match in INVISIBLE.finditer(file.text))
    return list(islice(chain(found, _line_ends(file)), MOST_REPORTED))


def invisible(span: Span, breaks: bool) -> Diagnostic:
    """One invisible character; an error if it `breaks` a word in two, since the text cannot be read then."""
    key = "PC003.selector" if SELECTOR.match(span.text) else "PC003.invisible"
    key = "PC003.bidirectional" if _BIDIRECTIONAL.match(span.text) else key
    warning = report("PC003", text(key, code=_code(span.text)), span, help=text("PC003.invisible_help"))
    return replace(warning, severity=Severity.ERROR) if breaks else warning


def _line_ends(file: SourceFile) -> Iterator[Diagnostic]:
    """The odd line ends. If one kind prevails in a file, only its first is reported; if the file has nothing but
    carriage returns, none is."""
    places = list(ODD_LINE_END.finditer(file.text))
    usual = file.text.count("\n")
    counts = Counter(match.group() for match in places)
    often = {end for end, count in counts.items() if count > usual}
    if usual == 0 and counts.keys() == {"\r"}:
        return
    first = {match.group(): match for match in reversed(places)}
    places = [match for match in places if match.group() not in often or match is first[match.group()]]
    for match in places:
        message = text("PC003.line_end", code=_code(match.group()))
        yield report("PC003", message, Span(file, *match.span()), help=text("PC003.line_end_help"))


def only_comments(file: SourceFile, lexemes: Iterable[Lexeme]) -> list[Diagnostic]:
    """A file with nothing but comments, unless policyc wrote it."""
    first = next(iter(lexemes), None)
    if first is None or file.text.startswith("# policyc "):
        return []
    place = Span(file, first.start, first.start + 1)
    return [report("PC003", text("PC003.only_comments"), place, help=text("PC003.only_comments_help"))]


# --- Look-alikes -------------------------------------------------------------------------------------------


def of_region_name(name: str, span: Span) -> Diagnostic | None:
    """The diagnostic about the letters of a name in a table of regions, if any."""
    return None if name.isascii() else _of_letters(name, span, width=False)


def look_alikes(file: SourceFile, lexemes: list[Lexeme]) -> list[Diagnostic]:
    """Names with a letter that looks like another, and names that look like others; each once, at its first place."""
    found: dict[str, Diagnostic] = {}
    seen: dict[str, tuple[str, Span]] = {}
    for lexeme, is_name in _names(file, lexemes):
        span = _span(file, lexeme)
        word = span.text
        if word in found or len(found) == MOST_REPORTED:
            continue
        diagnostic = None if word.isascii() else _of_letters(word, span, width=is_name)
        if diagnostic is None and is_name:
            diagnostic = _of_names(as_meant(word), span, seen)
        if diagnostic is not None:
            found[word] = diagnostic
    return list(found.values())


def _span(file: SourceFile, lexeme: Lexeme) -> Span:
    """The place of a word with the selectors after it, or of the text inside quotes."""
    if lexeme.kind == "text":
        return Span(file, lexeme.start + 1, lexeme.end - 1)
    after = _SELECTORS.match(file.text, lexeme.end)
    return Span(file, lexeme.start, after.end() if after else lexeme.end)


def _names(file: SourceFile, lexemes: list[Lexeme]) -> Iterator[tuple[Lexeme, bool]]:
    """The words of a file and the quoted texts that may be names, each with whether it is a word."""
    before = ["", ""]
    for lexeme in lexemes:
        if lexeme.kind == "comment":
            continue
        if lexeme.kind == "word":
            yield lexeme, True
        elif lexeme.kind == "text" and before[1] not in _PROSE and before[0] not in _CLAUSE:
            yield lexeme, False
        before = [before[1], as_meant(file.text[lexeme.start : lexeme.end])]


def _of_letters(word: str, span: Span, width: bool) -> Diagnostic | None:
    """The diagnostic about the letters of a word or quoted text, if any; `width`: report full and half width too."""
    selector = SELECTOR.search(word) if width else _AFTER_LETTER.search(word)
    if selector is not None:
        if word[0].isdecimal() and as_meant(word)[-1:] == word[-1:]:
            return None  # It breaks the number, which has its own message.
        message = text("PC003.variation", name=as_meant(word), code=_code(selector.group()))
        return report("PC003", message, span, help=text("PC003.variation_help", name=as_meant(word)))
    meant = as_meant(word) if width else han_meant(word)
    for letter in word:
        if letter in HAN or (width and letter in WIDTH):
            stands_for = as_meant(letter)
            message = text("PC003.read_as", letter=letter, code=_code(letter), meant=stands_for, name=meant)
            return report("PC003", message, span, help=text("PC003.read_as_help", name=meant))
    looks = _look_alike(word) if width else None
    if looks is None:
        return None
    message = text("PC003.look_alike", name=word, letter=looks, code=_code(looks))
    return report("PC003", message, span, help=text("PC003.look_alike_help", name=_seems(word)))


def _look_alike(word: str) -> str | None:
    """The first letter of a name that looks like a Latin or Han letter."""
    if _IDEOGRAPH.search(word):
        kana = [letter for letter in word if letter.translate(_KANA) != letter]
        if kana:
            return kana[0]
    foreign: list[str] = _FOREIGN.findall(word)
    if not foreign:
        return None
    twins = [letter for letter in foreign if letter.translate(_TWINS) != letter]
    if _LATIN.search(word):
        return (twins or foreign)[0]
    return twins[0] if len(twins) == len(foreign) else None


def _of_names(name: str, span: Span, seen: dict[str, tuple[str, Span]]) -> Diagnostic | None:
    """A name that looks like an earlier one of the file."""
    if name[0].isdecimal() or name in RESERVED:
        return None
    other, first = seen.setdefault(_skeleton(name), (name, span))
    if other == name:
        return None
    return report(
        "PC003",
        text("PC003.same_look", name=name, other=other),
        span,
        secondary=(Label(first, text("PC003.same_look_first", name=other)),),
        help=text("PC003.same_look_help"),
    )


def look_alikes_across(trees: Iterable[tree.SourceTree]) -> list[Diagnostic]:
    """Names declared for the whole set that look like names of other files."""
    seen: dict[str, tuple[str, Span]] = {}
    found = []
    for name in (name for source in trees for statement in source.statements for name in _declared(statement)):
        _, first = seen.get(_skeleton(name.text), ("", name.span))
        diagnostic = _of_names(name.text, name.span, seen)
        if diagnostic is not None and first.file != name.span.file:
            found.append(diagnostic)
    return found[:MOST_REPORTED]


def _declared(statement: tree.Statement) -> Iterator[Name]:
    match statement:
        case tree.EnumDeclaration(name=name, members=members):
            yield from (name, *(member.name for member in members))
        case tree.RecordDeclaration(name=name, facts=facts):
            yield from (name, *(fact.name for fact in facts))
        case (
            tree.FactDeclaration(name=name)
            | tree.ParameterDeclaration(name=name)
            | tree.DecisionDeclaration(name=name)
            | tree.DefineDeclaration(name=name)
            | tree.PolicyDeclaration(name=name)
        ):
            yield name
        case _:
            pass


def _skeleton(name: str) -> str:
    """A form shared by all names that look the same; Unicode data resolves ligatures, numerals that are letters, and
    letters of other type faces."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).translate(_TWINS).translate(_KANA)
    return name.translate(_NEAR)


def _seems(word: str) -> str:
    """The name that a reader would see."""
    return as_meant(word).translate(_TWINS).translate(_KANA if _IDEOGRAPH.search(word) else {})


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
