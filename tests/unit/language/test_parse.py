"""From text to the source tree: every construct, exact places, and texts that would break a weaker parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings, strategies as st

from policyc import pipeline
from policyc.dsl.diagnostics.diagnostic import Diagnostic, Severity
from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.syntax import expressions, tree
from policyc.dsl.syntax.build_expressions import DEEPEST, LONGEST_LEANING_CHAIN
from policyc.dsl.syntax.expressions import Expression, Name, Node, Path, String, Title
from policyc.dsl.syntax.parse import DEEPEST_BRACKETS, LONGEST_FILE, LONGEST_LINE, parse
from policyc.pipeline import compile_paths
from tests.support.places import EVERY_CONSTRUCT, ROOT
from tests.support.waiting import at_most

#: Every construct of the language but `use` and `regions`, which name other files.
SAMPLE = EVERY_CONSTRUCT.read_text("utf-8")


def parsed(text: str) -> tuple[tree.SourceTree, list[Diagnostic]]:
    return parse(SourceFile("a.policy", text))


def statements(text: str) -> tuple[tree.Statement, ...]:
    source_tree, diagnostics = parsed(text)
    assert diagnostics == []
    return source_tree.statements


def value(text: str) -> Expression:
    (statement,) = statements(f"define x = {text}")
    assert isinstance(statement, tree.DefineDeclaration)
    return statement.value


def item(text: str) -> tree.PolicyItem:
    (policy,) = statements(f"policy p for 500000 {{\n{text}\n}}")
    assert isinstance(policy, tree.PolicyDeclaration)
    return policy.items[0]


def nodes(root: object) -> Iterator[Node]:
    """Every node below and including one."""
    if isinstance(root, tuple):
        for element in root:
            yield from nodes(element)
    elif isinstance(root, Node):
        yield root
        for part in fields(root):
            if part.name != "span":
                yield from nodes(getattr(root, part.name))


def shape(expression: Expression) -> str:
    """An expression with its structure shown by parentheses."""
    match expression:
        case expressions.Binary(operator, left, right):
            return f"({shape(left)} {operator} {shape(right)})"
        case expressions.Not(operand):
            return f"(not {shape(operand)})"
        case expressions.If(condition, then, otherwise):
            return f"(if {shape(condition)} then {shape(then)} else {shape(otherwise)})"
        case expressions.Shift(operand, days):
            return f"({shape(operand)} shifted {days})"
        case expressions.Call(function, arguments):
            return f"{function}({', '.join(map(shape, arguments))})"
        case Path():
            return expression.text
        case _:
            return expression.span.text


# --- Constructs ---


def test_the_sample_has_every_kind_of_statement() -> None:
    kinds = {type(node) for node in nodes(statements(SAMPLE))}
    everything = {
        cls
        for cls in (*vars(expressions).values(), *vars(tree).values())
        if isinstance(cls, type) and issubclass(cls, Node) and cls not in (Node, tree.Declared)
    }
    assert everything - kinds == {tree.Use, tree.RegionsDeclaration, tree.Comment}
    assert statements('use "a.policy"\nregions "r.csv"')


def test_a_fact() -> None:
    record = statements(SAMPLE)[2]
    assert isinstance(record, tree.RecordDeclaration)
    balance = record.facts[1]
    assert (balance.name.text, balance.title and balance.title.text) == ("balance", "账户余额")
    assert isinstance(balance.type.high, expressions.MoneyLiteral)
    assert balance.type.high.fen == 100_000_000
    assert isinstance(balance.usual, expressions.MoneyLiteral)
    filed = statements(SAMPLE)[3]
    assert isinstance(filed, tree.FactDeclaration)
    assert filed.arrangeable is not None and filed.arrangeable.by is None
    linked = statements(SAMPLE)[4]
    assert isinstance(linked, tree.FactDeclaration) and linked.arrangeable is not None
    assert linked.arrangeable.by is not None and linked.arrangeable.by.text == "pay"
    assert isinstance(linked.arrangeable.starts, expressions.Shift)


def test_modifiers_come_in_any_order() -> None:
    one = item("permit pay n when a unless b from 2024-01-01 until 2024-12-31 exception to c cite s.d")
    other = item("permit pay n cite s.d exception to c until 2024-12-31 from 2024-01-01 unless b when a")
    assert one == other
    assert isinstance(one, tree.NormStatement)
    assert one.modifiers.starts is not None
    assert one.modifiers.starts.value == date(2024, 1, 1)


def test_no_modifiers_stand_at_the_end() -> None:
    norm = item("permit pay n")
    assert isinstance(norm, tree.NormStatement)
    assert norm.modifiers.span.start == norm.modifiers.span.end == norm.span.end


@pytest.mark.parametrize("statement", ["permit pay n", "forbid pay n", "set cap = 1"])
def test_default(statement: str) -> None:
    for text, default in ((statement, False), (f"default {statement}", True)):
        node = item(text)
        assert isinstance(node, tree.NormStatement | tree.SetStatement)
        assert node.default is default


def test_rule_numbers_belong_to_the_last_name() -> None:
    (acknowledge,) = statements('acknowledge PC301 a.cap@2, a.t@10 because "so"')
    assert isinstance(acknowledge, tree.AcknowledgeDeclaration)
    assert [rule.text for rule in acknowledge.rules] == ["a.cap@2", "a.t@10"]
    assert acknowledge.rules[0].parts[-1].span.text == "cap@2"


def test_a_table() -> None:
    policy = statements(SAMPLE)[12]
    assert isinstance(policy, tree.PolicyDeclaration)
    table = policy.items[-1]
    assert isinstance(table, tree.TableStatement)
    assert [name.text for name in table.outputs] == ["deductible", "ratio"]
    first, second = table.rows
    assert isinstance(first.cells[0], tree.OneOfCell)
    assert len(first.cells[0].values) == 2
    assert isinstance(first.cells[1], tree.CompareCell)
    assert first.cells[1].operator == ">="
    assert isinstance(second.cells[0], tree.AnyCell)
    assert isinstance(second.cells[1], tree.RangeCell)


def test_a_define_has_a_type_without_bounds() -> None:
    define = statements(SAMPLE)[1]
    assert isinstance(define, tree.DefineDeclaration)
    assert define.type is not None
    assert (define.type.name.text, define.type.of_set, define.type.low) == ("relation_kind", True, None)


def test_comments_are_kept() -> None:
    source_tree, _ = parsed("# one\ndefine a = 1  # two\r\n")
    assert [(c.text, c.span.text) for c in source_tree.comments] == [("# one", "# one"), ("# two", "# two")]


def test_a_mark_in_quotes_is_no_comment() -> None:
    source_tree, _ = parsed('use "a#b"')
    assert source_tree.comments == ()


# --- Expressions ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a implies b implies c", "(a implies (b implies c))"),
        ("a or b and c", "(a or (b and c))"),
        ("a and b and c", "((a and b) and c)"),
        ("(a or b) and c", "((a or b) and c)"),
        ("not a is b", "(not (a is b))"),
        ("not a and b", "((not a) and b)"),
        ("not not a", "(not (not a))"),
        ("a is not b", "(a is not b)"),
        ("a ≠ b", "(a is not b)"),
        ("a not in b", "(a not in b)"),
        ("a ≤ b", "(a <= b)"),
        ("a ≥ b", "(a >= b)"),
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("a - b - c", "((a - b) - c)"),
        ("a + 1 < b", "((a + 1) < b)"),
        ("d + 30 days", "(d shifted 30)"),
        ("d - 30 days < e", "((d shifted -30) < e)"),
        ("d ＋ 30天", "(d shifted 30)"),
        ("if a then b else if c then d else e", "(if a then b else (if c then d else e))"),
        ("a implies if b then c else d", "(a implies (if b then c else d))"),
        ("min(a, max(b, c, 1))", "min(a, max(b, c, 1))"),
        ("X is depends", "(X is depends)"),
        ("x.a。b is c", "(x.a.b is c)"),
    ],
)
def test_precedence_and_shape(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


def test_full_width_marks_read_as_ascii() -> None:
    chinese = "政策 p “重庆，（测试）” 适用于 ５０００００ ｛\n　允许　pay n 条件 a。b ＝＞ c\n｝"  # `=>` is wrong
    assert [d.code.id for d in parsed(chinese)[1]] == ["PC001"]
    chinese = "政策 p “重庆，（测试）” 适用于 ５０００００ ｛\n　允许　pay n 条件 （a。b ＞＝ c） 依据 s。a、s。b；\n｝"
    english = 'policy p "重庆，（测试）" for 500000 {\n permit pay n when (a.b >= c) cite s.a, s.b\n}'
    assert statements(chinese) == statements(english)


def test_a_byte_of_text_is_never_moved() -> None:
    string = statements("use “全角，：（）”")[0]
    assert isinstance(string, tree.Use)
    assert string.path.text == "全角，：（）"


# --- Places ---


def test_every_node_has_exactly_its_place() -> None:
    source_tree, _ = parsed(SAMPLE)
    for node in nodes(source_tree.statements):
        written = node.span.text
        assert written == written.strip()
        if isinstance(node, Name):
            assert written == node.text
        elif isinstance(node, String):
            assert written[1:].split('"')[0] == node.text and (isinstance(node, Title) or written[1:-1] == node.text)
        elif isinstance(node, Path):
            assert written.replace(" ", "") == node.text


def test_every_node_lies_within_its_parent() -> None:
    for parent in nodes(statements(SAMPLE)):
        for child in nodes(tuple(getattr(parent, part.name) for part in fields(parent) if part.name != "span")):
            assert parent.span.start <= child.span.start <= child.span.end <= parent.span.end


@pytest.mark.parametrize("text", ["a and b and c", "(a + b) * c", "not (a)", "a implies (b or c)", "{a, b}"])
def test_an_expression_covers_its_text(text: str) -> None:
    assert value(text).span.text == text


def test_parentheses_belong_to_the_expression_in_them() -> None:
    product = value("(a + b) * c")
    assert isinstance(product, expressions.Binary)
    assert product.left.span.text == "(a + b)"


def test_statements_start_at_their_word_and_end_with_their_last() -> None:
    norm = item("  default permit pay n when a   # why\n  cite s.c   ")
    assert norm.span.text == "default permit pay n when a   # why\n  cite s.c"


def test_layout_does_not_matter() -> None:
    assert statements(" ".join(SAMPLE.replace("# who is who", "").split())) == statements(SAMPLE)
    assert statements(SAMPLE.replace("\n", "\r\n")) == statements(SAMPLE)


# --- Hard texts ---


@pytest.mark.parametrize("text", ["", "\n", "　\r\n"])
def test_a_file_without_statements(text: str) -> None:
    assert statements(text) == ()


LONG_CHAIN = " and ".join(f"a{i} is b" for i in range(5_000))
HARD = {
    "parentheses": ("define x = " + "(" * 10_000 + "a" + ")" * 10_000, "PC001.brackets_too_deep"),
    "braces": ("define x = " + "{" * 10_000, "PC001.brackets_too_deep"),
    "not": ("define x = " + "not " * 10_000 + "a", "PC001.too_deep"),
    "implies": ("define x = " + "a implies " * 5_000 + "a", "PC001.too_deep"),
    "else": ("define x = " + "if a then b else " * 5_000 + "c", "PC001.too_deep"),
    "sum": ("define x = " + "a + " * 5_000 + "a", "PC001.too_deep"),
    "long line": ("a" * 50_000_000, "PC001.file_too_long"),
    "longer line than allowed": ("#" + "a" * LONGEST_LINE, "PC001.line_too_long"),
    "long file": ("define x = 1\n" * (LONGEST_FILE // 10), "PC001.file_too_long"),
    "nul": ("define x = 1\0\0", "PC001.not_text"),
    "names": ("x " * 90_000, "PC001.unexpected"),
    "quotes": ('"' * 99_999, "PC001.unexpected"),
}


@pytest.mark.parametrize("name", HARD)
def test_hard_texts_give_one_clear_message_soon(name: str) -> None:
    text, key = HARD[name]
    with at_most(5):
        _, diagnostics = parsed(text)
    assert [d.message.key for d in diagnostics] == [key]
    assert render(diagnostics[0].message, "zh")


@pytest.mark.slow
def test_a_long_chain_is_read_and_compared() -> None:
    with at_most(5):
        (first,), (second,) = statements(f"define x = {LONG_CHAIN}"), statements(f"define x = {LONG_CHAIN}")
        assert first == second
    assert len(repr(first)) > len(LONG_CHAIN)
    assert isinstance(first, tree.DefineDeclaration)
    assert first.value.span.text == LONG_CHAIN


def test_short_chains_lean_left_and_long_ones_keep_their_order() -> None:
    def operands(expression: Expression) -> list[str]:
        if isinstance(expression, expressions.Binary):
            return operands(expression.left) + operands(expression.right)
        return [expression.span.text]

    names = [f"a{i}" for i in range(LONGEST_LEANING_CHAIN + 1)]
    short = value(" or ".join(names[:-1]))
    assert isinstance(short, expressions.Binary)
    assert isinstance(short.right, Path)
    assert operands(value(" or ".join(names))) == names


def test_nesting_up_to_the_limit_is_read() -> None:
    nots = value(text := "not " * DEEPEST + "a")
    assert (nots.span.text, sum(isinstance(node, expressions.Not) for node in nodes(nots))) == (text, DEEPEST)
    brackets = value(text := "(" * DEEPEST_BRACKETS + "a" + ")" * DEEPEST_BRACKETS)
    assert isinstance(brackets, Path)
    assert brackets.span.text == text


def test_a_carriage_return_keeps_lines_and_columns() -> None:
    _, (diagnostic,) = parsed("define x = 1\r\ndefine y =\r\ndefine z = 2\r\n")
    assert diagnostic.primary is not None
    span = diagnostic.primary.span
    assert span.file.position(span.start) == (2, 10)


PIECES = st.sampled_from(
    [word for word in SAMPLE.split() if not word.startswith("#")]
    + ["\n", "\n  ", '"', "“", "}", "{", "(", ")", "|", "。", "非退休", "且非", "\u200b", "２", "元", "@"]
)


@settings(max_examples=150)
@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("utf-8", "replace"))))
@pytest.mark.slow
def test_any_text_is_answered_with_a_tree_and_messages(text: str) -> None:
    source_tree, diagnostics = parsed(text)
    for diagnostic in diagnostics:
        assert diagnostic.primary is not None
        assert 0 <= diagnostic.primary.span.start <= diagnostic.primary.span.end <= len(text)
        render(diagnostic.message, "en")
    assert isinstance(source_tree, tree.SourceTree)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=40).map(" ".join))
@pytest.mark.slow
def test_words_in_any_order_are_answered_too(text: str) -> None:
    source_tree, diagnostics = parsed(text)
    assert diagnostics or len(source_tree.statements) <= len(text.split())
    for diagnostic in diagnostics:
        label = diagnostic.primary.message if diagnostic.primary else None
        for words in (diagnostic.message, diagnostic.help, label):
            if words is not None:
                render(words, "zh")


@cache
def whole_sample() -> tuple[tree.Statement, ...]:
    return statements(SAMPLE)


@settings(max_examples=150)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 40))
@pytest.mark.slow
def test_what_is_left_of_good_text_is_read_too(start: int, length: int) -> None:
    """The cut may change the statement before it, but no earlier one."""
    source_tree, _ = parsed(SAMPLE[:start] + SAMPLE[start + length :])
    untouched = [statement for statement in whole_sample() if statement.span.end < start][:-1]
    assert list(source_tree.statements[: len(untouched)]) == untouched


# --- PC003 ---


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("define \u202eb = 1", [(1, 8)]),
        ('use "a\u200bb"', [(1, 7)]),
        ("define a = 1 # \u2066x\u2069", [(1, 16), (1, 18)]),
        ("define a\ufeff = 1", [(1, 9)]),
    ],
)
def test_characters_that_are_not_seen_are_told(text: str, places: list[tuple[int, int]]) -> None:
    source_tree, diagnostics = parsed(text)
    assert len(source_tree.statements) == 1
    assert {d.code.id for d in diagnostics} == {"PC003"}
    assert {d.level for d in diagnostics} == {Severity.WARNING}
    assert [source_tree.file.position(d.primary.span.start) for d in diagnostics if d.primary] == places
    assert "U+" in render(diagnostics[0].message, "en")


def test_one_that_breaks_a_name_in_two_is_an_error_and_the_only_one() -> None:
    source_tree, (diagnostic,) = parsed("define pay\u200ber = 1\ndefine b = 2")
    assert (diagnostic.code.id, diagnostic.level) == ("PC003", Severity.ERROR)
    assert len(source_tree.statements) == 1


@pytest.mark.parametrize(
    ("name", "seems"), [("p\u0430yer", "payer"), ("\u0410类", "A类"), ("\u03bfpen", "open"), ("ｐay", "pay")]
)
def test_letters_that_look_like_others_are_told_once_a_name(name: str, seems: str) -> None:
    _, (diagnostic,) = parsed(f"define {name} = 1\ndefine b = {name}")
    assert diagnostic.code.id == "PC003"
    assert diagnostic.help is not None
    assert f"`{seems}`" in render(diagnostic.help, "en")


@pytest.mark.parametrize("name", ["α系数", "вне", "payer", "共济人", "é"])
def test_names_of_one_script_are_left_alone(name: str) -> None:
    assert parsed(f"define {name} = 1")[1] == []


# --- By several processes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["tests/golden/corpus/bad", "policies", "examples/web-articles"])
@pytest.mark.slow
def test_several_processes_read_the_same(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ROOT / folder
    alone = compile_paths([path])
    monkeypatch.setattr(pipeline, "_MUCH_TEXT", 0)
    together = compile_paths([path], jobs=2)
    assert together.policy_set.rules == alone.policy_set.rules
    assert together.policy_set.facts == alone.policy_set.facts
    assert [places(item) for item in together.diagnostics] == [places(item) for item in alone.diagnostics]
    files = {id(file) for file in together.policy_set.files}
    assert {id(rule.span.file) for rule in together.policy_set.rules.values()} <= files


def places(diagnostic: Diagnostic) -> tuple[object, ...]:
    labels = [label for label in (diagnostic.primary, *diagnostic.secondary) if label is not None]
    return (
        diagnostic.code.id,
        diagnostic.message,
        [(label.span.file.path, label.span.start, label.span.end) for label in labels],
    )
