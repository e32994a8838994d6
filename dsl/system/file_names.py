"""File names as the system stores them and as people read them.

In: a name. Out: the same as text, or as system calls take it. The system's names are bytes. Python represents bytes
that the locale cannot decode as lone surrogates, which no output accepts, and cannot pass on characters that the locale
cannot encode. Names in policies, and most that people type, are UTF-8 whatever the locale says.
"""

from __future__ import annotations

import os
import sys


def as_text(name: str) -> str:
    """A name from the system for people: decoded as UTF-8, invalid bytes written out as `\\xff`."""
    if not _has_surrogates(name):
        return name
    try:
        raw = os.fsencode(name)
    except UnicodeEncodeError:  # not from the system
        return name.encode("utf-8", "backslashreplace").decode("utf-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(sys.getfilesystemencoding(), "backslashreplace")


def as_word(word: str) -> str:
    """A word of the command line, decoded as UTF-8 if the locale could not decode it."""
    if not _has_surrogates(word):
        return word
    try:
        return os.fsencode(word).decode("utf-8")
    except UnicodeError:
        return word


def for_system(name: str) -> str:
    """A written name as the system finds it: encoded as UTF-8 if the locale cannot encode it."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        try:
            return os.fsdecode(name.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            return name
    return name


def _has_surrogates(name: str) -> bool:
    return not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name)
