"""Random expressions of each type, as text."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.support.sets.random_sets.spelling import Spelling
from tests.support.sets.random_sets.worlds import COMMON, PARAMETERS


@dataclass
class Readable:
    """The names that an expression may read at its place."""

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
        """An expression with few values, known beforehand."""
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
        return f"{self.rng.choice(self.facts_of(type_))} {sign} {self.parameter(self.parameters_of(type_)[0])}"

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
        several = self.rng.random() < 0.3
        inner = f"({self.atom()} {word('and')} {self.atom()})" if several else self.parameter(name)
        return f"{inner} {word('is')} {word('undetermined')}"

    def _verdict(self) -> str:
        rng, words = self.rng, self.words
        decision = words.name(rng.choice(self.readable.decisions))
        sign = words.word(rng.choice(["is", "is", "is_not"]))
        verdict = rng.choice(["permitted", "permitted", "denied", "conflicting", "undetermined"])
        return f"{decision} {sign} {words.word(verdict)}"
