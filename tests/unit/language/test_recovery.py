"""Mistakes: each gets one message, at its line and column, and the statements around it are still read."""

from __future__ import annotations

import pytest

from policyc.dsl.diagnostics.diagnostic import Diagnostic
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.syntax import tree
from policyc.dsl.syntax.parse import parse
from policyc.dsl.syntax.scan import Lexeme, normalise, scan
from tests.support.places import EVERY_CONSTRUCT
from tests.support.slow import mostly_slow

SAMPLE = EVERY_CONSTRUCT.read_text("utf-8")


def parsed(text: str) -> tuple[tree.SourceTree, list[Diagnostic]]:
    return parse(SourceFile("a.policy", text))


def told(text: str) -> list[str]:
    """The messages of a text, as `line:column key`."""
    source_tree, diagnostics = parsed(text)
    places = [source_tree.file.position(d.primary.span.start) for d in diagnostics if d.primary]
    return [f"{line}:{column} {d.message.key}" for (line, column), d in zip(places, diagnostics, strict=True)]


def help_of(text: str) -> str:
    (diagnostic,) = parsed(text)[1]
    assert diagnostic.help is not None
    return render(diagnostic.help, "en")


def in_policy(*lines: str) -> str:
    return "\n".join(["policy p for 500000 {", *(f"  {line}" for line in lines), "}"])


# --- The mistakes that are recognised ---

RECOGNISED = [
    ("define x = a == b", "1:14 PC001.foreign_operator", "`is`"),
    ("define x = a = b", "1:14 PC001.foreign_operator", "`is`"),
    ("define x == 1", "1:10 PC001.foreign_operator", "`=`"),
    ("define x = a != b", "1:14 PC001.foreign_operator", "`is not`"),
    ("define x = a <> b", "1:14 PC001.foreign_operator", "`is not`"),
    ("define x = a && b", "1:14 PC001.foreign_operator", "`and`"),
    ("define x = a || b", "1:14 PC001.foreign_operator", "`or`"),
    ("define x = !a", "1:12 PC001.foreign_operator", "`not`"),
    ("define x = a => b", "1:14 PC001.foreign_operator", "`>=`"),
    ("define x = a < b < c", "1:18 PC001.chained", "joined by `and`"),
    ("define x = a is b is c", "1:19 PC001.chained", "joined by `and`"),
    ("define x = a adn b", "1:14 PC001.unexpected", "`and`"),
    ("define x = a AND b", "1:14 PC001.unexpected", "`and`"),
    ("Define x = a", "1:1 PC001.unexpected", "`define`"),
    ("define x = a 且非退休", "1:14 PC001.glued", "`且 非退休`"),
    ("define x = 险种为 在职", "1:12 PC001.glued", "`险种 为`"),
    (in_policy("permit d n 当险种 为 在职"), "2:14 PC001.glued", "`当 险种`"),
    (in_policy("permit d n 自2024年1月1日"), "2:14 PC001.glued", "`自 2024年1月1日`"),
    (in_policy("require d n a is b"), "2:15 PC001.no_colon", "`require d n: …`"),
    ("fact x int", "1:8 PC001.no_colon", "`fact x: …`"),
    ("define source = 1", "1:8 PC001.reserved", "another name"),
    (in_policy("permit set n"), "2:10 PC001.reserved", "another name"),
    ('use "a.policy', "1:5 PC001.open_text", '`"`'),
    ("use “a.policy", "1:5 PC001.open_text", "`”`"),
    ('use a.policy"', "1:5 PC001.unopened_text", "quote"),
    ("define x = 2.5", "1:12 PC001.decimal", "`2.5%`"),
    ("define x = 2024/1/5", "1:12 PC001.date_form", "`2024-01-05`"),
    ("define x = 2024.11.01", "1:12 PC001.date_form", "`2024-11-01`"),
    ("define x = 1,000元", "1:12 PC001.thousands", "`1000`"),
    ("fact f : set kind", "1:10 PC001.unexpected", "`set of`"),
    (in_policy("permit d n if a"), "2:14 PC001.unexpected", "`when`"),
    (in_policy("set p = a, b"), "2:12 PC001.unexpected", "`{a, b}`"),
    ("define x = 10万", "1:12 PC001.unit", "`10万元`"),
    ("define x = a。\ndefine y = b", "1:13 PC001.full_stop", "remove it"),
    ('use "a"。', "1:8 PC001.full_stop", "remove it"),
    ("permit d n", "1:1 PC001.misplaced", "inside a policy"),
    (in_policy("fact x : int"), "2:3 PC001.misplaced", "top level"),
    ("define x = min(a)", "1:12 PC001.one_argument", None),
    ("define x = (a or b", "1:18 PC001.unclosed_bracket", None),
    ("define x = {a, b\ndefine y = 1", "1:16 PC001.unclosed_bracket", None),
    (in_policy("permit d n when"), "2:14 PC001.ends_early", None),
    ("policy p { }", "1:8 PC001.no_region", "six digits"),
    ('test "t" { given usual }', "1:1 PC001.no_expect", "`expect"),
    ("acknowledge PC301 a.b", "1:1 PC001.no_because", "`because`"),
    (in_policy("table t {", "| a | => b |", "| | => 1 |", "}"), "4:5 PC001.empty_cell", "`any`"),
]


