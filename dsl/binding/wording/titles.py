"""Titles: what a thing is called in sentences for English readers.

In: a title of the source tree. Out: an `English`. What the texts after the title are depends on the thing: of what is
true or false, a sentence and its opposite; of a member, its name and its opposite; of another fact, a name, a sentence in
which `{}` stands for the value, or both; of anything else, a name.
"""

from __future__ import annotations

from enum import Enum, auto

from ...diagnostics.diagnostic import text
from ...model import BOOLEAN, English, Type
from ...syntax.expressions import String, Title
from ..scope import Scope

#: Where the value stands in a sentence.
PLACE = "{}"


class Titled(Enum):
    """What a title belongs to."""

    TRUTH = auto()
    MEMBER = auto()
    VALUE = auto()
    OTHER = auto()

    @staticmethod
    def fact(type_: Type) -> Titled:
        return Titled.TRUTH if type_ == BOOLEAN else Titled.VALUE

    @staticmethod
    def expression(type_: Type) -> Titled:
        """A parameter or a definition, which stand for a value by their names only."""
        return Titled.TRUTH if type_ == BOOLEAN else Titled.OTHER


def english(scope: Scope, title: String | None, titled: Titled = Titled.OTHER) -> English:
    """The English texts of a title; those that cannot be what they should are reported."""
    texts = tuple(one for one in title.english if one.text.strip()) if isinstance(title, Title) else ()
    if not texts:
        return English()
    first, second = texts[0].text, texts[1] if len(texts) > 1 else None
    if titled is Titled.VALUE:
        return _of_value(scope, texts)
    for one in texts:
        if PLACE in one.text:
            scope.reject("PC103", text("PC103.title-place"), one.span, text("PC103.title-place-help"))
    if second is not None and titled is Titled.OTHER:
        scope.reject("PC103", text("PC103.title-second"), second.span, text("PC103.title-second-help"))
    opposite = None if second is None else second.text
    return English(sentence=first, opposite=opposite) if titled is Titled.TRUTH else English(first, opposite=opposite)


def _of_value(scope: Scope, texts: tuple[String, ...]) -> English:
    first, last = texts[0], texts[-1]
    if first is last and PLACE not in first.text:
        return English(first.text)
    if last.text.count(PLACE) != 1:
        scope.reject("PC103", text("PC103.title-value"), last.span, text("PC103.title-value-help"))
    if first is not last and PLACE in first.text:
        scope.reject("PC103", text("PC103.title-place"), first.span, text("PC103.title-place-help"))
    return English(None if first is last else first.text, last.text)
