"""The pages of the diagnostic codes: `policyc explain`.

In: a code and a language. Out: its page as plain text, or one line on it. The pages are Markdown files beside the codes
(`dsl/diagnostics/rules/`), first in English, then in Chinese under a heading of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import resources

from policyc.dsl.diagnostics.diagnostic import Code, text
from policyc.dsl.diagnostics.messages import render

from ...language import Language

#: The heading of the part in Chinese.
_CHINESE = "## 中文\n"

#: Blocks of examples: one that is reported, and one that is not.
_BLOCKS = {"policy-bad": "explain.reported", "policy": "explain.mended"}


def rule_page(code: Code, language: Language) -> str:
    """The page of a code: what is found, why that matters, what to do, and an example that is reported with one that is
    not."""
    level = render(text(f"check.{code.severity.value}"), language)
    lines = [f"{code.id} {code.name} ({level})", ""] if language == "en" else [f"{code.id} {code.name}（{level}）", ""]
    return "\n".join([*lines, *_plain(_part(code, language).splitlines(), language)]) + "\n"


def rule_lines(codes: Iterable[Code], language: Language) -> str:
    """One line for each code: its level, and what is found."""
    codes = list(codes)
    levels = {code: render(text(f"check.{code.severity.value}"), language) for code in codes}
    widest = max(len(level) for level in levels.values())
    return "".join(
        f"{code.id}  {levels[code]:<{widest}}  {_first_sentence(_part(code, language), language)}\n" for code in codes
    )


def _part(code: Code, language: Language) -> str:
    """The part of a page in one language, without its title and level."""
    page = resources.files("policyc.dsl.diagnostics").joinpath(f"rules/{code.id}.md").read_text("utf-8")
    english, _, chinese = page.partition(_CHINESE)
    if language == "en":
        return re.sub(r"^# .*\n+((Error|Warning|Note)\b[^.]*\.\s*)?", "", english).strip()
    _, mark, example = english.partition("```policy")
    return chinese.strip() if "```" in chinese else f"{chinese.strip()}\n\n{mark}{example}".strip()


def _first_sentence(part: str, language: Language) -> str:
    paragraph = part.split("\n\n")[0].replace("\n", " " if language == "en" else "")
    return re.split("(?<=。)" if language == "zh" else r"(?<=\.)\s", paragraph)[0]


def _plain(lines: Iterable[str], language: Language) -> Iterator[str]:
    """Markdown as plain text: headings without marks, examples indented beneath what they show."""
    inside = False
    for line in lines:
        if line.startswith("```"):
            inside = not inside
            if inside:
                key = _BLOCKS.get(line.removeprefix("```"))
                yield from () if key is None else (render(text(key), language), "")
        elif inside:
            yield f"    {line}".rstrip()
        else:
            yield line.removeprefix("## ")