@pytest.mark.parametrize(("text", "message", "help_"), RECOGNISED)
def test_a_mistake_is_recognised(text: str, message: str, help_: str | None) -> None:
    assert told(text) == [message]
    if help_ is not None:
        assert help_ in help_of(text)


@pytest.mark.parametrize("text", [text for text, _, _ in RECOGNISED])
def test_messages_can_be_shown_in_both_languages(text: str) -> None:
    for diagnostic in parsed(text)[1]:
        labels = [diagnostic.primary, *diagnostic.secondary]
        for words in [diagnostic.message, diagnostic.help, *(label.message for label in labels if label)]:
            if words is not None:
                assert "{" not in render(words, "en").replace("`{`", "").replace("{a, b}", "")
                assert render(words, "zh")


def test_what_was_found_and_what_was_expected() -> None:
    _, (diagnostic,) = parsed("enum e { a b }")
    assert diagnostic.primary is not None
    assert diagnostic.primary.message is not None
    assert render(diagnostic.message, "en") == "unexpected `b`"
    assert render(diagnostic.primary.message, "en") == "expected `}`, `,`, a text in quotes"
    assert render(diagnostic.primary.message, "zh") == "此处应为`}`、`,`、引号内的文字"


# --- Several mistakes at once ---


def test_three_mistakes_give_three_messages() -> None:
    text = """\
define a = = 1
policy p for 500000 {
  permit d one when a = b
  permit d two
  forbid d three whn a
}
fact c boolean
define e = 1
"""
    assert told(text) == [
        "1:12 PC001.unexpected",
        "3:23 PC001.foreign_operator",
        "5:18 PC001.unexpected",
        "7:8 PC001.no_colon",
    ]
    policy, define = parsed(text)[0].statements
    assert isinstance(policy, tree.PolicyDeclaration)
    assert [type(item) for item in policy.items] == [tree.NormStatement]
    assert policy.span.text.startswith("policy p")
    assert policy.span.text.endswith("}")
    assert isinstance(define, tree.DefineDeclaration)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (
            "record r {\n  fact a int\n  fact b : int\n  fact c : 1\n}",
            ["2:10 PC001.no_colon", "4:12 PC001.unexpected"],
        ),
        (
            in_policy("source s {", "  clause a", '  clause b "x"', "  clause c 1", "}"),
            ["3:12 PC001.ends_early", "5:14 PC001.unexpected"],
        ),
        (
            'test "t" {\n  given a 1\n  expect b is\n  expect c\n}',
            ["2:11 PC001.unexpected", "3:12 PC001.ends_early"],
        ),
        (
            in_policy("table t {", "| a | => b |", "| 1 | 2 |", "| 3 | => 4 |", "| 5 | => |", "}"),
            ["4:11 PC001.ends_early", "6:12 PC001.empty_cell"],
        ),
        (
            in_policy("side {", "  permit d", "  forbid d n", "  forbid n", "}"),
            ["3:12 PC001.ends_early", "5:12 PC001.ends_early"],
        ),
    ],
)
def test_mistakes_inside_one_block(text: str, messages: list[str]) -> None:
    assert told(text) == messages
    assert len(parsed(text)[0].statements) == 1


# --- Parts that are repeated or do not fit ---


