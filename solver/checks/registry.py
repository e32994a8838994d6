"""The registry of checks: every module below this room that defines `CHECK`, so that a new check is one new file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

from .. import checks
from .form import Check


def found() -> tuple[Check, ...]:
    """The checks, in order."""
    names = sorted(module.name for module in walk_packages(checks.__path__, f"{checks.__name__}."))
    modules = [import_module(name) for name in names if name != __name__]
    every = [module.CHECK for module in modules if isinstance(getattr(module, "CHECK", None), Check)]
    return tuple(sorted(every, key=lambda check: check.order))


CHECKS = found()
