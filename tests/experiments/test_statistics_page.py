"""docs/statistics.md: its example does what it says, and its table has a row for every case within the bounds."""

from __future__ import annotations

import re
from pathlib import Path

from sim.experiments.compared import FEWEST_FOR_MAX_T, MOST_FOR_MAX_T
from tools.coverage import BEYOND, CASES, FEW, HEAD

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


def test_the_example_does_what_it_says() -> None:
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    names: dict[str, object] = {}
    lines = block.group(1).rstrip().splitlines()
    stated = [line.split("# ")[1] for line in lines if "# (" in line or "# [" in line]
    exec("\n".join([*lines[:-1], f"words = {lines[-1]}"]), names)
    standing = names["standing"]
    assert str((standing.decision.text(), standing.projected)) == stated[0]  # type: ignore[attr-defined]
    assert str(names["words"]) == stated[1]


def tables() -> list[list[list[str]]]:
    """The rows of the page's tables of coverage, cell by cell."""
    parts = PAGE.split(f"| {' | '.join(HEAD)} |")[1:]
    split = [[line.strip("| ").split(" | ") for line in part.splitlines()] for part in parts]
    return [[row for row in rows if len(row) == len(HEAD)] for rows in split]


def test_the_second_table_has_the_cases_of_a_comparison() -> None:
    rows = tables()[1]
    assert [(row[0], int(row[1]), int(row[4])) for row in rows] == [
        (case.name, len(case.outcomes), case.budget) for case in FEW
    ]
    # What `compare` takes holds at least this often for sums over a region, from its fewest replications on.
    normal = [row for row in rows if row[0].startswith("normal")]
    for row in normal:
        way = 6 if int(row[4]) >= FEWEST_FOR_MAX_T and int(row[1]) <= MOST_FOR_MAX_T else 7
        assert float(row[way].strip("%")) >= 93.0


def test_the_table_has_every_case_and_every_share_lies_inside() -> None:
    rows = tables()[0]
    cases = [[case.name, str(len(case.outcomes)), f"{case.correlation:g}"] for case in (*CASES, *BEYOND)]
    assert [row[:3] for row in rows] == cases
    for row in rows[: len(CASES)]:
        for share in re.findall(r"[\d.]+(?=%)", f"{row[5]} {row[6]}"):
            assert 93.0 <= float(share) <= 97.0
