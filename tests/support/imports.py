"""What a module imports, and what its names mean, as its syntax tree tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator

#: Functions that import the module whose name they are given.
_LOADERS = {"__import__", "builtins.__import__", "importlib.__import__", "importlib.import_module"}


def names_imported(tree: ast.AST) -> dict[str, str]:
    """The names that imports bind, wherever they stand, each with the full name of what it is."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                names[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def full_name(node: ast.AST, names: dict[str, str]) -> str | None:
    """The full name of what an expression refers to, whatever it is called here: `t.time` after `import time as t`."""
    match node:
        case ast.Name(id="__import__"):
            return "__import__"
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=owner, attr=attribute) if outer := full_name(owner, names):
            return f"{outer}.{attribute}"
        case ast.Call():
            return loaded(node, names)
    return None


def loaded(call: ast.Call, names: dict[str, str]) -> str | None:
    """The name of the module that a call imports, as it is written there; what stands before the last dot of it if
    the rest is only known when it runs."""
    if full_name(call.func, names) not in _LOADERS:
        return None
    for argument in [*call.args[:1], *(word.value for word in call.keywords if word.arg == "name")]:
        match argument:
            case ast.Constant(value=str(name)):
                return name
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
                return start.rpartition(".")[0]
    return None


def modules_loaded(tree: ast.AST) -> Iterator[str]:
    """The modules that calls import: `import_module("time")`."""
    names = names_imported(tree)
    return (name for node in ast.walk(tree) if isinstance(node, ast.Call) and (name := loaded(node, names)))
