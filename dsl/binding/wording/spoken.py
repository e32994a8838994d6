"""What things of a set are called for people: titles to show beside names, and names in the language of the titles.

In: a checked set. Out: plain mappings, which a report is kept with. An alias is only given where it can be typed for
the name everywhere in the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ...diagnostics.characters import as_meant
from ...model import PolicySet
from ...model.declarations import Declared
from ..names import is_identifier
from ..scope import Record, Scope


@dataclass(frozen=True, slots=True)
class SpokenNames:
    #: Names of regions, by code.
    regions: Mapping[str, str] = field(default_factory=dict)
    #: Titles of rules, policies, facts and so on, by full name, and of sides.
    titles: Mapping[str, str] = field(default_factory=dict)
    #: Titles that can be typed in place of names, by name or path.
    aliases: Mapping[str, str] = field(default_factory=dict)
    #: Decisions, by name and title.
    decisions: tuple[str, ...] = ()


def spoken_names(policy_set: PolicySet) -> SpokenNames:
    decisions = policy_set.decisions.values()
    return SpokenNames(
        {region.code: region.name for region in policy_set.regions},
        dict(_titles(policy_set)),
        _aliases(policy_set),
        tuple(word for decision in decisions for word in (decision.name, decision.title) if word is not None),
    )


def side_key(decision: str, side: str) -> str:
    """How the title of a side is found."""
    return f"{decision}/{side}"


def _titles(policy_set: PolicySet) -> Iterator[tuple[str, str]]:
    sides = [(side_key(one.name, side.name), side) for one in policy_set.decisions.values() for side in one.sides]
    alone = [
        (side.name, side) for _, side in sides if len({one.title for _, one in sides if one.name == side.name}) == 1
    ]
    named = ((thing.name, thing) for thing in _titled(policy_set))
    for name, thing in (*alone, *named, *_values(policy_set), *sides):
        if thing.title is not None and thing.title != thing.own_name:
            yield name, thing.title


def _values(policy_set: PolicySet) -> Iterator[tuple[str, Declared]]:
    """Rows have the title of their table, other values that of their parameter."""
    for setting in policy_set.settings.values():
        table = setting.table
        yield setting.name, policy_set.parameters[setting.parameter] if table is None else policy_set.tables[table]


def _titled(policy_set: PolicySet) -> Iterator[Declared]:
    """What messages speak of by name; of two things of one name, which message means which is not known."""
    once: dict[str, Declared | None] = {}
    for things in (
        policy_set.facts.values(),
        policy_set.parameters.values(),
        policy_set.decisions.values(),
        policy_set.defines.values(),
        policy_set.axioms,
        policy_set.assertions,
        policy_set.policies.values(),
        policy_set.norms.values(),
        policy_set.requirements.values(),
        policy_set.mandates.values(),
        policy_set.tables.values(),
    ):
        for thing in things:
            once[thing.name] = None if thing.name in once else thing
    return (thing for thing in once.values() if thing is not None)


def _aliases(policy_set: PolicySet) -> dict[str, str]:
    """The aliases that mean the same in every policy: none that a definition of some policy hides."""
    scope = Scope.of(policy_set)
    found: dict[str, str] = {}
    for thing in scope.values.values():
        name, *others = scope.values.spellings(thing)
        alias = others[0] if others else name
        if not isinstance(thing, Record):
            found[name] = alias
            continue
        for own in thing.fields.values():
            field_name, *field_aliases = thing.fields.spellings(own)
            found[f"{name}.{field_name}"] = f"{alias}.{field_aliases[0] if field_aliases else field_name}"
    local = [define for define in policy_set.defines.values() if define.policy is not None]
    hidden = {word for define in local for word in (define.own_name, define.title)}
    members = _member_aliases(policy_set, {*found, *found.values()})
    return {
        name: alias
        for name, alias in {**members, **found}.items()
        if name != alias and not hidden & {*name.split("."), *alias.split(".")}
    }


def _member_aliases(policy_set: PolicySet, taken: set[str]) -> dict[str, str]:
    """Members whose name means one thing only, and whose title is that of no other member of their enum."""
    titles: dict[str, set[str | None]] = {}
    for enum in policy_set.enums.values():
        given = list(enum.members.values())
        for member, title in enum.members.items():
            meant = None if title is None else as_meant(title)
            is_alias = meant is not None and is_identifier(meant) and given.count(title) == 1
            titles.setdefault(member, set()).add(meant if is_alias else None)
    alone = {member: title for member, found in titles.items() if len(found) == 1 for title in found}
    parts = {part for path in taken for part in path.split(".")}
    return {member: title for member, title in alone.items() if title is not None and member not in parts}
