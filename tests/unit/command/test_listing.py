"""`policyc facts`: what can be asked, and how it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policyc.cli.main import main
from policyc.dsl.binding.question import QuestionReader
from policyc.listing.collect import listing
from tests.support.bundled import bundled

SET = """
region 100000 "中国"
region 500000 "重庆市" in 100000
region 510000 "四川省" in 100000
enum kin "亲属关系" { parent "父母", sibling, other "其他 人" }
record payer "共济人" {
  fact region "参保地" : region
  fact balance "账户余额" : money 0元..10000元 usual 500元
}
record old "旧 记录" { fact age "年龄" : int 0..9 }
fact kin "与共济人关系" : kin usual parent
fact filed "已备案" : boolean arrangeable usual true
fact linked "已绑定" : boolean arrangeable by bind from date usual false
fact other_day "另一日" : date 2024-01-01..2026-12-31 usual date
fact date "发生日期" : date 2024-01-01..2026-12-31
parameter cap "人数上限" : int 0..10
decision bind "绑定" governed by payer.region as paying "参保侧"
define near "近亲属" : set of kin = {parent, sibling}
define rich "有余额" = payer.balance >= 100元
policy p "规定" for 500000 {
  source law "文件" { clause c "一" }
  set cap = 3 from 2025-01-01 until 2025-12-31 cite law.c
  permit bind near "近亲属" when kin in near and rich cite law.c
  forbid bind abroad when payer.region in 510000 cite law.c
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.policy").write_text(SET, encoding="utf-8")
    return tmp_path


def invoked(*words: str, language: str = "en") -> Result:
    return CliRunner().invoke(main, ["facts", *words, "--lang", language])


def test_everything_is_listed(folder: Path) -> None:
    assert invoked().stdout == (
        "decisions (`policyc ask DECISION REGION ...`)\n"
        "  bind (绑定): paying by payer.region\n"
        "\n"
        "facts (`--set FACT=VALUE`)\n"
        "  payer.region (共济人.参保地): a region\n"
        "  payer.balance (共济人.账户余额): an amount 0元..10000元; usually 500元\n"
        "  old.age (年龄): a number 0..9\n"
        "  kin (与共济人关系): one of parent 父母, sibling, other 其他 人; usually parent\n"
        "  filed (已备案): yes or no; usually yes; can be arranged\n"
        "  linked (已绑定): yes or no; usually no; brought about by bind\n"
        "  other_day (另一日): a date 2024-01-01..2026-12-31; usually date\n"
        "  date (发生日期): a date 2024-01-01..2026-12-31\n"
        "\n"
        "parameters, which rules set (`REGION.PARAMETER`)\n"
        "  cap (人数上限): a number 0..10; set once\n"
        "\n"
        "definitions (`policyc ask DEFINITION`)\n"
        "  near (近亲属): members\n"
        "  rich (有余额): yes or no\n"
        "\n"
        "regions that rules speak of\n"
        "  500000 (重庆市): 3 rules\n"
        "  510000 (四川省): named in conditions\n"
    )


def test_in_chinese_the_names_that_people_type_come_first(folder: Path) -> None:
    shown = invoked(language="zh").stdout
    assert "  绑定（bind）：参保侧由共济人.参保地决定\n" in shown
    assert "  共济人.账户余额（payer.balance）：金额 0元..10000元；通常500元\n" in shown
    assert "  与共济人关系（kin）：取值：父母 parent、sibling、其他 人 other；通常父母\n" in shown
    assert "  old.age（年龄）：整数 0..9\n" in shown, "the title of the record cannot be typed"
    assert "  另一日（other_day）：日期 2024-01-01..2026-12-31；通常发生日期\n" in shown


def test_a_name_or_a_part_of_one_shows_everything_about_it(folder: Path) -> None:
    assert invoked("cap").stdout == (
        "parameters, which rules set (`REGION.PARAMETER`)\n"
        "  cap (人数上限): a number 0..10; set once\n"
        "    3 in 重庆市 (p.cap), 2025-01-01 to 2025-12-31\n"
    )
    assert "    asked about by p.near\n" in invoked("payer.balance").stdout
    assert "    depends on payer.region, payer.balance, kin\n" in invoked("绑定").stdout
    part = invoked("关系", language="zh").stdout
    assert "与共济人关系（kin）" in part
    assert "绑定（bind）" not in part
    assert invoked("重庆市").stdout.endswith("  500000 (重庆市): 3 rules\n")


def test_an_unknown_name_is_refused_with_the_nearest(folder: Path) -> None:
    done = invoked("balence")
    assert done.exit_code == 2
    assert "did you mean `balance`" in done.stderr
    assert invoked("zzzzzzzz").exit_code == 2
    assert "`policyc facts` 列出全部" in invoked("zzzzzzzz", language="zh").stderr


def test_the_data_has_everything(folder: Path) -> None:
    data = json.loads(invoked("--format", "json").stdout)
    assert list(data) == ["version", "decisions", "facts", "parameters", "defines", "regions"]
    assert data["decisions"] == [
        {
            "name": "bind",
            "alias": "绑定",
            "title": "绑定",
            "sides": [{"name": "paying", "alias": "参保侧", "title": "参保侧", "fact": "payer.region"}],
            "facts": ["payer.region", "payer.balance", "kin"],
        }
    ]
    kin = next(fact for fact in data["facts"] if fact["name"] == "kin")
    assert kin["values"][2] == {"name": "other", "alias": None, "title": "其他 人"}
    assert (kin["type"], kin["usual"], kin["rules"]) == ("kin", "parent", ["p.near"])
    assert data["parameters"][0]["settings"] == [
        {"rule": "p.cap", "region": "500000", "value": "3", "since": "2025-01-01", "until": "2025-12-31"}
    ]


def test_broken_policies_are_told(folder: Path) -> None:
    Path("a.policy").write_text("polcy x {}", encoding="utf-8")
    done = invoked("-o", "list.txt")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "PC001" in Path("list.txt").read_text("utf-8")


@pytest.mark.usefixtures("folder")
def test_unknown_names_elsewhere_point_here() -> None:
    done = CliRunner(env={"POLICYC_LANG": "en"}).invoke(main, ["ask", "bind", "--set", "kim=parent", "--on", "any"])
    assert done.exit_code == 2
    assert done.stderr.endswith("\n`policyc facts` lists what can be asked, and how it is written\n")


def test_every_alias_of_the_bundled_set_can_be_typed() -> None:
    policy_set = bundled()
    aliases = {fact.name: fact.alias for fact in listing(policy_set).facts}
    assert sum(alias is not None for alias in aliases.values()) > 30
    for name, alias in aliases.items():
        if alias is not None:
            assert QuestionReader(policy_set).fact(alias) is policy_set.facts[name]
