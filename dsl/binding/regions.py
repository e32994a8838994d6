"""Builds the tree of regions from the rows of tables and the declarations of files.

A region that is declared twice, in an unknown region, in itself or too deep is reported, and detached from its parent.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics.characters import is_seen
from ..diagnostics.diagnostic import text
from ..model.regions import DEEPEST_REGION, Region, RegionTree
from ..syntax.expressions import IntLiteral, Path, String
from ..syntax.region_table import RegionRow
from ..syntax.tree import RegionDeclaration
from .scope import Scope


def read_regions(scope: Scope, tables: Iterable[RegionRow], nodes: Iterable[RegionDeclaration]) -> RegionTree:
    """The tree of all regions, those of tables first."""
    rows: dict[str, RegionRow] = {}
    for row in [*tables, *filter(None, (_row(scope, node) for node in nodes))]:
        if row.code in rows:
            scope.duplicate(row.code, row.span, rows[row.code].span)
        else:
            rows[row.code] = row
    by_name: dict[str, list[str]] = {}
    for row in rows.values():
        by_name.setdefault(row.name, []).append(row.code)
    parents: dict[str, str | None] = {}
    for code, row in rows.items():
        parent = row.parent
        if parent is not None and parent not in rows:
            parent = by_name[parent][0] if len(by_name.get(parent, ())) == 1 else None
            if parent is None:
                scope.unknown("region", row.parent or "", row.span, [*rows, *by_name])
        parents[code] = parent
    _break_loops(scope, parents, rows)
    _cut_depth(scope, parents, rows)
    return RegionTree(Region(row.code, row.name, parents[row.code]) for row in rows.values())


def _row(scope: Scope, node: RegionDeclaration) -> RegionRow | None:
    if node.code.digits != 6:
        scope.reject("PC105", text("PC105.region-code"), node.code.span)
        scope.rejected.update((node.title.text, node.code.span.text))
        return None
    match node.parent:
        case None:
            parent = None
        case IntLiteral(value=value):
            parent = f"{value:06d}"
        case String(text=name) | Path(text=name):
            parent = name
    code = f"{node.code.value:06d}"
    if not is_seen(node.title.text):
        message = text("PC105.region-name", code=code)
        scope.reject("PC105", message, node.title.span, text("PC105.region-name-help"))
    return RegionRow(code, node.title.text, parent, node.code.span)


def _break_loops(scope: Scope, parents: dict[str, str | None], rows: dict[str, RegionRow]) -> None:
    settled: set[str] = set()
    for start in rows:
        seen: dict[str, None] = {}
        code: str | None = start
        while code is not None and code not in settled and code not in seen:
            seen[code] = None
            code = parents[code]
        if code is not None and code in seen:
            scope.reject("PC106", text("PC106.regions", name=rows[code].name), rows[code].span)
            parents[code] = None
        settled.update(seen)


def _cut_depth(scope: Scope, parents: dict[str, str | None], rows: dict[str, RegionRow]) -> None:
    """Reports the first region that lies too deep, and detaches all such regions from their parents."""
    levels: dict[str, int] = {}
    reported = False
    for start in rows:
        way: list[str] = []
        code: str | None = start
        while code is not None and code not in levels:
            way.append(code)
            code = parents[code]
        for inner in reversed(way):
            above = parents[inner]
            levels[inner] = 1 if above is None else levels[above] + 1
            if levels[inner] > DEEPEST_REGION:
                if not reported:
                    message = text("PC105.region-depth", name=rows[inner].name, most=DEEPEST_REGION)
                    scope.reject("PC105", message, rows[inner].span)
                reported, parents[inner], levels[inner] = True, None, 1
