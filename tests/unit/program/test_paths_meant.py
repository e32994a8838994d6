"""A path that leads to no file: which files may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

import policyc
from policyc.dsl.diagnostics.diagnostic import Text
from policyc.dsl.system.disk import Disk, Kind, Look


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of policies with a folder beside it and one inside it."""
    for name in ("set/词汇.policy", "set/base.policy", "set/parts/city.policy", "shared.policy", "other/near.policy"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "set" / "towns.csv").write_text("code,name,parent\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(statement: str) -> list[str]:
    """The paths that the help offers for a wrong one, in a file of the set."""
    base = policyc.load("set/a.policy", contents={"set/a.policy": statement})
    (found,) = base.diagnostics
    assert found.code.id == "PC002"
    if found.help is None:
        return []
    names = dict(found.help.args)["name"]
    assert isinstance(names, tuple)
    return [str(dict(name.args)["name"]) for name in names if isinstance(name, Text)]


@pytest.mark.parametrize(
    ("statement", "meant"),
    [
        ('引用 "词汇表.policy"', "词汇.policy"),
        ('use "bsae.policy"', "base.policy"),
        ('use "Base.policy"', "base.policy"),
        ('use "base"', "base.policy"),
        ('use "prats/city.policy"', "parts/city.policy"),
        ('use "parts/ctiy.policy"', "parts/city.policy"),
        ('use "parts\\city.policy"', "parts/city.policy"),
        ('use "city.policy"', "parts/city.policy"),
        ('use "shared.policy"', "../shared.policy"),
        ('use "../base.policy"', "base.policy"),
        ('use "../shraed.policy"', "../shared.policy"),
        ('use "policyc:vocabluary.policy"', "policyc:vocabulary.policy"),
        ('use "policyc:precedence"', "policyc:precedence.policy"),
        ('use "national.policy"', "policyc:national.policy"),
        ('use "110000-beijing.policy"', "policyc:provinces/110000-beijing.policy"),
        ('regions "twons.csv"', "towns.csv"),
        ('行政区划 "regions.csv"', "policyc:regions.csv"),
    ],
)
def test_the_file_that_is_meant_is_offered(statement: str, meant: str) -> None:
    assert offered(statement) == [meant]


@pytest.mark.parametrize(
    "statement",
    ['use "quite_another.policy"', 'use "near.policy"', 'use "parts/a.policy"'],
)
def test_where_none_is_near_none_is_offered(statement: str) -> None:
    """Nor is the file itself, nor one in a folder beside its own."""
    assert offered(statement) == []


def test_what_a_folder_holds_is_a_look_at_the_disk(folder: Path) -> None:
    """So that a report is not given again once the file that is meant has another name."""
    disk = Disk()
    assert disk.names(folder / "set") == (
        ("base.policy", False),
        ("parts", True),
        ("towns.csv", False),
        ("词汇.policy", False),
    )
    assert disk.names(folder / "none") == disk.names(folder / "shared.policy") == ()
    looks = disk.looks
    assert [look.kind for look in looks] == [Kind.NAMES] * 3
    assert isinstance(looks[0], Look) and Disk().shows(looks)
    (folder / "set" / "basis.policy").touch()
    assert not Disk().shows(looks)
