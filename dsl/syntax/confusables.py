"""PC003: text that does not say what it seems to say.

Finds characters that are not seen, and line ends that not every editor shows, anywhere in a file; names, and texts
that serve as names, with a letter that passes for another: such as are read as what they look like (Kangxi
radicals, letters of full width), and such as are not (Cyrillic for Latin, kana for Han); two names of one file that
look the same; and a file that is all comment. A name beginning with 非 or 不 is the business of name resolution.
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
from . import tree as syntax
from .keywords import KEYWORDS, RESERVED
from .scan import Lexeme

#: So that a binary file costs some messages and not a million.
MOST_REPORTED = 100

#: Cyrillic, then Greek letters and their Latin look-alikes; kana, and one stroke, and their Han look-alikes.
_TWINS = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧορ",
    "aeopcyxijsdhqwABEKMHOPCTYXIJSABEZHIKMNOPTYXop",
)
_KANA = str.maketrans("ロニハカタエトチーノミ", "口二八力夕工卜千一丿三")
#: What looks alike in most type: only where a file has both names does it matter.
_NEAR = str.maketrans(
    "0lI曰巳已末士戍戌" + "戶戸內稅別査沒敎黃溫靑眞晚歩毎",
    "O11日己己未土戊戊" + "户户内税别查没教黄温青真晩步每",
)
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SELECTORS = re.compile(f"[{VARIATION}]+")
#: In a quoted text; after a mark such as ✔ one is usual.
_AFTER_LETTER = re.compile(f"(?<=\\w)[{VARIATION}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
#: Keywords before a quoted text that is no name, and the one before the name of such a text.
_PROSE = frozenset(
    s
    for k in KEYWORDS
    if k.id in ("url", "because", "unmodelled", "test", "use", "regions")
    for s in k.spellings
)
_CLAUSE = frozenset(s for k in KEYWORDS if k.id == "clause" for s in k.spellings)


# --- What is not seen --------------------------------------------------------------------------------------


def unseen(file: SourceFile) -> list[Diagnostic]:
    """Every character that is not seen, in code, quoted texts and comments, and every odd line end."""
    found = (invisible(Span(file, *match.span()), breaks=False) for match in INVISIBLE.finditer(file.text))
    return list(islice(chain(found, _line_ends(file)), MOST_REPORTED))


def invisible(span: Span, breaks: bool) -> Diagnostic:
    """One character that is not seen; where it `breaks` a word in two, the text cannot be read."""
    key = "PC003.selector" if SELECTOR.match(span.text) else "PC003.invisible"
    key = "PC003.bidirectional" if _BIDIRECTIONAL.match(span.text) else key
    warning = report("PC003", text(key, code=_code(span.text)), span, help=text("PC003.invisible_help"))
    return replace(warning, severity=Severity.ERROR) if breaks else warning


def _line_ends(file: SourceFile) -> Iterator[Diagnostic]:
    """The line ends that not every editor shows as such. Of those that are the rule in a file only the first is told,
    and of carriage returns none, unless the file has other ends too."""
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
    """A file in which something is written and nothing is said; but for one that policyc wrote itself."""
    first = next(iter(lexemes), None)
    if first is None or file.text.startswith("# policyc "):
        return []
    place = Span(file, first.start, first.start + 1)
    return [report("PC003", text("PC003.only_comments"), place, help=text("PC003.only_comments_help"))]


# --- What looks like something else ------------------------------------------------------------------------


def of_region_name(name: str, span: Span) -> Diagnostic | None:
    """What is to be said of the letters of a name in a table of regions."""
    return None if name.isascii() else _of_letters(name, span, width=False)


def look_alikes(file: SourceFile, lexemes: list[Lexeme]) -> list[Diagnostic]:
    """Names with a letter that passes for another, and names that look like others; each once, where it stands
    first."""
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
    """The place of a word, with the selectors after it, or of what stands in quotes."""
    if lexeme.kind == "text":
        return Span(file, lexeme.start + 1, lexeme.end - 1)
    after = _SELECTORS.match(file.text, lexeme.end)
    return Span(file, lexeme.start, after.end() if after else lexeme.end)


def _names(file: SourceFile, lexemes: list[Lexeme]) -> Iterator[tuple[Lexeme, bool]]:
    """The words of a file, and the quoted texts that may serve as names; whether it is a word."""
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
    """What is to be said of the letters of a word, or of a quoted text, in which letters may have any width."""
    selector = SELECTOR.search(word) if width else _AFTER_LETTER.search(word)
    if selector is not None:
        if word[0].isdecimal() and as_meant(word)[-1:] == word[-1:]:
            return None  # The number is broken by it, and that is the one message.
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
    """The first letter of a name that passes for a Latin or Han one."""
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
    """A name that looks like one before it in the file."""
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


def look_alikes_across(trees: Iterable[syntax.SourceTree]) -> list[Diagnostic]:
    """Names that files declare for the whole set and that look like names of other files."""
    seen: dict[str, tuple[str, Span]] = {}
    found = []
    for name in (name for tree in trees for statement in tree.statements for name in _declared(statement)):
        _, first = seen.get(_skeleton(name.text), ("", name.span))
        diagnostic = _of_names(name.text, name.span, seen)
        if diagnostic is not None and first.file != name.span.file:
            found.append(diagnostic)
    return found[:MOST_REPORTED]


def _declared(statement: syntax.Statement) -> Iterator[syntax.Name]:
    match statement:
        case syntax.EnumDeclaration(name=name, members=members):
            yield from (name, *(member.name for member in members))
        case syntax.RecordDeclaration(name=name, facts=facts):
            yield from (name, *(fact.name for fact in facts))
        case (
            syntax.FactDeclaration(name=name)
            | syntax.ParameterDeclaration(name=name)
            | syntax.DecisionDeclaration(name=name)
            | syntax.DefineDeclaration(name=name)
            | syntax.PolicyDeclaration(name=name)
        ):
            yield name
        case _:
            pass


def _skeleton(name: str) -> str:
    """What names that look the same have in common; ligatures, numerals that are letters, and letters of another
    type face are told by what Unicode says that they are."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).translate(_TWINS).translate(_KANA)
    return name.translate(_NEAR)


def _seems(word: str) -> str:
    """The name that a reader takes it for."""
    return as_meant(word).translate(_TWINS).translate(_KANA if _IDEOGRAPH.search(word) else {})


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
