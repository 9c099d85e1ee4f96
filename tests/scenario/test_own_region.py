"""A region of the user's own: everything that is wrong with its files is said at once, each fault with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

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