@pytest.mark.parametrize(
    "statement",
    [
        "permit d n when a when b",
        "permit d n cite s.a until 2024-01-01 cite s.b",
        "set p = 1 from 2024-01-01 from 2025-01-01",
        "source s rank a rank b",
    ],
)
def test_a_repeated_part_is_shown_with_both_places(statement: str) -> None:
    _, (diagnostic,) = parsed(in_policy(statement))
    assert diagnostic.message.key == "PC001.repeated"
    assert len(diagnostic.secondary) == 1


def test_a_row_of_another_length_is_shown_with_the_head() -> None:
    table = in_policy("table t {", "| a | b | => c |", "| 1 | 2 | => 3 |", "| 1 | => 3 |", "| 1 | 2 | => 3 | 4 |", "}")
    source_tree, diagnostics = parsed(table)
    assert told(table) == ["5:3 PC001.row_cells", "6:3 PC001.row_values"]
    assert [label.span.text for d in diagnostics for label in d.secondary] == ["| a | b | => c |"] * 2
    policy = source_tree.statements[0]
    assert isinstance(policy, tree.PolicyDeclaration)
    assert isinstance(policy.items[0], tree.TableStatement)
    assert len(policy.items[0].rows) == 1


# --- Braces ---


def test_a_block_open_at_the_end_shows_where_it_opened() -> None:
    text = "policy p for 500000 {\n  permit d n\n"
    assert told(text) == ["2:12 PC001.unclosed_at_end"]
    _, (diagnostic,) = parsed(text)
    (label,) = diagnostic.secondary
    assert (label.span.start, label.span.text) == (text.index("{"), "{")


def test_a_block_open_before_the_next_one() -> None:
    text = "policy p for 500000 {\n  permit d n\n\npolicy q for 500000 {\n  permit d n\n}\n"
    assert told(text) == ["4:1 PC001.unclosed"]
    assert len(parsed(text)[0].statements) == 2


def test_a_source_open_before_a_norm() -> None:
    text = in_policy('source s "t" {', '  clause a "x"', "permit d n cite s.a")
    assert told(text) == ["4:3 PC001.unclosed"]


def test_braces_of_a_policy_without_indentation() -> None:
    text = 'policy p for 500000 {\nsource s {\nclause a "x"\n}\npermit d n whn a\ndefine x = 1\n}\ndefine y = 1'
    assert told(text) == ["5:12 PC001.unexpected"]
    policy, _ = parsed(text)[0].statements
    assert isinstance(policy, tree.PolicyDeclaration)
    assert len(policy.items) == 2


def test_a_brace_that_closes_nothing() -> None:
    assert told("define a = 1\n}\ndefine b = 1") == ["2:1 PC001.stray_brace"]


def test_a_missing_opening_brace() -> None:
    text = "policy p for 500000\n  permit d n\n}\ndefine a = 1"
    assert told(text) == ["1:14 PC001.no_opening_brace"]
    assert len(parsed(text)[0].statements) == 2


# --- Any mistake at all ---

LEXEMES = [lexeme for lexeme in scan(normalise(SAMPLE)) if lexeme.kind != "comment"]


@pytest.mark.parametrize("lexeme", mostly_slow(LEXEMES, 20), ids=[str(lexeme.start) for lexeme in LEXEMES])
def test_one_mistake_anywhere_gives_one_message(lexeme: Lexeme) -> None:
    """Each word and mark of the sample is left out, doubled, or preceded by a character foreign to the language."""
    written = SAMPLE[lexeme.start : lexeme.end]
    left_out = parsed(SAMPLE[: lexeme.start] + SAMPLE[lexeme.end :])[1]
    doubled = parsed(SAMPLE[: lexeme.end] + " " + written + SAMPLE[lexeme.end :])[1]
    spoiled = parsed(SAMPLE[: lexeme.start] + " ? " + SAMPLE[lexeme.start :])[1]
    assert len(left_out) <= 1  # some words may be left out
    assert len(doubled) <= 1  # `not not` and the like
    assert len(spoiled) == 1
    line = SourceFile("a.policy", SAMPLE).position(lexeme.start)[0]
    assert spoiled[0].primary is not None
    assert abs(spoiled[0].primary.span.file.position(spoiled[0].primary.span.start)[0] - line) <= 1
