"""Results of an evaluation: values, undetermined or conflicting ones, and traces of how they came about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..model import SideVerdict, Value, Verdict
from ..model.precedence import Beaten


class Undetermined:
    """The type of `UNDETERMINED`: no value follows from the rules."""

    def __repr__(self) -> str:
        return "UNDETERMINED"


UNDETERMINED: Final = Undetermined()


@dataclass(frozen=True, slots=True)
class Conflicting:
    """Several values; the rules prefer none of them."""

    values: frozenset[Value | Undetermined]


Known = Value | Undetermined
Outcome = Known | Conflicting


class State(StrEnum):
    """How a rule took part in a verdict."""

    HAS_EFFECT = "has-effect"
    BEATEN = "applies-but-beaten"
    NOT_APPLYING = "does-not-apply"
    NOT_IN_FORCE = "not-in-force"
    MAY_APPLY = "may-apply"
    HOLDS = "holds"
    FAILS = "fails"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    rule: str
    state: State
    #: The applying rules that beat it, or the permit that sets it aside.
    beaten_by: tuple[Beaten, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterTrace:
    parameter: str
    region: str
    outcome: Outcome
    #: The settings in force in the region on the day, with their states.
    settings: tuple[RuleTrace, ...]


@dataclass(frozen=True, slots=True)
class SideTrace:
    side: str
    region: str
    verdict: SideVerdict
    #: Norms and requirements of every policy for the region, in order of declaration.
    rules: tuple[RuleTrace, ...]
    #: The parameters read, in order of first reading.
    parameters: tuple[ParameterTrace, ...]


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    decision: str
    verdict: Verdict
    sides: tuple[SideTrace, ...]
