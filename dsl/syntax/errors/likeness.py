"""Which known word a misspelt one is: the same letters in most places.

Letters of an alphabet and Han characters err in different ways. An English word has many letters, so a share of them
decides. A Chinese keyword mostly has two: there one wrong, missing, added or exchanged character is allowed.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

#: How similar a word and a keyword must be (0 to 1) for a suggestion.
LIKENESS = 0.65
#: Longer words are no misspelt keywords.
_LONGEST = 20


def nearest_word(word: str, known: Collection[str], likeness: float) -> str | None:
    """The known word that was probably meant; `likeness` is the share of letters (0 to 1) that words must share."""
    if len(word) > _LONGEST:
        return None
    slip = nearest_han(word, known)
    if slip is not None:
        return slip
    near = get_close_matches(word.lower(), known, 1, likeness)
    return near[0] if near else None


def nearest_han(word: str, known: Collection[str]) -> str | None:
    """The known word of Han characters that differs by one slip; those that begin alike come first."""
    if word.isascii() or len(word) > _LONGEST:
        return None
    near = [one for one in known if not one.isascii() and _is_one_slip(word, one)]
    return min(near, key=lambda one: (one[0] != word[0], len(one) != len(word)), default=None)


def _is_one_slip(word: str, other: str) -> bool:
    """Whether two words of at least two characters differ in one, in its absence, or in the order of two."""
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) < 2 or len(longer) - len(shorter) > 1:
        return False
    if len(shorter) < len(longer):
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    differing = [place for place in range(len(word)) if word[place] != other[place]]
    if len(differing) == 2:
        one, two = differing
        return two == one + 1 and word[one] == other[two] and word[two] == other[one]
    return len(differing) == 1
