"""Values and types of the language, and the verdicts of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Value = bool | int | str | frozenset[str]
#: Every fact's value, by path (`payer.region`).
Case = Mapping[str, Value]
#: The fact with the day on which a case is judged.
DATE = "date"
#: The calendar, 0001-01-01 to 9999-12-31; a day moved beyond it is undetermined.
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()


class Kind(StrEnum):
    BOOLEAN = "boolean"
    INT = "int"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Scalar:
    kind: Kind

    def __str__(self) -> str:
        return self.kind.value


@dataclass(frozen=True, slots=True)
class EnumType:
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class SetType:
    enum: str

    def __str__(self) -> str:
        return f"set of {self.enum}"


Type = Scalar | EnumType | SetType
BOOLEAN = Scalar(Kind.BOOLEAN)
INT = Scalar(Kind.INT)
MONEY = Scalar(Kind.MONEY)
PERCENT = Scalar(Kind.PERCENT)
DAY = Scalar(Kind.DATE)
REGION = Scalar(Kind.REGION)
#: Types with a least and a greatest value.
NUMBERS = (INT, MONEY, PERCENT, DAY)
#: Percentages are in millionths of the whole.
WHOLE = 1_000_000


class Verdict(StrEnum):
    """The answer of a decision to a case."""

    PERMITTED = "permitted"
    DENIED = "denied"
    CONFLICTING = "conflicting"
    UNDETERMINED = "undetermined"


class SideVerdict(StrEnum):
    """The answer of one side of a decision."""

    PERMITS = "permits"
    DENIES = "denies"
    CONFLICT = "conflict"
    SILENT = "silent"
