"""Random policy sets as text, in English or Chinese, and random cases for them.

One seed gives one abstract choice, and each language spells that choice out: other keywords, other names (the
titles), other forms of dates, money and regions, full-width punctuation. Nothing here imports the compiler
but for `compiled`; a generated set is text like any other.

Everything is built so that it can matter: constants come from small pools, cases take their values from the
same pools and from one step beside them, most rules speak of regions and days that cases are in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from math import prod

from policyc.dsl.compile import compile_set
from policyc.dsl.diagnostic import Diagnostic, Severity
from policyc.dsl.keywords import Language, spelling
from policyc.dsl.model import (
    BOOLEAN,
    DAY,
    REGION,
    EnumType,
    Expr,
    Fact,
    ParameterValue,
    PolicySet,
    Setting,
    Value,
    parts,
)
from policyc.dsl.parse import parse
from policyc.dsl.precedence import contending_groups, opposing_pairs, settle
from policyc.dsl.source import SourceFile

META_RULES = ("exception", "rank", "specific", "later")


# --- The world in which sets are made ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class World:
    """What sets are made of; the small world lets all cases be enumerated."""

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

#: The small world at the end of the calendar, where the next day is none.
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


# --- Spelling ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spelling:
    """How one language writes what all of them mean."""

    language: Language
    world: World

    def word(self, keyword: str) -> str:
        return spelling(keyword, self.language)

    @property
    def chinese(self) -> bool:
        return self.language == "zh"

    @property
    def comma(self) -> str:
        return "，" if self.chinese else ", "

    def name(self, name: str) -> str:
        """A name where it is used: by its title in Chinese."""
        if not self.chinese:
            return name
        return ".".join(self._titles(name))

    def _titles(self, name: str) -> list[str]:
        if name in ("payer.region", "guest.region") or name in TITLES:
            parts = name.split(".")
            return [TITLES[".".join(parts[: index + 1])] for index in range(len(parts))]
        return [TITLES.get(part, part) for part in name.split(".")]

    def declared(self, name: str) -> str:
        """A name where it is declared: with its title."""
        short = name.rpartition(".")[2]
        return f'{short} "{TITLES[name]}"'

    def region(self, code: str) -> str:
        if not self.chinese:
            return code
        return next(f'"{name}"' for other, name, _ in self.world.regions if other == code)

    def money(self, fen: int) -> str:
        if self.chinese and fen % 1_000_000 == 0 and fen:
            return f"{fen // 1_000_000}万元"
        yuan = f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"
        return f"{yuan}元" if self.chinese else f"{yuan} CNY"

    def percent(self, millionths: int) -> str:
        whole, rest = divmod(millionths, 10_000)
        text = f"{whole}" if not rest else f"{whole}.{rest:04d}".rstrip("0")
        return f"{text}%"

    def day(self, ordinal: int) -> str:
        day = date.fromordinal(ordinal)
        return f"{day.year}年{day.month}月{day.day}日" if self.chinese else day.isoformat()

    def members(self, members: Sequence[str]) -> str:
        return "{" + self.comma.join(map(self.name, members)) + "}"

    def truth(self, value: bool) -> str:
        return self.word("true" if value else "false")

    def attribute(self, attribute: str) -> str:
        chinese = {"province": "所属省", "prefecture": "所属市", "code": "代码"}
        return chinese[attribute] if self.chinese else attribute


# --- Generating --------------------------------------------------------------------------------------------


@dataclass
class Readable:
    """What an expression may read at the place where it stands."""

    parameters: list[str] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    defines: list[str] = field(default_factory=list)

    def copy(self) -> Readable:
        return Readable(list(self.parameters), list(self.decisions), list(self.defines))


DEFINES = {
    "near": "boolean",
    "place": "region",
    "fund": "money",
    "own": "money",
    "number": "int",
    "deadline": "date",
}


class Expressions:
    """Random expressions of each type, as text."""

    def __init__(self, rng: random.Random, words: Spelling) -> None:
        self.rng = rng
        self.words = words
        self.world = words.world
        self.facts = {path: type_ for path, type_, _ in self.world.facts}
        self.readable = Readable()

    def one(self, type_: str, depth: int) -> str:
        makers: dict[str, Callable[[int], str]] = {
            "boolean": self.condition,
            "region": self.region,
            "date": self.date,
            "int": partial(self.number, "int"),
            "money": partial(self.number, "money"),
            "percent": partial(self.number, "percent"),
        }
        return makers[type_](depth)

    def facts_of(self, type_: str) -> list[str]:
        return [self.words.name(path) for path, own in self.facts.items() if own == type_]

    def defines_of(self, type_: str) -> list[str]:
        return [self.words.name(name) for name in self.readable.defines if DEFINES[name] == type_]

    def parameters_of(self, type_: str) -> list[str]:
        return [name for name in self.readable.parameters if PARAMETERS[name] == type_]

    def constant(self, type_: str) -> str:
        rng, words = self.rng, self.words
        match type_:
            case "boolean":
                return words.truth(rng.random() < 0.5)
            case "int":
                return str(rng.choice(self.world.ints))
            case "money":
                return words.money(rng.choice(self.world.money))
            case "percent":
                return words.percent(rng.choice(self.world.percents))
            case "date":
                return words.day(rng.choice(self.world.days))
            case "region":
                return words.region(rng.choice(self.world.places))
            case _:
                return words.members(self.some_members("kin"))

    def some_members(self, enum: str) -> list[str]:
        members = self.world.enums[enum]
        chosen = self.rng.sample(members, self.rng.randint(1, len(members) - 1))
        return [member for member in members if member in chosen]

    # --- Places and parameters ---

    def path_to_region(self) -> str:
        """A region as a path, so that an attribute may follow."""
        options = [*self.facts_of("region") * 4, *self.defines_of("region")]
        path = self.rng.choice(options)
        if "home" in self.readable.parameters and self.rng.random() < 0.08:
            path += f".{self.words.name('home')}"
        if self.rng.random() < 0.05:
            path += f".{self.words.attribute(self.rng.choice(['province', 'prefecture']))}"
        return path

    def parameter(self, name: str) -> str:
        return f"{self.path_to_region()}.{self.words.name(name)}"

    def region(self, depth: int) -> str:
        rng = self.rng
        if depth > 0 and rng.random() < 0.15:
            return self.choice("region", depth)
        if rng.random() < 0.2:
            return self.constant("region")
        path = self.path_to_region()
        if rng.random() < 0.3:
            path += f".{self.words.attribute(rng.choice(['province', 'prefecture']))}"
        return path

    # --- Numbers and dates ---

    def number(self, type_: str, depth: int) -> str:
        rng, words = self.rng, self.words
        leaves = [*self.facts_of(type_) * 3, *self.defines_of(type_) * 2, self.constant(type_)]
        leaves += [self.parameter(name) for name in self.parameters_of(type_)] * 3
        if type_ == "int" and rng.random() < 0.3:
            leaves.append(f"{self.path_to_region()}.{words.attribute('code')}")
        if depth <= 0:
            return rng.choice(leaves)
        match rng.randrange(8):
            case 0:
                return f"({self.number(type_, depth - 1)} {rng.choice('+-')} {self.number(type_, depth - 1)})"
            case 1 | 2:
                extreme = words.word(rng.choice(["min", "max"]))
                operands = [self.number(type_, depth - 1) for _ in range(rng.choice([2, 2, 3]))]
                return f"{extreme}({words.comma.join(operands)})"
            case 3:
                return self.choice(type_, depth)
            case 4 | 5 | 6 if type_ != "percent":
                return self.product(type_, depth)
            case _:
                return rng.choice(leaves)

    def product(self, type_: str, depth: int) -> str:
        rng = self.rng
        if type_ == "int":
            pair = [self.factor("int", depth), self.number("int", depth - 1)]
        elif rng.random() < 0.3:
            kinds = rng.choice([("money", "int"), ("int", "money")])
            pair = [self.factor(kinds[0], depth), self.number(kinds[1], depth - 1)]
        elif rng.random() < 0.25:
            pair = [self.factor("money", depth), self.number("percent", depth - 1)]
        else:
            pair = [self.factor("percent", depth), self.number("money", depth - 1)]
        rng.shuffle(pair)
        return f"({pair[0]} * {pair[1]})"

    def factor(self, type_: str, depth: int) -> str:
        """Something of few values, known beforehand."""
        rng, words = self.rng, self.words
        options = [self.constant(type_)]
        options += [self.parameter(name) for name in self.parameters_of(type_)] * 3
        if depth > 0 and rng.random() < 0.4:
            inner = [self.factor(type_, depth - 1), self.factor(type_, depth - 1)]
            if rng.random() < 0.5:
                return f"{words.word(rng.choice(['min', 'max']))}({words.comma.join(inner)})"
            return self.choice_between(self.condition(depth - 1), *inner)
        return rng.choice(options)

    def choice(self, type_: str, depth: int) -> str:
        then, otherwise = self.one(type_, depth - 1), self.one(type_, depth - 1)
        return self.choice_between(self.condition(depth - 1), then, otherwise)

    def choice_between(self, condition: str, then: str, otherwise: str) -> str:
        word = self.words.word
        return f"({word('if')} {condition} {word('then')} {then} {word('else')} {otherwise})"

    def date(self, depth: int) -> str:
        rng = self.rng
        leaves = [*self.facts_of("date") * 3, self.constant("date"), *self.defines_of("date")]
        leaves += [self.parameter(name) for name in self.parameters_of("date")] * 3
        leaf = rng.choice(leaves)
        if depth > 0 and rng.random() < 0.4:
            days = rng.choice([1, 30, 365] if self.world is COMMON else [1, 2])
            return f"{leaf} {rng.choice('+-')} {days} {self.words.word('days')}"
        if depth > 0 and rng.random() < 0.15:
            return self.choice("date", depth)
        return leaf

    # --- Conditions ---

    def condition(self, depth: int) -> str:
        rng, word = self.rng, self.words.word
        if depth <= 0 or rng.random() < 0.3:
            return self.atom()
        match rng.randrange(7):
            case 0 | 1:
                joiner = word(rng.choice(["and", "or"]))
                operands = [self.condition(depth - 1) for _ in range(rng.choice([2, 2, 3]))]
                return "(" + f" {joiner} ".join(operands) + ")"
            case 2:
                return f"({self.condition(depth - 1)} {word('implies')} {self.condition(depth - 1)})"
            case 3:
                return f"{word('not')} ({self.condition(depth - 1)})"
            case 4:
                return self.choice("boolean", depth)
            case _:
                return self.comparison(depth)

    def comparison(self, depth: int) -> str:
        rng = self.rng
        types = [type_ for type_ in ("int", "money", "percent", "date") if self.facts_of(type_)]
        types.append("money")
        type_ = rng.choice(types)
        sign = rng.choice(["<", "<=", ">", ">=", self.words.word("is"), self.words.word("is_not")])
        return f"{self.one(type_, depth - 1)} {sign} {self.one(type_, depth - 1)}"

    def atom(self) -> str:
        rng, word = self.rng, self.words.word
        makers: list[Callable[[], str]] = [
            lambda: rng.choice(self.facts_of("boolean")),
            self._kind,
            self._within,
            self._same_region,
            lambda: self.comparison(0),
        ]
        if self.parameters_of("boolean"):
            makers += [lambda: self.parameter("open")] * 3
        if self.parameters_of("set"):
            makers += [self._member] * 3
        if self.readable.parameters:
            makers += [self._undetermined, self._two_places]
            makers += [self._against_parameter] * 2
        if self.readable.decisions:
            makers += [self._verdict] * 3
        if self.defines_of("boolean"):
            makers += [lambda: rng.choice(self.defines_of("boolean"))]
        if rng.random() < 0.02:
            return word(rng.choice(["true", "false"]))
        return rng.choice(makers)()

    def _kind(self) -> str:
        rng, words = self.rng, self.words
        enum = rng.choice(list(self.world.enums))
        fact = rng.choice(self.facts_of(enum))
        if rng.random() < 0.4:
            sign = words.word(rng.choice(["in", "not_in"]))
            return f"{fact} {sign} {words.members(self.some_members(enum))}"
        member = words.name(rng.choice(self.world.enums[enum]))
        return f"{fact} {words.word(rng.choice(['is', 'is', 'is_not']))} {member}"

    def _member(self) -> str:
        sign = self.words.word(self.rng.choice(["in", "in", "not_in"]))
        return f"{self.words.name('relation')} {sign} {self.parameter('relatives')}"

    def _within(self) -> str:
        sign = self.words.word(self.rng.choice(["in", "in", "not_in"]))
        outer = self.constant("region") if self.rng.random() < 0.6 else self.region(0)
        return f"{self.path_to_region()} {sign} {outer}"

    def _same_region(self) -> str:
        sign = self.words.word(self.rng.choice(["is", "is_not"]))
        return f"{self.region(0)} {sign} {self.path_to_region()}"

    def _against_parameter(self) -> str:
        """A fact compared with a parameter, as most conditions are."""
        types = [
            PARAMETERS[name]
            for name in self.readable.parameters
            if PARAMETERS[name] in ("int", "money", "percent", "date") and self.facts_of(PARAMETERS[name])
        ]
        if not types:
            return self._undetermined()
        type_ = self.rng.choice(types)
        sign = self.rng.choice(["<", "<=", ">", ">="])
        return (
            f"{self.rng.choice(self.facts_of(type_))} {sign} {self.parameter(self.parameters_of(type_)[0])}"
        )

    def _two_places(self) -> str:
        """One parameter at two region facts, which may be one region."""
        name = self.rng.choice(self.readable.parameters)
        signs = ["is", "is_not"] if PARAMETERS[name] in ("boolean", "set", "region") else ["is", "<", ">="]
        sign = self.rng.choice(signs)
        sign = sign if sign in ("<", ">=") else self.words.word(sign)
        one, other = (self.words.name(fact) for fact in ("payer.region", "guest.region"))
        return f"{one}.{self.words.name(name)} {sign} {other}.{self.words.name(name)}"

    def _undetermined(self) -> str:
        word = self.words.word
        name = self.rng.choice(self.readable.parameters)
        if self.rng.random() < 0.3:
            inner = f"({self.atom()} {word('and')} {self.atom()})"
        else:
            inner = self.parameter(name)
        return f"{inner} {word('is')} {word('undetermined')}"

    def _verdict(self) -> str:
        rng, words = self.rng, self.words
        decision = words.name(rng.choice(self.readable.decisions))
        sign = words.word(rng.choice(["is", "is", "is_not"]))
        verdict = rng.choice(["permitted", "permitted", "denied", "conflicting", "undetermined"])
        return f"{decision} {sign} {words.word(verdict)}"


@dataclass
class Rule:
    """What later rules may want to know of a norm or requirement."""

    name: str
    decision: str
    side: str
    #: `permit`, `forbid` or `require`.
    kind: str


class Generator:
    """Writes one set. All randomness is drawn in the same order whatever the language."""

    def __init__(self, seed: str, language: Language, world: World) -> None:
        self.rng = random.Random(seed)
        self.world = world
        self.words = Spelling(language, world)
        self.expressions = Expressions(self.rng, self.words)
        self.lines: list[str] = []
        self.rules: list[Rule] = []
        #: The parameters whose settings may be left in conflict. A solver looks at every combination of
        #: their values, so there are few; the settings of others cite a source of a date of its own.
        self.contested: list[str] = []
        self.dates = 0
        #: Days on which the statements of the policy at hand may begin and end.
        self.days = world.days
        #: For each thing that is worked out, what it may read.
        self.reads: dict[str, Readable] = {}

    def text(self) -> str:
        self._vocabulary()
        self._order()
        self._defines(["near", "place", "number", "deadline", "fund", "own"])
        self._axioms()
        self._ranks()
        low, high = self.world.policies
        for number in range(self.rng.randint(low, high)):
            self._policy(f"p{number}", nationwide=number == 0)
        return "\n".join(self.lines) + "\n"

    def _line(self, *parts: str) -> None:
        self.lines.append(" ".join(part for part in parts if part))

    # --- Vocabulary ---

    def _vocabulary(self) -> None:
        rng, words = self.rng, self.words
        for code, name, parent in self.world.regions:
            inside = "" if parent is None else f"{words.word('in')} {words.region(parent)}"
            self._line(words.word("region"), code, f'"{name}"', inside)
        for enum, members in self.world.enums.items():
            inner = words.comma.join(words.declared(member) for member in members)
            self._line(words.word("enum"), words.declared(enum), "{", inner, "}")
        record = ""
        for path, type_, bounds in self.world.facts:
            group = path.rpartition(".")[0]
            if group != record:
                if record:
                    self._line("}")
                if group:
                    self._line(words.word("record"), words.declared(group), "{")
                record = group
            usual = f"{words.word('usual')} {self._usual(path, type_)}" if rng.random() < 0.6 else ""
            arrangeable = words.word("arrangeable") if rng.random() < 0.3 else ""
            self._line(
                words.word("fact"),
                words.declared(path) + ":",
                self._type(type_, bounds),
                *rng.sample([usual, arrangeable], 2),
            )
        for decision, sides in (("bind", 1), ("pay", 2)):
            places = [("payer.region", "paying"), ("guest.region", "receiving")][:sides]
            inner = words.comma.join(
                f"{words.name(fact)} {words.word('as')} {words.declared(side)}" for fact, side in places
            )
            self._line(words.word("decision"), words.declared(decision), words.word("governed_by"), inner)

    def _type(self, type_: str, bounds: tuple[int, int] | None) -> str:
        words = self.words
        if type_ in self.world.enums:
            return words.name(type_)
        if type_ == "set":
            return f"{words.word('set_of')} {words.name('kin')}"
        if bounds is None:
            return words.word(type_)
        write: dict[str, Callable[[int], str]] = {
            "int": str,
            "money": words.money,
            "percent": words.percent,
            "date": words.day,
        }
        return f"{words.word(type_)} {write[type_](bounds[0])}..{write[type_](bounds[1])}"

    def _usual(self, path: str, type_: str) -> str:
        if path == "guest.region" and self.rng.random() < 0.6:
            return self.words.name("payer.region")
        if path == "clinic.region" and self.rng.random() < 0.6:
            return self.words.name("guest.region")
        if path == "signed" and self.rng.random() < 0.5:
            return self.words.name("date")
        if type_ in self.world.enums:
            return self.words.name(self.rng.choice(self.world.enums[type_]))
        return self.expressions.constant(type_)

    def _order(self) -> None:
        """Parameters, and what may read what: everything reads only what comes before it."""
        rng, words = self.rng, self.words
        names = ["open", "cap", "deductible", "rate", *rng.sample(["relatives", "home", "since"], 1)]
        rng.shuffle(names)
        self.contested = rng.sample(names, rng.choice([0, 1, 1, 1, 2]))
        names.insert(rng.randint(2, len(names)), "bind")
        names.insert(rng.randint(1, len(names)), "place")
        names.insert(rng.randint(0, len(names)), "near")
        names += ["number", "pay", "deadline", "fund", "own"]
        so_far = Readable()
        for name in names:
            self.reads[name] = so_far.copy()
            if name in PARAMETERS:
                so_far.parameters.append(name)
                bounds = {"int": (0, 10)}.get(PARAMETERS[name])
                self._line(
                    words.word("parameter"),
                    words.declared(name) + ":",
                    self._type(PARAMETERS[name], bounds),
                )
            elif name in DEFINES:
                so_far.defines.append(name)
            else:
                so_far.decisions.append(name)
        self.reads["axiom"] = Readable(parameters=names[:1] if names[0] in PARAMETERS else [])

    def _defines(self, names: Sequence[str]) -> None:
        words = self.words
        for name in names:
            self.expressions.readable = self.reads[name]
            depth = 2 if self.world.depth > 1 else 1
            if name == "place" and self.rng.random() < 0.7:
                value = self.expressions.choice_between(
                    self.expressions.condition(1),
                    words.name("payer.region"),
                    words.name("guest.region"),
                )
            elif name == "fund" and self.rng.random() < 0.7:
                value = self.expressions.product("money", depth)
            else:
                value = self.expressions.one(DEFINES[name], depth)
            # A bare region code is a number where nothing says otherwise.
            type_ = f": {words.word(DEFINES[name])}"
            self._line(words.word("define"), words.declared(name) + type_, "=", value)

    def _axioms(self) -> None:
        words = self.words
        self.expressions.readable = self.reads["axiom"]
        for number in range(self.rng.choice([0, 0, 1, 1, 2])):
            # One that only some combinations of two facts break, so that many cases are left.
            condition = self.expressions.condition(0)
            conclusion = self.expressions.condition(1)
            self._line(words.word("axiom"), f"a{number}:", condition, words.word("implies"), conclusion)

    def _ranks(self) -> None:
        rng, words = self.rng, self.words
        self._line(words.word("ranks"), 'high "高" > middle "中" > low "低"')
        if rng.random() < 0.5:
            chosen = rng.sample(META_RULES, rng.choice([3, 4, 4, 4]))
            self._line(words.word("precedence"), " > ".join(map(words.word, chosen)))
        self._source("law", "法规")

    def _source(self, name: str, title: str) -> str:
        rng, words = self.rng, self.words
        ranks = {"high": "高", "middle": "中", "low": "低"}
        rank = rng.choice(list(ranks))
        rank = ranks[rank] if words.chinese else rank
        self._line(
            words.word("source"),
            f'{name} "{title}"',
            f"{words.word('ranks')} {rank}" if rng.random() < 0.6 else "",
            f"{words.word('dated')} {words.day(rng.choice(self.world.days))}" if rng.random() < 0.6 else "",
            f'{{ {words.word("clause")} c "…" }}',
        )
        return name

    # --- Policies ---

    def _policy(self, name: str, *, nationwide: bool) -> None:
        rng, words = self.rng, self.words
        region = self.world.root if nationwide or rng.random() < 0.25 else rng.choice(self.world.places)
        self.days = self.world.days
        period = self._period(0.25, policy=True)
        self._line(words.word("policy"), name, words.word("for"), words.region(region), period, "{")
        sources = [self._source(f"s{number}", f"文件{number}") for number in range(rng.choice([1, 1, 2]))]
        local = rng.random() < 0.3
        if local:
            self.expressions.readable = Readable()
            self._line(words.word("define"), words.declared("near"), "=", self.expressions.condition(1))
        first = len(self.rules)
        low, high = self.world.statements
        parameters = [name for name in self.reads if name in PARAMETERS]
        if nationwide:
            for parameter in self.contested:
                self._contradiction(parameter, sources[0])
            for parameter in parameters:
                if rng.random() < 0.5:
                    self._set(parameter, sources)
        for number in range(rng.randint(low, high)):
            kind = rng.choice(["permit", "permit", "forbid", "forbid", "require", "set", "set", "table"])
            if kind == "set":
                self._set(rng.choice(parameters), sources)
            elif kind == "table":
                self._table(f"t{number}", parameters, sources)
            else:
                self._rule(name, f"r{number}", kind, sources, first)
        self._line("}")

    def _period(self, chance: float, *, policy: bool = False) -> str:
        """From and until, within the days of the policy."""
        rng, words = self.rng, self.words
        starts = rng.choice(self.days)
        ends = rng.choice([day for day in self.days if day >= starts])
        has = rng.random() < chance, rng.random() < chance / 2
        if policy:
            self.days = tuple(
                day for day in self.days if (not has[0] or day >= starts) and (not has[1] or day <= ends)
            )
        parts = [
            f"{words.word('from')} {words.day(starts)}" if has[0] else "",
            f"{words.word('until')} {words.day(ends)}" if has[1] else "",
        ]
        return " ".join(part for part in parts if part)

    def _cite(self, sources: Sequence[str]) -> str:
        if self.rng.random() < 0.15:
            return ""
        pool = [*sources, "law"]
        chosen = self.rng.sample(pool, self.rng.choice([1, 1, 2]))
        return f"{self.words.word('cite')} " + self.words.comma.join(f"{name}.c" for name in chosen)

    def _dated_cite(self) -> str:
        """Cites a source of its own, which differs from all others in its date."""
        rng, words = self.rng, self.words
        self.dates += 1
        rank = rng.choice(["high", "middle", "low"])
        self._line(
            words.word("source"),
            f"d{self.dates}",
            f"{words.word('ranks')} {rank}" if rng.random() < 0.4 else "",
            f"{words.word('dated')} {words.day(self.world.days[0] - 2000 + self.dates)}",
            f'{{ {words.word("clause")} c "…" }}',
        )
        return f"{words.word('cite')} d{self.dates}.c"

    def _conditions(self, reader: str, chance: float) -> list[str]:
        rng, words = self.rng, self.words
        self.expressions.readable = self.reads[reader]
        depth = self.world.depth
        parts = []
        if rng.random() < chance:
            parts.append(f"{words.word('when')} {self.expressions.condition(rng.randint(0, depth))}")
        if rng.random() < 0.25:
            parts.append(f"{words.word('unless')} {self.expressions.condition(rng.randint(0, depth - 1))}")
        return parts

    def _rule(self, policy: str, name: str, kind: str, sources: Sequence[str], first: int) -> None:
        """A norm or requirement; it may be an exception to an earlier one."""
        rng, words = self.rng, self.words
        decision, side = rng.choice([("bind", "paying"), ("pay", "paying"), ("pay", "receiving")])
        parts = [*self._conditions(decision, 0.8), self._period(0.15), self._cite(sources)]
        opposing = {"permit": ("forbid", "require"), "forbid": ("permit",), "require": ()}[kind]
        targets = [
            rule
            for rule in self.rules
            if (rule.decision, rule.side) == (decision, side) and rule.kind in opposing
        ]
        if targets and rng.random() < 0.4:
            chosen = rng.sample(targets, min(len(targets), rng.choice([1, 1, 2])))
            parts.append(
                f"{words.word('exception_to')} "
                + words.comma.join(self._reference(rule, policy) for rule in chosen)
            )
        rng.shuffle(parts)
        default = words.word("default") if kind != "require" and rng.random() < 0.25 else ""
        condition = ""
        if kind == "require":
            self.expressions.readable = self.reads[decision]
            condition = ": " + self.expressions.condition(1)
        if side == "receiving":
            self._line(words.name(side), "{")
        self._line(default, words.word(kind), words.name(decision), name + condition, *parts)
        if side == "receiving":
            self._line("}")
        self.rules.append(Rule(f"{policy}.{name}", decision, side, kind))

    @staticmethod
    def _reference(rule: Rule, policy: str) -> str:
        own, _, short = rule.name.partition(".")
        return short if own == policy else rule.name

    def _set(self, parameter: str, sources: Sequence[str]) -> None:
        rng, words = self.rng, self.words
        cite = self._cite(sources) if parameter in self.contested else self._dated_cite()
        parts = [*self._conditions(parameter, 0.35), self._period(0.2), cite]
        rng.shuffle(parts)
        default = words.word("default") if rng.random() < 0.3 else ""
        value = self.expressions.constant(PARAMETERS[parameter])
        self._line(default, words.word("set"), words.name(parameter), "=", value, *parts)

    def _contradiction(self, parameter: str, source: str) -> None:
        """Two values of one parameter that nothing tells apart."""
        words = self.words
        values = list(dict.fromkeys(self.expressions.constant(PARAMETERS[parameter]) for _ in range(6)))
        for value in values[:2]:
            self._line(
                words.word("set"), words.name(parameter), "=", value, words.word("cite"), f"{source}.c"
            )

    def _table(self, name: str, parameters: Sequence[str], sources: Sequence[str]) -> None:
        rng, words = self.rng, self.words
        outputs = rng.sample(list(parameters), rng.choice([1, 2]))
        earliest = min(outputs, key=list(self.reads).index)
        cite = self._dated_cite()
        header = [*self._conditions(earliest, 0.2), self._period(0.15), cite]
        self._line(words.word("table"), name, *header, "{")
        columns = rng.sample([path for path, _, _ in self.world.facts if path != "date"], rng.choice([1, 2]))
        heads = [words.name(column) for column in columns]
        bar = "｜" if words.chinese else "|"
        self._line(bar, f" {bar} ".join(heads), bar, "=>", f" {bar} ".join(map(words.name, outputs)), bar)
        fixed = {
            output: self.expressions.constant(PARAMETERS[output])
            for output in outputs
            if output not in self.contested
        }
        for _ in range(rng.choice([1, 2, 2, 3])):
            cells = [self._cell(self.expressions.facts[column]) for column in columns]
            values = [
                fixed.get(output) or self.expressions.constant(PARAMETERS[output]) for output in outputs
            ]
            self._line(bar, f" {bar} ".join(cells), bar, "=>", f" {bar} ".join(values), bar)
        self._line("}")

    def _cell(self, type_: str) -> str:
        rng, words, constant = self.rng, self.words, self.expressions.constant
        if rng.random() < 0.2:
            return words.word("any")
        if type_ in self.world.enums:
            return words.comma.join(map(words.name, self.expressions.some_members(type_)))
        if type_ == "region":
            return words.comma.join(dict.fromkeys(constant(type_) for _ in range(rng.choice([1, 1, 2]))))
        if type_ == "boolean":
            return constant(type_)
        match rng.randrange(3):
            case 0:
                return f"{rng.choice(['<', '<=', '>', '>='])} {constant(type_)}"
            case 1:
                return self._range(type_)
            case _:
                return words.comma.join(dict.fromkeys(constant(type_) for _ in range(rng.choice([1, 2]))))

    def _range(self, type_: str) -> str:
        pool: dict[str, tuple[tuple[int, ...], Callable[[int], str]]] = {
            "int": (self.world.ints, str),
            "money": (self.world.money, self.words.money),
            "percent": (self.world.percents, self.words.percent),
            "date": (self.world.days, self.words.day),
        }
        values, write = pool[type_]
        low, high = sorted(self.rng.sample(values, 2))
        return f"{write(low)}..{write(high)}"


# --- Sets, compiled ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Generated:
    """A set that compiles without errors."""

    seed: int
    text: str
    policy_set: PolicySet
    diagnostics: tuple[Diagnostic, ...]
    #: How many texts before this one had mistakes (cycles of beats), and how many had too many conflicts.
    mistaken: int
    contested: int


def compiled(text: str, path: str = "random.policy") -> tuple[PolicySet, list[Diagnostic]]:
    tree, mistakes = parse(SourceFile(path, text))
    policy_set, findings = compile_set([tree], [])
    return policy_set, [*mistakes, *findings]


@cache
def generated(seed: int, language: Language = "en", world: World = COMMON) -> Generated:
    """The set of a seed. The sub-seed that is taken does not depend on the language."""
    mistaken = contested = 0
    while mistaken + contested < 30:
        text = Generator(f"{seed}/{mistaken + contested}", language, world).text()
        policy_set, diagnostics = compiled(text)
        if any(diagnostic.level is Severity.ERROR for diagnostic in diagnostics):
            mistaken += 1
        elif alternatives(policy_set) > ALTERNATIVES:
            contested += 1
        else:
            return Generated(seed, text, policy_set, tuple(diagnostics), mistaken, contested)
    raise AssertionError(f"no set for seed {seed}")


#: At most this many combinations of values of conflicting parameters in one set: both the evaluator and the
#: solver look at every one of them.
ALTERNATIVES = 60


def alternatives(policy_set: PolicySet) -> int:
    """A bound for the combinations of values that conflicting parameters can have, wherever they are read."""
    values: dict[str, set[Value]] = {}
    for group in contending_groups(policy_set):
        for one, other in opposing_pairs(group, policy_set.regions):
            if isinstance(one, Setting) and isinstance(other, Setting) and not settle(one, other, policy_set):
                values.setdefault(one.parameter, set()).update((one.value, other.value))
    rules = [*policy_set.norms.values(), *policy_set.requirements.values(), *policy_set.settings.values()]
    waiting: list[Expr | None] = [define.value for define in policy_set.defines.values()]
    waiting += [expression for rule in rules for expression in (rule.when, rule.unless)]
    waiting += [rule.condition for rule in policy_set.requirements.values()]
    readings: set[tuple[str, Expr]] = set()
    while waiting:
        expression = waiting.pop()
        if isinstance(expression, ParameterValue):
            readings.add((expression.parameter, expression.region))
        waiting += parts(expression) if expression is not None else ()
    return prod(len(values[parameter]) + 1 for parameter, _ in readings if parameter in values)


# --- Cases -------------------------------------------------------------------------------------------------


def random_case(generated_set: Generated, number: int, world: World = COMMON) -> dict[str, Value]:
    """A case of a set: values at the constants of its rules, one step beside them, or anywhere."""
    rng = random.Random(f"{generated_set.seed}/case/{number}")
    policy_set = generated_set.policy_set
    case = {fact.name: _value(rng, fact, policy_set, world) for fact in policy_set.facts.values()}
    if rng.random() < 0.35:
        case["guest.region"] = case["payer.region"]
    if "signed" in case and rng.random() < 0.2:
        case["signed"] = case["date"]
    return case


def _value(rng: random.Random, fact: Fact, policy_set: PolicySet, world: World) -> Value:
    if fact.type == BOOLEAN:
        return rng.random() < 0.5
    if fact.type == REGION:
        return rng.choice(world.places)
    if isinstance(fact.type, EnumType):
        return rng.choice(list(policy_set.enums[fact.type.name].members))
    assert fact.low is not None and fact.high is not None
    pools = {"int": world.ints, "money": world.money, "percent": world.percents, "date": world.days}
    near = [value + step for value in pools[str(fact.type)] for step in (-1, 0, 0, 1)]
    if fact.type == DAY and rng.random() < 0.3:
        near = [value + 30 for value in pools["date"]]
    within = [value for value in near if fact.low <= value <= fact.high] or [fact.low, fact.high]
    return rng.choice(within) if rng.random() < 0.8 else rng.randint(fact.low, fact.high)
