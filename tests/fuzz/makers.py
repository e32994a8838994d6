"""Makers of inputs: each returns a random input of its kind.

In: a `Maker` with its random numbers. Out: inputs, from the grammar, from small changes of valid texts (the corpus,
random sets, the set in `seeds/`), and from combinations of command line words.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path

from click import Choice, Context, Option

from policyc.cli.main import COMMANDS, main as program
from tests.support.places import CORPUS, EVERY_CONSTRUCT
from tests.support.sets.random_sets import SMALL, Generator

from .command_line import OPTIONS, SETTINGS
from .inputs import Input, corpus
from .mutation import ODD, Mutation
from .sentences import NAMES, Sentences
from .shapes import SHAPES

BASE = Path(__file__).with_name("seeds") / "base.policy"
#: Seconds that a question may take.
LIMIT = "1"
_VOCABULARY = "vocabulary.policy"


class Maker:
    """Makes a sequence of inputs; the seed determines it."""

    def __init__(self, seed: str, kinds: Collection[str] | None = None) -> None:
        self.rng = random.Random(seed)
        self.kinds = [kind for kind in MAKERS if kinds is None or kind.__name__ in kinds]
        self.base = BASE.read_text("utf-8")
        self.mutation = Mutation(self.rng, [text for _, text in self.texts])

    @cached_property
    def texts(self) -> list[tuple[dict[str, str], str]]:
        """Texts to change, each with the files that it uses."""
        shared = {_VOCABULARY: (CORPUS / _VOCABULARY).read_text("utf-8")}
        found = [({}, self.base), ({}, EVERY_CONSTRUCT.read_text("utf-8"))]
        for file in sorted(CORPUS.glob("*/**/*.policy")):
            text = file.read_text("utf-8").replace(f"../../{_VOCABULARY}", _VOCABULARY)
            found.append((shared if _VOCABULARY in text else {}, text))
        for kept in corpus():
            found += [({}, content) for name, content in kept.input.files.items() if name.endswith(".policy")]
        return found

    def input(self) -> Input:
        """A random input of a random kind."""
        (maker,) = self.rng.choices(self.kinds, weights=[MAKERS[kind] for kind in self.kinds])
        return maker(self)

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def sentences(self) -> Sentences:
        return Sentences(self.rng, self.pick("en", "zh", "both"))

    # --- Words of the command line ---

    def command(self, path: str) -> tuple[str, ...]:
        """A random command that reads a set, with suitable options."""
        rng = self.rng
        words = ["--lang", self.pick("en", "zh")]
        match rng.choices(("check", "ask", "test", "matrix", "export"), weights=(8, 5, 2, 1, 1))[0]:
            case "check":
                words += ["check", path, "--no-cache", "--jobs", self.pick("1", "1", "1", "2")]
                words += ["--timeout", LIMIT, "--format", self.pick("text", "text", "json")]
                words += rng.choice(([], ["-v"], ["--witnesses", "3"], ["--on", "2025-03-12"]))
            case "ask":
                words += [
                    "ask",
                    self.question(),
                    *self.places(),
                    "-p",
                    path,
                    "--timeout",
                    LIMIT,
                    *self.wishes(),
                ]
            case "test":
                words += ["test", path, "--timeout", LIMIT, *rng.choice(([], ["--coverage"], ["-v"]))]
                words += ["--format", self.pick("text", "json", "junit")]
            case "matrix":
                words += [
                    "matrix",
                    "-p",
                    path,
                    "--timeout",
                    LIMIT,
                    "--format",
                    self.pick("text", "json", "csv"),
                ]
                words += ["--on", "2025-03-12", *rng.choice(([], ["--all"], ["--each", "relation"]))]
            case _:
                words += ["export", "smt2", path]
        return tuple(words)

    def question(self) -> str:
        if self.rng.random() < 0.7:
            return self.pick("pay", "pay", "bind", "支付", "aid", "part", "amount * 50%", "payer.region.cap")
        if self.rng.random() < 0.5:
            return self.mutation.mutated("pay is permitted and aid > 0元", 2)
        return self.sentences().sentence("expression", self.rng.randint(2, 12))

    def places(self) -> list[str]:
        regions = ("重庆市", "500000", "北京", "万州区", "110000", "100000", "国", "", "⾥", self.odd())
        return self.rng.choices(regions, k=self.rng.choice((0, 1, 1, 2, 2, 3)))

    def wishes(self) -> list[str]:
        """Options of `ask`."""
        words: list[str] = []
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, 3, 5))):
            words += self.wish()
        return words

    def wish(self) -> list[str]:
        rng = self.rng
        fact = f"{self.name()}{self.pick('=', '=', '=', '＝', '==', '')}{self.value()}"
        options: list[Callable[[], list[str]]] = [
            lambda: ["--set", fact],
            lambda: ["--set", f"{self.name()}={self.value()}"],
            lambda: ["--on", self.pick("2025-03-12", "any", "2026年1月1日", "1999-01-01", self.odd())],
            lambda: [
                self.pick("--maximize", "--minimize"),
                self.pick("aid", "amount", "pay", self.question()),
            ],
            lambda: ["--also", f"{fact},{self.name()}={self.value()}"],
            lambda: ["--over", self.pick("date", "x", "")],
            lambda: ["--all-reasons"],
            lambda: ["--assume", f"{self.pick('cap', 'ratio', '500000.cap', self.name())}={self.value()}"],
            lambda: ["--without", self.pick("any_kin", "nation.any_kin", "city.steps@1", "x", self.odd())],
            lambda: ["--expect", self.pick("permitted", "准予", "70元", "70", "depends", self.odd())],
            lambda: ["--format", self.pick("json", "text")],
        ]
        return rng.choice(options)()

    def option(self, command: str) -> list[str]:
        """Any option of the command, with some value."""
        found = program.get_command(Context(program), command) if command in COMMANDS else program
        assert found is not None
        option = self.rng.choice([p for p in found.params if isinstance(p, Option)])
        if option.is_flag:
            return [option.opts[-1]]
        values = list(option.type.choices) if isinstance(option.type, Choice) else []
        numbers = ("0", "1", "-1", "2.5", "1e9", "nan", "9" * 30, "500MB", "4GB", "0MB")
        return [
            option.opts[-1],
            self.pick(*map(str, values), *numbers, self.value(), self.question(), self.odd()),
        ]

    def name(self) -> str:
        names = (
            "payer.region",
            "relation",
            "amount",
            "filed",
            "share",
            "date",
            "关系",
            "共济人.参保地",
            "links",
        )
        return self.rng.choice(names) if self.rng.random() < 0.7 else self.pick(*NAMES, self.odd())

    def value(self) -> str:
        values = (
            "重庆",
            "parent",
            "父母",
            "100元",
            "100",
            "true",
            "否",
            "50%",
            "2025-03-12",
            "1",
            "-1",
            "{parent}",
        )
        if self.rng.random() < 0.6:
            return self.rng.choice(values)
        return self.sentences().sentence("constant", 3) if self.rng.random() < 0.5 else self.odd()

    def odd(self) -> str:
        return "".join(self.rng.choices(ODD + "aé父0 .", k=self.rng.randint(0, 4))).replace("\0", "")


# --- Kinds of inputs ---------------------------------------------------------------------------------------


def sentences(maker: Maker) -> Input:
    """Statements of the grammar, with or without the vocabulary of some of their names."""
    some = maker.sentences()
    rule = maker.pick("file", "policy_body", "_statement", "policy", "test", "table")
    text = "\n".join(some.sentence(rule, maker.rng.randint(4, 16)) for _ in range(maker.rng.randint(1, 3)))
    if rule in ("policy_body", "table"):
        text = f"policy more for 500000 {{\n{text}\n}}\n"
    if maker.rng.random() < 0.7:
        text = f"{maker.base}\n{text}\n"
    return Input(maker.command("a.policy"), {"a.policy": text}, "sentences")


def mutated(maker: Maker) -> Input:
    """A text of the corpus or of a random set, changed."""
    others, text = maker.rng.choice(maker.texts)
    content = maker.mutation.mutated(text)
    return Input(maker.command("a.policy"), {**others, "a.policy": content}, "mutated")


def altered(maker: Maker) -> Input:
    """A valid text with other names, numbers and operators, so that its meaning changes."""
    others, text = maker.rng.choice(maker.texts) if maker.rng.random() < 0.6 else ({}, maker.base)
    content = maker.mutation.altered(text)
    return Input(maker.command("a.policy"), {**others, "a.policy": content}, "altered")


def generated(maker: Maker) -> Input:
    """A valid random set of rules, perhaps with one or two changes."""
    language = "zh" if maker.rng.random() < 0.5 else "en"
    text = Generator(f"fuzz/{maker.rng.random()}", language, SMALL).text()
    if maker.rng.random() < 0.6:
        text = maker.mutation.altered(text, 2)
    return Input(maker.command("a.policy"), {"a.policy": text}, "generated")


def shapes(maker: Maker) -> Input:
    """A set of some shape and size, sometimes changed."""
    text = maker.rng.choice(SHAPES)(maker.rng)
    if maker.rng.random() < 0.3:
        text = maker.mutation.altered(text, 2)
    return Input(maker.command("a.policy"), {"a.policy": text}, "shapes")


def facts(maker: Maker) -> Input:
    """A facts file, valid or not."""
    rng = maker.rng
    yaml = rng.random() < 0.5
    entries = {maker.name(): _fact_value(maker, 0) for _ in range(rng.randint(0, 5))}
    text = (
        _yaml(entries) if yaml else json.dumps(entries, ensure_ascii=rng.random() < 0.2, indent=rng.choice((None, 1)))
    )
    if rng.random() < 0.6:
        text = maker.mutation.mutated(text, 3)
    if rng.random() < 0.15:
        text = rng.choice(_YAML_TRICKS)
    name = "f.yaml" if yaml else "f.json"
    words = (
        "--lang",
        maker.pick("en", "zh"),
        "ask",
        "pay",
        "-p",
        "a.policy",
        "--facts",
        name,
        "--timeout",
        LIMIT,
    )
    more = maker.wish() if rng.random() < 0.3 else []
    return Input((*words, *more), {"a.policy": maker.base, name: text}, "facts")


def _fact_value(maker: Maker, depth: int) -> object:
    rng = maker.rng
    plain: list[object] = [
        maker.value(),
        maker.value(),
        1,
        100,
        -1,
        0.5,
        1e400,
        True,
        False,
        None,
        "",
        10**30,
    ]
    if depth < 3 and rng.random() < 0.25:
        return {maker.name().rpartition(".")[2]: _fact_value(maker, depth + 1) for _ in range(rng.randint(0, 3))}
    if depth < 3 and rng.random() < 0.1:
        return [_fact_value(maker, depth + 1) for _ in range(rng.randint(0, 3))]
    return rng.choice(plain)


def _yaml(value: object, indent: int = 0) -> str:
    if isinstance(value, dict):
        pad = "\n" + " " * indent
        return "".join(f"{pad}{name}: {_yaml(item, indent + 2)}" for name, item in value.items()) or "{}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | None | bool) else str(value)


#: Features of YAML that facts files do not need.
_YAML_TRICKS = (
    "a: &a [*a]\n",
    "&a {relation: *a}\n",
    "a: &a {b: x}\npayer: *a\n",
    "relation: 配偶\n---\nrelation: 父母\n",
    "--- \n...\n---\n",
    "<<: {relation: 配偶}\n",
    "relation: !!python/object:os.system x\n",
    "relation: !!binary aGVq\n",
    "? [a, b]\n: c\n",
    "? {a: b}\n: c\n",
    "relation: |\n  父母\n",
    "relation: >-\n  父母\n",
    "relation: 2025-03-12T00:00:00Z\ndate: 2025-03-12\n",
    "%YAML 9.9\n---\nrelation: 父母\n",
    "relation: 配偶\nrelation: 父母\n",
    "payer: {region: 重庆}\npayer.region: 北京\n",
    "relation: ~\nfiled: yes\nshare: .inf\namount: 0x10\n",
    "{" * 500,
    "[" * 2000,
    "- " * 500,
    "a: " + "{a: " * 300 + "1" + "}" * 300,
    "relation\u2028: 父母\n",
    "relation: 父母\rfiled: true\r",
)


def questions(maker: Maker) -> Input:
    """Questions and facts as typed."""
    words = ["--lang", maker.pick("en", "zh"), "ask", maker.question(), *maker.places(), "-p", "a.policy"]
    words += ["--timeout", LIMIT, *maker.wishes(), *maker.wish()]
    return Input(tuple(words), {"a.policy": maker.base}, "questions")


def typed(maker: Maker) -> Input:
    """Standard input: policies, facts, answers."""
    rng, text = maker.rng, maker.base
    if rng.random() < 0.6:
        text = maker.mutation.mutated(text, 2)
    match rng.choice(("check", "test", "facts", "answers")):
        case "check" | "test" as command:
            return Input((command, "-", *rng.choice(([], ["--format", "json"]))), {}, "typed", stdin=text)
        case "facts":
            entries = json.dumps({maker.name(): maker.value()}, ensure_ascii=False)
            given = entries if rng.random() < 0.5 else maker.mutation.mutated(entries, 2)
            words = ("ask", "pay", "-p", "a.policy", "--facts", "-", "--timeout", LIMIT)
            return Input(words, {"a.policy": maker.base}, "typed", stdin=given)
        case _:
            answers = "\n".join(maker.value() for _ in range(rng.randint(0, 8)))
            words = ("ask", maker.question(), "-i", "-p", "a.policy", "--timeout", LIMIT)
            return Input(words, {"a.policy": maker.base}, "typed", stdin=answers)


def options(maker: Maker) -> Input:
    """Words of the command line in any order."""
    rng = maker.rng
    command = maker.pick("check", "ask", "test", "matrix", "export", "", "x")
    words = [command] if command else []
    for _ in range(rng.randint(0, 6)):
        words += rng.choice((lambda: rng.choice(OPTIONS), lambda: maker.option(command), maker.wish))()
    words += ["a.policy"] if command in ("check", "test") else ["-p", "a.policy"]
    if rng.random() < 0.2:
        words = [maker.mutation.odd_character(word).replace("\0", "") for word in words]
    if rng.random() < 0.2:
        rng.shuffle(words)
    settings = maker.mutation.mutated(SETTINGS, 2) if rng.random() < 0.3 else ""
    more = {"pyproject.toml": settings} if settings else {}
    return Input(tuple(words), {"a.policy": maker.base, **more}, "options")


def tables(maker: Maker) -> Input:
    """A table of regions, valid or not."""
    table = (
        "code,name,parent\n100000,中华人民共和国,\n110000,北京市,100000\n500000,重庆市,100000\n500101,万州区,500000\n"
    )
    lines = maker.base.split("\n")
    text = "\n".join(['regions "r.csv"', *(line for line in lines if not line.startswith("region "))])
    content = maker.mutation.mutated(table) if maker.rng.random() < 0.9 else table
    return Input(maker.command("a.policy"), {"a.policy": text, "r.csv": content}, "tables")


#: How often each kind is made.
MAKERS: dict[Callable[[Maker], Input], int] = {
    sentences: 20,
    mutated: 25,
    altered: 20,
    generated: 8,
    shapes: 6,
    facts: 10,
    questions: 12,
    options: 8,
    tables: 5,
    typed: 5,
}
