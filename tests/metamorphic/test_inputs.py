"""Rows of the input in another sequence, and other names to show: the same run, digest by digest.

What a row of the input means is said by its keys; where it stands in the file says nothing. So everything that is read
must be sorted when it is loaded, or be looked up by key. That the sequence of rows in memory decides nothing, and that
names change no state, is shown in tests/core/test_determinism.py; here it is what a user has in his hands: the files
of a region, a scenario's lists, and the recorded tables.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from sim.records.run import Watcher, execute, plan
from tests.core.small import LIVELY, Town

SERVICES = (
    "hourly_cleaning",
    "elder_visit",
    "recurring_housekeeping",
    "live_in_nanny",
    "institution_care",
    "cooking",
)
OVERRIDES = ("period.days=33", "scale=0.06", *LIVELY)
Change = Callable[[Path], None]


def shuffled_rows(name: str) -> Change:
    """Return what puts the rows below the head of a table into another sequence."""

    def change(region: Path) -> None:
        head, *rows = (region / name).read_text(encoding="utf-8").splitlines()
        order = np.random.default_rng(3).permutation(len(rows))
        assert (order != np.arange(len(rows))).any()
        (region / name).write_text("\n".join([head, *(rows[k] for k in order)]) + "\n", encoding="utf-8")

    return change


def turned_facts(region: Path) -> None:
    """Put the facts of each group of a region into the reverse sequence."""
    file, yaml = region / "region.yaml", YAML()
    before = yaml.load(file.read_text(encoding="utf-8"))
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(_turned(before), out)
    after = yaml.load(file.read_text(encoding="utf-8"))
    assert list(after["region"]) == list(before["region"])[::-1]


def _turned(node: Any) -> Any:
    if not isinstance(node, dict) or "value" in node:
        return node
    return {key: _turned(node[key]) for key in reversed(node)}


def other_names(region: Path) -> None:
    """Give everything in the region other names, and two districts the same."""
    file = region / "names.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([head, *([key, "Aaa", "甲"] for key, *_ in rows)])


def digests(town: Town, folder: Path, *overrides: str) -> dict[str, str]:
    return dict(execute(plan(town(*OVERRIDES, *overrides), folder), Watcher()).manifest.digests)


@cache
def straight(town: Town, *overrides: str) -> dict[str, str]:
    return digests(town, town.folder / "straight", *overrides)


CHANGES: dict[str, Change] = {
    "rows of districts": shuffled_rows("districts.csv"),
    "rows of names": shuffled_rows("names.csv"),
    "facts of the region": turned_facts,
    "names": other_names,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_sequence_and_the_names_of_the_input_change_no_digest(
    change: Change, town: Town, tmp_path: Path
) -> None:
    other = Town(tmp_path)
    files = {file.name: file.read_bytes() for file in (tmp_path / "my_city").iterdir()}
    change(tmp_path / "my_city")
    assert files != {file.name: file.read_bytes() for file in (tmp_path / "my_city").iterdir()}
    found = digests(other, tmp_path / "results")
    assert found == straight(town)
    assert "orders" in found


def test_the_sequence_of_chosen_services_changes_no_digest(town: Town, tmp_path: Path) -> None:
    one, other = (f"services=[{','.join(names)}]" for names in (SERVICES, SERVICES[::-1]))
    assert digests(town, tmp_path, other) == straight(town, one)


def test_another_number_in_a_row_changes_the_digests(tmp_path: Path, town: Town) -> None:
    """The relation is not kept by a run that does not read its input."""
    other = Town(tmp_path)
    file = tmp_path / "my_city" / "districts.csv"
    text = file.read_text(encoding="utf-8")
    assert "new_town,income_yuan_per_year,51200" in text
    file.write_text(
        text.replace("new_town,income_yuan_per_year,51200", "new_town,income_yuan_per_year,51300"), "utf-8"
    )
    assert digests(other, tmp_path / "results")["orders"] != straight(town)["orders"]
