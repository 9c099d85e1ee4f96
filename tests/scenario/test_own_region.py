"""A region of the user's own: everything that is wrong with its files is said at once, each fault with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import DataError, Fault
from sim.names import data_fault
from sim.scenario import examine
from tests.data.conftest import file_on_page

Write = Callable[..., Path]
FILES = ("region.yaml", "districts.csv", "names.csv")
SCENARIO = """\
schema_version: 1
name: {en: Mine, zh: 我的}
region: my_city
period: {start: 2026-01-01, days: 60}
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario beside the folder of a region that is made by following the page."""
    folder = tmp_path / "my_city"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text(file_on_page(name), encoding="utf-8")
    file = tmp_path / "mine.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


def change(scenario: Path, name: str, pattern: str, new: str) -> None:
    file = scenario.parent / "my_city" / name
    text, times = re.subn(pattern, new, file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert times
    file.write_text(text, encoding="utf-8")


def said(scenario: Path) -> list[str]:
    return [str(fault).replace(str(scenario.parent / "my_city"), "") for fault in examine(scenario).faults]


def test_the_region_of_the_page_is_valid(scenario: Path) -> None:
    assert said(scenario) == []


def test_missing_facts_are_named_with_file_and_line(scenario: Path) -> None:
    change(scenario, "region.yaml", r"^  (births_per_year|residents): .*\n", "")
    assert said(scenario) == ["/region.yaml:2: region: lacks births_per_year, residents"]


def test_all_that_is_wrong_with_a_fact_is_one_fault(scenario: Path) -> None:
    change(scenario, "region.yaml", r"value: 80000", "value: 90000")
    (fault,) = said(scenario)
    assert fault.startswith("/region.yaml:3: region.residents: is 90,000, but the districts give 80,000")
    assert "outside its own range, 78000 to 82000" in fault


@pytest.mark.parametrize("name", ["districts.csv", "names.csv"])
def test_a_missing_file_is_a_fault_like_others(scenario: Path, name: str) -> None:
    (scenario.parent / "my_city" / name).unlink()
    assert f"/{name}: cannot be read (No such file or directory)" in said(scenario)


def test_faults_of_several_files_come_together(scenario: Path) -> None:
    change(scenario, "region.yaml", r"area_km2: \{value: 100, unit: km2", "area_km2: {value: wide, unit: km2")
    change(scenario, "districts.csv", r"^new_town,residents,50000", "new_town,residents,many")
    found = said(scenario)
    assert "/districts.csv:11: value is 'many', a number is needed" in found
    assert any(
        one.startswith("/region.yaml:17: region.area_km2") and "a text, but in other regions a number" in one
        for one in found
    )


BREAKS = [
    ("region.yaml", r"^  (births_per_year|residents): .*\n", "", "缺少 births_per_year, residents"),
    ("region.yaml", r"value: 80000", "value: 90000", "现为 90,000，而各区县合计为 80,000"),
    ("region.yaml", r"value: 80000", "value: 90000", "；取值 90000 超出自身的范围 78000 至 82000"),
    ("region.yaml", r"births_per_year:", "birth_per_year:", "是否指 births_per_year？"),
    ("region.yaml", r"^region:", "region: [", "不是合法的 YAML"),
    ("region.yaml", r"unit: persons", "unit: people", "而其他地区为 persons"),
    ("districts.csv", r"^new_town,residents,50000", "new_town,residents,many", "需要数字"),
    ("districts.csv", r"^district,", "area,", "各列应为 district, quantity"),
    ("names.csv", r"^district.new_town,.*\n", "", "district.new_town 没有名称"),
    ("names.csv", r"^id,en,zh", "id,en", "各列应为 id, en, zh"),
]


@pytest.mark.parametrize(("name", "pattern", "new", "words"), BREAKS)
def test_each_fault_is_said_in_either_language(
    name: str, pattern: str, new: str, words: str, scenario: Path
) -> None:
    change(scenario, name, pattern, new)
    faults = examine(scenario).faults
    assert any(words in fault.say("zh") for fault in faults), [fault.say("zh") for fault in faults]
    for fault in faults:
        assert fault.say("en") == str(fault)
        assert re.search(r"[\u4e00-\u9fff]", fault.say("zh").replace("English,中文", ""))


def test_packaged_data_that_are_broken_are_said_in_either_language(
    scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault(data_fault("lacks", names="unit"), "sim/data/services.yaml", 7)

    def broken(_: str) -> None:
        raise DataError(str(fault), (fault,))

    monkeypatch.setattr("sim.scenario.regions.load_facts", broken)
    scenario.write_text(SCENARIO.replace("my_city", "beijing"), encoding="utf-8")
    (found,) = examine(scenario).faults
    assert "sim/data/services.yaml:7: lacks unit" in found.say("en")
    assert "sim/data/services.yaml:7: 缺少 unit" in found.say("zh")


def test_districts_without_people_are_a_fault_and_no_crash(scenario: Path) -> None:
    change(scenario, "districts.csv", r"_town,residents,\d+", "_town,residents,0")
    assert any("region.residents: is 80,000, but the districts give 0" in one for one in said(scenario))


def test_a_parameter_is_still_checked_against_the_facts_that_could_be_read(scenario: Path) -> None:
    change(scenario, "region.yaml", r"^  births_per_year: .*\n", "")
    text = "parameters:\n  travel.ebike.speed_km_per_h: fast\n  travel.ebike.overhead_min: 5\n"
    scenario.write_text(SCENARIO + text, encoding="utf-8")
    assert [one.partition(": ")[2].partition(":")[0] for one in said(scenario)] == [
        "travel.ebike.speed_km_per_h",
        "region",
    ]
