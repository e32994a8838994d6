"""The checked set: what a policy set means once every name is bound and every type known.

Plain, immutable data. Values are Python's own: `bool`; `int` for integers, money (fen), percentages
(millionths of the whole) and dates (days of the proleptic Gregorian calendar, as `date.toordinal`); `str`
for enum members and region codes; `frozenset[str]` for sets of members.

`DefineValue`, `VerdictIs` and the like refer by id to the tables of `PolicySet`, so the data has no cycles.
"""

from .declarations import (
    Axiom as Axiom,
    Decision as Decision,
    Define as Define,
    English as English,
    Enum as Enum,
    Fact as Fact,
    Parameter as Parameter,
    Side as Side,
)
from .expressions import (
    Ancestor as Ancestor,
    And as And,
    Choice as Choice,
    Constant as Constant,
    DefineValue as DefineValue,
    Equal as Equal,
    Expr as Expr,
    Extreme as Extreme,
    FactValue as FactValue,
    IsUndetermined as IsUndetermined,
    Less as Less,
    MemberOf as MemberOf,
    Not as Not,
    Or as Or,
    ParameterValue as ParameterValue,
    Product as Product,
    RegionCode as RegionCode,
    Shifted as Shifted,
    Sum as Sum,
    VerdictIs as VerdictIs,
    Within as Within,
    parts as parts,
)
from .policy_set import (
    Acknowledgement as Acknowledgement,
    Assertion as Assertion,
    DependsExpectation as DependsExpectation,
    GivenValue as GivenValue,
    PolicySet as PolicySet,
    Test as Test,
)
from .rules import (
    STANDARD_PRECEDENCE as STANDARD_PRECEDENCE,
    Clause as Clause,
    DecisionRule as DecisionRule,
    Effect as Effect,
    Mandate as Mandate,
    MetaRule as MetaRule,
    Norm as Norm,
    Period as Period,
    Policy as Policy,
    Requirement as Requirement,
    Row as Row,
    Rule as Rule,
    Setting as Setting,
    Source as Source,
    Table as Table,
    conditions as conditions,
)
from .types import (
    BOOLEAN as BOOLEAN,
    DATE as DATE,
    DAY as DAY,
    FIRST_DAY as FIRST_DAY,
    INT as INT,
    LAST_DAY as LAST_DAY,
    MONEY as MONEY,
    NUMBERS as NUMBERS,
    PERCENT as PERCENT,
    REGION as REGION,
    WHOLE as WHOLE,
    Case as Case,
    EnumType as EnumType,
    Scalar as Scalar,
    SetType as SetType,
    SideVerdict as SideVerdict,
    Type as Type,
    Value as Value,
    Verdict as Verdict,
)
