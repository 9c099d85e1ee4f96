"""Loading a region: the cascade, lines, speed, and what is said about files that are not well formed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sim.data import list_regions, load_facts
from sim.data.load import DATA, overridden, shared_facts
from sim.errors import DataError

REGIONS = list_regions()


@pytest.mark.parametrize("region", REGIONS)
def test_every_parameter_file_is_found_by_itself(region: str) -> None:
    families = {path.stem for path in (DATA / "parameters").glob("*.yaml")}
    assert families
    assert set(load_facts(region).children()) == families | {"services", "region", "districts"}


@pytest.mark.parametrize("region", REGIONS)
def test_every_fact_stands_on_the_line_that_it_names(region: str) -> None:
    texts: dict[str, list[str]] = {}
    for fact in load_facts(region).values():
        path = DATA / fact.file.removeprefix("sim/data/")
        lines = texts.setdefault(fact.file, path.read_text(encoding="utf-8").splitlines())
        *_, group, name = fact.path.split(".")
        written = f"{group},{name}," if path.suffix == ".csv" else f"{name}:"
        assert lines[fact.line - 1].strip().startswith(written), fact.path


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_overrides_the_country(region: str) -> None:
    tree, shared = load_facts(region), shared_facts()
    changed = overridden(tree)
    assert changed
    for fact in changed:
        assert tree.chain(fact.path) == (shared[fact.path], fact)
        assert fact.file.endswith("region.yaml")
        assert fact.unit == shared[fact.path].unit
        assert fact.meaning == shared[fact.path].meaning
    untouched = set(shared) - {fact.path for fact in changed}
    assert all(tree[path] == shared[path] for path in untouched)


def test_regions_differ_in_their_digest_and_agree_with_themselves() -> None:
    digests = [load_facts(region).digest() for region in REGIONS]
    assert len(set(digests)) == len(REGIONS) > 1
    assert digests == [load_facts(region).digest() for region in REGIONS]


def test_loading_again_is_quick() -> None:
    load_facts(REGIONS[0])
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        load_facts(REGIONS[0])
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.15


def test_an_unknown_region_suggests_one() -> None:
    name = REGIONS[0]
    with pytest.raises(DataError, match=rf"unknown region {name[:-1]}; known: .*did you mean {name}\?"):
        load_facts(name[:-1])


def test_a_folder_that_is_no_region_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"must hold region\.yaml, districts\.csv and names\.csv"):
        load_facts(tmp_path)


def test_a_region_may_lie_anywhere(my_city: Path) -> None:
    assert load_facts(my_city).digest() == load_facts(str(my_city)).digest()


def test_a_byte_order_mark_of_a_spreadsheet_does_no_harm(my_city: Path) -> None:
    before = load_facts(my_city).digest()
    for name in ("districts.csv", "names.csv"):
        text = (my_city / name).read_text(encoding="utf-8")
        (my_city / name).write_text(text, encoding="utf-8-sig")
    assert load_facts(my_city).digest() == before


def edited(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the one occurrence of `old` in a file and return its line."""
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


RESIDENTS = "residents: {value: 80000, unit: persons, low: 78000, high: 82000,"
ROW = "old_town,residents,30000,,,persons,2023,Example value,C"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("region.yaml", RESIDENTS, "residents: {value: 80000, low: 1, high: 2,", "lacks unit"),
        ("region.yaml", RESIDENTS, "residents: {value: 80000, unit: persons, low: 1,", "a number needs high"),
        ("region.yaml", RESIDENTS, RESIDENTS + " hihg: 3,", "has the unknown key hihg; known: value, unit"),
        ("region.yaml", RESIDENTS, RESIDENTS.replace("80000", "{a: 1}"), "value must be a number, a text"),
        ("region.yaml", RESIDENTS, RESIDENTS.replace("80000", "[1, x]"), "value must be a number, a text"),
        ("region.yaml", RESIDENTS, RESIDENTS.replace("80000", "[1, 2]"), "a list needs index"),
        ("region.yaml", RESIDENTS, RESIDENTS.replace("78000", "few"), "low must be a number"),
        ("region.yaml", RESIDENTS, RESIDENTS.replace("persons", "7"), "unit must be text"),
        ("region.yaml", RESIDENTS, RESIDENTS + " meaning: {en: People},", "meaning must be {en: ..., zh: ...}"),
        ("region.yaml", RESIDENTS, RESIDENTS + " allowed: 3,", "allowed must be a list"),
        ("region.yaml", RESIDENTS, RESIDENTS + " value: 3,", "the key value stands here twice"),
        ("region.yaml", "residents: {value", "residens: {value", "did you mean residents?"),
        ("region.yaml", "overrides:\n", "override:\n", "the top keys of a region file are"),
        ("region.yaml", "hourly_cleaning:\n      p", "hourly_cleanin:\n      p", "did you mean services.hourly_cl"),
        ("region.yaml", "{value: 38,", "{value: 38, unit: yuan/day,", "but the fact that it overrides is in"),
        ("region.yaml", "price_yuan: {value: 38,", "price.yuan: {value: 38,", "may neither be empty nor contain a dot"),
        ("region.yaml", "workers_by_form:\n", "workers_by_form: 3\n  more:\n", "must be a group of facts or a fact"),
        ("region.yaml", "region:\n  country", "region: [\n  country", "not YAML"),
        ("districts.csv", "district,quantity,", "district,", "the columns must be district, quantity, value"),
        ("districts.csv", ROW, ROW.replace("30000", "many"), "value is 'many', a number is needed"),
        ("districts.csv", ROW, "old_town,residents", "the row must have 9 columns"),
        ("districts.csv", ROW, ROW + ",and more", "the row must have 9 columns"),
        ("districts.csv", ROW, ROW.replace("persons", ""), "unit must be filled"),
        ("districts.csv", ROW, ROW.replace("residents", "resident"), "did you mean residents?"),
        ("districts.csv", ROW, f"{ROW}\n{ROW}", "stands twice (first at"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_well_formed_names_file_line_and_fault(
    my_city: Path, name: str, old: str, new: str, words: str
) -> None:
    line = edited(my_city, name, old, new)
    with pytest.raises(DataError) as caught:
        load_facts(my_city)
    faults = [fault for fault in caught.value.faults if words in fault.message]
    assert faults, str(caught.value)
    assert faults[0].file == str(my_city / name)
    assert 0 <= faults[0].line - line <= 3
    assert words in str(caught.value)


def test_all_faults_come_at_once(my_city: Path) -> None:
    edited(my_city, "region.yaml", RESIDENTS, "residents: {value: 80000,")
    edited(my_city, "region.yaml", "price_yuan: {value: 38, low: 30,", "price_yuan: {value: 38,")
    edited(my_city, "districts.csv", ROW, ROW.replace("30000", "many"))
    with pytest.raises(DataError) as caught:
        load_facts(my_city)
    assert len(caught.value.faults) == 5


def test_a_file_that_is_not_utf8_is_named(my_city: Path) -> None:
    (my_city / "region.yaml").write_bytes("region: {a: 市}".encode("gb18030"))
    with pytest.raises(DataError, match=r"region\.yaml: not UTF-8"):
        load_facts(my_city)


def test_a_missing_file_is_named(my_city: Path) -> None:
    (my_city / "districts.csv").unlink()
    with pytest.raises(DataError, match=r"districts\.csv: cannot be read"):
        load_facts(my_city)
