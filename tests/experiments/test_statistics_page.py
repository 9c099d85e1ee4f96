"""docs/statistics.md: its example does what it says, and its table has a row for every case within the bounds."""

from __future__ import annotations

import re
from pathlib import Path

from tools.coverage import BEYOND, CASES, HEAD

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


def test_the_table_has_every_case_and_every_share_lies_inside() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE[PAGE.index(f"| {HEAD[0]} |") :].splitlines()]
    rows = [row for row in rows[2:] if len(row) == len(HEAD)]
    cases = [[case.name, str(len(case.outcomes)), f"{case.correlation:g}"] for case in (*CASES, *BEYOND)]
    assert [row[:3] for row in rows] == cases
    for row in rows[: len(CASES)]:
        for share in re.findall(r"[\d.]+(?=%)", f"{row[5]} {row[6]}"):
            assert 93.0 <= float(share) <= 97.0
