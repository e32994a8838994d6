"""The project's settings: `[tool.policyc]` of the nearest `pyproject.toml`.

In: a folder to start from. Out: its `Settings`; what is not set is `None`. An invalid setting raises
`BadConfiguration`; nothing is guessed. The commands decide which options override settings.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from policyc.dsl.binding.names import nearest
from policyc.dsl.diagnostics.diagnostic import Severity, Text, text
from policyc.dsl.system.disk import read_text, unreadable
from policyc.dsl.system.file_names import for_system

from .codes import NoSuchCode, codes_meant

FILE = "pyproject.toml"

#: The most seconds or processes: nobody will ever need more.
_FOR_EVER = 1e9
KEYS = ("paths", "select", "ignore", "fail-on", "timeout", "memory", "jobs", "timezone")


class BadConfiguration(Exception):
    """`[tool.policyc]` cannot be read or has an invalid setting; `reason` says what."""

    def __init__(self, path: Path, reason: Text) -> None:
        super().__init__(str(path))
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a project for all runs."""

    #: Policy files and folders.
    paths: tuple[Path, ...] | None = None
    #: Codes to report, and codes to leave out.
    select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    #: The least severity that makes `check` fail.
    fail_on: Severity | None = None
    #: Seconds for each question.
    timeout: float | None = None
    #: Bytes that a process may take.
    memory: int | None = None
    #: How many processes work at once.
    jobs: int | None = None
    #: The time zone that decides which day is today.
    timezone: tzinfo | None = None
    #: The file with these settings.
    file: Path | None = field(default=None, compare=False)


def read_settings(start: Path | None = None) -> Settings:
    """The settings of the project around a folder, the working directory unless given; none if that has been deleted.
    Raises `BadConfiguration`."""
    try:
        start = Path.cwd() if start is None else start
    except OSError:
        return Settings()
    file = next((f for folder in (start, *start.parents) if _is_there(f := folder / FILE)), None)
    if file is None:
        return Settings()
    table = _table(file)
    try:
        for key in table:
            if key not in KEYS:
                raise _Wrong(_unknown(key, KEYS, "cli.config_unknown_key", "cli.config_unknown_key_near"))
        return Settings(
            paths=_paths(table.get("paths"), file.parent),
            select=_codes("select", table.get("select")),
            ignore=_codes("ignore", table.get("ignore")),
            fail_on=_severity(table.get("fail-on")),
            timeout=_seconds(table.get("timeout")),
            memory=_memory(table.get("memory")),
            jobs=_jobs(table.get("jobs")),
            timezone=_timezone(table.get("timezone")),
            file=file,
        )
    except _Wrong as wrong:
        raise BadConfiguration(file, wrong.reason) from None


def _is_there(file: Path) -> bool:
    """Whether anything has this name, even a broken link: to search further up would be a guess."""
    try:
        os.lstat(file)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise BadConfiguration(file, text("cli.config_unreadable", reason=unreadable(error))) from error
    return True


def _table(file: Path) -> dict[str, object]:
    content = read_text(file)
    if isinstance(content, Text):
        raise BadConfiguration(file, text("cli.config_unreadable", reason=content))
    try:
        tool = tomllib.loads(content).get("tool", {})
    except ValueError as error:  # also for a number of thousands of digits
        raise BadConfiguration(file, _no_toml(content, error)) from error
    except RecursionError as error:
        raise BadConfiguration(file, text("cli.config_too_deep")) from error
    table = tool.get("policyc", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise BadConfiguration(file, text("cli.config_no_table"))
    return table


def _no_toml(content: str, error: ValueError) -> Text:
    """The message that a text is not TOML, with the place from the parser's own message."""
    place = re.search(r"\(at line ([0-9]+), column ([0-9]+)\)", str(error))
    if place is not None:
        return text("cli.config_no_toml", line=int(place[1]), column=int(place[2]))
    lines = content.split("\n")
    return text("cli.config_no_toml", line=len(lines), column=len(lines[-1]) + 1)


# --- One setting each --------------------------------------------------------------------------------------


class _Wrong(Exception):
    """An invalid setting."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


def _paths(value: object, folder: Path) -> tuple[Path, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(path, str) for path in value):
        raise _Wrong(text("cli.config_paths"))
    return tuple(folder / for_system(path) for path in value)


def _codes(name: str, value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise _Wrong(text("cli.config_codes", name=name))
    if name == "select" and not value:  # a check for nothing would find nothing
        raise _Wrong(text("cli.config_nothing", name=name))
    try:
        return frozenset(code for word in value for code in codes_meant(word))
    except NoSuchCode as error:
        raise _Wrong(text("cli.config_value", name=name, reason=error.reason)) from error


def _severity(value: object) -> Severity | None:
    if value is None:
        return None
    levels = [level.value for level in Severity]
    if not isinstance(value, str):
        raise _Wrong(text("cli.config_fail_on", levels=tuple(f"`{level}`" for level in levels)))
    if value not in levels:
        raise _Wrong(_unknown(value, levels, "cli.config_no_level", "cli.config_no_level_near"))
    return Severity(value)


#: An amount of memory, and what its units are in bytes.
_SIZE = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*(MB|GB)\s*", re.IGNORECASE)
_UNITS = {"MB": 10**6, "GB": 10**9}

#: With less, hardly anything could be read.
_LEAST = 100 * 10**6


def bytes_of(word: str) -> int | None:
    """An amount of memory such as `500MB` or `4GB`, in bytes; `None` if invalid or too little."""
    match = _SIZE.fullmatch(word)
    found = 0 if match is None else int(float(match[1]) * _UNITS[match[2].upper()])
    return found if found >= _LEAST else None


def _memory(value: object) -> int | None:
    if value is None:
        return None
    found = bytes_of(value) if isinstance(value, str) else None
    if found is None:
        raise _Wrong(text("cli.config_memory"))
    return found


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _FOR_EVER:
        raise _Wrong(text("cli.config_seconds"))
    return float(value)


def _jobs(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < _FOR_EVER:
        raise _Wrong(text("cli.config_jobs"))
    return value


def _timezone(value: object) -> tzinfo | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Wrong(text("cli.config_timezone"))
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown; not a name; a folder of zones
        best = nearest(value, available_timezones())
    if best is None:
        raise _Wrong(text("cli.config_no_timezone", name=value))
    raise _Wrong(text("cli.config_no_timezone_near", name=value, best=best))


def _unknown(name: str, known: Sequence[str], plain: str, near: str) -> Text:
    """The message that a name is unknown: with key `plain` and all known names, or with key `near` and the nearest."""
    best = nearest(name, known)
    if best is None:
        return text(plain, name=name, known=tuple(f"`{one}`" for one in known))
    return text(near, name=name, best=best)
