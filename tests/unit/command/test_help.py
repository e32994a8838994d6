"""The choice of the language, and the help pages in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from policyc.cli.help.pages import cells, wrap
from policyc.cli.help.texts import HEADINGS, TEXTS
from policyc.cli.main import COMMANDS, language_wish, main
from policyc.dsl.diagnostics.diagnostic import CODES
from policyc.language import choose_language


@pytest.mark.parametrize(
    ("option", "environment", "expected"),
    [
        (None, {}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "fr_FR", "POLICYC_LANG": "zh"}, "zh"),
        (None, {"LANG": "zh_CN", "POLICYC_LANG": "en"}, "en"),
        ("auto", {"LC_MESSAGES": "zh_TW", "LANG": "en_US"}, "zh"),
        ("en", {"POLICYC_LANG": "zh"}, "en"),
        ("zh", {}, "zh"),
    ],
)
def test_language(option: str | None, environment: dict[str, str], expected: str) -> None:
    assert choose_language(option, environment) == expected


def test_the_language_is_known_before_the_options_are_read() -> None:
    assert language_wish(["--help", "--lang", "zh"]) == "zh"
    assert language_wish(["--color", "never", "--lang=en", "check"]) == "en"
    assert language_wish(["check", ".", "--lang", "zh"]) == "zh"
    assert language_wish(["--lang", "en", "check", "--lang=zh"]) == "zh"
    assert language_wish(["check", "--", "--lang", "zh"]) is None
    assert language_wish(["--lang"]) is None


def test_every_help_text_is_in_both_languages() -> None:
    for key, words in {**HEADINGS, **TEXTS}.items():
        assert set(words) == {"en", "zh"}, key
        assert all(words.values()), key


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=["policyc", *COMMANDS])
def test_help_fits_and_is_aligned(language: str, command: list[str]) -> None:
    """No line is wider than the terminal, and descriptions begin in one column of cells."""
    runner = CliRunner(env={"COLUMNS": "80"})
    page = runner.invoke(main, ["--lang", language, *command, "--help"]).stdout
    assert all(cells(line) <= 80 for line in page.splitlines())
    section = page.split("Options:\n" if language == "en" else "选项：\n")[1].split("\n\n")[0]
    starts = {cells(row[: len(row) - len(row.lstrip().split("  ")[-1].lstrip())]) for row in section.splitlines()}
    assert len(starts) == 1


def test_wrapping_by_cells() -> None:
    assert wrap("甲乙丙丁，戊己", 10, 2) == ["  甲乙丙", "  丁，戊己"]
    assert wrap("one two three", 9, 0) == ["one two", "three"]


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=["policyc", *COMMANDS])
def test_help_has_a_short_name(command: list[str]) -> None:
    runner = CliRunner(env={"POLICYC_LANG": "en"})
    assert runner.invoke(main, [*command, "-h"]).stdout == runner.invoke(main, [*command, "--help"]).stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_global_options_stand_after_the_command_too(command: str) -> None:
    runner = CliRunner(env={"POLICYC_LANG": "en"})
    page = runner.invoke(main, [command, "--help", "--lang", "zh"])
    assert page.exit_code == 0
    assert "选项：" in page.stdout
    for option in ("--lang en|zh|auto", "--color auto|always|never", "--today DATE"):
        assert page.stdout.count(f"  {option}") == 1, option


def test_the_colour_is_that_of_the_last_option(tmp_path: Path) -> None:
    (tmp_path / "a.policy").write_text("fact a : bolean\n", encoding="utf-8")
    words = ["check", str(tmp_path), "--color", "always"]
    runner = CliRunner()
    assert "\x1b[" in runner.invoke(main, words).stdout
    assert "\x1b[" in runner.invoke(main, ["--color", "never", *words]).stdout
    assert "\x1b[" not in runner.invoke(main, ["--color", "always", *words[:2], "--color", "never"]).stdout


# --- explain -----------------------------------------------------------------------------------------------


def explained(*words: str) -> str:
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["explain", *words])
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_code_has_a_line_and_a_page(language: str) -> None:
    lines = explained("--lang", language).splitlines()
    assert [line.split()[0] for line in lines] == list(CODES)
    for code, line in zip(CODES.values(), lines, strict=True):
        page = explained(code.id, "--lang", language)
        title, empty, first = page.splitlines()[:3]
        assert title.startswith(f"{code.id} {code.name}")
        assert not empty
        assert first
        assert "```" not in page
        assert "## " not in page
        sentence = line.split(maxsplit=2)[2]
        assert sentence[0] not in "#.," and len(sentence) > 6, line
        assert ("中文" in page) is False


def test_a_page_has_its_examples() -> None:
    page = explained("PC301")
    assert "\nreported:\n\n    region 100000" in page
    assert "\nnot reported:\n\n    region 100000" in page
    chinese = explained("PC405", "--lang", "zh")  # whose Chinese part has no example of its own
    assert "有此问题：\n\n    region 100000" in chinese
    assert "Why" not in chinese


def test_codes_are_understood_as_people_write_them() -> None:
    assert explained("pc301") == explained("conflicting-norms") == explained("PC301")
    assert [line[:5] for line in explained("PC40").splitlines()] == [code for code in CODES if code.startswith("PC40")]
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["explain", "PC310"])
    assert done.exit_code == 2
    assert "PC310" in done.stderr
