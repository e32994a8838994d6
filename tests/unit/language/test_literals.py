"""Literals: their values, and the messages about invalid ones."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from policyc.dsl.diagnostics.messages import render
from policyc.dsl.diagnostics.source import SourceFile
from policyc.dsl.syntax import expressions
from policyc.dsl.syntax.expressions import Expression
from policyc.dsl.syntax.literals import read_date, read_integer, read_money, read_percent, yuan
from policyc.dsl.syntax.parse import parse
from policyc.dsl.syntax.tree import DefineDeclaration


def literal(text: str) -> tuple[Expression, list[str]]:
    """The value of `define x = TEXT`, and the codes and texts of what was reported."""
    tree, diagnostics = parse(SourceFile("a.policy", f"define x = {text}"))
    statement = tree.statements[0]
    assert isinstance(statement, DefineDeclaration)
    assert statement.value.span.text == text
    reported = [f"{d.code.id} {d.primary.span.text}" for d in diagnostics if d.primary]
    return statement.value, reported


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("200元", 20_000),
        ("0.50元", 50),
        ("0.5元", 50),
        ("10万元", 10_000_000),
        ("1亿元", 10_000_000_000),
        ("1.5万元", 1_500_000),
        ("0.000001万元", 1),
        ("200 CNY", 20_000),
        ("200CNY", 20_000),
        ("２００元", 20_000),
        ("1.500元", 150),
    ],
)
def test_money_in_fen(text: str, fen: int) -> None:
    value, reported = literal(text)
    assert value == expressions.MoneyLiteral(fen, span=value.span)
    assert reported == []


@pytest.mark.parametrize("text", ["0.505元", "1.001 CNY", "0.0000001万元"])
def test_money_has_two_decimals_at_most(text: str) -> None:
    assert literal(text)[1] == [f"PC105 {text}"]


@pytest.mark.parametrize(
    ("text", "millionths"),
    [("60%", 600_000), ("2.5%", 25_000), ("0%", 0), ("100%", 1_000_000), ("0.0001%", 1), ("６０％", 600_000)],
)
def test_percent_in_millionths(text: str, millionths: int) -> None:
    value, reported = literal(text)
    assert value == expressions.PercentLiteral(millionths, span=value.span)
    assert reported == []


@pytest.mark.parametrize("text", ["101%", "100.0001%", "100.00001%", "0.00001%", "9999999999999999999999%"])
def test_impossible_percent(text: str) -> None:
    assert literal(text)[1] == [f"PC105 {text}"]


@pytest.mark.parametrize(
    "text", ["2024-11-01", "2024年11月1日", "2024年11月01日", "2024 年 11 月 1 日", "２０２４－１１－０１"]
)
def test_dates(text: str) -> None:
    value, reported = literal(text)
    assert value == expressions.DateLiteral(date(2024, 11, 1), span=value.span)
    assert reported == []


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("2025-02-30", date(2025, 2, 28)),
        ("2024-1-5", date(2024, 1, 5)),
        ("2024-13-01", date(2024, 12, 1)),
        ("2024-00-10", date(2024, 1, 10)),
        ("0000-01-01", date(1, 1, 1)),
        ("2023年2月29日", date(2023, 2, 28)),
        ("2024-1111-1", date(2024, 12, 1)),
    ],
)
def test_impossible_dates_are_errors_and_never_subtractions(text: str, nearest: date) -> None:
    value, reported = literal(text)
    assert value == expressions.DateLiteral(nearest, span=value.span)
    assert reported == [f"PC105 {text}"]


def test_spaced_hyphens_subtract() -> None:
    value, reported = literal("2024 - 1 - 5")
    assert isinstance(value, expressions.Binary)
    assert reported == []


def test_parsing_goes_on_after_an_impossible_literal() -> None:
    text = "define a = 2025-02-30\ndefine b = 0.505元\ndefine c = 1"
    tree, diagnostics = parse(SourceFile("a.policy", text))
    assert len(tree.statements) == 3
    assert [d.code.id for d in diagnostics] == ["PC105", "PC105"]


def test_the_help_says_what_to_write() -> None:
    _, (diagnostic,) = parse(SourceFile("a.policy", "define a = 2024-1-5"))
    assert diagnostic.help is not None
    assert "`2024-01-05`" in render(diagnostic.help, "en")
    assert "`2024-01-05`" in render(diagnostic.help, "zh")


@pytest.mark.parametrize("text", ["0000-01-01", "0000-13-45", "0000年1月1日"])
def test_an_invalid_year_is_not_reported_as_a_day_too_many(text: str) -> None:
    _, (diagnostic,) = parse(SourceFile("a.policy", f"define a = {text}"))
    assert diagnostic.help is not None
    assert "0001" in render(diagnostic.help, "en")
    assert "0001" in render(diagnostic.help, "zh")


def test_an_integer_keeps_its_digits() -> None:
    assert literal("0110")[0] == expressions.IntLiteral(110, 4, span=literal("0110")[0].span)


@pytest.mark.parametrize("text", ["9" * 19, "9" * 10_000, "9" * 5_000 + "元"])
def test_numbers_that_are_too_large(text: str) -> None:
    assert [entry.split()[0] for entry in literal(text)[1]] == ["PC105"]


def test_booleans_and_sets() -> None:
    value, _ = literal("{spouse, 真, 10元, }")
    assert isinstance(value, expressions.SetLiteral)
    assert [type(item).__name__ for item in value.items] == ["Path", "BoolLiteral", "MoneyLiteral"]
    empty, _ = literal("{}")
    assert isinstance(empty, expressions.SetLiteral)
    assert empty.items == ()


@given(st.integers(0, 10**12))
def test_money_is_read_as_it_is_written(fen: int) -> None:
    assert read_money(yuan(fen)) == (fen, None)


@given(st.dates())
def test_dates_are_read_as_they_are_written(day: date) -> None:
    assert read_date(day.isoformat()) == (day, None)
    assert read_date(f"{day.year:04}年{day.month}月{day.day}日") == (day, None)


@given(st.integers(0, 1_000_000))
def test_percentages_are_exact(millionths: int) -> None:
    assert read_percent(f"{millionths // 10_000}.{millionths % 10_000:04}%") == (millionths, None)


@given(st.integers(0, 10**18 - 1))
def test_integers(value: int) -> None:
    assert read_integer(str(value)) == (value, None)
