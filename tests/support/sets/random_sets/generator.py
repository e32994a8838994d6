"""Writes one random set as text: its vocabulary, its policies and their rules."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policyc.dsl.syntax.keywords import Language
from tests.support.sets.random_sets.expressions import DEFINES, Expressions, Readable
from tests.support.sets.random_sets.spelling import Spelling
from tests.support.sets.random_sets.worlds import PARAMETERS, World

META_RULES = ("exception", "rank", "specific", "later")


@dataclass
class Rule:
    """The properties of a norm or requirement that later rules read."""

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
        #: For each definition or parameter, the names that it may read.
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
                self._line(words.word("parameter"), words.declared(name) + ":", self._type(PARAMETERS[name], bounds))
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
                    self.expressions.condition(1), words.name("payer.region"), words.name("guest.region")
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
            # An axiom that only some combinations of two facts break, so that many cases are left.
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
            self.days = tuple(day for day in self.days if (not has[0] or day >= starts) and (not has[1] or day <= ends))
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
            rule for rule in self.rules if (rule.decision, rule.side) == (decision, side) and rule.kind in opposing
        ]
        if targets and rng.random() < 0.4:
            chosen = rng.sample(targets, min(len(targets), rng.choice([1, 1, 2])))
            parts.append(
                f"{words.word('exception_to')} " + words.comma.join(self._reference(rule, policy) for rule in chosen)
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
        """Two values of one parameter with no precedence between them."""
        words = self.words
        values = list(dict.fromkeys(self.expressions.constant(PARAMETERS[parameter]) for _ in range(6)))
        for value in values[:2]:
            self._line(words.word("set"), words.name(parameter), "=", value, words.word("cite"), f"{source}.c")

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
            output: self.expressions.constant(PARAMETERS[output]) for output in outputs if output not in self.contested
        }
        for _ in range(rng.choice([1, 2, 2, 3])):
            cells = [self._cell(self.expressions.facts[column]) for column in columns]
            values = [fixed.get(output) or self.expressions.constant(PARAMETERS[output]) for output in outputs]
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
