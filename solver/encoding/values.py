"""Encoded values: what an expression is in all cases of a space.

An undetermined truth is a pair of terms (surely true, surely false); an undetermined number, region or set
carries the condition under which it is determined.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..formula.terms import Linear, Term
from .symbolic_case import Path


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth value: surely true, surely false, or neither."""

    true: Term
    false: Term


@dataclass(frozen=True, slots=True)
class Number:
    """A number, date or enum member (its position), where `defined`."""

    value: Linear
    defined: Term


@dataclass(frozen=True, slots=True)
class Place:
    """A region, where `defined`."""

    path: Path
    defined: Term


@dataclass(frozen=True, slots=True)
class Members:
    """A set: for each member of the enum, whether it is in, where `defined`."""

    contains: tuple[Term, ...]
    defined: Term


Encoded = Truth | Number | Place | Members
