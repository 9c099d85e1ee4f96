"""The catalogue of names: every label in both languages, and messages that name the file to edit."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest

from sim import names, vocabulary
from sim.data import list_regions, load_facts
from sim.errors import DataError
from sim.names import catalogue, label
from sim.records.indicators import INDICATORS

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def vocabularies() -> list[type[IntEnum]]:
    return [
        kind
        for kind in vars(vocabulary).values()
        if isinstance(kind, type) and issubclass(kind, IntEnum) and kind is not IntEnum
    ]


@pytest.mark.parametrize("kind", vocabularies(), ids=lambda kind: kind.__name__)
def test_every_member_of_every_vocabulary_has_a_name(kind: type[IntEnum]) -> None:
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    for member in kind:
        assert label(f"{prefix}.{member.name.lower()}", "en")
        assert CHINESE.search(label(f"{prefix}.{member.name.lower()}", "zh"))


@pytest.mark.parametrize("region", list_regions())
def test_every_place_and_trade_of_a_region_has_a_name(region: str) -> None:
    tree = load_facts(region)
    ids = [f"region.{region}"]
    ids += [f"district.{district}" for district in tree.children("districts")]
    ids += [f"origin.{origin}" for origin in tree.children("region.workers_by_origin")]
    ids += [f"trade.{trade}" for trade in tree.children("region.workers_by_trade")]
    ids += [f"service.{service}" for service in tree.children("services")]
    for name_id in ids:
        assert not CHINESE.search(label(name_id, "en", region))
        assert CHINESE.search(label(name_id, "zh", region))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_indicator_and_its_unit_have_a_name(lang: str) -> None:
    for indicator in INDICATORS.values():
        assert label(f"indicator.{indicator.id}", lang)
        assert label(f"unit.{indicator.unit}", lang)


def test_no_english_name_is_chinese() -> None:
    mixed = [name_id for name_id, (english, _) in catalogue().items() if CHINESE.search(english)]
    assert mixed == []


def test_a_missing_name_names_the_file_and_the_line_to_add() -> None:
    with pytest.raises(DataError) as caught:
        label("service.gardening", "en")
    assert "add the line `service.gardening,English,中文` to sim/data/names/service.csv" in str(caught.value)


def test_a_name_of_a_kind_in_a_shared_file_is_sent_there() -> None:
    with pytest.raises(DataError, match=r"sim/data/names/vocabulary\.csv \(or did you mean reason\.no_firm"):
        label("reason.no_firms", "en")


def test_a_missing_name_of_a_place_is_sent_to_the_region(my_city: Path) -> None:
    assert label("district.old_town", "zh", my_city) == "老城区"
    with pytest.raises(DataError) as caught:
        label("district.harbour", "en", my_city)
    assert str(my_city / "names.csv") in str(caught.value)


def test_an_unknown_language_lists_those_known() -> None:
    with pytest.raises(DataError, match="unknown language fr; known: en, zh"):
        label("service.cooking", "fr")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,english,zh\n", "names.csv:1: the columns must be id, en, zh"),
        ("", "names.csv:1: the columns must be id, en, zh"),
        ("id,en,zh\nregion.my_city,My City\n", "names.csv:2: id, English and Chinese name are needed"),
        ("id,en,zh\nregion.my_city,,我的城市\n", "names.csv:2: id, English and Chinese name are needed"),
        (
            "id,en,zh\n\nservice.cooking,Cooking,做饭\n",
            "names.csv:3: the id service.cooking has a name already",
        ),
    ],
)
def test_a_catalogue_that_is_not_well_formed_names_file_and_line(
    my_city: Path, text: str, words: str
) -> None:
    (my_city / "names.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        label("service.cooking", "en", my_city)
    assert words in str(caught.value)


def test_a_catalogue_that_is_not_utf8_or_not_there_is_named(my_city: Path) -> None:
    (my_city / "names.csv").write_bytes("id,en,zh\na,b,市\n".encode("gb18030"))
    with pytest.raises(DataError, match=r"names\.csv: not UTF-8"):
        catalogue(my_city)
    (my_city / "names.csv").unlink()
    with pytest.raises(DataError, match=r"names\.csv: cannot be read"):
        catalogue(my_city)


def test_a_faulty_file_of_the_shared_catalogue_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own words cannot be looked up; the message must still name file, line and id."""
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "one.csv").write_text("id,en,zh\none.a,A,甲\none.a,B,乙\n", encoding="utf-8")
    monkeypatch.setattr(names, "_DATA", tmp_path)
    catalogue.cache_clear()
    try:
        with pytest.raises(DataError, match=r"names/one\.csv.*3.*name twice \(name: one\.a\)"):
            catalogue()
    finally:
        catalogue.cache_clear()
