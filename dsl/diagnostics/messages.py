"""The message catalogue: `Text` keys to English and Chinese words.

The words are data (`messages.toml`, keyed by code); this module finds them and fills in arguments. A missing key is
a defect of policyc and raises `KeyError`; a test walks the sources to find such keys before a user does.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from .diagnostic import Text, Word

Language = Literal["en", "zh"]

_LIST_SEPARATOR = {"en": ", ", "zh": "、"}


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every message: key (`PC101.fact`) to its words by language."""
    data = tomllib.loads(resources.files(__package__).joinpath("messages.toml").read_text("utf-8"))
    return {f"{group}.{key}": words for group, keys in data.items() for key, words in keys.items()}


def render(text: Text, language: Language) -> str:
    """The words of a text in one language, its arguments filled in."""
    template = catalogue()[text.key][language]
    return template.format(**{name: _word(value, language) for name, value in text.args})


def _word(value: Word, language: Language) -> str:
    match value:
        case Text():
            return render(value, language)
        case tuple():
            return _LIST_SEPARATOR[language].join(_word(item, language) for item in value)
        case _:
            return str(value)
