"""The project's settings: `[tool.policyc]` of the nearest `pyproject.toml`.

In: a folder to start from. Out: the paths of the project's policies, or none. A setting that is not
understood raises `BadConfiguration`; nothing is guessed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from policyc.dsl.diagnostic import Text, text
from policyc.dsl.names import nearest

FILE = "pyproject.toml"
KEYS = ("paths",)


class BadConfiguration(Exception):
    """`[tool.policyc]` cannot be read or holds something unknown; `reason` says what."""

    def __init__(self, path: Path, reason: Text) -> None:
        super().__init__(str(path))
        self.path = path
        self.reason = reason


def configured_paths(start: Path) -> tuple[Path, ...] | None:
    """The policy paths that the project around a folder names, or `None` where it names none."""
    file = next((f for folder in (start, *start.parents) if (f := folder / FILE).is_file()), None)
    if file is None:
        return None
    table = _table(file)
    for key in table:
        if key not in KEYS:
            raise BadConfiguration(file, _unknown_key(key))
    paths = table.get("paths")
    if paths is None:
        return None
    if not isinstance(paths, list) or not paths or not all(isinstance(path, str) for path in paths):
        raise BadConfiguration(file, text("cli.config_paths"))
    return tuple(file.parent / path for path in paths)


def _table(file: Path) -> dict[str, object]:
    try:
        content = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfiguration(file, text("cli.config_unreadable", reason=str(error))) from error
    tool = content.get("tool", {})
    table = tool.get("policyc", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise BadConfiguration(file, text("cli.config_no_table"))
    return table


def _unknown_key(key: str) -> Text:
    best = nearest(key, KEYS)
    if best is None:
        return text("cli.config_unknown_key", name=key)
    return text("cli.config_unknown_key_near", name=key, best=best)
