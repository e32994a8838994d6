"""Worlds in which random sets are made: regions, facts, constants, and the Chinese names of all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, eq=False)
class World:
    """The material of sets; all cases of the small world can be enumerated."""

    #: Code, name, parent; the first is the root.
    regions: tuple[tuple[str, str, str | None], ...]
    enums: Mapping[str, tuple[str, ...]]
    #: Facts by path, with type, bounds and the chance of being there; order is that of declaration.
    facts: tuple[tuple[str, str, tuple[int, int] | None], ...]
    #: Constants by type.
    ints: tuple[int, ...]
    money: tuple[int, ...]
    percents: tuple[int, ...]
    days: tuple[int, ...]
    #: Policies of a set, and rules of a policy.
    policies: tuple[int, int]
    statements: tuple[int, int]
    depth: int

    @property
    def places(self) -> list[str]:
        return [code for code, _, parent in self.regions if parent is not None]

    @property
    def root(self) -> str:
        return self.regions[0][0]


def _days(*texts: str) -> tuple[int, ...]:
    return tuple(date.fromisoformat(item).toordinal() for item in texts)


COMMON = World(
    regions=(
        ("100000", "中华人民共和国", None),
        ("320000", "江苏省", "100000"),
        ("320100", "南京市", "320000"),
        ("320102", "玄武区", "320100"),
        ("320500", "苏州市", "320000"),
        ("440000", "广东省", "100000"),
        ("440100", "广州市", "440000"),
        ("500000", "重庆市", "100000"),
        ("500101", "万州区", "500000"),
    ),
    enums={"kin": ("spouse", "parent", "child", "sibling"), "scheme": ("employee", "resident")},
    facts=(
        ("payer.region", "region", None),
        ("payer.balance", "money", (0, 200_000)),
        ("payer.links", "int", (0, 8)),
        ("guest.region", "region", None),
        ("guest.scheme", "scheme", None),
        ("relation", "kin", None),
        ("filed", "boolean", None),
        ("share", "percent", (0, 1_000_000)),
        ("signed", "date", _days("2023-01-01", "2026-12-31")),
        ("date", "date", _days("2023-01-01", "2026-12-31")),
    ),
    ints=(0, 1, 2, 3, 5, 8),
    money=(0, 1, 5, 9_999, 10_000, 33_333, 100_000, 150_001),
    percents=(0, 125_000, 333_300, 500_000, 600_000, 1_000_000),
    days=_days("2023-06-30", "2024-01-01", "2024-02-29", "2024-11-01", "2025-03-12", "2025-12-31"),
    policies=(3, 5),
    statements=(5, 9),
    depth=2,
)

SMALL = World(
    regions=(
        ("100000", "中华人民共和国", None),
        ("320000", "江苏省", "100000"),
        ("320100", "南京市", "320000"),
        ("500000", "重庆市", "100000"),
    ),
    enums={"kin": ("spouse", "parent", "child")},
    facts=(
        ("payer.region", "region", None),
        ("payer.links", "int", (0, 2)),
        ("guest.region", "region", None),
        ("relation", "kin", None),
        ("filed", "boolean", None),
        ("date", "date", _days("2024-01-01", "2024-01-03")),
    ),
    ints=(0, 1, 2),
    money=(0, 5, 10_000),
    percents=(0, 333_300, 500_000),
    days=_days("2024-01-01", "2024-01-02", "2024-01-03"),
    policies=(2, 3),
    statements=(3, 5),
    depth=1,
)

#: The small world at the end of the calendar, where the last day has no next day.
LAST_DAYS = replace(
    SMALL,
    facts=(*SMALL.facts[:-1], ("date", "date", _days("9999-12-29", "9999-12-31"))),
    days=_days("9999-12-29", "9999-12-30", "9999-12-31"),
)

#: Chinese names of everything with a title.
TITLES = {
    "kin": "亲属关系",
    "spouse": "配偶",
    "parent": "父母",
    "child": "子女",
    "sibling": "兄弟姐妹",
    "scheme": "险种类别",
    "employee": "职工医保",
    "resident": "居民医保",
    "payer": "共济人",
    "guest": "受益人",
    "clinic": "诊所",
    "payer.region": "参保地",
    "payer.balance": "账户余额",
    "payer.links": "绑定人数",
    "guest.region": "就医地",
    "clinic.region": "诊所所在地",
    "guest.scheme": "险种",
    "relation": "与共济人关系",
    "filed": "已备案",
    "share": "自付比例",
    "signed": "签订日",
    "date": "发生日",
    "open": "钱包已开通",
    "cap": "人数上限",
    "rate": "报销比例",
    "deductible": "起付线",
    "relatives": "可共济亲属",
    "home": "结算地",
    "since": "开始日",
    "bind": "绑定",
    "pay": "共济支付",
    "paying": "参保侧",
    "receiving": "受益侧",
    "near": "近处",
    "place": "办理地",
    "fund": "基金支付",
    "own": "个人支付",
    "number": "计数",
    "deadline": "截止日",
}

PARAMETERS = {
    "open": "boolean",
    "cap": "int",
    "deductible": "money",
    "rate": "percent",
    "relatives": "set",
    "home": "region",
    "since": "date",
}
