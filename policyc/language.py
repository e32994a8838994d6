"""The language of the output: as requested, else as the environment says.

In: the value of `--lang` and the environment. Out: `en` or `zh`. Reads no files and knows no messages.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def choose_language(option: str | None = None, environment: Mapping[str, str] | None = None) -> Language:
    """`option` if it names a language, else `POLICYC_LANG`, else the locale, else English."""
    environment = os.environ if environment is None else environment
    for wish in (option, environment.get("POLICYC_LANG")):
        language = _named(wish or "")
        if language is not None:
            return language
    return _named(_locale(environment)) or "en"


def _named(wish: str) -> Language | None:
    """The language of `zh`, `zh_CN.UTF-8`, `Chinese (Simplified)_China` and the like."""
    lowered = wish.lower()
    if lowered.startswith(("zh", "chinese")):
        return "zh"
    return "en" if lowered.startswith("en") else None


def _locale(environment: Mapping[str, str]) -> str:
    """The locale of messages: the first variable that is set decides, as in POSIX."""
    for variable in _LOCALE_VARIABLES:
        if environment.get(variable):
            return environment[variable]
    if os.name != "nt":
        return ""
    import locale

    return locale.getlocale()[0] or ""
