"""Reads sources and their clauses, and resolves citations of rules."""

from __future__ import annotations

from ..diagnostics.diagnostic import text
from ..model import Clause, Source
from ..syntax.expressions import Name, Path
from ..syntax.tree import SourceDeclaration
from .names import Namespace
from .scope import Scope, text_of
from .wording.titles import english


class SourceReader:
    """Reads the sources of the whole set, which every policy can cite, and those of each policy."""

    def __init__(self, scope: Scope, ranks: Namespace[int]) -> None:
        self.scope = scope
        self.found: dict[str, Source] = {}
        self._ranks = ranks
        #: By policy; `None` for the whole set.
        self._spaces: dict[str | None, Namespace[Source]] = {}

    def declare(self, node: SourceDeclaration, policy: str | None = None) -> None:
        """Adds a source with its clauses, of a policy or of the whole set."""
        name = node.name.text if policy is None else f"{policy}.{node.name.text}"
        clauses: dict[str, Clause] = {}
        for item in node.clauses:
            if item.name.text in clauses:
                self.scope.duplicate(item.name.text, item.name.span, clauses[item.name.text].span)
                continue
            clauses[item.name.text] = Clause(
                name=f"{name}.{item.name.text}",
                title=item.text.text,
                source=name,
                unmodelled=text_of(item.unmodelled),
                span=item.name.span,
            )
        source = Source(
            name=name,
            title=text_of(node.title),
            english=english(self.scope, node.title),
            rank=self._rank(node.rank),
            dated=None if node.dated is None else node.dated.value.toordinal(),
            url=text_of(node.url),
            clauses=tuple(clauses.values()),
            policy=policy,
            span=node.name.span,
        )
        existing = self._spaces.setdefault(policy, Namespace()).add(node.name.text, source.title, source)
        if existing is None:
            self.found[name] = source
        elif policy is None:  # inside a policy `_declare_policy` has reported it
            self.scope.duplicate(node.name.text, node.name.span, existing.span)

    def _rank(self, name: Name | None) -> int | None:
        if name is None:
            return None
        level = self._ranks.find(name.text)
        if level is None:
            self.scope.unknown("rank", name.text, name.span, self._ranks.known())
        return level

    def clause(self, path: Path, policy: str) -> tuple[Source, Clause] | None:
        """A clause that a rule of a policy cites, with its source."""
        first = path.parts[0]
        spaces = [space for owner in (policy, None) if (space := self._spaces.get(owner)) is not None]
        source = next((found for space in spaces if (found := space.find(first.text)) is not None), None)
        if source is None:
            known = [name for space in spaces for name in space.known()]
            self.scope.unknown("source", first.text, first.span, known)
            return None
        if len(path.parts) != 2:
            self.scope.reject("PC103", text("PC103.cite", name=first.text), path.span)
            return None
        wanted = path.parts[1]
        for clause in source.clauses:
            if clause.name == f"{source.name}.{wanted.text}":
                return source, clause
        known = [clause.own_name for clause in source.clauses]
        self.scope.unknown("clause", wanted.text, wanted.span, known)
        return None
