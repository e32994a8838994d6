"""The choice of the language, and the help pages in both languages."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from policyc.cli.help.pages import cells, wrap
from policyc.cli.help.texts import HEADINGS, TEXTS
from policyc.cli.main import COMMANDS, language_wish, main
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
    assert language_wish(["check", "--lang", "zh"]) is None
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
