"""Writes a piece of policy text in the keywords of one language, and with other names if wanted.

In: text of one line as an author wrote it. Out: text with the same meaning. Quoted texts, numbers and dates stay as
they are. Resolves no names: the caller says which have another spelling.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...syntax.keywords import KEYWORDS, TERMINALS, VERDICT_WORDS, Keyword, Kind, Language, spelling
from ...syntax.scan import Lexeme, normalise, scan

#: Keywords by their words: most have one, `is not` has two.
_BY_WORDS = {tuple(one.split()): word for word in TERMINALS if word.kind is Kind.RESERVED for one in word.spellings}
_LONGEST = max(map(len, _BY_WORDS))
_EQUALITY = ("is", "is_not")
#: Verdicts that are written in both languages.
_VERDICTS = {word.id for word in KEYWORDS if word.kind is Kind.VERDICT}


def respelled(
    written: str, language: Language, names: Mapping[str, str] | None = None, decisions: Collection[str] = ()
) -> str:
    """The text with the keywords of a language. `names` are other spellings of names and of paths (`payer.region`);
    after the name of one of `decisions` a verdict is written in the language, too."""
    return "".join(_Respelling(written, language, names or {}, decisions).pieces())


class _Respelling:
    def __init__(self, written: str, language: Language, names: Mapping[str, str], decisions: Collection[str]) -> None:
        self.written = written
        self.text = normalise(written)
        self.lexemes = list(scan(self.text))
        self.language = language
        self.names = names
        self.decisions = decisions

    def pieces(self) -> Iterator[str]:
        """The text piece by piece; what stands between lexemes stays."""
        place, end = 0, 0
        before: list[str] = []
        while place < len(self.lexemes):
            lexeme = self.lexemes[place]
            yield self.written[end : lexeme.start]
            count, spelled = self._next(place, before)
            yield spelled
            before.append(self.text[lexeme.start : self.lexemes[place + count - 1].end])
            place += count
            end = self.lexemes[place - 1].end
        yield self.written[end:]

    def _next(self, place: int, before: Sequence[str]) -> tuple[int, str]:
        """How many lexemes are written as one, and how."""
        lexeme = self.lexemes[place]
        as_written = self.written[lexeme.start : lexeme.end]
        if lexeme.kind != "word":
            return 1, as_written
        count, keyword = self._keyword(place)
        if keyword is not None:
            return count, spelling(keyword.id, self.language)
        if self._is_verdict(as_written, before):
            return 1, spelling(VERDICT_WORDS[as_written], self.language)
        return self._name(place)

    def _keyword(self, place: int) -> tuple[int, Keyword | None]:
        """The longest keyword that begins at a place. Its words have only blanks between them."""
        for count in range(_LONGEST, 0, -1):
            words = self.lexemes[place : place + count]
            keyword = _BY_WORDS.get(tuple(self.text[word.start : word.end] for word in words))
            if keyword is not None and len(words) == count:
                return count, keyword
        return 1, None

    def _is_verdict(self, word: str, before: Sequence[str]) -> bool:
        """Whether a word is the verdict of a decision: `pay is permitted`."""
        if VERDICT_WORDS.get(word) not in _VERDICTS or len(before) < 2:
            return False
        decision, equality = before[-2:]
        keyword = _BY_WORDS.get(tuple(equality.split()))
        return decision in self.decisions and keyword is not None and keyword.id in _EQUALITY

    def _name(self, place: int) -> tuple[int, str]:
        """A name, or the longest path that has another spelling."""
        parts = self._path(place)
        for count in range(len(parts), 0, -1):
            other = self.names.get(".".join(self.text[part.start : part.end] for part in parts[:count]))
            if other is not None:
                return 2 * count - 1, other
        return 1, self.written[parts[0].start : parts[0].end]

    def _path(self, place: int) -> list[Lexeme]:
        """The words from a place on that are joined by points."""
        parts = [self.lexemes[place]]
        while [one.kind for one in self.lexemes[place + 1 : place + 3]] == [".", "word"]:
            place += 2
            parts.append(self.lexemes[place])
        return parts
