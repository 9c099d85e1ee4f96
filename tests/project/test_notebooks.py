"""The notebooks run from their first to their last line, and end in a finding."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_a_page_of_cells_that_ends_in_a_finding(notebook: Path) -> None:
    cells = re.split(r"^# %%", notebook.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert "format_name: percent" in cells[0]
    assert len(cells) > 5
    assert cells[-1].rstrip().endswith("finding")


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_runs(notebook: Path, tmp_path: Path) -> None:
    copy = tmp_path / "notebooks" / notebook.name
    copy.parent.mkdir()
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios", target_is_directory=True)
    copy.write_text(notebook.read_text(encoding="utf-8") + "\nprint(finding)\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(copy)],
        cwd=copy.parent,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d", done.stdout), "a finding has a number"
