"""Sets of a few shapes in any size, plausible and hard for a solver or an evaluator: sums of points, chains, diamonds,
deep regions, contradicting values.

In: random numbers. Out: the text of a set, usually without mistakes.
"""

from __future__ import annotations

import random
from collections.abc import Callable

_HEAD = """\
region 100000 "中国"
region 110000 "北京市" in 100000
region 500000 "重庆市" in 100000
region 500101 "万州区" in 500000
fact home "参保地" : region usual 500000
fact amount "金额数" : money 0元..10000元 usual 100元
fact date "发生日期" : date 2024-01-01..2026-12-31
decision pay "支付" governed by home as paying
"""


def _size(rng: random.Random, most: int) -> int:
    return rng.choice((1, 2, 3, 5, 8, 13, 20, 40, 60, 100, 150, 300, 1000)) % (most + 1)


def _facts(count: int) -> str:
    return "".join(f"fact f{i} : boolean usual false\n" for i in range(count))


def _policy(*lines: str, region: int = 100000, name: str = "nation") -> str:
    items = "".join(f"  {line}\n" for line in lines)
    return f'policy {name} for {region} {{\n  source s {{ clause c "x" }}\n{items}}}\n'


def points(rng: random.Random) -> str:
    """Truth values that count for some points, compared with a number."""
    count = _size(rng, 60)
    weights = [rng.choice((1, 1, 1, 2, 3, rng.randint(0, 50))) for _ in range(count)]
    terms = " + ".join(["0", *(f"(if f{i} then {weight} else 0)" for i, weight in enumerate(weights))])
    limit = rng.randint(0, sum(weights) + 1)
    order = rng.choice(("<", "<=", ">", ">=", "is"))
    rule = rng.choice(
        (
            _policy(f"permit pay a when score {order} {limit} cite s.c"),
            _policy("permit pay a cite s.c", f"require pay b: score {order} {limit} cite s.c"),
            _policy("permit pay a cite s.c", f"forbid pay b when score {order} {limit} cite s.c"),
            f'assert low "分数低": score {order} {limit}\n',
        )
    )
    return f"{_HEAD}{_facts(count)}define score = {terms}\n{rule}"


def chains(rng: random.Random) -> str:
    """Definitions of definitions, each reading the one before it once or twice."""
    count = _size(rng, 1000)
    step = rng.choice(
        (
            "y{0} and (f0 or y{0})",
            "y{0} is not f1",
            "not y{0}",
            "if y{0} then f1 else f0",
            "y{0} implies (y{0} and f0)",
            "(y{0} is f0) is (y{0} is f1)",
        )
    )
    lines = [f"define y{i + 1} = {step.format(i)}\n" for i in range(count)]
    rng.shuffle(lines)
    rule = rng.choice((f'assert a "x": y{count}\n', _policy(f"permit pay a when y{count} cite s.c")))
    return f"{_HEAD}{_facts(2)}define y0 = amount > 5元\n{''.join(lines)}{rule}"


def exclusive(rng: random.Random) -> str:
    """A chain of `is not` over truth values, which holds if an odd number of them does."""
    count = max(_size(rng, 40), 2)
    condition = "f0"
    for i in range(1, count):
        condition = f"({condition} is not f{i})"
    return (
        f"{_HEAD}{_facts(count)}{_policy(f'permit pay a when {condition} cite s.c', 'forbid pay b when f0 cite s.c')}"
    )


def contests(rng: random.Random) -> str:
    """Parameters set twice, read together."""
    count = min(_size(rng, 20), 14)
    names = [f"p{i}" for i in range(count)]
    declared = "".join(f"parameter {name} : int 0..9\n" for name in names)
    sets = [f"set {name} = {value} cite s.c" for name in names for value in rng.sample(range(9), 2)]
    read = " + ".join(["0", *(f"home.{name}" for name in names)])
    rules = ["permit pay a cite s.c", f"require pay b: {read} < {rng.randint(0, 40)} cite s.c"]
    more = rng.choice(([], ["mandate pay m when amount > 5元 cite s.c"], [f"forbid pay z when {read} > 5 cite s.c"]))
    return _HEAD + declared + _policy(*rules, *sets, *more)


def regions(rng: random.Random) -> str:
    """Nested regions, with rules at each level."""
    depth = max(_size(rng, 300), 1)
    lines = "".join(f'region {600000 + i} "区{i}" in {600000 + i - 1 if i else 500000}\n' for i in range(depth))
    policies = [
        _policy(
            f"{rng.choice(('permit', 'forbid', 'default permit'))} pay r{i} cite s.c",
            region=600000 + rng.randrange(depth),
            name=f"q{i}",
        )
        for i in range(rng.randint(1, 4))
    ]
    return _HEAD + lines + "".join(policies)


def decisions(rng: random.Random) -> str:
    """Decisions that read each other, and facts that they make true."""
    count = max(_size(rng, 150), 1)
    lines = ["decision d0 governed by home as paying\n"]
    rules = ["permit d0 r0 cite s.c"]
    for i in range(1, count):
        lines.append(f"decision d{i} governed by home as paying\n")
        rules.append(f"permit d{i} r{i} when d{i - 1} is permitted cite s.c")
    return _HEAD + "".join(lines) + _policy(*rules, f"permit pay a when d{count - 1} is permitted cite s.c")


def days(rng: random.Random) -> str:
    """Days at the ends of the calendar."""
    end = rng.choice(("9999-12-31", "9999-12-01", "2030-12-31"))
    start = rng.choice(("0001-01-01", "0001-01-02", "2020-01-01"))
    shift = rng.choice((1, 30, 365, 3_652_058, 999_999_999_999_999_999))
    sign = rng.choice("+-")
    facts = f"fact valid : date {start}..{end} usual {rng.choice((start, end))}\n"
    rule = f"permit pay a when valid {sign} {shift} days {rng.choice(('>', '<=', 'is'))} date cite s.c"
    return (
        _HEAD
        + facts
        + _policy(rule, f"forbid pay b {rng.choice(('from', 'until'))} {rng.choice((start, end))} cite s.c")
    )


def wide(rng: random.Random) -> str:
    """A long line of names, known or not, or a long list of rules."""
    count = _size(rng, 1000)
    names = [rng.choice(("f{0}", "x{0}", "数{0}", "ｘ{0}")).format(i) for i in range(count)]
    line = rng.choice((" and ", " or ", " + ", " implies ")).join(["f0", *names])
    return f"{_HEAD}{_facts(min(count, 100) + 1)}define y = {line}\n{_policy('permit pay a when y cite s.c')}"


SHAPES: tuple[Callable[[random.Random], str], ...] = (
    *(points, points, chains, exclusive, contests, contests),
    *(regions, decisions, days, wide),
)
