"""The page about studies: its example runs as printed, and its tables name what the code writes."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from sim.experiments.collect import TABLES, Table
from sim.experiments.journal import MARK
from sim.experiments.layout import COMPARISON, PARTS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "studies.md").read_text(encoding="utf-8")


def test_the_example_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert "my_package.my_module:run" in code
    code = code.replace("my_package.my_module:run", "tests.experiments.jobs:square")
    monkeypatch.chdir(tmp_path)
    exec(code.replace("range(100)", "range(5)"), {})
    table = pd.read_parquet("results/squares/collected/outcomes.parquet")
    assert table[table.outcome == "square"].value.tolist() == [0.0, 1.0, 4.0, 9.0, 16.0]
    written = {path.name for path in Path("results/squares").iterdir()}
    assert written == PARTS.difference(COMPARISON)
    assert all(name in PAGE for name in PARTS)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described(table: Table) -> None:
    name, columns = table.name, table.columns
    (row,) = re.findall(rf"^\| `{name}\.parquet` \|.*$", PAGE, re.MULTILINE)
    words = {"string": "text"}
    described = re.findall(r"`(\w+)`", row)
    assert [column for column, _ in columns] == described
    assert all(words.get(kind, kind) in row for _, kind in columns)


def test_the_mark_is_as_described() -> None:
    assert " ".join(f"{byte:02X}" for byte in MARK) in PAGE
