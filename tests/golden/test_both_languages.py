"""What people read is in one language: titles in both, Chinese without English, English as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

import policyc
from policyc.dsl.model import BOOLEAN, English, EnumType
from policyc.dsl.syntax.keywords import KEYWORDS, Kind
from policyc.language import Language
from policyc.render.ask import render_ask
from policyc.render.text import Manner, render_check
from policyc.solver.report.answers import AskReport
from policyc.solver.report.reports import CheckReport
from policyc.solver.report.sentences import negated, sentence, spaced
from tests.support.places import CORPUS, ROOT, corpus_name
from tests.support.slow import mostly_slow

HAN = re.compile("[\u4e00-\u9fff]")

#: Questions about the bundled policies: what, where, and given which facts.
QUESTIONS = [
    ("pay", "北京市 石家庄市", ""),
    ("aid_pays", "重庆市 重庆市", "relation=parent expense.amount=180元"),
    ("pay", "北京市 石家庄市", "relation=parent"),
    ("pay", "广州市 石家庄市", "mechanism=wallet wallet.payer_open=false"),
    ("bind", "武汉市", "relation=sibling"),
    ("bind", "北京市", "relation=spouse beneficiary.scheme=no_scheme"),
    ("bind", "武汉市", "relation=sibling proof_given=false"),
    ("transfer_out", "苏州市 苏州市", "relation=parent transfer.hour=23"),
    ("pay", "110000", "relation=self payer.age=10 payer.category=retired"),
]
FILES = [
    file
    for topic in (
        "conflicts",
        "values-conflict",
        "sides",
        "mandates",
        "silent",
        "tables",
        "idle",
        "assertions",
        "tests",
    )
    for file in sorted(CORPUS.glob(f"bad/{topic}/*.policy"))[:4]
]


@cache
def policies() -> policyc.PolicyBase:
    return policyc.load(ROOT / "policies")


@cache
def asked(question: str, regions: str, given: str) -> AskReport:
    facts = dict(one.split("=") for one in given.split())
    return policies().ask(question, regions.split(), facts, on=date(2026, 6, 1))


def answer(question: tuple[str, str, str], language: Language) -> str:
    return render_ask(asked(*question), policies().policy_set, Manner(language, names=policies().spoken_names))


@cache
def checked(file: Path) -> tuple[policyc.PolicyBase, CheckReport]:
    base = policyc.load(file)
    return base, base.check()


def report(file: Path, language: Language) -> str:
    base, found = checked(file)
    return render_check(found, Manner(language, verbose=True, names=base.spoken_names))


# --- Titles ------------------------------------------------------------------------------------------------


def told() -> Iterator[tuple[str, str | None, English, bool]]:
    """What output about the bundled policies names: its title, its English, and whether it is true or false."""
    known = policies().policy_set
    for enum in known.enums.values():
        yield enum.name, enum.title, enum.english, False
        yield from ((name, title, enum.member_english[name], False) for name, title in enum.members.items())
    yield from ((name, title, known.record_english[name], False) for name, title in known.records.items())
    yield from ((name, title, known.rank_english[name], False) for name, title in known.ranks.items())
    for thing in (*known.facts.values(), *known.parameters.values()):
        yield thing.name, thing.title, thing.english, thing.type == BOOLEAN
    for define in known.defines.values():
        yield define.name, define.title, define.english, define.value.type == BOOLEAN
    for decision in known.decisions.values():
        yield decision.name, decision.title, decision.english, False
        yield from ((side.name, side.title, side.english, False) for side in decision.sides)
    for rules in (known.axioms, known.norms.values(), known.requirements.values(), known.mandates.values()):
        yield from ((rule.name, rule.title, rule.english, False) for rule in rules)
    yield from ((table.name, table.title, table.english, False) for table in known.tables.values())


def test_what_the_bundled_policies_name_has_words_in_both_languages() -> None:
    for name, title, english, is_truth in told():
        assert title and HAN.search(title), name
        assert english.sentence if is_truth else english.name, name
        for said in (english.name, english.sentence, english.opposite):
            assert said is None or not HAN.search(said.replace("元", "")), name


def test_what_the_texts_after_a_title_are() -> None:
    known = policies().policy_set
    assert known.facts["wallet.payer_open"].english == English(sentence="the payer has opened a wallet")
    assert known.facts["payer.scheme"].english == English("scheme", "the payer is {}")
    assert known.facts["payer.links"].english == English("links")
    assert known.enums["scheme_kind"].member_english["no_scheme"] == English("uninsured", opposite="insured")
    assert known.defines["away_care"].english == English(sentence="care is away from home", opposite="care is at home")


def test_the_bundled_facts_have_sentences_that_can_be_denied() -> None:
    for fact in policies().policy_set.facts.values():
        if fact.type != BOOLEAN and not isinstance(fact.type, EnumType):
            continue
        assert fact.english.sentence is not None, fact.name
        denied = sentence(fact.english, truth=False)
        assert denied is not None and not denied.startswith("it is not so that"), denied
    for enum in policies().policy_set.enums.values():
        for english in enum.member_english.values():
            assert english.name is not None and not english.name.startswith(("no ", "not ")), english


@pytest.mark.parametrize(
    ("said", "opposite"),
    [
        ("the payer has opened a wallet", "the payer has not opened a wallet"),
        ("the notice has been read", "the notice has not been read"),
        ("the payer is in the {} scheme", "the payer is not in the {} scheme"),
        ("links can cross provinces", "links cannot cross provinces"),
        ("payer and beneficiary are insured here", "payer and beneficiary are not insured here"),
        ("the payer has a wallet", "it is not so that the payer has a wallet"),
        ("care is at home or filed for", "it is not so that care is at home or filed for"),
        ("whoever pays is insured", "it is not so that whoever pays is insured"),
        ("all links are open", "it is not so that all links are open"),
        ("the person who is insured has paid", "it is not so that the person who is insured has paid"),
        ("nobody is linked", "it is not so that nobody is linked"),
        ("the payer pays first", "it is not so that the payer pays first"),
    ],
)
def test_what_is_not_so(said: str, opposite: str) -> None:
    assert negated(said) == opposite


# --- Chinese -----------------------------------------------------------------------------------------------

#: What may be in Latin letters: names and text in backquotes, what authors wrote in quotes, names behind titles, places,
#: options, codes, and lines of source text.
_ALLOWED = re.compile(
    r"`[^`]*`|“[^”]*”|（[\w.@, 、/]+）|--[a-z-]+|\S+\.policy(?::\d+)*|\[PC\d+\]|\b-v\b|^ *(?:\d+|\.\.\.)? *\|.*$",
    re.MULTILINE,
)
_ENGLISH_KEYWORDS = {
    word for keyword in KEYWORDS if keyword.kind is Kind.RESERVED for one in keyword.english for word in one.split()
}


@pytest.mark.parametrize("question", mostly_slow(QUESTIONS, 2))
def test_chinese_answers_are_chinese(question: tuple[str, str, str]) -> None:
    said = answer(question, "zh")
    left = _ALLOWED.sub("", re.sub(r"（[^（）]*（[^（）]*）[^（）]*）", "", said))
    assert not re.search("[A-Za-z]", left), left


def untitled(file: Path) -> set[str]:
    """The words of names without a title, which stand for themselves in any language."""
    known = checked(file)[0].policy_set
    things = (*known.facts.values(), *known.parameters.values(), *known.decisions.values(), *known.defines.values())
    sides = (side for decision in known.decisions.values() for side in decision.sides)
    names = [thing.own_name for thing in (*things, *sides) if thing.title is None]
    names += [name for name, title in known.records.items() if title is None]
    names += [name for enum in known.enums.values() for name, title in enum.members.items() if title is None]
    return {word for name in names for word in (name, *name.split("_"))}


@pytest.mark.parametrize("file", mostly_slow(FILES, 5), ids=corpus_name)
def test_chinese_reports_are_chinese(file: Path) -> None:
    said = report(file, "zh")
    names = checked(file)[0].spoken_names
    left = re.sub(
        "[A-Za-z][A-Za-z0-9_]*", lambda word: "" if word[0] in untitled(file) else word[0], _ALLOWED.sub("", said)
    )
    assert not re.search("[A-Za-z]", left), left
    for line in said.splitlines():
        if "改法：" in line:
            for edit in re.findall("`([^`]*)`", line):
                assert _ENGLISH_KEYWORDS.isdisjoint(re.findall("[a-z]+", re.sub(r"[\w]+\.[\w.]+", "", edit))), line
        for name in re.findall(r"`([^`\s]+)`", line.partition("改法：")[0]):
            assert name not in names.titles or "[PC105]" in line, line


# --- English -----------------------------------------------------------------------------------------------

_STILTED = re.compile(r"applies to the |\bis not no\b|\bis not not\b|” (?:is|are)\b|\bnot no \w")


def assert_a_person_could_say(said: str, names: Iterator[str]) -> None:
    assert not _STILTED.search(said), _STILTED.findall(said)
    for name in names:
        assert f"not {spaced(name)}" not in said or "_" not in name, name


@pytest.mark.parametrize("question", mostly_slow(QUESTIONS, 2))
def test_english_answers_are_what_a_person_would_say(question: tuple[str, str, str]) -> None:
    said = answer(question, "en")
    assert_a_person_could_say(said, (fact.own_name for fact in policies().policy_set.facts.values()))
    ours = re.sub(r"“[^”]*”(?: \(.*\))?", "", said).replace("元", "")
    for region in sorted((region.name for region in policies().policy_set.regions), key=len, reverse=True):
        ours = ours.replace(region, "")
    known = {rule.name for rule in policies().policy_set.settings.values()}
    untitled = [line for line in ours.splitlines() if HAN.search(line) and not any(name in line for name in known)]
    assert untitled == []


@pytest.mark.parametrize("file", mostly_slow(FILES, 5), ids=corpus_name)
def test_english_reports_are_what_a_person_would_say(file: Path) -> None:
    facts = checked(file)[0].policy_set.facts.values()
    told_ = [line for line in report(file, "en").splitlines() if line.lstrip().startswith("=")]
    assert_a_person_could_say("\n".join(told_), (fact.own_name for fact in facts))
