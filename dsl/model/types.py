"""Values and types of the language, and what a decision can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Value = bool | int | str | frozenset[str]
#: Every fact's value, by path (`payer.region`).
Case = Mapping[str, Value]
#: The fact on whose day a case is judged.
DATE = "date"
#: The days of the calendar, 0001-01-01 to 9999-12-31: what is moved beyond either is no day, and undetermined.
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
#: What has a least and a greatest value.
NUMBERS = (INT, MONEY, PERCENT, DAY)
#: Millionths in a whole: the unit of percentages.
WHOLE = 1_000_000


class Verdict(StrEnum):
    """What a decision says of a case."""

    PERMITTED = "permitted"
    DENIED = "denied"
    CONFLICTING = "conflicting"
    UNDETERMINED = "undetermined"


class SideVerdict(StrEnum):
    """What one side of a decision says."""

    PERMITS = "permits"
    DENIES = "denies"
    CONFLICT = "conflict"
    SILENT = "silent"
