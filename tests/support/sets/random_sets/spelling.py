"""How each language writes what a random set is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policyc.dsl.syntax.keywords import Language, spelling
from tests.support.sets.random_sets.worlds import TITLES, World


@dataclass(frozen=True)
class Spelling:
    """The spelling of the constructs in one language."""

    language: Language
    world: World

    def word(self, keyword: str) -> str:
        return spelling(keyword, self.language)

    @property
    def chinese(self) -> bool:
        return self.language == "zh"

    @property
    def comma(self) -> str:
        return "，" if self.chinese else ", "

    def name(self, name: str) -> str:
        """A name where it is used: by its title in Chinese."""
        if not self.chinese:
            return name
        return ".".join(self._titles(name))

    def _titles(self, name: str) -> list[str]:
        if name in ("payer.region", "guest.region") or name in TITLES:
            parts = name.split(".")
            return [TITLES[".".join(parts[: index + 1])] for index in range(len(parts))]
        return [TITLES.get(part, part) for part in name.split(".")]

    def declared(self, name: str) -> str:
        """A name where it is declared: with its title."""
        short = name.rpartition(".")[2]
        return f'{short} "{TITLES[name]}"'

    def region(self, code: str) -> str:
        if not self.chinese:
            return code
        return next(f'"{name}"' for other, name, _ in self.world.regions if other == code)

    def money(self, fen: int) -> str:
        if self.chinese and fen % 1_000_000 == 0 and fen:
            return f"{fen // 1_000_000}万元"
        yuan = f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"
        return f"{yuan}元" if self.chinese else f"{yuan} CNY"

    def percent(self, millionths: int) -> str:
        whole, rest = divmod(millionths, 10_000)
        text = f"{whole}" if not rest else f"{whole}.{rest:04d}".rstrip("0")
        return f"{text}%"

    def day(self, ordinal: int) -> str:
        day = date.fromordinal(ordinal)
        return f"{day.year}年{day.month}月{day.day}日" if self.chinese else day.isoformat()

    def members(self, members: Sequence[str]) -> str:
        return "{" + self.comma.join(map(self.name, members)) + "}"

    def truth(self, value: bool) -> str:
        return self.word("true" if value else "false")

    def attribute(self, attribute: str) -> str:
        chinese = {"province": "所属省", "prefecture": "所属市", "code": "代码"}
        return chinese[attribute] if self.chinese else attribute
