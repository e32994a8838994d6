"""Names of files, as the system has them and as people read them.

In: a name. Out: the same as text, or as the functions of the system take it. The system's names are bytes. Python
shows those that the locale cannot read as lone surrogates, which no output takes, and cannot hand over what the locale
cannot write. Names in policies, and most that people type, are UTF-8 whatever the locale says.
"""

from __future__ import annotations

import os
import sys


def as_text(name: str) -> str:
    """A name from the system for people: UTF-8 where it is, else with each byte that is none written out, `\\xff`."""
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
    """A word of the command line: UTF-8 where the locale could not read it."""
    if not _has_surrogates(word):
        return word
    try:
        return os.fsencode(word).decode("utf-8")
    except UnicodeError:
        return word


def for_system(name: str) -> str:
    """A name that somebody wrote, so that the system finds the file: in UTF-8 where the locale has no letters for
    it."""
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
