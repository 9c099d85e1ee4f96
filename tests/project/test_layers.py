"""Imports run downwards only: the contract in pyproject.toml holds, and it can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the package `sim` that stands in `folder` against the project's contract."""
    code = (
        "import sys\nfrom importlinter.cli import lint_imports\n"
        f"sys.path.insert(0, {str(folder)!r})\n"
        f"sys.exit(lint_imports(config_filename={str(ROOT / 'pyproject.toml')!r}, cache_dir=None))"
    )
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def package(folder: Path, **sources: str) -> Path:
    """Write a package `sim` with the given modules."""
    (folder / "sim").mkdir()
    (folder / "sim" / "__init__.py").touch()
    for module, text in sources.items():
        (folder / "sim" / f"{module}.py").write_text(text, encoding="utf-8")
    return folder


def test_no_module_imports_from_a_layer_above_it() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_downward_imports_are_kept(tmp_path: Path) -> None:
    folder = package(tmp_path, errors="", model="import sim.errors", cli="import sim.model, sim.errors")
    assert lint_imports(folder).returncode == 0


@pytest.mark.parametrize(
    ("lower", "higher"),
    [("agents", "experiments"), ("errors", "scenario"), ("world", "agents"), ("policies", "report")],
)
def test_an_upward_import_is_refused(tmp_path: Path, lower: str, higher: str) -> None:
    done = lint_imports(package(tmp_path, **{lower: f"import sim.{higher}", higher: ""}))
    assert done.returncode != 0
    assert f"sim.{lower} is not allowed to import sim.{higher}" in done.stdout


def test_a_module_that_no_layer_names_is_refused(tmp_path: Path) -> None:
    done = lint_imports(package(tmp_path, helpers=""))
    assert done.returncode != 0
    assert "sim.helpers" in done.stdout
