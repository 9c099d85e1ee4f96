"""The notebooks are notebooks to Jupytext, run in a kernel from the first cell to the last, and end in a finding."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import pandas as pd
import pytest
from ipykernel.kernelspec import install
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
KERNEL = "this-python"
CELL_TIMEOUT_S = 900
each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)


def opened(notebook: Path) -> NotebookNode:
    """Return a script as the notebook that Jupytext makes of it."""
    return jupytext.read(notebook)


def printed(cell: NotebookNode, stream: str = "stdout") -> str:
    """Return what a cell has printed."""
    return "".join(output.text for output in cell.get("outputs", ()) if output.get("name") == stream)


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the scenarios and an empty place for notebooks, and a kernel of this very Python.

    Results go beside them, and nothing of the user's own Jupyter is read or written.
    """
    (tmp_path / "notebooks").mkdir()
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    install(prefix=str(tmp_path), kernel_name=KERNEL)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    return tmp_path


def executed(page: NotebookNode, workshop: Path) -> NotebookNode:
    """Return a notebook with the outputs of its cells; a cell that raises or takes too long is an error here."""
    where = {"metadata": {"path": str(workshop / "notebooks")}}
    client = NotebookClient(page, timeout=CELL_TIMEOUT_S, kernel_name=KERNEL, resources=where)
    client.execute()
    return page


def run_as_script(notebook: Path, workshop: Path) -> str:
    """Run a copy of the script in the workshop, and return what it has printed."""
    copy = shutil.copy(notebook, workshop / "notebooks")
    environment = {**os.environ, "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, copy], capture_output=True, text=True, encoding="utf-8", check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@each_notebook
def test_jupytext_reads_the_cells_that_the_script_marks(notebook: Path) -> None:
    page, text = opened(notebook), notebook.read_text(encoding="utf-8")
    assert page.metadata.jupytext.text_representation.format_name == "percent"
    assert page.metadata.kernelspec.name == "python3"
    assert len(page.cells) == len(re.findall(r"^# %%", text, re.MULTILINE))
    assert {cell.cell_type for cell in page.cells} == {"markdown", "code"}
    assert page.cells[0].source.startswith("# ")


@each_notebook
def test_a_script_survives_the_way_to_a_notebook_and_back(notebook: Path) -> None:
    again = jupytext.reads(jupytext.writes(opened(notebook), "py:percent"), "py:percent")
    cells = [(cell.cell_type, cell.source) for cell in opened(notebook).cells]
    assert [(cell.cell_type, cell.source) for cell in again.cells] == cells


@pytest.mark.slow
@each_notebook
def test_a_notebook_runs_and_ends_in_the_finding_that_the_script_prints(
    notebook: Path, workshop: Path
) -> None:
    page = executed(opened(notebook), workshop)
    finding = printed(page.cells[-1])
    assert re.search(r"\d", finding)
    assert finding.endswith(".\n")
    assert not [text for cell in page.cells if "Warning" in (text := printed(cell, "stderr"))]
    pictures = [o for cell in page.cells for o in cell.get("outputs", ()) if "image/png" in o.get("data", {})]
    assert pictures
    assert list((workshop / "results").iterdir())
    assert run_as_script(notebook, workshop) == finding


@pytest.fixture(scope="module")
def says() -> Callable[..., str]:
    """The function of the second notebook that puts an interval into words."""
    page = opened(ROOT / "notebooks" / "02_compare_policies.py")
    (cell,) = (cell for cell in page.cells if cell.source.startswith("def says"))
    names: dict[str, Any] = {"pd": pd}
    exec(cell.source, names)
    found: Callable[..., str] = names["says"]
    return found


@pytest.mark.parametrize(
    ("low", "difference", "high", "sentence"),
    [
        (1.2, 3.0, 2000.04, "Its cost is 3.0 yuan higher (interval 1.2 to 2,000.0)."),
        (-5.0, -3.0, -0.1, "Its cost is 3.0 yuan lower (interval 0.1 to 5.0)."),
        (-0.2, 3.0, 5.0, "Whether its cost changes is not decided (+3.0 yuan, interval -0.2 to +5.0)."),
        (-5.0, -3.0, 0.0, "Whether its cost changes is not decided (-3.0 yuan, interval -5.0 to +0.0)."),
        (0.0, 0.0, 0.0, "Its cost is the same in every replication."),
    ],
)
def test_a_finding_claims_what_its_interval_shows(
    says: Callable[..., str], low: float, difference: float, high: float, sentence: str
) -> None:
    row = pd.Series({"difference": difference, "low_together": low, "high_together": high})
    assert says("its cost", row, "yuan", 1) == sentence
